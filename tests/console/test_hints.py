"""What pages advise is done on pages: no command, no rule's number, no field of a file, in any language."""

import re
from typing import Any

import pytest

from console.test_messages import URGENT, desk, fields, filled, handed_in  # noqa: F401
from support.console import Browser, Desk, browser

ID = "TH-ALERT-2027-000001"
OF_PROGRAMS = re.compile(
    r"`|\bsuar [a-z]|--[a-z]|[a-z]_[a-z]|\$\.|\b[EM]-[A-Z]{3}|T00:00|\bJSON\b|approve token|expires|schema"
)
TAG = re.compile(r"<(script|style|head).*?</\1>|<[^>]*>", re.DOTALL)


def words_of(page: str) -> str:
    """What a person sees of a page."""
    return TAG.sub(" ", page)


def named(page: str) -> list[str]:
    text = words_of(page)
    return [text[max(0, found.start() - 80) : found.end() + 40] for found in OF_PROGRAMS.finditer(text)]


@pytest.fixture
async def people(desk: Desk) -> None:  # noqa: F811
    for tag in ("en", "th"):
        desk.add(f"author-{tag}", "author", lang=tag)
        desk.add(f"approver-{tag}", "approver", lang=tag)
    await desk.load()


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "no hours": ({"urgency": "immediate", "ack_within": ""}, "an immediate alert says within how many hours"),
    "no desk": ({"desk": "TH-CONTACT-2027-000099"}, "publish the contact message of the desk first"),
    "no members": ({"tlp": "RED", "audience.members": "all"}, "name the members"),
    "ended": ({"valid_from": "2027-03-01T00:00:00", "expires": "2027-02-01T00:00:00"}, "before"),
    "a name": ({"text[0].summary": "A woman named Malee Suksai waits."}, "let a colleague with the role approver"),
    "immediate": (URGENT, "a colleague with the role approver finds what waits under To approve"),
}


@pytest.mark.parametrize("tag", ["en", "th"])
@pytest.mark.parametrize("wrong", WRONG)
async def test_a_draft_is_corrected_on_its_page(desk: Desk, people: None, tag: str, wrong: str) -> None:  # noqa: F811
    changes, sentence = WRONG[wrong]
    async with browser(desk) as author:
        await author.sign_in(f"author-{tag}")
        path = await filled(author, **changes)
        page = (await author.get(f"{path}?check=1")).text
        assert named(page) == []
        assert tag != "en" or sentence in words_of(page)
        assert "in English" not in page


@pytest.mark.parametrize("tag", ["en", "th"])
async def test_who_approves_reads_what_holds_it(desk: Desk, author: Browser, people: None, tag: str) -> None:  # noqa: F811
    await handed_in(author, **URGENT)
    async with browser(desk) as approver:
        await approver.sign_in(f"approver-{tag}")
        page = (await approver.get(f"/console/approve/{ID}")).text
        assert named(page) == []
        assert tag != "en" or "An immediate message needs a second person here" in words_of(page)
        assert tag == "en" or "urgency immediate" not in words_of(page).casefold()
        why = (await approver.get(f"/console/m/{ID}/why/SG")).text
        assert (named(why), "Next step" in why or tag != "en") == ([], True)
        assert tag != "en" or "A colleague with the role approver finds what waits under To approve" in words_of(why)


async def test_a_recall_that_its_replacement_stops_says_why_on_the_page(desk: Desk, author: Browser) -> None:  # noqa: F811
    await handed_in(author)
    path = await filled(author, do="save", urgency="immediate", ack_within="")
    page = (await author.get(f"/console/m/{ID}/recall")).text
    version = re.search(rf'value="({path.rpartition("/")[2]}\.\d+)"', page)
    assert version is not None
    form = {**fields(page), "reason": "it was wrong", "replacement": version[1]}
    answer = await author.post(f"/console/m/{ID}/recall", form)
    assert (answer.status_code, named(answer.text)) == (422, [])
    assert "An immediate alert says within how many hours" in words_of(answer.text)
