"""Proposals at the desk: read, taken into a draft, released by another person, or rejected; what the agency sees."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from console.test_markup import HIDDEN, HOSTILE, put, text_fields
from console.test_messages import fields
from suar.protocol.base import limits
from suar.protocol.message.kinds import PUBLISHED
from suar.service.access.agencies import register
from suar.service.contributing.proposing import Proposal, keep
from suar.service.publish.drafts import SECOND_PERSON, TO_MEND
from suar.store.people import contributions
from suar.store.people import drafts as draft_rows
from support.console import Browser, Desk, browser, served
from support.corekit import rows
from support.hostile_drafts import draft

PATH = "/v1/proposals"
NAMED = "Recruiters at the northern pier"
SOURCE = {"type": "administrative-record", "reliability": "B", "credibility": 2}


@pytest_asyncio.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with served(tmp_path / "state") as made:
        made.kit.aside(made.kit.receive_bundles)
        for name, roles in (("reyes", ("author",)), ("cruz", ("author", "approver")), ("santos", ("approver",))):
            made.add(name, *roles)
        made.add("maria", "coordinator", "approver")
        await made.load()
        yield made


async def agency(desk: Desk, name: str = "health", who: str = "operator", **changes: Any) -> str:
    """The token of an agency that may propose; `who` registers it."""
    wanted = register(name, "health", ["alert", "trend", "pattern"], "AMBER", may_propose=True, **changes)
    return str((await desk.gateway.agencies.add(wanted, None, who))["token"])


async def call(visit: Browser, method: str, path: str, token: str, tree: Any = None) -> Any:
    """One call of the API as a program makes it."""
    data = None if tree is None else json.dumps(tree).encode()
    return await visit.client.request(
        method, f"{visit.desk.url}{path}", content=data,
        headers={"Authorization": f"Bearer {token}", "Host": visit.host},
    )  # fmt: skip


def alert(desk: Desk, **changes: Any) -> dict[str, Any]:
    quiet = {"urgency": "expected", "ack_within": None, "severity": "moderate", "source": SOURCE}
    made = draft("alert-new-route", "TH", desk.kit.now, **quiet | changes)
    made["issuer"] = {"body": "Ministry of Health"}
    made["text"] = [{"lang": "en", "title": NAMED, "summary": "Offers for work abroad, by telephone."}]
    return made


async def proposed(visit: Browser, token: str, tree: dict[str, Any]) -> str:
    made = await call(visit, "POST", PATH, token, tree)
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


async def state(visit: Browser, token: str, id_: str) -> dict[str, Any]:
    """What the agency sees of its proposal."""
    shown = await call(visit, "GET", f"{PATH}/{id_}", token)
    assert shown.status_code == 200, shown.text
    found: dict[str, Any] = shown.json()
    return found


async def draft_from(visit: Browser, id_: str) -> str:
    """Take it into a draft; the address of that."""
    await visit.get(f"/console/proposals/{id_}")
    done = await visit.post(f"/console/proposals/{id_}", {"act": "take"})
    assert done.status_code == 303, done.text
    return str(done.headers["location"])


async def handed_in(visit: Browser, path: str, **changes: Any) -> str:
    """Review the draft and hand it in; where that led."""
    page = (await visit.get(path)).text
    done = await visit.post(path, {**fields(page), **changes, "do": "review"})
    assert done.headers["location"] == f"{path}/review", done.text
    page = (await visit.get(f"{path}/review")).text
    done = await visit.post(f"{path}/review", fields(page))
    assert done.status_code == 303, done.text
    return str(done.headers["location"])


def texts(desk: Desk) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in rows(desk.kit, "select state, sealed is null, draft is null from contribution")]


# -- through every state


async def test_a_proposal_is_taken_edited_released_and_its_agency_sees_each_state(
    desk: Desk, author: Browser, approver: Browser
) -> None:
    token = await agency(desk)
    id_ = await proposed(author, token, alert(desk, urgency="immediate", ack_within=4))
    assert "Drafts that agencies propose: 1" in (await author.get("/console")).text
    assert f"/console/proposals/{id_}" in (await author.get("/console/proposals")).text
    assert NAMED in (await author.get(f"/console/proposals/{id_}")).text
    path = await draft_from(author, id_)
    assert (await state(author, token, id_))["state"] == "editing"
    assert path == await handed_in(author, path, **{"text[0].title": "Recruiters at the pier"})
    shown = await state(author, token, id_)
    assert (shown["state"], shown["message"]) == ("held", None)
    (held,) = (row[0] for row in rows(desk.kit, "select id from held"))
    page = await approver.get(f"/console/approve/{held}")
    assert "agency/health" in page.text
    done = await approver.post(f"/console/approve/{held}", {"act": "release"})
    assert done.headers["location"] == f"/console/m/{held}/who", done.text
    assert (await state(author, token, id_)) | {"changed": "", "place": "", "proposed": ""} == {
        "id": id_, "state": "published", "kind": "alert", "status": "actual", "reason": None, "message": held,
        "changed": "", "place": "", "proposed": "",
    }  # fmt: skip
    message = await desk.gateway.message(held)
    assert message is not None
    assert message["message"]["issuer"] == {"member": "TH", "body": "Ministry of Health", "sector": "health"}
    assert message["message"]["source"]["type"] == SOURCE["type"]
    assert message["message"]["text"][0]["title"] == "Recruiters at the pier"
    assert texts(desk) == [("published", 1, 0)], "nothing of its text is kept"
    lines = [line for line in desk.audit() if line[1].startswith("propos") and line[1] != "proposal-read"]
    assert lines == [
        ("agency/health", "propose", id_), ("reyes", "proposal-list", ""),
        ("reyes", "proposal-take", f"{id_} {path.rpartition('/')[2]}"),
    ]  # fmt: skip


async def test_small_counts_reach_the_desk_sealed_and_are_hidden_when_they_are_published(
    desk: Desk, author: Browser
) -> None:
    token = await agency(desk)
    tree = draft("trend-detected-by-sex", "TH", desk.kit.now, source=SOURCE)
    tree["issuer"] = {"body": "Ministry of Health"}
    for each, value in zip(tree["obs"], (4, 240, 244), strict=True):
        each["value"] = value
    id_ = await proposed(author, token, tree)
    path = await draft_from(author, id_)
    kept = await desk.gateway.desk.draft(path.rpartition("/")[2])
    assert kept is not None
    assert [each["value"] for each in msgspec.json.decode(kept["content"])["tree"]["obs"]] == [4, 240, 244]
    assert rows(desk.kit, "select count(*) from message") == [(0,)]
    await handed_in(author, path)
    shown = await state(author, token, id_)
    assert shown["state"] == "published", shown
    message = await desk.gateway.message(shown["message"])
    assert message is not None
    cells = message["message"]["obs"]
    assert 4 not in [each.get("value") for each in cells]
    assert [each["status"] for each in cells if each["value"] is None], cells
    assert texts(desk) == [("published", 1, 0)]


async def test_the_number_of_a_message_that_it_may_not_read_is_not_reported(desk: Desk, author: Browser) -> None:
    token = await agency(desk)
    id_ = await proposed(author, token, alert(desk, handling=["law-enforcement-only"], tlp="AMBER"))
    assert "/who" in await handed_in(author, await draft_from(author, id_))
    shown = await state(author, token, id_)
    assert (shown["state"], shown["message"]) == ("published", None)


async def test_a_draft_that_is_deleted_leaves_the_proposal_where_it_was(desk: Desk, author: Browser) -> None:
    token = await agency(desk)
    id_ = await proposed(author, token, alert(desk))
    path = await draft_from(author, id_)
    await author.get(path)
    await author.post(path, {"do": "delete"})
    assert (await state(author, token, id_))["state"] == "proposed"
    assert await draft_from(author, id_) != path, "it can be taken again"
    desk.later(draft_rows.LIFE + 1)

    def forget() -> None:
        with desk.kit.core.transaction() as connection:
            draft_rows.forget(connection, desk.kit.now, desk.kit.now - draft_rows.LIFE)

    desk.kit.aside(forget)
    assert texts(desk) == [("proposed", 0, 1)]


@pytest.mark.parametrize("then", ["mend", "destroy"])
async def test_what_the_second_person_rejects(desk: Desk, author: Browser, approver: Browser, then: str) -> None:
    token = await agency(desk)
    id_ = await proposed(author, token, alert(desk, urgency="immediate", ack_within=4))
    path = await draft_from(author, id_)
    await handed_in(author, path)
    (held,) = (row[0] for row in rows(desk.kit, "select id from held"))
    await approver.get(f"/console/approve/{held}")
    await approver.post(f"/console/approve/{held}", {"act": "reject", "reason": "too exact", "then": then})
    shown = await state(author, token, id_)
    if then == "mend":
        assert (shown["state"], shown["reason"]) == ("editing", None)
        desk.later(TO_MEND - 1)
        assert (await author.get(path)).status_code in (200, 401, 303)
    else:
        assert (shown["state"], shown["reason"]) == ("rejected", SECOND_PERSON)
        assert texts(desk) == [("rejected", 1, 0)]
        assert rows(desk.kit, "select count(*) from draft") == [(0,)]


async def test_what_is_taken_back_is_edited_again(desk: Desk, author: Browser) -> None:
    token = await agency(desk)
    id_ = await proposed(author, token, alert(desk, urgency="immediate", ack_within=4))
    path = await draft_from(author, id_)
    await handed_in(author, path)
    await author.get(path)
    await author.post(f"{path}/back")
    assert (await state(author, token, id_))["state"] == "editing"


async def test_a_recall_finds_nothing_of_the_proposal(desk: Desk, author: Browser) -> None:
    """Its text is destroyed when the message leaves, so that a recall of that has nothing left to reach."""
    token = await agency(desk)
    id_ = await proposed(author, token, alert(desk))
    await handed_in(author, await draft_from(author, id_))
    message = (await state(author, token, id_))["message"]
    done = await desk.gateway.cancel(message, "reyes", "it was wrong", None, editors=("reyes",))
    assert done is not None
    for answer in (
        await call(author, "GET", f"{PATH}/{id_}", token), await author.get(f"/console/proposals/{id_}"),
        await author.get("/console/proposals"), await author.get("/console/write"),
    ):  # fmt: skip
        assert answer.status_code == 200
        assert NAMED not in answer.text
    assert rows(desk.kit, "select count(*) from contribution where sealed is not null") == [(0,)]
    assert rows(desk.kit, "select count(*) from draft") == [(0,)]


# -- two persons


async def test_who_takes_it_does_not_release_it(desk: Desk) -> None:
    token = await agency(desk)
    async with browser(desk) as both:
        await both.sign_in("cruz")
        id_ = await proposed(both, token, alert(desk, urgency="immediate", ack_within=4))
        await handed_in(both, await draft_from(both, id_))
        (held,) = (row[0] for row in rows(desk.kit, "select id from held"))
        await both.get(f"/console/approve/{held}")
        assert (await both.post(f"/console/approve/{held}", {"act": "release"})).status_code == 403
    assert rows(desk.kit, "select count(*) from message") == [(0,)]


@pytest.mark.parametrize("made", ["registered", "rotated", "rotated before"])
async def test_who_was_shown_the_token_of_the_agency_does_not_release_it(
    desk: Desk, author: Browser, made: str
) -> None:
    """Whoever registered the agency, or made another token of it, may have written the proposal."""
    token = await agency(desk, who="maria" if made == "registered" else "operator")
    if made != "registered":
        rotated = await desk.gateway.agencies.rotate("health", None, "maria")
        assert rotated is not None
        token = str(rotated["token"])
    id_ = await proposed(author, token, alert(desk, urgency="immediate", ack_within=4))
    if made == "rotated before":
        assert await desk.gateway.agencies.rotate("health", None, "operator") is not None
    await handed_in(author, await draft_from(author, id_))
    (held,) = (row[0] for row in rows(desk.kit, "select id from held"))
    async with browser(desk) as maker:
        await maker.sign_in("maria")
        await maker.get(f"/console/approve/{held}")
        assert (await maker.post(f"/console/approve/{held}", {"act": "release"})).status_code == 403
    async with browser(desk) as another:
        await another.sign_in("santos")
        await another.get(f"/console/approve/{held}")
        assert (await another.post(f"/console/approve/{held}", {"act": "release"})).status_code == 303


async def test_the_page_names_only_who_may_release_it(desk: Desk, author: Browser) -> None:
    """Not those whom the release would refuse: nobody would decide, and the author would wait for them."""
    token = await agency(desk, who="maria")
    path = await draft_from(author, await proposed(author, token, alert(desk, urgency="immediate", ack_within=4)))
    page = (await author.get(path)).text
    await author.post(path, {**fields(page), "do": "review"})
    review = (await author.get(f"{path}/review")).text
    assert ("Santos" in review, "Maria" in review) == (True, False)
    await author.post(f"{path}/review", fields(review))
    waiting = (await author.get(path)).text
    assert ("Santos" in waiting, "Maria" in waiting) == (True, False)


async def test_who_has_the_token_that_took_it_does_not_release_it(desk: Desk, author: Browser) -> None:
    """A proposal that a token took is that token's, and its person's."""
    token = await agency(desk)
    id_ = await proposed(author, token, alert(desk, urgency="immediate", ack_within=4))
    draft_id = await desk.gateway.contributions.begin_draft(id_, "cruz")
    assert draft_id is not None
    await handed_in(author, f"/console/draft/{draft_id}")
    (held,) = (row[0] for row in rows(desk.kit, "select id from held"))
    async with browser(desk) as taker:
        await taker.sign_in("cruz")
        await taker.get(f"/console/approve/{held}")
        assert (await taker.post(f"/console/approve/{held}", {"act": "release"})).status_code == 403


async def test_what_an_idle_session_saves_beside_another_version_is_the_agency_s_too(desk: Desk) -> None:
    """Both versions are kept then, and who wrote the first one wrote the other."""
    token = await agency(desk, who="maria")
    async with browser(desk) as away, browser(desk) as other:
        await away.sign_in("reyes")
        await other.sign_in("cruz")
        id_ = await proposed(away, token, alert(desk))
        path = await draft_from(away, id_)
        mine = fields((await away.get(path)).text)
        await other.post(path, {**fields((await other.get(path)).text), "text[0].title": "Theirs", "do": "save"})
        desk.later(desk.gateway.config.console.idle_minutes * limits.MINUTE + 1)
        await away.post(path, {**mine, "text[0].title": "Mine", "do": "save"})
    kept = await desk.gateway.desk.drafts()
    assert [each["editors"] for each in kept] == [["agency/health", "reyes", "cruz"]] * 2


# -- the pages


async def test_a_proposal_is_rejected_with_a_reason_that_names_nobody(desk: Desk, author: Browser) -> None:
    token = await agency(desk)
    id_ = await proposed(author, token, alert(desk))
    path = f"/console/proposals/{id_}"
    for reason in ("", "x" * 401, "call +66 81 234 5678", "Mr Somchai Suksai knows"):
        await author.get(path)
        answer = await author.post(path, {"act": "reject", "reason": reason})
        assert (answer.status_code, NAMED in answer.text) == (422, True), reason
        assert (await state(author, token, id_))["state"] == "proposed"
    await author.get(path)
    done = await author.post(path, {"act": "reject", "reason": "the pier is not named"})
    assert (done.status_code, done.headers["location"]) == (303, "/console/proposals")
    shown = await state(author, token, id_)
    assert (shown["state"], shown["reason"]) == ("rejected", "the pier is not named")
    page = await author.get(path)
    assert "the pier is not named" in page.text
    assert NAMED not in page.text
    await author.get("/console/write")
    late = await author.post(path, {"act": "take"})
    assert (late.status_code, "Somebody has taken or rejected" in late.text) == (409, True)


async def test_the_list_has_titles_and_what_is_immediate_first(desk: Desk, author: Browser) -> None:
    token = await agency(desk)
    hidden = [{"lang": "en", "title": "Sea \u202e<b>route</b>", "summary": "Offers by telephone"}]
    ids = [
        await proposed(author, token, alert(desk)),
        await proposed(author, token, alert(desk, urgency="past") | {"text": hidden}),
        await proposed(author, token, alert(desk, urgency="immediate", ack_within=4)),
    ]
    page = (await author.get("/console/proposals")).text
    positions = {each: page.index(f"/console/proposals/{each}") for each in ids}
    assert sorted(positions, key=lambda each: positions[each]) == [ids[2], ids[0], ids[1]]
    assert NAMED in page
    assert "Sea  &lt;b&gt;route&lt;/b&gt;" in page
    assert rows(desk.kit, "select who from audit where what = 'proposal-list'") == [("reyes",)]


async def test_two_people_do_not_both_take_it(desk: Desk, author: Browser) -> None:
    id_ = await proposed(author, await agency(desk), alert(desk))
    await author.get(f"/console/proposals/{id_}")
    first = await author.post(f"/console/proposals/{id_}", {"act": "take"})
    await author.get("/console/write")
    second = await author.post(f"/console/proposals/{id_}", {"act": "take"})
    assert (first.status_code, second.status_code) == (303, 409)
    assert rows(desk.kit, "select count(*) from draft") == [(1,)]


@pytest.mark.parametrize("act", ["take", "reject"])
async def test_nothing_is_decided_about_a_proposal_whose_agency_was_suspended_meanwhile(
    desk: Desk, author: Browser, act: str
) -> None:
    token = await agency(desk)
    id_ = await proposed(author, token, alert(desk))
    path, form = f"/console/proposals/{id_}", {"act": act, "reason": "the pier is not named"}
    await author.get(path)
    await desk.gateway.agencies.suspend("health", "operator")
    late = await author.post(path, form)
    assert (late.status_code, "Access closed" in late.text, "changed" in late.text) == (409, True, True)
    for read in ("", "0" * 32):
        assert (await author.post(path, form | {"read": read})).status_code == 409
    assert rows(desk.kit, "select state from contribution") == [("proposed",)]
    await author.get(path)
    assert (await author.post(path, form)).status_code == 303


async def test_a_suspended_agency_is_marked(desk: Desk, author: Browser) -> None:
    id_ = await proposed(author, await agency(desk), alert(desk))
    assert "Access closed" not in (await author.get("/console/proposals")).text
    await desk.gateway.agencies.suspend("health", "operator")
    for path in ("/console/proposals", f"/console/proposals/{id_}"):
        assert "Access closed" in (await author.get(path)).text


async def test_exercises_are_on_pages_of_their_own(desk: Desk, author: Browser) -> None:
    token = await agency(desk, realm="exercise")
    made = await call(author, "POST", f"{PATH}?exercise=true", token, alert(desk))
    id_ = made.json()["id"]
    assert id_ not in (await author.get("/console/proposals")).text
    assert id_ in (await author.get("/console/x/proposals")).text
    assert (await author.get(f"/console/proposals/{id_}")).headers["location"] == f"/console/x/proposals/{id_}"
    await author.get(f"/console/x/proposals/{id_}")
    done = await author.post(f"/console/x/proposals/{id_}", {"act": "take"})
    assert done.headers["location"].startswith("/console/x/draft/")


async def test_who_is_no_author_sees_no_proposal(desk: Desk, author: Browser, approver: Browser) -> None:
    id_ = await proposed(author, await agency(desk), alert(desk))
    for path in ("/console/proposals", f"/console/proposals/{id_}"):
        assert (await approver.get(path)).status_code == 403
    await approver.get("/console")
    assert (await approver.post(f"/console/proposals/{id_}", {"act": "take"})).status_code == 403
    assert (await author.get(f"/console/proposals/{'0' * 16}")).status_code == 404
    await author.get("/console")
    for act in ("take", "reject"):
        sent = {"act": act, "reason": "x"}
        assert (await author.post(f"/console/proposals/{'0' * 16}", sent)).status_code == 404
    assert (await author.post(f"/console/proposals/{id_}", {"act": "publish"})).status_code == 400


@pytest.mark.parametrize("kind", PUBLISHED)
async def test_markup_in_every_free_text_of_a_proposal_stays_text(desk: Desk, author: Browser, kind: str) -> None:
    """What would be refused at the door is kept here as well: the pages do not lean on that."""
    await agency(desk)
    assert text_fields(kind)
    for number, (tree, path) in enumerate(text_fields(kind)):
        content = {key: value for key, value in put(tree, path).items() if key not in ("id", "rev", "sent", "kind")}
        kept = desk.kit.aside(
            keep, desk.kit.core, "health", Proposal(kind, "actual", msgspec.json.encode(content)), b"%d" % number, None
        )
        page = (await author.get(f"/console/proposals/{kept.id}")).text
        assert "<script>alert" not in page, path
        assert "<img" not in page, path
        assert not HIDDEN & set(page), path
        assert "&lt;script&gt;" in page, path
        desk.kit.aside(reject, desk, str(kept.id), HOSTILE)
        page = (await author.get(f"/console/proposals/{kept.id}")).text
        assert "<script>alert" not in page, "nor is the reason of a rejection more than text"
        assert "&lt;script&gt;" in page


def reject(desk: Desk, id_: str, reason: str) -> None:
    """A rejection whose reason nobody looked through."""
    with desk.kit.core.transaction() as connection:
        contributions.reject(connection, desk.kit.core.vault, id_, "reyes", reason, desk.kit.now)
