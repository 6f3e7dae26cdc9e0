"""A form of a session before, or of none: nothing is done by it, and nothing that was typed into it is lost."""

import html
import re

import pytest

from console.test_messages import FILLED, URGENT, begun, desk, fields, handed_in, states  # noqa: F401
from suar.languages.names import names
from suar.languages.tags import LANGUAGES
from suar.protocol.base import limits
from support.console import Browser, Desk, browser
from support.corekit import rows

TYPED = "Three lines about the pier that took half an hour."


def again(page: str) -> tuple[str, dict[str, list[str]]]:
    """The form that a refusal brings back: to where it is sent, and its fields."""
    found = re.search(r'<form class="card" method="post" action="([^"]*)">(.*?)</form>', page, re.DOTALL)
    assert found is not None, page
    return html.unescape(found[1]), fields(found[2])


async def typed_draft(author: Browser) -> tuple[str, dict[str, list[str]]]:
    path = await begun(author)
    return path, {**fields((await author.get(path)).text), **FILLED, "text[0].summary": [TYPED]}


async def sign_in_again(author: Browser) -> None:
    """Sign out and in again, as in another tab."""
    await author.get("/console")
    await author.post("/console/sign-out")
    await author.get("/console/sign-in")
    await author.sign_in("reyes")
    await author.get("/console")


async def test_a_draft_s_form_of_the_session_before_is_shown_again_and_can_be_sent(author: Browser) -> None:
    path, sent = await typed_draft(author)
    await sign_in_again(author)
    answer = await author.post(path, {**sent, "do": "save"}, csrf=sent["csrf"][0])
    assert answer.status_code == 403
    assert TYPED in answer.text
    assert TYPED not in (await author.get(path)).text  # nothing was done by it
    to, fields_ = again(answer.text)
    assert to == path
    assert (await author.post(to, fields_)).status_code == 303
    assert TYPED in (await author.get(path)).text


async def test_a_draft_s_form_without_a_session_is_kept_over_the_sign_in(author: Browser) -> None:
    path, sent = await typed_draft(author)
    await author.get("/console")
    await author.post("/console/sign-out")
    answer = await author.post(path, {**sent, "do": "save"}, csrf=sent["csrf"][0])
    assert answer.status_code == 401
    assert "/console/sign-in" in answer.text
    to, fields_ = again(answer.text)
    await author.get("/console/sign-in")
    await author.sign_in("reyes")
    refused = await author.post(to, fields_, csrf="")  # the page was made without a session
    assert refused.status_code == 403
    to, fields_ = again(refused.text)
    assert (await author.post(to, fields_)).status_code == 303
    assert TYPED in (await author.get(path)).text


async def test_what_comes_back_is_text_and_only_on_a_page_of_ours(author: Browser) -> None:
    path, sent = await typed_draft(author)
    sent["text[0].title"] = ['"><script>alert(1)</script>']
    for do in ("save", "delete"):
        answer = await author.post(path, {**sent, "do": do, "csrf": "0" * 64})
        assert "<script>alert" not in answer.text
        assert again(answer.text)[1].get("do") is None  # the button is not pressed for anybody
    foreign = await author.post(path, {**sent, "csrf": "0" * 64}, Origin="https://elsewhere.example")
    assert TYPED not in foreign.text


@pytest.mark.parametrize("tag", LANGUAGES)
async def test_autosave_that_is_refused_says_so_at_once(desk: Desk, author: Browser, tag: str) -> None:  # noqa: F811
    path, sent = await typed_draft(author)
    words = names(tag).words
    await author.get("/console")
    await author.post("/console/sign-out")
    gone = await author.post(path, sent, csrf=sent["csrf"][0], x_fragment="1", accept_language=tag)
    assert gone.status_code == 401
    for key in ("no-sign-in-needed", "unsaved"):
        assert html.escape(words.console(key), quote=False) in html.unescape(gone.text).replace("&", "&amp;")
    assert 'name="version"' in gone.text  # the button saves against the version that was open
    desk.add("ana", "author", lang=tag)
    await desk.load()
    async with browser(desk) as other:
        await other.sign_in("ana")
        old = await other.post(path, sent, csrf=sent["csrf"][0], x_fragment="1")
    assert old.status_code == 403
    for key in ("no-form-old", "unsaved"):
        assert html.escape(words.console(key), quote=False) in html.unescape(old.text).replace("&", "&amp;")


async def test_autosave_of_an_idle_session_says_what_is_saved_and_saves_one_draft(
    desk: Desk, author: Browser  # noqa: F811
) -> None:  # fmt: skip
    path, sent = await typed_draft(author)
    desk.later(31 * limits.MINUTE)
    for text in ("first", "second"):
        answer = await author.post(path, {**sent, "text[0].summary": text}, x_fragment="1")
        assert answer.status_code == 401
        assert "What you filled in is kept" in answer.text
        sent["version"] = fields(answer.text)["version"]
    assert rows(desk.kit, "select count(*) from draft")[0][0] == 1


async def test_a_reason_of_the_session_before_is_put_into_its_page_again(
    desk: Desk, author: Browser, approver: Browser  # noqa: F811
) -> None:  # fmt: skip
    await handed_in(author, **URGENT)
    path = "/console/approve/TH-ALERT-2027-000001"
    await approver.get(path)
    sent = {"act": "reject", "reason": TYPED, "page": path}
    refused = await approver.post(path, sent, csrf="0" * 64)
    assert TYPED in refused.text
    to, fields_ = again(refused.text)
    kept = await approver.post(to, fields_)
    assert kept.headers["location"] == path
    page = (await approver.get(path)).text
    assert (TYPED in page, "nothing has been done" in page, states(desk.kit)) == (True, True, ["held"])
