"""Recalls at a receiver: the text is destroyed, or kept under a legal hold, and the publisher gets a proof.

A receiver destroys the bodies of all lower revisions in the transaction that stores the cancel, or in the one that
stores a revision after its cancel. It states `recalled` once the store's log contains no part of them either.
"""

from sqlalchemy import Connection

from suar.protocol.base import subjects
from suar.protocol.base.stages import HELD_BY_LAW
from suar.service.core.altered_rows import is_recalled, open_row
from suar.service.core.core import Core
from suar.service.core.due import Searched
from suar.service.reading import human_receipts
from suar.service.reading.trees import marking_in
from suar.service.receive import held_texts, sealed_frames
from suar.store.messages import kept, markings
from suar.store.messages import rows as messages
from suar.store.messages.rows import AlteredRow
from suar.store.outbound import leftovers, own_statements, recalls
from suar.store.outbound.own_statements import UNPROVED, OwnStatement
from suar.store.people import legal_holds


def destroy_revisions(
    core: Core, connection: Connection, id_: str, below: int, *, is_hold_over: bool = False, is_confirmed: bool = False
) -> None:  # fmt: skip
    """Destroy the stored revisions of the message below `below`, in the caller's transaction, for good.

    Under a legal hold the texts are hidden from everybody and kept until the hold ends: sealed to the offline evidence
    keys, or unchanged if no keys are set. After a restore they are hidden and unchanged until two persons have
    confirmed which holds are in force: `is_confirmed`.
    """
    before = core.recalled.get(id_, 0)  # by [retention], if no cancel came before
    if before < below:
        _keep_markings(core, connection, id_, below)
        recalls.note(connection, id_, below, core.clock())
        own_statements.forget(connection, id_, HELD_BY_LAW)  # from before the recall: stated again for what it keeps
        core.note_destroyed()
        core.record_recall(id_, below)
    if core.holds_open_since is not None and not is_confirmed:
        core.log_event("recall_waits", id=id_, rev=below)
        return
    if (id_ in core.held_by_law or id_ in core.sealed_by_law) and not is_hold_over:
        core.log_event("held_by_law", id=id_, rev=below)
        _hold(core, connection, id_, below)
        return
    sealed_frames.keep_other_texts(core, connection, id_, below)
    _note_in_inbox(core, connection, id_, below)
    purged = recalls.revisions_below(connection, id_, min(before, below))
    held = legal_holds.drop_texts(connection, id_)
    gone = list(dict.fromkeys((*recalls.destroy(connection, id_, below, core.member, core.due.in_row), *purged, *held)))
    for rev in gone:
        statement = OwnStatement(id_, rev, "recalled", human_receipts.GATEWAY, core.clock(), human_receipts.GATEWAY)
        human_receipts.keep_statement(core, connection, statement._replace(state=UNPROVED))
        core.note_destroyed()
    if gone:  # one line: a message has up to 9,999 revisions
        core.log_event("recalled", id=id_, rev=max(gone), revisions=len(gone))


def _note_in_inbox(core: Core, connection: Connection, id_: str, below: int) -> None:
    """Note whose copies in INBOX are deleted too, also if the epoch arrived in this transaction and has no row yet."""
    for name in recalls.frames_below(connection, id_, below, core.member):
        epoch_id = kept.epoch_id_of(connection, name)
        state = core.world.epochs.get(epoch_id) if epoch_id else None
        if state is not None:
            subject = subjects.frame(state.chain.realm, state.chain.channel, state.id)
            leftovers.note_copy(connection, name, subjects.hub(state.epoch.sender, subject), state.chain.realm)


def complete_recalls(core: Core, connection: Connection) -> int:
    """Destroy, or hold, the messages recalled while the legal holds were unconfirmed; returns how many."""
    rows = [row for n in recalls.find_reappeared(connection) if (row := messages.at(connection, n)) is not None]
    waiting_ids = sorted({str(row.id) for row in rows if row.origin != core.member})
    for id_ in waiting_ids:
        destroy_revisions(core, connection, id_, core.recalled[id_], is_confirmed=True)
    return len(waiting_ids)


def _hold(core: Core, connection: Connection, id_: str, below: int) -> None:
    """State the hold and, if offline keys are set, seal the texts to them and destroy the stored ones."""
    _state_hold(core, connection, id_, below, (core.held_by_law | core.sealed_by_law)[id_])
    if not held_texts.seal_below(core, connection, id_, below):
        return
    sealed_frames.keep_other_texts(core, connection, id_, below)
    _note_in_inbox(core, connection, id_, below)
    recalls.destroy(connection, id_, below, core.member, core.due.in_row)
    core.note_destroyed()
    core.record_sealed_hold(id_)


def state_standing(core: Core, connection: Connection, id_: str, hold_note: str | None) -> None:
    """State which legal hold is in force from now on, before any recall; statements about an earlier one are forgotten.

    `hold_note`: as `legal_holds.note_of` returns it; None if no hold is in force, or none may be disclosed.
    """
    own_statements.forget(connection, id_, HELD_BY_LAW)
    _state_hold(core, connection, id_, None, hold_note)


def _state_hold(core: Core, connection: Connection, id_: str, below: int | None, hold_note: str | None) -> None:
    """State `held-by-law` about the revisions that a hold keeps, if its publisher may know and members read it."""
    if hold_note is None or not core.config.bus.write_receipt_1_1:
        return
    note = core.vault.wrap(hold_note.encode(), human_receipts.SEALED_AS) if hold_note else None
    by = human_receipts.GATEWAY
    for rev in recalls.kept_below(connection, id_, below, core.member):
        statement = OwnStatement(id_, rev, HELD_BY_LAW, by, core.clock(), by, note=note)
        human_receipts.keep_statement(core, connection, statement)


def _keep_markings(core: Core, connection: Connection, id_: str, below: int) -> None:
    """Keep the markings of the texts that are about to be destroyed, which determine who could read them."""
    for link in messages.chain_of(connection, id_):
        row = messages.find(connection, id_, link.rev) if link.rev < below else None
        try:
            data = None if row is None else open_row(core, row)
        except AlteredRow:  # the check of stored rows reports it
            continue
        marking = None if data is None else marking_in(data)
        if marking is not None:
            markings.keep(connection, core.vault, id_, link.rev, marking)


def erase_below(core: Core, connection: Connection, id_: str, below: int) -> int:
    """Destroy our own texts of the message below that revision in the caller's transaction; returns how many there
    were.
    """
    _keep_markings(core, connection, id_, below)
    recalls.note(connection, id_, below, core.clock())
    core.record_recall(id_, below)
    core.note_destroyed()
    gone = recalls.destroy_own(connection, id_, below, core.due.in_row)
    core.log_event("erased", id=id_, revisions=len(gone))
    return len(gone)


def find_recalled(
    connection: Connection, frame_hash: bytes, holder: tuple[str, int] | None, inside: list[tuple[str, int]]
) -> set[tuple[str, int]]:
    """Return (id, first revision that remains) of the recalled messages in a frame that is kept."""
    recalls.add_copy(connection, frame_hash, holder, inside)
    return {(id_, cancel) for id_, rev in inside if (cancel := recalls.cancel_of(connection, id_)) > rev}


def purge_log(core: Core) -> bool:
    """Purge destroyed texts from the store's log, then allow `recalled`; returns whether there is something to state.

    Must not run inside a transaction. Copies of the texts in quarantine and in alarms are destroyed first, some at each
    call. A reader that is active postpones it to the next call.
    """
    if not core.due.is_log_suspect:
        return False
    with core.transaction() as connection:
        if not _destroy_copies(core, connection):
            return False
        is_open = own_statements.is_any_unproved(connection)
    tables = core.due.tables_to_erase(is_unproved=is_open)
    if (is_open or core.recalled) and not core.database.erase(core.due.destroyed, tables):
        return False
    with core.transaction() as connection:
        if own_statements.mark_proved(connection):
            core.due.note_statements()
    core.due.mark_log_clean()
    return is_open


def _destroy_copies(core: Core, connection: Connection) -> bool:
    """Destroy copies in the next rows of quarantine and alarms; returns True after the last row."""
    before = core.due.searched
    if not core.recalled:
        return True
    refused = leftovers.quarantined_after(connection, core.vault, before.quarantine)
    objects = leftovers.evidence_after(connection, before.alarms)
    texts = [each.n for each in refused if is_recalled(core, each.data)]
    evidence = [each.n for each in objects if is_recalled(core, each.data)]
    leftovers.empty_quarantined(connection, texts)
    leftovers.empty_evidence(connection, evidence)
    for table in (*(("quarantine",) if texts else ()), *(("alarm",) if evidence else ())):
        core.due.note_in_row(table)
    if texts or evidence:
        core.run_after_commit(core.due.note_copies_destroyed)
    last = Searched(refused[-1].n if refused else before.quarantine, objects[-1].n if objects else before.alarms)
    core.run_after_commit(lambda: core.due.note_searched(last))
    return last == before
