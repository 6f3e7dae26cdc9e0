"""The head of each own chain, from which the chain continues after a restart."""

from collections.abc import Sequence

from sqlalchemy import Connection, select

from suar.protocol.transport.epoch import Link
from suar.protocol.transport.sending import SendingChain
from suar.store import tables as t
from suar.store.engine.upsert import upsert


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
