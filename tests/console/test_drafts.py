"""What a hostile or hasty author does with drafts: only what the review showed leaves, once, and in its realm."""

import asyncio
import json
from typing import Any

import httpx
import pytest

from console.test_messages import begun, desk, fields, filled, handed_in, states  # noqa: F401
from service.publish.test_held import WRITTEN
from suar.console import guard
from suar.service.publish import accepting
from suar.service.reading import views
from suar.service.reading.verdict import Verdict
from support.console import Browser, Desk
from support.corekit import CoreKit, rows

ID = "TH-ALERT-2027-000001"
KEY = "a-key-of-at-least-16-characters"


def count(kit: CoreKit, table: str) -> int:
    return int(rows(kit, f"select count(*) from {table}")[0][0])


def revisions(kit: CoreKit) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in rows(kit, "select id, rev from message order by n")]


async def update_that_waits(author: Browser) -> str:
    await handed_in(author)
    await author.get(f"/console/m/{ID}/who")
    path = str((await author.post("/console/write", {"change": ID})).headers["location"])
    sent = {**fields((await author.get(path)).text), "urgency": "immediate", "ack_within": "4", "do": "review"}
    await author.post(path, sent)
    page = await author.get(f"{path}/review")
    assert (await author.post(f"{path}/review", fields(page.text))).headers["location"] == path
    return path


async def test_taking_back_an_update_that_waits_recalls_nothing(desk: Desk, author: Browser) -> None:  # noqa: F811
    path = await update_that_waits(author)
    await author.get(path)
    assert (await author.post(f"{path}/back")).headers["location"] == path
    assert states(desk.kit) == ["rejected"]
    assert revisions(desk.kit) == [(ID, 1)]  # what left stays in force
    assert "Kept until" in (await author.get(path)).text
    await author.get(path)
    assert (await author.post(f"{path}/back")).status_code == 303  # it does not wait: nothing is done
    assert revisions(desk.kit) == [(ID, 1)]


async def test_taking_back_what_never_left_withdraws_it(desk: Desk, author: Browser) -> None:  # noqa: F811
    path = await handed_in(author, urgency="immediate", ack_within="4")
    await author.get(path)
    await author.post(f"{path}/back")
    assert states(desk.kit) == ["rejected"]
    assert ("reyes", "withdraw", f"{ID} 1") in desk.audit()


@pytest.mark.parametrize("suffix", ["", "/review", "/back", "/alone"])
async def test_no_form_of_the_other_realm_reaches_a_draft(desk: Desk, author: Browser, suffix: str) -> None:  # noqa: F811
    path = await filled(author, page_path="/console/x")
    sent = fields((await author.get(f"{path}/review")).text)
    plain = path.replace("/console/x/", "/console/")
    answer = await author.post(f"{plain}{suffix}", {**sent, "reason": "x", "do": "delete"})
    assert answer.status_code == 404
    assert (count(desk.kit, "message"), count(desk.kit, "draft")) == (0, 1)


async def test_a_recall_takes_no_draft_that_does_not_fit(desk: Desk, author: Browser) -> None:  # noqa: F811
    await handed_in(author)
    exercise = (await filled(author, page_path="/console/x", do="save")).rpartition("/")[2]
    trend = (await begun(author, "trend")).rpartition("/")[2]
    actual = (await filled(author, do="save")).rpartition("/")[2]
    await author.get(f"/console/m/{ID}/recall")
    for wrong in (f"{exercise}.2", f"{trend}.1", f"{actual}.1", actual, f"{actual}.3", "0000000000000000.1"):
        answer = await author.post(f"/console/m/{ID}/recall", {"reason": "wrong pier", "replacement": wrong})
        assert answer.status_code == 422, wrong
    assert (revisions(desk.kit), count(desk.kit, "draft")) == ([(ID, 1)], 3)


async def test_a_key_is_bound_to_its_draft_and_version(desk: Desk, author: Browser) -> None:  # noqa: F811
    first, second = await filled(author), await filled(author, **{"text[0].title": "Another"})
    page = fields((await author.get(f"{first}/review")).text) | {"key": [KEY]}
    assert (await author.post(f"{first}/review", page)).headers["location"].endswith("/who")
    for changed in ({}, {"version": ["9"]}):
        other = fields((await author.get(f"{second}/review")).text) | {"key": [KEY]} | changed
        answer = await author.post(f"{second}/review", other)
        assert answer.status_code == 409 or answer.headers["location"] == second
    assert revisions(desk.kit) == [(ID, 1)]
    (left,) = rows(desk.kit, "select id, message from draft")
    assert tuple(left) == (second.rpartition("/")[2], None)
    gone = first.rpartition("/")[2]
    assert [line for line in desk.audit() if line[1] == "draft-delete"] == [("reyes", "draft-delete", gone)]


async def test_publishing_a_draft_many_times_at_once_is_one_message(desk: Desk, author: Browser) -> None:  # noqa: F811
    path = await filled(author)
    page = fields((await author.get(f"{path}/review")).text)
    sent = [author.post(f"{path}/review", page | {"key": [f"{KEY}-{number}"]}) for number in range(6)]
    done = await asyncio.gather(*sent)
    assert sum(each.headers.get("location", "").endswith("/who") for each in done) == 1
    assert all(each.status_code < 500 for each in done)
    assert revisions(desk.kit) == [(ID, 1)]


async def test_a_draft_that_waits_is_not_deleted(desk: Desk, author: Browser) -> None:  # noqa: F811
    path = await handed_in(author, urgency="immediate", ack_within="4")
    await author.get(path)
    assert (await author.post(path, {"do": "delete"})).status_code == 409
    assert count(desk.kit, "draft") == 1


async def test_an_update_of_a_revision_that_is_not_the_newest_is_refused(desk: Desk, author: Browser) -> None:  # noqa: F811
    """Before, what was begun first and published last undid a colleague's update without a word."""
    await handed_in(author)
    await author.get(f"/console/m/{ID}/who")
    path = str((await author.post("/console/write", {"change": ID})).headers["location"])
    await author.post(path, {**fields((await author.get(path)).text), "text[0].title": "The older one", "do": "review"})
    review = fields((await author.get(f"{path}/review")).text)
    assert (await updated(desk.kit, title="Stand down")).verdict == "published"
    late = await author.post(f"{path}/review", review)
    assert late.status_code == 409
    assert "next revision is" in late.text
    assert revisions(desk.kit) == [(ID, 1), (ID, 2)]
    assert (await author.get(f"{path}/review")).headers["location"] == path, "nor is it reviewed"


async def updated(kit: CoreKit, *, title: str, severity: str = "severe") -> Verdict:
    """A colleague's program updates the message meanwhile."""
    core = kit.core

    def update() -> Verdict:
        found = views.message(core, ID, None)
        assert found is not None
        tree = {name: value for name, value in found["message"].items() if name not in WRITTEN}
        tree |= {"id": ID, "action": "update", "severity": severity}
        tree["text"] = [{**tree["text"][0], "title": title}]
        return accepting.accept(core, [(json.dumps(tree).encode(), None)], realm="actual", token="desk")[0]

    return await core.run(update)


async def test_what_a_page_counts_is_no_reading(desk: Desk, author: Browser, approver: Browser) -> None:  # noqa: F811
    await handed_in(author, urgency="immediate", ack_within="4")
    assert "/console/approve" in (await approver.get("/console")).text
    await approver.get("/console/news")
    assert "held" not in {what for _, what, _ in desk.audit()}, "a number is counted, and nothing is read"
    await approver.get("/console/approve")
    assert ("santos", "held", ID) in desk.audit()


async def test_a_page_that_fails_keeps_the_draft_and_what_was_typed(
    desk: Desk, author: Browser, monkeypatch: pytest.MonkeyPatch  # noqa: F811
) -> None:  # fmt: skip
    path = await filled(author, do="save")
    sent = {**fields((await author.get(path)).text), "text[0].title": "Typed when it failed"}

    async def fail(*_: object) -> None:
        raise OSError("no room is left")

    with monkeypatch.context() as patch:
        patch.setattr(desk.gateway.desk, "draft", fail)
        shown = await author.get(path)
        part = await author.post(path, {**sent, "do": "save"}, csrf=sent["csrf"][0], x_fragment="1")
        failed = await author.post(path, {**sent, "do": "review"}, csrf=sent["csrf"][0])
    for answer in (shown, part, failed):
        assert (answer.status_code, "The draft is kept as it was last saved." in answer.text) == (500, True)
    assert all("Nothing was done." in answer.text for answer in (shown, failed))
    assert "data-unsaved" in part.text
    assert f'name="version" value="{sent["version"][0]}"' in part.text  # the page's script sends it with the next one
    again = fields(failed.text)
    assert (await author.post(path, again, csrf=again["csrf"][0])).status_code == 303
    assert "Typed when it failed" in (await author.get(path)).text


async def test_a_session_that_is_too_fast_keeps_the_version_of_its_draft(
    author: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = await filled(author, do="save")
    sent = fields((await author.get(path)).text)
    with monkeypatch.context() as patch:
        patch.setattr(guard.Buckets, "acquire", lambda *_: False)
        answer = await author.post(path, sent, x_fragment="1")
    assert (answer.status_code, f'name="version" value="{sent["version"][0]}"' in answer.text) == (429, True)


async def test_one_live_check_at_a_time_of_a_session_and_what_was_typed_is_saved(
    desk: Desk, author: Browser, monkeypatch: pytest.MonkeyPatch  # noqa: F811
) -> None:  # fmt: skip
    first, other = await filled(author, do="save"), await filled(author, do="save")
    sent = {path: fields((await author.get(path)).text) for path in (first, other)}
    check, refused = desk.gateway.check, list[httpx.Response]()

    async def meanwhile(*args: Any, **kwargs: Any) -> Any:
        if not refused:
            typed = {**sent[other], "text[0].title": "Typed meanwhile"}
            refused.append(await author.post(other, typed, csrf=typed["csrf"][0], x_fragment="1"))
        return await check(*args, **kwargs)

    monkeypatch.setattr(desk.gateway, "check", meanwhile)
    answer = await author.post(first, sent[first], csrf=sent[first]["csrf"][0], x_fragment="1")
    assert (answer.status_code, "Another check is still running" in answer.text) == (200, False)
    (busy,) = refused
    assert (busy.status_code, busy.headers["retry-after"]) == (429, "2")
    assert "Another check is still running" in busy.text
    assert "data-unsaved" not in busy.text
    again = {**sent[other], "text[0].title": "Typed meanwhile", "version": fields(busy.text)["version"]}
    answer = await author.post(other, again, csrf=again["csrf"][0], x_fragment="1")
    assert (answer.status_code, "Typed meanwhile" in (await author.get(other)).text) == (200, True)
