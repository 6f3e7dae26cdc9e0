"""What of a member waits here: a look-up for `why`."""

from typing import NamedTuple

from sqlalchemy import Connection, case, func, select

from suar.store import tables as t

_w = t.waiting


class WaitCounts(NamedTuple):
    """Objects of one member that wait here: for their time, for a trust list."""

    for_time: int
    for_list: int


def wait_counts(connection: Connection, member: str) -> WaitCounts:
    """What of this member waits."""
    for_list = func.sum(case((_w.c.code == "E-EPOCH-TRUST", 1), else_=0))
    row = connection.execute(select(func.count(_w.c.for_time), for_list).where(_w.c.sender == member)).one()
    return WaitCounts(row[0] or 0, row[1] or 0)
