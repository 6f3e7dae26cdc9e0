"""A recall that waits, and what the pages say after one that left."""

import re
from pathlib import Path

import pytest

from console.test_messages import desk, fields, handed_in, states  # noqa: F401
from suar.console.pages.messages.sent import AT_MEMBER
from suar.observe.causes import NEXT
from support.console import Browser, Desk, browser, served
from support.corekit import rows
from support.pairs import Two, new, record_statement

ID = "TH-ALERT-2027-000001"
NAMED = "Wrong route. A girl named Somchai Jaidee was not there"
HAS_NOT_LEFT = "The recall has not left"


@pytest.mark.parametrize("page", ["who", "recall", ""])
async def test_a_recall_that_waits_is_stated_wherever_the_message_is_shown(author: Browser, page: str) -> None:
    await handed_in(author)
    await author.get(f"/console/m/{ID}/recall")
    done = await author.post(f"/console/m/{ID}/recall", {"reason": NAMED})
    assert done.headers["location"] == f"/console/m/{ID}/who"
    shown = (await author.get(f"/console/m/{ID}/{page}".rstrip("/"))).text
    assert HAS_NOT_LEFT in shown
    assert "Santos" in shown  # who can release it
    assert "A new route" in shown  # what the members read still
    assert "Somchai" in shown.partition(HAS_NOT_LEFT)[2]  # the words that it waits for
    assert "Waits here" not in shown  # of the message, which has left


async def test_of_a_recall_that_waits_a_reader_learns_no_reason(
    desk: Desk, author: Browser  # noqa: F811
) -> None:  # fmt: skip
    await handed_in(author)
    await author.get(f"/console/m/{ID}/recall")
    await author.post(f"/console/m/{ID}/recall", {"reason": NAMED})
    desk.add("rita", "reader")
    await desk.load()
    async with browser(desk) as reader:
        await reader.sign_in("rita")
        shown = (await reader.get(f"/console/m/{ID}/who")).text
    assert HAS_NOT_LEFT in shown
    assert "Somchai" not in shown


async def test_a_recall_with_another_reason_leaves_and_nothing_waits(author: Browser) -> None:
    await handed_in(author)
    for reason in (NAMED, "The route was another one."):
        await author.get(f"/console/m/{ID}/recall")
        await author.post(f"/console/m/{ID}/recall", {"reason": reason})
    for page in (f"/console/m/{ID}/who", f"/console/m/{ID}"):
        assert HAS_NOT_LEFT not in (await author.get(page)).text


async def test_after_a_recall_the_matrix_shows_who_acted_on_the_text(tmp_path: Path) -> None:
    two = Two(tmp_path)
    (id_,) = two.publish(new("Recruiters at the pier"))
    two.to_sg()
    two.open(id_)
    record_statement(two, id_, "acknowledged")
    record_statement(two, id_, "acting", note="two teams")
    two.to_th()
    two.cancel(id_)
    two.to_sg()
    two.to_th()
    async with served(two.th) as following:
        following.add("reyes", "author")
        await following.load()
        async with browser(following) as author:
            await author.sign_in("reyes")
            page = (await author.get(f"/console/m/{id_}/who")).text
            before = page.partition("Before the recall:")[2].partition("</div>")[0]
            assert re.search(r"Acting: <a[^>]*>Singapore", before)
            row = page.partition('id="at-SG"')[2].partition("</tr>")[0]
            assert 'class="bad"><b>1</b>Needs you' in page, "it acts on a text that was recalled"
            assert "Whom to call: Singapore" in page.partition("Before the recall:")[2].partition('id="matrix"')[0]
            why = (await author.get(f"/console/m/{id_}/why/SG")).text
            assert "they must learn that it was recalled" in why
            assert "As of" in why, "it does not renew itself"
            assert f'href="/console/m/{id_}/why/SG">Refresh</a>' in why
            assert "Whom to call" in why
            reached = (await author.get(f"/console/m/{id_}/who?rev=1")).text
            assert 'class="bad"><b>0</b>Needs you' in reached
            for stage in ("Opened", "Receipt acknowledged", "Acting"):
                assert stage in row.partition("Before the recall:")[2]
            assert f"/console/m/{id_}/who?rev=1" in page
            first = (await author.get(f"/console/m/{id_}/who?rev=1")).text
            assert "two teams" in first
            assert "Before the recall:" not in first
            part = await author.get(f"/console/m/{id_}/who?rev=1", x_fragment="1")
            assert "two teams" in part.text
            assert f'data-live="/console/m/{id_}/who?rev=1"' in first


async def test_who_was_acting_is_informed_of_the_recall_first(tmp_path: Path) -> None:
    two = Two(tmp_path)
    ids = two.publish(new("Recruiters at the pier"), new("A van at the market"))
    two.to_sg()
    two.open(ids[0])
    record_statement(two, ids[0], "acting")
    for id_ in ids:
        two.cancel(id_)
    two.to_sg()
    async with served(two.sg) as reading:
        reading.add("rita", "reader")
        await reading.load()
        async with browser(reading) as reader:
            await reader.sign_in("rita")
            for page in ("/console", "/console/news"):
                assert "Recalled messages on which we were acting: 1" in (await reader.get(page)).text
            inbox = (await reader.get("/console/inbox")).text
            first = inbox.partition("<section")[2].partition("</section>")[0]
            assert "Recalled while we were acting" in first
            assert ids[0] in first
            assert ids[1] not in first
            assert inbox.count(f'/m/{ids[0]}"') == 1
            await reader.get(f"/console/m/{ids[0]}")
            assert "on which we were acting" not in (await reader.get("/console")).text
            assert "Recalled while we were acting" in (await reader.get("/console/inbox")).text


async def test_the_reason_is_there_again_after_a_correction_was_begun(author: Browser) -> None:
    await handed_in(author)
    path = f"/console/m/{ID}/recall"
    assert 'formaction="/console/write"' in (await author.get(path)).text
    begun = await author.post("/console/write", {"instead": ID, "reason": "The second pier.", "page": path})
    draft = begun.headers["location"]
    await author.get(draft)
    page = (await author.get(path)).text
    assert "The second pier." in page
    assert "nothing has been done" in page


async def test_a_corrected_text_leaves_together_with_the_recall_that_it_was_begun_from(
    desk: Desk, author: Browser  # noqa: F811
) -> None:  # fmt: skip
    """Before, its review published it alone, and the wrong text stayed in force at every member."""
    await handed_in(author)
    await author.get(f"/console/m/{ID}/recall")
    begun = await author.post("/console/write", {"instead": ID})
    path = str(begun.headers["location"])
    draft = await author.get(path)
    assert f"takes the place of {ID}" in draft.text
    sent = {**fields(draft.text), "text[0].title": "The second pier", "do": "review"}
    await author.post(path, sent)
    review = await author.get(f"{path}/review")
    assert f"Go on to the recall of {ID}" in review.text
    assert "Publish to" not in review.text
    on = await author.post(f"{path}/review", fields(review.text))
    recall = f"/console/m/{ID}/recall?instead={path.rpartition('/')[2]}"
    assert on.headers["location"] == recall
    assert rows(desk.kit, "select count(*) from message")[0][0] == 1
    page = await author.get(recall)
    form = fields(page.text)
    assert form["replacement"][0].startswith(path.rpartition("/")[2])
    done = await author.post(f"/console/m/{ID}/recall", {**form, "reason": "The pier was another one."})
    other = done.headers["location"].removesuffix("/who").rpartition("/")[2]
    assert rows(desk.kit, "select id, action from message order by n") == [
        (ID, "new"), (ID, "cancel"), (other, "new"),
    ]  # fmt: skip
    assert other in (await author.get(f"/console/m/{ID}")).text


async def test_a_text_that_was_to_replace_a_message_recalled_meanwhile_is_published(author: Browser) -> None:
    await handed_in(author)
    await author.get(f"/console/m/{ID}/recall")
    path = str((await author.post("/console/write", {"instead": ID})).headers["location"])
    await author.get(f"/console/m/{ID}/recall")
    await author.post(f"/console/m/{ID}/recall", {"reason": "The pier was another one."})
    page = await author.get(f"{path}/review")
    assert "Publish to" in page.text
    done = await author.post(f"{path}/review", fields(page.text))
    assert done.headers["location"].endswith("-000002/who")


async def test_a_recalled_alert_asks_for_no_answer(tmp_path: Path) -> None:
    """Before, the hours to acknowledge it and a request stood above the sentence that it needs no answer."""
    two = Two(tmp_path)
    (id_,) = two.publish(new("Recruiters at the pier", **{"urgency": "immediate", "ack_within": 12}))
    two.to_sg()
    two.cancel(id_)
    two.to_sg()
    async with served(two.sg) as reading:
        reading.add("rita", "reader")
        await reading.load()
        async with browser(reading) as reader:
            await reader.sign_in("rita")
            page = (await reader.get(f"/console/m/{id_}")).text
    assert "This message takes no answer" in page
    for label in ("Receipt to be acknowledged within", "Requested"):
        assert label not in page


async def test_a_recall_is_said_to_leave_at_once_unless_its_reason_is_read_first(author: Browser) -> None:
    await handed_in(author)
    page = (await author.get(f"/console/m/{ID}/recall")).text
    assert "unless a second person has to read the reason first" in page


async def test_a_draft_without_a_title_replaces_no_message(author: Browser) -> None:
    await handed_in(author)
    await author.get("/console/write")
    await author.post("/console/write", {"kind": "alert"})
    assert "Without a title" not in (await author.get(f"/console/m/{ID}/recall")).text


async def test_where_nobody_there_can_do_anything_nobody_is_to_be_called(tmp_path: Path) -> None:
    """Before, the desk of a member was named where nothing was to be done, or only the operator of the hub could."""
    two = Two(tmp_path)
    (id_,) = two.publish(new("Recruiters at the pier"))
    two.to_sg()
    two.to_th()
    async with served(two.th) as following:
        following.add("reyes", "author")
        await following.load()
        async with browser(following) as author:
            await author.sign_in("reyes")
            why = (await author.get(f"/console/m/{id_}/why/SG")).text
    assert "Nothing is to be done" in why
    assert "Whom to call" not in why


def test_a_member_is_called_only_for_a_step_that_names_it() -> None:
    assert {name for name in AT_MEMBER if "{member}" not in NEXT[name]} == set()
    assert AT_MEMBER.isdisjoint({"nothing", "wait", "hub", "our-line", "our-server", "source", "holders", "resent"})
