"""What a page says about the revision that left and the update that waits, and about what was taken back."""

import pytest

from console.test_messages import desk, handed_in
from console.test_messages import fields as fields_of
from support.console import Browser, Desk

__all__ = ["desk"]
ID = "TH-ALERT-2027-000001"
NAMED = "Wrong route. A girl named Somchai Jaidee was not there"


async def with_waiting_update(author: Browser) -> str:
    """A message that left, and an update of it that waits; the address of the draft that waits."""
    await handed_in(author)
    page = await author.get(f"/console/m/{ID}")
    begun = await author.post("/console/write", {"change": ID})
    path = str(begun.headers["location"])
    page = await author.get(path)
    sent = {**fields_of(page.text), "severity": "extreme", "text[0].title": "A worse route", "do": "review"}
    await author.post(path, sent)
    review = await author.get(f"{path}/review")
    done = await author.post(f"{path}/review", fields_of(review.text))
    assert done.status_code == 303, done.text
    return path


async def test_a_recall_with_a_name_says_what_lets_it_leave(desk: Desk, author: Browser) -> None:
    await with_waiting_update(author)
    await author.get(f"/console/m/{ID}/recall")
    refused = await author.post(f"/console/m/{ID}/recall", {"reason": NAMED})
    problem = refused.text.partition('id="problem"')[2].partition("</div>")[0]
    assert refused.status_code == 422
    assert "Somchai" in problem
    assert "take the name out: then it leaves at once" in problem
    assert "approver" not in problem
    assert "waits for a second person" not in problem
    done = await author.post(f"/console/m/{ID}/recall", {"reason": "The route was another one."})
    assert done.headers["location"] == f"/console/m/{ID}/who"


@pytest.mark.parametrize("page", ["who", "recall", ""])
async def test_of_a_message_that_left_no_page_says_that_it_did_not(desk: Desk, author: Browser, page: str) -> None:
    await with_waiting_update(author)
    shown = (await author.get(f"/console/m/{ID}/{page}".rstrip("/"))).text
    assert "This is an update (rev 2). It has not left: every member still reads what was sent before." in shown
    assert "A new route" in shown
    assert "A worse route" not in shown
    assert ("the update that waits is rejected with it" in shown) == (page == "recall")


async def test_who_has_it_is_of_the_revision_that_left_and_leads_to_the_one_that_waits(author: Browser) -> None:
    await with_waiting_update(author)
    shown = (await author.get(f"/console/m/{ID}/who")).text
    assert "Waits here" not in shown
    for link in (f"/console/m/{ID}/who?rev=1", f"/console/m/{ID}/who?rev=2", f"/console/m/{ID}/recall"):
        assert f'href="{link}"' in shown
    assert "Write an update" in shown
    waiting = (await author.get(f"/console/m/{ID}/who?rev=2")).text
    assert "Waits here" in waiting
    assert f'href="/console/m/{ID}/who?rev=1"' in waiting


async def test_after_the_recall_the_page_says_what_became_of_the_update(author: Browser) -> None:
    await with_waiting_update(author)
    await author.get(f"/console/m/{ID}/recall")
    await author.post(f"/console/m/{ID}/recall", {"reason": "The route was another one."})
    sentence = "What waited for a second person was rejected with the recall."
    assert sentence in (await author.get(f"/console/m/{ID}/who")).text


async def test_a_recall_is_not_said_to_reject_what_was_decided_before(author: Browser) -> None:
    path = await with_waiting_update(author)
    await author.get(path)
    await author.post(f"{path}/back")
    await author.get(f"/console/m/{ID}/recall")
    await author.post(f"/console/m/{ID}/recall", {"reason": "The route was another one."})
    assert "was rejected with the recall" not in (await author.get(f"/console/m/{ID}/who")).text


async def test_what_its_author_took_back_was_not_rejected_and_needs_nobody(author: Browser) -> None:
    path = await handed_in(author, urgency="immediate", ack_within="4")
    held = (await author.get(path)).text
    version = fields_of(held)["version"][0]
    await author.post(f"{path}/back", {"version": version})
    shown = (await author.get(f"/console/m/{ID}/who")).text
    assert "It was taken back" in shown
    assert "ejected" not in shown
    assert "Taken back here" in shown
    assert '<li class="bad"><b>0</b>' in shown
    why = (await author.get(f"/console/m/{ID}/why/SG")).text
    assert "It was taken back" in why
    assert "nobody has to do anything" in why
    assert "Whom to call" not in why
