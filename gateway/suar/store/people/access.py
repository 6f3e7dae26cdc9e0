"""Access: tokens, answered requests, and the audit log."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal, get_args

from sqlalchemy import Connection, Row, bindparam, delete, exists, func, insert, or_, select, update

from suar.protocol.base.primitives import ZERO32, is_equal
from suar.protocol.base.stages import BY_PERSON, ByPerson
from suar.protocol.files.auditlog import LINES_MAX, line_hash
from suar.store import tables as t
from suar.store.engine.prepared import Insert, Lookup, Prepared
from suar.store.engine.row_macs import KEEPER
from suar.store.engine.vault import Vault
from suar.store.engine.verifying import table_sound
from suar.store.tables.columns import blob

OPERATOR: Final = "operator"
"""The name in the audit if nobody has a token: a person with the passphrase of a gateway that does not run."""
GATEWAY: Final = "gateway"
"""The name in the audit for acts of the gateway itself."""
Confirmed = Literal["erase", "hold-add", "hold-confirm", "hold-end"]
"""Acts that two persons decide together."""
Act = (
    Literal[
        "acknowledge-alarm", "agency-add", "agency-change", "agency-resume", "agency-revoke",
        "agency-rotate", "agency-suspend", "alarm", "archive", "audit", "audit-anew", "carry-export", "carry-import",
        "check", "commitments", "compromised", "draft-delete", "drill", "erase-ask", "erase-withdraw", "evidence",
        "evidence-keys", "evidence-sealed", "export", "feed", "feed-end", "feed-sent", "given", "held", "hold",
        "hold-add-ask", "hold-add-withdraw", "hold-confirm-ask", "hold-confirm-withdraw", "hold-end-ask",
        "hold-end-withdraw", "hold-list", "hold-over", "keys-rotate", "legal-order", "legal-order-over", "list", "mute",
        "mute-end", "nats-replay", "open", "passphrase-wrong", "person-confirm", "person-invite", "person-join",
        "person-passkey-add", "person-passkey-remove", "person-password", "person-recover", "person-recover-asked",
        "person-recovery", "person-resume", "person-resume-asked", "person-roles", "person-roles-asked",
        "person-suspend", "pin-kept", "proposal-list", "proposal-read", "proposal-reject", "proposal-take", "propose",
        "publish", "read-back", "recovery-code", "reject", "release", "release-alone", "resend", "reset-clock",
        "restore", "retention", "search", "sign-in", "sign-in-failed", "sign-out", "sign-out-others", "store-adopt",
        "store-put-back", "store-restored", "token-add", "token-claim", "token-revoke", "trust-import", "webhook-dead",
        "webhook-remove", "webhook-replay", "webhook-rotate", "webhook-set", "webhook-stopped", "webhook-test",
        "withdraw", "yield-lease", "agency-token-known", "erase-void", "hold-add-void", "hold-confirm-void",
        "hold-end-void", "person-link-void", "person-void",
    ]
    | Confirmed
    | ByPerson
)  # fmt: skip
"""What a line of the audit log records as done. Earlier versions may have written others. languages/act_words.py has
the words of each.
"""
ACTS: Final[tuple[Act, ...]] = tuple(sorted({act for part in get_args(Act) for act in get_args(part)}))
"""All acts."""
STATED: Final[dict[str, Act]] = {stage: stage for stage in BY_PERSON}
"""The act for each statement of a person about a message of another member, by its stage."""
REQUEST_ACTS: Final[dict[Confirmed, Act]] = {
    "erase": "erase-ask", "hold-add": "hold-add-ask", "hold-confirm": "hold-confirm-ask", "hold-end": "hold-end-ask",
}  # fmt: skip
"""Acts of the first of two persons."""
WITHDRAWN: Final[dict[Confirmed, Act]] = {
    "erase": "erase-withdraw", "hold-add": "hold-add-withdraw", "hold-confirm": "hold-confirm-withdraw",
    "hold-end": "hold-end-withdraw",
}  # fmt: skip
"""Withdrawals by the first of two persons."""
VOID: Final[dict[Confirmed, Act]] = {
    "erase": "erase-void", "hold-add": "hold-add-void", "hold-confirm": "hold-confirm-void",
    "hold-end": "hold-end-void",
}  # fmt: skip
"""Requests that are void because the first of two persons may not make them any more."""
ALTERED: Final = b""
"""In place of an answer that was altered, or that is the answer to another request."""
_ANSWER: Final = b"answer to a request\0"
KEY: Final = 16
"""Bytes of a request's name under which its answer is stored. Names are hashes, so each answer changes another page of
their index, and an index of half the size has half the pages.
"""
BOUND: Final = 16
"""Bytes of the keyed hash that binds an answer to the whole name of its request."""
_BOUND_BATCH: Final = 500
_r: Final = t.request
_ANSWERS: Final = Insert(t.request, "key", "answer", "at", keep=True)
_AUDIT: Final = Insert(t.audit, "n", "at", "who", "what", "about", "hash")
_a: Final = t.audit.c
_FIRST: Final = select(func.min(_a.n)).scalar_subquery().label("first")
_LAST_NOTE: Final = Prepared(select(_a.n, _a.hash, _FIRST).order_by(_a.n.desc()).limit(1))
_before: Final = select(func.max(_a.n)).where(_a.n >= 1, _a.n <= bindparam("own")).scalar_subquery()
_after: Final = t.audit.alias()
_LAST_OF_ROW: Final = Prepared(
    select(_a.n, _a.hash)
    .where(_a.n >= _before, _a.n <= LINES_MAX, ~exists().where(_after.c.n == _a.n + 1))
    .order_by(_a.n)
    .limit(1)
)
_STRANGE: Final = or_(_a.n < 1, _a.n > bindparam("last"))
_ANSWERED: Final = Lookup(t.request.c.key, t.request.c.answer)


def insert_token(connection: Connection, row: Mapping[str, Any]) -> bool:
    """Store a token by its columns; returns False if a token or a person has the name."""
    if is_name_taken(connection, row["name"]):
        return False
    connection.execute(insert(t.token), dict(row))
    return True


def is_name_taken(connection: Connection, name: str) -> bool:
    """Whether a token or a person has the name, in any case: the audit names both."""
    columns = (t.token.c.name, t.person.c.id)
    return any(connection.execute(select(each).where(func.lower(each) == name.lower())).first() for each in columns)


def tokens(connection: Connection) -> list[Row[Any]]:
    """Return every token that was ever created, without its secret. Raises AlteredError."""
    table_sound(connection, t.token)
    return list(connection.execute(select(t.token).order_by(t.token.c.created_at)))


def makers(connection: Connection, until: int | None = None) -> dict[str, tuple[str | None, bool]]:
    """Return token name -> (its maker, whether its holder had claimed it at `until` in ms), including revoked tokens.

    Raises AlteredError.
    """
    table_sound(connection, t.token)
    k = t.token
    found = connection.execute(select(k.c.name, k.c.maker, k.c.claimed_at))
    last = float("inf") if until is None else until
    return {row.name: (row.maker, row.claimed_at is not None and row.claimed_at <= last) for row in found}


def users(connection: Connection) -> dict[str, str]:
    """Return name of a token -> the person of the console who holds it, including revoked tokens."""
    k = t.token
    found = connection.execute(select(k.c.name, k.c.user).where(k.c.user.is_not(None)))
    return {row.name: row.user for row in found}


def tokens_against_audit(connection: Connection) -> list[str]:
    """Return valid tokens whose creation the audit log does not contain, or whose revocation it contains."""
    k, a = t.token, t.audit
    made = select(a.c.about).where(a.c.what == "token-add")
    ended = select(a.c.about).where(a.c.what == "token-revoke")
    is_wrong = or_(k.c.name.not_in(made), k.c.name.in_(ended))
    wanted = select(k.c.name).where(k.c.revoked_at.is_(None), is_wrong).order_by(k.c.name)
    return list(connection.execute(wanted).scalars())


def revoke_token(connection: Connection, name: str, now: int) -> bool:
    """Revoke a token; False if no such token is valid."""
    k = t.token
    done = connection.execute(update(k).where(k.c.name == name, k.c.revoked_at.is_(None)), {"revoked_at": now})
    return done.rowcount == 1


def claim_token(connection: Connection, name: str, claim_hash: bytes, hash_: bytes, now: int) -> bool:
    """Use a one-time code: replace the first secret by another one; False if no such code is valid.

    The hash of the code remains, so that a second use is answered with the reason.
    """
    k = t.token
    is_it = (k.c.name == name, k.c.claim_hash == claim_hash, k.c.claimed_at.is_(None), k.c.revoked_at.is_(None))
    done = connection.execute(update(k).where(*is_it).values(hash=hash_, claimed_at=now))
    return done.rowcount == 1


def answered(connection: Connection, vault: Vault, keys: Sequence[bytes]) -> dict[bytes, bytes]:
    """Return the earlier answers to the same requests, by key; ALTERED for one that is not bound to its key."""
    names = {key[:KEY]: key for key in keys}
    found = _ANSWERED.find(connection, list(names)).items()
    return {names[short]: _unbound(vault, names[short], row.answer) for short, row in found}


def keep_answers(connection: Connection, vault: Vault, answers: Sequence[tuple[bytes, bytes, int]]) -> None:
    """Store (key, answer, time) of requests; each answer is bound to its key."""
    _ANSWERS.insert(connection, [(key[:KEY], _bound(vault, key, answer), at) for key, answer, at in answers])


def bind_answers(connection: Connection, vault: Vault) -> None:
    """Bind answers of an older version to their keys, and shorten the keys, once."""
    wanted = select(_r.c.key, _r.c.answer).where(func.length(_r.c.key) > KEY).limit(_BOUND_BATCH)
    while rows := connection.execute(wanted).all():
        for key, answer in rows:
            values = {"key": key[:KEY], "answer": _bound(vault, key, bytes(answer))}
            connection.execute(update(_r).where(_r.c.key == key).values(values))


def _bound(vault: Vault, key: bytes, answer: bytes) -> bytes:
    return vault.fingerprint(_ANSWER + key + answer)[:BOUND] + answer


def _unbound(vault: Vault, key: bytes, stored: object) -> bytes:
    if not isinstance(stored, bytes):  # SQLite keeps any type in any column
        return ALTERED
    answer = stored[BOUND:]
    return answer if is_equal(_bound(vault, key, answer), stored) else ALTERED


def drop_answers(connection: Connection, keys: Sequence[bytes]) -> None:
    """Delete answers that others replace."""
    if keys:
        connection.execute(delete(t.request).where(t.request.c.key.in_([key[:KEY] for key in keys])))


def forget_answers(connection: Connection, before: int) -> None:
    """Delete answers that are older than a day."""
    connection.execute(delete(t.request).where(t.request.c.at < before))


def note(connection: Connection, who: str, what: Act, about: str, now: int) -> None:
    """Add a line to the audit log: an action of a person or of a token."""
    notes(connection, [(now, who, what, about)])


def notes(connection: Connection, lines: Sequence[tuple[int, str, Act, str]]) -> None:
    """Add lines to the audit log: (time, who, what, about); each is bound to the previous line.

    That is the last line that this gateway wrote, from its account. Where the table ends with another one, this is
    found (`audit_difference`), and the lines follow those that are there: they are not signed.
    """
    is_other = audit_difference(connection) is not None
    own = own_last(connection)
    n, digest = _last_of_row(connection) if is_other or own is None else own
    rows = []
    for at, who, what, about in lines:
        n += 1
        digest = line_hash(digest, n, at, who, what, about)
        rows.append((n, at, who, what, about, digest))
    _AUDIT.insert(connection, rows)


def own_last(connection: Connection) -> tuple[int, bytes] | None:
    """Return number and hash of the last line that this gateway wrote, from memory; None without an account."""
    books = _books(connection)
    return books.audit_last if books is not None else None


def audit_difference(connection: Connection) -> str | None:
    """Compare the last line of the table with the last one that this gateway wrote, in a transaction that writes.

    Returns why the log is not the one that this gateway wrote; a finding is kept (`Books.audit_altered`).
    """
    books = _books(connection)
    if books is None or books.account is None or books.audit_finding is not None:
        return books.audit_finding if books is not None else None
    found = _LAST_NOTE.rows(connection)  # first: what the transaction wrote before is then in the account
    text = _difference(found, books.audit_last)
    if text is not None:
        books.audit_altered(text)
    return text


def difference(connection: Connection, own: tuple[int, bytes]) -> str | None:
    """Return why `own`, number and hash of a line, is not the last one of the table; None if it is."""
    return _difference(_LAST_NOTE.rows(connection), own)


def _difference(found: Sequence[Any], own: tuple[int, bytes]) -> str | None:
    n, digest, first = (found[0].n, blob(found[0].hash), found[0].first) if found else (0, ZERO32, 1)
    if first < 1:
        return f"line {first} was not written by this gateway, whose first line is 1"
    if n > own[0]:
        return f"lines after line {own[0]} were not written by this gateway, up to line {n}"
    if (n, digest) != own:
        return f"line {own[0]}, or one before it, is not the one that the store's account names"
    return None


def accept_notes(connection: Connection) -> tuple[tuple[int, bytes], int]:
    """Accept the log as it is, for an operator: return number and hash of its last line, and how many were removed.

    Removed are lines behind a gap after the last line that this gateway wrote, and those below 1: no log has them.
    """
    last, books = _last_of_row(connection), _books(connection)
    removed = connection.execute(delete(t.audit).where(_STRANGE), {"last": last[0]}).rowcount
    if books is not None:
        books.accept_audit(last)
    return last, removed


def last_note(connection: Connection) -> tuple[int, bytes]:
    """Return (number, hash) of the last line of the audit log as the table has it; (0, zeros) before the first."""
    rows = _LAST_NOTE.rows(connection)
    return (rows[0].n, blob(rows[0].hash)) if rows else (0, ZERO32)


def _last_of_row(connection: Connection) -> tuple[int, bytes]:
    """Return the line before the first number that is free, from the last line of this gateway on."""
    own = own_last(connection)
    rows = _LAST_OF_ROW.rows(connection, own=own[0] if own is not None else LINES_MAX)
    return (rows[0].n, blob(rows[0].hash)) if rows else (0, ZERO32)


def _books(connection: Connection) -> Any:
    macs = connection.info.get(KEEPER)
    return macs.books if macs is not None else None
