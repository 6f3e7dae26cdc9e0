"""The state of an own message at each member, derived from the rows of its frames and its own rows."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, FromClause, Row, Table, bindparam, literal_column, select

from suar.protocol.base import stages
from suar.protocol.base.subjects import ALL
from suar.store import tables as t
from suar.store.engine.prepared import Lookup, Prepared, Rows
from suar.store.engine.verifying import is_as_written

RANK: Final = {stage: rank for rank, stage in enumerate(stages.EVERY)}
_OF_RECALL: Final = (stages.HELD_BY_LAW, stages.RECALLED)
_STATED: Final = frozenset({*stages.ARRIVED, *_OF_RECALL, "refused"})  # a row of another state has no time


class Delivery(NamedTuple):
    """One message at one member: `state` is the latest stage; times in ms, None if not reached."""

    member: str
    state: str
    sent: int | None = None
    stored: int | None = None
    opened: int | None = None
    acknowledged: int | None = None
    acting: int | None = None
    held_by_law: int | None = None
    recalled: int | None = None
    refused: int | None = None
    refused_code: str | None = None


def is_answer_due(row: Delivery) -> bool:
    """Whether the member has neither acknowledged the message nor sent another final answer."""
    answers = (row.acknowledged, row.acting, row.held_by_law, row.recalled, row.refused)
    return all(at is None for at in answers)


def join_codes(members: Iterable[str]) -> str:
    """Return member codes in column form, each followed by a comma, so that `SG,` can be found and removed."""
    return _joined(tuple(members))


@lru_cache(maxsize=1024)  # messages of a batch have few audiences
def _joined(members: tuple[str, ...]) -> str:
    return "".join(f"{member}," for member in sorted(members))


def split_codes(members: str | None) -> list[str]:
    """Return the member codes of such a column."""
    return members.split(",")[:-1] if members else []


def waiting_members(readers: str, channel: str, left_out: Collection[str]) -> str:
    """Return the members that a frame in `channel`, with messages for `readers`, waits for."""
    reached = split_codes(readers) if channel == ALL else [channel]
    return join_codes(member for member in reached if member not in left_out)


def join_indexes(indexes: Iterable[int]) -> str:
    """Return indexes of a frame in the form of `statement`: `,0,5,`."""
    return "".join(f",{index}" for index in sorted(indexes)) + ","


def split_indexes(text: str) -> set[int]:
    """Return the indexes of such a column; empty for every message of the frame."""
    return {int(index) for index in text.split(",") if index}


_m, _p, _f, _s, _d, _r = t.message, t.place, t.own_frame, t.statement, t.delivery, t.receipt


def waits_for_some(own_frame: FromClause) -> ColumnElement[bool]:
    """Return the condition of the index of waiting frames, verbatim: the index is not used for a parameter."""
    return own_frame.c.waits != literal_column("''")


IS_WAITING: Final = waits_for_some(_f)
_READERS: Final = Prepared(select(_m.c.readers).where(_m.c.id == bindparam("id"), _m.c.rev == bindparam("rev")))
_PLACES: Final = Prepared(select(_p).where(_p.c.id == bindparam("id"), _p.c.rev == bindparam("rev")))
_FRAMES: Final = Prepared(select(_f).where(_f.c.hash == bindparam("frame_hash")))
_STATEMENTS: Final = Prepared(select(_s).where(_s.c.frame_hash == bindparam("frame_hash")))
_RECEIPTS: Final = Lookup(_r.c.digest, _r.c.member, _r.c.data)
_ROWS: Final = Prepared(select(_d).where(_d.c.id == bindparam("id"), _d.c.rev == bindparam("rev")))


def readers(connection: Connection, id_: str, rev: int) -> list[str]:
    """Return the recipients of an own message; empty if there is no such message."""
    rows = _READERS.rows(connection, id=id_, rev=rev)
    return split_codes(rows[0].readers) if rows else []


def deliveries(connection: Connection, id_: str, rev: int) -> list[Delivery]:
    """Return the deliveries of one own revision to every recipient, by rows that are as this gateway wrote them."""
    rows = {row.member: row for row in _written(connection, _d, _ROWS.rows(connection, id=id_, rev=rev))}
    frames, statements = list[Any](), defaultdict[str, Rows](list)
    for placed in _written(connection, _p, _PLACES.rows(connection, id=id_, rev=rev)):
        frames += _written(connection, _f, _FRAMES.rows(connection, frame_hash=placed.frame_hash))
        for each in _statements_about(connection, placed):
            statements[each.member].append(each)
    found = []
    for member in readers(connection, id_, rev):
        left = [frame.sent for frame in frames if frame.sent is not None and frame.channel in (ALL, member)]
        first = _first_of_each(statements[member])
        row = rows.get(member)
        found.append(_by_frames(member, left, first) if row is None else _by_row(row, first))
    return found


def _statements_about(connection: Connection, row: Any) -> Iterator[Any]:
    """Yield what members stated about the message at an index of a frame."""
    for each in _written(connection, _s, _STATEMENTS.rows(connection, frame_hash=row.frame_hash)):
        if each.stage in _STATED and (not each.places or f",{row.place}," in each.places):
            yield each


def receipts_of_recall(connection: Connection, id_: str, rev: int) -> list[Row[Any]]:
    """Return (member, digest, data) of the receipts that state what became of a recalled revision: one of each member.

    It is the furthest, and of two the later: the end of a legal hold states `recalled` after `held-by-law`.
    """
    furthest: dict[str, Any] = {}
    for row in _written(connection, _p, _PLACES.rows(connection, id=id_, rev=rev)):
        for each in _statements_about(connection, row):
            if each.stage in _OF_RECALL:
                furthest[each.member] = max(furthest.get(each.member, each), each, key=_how_far)
    return _RECEIPTS.rows(connection, [each.receipt for each in furthest.values()])


def _how_far(statement: Any) -> tuple[int, int]:
    return RANK[statement.stage], statement.at


def _written(connection: Connection, table: Table, found: Rows) -> Rows:
    return [row for row in found if is_as_written(connection, table, row)]


def _first_of_each(statements: Rows) -> dict[str, Any]:
    """Return stage -> the first statement of that stage."""
    return {each.stage: each for each in sorted(statements, key=lambda each: -each.at)}


def _times(first: Mapping[str, Any]) -> dict[str, Any]:
    refused = first.get("refused")
    times = {stage.replace("-", "_"): each.at for stage, each in first.items()}
    return times | {"refused_code": refused.code if refused else None}


def _by_row(row: Any, first: Mapping[str, Any]) -> Delivery:
    """Return a delivery whose row determines the state, regardless of earlier statements."""
    times = _times(first) | {"sent": row.sent}
    if row.refused is not None:
        times |= {"refused": row.refused, "refused_code": row.refused_code}
    return Delivery(row.member, row.state, **times)


def _by_frames(member: str, left: Sequence[int], first: Mapping[str, Any]) -> Delivery:
    """Return a delivery without a row; a refusal applies until the message is stored after all."""
    reached = [stage for stage in first if stage != "refused"]
    if reached:
        state = max(reached, key=RANK.__getitem__)
    elif first:
        state = "refused"
    else:
        state = "sent" if left else "queued"
    stored = first["stored"].at if "stored" in first else None
    return Delivery(member, state, sent=_when(left, stored), **_times(first))


def _when(left: Sequence[int], stored: int | None) -> int | None:
    """Return the last time of sending before the message was stored."""
    before = [at for at in left if stored is None or at <= stored]
    return max(before, default=min(left, default=None))
