"""A store in a temporary folder, and a core on it without a bus."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from suar.store.engine.database import Database
from support.corekit import CoreKit
from support.templates import new_store


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    store = new_store(tmp_path)
    yield store
    store.close()


@pytest.fixture
def make_core(tmp_path: Path) -> Iterator[Callable[..., CoreKit]]:
    """Cores of members of the test federation, each in its own folder."""
    made: list[CoreKit] = []

    def make(code: str = "SG") -> CoreKit:
        kit = CoreKit(tmp_path / code, code)
        made.append(kit)
        return kit

    yield make
    for kit in made:
        kit.close()
