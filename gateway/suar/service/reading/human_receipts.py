"""Statements that people here make about a message of another member: opened, acknowledged, acting.

Reading by a program is recorded, but no receipt is sent for it. Each stage and role is stated once, also across
restarts: the statement is committed first and sent within a second, together with others in one receipt. No statement
is made about our own messages or about receipts.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection, Row

from suar.protocol.base.errors import Refused
from suar.protocol.base.instants import instant
from suar.protocol.base.reasons import Invalid
from suar.protocol.base.stages import HELD_BY_LAW, RECALLED
from suar.protocol.message.fields import MAX_COUNT
from suar.protocol.message.jsonform import check_characters
from suar.protocol.message.kinds import Entry
from suar.protocol.normal_forms import normal
from suar.protocol.privacy.verdict import note_refusals
from suar.service.access import as_shown
from suar.service.access.act_notes import note_reading
from suar.service.core.core import Core
from suar.service.reading import statements_judged, views
from suar.service.reading.remains import backups_note, exports_before
from suar.service.receipts import receipts
from suar.service.settings.state import backups
from suar.store.messages import rows as messages
from suar.store.outbound import own_statements, recalls
from suar.store.outbound.own_statements import OwnStatement
from suar.store.outbound.queue import enqueue
from suar.store.people import access
from suar.store.people.access import STATED, Act

GATEWAY: Final = own_statements.GATEWAY
SEALED_AS: Final = "note"  # context string of the encryption of notes in the store
_BATCH: Final = 4_096  # statements in one transaction
_ENTRIES_MAX: Final = 256
_DISCLOSURES: Final = ("open", "export")  # the acts by which a text is given to somebody


def note_shown(core: Core, shown: dict[str, Any], who: str, *, is_person: bool) -> None:
    """Record that somebody is shown a message with its text, as `views.message` returned it.

    Nothing where there is no text: nobody opens what is destroyed, or hidden by a legal hold.
    """
    if shown["message"] is not None:
        note_received(core, shown["id"], shown["rev"], who, "open", is_person=is_person)


def is_shown_noted(core: Core, shown: dict[str, Any], who: str) -> bool:
    """Whether `note_shown` has nothing to do for a person: the audit has the act for this hour, and the message is ours
    or its publisher is told that it was opened. For any thread.
    """
    is_stated = shown["origin"] == core.member or (shown["rev"], "opened") in _stages_of(shown)
    return is_stated and core.recent_acts.is_committed((who, "open", f"{shown['id']} {shown['rev']}"), core.clock())


def _stages_of(shown: dict[str, Any]) -> set[tuple[int, str]]:
    return {(each["rev"], each["stage"]) for each in shown["said"]}


def note_received(core: Core, id_: str, rev: int, who: str, what: Act, *, is_person: bool) -> None:
    """Record in the audit that somebody receives a message, and mark it as read.

    Committed before the message is handed over.
    """
    with core.transaction() as connection:
        note_reading(core, who, what, f"{id_} {rev}")
        record_reading(core, connection, id_, rev, who, is_person=is_person)


def note_opened(core: Core, about: Sequence[tuple[str, int]], who: str) -> None:
    """Record that a person gets the texts of these (id, revision), each with its own line of the audit.

    A statement is signed only if such a line stands (`statements_judged`); what a door notes itself, as a feed's line
    about several messages, is none.
    """
    with core.transaction():
        for id_, rev in about:
            note_received(core, id_, rev, who, "open", is_person=True)


def record_reading(core: Core, connection: Connection, id_: str, rev: int, who: str, *, is_person: bool) -> None:
    """Mark a message of another member as read.

    The first reading by a person makes an `opened` statement for its publisher.

    A reading by a program makes no statement, because "a person opened it" is a statement of this member; nor does one
    after the recall, also where a hold keeps the text: nobody can tell from it that there is a hold. Runs in the
    caller's transaction.
    """
    row = messages.find(connection, id_, rev)
    now = core.clock()
    if row is None or row.origin == core.member or row.body is None or rev < core.recalled.get(id_, 0):
        return
    if not is_person:
        messages.mark_row_read(connection, row.n, now)
    else:  # by the statement, whatever the row says, which has no keyed hash for it
        if row.opened_at is None:
            messages.mark_opened(connection, id_, rev, now)
        keep_statement(core, connection, OwnStatement(id_, rev, "opened", GATEWAY, now, who))


def record_program_reads(core: Core, connection: Connection, rows: Sequence[int]) -> None:
    """Mark these messages of other members, given by row number, as read by a program; no receipt is sent."""
    now = core.clock()
    for number in rows:
        messages.mark_row_read(connection, number, now)


def keep_statement(core: Core, connection: Connection, statement: OwnStatement) -> bool:
    """Store a statement, to be sent with the next receipts; returns False if it was made before."""
    is_new = own_statements.add(connection, statement)
    if is_new:
        core.due.note_statements()
    return is_new


def publish_statement(
    core: Core, id_: str, who: str, stage: str, role: str, *, sector: str | None = None, note: str | None = None,
    rev: int | None = None,
) -> dict[str, Any] | None:  # fmt: skip
    """Record that a person acknowledges the current revision or acts on it.

    None if the message is not here or not readable. `rev`: the revision that was read; without it the statement is
    about the current one only where that was given to `who` in this hour, or no other one is here.

    A second statement of the same stage and role sends no second receipt; `left_out` names the values given this time
    that differ from the first statement. Raises Refused with E-OWN-MESSAGE, E-CANCELLED or
    E-CHANGED. Raises Invalid with
    E-PRIVACY-IDENTIFIER or E-PRIVACY-NAME for a note that can identify a person: no second person reviews a note before
    it is sent, so it is refused where a message would be held.
    """
    note = normal("NFC", note) if note else None
    if note:
        check_note(note)
    shown = views.message(core, id_, None)  # asks the policy
    if shown is None:
        return None
    if shown["origin"] == core.member:
        raise Refused("E-OWN-MESSAGE", "")
    if shown["state"] == "cancelled":
        raise Refused("E-CANCELLED", "")
    current, now = shown["rev"], core.clock()
    unnamed = len(shown["chain"]) == 1 or as_shown.has_been_seen(core, who, _DISCLOSURES, f"{id_} {current}")
    as_shown.check(rev, current, may_be_unnamed=unnamed)
    sealed = core.vault.wrap(note.encode(), SEALED_AS) if note else None
    with core.transaction() as connection:
        is_new = keep_statement(core, connection, OwnStatement(id_, current, stage, role, now, who, sector, sealed))
        if is_new:
            access.note(connection, who, STATED[stage], f"{id_} {current} {role}", now)
        first = None if is_new else own_statements.find_statement(connection, id_, current, stage, role)
    statement = {"id": id_, "rev": current, "status": shown["status"], "stage": stage, "role": role}
    at = now if first is None else int(first.at)
    return {**statement, "at": instant(at), "new": is_new, "left_out": _left_out(core, first, sector, note)}


def _left_out(core: Core, first: Row[Any] | None, sector: str | None, note: str | None) -> list[str]:
    """Return the names of values that are not sent: the first statement of a stage and role stays valid."""
    if first is None:
        return []
    before = bytes(core.vault.unwrap(first.note, SEALED_AS)).decode() if first.note else None
    return [
        name for name, now, then in (("sector", sector, first.sector), ("note", note, before)) if now and now != then
    ]


def check_note(note: str) -> None:
    """Check the characters of a note, and with the privacy gate its text, as of a message. Raises Invalid."""
    check_characters(note, "$.note")
    reasons = note_refusals(note)
    if reasons:
        raise Invalid("F8", reasons)


def queue_due(core: Core, connection: Connection) -> None:
    """Queue the statements that are due, in as few receipts as possible, in the caller's transaction."""
    due = own_statements.due(connection, _BATCH)
    rows = statements_judged.judged(core, connection, due)
    groups: dict[tuple[Any, ...], dict[bytes, set[int]]] = defaultdict(lambda: defaultdict(set))
    made_backups = backups(core.config.folder) if any(row.stage == RECALLED for row in rows) else []
    for row in rows:
        note = bytes(core.vault.unwrap(row.note, SEALED_AS)).decode() if row.note else ""
        if row.stage == RECALLED:
            with_days = core.config.retention.name_backup_days
            note = backups_note(made_backups, row.arrived, row.at, with_days=with_days)
        exports = _reported_exports(core, connection, row)
        key = (row.origin, row.realm, row.stage, row.role, row.sector or "", note, instant(row.at), exports)
        groups[key][row.frame_hash].add(row.place)
    now, made = core.clock(), []
    for (origin, realm, stage, role, sector, note, at, exports), frames in groups.items():
        entries = [Entry(frame=name.hex(), messages=tuple(sorted(indices))) for name, indices in frames.items()]
        for first in range(0, len(entries), _ENTRIES_MAX):
            details = receipts.StatementDetails(role=role, sector=sector, note=note, at=at, exports=exports)
            plain = receipts.make_receipt(
                core.member, realm, stage, entries[first : first + _ENTRIES_MAX], now, details=details
            )
            made.append(receipts.receipt_row(core.vault, realm, origin, plain))
    enqueue(connection, made)
    if rows:
        own_statements.mark_queued(connection, [row.n for row in rows])
    core.due.mark_statements_queued(are_left=len(due) == _BATCH)  # a failure notes them again


def _reported_exports(core: Core, connection: Connection, row: Row[Any]) -> int | None:
    """Return how often a recalled revision was exported here, where its publisher is told so."""
    if row.stage not in (HELD_BY_LAW, RECALLED) or not core.config.bus.write_receipt_1_1:
        return None
    if not recalls.cancel_of(connection, row.id):
        return None  # of a hold that stands before any recall
    return min(exports_before(connection, row.id, row.rev), MAX_COUNT)
