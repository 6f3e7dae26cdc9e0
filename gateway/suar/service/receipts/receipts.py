"""Receipts: creating ours about messages of other members, and processing theirs about ours.

A receipt travels only in the channel of the message's sender and is never made about a receipt.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from msgspec import UNSET, MsgspecError, json, structs
from sqlalchemy import Connection

from suar.observe.hooks import ReceiptReceived
from suar.protocol.base.errors import Fault
from suar.protocol.base.instants import instant
from suar.protocol.base.primitives import ACTUAL
from suar.protocol.base.reasons import Invalid
from suar.protocol.base.stages import BY_PERSON, HELD_BY_LAW, RECALLED
from suar.protocol.message.kinds import Entry, Receipt
from suar.protocol.message.messages import encode, read
from suar.protocol.message.urgency import REST
from suar.protocol.transport.content import digest
from suar.protocol.transport.outcome import Outcome
from suar.service.core.core import Core
from suar.service.core.reading_policy import kind_of_id
from suar.service.settings.outbox_capacity import RECEIPT_PRIORITY
from suar.store.engine.vault import Vault
from suar.store.outbound import deliveries, outbox, queue, receipt_notes
from suar.store.outbound.deliveries import ReceiptRecord
from suar.store.outbound.queue import Queued
from suar.store.outbound.receipt_notes import Statement

SOON: Final = 1  # the lane of an alert that is sealed again, unless another is stated
_ENTRIES_MAX: Final = 256
SEALED_AS: Final = "receipt"  # the context string of a receipt's encryption at rest
_decode: Final = json.Decoder(Receipt).decode
EVERY_FRAME: Final = 65_535  # the last number that a frame can have


class Statements:
    """The statements of one transaction, grouped by (to, realm, stage, code) to make few receipts."""

    def __init__(self) -> None:
        self._entries: dict[tuple[str, str, str, str], list[Entry]] = defaultdict(list)
        self._requested: set[tuple[str, str, str, Entry]] = set()  # a hostile batch has tens of thousands

    def about_frame(self, out: Outcome, member: str, realm: str) -> None:
        """Add `stored` for every held message, `refused` with its code for every other; receipts are skipped."""
        if out.frame is None or not out.frame.parsed.count or not out.has_consumed:
            return
        name = out.frame.hash.hex()
        if out.result == "refused":
            self._add(member, realm, "refused", out.code or "", Entry(frame=name))
            return
        if not out.refused and not out.receipts:
            self._add(member, realm, "stored", "", Entry(frame=name))
            return
        refused: dict[str, list[int]] = defaultdict(list)
        for item in (each for each in out.refused if each.index not in out.receipts):
            refused[item.code].append(item.index)
        for code, indices in refused.items():
            self._add(member, realm, "refused", code, Entry(frame=name, messages=tuple(indices)))
        others = out.receipts | {item.index for item in out.refused}
        stored = tuple(index for index in range(out.frame.parsed.count) if index not in others)
        if stored:
            every = len(stored) == out.frame.parsed.count
            self._add(member, realm, "stored", "", Entry(frame=name, messages=UNSET if every else stored))

    def missing(self, member: str, realm: str, entry: Entry, code: str = "") -> None:
        """Request from the origin what was not received or not sealed for us; each item once in a receipt."""
        if (member, realm, code, entry) not in self._requested:
            self._requested.add((member, realm, code, entry))
            self._add(member, realm, "missing", code, entry)

    def _add(self, member: str, realm: str, stage: str, code: str, entry: Entry) -> None:
        self._entries[member, realm, stage, code].append(entry)

    def queue(self, connection: Connection, core: Core) -> int:
        """Queue the receipts; returns how many."""
        rows = list(self._rows(core.member, core.clock(), core.vault))
        queue.enqueue(connection, rows)
        self._entries.clear()
        self._requested.clear()
        return len(rows)

    def _rows(self, own: str, now: int, vault: Vault) -> Iterator[Queued]:
        for (member, realm, stage, code), entries in self._entries.items():
            for first in range(0, len(entries), _ENTRIES_MAX):
                plain = make_receipt(own, realm, stage, entries[first : first + _ENTRIES_MAX], now, code)
                yield receipt_row(vault, realm, member, plain)


class StatementDetails(NamedTuple):
    """The role and sector behind a statement, its note, and its time if not now; empty: absent.

    `exports`: how many times the text was exported here before its recall; None: not disclosed.
    """

    role: str = "gateway"
    sector: str = ""
    note: str = ""
    at: str = ""
    exports: int | None = None


GATEWAY: Final = StatementDetails()


def make_receipt(
    member: str,
    realm: str,
    stage: str,
    entries: Sequence[Entry],
    now: int,
    code: str = "",
    *,
    details: StatementDetails = GATEWAY,
) -> bytes:
    """Return a receipt's bytes: of receipt/1.0, unless it states something for which that has no field."""
    sent = instant(now)
    is_newer = stage == HELD_BY_LAW or details.exports is not None
    receipt = Receipt(
        schema="receipt/1.1" if is_newer else "receipt/1.0", status=realm, member=member, stage=stage,
        sent=sent, of=tuple(entries), code=code or UNSET, role=details.role, sector=details.sector or UNSET,
        note=details.note or UNSET, at=details.at or sent,
        exports=UNSET if details.exports is None else details.exports,
    )  # fmt: skip
    return encode(receipt)


def merge_receipts(plains: Sequence[bytes]) -> list[tuple[int, bytes]]:
    """Combine consecutive receipts (their bytes) with the same statement; returns each with the number of those in it.

    Their order stays and no receipt names an item twice. Receipts that differ in a word, or a second, stay separate, as
    do those that this version cannot read.
    """
    groups: list[_Group] = []
    for plain in plains:
        receipt = _read(plain)
        if not groups or not groups[-1].add(receipt):
            groups.append(_Group(receipt, plain))
    return [(group.count, group.plain()) for group in groups]


def _read(plain: bytes) -> Receipt | None:
    try:
        return _decode(plain)
    except MsgspecError:
        return None


class _Group:
    """One receipt that combines several with the same statement."""

    def __init__(self, first: Receipt | None, plain: bytes) -> None:
        self._first, self._plain = first, plain
        self._of = dict.fromkeys(first.of if first else ())
        self.count = 1

    def add(self, receipt: Receipt | None) -> bool:
        """Add a receipt; returns False if this one cannot contain it."""
        if self._first is None or receipt is None:
            return False
        of = receipt.of
        is_same = structs.replace(self._first, of=of) == receipt
        if not is_same or len(self._of) + len(of) > _ENTRIES_MAX or any(entry in self._of for entry in of):
            return False
        self._of.update(dict.fromkeys(of))
        self.count += 1
        return True

    def plain(self) -> bytes:
        """Return its bytes."""
        if self._first is None or self.count == 1:
            return self._plain
        return encode(structs.replace(self._first, of=tuple(self._of)))


# -- statements of others


def apply_receipt(core: Core, connection: Connection, receipt: Receipt, data: bytes) -> None:
    """Apply a member's statement about messages of ours to their deliveries.

    A receipt of an exercise changes no actual message, nor the reverse ([V9] of docs/evidence.md is the same rule).
    `recalled` and `held-by-law` count for messages that were cancelled before it arrived. For another message
    `held-by-law` means that a legal hold is in force: that is kept beside the stages, and changes none.
    """
    now, code = core.clock(), None if receipt.code is UNSET else receipt.code
    record = ReceiptRecord(receipt.member, receipt.stage, code, digest(data), core.vault.wrap(data, SEALED_AS))
    entries = [
        (bytes.fromhex(entry.frame), None if entry.messages is UNSET else entry.messages)
        for entry in receipt.of
        if entry.frame is not UNSET
    ]
    foreign = deliveries.of_another_realm(connection, {frame_hash for frame_hash, _ in entries}, receipt.status)
    if foreign:
        core.log_event("receipt_of_another_realm", "warning", member=receipt.member, stage=receipt.stage)
        entries = [entry for entry in entries if entry[0] not in foreign]
    stated = entries
    if receipt.stage in (RECALLED, HELD_BY_LAW):
        entries = deliveries.of_cancelled(connection, entries)
        if receipt.stage == RECALLED and len(entries) < len(stated):
            core.log_event("recalled_before_the_cancel", "warning", member=receipt.member)
    accepted = deliveries.record_receipt(connection, record, entries, now)
    if receipt.stage == HELD_BY_LAW:
        _keep_note(core, connection, receipt, deliveries.of_ours(connection, stated))
    elif receipt.stage in BY_PERSON or (receipt.stage == RECALLED and receipt.note is not UNSET):
        _keep_note(core, connection, receipt, deliveries.of_ours(connection, entries))
    if accepted:
        seconds = tuple((now - at) / 1000 for at in accepted)
        core.queue_record(
            ReceiptReceived(at=now, member=receipt.member, stage=receipt.stage, code=code, seconds=seconds)
        )


def _keep_note(
    core: Core, connection: Connection, receipt: Receipt, entries: Sequence[tuple[bytes, tuple[int, ...] | None]]
) -> None:
    """Store the role in which the member stated it, with the note; empty without one."""
    role = "" if receipt.role is UNSET else receipt.role
    note = "" if receipt.note is UNSET else receipt.note
    statement = Statement(receipt.member, receipt.stage, role, core.clock())
    if receipt.stage == HELD_BY_LAW:  # of several holds the last one, as the member states it
        receipt_notes.drop(connection, statement, entries)
    receipt_notes.keep(connection, statement, entries, lambda about: core.vault.wrap(note.encode(), about))


def reported_exports(vault: Vault, name: bytes, sealed: bytes) -> int | None:
    """Return the count of exports in a stored receipt, by its digest; None without one, and if somebody edited it."""
    try:
        plain = bytes(vault.unwrap(sealed, SEALED_AS))
        receipt = read(plain) if digest(plain) == name else None
    except (Fault, Invalid):
        return None
    return receipt.exports if isinstance(receipt, Receipt) and receipt.exports is not UNSET else None


def receipt_row(vault: Vault, realm: str, member: str, plain: bytes) -> Queued:
    """Return the queue row of a receipt for that member, encrypted at rest."""
    return Queued(realm, RECEIPT_PRIORITY, "receipt", channel=member, body=vault.wrap(plain, SEALED_AS))


def reseal_row(
    realm: str, member: str, id_: str, rev: int, *, parked: bool = False, priority: int | None = None
) -> Queued:
    """Return a queue row that seals one message of ours for one member alone; `parked` until it has a key.

    Without a `priority` an alert precedes what is new and less urgent; other messages have their own lane.
    """
    if priority is None:
        priority = SOON if kind_of_id(id_) == "alert" else REST
    return Queued(realm, priority, "message", channel=member, id=id_, rev=rev, is_parked=parked)


def publish_list(core: Core, connection: Connection, version: int) -> bool:
    """Publish a list of our history again; returns False when it is being sent already."""
    from suar.protocol.base import subjects

    accepted = core.world.trust.history[version]
    row = {"subject": subjects.trust(version), "data": accepted.data, "at": core.clock(), "realm": ACTUAL}
    return outbox.republish(connection, row, core.outbox_capacity.again_after)
