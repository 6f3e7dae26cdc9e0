"""A hostile colleague or member changes what somebody is about to decide on: the old page decides nothing.

Each was done once (docs/threat-model.md): the form named only the object, not the state that it showed.
"""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from console.test_drafts import ID, update_that_waits
from console.test_messages import Receiving, fields, filled, handed_in, states
from console.test_openings import sg, statements  # noqa: F401
from support.console import Browser, Desk, browser, served
from support.corekit import rows
from support.pairs import new

CHANGED = "It changed meanwhile, and nothing was done."
URGENT = {"urgency": "immediate", "ack_within": 4}
SWAPPED = "Another text"


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with served(tmp_path / "state") as made:
        made.kit.aside(made.kit.receive_bundles)
        made.add("reyes", "author")
        made.add("cruz", "author")
        made.add("santos", "approver")
        made.add("maria", "coordinator")
        made.add("jose", "coordinator")
        await made.load()
        yield made


async def swapped(author: Browser, path: str, severity: str = "extreme") -> None:
    """What waits as this draft is taken back, written anew and handed in under the same number."""
    await author.get(path)
    await author.post(f"{path}/back")
    page = (await author.get(path)).text
    await author.post(path, {**fields(page), "text[0].title": SWAPPED, "severity": severity, "do": "review"})
    page = (await author.get(f"{path}/review")).text
    await author.post(f"{path}/review", fields(page))


@pytest.mark.parametrize(
    ("decision", "state"),
    [({"act": "release"}, "released"), ({"act": "reject", "reason": "no", "then": "destroy"}, "rejected")],
)
async def test_a_text_that_replaced_the_one_read(
    desk: Desk, author: Browser, approver: Browser, decision: dict[str, str], state: str
) -> None:
    path = await update_that_waits(author)
    old = fields((await approver.get(f"/console/approve/{ID}")).text) | decision
    await swapped(author, path)
    answer = await approver.post(f"/console/approve/{ID}", old)
    assert (answer.status_code, CHANGED in answer.text, SWAPPED in answer.text) == (409, True, True), answer.text
    assert states(desk.kit) == ["held"]
    done = await approver.post(f"/console/approve/{ID}", fields(answer.text) | decision)
    assert (done.status_code, states(desk.kit)) == (303, [state])


async def test_a_form_that_names_nothing_decides_nothing(desk: Desk, author: Browser, approver: Browser) -> None:
    await handed_in(author, urgency="immediate", ack_within="4")
    await approver.get(f"/console/approve/{ID}")
    for act in ("release", "reject"):
        for read in ("", "0" * 32):
            answer = await approver.post(f"/console/approve/{ID}", {"act": act, "reason": "x", "read": read})
            assert answer.status_code == 409
    assert states(desk.kit) == ["held"]


async def test_a_release_alone_from_a_page_of_before(desk: Desk, author: Browser) -> None:
    path = await update_that_waits(author)
    page = (await author.get(path)).text
    async with browser(desk) as other:
        await other.sign_in("cruz")
        await swapped(other, path, severity="severe")
    answer = await author.post(f"{path}/alone", {**fields(page), "reason": "nobody answers"})
    assert (answer.status_code, SWAPPED in answer.text) == (409, True)
    taken = await author.post(f"{path}/back", fields(page))
    assert (taken.status_code, states(desk.kit)) == (409, ["held"])


async def test_what_its_author_took_back_was_rejected_by_nobody(desk: Desk, author: Browser, approver: Browser) -> None:
    """Before, the approver's page said that the author had rejected it."""
    path = await update_that_waits(author)
    old = fields((await approver.get(f"/console/approve/{ID}")).text)
    await author.get(path)
    await author.post(f"{path}/back")
    for answer in (
        await approver.get(f"/console/approve/{ID}"),
        await approver.post(f"/console/approve/{ID}", old | {"act": "release"}),
    ):
        assert ("It was taken back" in answer.text, "It was rejected" in answer.text) == (True, False)


async def test_another_request_than_the_one_on_the_page_is_not_confirmed(desk: Desk) -> None:
    path = "/console/people/reyes"
    async with browser(desk) as first, browser(desk) as second:
        await first.sign_in("maria")
        await second.sign_in("jose")
        await first.get(path)
        await first.post(path, {"act": "roles", "role": ["author", "approver"]})
        old = fields((await second.get(path)).text)
        await first.get(path)
        await first.post(path, {"act": "roles", "role": ["reader", "approver", "coordinator"]})
        answer = await second.post(path, old | {"act": "confirm"})
        assert (answer.status_code, CHANGED in answer.text) == (409, True)
        assert desk.gateway.people.person("reyes")["roles"] == ["author"]  # type: ignore[index]  # it is there
        assert (await second.post(path, {"act": "confirm", "read": ""})).status_code == 409
        await second.get(path)
        assert (await second.post(path, {"act": "confirm"})).status_code == 303
    assert "coordinator" in desk.gateway.people.person("reyes")["roles"]  # type: ignore[index]  # it is there


async def test_roles_are_not_set_over_those_that_another_set(desk: Desk) -> None:
    path = "/console/people/reyes"
    async with browser(desk) as first, browser(desk) as second:
        await first.sign_in("maria")
        await second.sign_in("jose")
        old = fields((await second.get(path)).text)
        await first.get(path)
        await first.post(path, {"act": "suspend"})
        for act in ("roles", "resume", "recover", "suspend"):
            assert (await second.post(path, old | {"act": act, "role": ["author", "reader"]})).status_code == 409
    found = desk.gateway.people.person("reyes")
    assert found is not None
    assert (found["roles"], found["state"]) == (["author"], "suspended")


@pytest.mark.parametrize("stage", ["acknowledged", "acting"])
async def test_a_revision_that_was_not_read_is_not_answered(sg: Receiving, stage: str) -> None:  # noqa: F811
    (id_,) = sg.desk.kit.aside(sg.two.publish, new("Read this") | URGENT)
    sg.desk.kit.aside(sg.two.to_sg)
    async with browser(sg.desk) as reader:
        await reader.sign_in("tan")
        old = fields((await reader.get(f"/console/m/{id_}")).text)
        sg.desk.kit.aside(sg.two.publish, new("Stop everything", action="update", id=id_) | URGENT)
        sg.desk.kit.aside(sg.two.to_sg)
        statement = {"stage": stage, "role": "focal-point"}
        answer = await reader.post(f"/console/m/{id_}", old | statement)
        assert (answer.status_code, CHANGED in answer.text, "Stop everything" in answer.text) == (409, True, True)
        assert stage not in [each for each, _ in statements(sg)]
        for read in ("", "x", "1"):
            assert (await reader.post(f"/console/m/{id_}", {**statement, "read": read})).status_code == 409
        assert (await reader.post(f"/console/m/{id_}", fields(answer.text) | statement)).status_code == 303
    found = rows(sg.desk.kit, f"select rev from own_statement where stage = '{stage}'")
    assert [row[0] for row in found] == [2]


async def test_a_draft_that_a_colleague_changed_is_not_deleted(desk: Desk, author: Browser) -> None:
    path = await filled(author, do="save")
    old = fields((await author.get(path)).text)
    async with browser(desk) as other:
        await other.sign_in("cruz")
        theirs = fields((await other.get(path)).text)
        await other.post(path, {**theirs, "text[0].title": SWAPPED, "do": "save"})
    answer = await author.post(path, {**old, "do": "delete"})
    assert (answer.status_code, SWAPPED in answer.text) == (409, True)
    assert (await author.post(path, {"do": "delete", "version": ""})).status_code == 409
    assert rows(desk.kit, "select count(*) from draft")[0][0] == 1
    done = await author.post(path, {**fields((await author.get(path)).text), "do": "delete"})
    assert (done.status_code, rows(desk.kit, "select count(*) from draft")[0][0]) == (303, 0)


async def test_a_recall_from_a_page_that_shows_another_revision(desk: Desk, author: Browser) -> None:
    await handed_in(author)
    old = fields((await author.get(f"/console/m/{ID}/recall")).text)
    await author.get(f"/console/m/{ID}/who")
    path = str((await author.post("/console/write", {"change": ID})).headers["location"])
    sent = {**fields((await author.get(path)).text), "text[0].title": SWAPPED, "do": "review"}
    await author.post(path, sent)
    await author.post(f"{path}/review", fields((await author.get(f"{path}/review")).text))
    answer = await author.post(f"/console/m/{ID}/recall", {**old, "reason": "wrong"})
    assert (answer.status_code, SWAPPED in answer.text) == (409, True)
    assert [row[0] for row in rows(desk.kit, "select rev from message order by n")] == [1, 2]


def form_with(page: str, button: str) -> str:
    """The form of a page that has this button."""
    forms: list[str] = re.findall(r"<form.*?</form>", page, re.DOTALL)
    return next(form for form in forms if f'value="{button}"' in form)


async def test_a_decision_about_an_agency_that_changed_meanwhile_is_not_made(desk: Desk) -> None:
    """Before, a press on an old page revoked or resumed whatever the registration had become."""
    path = "/console/agencies/clinic"
    await desk.register("clinic")
    await desk.load()
    async with browser(desk) as first, browser(desk) as second:
        await first.sign_in("maria")
        await second.sign_in("jose")
        old = fields(form_with((await second.get(path)).text, "suspend"))
        await first.get(path)
        assert (await first.post(path, {"act": "suspend"})).status_code == 303
        for act in ("rotate", "suspend", "resume", "revoke"):
            for read in (old["read"], "", "0" * 32):
                answer = await second.post(path, {"act": act, "read": read})
                assert (answer.status_code, "It changed meanwhile" in answer.text) == (409, True), act
        assert ((await desk.gateway.agencies.show("clinic")) or {})["state"] == "suspended"
        shown = fields(form_with(answer.text, "resume"))
        assert (await second.post(path, shown | {"act": "resume"})).status_code == 303
    acts = [line[1] for line in desk.audit() if "clinic" in line[2] and line[1].startswith("agency")]
    assert acts == ["agency-add", "agency-suspend", "agency-resume"]
