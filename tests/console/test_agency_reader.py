"""Who reads for an agency sees in the console exactly what `may_read` gives that agency, and tells nobody anything."""

import random
import re
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from api.test_agencies_random import KINDS, a_message, a_registration, reader
from suar.console.guard import EXERCISE, PREFIX, ROUTES
from suar.console.pages import agencies as agencies_page
from suar.protocol.base import limits
from suar.protocol.base.primitives import EXERCISE as DRILLS
from suar.protocol.policy.decision import may_read_tree
from suar.service.access import registry
from support.console import Browser, Desk, browser, served
from support.corekit import CoreKit, bundle_of, epoch_of, frame_of, rows
from support.kit import actor, open_sending

TH = actor("TH")
MESSAGES, AGENCIES = 60, 8
_ID = re.compile(r'href="/console/m/([A-Z0-9-]+)"')


class Filled:
    """A gateway of VN to which TH publishes; `trees` is what it has accepted, newest revision by id."""

    def __init__(self, kit: CoreKit) -> None:
        self.kit, self.trees = kit, dict[str, dict[str, Any]]()
        self.all, self.drills = open_sending(TH, kit.lists), open_sending(TH, kit.lists, realm=DRILLS)
        self.to_vn = open_sending(TH, kit.lists, channel="VN", to=("VN",))
        kit.receive(*(bundle_of(actor(code)) for code in ("KH", "SG", "TH")))
        kit.receive(*map(epoch_of, (self.all, self.drills, self.to_vn)))

    def receive(self, tree: dict[str, Any]) -> None:
        sending = self.all if tree["audience"]["members"] == "all" else self.to_vn
        self.kit.receive(frame_of(sending, msgspec.json.encode(tree)))
        if rows(self.kit, f"select count(*) from message where id = '{tree['id']}' and rev = {tree['rev']}") == [(1,)]:
            self.trees[str(tree["id"])] = tree

    def alert(self, tlp: str) -> dict[str, Any]:
        """An alert to everybody that was accepted."""
        rng = random.Random(3)
        for number in range(1, 100):
            tree = a_message(rng, number, tlp=tlp, handling=[], audience={"members": "all"})
            if tree["kind"] == "alert":
                self.receive(tree)
                if tree["id"] in self.trees:
                    return tree
        raise AssertionError("no random alert is valid")


@pytest_asyncio.fixture
async def filled(tmp_path: Path) -> AsyncIterator[tuple[Filled, Desk]]:
    kit = CoreKit(tmp_path / "vn", "VN")
    made = Filled(kit)
    async with served(kit) as desk:
        yield made, desk


async def listed(visit: Browser) -> set[str]:
    """The ids of every list that the person has: the inbox of each kind, the news."""
    found: list[str] = []
    for kind in KINDS:
        found += _ID.findall((await visit.get(f"/console/inbox?kind={kind}")).text)
    news = set(_ID.findall((await visit.get("/console/news")).text))
    assert news <= set(found)
    return set(found)


async def test_lists_and_pages_are_what_the_policy_gives(filled: tuple[Filled, Desk]) -> None:
    made, desk = filled
    rng = random.Random(21)
    for number in range(1, MESSAGES + 1):
        desk.kit.aside(partial(made.receive, a_message(rng, number)))
    for tree in rng.sample(list(made.trees.values()), 12):  # a revision that is marked otherwise
        more = {"action": "update", "rev": 2, "tlp": rng.choice(("GREEN", "AMBER", "AMBER+STRICT"))}
        desk.kit.aside(partial(made.receive, tree | more))
    agencies = [a_registration(rng, number) for number in range(AGENCIES)]
    for agency in agencies:
        await desk.register(
            agency["name"], agency["sector"], agency["kinds"], agency["max_tlp"], agency["realm"],
            is_automated=agency["automated"],
        )  # fmt: skip
        desk.add(f"of-{agency['name']}", "agency", agency=agency["name"])
    await desk.load()
    total = 0
    for agency in agencies:
        as_it = reader(agency, desk.kit.now, set(KINDS), is_active=True)
        in_it = [tree for tree in made.trees.values() if may_read_tree(tree, as_it).is_allowed]
        wanted = {str(tree["id"]) for tree in in_it}
        async with browser(desk) as visit:
            await visit.sign_in(f"of-{agency['name']}")
            assert await listed(visit) == wanted, agency
            for id_ in made.trees:
                shown = await visit.get(f"/console/m/{id_}")
                assert shown.status_code == (200 if id_ in wanted else 404), (agency, id_)
                assert id_ in wanted or shown.text.count(id_) == 0 or "<h1>Page not found" in shown.text
        total += len(wanted)
    assert total > AGENCIES, "they read something"


async def test_an_earlier_revision_and_what_it_said_is_not_for_an_agency(filled: tuple[Filled, Desk]) -> None:
    made, desk = filled
    tree = desk.kit.aside(made.alert, "AMBER+STRICT")
    before = tree["text"][0]["title"]
    wider = tree | {"action": "update", "rev": 2, "tlp": "GREEN"}
    wider["text"] = [{"lang": "en", "title": "For all of us", "summary": "Look at the second pier."}]
    await desk.register("clinic", tlp="AMBER")
    desk.add("nurse", "agency", agency="clinic")
    await desk.load()
    async with browser(desk) as visit:
        await visit.sign_in("nurse")
        assert (await visit.get(f"/console/m/{tree['id']}")).status_code == 404
        desk.kit.aside(partial(made.receive, wider))
        for query in ("", "?rev=1", "?rev=2"):
            page = await visit.get(f"/console/m/{tree['id']}{query}")
            assert (page.status_code, "For all of us" in page.text) == (200, True)
            assert before not in page.text
            assert "rev=1" not in page.text
        desk.later(201 * limits.HOUR)
        await visit.sign_in("nurse")
        assert (await visit.get(f"/console/m/{tree['id']}")).status_code == 404  # expired


async def test_reading_is_in_the_audit_and_no_publisher_is_informed(filled: tuple[Filled, Desk]) -> None:
    made, desk = filled
    tree = desk.kit.aside(made.alert, "GREEN")
    await desk.register("clinic", kinds=KINDS)
    desk.add("nurse", "agency", agency="clinic")
    await desk.load()
    async with browser(desk) as visit:
        await visit.sign_in("nurse")
        page = await visit.get(f"/console/m/{tree['id']}")
        assert page.status_code == 200
        assert 'name="stage"' not in page.text
        answer = await visit.post(f"/console/m/{tree['id']}", {"stage": "acknowledged", "role": "agency"})
        assert answer.status_code == 403
    assert ("nurse", "open", f"{tree['id']} 1") in desk.audit()
    assert desk.kit.aside(lambda: rows(desk.kit, "select count(*) from own_statement")) == [(0,)]


async def test_pages_of_the_focal_point_are_closed_and_name_nobody(desk: Desk, visit: Browser) -> None:
    await visit.sign_in("nurse")
    await visit.get("/console/me")
    for (method, path), rule in ROUTES.items():
        if "agency" in rule.roles or method == "POST" or path.split("/")[1] in ("static", "sign-in", "join"):
            continue
        for prefix in (PREFIX, PREFIX + EXERCISE)[: 1 + rule.is_in_exercise]:
            filled_in = path.replace("{id:str}", "nobody").replace("{name:str}", "x").replace("{member:str}", "PH")
            answer = await visit.get(prefix + filled_in.replace("{code:str}", "PH"))
            assert answer.status_code == 403, path
            for name in ("Maria", "Jose", "Ana", "Ben", "Omar"):
                assert name not in answer.text, path
    page = (await visit.get("/console")).text
    assert "data-stream" not in page
    assert not re.search(r'href="/console/(sent|drills|write|people|audit|health)"', page)


async def test_while_the_agency_is_suspended_its_readers_see_nothing(desk: Desk, visit: Browser) -> None:
    await visit.sign_in("nurse")
    assert (await visit.get("/console/inbox")).status_code == 200
    await desk.gateway.agencies.suspend("clinic", "jose")
    for path in ("", "/inbox", "/news", "/m/TH-ALERT-2027-000001"):
        answer = await visit.get(f"/console{path}")
        assert (answer.status_code, "Your agency may see nothing now" in answer.text) == (403, True), path
    assert (await visit.get("/console/me")).status_code == 200
    await desk.gateway.agencies.resume("clinic", "jose")
    assert (await visit.get("/console/inbox")).status_code == 200
    desk.later(366 * limits.DAY)
    await visit.sign_in("nurse")
    assert (await visit.get("/console/inbox")).status_code == 403  # the registration has expired


@pytest.mark.parametrize(
    ("roles", "agency", "expected"),
    [
        (("agency",), "", "go together"), (("reader",), "clinic", "go together"),
        (("agency", "reader"), "clinic", "no other role"), (("agency",), "nowhere", "no agency of that name"),
    ],
)  # fmt: skip
async def test_role_and_agency_go_together(desk: Desk, roles: tuple[str, ...], agency: str, expected: str) -> None:
    with pytest.raises(Exception, match=expected):
        await desk.gateway.people.invite("new", "New", roles, "en", "jose", agency)
    assert desk.gateway.people.person("new") is None


async def test_who_reads_for_an_agency_gets_no_other_role_and_nobody_becomes_one(desk: Desk) -> None:
    for person, roles in (("nurse", ("reader",)), ("nurse", ("agency", "author")), ("rita", ("agency",))):
        with pytest.raises(Exception, match=r"go together|no other role"):
            await desk.gateway.people.set_roles(person, roles, "jose")
    assert desk.gateway.people.person("nurse")["roles"] == ["agency"]  # type: ignore[index]  # it is there


async def test_no_token_is_made_in_the_name_of_who_reads_for_an_agency(desk: Desk) -> None:
    from suar.service.access.tokens import check

    with pytest.raises(Exception, match="nurse reads for an agency"):
        await desk.gateway.tokens_add(check("case-system", ["read"], user="nurse"), "local")


# -- the pages of a coordinator


async def test_a_coordinator_registers_an_agency_and_its_program_reads(desk: Desk, visit: Browser) -> None:
    await visit.sign_in("jose")
    await visit.get("/console/agencies")
    form = {"name": "hotline", "sector": "hotline", "kind": "alert", "tlp": "GREEN", "realm": "actual"}
    sector = re.search(r'<option value="([a-z-]+)"', visit.page)
    assert sector is not None
    made = await visit.post("/console/agencies", form | {"sector": sector[1]})
    token = re.search(r"suar_agency_[\w-]{43}", made.text)
    assert token is not None
    assert made.headers["cache-control"] == "no-store"
    assert token[0] not in (await visit.get("/console/agencies/hotline")).text  # shown once
    head = {"Authorization": f"Bearer {token[0]}"}
    feed = f"{desk.url}/v1/feed?follow=false"
    assert (await visit.client.get(feed, headers=head)).status_code == 200
    again = await visit.post("/console/agencies", form | {"sector": sector[1]})
    assert (again.status_code, "exists or existed" in again.text, 'value="hotline"' in again.text) == (422, True, True)
    await visit.get("/console/agencies/hotline")
    assert (await visit.post("/console/agencies/hotline", {"act": "suspend"})).status_code == 303
    assert (await visit.client.get(feed, headers=head)).status_code == 401
    await visit.get("/console/agencies/hotline")
    assert (await visit.post("/console/agencies/hotline", {"act": "resume"})).status_code == 303
    await visit.get("/console/agencies/hotline")
    other = await visit.post("/console/agencies/hotline", {"act": "rotate", "until": "2027-12-31"})
    assert re.search(r"suar_agency_[\w-]{43}", other.text)
    assert (await visit.client.get(feed, headers=head)).status_code == 200  # for 24 hours more
    assert (await visit.post("/console/agencies/hotline", {"act": "revoke"})).status_code == 303
    assert (await visit.client.get(feed, headers=head)).status_code == 401
    assert 'value="rotate"' not in (await visit.get("/console/agencies/hotline")).text
    acts = [line[1] for line in desk.audit() if line[0] == "jose" and "hotline" in line[2]]
    assert acts == ["agency-add", "agency-suspend", "agency-resume", "agency-rotate", "agency-revoke"]


async def test_a_coordinator_sees_and_changes_where_messages_are_sent(desk: Desk, visit: Browser) -> None:
    secrets = re.compile(r"whsec_[\w+/=]{40,}")
    await visit.sign_in("jose")
    await visit.get("/console/agencies")
    form = {"name": "hotline", "sector": "health", "kind": "alert", "tlp": "GREEN", "realm": "actual"}
    refused = await visit.post("/console/agencies", form | {"webhook": "https://127.0.0.1/x"})
    assert (refused.status_code, "https://127.0.0.1/x" in refused.text) == (422, True)
    made = await visit.post("/console/agencies", form | {"webhook": "https://cases.health.example/x"})
    first = secrets.search(made.text)
    assert first is not None
    page = (await visit.get("/console/agencies/hotline")).text
    assert ("https://cases.health.example/x" in page, first[0] in page) == (True, False)
    other = secrets.search((await visit.post("/console/agencies/hotline", {"act": "webhook-rotate"})).text)
    assert other is not None
    assert other[0] != first[0]
    await visit.get("/console/agencies/hotline")
    moved = {"act": "webhook-set", "url": "https://localhost:1/y"}
    assert (await visit.post("/console/agencies/hotline", moved)).status_code == 303
    assert "https://localhost:1/y" in (await visit.get("/console/agencies/hotline")).text
    tried = await visit.post("/console/agencies/hotline", {"act": "webhook-test"})
    assert (tried.status_code, "not-public" in tried.text) == (422, True)
    await visit.get("/console/agencies/hotline")
    assert (await visit.post("/console/agencies/hotline", {"act": "webhook-other"})).status_code == 400
    acts = [line[1] for line in desk.audit() if line[0] == "jose" and "hotline" in line[2]]
    assert acts == ["agency-add", "webhook-set", "webhook-rotate", "webhook-set", "webhook-test"]


@pytest.mark.parametrize("act", ["webhook-set", "webhook-test", "webhook-rotate", "webhook-replay", "webhook-remove"])
async def test_nothing_is_done_about_a_webhook_that_another_has_changed_meanwhile(
    desk: Desk, visit: Browser, act: str
) -> None:
    await visit.sign_in("jose")
    await visit.get("/console/agencies")
    form = {"name": "hotline", "sector": "health", "kind": "alert", "tlp": "GREEN", "realm": "actual"}
    await visit.post("/console/agencies", form | {"webhook": "https://cases.health.example/x"})
    await visit.get("/console/agencies/hotline")
    await desk.gateway.webhooks.set_url("hotline", "https://other.health.example/", "maria")
    before = desk.audit()
    form = {"act": act, "url": "https://cases.health.example/z"}
    stale = await visit.post("/console/agencies/hotline", form)
    assert (stale.status_code, "https://other.health.example/" in stale.text) == (409, True)
    assert (await visit.post("/console/agencies/hotline", form | {"read": ""})).status_code == 409
    assert desk.audit() == before
    found = await desk.gateway.webhooks.agency("hotline")
    assert found is not None
    assert isinstance(found["webhook"], dict)
    now = await visit.post("/console/agencies/hotline", form | {"read": found["webhook"]["digest"]})
    assert now.status_code in (200, 303, 422)
    assert len(desk.audit()) == len(before) + 1


async def test_there_are_so_many_agencies_and_no_more(
    desk: Desk, visit: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "AGENCIES_MAX", 1)
    await visit.sign_in("jose")
    await visit.get("/console/agencies")
    form = {"name": "hotline", "sector": "health", "kind": "alert", "tlp": "GREEN", "realm": "actual"}
    assert (await visit.post("/console/agencies", form)).status_code == 422
    assert [each["name"] for each in await desk.gateway.agencies.list()] == ["clinic"]
    await desk.gateway.agencies.revoke("clinic", "jose")
    await visit.get("/console/agencies")
    assert (await visit.post("/console/agencies", form)).status_code == 200, "what has ended does not count"
    monkeypatch.setattr(registry, "NAMES_MAX", 2)
    await desk.gateway.agencies.revoke("hotline", "jose")
    await visit.get("/console/agencies")
    refused = await visit.post("/console/agencies", form | {"name": "ward"})
    assert (refused.status_code, "renew one that has expired" in refused.text) == (422, True)
    assert [name in refused.text for name in ("/agencies/clinic", "/agencies/hotline")] == [True, True]
    monkeypatch.setattr(agencies_page, "ENDED_MAX", 1)
    shown = (await visit.get("/console/agencies")).text
    assert [name in shown for name in ("/agencies/clinic", "/agencies/hotline")] == [False, True]


@pytest.mark.parametrize(
    "wrong",
    [{"name": "../x"}, {"sector": "nowhere"}, {"kind": "receipt"}, {"tlp": "PURPLE"}, {"realm": "both"},
     {"until": "31.12.2027"}, {"until": "2020-01-01"}, {"until": "9999-12-31"}],
    ids=lambda wrong: "-".join(map(str, *wrong.items())),
)  # fmt: skip
async def test_a_registration_that_cannot_be_is_refused(visit: Browser, desk: Desk, wrong: dict[str, str]) -> None:
    await visit.sign_in("jose")
    await visit.get("/console/agencies")
    form = {"name": "hotline", "sector": "health", "kind": "alert", "tlp": "GREEN", "realm": "actual"}
    assert (await visit.post("/console/agencies", form | wrong)).status_code == 422
    assert [each["name"] for each in await desk.gateway.agencies.list()] == ["clinic"]


async def test_the_page_of_an_agency_has_its_readers_and_what_it_may_see(filled: tuple[Filled, Desk]) -> None:
    made, desk = filled
    rng = random.Random(7)
    for number, tlp in enumerate(("GREEN", "AMBER+STRICT"), 1):
        tree = a_message(rng, number, tlp=tlp, handling=[], audience={"members": "all"})
        desk.kit.aside(partial(made.receive, tree))
    open_, kept = made.trees
    await desk.register("clinic", kinds=KINDS)
    desk.add("jose", "coordinator")
    desk.add("nurse", "agency", agency="clinic")
    await desk.load()
    async with browser(desk) as visit:
        await visit.sign_in("jose")
        page = (await visit.get("/console/agencies/clinic")).text
        assert (open_ in page, kept in page) == (True, False)
        assert ("jose", "list", f"{open_} 1") in desk.audit()
        assert 'href="/console/people/nurse"' in page
        assert 'href="/console/agencies/clinic"' in (await visit.get("/console/people/nurse")).text
        invited = await visit.get("/console/people?agency=clinic")
        assert '<option value="clinic" selected>clinic</option>' in invited.text
        done = await visit.post(
            "/console/people", {"id": "aide", "name": "Aide", "role": "agency", "lang": "en", "agency": "clinic"}
        )
        assert "/console/join/" in done.text
        assert ("jose", "person-invite", "aide agency agency/clinic") in desk.audit()
        assert (await visit.get("/console/agencies/nowhere")).status_code == 404
        for act in ("suspend", "resume", "revoke", "rotate"):
            await visit.get("/console/agencies/clinic")
            assert (await visit.post("/console/agencies/nowhere", {"act": act})).status_code == 404
        assert (await visit.post("/console/agencies/clinic", {"act": "publish"})).status_code == 400
