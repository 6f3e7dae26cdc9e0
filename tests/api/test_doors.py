"""Every route's scope, names of hosts, and what the calls of a token count."""

import re
from typing import Any

import httpx
import pytest
from litestar.routes import HTTPRoute

from suar.api.app import create_app
from suar.api.http.access import CALL_BYTES, CALL_SECONDS, Rates, is_ours
from suar.service.settings.config import Http
from suar.service.settings.scopes import CLAIM
from support.fake_gateway import FakeGateway, served, tokens
from support.patience import PATIENCE
from support.problems import ALSO, SCOPE_OF, no_scope_of

OPEN_PATHS = {
    "/healthz",
    "/readyz",
    "/openapi.json",
    "/reference",
    "/schema",
    "/schema/openapi.json",
    "/schema/{path:str}",
}


def test_every_route_needs_a_scope_but_the_probes_and_the_document(own: FakeGateway) -> None:
    found = {}
    for route in create_app(own).routes:
        assert isinstance(route, HTTPRoute)
        for handler in route.route_handlers:
            if route.path in OPEN_PATHS:
                continue
            for method in handler.http_methods - {"OPTIONS"}:
                found[str(method), route.path] = set(handler.opt.get("scope") or ())
            assert not handler.opt.get("open")
    assert found.pop(("POST", "/v1/tokens/claim")) == {CLAIM}  # what a one-time code opens, and no scope does
    missing = found.keys() - SCOPE_OF.keys()
    assert missing == set(), no_scope_of(missing)
    assert found == {call: {scope, ALSO.get(call, scope)} for call, scope in SCOPE_OF.items()}


async def test_allow_names_what_an_address_serves(own: FakeGateway) -> None:
    """At every address: HEAD where there is GET, and OPTIONS, which no caller may, at none."""
    served_methods: dict[str, set[str]] = {}
    for route in create_app(own).routes:
        assert isinstance(route, HTTPRoute)
        path = re.sub(r"{[^}]*}", "TH-ALERT-2027-000001", route.path)
        served_methods.setdefault(path, set()).update(str(each) for each in route.methods)
    app: Any = create_app(own)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8440", timeout=PATIENCE) as client:
        for path, methods in served_methods.items():
            answer = await client.request("TRACE", path)
            expected = methods - {"OPTIONS"} | ({"HEAD"} if "GET" in methods else set())
            assert (path, answer.status_code) == (path, 405)
            assert answer.headers["allow"] == ", ".join(sorted(expected))
            assert methods.isdisjoint({"HEAD", "TRACE"})


@pytest.mark.parametrize(
    ("host", "hosts", "listen", "is_right"),
    [
        ("127.0.0.1:8440", [], "127.0.0.1:8440", True),
        ("LOCALHOST", [], "127.0.0.1:8440", True),
        ("[::1]", [], "127.0.0.1:8440", True),
        ("[::1]:8440", [], "[::1]:8440", True),
        ("th.localhost:9", [], "127.0.0.1:8440", True),
        ("gw.example", [], "127.0.0.1:8440", False),
        ("gw.example:1", ["GW.example"], "127.0.0.1:8440", True),
        ("any.example", [], "0.0.0.0:8440", True),
        ("any.example", ["gw.example"], "0.0.0.0:8440", False),
        ("127.0.0.2", [], "127.0.0.2:1", True),
    ],
)
def test_which_names_are_ours(host: str, hosts: list[str], listen: str, is_right: bool) -> None:
    assert is_ours(host, Http(listen=listen, hosts=hosts)) is is_right


def test_calls_come_back_with_time() -> None:
    now = [0.0]
    rates = Rates(2, lambda: now[0])
    assert [rates.acquire("a") for _ in range(5)] == [0, 0, 0, 0, 0.5]
    now[0] = 0.5
    assert rates.acquire("a") == 0
    assert rates.acquire("a") == 0.5
    assert rates.acquire("b") == 0


def test_a_costly_call_is_waited_for_before_the_next() -> None:
    """By the bytes of its body and the time that it took, not by one call each."""
    now = [0.0]
    rates = Rates(200, lambda: now[0])
    assert rates.acquire("a") == 0
    rates.charge("a", 1_000, 0.001)  # as most are
    assert rates.acquire("a") == 0
    rates.charge("a", 500_000, 1.0)
    wait = rates.acquire("a")
    assert wait == pytest.approx((1 - (400 - 2 - 500_000 // CALL_BYTES - 0.995 / CALL_SECONDS)) / 200)
    assert wait > 2
    assert rates.acquire("b") == 0
    now[0] += wait
    assert rates.acquire("a") == 0


async def test_the_time_of_a_check_is_charged_to_its_token(own: FakeGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    """The time of the processor is one that no check here takes."""
    monkeypatch.setattr(own, "spent", {"only-publish": 60.0}.__getitem__)
    async with served(own) as url, httpx.AsyncClient(base_url=url, trust_env=False, timeout=PATIENCE) as client:
        bearer = {"Authorization": f"Bearer {(await tokens(own))['publish']}"}
        first = await client.post("/v1/messages/check", content=b"{}", headers=bearer)
        second = await client.post("/v1/messages/check", content=b"{}", headers=bearer)
    assert (first.status_code, second.status_code) == (200, 429)
    assert int(second.headers["Retry-After"]) > 100
