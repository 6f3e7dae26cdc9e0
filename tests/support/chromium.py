"""Chromium without a screen, for the stories of people: where it is, what its pages must never do, and axe.

`SUAR_REQUIRE=browser` turns a skip into a failure.
"""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

DESKTOP: Final = {"width": 1280, "height": 900}
TELEPHONE: Final = {"width": 360, "height": 740}
TAGS: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WAIT: Final = 30_000  # ms
_AXE: Final = Axe()


def executable() -> str:
    """Where Chromium is. Skips the test where there is none, unless it is required."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        if "browser" in os.environ.get("SUAR_REQUIRE", "").split(","):
            pytest.fail("no chromium on this machine")
        pytest.skip("no chromium on this machine")
    return found


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """A browser that asks nothing of other machines."""
    path = executable()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        try:
            yield browser
        finally:
            await browser.close()


class Visit:
    """One person's window; `complaints` is what the browser said, and every request that went elsewhere."""

    def __init__(self, context: BrowserContext, page: Page, url: str) -> None:
        self.context, self.page, self.url = context, page, url
        self.complaints: list[str] = []
        self.actions = 0
        page.on("console", lambda message: self.complaints.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self._asked(request.url))

    def _asked(self, address: str) -> None:
        if not address.startswith(self.url):
            self.complaints.append(f"elsewhere: {address}")

    async def go(self, path: str) -> None:
        await self.page.goto(f"{self.url}{path}")

    async def click(self, selector: str) -> None:
        """One action."""
        self.actions += 1
        await self.page.locator(selector).first.click()

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
        found = await _AXE.run(self.page, options={"runOnly": {"type": "tag", "values": TAGS}})
        said = [
            f"{each['id']}: {[node['html'][:200] for node in each['nodes']]}" for each in found.response["violations"]
        ]
        assert not said, (where, said)
        assert await self.wide() <= 0, (where, "wider than the window")
        assert self.complaints == [], where


async def opened(browser: Browser, url: str, *, size: dict[str, int] = DESKTOP, script: bool = True) -> Visit:
    """A window of its own, without what others left behind."""
    context = await browser.new_context(
        viewport={"width": size["width"], "height": size["height"]}, java_script_enabled=script, reduced_motion="reduce"
    )
    context.set_default_timeout(WAIT)
    return Visit(context, await context.new_page(), url)


async def keep(visit: Visit, of: Any) -> None:
    """Give a window the session of another."""
    await visit.context.add_cookies(await of.context.cookies())
