"""Times in the person's zone with UTC beside, people by their names, hours as hours, and no number that is cut."""

import json
import re
from typing import Any

import pytest

from console.test_messages import URGENT, begun, desk, fields, filled, handed_in  # noqa: F401
from suar.console.pictures.place_map import place_map
from suar.languages.names import names
from suar.protocol.message.kinds import KINDS, PUBLISHED
from suar.protocol.message.spec import fields_of
from support.console import Browser, Desk, browser
from support.gateways import draft
from support.pairs import EXPIRES

ID = "TH-ALERT-2027-000001"
ZONE = "Asia/Phnom_Penh"
CUT = re.compile(r"\bTH-(?![A-Z0-9])")


async def live_there(visit: Browser) -> None:
    await visit.get("/console/me")
    assert (await visit.post("/console/me", {"lang": "en", "timezone": ZONE})).status_code == 303


def lone_utc(page: str) -> list[str]:
    """Times of a page that stand in UTC alone."""
    text = re.sub(r"<[^>]*>", "", page.partition("<main")[2].partition("<footer")[0])
    return re.findall(r"[^\n]{0,30}(?<!\(\d\d:\d\d)(?<!\(\d\d:\d\d:\d\d) UTC[^\n]{0,10}", text)


async def test_every_time_of_a_message_is_in_the_person_s_zone(
    author: Browser, approver: Browser
) -> None:  # fmt: skip
    await live_there(author)
    await live_there(approver)
    path = await filled(author, urgency="immediate", ack_within="4")
    review = (await author.get(f"{path}/review")).text
    await author.post(f"{path}/review", fields(review))
    pages = [
        review, (await author.get(path)).text, (await approver.get(f"/console/approve/{ID}")).text,
        (await approver.get("/console/approve")).text,
    ]  # fmt: skip
    await approver.get(f"/console/approve/{ID}")
    await approver.post(f"/console/approve/{ID}", {"act": "release"})
    pages += [(await author.get(f"/console/m/{ID}{suffix}")).text for suffix in ("", "/who", "/recall")]
    pages += [(await author.get(f"/console{path}")).text for path in ("/sent", "/write", "/inbox")]
    for page in pages:
        assert lone_utc(page) == []
    assert "UTC" in pages[0]


async def test_a_field_of_time_names_the_zone(author: Browser) -> None:
    await live_there(author)
    page = (await author.get(await begun(author))).text
    assert f"Time zone: {ZONE}" in page.partition('id="expires"')[0].rpartition("<div")[2]


async def test_hours_are_labelled_as_hours(author: Browser) -> None:
    page = (await author.get(await begun(author))).text
    for id_ in ("ack-within", "request-0-by"):
        assert re.search(rf'id="{id_}-hint">[^<]*\bhours', page), id_


@pytest.mark.parametrize("kind", PUBLISHED)
async def test_a_blank_form_has_only_fields_of_its_kind(desk: Desk, author: Browser, kind: str) -> None:  # noqa: F811
    await published(desk, contact())
    page = (await author.get(await begun(author, kind))).text
    assert "no such field" not in page
    assert ("desk" in fields_of(KINDS[kind])) == ('name="desk"' in page)


def contact() -> dict[str, Any]:
    """The desk that answers, at the number +6620000000."""
    made = draft("National desk", expires=EXPIRES)
    for name in ("event", "urgency", "severity", "certainty", "request", "desk"):
        made.pop(name, None)
    return made | {
        "kind": "contact", "tlp": "GREEN", "service": ["focal-point"], "body": "National desk",
        "sector": "law-enforcement", "coverage": {"country": "TH"}, "languages": ["en"], "hours": "always",
        "serves": ["any"], "phone": ["+6620000000"],
    }  # fmt: skip


async def published(desk: Desk, message: dict[str, Any]) -> str:  # noqa: F811
    done = await desk.gateway.publish(json.dumps(message).encode(), realm="actual", key=None, token="desk")
    assert done.verdict == "published", done
    return str(done.id)


async def test_no_page_of_a_draft_has_a_number_that_is_cut(desk: Desk, author: Browser) -> None:  # noqa: F811
    path = await filled(author, do="save", urgency="immediate", ack_within="4")
    sent = fields((await author.get(path)).text)
    async with browser(desk) as other:
        await other.sign_in("cruz")
        await other.post(path, {**fields((await other.get(path)).text), "text[0].title": "Edited", "do": "save"})
    conflict = await author.post(path, {**sent, "text[0].title": "Mine", "do": "save"})
    assert conflict.status_code == 409
    assert CUT.search(conflict.text) is None
    assert "Cruz" in conflict.text
    review = await author.get(f"{path}/review")
    await author.post(f"{path}/review", fields(review.text))
    held = (await author.get(path)).text
    assert ID in held
    assert CUT.search(held) is None


@pytest.mark.parametrize("value", ["many", "a" + "\u0301" * 20, "9" * 40])
async def test_a_conflict_is_shown_whatever_stands_in_a_field_of_a_number(author: Browser, value: str) -> None:
    path = await filled(author, do="save", urgency="immediate", ack_within="4")
    for name in ("source.confidence", "source.credibility", "ack_within"):
        sent = fields((await author.get(path)).text)
        answer = await author.post(path, {**sent, name: value, "version": "none", "do": "save"})
        assert answer.status_code == 409, name


async def test_people_are_shown_by_their_names(author: Browser) -> None:
    path = await filled(author, do="save")
    for page in (path, "/console/write"):
        shown = (await author.get(page)).text
        assert re.search(r"\bReyes\b", shown.partition("<main")[2])
        assert not re.search(r"\breyes\b", shown.partition("<main")[2]), page


async def test_an_approver_does_not_see_what_its_author_may_do(author: Browser, approver: Browser) -> None:
    await handed_in(author, **URGENT)
    page = (await approver.get(f"/console/approve/{ID}")).text
    assert "a colleague with the role approver" not in page
    assert "<dt>Sent" not in page


async def test_a_refused_page_names_each_person_once(desk: Desk, author: Browser) -> None:  # noqa: F811
    page = (await author.get("/console/approve")).text
    assert page.count("Cruz") == 1
    desk.add("dora", "author", "approver", "reader")
    await desk.load()
    async with browser(desk) as operator:
        await operator.sign_in("olga")
        shown = (await operator.get("/console/inbox")).text
    assert shown.count("Dora") == 1


async def test_a_message_leads_to_its_desk_and_to_what_it_is_related_to(
    desk: Desk, author: Browser  # noqa: F811
) -> None:  # fmt: skip
    called = await published(desk, contact())
    first = await published(desk, draft("The old route", expires=EXPIRES))
    second = draft("The new route", expires=EXPIRES) | {"desk": called, "related": [{"rel": "same-as", "id": first}]}
    done = await desk.gateway.cancel(first, "desk", "wrong route", json.dumps(second).encode())
    assert done is not None
    other = done["replacement"]["id"]
    page = (await author.get(f"/console/m/{other}")).text
    assert f'href="/console/m/{called}"' in page
    assert "+6620000000" in page
    related = page.partition(f'href="/console/m/{first}"')[2]
    assert "Recalled" in related.partition("</li>")[0]
    recalled = (await author.get(f"/console/m/{first}")).text
    assert f'href="/console/m/{other}"' in recalled.partition("What takes its place")[2]


async def test_a_row_that_was_added_has_the_focus(author: Browser) -> None:
    path = await begun(author)
    sent = {**fields((await author.get(path)).text), "do": "add places"}
    led = (await author.post(path, sent)).headers["location"]
    page = (await author.get(led)).text
    assert re.findall(r'id="([^"]*)" tabindex="-1" autofocus', page) == ["places-0"]
    assert "autofocus" not in (await author.get(path)).text


def test_the_table_of_the_map_names_a_province_as_the_message_does() -> None:
    locations = [{"role": "transit", "country": "TH", "admin1": "TH-50", "locode": "THCNX"}]
    found = place_map({"kind": "alert", "places": locations}, names("en"), "Map")
    assert found is not None
    assert "Chiang Mai (TH-50) THCNX" in found.rows[0].details[0]


async def test_the_health_page_has_a_part_that_is_fetched_again_with_the_banner(
    desk: Desk,  # noqa: F811
) -> None:
    async with browser(desk) as operator:
        await operator.sign_in("olga")
        page = (await operator.get("/console/health")).text
        assert 'data-live="/console/health" data-about="line state"' in page
        part = (await operator.get("/console/health", x_fragment="1")).text
        assert "checks are well" in part
        assert "<html" not in part
