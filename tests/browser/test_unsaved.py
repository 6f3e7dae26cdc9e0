"""Words that are typed while the gateway is away, or after the session: the page says so, and they are kept.

Story 11 of the design is here, since the clock of this desk can be turned.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from threading import Event
from typing import Any
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, Request, Route, expect

from suar.console import guard
from support.browser import accessible, enter, fits, sign_in, visitor
from support.console import Desk, served
from support.gateways import eventually
from support.patience import PATIENCE

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]
IDLE = 45 * 60_000  # ms: longer than a session is open without a call
AWAY = "Not saved: the gateway does not answer."
SECONDS = re.compile(r"Checking the table… [0-9]+ seconds")
OF_PROXY: list[dict[str, Any]] = [
    {"status": 502}, {"status": 302, "headers": {"Location": "/maintenance"}}, {"status": 401}, {"status": 403},
    {"status": 404}, {"status": 200, "content_type": "text/html", "body": "<p>Maintenance"},
]  # fmt: skip
ASKS = "(() => !dispatchEvent(new Event('beforeunload', {cancelable: true})))()"
"""Whether the browser would ask before the page is left."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    async with served(tmp_path_factory.mktemp("unsaved") / "th") as made:
        made.kit.aside(made.kit.receive_bundles)
        made.add("reyes", "author")
        made.add("olga", "operator")
        await made.load()
        yield made


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "BURST", 100_000)


async def begin(desk: Desk, page: Page, kind: str = "alert") -> None:
    """A blank draft, in which something is saved already."""
    await sign_in(desk, page, "reyes")
    await page.goto(f"{desk.url}/console/write")
    await page.click(f'button[name="kind"][value="{kind}"]')
    await page.wait_for_url("**/draft/*")
    await page.fill("#text-0-title", "Saved before")
    await until_saved(page)


async def until_saved(page: Page) -> None:
    """Until leaving the page would lose nothing."""

    async def is_saved() -> bool:
        return not await page.evaluate(ASKS)

    await eventually(is_saved, message=lambda: page.url)


async def later(page: Page, is_so: Callable[[], Awaitable[bool]]) -> bool:
    """Whether something is so after a minute of the page's clock."""
    await page.clock.fast_forward(60_000)
    return await is_so()


async def fails(route: Route) -> None:
    await route.fulfill(status=502)


async def test_words_typed_while_the_gateway_is_away_are_saved_when_it_answers_again(
    desk: Desk, browser: Browser
) -> None:
    async with visitor(browser) as seen:
        page = seen.page
        await begin(desk, page)
        notice, port = page.locator("#notice"), urlsplit(desk.url).port
        await expect(notice).to_be_hidden()
        await desk.stop()
        await page.fill("#text-0-title", "Typed while it was away")
        await expect(notice).to_contain_text(AWAY)
        await expect(notice).to_be_in_viewport()
        await expect(page.locator("#said")).to_contain_text(AWAY)
        assert await page.evaluate(ASKS)
        assert "eload" not in await page.locator("body").inner_text() + await page.locator("#said").inner_text()
        await accessible(page)
        await fits(page)
        await page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
        await expect(notice).to_be_in_viewport()
        await page.click('.side button[value="save"]')  # a press loads no page that has no words
        await expect(page.locator("#text-0-title")).to_have_value("Typed while it was away")
        await desk.listen(port or 0)
        await expect(notice).to_be_hidden()
        await until_saved(page)
        await page.reload()
        await expect(page.locator("#text-0-title")).to_have_value("Typed while it was away")


@pytest.mark.parametrize("narrow", [False, True], ids=["desktop", "telephone"])
async def test_story_11_an_idle_session_saves_its_draft_which_is_offered_again_after_the_sign_in(
    desk: Desk, browser: Browser, narrow: bool
) -> None:
    async with visitor(browser, narrow=narrow) as seen:
        page, title = seen.page, f"Written while away {narrow}"
        await begin(desk, page)
        draft = page.url
        desk.later(IDLE)
        await page.fill("#text-0-title", title)
        await expect(page.locator("#verdict")).to_contain_text("Sign in")
        await until_saved(page)
        await accessible(page)
        await fits(page)
        await page.fill("#text-0-summary", "Look at the second pier.")
        await page.click('button[value="review"]:visible')
        await page.wait_for_selector("h1:text-is('Sign in')")
        assert title not in await page.content()
        await enter(desk, page, "reyes")
        await page.wait_for_url(draft)
        await expect(page.locator("#text-0-title")).to_have_value(title)
        await expect(page.locator("#text-0-summary")).to_have_value("Look at the second pier.")
        await page.goto(f"{desk.url}/console/write")
        await expect(page.locator("main").get_by_text(title)).to_be_visible()


async def test_a_table_that_is_checked_for_long_is_counted_in_seconds(
    desk: Desk, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    check, runs, may_end = desk.gateway.check, Event(), Event()

    async def long(*args: Any, **kwargs: Any) -> Any:
        runs.set()
        await asyncio.to_thread(may_end.wait, PATIENCE)
        return await check(*args, **kwargs)

    async with visitor(browser) as seen:
        page = seen.page
        await page.clock.install()
        await begin(desk, page, "trend")
        line, announced = page.locator(".side .checking"), page.locator("#said")
        await expect(line).to_be_hidden()
        monkeypatch.setattr(desk.gateway, "check", long)
        await page.fill("#text-0-title", "Checked for long")
        await page.clock.fast_forward(2_000)  # as after typing
        assert await asyncio.to_thread(runs.wait, PATIENCE)
        await page.clock.fast_forward(3_000)  # as where a browser runs timers late
        await expect(line).to_have_text(SECONDS)
        await expect(line).to_be_visible()
        await expect(announced).to_have_text(SECONDS)
        await accessible(page)
        await fits(page)
        may_end.set()
        await expect(line).to_be_hidden()
        await expect(announced).not_to_have_text(SECONDS)
        # the page stays, as it does until the answer is there
        await page.evaluate("addEventListener('submit', each => each.preventDefault())")
        await page.click('.side button[value="review"]')
        await page.clock.run_for(3_000)
        await expect(line).to_have_text(SECONDS)


@pytest.mark.parametrize("height", [900, 600])
async def test_the_buttons_beside_a_long_verdict_are_in_the_window(desk: Desk, browser: Browser, height: int) -> None:
    async with visitor(browser) as seen:
        page = seen.page
        await begin(desk, page)
        await page.set_viewport_size({"width": 1280, "height": height})
        await page.fill("#text-0-summary", "Call +63 917 555 0123. " * 40)
        await page.click('.side button[value="review"]')
        await page.wait_for_url("**/draft/*?check=1")
        for share in (0.3, 0.6):
            await page.evaluate("share => scrollTo(0, share * document.documentElement.scrollHeight)", share)
            for name in ("review", "save"):
                await expect(page.locator(f'.side button[value="{name}"]')).to_be_in_viewport(ratio=1)
        assert await page.locator("#verdict").evaluate("each => each.scrollHeight > each.clientHeight")
        await accessible(page)
        await fits(page)


async def test_a_live_page_says_that_it_may_be_old_until_the_gateway_answers_again(
    desk: Desk, browser: Browser
) -> None:
    async with visitor(browser) as seen:
        page, notice = seen.page, seen.page.locator("#notice")
        await sign_in(desk, page, "olga")
        await page.clock.install()
        of_proxy = [*OF_PROXY]

        async def instead(route: Route) -> None:
            await route.fulfill(**(of_proxy.pop() if of_proxy else OF_PROXY[0]))

        async def all_tried() -> bool:
            return not of_proxy

        await page.route("**/live", instead)  # the browser gives up at the first one
        await page.goto(f"{desk.url}/console/health")
        await eventually(lambda: later(page, all_tried))
        await expect(notice).to_contain_text("What you see may be old")
        seen.console.clear()
        await accessible(page)
        await fits(page)
        await page.unroute("**/live")
        await eventually(lambda: later(page, notice.is_hidden))
        port = urlsplit(desk.url).port or 0
        await desk.stop()  # as before an upgrade: the page asks nobody to reload it
        await expect(notice).to_contain_text("What you see may be old")
        await desk.listen(port)
        await expect(notice).to_be_hidden()
        await desk.stop()
        desk.later(IDLE)
        await desk.listen(port)
        await expect(notice).to_have_text("Your session is over. The page no longer updates. Reload it.")


async def test_a_page_whose_stream_hangs_says_that_it_may_be_old_and_goes_on(desk: Desk, browser: Browser) -> None:
    """A proxy that keeps a request and answers nothing: neither the stream nor the question about it ends by itself."""
    async with visitor(browser) as seen:
        page, notice, held = seen.page, seen.page.locator("#notice"), list[Route]()
        await sign_in(desk, page, "olga")
        await page.clock.install()

        async def hold(route: Route) -> None:
            held.append(route)

        async def is_asked_again() -> bool:
            return len(held) > 1

        await page.route("**/live", hold)
        await page.goto(f"{desk.url}/console/health")
        await expect(notice).to_be_hidden()
        await eventually(lambda: later(page, is_asked_again))
        assert [each.request.resource_type for each in held] == ["eventsource", "fetch"]
        await eventually(lambda: later(page, notice.is_visible))
        await expect(notice).to_contain_text("What you see may be old")
        await held[-1].abort()
        await page.unroute("**/live")
        await eventually(lambda: later(page, notice.is_hidden))
        seen.console.clear()


@pytest.mark.parametrize("away", ["**/live", "**/console/**"], ids=["the stream", "everything"])
async def test_a_press_while_the_stream_is_away_loses_no_word_and_is_sent_once(
    desk: Desk, browser: Browser, away: str
) -> None:
    async with visitor(browser) as seen:
        page, probes, sent = seen.page, list[str](), list[str]()
        notice, title, words = page.locator("#notice"), page.locator("#text-0-title"), f"Pressed while away: {away}"

        def count(request: Request) -> None:
            if request.resource_type == "fetch" and request.url.endswith("/live"):
                probes.append(request.url)
            if request.method == "POST" and request.is_navigation_request():
                sent.append(request.url)

        async def has_paused() -> bool:
            return len(probes) > 1  # the second one is asked after a pause

        async def is_sent() -> bool:
            return bool(sent)

        await page.clock.install()
        await begin(desk, page)
        sent.clear()
        page.on("request", count)
        await page.route("**/live", fails)
        await page.reload()
        await eventually(lambda: later(page, has_paused))
        await page.route(away, fails)
        await page.fill("#text-0-title", words)
        await page.click('.side button[value="save"]')
        if away != "**/live":
            await expect(notice).to_contain_text(AWAY)
            await expect(title).to_have_value(words)
            assert await page.evaluate(ASKS)
            assert sent == []
            await page.unroute_all()
            await eventually(lambda: later(page, notice.is_hidden))
            await until_saved(page)
            assert sent == []
            await page.click('.side button[value="save"]')
        await eventually(is_sent)
        await page.unroute_all()
        await page.wait_for_load_state()
        await expect(title).to_have_value(words)
        await page.reload()
        await expect(title).to_have_value(words)
        assert len(sent) == 1
        seen.console.clear()
