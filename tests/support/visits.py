"""A person's window in a story: what they do is counted, and what the page must never do is noted."""

import asyncio
import re
from typing import Any, Final

from playwright.async_api import Browser, BrowserContext, Page

from support.browser import WAIT, WIDE, accessible
from support.gateways import eventually

FOCUSED_ALREADY: Final = "Autofocus processing was blocked because a document already has a focused element."
"""What Chromium says of a page in which something has the focus before the field that the page names: by its timing."""
REFUSED: Final = re.compile(r"error: Failed to load resource: the server responded with a status of 40[349] \(.*\)")
OPENED: Final[list["Visit"]] = []
"""The windows that a test opened; whoever runs it judges them at its end (tests/browser/conftest.py)."""
EVERY: Final = 0.5  # seconds between two looks at a page: a session has so many calls a second


class Visit:
    """One person's window; `complaints` is what the browser said, and every request that went elsewhere."""

    def __init__(self, context: BrowserContext, page: Page, url: str) -> None:
        self.context, self.page, self.url = context, page, url
        self.complaints: list[str] = []
        self.actions = 0
        page.on("console", lambda message: self._note(message.type, message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self._wait_answered(request.url))

    def _note(self, kind: str, text: str) -> None:
        if text != FOCUSED_ALREADY:
            self.complaints.append(f"{kind}: {text}")

    def _wait_answered(self, address: str) -> None:
        if not address.startswith(self.url):
            self.complaints.append(f"elsewhere: {address}")

    def forget_refusals(self) -> None:
        """The story asked for pages that are refused to this person, which the browser notes."""
        self.complaints = [each for each in self.complaints if not REFUSED.fullmatch(each)]

    async def go(self, path: str) -> None:
        await self.page.goto(f"{self.url}{path}")

    async def click(self, selector: str) -> None:
        """One action."""
        self.actions += 1
        await self.page.locator(selector).first.click()

    async def submit(self, selector: str) -> None:
        """A press of a button, up to the page that answers it, which may have the same address: one action."""
        async with self.page.expect_navigation():
            await self.click(selector)

    async def open(self, text: str) -> None:
        """A press of a link by its words, up to the page that it leads to: one action."""
        self.actions += 1
        async with self.page.expect_navigation():
            await self.page.get_by_text(text).first.click()

    async def fill(self, selector: str, text: str) -> None:
        """One action."""
        self.actions += 1
        await self.page.locator(selector).first.fill(text)

    async def select(self, selector: str, value: str) -> None:
        """One action."""
        self.actions += 1
        await self.page.locator(selector).first.select_option(value)

    async def choose(self, name: str, value: str) -> None:
        """A radio or checkbox: one action."""
        await self.click(f'label:has(input[name="{name}"][value="{value}"])')

    async def wide(self) -> int:
        """How many pixels the page is wider than its window."""
        return int(await self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))

    async def check(self, where: str = "") -> None:
        """Accessible, no wider than the window, and silent."""
        await accessible(self.page)
        assert await self.wide() <= 0, (where, "wider than the window")
        assert self.complaints == [], (where, self.complaints)


async def opened(browser: Browser, url: str, *, size: dict[str, int] = WIDE, script: bool = True) -> Visit:
    """A window of its own, without what others left behind."""
    context = await browser.new_context(
        viewport={"width": size["width"], "height": size["height"]}, java_script_enabled=script, reduced_motion="reduce"
    )
    context.set_default_timeout(WAIT)
    made = Visit(context, await context.new_page(), url)
    OPENED.append(made)
    return made


def all_silent() -> None:
    """No window that was opened since the last call had a message on its console or a request to elsewhere."""
    complaints = [each.complaints for each in OPENED if each.complaints]
    OPENED.clear()
    assert complaints == [], complaints


async def until_shown(page: Page, text: str) -> None:
    """Until a page that does not renew itself has the text: "Refresh" is pressed, or it is loaded again."""

    async def is_shown() -> bool:
        if text in " ".join((await page.locator("main").inner_text()).split()):
            return True
        await asyncio.sleep(EVERY)
        await _refresh(page)
        return False

    await eventually(is_shown, message=lambda: f"{text!r} on {page.url}")


async def _refresh(page: Page) -> None:
    link = page.locator("main").get_by_role("link", name="Refresh", exact=True)
    if await link.count() == 0:
        await page.reload()
        return
    async with page.expect_navigation():
        await link.click()


async def until_live(page: Page) -> None:
    """Until the page's stream has told it how many wait: what more there is from then on is said by the page."""

    async def is_live() -> bool:
        return bool(await page.evaluate("waiting !== null"))

    await eventually(is_live, message=lambda: f"no event on {page.url}")


async def keep(visit: Visit, of: Any) -> None:
    """Give a window the session of another."""
    await visit.context.add_cookies(await of.context.cookies())
