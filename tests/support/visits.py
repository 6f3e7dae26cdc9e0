"""A person's window in a story: what they do is counted, and what the page must never do is noted."""

from typing import Any

from playwright.async_api import Browser, BrowserContext, Page

from support.browser import WAIT, WIDE, accessible


class Visit:
    """One person's window; `complaints` is what the browser said, and every request that went elsewhere."""

    def __init__(self, context: BrowserContext, page: Page, url: str) -> None:
        self.context, self.page, self.url = context, page, url
        self.complaints: list[str] = []
        self.actions = 0
        page.on("console", lambda message: self.complaints.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self._wait_answered(request.url))

    def _wait_answered(self, address: str) -> None:
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
        await accessible(self.page)
        assert await self.wide() <= 0, (where, "wider than the window")
        assert self.complaints == [], (where, self.complaints)


async def opened(browser: Browser, url: str, *, size: dict[str, int] = WIDE, script: bool = True) -> Visit:
    """A window of its own, without what others left behind."""
    context = await browser.new_context(
        viewport={"width": size["width"], "height": size["height"]}, java_script_enabled=script, reduced_motion="reduce"
    )
    context.set_default_timeout(WAIT)
    return Visit(context, await context.new_page(), url)


async def keep(visit: Visit, of: Any) -> None:
    """Give a window the session of another."""
    await visit.context.add_cookies(await of.context.cookies())
