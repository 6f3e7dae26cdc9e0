"""A running demo, started once a file: three members, every server and gateway a process of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from demos import Running, running

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Members SG, TH and VN; `demo.said` is demo.json."""
    with running(tmp_path_factory.mktemp("attacked")) as made:
        yield made
