"""What a receiver gets, in which order, how often and when; the clock is stepped."""

from __future__ import annotations

import asyncio
import inspect
import random
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from structlog.testing import capture_logs

from suar.observe.log import LogListener
from suar.protocol.base import limits
from suar.service.webhooks import delivering, pending, registry, schedule, webhook
from suar.service.webhooks.calling import CALL_SECONDS, Caller, CallFailed
from suar.service.webhooks.loop_thread import LoopThread
from suar.store.people import webhooks as table
from support.agency_desk import desk_of
from support.corekit import rows
from support.gateways import eventually
from support.hooked import LOOPBACK, Hooked, hooked_of
from support.kit import id_of, urgent

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from suar.service.webhooks.addresses import Endpoint
    from suar.service.webhooks.calling import Make

HANGING = 130
CANCEL: dict[str, Any] = {"rev": 2, "action": "cancel", "reason": "wrong"}


@pytest_asyncio.fixture
async def hooked(tmp_path: Path) -> AsyncIterator[Hooked]:
    async with hooked_of(tmp_path) as made:
        yield made


def event(number: int, rev: int = 1, what: str = "") -> str:
    return f"{id_of(number)}/{rev}{what}"


# -- what arrives


async def test_the_thread_is_woken_only_where_an_agency_has_a_webhook(
    hooked: Hooked, monkeypatch: pytest.MonkeyPatch
) -> None:
    woken: list[str] = []
    call_soon = LoopThread.call_soon

    def counted(self: LoopThread, function: Any, *values: Any) -> None:
        woken.append(function.__name__)
        call_soon(self, function, *values)

    monkeypatch.setattr(LoopThread, "call_soon", counted)
    await hooked.desk.receive(urgent(1))
    assert "_note_news" not in woken
    await hooked.register()
    await hooked.desk.receive(urgent(2))
    assert "_note_news" in woken
    await hooked.deliver()
    assert hooked.ids == [event(1), event(2)]


async def test_the_events_are_those_of_the_feed_in_its_order(hooked: Hooked) -> None:
    made = await hooked.register()
    assert set(made) == {"name", "token", "webhook_secret", "expires"}
    await hooked.desk.receive(
        urgent(1, "expected"), urgent(2), urgent(3, tlp="AMBER+STRICT"), urgent(4, handling=["law-enforcement-only"])
    )
    await hooked.deliver()
    assert hooked.ids == [event(2), event(1)]
    fed = await hooked.desk.batched(made["token"])
    assert [each["id"] for each in fed] == hooked.ids
    for mine, other in zip(hooked.events, fed, strict=True):
        assert {**mine, "suarposition": ""} == {**other, "suarposition": ""}
    await hooked.deliver()
    assert len(hooked.ids) == 2


async def test_what_is_new_is_sent_and_a_position_continues_at_the_feed(hooked: Hooked) -> None:
    await hooked.register()
    await hooked.desk.receive(urgent(1))
    await hooked.deliver()
    await hooked.desk.receive(urgent(2))
    await hooked.deliver()
    assert hooked.ids == [event(1), event(2)]
    position = hooked.events[0]["suarposition"]
    rest = await hooked.desk.batched(hooked.token, f"/v1/feed?after={position}")
    assert [each["id"] for each in rest] == [event(2)]
    request = hooked.to.got[0]["headers"]
    assert request["content-type"] == "application/cloudevents+json"
    assert (request["user-agent"], request["connection"]) == ("suar", "close")


async def test_an_expiry_is_an_event_and_comes_without_news(hooked: Hooked) -> None:
    await hooked.register()
    await hooked.desk.receive(urgent(1, expires="2027-01-16T08:00:00Z"))
    await hooked.deliver()
    await hooked.later(limits.DAY + 1)
    assert hooked.ids == [event(1), event(1, what="/expire")]
    assert hooked.events[1]["data"]["message"] is None


async def test_a_webhook_gets_the_realms_of_its_agency_and_no_other(hooked: Hooked) -> None:
    from support.corekit import frame_of

    realms = {"all": ["actual", "exercise"], "exercise": ["exercise"], "actual": ["actual"]}
    for realm in realms:
        await hooked.register(name=realm, realm=realm, webhook=f"{hooked.to.url}/{realm}")
    await hooked.desk.gateway.core.run(
        hooked.desk.kit.receive, frame_of(hooked.desk.drills, urgent(1, status="exercise"))
    )
    await hooked.desk.receive(urgent(2))
    await hooked.deliver()
    found: dict[str, list[str]] = {realm: [] for realm in realms}
    for request, sent in zip(hooked.to.got, hooked.events, strict=True):
        found[request["path"].rpartition("/")[2]].append(sent["suarstatus"])
    assert {realm: sorted(each) for realm, each in found.items()} == realms


# -- what does not arrive


async def test_an_event_is_sent_again_with_growing_delays_and_dropped_after_72_hours(hooked: Hooked) -> None:
    await hooked.register()
    hooked.to.behave("status 500")
    await hooked.desk.receive(urgent(1))
    begun, times = hooked.desk.kit.now, list[int]()
    await hooked.deliver()
    while (await hooked.state())["dead_letters"] == 0:
        before = len(hooked.ids)
        await hooked.later(limits.SECOND if hooked.desk.kit.now - begun < limits.MINUTE else limits.HOUR // 2)
        times += [hooked.desk.kit.now - begun] * (len(hooked.ids) - before)
    assert set(hooked.ids) == {event(1)}
    assert times[-1] >= schedule.ABANDON_AFTER
    assert all(each < schedule.ABANDON_AFTER for each in times[:-1])
    assert 72 <= len(times) < 160
    count = len(hooked.ids)
    await hooked.later(limits.DAY)
    assert len(hooked.ids) == count
    [dead] = (await hooked.desk.call("GET", "/v1/agencies/health/webhook/dead-letters")).json()
    assert (dead["id"], dead["rev"], dead["expiry"], dead["outcome"]) == (id_of(1), 1, False, "status 500")
    assert rows(hooked.desk.kit, "select who, about from audit where what = 'webhook-dead'") == [
        ("gateway", f"health {id_of(1)} 1")
    ]


@pytest.mark.parametrize("chance", [0.0, 0.9])
async def test_chance_decides_when_an_event_is_sent_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chance: float
) -> None:
    """Receivers that failed together are not called together again; a gateway's chance is `random.random`."""
    assert inspect.signature(delivering.Deliverer).parameters["chance"].default is random.random
    monkeypatch.setattr(registry, "Deliverer", partial(delivering.Deliverer, chance=lambda: chance))
    async with hooked_of(tmp_path) as hooked:
        await hooked.register()
        hooked.to.behave("status 500")
        await hooked.desk.receive(urgent(1))
        await hooked.deliver()
        shorter = int(schedule.FIRST / 2 * chance)
        await hooked.later(schedule.FIRST - shorter - 1)
        assert len(hooked.ids) == 1
        await hooked.later(1)
        assert len(hooked.ids) == 2


async def test_dead_letters_are_sent_again_on_demand(hooked: Hooked) -> None:
    await hooked.register()
    hooked.to.behave("status 500")
    await hooked.desk.receive(urgent(1), urgent(2))
    await hooked.deliver()
    for _ in range(5):
        await hooked.later(schedule.ABANDON_AFTER)
    assert (await hooked.state())["dead_letters"] == 2
    hooked.to.behave("ok")
    before = len(hooked.ids)
    assert await hooked.post("replay") == {"name": "health", "from": None, "dead_letters": 2}
    await hooked.deliver()
    assert sorted(hooked.ids[before:]) == [event(1), event(2)]
    state = await hooked.state()
    assert (state["dead_letters"], state["waiting"], state["state"]) == (0, 0, "active")


async def test_the_list_of_dead_letters_is_bounded(hooked: Hooked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "DEAD_MAX", 2)
    await hooked.register()
    hooked.to.behave("status 500")
    await hooked.desk.receive(*(urgent(number) for number in range(1, 5)))
    await hooked.deliver()
    for _ in range(9):  # less than the messages last
        await hooked.later(schedule.ABANDON_AFTER)
    state = await hooked.state()
    assert (state["dead_letters"], state["waiting"]) == (2, 0)


async def test_one_event_that_is_not_taken_holds_up_no_other(hooked: Hooked) -> None:
    await hooked.register()
    hooked.to.behave("status 500")
    await hooked.desk.receive(urgent(1))
    await hooked.deliver()
    hooked.to.behave("ok")
    await hooked.desk.receive(urgent(2))
    await hooked.later(schedule.FIRST)
    await hooked.later(schedule.FIRST)
    assert sorted(hooked.ids[1:]) == [event(1), event(2)]


async def test_what_is_refused_again_and_again_delays_nothing_new(hooked: Hooked) -> None:
    """The event has its own schedule, an hour apart in the end; a new alert is sent within seconds."""
    await hooked.register()
    hooked.to.behave("status 500")
    await hooked.desk.receive(urgent(1))
    await hooked.deliver()
    for _ in range(8):
        await hooked.later(schedule.LONGEST)
    hooked.to.behave("ok")
    await hooked.desk.receive(urgent(2))
    await hooked.later(schedule.FIRST)
    assert hooked.ids[-1] == event(2)


async def test_so_many_events_wait_and_then_only_they_are_sent(hooked: Hooked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pending, "WAITING_MAX", 2)
    await hooked.register()
    hooked.to.behave("status 503")
    await hooked.desk.receive(*(urgent(number) for number in range(1, 6)))
    await hooked.deliver()
    for _ in range(8):
        await hooked.later(limits.HOUR)
    assert (await hooked.state())["waiting"] == 2
    hooked.to.behave("ok")
    before = len(hooked.ids)
    for _ in range(3):
        await hooked.later(limits.HOUR)
    assert sorted(hooked.ids[before:]) == [event(number) for number in range(1, 6)]


async def test_who_is_sent_a_text_is_recorded_as_a_reader_whatever_it_answers(hooked: Hooked) -> None:
    """A receiver may keep what it refuses."""
    await hooked.register()
    hooked.to.behave("status 500")
    await hooked.desk.receive(urgent(1))
    await hooked.deliver()
    found = (await hooked.desk.call("GET", f"/v1/messages/{id_of(1)}/agencies")).json()
    assert [(each["agency"], each["rev"]) for each in found["given"]] == [("health", 1)]
    wanted = "select who, about from audit where what = 'given'"
    assert rows(hooked.desk.kit, wanted) == [("agency/health", f"{id_of(1)} 1")]


async def test_gone_stops_it_until_a_test_is_taken(hooked: Hooked) -> None:
    await hooked.register()
    hooked.to.behave("status 410")
    await hooked.desk.receive(urgent(1))
    await hooked.deliver()
    assert (await hooked.state())["state"] == "stopped"
    hooked.to.behave("ok")
    await hooked.desk.receive(urgent(2))
    await hooked.later(limits.DAY)
    assert hooked.ids == [event(1)]
    assert await hooked.post("webhook/test") == {"name": "health", "delivered": True, "outcome": "delivered"}
    await hooked.deliver()
    assert hooked.ids[2:] == [event(1), event(2)]
    assert hooked.events[1]["type"] == "suar.webhook.test"
    assert rows(hooked.desk.kit, "select who, what from audit where what like 'webhook-%' order by n") == [
        ("local", "webhook-set"), ("gateway", "webhook-stopped"), ("local", "webhook-test"),
    ]  # fmt: skip


async def test_what_waits_is_sent_at_once_after_a_test_that_is_taken(hooked: Hooked) -> None:
    await hooked.register()
    hooked.to.behave("status 500")
    await hooked.desk.receive(urgent(1), urgent(2))
    await hooked.deliver()
    for _ in range(20):
        await hooked.later(limits.HOUR // 2)
    assert (await hooked.state())["waiting"] == 2
    hooked.to.behave("ok")
    before = len(hooked.ids)
    await hooked.post("webhook/test")
    await hooked.deliver()
    assert sorted(hooked.ids[before + 1 :]) == [event(1), event(2)]


async def test_a_test_that_is_not_taken_says_why_and_starts_nothing(hooked: Hooked) -> None:
    await hooked.register()
    hooked.to.behave("status 410")
    await hooked.desk.receive(urgent(1))
    await hooked.deliver()
    done = await hooked.post("webhook/test")
    assert (done["delivered"], done["outcome"]) == (False, "status 410")
    assert (await hooked.state())["state"] == "stopped"


async def test_the_log_of_a_call_names_the_agency_and_not_its_address(hooked: Hooked) -> None:
    await hooked.register()
    await hooked.desk.receive(urgent(1))
    await hooked.deliver()
    hooked.to.behave("status 410")
    await hooked.desk.receive(urgent(2))
    await hooked.deliver()
    with capture_logs() as lines:
        LogListener()(hooked.desk.kit.records)
    calls = [each for each in lines if each["event"] == "webhook_called"]
    assert [(each["agency"], each["outcome"]) for each in calls] == [("health", "delivered"), ("health", "gone")]
    assert urlsplit(hooked.to.url).netloc not in str(lines)


async def test_an_address_that_is_permitted_no_more_is_not_called_and_the_outcome_says_why(hooked: Hooked) -> None:
    await hooked.register()
    stored = table.Stored("health", hooked.to.url, hooked.secret.encode(), None, None)
    hooked.deliverer.set_webhooks([webhook.loaded(stored, ())])  # as after a change of suar.toml
    await hooked.desk.receive(urgent(1))
    await hooked.deliver()
    assert (await hooked.state())["last_outcome"] == "address without-tls"
    assert hooked.to.got == []


# -- what may not leave


async def test_a_recall_before_a_retry_sends_the_tombstone_and_never_the_text(hooked: Hooked) -> None:
    await hooked.register()
    hooked.to.behave("status 500")
    text = [{"lang": "en", "title": "a recalled title", "summary": "a recalled summary"}]
    await hooked.desk.receive(urgent(1, text=text))
    await hooked.deliver()
    await hooked.desk.receive(urgent(1, **CANCEL))
    hooked.to.behave("ok")
    before = len(hooked.ids)
    for _ in range(3):
        await hooked.later(limits.HOUR)
    assert hooked.ids[before:] == [event(1, 2)]
    assert hooked.events[-1]["type"] == "suar.message.cancel"
    assert not any("a recalled" in each["body"] for each in hooked.to.got[before:])
    assert (await hooked.state())["waiting"] == 0


async def test_a_recall_of_what_arrived_days_ago_reaches_the_receiver(hooked: Hooked) -> None:
    await hooked.register()
    await hooked.desk.receive(urgent(1))
    await hooked.deliver()
    hooked.desk.kit.now += 5 * limits.DAY
    await hooked.desk.receive(urgent(1, **CANCEL, sent="2027-01-20T08:00:00Z"))
    await hooked.deliver()
    assert hooked.ids == [event(1), event(1, 2)]


async def test_no_copy_of_an_event_is_kept(hooked: Hooked) -> None:
    await hooked.register()
    hooked.to.behave("status 500")
    await hooked.desk.receive(urgent(1, text=[{"lang": "en", "title": "xylophone", "summary": "quixotic"}]))
    await hooked.deliver()
    assert (await hooked.state())["waiting"] == 1
    for file in hooked.desk.kit.folder.rglob("*"):
        data = file.read_bytes() if file.is_file() else b""
        assert not [word for word in (b"xylophone", hooked.secret.encode(), hooked.to.url.encode()) if word in data]


@pytest.mark.parametrize("act", ["suspend", "revoke", "expire"])
async def test_an_agency_that_may_read_no_more_gets_nothing(hooked: Hooked, act: str) -> None:
    await hooked.register(**({"expires": "2027-01-15T08:30:00Z"} if act == "expire" else {}))
    hooked.to.behave("status 500")
    await hooked.desk.receive(urgent(1))
    await hooked.deliver()
    hooked.to.behave("ok")
    if act != "expire":
        await hooked.desk.act("health", act)
    await hooked.desk.receive(urgent(2))
    await hooked.later(limits.HOUR)
    assert hooked.ids == [event(1)]
    if act == "suspend":
        await hooked.desk.act("health", "resume")
        await hooked.later(limits.HOUR)
        assert sorted(hooked.ids[1:]) == [event(1), event(2)]
    if act == "revoke":
        assert (await hooked.state()) is None
        assert rows(hooked.desk.kit, "select * from webhook") == []


async def test_a_call_under_way_ends_with_the_suspension(hooked: Hooked) -> None:
    await hooked.register()
    hooked.to.behave("slow")
    await hooked.desk.receive(urgent(1))
    await hooked.deliverer.process_due()

    async def is_called() -> bool:
        return bool(hooked.to.got)

    await eventually(is_called)
    await hooked.desk.act("health", "suspend")
    await hooked.deliverer.wait_idle()  # long before the receiver's time is over
    hooked.to.behave("ok")
    await hooked.later(limits.HOUR)
    assert hooked.ids == [event(1)]
    await hooked.desk.act("health", "resume")
    await hooked.later(limits.HOUR)
    assert hooked.ids == [event(1), event(1)]


# -- replaying and changing


async def test_a_replay_from_a_position_sends_what_comes_after_it(hooked: Hooked) -> None:
    await hooked.register()
    await hooked.desk.receive(*(urgent(number) for number in range(1, 4)))
    await hooked.deliver()
    position = hooked.events[0]["suarposition"]
    await hooked.post("replay", {"from": position})
    await hooked.deliver()
    assert hooked.ids[3:] == [event(2), event(3)]
    await hooked.post("replay", {"from": "beginning"})
    await hooked.deliver()
    assert hooked.ids[5:] == [event(1), event(2), event(3)]


async def test_a_position_of_another_agency_is_refused(hooked: Hooked) -> None:
    await hooked.register()
    await hooked.register(name="police", sector="law-enforcement")
    await hooked.desk.receive(urgent(1))
    [mine] = await hooked.desk.batched(hooked.token)
    for position in (mine["suarposition"], "A" * 40):
        refused = await hooked.desk.call("POST", "/v1/agencies/health/replay", json={"from": position})
        assert (refused.status_code, refused.json()["code"]) == (400, "E-HTTP-VALUE")


async def test_another_address_continues_at_the_same_position_with_the_same_secret(
    hooked: Hooked, tmp_path: Path
) -> None:
    from support.receivers import receiver

    await hooked.register()
    await hooked.desk.receive(urgent(1))
    await hooked.deliver()
    with receiver(tmp_path / "moved", "http") as moved:
        made = await hooked.desk.call("POST", "/v1/agencies/health/webhook", json={"url": moved.url})
        assert made.json() == {"name": "health", "url": moved.url, "webhook_secret": None}
        await hooked.desk.receive(urgent(2))
        await hooked.deliver()
        assert [each["headers"]["webhook-id"] for each in moved.got] == [event(2)]
    assert hooked.ids == [event(1)]


async def test_a_secret_is_rotated_once_while_two_sign(hooked: Hooked) -> None:
    await hooked.register()
    first = await hooked.post("webhook/rotate")
    refused = await hooked.desk.call("POST", "/v1/agencies/health/webhook/rotate")
    assert (refused.status_code, refused.json()["code"]) == (409, "E-HTTP-CONFLICT")
    assert first["old_secret_until"] in refused.json()["detail"]
    hooked.desk.kit.now += webhook.ROTATION_MS
    assert (await hooked.post("webhook/rotate"))["webhook_secret"] != first["webhook_secret"]


async def test_so_many_test_events_of_an_agency_wait_for_its_receiver_and_no_more(
    hooked: Hooked, tmp_path: Path
) -> None:
    from support.receivers import receiver

    await hooked.register()
    hooked.to.behave("slow")
    path = "/v1/agencies/{}/webhook/test"
    under_way = [
        asyncio.create_task(hooked.desk.call("POST", path.format("health"))) for _ in range(registry.TESTS_MAX)
    ]

    async def are_noted() -> bool:
        return len(rows(hooked.desk.kit, "select * from audit where what = 'webhook-test'")) == registry.TESTS_MAX

    await eventually(are_noted)
    full = await hooked.desk.call("POST", path.format("health"))
    assert (full.status_code, full.json()["code"]) == (429, "E-HTTP-RATE")
    assert full.headers["retry-after"] == f"{CALL_SECONDS:.0f}"
    with receiver(tmp_path / "police", "http") as police:
        await hooked.register(name="police", sector="law-enforcement", webhook=police.url)
        assert (await hooked.desk.call("POST", path.format("police"))).json()["delivered"]
    hooked.to.behave("ok")
    assert [answer.json()["delivered"] for answer in await asyncio.gather(*under_way)] == [True, True]
    assert (await hooked.post("webhook/test"))["delivered"]


async def test_an_agency_without_one_gets_one_later_and_loses_it(hooked: Hooked) -> None:
    token = await hooked.desk.register()
    assert token
    for call in (("POST", "/webhook/test"), ("POST", "/webhook/rotate"), ("POST", "/replay"), ("DELETE", "/webhook")):
        refused = await hooked.desk.call(call[0], f"/v1/agencies/health{call[1]}")
        assert (refused.status_code, refused.json()["code"]) == (409, "E-HTTP-CONFLICT")
    await hooked.desk.receive(urgent(1))
    made = await hooked.desk.call("POST", "/v1/agencies/health/webhook", json={"url": hooked.to.url})
    assert made.json()["webhook_secret"].startswith("whsec_")
    await hooked.deliver()
    assert hooked.ids == [event(1)]
    done = await hooked.desk.call("DELETE", "/v1/agencies/health/webhook")
    assert done.json() == {"name": "health", "state": "removed"}
    await hooked.desk.receive(urgent(2))
    await hooked.later(limits.HOUR)
    assert hooked.ids == [event(1)]


async def test_who_replays_and_removes_is_in_the_audit(hooked: Hooked) -> None:
    await hooked.register()
    await hooked.post("replay", {"from": "beginning"})
    await hooked.post("replay")
    assert (await hooked.desk.call("DELETE", "/v1/agencies/health/webhook")).status_code == 200
    wanted = "select who, what, about from audit where what in ('webhook-replay', 'webhook-remove') order by n"
    assert rows(hooked.desk.kit, wanted) == [
        ("local", "webhook-replay", "health: from a position"), ("local", "webhook-replay", "health: 0 dead letters"),
        ("local", "webhook-remove", "health"),
    ]  # fmt: skip


async def test_one_agency_whose_receiver_hangs_delays_no_other(hooked: Hooked, tmp_path: Path) -> None:
    from support.receivers import receiver

    await hooked.register()
    hooked.to.behave("slow")
    with receiver(tmp_path / "police", "http") as police:
        await hooked.register(name="police", sector="law-enforcement", webhook=police.url)
        await hooked.desk.receive(*(urgent(number) for number in range(1, 4)))
        await hooked.deliverer.process_due()

        async def has_all() -> bool:
            return len(police.got) == 3

        await eventually(has_all)
        assert len(hooked.to.got) <= 1
        await hooked.desk.act("health", "suspend")
        await hooked.deliverer.wait_idle()


async def test_however_many_receivers_hang_another_is_called_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By their first calls, after these failed, and after they answered 2xx late: no call is over meanwhile."""
    calls: dict[str, int] = {}
    over, fails = asyncio.Event(), asyncio.Event()

    async def call(_: Caller, to: Endpoint, make: Make) -> bool:
        calls[to.target] = calls.get(to.target, 0) + 1
        if to.target != "/quick":
            await over.wait()
            if fails.is_set():
                raise CallFailed("timeout")
        return await make() is not None

    monkeypatch.setattr(Caller, "call", call)
    async with hooked_of(tmp_path) as hooked:
        names = [f"hanging-{number}" for number in range(HANGING)]
        for name in [*names, "quick"]:
            await hooked.register(name=name, webhook=f"http://127.0.0.1:1/{name}")
        for number in range(1, 4):
            calls.clear()
            over.clear()
            hooked.desk.kit.now += schedule.FIRST
            await hooked.desk.receive(urgent(number))
            await hooked.deliverer.process_due()

            async def are_called() -> bool:
                return calls == dict.fromkeys((f"/{name}" for name in [*names, "quick"]), 1)

            await eventually(are_called)
            fails.set() if number == 1 else fails.clear()
            over.set()
            await hooked.deliverer.wait_idle()


async def test_an_agency_has_one_call_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its test events too; so there are as many calls as agencies at most."""
    call, under_way, seen = Caller.call, list[str](), set[int]()

    async def counted(caller: Caller, to: Endpoint, make: Make) -> bool:
        under_way.append(to.target)
        seen.add(max(map(under_way.count, under_way)))
        try:
            return await call(caller, to, make)
        finally:
            under_way.remove(to.target)

    monkeypatch.setattr(Caller, "call", counted)
    async with hooked_of(tmp_path) as hooked:
        for name in ("health", "clinic", "ward"):
            await hooked.register(name=name, webhook=f"{hooked.to.url}/{name}")
        await hooked.desk.receive(*(urgent(number) for number in range(1, 5)))
        await asyncio.gather(*(hooked.post("webhook/test") for _ in range(registry.TESTS_MAX)), hooked.deliver())
        await hooked.deliver()
        assert len(hooked.to.got) == 12 + registry.TESTS_MAX
    assert seen == {1}


async def test_the_audit_has_a_line_an_hour_for_what_is_sent(hooked: Hooked) -> None:
    await hooked.register()
    for number in range(1, 4):
        await hooked.desk.receive(urgent(number))
        await hooked.deliver()
    wanted = "select what, about from audit where who = 'agency/health'"
    expected = [("given", f"{id_of(number)} 1") for number in range(1, 5)]
    assert rows(hooked.desk.kit, wanted) == [expected[0], ("feed", "webhook"), *expected[1:3]]
    await hooked.desk.receive(urgent(4))
    await hooked.later(limits.HOUR)
    assert rows(hooked.desk.kit, wanted)[4:] == [expected[3], ("feed", "webhook")]


async def test_a_gateway_that_starts_again_continues_where_it_was(tmp_path: Path) -> None:
    from suar.service.pacing.wake import Wake
    from suar.service.process.gateway import Gateway
    from support.receivers import receiver

    with receiver(tmp_path / "receiver", "http") as to:
        async with desk_of(tmp_path, LOOPBACK) as desk:
            hooked = Hooked(desk, to)
            await hooked.register()
            await desk.receive(urgent(1))
            await hooked.deliver()
            again = Gateway(desk.gateway.core, Wake())
            await again.open("suar_" + "l" * 43)
            await desk.receive(urgent(2))
            await again.webhooks.deliverer.process_due()
            await again.webhooks.deliverer.wait_idle()
            assert hooked.ids == [event(1), event(2)]
