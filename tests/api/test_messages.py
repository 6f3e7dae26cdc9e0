"""Publish, check, list, show, deliveries over real HTTP; a refusal never repeats the words of who called."""

from typing import Any

import httpx
import msgspec
import pytest

from suar.api.contract.table_document import TableDocument
from suar.api.http import documents
from suar.protocol.base import limits
from suar.protocol.base.errors import Fault
from suar.protocol.files import evidence as files
from support.fake_gateway import FakeGateway, served, tokens
from support.gateway_state import (
    EARLIER_TABLE,
    ID,
    REFUSED,
    REFUSED_TABLE,
    TELEPHONE,
    THEIRS,
    alert_draft,
    held_alert,
    table,
)
from support.kit import alert
from support.patience import PATIENCE
from support.problems import problem

pytestmark = pytest.mark.asyncio(loop_scope="module")

MIB = 1024 * 1024
ALERT = alert_draft("Seen on a route.")


async def test_published(api: Any, gateway: FakeGateway) -> None:
    draft = b" " + alert_draft() + b"\n"
    response = await api("POST", "/v1/messages", "publish", draft)
    assert response.status_code == 201
    id_ = response.json()["id"]
    shape = response.json()
    assert [each["code"] for each in shape.pop("reasons")] == ["E-MESSAGE-DESK"]
    assert shape == {"id": id_, "rev": 1, "verdict": "published", "waiting": None}
    assert (await api("GET", f"/v1/messages/{id_}", "read")).json()["message"]["id"] == id_
    assert gateway.published == [(draft, "actual", "only-publish")]


async def test_held(api: Any) -> None:
    response = await api("POST", "/v1/messages", "publish", held_alert())
    assert (response.status_code, response.json()["verdict"]) == (202, "held")


async def test_refused_is_a_problem_with_the_verdict_in_it(api: Any) -> None:
    body = problem(await api("POST", "/v1/messages", "publish", REFUSED), 422, "E-MESSAGE-MISSING-FIELD")
    assert (body["id"], body["rev"], body["verdict"]) == (None, None, "refused")
    [reason] = body["reasons"]
    assert reason == {
        "code": "E-MESSAGE-MISSING-FIELD",
        "rule": "F8",
        "path": "$.tlp",
        "message": "the field is required",
        "hint": "one of: CLEAR, GREEN, AMBER, AMBER+STRICT, RED",
        "marked": [],
    }


async def test_sentences_are_answered_where_they_are_requested(api: Any) -> None:
    plain = await api("POST", "/v1/messages", "publish", REFUSED)
    in_thai = await api("POST", "/v1/messages?lang=th", "publish", REFUSED)
    assert plain.content == in_thai.content
    reasons = (await api("POST", "/v1/messages?sentences=true", "publish", REFUSED)).json()["reasons"]
    expected = {
        "message": {"id": "the field is required", "values": {}},
        "hint": {"id": "one of: {offered}", "values": {"offered": "CLEAR, GREEN, AMBER, AMBER+STRICT, RED"}},
    }
    assert reasons == [{**plain.json()["reasons"][0], "sentences": expected}]
    of_form = (await api("POST", "/v1/messages?sentences=true", "publish", b'{"rev":1e3}')).json()["reasons"]
    assert of_form[0]["sentences"]["message"] == {"id": "a number that is no plain integer", "values": {}}
    for body in (REFUSED, b"[]", b'"' + b"x" * limits.MESSAGE_BYTES_MAX):
        answered = await api("POST", "/v1/messages/batch?sentences=true", "publish", body)
        assert [bool(reason["sentences"]) for reason in answered.json()["reasons"]] == [True]
    bare = await api("POST", "/v1/messages/batch", "publish", b"[]")
    assert "sentences" not in bare.json()["reasons"][0]
    msgspec.convert(reasons, list[documents.Reason])  # as the document of the API says


async def test_a_trend_is_answered_with_its_table(api: Any) -> None:
    for path, status, sent in (("/v1/messages/check", 200, table()), ("/v1/messages", 201, table())):
        response = await api("POST", path, "publish", sent)
        shown = response.json()["table"]
        assert response.status_code == status
        assert [each["value"] for each in shown["before"]] == [4, 55, 31, 90]
        assert [each["why"] for each in shown["hidden"]] == ["small", "protects"]
        hidden = {each["at"] for each in shown["hidden"]}
        assert hidden in ({0, 1}, {0, 2})  # the gate's key decides which protects
        assert [each["value"] for each in shown["after"]] == [
            None if at in hidden else each["value"] for at, each in enumerate(shown["before"])
        ]
        assert shown["hidden"][0]["cell"] == {
            "period": "2026",
            "place": {"role": "detection", "country": "TH"},
            "dims": {"sex": "female"},
            "label": "2026, Detection: Thailand, Sex: Female",
        }
        assert shown["hidden"][1]["sum"]["cell"]["label"] == "2026, Detection: Thailand, Total"
        msgspec.convert(shown, TableDocument)  # as the document of the API says


async def test_the_labels_are_in_the_requested_language(api: Any) -> None:
    for path, sent in (("/v1/messages", table(period="2025")), ("/v1/messages/check", table(period="2024"))):
        shown = (await api("POST", f"{path}?lang=vi", "publish", sent)).json()["table"]
        assert "Thái Lan" in shown["hidden"][0]["cell"]["label"]
        problem(await api("POST", f"{path}?lang=xx", "publish", sent), 400, "E-HTTP-VALUE")


@pytest.mark.parametrize(
    ("draft", "code", "path"),
    [
        (table(text=TELEPHONE), "E-PRIVACY-IDENTIFIER", "$.text[0].summary"),
        (REFUSED_TABLE, "E-PRIVACY-TABLE", "$.obs[0]"),
    ],
    ids=["its text", "its figures"],
)
async def test_a_refused_table_is_in_the_problem_and_nothing_leaves(
    api: Any, gateway: FakeGateway, draft: bytes, code: str, path: str
) -> None:
    await api("POST", "/v1/messages", "publish", EARLIER_TABLE)
    outgoing = gateway.outgoing()
    body = problem(await api("POST", "/v1/messages", "publish", draft), 422, code)
    assert gateway.outgoing() == outgoing
    assert body["table"]["coarser"] == [{"by": "without", "dimension": "sex", "cells": 1, "hidden": 0}]
    msgspec.convert(body["table"], TableDocument)
    assert [reason["path"] for reason in body["reasons"]] == [path]
    if code == "E-PRIVACY-TABLE":
        assert (body["table"]["after"], body["table"]["hidden"]) == (None, [])


async def test_what_is_no_trend_has_no_table(api: Any) -> None:
    assert "table" not in (await api("POST", "/v1/messages", "publish", alert_draft())).json()
    assert (await api("POST", "/v1/messages/check", "publish", ALERT)).json()["table"] is None


async def test_exercises_go_to_their_realm(api: Any, gateway: FakeGateway) -> None:
    await api("POST", "/v1/messages?exercise=true", "publish", alert_draft())
    assert gateway.published[0][1] == "exercise"
    assert (await api("POST", "/v1/messages/check?exercise=true", "publish", ALERT)).json()["message"][
        "status"
    ] == "exercise"


async def test_the_same_key_gets_the_same_answer(api: Any, gateway: FakeGateway) -> None:
    draft = alert_draft()
    first = await api("POST", "/v1/messages", "publish", draft, Idempotency_Key="k-1")
    again = await api("POST", "/v1/messages", "publish", draft, Idempotency_Key="k-1")
    assert {**first.json(), "reasons": []} == again.json()
    assert (first.headers.get("idempotent-replayed"), again.headers.get("idempotent-replayed")) == (None, "true")
    assert len(gateway.published) == 1


async def test_a_key_that_was_used_for_another_message_is_refused(api: Any, gateway: FakeGateway) -> None:
    await api("POST", "/v1/messages", "publish", alert_draft(), Idempotency_Key="k-2")
    other = await api("POST", "/v1/messages", "publish", alert_draft(), Idempotency_Key="k-2")
    problem(other, 422, "E-HTTP-KEY-REUSED")
    assert len(gateway.published) == 1


@pytest.mark.parametrize(
    ("path", "header", "named"),
    [
        ("/v1/messages?exercise=perhaps", {}, "exercise"),
        ("/v1/messages", {"Idempotency_Key": "x" * 129}, "Idempotency-Key"),
        ("/v1/messages", {"Idempotency_Key": "a b"}, "Idempotency-Key"),
    ],
)
async def test_a_wrong_parameter_is_named_and_not_repeated(
    api: Any, path: str, header: dict[str, str], named: str
) -> None:
    response = await api("POST", path, "publish", b"{}", **header)
    assert named in problem(response, 400, "E-HTTP-VALUE")["detail"]
    assert "perhaps" not in response.text
    assert "xxx" not in response.text


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("/v1/feed?from=perhaps", "from"),
        (f"/v1/messages/{ID}/export?as=perhaps", "as"),
        ("/v1/drills/x?as=perhaps", "as"),
    ],
)
async def test_a_parameter_is_named_as_the_caller_wrote_it(api: Any, path: str, named: str) -> None:
    response = await api("GET", path, "read")
    assert problem(response, 400, "E-HTTP-VALUE")["detail"].partition(" (")[0] == f"not allowed: {named}"


@pytest.mark.parametrize("query", ["after=null", "after=NULL", "state=null"])
async def test_null_is_no_number_and_no_choice(api: Any, query: str) -> None:
    """A program's variable that was never set asked for all messages from the first."""
    refusal = problem(await api("GET", f"/v1/messages?{query}", "read"), 400, "E-HTTP-VALUE")
    assert refusal["detail"].partition(" (")[0] == f"not allowed: {query.partition('=')[0]}"


async def test_a_text_of_the_wrong_form_is_refused_with_its_kind(api: Any) -> None:
    refusal = problem(await api("GET", "/v1/messages/x", "read"), 400, "E-HTTP-VALUE")
    assert refusal["detail"] == "not allowed: id (the id of a message, such as TH-ALERT-2027-000042)"


@pytest.mark.parametrize(
    "query",
    [
        "kind=memo",
        "kind=alert%0A",
        "origin=th",
        "status=real",
        "after=-1",
        "after=x",
        "limit=0",
        "limit=1001",
        "limit=nan",
        "order=newest",
        "state=expired",
    ],
)
async def test_a_wrong_filter_is_refused(api: Any, query: str) -> None:
    problem(await api("GET", f"/v1/messages?{query}", "read"), 400, "E-HTTP-VALUE")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", [2, 3, 4, 5, 6]),
        ("kind=alert", [2, 3, 4, 5, 6]),
        ("kind=trend", []),
        ("origin=SG", [5, 6]),
        ("origin=TH&after=0&limit=1", [1]),
        ("status=exercise", []),
        ("status=all", [2, 3, 4, 5, 6]),
        ("after=3", [4, 5, 6]),
        ("after=3&limit=2", [4, 5]),
        ("state=ended", []),
        ("kind=alert&origin=VN&status=actual&state=current&after=2&limit=1", [3]),
    ],
)
async def test_the_list_takes_filters_and_pages(api: Any, query: str, found: list[int]) -> None:
    rows = (await api("GET", f"/v1/messages?{query}", "read")).json()
    assert [row["n"] for row in rows] == found


async def test_who_is_shown_titles_is_named_in_the_audit_with_them(api: Any, gateway: FakeGateway) -> None:
    rows = (await api("GET", "/v1/messages?after=3&limit=2", "read")).json()
    acts = gateway.acts_of("only-read")
    named = {id_ for what, about in acts if what == "list" for id_ in about.split()}
    assert len(rows) == 2
    assert named >= {row["id"] for row in rows}
    await api("GET", "/v1/messages?kind=trend", "read")
    assert gateway.acts_of("only-read") == acts, "an empty list shows nobody anything"


async def test_the_list_by_urgency_takes_the_same_pages(own: FakeGateway) -> None:
    lanes = ("past", "immediate", "expected", "immediate")
    alerts = [alert(f"KH-ALERT-2027-{n:06d}", urgency=lane, ack_within=24) for n, lane in enumerate(lanes)]
    own.receive("KH", *alerts)
    held = await tokens(own)
    async with served(own) as url, httpx.AsyncClient(base_url=url, trust_env=False, timeout=PATIENCE) as client:
        sent = {"Authorization": f"Bearer {held['read']}"}
        page = "/v1/messages?order=urgency&state=current&origin=KH&limit=2"
        first = (await client.get(page, headers=sent)).json()
        rest = (await client.get(f"{page}&after={first[-1]['n']}", headers=sent)).json()
    assert [row["urgency"] for row in first + rest] == ["immediate", "immediate", "expected", "past"]


async def test_a_message_is_shown_and_a_program_that_reads_it_is_no_person(api: Any, gateway: FakeGateway) -> None:
    assert (await api("GET", f"/v1/messages/{THEIRS}?rev=1", "read")).json()["message"]["id"] == THEIRS
    assert gateway.acts_of("only-read")[-1] == ("open", f"{THEIRS} 1")
    assert gateway.statements() == []
    assert (await api("GET", f"/v1/messages/{THEIRS}?rev=1", "read")).json()["read"] is not None
    problem(await api("GET", f"/v1/messages/{THEIRS}?rev=2", "read"), 404, "E-HTTP-NOT-FOUND")


async def test_a_message_is_read_in_a_language(api: Any) -> None:
    shown = (await api("GET", f"/v1/messages/{ID}?lang=id-ID", "read")).json()
    assert shown["reading"]["lang"] == "id"
    assert f"Pesan: {ID}" in shown["reading"]["lines"]
    assert "reading" not in (await api("GET", f"/v1/messages/{ID}", "read")).json()


@pytest.mark.parametrize("lang", ["de", "zh-Hant", "%1b", "", "x" * 36])
async def test_a_language_without_a_catalogue(api: Any, gateway: FakeGateway, lang: str) -> None:
    before = gateway.acts_of("only-read")
    problem(await api("GET", f"/v1/messages/{ID}?lang={lang}", "read"), 400, "E-HTTP-VALUE")
    assert gateway.acts_of("only-read") == before


@pytest.mark.parametrize("tail", ["", "/deliveries"])
@pytest.mark.parametrize(
    ("id_", "status", "code"),
    [
        ("TH-ALERT-2027-999999", 404, "E-HTTP-NOT-FOUND"),
        ("..%2f..%2fetc", 404, "E-HTTP-NOT-FOUND"),
        ("x", 400, "E-HTTP-VALUE"),
        ("TH-ALERT-2027-000001%0A", 400, "E-HTTP-VALUE"),
    ],
)
async def test_an_id_that_is_none(api: Any, id_: str, status: int, code: str, tail: str) -> None:
    problem(await api("GET", f"/v1/messages/{id_}{tail}", "read"), status, code)


async def test_deliveries(api: Any) -> None:
    body = (await api("GET", f"/v1/messages/{ID}/deliveries", "read")).json()
    states = {code: row["state"] for code, row in body["members"].items()}
    assert states == {"KH": "sent", "SG": "stored", "VN": "sent"}
    problem(await api("GET", f"/v1/messages/{THEIRS}/deliveries", "read"), 404, "E-HTTP-NOT-FOUND")


@pytest.mark.parametrize("path", ["/v1/messages", "/v1/messages/check", "/v1/trust", "/v1/tokens"])
async def test_a_body_has_at_most_a_mebibyte(api: Any, path: str) -> None:
    problem(await api("POST", path, "local", bytes(MIB + 1)), 413, "E-HTTP-TOO-LARGE")


async def test_a_body_without_length_is_counted(api: Any, gateway: FakeGateway) -> None:
    async def chunks() -> Any:
        for _ in range(17):
            yield bytes(65_536)

    response = await api.client.post("/v1/messages", content=chunks(), headers=api.bearer("publish"))
    problem(response, 413, "E-HTTP-TOO-LARGE")
    assert not gateway.published


async def test_the_largest_message_passes_the_door(api: Any) -> None:
    """A body of a mebibyte is read, and the message in it is refused for its length."""
    answer = await api("POST", "/v1/messages", "publish", alert_draft().ljust(MIB))
    body = problem(answer, 422, "E-MESSAGE-FORM")
    assert (body["verdict"], [reason["message"] for reason in body["reasons"]]) == ("refused", [f"{MIB} bytes"])


async def test_nobody_is_at_home_elsewhere(api: Any) -> None:
    problem(await api("GET", "/v1/nothing<script>", "read"), 404, "E-HTTP-NOT-FOUND")
    problem(await api("GET", "/schema/elements"), 404, "E-HTTP-NOT-FOUND")


async def test_a_method_that_a_call_does_not_have(api: Any) -> None:
    response = await api("PUT", "/v1/messages", "publish", b"{}")
    problem(response, 405, "E-HTTP-METHOD")
    assert response.headers["allow"] == "GET, HEAD, POST"


async def test_our_own_fault_says_so(api: Any, gateway: FakeGateway) -> None:
    gateway.fault = Fault("the disk is full", "free space")
    body = problem(await api("POST", "/v1/messages", "publish", b"{}"), 503, "E-HTTP-FAULT")
    assert (body["detail"], body["hint"]) == ("the disk is full", "free space")


async def test_an_unforeseen_error_reveals_nothing(api: Any, gateway: FakeGateway) -> None:
    gateway.fault = KeyError("hunter2")
    response = await api("POST", "/v1/messages", "publish", b'{"secret":"hunter3"}')
    problem(response, 500, "E-HTTP-INTERNAL")
    assert "hunter" not in response.text


async def test_the_document_names_every_call(api: Any) -> None:
    body = (await api("GET", "/schema/openapi.json")).json()
    assert body["openapi"].startswith("3.1")
    assert {"/v1/messages", "/v1/messages/batch", "/v1/messages/{id}/deliveries", "/metrics"} <= set(body["paths"])
    content = body["paths"]["/v1/messages"]["post"]["requestBody"]["content"]
    assert content["application/json"]["schema"] == {"$ref": "#/components/schemas/Draft"}
    assert "http" not in str(body["servers"])


async def test_evidence_is_a_file_for_who_may_read(api: Any, gateway: FakeGateway) -> None:
    answer = await api("GET", f"/v1/messages/{THEIRS}/evidence?rev=1", "read")
    assert (answer.status_code, answer.content[:4]) == (200, files.MAGIC)
    assert answer.headers["content-disposition"] == f'attachment; filename="{THEIRS}.1.evidence"'
    assert gateway.acts_of("only-read")[-1] == ("evidence", f"{THEIRS} 1")
    problem(await api("GET", f"/v1/messages/{THEIRS}/evidence", "publish"), 403, "E-HTTP-SCOPE")
    problem(await api("GET", "/v1/messages/TH-ALERT-2027-000009/evidence", "read"), 404, "E-HTTP-NOT-FOUND")


async def test_what_cannot_be_proved_says_why(api: Any) -> None:
    body = problem(await api("GET", f"/v1/messages/{ID}/evidence", "read"), 409, "E-HTTP-CONFLICT")
    assert body["detail"].startswith(f"{ID} cannot be proved")
    assert body["hint"]
