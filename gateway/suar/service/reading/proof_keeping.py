"""Stores what proves a message, sealed, as long as the message itself: the salts and leaves of the frames that carry
it.

They are derived from the epoch's secret, which can be opened for about a month; so they are derived and stored some
time after the frame was received or sent, outside the core's thread. For our own frames the frame and its epoch are
stored too, because the outbox keeps those for a month only. A recall destroys the proof together with the frame
(store/outbound/recalls.py).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from sqlalchemy import Connection

from suar.protocol.base import limits
from suar.protocol.base.errors import Fault, Refused
from suar.protocol.files.evidence import Carrier, FrameProof, frame_proof
from suar.protocol.transport import frame as frames
from suar.protocol.transport import heartbeat as heartbeats
from suar.protocol.transport.heartbeat import Head, SentFrame, is_led_back_to, why_no_witness
from suar.service.core.core import Core
from suar.service.reading.epoch_secrets import EpochSecrets, KnownEpoch, parse_stored
from suar.store.inbound import commitments
from suar.store.messages import kept, proofs
from suar.store.messages.kept import Kept
from suar.store.recovery import readback as recovery
from suar.store.tables.columns import blob

BATCH: Final = 128  # frames
ALTERED: Final = "its frame in the store, or its epoch, is not the genuine one: the store was altered from outside"


def collect(core: Core) -> list[Kept]:
    """Return proofs of frames that have no stored proof yet; empty if there are none. May be called from any thread."""
    with core.database.reading() as connection:
        found = _Proofs(core, connection)
        return [*found.received(), *found.sent()]


def keep(core: Core, proofs_: list[Kept]) -> None:
    """Store the proofs, except those of frames that a recall has destroyed in the meantime."""
    with core.transaction() as connection:
        kept.keep(connection, core.vault, [each for each in proofs_ if kept.is_wanted(connection, each.frame_hash)])


def find(core: Core, connection: Connection, frame_hash: bytes) -> FrameProof | None:
    """Return the stored proof of a frame, or None."""
    row = kept.find(connection, frame_hash)
    if row is None:
        return None
    content = core.vault.open(blob(row.sealed), blob(row.sealed_key), kept.about(frame_hash))
    count = len(content) // kept.ENTRY
    return FrameProof(content[: kept.SALT * count], content[kept.SALT * count :])


class OwnFrames(NamedTuple):
    """Own frames that carry one message: (index in the frame, frame, its epoch) of each, as they were sent.

    `is_altered`: an object in the outbox is not the one that was sent.
    """

    frames: list[tuple[int, bytes, bytes | None]]
    is_altered: bool


def own_frames(core: Core, connection: Connection, epochs: EpochSecrets, id_: str, rev: int) -> OwnFrames:
    """Return the own frames of a revision: from the outbox, else from what was kept of them."""
    found, is_altered = list[tuple[int, bytes, bytes | None]](), False
    for index, name, data, epoch_id in proofs.own_frames(connection, id_, rev):
        epoch = recovery.epoch_data(connection, epoch_id)
        known = epochs.find(epoch_id, epoch)
        if epoch is not None and (known is None or not known.has_sent(data, name)):
            is_altered = True
        else:
            found.append((index, data, epoch))
    seen = {data for _, data, _ in found}
    found += [each for each in kept.own_frames(connection, core.vault, id_, rev) if each[1] not in seen]
    return OwnFrames(found, is_altered)


def witnesses_of(
    core: Core, connection: Connection, epochs: EpochSecrets, sent: Sequence[SentFrame], later: Sequence[SentFrame],
    previous: Mapping[bytes, bytes],
) -> Iterator[tuple[bytes, Carrier, KnownEpoch]]:  # fmt: skip
    """Yield, of each other member, the first kept heartbeat that names the head of one of these frames, or a later one
    that leads back to it, and the first that names another frame under a number of the file, which its sender signed:
    its body, its frame with the proof, and the epoch of that.

    `later`: the other frames of the file; `previous`: as in `is_led_back_to`, of all frames of the file.
    """
    if not core.config.evidence.peer_heads or not sent:
        return
    found, stated = set[tuple[str, str]](), _numbered([*sent, *later], previous)
    since = min(each.ts for each in sent) - limits.CLOCK_TOLERANCE
    for row in commitments.heartbeats(connection, since, limits.WITNESSES_READ):
        frame = blob(row.frame)
        known = epochs.find(frame[4:36], proofs.epoch_of(connection, frame[4:36]))
        body, carrier = _opened_heartbeat(frame, known)
        named = [] if carrier is None else _heads_about(body, frame, sent)
        is_seen = any(is_led_back_to(head, each, previous) for head, each in named)
        is_fork = any(head.hash not in stated.get((head.epoch_id, head.frames), {head.hash}) for head, _ in named)
        shown = {(row.member, name) for name, is_so in (("seen", is_seen), ("fork", is_fork)) if is_so} - found
        found |= shown
        if known is not None and carrier is not None and shown:
            yield body, carrier, known


def _numbered(
    of_file: Sequence[SentFrame], previous: Mapping[bytes, bytes]
) -> dict[tuple[bytes, int], set[bytes]]:  # fmt: skip
    """Return the hashes of frames, as these frames and the `previous` of them state them, by epoch and number."""
    found: dict[tuple[bytes, int], set[bytes]] = {}
    for each in of_file:
        found.setdefault((each.epoch_id, each.seq + 1), set()).add(each.hash)
        found.setdefault((each.epoch_id, each.seq), set()).add(previous[each.hash])
    return found


def heads_of(core: Core, connection: Connection, frame: bytes) -> list[Head]:
    """Return the heads seen that a kept heartbeat names; none if it cannot be opened."""
    known = EpochSecrets(core, connection).find(frame[4:36], proofs.epoch_of(connection, frame[4:36]))
    body, carrier = _opened_heartbeat(frame, known)
    return [] if carrier is None else heartbeats.read(body, is_closing=False).heads_seen


def _opened_heartbeat(frame: bytes, known: KnownEpoch | None) -> tuple[bytes, Carrier | None]:
    """Return the body of a heartbeat with its proof; no proof if its epoch cannot be opened any more."""
    if known is None or known.secret is None:
        return b"", None
    try:
        (body,), proof = frame_proof(frames.parse(frame), known.secret, known.realm)
    except Refused:
        return b"", None
    return body, proof.carrier(frame, known.realm, 0, body)


def _heads_about(body: bytes, frame: bytes, sent: Sequence[SentFrame]) -> list[tuple[Head, SentFrame]]:
    """Return the heads that a heartbeat names of the number of one of these frames, or later; with that frame."""
    try:
        heads = heartbeats.read(body, is_closing=False).heads_seen
    except Refused:
        return []
    at = frames.parse(frame).ts
    return [(head, each) for head in heads for each in sent if not why_no_witness(head, at, each)]


class _Proofs:
    """One collection, in which each epoch is opened once."""

    def __init__(self, core: Core, connection: Connection) -> None:
        self._core, self._connection = core, connection
        self._epochs = EpochSecrets(core, connection)

    def received(self) -> Iterator[Kept]:
        """Yield proofs of frames of other members."""
        for name in kept.unkept(self._connection, BATCH):
            data = self._frame(name)
            epoch = proofs.epoch_of(self._connection, data[4:36]) if data is not None else None
            yield self._proof(name, data, epoch, is_own=False)

    def _frame(self, name: bytes) -> bytes | None:
        """Return a received frame; None also where somebody altered what opens it: the others are kept all the same."""
        try:
            return kept.frame_of(self._connection, self._core.vault, name)
        except Fault:
            return None

    def sent(self) -> Iterator[Kept]:
        """Yield proofs of our own frames.

        A frame of less than a day ago that has not been sent yet is left for later.
        """
        for name, queued in kept.unkept_sent(self._connection, BATCH):
            found = proofs.own_frame(self._connection, name, queued)
            if found is None and self._core.clock() - queued < limits.DAY:
                continue  # it has not left yet
            data, epoch_id = found or (None, b"")
            epoch = recovery.epoch_data(self._connection, epoch_id)
            known = self._epochs.find(epoch_id, epoch)
            is_sent = data is not None and known is not None and known.has_sent(data, name)
            yield self._proof(name, data if is_sent else None, epoch, is_own=True)

    def _proof(self, name: bytes, data: bytes | None, epoch: bytes | None, *, is_own: bool) -> Kept:
        """Return the proof of a frame.

        An empty one if the frame or its key is gone, or the frame was altered, so that the frame is not examined again.
        """
        proof = self._opened(data, epoch) if data is not None and epoch is not None else None
        blob = proof.salts + proof.leaves if proof else b""
        is_whole = is_own and proof is not None
        sealed = self._core.vault.seal(blob, kept.about(name))
        return Kept(name, data if is_whole else None, epoch if is_whole else None, *sealed)

    def _opened(self, data: bytes, epoch: bytes) -> FrameProof | None:
        parsed = parse_stored(data)
        known = self._epochs.find(parsed.epoch_id, epoch) if parsed is not None else None
        if parsed is None or known is None or known.secret is None:
            return None
        try:
            return frame_proof(parsed, known.secret, known.realm)[1]
        except Refused:
            return None
