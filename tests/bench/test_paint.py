"""bench/paint.py: the author of the first member of demo.json, the first paint that a browser states, the median."""

import importlib
from types import ModuleType

import pytest

from support.browser import chromium
from support.bundles import ROOT


@pytest.fixture
def paint(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(ROOT / "bench")
    return importlib.import_module("paint")


def test_the_first_member_s_author_signs_in(paint: ModuleType) -> None:
    login = {"user": "author", "password": "p", "totp": "A"}
    console = {"url": "http://sg.localhost:1/console", "logins": {"author": login, "operator": {}}}
    first = {"gateway": {"http": "http://127.0.0.1:1"}, "console": console}
    assert paint.author_of({"members": [first, {}]}) == ("http://127.0.0.1:1/console", login)


def test_the_median_is_of_all_loads(paint: ModuleType) -> None:
    found = paint.line("/inbox", [900.0, 80.0, 70.4])
    assert found == "/console/inbox: first paint, median of 3 warm loads 80 ms (900 80 70)"


@pytest.mark.browser
async def test_a_first_paint_is_stated_of_each_load(paint: ModuleType) -> None:
    async with chromium() as browser:
        page = await browser.new_page()
        found = await paint.paints(page, "data:text/html,<p>Painted</p>", 2)
    assert len(found) == 2
    assert all(each > 0 for each in found)
