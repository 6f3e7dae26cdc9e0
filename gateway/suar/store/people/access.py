"""Who may call, what they asked before, and what people did: tokens, answered requests, the audit."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, func, insert, or_, select, update

from suar.protocol.base.primitives import ZERO32
from suar.protocol.files.auditlog import line_hash
from suar.store import tables as t
from suar.store.engine.prepared import Insert, Lookup, Prepared
from suar.store.engine.verifying import table_sound

OPERATOR: Final = "operator"
"""Who acts in the audit where nobody has a token: who has the passphrase of a gateway that does not run."""
GATEWAY: Final = "gateway"
"""Who acts where the gateway did so by itself."""
_ANSWERS: Final = Insert(t.request, "key", "answer", "at", keep=True)
_AUDIT: Final = Insert(t.audit, "n", "at", "who", "what", "about", "hash")
_LAST_NOTE: Final = Prepared(select(t.audit.c.n, t.audit.c.hash).order_by(t.audit.c.n.desc()).limit(1))
_ANSWERED: Final = Lookup(t.request.c.key, t.request.c.answer)


def insert_token(connection: Connection, row: Mapping[str, Any]) -> bool:
    """Keep a token, its columns by name; False when a token or a person has the name."""
    if is_name_taken(connection, row["name"]):
        return False
    connection.execute(insert(t.token), dict(row))
    return True


def is_name_taken(connection: Connection, name: str) -> bool:
    """Whether a token or a person has the name, in any case: the audit names both."""
    columns = (t.token.c.name, t.person.c.id)
    return any(connection.execute(select(each).where(func.lower(each) == name.lower())).first() for each in columns)


def tokens(connection: Connection) -> list[Row[Any]]:
    """Every token ever made, without its secret. Raises AlteredError."""
    table_sound(connection, t.token)
    return list(connection.execute(select(t.token).order_by(t.token.c.created_at)))


def makers(connection: Connection, until: int | None = None) -> dict[str, tuple[str | None, bool]]:
    """Name of a token -> (who made it, whether its holder claimed it, by `until` in ms); revoked ones too.

    Raises AlteredError.
    """
    table_sound(connection, t.token)
    k = t.token
    found = connection.execute(select(k.c.name, k.c.maker, k.c.claimed_at))
    last = float("inf") if until is None else until
    return {row.name: (row.maker, row.claimed_at is not None and row.claimed_at <= last) for row in found}


def users(connection: Connection) -> dict[str, str]:
    """Name of a token -> the person of the console whose it is; revoked ones too."""
    k = t.token
    found = connection.execute(select(k.c.name, k.c.user).where(k.c.user.is_not(None)))
    return {row.name: row.user for row in found}


def tokens_against_audit(connection: Connection) -> list[str]:
    """Tokens in force of which the audit does not say that they were made, or says that they were revoked."""
    k, a = t.token, t.audit
    made = select(a.c.about).where(a.c.what == "token-add")
    ended = select(a.c.about).where(a.c.what == "token-revoke")
    is_wrong = or_(k.c.name.not_in(made), k.c.name.in_(ended))
    wanted = select(k.c.name).where(k.c.revoked_at.is_(None), is_wrong).order_by(k.c.name)
    return list(connection.execute(wanted).scalars())


def revoke_token(connection: Connection, name: str, now: int) -> bool:
    """Revoke; False when there is no such token in force."""
    k = t.token
    done = connection.execute(update(k).where(k.c.name == name, k.c.revoked_at.is_(None)), {"revoked_at": now})
    return done.rowcount == 1


def claim_token(connection: Connection, name: str, claim_hash: bytes, hash_: bytes, now: int) -> bool:
    """Spend the code, and put another secret in the place of the first; False when there is no such code in force.

    Its hash stays, so that whoever brings it once more is told that it was used.
    """
    k = t.token
    is_it = (k.c.name == name, k.c.claim_hash == claim_hash, k.c.claimed_at.is_(None), k.c.revoked_at.is_(None))
    done = connection.execute(update(k).where(*is_it).values(hash=hash_, claimed_at=now))
    return done.rowcount == 1


def answered(connection: Connection, keys: Sequence[bytes]) -> dict[bytes, bytes]:
    """The answers that the same requests got before, by key."""
    return {key: row.answer for key, row in _ANSWERED.find(connection, keys).items()}


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
    """Lines of the audit: (time, who, what, about); each is bound to the one before it."""
    n, digest = last_note(connection)
    rows = []
    for at, who, what, about in lines:
        n += 1
        digest = line_hash(digest, n, at, who, what, about)
        rows.append((n, at, who, what, about, digest))
    _AUDIT.insert(connection, rows)


def last_note(connection: Connection) -> tuple[int, bytes]:
    """(number, hash) of the audit's last line; (0, zeros) before the first."""
    rows = _LAST_NOTE.rows(connection)
    return (rows[0].n, bytes(rows[0].hash)) if rows else (0, ZERO32)
