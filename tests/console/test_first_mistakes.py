"""What a person reads at the first mistakes, and while nothing arrives: words of a page, not those of a program."""

import re
from typing import Any

import pytest

from console.test_messages import begun, desk, fields
from suar.console.views import drafting, texts
from suar.languages.names import names
from suar.observe.causes import CAUSES
from suar.protocol.policy.decision import RULES
from support.console import Browser, Desk, browser

__all__ = ["desk"]
OF_PROGRAMS = re.compile(r"expected integer|got text|the field is required|true or false|give it|heartbeat|\(P\d\)")


def cause(code: str) -> dict[str, Any]:
    """What stands still, as the desk states it."""
    number = next(number for number, each in enumerate(CAUSES, 1) if each.code == code)
    return {"number": number, "values": {"member": "TH", "id": ""}, "since": 1_800_000_000_000}


async def test_an_empty_form_says_what_is_still_empty(author: Browser) -> None:
    for kind in ("alert", "trend", "pattern"):
        path = await begun(author, kind)
        page = (await author.get(path)).text
        assert "still empty" in page, kind
        assert OF_PROGRAMS.findall(page) == [], kind


async def test_a_box_that_was_never_touched_says_no(author: Browser) -> None:
    page = (await author.get(await begun(author, "trend"))).text
    todo = page.partition("Still to fill in")[2].partition("</ul>")[0]
    assert "Figures: still empty" in todo
    assert "With totals" not in todo
    for kind, box in (("trend", b'"margins":false'), ("pattern", b'"child_only":false')):
        assert box in drafting.message(kind, drafting.Content({}))


async def test_what_is_no_number_is_answered_in_words(author: Browser) -> None:
    path = await begun(author)
    page = (await author.get(path)).text
    saved = await author.post(path, {**fields(page), "urgency": "immediate", "ack_within": "12 h", "do": "save"})
    assert saved.status_code == 303
    page = (await author.get(path)).text
    assert "write a whole number, in digits alone" in page
    assert OF_PROGRAMS.findall(page) == []


def test_who_opens_it_is_not_explained_with_numbers_of_rules() -> None:
    member = {"member": "SG", "may_open": False, "why": RULES["P7"].text, "rule": "P7", "has_key": True}
    (reader,) = texts.readers([member], names("en")) or ()
    assert reader.why == RULES["P7"].text


@pytest.mark.parametrize("code", ["uplink-down", "hub-down", "line-down", "disk-full-here"])
async def test_a_reader_learns_that_nothing_arrives(desk: Desk, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    monkeypatch.setattr(desk.gateway.desk, "standstill", lambda: cause(code))
    async with browser(desk) as reader:
        await reader.sign_in("santos")
        page = (await reader.get("/console/inbox")).text
    line = page.partition('id="line-says">')[2].partition("</p>")[0]
    assert ("Updates and recalls that others sent since then cannot have arrived here." in line) == (
        code != "disk-full-here"
    )
    sentences = re.split(r"(?<=\.) ", re.sub(r"<[^>]*>", "", line).strip())
    assert [each for each in sentences if not each[0].isupper()] == []
