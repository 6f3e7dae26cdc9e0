"""Stories of a proposal in Chromium: an agency hands it in, an author takes and edits it, another one releases it."""

import json
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from console.test_proposals import agency, alert
from suar.console import guard
from suar.languages.tags import LANGUAGES
from support.browser import accessible, fits, sign_in, visitor
from support.console import Desk, served

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]
PATH = "/v1/proposals"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    async with served(tmp_path_factory.mktemp("proposals") / "th") as made:
        made.kit.aside(made.kit.receive_bundles)
        made.add("reyes", "author")
        made.add("santos", "approver")
        await made.load()
        yield made


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "BURST", 100_000)


class Program:
    """The agency's."""

    def __init__(self, desk: Desk, token: str) -> None:
        self.client = httpx.AsyncClient(
            base_url=desk.url, headers={"Authorization": f"Bearer {token}"}, trust_env=False, timeout=60
        )  # fmt: skip

    async def propose(self, desk: Desk, title: str) -> str:
        """An alert that needs a second person."""
        tree = alert(desk, urgency="immediate", ack_within=4)
        tree["text"][0]["title"] = title
        made = await self.client.post(PATH, content=json.dumps(tree))
        assert made.status_code == 201, made.text
        return str(made.json()["id"])

    async def state(self, id_: str) -> str:
        """What it is told of its proposal."""
        return str((await self.client.get(f"{PATH}/{id_}")).json()["state"])


async def sound(page: Page) -> None:
    """Accessible, and no wider than the window."""
    await accessible(page)
    await fits(page)


@pytest.mark.parametrize("narrow", [False, True], ids=["desktop", "telephone"])
async def test_a_proposal_becomes_a_message_by_mouse(desk: Desk, browser: Browser, narrow: bool) -> None:
    program = Program(desk, await agency(desk, f"health{narrow:d}"))
    id_ = await program.propose(desk, f"Proposed {narrow}")
    async with visitor(browser, narrow=narrow) as author, visitor(browser, narrow=narrow) as second:
        page = author.page
        await sign_in(desk, page, "reyes")
        await page.locator('main a[href$="/proposals"]').click()
        await sound(page)
        await page.locator(f'a[href$="/proposals/{id_}"]').click()
        await expect(page.locator("article")).to_contain_text(f"Proposed {narrow}")
        await sound(page)
        assert await program.state(id_) == "proposed"
        await page.locator('button[value="take"]').click()
        await page.wait_for_url("**/draft/*")
        assert await program.state(id_) == "editing"
        await page.locator("#text-0-title").fill(f"Edited {narrow}")
        await page.locator('button[value="review"]:visible').first.click()
        await page.wait_for_url("**/review")
        await page.locator("main form button").click()
        await page.wait_for_url("**/draft/*")
        held = await page.locator(".crumb .id").inner_text()
        assert await program.state(id_) == "held"
        await sign_in(desk, second.page, "santos")
        await second.page.goto(f"{desk.url}/console/approve/{held}")
        await second.page.locator('button[value="release"]').click()
        await second.page.wait_for_url("**/who")
        assert await program.state(id_) == "published"
        await page.goto(f"{desk.url}/console/proposals/{id_}")
        await sound(page)
        await expect(page.locator("main")).not_to_contain_text("Proposed True")
    message = await desk.gateway.message(held)
    assert message is not None
    assert message["message"]["text"][0]["title"] == f"Edited {narrow}"
    await program.client.aclose()


async def test_a_proposal_is_taken_and_another_rejected_by_keyboard(desk: Desk, browser: Browser) -> None:
    program = Program(desk, await agency(desk, "labour"))
    taken, rejected = await program.propose(desk, "To take"), await program.propose(desk, "To reject")
    async with visitor(browser) as author:
        page = author.page
        await sign_in(desk, page, "reyes")

        async def reach(selector: str) -> None:
            for _ in range(200):
                if await page.evaluate("s => document.activeElement.matches(s)", selector):
                    return
                await page.keyboard.press("Tab")
            raise AssertionError(f"the keyboard does not reach {selector}")

        async def follow(selector: str, address: str) -> None:
            await reach(selector)
            await page.keyboard.press("Enter")
            await page.wait_for_url(address)

        await follow('main a[href$="/proposals"]', "**/proposals")
        await follow(f'a[href$="/proposals/{rejected}"]', f"**/proposals/{rejected}")
        await reach("#reason")
        await page.keyboard.type("Ask Mr Somchai Suksai about it.")
        await follow('button[value="reject"]', f"**/proposals/{rejected}")
        await expect(page.locator("#problem")).to_contain_text("name a person")
        await expect(page.locator("#reason")).to_have_value("Ask Mr Somchai Suksai about it.")
        await sound(page)
        assert await program.state(rejected) == "proposed"
        await reach("#reason")
        await page.keyboard.press("Control+A")
        await page.keyboard.type("The pier is not named.")
        await follow('button[value="reject"]', "**/proposals")
        assert await program.state(rejected) == "rejected"
        await expect(page.locator(f'a[href$="{rejected}"]')).to_have_count(0)
        await follow(f'a[href$="/proposals/{taken}"]', f"**/proposals/{taken}")
        await follow('button[value="take"]', "**/draft/*")
        assert await program.state(taken) == "editing"
        await expect(page.locator("#text-0-title")).to_have_value("To take")
    await program.client.aclose()


@pytest.mark.parametrize("tag", ["km", "my", "ta"])
async def test_the_pages_are_accessible_in_other_scripts(desk: Desk, browser: Browser, tag: str) -> None:
    program = Program(desk, await agency(desk, f"shelter-{tag}"))
    id_ = await program.propose(desk, f"In {tag}")
    await desk.gateway.agencies.suspend(f"shelter-{tag}", "operator")
    await desk.gateway.people.set_preferences("reyes", tag, "Asia/Manila")
    try:
        async with visitor(browser, narrow=True) as author:
            await sign_in(desk, author.page, "reyes")
            for path in ("/proposals", f"/proposals/{id_}", "/write"):
                await author.page.goto(f"{desk.url}/console{path}")
                await sound(author.page)
            for each in LANGUAGES if tag == "km" else ():  # no wider than a telephone in any language
                await desk.gateway.people.set_preferences("reyes", each, "Asia/Manila")
                for path in ("/proposals", f"/proposals/{id_}"):
                    await author.page.goto(f"{desk.url}/console{path}")
                    await fits(author.page)
    finally:
        await desk.gateway.people.set_preferences("reyes", "en", "Asia/Manila")
    await program.client.aclose()
