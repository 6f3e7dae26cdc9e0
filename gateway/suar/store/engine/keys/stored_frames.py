"""Frames as they are stored: sealed under a salt in `row_key` where the database keeps earlier versions of rows.

A frame opens with its epoch's secret, which this gateway can derive for weeks. So it may not be left in a file after a
recall. The head of a sealed one stays readable: its epoch is needed after the rest is destroyed.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, func

from suar.protocol.transport import frame as frames
from suar.store.engine.keys import row_keys
from suar.store.engine.vault import Vault
from suar.store.tables.columns import blob

_MAGIC: Final = b"suar-row"  # no frame begins with it: frames.MAGIC
_HEAD: Final = len(frames.MAGIC) + 32  # bytes of a frame: its magic and its epoch's id
_NAMED: Final = len(_MAGIC) + row_keys.NAME


def seal(connection: Connection, vault: Vault, every: Sequence[bytes | None]) -> list[bytes | None]:
    """Return what is stored of these frames, in order; None for None."""
    if not row_keys.has_key_table(connection):
        return list(every)
    sealed = [vault.seal(data[_HEAD:], _about(data[:_HEAD])) for data in every if data is not None]
    names = iter(row_keys.put(connection, [salt for _, salt in sealed]))
    bodies = (body for body, _ in sealed)
    return [None if data is None else _MAGIC + next(names) + data[:_HEAD] + next(bodies) for data in every]


def read(connection: Connection, vault: Vault, stored: bytes) -> bytes | None:
    """Return a frame as it was received; None if its key is destroyed. Raises Fault if the row was changed."""
    name = name_of(stored)
    if name is None:
        return stored
    salt = row_keys.find(connection, name)
    head = stored[_NAMED : _NAMED + _HEAD]
    return head + vault.open(stored[_NAMED + _HEAD :], salt, _about(head)) if salt else None


def epoch_id(stored: bytes) -> bytes:
    """Return the id of a stored frame's epoch."""
    first = len(frames.MAGIC) + (_NAMED if name_of(stored) is not None else 0)
    return stored[first : first + 32]


def name_of(stored: bytes) -> bytes | None:
    """Return the name of a sealed frame's salt, from at least its first NAMED bytes; None of an open one."""
    return stored[len(_MAGIC) : _NAMED] if stored.startswith(_MAGIC) else None


def beginning(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the beginning of a stored frame, for a query: enough for `drop`."""
    return func.substr(column, 1, _NAMED)


def drop(connection: Connection, beginnings: Iterable[bytes | None]) -> bool:
    """Destroy the salts of stored frames; returns whether one was open, whose table has to be written anew."""
    every = [name_of(blob(each)) for each in beginnings if each]
    row_keys.drop(connection, every)
    return None in every


def _about(head: bytes) -> str:
    return f"frame {head.hex()}"
