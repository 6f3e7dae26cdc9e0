"""Who may use the HTTP API: the tokens of the store, held in memory while the gateway runs, and the local one."""

from collections.abc import Sequence

from sqlalchemy import Connection

from suar.protocol.primitives import equal
from suar.service import tokens
from suar.service.core import Core
from suar.service.tokens import LOCAL, TokenBook, TokenInfo, TokenRow
from suar.store import access
from suar.store.access import OPERATOR


class TokenRows:
    """The store's token table, one transaction a call; what `who` changed is noted in it."""

    def __init__(self, core: Core, who: str = OPERATOR) -> None:
        self._core, self._who = core, who

    def insert(self, name: str, hash: bytes, scopes: Sequence[str], created_at: int) -> bool:  # noqa: A002
        with self._core.transaction() as connection:
            is_new = access.insert_token(connection, name, hash, scopes, created_at)
            if is_new:
                access.note(connection, self._who, "token-add", name, created_at)
        return is_new

    def list(self) -> tokens.Rows:
        with self._core.transaction() as connection:
            return _rows(connection)

    def revoke(self, name: str, at: int) -> bool:
        with self._core.transaction() as connection:
            is_done = access.revoke_token(connection, name, at)
            if is_done:
                access.note(connection, self._who, "token-revoke", name, at)
        return is_done

    def all_active(self) -> tokens.Rows:
        return [row for row in self.list() if row.revoked_at is None]


def _rows(connection: Connection) -> tokens.Rows:
    return [
        TokenRow(
            name=row.name, hash=row.hash, scopes=tuple(row.scopes.split()), created_at=row.created_at,
            revoked_at=row.revoked_at,
        )
        for row in access.tokens(connection)
    ]  # fmt: skip


class Authentication:
    """The tokens of a running gateway."""

    def __init__(self, core: Core) -> None:
        self._core, self._table = core, TokenRows(core)
        self._book = TokenBook(core.clock)
        self._local: bytes | None = None

    async def open(self, local_token: str) -> None:
        """Load the tokens; `local_token` has every scope."""
        self._local = tokens.hash_of(local_token)
        await self._reload()

    def who(self, token: str) -> TokenInfo | None:
        """Who holds the token."""
        if self._local is not None and equal(tokens.hash_of(token), self._local):
            return TokenInfo(LOCAL, frozenset(tokens.SCOPES))
        return self._book.authenticate(token)

    async def add(self, name: str, scopes: Sequence[str], who: str) -> str:
        """Make a token; its text is returned this once."""
        token = await self._core.run(tokens.issue, TokenRows(self._core, who), name, scopes, self._core.clock())
        await self._reload()
        return token

    async def list(self) -> list[dict[str, object]]:
        """All tokens, without their secrets."""
        rows = await self._core.run(self._table.list)
        return [tokens.shown(row, self._core.clock()) for row in rows]

    async def revoke(self, name: str, who: str) -> bool:
        """Revoke a token; False when there is none in force."""
        done = await self._core.run(TokenRows(self._core, who).revoke, name, self._core.clock())
        await self._reload()
        return done

    async def _reload(self) -> None:
        self._book.reload(await self._core.run(self._table.all_active))
