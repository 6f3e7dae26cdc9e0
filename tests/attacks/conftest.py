"""A running demo, started once a file: three members, every server and gateway a process of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

from support.demos import Running, running

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Members SG, TH and VN; `demo.content` is demo.json."""
    with running(tmp_path_factory.mktemp("attacked")) as made:
        yield made


@pytest.fixture(scope="module")
def member(demo: Running) -> dict[str, Any]:
    """The second member, as demo.json has it."""
    found: dict[str, Any] = demo.content["members"][1]
    return found


@pytest.fixture(scope="module")
def client(member: dict[str, Any]) -> Iterator[httpx.Client]:
    """Its HTTP API, without a token."""
    with httpx.Client(base_url=member["gateway"]["http"], trust_env=False, timeout=120) as made:
        yield made
