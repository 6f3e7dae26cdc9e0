"""`why`: collects the facts about one message and one member from one view of the store, and selects the cause."""

import json
from typing import Any, Final

from sqlalchemy import Connection, Row

from suar.observe import causes
from suar.observe.checks import facts
from suar.protocol.base import limits
from suar.protocol.base.instants import milliseconds, rfc3339
from suar.protocol.base.stages import BY_PERSON, OPENED
from suar.protocol.base.subjects import ALL
from suar.protocol.policy.decision import may_read_tree
from suar.protocol.policy.readers import focal_point
from suar.service.core.altered_rows import open_row
from suar.service.core.core import Core
from suar.service.core.reading_policy import own_reader
from suar.service.reading import answers, delivery_details, views
from suar.service.receipts import returned_members
from suar.service.status import standing
from suar.service.status.snapshot import ProcessState
from suar.store.inbound import gaps
from suar.store.messages import rows as messages
from suar.store.outbound import delivery_view, own_statements, recalls
from suar.store.outbound.delivery_view import Delivery
from suar.store.people import held

RESEALED: Final = "resealed"  # answer to a member that received the frame and cannot open it
LATE: Final = 10 * limits.SECOND  # a receipt arrives within 1 s, after an outage of the link within a few


def why(core: Core, id_: str, member: str, seen: ProcessState) -> dict[str, Any] | None:
    """Return the cause by code and number, with the values that its texts name (times in RFC 3339).

    None if no message of ours has that id. May be called from any thread.
    """
    with core.database.reading() as connection:
        found = _facts(core, connection, id_, member, seen)
        row: Any = messages.find(connection, id_) or held.find(connection, id_)
    if found is None:
        return None
    rev, gathered = found
    answer = causes.decide(gathered)
    times = {name: rfc3339(answer.values[name]) for name in causes.TIMES}
    return {
        "id": id_, "rev": rev, "status": row.realm if row else None, "member": member, "cause": answer.cause.code,
        "number": answer.number,
        "values": answer.values | times | {"id": id_},
    }  # fmt: skip


def _facts(
    core: Core, connection: Connection, id_: str, member: str, seen: ProcessState
) -> tuple[int | None, facts.Facts] | None:
    row = messages.find(connection, id_)
    if id_[:2] == core.member:
        about = _of_ours(core, connection, row, id_, member)
    else:
        about = _of_others(core, connection, row, id_, member)
    if about is None:
        return None
    message, other = about
    late = max(LATE, 3 * int(core.config.bus.heartbeat_seconds * limits.SECOND))
    gathered = facts.Facts(
        now=core.clock(), late=late, message=message, member=other, ours=standing.own_facts(core, seen)
    )
    return (row.rev if row is not None else None), gathered


About = tuple[facts.Message, facts.Member]


# -- messages of ours


def _of_ours(core: Core, connection: Connection, row: Row[Any] | None, id_: str, member: str) -> About | None:
    waiting = held.find(connection, id_)
    if waiting is not None and waiting.state != held.RELEASED and (row is None or row.rev < waiting.rev):
        other = standing.member_facts(core, connection, member, may_read=True)
        return facts.Message(origin=core.member, state=waiting.state, kind=waiting.kind), other
    if row is None:
        return None
    body = _tree(core, row)
    here = _delivery(core, connection, row, member)
    named, may_read = _is_named(body, member), _may_read(core, body, member)
    return _message(core, connection, row, body, here, named), standing.member_facts(
        core, connection, member, may_read=may_read
    )


def _message(
    core: Core, connection: Connection, row: Row[Any], body: dict[str, Any], here: Delivery | None, named: bool
) -> facts.Message:
    state = here.state if here else "none"
    is_due = here is not None and delivery_view.is_answer_due(here)
    by = answers.acknowledge_by(body, stored=here.stored if here else None) if is_due else None
    now = core.clock()
    question = gaps.questions(connection, row.id, row.rev).get(here.member) if here else None
    earlier = _earlier(connection, row, here)
    return facts.Message(
        origin=core.member,
        state=state,
        kind=row.kind,
        is_named=named,
        is_addressed=here is not None,
        sent=here.sent if here else None,
        expires=milliseconds(body["expires"]) if "expires" in body else None,
        is_cancel=row.action == "cancel",
        has_earlier=any(each.stored is not None for each in earlier),
        has_acted=any(each.acting is not None for each in earlier),
        refused_code=(here.refused_code or "") if here else "",
        is_overdue=by is not None and by < now,
        answer_by=by,
        is_missed=question is not None and question.answer != RESEALED,
        is_closed=question is not None and question.answer == RESEALED,
        begins=standing.begins(core, connection, row, here.member) if here else None,
        since=getattr(here, state.replace("-", "_"), None),
        authority="" if here is None else delivery_details.named_authority(core, connection, row, here.member),
    )


def _delivery(core: Core, connection: Connection, row: Row[Any], member: str) -> Delivery | None:
    rows = returned_members.with_owed(core, connection, row, delivery_view.deliveries(connection, row.id, row.rev))
    if row.action == "cancel":
        rows = recalls.confirmed(connection, row.id, row.rev, rows)
    return next((each for each in rows if each.member == member), None)


def _earlier(connection: Connection, row: Row[Any], here: Delivery | None) -> list[Delivery]:
    """Return the deliveries of the revisions that are cancelled now to that member."""
    if here is None or row.action != "cancel":
        return []
    revisions = [link.rev for link in messages.chain_of(connection, row.id) if link.rev < row.rev]
    rows = [each for rev in revisions for each in delivery_view.deliveries(connection, row.id, rev)]
    return [each for each in rows if each.member == here.member]


def _is_named(body: dict[str, Any], member: str) -> bool:
    members = body.get("audience", {}).get("members", [])
    return members == ALL or member in members


def _may_read(core: Core, body: dict[str, Any], member: str) -> bool:
    """Whether the current trust list gives the member the right to read the kind ([P6])."""
    reader = focal_point(member, core.status.trust.member(member), given_by=core.member)
    return may_read_tree(body, reader).rule != "P6"


# -- messages of others


def _of_others(core: Core, connection: Connection, row: Row[Any] | None, id_: str, member: str) -> About:
    origin = id_[:2]
    kind = id_[3:].partition("-")[0].lower()
    if member not in (origin, core.member):
        other = standing.member_facts(core, connection, member, may_read=True)
        return facts.Message(origin=origin, is_ours=False, state="elsewhere", kind=kind), other
    body = _body(core, row)
    if row is None:
        other = standing.member_facts(core, connection, origin, may_read=True)
        return facts.Message(origin=origin, is_ours=False, state="none", kind=kind), other
    may_read = views.may_see(own_reader(core.member, core.status.trust), row, body)
    state, since = _done(connection, row) if may_read else ("none", None)
    is_recalled = body is None and row.expires > core.clock()  # else [retention] may have purged the text
    message = facts.Message(
        origin=origin, is_ours=False, state="recalled" if is_recalled else state, kind=row.kind, since=since
    )
    return message, standing.member_facts(core, connection, core.member, may_read=may_read)


def _done(connection: Connection, row: Row[Any]) -> tuple[str, int]:
    """Return the stage that the message has reached here, and its time."""
    times = {each.stage: each.at for each in own_statements.statements_about(connection, row.id) if each.rev == row.rev}
    for stage in reversed((OPENED, *BY_PERSON)):
        if stage in times:
            return stage, times[stage]
    return "stored", row.at


def _body(core: Core, row: Row[Any] | None) -> dict[str, Any] | None:
    data = open_row(core, row) if row is not None else None
    return json.loads(data) if data is not None else None


def _tree(core: Core, row: Row[Any]) -> dict[str, Any]:
    return _body(core, row) or {}
