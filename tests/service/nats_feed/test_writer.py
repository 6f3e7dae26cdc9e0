"""The writer of FEED against a real server: each event of an agency's selection once, whatever ends in between."""

import json
import random
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from suar.bus import streams
from suar.bus.errors import ApiError
from suar.bus.jsapi import call
from suar.bus.publish import Publisher
from suar.federation.nats_users import new_nkey
from suar.protocol.base import limits
from suar.service.nats_feed import held, publishing
from suar.service.nats_feed.writer import AWAY_MS, HELD_MS
from suar.store.engine.database import StoreFault
from support.agencies_docs import WHOLE
from support.corekit import frame_of, rows
from support.kit import id_of, urgent
from support.nats_desk import STREAM, NatsDesk, nats_desk_of
from support.nats_server import eventually

NEW = "suar.message.new"
SOON: dict[str, Any] = {"expires": "2027-01-20T08:00:00Z"}  # five days from the clock of the tests


@pytest_asyncio.fixture
async def at(tmp_path: Path) -> AsyncIterator[NatsDesk]:
    async with nats_desk_of(tmp_path) as made:
        yield made


def event_kinds(events: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Which events these are: about what, and of which type."""
    return [(each["subject"], each["type"]) for each in events]


def news(*numbers: int) -> list[tuple[str, str]]:
    return [(id_of(number), NEW) for number in numbers]


async def test_each_agency_gets_its_selection_once(at: NatsDesk) -> None:
    await at.register("health")
    await at.register("police", sector="law-enforcement")
    await at.desk.receive(urgent(1), urgent(2, handling=["law-enforcement-only"]), urgent(3, tlp="AMBER+STRICT"))
    await at.write()
    async with at.reader("health") as health, at.reader("police") as police:
        assert event_kinds(await health.read()) == news(1)
        assert event_kinds(await police.read()) == news(1, 2)
        await at.desk.receive(urgent(4))
        await at.write()
        at.restart()
        await at.write()
        for program in (health, police):
            assert event_kinds(await program.read()) == news(4)
    assert set((await at.state())["subjects"]) >= {f"feed.police.alert.th.{id_of(number)}" for number in (1, 2, 4)}


async def test_an_event_is_that_of_http_with_its_position(at: NatsDesk) -> None:
    token = await at.register("health")
    await at.register("police", realm="exercise")  # the sandbox, which sees no event of the others
    await at.desk.receive(urgent(1), urgent(2))
    drill = frame_of(at.desk.drills, urgent(3, status="exercise"))
    await at.desk.gateway.core.run(at.desk.kit.receive, drill)
    await at.write()
    async with at.reader("health") as program, at.reader("police") as sandbox:
        events = await program.read()
        assert [(each["subject"], each["suarstatus"]) for each in await sandbox.read()] == [(id_of(3), "exercise")]
    assert [{**each, "suarposition": ""} for each in events] == [
        {**each, "suarposition": ""} for each in await at.desk.batched(token)
    ]
    [rest] = await at.desk.batched(token, f"/v1/feed?status=actual&after={events[0]['suarposition']}")
    assert rest["subject"] == id_of(2)


@pytest.mark.parametrize("seed", range(3))
async def test_random_messages_give_each_agency_what_http_gives_it(at: NatsDesk, seed: int) -> None:
    draw = random.Random(seed)
    tokens = {"health": await at.register("health"), "police": await at.register("police", sector="law-enforcement")}
    latest = dict[int, int]()
    for _ in range(40):
        number = draw.randint(1, 15)
        rev = latest[number] = latest.get(number, 0) + 1
        changes: dict[str, Any] = {"rev": rev, "action": "update"} if rev > 1 else {}
        if rev > 1 and draw.random() < 0.3:
            changes |= {"action": "cancel", "reason": "wrong"}
            latest[number] = 1_000  # what comes after it is refused
        if rev > 1_000:
            continue
        changes |= {"tlp": draw.choice(["GREEN", "AMBER", "AMBER+STRICT"])}
        changes |= {"handling": ["law-enforcement-only"]} if draw.random() < 0.3 else {}
        await at.desk.receive(urgent(number, **changes))
        if draw.random() < 0.5:
            await at.write()
            at.restart()
    await at.write()
    for name, token in tokens.items():
        async with at.reader(name) as program:
            events = {each["id"]: each["data"] for each in await program.read()}
        by_http = {each["id"]: each["data"] for each in await at.desk.batched(token)}
        assert by_http
        assert events == by_http


async def test_a_replay_publishes_what_comes_after_a_position_under_the_same_ids(at: NatsDesk) -> None:
    await at.register("health")
    await at.register("police")
    await at.desk.receive(urgent(1), urgent(2), urgent(3))
    await at.write()
    path = "/v1/agencies/health/replay"
    async with at.reader("health") as program, at.reader("police") as police:
        events = await program.read()
        assert len(await police.read()) == 3
        for position, rest in ((events[0]["suarposition"], events[1:]), ("beginning", events)):
            done = await at.desk.call("POST", path, json={"from": position, "door": "nats"})
            assert done.json() == {"name": "health", "from": position, "dead_letters": 0}
            await at.write()
            assert [each["id"] for each in await program.read()] == [each["id"] for each in rest]
            at.restart()
            await at.write()
            assert await program.read() == []
        assert await police.read() == []
    assert [row[0] for row in rows(at.desk.kit, "select about from audit where what = 'nats-replay'")] == [
        "health: from a position"
    ] * 2


async def test_a_replay_is_not_overwritten_by_what_the_writer_keeps(at: NatsDesk) -> None:
    await at.register("health")
    await at.desk.receive(urgent(1))
    await at.write()
    async with at.reader("health") as program:
        await program.read()
        await at.desk.receive(urgent(2))
        run_in_group = at.desk.gateway.core.run_in_group

        async def replayed_first(*call: Any) -> Any:  # as the writer is about to write how far each is
            at.desk.gateway.core.run_in_group = run_in_group  # type: ignore[method-assign]  # for one call
            await at.desk.call("POST", "/v1/agencies/health/replay", json={"from": "beginning", "door": "nats"})
            return await run_in_group(*call)

        at.desk.gateway.core.run_in_group = replayed_first  # type: ignore[assignment]  # for one call
        await at.write()
        await at.write()
        assert [each["subject"] for each in await program.read()] == [id_of(1), id_of(2)]


async def test_a_replay_is_of_a_reader_and_from_a_position_of_its_own(at: NatsDesk) -> None:
    await at.register("health")
    await at.desk.register(name="labour")
    for name, wanted, status in (
        ("health", {}, 400), ("health", {"from": "A" * 40}, 400), ("labour", {"from": "beginning"}, 409),
        ("unknown", {"from": "beginning"}, 404),
    ):  # fmt: skip
        done = await at.desk.call("POST", f"/v1/agencies/{name}/replay", json={"door": "nats", **wanted})
        assert done.status_code == status, done.text
    await at.desk.act("health", "suspend")
    done = await at.desk.call("POST", "/v1/agencies/health/replay", json={"door": "nats", "from": "beginning"})
    assert done.status_code == 409


async def test_who_has_no_nkey_any_more_has_no_consumer_and_nothing_in_the_stream(at: NatsDesk) -> None:
    await at.register("health")
    await at.register("police")
    await at.desk.receive(urgent(1), urgent(2))
    await at.write()
    await at.desk.call("POST", "/v1/agencies/health", json={"nkey": None})
    await at.write()
    assert {subject.split(".")[1] for subject in (await at.state())["subjects"]} == {"police"}
    with pytest.raises(ApiError, match="consumer not found"):
        await call(at.admin, f"CONSUMER.INFO.{STREAM}.health")
    await at.desk.call("POST", "/v1/agencies/health", json={"nkey": at.seeds["health"][1]})
    await at.write()
    async with at.reader("health") as program:
        assert [each["subject"] for each in await program.read()] == [id_of(1), id_of(2)]


async def test_what_the_writer_keeps_leaves_an_nkey_that_was_replaced_meanwhile(at: NatsDesk) -> None:
    await at.register("health")
    await at.desk.receive(urgent(1))
    await at.write()
    other = new_nkey()[1]
    await at.desk.call("POST", "/v1/agencies/health", json={"nkey": other})
    await at.desk.receive(urgent(2))
    await at.write()
    assert rows(at.desk.kit, "select nkey from feed_reader") == [(other,)]
    async with at.reader("health") as program:  # it goes on where it is: both, each once
        assert [each["subject"] for each in await program.read()] == [id_of(1), id_of(2)]


async def test_a_later_event_replaces_an_earlier_one(at: NatsDesk) -> None:
    await at.register("health")
    await at.desk.receive(urgent(1, **SOON))
    await at.write()
    await at.desk.receive(urgent(1, rev=2, action="update", **SOON))
    await at.write()
    assert event_kinds(await at.stored()) == [(id_of(1), "suar.message.update")]
    at.desk.kit.now += 6 * limits.DAY
    await at.write()
    async with at.reader("health") as program:
        assert event_kinds(await program.read()) == [(id_of(1), "suar.message.expire")]
    assert [each["data"]["message"] for each in await at.stored()] == [None]


async def test_what_was_published_and_not_written_down_is_not_published_twice(
    at: NatsDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await at.register("health")
    await at.desk.receive(urgent(1), urgent(2))

    async def fail(*_: object) -> None:
        raise StoreFault("the disk is full", "")

    with monkeypatch.context() as patch:
        patch.setattr(at.desk.gateway.core, "run_in_group", fail)
        with pytest.raises(StoreFault):
            await at.write()
    assert len(await at.stored()) == 2
    await forget_ids(at)
    at.restart()
    await at.write()
    await at.desk.receive(urgent(3))
    await at.write()
    async with at.reader("health") as program:
        assert event_kinds(await program.read()) == news(1, 2, 3)


async def forget_ids(at: NatsDesk) -> None:
    """Wait until the server takes an id for a new one again: so long after, that it would store it twice."""
    config = streams.feed("VN") | {"duplicate_window": streams.SECOND // 10}
    await streams.ensure_stream(at.admin, config)
    publisher = Publisher(at.admin)

    async def is_forgotten() -> bool:
        return not (await (await publisher.publish("feed.nobody.x", b"", "probe"))).is_duplicate

    await is_forgotten()
    await eventually(is_forgotten)


async def test_a_connection_that_breaks_loses_and_doubles_nothing(at: NatsDesk) -> None:
    await at.register("health")
    await at.desk.receive(urgent(1))
    await at.write()
    await at.servers.restart("vn")
    await at.feed.wait_connected(60)
    await at.desk.receive(urgent(2))
    await at.write()
    async with at.reader("health") as program:
        assert event_kinds(await program.read()) == news(1, 2)


@pytest.mark.parametrize(("limit", "value", "there"), [("HELD_EVENTS", 4, 4), ("HELD_BYTES", 1, 1)])
async def test_one_that_does_not_read_takes_no_room_from_others_and_misses_nothing(
    at: NatsDesk, monkeypatch: pytest.MonkeyPatch, limit: str, value: int, there: int
) -> None:
    monkeypatch.setattr(held, limit, value)
    await at.register("health")
    await at.register("police")
    async with at.reader("health") as health, at.reader("police") as police:
        for number in range(1, 13):
            await at.desk.receive(urgent(number))
            await at.write()
            assert event_kinds(await police.read()) == news(number)
        subjects = (await at.state())["subjects"]
        assert len([each for each in subjects if each.startswith("feed.health.")]) == there
        found = list[tuple[str, str]]()
        while len(found) < 12:
            read = event_kinds(await health.read())
            assert read
            found += read
            await at.write()
    assert found == news(*range(1, 13))


async def test_a_program_that_may_read_no_more_has_no_consumer_and_continues_where_it_was(at: NatsDesk) -> None:
    await at.register("health")
    await at.register("police")
    await at.desk.receive(urgent(1), urgent(2), urgent(3))
    await at.write()
    async with at.reader("health") as health, at.reader("police") as police:
        assert event_kinds(await health.read(most=1)) == news(1)
        await at.desk.act("health", "suspend")
        await at.write()
        assert not [each for each in (await at.state())["subjects"] if each.startswith("feed.health.")]
        assert (await call(at.admin, f"CONSUMER.NAMES.{STREAM}"))["consumers"] == ["police"]
        await at.desk.receive(urgent(4))
        at.restart()
        await at.write()
        assert not [each for each in (await at.state())["subjects"] if each.startswith("feed.health.")]
        await at.desk.act("health", "resume")
        await at.write()
        assert event_kinds(await health.read()) == news(2, 3, 4)
        assert event_kinds(await police.read()) == news(1, 2, 3, 4)
        assert (await call(at.admin, f"CONSUMER.INFO.{STREAM}.health"))["config"]["opt_start_seq"] > 1


@pytest.mark.parametrize("end", ["revoke", "expiry"])
async def test_the_end_of_a_registration_empties_its_part_of_the_stream(at: NatsDesk, end: str) -> None:
    await at.register("health", expires="2027-02-01T00:00:00Z")
    await at.desk.receive(urgent(1))
    await at.write()
    if end == "revoke":
        await at.desk.act("health", "revoke")
    else:
        at.desk.kit.now += 40 * limits.DAY
    await at.write()
    assert await at.stored() == []
    assert (await call(at.admin, f"CONSUMER.NAMES.{STREAM}"))["consumers"] in ([], None)


async def test_a_suspension_that_was_killed_half_way_is_finished(at: NatsDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    await at.register("health")
    await at.desk.receive(urgent(1), urgent(2))
    await at.write()
    async with at.reader("health") as health:
        await health.read(most=1)
    await at.desk.act("health", "suspend")

    async def killed(*_: object) -> None:
        raise ConnectionError

    with monkeypatch.context() as patch:
        patch.setattr("suar.service.nats_feed.stream.FeedStream.close", killed)
        with pytest.raises(ConnectionError):
            await at.write()
    at.restart()
    await at.write()
    assert await at.stored() == []
    await at.desk.act("health", "resume")
    await at.write()
    async with at.reader("health") as health:
        assert event_kinds(await health.read()) == news(2)


# -- gaps


async def keep_only(at: NatsDesk, most: int) -> None:
    """The stream drops its oldest messages by a limit of its own."""
    await streams.ensure_stream(at.admin, streams.feed("VN") | {"max_msgs": most})


def gap_of(events: list[dict[str, Any]]) -> dict[str, Any]:
    [found] = [each for each in events if each["type"] == "suar.feed.gap"]
    return found


async def rest_by_http(at: NatsDesk, token: str, event: dict[str, Any]) -> list[tuple[str, str]]:
    """What HTTP has from the place that a gap names."""
    after = event["data"]["after"]
    return event_kinds(await at.desk.batched(token, event["data"]["feed"] + (f"&after={after}" if after else "")))


async def test_what_the_stream_dropped_unread_is_reported_with_the_way_to_it(at: NatsDesk) -> None:
    token = await at.register("health")
    await at.desk.receive(*map(urgent, range(1, 6)))
    await at.write()
    async with at.reader("health") as program:
        assert event_kinds(await program.read(most=1)) == news(1)
        await keep_only(at, 2)
        await keep_only(at, -1)
        await at.write()
        events = await program.read()
    assert event_kinds(events)[:2] == news(4, 5)
    assert len(events) == 3
    assert await rest_by_http(at, token, gap_of(events)) == news(2, 3, 4, 5)


async def test_what_was_read_is_dropped_without_a_word(at: NatsDesk) -> None:
    await at.register("health")
    await at.desk.receive(urgent(1), urgent(2))
    await at.write()
    async with at.reader("health") as program:
        assert event_kinds(await program.read()) == news(1, 2)
        await call(at.admin, f"STREAM.PURGE.{STREAM}", {})
        await at.write()
        assert await program.read() == []


async def test_after_seven_days_an_event_is_erased_and_reported_if_it_was_not_read(at: NatsDesk) -> None:
    token = await at.register("health")
    await at.register("police")
    await at.desk.receive(urgent(1), urgent(2))
    await at.write()
    async with at.reader("health") as health, at.reader("police") as police:
        await police.read()
        at.desk.kit.now += HELD_MS - 1
        await at.write()
        assert len(await at.stored()) == 4
        at.desk.kit.now += 1
        await at.write()
        assert [each["type"] for each in await at.stored()] == ["suar.feed.gap"]
        assert await rest_by_http(at, token, gap_of(await health.read())) == news(1, 2)
        assert await police.read() == []


@pytest.mark.parametrize("is_read", [False, True])
async def test_what_was_dropped_while_the_gateway_was_away_is_reported(at: NatsDesk, is_read: bool) -> None:
    token = await at.register("health")
    await at.desk.receive(urgent(1), urgent(2))
    await at.write()
    async with at.reader("health") as program:
        if is_read:
            await program.read()
        at.desk.kit.now += AWAY_MS + 1
        await keep_only(at, 1)
        at.restart()
        await at.write()
        events = await program.read()
    assert bool(events) is not is_read
    if not is_read:
        assert await rest_by_http(at, token, gap_of(events)) == news(1, 2)


async def test_a_gateway_that_was_away_for_days_invents_no_gap(at: NatsDesk) -> None:
    await at.register("health")
    await at.desk.receive(urgent(1), urgent(2))
    await at.write()
    at.desk.kit.now += AWAY_MS + 1
    at.restart()
    await at.write()
    async with at.reader("health") as program:
        assert event_kinds(await program.read()) == news(1, 2)


async def test_a_stream_that_was_made_again_is_reported_and_filled_again(at: NatsDesk) -> None:
    await at.register("health")
    await at.desk.receive(urgent(1), urgent(2))
    await at.write()
    await call(at.admin, f"STREAM.DELETE.{STREAM}")
    await streams.ensure_stream(at.admin, streams.feed("VN"))
    at.restart()
    await at.desk.receive(urgent(3))
    await at.write()
    async with at.reader("health") as program:
        assert [each["type"] for each in await program.read()] == ["suar.feed.gap", NEW]


async def test_an_event_that_no_message_of_the_server_holds_is_read_by_http(
    at: NatsDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = await at.register("health")
    monkeypatch.setattr(publishing, "EVENT_MAX", 100)
    await at.desk.receive(urgent(1))
    await at.write()
    async with at.reader("health") as program:
        assert await rest_by_http(at, token, gap_of(await program.read())) == news(1)


# -- what an agency may not have any more


async def test_a_list_that_closes_a_kind_erases_it_from_the_stream(at: NatsDesk) -> None:
    await at.register("health")
    await at.desk.receive(urgent(1))
    await at.write()
    kit = at.desk.kit
    rows = [[*row] for row in kit.lists.members]
    next(row for row in rows if row[0] == "VN")[5] = ["trend"]
    kit.lists = kit.lists.after(members=rows)
    trust_list = (f"tip.v1.xa.a.trust.all.{kit.lists.version}", kit.lists.signed())
    await at.desk.gateway.core.run(kit.receive, trust_list)
    await at.write()
    assert await at.stored() == []


async def test_a_tombstone_loses_its_reason_when_the_message_would_have_expired(at: NatsDesk) -> None:
    await at.register("health")
    cancelled = SOON | {"rev": 2, "action": "cancel", "reason": "the hotel was wrong"}
    await at.desk.receive(urgent(1, **SOON), urgent(1, **cancelled))
    await at.write()
    assert [each["data"]["tombstone"]["reason"] for each in await at.stored()] == ["the hotel was wrong"]
    at.desk.kit.now += 6 * limits.DAY
    at.restart()
    await at.write()
    assert [each["data"]["tombstone"]["reason"] for each in await at.stored()] == [None]
    async with at.reader("health") as program:
        assert event_kinds(await program.read()) == [(id_of(1), "suar.message.cancel")]


async def test_what_is_of_no_agency_that_is_known_is_purged(at: NatsDesk) -> None:
    publisher = Publisher(at.admin)
    more = {"Suar-Before": "x", "Suar-At": "1"}
    await (await publisher.publish("feed.ghost.alert.th.X", b"{}", "ghost.0/X/1", more=more))
    await at.register("health")
    await at.write()
    assert (await at.state())["messages"] == 0


async def test_the_audit_has_a_line_an_hour(at: NatsDesk) -> None:
    await at.register("health")
    for number in (1, 2):
        await at.desk.receive(urgent(number))
        await at.write()
    lines = (await at.desk.call("GET", "/v1/audit")).json()["lines"]
    assert [each["about"] for each in lines if each["who"] == "agency/health"] == ["nats actual"]
    await at.desk.gateway.core.run(at.desk.gateway.agency_texts.keep, at_once=True)
    audit_lines = rows(at.desk.kit, "select who, about from audit where what = 'given'")
    assert audit_lines == [("agency/health", f"{id_of(1)} 1 {id_of(2)} 1")], "and which texts, once"


def test_the_example_of_a_gap_in_the_documents_is_json() -> None:
    [example] = [json.loads(each) for each in WHOLE.split("\n") if each.startswith('{"specversion"')]
    assert example["type"] == publishing.GAP_TYPE
