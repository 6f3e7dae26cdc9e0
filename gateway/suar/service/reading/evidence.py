"""Assembles the evidence of one message from the store: the frames as sent, the epochs, trust lists and receipts.

The salts are derived from the epoch's secret while it can be opened ([K8], about a month), later they come from what
was stored of the frame (`proof_keeping.py`). Every file is verified as a recipient would verify it before it is
returned.
"""

from collections.abc import Iterator, Sequence
from typing import Final, Literal

import msgspec
from sqlalchemy import Connection, Row

from suar.protocol.base.errors import Fault, Refused
from suar.protocol.base.primitives import ZERO32, hash_
from suar.protocol.base.sealing import addressee
from suar.protocol.files import evidence as files
from suar.protocol.files.evidence import Carrier, Evidence, FrameProof, Unproved, UnsealedPart
from suar.protocol.files.proof import is_receipt_refused, verify
from suar.protocol.files.proof_stamps import ProvedLine, line_content
from suar.protocol.files.standing import Supplied
from suar.protocol.message import messages as standard
from suar.protocol.transport import frame as frames
from suar.protocol.trust.trustlist import parse, read_list
from suar.service.access.act_notes import note_reading
from suar.service.core.core import Core
from suar.service.reading import proof_keeping, stamping, views
from suar.service.reading.authority import authority_of
from suar.service.reading.epoch_secrets import EpochSecrets, KnownEpoch, parse_stored
from suar.service.reading.human_receipts import note_opened
from suar.service.receipts.receipts import SEALED_AS
from suar.store.messages import proofs, sealed_frames, stamps
from suar.store.messages import rows as messages
from suar.store.people import access, legal_holds

_LATE: Final = "where `evidence.keep` is off, a message is proved for about a month: export it before"
_FROM_RECEIVER: Final = (
    "the file of its origin or of another receiver proves it too: `suar evidence export` there, or `suar restore` here"
)
_SEALED: Final = "`suar evidence export --sealed` writes it for the holders of the two evidence keys"
SEALED_ACT: Final = "evidence-sealed"
"""The act of the audit by which a sealed file leaves."""
LATER_MAX: Final = 16  # most later revisions in one file, the newest ones


class Exported(msgspec.Struct, frozen=True):
    """An evidence file, and the message that it proves.

    `sealed_to`: the kid of the evidence key that opens its outermost layer; "" where nothing is sealed. `is_held`: it
    is the text of a legal hold, inside the layers alone.
    """

    id: str
    rev: int
    data: bytes
    status: str = "actual"
    sealed_to: str = ""
    is_held: bool = False


def export(core: Core, id_: str, rev: int | None, *, is_sealed: bool = False) -> Exported | None:
    """Return the evidence file, or None if the message does not exist or the policy denies it.

    `is_sealed`: the file that the holders of the offline keys make evidence of, where the frame was sealed to them.
    Raises Fault if the text is destroyed or cannot be proved. May be called from any thread. The caller records the
    export before it hands the file over (`note_export`).
    """
    shown = views.message(core, id_, rev)  # asks the policy
    if shown is None:
        return None
    found = shown["rev"]
    with core.database.reading() as connection:
        row = messages.find(connection, id_, found)
        text = views.text_of(core, connection, row) if row is not None else None
        held = legal_holds.sealed_text(connection, id_, found) if is_sealed else None
        if row is not None and held is not None:
            return Exported(id_, found, held, row.realm, _outermost(held), is_held=True)
        if row is None or text is None:
            why = f"{id_} cannot be proved: its text was recalled, and is destroyed or kept for a legal hold alone"
            raise Fault(why, "it is proved only by a file made before: `suar evidence export` when a hold is foreseen")
        collected = _Collected(core, connection)
        if is_sealed:
            sealed = _sealed(collected, row, text)
            return Exported(id_, found, msgspec.msgpack.encode(sealed), row.realm, _outermost(sealed.layers))
        data = files.write(collected.collect(row, text))
    check(core, id_, data)
    return Exported(id_, found, data, row.realm)


def assembled(core: Core, connection: Connection, row: Row[tuple[object, ...]], text: bytes) -> bytes:
    """Return the evidence file of a stored revision, verified, as the open transaction sees it. Raises Fault."""
    data = files.write(_Collected(core, connection).collect(row, text))
    check(core, str(row.id), data)
    return data


def _outermost(layers: bytes) -> str:
    return (addressee(layers) or b"").hex()


def _sealed(collected: "_Collected", row: Row[tuple[object, ...]], text: bytes) -> "Sealed":
    found = collected.collect_sealed(row, text)
    if found is None:
        raise _not_sealed(collected.connection, row)
    return found


def _not_sealed(connection: Connection, row: Row[tuple[object, ...]]) -> Fault:
    """Return the fault of a revision that is not sealed; it names another one that is."""
    why = f"no frame of {row.id} rev {row.rev} was sealed to offline keys"
    others = legal_holds.sealed_revisions(connection, row.id)
    if others:
        revisions = ", ".join(map(str, others))
        return Fault(why, f"sealed is the text of rev {revisions}: name it, as --rev {others[-1]}")
    return Fault(why, "`suar evidence export` without --sealed; [evidence] sealed_to has to be set before a recall")


def check(core: Core, id_: str, data: bytes, report: bytes | None = None) -> None:
    """Raise Fault unless the file verifies under our newest trust list and the operator's own authority.

    `report`: the lines of the audit that go into its container.
    """
    supplied = Supplied(authority=authority_of(core.config))
    try:
        verify(data, core.status.trust.history[_last_list(data)].hash, supplied, report)
    except Unproved as found:
        text = f"{id_} cannot be proved: {found.part}: {found.text} [{found.step}]"
        raise Fault(text, "nothing was written; docs/evidence.md has the numbered checks") from None


def _last_list(data: bytes) -> int:
    return read_list(parse(files.read(data).lists[-1]).raw).version


def note_export(core: Core, exported: Exported, who: str, *, is_person: bool = False) -> None:
    """Record in the audit who receives an evidence file.

    What is sealed to the evidence keys has a line of its own each time; a held text has no other one, because it is no
    export before the recall.
    """
    about = f"{exported.id} {exported.rev}"
    if exported.sealed_to:
        with core.transaction() as connection:
            access.note(connection, who, SEALED_ACT, f"{about} to {exported.sealed_to}", core.clock())
    if is_person and not exported.is_held and not exported.sealed_to:
        note_opened(core, [(exported.id, exported.rev)], who)
    if not exported.is_held:
        note_reading(core, who, "evidence", about)


SEALED_MAGIC: Final = "suar-sealed-evidence/1"


class Sealed(msgspec.Struct, array_like=True, forbid_unknown_fields=True, frozen=True):
    """A file of evidence whose frame is sealed in layers; `rest` is the evidence without that carrier."""

    magic: Literal["suar-sealed-evidence/1"]
    realm: str
    index: int
    layers: bytes
    rest: UnsealedPart


class _Collected:
    """One export, in which each epoch is opened once."""

    def __init__(self, core: Core, connection: Connection) -> None:
        self.core, self.connection = core, connection
        self._epochs = EpochSecrets(core, connection)
        self._used: dict[bytes, KnownEpoch] = {}
        self._is_altered = False  # a frame in the store is not the one that was sent or received

    def collect(self, row: Row[tuple[object, ...]], text: bytes) -> Evidence:
        """Return everything that proves the message of `row`, whose signed bytes are `text`."""
        carriers = list(self._carriers(row, text))
        if not carriers:
            raise self._unproved(row)
        return self._assemble(row, text, carriers)

    def _unproved(self, row: Row[tuple[object, ...]]) -> Fault:
        """Return the fault of a message without a frame, with the way that is left."""
        if row.frame_hash and sealed_frames.find(self.connection, row.frame_hash) is not None:
            gone = "its frame went with the recall of a message beside it, and is sealed to the evidence keys"
            return Fault(f"{row.id} cannot be proved: {gone}", _SEALED)
        if self._is_altered:
            return Fault(f"{row.id} cannot be proved: {proof_keeping.ALTERED}", _FROM_RECEIVER)
        waits = "it has not left yet, or its frame or the keys that opened it are gone"
        return Fault(f"{row.id} cannot be proved: {waits}", _LATE)

    def collect_sealed(self, row: Row[tuple[object, ...]], text: bytes) -> Sealed | None:
        """Return the same without the message's frame, which is sealed to offline keys; None if it is not."""
        found = sealed_frames.find(self.connection, row.frame_hash) if row.frame_hash else None
        data = None if found is None else proofs.epoch_of(self.connection, found.epoch_id)
        known = None if found is None else self._epochs.find(found.epoch_id, data)
        if found is None or known is None:
            return None
        self._used[found.epoch_id] = known
        evidence = self._assemble(row, text, [], [row.frame_hash])
        return Sealed(SEALED_MAGIC, known.realm, row.place, bytes(found.sealed), UnsealedPart(*evidence[:-1]))

    def _assemble(
        self, row: Row[tuple[object, ...]], text: bytes, carriers: Sequence[Carrier], names: Sequence[bytes] = ()
    ) -> Evidence:  # fmt: skip
        """Return the content of a file; `names`: hashes of frames of the message that are not among the carriers."""
        is_own = row.origin == self.core.member
        receipts = tuple(self._receipts(carriers, text)) if is_own else ()
        later = tuple(self._later(row))
        witnesses = tuple(self._witnesses(carriers, [each for _, each in later]))
        trust, last = self.core.status.trust, max(epoch.version for epoch in self._used.values())
        lists = tuple(held.data for version, held in sorted(trust.history.items()) if version <= last)
        known = {key.kid for v, held in trust.history.items() if v <= last for m in held.list.members for key in m.keys}
        revokes = tuple(data for kid, data in trust.revokes.items() if kid in known)
        lines = dict(self._lines(row)) if is_own and self.core.config.evidence.show_author else {}
        frames_ = [*carriers, *(each for _, each in (*receipts, *later))]
        values = [*names, *(self._name(each.frame) for each in frames_)]
        values += [hash_("revoke", data[84:]) for data in revokes]
        values += [held.hash for version, held in trust.history.items() if version <= last]
        stamped = tuple(stamping.stamps_of(self.core, self.connection, [*values, *lines]))
        epochs_ = tuple(epoch.data for epoch in self._used.values())
        return Evidence(
            lists, revokes, epochs_, text, tuple(carriers), receipts, later, tuple(lines.values()), stamped, witnesses
        )  # fmt: skip

    def _name(self, frame: bytes) -> bytes:
        return frames.frame_hash(frame, self._used[frame[4:36]].realm)

    def _carriers(self, row: Row[tuple[object, ...]], text: bytes) -> Iterator[Carrier]:
        found = self._own(row) if row.origin == self.core.member else self._received(row)
        for index, data, epoch in found:
            carrier = self._open(data, index, epoch, text)
            if carrier is not None:
                yield carrier

    def _own(self, row: Row[tuple[object, ...]]) -> Iterator[tuple[int, bytes, bytes | None]]:
        found = proof_keeping.own_frames(self.core, self.connection, self._epochs, row.id, row.rev)
        self._is_altered |= found.is_altered
        yield from found.frames

    def _received(self, row: Row[tuple[object, ...]]) -> Iterator[tuple[int, bytes, bytes | None]]:
        name = row.frame_hash
        data = proofs.frame_of(self.connection, self.core.vault, row.n, name) if name else None
        if data is not None and frames.frame_hash(data, row.realm) != name:
            self._is_altered = True
        elif data is not None:
            yield row.place, data, proofs.epoch_of(self.connection, data[4:36])

    def _receipts(self, carriers: Sequence[Carrier], text: bytes) -> Iterator[tuple[bytes, Carrier]]:
        """Yield the receipts of other members; one that cannot be opened or has an impossible time is left out."""
        message = standard.read_stored(text)
        about = [(self._name(each.frame), each.content_index) for each in carriers]
        for index, data, sealed in proofs.receipts_about(self.connection, self.core.vault, about):
            try:
                plain = bytes(self.core.vault.unwrap(sealed, SEALED_AS))
                carrier = self._open(data, index, proofs.epoch_of(self.connection, data[4:36]), plain)
            except (Fault, Refused):
                continue
            if carrier is not None and not is_receipt_refused(plain, data, message):
                yield plain, carrier

    def _later(self, row: Row[tuple[object, ...]]) -> Iterator[tuple[bytes, Carrier]]:
        """Yield later revisions, each with one frame, so that the file shows what became of the message."""
        for later in messages.revisions_after(self.connection, row.id, row.rev, LATER_MAX):
            text = views.text_of(self.core, self.connection, later)
            carrier = next(self._carriers(later, text), None) if text is not None else None
            if text is not None and carrier is not None:
                yield text, carrier

    def _witnesses(self, carriers: Sequence[Carrier], later: Sequence[Carrier]) -> Iterator[tuple[bytes, Carrier]]:
        sent, others = ([self._used[each.frame[4:36]].sent(each.frame) for each in some] for some in (carriers, later))
        previous = {self._name(each.frame): frames.parse(each.frame).prev for each in (*carriers, *later)}
        store = self.core, self.connection, self._epochs
        for body, each, epoch in proof_keeping.witnesses_of(*store, sent, others, previous):
            self._used[each.frame[4:36]] = epoch
            yield body, each

    def _lines(self, row: Row[tuple[object, ...]]) -> Iterator[tuple[bytes, bytes]]:
        """Yield (hash, content) of the audit lines about who published the message."""
        for line in stamps.about(self.connection, stamps.AUTHOR_ACTS, f"{row.id} {row.rev}"):
            before = stamps.line_hash_at(self.connection, line.n - 1) or ZERO32
            shown = ProvedLine(line.n, line.at, line.who, line.what, line.about)
            if stamps.positions(self.connection, [bytes(line.hash)]):
                yield bytes(line.hash), line_content(before, shown)

    def _open(self, frame: bytes, index: int, epoch: bytes | None, content: bytes) -> Carrier | None:
        """Return the proof of a content at its index in the frame: from the epoch's secret, else from the store."""
        if (parsed := parse_stored(frame)) is None or (known := self._epochs.find(parsed.epoch_id, epoch)) is None:
            return None
        found = self._proof(parsed, known)
        carrier = found.carrier(frame, known.realm, index, content) if found else None
        if carrier is not None:
            self._used[parsed.epoch_id] = known
        return carrier

    def _proof(self, parsed: frames.Parsed, known: KnownEpoch) -> FrameProof | None:
        if known.secret is not None:
            try:
                return files.frame_proof(parsed, known.secret, known.realm)[1]
            except Refused:
                return None
        return proof_keeping.find(self.core, self.connection, frames.frame_hash(parsed.data, known.realm))
