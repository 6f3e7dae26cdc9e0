"""Story 24 of the design, run by test_planted_kind.py in a copy of the repository that has one kind more.

A form from which it is published, its review, and its page at another member: two real gateways and Chromium.
"""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import expect

from browser.test_message_stories import Desks, arrived, stages, to_review
from support.browser import NARROW, WIDE, chromium, needed
from support.eighth_kind import KIND
from support.gateways import running
from support.people import join
from support.visits import Visit

pytestmark = [pytest.mark.timeout(600), pytest.mark.asyncio(loop_scope="module")]
FIELDS = {
    "#issued": "2026-01-05", "#remark": "Before the first day at work.", "#chapters-0-heading": "Signs",
    "#chapters-0-page": "1", "#text-0-summary": "For new inspectors.",
}  # fmt: skip


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desks(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desks]:
    needed()
    async with running(tmp_path_factory.mktemp("browser"), "PH", "SG") as federation, chromium() as browser:
        made = Desks(federation, browser)
        made.people["reyes"] = await join(made.ph, "reyes", "author")
        made.people["tan"] = await join(made.sg, "tan", "reader")
        yield made


async def filled(visit: Visit, title: str) -> None:
    """The form from blank, as far as it is not filled in already."""
    await visit.go("/console/write")
    await visit.click(f'button[name="kind"][value="{KIND}"]')
    await visit.page.wait_for_url("**/draft/*")
    await visit.choose("grade", "beginner")
    await visit.select("#spoken", "ms")
    for selector, text in FIELDS.items():
        await visit.fill(selector, text)
    await visit.fill("#text-0-title", title)
    await visit.choose("tlp", "GREEN")
    await visit.choose("audience.members", "all")


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["desktop", "telephone"])
async def test_a_kind_that_was_planted_gets_form_review_and_page(desks: Desks, size: dict[str, int]) -> None:
    title = f"A first handbook {size['width']}"
    author, reader = await desks.visit("reyes", size), await desks.visit("tan", size)
    await filled(author, title)
    await author.check("its form")
    await to_review(author)
    await expect(author.page.locator("main")).to_contain_text("First lessons")
    await author.check("its review")
    await author.click("main form button")
    await author.page.wait_for_url("**/who")
    id_ = author.page.url.split("/")[-2]
    assert id_.startswith("PH-HANDBOOK-")
    await arrived(desks.sg, title)
    await reader.go(f"/console/inbox?kind={KIND}")
    await reader.click(f"a:has-text('{title}')")
    await expect(reader.page.locator("h1")).to_contain_text(title)
    for text in ("First lessons", "Malay", "Before the first day at work.", "Signs"):
        await expect(reader.page.locator("main")).to_contain_text(text)
    await reader.check("its page")
    assert await stages(desks.sg, id_) == ["opened"]
    for each in (author, reader):
        await each.context.close()
