"""Twelve agencies, each with a scope of its own, read by pages, webhook and NATS while a random history runs at
gateways that are processes: what each holds at its end is what docs/policy.md gives it, at each of the three doors.

`SUAR_HISTORY_SEED` repeats a history; a failure names the one that it had.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

import msgspec
import nats
import nats.errors
import nats.js.errors
import pytest

from suar.federation.nats_users import new_nkey
from suar.federation.plan import Agency
from suar.protocol.base.instants import instant
from suar.standard import shipped
from support.agency_copies import CEILINGS, LABELS, SECTORS, Copy, History, Revision, Scope, forbidding
from support.agency_desk import BATCH
from support.gateways import Federation, Running, eventually
from support.hostile_drafts import draft
from support.patience import PATIENCE
from support.receivers import Receiver, receiver

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from nats.aio.client import Client

AGENCIES, MORE, ACTS = 12, 3, 110
NAMES = [f"agency-{number}" for number in range(AGENCIES + MORE)]
SEEDS = {name: new_nkey() for name in NAMES}
KINDS = ("alert", "contact", "legislation", "pattern", "practice", "trend")
WORDS = ("dock", "ferry", "market", "office", "harbour", "village", "factory", "border", "school", "farm", "hotel")
SHORT, LONG = 5, 600
"""Seconds until a message expires."""
HOOKS = '\n[webhooks]\nallow = ["127.0.0.0/8"]\n'
NOTHING = (TimeoutError, nats.errors.Error, nats.js.errors.Error)
"""What nats-py raises where nothing is there, or no consumer at the moment."""


class Subscriber:
    """An agency with the three programs that read for it."""

    def __init__(self, scope: Scope, token: str, client: Client) -> None:
        self.scope, self.token, self.client = scope, token, client
        self.pages, self.hook, self.nats = (Copy(scope, door) for door in ("pages", "webhook", "NATS"))
        self.next, self.hooked = f"/v1/feed?status={scope.realm}", 0
        self.was_suspended = False

    @property
    def copies(self) -> tuple[Copy, Copy, Copy]:
        return self.pages, self.hook, self.nats

    async def read_pages(self, gateway: Running) -> bool:
        """Read one page; whether there was anything."""
        answer = await gateway.call(
            "GET", self.next, headers={"Authorization": f"Bearer {self.token}", "Accept": BATCH}
        )  # fmt: skip
        assert answer.status_code == 200, answer.text
        for event in answer.json():
            self.pages.apply(event)
        self.next = answer.links["next"]["url"]
        return bool(answer.json())

    async def read_nats(self, most: int = 64) -> None:
        """What is there at the NATS server, each event acknowledged."""
        with contextlib.suppress(*NOTHING):
            feed = await self.client.jetstream(domain="feed").pull_subscribe_bind(self.scope.name, "FEED_SG")
            try:
                for message in await feed.fetch(most, timeout=0.3):
                    self.nats.apply(json.loads(message.data))
                    await message.ack_sync()
            finally:
                await feed.unsubscribe()

    def read_hook(self, to: Receiver) -> None:
        """What its webhook was sent since the last time."""
        got = [each["body"] for each in to.got if each["path"] == f"/{self.scope.name}"]
        for body in got[self.hooked :]:
            self.hook.apply(json.loads(body))
        self.hooked = len(got)


class Story:
    """The federation, its history and the agencies of SG."""

    def __init__(self, federation: Federation, to: Receiver, rng: random.Random) -> None:
        self.federation, self.to, self.rng = federation, to, rng
        self.history, self.verdicts = History(), Counter[str]()
        self.reading, self.gone = dict[str, Subscriber](), list[tuple[Subscriber, set[str]]]()
        self.suspended, self.spare, self.number = set[str](), NAMES[AGENCIES:], 0
        self.trends = [each for each in shipped.names() if each.startswith("trend-") and "exercise" not in each]

    @property
    def gateway(self) -> Running:
        """The gateway of the agencies."""
        return self.federation["SG"]

    def scope(self, name: str) -> Scope:
        rng = self.rng
        kinds = tuple(sorted(rng.sample(KINDS, rng.choice((2, 4, 6)))))
        realm = rng.choice(("actual", "actual", "all", "exercise"))
        return Scope(name, rng.choice(SECTORS), kinds, rng.choice(CEILINGS[:3]), realm, rng.random() < 0.3)

    async def register(self, name: str) -> None:
        scope = self.scope(name)
        more = {"nkey": SEEDS[name][1], "webhook": f"http://127.0.0.1:{self.to.port}/{name}"}
        made = await self.gateway.call("POST", "/v1/agencies", json.dumps(scope.document | more).encode())
        assert made.status_code == 201, made.text
        client = await nats.connect(
            self.federation.nats.servers.plan.member("SG").url, nkeys_seed_str=SEEDS[name][0].decode(),
            inbox_prefix=f"_INBOX_{name}".encode(), connect_timeout=int(PATIENCE), error_cb=_ignore,
        )  # fmt: skip
        self.reading[name] = Subscriber(scope, made.json()["token"], client)

    # -- what happens

    def marking(self, kind: str, realm: str, member: str) -> dict[str, Any]:
        """A random marking, a title of its own and an expiry."""
        rng, self.number = self.rng, self.number + 1
        ceiling = rng.choice(CEILINGS[:3] * 3 + CEILINGS[3:4])
        is_for_all = realm == "exercise" or rng.random() < 0.6
        audience: dict[str, Any] = {"members": "all" if is_for_all else ["TH" if member == "SG" else "SG"]}
        if not is_for_all and rng.random() < 0.2:
            ceiling = "RED"
        if rng.random() < 0.3:
            audience["sectors"] = sorted(rng.sample(SECTORS, 5))
        seconds = SHORT if rng.random() < 0.25 else LONG + self.number
        made: dict[str, Any] = {
            "tlp": ceiling, "handling": sorted(rng.sample(LABELS, rng.choice((0, 0, 0, 1)))) or None,
            "audience": audience, "expires": instant((int(time.time()) + seconds) * 1000),
        }  # fmt: skip
        if kind != "trend":
            title = " ".join(rng.choices(WORDS, k=5))
            made["text"] = [{"lang": "en", "title": title, "summary": f"What was seen at the {title}"}]
        return made

    async def hand_in(self, member: str, realm: str, tree: dict[str, Any]) -> None:
        params = {"exercise": "true"} if realm == "exercise" else None
        answer = await self.federation[member].call("POST", "/v1/messages", json.dumps(tree).encode(), params=params)
        verdict = answer.json()
        self.verdicts[verdict.get("verdict", verdict.get("code"))] += 1
        if answer.status_code == 201:
            self.history.add(Revision(verdict["id"], verdict["rev"], realm, tree))

    async def publish(self) -> None:
        rng, member = self.rng, self.rng.choice(("TH", "TH", "TH", "SG"))
        kind, realm = rng.choice(KINDS), rng.choice(("actual", "actual", "exercise"))
        names = [
            each for each in shipped.names()
            if each.startswith(f"{kind}-") and shipped.example(each)["action"] == "new"
        ]  # fmt: skip
        name = rng.choice(names)
        if kind == "trend":
            if not self.trends:
                return
            name, realm = self.trends.pop(), "actual"
        tree = draft(name, member, **self.marking(kind, realm, member), related=None, sightings=None, ack_within=None)
        await self.hand_in(member, realm, tree)

    async def revise(self) -> None:
        found = [each for each in self.history.newest if not each.is_cancel and each.draft["kind"] != "trend"]
        if not found:
            return
        last = self.rng.choice(found)
        member = last.id[:2]
        marking = self.marking(last.draft["kind"], last.realm, member)
        marking["audience"]["members"] = last.draft["audience"]["members"]
        if marking["audience"]["members"] == "all" and marking["tlp"] == "RED":
            marking["tlp"] = "AMBER+STRICT"
        tree = last.draft | marking | {"id": last.id, "action": "update"}
        await self.hand_in(member, last.realm, {key: value for key, value in tree.items() if value is not None})

    async def recall(self) -> None:
        found = [each for each in self.history.newest if not each.is_cancel]
        if not found:
            return
        last = self.rng.choice(found)
        body = json.dumps({"reason": self.rng.choice(("wrong", "over"))}).encode()
        answer = await self.federation[last.id[:2]].call("POST", f"/v1/messages/{last.id}/cancel", body)
        self.verdicts[f"cancel {answer.status_code}"] += 1
        if answer.status_code == 201:
            tree = last.draft | {"action": "cancel"}
            self.history.add(Revision(last.id, answer.json()["rev"], last.realm, tree))

    async def suspend(self) -> None:
        """One agency, for some acts; or one that was suspended goes on."""
        name = self.rng.choice(sorted(self.reading))
        act = "resume" if name in self.suspended else "suspend"
        answer = await self.gateway.call("POST", f"/v1/agencies/{name}/{act}")
        assert answer.status_code == 200, answer.text
        self.suspended ^= {name}
        self.reading[name].was_suspended = True

    async def replace(self) -> None:
        """An agency's scope changes: its registration ends, and another one begins."""
        if not self.spare:
            return
        name = self.rng.choice(sorted(self.reading))
        answer = await self.gateway.call("DELETE", f"/v1/agencies/{name}")
        assert answer.status_code == 200, answer.text
        self.gone.append((self.reading.pop(name), {f"{each.id}/{each.rev}" for each in self.every}))
        self.suspended.discard(name)
        await self.register(self.spare.pop())

    @property
    def every(self) -> list[Revision]:
        return [each for found in self.history.revisions.values() for each in found]

    async def read(self) -> None:
        """Some program reads a part of what is there."""
        name = self.rng.choice(sorted(self.reading))
        is_of_nats = self.rng.random() < 0.5
        if name in self.suspended:
            return
        if is_of_nats:
            await self.reading[name].read_nats(self.rng.choice((1, 4)))
        else:
            await self.reading[name].read_pages(self.gateway)

    async def run(self) -> None:
        acts = [self.publish] * 9 + [self.revise] * 4 + [self.recall] * 2 + [self.read] * 5
        acts += [self.suspend, self.replace]
        for each in [self.publish] * 12 + self.rng.choices(acts, k=ACTS) + [self.replace]:
            await each()
        for name in sorted(self.suspended):
            assert (await self.gateway.call("POST", f"/v1/agencies/{name}/resume")).status_code == 200
        self.suspended.clear()

    # -- what is held

    async def differences(self) -> list[str]:
        """What the copies have and are not to have, or the reverse."""
        for each in self.reading.values():
            each.read_hook(self.to)
            while await each.read_pages(self.gateway):
                pass
        await asyncio.gather(*(each.read_nats() for each in self.reading.values()))
        now, found = time.time(), list[str]()
        for each in self.reading.values():
            wanted = self.history.held(each.scope, now)
            for copy in each.copies:
                wrong = wanted.items() ^ copy.held.items()
                found += [f"{copy}: {id_}/{rev} {self.state(each.scope, id_)}" for id_, rev in sorted(wrong)]
        return found

    def state(self, scope: Scope, id_: str) -> str:
        return "; ".join(
            f"{each.rev} {each.draft['action']} forbidden by {forbidding(scope, each) or 'nothing'}"
            + (" over" if each.is_over(time.time()) else "")
            for each in self.history.revisions[id_]
        )


async def _ignore(_: Exception) -> None:
    return


@contextlib.asynccontextmanager
async def story_of(folder: Path, seed: int) -> AsyncIterator[Story]:
    made = Federation(folder / "two", ("SG", "TH"))
    servers = made.nats.servers
    agencies = tuple(Agency(name=name, nkey=public) for name, (_, public) in SEEDS.items())
    servers.plan = servers.plan.with_member(msgspec.structs.replace(servers.plan.member("SG"), agencies=agencies))
    with (made["SG"].folder / "suar.toml").open("a") as file:
        file.write(HOOKS)
    with receiver(folder / "to", "http") as to:
        story = Story(made, to, random.Random(seed))
        try:
            await made.start()
            await made.nats.members["SG"].create_feed(await made.nats.connect("SG", "feed_admin"))
            for name in NAMES[:AGENCIES]:
                await story.register(name)
            yield story
        finally:
            for each in (*story.reading.values(), *(gone for gone, _ in story.gone)):
                await each.client.close()
            await made.stop()


@pytest.mark.slow
async def test_what_twelve_agencies_hold_is_what_their_scopes_allow(tmp_path: Path) -> None:
    seed = int(os.environ.get("SUAR_HISTORY_SEED") or random.SystemRandom().randrange(2**32))
    try:
        async with story_of(tmp_path, seed) as story:
            await story.run()
            await check(story)
    except BaseException as error:
        error.add_note(f"SUAR_HISTORY_SEED={seed} repeats this history")
        raise


async def check(story: Story) -> None:
    """The history was one, and every door gave what it was to give, and nothing else."""
    assert len(story.history.revisions) > ACTS / 4, story.verdicts
    assert sum(each.is_cancel for each in story.history.newest) > 0, story.verdicts
    wrong = list[str]()

    async def is_settled() -> bool:
        wrong[:] = await story.differences()
        is_over = all(each.is_over(time.time()) for each in story.history.newest if not is_long(each))
        return is_over and not wrong

    await eventually(is_settled, PATIENCE, lambda: "\n".join([*wrong, story.gateway.words()]))
    assert sum(len(each.pages.held) for each in story.reading.values()) > AGENCIES
    for each in story.reading.values():
        for copy in each.copies:
            copy.check_texts(story.history)
            assert each.was_suspended or not copy.doubled, copy
        assert not each.pages.doubled
    for each, before in story.gone:
        each.read_hook(story.to)
        await each.read_nats()
        answer = await story.gateway.call("GET", each.next, headers={"Authorization": f"Bearer {each.token}"})
        assert answer.status_code == 401
        for copy in each.copies:
            copy.check_texts(story.history)
            texts = {f"{tree['id']}/{tree['rev']}" for tree in copy.texts}
            assert texts <= before, f"{copy}: after its registration ended"


def is_long(revision: Revision) -> bool:
    """Whether it is in force beyond the end of the test."""
    return not revision.is_over(time.time() + LONG / 2)
