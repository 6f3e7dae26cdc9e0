"""All doors at once, the feed (stream, pages), webhooks, FEED at the NATS server, CAP, TAXII and the data files, give
an agency exactly what `may_read` says: for random messages, actual ones and exercises, of another member and of the own
one, for random policies and agencies, before and after update, cancel, expiry, change of the trust list, another
registration; while an agency or its member is suspended, and after.
"""

import csv
import io
import random
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from suar.bus.jsapi import call
from suar.protocol.base import limits
from suar.protocol.base.codelists import codes
from suar.protocol.base.instants import instant, milliseconds
from suar.protocol.message.marking import TLPS
from suar.protocol.policy.decision import may_read_tree
from suar.protocol.policy.restrictions import REALMS, Reader
from suar.published import schemas_dir
from suar.service.access.agencies import HIGHEST
from suar.standard import shipped
from support.agency_desk import Desk, data
from support.corekit import frame_of, rows
from support.hooked import LOOPBACK
from support.hostile_drafts import draft, written
from support.kit import MEMBERS, NOW, actor, member_row
from support.nats_desk import STREAM, NatsDesk, nats_desk_of
from support.receivers import Receiver
from support.receivers import receiver as running

KINDS = ("alert", "contact", "legislation", "pattern", "practice", "trend")


def _examples(kind: str) -> list[dict[str, Any]]:
    """Valid messages of a kind; a text that is made of the fields would not fit others."""
    paths = sorted((schemas_dir() / "examples" / "valid").glob(f"{kind}-*.json"))
    trees = [msgspec.json.decode(path.read_bytes()) for path in paths]
    return [
        tree for tree in trees if tree["action"] == "new" and not any("generated" in text for text in tree["text"])
    ]  # fmt: skip


EXAMPLES = {kind: _examples(kind) for kind in KINDS}
REALM_NAMES = ("actual", "exercise")
MESSAGES, AGENCIES, CHANGED = 60, 12, 30
FED = [f"agency-{number}" for number in range(4)]
"""The agencies that have a webhook, and a user at the NATS server."""
NEXT = f"agency-{AGENCIES}"
"""The one that is registered in the place of one of them, with a webhook and a user of its own."""
SEED = 391
DOORS = (
    "/v1/feed", "/v1/feed?follow=false", "/v1/feeds/cap.atom", "/taxii2/root/collections/alert/objects/",
    "/taxii2/root/collections/pattern/objects/", "/v1/data/trends.csv", "/v1/data/trends.sdmx.csv",
)  # fmt: skip
"""The doors to which an agency comes; webhooks and the NATS server are looked at from their other end."""
AT_WORK = {"P4", "P6", "P8", "P10", "P11", "P12", "P13", "P14", "P17", "P20", "P21", "P22"}
"""The rules of the policy by which these messages and agencies are told apart, before anything changes."""


@pytest_asyncio.fixture
async def at(tmp_path: Path) -> AsyncIterator[NatsDesk]:
    """A gateway with its NATS server, which has users of the first agencies."""
    async with nats_desk_of(tmp_path, LOOPBACK, names=[*FED, NEXT]) as made:
        yield made


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Receiver]:
    with running(tmp_path / "receiver", "http") as made:
        yield made


def a_message(rng: random.Random, number: int, **fixed: Any) -> dict[str, Any]:
    """A message of TH of any kind with any marking; some are for VN alone, some are exercises, which are for all."""
    kind, status = rng.choice(KINDS), rng.choice(("actual", "actual", "exercise"))
    tree = dict(rng.choice(EXAMPLES[kind]))
    tree |= {
        "id": f"TH-{kind.upper()}-2027-{number:06}", "rev": 1, "status": status, "sent": instant(NOW),
        "issuer": {**tree["issuer"], "member": "TH"}, "tlp": rng.choice(TLPS if status == "actual" else TLPS[:4]),
        "expires": instant(NOW + rng.choice((1, 5, 200)) * limits.HOUR),
    }  # fmt: skip
    for name in ("handling", "desk", "related", "ack_within", "rule", "sightings"):
        tree.pop(name, None)
    if kind == "alert":
        tree["desk"] = "TH-CONTACT-2027-000001"
    tree["handling"] = rng.sample(codes("handling"), rng.choice((0, 0, 1, 2)))
    is_for_all = tree["tlp"] != "RED" and rng.random() < 0.7
    tree["audience"] = {"members": "all" if is_for_all or status == "exercise" else ["VN"]}
    if rng.random() < 0.3:
        tree["audience"]["sectors"] = rng.sample(codes("sector"), 4)
    return {key: value for key, value in (tree | fixed).items() if value != []}


def a_registration(rng: random.Random, number: int) -> dict[str, Any]:
    return {
        "name": f"agency-{number}", "sector": rng.choice(codes("sector")),
        "kinds": rng.sample(KINDS, rng.choice((2, 4, 6))), "max_tlp": rng.choice(HIGHEST),
        "realm": rng.choice(("actual", "actual", "all", "exercise")), "automated": rng.random() < 0.3,
    }  # fmt: skip


def reader(entry: dict[str, Any], now: int, kinds: set[str], *, is_active: bool) -> Reader:
    """The agency as the policy has it."""
    return Reader(
        member="VN", given_by="VN", standing="agency", is_active=is_active, kinds=frozenset(kinds & {*entry["kinds"]}),
        sector=entry["sector"], highest_tlp=entry["max_tlp"],
        realms=REALMS if entry["realm"] == "all" else frozenset({entry["realm"]}),
        is_automated=entry["automated"], now=now,
    )  # fmt: skip


async def publish_own(desk: Desk, rng: random.Random, model: "Model") -> None:
    """What VN itself publishes: each shipped draft, with any marking, in either realm; not what has to be held."""
    for name in (each for each in shipped.names() if shipped.example(each)["action"] == "new"):
        marking = {
            "tlp": rng.choice(TLPS[:4]),
            "handling": rng.sample(codes("handling"), rng.choice((0, 0, 1))) or None,
        }
        made, realm = draft(name, "VN", desk.kit.now, **marking), rng.choice(REALM_NAMES)
        verdict = await desk.gateway.publish(written(made), realm=realm, key=None, token="test")
        if verdict.verdict == "published":
            tree = (await desk.call("GET", f"/v1/messages/{verdict.id}")).json()["message"]
            assert tree["status"] == realm
            model.newest[str(verdict.id)] = tree


async def in_cap(desk: Desk, token: str, status: str) -> set[str]:
    """The identifiers of all documents of the CAP feed."""
    found, path = set[str](), f"/v1/feeds/cap.atom?status={status}"
    while path:
        page = await desk.call("GET", path, token)
        assert page.status_code == 200, page.text
        found |= set(re.findall(r"<identifier>([^<]+)</identifier>", page.text))
        path = page.links.get("next", {}).get("url", "")
    return found


async def in_file(desk: Desk, token: str, form: str, status: str) -> set[str]:
    """The revisions of all trends of a data file."""
    answer = await desk.call("GET", f"/v1/data/trends.{form}?status={status}", token)
    assert answer.status_code == 200, answer.text
    lines = list(csv.DictReader(io.StringIO(answer.text)))
    found = {each["SOURCE_MESSAGE"] if "SOURCE_MESSAGE" in each else f"{each['id']}.{each['rev']}" for each in lines}
    return {each.removeprefix("EXERCISE: ") for each in found}


async def in_taxii(desk: Desk, token: str, kind: str, status: str) -> set[str]:
    """The revisions of all main objects of a collection that are not revoked."""
    found, path = set[str](), f"/taxii2/root/collections/{kind}/objects/?status={status}"
    query = ""
    while True:
        page = await desk.call("GET", path + query, token)
        assert page.status_code == 200, page.text
        for each in page.json().get("objects", []):
            if each["type"] in ("incident", "attack-pattern") and not each.get("revoked"):
                [named] = each["external_references"]
                found.add(f"{named['external_id']}.{named['description'].removeprefix('revision ')}")
        if not page.json().get("more"):
            return found
        query = f"&next={page.json()['next']}"


async def at_webhooks(desk: Desk, receiver: Receiver, names: list[str]) -> dict[str, list[str]]:
    """The ids of the events that the webhooks of these agencies get, from the beginning."""
    before = len(receiver.got)
    for name in names:
        done = await desk.call("POST", f"/v1/agencies/{name}/replay", json={"from": "beginning"})
        assert done.status_code == 200, done.text
    await desk.gateway.webhooks.deliverer.process_due()
    await desk.gateway.webhooks.deliverer.wait_idle()
    found: dict[str, list[str]] = {name: [] for name in names}
    for each in receiver.got[before:]:
        found[each["path"].rpartition("/")[2]].append(each["headers"]["webhook-id"])
    return found


async def at_nats(at: NatsDesk, names: list[str]) -> dict[str, list[str]]:
    """The ids of the events that the programs of these agencies get at the NATS server, from the beginning."""
    for name in names:
        done = await at.desk.call("POST", f"/v1/agencies/{name}/replay", json={"from": "beginning", "door": "nats"})
        assert done.status_code == 200, done.text
    await at.write()
    found: dict[str, list[str]] = {}
    for name in names:
        async with at.reader(name) as program:
            found[name] = []
            while events := await program.read():
                found[name] += [each["id"] for each in events]
    return found


class Model:
    """What is in force at VN by the messages that it accepted."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.newest = desk, dict[str, dict[str, Any]]()
        self.before = dict[str, tuple[dict[str, Any], int]]()  # the revision before, and when it was replaced
        self.late = set[str]()  # agencies that were registered after everything was replaced

    async def receive(self, tree: dict[str, Any]) -> None:
        sending = self.desk.all if tree["audience"]["members"] == "all" else self.desk.to_vn
        sending = self.desk.drills if tree["status"] == "exercise" else sending
        await self.desk.gateway.core.run(self.desk.kit.receive, frame_of(sending, msgspec.json.encode(tree)))
        stored = f"select count(*) from message where id = '{tree['id']}' and rev = {tree['rev']}"
        if rows(self.desk.kit, stored) == [(1,)]:
            if tree["id"] in self.newest:
                self.before[tree["id"]] = self.newest[tree["id"]], self.desk.kit.now
            self.newest[tree["id"]] = tree

    def of(self, status: str) -> list[dict[str, Any]]:
        """The newest revisions of a realm."""
        return [tree for tree in self.newest.values() if tree["status"] == status]

    def readable(self, entry: dict[str, Any], kinds: set[str], status: str, *, is_active: bool = True) -> set[str]:
        """The ids of the events of a realm that the agency is to have."""
        found = set()
        for tree in self.of(status):
            is_cancel = tree["action"] == "cancel"
            end = milliseconds(tree["expires"])
            now = min(self.desk.kit.now, end - 1) if is_cancel else self.desk.kit.now
            may_read = may_read_tree(tree, reader(entry, now, kinds, is_active=is_active)).is_allowed
            if may_read and (not is_cancel or self.could_read_before(tree, entry, kinds, is_active=is_active)):
                found.add(f"{tree['id']}/{tree['rev']}")
            elif entry["name"] not in self.late and self.is_withdrawn(tree, entry, kinds, is_active=is_active):
                found.add(f"{tree['id']}/{self.before[tree['id']][0]['rev']}/withdraw")
        return found

    def in_force(self, entry: dict[str, Any], kinds: set[str], status: str, *, is_active: bool) -> set[str]:
        """The revisions of a realm that doors which show a state are to have."""
        now = reader(entry, self.desk.kit.now, kinds, is_active=is_active)
        trees = [tree for tree in self.of(status) if tree["action"] != "cancel"]
        return {f"{tree['id']}.{tree['rev']}" for tree in trees if may_read_tree(tree, now).is_allowed}

    def rules(self, agencies: list[dict[str, Any]], kinds: set[str]) -> set[str]:
        """The rules that decide about these messages for these agencies."""
        readers = [reader(each, self.desk.kit.now, kinds, is_active=True) for each in agencies]
        return {may_read_tree(tree, each).rule for tree in self.newest.values() for each in readers}

    def is_withdrawn(self, tree: dict[str, Any], entry: dict[str, Any], kinds: set[str], *, is_active: bool) -> bool:
        """Whether the agency could read the revision before, and not this one, when this one came."""
        if tree["id"] not in self.before:
            return False
        then = reader(entry, self.before[tree["id"]][1], kinds, is_active=is_active)
        could_read = self.could_read_before(tree, entry, kinds, is_active=is_active)
        return could_read and not may_read_tree(tree, then).is_allowed

    def could_read_before(
        self, tree: dict[str, Any], entry: dict[str, Any], kinds: set[str], *, is_active: bool
    ) -> bool:
        """Whether the agency could read the revision before; True if that never came."""
        if tree["id"] not in self.before:
            return True
        before, at = self.before[tree["id"]]
        return may_read_tree(before, reader(entry, at, kinds, is_active=is_active)).is_allowed


@pytest.mark.slow
async def test_every_form_gives_what_the_policy_says(at: NatsDesk, receiver: Receiver) -> None:
    """As small as it is, each rule decides something: a door that leaves one out gives what it must not."""
    desk = at.desk
    rng, model = random.Random(SEED), Model(desk)
    for number in range(1, MESSAGES + 1):
        await model.receive(a_message(rng, number))
    assert len(model.newest) > MESSAGES * 0.7, "most are valid"
    await publish_own(desk, rng, model)
    own = [id_ for id_ in model.newest if id_.startswith("VN-")]
    assert {model.newest[id_]["status"] for id_ in own} == {*REALM_NAMES}
    assert {model.newest[id_]["kind"] for id_ in own} == {*KINDS}
    users = {name: {"nkey": public} for name, (_, public) in at.seeds.items()}
    registrations = [a_registration(rng, number) for number in range(AGENCIES)]
    assert {each["realm"] for each in registrations[: len(FED)]} == {*REALM_NAMES, "all"}
    agencies = {await desk.register(**each, **users.get(each["name"], {})): each for each in registrations}
    kinds, compared = set(KINDS), 0
    assert model.rules([*agencies.values()], kinds) >= AT_WORK
    fed = [*FED]

    async def hook(name: str) -> None:
        made = await desk.call("POST", f"/v1/agencies/{name}/webhook", json={"url": f"{receiver.url}/{name}"})
        assert made.status_code == 200, made.text

    for name in fed:
        await hook(name)

    async def compare_http(token: str, registration: dict[str, Any], status: str, *, is_active: bool) -> int:
        wanted = model.readable(registration, kinds, status, is_active=is_active)
        batch = await desk.batched(token, f"/v1/feed?status={status}")
        streamed = data(await desk.streamed(token, f"&status={status}"))
        for found in (batch, streamed):
            assert {each["id"] for each in found} == wanted, registration
            assert len(found) == len(wanted), "each once"
            for each in found:
                tree = model.newest[each["subject"]]
                is_reported = tree["action"] != "cancel" and not each["id"].endswith("/withdraw")
                assert each["data"]["message"] == (tree if is_reported else None)
        current = model.in_force(registration, kinds, status, is_active=is_active)
        assert await in_cap(desk, token, status) == {each for each in current if "-ALERT-" in each}, registration
        for kind, named in (("alert", "-ALERT-"), ("pattern", "-PATTERN-")):
            found_there = await in_taxii(desk, token, kind, status)
            assert found_there == {each for each in current if named in each}, registration
        for form in ("csv", "sdmx.csv"):
            found_in_file = await in_file(desk, token, form, status)
            assert found_in_file == {each for each in current if "-TREND-" in each}, registration
        return len(wanted)

    async def compare(*, is_active: bool = True) -> int:
        total = 0
        sent, published = await at_webhooks(desk, receiver, fed), await at_nats(at, fed)
        for token, registration in agencies.items():
            of_both = [model.readable(registration, kinds, status, is_active=is_active) for status in REALM_NAMES]
            for door in (sent, published):
                if registration["name"] in door:
                    assert sorted(door[registration["name"]]) == sorted(set().union(*of_both)), registration
            for status in REALM_NAMES:
                total += await compare_http(token, registration, status, is_active=is_active)
        return total

    compared = await compare()
    assert compared > AGENCIES * MESSAGES / 24, "the agencies read something"

    for id_ in own[::4]:
        done = await desk.call("POST", f"/v1/messages/{id_}/cancel", json={"reason": "wrong"})
        assert done.status_code == 201, done.text
        model.newest[id_] |= {"rev": 2, "action": "cancel"}
    changed = rng.sample(sorted(model.newest.keys() - {*own}), CHANGED)
    for id_ in changed:  # updates and cancels, with a marking of their own
        before = model.newest[id_]
        marking = a_message(rng, 1)
        audience = before["audience"]  # a revision goes the way of the first
        more = {"tlp": rng.choice(TLPS if audience["members"] != "all" else TLPS[:4]), "rev": 2}
        act = {"action": "cancel", "reason": "wrong"} if rng.random() < 0.5 else {"action": "update"}
        handling = {"handling": marking["handling"]} if "handling" in marking else {}
        await model.receive(before | more | act | handling)
    assert {model.newest[id_]["rev"] for id_ in changed} == {2}
    compared = await compare()
    kept = [
        model.is_withdrawn(tree, registration, kinds, is_active=True)
        for tree in model.newest.values()
        for registration in agencies.values()
    ]
    assert sum(kept) > 10, "stricter revisions are among them"

    desk.kit.now += 2 * limits.HOUR  # a third has expired
    assert 0 < await compare() < compared

    kinds.discard("trend")
    await listed(desk, kinds)
    await compare()
    await listed(desk, kinds, "suspended")
    assert await compare(is_active=False) == 0, "no agency of a member that is suspended reads anything"
    kinds.add("trend")
    await listed(desk, kinds)
    replaced, before_it = FED[1], len(receiver.got)
    leaving = [(token, each) for token, each in agencies.items() if each["name"] == replaced]
    assert model.readable(leaving[0][1], kinds, "actual")
    for number, (token, before) in enumerate([*leaving, *list(agencies.items())[len(FED) :: 3]], AGENCIES):
        await desk.act(before["name"], "revoke")  # a registration is changed by another one
        await closed(desk, token)
        after = a_registration(rng, number)
        model.late.add(after["name"])
        del agencies[token]
        user = {"nkey": at.seeds[NEXT][1]} if after["name"] == NEXT else {}
        agencies[await desk.register(**after, **user)] = after
    fed = [NEXT if each == replaced else each for each in fed]
    await hook(NEXT)
    assert await compare() > 0
    assert replaced not in {each["path"].rpartition("/")[2] for each in receiver.got[before_it:]}
    assert not any(each.startswith(f"feed.{replaced}.") for each in (await at.state())["subjects"])

    suspended = {token: each["name"] for number, (token, each) in enumerate(agencies.items()) if number % 2}
    for name in suspended.values():
        await desk.act(name, "suspend")
    before_it = len(receiver.got)
    everybody = {"tlp": "CLEAR", "audience": {"members": "all"}, "expires": instant(NOW + 200 * limits.HOUR)}
    for number in range(MESSAGES + 1, MESSAGES + 7):
        await model.receive(a_message(rng, number, **everybody, handling=[]))
    await desk.gateway.webhooks.deliverer.process_due()
    await desk.gateway.webhooks.deliverer.wait_idle()
    await at.write()
    assert {each["path"].rpartition("/")[2] for each in receiver.got[before_it:]} & {*fed}
    assert not {each["path"].rpartition("/")[2] for each in receiver.got[before_it:]} & {*suspended.values()}
    consumers = (await call(at.admin, f"CONSUMER.NAMES.{STREAM}"))["consumers"]
    assert {*consumers} == {*fed} - {*suspended.values()}
    subjects = {each.split(".")[1] for each in (await at.state())["subjects"]}
    assert subjects <= {*fed} - {*suspended.values()}
    for token, name in suspended.items():
        await closed(desk, token)
        await desk.act(name, "resume")
    await compare()


async def listed(desk: Desk, kinds: set[str], status: str = "active") -> None:
    """Another trust list, in which VN may read these kinds and has this status."""
    rows_of = [member_row(actor(c), status, read=sorted(kinds)) if c == "VN" else member_row(actor(c)) for c in MEMBERS]
    desk.kit.lists = desk.kit.lists.after(members=rows_of)
    name = f"tip.v1.xa.a.trust.all.{desk.kit.lists.version}"
    await desk.gateway.core.run(desk.kit.receive, (name, desk.kit.lists.signed()))


async def closed(desk: Desk, token: str) -> None:
    """No door lets the agency in."""
    assert {path: (await desk.call("GET", path, token)).status_code for path in DOORS} == dict.fromkeys(DOORS, 401)
