"""Where a message of ours stands among our frames, and what of a member waits here: look-ups for `why` and checks."""

from typing import NamedTuple

from sqlalchemy import Connection, case, func, select

from suar.protocol.subjects import ALL
from suar.store import tables as t

_o, _p, _w = t.outbox, t.place, t.waiting


class Waiting(NamedTuple):
    """Objects of one member that wait here: for their time, for a trust list."""

    for_time: int
    for_list: int


def frames_with(connection: Connection, id_: str, rev: int, member: str) -> list[tuple[bytes, int]]:
    """(epoch, number) of the frames that bring the message to the member."""
    joined = _p.join(_o, _o.c.frame_hash == _p.c.frame_hash)
    wanted = (_p.c.id == id_, _p.c.rev == rev, _o.c.channel.in_((ALL, member)))
    rows = connection.execute(select(_o.c.epoch_id, _o.c.seq).select_from(joined).where(*wanted))
    return [(bytes(epoch_id), seq) for epoch_id, seq in rows]


def waits_of(connection: Connection, member: str) -> Waiting:
    """What of this member waits."""
    for_list = func.sum(case((_w.c.code == "E-EPOCH-TRUST", 1), else_=0))
    row = connection.execute(select(func.count(_w.c.for_time), for_list).where(_w.c.sender == member)).one()
    return Waiting(row[0] or 0, row[1] or 0)
