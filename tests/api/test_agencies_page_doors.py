"""The examples of docs/agencies/ for CAP, TAXII, the data files, proposals and browsers run as they are printed."""

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from api.test_agencies_page import LANGUAGES, printed
from api.test_feed_cookie import an_agencys_page
from suar.service.webhooks import schedule
from support import npm
from support.agencies_docs import EXAMPLES
from support.agency_desk import LOCAL, Desk, desk_of
from support.browser import chromium, visitor
from support.gateways import eventually
from support.hooked import hooked_of
from support.hostile_drafts import draft
from support.kit import id_of, urgent
from support.shipped import shipped

READ = """
async ({url, token}) => {
  const seen = () => JSON.parse(localStorage.getItem("seen") ?? "[]");
  const handle = (event) => localStorage.setItem("seen", JSON.stringify([...seen(), event.subject]));
  EXAMPLE
}
"""


@pytest_asyncio.fixture
async def filled(desk: Desk) -> AsyncIterator[Desk]:
    """More alerts than a page of CAP has, one that agencies may not read, a pattern and a trend."""
    await desk.receive(*map(urgent, range(1, 66)), urgent(66, tlp="AMBER+STRICT"))
    await desk.receive(shipped("pattern-seafood-debt", 1), shipped("trend-detected-by-sex", 1))
    yield desk


async def token_of(desk: Desk) -> str:
    return await desk.register(kinds=["alert", "pattern", "trend"])


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_alerts_in_force_are_printed(
    filled: Desk, tmp_path: Path, language: str, request: pytest.FixtureRequest
) -> None:
    folder = npm.packages(tmp_path) if language == "node" else tmp_path
    output = await printed(filled, await token_of(filled), folder, EXAMPLES[f"cap-{language}"], language)
    found = set(re.findall(r"VN-ALERT-2027-\d{6}|TH-ALERT-2027-\d{6}", output))
    assert len(found) == (64 if language == "curl" else 65), "curl gets one page, the programs all of them"
    assert id_of(66) not in found


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_objects_of_taxii_are_printed(filled: Desk, tmp_path: Path, language: str) -> None:
    token = await token_of(filled)
    output = await printed(filled, token, tmp_path, EXAMPLES[f"taxii-{language}"], language)
    found = set(re.findall(r"incident--[0-9a-f-]{36}", output))
    page: Any = (await filled.call("GET", "/taxii2/root/collections/alert/objects/", token)).json()
    assert found == {each["id"] for each in page["objects"] if each["type"] == "incident"}
    assert len(found) == 65
    assert ("attack-pattern--" in output) is (language == "python")


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_figures_are_in_a_file(filled: Desk, tmp_path: Path, language: str) -> None:
    token = await token_of(filled)
    output = await printed(filled, token, tmp_path, EXAMPLES[f"data-{language}"], language)
    whole = await filled.call("GET", "/v1/data/trends.csv", token)
    assert (tmp_path / "trends.csv").read_bytes() == whole.content
    if language == "python":
        assert re.search(r"TH +detected-victims +3 +0", output), output


async def test_namibia_is_no_missing_value(desk: Desk, tmp_path: Path) -> None:
    """`NA` is a country, which pandas and R take for nothing unless they are told otherwise, as on the page."""
    tree = json.loads(shipped("trend-detected-by-sex", 1)) | {"dims": ["citizenship"]}
    for each, code in zip(tree["obs"], ("NA", "VN", "total"), strict=True):
        each["dims"] = {"citizenship": code}
    await desk.receive(json.dumps(tree).encode())
    *program, _ = EXAMPLES["data-python"].splitlines()
    text = "\n".join([*program, 'print(*table["citizenship"])'])
    output = await printed(desk, await token_of(desk), tmp_path, text, "python")
    assert output.split() == ["NA", "VN", "total"]


@pytest.mark.parametrize("language", ["curl", "node"])
async def test_a_draft_in_a_file_is_proposed(desk: Desk, tmp_path: Path, language: str) -> None:
    token = await desk.register(propose=True)
    made = draft("alert-new-route", "VN", desk.kit.now) | {"issuer": {"body": "Ministry of Health"}}
    (tmp_path / "draft.json").write_text(json.dumps(made, indent=2))
    output = await printed(desk, token, tmp_path, EXAMPLES[f"propose-{language}"], language)
    [row] = (await desk.call("GET", "/v1/proposals", token)).json()
    assert row["state"] == "proposed"
    assert row["id"] in output


async def test_curl_sets_a_webhook_tries_it_and_lists_what_was_abandoned(tmp_path: Path) -> None:
    async with hooked_of(tmp_path) as hooked:
        await hooked.desk.register()

        async def answers() -> list[Any]:
            more = {"SUAR_ADMIN_TOKEN": LOCAL, "SUAR_WEBHOOK_URL": hooked.to.url}
            output = await printed(hooked.desk, "", tmp_path, EXAMPLES["webhook-curl"], "curl", **more)
            return [json.loads(line) for line in output.splitlines()]

        made, tried, dead = await answers()
        assert (made["url"], made["webhook_secret"][:6]) == (hooked.to.url, "whsec_")
        assert (tried["delivered"], hooked.events[0]["type"], dead) == (True, "suar.webhook.test", [])
        hooked.to.behave("status 500")
        await hooked.desk.receive(urgent(1))
        await hooked.deliver()
        while (await hooked.state())["dead_letters"] == 0:
            await hooked.later(schedule.ABANDON_AFTER)
        made, tried, [dead] = await answers()
        assert (made["webhook_secret"], tried["delivered"], dead["id"]) == (None, False, id_of(1))


async def test_a_page_in_a_browser_reads_the_feed_is_cut_off_closed_and_continues(tmp_path: Path) -> None:
    """Nothing is lost and nothing comes twice."""
    program = READ.replace("EXAMPLE", EXAMPLES["browser"])
    async with an_agencys_page() as origin, desk_of(tmp_path, feed_origins=[origin]) as desk, chromium() as browser:
        call = {"url": desk.url, "token": await desk.register()}
        await desk.receive(urgent(100, tlp="AMBER+STRICT"))
        async with visitor(browser) as first:
            page = first.page

            async def seen() -> list[str]:
                found: list[str] = json.loads(await page.evaluate("localStorage.getItem('seen') ?? '[]'"))
                return found

            async def has(count: int) -> bool:
                return len(await seen()) >= count

            for number in range(1, 41, 10):
                await page.goto(origin)
                await page.evaluate(program, call)
                await desk.receive(*map(urgent, range(number, number + 5)))
                await eventually(lambda wanted=number + 4: has(wanted))  # type: ignore[misc]  # bound in the loop
                desk.cut()
                await desk.receive(*map(urgent, range(number + 5, number + 10)))
                await eventually(lambda wanted=number + 5: has(wanted))  # type: ignore[misc]  # somewhere among these
                closed, page = page, await page.context.new_page()
                await closed.close()
            await page.goto(origin)
            await page.evaluate(program, call)
            await eventually(lambda: has(40))
            assert await seen() == [id_of(number) for number in range(1, 41)]
