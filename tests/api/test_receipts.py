"""The calls of a reader and a publisher about one message: receipts and cancel."""

import json
from typing import Any

import msgspec
import pytest

from suar.api.contract.table_document import TableDocument
from suar.cli.messages import ack
from suar.protocol.base.exercise import BANNER
from suar.protocol.base.stages import BY_PERSON
from suar.service.access.tokens import check
from suar.service.settings import scopes
from support.fake_gateway import FakeGateway
from support.gateway_state import (
    EARLIER_TABLE,
    ID,
    NAME,
    REFUSED,
    REFUSED_TABLE,
    THEIRS,
    alert_draft,
    held_alert,
    table,
)
from support.problems import problem

pytestmark = pytest.mark.asyncio(loop_scope="module")
ACK = {"stage": "acknowledged", "role": "duty-officer"}


def body(tree: dict[str, Any]) -> bytes:
    return json.dumps(tree).encode()


async def test_the_command_offers_what_the_call_takes() -> None:
    choices = {each.name: getattr(each.type, "choices", None) for each in ack.ack.params}
    assert (choices["stage"], choices["role"]) == (BY_PERSON, scopes.ROLES)


async def test_scopes(api: Any) -> None:
    for scope in ("publish", "approve", "read", "admin"):
        problem(await api("POST", f"/v1/messages/{ID}/receipts", scope, body(ACK)), 403, "E-HTTP-SCOPE")
    for scope in ("read", "approve", "operate"):
        answer = await api("POST", f"/v1/messages/{ID}/cancel", scope, b'{"reason": "wrong"}')
        problem(answer, 403, "E-HTTP-SCOPE")


async def test_a_receipt(api: Any, gateway: FakeGateway) -> None:
    sent = body(ACK | {"sector": "health", "note": "two beds"})
    answer = await api("POST", f"/v1/messages/{THEIRS}/receipts", "acknowledge", sent)
    assert (answer.status_code, answer.json()["stage"], answer.json()["new"]) == (200, "acknowledged", True)
    assert gateway.acts_of("only-acknowledge")[-1] == ("acknowledged", f"{THEIRS} 1 duty-officer")
    other = THEIRS.replace("000001", "000002")
    problem(await api("POST", f"/v1/messages/{other}/receipts", "acknowledge", body(ACK)), 404, "E-HTTP-NOT-FOUND")
    acting = body(ACK | {"stage": "acting"})
    problem(await api("POST", f"/v1/messages/{ID}/receipts", "acknowledge", acting), 409, "E-OWN-MESSAGE")


async def test_a_receipt_names_the_revision_that_was_read(api: Any) -> None:
    path = "/v1/messages/VN-ALERT-2027-000001/receipts"
    assert (await api("POST", path, "acknowledge", body(ACK | {"rev": 1}))).status_code == 200
    problem(await api("POST", path, "acknowledge", body(ACK | {"rev": 2})), 409, "E-CHANGED")
    for wrong in (0, -1, "1", 10_001, 1.5, None):
        problem(await api("POST", path, "acknowledge", body(ACK | {"rev": wrong})), 400, "E-HTTP-VALUE")


async def test_a_token_acknowledges_in_its_roles_alone(api: Any, gateway: FakeGateway) -> None:
    made = await gateway.tokens_add(check("duty", ["acknowledge"], ["duty-officer"]))
    bearer = f"Bearer {made['token']}"
    path = "/v1/messages/VN-ALERT-2027-000002/receipts"
    assert (await api("POST", path, content=body(ACK), Authorization=bearer)).status_code == 200
    other = await api("POST", path, content=body(ACK | {"role": "focal-point"}), Authorization=bearer)
    assert "other roles: duty-officer" in problem(other, 403, "E-HTTP-SCOPE")["detail"]
    assert gateway.acts_of("duty") == [("acknowledged", "VN-ALERT-2027-000002 1 duty-officer")]


@pytest.mark.parametrize(
    "changes",
    [
        {"stage": "stored"},
        {"stage": "read"},
        {"role": "gateway"},
        {"role": 1},
        {"note": "x" * 201},
        {"sector": "army"},
        {"who": "x"},
    ],
)
async def test_receipts_that_nobody_makes_by_hand(api: Any, changes: dict[str, Any]) -> None:
    problem(await api("POST", f"/v1/messages/{ID}/receipts", "acknowledge", body(ACK | changes)), 400, "E-HTTP-VALUE")


async def cancel_path(api: Any) -> str:
    """Publish a message; return where it is cancelled."""
    published = await api("POST", "/v1/messages", "publish", alert_draft())
    return f"{published.headers['location']}/cancel"


def replacing(draft: bytes) -> bytes:
    return b'{"reason": "wrong", "replace": %s}' % draft


async def test_a_cancel(api: Any) -> None:
    path = await cancel_path(api)
    refused = await api("POST", path, "publish", replacing(REFUSED))
    problem(refused, 422, "E-MESSAGE-MISSING-FIELD")
    answer = await api("POST", path, "publish", replacing(alert_draft()))
    assert (answer.status_code, answer.json()["verdict"], answer.json()["rev"]) == (201, "published", 2)
    replacement = answer.json()["replacement"]
    assert replacement["verdict"] == "published"
    shown = (await api("GET", f"/v1/messages/{replacement['id']}", "read")).json()
    assert shown["message"]["action"] == "new"
    held = await api("POST", await cancel_path(api), "publish", replacing(held_alert()))
    assert (held.json()["verdict"], held.json()["replacement"]["verdict"]) == ("published", "held")
    theirs = await api("POST", f"/v1/messages/{THEIRS}/cancel", "publish", b'{"reason": "not ours"}')
    problem(theirs, 409, "E-MESSAGE-SENDER")
    other = ID.replace("000001", "999999")
    problem(await api("POST", f"/v1/messages/{other}/cancel", "publish", b'{"reason": "x"}'), 404, "E-HTTP-NOT-FOUND")


async def test_the_table_of_a_replacement_is_in_the_answer(api: Any, gateway: FakeGateway) -> None:
    """Refused with all, or held: with its labels in the language that was asked for, and what coarser ones hide."""
    await api("POST", "/v1/messages", "publish", EARLIER_TABLE)
    path = f"{await cancel_path(api)}?lang=th&sentences=true"
    outgoing = gateway.outgoing()
    refused = problem(await api("POST", path, "publish", replacing(REFUSED_TABLE)), 422, "E-PRIVACY-TABLE")
    assert gateway.outgoing() == outgoing, "the cancel left without its replacement"
    assert refused["table"]["coarser"] == [{"by": "without", "dimension": "sex", "cells": 1, "hidden": 0}]
    held = (await api("POST", path, "publish", replacing(table(text=NAME)))).json()
    for shown in (refused["table"], held["replacement"]["table"]):
        msgspec.convert(shown, TableDocument)
        assert "เพศ" in shown["before"][0]["label"]
    assert "table" not in held
    for each in (*refused["reasons"], *held["replacement"]["reasons"]):
        assert each["sentences"]["message"]["id"], "they were requested"


@pytest.mark.parametrize(
    "data", [b"", b"{}", b'{"reason": ""}', b'{"reason": "' + b"x" * 401 + b'"}', b'{"why": "no"}']
)
async def test_a_cancel_has_a_reason(api: Any, data: bytes) -> None:
    problem(await api("POST", f"/v1/messages/{ID}/cancel", "publish", data), 400, "E-HTTP-VALUE")


@pytest.mark.parametrize(
    ("path", "scope", "data", "reason"),
    [
        ("receipts", "acknowledge", body(ACK | {"role": 1}), "role has a value that is not allowed"),
        ("receipts", "acknowledge", body(ACK | {"sector": "secret - at `$.role`"}), "sector has a value"),
        ("receipts", "acknowledge", b'{"stage": "acting"}', "role is missing"),
        ("receipts", "acknowledge", body(ACK | {"secret - at `$.note`": 1}), "none of stage, role, sector, note"),
        ("cancel", "publish", b'{"reason": 5}', "reason has a value that is not allowed"),
        ("cancel", "publish", b'{"reason": "x", "secret": 1}', "none of reason, replace"),
        ("cancel", "publish", b'{"reason"', "not JSON"),
        ("cancel", "publish", b'["secret"]', "not such an object"),
        ("cancel", "publish", b'{"reason": "' + b"x" * 401 + b'"}', "not allowed (at most 400 characters)"),
        ("reject", "approve", b'{"reason": ""}', "reason has a value that is not allowed (at least 1 character)"),
    ],
)
async def test_the_field_at_fault_is_named_and_nothing_repeated(
    api: Any, path: str, scope: str, data: bytes, reason: str
) -> None:
    answer = await api("POST", f"/v1/messages/{ID}/{path}", scope, data)
    assert reason in problem(answer, 400, "E-HTTP-VALUE")["detail"]
    assert "secret" not in answer.text


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b'{"template": "call-out", "to": ["th"]}', "to has a value that is not allowed"),
        (b'{"messages": [1]}', "messages has a value that is not allowed"),
        (b'{"template": "call-out", "secret": 1}', "none of messages, template, to, name, desk"),
    ],
)
async def test_the_field_of_a_drill_is_named(api: Any, data: bytes, reason: str) -> None:
    answer = await api("POST", "/v1/drills", "publish", data)
    assert reason in problem(answer, 400, "E-HTTP-VALUE")["detail"]
    assert "secret" not in answer.text


async def test_a_refused_drill_is_a_problem_document(api: Any) -> None:
    """Its `status` is the number of RFC 9457, whatever the drill's own status is."""
    answer = await api("POST", "/v1/drills", "publish", b'{"name": "night", "messages": [%s]}' % REFUSED)
    document = problem(answer, 422, "E-MESSAGE-MISSING-FIELD")
    assert (document["drill"], document["banner"], len(document["reasons"])) == ("night", BANNER, 1)
