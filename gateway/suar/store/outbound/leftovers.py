"""Copies of a recalled text outside its row: quarantine, evidence of alarms, samples, and objects in the own INBOX.

What was refused keeps its row with sender, code, rule and time; only the object itself is destroyed.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, LargeBinary, Row, Select, and_, cast, delete, func, select, update

from suar.protocol.base import limits, subjects
from suar.protocol.base.errors import Fault
from suar.protocol.transport import frame as frames
from suar.store import tables as t
from suar.store.engine.upsert import insert_new
from suar.store.engine.vault import Vault

ROWS: Final = 256  # examined in one step
BYTES: Final = 4 * 1024 * 1024  # opened in one step, or one larger object

_a, _i, _q, _s = t.alarm, t.inbox_erasure, t.quarantine, t.sample


class Kept(NamedTuple):
    """A stored object and the number of its row."""

    n: int
    data: bytes


def quarantined_after(connection: Connection, vault: Vault, after: int) -> list[Kept]:
    """Return the next quarantined objects after row `after`, as many as one step decrypts; none after the last."""
    wanted = select(_q.c.n, _q.c.size).where(_q.c.n > after).order_by(_q.c.n).limit(ROWS)
    numbers = _within(connection, wanted)
    rows = connection.execute(select(_q).where(_q.c.n.in_(numbers)).order_by(_q.c.n)).all()
    return [Kept(row.n, _opened(vault, row)) for row in rows]


def evidence_after(connection: Connection, after: int) -> list[Kept]:
    """Return the same of the objects that raised alarms."""
    has_object = and_(_a.c.n > after, func.length(_a.c.evidence) > 0)
    numbers = _within(
        connection, select(_a.c.n, func.length(_a.c.evidence).label("size")).where(has_object).limit(ROWS)
    )
    evidence = cast(_a.c.evidence, LargeBinary).label("evidence")  # SQLite keeps any type: the bytes are the same
    rows = connection.execute(select(_a.c.n, evidence).where(_a.c.n.in_(numbers)).order_by(_a.c.n)).all()
    return [Kept(row.n, row.evidence) for row in rows]


def _within(connection: Connection, wanted: Select[Any]) -> list[int]:
    """Return the numbers of the first rows that have at most BYTES together; at least one."""
    found: list[int] = []
    left = BYTES
    rows: list[Row[Any]] = list(connection.execute(wanted.order_by("n")))
    for row in rows:
        left -= row.size
        if found and left < 0:
            break
        found.append(row.n)
    return found


def _opened(vault: Vault, row: Row[tuple[int, ...]]) -> bytes:
    """Return the object; nothing if it was destroyed, or if the row is not as it was written."""
    if not row.sealed:
        return b""
    try:
        return vault.open(row.sealed, row.sealed_key, f"quarantine {row.sender}")
    except (Fault, TypeError, ValueError):
        return b""


def empty_quarantined(connection: Connection, numbers: Sequence[int]) -> None:
    """Destroy the objects of these rows of quarantine."""
    gone = {"sealed": b"", "sealed_key": b"", "size": 0}
    connection.execute(update(_q).where(_q.c.n.in_(numbers)).values(gone))


def empty_evidence(connection: Connection, numbers: Sequence[int]) -> None:
    """Destroy the objects that raised these alarms."""
    connection.execute(update(_a).where(_a.c.n.in_(numbers)).values(evidence=None, evidence_digest=None))


# -- copies that are found by the name of their frame


def destroy_copies(
    connection: Connection,
    origin: str,
    hashes: Iterable[bytes],
    epoch_id_of: Callable[[Connection, bytes], bytes | None],
) -> set[str]:
    """Destroy refused copies of these frames of `origin`, and note those in INBOX (`inbox_copies`).

    Returns the tables that had copies. `epoch_id_of` returns the epoch of a frame that is still stored; call this
    before it is destroyed.
    """
    found: set[str] = set()
    for name in hashes:
        whole = select(_q.c.n).where(_q.c.frame_hash == name, _q.c.place.is_(None))
        numbers = list(connection.execute(whole).scalars())
        empty_quarantined(connection, numbers)
        epoch_id = epoch_id_of(connection, name)
        has_sample = epoch_id is not None and _note_by_epoch(connection, origin, name, epoch_id)
        found |= {table for table, is_there in (("quarantine", bool(numbers)), ("sample", has_sample)) if is_there}
    return found


def _note_by_epoch(connection: Connection, origin: str, frame_hash: bytes, epoch_id: bytes) -> bool:
    """Note the copies in INBOX, and delete the samples of the epoch; returns whether there were some."""
    head = frames.MAGIC + epoch_id
    gone = connection.execute(delete(_s).where(func.substr(_s.c.data, 1, len(head)) == head)).rowcount
    e = t.epoch
    row = connection.execute(select(e.c.realm, e.c.channel).where(e.c.id == epoch_id)).first()
    if row is not None:
        subject = subjects.hub(origin, subjects.frame(row.realm, row.channel, epoch_id))
        note_copy(connection, frame_hash, subject, row.realm)
    return gone > 0


def note_copy(connection: Connection, frame_hash: bytes, subject: str, realm: str) -> None:
    """Note that copies of this frame are to be deleted in INBOX."""
    insert_new(connection, _i, [{"frame_hash": frame_hash, "subject": subject, "realm": realm}])


def inbox_copies(connection: Connection) -> list[Row[tuple[bytes, str, str]]]:
    """Return (frame_hash, subject, realm) of frames that are still to be deleted in INBOX, some at a time."""
    columns = (_i.c.frame_hash, _i.c.subject, _i.c.realm)
    return list(connection.execute(select(*columns).order_by(_i.c.subject).limit(limits.FRAME_MESSAGES_MAX)))


def mark_deleted(connection: Connection, hashes: Sequence[bytes]) -> None:
    """Record that INBOX has no copy of these frames any more."""
    connection.execute(delete(_i).where(_i.c.frame_hash.in_(hashes)))
