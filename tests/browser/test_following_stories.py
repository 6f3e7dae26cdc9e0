"""Stories of two editors, of tables, of exercises, of news that come by themselves, and of a line that is cut.

Two real gateways and Chromium; the numbers are those of the stories of the design.
"""

import re
import signal
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import expect

from browser.test_message_stories import Desks, arrived, contact, published, stages, to_review, write
from console.test_upload import MONTHS
from suar.federation.plan import agency_text
from support.agency_desk import NKEYS
from support.browser import NARROW, WIDE, chromium, needed
from support.gateways import Federation, draft, running
from support.people import join, join_by
from support.standstill import stop
from support.visits import Visit, until_live, until_shown

pytestmark = [
    pytest.mark.slow, pytest.mark.browser, pytest.mark.asyncio(loop_scope="module"),
]  # fmt: skip
SIZES = pytest.mark.parametrize("size", [WIDE, NARROW], ids=["desktop", "telephone"])
TREND = {
    "indicator": "detected-victims", "unit": "persons", "date_basis": "detection", "coverage.scope": "national",
    "method": "full-count", "direction": "stable", "tlp": "CLEAR", "audience.members": "all",
    "issuer.sector": "law-enforcement", "source.type": "administrative-record", "source.reliability": "B",
}  # fmt: skip


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desks(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desks]:
    needed()
    async with (
        running(tmp_path_factory.mktemp("browser"), "PH", "SG", module="support.quick_people") as federation,
        chromium() as browser,
    ):
        made = Desks(federation, browser)
        for user, roles in (
            ("reyes", ("author",)), ("cruz", ("author",)), ("santos", ("approver",)), ("olga", ("operator",)),
            ("lim", ("coordinator",)), ("luna-1280", ("reader",)), ("luna-360", ("reader",)),
        ):  # fmt: skip
            made.people[user] = await join(made.ph, user, *roles)
        made.people["tan"] = await join(made.sg, "tan", "reader")
        await made.ph.publish(contact())
        yield made


async def choose(visit: Visit, name: str, value: str) -> None:
    """Choose a value, whichever widget the form has for it."""
    if await visit.page.locator(f'select[name="{name}"]').count():
        await visit.page.locator(f'select[name="{name}"]').first.select_option(value)
    else:
        await visit.choose(name, value)


async def trend(visit: Visit, title: str) -> str:
    """A draft of a trend with everything but its figures; its address."""
    await visit.go("/console/write")
    await visit.click('button[name="kind"][value="trend"]')
    await visit.page.wait_for_url("**/draft/*")
    for name, value in TREND.items():
        await choose(visit, name, value)
    await visit.fill("#source-credibility", "2")
    await visit.fill("#text-0-title", title)
    await visit.fill("#text-0-summary", "As the registers have it.")
    await visit.submit('.side button[value="save"]')
    return visit.page.url.removeprefix(visit.url).partition("?")[0]


@SIZES
async def test_story_12_two_editors_see_both_versions_and_keep_one(desks: Desks, size: dict[str, int]) -> None:
    mine, theirs = await desks.visit("reyes", size), await desks.visit("cruz", size)
    await mine.go("/console/write")
    await mine.click('button[name="kind"][value="alert"]')
    await mine.page.wait_for_url("**/draft/*")
    await write(mine, "Begun together")
    await mine.submit('.side button[value="save"]')
    path = mine.page.url.removeprefix(mine.url).partition("?")[0]
    await theirs.go(path)
    await mine.go(path)
    await theirs.fill("#text-0-title", "Written by the other")
    await theirs.submit('.side button[value="save"]')
    await expect(theirs.page.locator("#text-0-title")).to_have_value("Written by the other")
    await mine.fill("#text-0-title", "Written by me")
    async with mine.page.expect_response(lambda answer: answer.request.method == "POST") as answered:
        await mine.click('.side button[value="save"]')
    assert (await answered.value).status == 409
    await expect(mine.page.locator("main")).to_contain_text("Written by the other")
    await expect(mine.page.locator("main")).to_contain_text("Written by me")
    mine.forget_refusals()
    await mine.check("two versions")
    await mine.click('.two button[value="save"]')
    await expect(mine.page.locator("#text-0-title")).to_have_value("Written by me")
    for each in (mine, theirs):
        await each.context.close()


@SIZES
async def test_story_13_a_table_is_uploaded_hidden_coarsened_and_published(desks: Desks, size: dict[str, int]) -> None:
    """True counts stand in the responses of the draft alone."""
    author, reader = await desks.visit("reyes", size), await desks.visit("tan", size)
    title = f"By month {size['width']}"
    path = await trend(author, title)
    await author.click(f'a[href="{path}/table"]')
    await author.page.locator("#file").set_input_files(
        {"name": "table.csv", "mimeType": "text/csv", "buffer": MONTHS.replace("\t", ",").encode()}
    )
    await author.click('button[value="read"]')
    await expect(author.page.locator("#column-2")).to_have_value("value")
    await author.check("an uploaded table")
    await author.click('button[value="use"]')
    await author.page.wait_for_url(f"**{path}")
    await expect(author.page.locator("main")).to_contain_text("Table, before and after the privacy gate")
    await author.submit('button[value="coarsen year"]')
    await expect(author.page.locator('button[value="coarsen year"]')).to_have_count(0)
    await to_review(author)
    await author.check("the review of a table")
    await author.click("main form button")
    await author.page.wait_for_url("**/who")
    id_ = author.page.url.split("/")[-2]
    await arrived(desks.sg, title)
    await reader.go(f"/console/m/{id_}")
    shown = await reader.page.locator("main").inner_text()
    assert title in shown
    cells = {each.strip() for each in await reader.page.locator("main table td").all_inner_texts()}
    assert cells >= {"48", "72"}, "counts of a year"
    assert not {"4", "6"} & cells, "none of a month"
    for each in (author, reader):
        await each.context.close()


@SIZES
async def test_story_15_a_member_that_has_it_not_and_refuses_it_is_explained(
    desks: Desks, size: dict[str, int]
) -> None:
    """First nobody is there; then it has a trust list by which PH may not publish alerts, which PH has not seen."""
    author = await desks.visit("reyes", size)
    if not any("Desk of SG" in each for each in await desks.ph.titles()):
        await desks.sg.publish(contact("Desk of SG") | {"coverage": {"country": "SG"}, "phone": ["+6561234567"]})
        await arrived(desks.ph, "Desk of SG")
    desks.sg.end()
    try:
        id_ = await published(author, f"While nobody is there {size['width']}")
        row = author.page.locator("#at-SG")
        await expect(row).to_contain_text("Sent")
        await row.locator(".next a").first.click()
        await author.page.wait_for_url(f"**/m/{id_}/why/SG")
        await expect(author.page.locator("#h-cause")).to_be_visible()
        await until_shown(author.page, "+6561234567")  # first it says that the receipt is awaited
        await author.check("why")
        await author.go(f"/console/m/{id_}/who")
        permit(desks.federation, "trend", "contact")
    finally:
        await desks.sg.start_and_wait()
    try:
        await expect(row.locator(".mark.refused")).to_be_visible()
        await author.check("a row that is refused")
        await row.locator(".next a").first.click()
        await author.page.wait_for_url(f"**/m/{id_}/why/SG")
        await expect(author.page.locator("main")).to_contain_text("refused it: by its trust list we may not publish")
        await author.check("why it is refused")
    finally:
        await desks.federation.everywhere(desks.federation.lists.version)
        desks.federation.lists.set_kinds("PH", "*")
        await desks.federation.hand_over(desks.federation.lists.next())
    await author.context.close()


def permit(federation: Federation, *kinds: str) -> None:
    """SG, which does not run, has a trust list by which PH may publish these kinds alone."""
    federation.lists.set_kinds("PH", *kinds)
    federation.import_lists("SG", federation.lists.next(), pin=federation.pin)


@SIZES
async def test_story_20_an_exercise_is_started_and_its_report_follows(desks: Desks, size: dict[str, int]) -> None:
    author, reader = await desks.visit("reyes", size), await desks.visit("tan")
    name = f"border-{size['width']}"
    await author.go("/console/x/drills")
    await author.click('main a.btn[href$="/drills/new"]')
    await author.choose("template", "route-shift")
    await author.choose("to", "all")
    await author.fill("#name", name)
    await author.check("the form of an exercise")
    await author.click("main form button")
    await author.page.wait_for_url(f"**/console/x/drills/{name}")
    report = author.page.locator("#report")
    await expect(report.locator(".stats .stored b")).to_have_text("1 / 1")
    id_ = await report.locator("a .id").first.inner_text()
    await reader.go(f"/console/x/m/{id_}")
    await reader.choose("stage", "acknowledged")
    await reader.click("aside form button")
    await expect(report.locator(".stats .acknowledged b")).to_have_text("1 / 1")
    await expect(author.page.locator("body.exercise")).to_have_count(1)
    assert await author.page.locator("#h-picture ~ div img").evaluate("each => each.naturalWidth") > 0
    await author.check("the report of an exercise")
    for each in (author, reader):
        await each.context.close()


@SIZES
async def test_story_21_a_reader_of_an_agency_sees_what_its_registration_opens(
    desks: Desks, size: dict[str, int]
) -> None:
    name, user = f"clinic-{size['width']}", f"nurse-{size['width']}"
    titles = (f"Beds are short {size['width']}", f"For focal points alone {size['width']}")
    nkey = NKEYS[size == NARROW]
    ids = await desks.sg.publish(draft(titles[0], tlp="GREEN"), draft(titles[1], tlp="AMBER+STRICT"))
    for title in titles:
        await arrived(desks.ph, title)
    coordinator = await desks.visit("lim", size)
    await coordinator.go("/console/agencies")
    await coordinator.fill("#name", name)
    await coordinator.select("#sector", "health")
    await coordinator.choose("kind", "alert")
    await coordinator.choose("tlp", "AMBER")
    await coordinator.fill("#nkey", nkey)
    await coordinator.click("form[action$='/agencies'] .btn")
    await expect(coordinator.page.locator("#entry")).to_have_text(agency_text(name, nkey))
    await expect(coordinator.page.locator("#token")).to_contain_text("suar_agency_")
    sees = coordinator.page.locator("section[aria-labelledby=sees]")
    await expect(sees).to_contain_text(titles[0])
    await expect(sees).not_to_contain_text(titles[1])
    await coordinator.check("an agency")
    await coordinator.click("a:text-is('Invite a person')")
    await coordinator.fill("#id", user)
    await coordinator.fill("form[action$='/people'] #name", "Nurse")
    await coordinator.click("form[action$='/people'] .btn")
    link = await coordinator.page.locator("#link").inner_text()
    desks.people[user] = await join_by(desks.ph, link, user)
    reader = await desks.visit(user, size)
    await reader.go("/console/inbox")
    await expect(reader.page.locator("main")).to_contain_text(titles[0])
    await expect(reader.page.locator("main")).not_to_contain_text(titles[1])
    await reader.check("the inbox of an agency")
    await reader.click(f"a:has-text('{titles[0]}')")
    await expect(reader.page.locator("h1")).to_contain_text(titles[0])
    assert await reader.page.locator("[name=stage]").count() == 0
    await reader.check("a message for an agency")
    for path, heading in (
        (f"/m/{ids[1]}", "Page not found"), (f"/m/{ids[0]}/who", "This page is for other roles"),
        ("/sent", "This page is for other roles"), ("/drills", "This page is for other roles"),
    ):  # fmt: skip
        await reader.go(f"/console{path}")
        await expect(reader.page.locator("h1")).to_have_text(heading)
    assert await stages(desks.ph, ids[0]) == []  # nothing is told to its publisher
    await coordinator.go(f"/console/agencies/{name}")
    await coordinator.submit("button[value=suspend]")
    await reader.go("/console/inbox")
    await expect(reader.page.locator("h1")).to_have_text("Your agency may see nothing now")
    reader.forget_refusals()
    for each in (coordinator, reader):
        await each.context.close()


@SIZES
async def test_story_22_an_operator_reads_no_title(desks: Desks, size: dict[str, int]) -> None:
    title = f"Not for the operator {size['width']}"
    author, operator = await desks.visit("reyes", size), await desks.visit("olga", size)
    id_ = await published(author, title)
    seen: list[str] = []
    for path in ("", "/news", "/health", "/peers", "/peers/SG", "/tokens", "/keys", "/x", "/x/news"):
        await operator.go(f"/console{path}")
        seen.append(await operator.page.content())
    assert operator.complaints == []
    for path in ("/inbox", "/sent", f"/m/{id_}", f"/m/{id_}/who", "/drills", "/audit"):
        await operator.go(f"/console{path}")
        await expect(operator.page.locator("h1")).to_have_text("This page is for other roles")
        seen.append(await operator.page.content())
    assert not any(title in each for each in seen)
    operator.forget_refusals()
    for each in (author, operator):
        await each.context.close()


async def test_the_bell_rings_by_itself_and_reads_nothing(desks: Desks) -> None:
    author, reader = await desks.visit("reyes"), await desks.visit("tan")
    await reader.go("/console/news")
    await until_live(reader.page)
    before = await reader.page.locator("#bell").inner_text()
    id_ = await published(author, "Heard at once")
    await expect(reader.page.locator("#bell")).not_to_have_text(before or "never")
    await expect(reader.page.locator("#said")).to_contain_text("Waiting for you")
    await reader.check("news")
    assert await stages(desks.sg, id_) == []
    for each in (author, reader):
        await each.context.close()


@SIZES
async def test_story_26_the_stream_of_a_suspended_person_ends(desks: Desks, size: dict[str, int]) -> None:
    user = f"luna-{size['width']}"
    reader, coordinator = await desks.visit(user, size), await desks.visit("lim", size)
    await reader.go("/console/news")
    await expect(reader.page.locator("#said")).to_have_text("")
    await coordinator.go(f"/console/people/{user}")
    await coordinator.submit('button[value="suspend"]')
    await expect(reader.page.locator("#said")).to_have_text("The page no longer updates. Reload it.")
    await reader.page.reload()
    await reader.page.wait_for_url(re.compile("/console/sign-in"))
    for each in (reader, coordinator):
        await each.context.close()


@SIZES
async def test_story_23_a_hub_that_is_down_is_shown_on_every_open_page(desks: Desks, size: dict[str, int]) -> None:
    author, operator = await desks.visit("reyes", size), await desks.visit("olga", size)
    hub = desks.federation.nats.servers.hub
    await author.go("/console/write")
    await operator.go("/console/health")
    await expect(author.page.locator("#line")).to_be_hidden()
    stop(hub.pid)
    try:
        for each in (author, operator):
            await expect(each.page.locator("#line")).to_be_visible()
            await expect(each.page.locator("#line-says")).to_contain_text("hub")
        await author.check("a page with the line cut")
        await author.page.reload()
        await expect(author.page.locator("#line")).to_be_visible()
    finally:
        hub.send(signal.SIGCONT)
    await expect(author.page.locator("#line")).to_be_hidden()
    for each in (author, operator):
        await each.context.close()
