"""A console with a person of each role."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from suar.console import guard
from support.console import Browser, Desk, browser, served

PEOPLE = {
    "maria": ("coordinator", "author"), "jose": ("coordinator",), "ana": ("author",), "ben": ("approver",),
    "rita": ("reader",), "omar": ("operator",), "aude": ("auditor",),
}  # fmt: skip

BURST = guard.BURST


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test goes from page to page faster than the ten calls a second that a session has."""
    monkeypatch.setattr(guard, "BURST", 100_000)


@pytest.fixture
def paced(unhurried: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The calls of a session are counted as they are."""
    monkeypatch.setattr(guard, "BURST", BURST)


@pytest_asyncio.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with served(tmp_path / "th") as made:
        for name, roles in PEOPLE.items():
            made.add(name, *roles)
        await made.register("clinic")
        made.add("nurse", "agency", agency="clinic")
        await made.load()
        yield made


@pytest_asyncio.fixture
async def visit(desk: Desk) -> AsyncIterator[Browser]:
    async with browser(desk) as made:
        yield made


@pytest_asyncio.fixture
async def author(desk: Desk) -> AsyncIterator[Browser]:
    """Reyes, who writes, where the module's desk has her."""
    async with browser(desk) as made:
        await made.sign_in("reyes")
        yield made


@pytest_asyncio.fixture
async def approver(desk: Desk) -> AsyncIterator[Browser]:
    """Santos, who releases, where the module's desk has her."""
    async with browser(desk) as made:
        await made.sign_in("santos")
        yield made
