"""Tokens of the HTTP API: random, shown once, kept as a labelled hash with a name and scopes.

The pure part makes and checks them; `TokenTable` is what the store keeps; a `TokenBook` answers requests from memory.

The creator of a token has seen its secret, so its acts count as the creator's until its holder claims it: the one-time
code is exchanged for a new secret that the creator never saw, and the first one becomes invalid.
"""

import re
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, NamedTuple, Protocol, TypeAlias

from msgspec import Struct

from suar.profiles import profiles
from suar.protocol.base import limits
from suar.protocol.base.errors import Fault
from suar.protocol.base.instants import instant
from suar.protocol.base.primitives import hash_, is_equal
from suar.service.settings import scopes as scopes_
from suar.service.settings.scopes import CLAIM, ROLES

LOCAL: Final = "local"  # the name of the token in STATE/gateway.json
RESERVED: Final = frozenset({LOCAL, "operator", "gateway"})
"""Names in the audit for those without a token of their own (store/people/access.py)."""
CLAIM_DAYS: Final = 7  # until a code that nobody claimed ends
_MARK: Final = "suar_"  # lets scanners of repositories and logs find one that got lost
_CODE_MARK: Final = "suar_claim_"
_TOKEN: Final = re.compile(r"suar_[A-Za-z0-9_-]{43}")
_CODE: Final = re.compile(r"suar_claim_[A-Za-z0-9_-]{43}")
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class TokenInfo(Struct, frozen=True):
    """The holder of a token: its name, what it may do, in which roles it acknowledges.

    `is_person`: one person alone holds it and has claimed it. `is_old`: made before `acknowledge` and `admin` existed.
    `agency`: the agency that holds it, "" for our own tokens. `declared`: `scopes` without regard to a person's roles.
    """

    name: str
    scopes: frozenset[str]
    roles: frozenset[str] = frozenset()
    is_person: bool = False
    is_old: bool = False
    agency: str = ""
    declared: frozenset[str] = frozenset()


class TokenRequest(NamedTuple):
    """A requested token, checked by `check`. `user`: the person of the console to whom it belongs."""

    name: str
    scopes: tuple[str, ...]
    roles: tuple[str, ...] = ()
    is_person: bool = False
    user: str | None = None


class TokenRow(Struct, frozen=True, kw_only=True):
    """A token as stored; hashes have 32 bytes, times are in ms. `maker` None: not known, as for older tokens.

    Not stored, but judged (standing.py): `person_roles`, the present roles of `user`, None without one; `is_void`: that
    person, or the maker of a token that nobody claimed, has no access or not the role for it.
    """

    name: str
    hash: bytes
    scopes: tuple[str, ...]
    created_at: int
    revoked_at: int | None = None
    roles: tuple[str, ...] = ()
    is_person: bool = False
    maker: str | None = None
    claim_hash: bytes | None = None
    claimed_at: int | None = None
    is_old: bool = False
    user: str | None = None
    person_roles: tuple[str, ...] | None = None
    is_void: bool = False

    def is_in_force(self, now: int) -> bool:
        """Whether it opens anything at `now` (ms): what every call, command and act of two persons judges by."""
        return self.revoked_at is None and not self.is_void and now < self.expires_at

    @property
    def expires_at(self) -> int:
        """When it stops to open anything (keys/profiles.toml, token_days)."""
        return self.created_at + profiles().lifetimes.token_days * limits.DAY

    @property
    def claim_until(self) -> int:
        """When its one-time code stops to open anything."""
        return self.created_at + CLAIM_DAYS * limits.DAY

    @property
    def info(self) -> TokenInfo:
        """What its holder may do."""
        declared = rights = scopes_.rights(self.scopes, is_old=self.is_old)
        roles = ROLES if self.is_old and "acknowledge" in rights else self.roles
        is_person = self.is_person and self.claimed_at is not None  # until then its maker has the secret too
        if self.person_roles is not None:
            rights = scopes_.narrowed(rights, self.person_roles)
            roles = tuple(each for each in roles if each != "approver" or each in self.person_roles)
            is_person = is_person and "acknowledge" in scopes_.allowed(self.person_roles)  # who reads for the state
        return TokenInfo(self.name, rights, frozenset(roles), is_person, self.is_old, declared=declared)


Rows: TypeAlias = list[TokenRow]


class TokenTable(Protocol):
    """What the store keeps of tokens. A name is used once, also after it was revoked: the audit speaks of names."""

    def insert(self, row: TokenRow) -> bool:
        """Store a token; returns False when the name is in use."""

    def list(self) -> Rows:
        """All, oldest first, revoked ones too."""

    def revoke(self, name: str, at: int) -> bool:
        """Mark it revoked; False when no active token has that name."""

    def claim(self, name: str, claim_hash: bytes, hash: bytes, at: int) -> bool:  # noqa: A002 - the column
        """Exchange the code for the secret with this hash, once; False when the code is spent or the token revoked."""


class Issued(NamedTuple):
    """A new token in plain text, and the one-time code by which its holder gets a secret of their own. Never shown."""

    token: str
    code: str

    def __repr__(self) -> str:
        return "Issued(...)"


def new_token() -> str:
    """`suar_` and 32 random bytes in 43 url-safe characters."""
    return _MARK + secrets.token_urlsafe(32)


def new_code() -> str:
    """`suar_claim_` and 32 random bytes in 43 url-safe characters."""
    return _CODE_MARK + secrets.token_urlsafe(32)


def hash_of(token: str) -> bytes:
    """The 32 bytes that are stored. The token is random enough that no salt or slow hash is needed."""
    return hash_("token", token.encode())


def check(
    name: str, scopes: Iterable[str], roles: Iterable[str] = (), *, is_person: bool = False, user: str | None = None
) -> TokenRequest:
    """Return the requested token, scopes and roles in their order. Raises Fault for an impossible name, scope or role.

    `user`: the person of the console to whom the token belongs, who alone holds it.
    """
    if not _NAME.fullmatch(name) or name.lower() in RESERVED:
        hint = f"1 to 64 letters, digits, dots, dashes; not {', '.join(sorted(RESERVED))}, which the audit uses"
        raise Fault("the token's name cannot be used", hint)
    if user is not None and not _NAME.fullmatch(user):
        raise Fault("no person of the console has that name", "give a name as `suar console list` shows it")
    wanted = scopes_.ordered(scopes)
    ordered = scopes_.ordered_roles(roles, wanted)
    return TokenRequest(name, wanted, ordered, is_person or user is not None, user)


def issue(table: TokenTable, request: TokenRequest, maker: str, now: int) -> Issued:
    """Create and store a token; the plain texts are returned this once. Raises Fault when the name is in use."""
    made = Issued(new_token(), new_code())
    row = TokenRow(
        name=request.name, hash=hash_of(made.token), scopes=request.scopes, created_at=now, roles=request.roles,
        is_person=request.is_person, maker=maker, claim_hash=hash_of(made.code), user=request.user,
    )  # fmt: skip
    if not table.insert(row):
        raise Fault(
            f"a token named {request.name} exists or existed", "choose another name; `suar token list` shows all"
        )
    return made


def claim(table: TokenTable, name: str, code: str, now: int) -> str:
    """Exchange the one-time code of the token `name` for a new secret; Fault when it was used before."""
    token = new_token()
    if not table.claim(name, hash_of(code), hash_of(token), now):
        raise Fault("the code is spent or its token is revoked", "ask who made the token: it may be in other hands")
    return token


def issued_shape(request: TokenRequest, made: Issued, now: int, beyond: Sequence[str] = ()) -> dict[str, object]:
    """The answer to who makes a token: secret and code, this once; `beyond`: scopes that its person has no role for."""
    return {
        "name": request.name, "scopes": list(request.scopes), "roles": list(request.roles), "person": request.is_person,
        "user": request.user, "token": made.token, "claim": made.code, "claim_until": now + CLAIM_DAYS * limits.DAY,
        "beyond_roles": list(beyond),
    }  # fmt: skip


def token_shape(row: TokenRow, now: int, last_used_at: int | None = None) -> dict[str, object]:
    """A row for people: never its hash."""
    state = "revoked" if row.revoked_at is not None else "expired" if now >= row.expires_at else "active"
    return {
        "name": row.name,
        "scopes": list(row.scopes),
        "roles": list(row.roles),
        "person": row.is_person,
        "user": row.user,
        "maker": row.maker,
        "claimed_at": row.claimed_at,
        "before": row.is_old,
        "state": state,
        "void": row.is_void,
        "created_at": row.created_at,
        "expires_at": row.expires_at,
        "revoked_at": row.revoked_at,
        "last_used_at": last_used_at,
    }


Makers: TypeAlias = Mapping[str, tuple[str | None, bool]]
"""Name of a token -> (who made it, whether its holder claimed it)."""


def chain(name: str, makers: Makers) -> list[str]:
    """Return everybody who has the secret of the token `name` now: itself, its maker unless it was claimed, and so on.

    The acts of the token count as acts of the last of them. `local` and `operator` are one: whoever runs commands on
    this machine. Nobody knows who made an older token.
    """
    seen = [name]
    while name in makers:
        maker, is_claimed = makers[name]
        if is_claimed or maker is None:
            break
        if maker in seen:  # no store that we wrote has that
            return [*seen, min(seen)]
        name = maker
        seen.append(name)
    return [LOCAL if each in RESERVED else each for each in seen]


class TokenBook:
    """The active tokens in memory, by hash. `clock` gives ms."""

    def __init__(self, clock: Callable[[], int], rows: Iterable[TokenRow] = ()) -> None:
        self._clock = clock
        self._rows: dict[bytes, tuple[TokenRow, TokenInfo]] = {}
        self._codes: dict[bytes, TokenRow] = {}  # spent ones too
        self.reload(rows)

    def reload(self, rows: Iterable[TokenRow]) -> None:
        """Replace the known tokens by `rows`, all of the store."""
        active = [row for row in rows if row.revoked_at is None and not row.is_void]
        self._rows = {row.hash: (row, row.info) for row in active}
        self._codes = {row.claim_hash: row for row in active if row.claim_hash is not None}

    def authenticate(self, token: str) -> TokenInfo | None:
        """Return the holder of `token`, or None.

        The look-up is by hash, so its timing discloses nothing about a stored token. The holder of a one-time code may
        do one thing: exchange it.
        """
        if _CODE.fullmatch(token):
            return self._with_code(hash_of(token))
        if not _TOKEN.fullmatch(token):
            return None
        digest = hash_of(token)
        row, info = self._rows.get(digest, (None, None))
        if row is None or not is_equal(row.hash, digest) or not row.is_in_force(self._clock()):
            return None
        return info

    def _with_code(self, digest: bytes) -> TokenInfo | None:
        row = self._code(digest)
        if row is None or row.claimed_at is not None or self._clock() >= row.claim_until:
            return None
        return TokenInfo(row.name, frozenset({CLAIM}))

    def _code(self, digest: bytes) -> TokenRow | None:
        row = self._codes.get(digest)
        return row if row is not None and row.claim_hash is not None and is_equal(row.claim_hash, digest) else None

    def code_rejection(self, token: str) -> Fault | None:
        """Why a one-time code of ours opens nothing any more; None for all else: only who has the code learns it."""
        row = self._code(hash_of(token)) if _CODE.fullmatch(token) else None
        if row is None:
            return None
        if row.claimed_at is not None:
            text = f"the one-time code was used at {instant(row.claimed_at)}, and is good once"
            return Fault(text, f"if it was not you who used it, have the token revoked: `suar token revoke {row.name}`")
        if self._clock() >= row.claim_until:
            text = f"the one-time code has expired: it was good until {instant(row.claim_until)}"
            return Fault(text, "ask who made the token for another one: `suar token add`")
        return None
