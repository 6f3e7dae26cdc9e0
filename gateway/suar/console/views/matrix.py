"""The delivery matrix: members by stage, the lowest first."""

from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct

from suar.languages.rendering.unseen import visible_text
from suar.protocol.base.instants import milliseconds
from suar.protocol.base.stages import ARRIVED, BY_PERSON, HELD_BY_LAW, implied

STAGES: Final = ARRIVED
_FIRST: Final = ("rejected", "refused", "no-valid-key", "queued", "owed", "held", "sent")


class Member(Struct, frozen=True):
    """One member; times in ms by stage.

    `late`: minutes since its answer was due. `notes`: what was written there. `exports`: how often a recalled text was
    exported there before; None if the member does not state it. `held`: when it stated a legal hold on a text that is
    not recalled. `implied`: the stages that were not stated, and that a later one implies. `before`: of a recall when
    the recalled text was opened, acknowledged and acted on. `has_to_learn`: it acted on that text, and nobody there has
    acknowledged the recall: it is to be telephoned.
    """

    code: str
    state: str
    times: dict[str, int | None]
    implied: list[str]
    is_bad: bool
    late: int
    refused: str
    notes: tuple[tuple[str, str], ...]
    exports: int | None
    held: int | None
    before: tuple[tuple[str, int], ...] = ()
    has_to_learn: bool = False


class Matrix(Struct, frozen=True):
    """A message of ours at every member. `before`: of a recall the members by their stage of the recalled text."""

    id: str
    rev: int
    realm: str
    members: tuple[Member, ...]
    counts: dict[str, int]
    acknowledge_by: int | None
    bad: int
    alone: dict[str, Any] | None
    rejected: dict[str, Any] | None
    before: tuple[tuple[str, tuple[str, ...]], ...] = ()


def as_taken_back(found: Mapping[str, Any]) -> dict[str, Any]:
    """Return the deliveries of a revision that its author took back: no member waits for it, and nobody has to act."""
    members = {code: {**each, "state": "withdrawn"} for code, each in found["members"].items()}
    return {**found, "members": members}


def matrix(found: Mapping[str, Any], counts: dict[str, int], now: int) -> Matrix:
    """Return the matrix from the facade's deliveries."""
    by = found["acknowledge_by"]
    until = None if by is None else milliseconds(by)
    members = [_member(code, each, until, now) for code, each in found["members"].items()]
    members.sort(key=lambda each: (not each.is_bad, _rank(each), each.code))
    return Matrix(
        found["id"], found["rev"], found["status"], tuple(members), counts, until,
        sum(each.is_bad for each in members), _timed(found.get("released_alone")), _timed(found.get("rejected")),
        _before(members),
    )  # fmt: skip


def _before(members: list[Member]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return the members by their stage of the recalled text, the latest first: those to telephone."""
    last = {each.code: each.before[-1][0] for each in members if each.before}
    found = ((stage, tuple(sorted(code for code in last if last[code] == stage))) for stage in reversed(STAGES))
    return tuple((stage, codes) for stage, codes in found if codes)


def _timed(row: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if row is None else {**row, "at": milliseconds(row["at"]), "reason": visible_text(row["reason"])}


def _member(code: str, found: Mapping[str, Any], until: int | None, now: int) -> Member:
    times = {stage: None if found[stage] is None else milliseconds(found[stage]) for stage in STAGES}
    state, is_late = found["state"], bool(found["overdue"])
    by = found.get("acknowledge_by")
    due = until if by is None else milliseconds(by)
    late = (now - due) // 60_000 if is_late and due is not None else 0
    read = found.get("before") or {}
    must_learn = bool(read.get("acting")) and not any(times[stage] for stage in BY_PERSON)
    is_bad = is_late or must_learn or state in ("refused", "no-valid-key", "rejected")
    notes = tuple((note["role"], visible_text(note["note"])) for note in found["notes"])
    refused = (found["refused"] or {}).get("code", "")
    exports, held = found["exports"], _standing_hold(found)
    before = tuple((stage, milliseconds(read[stage])) for stage in STAGES if read.get(stage))
    return Member(code, state, times, implied(times), is_bad, late, refused, notes, exports, held, before, must_learn)


def _standing_hold(found: Mapping[str, Any]) -> int | None:
    if found["held_by_law"] or found["recalled"]:
        return None
    return next((milliseconds(each["at"]) for each in found["roles"] if each["stage"] == HELD_BY_LAW), None)


def _rank(member: Member) -> int:
    """Return the rank of the reached stage: the lowest is first."""
    if member.state in _FIRST:
        return _FIRST.index(member.state)
    return len(_FIRST) + sum(at is not None for at in member.times.values()) + len(member.implied)
