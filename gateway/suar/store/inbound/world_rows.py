"""The rows of the world: what admission needs after a restart, and its look-ups."""

from typing import Final

import msgspec
from sqlalchemy import Connection, and_, bindparam, delete, func, insert, select

from suar.protocol.base import limits
from suar.protocol.base.primitives import KemKey
from suar.protocol.transport.replay import HeldFrame
from suar.protocol.transport.world import Chain, ChainKey, Changes, EpochState, Neighbours, Revision
from suar.protocol.trust import bundle as bundles
from suar.store import tables as t
from suar.store.engine.prepared import Insert, Prepared
from suar.store.engine.upsert import upsert
from suar.store.engine.vault import Vault
from suar.store.inbound import held_frames
from suar.store.inbound.held_frames import FrameNumber
from suar.store.tables.columns import blob

_FRAMES: Final = Insert(t.frame, "epoch_id", "seq", "hash", "prev", "messages", "tag")
_MUTABLE: Final = (
    "kind", "live", "next", "last_hash", "missing", "bound", "tail_hash", "frozen", "tip_frames", "tip_signature",
)  # fmt: skip
_MOVE_EPOCH: Final = Prepared(
    t.epoch.update().where(t.epoch.c.id == bindparam("epoch_id")).values({name: bindparam(name) for name in _MUTABLE})
)
_NOTHING: Final = Neighbours(None, None)
_DIGITS: Final = 6  # the prefix of a message id before its number, such as TH-ALERT-2027-
SERIES_MAX: Final = 10_000  # series in the cache; a member may write any year


_FRAME: Final = Prepared(
    select(t.frame.c.hash, t.frame.c.prev, t.frame.c.messages, t.frame.c.tag).where(
        t.frame.c.epoch_id == bindparam("epoch_id"), t.frame.c.seq == bindparam("seq")
    )
)
_LAST: Final = select(func.max(t.message.c.rev)).where(t.message.c.id == bindparam("id")).scalar_subquery()
_REVISIONS: Final = Prepared(  # two look-ups in the key of id and revision, and one for the highest in it
    select(t.message.c.rev, t.message.c.digest, t.message.c.action, t.message.c.realm).where(
        t.message.c.id == bindparam("id"), t.message.c.rev.in_([bindparam("rev"), _LAST])
    )
)
_HIGHEST: Final = Prepared(
    select(func.max(t.message.c.id).label("id")).where(t.message.c.id.between(bindparam("first"), bindparam("last")))
)
_RECEIPT: Final = Prepared(select(t.receipt.c.stage).where(t.receipt.c.digest == bindparam("digest")))


class HeldRows:
    """`Held` in the open transaction: each query is one statement that reads as many rows however many there are."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._connection: Connection
        self.altered: list[FrameNumber] = []  # rows of this transaction that somebody else wrote; they are deleted
        self._highest: dict[str, str] = {}  # series -> an id that no stored one is above

    def attach(self, connection: Connection) -> None:
        """Use this transaction until the next `attach`."""
        self._connection = connection
        self.altered = []

    def frame(self, epoch_id: bytes, seq: int) -> HeldFrame | None:
        """Return the frame that used up this number; None also where its row is not as this gateway wrote it."""
        rows = _FRAME.rows(self._connection, epoch_id=epoch_id, seq=seq)
        if not rows:
            return None
        number, held = FrameNumber(epoch_id, seq), HeldFrame(blob(rows[0].hash), blob(rows[0].prev))
        bound = blob(rows[0].tag) if rows[0].tag is not None else None
        if held_frames.is_genuine(self._vault, number, held, rows[0].messages, bound):
            return held
        held_frames.forget(self._connection, number)
        self.altered.append(number)
        return None

    def revisions(self, id_: str, rev: int) -> Neighbours:
        """Return the accepted revision of an id at that number, and the highest one.

        Numbers of messages rise, so most new ids are known to be above all held ones.
        """
        series = id_[:-_DIGITS]
        highest = self._highest.get(series)
        if highest is None:
            highest = self._highest_of(series)
        if id_ > highest:
            self._highest[series] = id_
            return _NOTHING
        rows = _REVISIONS.rows(self._connection, id=id_, rev=rev)
        found = sorted(Revision(row.rev, bytes(row.digest), row.action == "cancel", row.realm) for row in rows)
        same = next((each for each in found if each.rev == rev), None)
        return Neighbours(same, found[-1]) if found else _NOTHING

    def _highest_of(self, series: str) -> str:
        if len(self._highest) >= SERIES_MAX:
            self._highest.clear()
        (row,) = _HIGHEST.rows(self._connection, first=series + "0" * _DIGITS, last=series + "9" * _DIGITS)
        return self._highest.setdefault(series, row.id or "")

    def has_receipt(self, digest: bytes) -> bool:
        """Whether a receipt of these bytes is stored."""
        return bool(_RECEIPT.rows(self._connection, digest=digest))


# -- writing


def save_changes(connection: Connection, changes: Changes, now: int, vault: Vault) -> None:
    """Write what admission changed in the world, in the caller's transaction."""
    for content, data in changes.lists:
        row = {"version": content.version, "data": data, "accepted_at": now}
        connection.execute(insert(t.trust_list), row)
    for kid, data in changes.revokes:
        upsert(connection, t.revoke, [{"kid": kid, "data": data, "accepted_at": now}])
    for accepted in changes.bundles:
        upsert(connection, t.bundle, [{"signer": accepted.signer, "data": accepted.data, "accepted_at": now}])
    for state in changes.epochs.values():
        _save_epoch(connection, state)
    for key, chain in changes.chains.items():
        _save_missing(connection, key, chain)
    rows = []
    for number, held in changes.frames.items():
        count = changes.kept.get(held.hash, 0)
        rows.append((*number, *held, count, held_frames.tag(vault, FrameNumber(*number), held, count)))
    _FRAMES.insert(connection, rows)
    if changes.highest_time is not None:
        upsert(connection, t.meta, [{"name": "highest_time", "value": str(changes.highest_time)}])


def _save_epoch(connection: Connection, state: EpochState) -> None:
    sequence = state.sequence
    mutable = {
        "kind": state.kind,
        "live": state.is_live,
        "next": sequence.next,
        "last_hash": sequence.last_hash,
        "missing": msgspec.msgpack.encode(list(sequence.missing)),
        "bound": sequence.bound,
        "tail_hash": sequence.tail_hash,
        "frozen": sequence.is_frozen,
        "tip_frames": state.tip_frames,
        "tip_signature": state.tip_signature,
    }
    if state.data:
        fixed = {"id": state.id, **state.chain._asdict(), "data": state.data}
        connection.execute(insert(t.epoch), fixed | mutable | {"not_before": state.epoch.not_before})
        state.data = b""
    else:
        _MOVE_EPOCH.run(connection, epoch_id=state.id, **mutable)


def _save_missing(connection: Connection, key: ChainKey, chain: Chain) -> None:
    m = t.missing_epoch
    connection.execute(delete(m).where(m.c.signer == key.signer, m.c.realm == key.realm, m.c.channel == key.channel))
    rows = [
        key._asdict() | {"id": id_, "frames": missing.frames, "hash": missing.hash}
        for id_, missing in chain.missing.items()
    ]
    if rows:
        connection.execute(insert(m), rows)


# -- retention


def forget_old(connection: Connection, before: int) -> None:
    """Delete epochs and their frames' hashes that began before that time and are not the newest of their chain."""
    e, f = t.epoch, t.frame
    newest = select(func.max(e.c.n)).group_by(e.c.signer, e.c.realm, e.c.channel)
    old = and_(e.c.not_before < before, e.c.n.not_in(newest))
    connection.execute(delete(f).where(f.c.epoch_id.in_(select(e.c.id).where(old))))
    connection.execute(delete(e).where(old))


def kem_key(connection: Connection, vault: Vault, kid: bytes) -> KemKey | None:
    """Return our private bundle key of that name, or None if its seed is not stored."""
    sealed = connection.execute(select(t.kem_seed.c.sealed).where(t.kem_seed.c.kid == kid)).scalar()
    return None if sealed is None else KemKey(vault.unwrap(sealed, f"kem seed {kid.hex()}"))


def add_seed(connection: Connection, vault: Vault, seed: bytes, bundle: bundles.Bundle) -> None:
    """Store the private seed of a bundle of ours, sealed."""
    row = {
        "kid": bundle.kid,
        "sealed": vault.wrap(seed, f"kem seed {bundle.kid.hex()}"),
        "not_before": bundle.not_before,
        "not_after": bundle.not_after,
    }
    connection.execute(insert(t.kem_seed), row)


def erase_seeds(connection: Connection, now: int) -> list[bytes]:
    """[K8] Erase the seeds that no stored frame can need any more; returns their kids."""
    due = t.kem_seed.c.not_after + limits.SEED_ERASED_AFTER <= now
    kids = list(connection.execute(select(t.kem_seed.c.kid).where(due)).scalars())
    connection.execute(delete(t.kem_seed).where(due))
    return kids
