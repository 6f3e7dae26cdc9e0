"""The OpenAPI document as a contract, and what it says of every call: problems, media types, HEAD, Location, ranges."""

import asyncio
import os
import re
import subprocess
import threading
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from suar.api.app import create_app
from suar.api.http import openapi
from suar.api.http.openapi import document_of
from suar.service.nats_feed.publishing import GAP_TYPE
from support.agencies_docs import FIRST, TEXTS
from support.executables import PYTHON
from support.fake_gateway import FakeGateway, running_gateway, served
from support.gateway_state import ID, alert_draft
from support.patience import PATIENCE
from support.problems import SCOPE_OF, problem

pytestmark = pytest.mark.asyncio(loop_scope="module")

BODIES = {  # each call that takes a body, with the type that it takes
    "/v1/messages": "application/json", "/v1/messages/check": "application/json", "/v1/tokens": "application/json",
    "/v1/agencies": "application/json", "/v1/drills": "application/json", "/v1/keys/compromised": "application/json",
    f"/v1/messages/{ID}/receipts": "application/json", f"/v1/messages/{ID}/cancel": "application/json",
    f"/v1/messages/{ID}/reject": "application/json", "/v1/alarms/1/acknowledge": "application/json",
    "/v1/messages/batch": "application/x-ndjson", "/v1/trust": "application/octet-stream",
    "/v1/carried": "application/octet-stream", "/v1/agencies/health/rotate": "application/json",
    "/v1/holds": "application/json", "/v1/agencies/health/webhook": "application/json",
    "/v1/agencies/health/replay": "application/json", "/v1/agencies/health": "application/json",
    f"/v1/proposals/{ID}/reject": "application/json",
}  # fmt: skip
HEADS = ["/v1/messages", f"/v1/messages/{ID}", "/v1/feed", "/v1/agencies", "/v1/tokens", "/healthz", "/openapi.json"]


def walk(value: Any) -> list[dict[str, Any]]:
    """Every object of a document."""
    found = [value] if isinstance(value, dict) else []
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return found + [each for one in inside for each in walk(one)]


NO_SCHEMA = {"example", "examples", "mapping"}


def without_examples(value: Any) -> Any:
    """A document without what has keys that are no words of a schema: examples, and mappings of kinds."""
    if isinstance(value, dict):
        return {
            key: without_examples(each) for key, each in value.items() if key not in {"example", "examples", "mapping"}
        }
    return [without_examples(each) for each in value] if isinstance(value, list) else value


@pytest_asyncio.fixture(loop_scope="module")
async def document(api: Any) -> dict[str, Any]:
    found: dict[str, Any] = (await api("GET", "/openapi.json")).json()
    return found


async def test_it_is_served_at_both_addresses(api: Any) -> None:
    one, other = await api("GET", "/openapi.json"), await api("GET", "/schema/openapi.json")
    assert one.content == other.content
    assert one.headers["content-type"] == other.headers["content-type"] == "application/json"
    assert one.json()["openapi"].startswith("3.1")


@pytest.mark.parametrize("path", ["/openapi.json", "/schema/openapi.json", "/reference"])
async def test_others_are_answered_while_it_is_made_and_it_is_made_once(
    own: FakeGateway, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    """Before, the first call without a token took the server's only thread for a second."""
    begun, may_end, made = threading.Event(), threading.Event(), list[str]()
    really = openapi.published

    def published(*arguments: Any) -> Any:
        made.append(threading.current_thread().name)
        begun.set()
        assert may_end.wait(PATIENCE)
        return really(*arguments)

    monkeypatch.setattr(openapi, "published", published)
    async with served(own) as url, httpx.AsyncClient(base_url=url, timeout=PATIENCE) as client:
        calls = [asyncio.create_task(client.get(path)) for _ in range(3)]
        await asyncio.to_thread(begun.wait, PATIENCE)
        assert (await client.get("/healthz")).status_code == 200
        may_end.set()
        assert [each.status_code for each in await asyncio.gather(*calls)] == [200, 200, 200]
    assert len(made) == 1
    assert threading.current_thread().name not in made


async def test_it_is_the_same_from_every_gateway(tmp_path: Path) -> None:
    """Nothing in it is made up at random; the other gateway is another process, whose sets have another order."""
    with running_gateway(tmp_path) as gateway:
        here = document_of(create_app(gateway))
    code = """
import sys
from types import SimpleNamespace
from suar.api.app import create_app
from suar.api.http.openapi import document_of
from suar.observe.hooks import Hooks
from suar.service.settings.config import Bus, Http
config = SimpleNamespace(http=Http(), bus=Bus())
app = create_app(SimpleNamespace(hooks=Hooks(), config=config, feed_readers=0))
sys.stdout.buffer.write(document_of(app))
"""
    elsewhere = {**os.environ, "PYTHONHASHSEED": "1" if os.environ.get("PYTHONHASHSEED") == "2" else "2"}
    there = await asyncio.to_thread(
        subprocess.run, [PYTHON, "-c", code], env=elsewhere, capture_output=True, check=False
    )
    assert there.returncode == 0, there.stderr
    assert there.stdout == here


async def test_its_patterns_are_those_of_ecma(document: dict[str, Any]) -> None:
    patterns = [each["pattern"] for each in walk(without_examples(document)) if isinstance(each.get("pattern"), str)]
    assert len(patterns) > 30
    for pattern in patterns:
        assert not re.search(r"\\[AZz]|\(\?[PiLmsux#]", pattern), pattern
        assert pattern.startswith("^"), pattern
        assert pattern.endswith("$"), pattern


async def test_the_types_of_events_are_those_of_the_page_and_a_webhook_gets_a_test_too(
    document: dict[str, Any],
) -> None:
    shapes = document["components"]["schemas"]
    listed = set(re.findall(r"^\| `(suar\.\w+\.\w+)` \|", TEXTS[FIRST], re.MULTILINE)) - {GAP_TYPE}
    assert set(shapes["CloudEvent"]["properties"]["type"]["enum"]) == listed
    [called] = document["webhooks"].values()
    body = called["post"]["requestBody"]["content"]["application/cloudevents+json"]["schema"]
    assert body == {"oneOf": [{"$ref": f"#/components/schemas/{name}"} for name in ("PagedEvent", "WebhookTest")]}
    assert {"$ref": "#/components/schemas/CloudEvent"} in shapes["PagedEvent"]["allOf"]
    assert shapes["WebhookTest"]["properties"]["type"]["enum"] == ["suar.webhook.test"]


async def test_what_may_be_left_out_of_a_query_is_no_null(document: dict[str, Any]) -> None:
    for path, calls in document["paths"].items():
        for call in calls.values():
            for parameter in call.get("parameters", ()):
                assert "null" not in str(parameter["schema"]), (path, parameter["name"])
                assert None not in parameter["schema"].get("enum", ()), (path, parameter["name"])


async def test_every_call_that_answers_with_reasons_takes_sentences(document: dict[str, Any]) -> None:
    """Before, those of a batch, of proposals and of a rejection could not be requested in translatable form."""
    schemas = document["components"]["schemas"] | document["components"]["responses"]
    [reason] = [name for name in schemas if name.rpartition("_")[2] == "Reason"]

    def refers(value: Any, seen: frozenset[str] = frozenset()) -> bool:
        names = {each["$ref"].rpartition("/")[2] for each in walk(value) if "$ref" in each} - seen
        return reason in names or any(refers(schemas[name], seen | names) for name in names)

    calls = {
        f"{method} {path}": {each["name"] for each in call.get("parameters", ())}
        for path, methods in document["paths"].items()
        for method, call in methods.items()
        if refers(call["responses"])
    }
    assert len(calls) > 8
    assert [call for call, names in calls.items() if "sentences" not in names] == []


async def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    references = [each["$ref"] for each in walk(document) if isinstance(each.get("$ref"), str)]
    assert references
    for reference in references:
        node: Any = document
        for part in reference.removeprefix("#/").split("/"):
            node = node[part]


async def test_every_call_has_a_tag_and_its_problems(document: dict[str, Any]) -> None:
    tags = {each["name"] for each in document["tags"]}
    for path, calls in document["paths"].items():
        for method, call in calls.items():
            assert set(call["tags"]) <= tags
            is_open = path in ("/healthz", "/readyz")
            wanted = {"400", "421", "429", "500", "503"} | (set() if is_open else {"401", "403"})
            wanted |= {"413", "415"} if "requestBody" in call else set()
            problems = {status for status, its in call["responses"].items() if "Problem" in its.get("$ref", "")}
            assert wanted <= problems | {s for s in call["responses"] if s in ("422", "503")}, (method, path)
    assert set(document["components"]["schemas"]["Problem"]["required"]) == {
        "type", "title", "status", "detail", "code", "hint",
    }  # fmt: skip


@pytest.mark.parametrize("path", BODIES)
async def test_a_body_of_another_type_is_415(api: Any, gateway: FakeGateway, path: str) -> None:
    for wrong in ("text/xml", "multipart/form-data", "application/jsonp"):
        refusal = problem(await api("POST", path, "local", b"{}", Content_Type=wrong), 415, "E-HTTP-MEDIA-TYPE")
        assert BODIES[path] in refusal["detail"]
    for right in (BODIES[path], BODIES[path].upper(), BODIES[path] + "; charset=utf-8"):
        assert (await api("POST", path, "local", b"{}", Content_Type=right)).status_code != 415
    for unnamed in ("", "application/x-www-form-urlencoded"):  # what curl and urllib say when nobody says anything
        assert (await api("POST", path, "local", b"{}", Content_Type=unnamed)).status_code != 415
    assert (await api("POST", path, "local", b"{}")).status_code != 415
    assert problem(await api("POST", path, None, b"{}", Content_Type="text/xml"), 401, "E-HTTP-TOKEN")


async def test_every_call_that_documents_a_body_is_among_these(document: dict[str, Any]) -> None:
    documented = {path for path, calls in document["paths"].items() if "requestBody" in calls.get("post", {})}
    filled = {path.replace("{id}", ID).replace("{number}", "1").replace("{name}", "health") for path in documented}
    assert filled == {*BODIES, "/v1/proposals"}  # of agencies alone: tests/api/test_proposals.py


@pytest.mark.parametrize("path", HEADS)
async def test_head_is_get_without_its_body(api: Any, gateway: FakeGateway, path: str) -> None:
    query = f"{path}?follow=false" if path == "/v1/feed" else path
    scope = None if path in ("/healthz", "/openapi.json") else "local"
    got, head = await api("GET", query, scope), await api("HEAD", query, scope)
    assert (head.status_code, head.content) == (got.status_code, b"")
    volatile = {"date", "content-length", "transfer-encoding"}
    assert {n: v for n, v in head.headers.items() if n not in volatile} == {
        n: v for n, v in got.headers.items() if n not in volatile
    }  # fmt: skip
    if "content-length" in got.headers:
        assert head.headers["content-length"] == got.headers["content-length"]


async def test_head_needs_what_get_needs(api: Any, gateway: FakeGateway) -> None:
    for method, path in SCOPE_OF:
        if method == "GET" and "{" not in path:
            assert (await api("HEAD", path)).status_code == 401, path
    assert (await api("HEAD", "/v1/messages/check", "local")).status_code in (400, 405)  # no id, or no GET
    assert (await api("HEAD", "/v1/feed", "local")).status_code == 200  # one that goes on ends too
    assert (await api("GET", "/healthz")).status_code == 200


async def test_what_was_published_says_where_it_is(api: Any, gateway: FakeGateway) -> None:
    made = await api("POST", "/v1/messages", "publish", alert_draft())
    assert (made.status_code, made.headers["location"]) == (201, f"/v1/messages/{made.json()['id']}")


@pytest.mark.parametrize(
    ("path", "scope", "named"),
    [
        ("/v1/messages?limit=0", "read", "limit (from 1 to 1000)"),
        ("/v1/messages?limit=1001", "read", "limit (from 1 to 1000)"),
        ("/v1/held?limit=0", "approve", "limit (from 1 to"),
    ],
)
async def test_a_number_out_of_its_range_names_the_range(api: Any, path: str, scope: str, named: str) -> None:
    refusal = problem(await api("GET", path, scope), 400, "E-HTTP-VALUE")
    assert refusal["detail"].startswith(f"not allowed: {named}")
