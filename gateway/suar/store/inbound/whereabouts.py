"""Counts of waiting objects of a member, for `why`."""

from typing import NamedTuple

from sqlalchemy import Connection, case, func, select

from suar.store import tables as t

_w = t.waiting


class WaitCounts(NamedTuple):
    """The numbers of objects of one member that wait for their time, epochs among them, and for a trust list."""

    for_time: int
    epochs_for_time: int
    for_list: int


def wait_counts(connection: Connection, member: str) -> WaitCounts:
    """Return what waits of this member."""
    for_list = func.sum(case((_w.c.code == "E-EPOCH-TRUST", 1), else_=0))
    epochs = func.count(case((_w.c.type == "epoch", _w.c.for_time)))
    row = connection.execute(select(func.count(_w.c.for_time), epochs, for_list).where(_w.c.sender == member)).one()
    return WaitCounts(row[0], row[1], row[2] or 0)
