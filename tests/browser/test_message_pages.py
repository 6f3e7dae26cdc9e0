"""Pages about messages of one console, with sample messages: within 360 px in every language and in longer words."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, Route, expect

from console.samples import PASTED, USER, Sample, sampled
from console.test_drills import started
from console.test_messages import URGENT, handed_in
from suar.languages.tags import LANGUAGES
from support.browser import WIDE, accessible, fits, sign_in, visitor
from support.console import Desk
from support.console import browser as client

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]
PAGE_BYTES = 150_000


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sample(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Sample]:
    async with sampled(tmp_path_factory.mktemp("sample")) as made:
        async with client(made.writing) as author:
            await author.sign_in("reyes")
            path = await handed_in(author, **URGENT)
            drill = await started(author)
        kept = await made.writing.gateway.desk.draft(path.rpartition("/")[2])
        assert kept is not None
        made.decided = f"/console/approve/{kept['message']}"
        await made.writing.gateway.reject(kept["message"], USER, "Not at this pier.", is_session=True)
        made.pages[made.writing] += ["/console/news", "/console/x/drills", "/console/x/drills/new", drill]
        yield made


async def pasted(sample: Sample, page: Page) -> None:
    """The page of a pasted table that asks what its columns and words mean."""
    await page.goto(f"{sample.writing.url}{sample.table}/table")
    await page.fill("#text", PASTED)
    await page.click('button[value="read"]')
    await page.select_option("#column-1", "sex")
    await page.click('button[value="read"]')
    assert await page.locator("#word-1-0").count() == 1


async def conflict(sample: Sample, page: Page) -> None:
    """The page with two versions of a draft, as for a person whose page was older than what is saved."""
    await page.goto(f"{sample.writing.url}{sample.whole}")
    await page.fill("#text-0-title", "Mine")
    await page.evaluate("document.querySelector('#verdict [name=version]').value = '0'")
    await page.click('.side button[value="save"]')
    await page.wait_for_selector(".two")


async def linked_from_elsewhere(sample: Sample, page: Page) -> None:
    """The page of a message that another site's link opened: it asks for a press first."""

    async def from_elsewhere(route: Route) -> None:
        headers = {**await route.request.all_headers(), "sec-fetch-site": "cross-site"}
        await route.fulfill(response=await route.fetch(headers=headers))

    await page.route(f"**{sample.sent}", from_elsewhere)
    await page.goto(f"{sample.writing.url}{sample.sent}")
    await page.unroute(f"**{sample.sent}")
    await expect(page.locator("main a.btn")).to_have_count(1)


async def decided(sample: Sample, page: Page) -> None:
    """The page of what a second person has decided about."""
    answer = await page.goto(f"{sample.writing.url}{sample.decided}")
    assert answer is not None
    assert answer.status == 409


async def unproved(sample: Sample, page: Page) -> None:
    """What the link to the evidence leads to while nothing was sent; for a link of another kind a browser says less."""
    await page.goto(f"{sample.writing.url}{sample.sent}")
    async with page.expect_response("**/export?rev=1") as answer:
        await page.click('a[href$="/export?rev=1"]')
    assert (await answer.value).status == 409
    await page.wait_for_url("**/export?rev=1")


async def every_page(sample: Sample, desk: Desk, page: Page) -> AsyncIterator[str]:
    for path in sample.pages[desk]:
        answer = await page.goto(f"{desk.url}{path}")
        assert answer is not None
        assert (answer.status, page.url) == (200, f"{desk.url}{path}"), path
        yield path
    if desk is sample.writing:
        for at in (pasted, conflict, linked_from_elsewhere, decided):
            await at(sample, page)
            yield at.__name__


async def test_message_pages_fit_a_telephone_in_thirteen_languages(sample: Sample, browser: Browser) -> None:
    for desk in sample.pages:
        async with visitor(browser, narrow=True) as seen:
            await sign_in(desk, seen.page, USER)
            for tag in LANGUAGES:
                await desk.gateway.people.set_preferences(USER, tag, "Asia/Bangkok")
                async for path in every_page(sample, desk, seen.page):
                    await fits(seen.page)
                    weight = len((await seen.page.content()).encode())
                    assert weight < PAGE_BYTES or path == sample.table, (tag, path, weight)


async def test_message_pages_fit_a_telephone_in_words_half_as_long_again(
    sample: Sample, browser: Browser, longer_texts: None
) -> None:
    for desk in sample.pages:
        await desk.gateway.people.set_preferences(USER, "en", "Asia/Bangkok")
        async with visitor(browser, narrow=True) as seen:
            await sign_in(desk, seen.page, USER)
            async for _ in every_page(sample, desk, seen.page):
                await fits(seen.page)


@pytest.mark.parametrize(("tag", "narrow"), [("en", False), ("km", True), ("my", True)], ids=["en", "km", "my"])
async def test_pages_in_between_and_the_table_that_asks_for_meanings_are_accessible(
    sample: Sample, browser: Browser, tag: str, *, narrow: bool
) -> None:
    """In each script and in both widths, not in each script in each width."""
    async with visitor(browser, narrow=narrow) as seen:
        await sign_in(sample.writing, seen.page, USER)
        await sample.writing.gateway.people.set_preferences(USER, tag, "Asia/Bangkok")
        await pasted(sample, seen.page)
        await accessible(seen.page)
        await fits(seen.page)
        for path in (sample.table, sample.held, f"{sample.whole}/review", "/console/news"):
            await seen.page.goto(f"{sample.writing.url}{path}")
            await accessible(seen.page)
        await seen.page.goto(f"{sample.writing.url}/console/write")
        await seen.page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
        await expect(seen.page.locator('button[name="example"]:visible')).not_to_have_count(0)
        await accessible(seen.page)
        await fits(seen.page)
        for at in (conflict, linked_from_elsewhere, decided, unproved):
            await at(sample, seen.page)
            await accessible(seen.page)
            assert await seen.page.get_attribute("html", "lang") == tag


@pytest.mark.parametrize("tag", ["en", "km", "my"])
async def test_pages_of_exercises_are_accessible(sample: Sample, browser: Browser, tag: str) -> None:
    address = f"{sample.writing.url}/console/x/drills"
    async with visitor(browser, narrow=True) as seen:
        await sign_in(sample.writing, seen.page, USER)
        await sample.writing.gateway.people.set_preferences(USER, tag, "Asia/Bangkok")
        await seen.page.goto(f"{address}/new")
        await accessible(seen.page)
        await fits(seen.page)
        await seen.page.check("input[value=route-shift]", force=True)
        await seen.page.check("input[value=all]", force=True)
        await seen.page.fill("#name", f"night-{tag}")
        await seen.page.click("main form.card button")
        await seen.page.wait_for_url(f"{address}/night-{tag}")
        for path in (f"{address}/night-{tag}", address):
            await seen.page.goto(path)
            await accessible(seen.page)
            await fits(seen.page)
            assert await seen.page.get_attribute("html", "lang") == tag


UNMARKED = """() => [...document.querySelectorAll('.tag, .say, .stats li, .btn, button, .mark')].filter(each => {
  const style = getComputedStyle(each), box = each.getBoundingClientRect()
  const has = side => style[`border${side}Style`] != 'none' && parseFloat(style[`border${side}Width`])
  const is_framed = has('Top') && has('Left')
  return box.width && !is_framed && style.textDecorationLine == 'none' && !each.innerText.trim()
}).map(each => each.outerHTML.slice(0, 160))"""
CHOSEN_LIKE_OTHERS = """() => [...document.querySelectorAll('.pick label:has(:checked)')].filter(each => {
  const others = [...each.closest('.pick').querySelectorAll('label:not(:has(:checked))')]
  const outline = of => { const style = getComputedStyle(of); return style.outlineStyle + style.outlineWidth }
  return others.some(other => outline(other) == outline(each))
}).map(each => each.outerHTML.slice(0, 160))"""
MOVING = """() => document.getAnimations().length + [...document.querySelectorAll('*')].filter(each =>
  /[1-9]/.test(getComputedStyle(each).transitionDuration + getComputedStyle(each).animationDuration)).length"""


async def test_what_is_chosen_and_marked_is_seen_in_forced_colours(sample: Sample, browser: Browser) -> None:
    """Backgrounds and colours are taken away there: frames, outlines and words say the same."""
    chosen = 0
    for desk in sample.pages:
        await desk.gateway.people.set_preferences(USER, "en", "Asia/Bangkok")
        async with visitor(browser, forced_colors="active") as seen:
            await sign_in(desk, seen.page, USER)
            async for path in every_page(sample, desk, seen.page):
                assert await seen.page.evaluate(UNMARKED) == [], path
                assert await seen.page.evaluate(CHOSEN_LIKE_OTHERS) == [], path
                chosen += await seen.page.locator(".pick label:has(:checked)").count()
    assert chosen > 0


async def test_nothing_moves_and_pages_fit_at_twice_the_size(sample: Sample, browser: Browser) -> None:
    """A window of 1,280 pixels at 200 % has the room of 640."""
    for desk in sample.pages:
        async with visitor(browser, reduced_motion="reduce") as seen:
            await sign_in(desk, seen.page, USER)
            await seen.page.set_viewport_size({"width": WIDE["width"] // 2, "height": WIDE["height"] // 2})
            async for path in every_page(sample, desk, seen.page):
                await fits(seen.page)
                assert await seen.page.evaluate(MOVING) == 0, path
