"""Pages about messages of one console, with sample messages: within 360 px in every language and in longer words."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from console.test_messages import FILLED, URGENT, begun, fields, filled, handed_in
from suar.console import guard
from suar.languages.catalogue import Catalogue
from suar.languages.tags import LANGUAGES
from suar.protocol.message.kinds import PUBLISHED
from support.browser import NARROW, WIDE, accessible, fits, longer, sign_in, visitor
from support.console import Browser as Client
from support.console import Desk, served
from support.console import browser as client
from support.pairs import Two, new

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]
PASTED = "Period\tGeschlecht\tValue\n2026\tFrau\t4\n2026\tMale\t55\n2026\tUnknown\t31\n2026\ttotal\t90\n"
PAGE_BYTES = 150_000
USER = "cruz"


class Sample:
    """The console of TH, which wrote, and that of SG, which was sent something; `pages` is every address of each."""

    def __init__(self, writing: Desk, reading: Desk) -> None:
        self.writing, self.reading = writing, reading
        self.pages: dict[Desk, list[str]] = {}
        self.table = ""


@pytest.fixture(autouse=True, scope="module")
def unhurried() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(guard, "BURST", 100_000)
        yield


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sample(tmp_path_factory: pytest.TempPathFactory, unhurried: None) -> AsyncIterator[Sample]:
    two = Two(tmp_path_factory.mktemp("two"))
    async with served(tmp_path_factory.mktemp("one") / "th") as writing, served(two.sg) as reading:
        made = Sample(writing, reading)
        writing.kit.aside(writing.kit.give_bundles)
        writing.add("reyes", "author")
        writing.add(USER, "author", "approver")
        reading.add(USER, "reader")
        await write(made)
        (id_,) = reading.kit.aside(two.publish, new("Recruiters at the pier") | URGENT)
        reading.kit.aside(two.to_sg)
        made.pages[reading] = ["/console", "/console/inbox", f"/console/m/{id_}"]
        yield made
    two.th.close()


async def write(made: Sample) -> None:
    """One message that was published, one that waits, and a draft of every kind."""
    await made.writing.load()
    await made.reading.load()
    async with client(made.writing) as author:
        await author.sign_in("reyes")
        sent = (await handed_in(author)).removesuffix("/who")
        waiting = await handed_in(author, **URGENT)
        kept = await made.writing.gateway.desk.draft(waiting.rpartition("/")[2])
        assert kept is not None
        whole = await filled(author)
        drafts = [await begun(author, kind) for kind in PUBLISHED]
        made.table = drafts[PUBLISHED.index("trend")]
        await figures(author, made.table)
    made.pages[made.writing] = [
        "/console", "/console/x", "/console/inbox?q=nothing+at+all", "/console/write", "/console/sent",
        "/console/approve", f"/console/approve/{kept['message']}", waiting, f"{whole}/review", *drafts,
        f"{made.table}/table", sent, f"{sent}/who", f"{sent}/why/SG", f"{sent}/recall",
    ]  # fmt: skip


async def figures(author: Client, path: str) -> None:
    """A trend with some of its fields and a table of four rows."""
    sent = {**fields((await author.get(path)).text), **{key: FILLED[key] for key in FILLED if "." in key}}
    await author.post(path, {**sent, "indicator": "detected-victims", "unit": "persons", "do": "save"})
    await author.get(f"{path}/table")
    given = {"text": PASTED, "role": "detection", "column-0": "period", "column-1": "sex", "column-2": "value"}
    given |= {"of-1-0": "Frau", "word-1-0": "female", "do": "use"}
    done = await author.post(f"{path}/table", given)
    assert done.status_code == 303, done.text


async def pasted(sample: Sample, page: Page) -> None:
    """The page of a pasted table that asks what its columns and words mean."""
    await page.goto(f"{sample.writing.url}{sample.table}/table")
    await page.fill("#text", PASTED)
    await page.click('button[value="read"]')
    await page.select_option("#column-1", "sex")
    await page.click('button[value="read"]')
    assert await page.locator("#word-1-0").count() == 1


async def every_page(sample: Sample, desk: Desk, page: Page) -> AsyncIterator[str]:
    for path in sample.pages[desk]:
        answer = await page.goto(f"{desk.url}{path}")
        assert answer is not None
        assert (answer.status, page.url) == (200, f"{desk.url}{path}"), path
        yield path
    if desk is sample.writing:
        await pasted(sample, page)
        yield "a pasted table"


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
    sample: Sample, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = Catalogue.text
    monkeypatch.setattr(Catalogue, "text", lambda self, context, english: longer(said(self, context, english)))
    for desk in sample.pages:
        await desk.gateway.people.set_preferences(USER, "en", "Asia/Bangkok")
        async with visitor(browser, narrow=True) as seen:
            await sign_in(desk, seen.page, USER)
            async for _ in every_page(sample, desk, seen.page):
                await fits(seen.page)


@pytest.mark.parametrize("tag", ["en", "km", "my"])
async def test_the_table_that_asks_for_meanings_is_accessible(sample: Sample, browser: Browser, tag: str) -> None:
    async with visitor(browser) as seen:
        await sign_in(sample.writing, seen.page, USER)
        await sample.writing.gateway.people.set_preferences(USER, tag, "Asia/Bangkok")
        for size in (WIDE, NARROW):
            await seen.page.set_viewport_size({"width": size["width"], "height": size["height"]})
            await pasted(sample, seen.page)
            await accessible(seen.page)
            await fits(seen.page)
            await seen.page.goto(f"{sample.writing.url}{sample.table}")
            await accessible(seen.page)
