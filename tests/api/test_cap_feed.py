"""The CAP door over real HTTP: valid documents, what the policy gives, and nothing that ended after it ended."""

import io
from base64 import b64encode
from pathlib import Path
from typing import Any

import httpx
import pytest
from lxml import etree

from suar.protocol.base import limits
from suar.service.feed import current
from support.agency_desk import Desk
from support.corekit import frame_of
from support.kit import id_of, urgent
from support.problems import problem

SCHEMA = Path(__file__).parents[1] / "exchange_formats" / "CAP-v1.2.xsd"
ATOM = "{http://www.w3.org/2005/Atom}"
CAP = "{urn:oasis:names:tc:emergency:cap:1.2}"
PATH = "/v1/feeds/cap.atom"


@pytest.fixture(scope="module")
def oasis() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(str(SCHEMA)))


def entries(answer: httpx.Response) -> list[Any]:
    """As a reader of feeds has them."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    return list(etree.parse(io.BytesIO(answer.content)).getroot().iter(f"{ATOM}entry"))


def ids(answer: httpx.Response) -> list[str]:
    return [each.findtext(f"{ATOM}id").removeprefix("urn:suar:message:") for each in entries(answer)]


async def test_each_entry_has_a_valid_document_of_what_may_be_read(desk: Desk, oasis: etree.XMLSchema) -> None:
    await desk.receive(
        urgent(1), urgent(2, tlp="AMBER+STRICT"), urgent(3, handling=["law-enforcement-only"]), urgent(4, tlp="GREEN")
    )  # fmt: skip
    await desk.receive(urgent(4, rev=2, action="update", tlp="GREEN"))
    token = await desk.register()
    answer = await desk.call("GET", PATH, token)
    assert ids(answer) == [id_of(1), id_of(4)]
    for entry in entries(answer):
        [alert] = entry.find(f"{ATOM}content")
        oasis.assertValid(etree.ElementTree(etree.fromstring(etree.tostring(alert))))
        link = entry.find(f"{ATOM}link").get("href")
        alone = await desk.call("GET", link, token)
        assert alone.headers["content-type"].startswith("application/cap+xml")
        assert etree.tostring(etree.fromstring(alone.content), method="c14n2") == etree.tostring(
            etree.fromstring(etree.tostring(alert)), method="c14n2"
        )
    last = entries(answer)[-1].find(f"{ATOM}content")[0]
    assert last.findtext(f"{CAP}identifier") == f"{id_of(4)}.2"
    assert f"{id_of(4)}.1" in last.findtext(f"{CAP}references")
    for number in (2, 3, 9):
        problem(await desk.call("GET", f"/v1/feeds/cap/{id_of(number)}", token), 404, "E-HTTP-NOT-FOUND")


async def test_a_revision_that_may_not_be_read_is_not_referenced(desk: Desk, oasis: etree.XMLSchema) -> None:
    await desk.receive(urgent(1, tlp="AMBER+STRICT"))
    await desk.receive(urgent(1, rev=2, action="update", tlp="GREEN"))
    token = await desk.register()
    for path in (PATH, f"/v1/feeds/cap/{id_of(1)}"):
        answer = await desk.call("GET", path, token)
        [alert] = etree.fromstring(answer.content).iter(f"{CAP}alert")
        oasis.assertValid(etree.ElementTree(etree.fromstring(etree.tostring(alert))))
        assert alert.findtext(f"{CAP}identifier") == f"{id_of(1)}.2"
        assert alert.find(f"{CAP}references") is None


async def test_a_recall_an_expiry_and_a_stricter_revision_empty_it(desk: Desk) -> None:
    token = await desk.register()
    await desk.receive(urgent(1), urgent(2), urgent(3), urgent(4, expires="2027-01-15T09:00:00Z"))
    assert len(ids(await desk.call("GET", PATH, token))) == 4
    await desk.receive(urgent(1, rev=2, action="cancel", reason="wrong"))
    await desk.receive(urgent(2, rev=2, action="update", tlp="AMBER+STRICT"))
    desk.kit.now += 2 * limits.HOUR
    answer = await desk.call("GET", PATH, token)
    assert ids(answer) == [id_of(3)]
    for number in (1, 2, 4):
        assert id_of(number) not in answer.text
        problem(await desk.call("GET", f"/v1/feeds/cap/{id_of(number)}", token), 404, "E-HTTP-NOT-FOUND")
    await desk.act("health", "suspend")
    problem(await desk.call("GET", PATH, token), 401, "E-HTTP-TOKEN")


async def test_who_knows_the_page_gets_no_body_until_it_changes(desk: Desk) -> None:
    token = await desk.register()
    await desk.receive(urgent(1), urgent(2))
    first = await desk.call("GET", PATH, token)
    since = {"If-Modified-Since": first.headers["last-modified"]}
    for known in (since, {"If-None-Match": first.headers["etag"]}):
        again = await desk.call("GET", PATH, token, headers=known)
        assert (again.status_code, again.content) == (304, b"")
    await desk.receive(urgent(1, rev=2, action="cancel", reason="wrong"))  # within the same second
    for known in (since, {"If-None-Match": first.headers["etag"]}):
        again = await desk.call("GET", PATH, token, headers=known)
        assert ids(again) == [id_of(2)]
    assert again.headers["last-modified"] != first.headers["last-modified"]
    other = await desk.register(name="green", max_tlp="GREEN")
    assert ids(await desk.call("GET", PATH, other, headers={"If-Modified-Since": again.headers["last-modified"]})) == []
    for nonsense in ("yesterday", "Fri, 99 Jan 2027 08:00:00 GMT", "0"):
        assert (await desk.call("GET", PATH, token, headers={"If-Modified-Since": nonsense})).status_code == 200


async def test_it_is_paged_and_every_alert_is_on_one_page(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(current, "ROWS", 4)
    token = await desk.register()
    await desk.receive(*(urgent(number) for number in range(1, 11)))
    found: list[str] = []
    page = await desk.call("GET", PATH, token)
    while True:
        found += ids(page)
        if "next" not in page.links:
            break
        inside = etree.fromstring(page.content).find(f"{ATOM}link[@rel='next']").get("href")
        page = await desk.call("GET", page.links["next"]["url"], token)
        assert ids(await desk.call("GET", inside, token)) == ids(page)
    assert found == [id_of(number) for number in range(1, 11)]


async def test_the_sandbox_gets_exercises_that_say_so(desk: Desk, oasis: etree.XMLSchema) -> None:
    await desk.receive(urgent(1))
    await desk.gateway.core.run(desk.kit.receive, frame_of(desk.drills, urgent(2, status="exercise")))
    token = await desk.register(name="sandbox", realm="exercise")
    answer = await desk.call("GET", PATH, token)
    assert ids(answer) == [id_of(2)]
    [alert] = entries(answer)[0].find(f"{ATOM}content")
    assert alert.findtext(f"{CAP}status") == "Exercise"
    assert "EXERCISE" in entries(answer)[0].findtext(f"{ATOM}title").upper()
    link = entries(answer)[0].find(f"{ATOM}link").get("href")
    assert (await desk.call("GET", link, token)).status_code == 200
    assert ids(await desk.call("GET", f"{PATH}?status=actual", token)) == []
    both = await desk.register(name="both", realm="all")
    assert ids(await desk.call("GET", PATH, both)) == [id_of(1)]


async def test_basic_credentials_are_the_name_and_the_token(desk: Desk) -> None:
    await desk.receive(urgent(1))
    token, other = await desk.register(), await desk.register(name="labour", sector="labour")

    async def ask(user: str, password: str, path: str = PATH) -> httpx.Response:
        encoded = b64encode(f"{user}:{password}".encode()).decode()
        return await desk.client.get(path, headers={"Authorization": f"Basic {encoded}"})

    assert ids(await ask("health", token)) == [id_of(1)]
    for user, password in (("health", other), ("labour", token), ("", token), ("health", ""), ("health", "x" * 9000)):
        problem(await ask(user, password), 401, "E-HTTP-TOKEN")
    for header in ("Basic", "Basic !!!", "Basic \u00ff", f"Basic {token}"):
        answer = await desk.client.get(PATH, headers=[(b"Authorization", header.encode("latin-1"))])
        problem(answer, 401, "E-HTTP-TOKEN")
    problem(await ask("health", token, "/v1/feed?follow=false"), 401, "E-HTTP-TOKEN")


async def test_reading_it_writes_one_line_of_the_audit_an_hour(desk: Desk) -> None:
    from support.corekit import rows

    token = await desk.register()
    for _ in range(5):
        await desk.call("GET", PATH, token)
    assert rows(desk.kit, "select who, what, about from audit where what = 'feed'") == [
        ("agency/health", "feed", "cap actual")
    ]
