"""While an update waits for a second person: what a page says about the revision that left, and about the one that waits."""

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
