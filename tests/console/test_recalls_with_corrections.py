"""A recall and the corrected message that takes its place: what has left, what waits, and that neither leaves alone."""

from console.test_messages import desk, fields, handed_in, states
from support.console import Browser, Desk
from support.corekit import rows

__all__ = ["desk"]
OLD, NEW = "TH-ALERT-2027-000001", "TH-ALERT-2027-000002"
NAMED = "Wrong route. A girl named Somchai Jaidee was not there"
CLEAN = "The pier was another one."
WITH = f"{NEW} takes its place. It waits for a second person, and has not left."
FIRST = f"It takes the place of {OLD}. The recall of that message waits too, and is released first"
NEITHER = "the members have neither"


async def corrected(author: Browser, reason: str, **changes: str) -> tuple[str, str]:
    """A message in force, recalled with a corrected one; the address of the draft, and where the recall led."""
    await handed_in(author)
    await author.get(f"/console/m/{OLD}/recall")
    path = str((await author.post("/console/write", {"instead": OLD})).headers["location"])
    sent = {**fields((await author.get(path)).text), "text[0].title": "The second pier", **changes, "do": "review"}
    await author.post(path, sent)
    on = await author.post(f"{path}/review", fields((await author.get(f"{path}/review")).text))
    form = fields((await author.get(str(on.headers["location"]))).text)
    done = await author.post(f"/console/m/{OLD}/recall", {**form, "reason": reason})
    assert done.status_code == 303, done.text
    return path, str(done.headers["location"])


IMMEDIATE = {"urgency": "immediate", "ack_within": "4"}


async def test_a_recall_that_left_before_its_correction_says_so(desk: Desk, author: Browser, approver: Browser) -> None:
    path, led = await corrected(author, CLEAN, **IMMEDIATE)
    assert led == f"/console/m/{OLD}/who"
    page = (await author.get(led)).text
    assert f"The recall has left. {NEW} takes its place" in page
    assert NEITHER in page
    assert f'href="/console/m/{NEW}/who"' in page
    for visit, where in ((author, path), (approver, f"/console/approve/{NEW}")):
        page = (await visit.get(where)).text
        assert f"It takes the place of {OLD}, which was recalled" in page, where
        assert NEITHER in page, where
        assert f'href="/console/m/{OLD}/who"' in page, where
    assert 'name="both"' not in approver.page
    await approver.post(f"/console/approve/{NEW}", {"act": "release"})
    assert states(desk.kit) == ["released"]


async def test_a_correction_does_not_leave_before_the_recall_that_waits(
    desk: Desk, author: Browser, approver: Browser
) -> None:
    """Before, two contradicting texts were in force, and no page named one beside the other; one that needed no second
    person left at once.
    """
    path, led = await corrected(author, NAMED)
    assert led == f"/console/m/{OLD}/who"
    page = (await author.get(led)).text
    assert "The recall has not left: every member still reads the text" in page
    assert "Somchai" in page
    assert WITH in page
    assert FIRST in (await author.get(path)).text
    assert states(desk.kit) == ["held", "held"]
    listed = (await approver.get("/console/approve")).text
    assert FIRST in listed
    assert WITH in listed
    page = (await approver.get(f"/console/approve/{NEW}")).text
    assert FIRST in page
    assert f'href="/console/approve/{OLD}"' in page
    assert 'value="release"' not in page
    answer = await approver.post(f"/console/approve/{NEW}", {"act": "release"})
    assert answer.status_code == 422
    assert "whose place it takes waits too" in answer.text
    assert WITH in (await approver.get(f"/console/approve/{OLD}")).text
    await approver.post(f"/console/approve/{OLD}", {"act": "release"})
    assert 'value="release"' in (await approver.get(f"/console/approve/{NEW}")).text
    done = await approver.post(f"/console/approve/{NEW}", {"act": "release"})
    assert done.status_code == 303, done.text
    assert rows(desk.kit, "select id, action from message order by n") == [
        (OLD, "new"), (OLD, "cancel"), (NEW, "new"),
    ]  # fmt: skip


async def test_where_the_recall_was_rejected_releasing_its_correction_is_asked(
    desk: Desk, author: Browser, approver: Browser
) -> None:
    await corrected(author, NAMED, **IMMEDIATE)
    old = fields((await approver.get(f"/console/approve/{NEW}")).text)
    await approver.get(f"/console/approve/{OLD}")
    await approver.post(f"/console/approve/{OLD}", {"act": "reject", "reason": "a name", "then": "destroy"})
    page = (await approver.get(f"/console/approve/{NEW}")).text
    assert (
        f"{OLD}, whose place it takes, was not recalled. Release it nevertheless: both texts are then in force" in page
    )
    answer = await approver.post(f"/console/approve/{NEW}", old | {"act": "release"})
    assert answer.status_code == 409
    assert len(rows(desk.kit, "select id from message")) == 1
    await approver.post(f"/console/approve/{NEW}", {"act": "release", "both": "yes"})
    assert [row[0] for row in rows(desk.kit, "select id from message order by n")] == [OLD, NEW]


async def test_the_review_of_a_correction_that_waits_promises_no_joint_leaving(author: Browser) -> None:
    await handed_in(author)
    await author.get(f"/console/m/{OLD}/recall")
    path = str((await author.post("/console/write", {"instead": OLD})).headers["location"])
    await author.post(path, {**fields((await author.get(path)).text), **IMMEDIATE, "do": "review"})
    page = (await author.get(f"{path}/review")).text
    assert NEITHER in page
    assert "leaves together" not in page
