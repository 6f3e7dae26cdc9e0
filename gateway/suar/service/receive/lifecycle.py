"""Cancellation of a message: by its publisher, with destruction of the text at every receiver and proof of both.

A receiver destroys the bodies of all lower revisions in the transaction that stores the cancel, or in the one that
stores a revision which comes after its cancel. It states `recalled` once the store's log has no part of them either.
The publisher keeps its own text as its record and for evidence.
"""

import contextlib
from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, Row

from suar.protocol.authoring.withdrawal import withdrawal
from suar.protocol.base import subjects
from suar.protocol.base.errors import Fault, Refused
from suar.protocol.base.reasons import Invalid, Reason
from suar.protocol.base.sentences import sentence
from suar.protocol.base.stages import HELD_BY_LAW
from suar.protocol.base.wire import UNREADABLE
from suar.protocol.message.kinds import Publication, Receipt
from suar.protocol.message.marking import marking_of_tree
from suar.protocol.message.messages import read
from suar.service.access import as_shown
from suar.service.core.altered_rows import is_recalled, open_row
from suar.service.core.core import Core
from suar.service.core.due import Searched
from suar.service.publish import accepting, checking, drafts, waits
from suar.service.reading import human_receipts
from suar.service.reading.verdict import Verdict
from suar.service.reading.views import tree_of
from suar.service.receive import held_texts, sealed_frames
from suar.store.messages import kept, markings
from suar.store.messages import rows as messages
from suar.store.messages.rows import AlteredRow
from suar.store.outbound import leftovers, own_statements, recalls
from suar.store.outbound.own_statements import UNPROVED, OwnStatement
from suar.store.people import held as waiting
from suar.store.people import legal_holds


class Cancelled(NamedTuple):
    """The verdict on the cancel, and on the message that takes its place where one was given.

    The verdict is a replay when it was cancelled before: the first reason stands. `withdrawn`: the revision that waited
    for a second person and was taken back with it.
    """

    verdict: Verdict
    replacement: Verdict | None = None
    realm: str = ""
    withdrawn: int | None = None

    def verdicts(self) -> list[Verdict]:
        """One, or both."""
        return [self.verdict] if self.replacement is None else [self.verdict, self.replacement]

    def shape(self, *, with_sentences: bool = False) -> dict[str, Any]:
        """As `--json` and HTTP show it; with sentences for a program that shows it in another language."""
        return (
            self.verdict.shape(with_sentences=with_sentences)
            | {"realm": self.realm, "before": self.verdict.replayed, "withdrawn": self.withdrawn}
            | {"replacement": self.replacement.shape() if self.replacement else None}
        )


# -- at a receiver


def destroy_revisions(
    core: Core, connection: Connection, id_: str, below: int, *, is_hold_over: bool = False, is_confirmed: bool = False
) -> None:  # fmt: skip
    """Destroy the stored revisions of the message below `below`, in the caller's transaction, for good.

    Under a legal hold the texts are hidden from everybody, and kept until it is over: sealed to the offline evidence
    keys, or as they are where no keys are set. After a restore they are hidden and kept as they are until two persons
    have said which holds stand: `is_confirmed`.
    """
    before = core.recalled.get(id_, 0)  # by [retention], if no cancel came before
    if before < below:
        _keep_markings(core, connection, id_, below)
        recalls.note(connection, id_, below, core.clock())
        core.due.note_destroyed()
        core.run_after_commit(lambda: core.recalled.update({id_: below}))
    if core.holds_open_since is not None and not is_confirmed:
        core.log_event("recall_waits", id=id_, rev=below)
        return
    if (id_ in core.held_by_law or id_ in core.sealed_by_law) and not is_hold_over:
        core.log_event("held_by_law", id=id_, rev=below)
        _hold(core, connection, id_, below)
        return
    sealed_frames.keep_beside(core, connection, id_, below)
    _note_in_inbox(core, connection, id_, below)
    purged = recalls.revisions_below(connection, id_, min(before, below))
    held = legal_holds.drop_texts(connection, id_)
    for rev in dict.fromkeys((*recalls.destroy(connection, id_, below, core.member), *purged, *held)):
        statement = OwnStatement(id_, rev, "recalled", human_receipts.GATEWAY, core.clock(), human_receipts.GATEWAY)
        human_receipts.keep_statement(core, connection, statement._replace(state=UNPROVED))
        core.due.note_destroyed()
        core.log_event("recalled", id=id_, rev=rev)


def _note_in_inbox(core: Core, connection: Connection, id_: str, below: int) -> None:
    """Note whose copies in INBOX go too, also where the epoch came in this very transaction and has no row yet."""
    for name in recalls.frames_below(connection, id_, below, core.member):
        data = kept.frame_of(connection, name)
        state = core.world.epochs.get(data[4:36]) if data else None
        if state is not None:
            subject = subjects.frame(state.chain.realm, state.chain.channel, state.id)
            leftovers.note_copy(connection, name, subjects.hub(state.epoch.sender, subject), state.chain.realm)


def complete_recalls(core: Core, connection: Connection) -> int:
    """Destroy, or hold, what was recalled while it waited which legal holds stand; returns how many messages."""
    rows = [row for n in recalls.came_back(connection) if (row := messages.at(connection, n)) is not None]
    waiting_ids = sorted({str(row.id) for row in rows if row.origin != core.member})
    for id_ in waiting_ids:
        destroy_revisions(core, connection, id_, core.recalled[id_], is_confirmed=True)
    return len(waiting_ids)


def _hold(core: Core, connection: Connection, id_: str, below: int) -> None:
    """State the hold, and where offline keys are set, seal the texts to them and destroy what is here."""
    _state_hold(core, connection, id_, below)
    if not held_texts.seal_below(core, connection, id_, below):
        return
    sealed_frames.keep_beside(core, connection, id_, below)
    _note_in_inbox(core, connection, id_, below)
    recalls.destroy(connection, id_, below, core.member)
    core.due.note_destroyed()
    core.run_after_commit(lambda: _mark_sealed(core, id_))


def _mark_sealed(core: Core, id_: str) -> None:
    if id_ in core.held_by_law:
        core.sealed_by_law.update({id_: core.held_by_law.pop(id_)})


def _state_hold(core: Core, connection: Connection, id_: str, below: int) -> None:
    """State `held-by-law` about the revisions that a hold keeps, if its publisher may be told and members read it."""
    told = (core.held_by_law | core.sealed_by_law)[id_]
    if told is None or not core.config.bus.write_receipt_1_1:
        return
    note = core.vault.wrap(told.encode(), human_receipts.SEALED_AS) if told else None
    by = human_receipts.GATEWAY
    for rev in recalls.kept_below(connection, id_, below, core.member):
        statement = OwnStatement(id_, rev, HELD_BY_LAW, by, core.clock(), by, note=note)
        human_receipts.keep_statement(core, connection, statement)


def _keep_markings(core: Core, connection: Connection, id_: str, below: int) -> None:
    """Keep who could read the texts of the message that are about to be destroyed."""
    for link in messages.chain_of(connection, id_):
        row = messages.find(connection, id_, link.rev) if link.rev < below else None
        try:
            data = None if row is None else open_row(core, row)
        except AlteredRow:  # told by the check of stored rows
            continue
        marking = None if data is None else marking_of_tree(tree_of(data))
        if marking is not None:
            markings.keep(connection, core.vault, id_, link.rev, marking)


def erase_below(core: Core, connection: Connection, id_: str, below: int) -> int:
    """Destroy our own texts of the message below that revision in the caller's transaction; how many there were."""
    _keep_markings(core, connection, id_, below)
    recalls.note(connection, id_, below, core.clock())
    core.run_after_commit(lambda: core.recalled.update({id_: below}))
    core.due.note_destroyed()
    gone = recalls.destroy_own(connection, id_, below)
    core.log_event("erased", id=id_, revisions=len(gone))
    return len(gone)


def find_recalled(
    connection: Connection, frame_hash: bytes, holder: tuple[str, int] | None, inside: list[tuple[str, int]]
) -> set[tuple[str, int]]:
    """A frame that is kept holds messages which we have already; (id, first that stays) of those that are recalled."""
    recalls.add_copy(connection, frame_hash, holder, inside)
    return {(id_, cancel) for id_, rev in inside if (cancel := recalls.cancel_of(connection, id_)) > rev}


def purge_log(core: Core) -> bool:
    """Purge destroyed texts from the store's log, then allow `recalled`; returns whether there is something to state.

    Not inside a transaction. Copies of the texts in quarantine and in alarms are destroyed first, some at each call. A
    reader that is busy puts it off to the next call.
    """
    if not core.due.is_log_suspect:
        return False
    with core.transaction() as connection:
        if not _destroy_copies(core, connection):
            return False
        is_open = own_statements.is_any_unproved(connection)
    if (is_open or core.recalled) and not core.database.erase(core.due.destroyed):
        return False
    with core.transaction() as connection:
        if own_statements.mark_proved(connection):
            core.due.note_statements()
    core.due.mark_log_clean()
    return is_open


def _destroy_copies(core: Core, connection: Connection) -> bool:
    """Destroy copies in the next rows of quarantine and alarms; True behind the last one."""
    before = core.due.searched
    if not core.recalled:
        return True
    refused = leftovers.quarantined_after(connection, core.vault, before.quarantine)
    objects = leftovers.evidence_after(connection, before.alarms)
    texts = [each.n for each in refused if is_recalled(core, each.data)]
    evidence = [each.n for each in objects if is_recalled(core, each.data)]
    leftovers.empty_quarantined(connection, texts)
    leftovers.empty_evidence(connection, evidence)
    if texts or evidence:
        core.run_after_commit(core.due.note_copies_destroyed)
    last = Searched(refused[-1].n if refused else before.quarantine, objects[-1].n if objects else before.alarms)
    core.run_after_commit(lambda: core.due.note_searched(last))
    return last == before


# -- at its publisher


def cancel(
    core: Core, id_: str, who: str, reason: str, replacement: bytes | None = None, editors: Sequence[str] = (),
    handed: drafts.Handed | None = None, rev: int | None = None,
) -> Cancelled | None:  # fmt: skip
    """Cancel a message of ours and publish its replacement, both or neither; None when there is no such message.

    A second person holds up neither the one nor the other: the bare cancel leaves at once, a replacement that needs
    one waits alone. A message that waits itself and never left is withdrawn. Cancelling it once more is no fault.
    `editors`: the people who do it with a session; `handed`: the draft that the replacement is, checked and settled
    in the same transaction: UnknownDraft for one of another realm, Locked, Conflict. `rev`: the
    revision that was shown to who decides. Raises Refused E-MESSAGE-SENDER for another member's id, E-CHANGED.
    """
    if id_[:2] != core.member:  # by the id alone: who may publish and not read learns nothing of what came
        raise Refused("E-MESSAGE-SENDER", "F8")
    with core.transaction() as connection:
        held = _held_revisions(connection, id_)
        if not held:
            return _withdraw(core, connection, id_, who, reason, replacement, editors, handed, rev)
        last = held[-1]
        as_shown.check(rev, last.rev, may_be_unnamed=True)
        _check_realm(handed, last.realm)
        done = Verdict(id_, last.rev, "published", replayed=True) if last.action == "cancel" else None
        items = _cancel_drafts(core, held, reason, replacement)
        reasons = cancel_refusals(core, connection, items, last.realm, who, editors)
        reasons += [] if replacement is None else _not_new(items[-1])
        if reasons:
            return Cancelled(Verdict(None, None, "refused", tuple(reasons)), realm=last.realm)
        waits_too = next((row.rev for row in waiting.pending_of(connection, id_)), None)
        verdicts = accepting.accept(
            core, [(item, None) for item in items], realm=last.realm, token=who, editors=editors, handed=handed
        )
        if done is not None or verdicts[0].verdict != "published":
            waits_too = None
    said = verdicts[0] if done is None else done
    return Cancelled(said, verdicts[-1] if replacement is not None else None, last.realm, waits_too)


def _withdraw(
    core: Core, connection: Connection, id_: str, who: str, reason: str, replacement: bytes | None,
    editors: Sequence[str], handed: drafts.Handed | None, rev: int | None,
) -> Cancelled | None:  # fmt: skip
    """Take back a message that waits for a second person and never left; None when there is none of that id."""
    row = waiting.find(connection, id_)
    if row is None:
        return None
    as_shown.check(rev, row.rev, may_be_unnamed=True)
    _check_realm(handed, row.realm)
    items = [] if replacement is None else [replacement]  # it is related to nothing that a reader has
    reasons = cancel_refusals(core, connection, items, row.realm, who, editors)
    reasons += [] if replacement is None else _not_new(replacement)
    if reasons:
        return Cancelled(Verdict(None, None, "refused", tuple(reasons)), realm=row.realm)
    is_first = row.state == waiting.HELD
    if is_first:
        waits.withdraw(core, connection, row, who, reason, core.clock())
    verdicts = accepting.accept(
        core, [(item, None) for item in items], realm=row.realm, token=who, editors=editors, handed=handed
    )
    said = Verdict(id_, row.rev, "withdrawn", replayed=not is_first)
    return Cancelled(said, verdicts[0] if verdicts else None, row.realm)


def _check_realm(handed: drafts.Handed | None, realm: str) -> None:
    """A draft takes the place of a message of its own realm only. Raises UnknownDraft."""
    if handed is not None and handed.realm != realm:
        raise drafts.UnknownDraft(handed.id)


def prepare_cancel(
    core: Core, id_: str, who: str, reason: str, replacement: bytes | None, editors: Sequence[str] = ()
) -> None:
    """Run the gate in advance on the cancel of a message of ours and on its replacement; for any thread."""
    with contextlib.suppress(Fault, Refused):  # what `cancel` tells
        with core.database.reading() as connection:
            held = _held_revisions(connection, id_)
            row = held[-1] if held else waiting.find(connection, id_)
            items = (
                _cancel_drafts(core, held, reason, replacement)
                if held
                else [replacement]
                if row and replacement
                else []
            )
        checking.prepare_drafts(core, items, row.realm if row else "", who, editors)


def _held_revisions(connection: Connection, id_: str) -> list[Row[Any]]:
    """The revisions of a message that are here, oldest first."""
    rows = [messages.find(connection, id_, link.rev) for link in messages.chain_of(connection, id_)]
    return [row for row in rows if row is not None]


def _cancel_drafts(core: Core, held: list[Row[Any]], reason: str, replacement: bytes | None) -> list[bytes]:
    """The drafts of a cancel, which a cancelled message needs none of, and of what takes its place."""
    last = held[-1]
    items = [] if replacement is None else [with_relation(replacement, last.id)]
    if last.action == "cancel":
        return items
    bodies = [open_row(core, row) for row in held]
    revisions = [_publication(body) for body in bodies if body is not None]
    if not revisions:
        raise Fault(f"the text of {last.id} is not held here", "publish the cancel by hand: action cancel, reason")
    return [withdrawal(revisions, reason, core.clock()), *items]


def _publication(body: bytes) -> Publication:
    message = read(body)
    if isinstance(message, Receipt):
        raise Refused("E-MESSAGE-KIND", "F8")
    return message


def cancel_refusals(
    core: Core, connection: Connection, items: list[bytes], realm: str, who: str, editors: Sequence[str] = ()
) -> list[Reason]:
    """Every reason against any of them, before one is accepted; also that too many would wait of this token."""
    reasons: list[Reason] = []
    held = 0
    with connection.begin_nested() as trial:
        for item in items:
            try:
                held += accepting.compose(core, item, realm, accepting.RowLedger(connection), editors=editors)[
                    0
                ].is_held
            except Invalid as invalid:
                reasons += invalid.reasons
        trial.rollback()
    full = waits.held_limit_reason(connection, who, held) if held else None
    return [*reasons, full] if full is not None else reasons


def _not_new(item: bytes) -> list[Reason]:
    """A revision of the cancelled message would follow its cancel."""
    try:
        tree = msgspec.json.decode(item)
    except UNREADABLE:
        return []
    if not isinstance(tree, dict) or tree.get("action") == "new":
        return []
    text = sentence("what replaces a cancelled message is a new one")
    hint = sentence("give it the action new, and leave id and rev out")
    return [Reason.of("E-MESSAGE-REVISION", None, "$.action", text, hint)]


def with_relation(replacement: bytes, id_: str) -> bytes:
    """Add the relation to the replaced message, unless it is there; invalid input is returned unchanged."""
    try:
        tree = msgspec.json.decode(replacement)
    except UNREADABLE:
        return replacement
    related = tree.get("related", []) if isinstance(tree, dict) else None
    if not isinstance(related, list) or any(isinstance(each, dict) and each.get("id") == id_ for each in related):
        return replacement
    return msgspec.json.encode(tree | {"related": [*related, {"rel": "same-as", "id": id_}]})
