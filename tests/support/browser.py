"""A real browser: Debian's chromium, driven by playwright; a page that says anything on its console fails the test."""

import contextlib
import re
from collections.abc import AsyncIterator
from typing import Any, Final
from urllib.parse import urlsplit

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, async_playwright, expect

from suar.service.people import credentials
from support.console import PASSWORD, Desk, code
from support.executables import CHROMIUM, require

WAIT: Final = 120_000  # ms; ends a test that hangs: what is awaited comes at once on a quiet machine
expect.set_options(timeout=WAIT)  # without it what a page shows is awaited for five seconds
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 360, "height": 740}
RULES: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
AXE: Final[dict[str, Any]] = {
    "runOnly": {"type": "tag", "values": RULES},
    "resultTypes": ["violations"], "selectors": False,  # nothing else is read, and costs as much again
}  # fmt: skip


def needed() -> None:
    """Skip where there is no chromium; fail where SUAR_REQUIRE names the browser, or CI is set."""
    require(CHROMIUM, "chromium", "browser")


@contextlib.asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """One browser process."""
    needed()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"], timeout=WAIT)
        try:
            yield browser
        finally:
            await browser.close()


class Watched:
    """A page, the messages of its console, and the addresses that it requested."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.console: list[str] = []
        self.requests: list[str] = []
        page.on("console", lambda message: self.console.append(message.text))
        page.on("pageerror", lambda error: self.console.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))


NO_ERRORS: Final = ("Failed to load resource", "Autofocus processing was blocked because a document already has")
"""A page that was refused on purpose, and a field that was filled before the page had focused it."""


def is_of_this_machine(address: str) -> bool:
    """Whether a request for this address stays on the machine."""
    parts = urlsplit(address)
    name = parts.hostname or ""
    return parts.scheme in {"data", "blob", "about"} or name == "127.0.0.1" or name.split(".")[-1] == "localhost"


@contextlib.asynccontextmanager
async def visitor(
    browser: Browser, *, narrow: bool = False, script: bool = True, **more: Any
) -> AsyncIterator[Watched]:
    """A person's browser window, with cookies of its own. Its console stays empty, but for pages refused on purpose.

    No request leaves the machine.
    """
    size: Any = NARROW if narrow else WIDE
    context = await browser.new_context(viewport=size, java_script_enabled=script, **more)
    context.set_default_timeout(WAIT)
    try:
        seen = Watched(await context.new_page())
        yield seen
        errors = [each for each in seen.console if not any(words in each for words in NO_ERRORS)]
        assert errors == [], errors
        elsewhere = [each for each in seen.requests if not is_of_this_machine(each)]
        assert elsewhere == [], elsewhere
    finally:
        await context.close()


async def accessible(page: Page) -> None:
    """No violation of WCAG 2.2 AA or of axe's best practices."""
    found = await Axe().run(page, options=AXE)
    violations = [(each["id"], [node["html"][:200] for node in each["nodes"]]) for each in found.response["violations"]]
    assert violations == [], page.url


async def fits(page: Page) -> None:
    """Nothing is wider than the window."""
    wide, over = await page.evaluate(
        """() => document.documentElement.scrollWidth <= window.innerWidth ? [false, []] :
        [true, [...document.querySelectorAll('body *')].filter(each =>
          each.getBoundingClientRect().right > window.innerWidth && !each.closest('.sr,.skip,thead')
        ).map(each => each.outerHTML.slice(0, 160))]"""
    )
    assert (wide, over) == (False, []), page.url


def longer(text: str) -> str:
    """1.6 times as long, by the vowels, with placeholders kept."""
    return re.sub(r"\{\w+\}|([aeiou])", lambda found: found[0] if found[0][0] == "{" else found[0] * 3, text)


async def sign_in(desk: Desk, page: Page, user: str) -> None:
    """By the two forms, as a person does."""
    await page.goto(f"{desk.url}/console/sign-in")
    await enter(desk, page, user)


async def enter(desk: Desk, page: Page, user: str) -> None:
    """Fill in the two forms of the sign-in that is shown."""
    desk.later(credentials.STEP)
    await page.fill("#user", user)
    await page.fill("#password", PASSWORD)
    await page.click("form.card button")
    await page.fill("#code", code(desk.kit.now))
    await page.click("form.card button")
    await page.wait_for_selector(".who")
