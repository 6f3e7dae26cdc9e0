"""Sealing at rest: bound to its row, to its store, and gone when its key is gone."""

import pytest

from suar.protocol.base.errors import Fault
from suar.protocol.base.primitives import Secret
from suar.store.engine.vault import Vault

KEY, OTHER = Secret(b"k" * 32), Secret(b"o" * 32)


def test_a_body_comes_back_and_each_row_has_its_own_key() -> None:
    vault = Vault(KEY)
    first, second = vault.seal(b"text", "row 1"), vault.seal(b"text", "row 1")
    assert vault.open(*first, "row 1") == b"text"
    assert first[0] != second[0]


def test_what_was_moved_altered_or_sealed_elsewhere_does_not_open() -> None:
    body, key = Vault(KEY).seal(b"text", "row 1")
    flipped = bytes([body[0] ^ 1]) + body[1:]
    for vault, sealed, wrapped, about in (
        (Vault(KEY), body, key, "row 2"),
        (Vault(KEY), flipped, key, "row 1"),
        (Vault(KEY), body, key[:-1] + bytes([key[-1] ^ 1]), "row 1"),
        (Vault(OTHER), body, key, "row 1"),
    ):
        with pytest.raises(Fault, match="does not open"):
            vault.open(sealed, wrapped, about)


def test_it_shows_nothing() -> None:
    assert repr(Vault(KEY)) == "Vault(...)"
