"""Statements about own messages by people of other members, and about holds and backups by their gateways.

A row has stage, role, and an encrypted note, which may be empty. The encryption of a note is bound to its whole row, so
that a row whose role, member or message was edited cannot be decrypted.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Row, bindparam, delete, select

from suar.store import tables as t
from suar.store.engine.prepared import Insert, Prepared
from suar.store.outbound.delivery_view import join_indexes, split_indexes

SEALED_BEFORE: Final = "receipt-note"
"""What the seal of a note was bound to before it was bound to its row."""

_n, _p = t.receipt_note, t.place
_KEEP: Final = Insert(_n, "frame_hash", "member", "stage", "role", "places", "at", "note", keep=True)
_BEFORE: Final = Prepared(
    select(_n.c.places).where(
        _n.c.frame_hash == bindparam("frame_hash"), _n.c.member == bindparam("member"),
        _n.c.stage == bindparam("stage"), _n.c.role == bindparam("role"),
    )
)  # fmt: skip
_ABOUT: Final = Prepared(
    select(_n.c.frame_hash, _n.c.member, _n.c.stage, _n.c.role, _n.c.places, _n.c.at, _n.c.note, _p.c.place)
    .join(_p, _p.c.frame_hash == _n.c.frame_hash)
    .where(_p.c.id == bindparam("id"), _p.c.rev == bindparam("rev"))
)


class ReceiptNote(NamedTuple):
    """The member, stage and role of its author, the time of arrival (ms), and the note, encrypted with `about` as
    context.
    """

    member: str
    stage: str
    role: str
    at: int
    about: str
    note: bytes


class Statement(NamedTuple):
    """A statement of a member's person in this stage and role, with the time of its arrival (ms)."""

    member: str
    stage: str
    role: str
    at: int


def keep(
    connection: Connection,
    statement: Statement,
    entries: Iterable[tuple[bytes, Sequence[int] | None]],
    seal: Callable[[str], bytes],
) -> None:
    """Store a note about these (frame hash, indexes; None: every message), each of an own frame.

    `seal` returns the sealed note for the row that its argument names. Only the first note of a member, stage and role
    is stored, so a member cannot create more notes than a frame has messages.
    """
    key = {"member": statement.member, "stage": statement.stage, "role": statement.role}
    rows = []
    for frame_hash, indexes in entries:
        before = [row.places for row in _BEFORE.rows(connection, frame_hash=frame_hash, **key)]
        new = set(indexes or ()) - {index for each in before for index in split_indexes(each)}
        if "" in before or (indexes is not None and not new):
            continue
        kept = "" if indexes is None else join_indexes(new)
        bound = _about(frame_hash, statement.member, statement.stage, statement.role, kept, statement.at)
        rows.append((frame_hash, *statement[:3], kept, statement.at, seal(bound)))
    if rows:
        _KEEP.insert(connection, rows)


def drop(
    connection: Connection, statement: Statement, entries: Iterable[tuple[bytes, Sequence[int] | None]]
) -> None:  # fmt: skip
    """Delete the earlier note of the member, stage and role about the same messages of each frame."""
    by = (_n.c.member == statement.member, _n.c.stage == statement.stage, _n.c.role == statement.role)
    for frame_hash, indexes in entries:
        joined = "" if indexes is None else join_indexes(indexes)
        connection.execute(delete(_n).where(_n.c.frame_hash == frame_hash, _n.c.places == joined, *by))


def _about(frame_hash: bytes, member: str, stage: str, role: str, indexes: str, at: int) -> str:
    return f"receipt-note {frame_hash.hex()} {member} {stage} {role} {indexes} {at}"


def about(row: Row[Any]) -> str:
    """Return what the note of a whole row is bound to by its seal."""
    return _about(bytes(row.frame_hash), row.member, row.stage, row.role, row.places, row.at)


def notes_about(connection: Connection, id_: str, rev: int) -> list[ReceiptNote]:
    """Return every note about one own revision, the oldest first."""
    found = {
        ReceiptNote(
            row.member, row.stage, row.role, row.at, about(row), bytes(row.note),
        )
        for row in _ABOUT.rows(connection, id=id_, rev=rev)
        if not row.places or f",{row.place}," in row.places
    }  # fmt: skip
    return sorted(found, key=lambda each: (each.at, each))
