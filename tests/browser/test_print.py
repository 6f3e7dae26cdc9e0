"""Paper: A4, the marking and who printed it on every sheet, and nothing that only a screen can use."""

import io
import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page
from pypdf import PdfReader

from console.samples import USER, Sample, sampled
from support.browser import sign_in, visitor
from support.console import Desk

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]
A4 = (595, 842)  # points
LARGE = 2.0  # so that one message takes several sheets


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sample(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Sample]:
    async with sampled(tmp_path_factory.mktemp("paper")) as made:
        yield made


async def sheets(page: Page, scale: float = 1.0) -> list[str]:
    """The text of each sheet, of which each is A4."""
    made = await page.pdf(prefer_css_page_size=True, scale=scale)
    reader = PdfReader(io.BytesIO(made))
    sizes = {(round(sheet.mediabox.width), round(sheet.mediabox.height)) for sheet in reader.pages}
    assert sizes == {A4}
    return [" ".join(sheet.extract_text().split()) for sheet in reader.pages]


async def shown(browser: Browser, desk: Desk, path: str, user: str = USER) -> tuple[list[str], list[str]]:
    """The sheets of a page as it is, and in letters so large that there are several."""
    async with visitor(browser) as seen:
        await sign_in(desk, seen.page, user)
        await seen.page.goto(f"{desk.url}{path}")
        return await sheets(seen.page), await sheets(seen.page, LARGE)


@pytest.mark.parametrize("which", ["message", "matrix"])
async def test_every_sheet_is_marked_and_says_who_printed_it_and_when(
    sample: Sample, browser: Browser, which: str
) -> None:
    desk = sample.reading if which == "message" else sample.following
    path = sample.received if which == "message" else sample.followed
    id_ = path.removesuffix("/who").rpartition("/")[2]
    plain, large = await shown(browser, desk, path)
    assert len(large) > 1
    for number, sheet in enumerate(large, 1):
        assert "everything here is real" in sheet
        assert "TLP:" in sheet
        assert id_ in sheet
        assert re.search(rf"Printed by {USER.title()} \({USER}\), .*20\d\d, \d\d:\d\d", sheet)
        assert f"{number} / {len(large)}" in sheet
    assert "Recruiters at the pier" in " ".join(plain)
    for word in ("Sign out", "Send the answer", "Skip to content", "Write an update"):
        assert word not in " ".join(plain)


async def test_the_head_of_a_long_matrix_is_on_every_sheet(sample: Sample, browser: Browser) -> None:
    async with visitor(browser, script=False) as seen:  # nothing of the page is fetched again meanwhile
        await sign_in(sample.following, seen.page, USER)
        await seen.page.goto(f"{sample.following.url}{sample.followed}")
        await seen.page.evaluate(  # as in a federation of many members
            """() => { const body = document.querySelector('table tbody');
            for (let at = 0; at < 40; at += 1) body.append(body.rows[0].cloneNode(true)); }"""
        )
        found = await sheets(seen.page)
    assert len(found) > 1
    assert all("Member" in sheet and "Now" in sheet and "TLP:" in sheet for sheet in found)


async def test_an_exercise_is_marked_on_every_sheet(sample: Sample, browser: Browser) -> None:
    async with visitor(browser) as seen:
        await sign_in(sample.writing, seen.page, USER)
        await seen.page.goto(f"{sample.writing.url}/console/x/inbox")
        for sheet in await sheets(seen.page, LARGE):
            assert "EXERCISE" in sheet


async def test_marks_keep_their_colours_on_paper(sample: Sample, browser: Browser) -> None:
    """Without its black ground the name of a TLP would be light green on white."""
    async with visitor(browser) as seen:
        await sign_in(sample.reading, seen.page, USER)
        await seen.page.goto(f"{sample.reading.url}{sample.received}")
        await seen.page.emulate_media(media="print")
        kept = "each => getComputedStyle(each).printColorAdjust"
        assert await seen.page.locator("main .tlp").first.evaluate(kept) == "exact"
        assert await seen.page.locator(".side form").first.is_hidden()
        assert await seen.page.locator(".sheet-head").is_visible()
        await seen.page.emulate_media(media="screen")
        assert await seen.page.locator(".sheet-head").is_hidden()
