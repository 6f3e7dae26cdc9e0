"""Alarms over HTTP: listed with what became of each, acknowledged with a note."""

import json
from typing import Any

import pytest

from suar.service.status.snapshot import BusState
from support.fake_gateway import FakeGateway
from support.gateway_state import REFUSED, alert_draft, held_alert
from support.healthy import NOW
from support.problems import problem

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_all_or_only_those_that_are_open(api: Any) -> None:
    rows = (await api("GET", "/v1/alarms?since=5", "operate")).json()
    assert [row["state"] for row in rows] == ["ended", "open"]
    assert set(rows[0]) >= {"name", "member", "first", "last", "epoch", "message", "at", "seen_again"}  # of before
    rows = (await api("GET", "/v1/alarms?open=true", "operate")).json()
    assert [row["n"] for row in rows] == [2]
    assert [(row["name"], row["member"], row["first"], row["last"]) for row in rows] == [("gap", "SG", 1, 1)]
    assert (await api("GET", f"/v1/alarms?since={NOW + 1}", "operate")).json() == []


async def test_who_acknowledges_it_is_the_token(api: Any, gateway: FakeGateway) -> None:
    response = await api("POST", "/v1/alarms/2/acknowledge", "operate", b'{"note": "by telephone"}')
    assert response.status_code == 200
    assert response.json()["acknowledged"] == {
        "by": "only-operate", "at": "2027-01-15T08:00:00Z", "note": "by telephone",
    }  # fmt: skip
    assert gateway.acts_of("only-operate")[-1][0] == "acknowledge-alarm"
    assert (await api("GET", "/v1/alarms?open=true", "operate")).json() == []
    again = (await api("POST", "/v1/alarms/2/acknowledge", "operate", b"")).json()
    assert again["acknowledged"]["note"] == "by telephone"  # of who was first


async def test_a_note_may_be_left_out(api: Any) -> None:
    assert (await api("POST", "/v1/alarms/2/acknowledge", "operate", b"")).json()["acknowledged"]["note"] == ""


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"note": 1}', b'{"note": "a", "by": "b"}', b'"' * 402, b"\xff"])
async def test_another_body_is_no_note(api: Any, body: bytes) -> None:
    problem(await api("POST", "/v1/alarms/2/acknowledge", "operate", body), 400, "E-HTTP-VALUE")
    assert [row["n"] for row in (await api("GET", "/v1/alarms?open=true", "operate")).json()] == [2]


async def test_a_number_that_no_alarm_has(api: Any) -> None:
    problem(await api("POST", "/v1/alarms/3/acknowledge", "operate", b"{}"), 404, "E-HTTP-NOT-FOUND")
    problem(await api("POST", "/v1/alarms/0/acknowledge", "operate", b"{}"), 400, "E-HTTP-VALUE")
    two_lines = json.dumps({"note": "one\ntwo"}).encode()
    problem(await api("POST", "/v1/alarms/2/acknowledge", "operate", two_lines), 400, "E-HTTP-VALUE")


async def test_a_publication_says_what_it_waits_for(api: Any, gateway: FakeGateway) -> None:
    gateway.ready.bus = BusState()
    response = await api("POST", "/v1/messages", "publish", alert_draft())
    assert (response.status_code, response.json()["verdict"]) == (201, "published")
    assert response.json()["waiting"] == "uplink-down"
    lines = b"\n".join((alert_draft(), REFUSED, held_alert()))
    response = await api("POST", "/v1/messages/batch", "publish", lines)
    waits = [json.loads(line)["waiting"] for line in response.text.splitlines()]
    assert waits == ["uplink-down", None, None]
    response = await api("POST", "/v1/messages", "publish", REFUSED)
    assert response.json()["waiting"] is None
