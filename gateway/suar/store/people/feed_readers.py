"""Agencies that read FEED at the own NATS server: the public nkey of each, and its position."""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct, structs
from sqlalchemy import Connection, insert, select, update

from suar.store import tables as t

_r = t.feed_reader
REPLAYED: Final = 1000
"""By how much a replay increases `run`: more than the writer increases it before storing it."""


class FeedReader(Struct, frozen=True, kw_only=True):
    """A reader; the columns of its row. `nkey` is empty after its removal: then it no longer reads."""

    name: str
    nkey: str
    run: int = 0
    position: str = ""
    floor: int = 0
    unread: int = 0
    last: int = 0
    saved_at: int = 0


def add(connection: Connection, reader: FeedReader) -> None:
    """Store a new reader."""
    connection.execute(insert(_r), structs.asdict(reader))


def load(connection: Connection) -> list[FeedReader]:
    """Return all readers with an nkey, by name."""
    rows = connection.execute(select(_r).where(_r.c.nkey != "").order_by(_r.c.name))
    return [FeedReader(**{name: getattr(row, name) for name in FeedReader.__struct_fields__}) for row in rows]


def set_nkey(connection: Connection, name: str, nkey: str | None) -> None:
    """Set another nkey, with which a reader continues. Without an nkey it ends; with one again it begins from the
    start.

    Its row remains, so that nothing is published again under the id of a message that the server knows.
    """
    if nkey is None:
        restart(connection, name, "")
    is_there = connection.execute(update(_r).where(_r.c.name == name).values(nkey=nkey or "")).rowcount == 1
    if nkey is not None and not is_there:
        add(connection, FeedReader(name=name, nkey=nkey))


def restart(connection: Connection, name: str, position: str) -> bool:
    """Let a reader begin again after a position of the feed; returns False if there is none of that name."""
    values = {"run": _r.c.run + REPLAYED, "position": position}
    return connection.execute(update(_r).where(_r.c.name == name).values(values)).rowcount == 1


def save(connection: Connection, readers: Sequence[FeedReader]) -> None:
    """Store the position of each, unless it ended or was restarted in the meantime."""
    for each in readers:
        values = {name: value for name, value in structs.asdict(each).items() if name not in ("name", "nkey")}
        connection.execute(update(_r).where(_r.c.name == each.name, _r.c.run <= each.run).values(values))
