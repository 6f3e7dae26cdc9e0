"""Published contents by a keyed hash, so that a repeated submission is found without its text.

Behind the id stands a keyed hash of content and id: a row that names another message is refused.
"""

from base64 import urlsafe_b64encode
from hmac import compare_digest as equal
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, delete, insert, select

from suar.store import tables as t
from suar.store.engine.vault import Vault
from suar.store.tables.columns import has_types

_BOUND: Final = b"content\0"
_HASH: Final = 18  # bytes, 24 characters: with an id they have room in the column


class Published(NamedTuple):
    """The id under which a content was published last. `is_bound`: its row says so under the key of the store."""

    id: str
    is_bound: bool


def find(connection: Connection, vault: Vault, name: bytes) -> Published | None:
    """Return where a content was published last, or None. A row of an earlier version is bound to nothing."""
    wanted = select(t.content.c.id).where(t.content.c.name == name, has_types(t.content))
    kept: Any = connection.execute(wanted).scalar()
    if kept is None:
        return None
    id_, _, bound = kept.partition(" ")
    return Published(id_, is_bound=equal(bound.encode(), _hash(vault, name, id_).encode()))


def keep(connection: Connection, vault: Vault, name: bytes, id_: str, now: int) -> None:
    """Store a content's id, replacing an earlier one."""
    connection.execute(delete(t.content).where(t.content.c.name == name))
    connection.execute(insert(t.content).values(name=name, id=f"{id_} {_hash(vault, name, id_)}", at=now))


def _hash(vault: Vault, name: bytes, id_: str) -> str:
    return urlsafe_b64encode(vault.fingerprint(_BOUND + name + id_.encode())[:_HASH]).decode()


def forget(connection: Connection, before: int) -> None:
    """Delete contents older than the validity of any message."""
    connection.execute(delete(t.content).where(t.content.c.at < before))
