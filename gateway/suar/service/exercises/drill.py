"""Drills, exercises that are measured: who stored, opened, acknowledged and acts, and after how long.

A drill's messages are ordinary messages of the exercise realm: screened, held for a second person, sealed and signed
like all others. Only the drill's name is stored in addition. The time of an answer is when the member's signed receipt
arrived, by our own clock: a slow clock makes nobody faster.
"""

import contextlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import Connection

from suar.protocol.base import limits
from suar.protocol.base.errors import Fault
from suar.protocol.base.exercise import BANNER, is_exercise, marked
from suar.protocol.base.instants import instant, milliseconds, rfc3339
from suar.protocol.base.primitives import EXERCISE
from suar.protocol.base.reasons import Reason
from suar.protocol.base.stages import ARRIVED, implied
from suar.service.core.core import Core
from suar.service.exercises.drill_templates import template
from suar.service.publish import accepting, cancelling, checking, held
from suar.service.reading import views
from suar.service.reading.verdict import Verdict
from suar.store.messages import rows as messages
from suar.store.people import access, drills

EXPIRES_AFTER: Final = limits.DAY  # of a draft that states none


class Plan(NamedTuple):
    """The drill to start: drafts, or the name of a template; `to` None keeps the drafts' own audience.

    `editors`: the people who start it in a session. `is_new`: nothing is added to a drill of that name.
    """

    drafts: Sequence[dict[str, Any]] = ()
    template: str | None = None
    to: str | list[str] | None = None
    name: str | None = None
    desk: str | None = None
    editors: Sequence[str] = ()
    is_new: bool = False


class NameTaken(Exception):  # noqa: N818 - a finding, not a failure
    """A drill of that name was started already."""


class Started(NamedTuple):
    """The drill's name and a verdict for each message; refused: nothing was started."""

    name: str
    verdicts: list[Verdict]
    reasons: tuple[Reason, ...] = ()

    def shape(self, *, with_sentences: bool = False) -> dict[str, Any]:
        """As `--json` and HTTP show it; with sentences for a program that shows it in another language."""
        head: dict[str, Any] = {"drill": self.name, "status": EXERCISE, "banner": BANNER}
        reasons = [reason.shape(with_sentences=with_sentences) for reason in self.reasons]
        return {**head, "messages": [verdict.shape() for verdict in self.verdicts], "reasons": reasons}


def start(core: Core, plan: Plan, who: str) -> Started:
    """Publish the drill's messages as exercises, all or none. Fault for a template that is not there; NameTaken."""
    with core.transaction() as connection:
        now = core.clock()
        name = plan.name or _free_name(connection, now)
        if plan.is_new and drills.messages_of(connection, name):
            raise NameTaken(name)
        drafts = [template(plan.template)] if plan.template else list(plan.drafts)
        items = [msgspec.json.encode(_completed(core, connection, draft, plan, now)) for draft in drafts]
        reasons = cancelling.cancel_refusals(core, connection, items, EXERCISE, who, plan.editors).reasons
        if reasons:
            return Started(name, [], tuple(reasons))
        keys = [f"drill {name} {now} {at}".encode() for at in range(len(items))]  # the same drill again is another one
        requests = list(zip(items, keys, strict=True))
        verdicts = accepting.accept(core, requests, realm=EXERCISE, token=who, editors=plan.editors)
        ids = [verdict.id for verdict in verdicts if verdict.id is not None]
        drills.add(connection, name, ids, who, now)
        access.note(connection, who, "drill", f"{name} {len(ids)}", now)
    return Started(name, verdicts)


def prepare_drill(core: Core, plan: Plan, who: str) -> None:
    """Have the gate know the messages of a drill; for any thread."""
    with contextlib.suppress(Fault):  # the one that `start` returns
        drafts = [template(plan.template)] if plan.template else list(plan.drafts)
        with core.database.reading() as connection:
            items = [_completed(core, connection, draft, plan, core.clock()) for draft in drafts]
        checking.prepare_drafts(core, map(msgspec.json.encode, items), EXERCISE, who, plan.editors)


def _free_name(connection: Connection, now: int) -> str:
    """The day and a number."""
    day = datetime.fromtimestamp(now / 1000, UTC).strftime("%Y-%m-%d")
    taken = {row.name for row in drills.listed(connection)}
    return next(name for number in range(1, len(taken) + 2) if (name := f"drill-{day}-{number}") not in taken)


def _completed(core: Core, connection: Connection, draft: dict[str, Any], plan: Plan, now: int) -> dict[str, Any]:
    """Return the draft as it is published; its own fields remain, except for the requested audience."""
    defaults: dict[str, Any] = {"expires": instant(now + EXPIRES_AFTER)}
    if plan.template:
        body = f"{core.config.member.name[:100]}: exercise control"
        defaults["issuer"] = {"body": body, "sector": "law-enforcement"}
        defaults["desk"] = plan.desk or _desk(core, connection, now)
    audience = draft.get("audience")
    if plan.to is not None:
        defaults["audience"] = (audience if isinstance(audience, dict) else {}) | {"members": plan.to}
        draft = {name: value for name, value in draft.items() if name != "audience"}
    return defaults | draft


def _desk(core: Core, connection: Connection, now: int) -> str:
    """Our newest contact message; else the name that our first one would have."""
    own = messages.newest_id(connection, "contact", core.member)
    year = datetime.fromtimestamp(now / 1000, UTC).year
    return own or f"{core.member}-CONTACT-{year}-000001"


# -- who answered when


def listed(core: Core) -> list[dict[str, Any]]:
    """The drills that were started here, the newest first; for any thread."""
    with core.database.reading() as connection:
        return [
            {"drill": row.name, "started": rfc3339(row.at), "by": row.who, "messages": row.messages}
            for row in drills.listed(connection)
        ]


def report(core: Core, which: str, lang: str = "en") -> dict[str, Any] | None:
    """What became of a drill, or of one exercise by its id; None when there is neither. Fault for an actual message.

    Titles are in that language where there is one, else in English. For any thread.
    """
    with core.database.reading() as connection:
        ids = drills.messages_of(connection, which)
        name = which if ids else drills.drill_of(connection, which)
    found = [each for each in (_message(core, id_, lang) for id_ in ids or [which]) if each is not None]
    if not found:
        return None
    return {"drill": name, "status": EXERCISE, "banner": BANNER, "at": instant(core.clock()), "messages": found}


def _message(core: Core, id_: str, lang: str) -> dict[str, Any] | None:
    """One message with every member's times since it was sent."""
    with core.database.reading() as connection:
        chain = [link for link in messages.chain_of(connection, id_) if link.action != "cancel"]
        row = messages.find(connection, id_, chain[-1].rev) if chain else None
    if row is None:
        return _waiting(core, id_)
    if not is_exercise(row.realm):
        raise Fault(f"{id_} is no exercise", f"`suar deliveries {id_}` shows what became of it")
    shown = views.message(core, id_, row.rev)
    found = views.deliveries(core, id_, row.rev)
    if found is None or shown is None:
        return None
    text = shown["message"]["text"] if shown["message"] else []
    titles = {each["lang"]: each["title"] for each in text}
    title = titles.get(lang, titles.get("en", ""))
    members = {code: with_seconds(member, row.sent) for code, member in found["members"].items()}
    return {
        "id": id_, "rev": row.rev, "title": marked(title, row.realm), "sent": rfc3339(row.sent),
        "acknowledge_by": found["acknowledge_by"], "members": members, "stages": stage_summary(members),
    }  # fmt: skip


def _waiting(core: Core, id_: str) -> dict[str, Any] | None:
    """A message that waits for a second person, or was rejected."""
    found = held.deliveries(core, id_, views.deliveries)
    if found is None or not is_exercise(found["status"]):
        return None
    members = {code: with_seconds(member, None) for code, member in found["members"].items()}
    return {
        "id": id_, "rev": found["rev"], "title": "", "sent": None, "acknowledge_by": None, "members": members,
        "stages": stage_summary(members),
    }  # fmt: skip


def with_seconds(member: dict[str, Any], sent: int | None) -> dict[str, Any]:
    """State, and for each stage when it was and how many seconds after the sending; `implied` as in deliveries."""
    refused = member["refused"]
    stages: dict[str, Any] = {stage: _since(member[stage], sent) for stage in ARRIVED}
    refusal = {"code": refused["code"], **(_since(refused["at"], sent) or {})} if refused else None
    return {
        "state": member["state"],
        **stages,
        "implied": implied(stages),
        "refused": refusal,
        "overdue": member["overdue"],
    }


def _since(at: str | None, sent: int | None) -> dict[str, Any] | None:
    """Return when it arrived here; messages are dated in whole seconds."""
    if at is None or sent is None:
        return None
    return {"at": at, "seconds": max(0, (milliseconds(at) - sent) // 1000)}


def stage_summary(members: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return how many arrived so far, the median and the slowest in seconds of those who stated it."""
    found = {}
    for stage in ARRIVED:
        times = sorted(each[stage]["seconds"] for each in members.values() if each[stage])
        found[stage] = {
            "of": len(members), "reached": len(times) + sum(stage in implied(each) for each in members.values()),
            "median_seconds": _median(times),
            "slowest_seconds": times[-1] if times else None,
        }  # fmt: skip
    return found


def _median(times: list[int]) -> int | None:
    """The lower one of the two in the middle."""
    return times[(len(times) - 1) // 2] if times else None
