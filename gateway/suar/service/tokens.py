"""Tokens of the HTTP API: random, shown once, kept as a labelled hash with a name and scopes.

The pure part makes and checks them; `TokenTable` is what the store keeps; a `TokenBook` answers requests from memory.
"""

import re
import secrets
from collections.abc import Callable, Iterable, Sequence
from typing import Final, Protocol, TypeAlias

from msgspec import Struct

from suar.profiles import profiles
from suar.protocol import limits
from suar.protocol.errors import Fault
from suar.protocol.primitives import equal, hash_

SCOPES: Final = ("publish", "approve", "read", "operate")
LOCAL: Final = "local"  # the name of the token in STATE/gateway.json
_MARK: Final = "suar_"  # lets scanners of repositories and logs find one that got lost
_TOKEN: Final = re.compile(r"suar_[A-Za-z0-9_-]{43}")
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class TokenInfo(Struct, frozen=True):
    """Who asks: the token's name and what it may do."""

    name: str
    scopes: frozenset[str]


class TokenRow(Struct, frozen=True, kw_only=True):
    """A token as stored; `hash` has 32 bytes, times are in ms."""

    name: str
    hash: bytes
    scopes: tuple[str, ...]
    created_at: int
    revoked_at: int | None = None

    @property
    def expires_at(self) -> int:
        """When it stops to open anything (keys/profiles.toml, token_days)."""
        return self.created_at + profiles().lifetimes.token_days * limits.DAY


Rows: TypeAlias = list[TokenRow]


class TokenTable(Protocol):
    """What the store keeps of tokens. A name is used once, also after it was revoked: the audit speaks of names."""

    def insert(self, name: str, hash: bytes, scopes: Sequence[str], created_at: int) -> bool:  # noqa: A002 - the column
        """Keep a token; False when the name is taken."""

    def list(self) -> Rows:
        """All, oldest first, revoked ones too."""

    def revoke(self, name: str, at: int) -> bool:
        """Mark it revoked; False when no active token has that name."""

    def all_active(self) -> Rows:
        """Those that are not revoked."""


def new_token() -> str:
    """`suar_` and 32 random bytes in 43 url-safe characters."""
    return _MARK + secrets.token_urlsafe(32)


def hash_of(token: str) -> bytes:
    """The 32 bytes that are stored. The token is random enough that no salt or slow hash is needed."""
    return hash_("token", token.encode())


def check(name: str, scopes: Iterable[str]) -> tuple[str, ...]:
    """The scopes in their order, once each. Fault for a name or a scope that cannot be."""
    if not _NAME.fullmatch(name) or name == LOCAL:
        hint = f"1 to 64 letters, digits, dots, dashes; not `{LOCAL}`"
        raise Fault("the token's name cannot be used", hint)
    wanted = set(scopes)
    if not wanted or not wanted <= set(SCOPES):
        unknown = ", ".join(sorted(wanted - set(SCOPES))) or "none"
        raise Fault(f"the scopes are wrong: {unknown[:80]}", f"choose of: {', '.join(SCOPES)}")
    return tuple(scope for scope in SCOPES if scope in wanted)


def issue(table: TokenTable, name: str, scopes: Iterable[str], now: int) -> str:
    """Make and keep a token; the plain text is returned this once. Fault when the name is taken."""
    ordered, token = check(name, scopes), new_token()
    if not table.insert(name, hash_of(token), ordered, now):
        raise Fault(f"a token named {name} exists or existed", "choose another name; `suar token list` shows all")
    return token


def shown(row: TokenRow, now: int) -> dict[str, object]:
    """A row for people: never its hash."""
    state = "revoked" if row.revoked_at is not None else "expired" if now >= row.expires_at else "active"
    return {
        "name": row.name,
        "scopes": list(row.scopes),
        "state": state,
        "created_at": row.created_at,
        "expires_at": row.expires_at,
        "revoked_at": row.revoked_at,
    }


class TokenBook:
    """The active tokens in memory, by hash. `clock` gives ms."""

    def __init__(self, clock: Callable[[], int], rows: Iterable[TokenRow] = ()) -> None:
        self._clock = clock
        self._rows: dict[bytes, tuple[TokenRow, TokenInfo]] = {}
        self.reload(rows)

    def reload(self, rows: Iterable[TokenRow]) -> None:
        """Take `rows` (all_active) in place of what was known."""
        self._rows = {
            row.hash: (row, TokenInfo(row.name, frozenset(row.scopes))) for row in rows if row.revoked_at is None
        }

    def authenticate(self, token: str) -> TokenInfo | None:
        """Who holds `token`, or None. The look-up is by hash, so its timing says nothing about a stored token."""
        if not _TOKEN.fullmatch(token):
            return None
        digest = hash_of(token)
        row, info = self._rows.get(digest, (None, None))
        if row is None or not equal(row.hash, digest) or self._clock() >= row.expires_at:
            return None
        return info
