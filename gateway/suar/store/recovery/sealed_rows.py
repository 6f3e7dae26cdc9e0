"""Examines rows that are sealed and have no keyed hash: refused objects, kept proofs, notes of receipts.

Each function yields a name of every row that does not open, or that does not fit what is sealed in it. Nothing is
changed. A row that was deleted or emptied is not missed.
"""

from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import Connection, LargeBinary, Row, Table, cast, select

from suar.protocol.base.errors import Fault
from suar.protocol.base.primitives import ACTUAL, EXERCISE
from suar.protocol.transport import epoch as epochs
from suar.protocol.transport import frame as frames
from suar.store import tables as t
from suar.store.engine.keys import row_keys, stored_frames
from suar.store.engine.vault import Vault
from suar.store.messages import kept
from suar.store.outbound import receipt_notes

ROWS: Final = 64  # read at a time
_REALMS: Final = (ACTUAL, EXERCISE)
_DAMAGED: Final = (Fault, TypeError, ValueError)
"""What opening raises for values that this gateway did not write."""


def altered_quarantined(connection: Connection, vault: Vault) -> Iterator[str]:
    """Yield the numbers of rows of `quarantine` that are not as written; those that a recall emptied are."""
    for row in _rows(connection, t.quarantine):
        if row.sealed == row.sealed_key == b"" and row.size == 0:
            continue
        data = _opened(connection, vault, row, f"quarantine {row.sender}")
        if data is None or len(data) != row.size:
            yield str(row.n)


def altered_proofs(connection: Connection, vault: Vault) -> Iterator[str]:
    """Yield the beginnings of hashes of frames of which the row of `kept_proof` is not as written."""
    for row in _rows(connection, t.kept_proof):
        content = _opened(connection, vault, row, kept.about(row.frame_hash))
        if content is None or len(content) % kept.ENTRY or not _has_own_frame(connection, vault, row):
            yield row.frame_hash.hex()[:16]


def altered_notes(connection: Connection, vault: Vault) -> Iterator[str]:
    """Yield frame, member, stage and role of rows of `receipt_note` that are not as written."""
    for row in _rows(connection, t.receipt_note):
        about = (receipt_notes.about(row), receipt_notes.SEALED_BEFORE)
        if not any(_is_note(vault, row.note, each) for each in about):
            yield f"{row.frame_hash.hex()[:16]} {row.member} {row.stage} {row.role}"


def _rows(connection: Connection, table: Table) -> Iterator[Row[Any]]:
    """Yield all rows; what should be bytes is bytes, whatever type somebody put into an SQLite file."""
    columns = [
        cast(column, LargeBinary).label(column.name) if isinstance(column.type, LargeBinary) else column
        for column in table.c
    ]
    yield from connection.execute(select(*columns), execution_options={"yield_per": ROWS})


def _opened(connection: Connection, vault: Vault, row: Row[Any], about: str) -> bytes | None:
    """Return what is sealed in a row; None if it does not open."""
    try:
        return vault.open(row.sealed, row_keys.find(connection, row.sealed_key), about)
    except _DAMAGED:
        return None


def _is_note(vault: Vault, note: bytes, about: str) -> bool:
    try:
        bytes(vault.unwrap(note, about)).decode()
    except _DAMAGED:
        return False
    return True


def _has_own_frame(connection: Connection, vault: Vault, row: Row[Any]) -> bool:
    """Whether the row has the frame of its hash and the epoch of that frame, or neither."""
    if row.frame is None or row.epoch is None:
        return row.frame is row.epoch
    try:
        data = stored_frames.read(connection, vault, row.frame)
    except _DAMAGED:
        return False
    return data is not None and any(
        frames.frame_hash(data, realm) == row.frame_hash
        and epochs.id_of(row.epoch, realm) == stored_frames.epoch_id(data)
        for realm in _REALMS
    )
