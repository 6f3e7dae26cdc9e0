"""The head of each own chain, from which the chain continues after a restart, and its newest epochs."""

from collections.abc import Collection, Iterator, Sequence
from typing import Final

from sqlalchemy import Connection, select

from suar.protocol.transport.epoch import Link
from suar.protocol.transport.sending import SendingChain
from suar.store import tables as t
from suar.store.engine.upsert import upsert

_o: Final = t.outbox


def save(connection: Connection, signer: bytes, chains: Sequence[SendingChain]) -> None:
    """[E12] Store the head of each own chain, in the transaction that stores the sealed objects."""
    rows = [
        {
            "signer": signer, "realm": chain.realm, "channel": chain.channel, "epoch_id": chain.end.epoch_id,
            "frames": chain.end.frames, "hash": chain.end.hash, "not_before": chain.not_before,
        }
        for chain in chains
    ]  # fmt: skip
    upsert(connection, t.own_head, rows)


def load(connection: Connection, signer: bytes) -> list[tuple[str, str, Link, int]]:
    """Return (realm, channel, link, not_before) of every chain with that key."""
    h = t.own_head
    rows = connection.execute(select(h).where(h.c.signer == signer))
    return [(row.realm, row.channel, Link(row.epoch_id, row.frames, row.hash), row.not_before) for row in rows]


def newest_epochs(
    connection: Connection, realm: str, channels: Collection[str], most: int
) -> Iterator[tuple[bytes, bytes]]:
    """Yield the id and the bytes of the newest own epochs of these channels, at most so many of each."""
    for channel in channels:
        found = select(_o.c.epoch_id, _o.c.data).where(_o.c.channel == channel, _o.c.realm == realm, _o.c.seq.is_(None))
        for row in connection.execute(found.order_by(_o.c.n.desc()).limit(most)):
            yield row.epoch_id, row.data


def has_frame_of(connection: Connection, epoch_id: bytes, id_: str, rev: int) -> bool:
    """Whether a frame of this epoch contains the revision."""
    hashes = select(t.place.c.frame_hash).where(t.place.c.id == id_, t.place.c.rev == rev)
    found = select(_o.c.n).where(_o.c.epoch_id == epoch_id, _o.c.frame_hash.in_(hashes)).limit(1)
    return connection.execute(found).first() is not None
