"""One chromium for all tests of a file, and texts half as long again."""

import sys
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from suar.languages.catalogue import Catalogue
from support.browser import chromium, longer
from support.visits import OPENED, all_silent


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as made:
        yield made


@pytest.fixture(autouse=True)
def silent_windows() -> Iterator[None]:
    """Whatever a story checks itself: no window had a message on its console, and none asked another machine."""
    OPENED.clear()
    yield
    all_silent()


@pytest.fixture
def longer_texts() -> Iterator[None]:
    """Every text of every catalogue is longer; what was kept of the texts is forgotten before and after."""
    translate = Catalogue.text
    with pytest.MonkeyPatch.context() as patch:
        forget()
        patch.setattr(Catalogue, "text", lambda self, context, english: longer(translate(self, context, english)))
        yield
    forget()


def forget() -> None:
    """Empty the caches of texts that this process has."""
    for name, module in list(sys.modules.items()):
        if name.startswith(("suar.console", "suar.languages")):
            for value in list(vars(module).values()):
                if clear := getattr(value, "cache_clear", None):
                    clear()
