"""Tokens: their form, what is kept of them, and who is let in."""

import pytest

from suar.protocol import limits
from suar.protocol.errors import Fault
from suar.service import tokens
from suar.service.tokens import TokenBook, TokenRow

NOW = 1_800_000_000_000


class Table:
    """TokenTable in a list."""

    def __init__(self) -> None:
        self.rows: tokens.Rows = []

    def insert(self, name: str, hash: bytes, scopes: tuple[str, ...], created_at: int) -> bool:  # noqa: A002
        if any(row.name == name for row in self.rows):
            return False
        self.rows.append(TokenRow(name=name, hash=hash, scopes=tuple(scopes), created_at=created_at))
        return True


@pytest.fixture
def table() -> Table:
    return Table()


def test_a_token_has_256_random_bits_and_a_mark() -> None:
    made = {tokens.new_token() for _ in range(64)}
    assert len(made) == 64
    assert all(token.startswith("suar_") and len(token) == 48 for token in made)


def test_only_a_hash_is_kept(table: Table) -> None:
    token = tokens.issue(table, "desk", ["read", "publish", "read"], NOW)  # type: ignore[arg-type]
    [row] = table.rows
    assert row.scopes == ("publish", "read")
    assert row.hash == tokens.hash_of(token)
    assert token not in repr(row)
    assert "hash" not in tokens.shown(row, NOW)


def test_a_name_is_used_once(table: Table) -> None:
    tokens.issue(table, "desk", ["read"], NOW)  # type: ignore[arg-type]
    with pytest.raises(Fault, match="desk exists"):
        tokens.issue(table, "desk", ["read"], NOW)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "scopes"),
    [("local", ["read"]), ("", ["read"]), ("a b", ["read"]), ("x" * 65, ["read"]), ("desk", []), ("desk", ["root"])],
)
def test_a_wrong_name_or_scope_is_refused(name: str, scopes: list[str]) -> None:
    with pytest.raises(Fault) as caught:
        tokens.check(name, scopes)
    assert caught.value.hint


def book(*rows: TokenRow, now: int = NOW) -> TokenBook:
    return TokenBook(lambda: now, rows)


def row(token: str, *, revoked_at: int | None = None) -> TokenRow:
    return TokenRow(name="desk", hash=tokens.hash_of(token), scopes=("read",), created_at=NOW, revoked_at=revoked_at)


def test_the_holder_is_known() -> None:
    token = tokens.new_token()
    info = book(row(token)).authenticate(token)
    assert info is not None
    assert (info.name, info.scopes) == ("desk", frozenset({"read"}))


@pytest.mark.parametrize("other", ["", "suar_", "x" * 48, "suar_" + "ä" * 43, "suar_" + "a" * 44])
def test_what_is_no_token_is_nobody(other: str) -> None:
    assert book(row(tokens.new_token())).authenticate(other) is None


def test_another_token_is_nobody() -> None:
    assert book(row(tokens.new_token())).authenticate(tokens.new_token()) is None


def test_a_revoked_token_is_nobody() -> None:
    token = tokens.new_token()
    assert book(row(token, revoked_at=NOW)).authenticate(token) is None
    held = book(row(token))
    held.reload([])
    assert held.authenticate(token) is None


def test_a_token_ends_after_a_year() -> None:
    token = tokens.new_token()
    assert book(row(token), now=NOW + 365 * limits.DAY - 1).authenticate(token)
    assert book(row(token), now=NOW + 365 * limits.DAY).authenticate(token) is None


@pytest.mark.parametrize(
    ("revoked_at", "now", "state"),
    [(None, NOW, "active"), (NOW, NOW, "revoked"), (None, NOW + 366 * limits.DAY, "expired")],
)
def test_a_row_tells_its_state(revoked_at: int | None, now: int, state: str) -> None:
    assert tokens.shown(row(tokens.new_token(), revoked_at=revoked_at), now)["state"] == state
