"""A parameter that a call does not have is refused: a filter that is misspelt would open more than was asked for."""

import json
import re
from typing import Any

import httpx
import pytest
from litestar.routes import HTTPRoute

from suar.api.app import create_app
from suar.api.http.access import query_names
from suar.api.http.openapi import document_of
from suar.service.settings.scopes import PROPOSE
from support.fake_gateway import FakeGateway, proposing_token, served, tokens
from support.gateway_state import ID
from support.patience import PATIENCE
from support.problems import SCOPE_OF, opened_by, problem

pytestmark = pytest.mark.asyncio(loop_scope="module")

FILLED = {"id": ID, "name": "alert", "member": "SG", "code": "SG", "number": "1", "which": "x", "object_id": "x"}


def address(path: str) -> str:
    """A path with something in place of each of its parameters."""
    return re.sub(r"{(\w+):\w+}", lambda found: FILLED.get(found[1], "confirm"), path)


@pytest.mark.parametrize(("method", "path"), SCOPE_OF, ids=str)
async def test_every_call_refuses_it(api: Any, gateway: FakeGateway, method: str, path: str) -> None:
    if PROPOSE in opened_by(method, path):
        api.tokens[PROPOSE] = await proposing_token(gateway)
    scope, before = min(set(opened_by(method, path)) & set(api.tokens), default="local"), list(gateway.acts)
    for query in ("kid=alert", "kind%20=alert", "KIND=alert", "=", "a=1&a=2", "request=x", "return=x"):
        refusal = problem(await api(method, f"{address(path)}?{query}", scope), 400, "E-HTTP-PARAMETER")
        assert "kid" not in refusal["hint"]
        assert refusal["hint"].startswith("it has")
    assert (gateway.published, gateway.batches, gateway.requests, gateway.acts) == ([], [], [], before)


@pytest.mark.parametrize(
    "path", ["/healthz", "/readyz", "/openapi.json", "/schema/openapi.json", "/reference", "/metrics"]
)
async def test_open_calls_refuse_it_too(api: Any, path: str) -> None:
    problem(await api("GET", f"{path}?cache=1", "operate"), 400, "E-HTTP-PARAMETER")


async def test_the_hint_names_what_the_call_has(api: Any) -> None:
    refusal = problem(await api("GET", "/v1/feed?follow=false&kinds=alert", "read"), 400, "E-HTTP-PARAMETER")
    assert refusal["hint"] == "it has: after, agency, follow, from, kind, origin, own, status"
    refusal = problem(await api("GET", "/v1/progress?kind=alert", "read"), 400, "E-HTTP-PARAMETER")
    assert refusal["hint"] == "it has none"


async def test_who_may_not_call_learns_nothing_of_it(api: Any) -> None:
    problem(await api("GET", "/v1/feed?kinds=alert"), 401, "E-HTTP-TOKEN")
    problem(await api("GET", "/v1/feed?kinds=alert", "publish"), 403, "E-HTTP-SCOPE")


async def test_the_document_has_the_same_names(own: FakeGateway) -> None:
    app = create_app(own)
    document = json.loads(document_of(app))["paths"]
    examined = set()
    for route in app.routes:
        for handler in route.route_handlers if isinstance(route, HTTPRoute) else ():
            for method in handler.http_methods & {"GET", "POST", "DELETE"}:
                its = document.get(route.path_format, {}).get(str(method).lower())
                if its is not None:
                    named = {each["name"] for each in its.get("parameters", ()) if each["in"] == "query"}
                    assert query_names(handler) == named, (method, route.path)
                    examined |= named
    assert {"kind", "from", "as", "state", "match[id]"} <= examined


@pytest.mark.parametrize(
    "query",
    [
        "/v1/feed?follow=false&kind=alert&kind=trend", "/v1/feed?follow=false&follow=false",
        "/v1/messages?after=1&after=2",
        "/v1/feeds/cap.atom?status=actual&status=exercise", "/v1/data/trends.csv?status=actual&status=actual",
        "/taxii2/root/collections/alert/objects?match[type]=incident&match[type]=note",
        "/taxii2/root/collections/alert/objects?limit=1&limit=1", "/v1/feed?kind=alert&ki%6ed=alert",
    ],
)  # fmt: skip
async def test_a_parameter_that_is_given_twice_is_refused(api: Any, query: str) -> None:
    """Before, the first of two counted for some calls, and the last for others."""
    assert "more than once" in problem(await api("GET", query, "read"), 400, "E-HTTP-VALUE")["detail"]


def with_booleans(document: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Method, path and name of each parameter of a query that is true or false."""
    return [
        (method.upper(), path, each["name"])
        for path, calls in document["paths"].items()
        for method, call in calls.items()
        for each in call.get("parameters", ())
        if each["in"] == "query" and each["schema"].get("type") == "boolean"
    ]


async def test_what_is_true_or_false_is_written_so(api: Any, gateway: FakeGateway) -> None:
    """As the document says; before, `1`, `True`, `on` and `yes` were read too."""
    found = with_booleans(json.loads(document_of(create_app(gateway))))
    assert len([name for _, _, name in found if name == "sentences"]) > 8
    assert {"sentences", "exercise", "follow", "open", "own"} <= {name for _, _, name in found}
    for method, path, name in found:
        key = next(each for each in SCOPE_OF if (each[0], re.sub(r":\w+", "", each[1])) == (method, path))
        if PROPOSE in opened_by(*key):
            api.tokens[PROPOSE] = await proposing_token(gateway)
        scope = min(set(opened_by(*key)) & set(api.tokens), default="local")
        before = (list(gateway.published), list(gateway.acts))
        for value in ("1", "0", "True", "FALSE", "on", "yes", "", "%20true"):
            refusal = problem(await api(method, f"{address(key[1])}?{name}={value}", scope), 400, "E-HTTP-VALUE")
            assert refusal["detail"] == f"not allowed: {name} (one of: true, false)", (path, value)
        assert (list(gateway.published), list(gateway.acts)) == before


async def test_a_head_without_a_body_is_refused_alike(own: FakeGateway) -> None:
    async with served(own) as url, httpx.AsyncClient(base_url=url, trust_env=False, timeout=PATIENCE) as client:
        bearer = {"Authorization": f"Bearer {(await tokens(own))['read']}"}
        assert (await client.head("/v1/messages?kid=alert", headers=bearer)).status_code == 400
        assert (await client.head("/v1/messages?kind=alert", headers=bearer)).status_code == 200
