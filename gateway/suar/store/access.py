"""Who may call, what they asked before, and what people did: tokens, answered requests, the audit."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update

from suar.store import tables as t
from suar.store.bulk import Bulk
from suar.store.prepared import Prepared

_ANSWERS: Final = Bulk(t.request, "key", "answer", "at", keep=True)
_AUDIT: Final = Bulk(t.audit, "at", "who", "what", "about")
_ANSWERED: Final = Prepared(select(t.request.c.answer).where(t.request.c.key == bindparam("key")))


def insert_token(connection: Connection, name: str, hash_: bytes, scopes: Sequence[str], now: int) -> bool:
    """Keep a token's hash; False when the name is taken."""
    if connection.execute(select(t.token.c.name).where(t.token.c.name == name)).first():
        return False
    row = {"name": name, "hash": hash_, "scopes": " ".join(scopes), "created_at": now}
    connection.execute(insert(t.token), row)
    return True


def tokens(connection: Connection) -> list[Row[Any]]:
    """Every token ever made, without its secret."""
    return list(connection.execute(select(t.token).order_by(t.token.c.created_at)))


def revoke_token(connection: Connection, name: str, now: int) -> bool:
    """Revoke; False when there is no such token in force."""
    k = t.token
    done = connection.execute(update(k).where(k.c.name == name, k.c.revoked_at.is_(None)), {"revoked_at": now})
    return done.rowcount == 1


def answered(connection: Connection, keys: Sequence[bytes]) -> dict[bytes, bytes]:
    """The answers that the same requests got before, by key."""
    return {key: row.answer for key in keys for row in _ANSWERED.rows(connection, key=key)}


def keep_answers(connection: Connection, answers: Sequence[tuple[bytes, bytes, int]]) -> None:
    """Remember (key, answer, time) of requests."""
    _ANSWERS.insert(connection, answers)


def forget_answers(connection: Connection, before: int) -> None:
    """Forget answers older than a day."""
    connection.execute(delete(t.request).where(t.request.c.at < before))


def note(connection: Connection, who: str, what: str, about: str, now: int) -> None:
    """One line of the audit: what a person or their token did."""
    notes(connection, [(now, who, what, about)])


def notes(connection: Connection, lines: Sequence[tuple[int, str, str, str]]) -> None:
    """Lines of the audit: (time, who, what, about)."""
    _AUDIT.insert(connection, lines)
