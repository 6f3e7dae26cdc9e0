"""Authentication for the HTTP API: the tokens of the store, cached in memory, and the local token."""

from collections.abc import Mapping, Sequence
from typing import Final

from msgspec import structs
from sqlalchemy import Connection

from suar.protocol.base.errors import Fault
from suar.protocol.base.primitives import is_equal
from suar.service.access import tokens
from suar.service.access.last_uses import LastUses
from suar.service.access.standing import beyond_roles, standing
from suar.service.access.tokens import LOCAL, TokenBook, TokenInfo, TokenRequest, TokenRow
from suar.service.core.core import Core
from suar.service.settings.scopes import AGENCY, MACHINE, ROLES, SCOPES
from suar.store.engine.database import Database
from suar.store.faults import AlteredError
from suar.store.people import access, agencies, persons
from suar.store.people.access import OPERATOR

LOCAL_INFO: Final = TokenInfo(LOCAL, frozenset({*SCOPES, MACHINE}), frozenset(ROLES), is_person=True)
"""The holder that runs commands on this machine: every scope and role.

Revoking the identity also takes the passphrase.
"""


class TokenRows:
    """The token table of the store, one transaction for each call; the audit log records changes by `who`."""

    def __init__(self, core: Core, who: str = OPERATOR) -> None:
        self._core, self._who = core, who

    def insert(self, row: TokenRow) -> bool:
        """Insert a token and record it in the audit log; False if the name exists."""
        with self._core.transaction() as connection:
            if row.user is not None:
                _check_person(connection, row.user)
            is_new = access.insert_token(connection, _columns(row))
            if is_new:
                access.note(connection, self._who, "token-add", row.name, row.created_at)
        return is_new

    def list(self) -> tokens.Rows:
        """Return every token, including revoked ones."""
        with self._core.database.reading() as connection:
            return rows(connection)

    def revoke(self, name: str, at: int) -> bool:
        """Revoke a token at `at` (ms) and record it in the audit log; False if no such token is valid."""
        with self._core.transaction() as connection:
            is_done = access.revoke_token(connection, name, at)
            if is_done:
                access.note(connection, self._who, "token-revoke", name, at)
        return is_done

    def claim(self, name: str, claim_hash: bytes, hash: bytes, at: int) -> bool:  # noqa: A002 - the column
        """Replace the hash of a token whose one-time code has `claim_hash`; False if it cannot be claimed."""
        with self._core.transaction() as connection:
            is_done = access.claim_token(connection, name, claim_hash, hash, at)
            if is_done:
                access.note(connection, name, "token-claim", name, at)
        return is_done


def active(database: Database) -> tokens.Rows:
    """Return every token that is neither revoked nor void (standing.py)."""
    with database.reading() as connection:
        return [row for row in rows(connection) if row.revoked_at is None and not row.is_void]


def _check_person(connection: Connection, user: str) -> None:
    """Fault unless there is such a person of the focal point: a token never reads what an agency may not."""
    person = persons.person(connection, user)
    if person is None:
        raise Fault(f"no person of the console is called {user}", "`suar console list` shows all")
    if AGENCY in person.roles.split():
        raise Fault(f"{user} reads for an agency", "give its program a token of its own: `suar agency add`")


def rows(connection: Connection) -> tokens.Rows:
    """Return every token as it is judged now, in the caller's transaction."""
    return standing(connection, 0).tokens


def scopes_beyond(core: Core, request: TokenRequest) -> list[str]:
    """The scopes of a token that is made, for which its person has no role at present."""
    if request.user is None:
        return []
    with core.database.reading() as connection:
        roles = standing(connection, core.clock()).roles.get(request.user, ())
    return beyond_roles(request.scopes, roles)


def token_shapes(core: Core, seen: Mapping[str, int]) -> list[dict[str, object]]:
    """All tokens for people, without their secrets; `seen`: when each was used since the gateway started (ms)."""
    with core.database.reading() as connection:
        uses = agencies.last_uses(connection) | dict(seen)
        return [tokens.token_shape(row, core.clock(), uses.get(row.name)) for row in rows(connection)]


def _columns(row: TokenRow) -> dict[str, object]:
    columns = structs.asdict(row) | {"scopes": " ".join(row.scopes), "roles": " ".join(row.roles)}
    return {name: value for name, value in columns.items() if name not in ("person_roles", "is_void")}


class Holders:
    """Who answers for the work of each token: of all in the store, since a revoked one may have made others."""

    def __init__(self, rows: Sequence[TokenRow] = ()) -> None:
        self._makers = {row.name: (row.maker, row.claimed_at is not None and row.user is not None) for row in rows}
        self._users = {row.name: row.user for row in rows if row.user is not None}

    def holder(self, name: str) -> str:
        """Return the maker of a token, or the person it names once it is claimed; any other name answers for itself.

        A claimed token that names nobody is its maker's too: whoever makes tokens can claim them as well.
        """
        last = tokens.chain(name, self._makers)[-1]
        return self._users.get(last, last)


class Authentication:
    """The tokens of a running gateway."""

    def __init__(self, core: Core, uses: LastUses) -> None:
        self._core, self._table, self._uses = core, TokenRows(core), uses
        self._book, self._holders = TokenBook(core.clock), Holders()
        self._local: bytes | None = None

    async def load(self, local_token: str) -> None:
        """Load the tokens; `local_token` has every scope."""
        self._local = tokens.hash_of(local_token)
        await self.reload()

    def identify(self, token: str, *, is_here: bool = False) -> TokenInfo | None:
        """Return the holder of the token; None if the token is not valid.

        `is_here`: whether it came from this machine. A copy of the local token elsewhere opens nothing.
        """
        if self._local is not None and is_equal(tokens.hash_of(token), self._local):
            return LOCAL_INFO if is_here else None
        return self._book.authenticate(token)

    def holder(self, name: str) -> str:
        """Return who answers for the work of the token `name` (`Holders.holder`)."""
        return self._holders.holder(name)

    def code_rejection(self, token: str) -> Fault | None:
        """Return why a one-time code is no longer valid; None for any other token."""
        return self._book.code_rejection(token)

    async def add(self, request: TokenRequest, who: str) -> dict[str, object]:
        """Create a token; only this call returns its secret and its one-time code."""
        now = self._core.clock()
        made = await self._core.run(tokens.issue, TokenRows(self._core, who), request, who, now)
        await self.reload()
        beyond = await self._core.run_read_only(scopes_beyond, self._core, request)
        return tokens.issued_shape(request, made, now, beyond)

    async def claim(self, name: str, code: str) -> str:
        """Exchange the one-time code of the token `name` for a new secret. Fault if the code was used."""
        token = await self._core.run(tokens.claim, self._table, name, code, self._core.clock())
        await self.reload()
        return token

    async def list(self) -> list[dict[str, object]]:
        """Return all tokens, without their secrets."""
        return await self._core.run_read_only(token_shapes, self._core, self._uses.seen())

    async def revoke(self, name: str, who: str) -> bool:
        """Revoke a token; False if no such token is valid."""
        done = await self._core.run(TokenRows(self._core, who).revoke, name, self._core.clock())
        await self.reload()
        return done

    async def reload(self) -> None:
        """Load the active tokens, also after a person was suspended or let in.

        AlteredError if the table was altered: then only the local token is accepted.
        """
        try:
            rows = await self._core.run_read_only(self._table.list)
        except AlteredError:
            self._book.reload(())
            raise
        self._book.reload(rows)
        self._holders = Holders(rows)
