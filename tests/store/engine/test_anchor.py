"""The anchor is written a moment after a commit, by one thread that is woken once for all accounts that wait."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from suar.protocol.base.primitives import Secret
from suar.store.engine import anchor as module
from suar.store.engine.account import Account, AccountSeal
from suar.store.engine.anchor import Anchor
from support.nats_server import eventually


@pytest.fixture
def anchor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Anchor]:
    monkeypatch.setattr(module, "DELAY", 0.01)
    made = Anchor(tmp_path, AccountSeal(Secret(bytes(32))))
    yield made
    made.close()


def account(generation: int) -> Account:
    return Account("suar-anchor/1", "TH", bytes(16), generation, "0001", (0, bytes(32)), {})


async def test_the_newest_account_is_written_however_many_follow_one_another(anchor: Anchor) -> None:
    for last in (3, 4, 9):  # each time after the thread has written what there was
        for generation in range(1, last + 1):
            anchor.write_soon(account(generation))

        async def is_written(last: int = last) -> bool:
            return generation_of(anchor) == last

        await eventually(is_written)


def generation_of(anchor: Anchor) -> int:
    found = anchor.read()
    return 0 if found is None else found.generation
