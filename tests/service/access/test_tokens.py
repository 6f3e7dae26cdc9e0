"""Tokens: their form, what is kept of them, and who is let in."""

from typing import Any

import pytest

from suar.protocol.base import limits
from suar.protocol.base.errors import Fault
from suar.service.access import tokens
from suar.service.access.authentication import Holders
from suar.service.access.standing import names_with_old_rights
from suar.service.access.tokens import TokenBook, TokenRow, chain, check
from suar.service.settings.scopes import rights

NOW = 1_800_000_000_000


class Table:
    """TokenTable in a list."""

    def __init__(self) -> None:
        self.rows: tokens.Rows = []

    def insert(self, row: TokenRow) -> bool:
        if any(each.name == row.name for each in self.rows):
            return False
        self.rows.append(row)
        return True


@pytest.fixture
def table() -> Table:
    return Table()


def test_a_token_has_256_random_bits_and_a_mark() -> None:
    made = {tokens.new_token() for _ in range(64)}
    assert len(made) == 64
    assert all(token.startswith("suar_") and len(token) == 48 for token in made)


def test_only_a_hash_is_kept(table: Table) -> None:
    made = tokens.issue(table, check("desk", ["read", "publish", "read"]), "chief", NOW)  # type: ignore[arg-type]  # a table that has what is called of it
    [row] = table.rows
    assert (row.scopes, row.maker) == (("publish", "read"), "chief")
    assert (row.hash, row.claim_hash) == (tokens.hash_of(made.token), tokens.hash_of(made.code))
    assert not {secret for secret in made if secret in f"{row!r} {made!r}"}
    assert "hash" not in tokens.token_shape(row, NOW)


def test_a_name_is_used_once(table: Table) -> None:
    tokens.issue(table, check("desk", ["read"]), "chief", NOW)  # type: ignore[arg-type]  # a table that has what is called of it
    with pytest.raises(Fault, match="desk exists"):
        tokens.issue(table, check("desk", ["read"]), "chief", NOW)  # type: ignore[arg-type]  # a table that has what is called of it


@pytest.mark.parametrize(
    ("name", "scopes"),
    [
        ("local", ["read"]),
        ("operator", ["read"]),
        ("Gateway", ["read"]),
        ("desk", ["propose"]),
        ("desk", ["acknowledge"]),
        ("", ["read"]),
        ("a b", ["read"]),
        ("x" * 65, ["read"]),
        ("desk", []),
        ("desk", ["root"]),
    ],
)
def test_a_wrong_name_or_scope_is_refused(name: str, scopes: list[str]) -> None:
    with pytest.raises(Fault) as caught:
        check(name, scopes)
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


def test_work_is_that_of_whoever_has_the_secret() -> None:
    """A revoked token still leads to who made it; a claimed one is its person's, or its maker's if it names nobody."""

    def made(name: str, maker: str | None, **more: Any) -> TokenRow:
        return TokenRow(name=name, hash=name.encode(), scopes=("publish",), created_at=NOW, maker=maker, **more)

    every = [
        made("boss", "local", user="anna", claimed_at=NOW), made("phone", "local", user="anna", claimed_at=NOW),
        made("one", "boss", revoked_at=NOW), made("two", "one"), made("of-maria", "phone", user="maria"),
        made("theirs", "one", claimed_at=NOW), made("desk", "operator"), made("ward", "local", claimed_at=NOW),
        made("of-ward", "ward"), made("old", None),
    ]  # fmt: skip
    held = Holders(every)
    names = ("anna", "boss", "phone", "one", "two", "of-maria", "theirs", "desk", "ward", "of-ward", "local", "old")
    assert [held.holder(name) for name in names] == [*["anna"] * 7, *["local"] * 4, "old"]
    assert held.holder("agency:police") == "agency:police"


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
def test_a_row_has_its_state(revoked_at: int | None, now: int, state: str) -> None:
    assert tokens.token_shape(row(tokens.new_token(), revoked_at=revoked_at), now)["state"] == state


def test_roles_need_the_scope_and_exist() -> None:
    wish = check("duty", ["acknowledge"], ["focal-point", "duty-officer"])
    assert wish.roles == ("duty-officer", "focal-point")
    for scopes, roles in ((["read"], ["approver"]), (["acknowledge"], ["king"]), (["acknowledge"], [])):
        with pytest.raises(Fault):
            check("duty", scopes, roles)


@pytest.mark.parametrize(
    ("scopes", "is_old", "expected"),
    [
        (["monitor"], False, {"monitor"}),
        (["operate"], False, {"operate", "monitor"}),
        (["admin"], False, {"admin", "operate", "monitor"}),
        (["read", "publish", "approve"], False, {"read", "publish", "approve"}),
        (["read"], True, {"read", "acknowledge"}),
        (["operate"], True, {"admin", "operate", "monitor"}),
        (["publish", "approve"], True, {"publish", "approve"}),
    ],
)
def test_what_scopes_amount_to(scopes: list[str], is_old: bool, expected: set[str]) -> None:
    assert rights(scopes, is_old=is_old) == expected


def test_a_code_is_good_for_a_week(table: Table) -> None:
    made = tokens.issue(table, check("desk", ["read"]), "chief", NOW)  # type: ignore[arg-type]  # a table that has what is called of it
    week = tokens.CLAIM_DAYS * limits.DAY
    info = book(*table.rows, now=NOW + week - 1).authenticate(made.code)
    assert info is not None
    assert (info.name, info.scopes) == ("desk", frozenset({"claim"}))
    late = book(*table.rows, now=NOW + week)
    assert late.authenticate(made.code) is None
    rejection = late.code_rejection(made.code)
    assert rejection is not None
    assert "has expired" in rejection.text
    assert book(*table.rows).code_rejection(made.code) is None, "it is good"
    assert late.code_rejection(made.token) is late.code_rejection(tokens.new_code()) is None


MAKERS = {
    "desk": ("local", False), "own": ("desk", False), "claimed": ("desk", True), "below": ("claimed", False),
    "sibling": ("local", False), "old": (None, False), "of-old": ("old", False), "a": ("b", False), "b": ("a", False),
}  # fmt: skip


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("desk", "desk", True),
        ("local", "desk", True),
        ("operator", "desk", True),
        ("desk", "own", True),
        ("own", "desk", True),
        ("desk", "sibling", True),
        ("desk", "claimed", False),
        ("local", "claimed", False),
        ("claimed", "below", True),
        ("desk", "below", False),
        ("old", "local", False),
        ("old", "of-old", True),
        ("a", "b", True),
        ("unknown", "desk", False),
    ],
)
def test_whose_acts_a_tokens_are(one: str, other: str, is_same: bool) -> None:
    assert (chain(one, MAKERS)[-1] == chain(other, MAKERS)[-1]) is is_same


def test_tokens_of_before_are_named_when_they_allow_more_than_they_say() -> None:
    def old(name: str, *scopes: str, **changes: Any) -> TokenRow:
        return TokenRow(name=name, hash=name.encode(), scopes=scopes, created_at=NOW, is_old=True, **changes)

    rows = [old("a", "read"), old("b", "publish"), old("c", "operate"), old("d", "operate", revoked_at=NOW)]
    assert names_with_old_rights(rows, NOW) == ["a", "c"]
    assert names_with_old_rights(rows, NOW + 400 * limits.DAY) == []
