"""Agencies over real HTTP: what a registration opens, when it ends, and that its token does nothing else."""

import asyncio
import json
from types import SimpleNamespace
from typing import Any

import pytest

from suar.api.calls import feed as feed_api
from suar.api.calls.feed import FeedResponse
from suar.api.contract.taxii import COLLECTIONS
from suar.protocol.base import limits
from suar.protocol.base.instants import instant, milliseconds
from suar.service.access import agency_texts as texts
from suar.service.access import registry
from suar.service.access.agencies import ROTATION_MS
from suar.service.feed import pages
from suar.service.feed import subscriptions as feeds
from suar.service.feed.positions import FeedSelection
from suar.service.process.background import loop_agency_feed
from support.agency_desk import BATCH, LOCAL, NKEYS, Desk, data
from support.corekit import frame_of, rows
from support.gateways import eventually
from support.kit import id_of, urgent
from support.patience import PATIENCE
from support.problems import problem
from support.shipped import shipped

OWN = "VN-ALERT-2027-000001"


def ids(found: list[dict[str, Any]]) -> list[str]:
    return [each["id"] for each in found]


# -- registering


async def test_an_agency_is_registered_listed_and_shown(desk: Desk) -> None:
    wanted = {"name": "hotline", "sector": "civil-society", "kinds": ["trend", "alert"], "max_tlp": "GREEN"}
    made = await desk.call("POST", "/v1/agencies", json=wanted)
    assert (made.status_code, made.headers["location"]) == (201, "/v1/agencies/hotline")
    assert set(made.json()) == {"name", "token", "webhook_secret", "expires"}
    assert made.json()["webhook_secret"] is None
    shown = (await desk.call("GET", made.headers["location"])).json()
    assert shown == (await desk.call("GET", "/v1/agencies")).json()[0]
    assert {name: shown[name] for name in ("state", "kinds", "realm", "automated", "maker", "last_used")} == {
        "state": "active", "kinds": ["alert", "trend"], "realm": "actual", "automated": False, "maker": "local",
        "last_used": None,
    }  # fmt: skip
    assert shown["expires"] == made.json()["expires"] == "2028-01-15T08:00:00Z"
    assert rows(desk.kit, "select who, what, about from audit where what like 'agency%'") == [
        ("local", "agency-add", "hotline: civil-society, alert+trend, GREEN, actual")
    ]


async def test_a_token_is_kept_as_a_hash_alone(desk: Desk) -> None:
    token = await desk.register()
    secret = token.removeprefix("suar_agency_").encode()
    files = [path for path in desk.kit.folder.rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if secret in path.read_bytes()]
    listed = (await desk.call("GET", "/v1/agencies")).text
    assert token not in listed
    assert "hash" not in listed


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"name": "Health"}, 400), ({"name": "../x"}, 400), ({"name": "a" * 33}, 400), ({"sector": "media"}, 400),
        ({"kinds": []}, 400), ({"kinds": ["receipt"]}, 400), ({"kinds": ["*"]}, 400), ({"max_tlp": "WHITE"}, 400),
        ({"realm": "both"}, 400), ({"expires": "tomorrow"}, 400), ({"expires": "2027-01-15T08:00:00Z"}, 409),
        ({"expires": "2028-01-15T08:00:01Z"}, 409), ({"highest": "RED"}, 400),
        ({"max_tlp": "RED"}, 400), ({"max_tlp": "AMBER+STRICT"}, 400), ({"automated": "yes"}, 400),
    ],
)  # fmt: skip
async def test_what_no_agency_can_be(desk: Desk, changes: dict[str, Any], status: int) -> None:
    wanted = {"name": "health", "sector": "health", "kinds": ["alert"], "max_tlp": "AMBER"} | changes
    code = "E-HTTP-VALUE" if status == 400 else "E-HTTP-CONFLICT"
    refusal = problem(await desk.call("POST", "/v1/agencies", json=wanted), status, code)
    assert "../x" not in json.dumps(refusal)
    assert (await desk.call("GET", "/v1/agencies")).json() == []


async def test_a_name_is_used_once(desk: Desk) -> None:
    await desk.register()
    again = {"name": "health", "sector": "health", "kinds": ["alert"], "max_tlp": "AMBER"}
    problem(await desk.call("POST", "/v1/agencies", json=again), 409, "E-HTTP-CONFLICT")
    await desk.act("health", "revoke")
    problem(await desk.call("POST", "/v1/agencies", json=again), 409, "E-HTTP-CONFLICT")
    for act in ("rotate", "suspend", "resume"):
        problem(await desk.call("POST", f"/v1/agencies/health/{act}"), 404, "E-HTTP-NOT-FOUND")
    problem(await desk.call("DELETE", "/v1/agencies/health"), 404, "E-HTTP-NOT-FOUND")
    problem(await desk.call("GET", "/v1/agencies/nobody"), 404, "E-HTTP-NOT-FOUND")


async def test_the_last_call_of_a_token_is_reported_and_kept(desk: Desk) -> None:
    token = await desk.register()
    desk.kit.now += limits.HOUR
    await desk.streamed(token)
    assert (await desk.call("GET", "/v1/agencies/health")).json()["last_used"] == "2027-01-15T09:00:00Z"
    await desk.gateway.core.run(desk.gateway.uses.keep)
    assert dict(rows(desk.kit, "select name, at from last_use")) == {
        "agency/health": desk.kit.now, "local": desk.kit.now,
    }  # fmt: skip
    desk.kit.now += limits.MINUTE // 2  # nothing is written before a minute has passed
    await desk.streamed(token)
    await desk.gateway.core.run(desk.gateway.uses.keep)
    assert dict(rows(desk.kit, "select name, at from last_use"))["agency/health"] == desk.kit.now - limits.MINUTE // 2


async def test_the_last_use_of_a_token_of_ours_is_listed(desk: Desk) -> None:
    made = await desk.call("POST", "/v1/tokens", json={"name": "police", "scopes": ["read"]})
    [row] = (await desk.call("GET", "/v1/tokens")).json()
    assert row["last_used_at"] is None
    await desk.streamed(made.json()["token"])
    [row] = (await desk.call("GET", "/v1/tokens")).json()
    assert row["last_used_at"] == desk.kit.now


# -- what it opens


async def test_an_agency_reads_what_its_registration_opens(desk: Desk) -> None:
    await desk.receive(
        urgent(1), urgent(2, tlp="GREEN"), urgent(3, tlp="AMBER+STRICT"), urgent(4, handling=["law-enforcement-only"]),
        urgent(5, handling=["no-automated-decision"]), urgent(6, audience={"members": "all", "sectors": ["labour"]}),
    )  # fmt: skip
    health = await desk.register()
    police = await desk.register(name="police", sector="law-enforcement")
    green = await desk.register(name="green", max_tlp="GREEN")
    machine = await desk.register(name="machine", automated=True)
    trends = await desk.register(name="trends", kinds=["trend"])
    found = {name: [each[-3] for each in ids(data(await desk.streamed(token)))] for name, token in {
        "health": health, "police": police, "green": green, "machine": machine, "trends": trends,
    }.items()}  # fmt: skip
    assert found == {
        "health": ["1", "2", "5"], "police": ["1", "2", "4", "5"], "green": ["2"], "machine": ["1", "2"], "trends": [],
    }  # fmt: skip


async def test_the_sandbox_sees_exercises_alone(desk: Desk) -> None:
    await desk.receive(urgent(1))
    await desk.gateway.core.run(desk.kit.receive, frame_of(desk.drills, urgent(2, status="exercise")))
    sandbox = await desk.register(name="sandbox", realm="exercise")
    both = await desk.register(name="both", realm="all")
    actual = await desk.register()
    assert ids(data(await desk.streamed(sandbox))) == [f"{id_of(2)}/1"]
    assert await desk.streamed(sandbox, "&status=actual") == []
    assert ids(data(await desk.streamed(both, "&status=all"))) == [f"{id_of(1)}/1", f"{id_of(2)}/1"]
    assert await desk.streamed(actual, "&status=exercise") == []


async def test_a_token_of_an_agency_opens_nothing_but_the_feed(desk: Desk) -> None:
    await desk.receive(urgent(1))
    token = await desk.register()
    for method, path in (
        ("GET", "/v1/messages"), ("GET", f"/v1/messages/{id_of(1)}"), ("GET", f"/v1/messages/{id_of(1)}/export?as=cap"),
        ("POST", "/v1/messages"), ("GET", "/v1/tokens"), ("GET", "/v1/agencies"), ("GET", "/v1/agencies/health"),
        ("POST", "/v1/agencies/health/resume"), ("GET", "/metrics"), ("GET", "/v1/peers"), ("GET", "/v1/progress"),
        ("POST", f"/v1/messages/{id_of(1)}/receipts"), ("GET", "/v1/held"), ("GET", "/v1/audit"),
    ):  # fmt: skip
        problem(await desk.call(method, path, token), 403, "E-HTTP-SCOPE")


async def test_an_agency_asks_for_no_other_agencys_feed(desk: Desk) -> None:
    await desk.receive(urgent(1, handling=["law-enforcement-only"]))
    health, _ = await desk.register(), await desk.register(name="police", sector="law-enforcement")
    problem(await desk.call("GET", "/v1/feed?follow=false&agency=police", health), 404, "E-HTTP-NOT-FOUND")
    assert await desk.streamed(health, "&agency=health") == []
    assert len(await desk.streamed(LOCAL, "&agency=police")) == 1  # the focal point sees what it gives
    problem(await desk.call("GET", "/v1/feed?follow=false&agency=nobody"), 404, "E-HTTP-NOT-FOUND")


async def test_a_position_is_of_one_agency(desk: Desk) -> None:
    await desk.receive(urgent(1))
    health, other = await desk.register(), await desk.register(name="other")
    [event] = await desk.streamed(health)
    assert await desk.streamed(health, **{"Last-Event-ID": event.position}) == []
    for token in (other, LOCAL):
        answer = await desk.call("GET", f"/v1/feed?follow=false&own=true&after={event.position}", token)
        problem(answer, 400, "E-HTTP-VALUE")


async def test_what_the_own_member_published_is_served_unless_excluded(desk: Desk) -> None:
    token = await desk.register()
    selection = FeedSelection(has_own=True, agency="health")
    assert selection.selection("VN").not_origin is None
    assert await desk.streamed(token, "&own=false") == []


# -- what changes


async def test_a_tombstone_comes_and_the_text_does_not(desk: Desk) -> None:
    token = await desk.register()
    await desk.receive(urgent(1))
    [first] = await desk.batched(token)
    await desk.receive(urgent(1, rev=2, action="cancel", reason="wrong"))
    [cancel] = await desk.batched(token, f"/v1/feed?after={first['suarposition']}")
    assert (cancel["type"], cancel["data"]["message"]) == ("suar.message.cancel", None)
    assert cancel["data"]["tombstone"]["reason"] == "wrong"
    assert ids(await desk.batched(token)) == [f"{id_of(1)}/2"]
    desk.kit.now += 60 * limits.DAY  # whoever comes back after it has expired hears of it nevertheless
    await desk.register(name="late")
    [late] = [e for e in await desk.batched(LOCAL, "/v1/feed?agency=health&status=actual") if e["subject"] == id_of(1)]
    assert late["data"]["tombstone"] == {"rev": 2, "sent": "2027-01-15T08:00:00Z", "reason": None}


async def test_an_expiry_is_an_event_with_a_head_alone(desk: Desk) -> None:
    token = await desk.register()
    await desk.receive(urgent(1, expires="2027-01-15T09:00:00Z"), urgent(2), urgent(3, expires="2027-01-15T08:30:00Z"))
    await desk.receive(urgent(4, tlp="AMBER+STRICT", expires="2027-01-15T09:00:00Z"))  # it never had that
    before = await desk.batched(token)
    assert ids(before) == [f"{id_of(number)}/1" for number in (1, 2, 3)]
    desk.kit.now += limits.HOUR
    query = f"/v1/feed?after={before[-1]['suarposition']}"
    expired = await desk.batched(token, query)
    assert ids(expired) == [f"{id_of(3)}/1/expire", f"{id_of(1)}/1/expire"]
    assert (expired[0]["type"], expired[0]["time"]) == ("suar.message.expire", "2027-01-15T08:30:00Z")
    assert [expired[0]["data"][name] for name in ("state", "title", "message", "tombstone")] == [
        "expired", None, None, None,
    ]  # fmt: skip
    assert "Office jobs" not in json.dumps(expired)
    again = await desk.batched(token, f"/v1/feed?after={expired[0]['suarposition']}")
    assert ids(again) == ids(expired[1:])  # each once, from any position on
    assert await desk.batched(token, f"/v1/feed?after={expired[1]['suarposition']}") == []
    assert ids(await desk.batched(token)) == [f"{id_of(2)}/1"]  # who begins now is told of nothing that is over
    assert ids(await desk.batched(LOCAL)) == [f"{id_of(number)}/1" for number in (1, 2, 3, 4)]


async def test_an_expiry_reaches_a_stream_that_is_open(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_api, "KEEP_ALIVE", 0.05)
    token = await desk.register()
    await desk.receive(urgent(1, expires="2027-01-15T09:00:00Z"))
    async with desk.following(token) as lines, asyncio.timeout(60):
        types = []
        async for line in lines:
            if line.startswith("data: "):
                types.append(json.loads(line.removeprefix("data: "))["type"])
                desk.kit.now += limits.HOUR
            if len(types) == 2:
                break
    assert types == ["suar.message.new", "suar.message.expire"]


# -- when it ends


@pytest.mark.parametrize("has_news", [True, False])
@pytest.mark.parametrize("act", ["suspend", "revoke"])
async def test_open_streams_end_at_once(desk: Desk, monkeypatch: pytest.MonkeyPatch, act: str, has_news: bool) -> None:
    """Not at the next sign of life, which comes every 15 seconds, and here later than the test waits.

    Nor at the next message, of which the stream then has nothing.
    """
    monkeypatch.setattr(feed_api, "KEEP_ALIVE", 2 * PATIENCE)
    token = await desk.register()
    await desk.receive(urgent(1))
    async with desk.following(token) as lines, asyncio.timeout(PATIENCE):
        async for line in lines:
            if line.startswith("data: "):
                await desk.act("health", act)
                if has_news:
                    await desk.receive(urgent(2))
            assert id_of(2) not in line
    refusal = problem(await desk.call("GET", "/v1/feed?follow=false", token), 401, "E-HTTP-TOKEN")
    assert refusal["detail"] == f"the agency is {'suspended' if act == 'suspend' else 'revoked'}"
    problem(await desk.call("GET", "/v1/feed?follow=false&agency=health"), 404, "E-HTTP-NOT-FOUND")


@pytest.mark.parametrize("act", ["suspend", "revoke"])
async def test_nothing_that_an_agency_reads_waits_for_a_timer_to_end(desk: Desk, act: str) -> None:
    """Its stream is told to end before the call is answered, and so is the loop of the NATS server, whose own timer
    and pause together are less than a second."""
    await desk.register(nkey=NKEYS[0])
    stream = await desk.gateway.open_feed(FeedSelection(has_own=True, agency="health"), "agency/health", None)
    desk.wake.agencies.clear()
    assert not stream.ended.is_set()
    await desk.act("health", act)
    assert (stream.ended.is_set(), desk.wake.agencies.is_set()) == (True, True)
    await stream.close()
    assert loop_agency_feed.EVERY + loop_agency_feed.PAUSE < 1


async def test_a_revoked_token_of_ours_ends_its_streams_at_once_too(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_api, "KEEP_ALIVE", 2 * PATIENCE)
    made = await desk.call("POST", "/v1/tokens", json={"name": "police", "scopes": ["read"]})
    async with desk.following(made.json()["token"]) as lines, asyncio.timeout(PATIENCE):
        async for line in lines:
            if line.startswith("id: "):
                assert (await desk.call("DELETE", "/v1/tokens/police")).status_code == 200


async def test_the_answer_about_an_agency_that_has_expired_is_its_state(desk: Desk) -> None:
    """A suspended one that has expired does not become active by being resumed."""
    token = await desk.register(expires="2027-06-01T00:00:00Z")
    assert (await desk.call("POST", "/v1/agencies/health/suspend")).json()["state"] == "suspended"
    assert (await desk.call("POST", "/v1/agencies/health/resume")).json()["state"] == "active"
    await desk.act("health", "suspend")
    desk.kit.now = milliseconds("2027-06-01T00:00:00Z")
    assert (await desk.call("POST", "/v1/agencies/health/suspend")).json() == {"name": "health", "state": "expired"}
    refusal = problem(await desk.call("POST", "/v1/agencies/health/resume"), 409, "E-HTTP-CONFLICT")
    assert (refusal["detail"], "--expires" in refusal["hint"]) == ("the agency has expired", True)
    assert (await desk.call("GET", "/v1/agencies/health")).json()["suspended"] is not None
    later = {"expires": "2027-12-01T00:00:00Z"}
    assert (await desk.call("POST", "/v1/agencies/health/rotate", json=later)).status_code == 200
    problem(await desk.call("GET", "/v1/feed?follow=false", token), 401, "E-HTTP-TOKEN")
    assert (await desk.call("POST", "/v1/agencies/health/resume")).json()["state"] == "active"
    assert (await desk.call("GET", "/v1/feed?follow=false", token)).status_code == 200
    desk.kit.now = milliseconds("2027-12-01T00:00:00Z")
    assert (await desk.call("DELETE", "/v1/agencies/health")).json()["state"] == "revoked"


async def test_an_expired_agency_is_renewed_only_while_there_is_room(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "AGENCIES_MAX", 1)
    await desk.register(expires="2027-06-01T00:00:00Z")
    body = {"name": "ward", "sector": "health", "kinds": ["alert"], "max_tlp": "AMBER"}
    refusal = problem(await desk.call("POST", "/v1/agencies", json=body), 409, "E-HTTP-CONFLICT")
    assert "end one first" in refusal["hint"]
    desk.kit.now = milliseconds("2027-06-01T00:00:00Z")
    assert (await desk.call("POST", "/v1/agencies", json=body)).status_code == 201
    later = {"expires": "2027-12-01T00:00:00Z"}
    problem(await desk.call("POST", "/v1/agencies/health/rotate", json=later), 409, "E-HTTP-CONFLICT")
    assert (await desk.call("POST", "/v1/agencies/ward/rotate", json=later)).status_code == 200
    assert (await desk.call("DELETE", "/v1/agencies/ward")).status_code == 200
    assert (await desk.call("POST", "/v1/agencies/health/rotate", json=later)).status_code == 200


async def test_a_resumed_agency_continues_at_its_position(desk: Desk) -> None:
    token = await desk.register()
    await desk.receive(urgent(1))
    [first] = await desk.batched(token)
    await desk.act("health", "suspend")
    await desk.receive(urgent(2))
    await desk.act("health", "resume")
    assert ids(await desk.batched(token, f"/v1/feed?after={first['suarposition']}")) == [f"{id_of(2)}/1"]


async def test_a_rotated_token_is_good_for_a_day_more(desk: Desk) -> None:
    old = await desk.register(expires="2027-06-01T00:00:00Z")
    made = (await desk.call("POST", "/v1/agencies/health/rotate")).json()
    assert made["expires"] == "2027-06-01T00:00:00Z"  # a rotation does not extend what was agreed
    assert made["old_token_until"] == "2027-01-16T08:00:00Z"
    for token in (old, made["token"]):
        assert await desk.streamed(token) == []
    desk.kit.now += ROTATION_MS
    problem(await desk.call("GET", "/v1/feed?follow=false", old), 401, "E-HTTP-TOKEN")
    assert await desk.streamed(made["token"]) == []


async def test_of_two_rotations_in_a_day_only_the_last_leaves_a_token(desk: Desk) -> None:
    first = await desk.register()
    second = (await desk.call("POST", "/v1/agencies/health/rotate")).json()["token"]
    third = (await desk.call("POST", "/v1/agencies/health/rotate")).json()["token"]
    problem(await desk.call("GET", "/v1/feed?follow=false", first), 401, "E-HTTP-TOKEN")
    for token in (second, third):
        assert await desk.streamed(token) == []


async def test_a_registration_expires_and_is_extended_by_name(desk: Desk) -> None:
    token = await desk.register(expires="2027-01-15T09:00:00Z")
    desk.kit.now += limits.HOUR
    for path in (
        "/v1/feed?follow=false", "/v1/feeds/cap.atom", "/taxii2/", ALERTS, "/v1/data/trends.csv",
        "/v1/data/trends.sdmx.csv",
    ):  # fmt: skip
        refusal = problem(await desk.call("GET", path, token), 401, "E-HTTP-TOKEN")
        assert refusal["detail"] == "the agency is expired", path
    problem(await desk.call("POST", "/v1/agencies/health/rotate"), 409, "E-HTTP-CONFLICT")
    made = await desk.call("POST", "/v1/agencies/health/rotate", json={"expires": "2027-02-01T00:00:00Z"})
    assert await desk.streamed(made.json()["token"]) == []


async def test_a_member_that_is_suspended_gives_its_agencies_nothing(desk: Desk) -> None:
    from support.kit import MEMBERS, actor, member_row

    token = await desk.register()
    await desk.receive(urgent(1))
    listed = [member_row(actor(code), "suspended" if code == "VN" else "active") for code in MEMBERS]
    desk.kit.lists = desk.kit.lists.after(members=listed)
    trust_list = (f"tip.v1.xa.a.trust.all.{desk.kit.lists.version}", desk.kit.lists.signed())
    await desk.gateway.core.run(desk.kit.receive, trust_list)
    assert await desk.streamed(token) == []


# -- what it may hold


async def test_agencies_leave_the_feeds_of_our_programs_alone(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "OPEN_AGENCIES", 1)
    token, other = await desk.register(), await desk.register(name="other")
    async with desk.following(token) as lines:
        await anext(lines)
        problem(await desk.call("GET", "/v1/feed?follow=false", other), 429, "E-HTTP-RATE")
        assert await desk.streamed(LOCAL) == []

    async def nobody_reads() -> bool:
        return desk.gateway.feed_readers == 0

    await eventually(nobody_reads)


async def test_polling_writes_one_line_of_the_audit(desk: Desk) -> None:
    token = await desk.register()
    for _ in range(5):
        await desk.batched(token, "/v1/feed?kind=alert")
        await desk.streamed(token, "&origin=TH")
    lines = "select who, what, about from audit where who = 'agency/health'"
    assert rows(desk.kit, lines) == [("agency/health", "feed", "actual")]
    assert rows(desk.kit, "select count(read_at) from message") == [(0,)]


TREND = "TH-TREND-2027-000001"


async def recorded_readers(desk: Desk, id_: str) -> list[tuple[str, int, str]]:
    """Which agencies were given a text of a message."""
    found = (await desk.call("GET", f"/v1/messages/{id_}/agencies")).json()
    return [(each["agency"], each["rev"], each["at"]) for each in found["given"]]


ALERTS = f"/taxii2/root/collections/{next(each.id for each in COLLECTIONS if each.alias == 'alert')}/objects/"


@pytest.mark.parametrize(
    ("path", "accept", "texts_given"),
    [
        ("/v1/feed", BATCH, [id_of(1), id_of(3), TREND]),
        ("/v1/feeds/cap.atom", "*/*", [id_of(1), id_of(3)]),
        (f"/v1/feeds/cap/{id_of(1)}", "*/*", [id_of(1)]),
        (ALERTS, "application/*", [id_of(1), id_of(3)]),
        ("/v1/data/trends.csv", "*/*", [TREND]),
        ("/v1/data/trends.sdmx.csv", "*/*", [TREND]),
    ],
    ids=["feed", "cap", "one cap", "taxii", "csv", "sdmx"],
)
async def test_who_read_a_text_is_shown_here_with_the_first_time(
    desk: Desk, path: str, accept: str, texts_given: list[str]
) -> None:
    """Before, the audit said only that an agency had read something in an hour."""
    await desk.receive(urgent(1), urgent(2, tlp="AMBER+STRICT"), urgent(3), shipped("trend-detected-by-sex", 1))
    token = await desk.register()

    async def read() -> None:
        answer = await desk.call("GET", path, token, headers={"Accept": accept})
        assert answer.status_code == 200, answer.text

    assert await recorded_readers(desk, id_of(1)) == []
    first = instant(desk.kit.now)
    for _ in range(2):
        await read()
        desk.kit.now += limits.HOUR
    expected = {id_: [("health", 1, first)] if id_ in texts_given else [] for id_ in (*map(id_of, (1, 2, 3)), TREND)}
    assert {id_: await recorded_readers(desk, id_) for id_ in expected} == expected
    for _ in range(2):
        await desk.gateway.core.run(desk.gateway.agency_texts.keep, at_once=True)
        kept = rows(desk.kit, "select id, agency, rev from agency_given order by id")
        assert kept == [(id_, "health", 1) for id_ in texts_given]
        noted = rows(desk.kit, "select who, about from audit where what = 'given'")
        assert noted == [("agency/health", " ".join(f"{id_} 1" for id_ in texts_given))], "once, by id"
        assert {id_: await recorded_readers(desk, id_) for id_ in expected} == expected
        await read()


async def test_who_disconnects_in_the_middle_of_a_page_is_recorded_as_a_reader(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before, nothing of a page was noted when its reader left before all of it was sent."""
    monkeypatch.setattr(pages, "PIECE", 1)
    await desk.receive(urgent(1), urgent(2), urgent(3))
    token = await desk.register()
    context: Any = SimpleNamespace(gateway=desk.gateway, stopping=asyncio.Event())
    reading = await desk.gateway.open_feed(FeedSelection(has_own=True, agency="health"), "agency/health", None)
    taken, left, never = list[bytes](), asyncio.Event(), asyncio.Event()

    async def receive() -> Any:
        await left.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        """As a connection whose buffers are full: it waits before the call that follows the second text."""
        if len(taken) == 2:
            left.set()
            await never.wait()
        taken.extend([message["body"]] if b"data:" in message.get("body", b"") else [])

    scope: Any = {"type": "http"}
    await FeedResponse(context, reading, lambda: desk.gateway.authenticate(token), follow=True)(scope, receive, send)
    assert [id_of(number).encode() in taken[number - 1] for number in (1, 2)] == [True, True]
    assert [len(await recorded_readers(desk, id_of(number))) for number in (1, 2, 3)] == [1, 1, 0]


async def test_a_withdrawal_or_a_tombstone_gives_no_text(desk: Desk) -> None:
    token = await desk.register()
    await desk.receive(urgent(1), urgent(2))
    await desk.batched(token, "/v1/feed")
    await desk.receive(
        urgent(1, rev=2, action="update", tlp="AMBER+STRICT"), urgent(2, rev=2, action="cancel", reason="x")
    )
    desk.kit.now += 1_000
    await desk.batched(token, "/v1/feed")
    assert [await recorded_readers(desk, id_of(number)) for number in (1, 2)] == [
        [("health", 1, "2027-01-15T08:00:00Z")]
    ] * 2


async def test_a_tombstone_says_here_how_many_agencies_had_the_text(desk: Desk) -> None:
    """Before, it said that nothing had left the gateway, where an agency had taken the text."""
    token = await desk.register()
    await desk.receive(urgent(1))
    await desk.batched(token, "/v1/feed")
    await desk.gateway.core.run(desk.gateway.agency_texts.keep, at_once=True)
    await desk.receive(urgent(1, rev=2, action="cancel", reason="wrong"))
    tombstone = (await desk.call("GET", f"/v1/messages/{id_of(1)}?rev=1")).json()["tombstone"]
    assert (tombstone["exports"], tombstone["agencies"]) == (0, 1)
    assert "Agencies here that had it before the recall: 1." in json.dumps(
        (await desk.call("GET", f"/v1/messages/{id_of(1)}?rev=1&lang=en")).json()["reading"]
    )
    [event] = await desk.batched(token, "/v1/feed?kind=alert")
    assert "agencies" not in json.dumps(event), "that is for this member's own people"


async def test_what_waits_to_be_kept_is_bounded_and_nothing_is_lost(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(texts, "NOTED_MAX", 2)
    await desk.receive(*map(urgent, range(1, 6)))
    await desk.batched(await desk.register(), "/v1/feed")
    assert len(rows(desk.kit, "select id from agency_given")) == 4
    assert [len(await recorded_readers(desk, id_of(number))) for number in range(1, 6)] == [1] * 5


async def test_what_was_read_and_not_sent_is_read_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A slow reader does not get a text that was recalled while it waited in a page."""
    monkeypatch.setattr(feed_api, "FRESH", 0.0)
    monkeypatch.setattr(pages, "PIECE", 1)
    token = await desk.register()
    await desk.receive(urgent(1), urgent(2))
    read_page, recalled = feeds.Subscription.next_page, list[bool]()

    async def then_recalled(self: feeds.Subscription) -> pages.Page:
        page = await read_page(self)
        if not recalled:
            recalled.append(True)
            await desk.receive(urgent(2, rev=2, action="cancel", reason="wrong"))
        return page

    monkeypatch.setattr(feeds.Subscription, "next_page", then_recalled)
    assert [(each["subject"], each["type"]) for each in data(await desk.streamed(token))] == [
        (id_of(1), "suar.message.new"),
        (id_of(2), "suar.message.cancel"),
    ]


# -- a stricter revision


async def test_a_stricter_revision_is_reported_to_who_had_the_one_before_and_to_nobody_else(desk: Desk) -> None:
    had, never = await desk.register(), await desk.register(name="labour", sector="labour", max_tlp="GREEN")
    secret = [{"lang": "en", "title": "A closed title", "summary": "A closed text"}]
    await desk.receive(urgent(1), urgent(2))
    [*_, last] = await desk.streamed(had)
    desk.kit.now += limits.MINUTE
    await desk.receive(urgent(1, rev=2, action="update", tlp="AMBER+STRICT", text=secret))
    for found in (data(await desk.streamed(had, **{"Last-Event-ID": last.position})), await desk.batched(had)):
        [event] = [each for each in found if each["subject"] == id_of(1)]
        assert (event["id"], event["type"]) == (f"{id_of(1)}/1/withdraw", "suar.message.withdraw")
        assert event["time"] == "2027-01-15T08:00:00Z", "when the stricter one came is not told"
        event_data = event["data"]
        assert (event_data["rev"], event_data["tlp"], event_data["state"], event_data["action"]) == (
            1,
            "AMBER",
            "withdrawn",
            "withdraw",
        )
        assert {event_data[name] for name in ("title", "message", "tombstone")} == {None}
        assert "closed" not in json.dumps(event)
        assert "STRICT" not in json.dumps(event)
    assert await desk.batched(never) == []


async def test_a_withdrawn_message_comes_back_with_a_revision_that_may_be_read(desk: Desk) -> None:
    token = await desk.register()
    await desk.receive(urgent(1), urgent(1, rev=2, action="update", tlp="AMBER+STRICT"))
    await desk.receive(urgent(1, rev=3, action="update", handling=["law-enforcement-only"]))
    assert ids(await desk.batched(token)) == [f"{id_of(1)}/1/withdraw"], "also over two revisions that it never saw"
    await desk.receive(urgent(1, rev=4, action="update"))
    assert ids(await desk.batched(token)) == [f"{id_of(1)}/4"]


@pytest.mark.parametrize("stricter", [{"tlp": "AMBER+STRICT"}, {"handling": ["law-enforcement-only"]}])
@pytest.mark.parametrize("times", [1, 10])
@pytest.mark.parametrize("is_recalled", [True, False])
async def test_who_has_a_text_is_informed_over_stricter_revisions_and_their_recall(
    desk: Desk, stricter: dict[str, Any], times: int, is_recalled: bool
) -> None:
    had = await desk.register()
    never = [
        await desk.register(name="labour", sector="labour", max_tlp="GREEN"),
        await desk.register(name="trends", kinds=["trend"]),
    ]
    await desk.receive(urgent(1), urgent(2, handling=["law-enforcement-only"]))
    [*_, last] = await desk.streamed(had)
    desk.kit.now += limits.MINUTE
    for rev in range(2, times + 2):
        await desk.receive(*(urgent(n, rev=rev, action="update", **stricter) for n in (1, 2)))
    if is_recalled:
        await desk.receive(*(urgent(n, rev=times + 2, action="cancel", reason="wrong", **stricter) for n in (1, 2)))
        assert rows(desk.kit, "select count(*) from message where body is not null") == [(2,)], "the texts are gone"
    for found in (data(await desk.streamed(had, **{"Last-Event-ID": last.position})), await desk.batched(had)):
        assert [(each["id"], each["data"]["rev"]) for each in found] == [(f"{id_of(1)}/1/withdraw", 1)]
        assert "wrong" not in json.dumps(found)
    for token in never:
        assert await desk.batched(token) == []


async def test_a_withdrawal_is_told_once_and_only_to_who_was_registered_before_it(desk: Desk) -> None:
    had = await desk.register()
    await desk.receive(urgent(1))
    [first] = await desk.batched(had)
    desk.kit.now += limits.MINUTE
    await desk.receive(urgent(1, rev=2, action="update", tlp="AMBER+STRICT"))
    [withdrawn] = await desk.batched(had, f"/v1/feed?after={first['suarposition']}")
    desk.kit.now += limits.MINUTE
    late = await desk.register(name="late")
    further = [
        urgent(1, rev=3, action="update", tlp="AMBER+STRICT"),
        urgent(1, rev=4, action="cancel", reason="wrong", tlp="AMBER+STRICT"),
    ]
    for each in further:
        desk.kit.now += limits.MINUTE
        await desk.receive(each)
        assert await desk.batched(had, f"/v1/feed?after={withdrawn['suarposition']}") == []
        for after in ("", f"?after={first['suarposition']}"):
            [again] = await desk.batched(had, f"/v1/feed{after}")
            assert {**again, "suarposition": ""} == {**withdrawn, "suarposition": ""}
        assert await desk.batched(late) == []
        assert data(await desk.streamed(late)) == []


@pytest.mark.parametrize(
    "stricter",
    [
        {"audience": {"members": "all", "sectors": ["labour"]}}, {"handling": ["law-enforcement-only"]},
        {"tlp": "AMBER+STRICT"},
    ],
    ids=lambda each: next(iter(each)),
)  # fmt: skip
async def test_the_reason_of_a_recall_is_for_who_could_read_the_recalled_revision(
    desk: Desk, stricter: dict[str, Any]
) -> None:
    """The cancel itself is for everybody who may hold a revision, and says why the newest one was wrong."""
    had, never = await desk.register(), await desk.register(name="schools", sector="education")
    labour = await desk.register(name="labour", sector="labour")
    first: dict[str, Any] = {"audience": {"members": "all", "sectors": ["health", "labour"]}}
    await desk.receive(urgent(1, **first))
    desk.kit.now += limits.MINUTE
    await desk.receive(urgent(1, rev=2, action="update", **(first | stricter)))
    await desk.receive(urgent(1, rev=3, action="cancel", reason="the second border post is wrong"))
    assert ids(await desk.batched(had)) == [f"{id_of(1)}/1/withdraw"]
    assert await desk.batched(never) == []
    could = "audience" in stricter
    assert ids(await desk.batched(labour)) == [f"{id_of(1)}/3" if could else f"{id_of(1)}/1/withdraw"]
    for name, is_shown in (("health", False), ("schools", False), ("labour", could)):
        reader = desk.gateway.reader_of(name)
        listed = await desk.gateway.messages(limit=9, reader=reader)
        shown = await desk.gateway.message(id_of(1), reader=reader)
        assert ([each["id"] for each in listed], "border post" in json.dumps(shown)) == (
            [id_of(1)] * is_shown,
            is_shown,
        )


async def test_a_recall_of_what_never_came_here_is_told_without_its_reason(desk: Desk) -> None:
    token = await desk.register()
    await desk.receive(urgent(1, rev=2, action="cancel", reason="the second border post is wrong"))
    [event] = await desk.batched(token)
    assert (event["id"], event["data"]["tombstone"]["reason"]) == (f"{id_of(1)}/2", None)


async def test_an_expiry_is_no_withdrawal_and_the_focal_point_is_informed_of_none(desk: Desk) -> None:
    token = await desk.register()
    await desk.receive(
        urgent(1), urgent(1, rev=2, action="update"), urgent(2), urgent(2, rev=2, action="update", tlp="RED")
    )
    made = await desk.call("POST", "/v1/tokens", json={"name": "program", "scopes": ["read"]})
    own = await desk.batched(made.json()["token"])
    assert not [each for each in own if each["type"] == "suar.message.withdraw"]
    desk.kit.now += 60 * limits.DAY
    assert [each for each in ids(await desk.batched(token)) if each.startswith(id_of(1))] == []


# -- hints are for the caller


async def test_no_hint_to_an_agency_names_a_command_of_the_gateway(desk: Desk) -> None:
    token = await desk.register()
    calls = (
        ("GET", "/v1/messages", 403, "E-HTTP-SCOPE"),
        ("GET", "/v1/agencies", 403, "E-HTTP-SCOPE"),
        ("GET", "/v1/nothing", 404, "E-HTTP-NOT-FOUND"),
        ("GET", "/v1/feed?follow=perhaps", 400, "E-HTTP-VALUE"),
    )
    answers = [(await desk.call(method, path, token), status, code) for method, path, status, code in calls]
    hints = [problem(*answer)["hint"] for answer in answers]
    assert not [hint for hint in hints if "`suar " in hint]
    assert "ask the focal point that registered you" in hints[0]
    own = problem(await desk.call("GET", "/v1/nothing"), 404, "E-HTTP-NOT-FOUND")
    assert "`suar inbox`" in own["hint"], "who has the commands is told them"
    unknown = problem(await desk.call("GET", "/v1/feed", "suar_agency_x"), 401, "E-HTTP-TOKEN")
    assert "the focal point that registered it" in unknown["hint"]


@pytest.mark.parametrize(
    ("query", "allowed"),
    [
        ("follow=perhaps", "follow (one of: true, false)"),
        ("status=perhaps", "status (one of: actual, exercise, all)"),
        ("from=perhaps", "from (one of: beginning, now)"),
        ("kind=perhaps", "kind (one of: "),
    ],
)
async def test_a_value_that_is_not_allowed_is_answered_with_those_that_are(
    desk: Desk, query: str, allowed: str
) -> None:
    token = await desk.register()
    refusal = problem(await desk.call("GET", f"/v1/feed?{query}", token), 400, "E-HTTP-VALUE")
    assert refusal["detail"].startswith(f"not allowed: {allowed}")
