"""The report of an exercise: which members stored, opened, acknowledged and acted, and after how long."""

from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct

from suar.languages.names import Names
from suar.languages.rendering.unseen import visible_text
from suar.protocol.base.exercise import unmarked
from suar.protocol.base.instants import milliseconds
from suar.protocol.base.stages import ARRIVED, implied
from suar.service.exercises.drill_render import duration
from suar.service.exercises.drill_svg import PictureWords

STAGES: Final = ARRIVED


class DrillLine(Struct, frozen=True):
    """A drill of the list; `started` in ms."""

    name: str
    started: int
    by: str
    messages: int


class Summary(Struct, frozen=True):
    """A stage: how many of how many reached it, the median and the slowest of them."""

    stage: str
    reached: int
    of: int
    median: str
    slowest: str


class DrillMember(Struct, frozen=True):
    """A member. `times`: by stage the time after the sending, "" for stages not reached or not stated.

    `implied`: the stages that were not stated, and that a later one implies.
    """

    code: str
    state: str
    times: dict[str, str]
    implied: list[str]
    refused: str
    is_late: bool


class DrillMessage(Struct, frozen=True):
    """A message of the drill; `sent` in ms, None while it waits."""

    id: str
    title: str
    sent: int | None
    stages: tuple[Summary, ...]
    members: tuple[DrillMember, ...]


class DrillReport(Struct, frozen=True):
    """The whole report of a drill, at `at` (ms)."""

    name: str
    at: int
    messages: tuple[DrillMessage, ...]


def line(found: Mapping[str, Any]) -> DrillLine:
    """Return a line for a row of the facade's list."""
    return DrillLine(found["drill"], milliseconds(found["started"]), found["by"], found["messages"])


def report(found: Mapping[str, Any], name: str) -> DrillReport:
    """Return the view of the facade's report; `name`: that in the address, if it is one exercise."""
    return DrillReport(found["drill"] or name, milliseconds(found["at"]), tuple(map(_message, found["messages"])))


def with_marks(found: Mapping[str, Any], names: Names) -> dict[str, Any]:
    """Return the facade's report with the titles marked as those of exercises in a language."""

    def title(text: str) -> str:
        return names.words.phrase("exercise-title", title=unmarked(text)) if text else ""

    return {**found, "messages": [{**each, "title": title(each["title"])} for each in found["messages"]]}


def picture_words(found: Mapping[str, Any], names: Names) -> PictureWords:
    """Return the words of the facade's report as a picture, in a language; times in the zone of `names`."""
    words, console = names.words, names.words.console
    stages = {stage: words.label("receipt-stage", stage) or stage for stage in (*STAGES, "refused")}
    states = {each["state"] for message in found["messages"] for each in message["members"].values()}
    labels = {state: words.label("receipt-stage", state) or console(f"delivery-{state}") for state in states}
    times = {at for at in (found["at"], *(each["sent"] for each in found["messages"])) if at}
    heading = f"{{name}} \u00b7 {console('as-of')} {{at}}"
    return PictureWords(
        banner=words.phrase("exercise"), heading=heading, heading_of_one=heading, sent="{id}: {at}.",
        unsent=console("not-yet"), reached=words.phrase("pair", label="{stage}", value="{time}"),
        overdue=console("list-late"), unanswered=console("not-yet"), silent="{state}", stages=stages, states=labels,
        times={at: names.instant(at) for at in times},
    )  # fmt: skip


def _message(found: Mapping[str, Any]) -> DrillMessage:
    members = sorted((_member(code, each) for code, each in found["members"].items()), key=_order)
    sent = None if found["sent"] is None else milliseconds(found["sent"])
    stages = tuple(_summary(stage, found["stages"][stage]) for stage in STAGES)
    return DrillMessage(found["id"], visible_text(unmarked(found["title"])), sent, stages, tuple(members))


def _summary(stage: str, found: Mapping[str, Any]) -> Summary:
    median, slowest = found["median_seconds"], found["slowest_seconds"]
    return Summary(
        stage, found["reached"], found["of"], "" if median is None else duration(median),
        "" if slowest is None else duration(slowest),
    )  # fmt: skip


def _member(code: str, found: Mapping[str, Any]) -> DrillMember:
    times = {stage: duration(found[stage]["seconds"]) if found[stage] else "" for stage in STAGES}
    refused = (found["refused"] or {}).get("code", "")
    return DrillMember(code, found["state"], times, implied(found), refused, bool(found["overdue"]))


def _order(member: DrillMember) -> tuple[bool, int, str]:
    """Sort late members and refusals first, then by the stage that was reached, the lowest first."""
    return (
        not (member.is_late or member.refused),
        sum(map(bool, member.times.values())) + len(member.implied),
        member.code,
    )
