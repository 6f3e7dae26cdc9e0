"""Charts and maps in Chromium: accessible, within 360 px in thirteen languages, and no request that leaves us."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import NamedTuple
from unittest import mock

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from suar.console import guard
from suar.languages.tags import LANGUAGES
from suar.standard import shipped
from support.browser import accessible, fits, sign_in, visitor
from support.console import Desk, served
from support.pairs import Two

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]
EXAMPLES = ("trend-detected-by-sex", "alert-new-route")


class Shown(NamedTuple):
    """A console, and the addresses of a message with a chart and of one with a map."""

    desk: Desk
    chart: str
    map: str


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shown(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shown]:
    two = Two(tmp_path_factory.mktemp("drawn") / "two")
    with mock.patch.object(guard, "BURST", 100_000):
        async with served(two.sg) as desk:
            desk.add("rita", "reader")
            await desk.load()
            chart, on_map = desk.kit.aside(published, two)
            yield Shown(desk, f"{desk.url}/console/m/{chart}", f"{desk.url}/console/m/{on_map}")


def published(two: Two) -> list[str]:
    made = []
    for name in EXAMPLES:
        body = shipped.draft(shipped.example(name), "TH", datetime.fromtimestamp(two.th.now / 1000, UTC))
        made += two.publish({**body, "audience": {"members": ["SG"]}})
    two.th.aside(two.to_sg)
    return made


@pytest.mark.parametrize("tag", ["en", "km", "my"])
async def test_pictures_are_accessible_and_load_from_here_alone(shown: Shown, browser: Browser, tag: str) -> None:
    for narrow in (False, True):
        async with visitor(browser, narrow=narrow) as seen:
            await sign_in(shown.desk, seen.page, "rita")
            await shown.desk.gateway.people.set_preferences("rita", tag, "Asia/Singapore")
            for address in (shown.chart, shown.map):
                await seen.page.goto(address)
                await accessible(seen.page)
                await fits(seen.page)
            assert all(url.startswith(shown.desk.url) for url in seen.requests)
            assert any("/console/static/land." in url for url in seen.requests)


async def test_pictures_fit_a_telephone_in_thirteen_languages(shown: Shown, browser: Browser) -> None:
    async with visitor(browser, narrow=True) as seen:
        await sign_in(shown.desk, seen.page, "rita")
        for tag in LANGUAGES:
            await shown.desk.gateway.people.set_preferences("rita", tag, "Asia/Singapore")
            for address in (shown.chart, shown.map):
                await seen.page.goto(address)
                await fits(seen.page)
                box = await seen.page.locator("svg.drawn").bounding_box()
                assert box is not None
                assert 200 < box["width"] <= 360
                assert box["height"] > 100
