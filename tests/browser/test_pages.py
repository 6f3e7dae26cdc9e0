"""Every page of people and operators: accessible in three scripts, within 360 px in every language and longer ones."""

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from console.test_operators_words import every_act
from suar.console import guard
from suar.languages.tags import LANGUAGES
from suar.service.access.tokens import check
from suar.service.settings.scopes import ROLES, SCOPES
from support.agency_desk import NKEYS
from support.browser import accessible, fits, sign_in, visitor
from support.console import PASSWORD, Desk, code, served

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]
OF_COORDINATOR = (
    "",
    "/x",
    "/me",
    "/people",
    "/people/omar",
    "/people/waits",
    "/people/nurse",
    "/people?agency=clinic",
    "/agencies",
    "/agencies/clinic",
    "/audit",
    "/again",
    "/health",
    "/nowhere",
)
OF_AGENCY = ("", "/inbox", "/news", "/me", "/sent")
OF_OPERATOR = ("", "/health", "/peers", "/peers/VN", "/tokens", "/keys")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    async with served(tmp_path_factory.mktemp("th") / "th") as made:
        made.add("maria", "coordinator", "author")
        made.add("omar", "operator")
        made.add("jose", "coordinator")
        await made.register("clinic")
        assert await made.gateway.agencies.change("clinic", "jose", nkey=NKEYS[0])
        await made.gateway.webhooks.set_url("clinic", "https://cases.health.example/suar", "jose")
        made.add("nurse", "agency", agency="clinic")
        await made.load()
        await made.gateway.people.mute("maria", "trend", "VN", 3)
        await made.gateway.tokens_add(check("prometheus", SCOPES, ROLES), "local")
        made.kit.aside(every_act, made)
        await made.gateway.people.invite("waits", "Waits For Another", ("approver",), "en", "jose")
        yield made


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "BURST", 100_000)


async def each_page(desk: Desk, page: Page, user: str) -> AsyncIterator[None]:
    for path in {"omar": OF_OPERATOR, "nurse": OF_AGENCY}.get(user, OF_COORDINATOR):
        await page.goto(f"{desk.url}/console{path}")
        yield


async def second_step(desk: Desk, page: Page) -> None:
    """The page of the sign-in that asks for a code."""
    await page.goto(f"{desk.url}/console/sign-in")
    await page.fill("#user", "omar")
    await page.fill("#password", PASSWORD)
    await page.click("form.card button")
    await page.wait_for_selector("#code")


async def entries_fit(desk: Desk, page: Page, link: str) -> None:
    """The pages before a session, one of them of an invitation."""
    for path in ("sign-in", f"join/{link}"):
        await page.goto(f"{desk.url}/console/{path}")
        await fits(page)
    await second_step(desk, page)
    await fits(page)


@pytest.mark.parametrize(("tag", "narrow"), [("en", False), ("km", True), ("my", True)], ids=["en", "km", "my"])
async def test_pages_of_people_and_operators_are_accessible(
    desk: Desk, browser: Browser, tag: str, *, narrow: bool
) -> None:
    """Each page in each script and in both widths; not each script in each width."""
    for user in ("maria", "omar", "nurse"):
        await desk.gateway.people.set_preferences(user, tag, "Asia/Manila")
        async with visitor(browser, narrow=narrow) as seen:
            await sign_in(desk, seen.page, user)
            async for _ in each_page(desk, seen.page, user):
                await accessible(seen.page)
                assert await seen.page.get_attribute("html", "lang") == tag
            assert {re.sub(r"^(https?://[^/]+).*", r"\1", url) for url in seen.requests} == {desk.url}


@pytest.mark.parametrize("tag", ["en-GB", "km", "my"])
async def test_pages_without_a_session_are_accessible(desk: Desk, browser: Browser, tag: str) -> None:
    link = await desk.gateway.people.invite(f"new-{tag.lower()[:2]}", "New Person", ("reader",), "en", "jose")
    async with visitor(browser, narrow=True, locale=tag) as seen:
        await seen.page.goto(f"{desk.url}/console/sign-in")
        await accessible(seen.page)
        await fits(seen.page)
        await second_step(desk, seen.page)
        await accessible(seen.page)
        await fits(seen.page)
        await seen.page.goto(f"{desk.url}/console/join/{link}")
        for step in range(3):
            await accessible(seen.page)
            await fits(seen.page)
            if step == 0:
                await seen.page.fill("#password", PASSWORD)
                await seen.page.fill("#repeated", PASSWORD)
            elif step == 1:
                secret = (await seen.page.inner_text("#secret")).replace(" ", "")
                await seen.page.fill("#code", code(desk.kit.now, secret))
            if step < 2:
                await seen.page.click("form.card button")
                await seen.page.wait_for_selector("#code" if step == 0 else ".codes")
        await seen.page.goto(f"{desk.url}/console/join/{link}")  # used: the page that says so
        await accessible(seen.page)


async def test_nothing_overflows_before_a_session_in_thirteen_languages(desk: Desk, browser: Browser) -> None:
    link = await desk.gateway.people.invite("entering", "Not Yet", ("reader",), "en", "jose")
    assert link is not None
    async with visitor(browser, narrow=True) as seen:
        for tag in LANGUAGES:
            await seen.page.set_extra_http_headers({"Accept-Language": tag})
            await entries_fit(desk, seen.page, link)
            assert await seen.page.get_attribute("html", "lang") == tag


@pytest.mark.parametrize("user", ["maria", "omar", "nurse"])
async def test_nothing_overflows_in_thirteen_languages(desk: Desk, browser: Browser, user: str) -> None:
    async with visitor(browser, narrow=True) as seen:
        await sign_in(desk, seen.page, user)
        for tag in LANGUAGES:
            await desk.gateway.people.set_preferences(user, tag, "Asia/Manila")
            async for _ in each_page(desk, seen.page, user):
                await fits(seen.page)


async def test_nothing_overflows_in_words_half_as_long_again(desk: Desk, browser: Browser, longer_texts: None) -> None:
    link = await desk.gateway.people.invite("longer", "Not Yet", ("reader",), "en", "jose")
    assert link is not None
    async with visitor(browser, narrow=True) as seen:
        await entries_fit(desk, seen.page, link)
    for user in ("maria", "omar", "nurse"):
        async with visitor(browser, narrow=True) as seen:
            await sign_in(desk, seen.page, user)
            async for _ in each_page(desk, seen.page, user):
                await fits(seen.page)


async def test_at_twice_the_size_nothing_is_lost(desk: Desk, browser: Browser) -> None:
    async with visitor(browser) as seen:
        await sign_in(desk, seen.page, "maria")
        await seen.page.set_viewport_size({"width": 640, "height": 450})  # 1280 at 200 %
        async for _ in each_page(desk, seen.page, "maria"):
            await fits(seen.page)
