"""The parts of access that need no server: every route's scope, names of hosts, rates."""

import pytest
from litestar.routes import HTTPRoute

from fake_gateway import FakeGateway
from problems import ALSO, SCOPE_OF
from suar.api.access import Rates, is_ours
from suar.api.app import create_app
from suar.service.config import Http
from suar.service.scopes import CLAIM

OPEN_PATHS = {"/healthz", "/readyz", "/schema", "/schema/openapi.json", "/schema/{path:str}"}


def test_every_route_needs_a_scope_but_the_probes_and_the_document(own: FakeGateway) -> None:
    found = {}
    for route in create_app(own).routes:
        assert isinstance(route, HTTPRoute)
        for handler in route.route_handlers:
            if route.path in OPEN_PATHS:
                continue
            for method in handler.http_methods - {"OPTIONS"}:
                found[str(method), route.path] = set(handler.opt.get("scope"))
            assert not handler.opt.get("open")
    assert found.pop(("POST", "/v1/tokens/claim")) == {CLAIM}  # what a one-time code opens, and no scope does
    assert found == {call: {scope, ALSO.get(call, scope)} for call, scope in SCOPE_OF.items()}


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
    assert [rates.take("a") for _ in range(5)] == [0, 0, 0, 0, 0.5]
    now[0] = 0.5
    assert rates.take("a") == 0
    assert rates.take("a") == 0.5
    assert rates.take("b") == 0
