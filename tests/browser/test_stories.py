"""Stories of people who join and sign in: two real gateways, desktop and telephone.

The numbers are those of the stories of the design.
"""

import time
from collections.abc import AsyncIterator

import httpx
import pyotp
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from support.browser import Watched, accessible, fits, visitor
from support.console import PASSWORD
from support.gateways import Federation, Running, running
from support.live import suar
from support.patience import PATIENCE

pytestmark = [
    pytest.mark.browser, pytest.mark.slow, pytest.mark.asyncio(loop_scope="module"),
]  # fmt: skip
SIZES = pytest.mark.parametrize("narrow", [False, True], ids=["desktop", "telephone"])
STEP = 30  # seconds


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def two(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Federation]:
    async with running(tmp_path_factory.mktemp("browser"), "PH", "SG", module="support.quick_people") as made:
        yield made


async def invited(gateway: Running, user: str, roles: str) -> str:
    """The link that the command prints."""
    done = await suar(gateway, "console", "invite", user, "--name", f"Person {user}", "--roles", roles)
    assert done.code == 0, done.err
    return done.out.strip().splitlines()[-1]


async def join(page: Page, link: str) -> str:
    """By the pages; the key that the authenticator has from now on."""
    await page.goto(link)
    await page.fill("#password", PASSWORD)
    await page.fill("#repeated", PASSWORD)
    await page.click("form.card button")
    secret = (await page.inner_text("#secret")).replace(" ", "")
    await page.fill("#code", pyotp.TOTP(secret).now())
    await page.click("form.card button")
    await page.wait_for_selector(".codes")
    assert await page.locator(".codes li").count() == 10
    return secret


async def sign_in(page: Page, base: str, user: str, secret: str, ahead: int = 1) -> None:
    """With the code of the next step, which a clock that is a little behind shows: each works once."""
    await page.goto(f"{base}/console")
    await page.fill("#user", user)
    await page.fill("#password", PASSWORD)
    await page.keyboard.press("Enter")
    await page.fill("#code", pyotp.TOTP(secret).at(int(time.time()) + ahead * STEP))
    await page.keyboard.press("Enter")
    await page.wait_for_selector(".who")


async def cookie(seen: Watched) -> str:
    (found,) = [each for each in await seen.page.context.cookies() if each.get("name") == "suar-ph"]
    assert found.get("httpOnly")
    assert found.get("sameSite") == "Lax"
    return str(found.get("value"))


@SIZES
async def test_story_01_invite_join_totp_sign_in_and_02_the_link_again_fails(
    two: Federation, browser: Browser, narrow: bool
) -> None:
    gateway = two["PH"]
    link = await invited(gateway, f"maria{narrow:d}", "coordinator,author")
    async with visitor(browser, narrow=narrow) as seen:
        secret = await join(seen.page, link)
        await accessible(seen.page)
        await fits(seen.page)
        await sign_in(seen.page, gateway.address["url"], f"maria{narrow:d}", secret)
        await seen.page.wait_for_selector("h1:text-is('What waits for you')")
        await seen.page.goto(link)
        await seen.page.wait_for_selector("h1:text-is('The link does not work')")
        assert await seen.page.locator("input[type=password]").count() == 0
        assert await cookie(seen) not in await seen.page.content()


async def test_story_01_without_script(two: Federation, browser: Browser) -> None:
    gateway = two["PH"]
    link = await invited(gateway, "nina", "reader")
    async with visitor(browser, narrow=True, script=False) as seen:
        secret = await join(seen.page, link)
        await sign_in(seen.page, gateway.address["url"], "nina", secret)
        await seen.page.click("summary")  # the menu opens without script
        await seen.page.click(".who button")
        await seen.page.wait_for_selector("h1:text-is('Sign in')")


@SIZES
async def test_story_25_foreign_origin_old_token_fixed_session_and_framing_are_refused(
    two: Federation, browser: Browser, narrow: bool
) -> None:
    gateway = two["PH"]
    base = gateway.address["url"]
    link = await invited(gateway, f"sol{narrow:d}", "coordinator")
    async with visitor(browser, narrow=narrow) as seen:
        await seen.page.context.add_cookies([{"name": "suar-ph", "value": "planted" * 6, "url": base}])
        secret = await join(seen.page, link)
        await sign_in(seen.page, base, f"sol{narrow:d}", secret)
        mine = await cookie(seen)
        assert mine != "planted" * 6
        async with httpx.AsyncClient(trust_env=False, cookies={"suar-ph": "planted" * 6}, timeout=PATIENCE) as client:
            assert (await client.get(f"{base}/console/me")).status_code == 303
        # a page of another origin: the same machine under another name is one
        other = base.replace("127.0.0.1", "evil.localhost")
        page = await seen.page.context.new_page()
        await page.route(
            f"{other}/**",
            lambda route: route.fulfill(
                content_type="text/html",
                body=f"<iframe src='{base}/console/me'></iframe>"
                f"<form method=post action='{base}/console/me/sessions'><button>go</button></form>",
            ),
        )
        await page.goto(f"{other}/")
        frame = page.frames[1]
        assert "Open sessions" not in await frame.content()
        await page.click("button")
        await page.wait_for_selector("h1:text-is('The form came from another page')")
        await page.close()
        # the token of another session
        await seen.page.goto(f"{base}/console/me")
        await seen.page.evaluate(
            "document.querySelectorAll('[name=csrf]').forEach(each => { each.value = 'f'.repeat(64) })"
        )
        await seen.page.click("form[action$='/me/sessions'] button")
        await seen.page.wait_for_selector("h1:text-is('The form is too old')")


async def test_who_gets_a_new_link_comes_back_to_the_page_that_was_wanted(two: Federation, browser: Browser) -> None:
    gateway = two["PH"]
    link = await invited(gateway, "ida", "coordinator")
    async with visitor(browser) as seen:
        secret = await join(seen.page, link)
        await sign_in(seen.page, gateway.address["url"], "ida", secret)
        await seen.page.goto(f"{gateway.address['url']}/console/people")
        await seen.page.context.clear_cookies()
        await seen.page.goto(f"{gateway.address['url']}/console/people/ida")
        await seen.page.wait_for_selector("h1:text-is('Sign in')")
        codes = (await suar(gateway, "console", "recover", "ida", "--yes")).out.strip().splitlines()[-1]
        secret = await join(seen.page, codes)
        await seen.page.goto(f"{gateway.address['url']}/console/people/ida")
        await seen.page.fill("#user", "ida")
        await seen.page.fill("#password", PASSWORD)
        await seen.page.keyboard.press("Enter")
        await seen.page.fill("#code", pyotp.TOTP(secret).at(int(time.time()) + STEP))
        await seen.page.keyboard.press("Enter")
        await seen.page.wait_for_selector('h1:has-text("Person ida")')
        assert seen.page.url.endswith("/console/people/ida")


async def test_a_double_press_sends_one_form(two: Federation, browser: Browser) -> None:
    gateway = two["PH"]
    base = gateway.address["url"]
    link = await invited(gateway, "dora", "coordinator")
    async with visitor(browser) as seen:
        secret = await join(seen.page, link)
        await sign_in(seen.page, base, "dora", secret)
        await seen.page.goto(f"{base}/console/people")
        await seen.page.fill("#id", "once")
        await seen.page.fill("#name", "Only Once")
        await seen.page.check("input[value=reader]")
        await seen.page.dblclick("form[action$='/people'] .btn")
        await seen.page.wait_for_selector("#link")
        assert (
            len([url for url in seen.requests if url == f"{base}/console/people"]) == 2
        )  # the page, and the form once
