"""What people of other members said of own messages: stage, role, and a sealed note, which may be empty."""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from sqlalchemy import Connection, bindparam, select

from suar.store import tables as t
from suar.store.engine.prepared import Insert, Prepared
from suar.store.outbound.delivery_view import join_indexes, split_indexes

_n, _p = t.receipt_note, t.place
_KEEP: Final = Insert(_n, "frame_hash", "member", "stage", "role", "places", "at", "note", keep=True)
_BEFORE: Final = Prepared(
    select(_n.c.places).where(
        _n.c.frame_hash == bindparam("frame_hash"), _n.c.member == bindparam("member"),
        _n.c.stage == bindparam("stage"), _n.c.role == bindparam("role"),
    )
)  # fmt: skip
_ABOUT: Final = Prepared(
    select(_n.c.member, _n.c.stage, _n.c.role, _n.c.places, _n.c.at, _n.c.note, _p.c.place)
    .join(_p, _p.c.frame_hash == _n.c.frame_hash)
    .where(_p.c.id == bindparam("id"), _p.c.rev == bindparam("rev"))
)


class ReceiptNote(NamedTuple):
    """A note: its author's member, stage and role, and the time of arrival (ms); `note` is sealed."""

    member: str
    stage: str
    role: str
    at: int
    note: bytes


def keep(connection: Connection, noted: ReceiptNote, entries: Iterable[tuple[bytes, Sequence[int] | None]]) -> None:
    """Store a note about these (frame hash, indexes; None: every message), each of an own frame.

    Only the first note of a member, stage and role is stored, so a member cannot create more notes than a frame has
    messages.
    """
    about = {"member": noted.member, "stage": noted.stage, "role": noted.role}
    rows = []
    for frame_hash, places in entries:
        before = [row.places for row in _BEFORE.rows(connection, frame_hash=frame_hash, **about)]
        new = set(places or ()) - {place for each in before for place in split_indexes(each)}
        if "" in before or (places is not None and not new):
            continue
        kept = "" if places is None else join_indexes(new)
        rows.append((frame_hash, noted.member, noted.stage, noted.role, kept, noted.at, noted.note))
    if rows:
        _KEEP.insert(connection, rows)


def notes_about(connection: Connection, id_: str, rev: int) -> list[ReceiptNote]:
    """Return every note about one own revision, the oldest first."""
    found = {
        ReceiptNote(row.member, row.stage, row.role, row.at, bytes(row.note))
        for row in _ABOUT.rows(connection, id=id_, rev=rev)
        if not row.places or f",{row.place}," in row.places
    }
    return sorted(found, key=lambda each: (each.at, each))
