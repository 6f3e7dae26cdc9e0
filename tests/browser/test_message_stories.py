"""Stories of people who write, release, read, answer, follow and recall messages: two real gateways and Chromium.

The numbers are those of the stories of the design.
"""

import json
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from support.browser import NARROW, WIDE, chromium, needed
from support.gateways import Federation, Running, draft, eventually, running
from support.people import Person, join, sign_in
from support.visits import Visit, opened, until_shown

pytestmark = [
    pytest.mark.slow, pytest.mark.browser, pytest.mark.asyncio(loop_scope="module"),
]  # fmt: skip
SIZES = pytest.mark.parametrize("size", [WIDE, NARROW], ids=["desktop", "telephone"])
SOURCE = {"type": "administrative-record", "reliability": "B", "credibility": 2}


class Desks:
    """PH writes and SG reads; the windows of their people are signed in once."""

    def __init__(self, federation: Federation, browser: Browser) -> None:
        self.federation, self.browser = federation, browser
        self.ph, self.sg = federation["PH"], federation["SG"]
        self.people: dict[str, Person] = {}
        self.signed_in: dict[str, list[Any]] = {}

    async def visit(self, user: str, size: dict[str, int] = WIDE, *, script: bool = True) -> Visit:
        """A window of one of them."""
        gateway = self.sg if user == "tan" else self.ph
        visit = await opened(self.browser, gateway.address["url"], size=size, script=script)
        if user in self.signed_in:
            await visit.context.add_cookies(self.signed_in[user])
        else:
            await sign_in(visit, self.people[user])
            self.signed_in[user] = await visit.context.cookies()
        return visit

    async def set_language(self, user: str, lang: str) -> None:
        """From now on pages of this person are in that language."""
        visit = await self.visit(user)
        await visit.go("/console/me")
        await visit.page.locator("#lang").select_option(lang)
        await visit.page.locator("form[action$='/me'] button").first.click()
        await expect(visit.page.locator("html")).to_have_attribute("lang", lang)
        await visit.context.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desks(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desks]:
    needed()
    async with (
        running(tmp_path_factory.mktemp("browser"), "PH", "SG", module="support.quick_people") as federation,
        chromium() as browser,
    ):
        made = Desks(federation, browser)
        for user, roles in (("reyes", ("author",)), ("cruz", ("author", "approver")), ("santos", ("approver",))):
            made.people[user] = await join(made.ph, user, *roles)
        made.people["tan"] = await join(made.sg, "tan", "reader")
        await made.ph.publish(contact())
        yield made


def contact(title: str = "National desk") -> dict[str, Any]:
    """PH's desk that answers."""
    made = draft(title)
    for name in ("event", "urgency", "severity", "certainty", "request", "desk"):
        del made[name]
    return made | {
        "kind": "contact", "tlp": "GREEN", "source": SOURCE, "service": ["focal-point"], "body": "National desk",
        "sector": "law-enforcement", "coverage": {"country": "PH"}, "languages": ["en"], "hours": "always",
        "serves": ["any"], "phone": ["+63255500000"],
    }  # fmt: skip


async def blank(visit: Visit) -> None:
    """From the first page to a blank alert."""
    if await visit.page.locator(".bar summary").is_visible():
        await visit.click(".bar summary")
    await visit.click('.bar a[href$="/write"]')
    await visit.click('button[name="kind"][value="alert"]')
    await visit.page.wait_for_url("**/draft/*")


async def write(visit: Visit, title: str, summary: str = "Look at the second pier.", urgency: str = "expected") -> None:
    """Fill a blank alert in, as far as it is not filled in already."""
    await visit.select("#event", "new-route")
    await visit.choose("urgency", urgency)
    if urgency == "immediate":
        await visit.fill("#ack-within", "4")
    await visit.choose("severity", "severe")
    await visit.choose("certainty", "likely")
    await visit.select("#request-0-action", "screen-arrivals")
    await visit.fill("#text-0-title", title)
    await visit.fill("#text-0-summary", summary)
    await visit.choose("tlp", "GREEN")
    await visit.choose("audience.members", "all")
    await visit.select("#issuer-sector", "law-enforcement")
    await visit.select("#source-type", "administrative-record")
    await visit.choose("source.reliability", "B")
    await visit.fill("#source-credibility", "2")


async def to_review(visit: Visit) -> None:
    await visit.click('button[value="review"]:visible')
    await visit.page.wait_for_url("**/review")


async def published(visit: Visit, title: str, **options: str) -> str:
    """Write and publish; the message's number."""
    await visit.go("/console")
    await blank(visit)
    await write(visit, title, **options)
    await to_review(visit)
    await visit.click("main form button")
    await visit.page.wait_for_url("**/who")
    return visit.page.url.split("/")[-2]


async def held(visit: Visit, title: str) -> str:
    """Write an immediate alert and hand it over; its number."""
    await visit.go("/console")
    await blank(visit)
    await write(visit, title, urgency="immediate")
    await to_review(visit)
    await visit.click("main form button")
    await visit.page.wait_for_url("**/draft/*")
    return str(await visit.page.locator(".crumb .id").inner_text())


async def arrived(gateway: Running, title: str) -> None:
    async def is_there() -> bool:
        return title in await gateway.titles()

    await eventually(is_there)


async def stages(gateway: Running, id_: str) -> list[str]:
    """What our people stated about a message."""
    shown: dict[str, Any] = await gateway.get(f"/v1/messages/{id_}")
    return [each["stage"] for each in shown["said"]]


# -- writing


@SIZES
async def test_story_3_an_alert_from_blank_to_published_in_at_most_25_actions(
    desks: Desks, size: dict[str, int]
) -> None:
    visit = await desks.visit("reyes", size)
    title = f"Blank to published {size['width']}"
    await published(visit, title)
    assert visit.actions <= 25
    assert visit.complaints == []
    await expect(visit.page.locator("h1")).to_have_text(title)
    await arrived(desks.sg, title)
    await visit.context.close()


@SIZES
async def test_story_4_the_same_by_keyboard_alone(desks: Desks, size: dict[str, int]) -> None:
    title = f"By keyboard {size['width']}"
    visit = await desks.visit("reyes", size)
    await visit.go("/console/write")
    page = visit.page

    async def reach(selector: str) -> None:
        for _ in range(400):
            if await page.evaluate("s => document.activeElement.matches(s)", selector):
                return
            await page.keyboard.press("Tab")
        raise AssertionError(f"the keyboard does not reach {selector}")

    await reach('button[name="kind"][value="alert"]')
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/draft/*")
    await reach("#event")
    await page.keyboard.type("New route")
    for name, presses in (("urgency", 2), ("severity", 2), ("certainty", 2)):
        await reach(f'input[name="{name}"]')
        for _ in range(presses):
            await page.keyboard.press("ArrowDown")
    await reach("#request-0-action")
    await page.keyboard.type("Screen arrivals")
    await reach("#text-0-title")
    await page.keyboard.type(title)
    await reach("#text-0-summary")
    await page.keyboard.type("Look at the third pier.")
    await reach('input[name="tlp"]')
    await page.keyboard.press("Space")
    await reach('input[name="audience.members"]')
    await page.keyboard.press("Space")
    await reach("#issuer-sector")
    await page.keyboard.type("Law enforcement")
    await reach("#source-type")
    await page.keyboard.type("Administrative")
    await reach('input[name="source.reliability"]')
    await page.keyboard.press("Space")
    await reach("#source-credibility")
    await page.keyboard.type("2")
    await reach('.side button[value="review"]')
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/review")
    await reach("main form button")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/who")
    await arrived(desks.sg, title)
    await visit.context.close()


@SIZES
async def test_story_5_the_same_without_a_script(desks: Desks, size: dict[str, int]) -> None:
    await (await desks.visit("reyes")).context.close()
    visit = await desks.visit("reyes", size, script=False)
    title = f"Without a script {size['width']}"
    await published(visit, title)
    await arrived(desks.sg, title)
    await visit.context.close()


@SIZES
async def test_story_6_a_telephone_number_is_refused_marked_and_the_list_has_the_focus(
    desks: Desks, size: dict[str, int]
) -> None:
    visit = await desks.visit("reyes", size)
    await visit.go("/console")
    await blank(visit)
    await write(visit, "With a number", "Call +63 917 555 0123 at night.")
    await visit.click('button[value="review"]:visible')
    await expect(visit.page.locator("#problem")).to_be_focused()
    await expect(visit.page.locator("#problem mark").first).to_have_text("+63 917 555 0123")
    await expect(visit.page.locator("#text-0-summary")).to_have_attribute("aria-invalid", "true")
    await visit.page.locator("#problem a").first.click()
    await expect(visit.page.locator("#text-0-summary")).to_be_focused()
    await expect(visit.page.locator("#text-0-summary")).to_have_value("Call +63 917 555 0123 at night.")
    await visit.check("a draft that is refused")
    await visit.context.close()


@SIZES
async def test_story_7_readers_follow_tlp_and_audience_while_it_is_written(desks: Desks, size: dict[str, int]) -> None:
    visit = await desks.visit("reyes", size)
    await visit.go("/console")
    await blank(visit)
    verdict = visit.page.locator("#verdict")
    await expect(verdict.locator(".members")).to_have_count(0)
    await visit.choose("tlp", "GREEN")
    await visit.choose("audience.members", "all")
    await expect(verdict.locator(".members li").first).to_have_text("Singapore")
    await visit.choose("tlp", "RED")
    await expect(verdict.locator(".members li.no").first).to_contain_text("Singapore")
    await visit.choose("audience.members", "")
    await visit.choose("audience.members[]", "SG")
    await expect(verdict.locator(".members li:not(.no)")).to_have_text(["Singapore"])
    assert visit.complaints == []
    await visit.context.close()


@SIZES
async def test_story_10_a_double_press_is_one_message(desks: Desks, size: dict[str, int]) -> None:
    title = f"Pressed twice {size['width']}"
    visit = await desks.visit("reyes", size)
    await visit.go("/console")
    await blank(visit)
    await write(visit, title)
    await to_review(visit)
    await visit.page.locator("main form button").first.dblclick()
    await visit.page.wait_for_url("**/who")
    await visit.page.go_back()
    await visit.page.reload()
    own = await desks.ph.get("/v1/messages", params={"origin": "PH", "limit": 1000})
    assert [each["title"] for each in own].count(title) == 1
    visit.forget_refusals()  # the draft is no more
    await visit.context.close()


# -- a second person


@SIZES
async def test_story_8_an_immediate_alert_is_held_and_a_colleague_releases_it(
    desks: Desks, size: dict[str, int]
) -> None:
    title = f"Held for a colleague {size['width']}"
    author, editor = await desks.visit("reyes", size), await desks.visit("cruz", size)
    await author.go("/console")
    await blank(author)
    await write(author, title, urgency="immediate")
    await author.submit('.side button[value="save"]')
    path = author.page.url.removeprefix(author.url).partition("?")[0]
    await editor.go(path)
    await editor.fill("#text-0-summary", "Look at both piers.")
    await to_review(editor)
    await editor.click("main form button")
    await editor.page.wait_for_url("**/draft/*")
    await expect(editor.page.locator(".say.warn")).to_contain_text("Santos")
    id_ = str(await editor.page.locator(".crumb .id").inner_text())
    await editor.go(f"/console/approve/{id_}")
    await expect(editor.page.locator('button[value="release"]')).to_have_count(0)
    for token in ("reyes", "cruz"):
        assert await refused_by_token(desks.ph, id_, token) == "E-SAME-PERSON"
    second = await desks.visit("santos", size)
    await second.go("/console/approve")
    await second.open(title)
    await second.check("the page of a second person")
    await second.click('button[value="release"]')
    await second.page.wait_for_url("**/who")
    await arrived(desks.sg, title)
    for each in (author, editor, second):
        await each.context.close()


async def refused_by_token(gateway: Running, id_: str, user: str) -> str:
    """What a token of that person is told when it would release."""
    name = f"{user}-token-{time.time_ns()}"
    body = json.dumps({"name": name, "scopes": ["approve"], "user": user}).encode()
    made = await gateway.call("POST", "/v1/tokens", body)
    claim = {"Authorization": f"Bearer {made.json()['claim']}"}
    token = (await gateway.call("POST", "/v1/tokens/claim", headers=claim)).json()["token"]
    answer = await gateway.call("POST", f"/v1/messages/{id_}/release", headers={"Authorization": f"Bearer {token}"})
    return str(answer.json()["code"])


@SIZES
async def test_story_9_rejected_mended_and_released(desks: Desks, size: dict[str, int]) -> None:
    title = f"To be mended {size['width']}"
    author, second = await desks.visit("reyes", size), await desks.visit("santos", size)
    id_ = await held(author, title)
    path = author.page.url.removeprefix(author.url)
    await second.go(f"/console/approve/{id_}")
    await second.fill("#reason", "the wrong pier")
    await second.click('button[value="reject"]')
    await second.page.wait_for_url("**/approve")
    await author.go(path)
    await author.fill("#text-0-summary", "Look at the third pier.")
    await to_review(author)
    await author.click("main form button")
    await author.page.wait_for_url("**/draft/*")
    again = str(await author.page.locator(".crumb .id").inner_text())
    await second.go(f"/console/approve/{again}")
    await second.click('button[value="release"]')
    await second.page.wait_for_url("**/who")
    await arrived(desks.sg, title)
    for each in (author, second):
        await each.context.close()


# -- following, reading, answering


@SIZES
async def test_story_14_the_matrix_moves_live_to_acknowledged(desks: Desks, size: dict[str, int]) -> None:
    title = f"Followed live {size['width']}"
    author, reader = await desks.visit("reyes", size), await desks.visit("tan", size)
    id_ = await published(author, title)
    row = author.page.locator("#at-SG")
    await expect(row.locator(".mark.stored").first).to_be_visible()
    await reader.go(f"/console/m/{id_}")
    await expect(row.locator(".mark.opened").first).to_be_visible()
    await reader.choose("stage", "acknowledged")
    await reader.fill("#note", "two teams at the pier")
    await reader.click("aside form button")
    await expect(row.locator(".mark.acknowledged").first).to_be_visible()
    await expect(row).to_contain_text("two teams at the pier")
    await expect(author.page.locator("#said")).to_contain_text("Receipt acknowledged: 1 / 1")
    await author.check("the matrix")
    for each in (author, reader):
        await each.context.close()


@SIZES
async def test_story_16_the_list_sends_no_opened_and_the_page_does_once(desks: Desks, size: dict[str, int]) -> None:
    title = f"Opened once {size['width']}"
    author, reader = await desks.visit("reyes", size), await desks.visit("tan", size)
    id_ = await published(author, title)
    await arrived(desks.sg, title)
    await reader.go("/console/inbox")
    await expect(reader.page.get_by_text(title)).to_be_visible()
    assert await stages(desks.sg, id_) == []
    await reader.page.get_by_text(title).click()
    await reader.page.wait_for_url(f"**/m/{id_}")
    await reader.page.reload()
    assert await stages(desks.sg, id_) == ["opened"]
    for each in (author, reader):
        await each.context.close()


@SIZES
async def test_story_17_acknowledged_and_acting(desks: Desks, size: dict[str, int]) -> None:
    author, reader = await desks.visit("reyes"), await desks.visit("tan", size)
    id_ = await published(author, f"Answer this {size['width']}")
    await arrived(desks.sg, f"Answer this {size['width']}")
    await reader.go(f"/console/m/{id_}")
    for stage in ("acknowledged", "acting"):
        await reader.choose("stage", stage)
        await reader.click("aside form button")
        await expect(reader.page.locator(f"aside .mark.{stage}")).to_be_visible()

    async def is_reported() -> bool:
        return (await desks.ph.states(id_))["SG"] == "acting"

    await eventually(is_reported)
    await reader.check("a message that was answered")
    for each in (author, reader):
        await each.context.close()


@SIZES
async def test_story_18_a_recall_with_a_correction(desks: Desks, size: dict[str, int]) -> None:
    title = f"With a mistake {size['width']}"
    corrected = f"Without the mistake {size['width']}"
    author, reader = await desks.visit("reyes", size), await desks.visit("tan", size)
    id_ = await published(author, title)
    await arrived(desks.sg, title)
    await author.click("a.danger")
    await author.click('button[name="instead"]')
    await author.page.wait_for_url("**/draft/*")
    await author.fill("#text-0-title", corrected)
    await author.submit('.side button[value="save"]')
    await author.go(f"/console/m/{id_}/recall")
    await author.check("the page of a recall")
    await author.fill("#reason", "the wrong pier")
    await author.click(f'label:has-text("{corrected}")')
    await author.click("button.danger")
    await author.page.wait_for_url("**/who")
    await arrived(desks.sg, corrected)
    await reader.go(f"/console/m/{id_}")
    await until_shown(reader.page, "the wrong pier")
    await expect(reader.page.locator("main")).not_to_contain_text(title)
    for each in (author, reader):
        await each.context.close()


@SIZES
async def test_story_19_an_exercise_is_marked_on_every_page_and_absent_from_actual_lists(
    desks: Desks, size: dict[str, int]
) -> None:
    title = f"Only an exercise {size['width']}"
    author, reader = await desks.visit("reyes", size), await desks.visit("tan", size)
    await author.go("/console/x/write")
    await author.click('button[name="kind"][value="alert"]')
    await author.page.wait_for_url("**/x/draft/*")
    await write(author, title)
    await to_review(author)
    await expect(author.page.locator("body.exercise")).to_have_count(1)
    await author.check("a review of an exercise")
    await author.click("main form button")
    await author.page.wait_for_url("**/x/m/*/who")
    await arrived(desks.sg, title)
    await reader.go("/console/inbox")
    await expect(reader.page.get_by_text(title)).to_have_count(0)
    await reader.go("/console/x/inbox")
    await reader.page.get_by_text(title).click()
    await expect(reader.page.locator(".realm")).to_contain_text("EXERCISE")
    for each in (author, reader):
        await each.context.close()


@pytest.mark.parametrize(("lang", "checked"), [("en", WIDE), ("km", NARROW), ("my", NARROW)], ids=["en", "km", "my"])
async def test_every_page_is_accessible_and_fits_a_telephone(desks: Desks, lang: str, checked: dict[str, int]) -> None:
    """Accessible in each script and in both widths, not in each script in each width; within every width in each."""
    author, second, reader = await desks.visit("reyes"), await desks.visit("santos"), await desks.visit("tan")
    id_ = await published(author, f"For every page {lang}")
    waiting = await held(author, f"Waits {lang}")
    await arrived(desks.sg, f"For every page {lang}")
    for user in ("reyes", "santos", "tan"):
        await desks.set_language(user, lang)
    pages = [
        (author, "/write"), (author, "/sent"), (author, f"/m/{id_}"), (author, f"/m/{id_}/who"),
        (author, f"/m/{id_}/why/SG"), (author, f"/m/{id_}/recall"), (author, f"/m/{waiting}/who"),
        (second, "/approve"), (second, f"/approve/{waiting}"), (reader, "/inbox"), (reader, f"/m/{id_}"),
        (reader, "/inbox?q=nothing+at+all"),
    ]  # fmt: skip
    try:
        for kind in ("alert", "trend", "pattern", "legislation", "practice", "contact"):
            await author.go("/console/write")
            await author.page.locator(f'button[name="kind"][value="{kind}"]').click()
            await author.page.wait_for_url("**/draft/*")
            address = author.page.url.removeprefix(f"{author.url}/console")
            pages += [(author, address), *([(author, f"{address}/table")] if kind == "trend" else [])]
        for visit, path in pages:
            await visit.go(f"/console{path}")
            for size in (WIDE, NARROW):
                await visit.page.set_viewport_size({"width": size["width"], "height": size["height"]})
                if size is checked:
                    await visit.check(f"{path} {lang} {size['width']}")
                assert await visit.wide() <= 0, (path, lang)
    finally:
        for user in ("reyes", "santos", "tan"):
            await desks.set_language(user, "en")
    for each in (author, second, reader):
        await each.context.close()
