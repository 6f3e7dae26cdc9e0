"""What is shown of each member that an own message is for: times, notes, roles, what was read of a recalled text."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, Row

from suar.protocol.base import stages
from suar.protocol.base.errors import Fault
from suar.protocol.base.instants import rfc3339
from suar.service.core.core import Core
from suar.service.receipts import receipts
from suar.store.inbound import gaps
from suar.store.messages import rows as messages
from suar.store.outbound import delivery_view, receipt_notes
from suar.store.outbound.delivery_view import RANK, Delivery
from suar.store.outbound.receipt_notes import SEALED_BEFORE, ReceiptNote

_READ = (stages.OPENED, *stages.BY_PERSON)


def delivery_shape(row: Delivery, now: int, *, by: int | None = None) -> dict[str, Any]:
    """Return one member's state and times; `overdue` if its acknowledgement is still due after `acknowledge_by`, which
    counts from when it stored the message.

    `implied`: the stages without a time of their own that a later stage implies.
    """
    refused = {"code": row.refused_code, "at": rfc3339(row.refused)} if row.refused is not None else None
    times = {stage: rfc3339(getattr(row, stage)) for stage in stages.TIMED}
    overdue = by is not None and by < now and delivery_view.is_answer_due(row)
    return {
        "state": row.state, **times, "implied": stages.implied(times), "refused": refused, "overdue": overdue,
        "acknowledge_by": rfc3339(by),
        "missing": None, "notes": [], "roles": [], "held_by_law": rfc3339(row.held_by_law), "exports": None,
    }  # fmt: skip


def add(core: Core, connection: Connection, row: Row[Any], members: Mapping[str, dict[str, Any]]) -> None:
    """Add what is kept beside the stages of a revision to the members' entries."""
    for each in receipt_notes.notes_about(connection, row.id, row.rev):
        _add_note(core, members.get(each.member), each)
    for code, question in gaps.questions(connection, row.id, row.rev).items():
        _note_missing(members.get(code), question)
    earlier = [link.rev for link in messages.chain_of(connection, row.id) if link.rev < row.rev]
    for rev in earlier:
        _add_of_recall(core, connection, row.id, rev, members)
    if row.action == "cancel":
        _add_before(connection, row, earlier, members)
    for rev in earlier if row.action == "cancel" else [row.rev]:
        _add_exports(core, connection, row.id, rev, members)


def named_authority(core: Core, connection: Connection, row: Row[Any], member: str) -> str:
    """Return who ordered the legal holds on the revisions of a message at a member, where it names them; else ""."""
    revisions = [link.rev for link in messages.chain_of(connection, row.id)]
    notes = [each for rev in revisions for each in receipt_notes.notes_about(connection, row.id, rev)]
    held = [each for each in notes if (each.member, each.stage) == (member, stages.HELD_BY_LAW)]
    texts = (_opened(core, each.note, each.about) for each in held)
    return "; ".join(dict.fromkeys(filter(None, texts)))


def counts(members: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """How many members there are, came at least to each stage, refused it, and are late.

    Who acts has opened and acknowledged it, whatever was stated before.
    """
    each = list(members)
    found = {"of": len(each)}
    for stage in stages.ARRIVED:
        found[stage] = sum(_is_at_least(member, stage) for member in each)
    for stage in ("recalled", "held_by_law"):
        found[stage] = sum(member[stage] is not None for member in each)
    found["refused"] = sum(member["state"] == "refused" for member in each)
    return found | {"overdue": sum(bool(member["overdue"]) for member in each)}


def _is_at_least(member: Mapping[str, Any], stage: str) -> bool:
    later = [name for name in stages.ARRIVED if RANK[name] >= RANK[stage]]
    return any(member[name] is not None for name in later)


def _add_note(core: Core, shape: dict[str, Any] | None, noted: ReceiptNote) -> None:
    """Add the statement of a member's person, and the note if there is one, if the message is for that member.

    A row that somebody edited does not open and is left out. Of one written before its seal named the row, the note is
    shown and the role is not.
    """
    if shape is None:
        return
    role, text = noted.role, _opened(core, noted.note, noted.about)
    entry = {"stage": noted.stage, "role": role, "at": rfc3339(noted.at)}
    if text is None:
        role, text = "", _opened(core, noted.note, SEALED_BEFORE)
    elif entry not in shape["roles"]:
        shape["roles"].append(entry)
    if text and (whole := {"stage": noted.stage, "role": role, "note": text, "at": entry["at"]}) not in shape["notes"]:
        shape["notes"].append(whole)


def _opened(core: Core, sealed: bytes, about: str) -> str | None:
    try:
        return bytes(core.vault.unwrap(sealed, about)).decode()
    except Fault:
        return None


def _note_missing(shape: dict[str, Any] | None, question: Row[Any]) -> None:
    """Add that a member reported the frame as missing, and our answer, while the member has not stored the message."""
    if shape is not None and shape["state"] in stages.UNANSWERED:
        shape["missing"] = {"at": rfc3339(question.at), "answer": question.answer}


def _add_of_recall(
    core: Core, connection: Connection, id_: str, rev: int, members: Mapping[str, dict[str, Any]]
) -> None:  # fmt: skip
    """Add to a later revision what members stated of legal holds on an earlier one, and of backups that have it."""
    for each in receipt_notes.notes_about(connection, id_, rev):
        if each.stage in (stages.HELD_BY_LAW, stages.RECALLED):
            _add_note(core, members.get(each.member), each)


def _add_exports(
    core: Core, connection: Connection, id_: str, rev: int, members: Mapping[str, dict[str, Any]]
) -> None:  # fmt: skip
    """Add how often the recalled revision was exported at each member, as its receipt counts it (receipt/1.1)."""
    for row in delivery_view.receipts_of_recall(connection, id_, rev):
        exports = receipts.reported_exports(core.vault, row.digest, row.data)
        if exports is not None and row.member in members:
            shape = members[row.member]
            shape["exports"] = exports + (shape["exports"] or 0)


def _add_before(
    connection: Connection, row: Row[Any], revisions: Iterable[int], members: Mapping[str, dict[str, Any]]
) -> None:  # fmt: skip
    """Add to each member the first time at which a revision that is cancelled was opened, acknowledged, acted on."""
    for shape in members.values():
        shape["before"] = dict.fromkeys(_READ)
    for rev in revisions:
        for each in delivery_view.deliveries(connection, row.id, rev):
            before = members[each.member]["before"] if each.member in members else {}
            for stage in before:
                at = rfc3339(getattr(each, stage))
                before[stage] = min(filter(None, (before[stage], at)), default=None)
