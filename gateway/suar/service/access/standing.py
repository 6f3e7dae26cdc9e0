"""Who may do what at this moment, by the people and tokens of the store: one judgement for calls, commands and acts.

A token in the name of a person allows what their present roles allow. One that nobody has claimed is also its maker's,
who has seen its secret or its code: it opens nothing once that person has no access, or makes no tokens any more.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from msgspec import structs
from sqlalchemy import Connection

from suar.service.access.tokens import Rows, TokenRow, chain
from suar.service.settings import scopes
from suar.store.people import access, persons

_MAKES_TOKENS: Final = "operator"
"""The role of who makes tokens in the console; with a token it takes the scope admin."""


class Standing:
    """The people and tokens of a store; `now` in ms. Who is neither is the machine, which may do everything."""

    def __init__(self, tokens: Iterable[TokenRow], people: Iterable[Any], now: int) -> None:
        known = list(people)
        self._now, self._known = now, {row.id for row in known}
        self.roles: Mapping[str, tuple[str, ...]] = {
            row.id: tuple(row.roles.split()) for row in known if row.state == "active"
        }
        """The roles of everybody who is let in."""
        named = [self._with_roles(row) for row in tokens]
        self._tokens = {row.name: row for row in named}
        self._makers = {row.name: (row.maker, row.claimed_at is not None) for row in named}
        self.tokens: Rows = [structs.replace(row, is_void=self._is_void(row)) for row in named]
        self._tokens = {row.name: row for row in self.tokens}

    def may(self, name: str, scope: str) -> bool:
        """Whether the token or person of that name may still do what the scope opens."""
        row = self._tokens.get(name)
        if row is not None:
            return row.is_in_force(self._now) and scope in row.info.scopes
        return name not in self._known or scope in scopes.allowed(self.roles.get(name, ()))

    def has_role(self, name: str, role: str) -> bool:
        """Whether the person of that name is let in and has the role; the machine has every one."""
        return name not in self._known or role in self.roles.get(name, ())

    def made_by(self, person: str) -> list[str]:
        """Tokens that nobody has claimed, whose secret or code the person has seen as their maker."""
        own = {person, *(row.name for row in self.tokens if row.user == person)}
        waiting = [row for row in self.tokens if row.claimed_at is None and row.revoked_at is None]
        return [row.name for row in waiting if not own.isdisjoint(self._makers_of(row))]

    def _with_roles(self, row: TokenRow) -> TokenRow:
        return row if row.user is None else structs.replace(row, person_roles=self.roles.get(row.user, ()))

    def _is_void(self, row: TokenRow) -> bool:
        is_closed = row.user is not None and row.user not in self.roles
        return is_closed or not all(self._may_make_tokens(each) for each in self._makers_of(row))

    def _makers_of(self, row: TokenRow) -> list[str]:
        return chain(row.name, self._makers)[1:]

    def _may_make_tokens(self, maker: str) -> bool:
        row = self._tokens.get(maker)
        if row is None:
            return self.has_role(maker, _MAKES_TOKENS)
        return row.user is None or (row.user in self.roles and "admin" in row.info.scopes)


def standing(connection: Connection, now: int) -> Standing:
    """The standing of everybody, in the caller's transaction; `now` in ms. Raises AlteredError."""
    return Standing(map(token_of, access.tokens(connection)), persons.people(connection), now)


def token_of(row: Any) -> TokenRow:
    """A token from its columns."""
    return TokenRow(
        name=row.name, hash=row.hash, scopes=tuple(row.scopes.split()), created_at=row.created_at,
        revoked_at=row.revoked_at, roles=tuple(row.roles.split()), is_person=row.is_person, maker=row.maker,
        claim_hash=row.claim_hash, claimed_at=row.claimed_at, is_old=row.is_old, user=row.user,
    )  # fmt: skip


def beyond_roles(scopes_: Iterable[str], roles: Iterable[str]) -> list[str]:
    """Return the scopes of a token that the roles of its person do not allow."""
    allowed = scopes.allowed(roles)
    return [each for each in scopes_ if each not in allowed]


def names_beyond_roles(rows: Rows, now: int) -> list[str]:
    """Return the tokens in force with a scope that the present roles of their person do not allow."""
    return [
        row.name for row in rows
        if row.person_roles is not None and row.is_in_force(now) and beyond_roles(row.scopes, row.person_roles)
    ]  # fmt: skip


def names_with_old_rights(rows: Rows, now: int) -> list[str]:
    """Return the active tokens, made before roles existed, whose scopes allow more than those of a new token."""

    def is_more_allowed(row: TokenRow) -> bool:
        return row.is_old and scopes.rights(row.scopes, is_old=True) != scopes.rights(row.scopes, is_old=False)

    return [row.name for row in rows if row.revoked_at is None and now < row.expires_at and is_more_allowed(row)]
