"""Around the line: asking a member again, carried files out and in."""

from typing import Any

import pytest

from suar.protocol.base import limits
from suar.protocol.base.errors import Fault
from suar.store.engine.database import StoreFault
from support.fake_gateway import FakeGateway
from support.problems import problem

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_member_is_required(api: Any, gateway: FakeGateway) -> None:
    response = await api("POST", "/v1/peers/SG/resend", "operate")
    assert (response.status_code, response.json()["member"]) == (200, "SG")
    [missing] = response.json()["asked"]
    assert (missing["realm"], missing["channel"], missing["first"], missing["last"]) == ("actual", "all", 1, 1)
    assert gateway.acts_of("only-operate")[-1][0] == "resend"
    problem(await api("POST", "/v1/peers/XX/resend", "operate"), 404, "E-HTTP-NOT-FOUND")


@pytest.mark.parametrize("code", ["sg", "SGP", "S%0A"])
async def test_a_member_is_two_letters(api: Any, code: str) -> None:
    problem(await api("POST", f"/v1/peers/{code}/resend", "operate"), 400, "E-HTTP-VALUE")


async def test_a_file_comes_in_parts(api: Any, gateway: FakeGateway) -> None:
    response = await api("GET", "/v1/carried?to=SG&everything=true", "operate")
    assert (response.status_code, response.content) == (200, b"firstlast")
    assert response.headers["content-type"] == "application/octet-stream"
    assert gateway.requests == [{"to": "SG", "who": "only-operate", "everything": True}]


async def test_a_segment_goes_in(api: Any, gateway: FakeGateway) -> None:
    response = await api("POST", "/v1/carried", "operate", b"segment")
    assert (response.status_code, response.json()) == (200, {"objects": 1})
    assert gateway.requests == [{"segment": b"segment", "who": "only-operate"}]


async def test_what_no_hub_would_let_in_is_refused_with_its_rule(api: Any) -> None:
    body = problem(await api("POST", "/v1/carried", "operate", b"bad"), 422, "E-CARRIED-FORM")
    assert body["rule"] == "C1"


async def test_a_segment_is_not_larger_than_a_segment(api: Any) -> None:
    problem(await api("POST", "/v1/carried", "operate", bytes(limits.CARRIED_BYTES + 1)), 413, "E-HTTP-TOO-LARGE")


async def test_no_file_for_nobody(api: Any, gateway: FakeGateway) -> None:
    gateway.fault = Fault("XX is no other active member", "`suar trust show` lists the members")
    problem(await api("GET", "/v1/carried?to=XX", "operate"), 409, "E-HTTP-CONFLICT")
    gateway.fault = StoreFault("the store cannot be read", "look at its disk")
    problem(await api("GET", "/v1/carried", "operate"), 503, "E-HTTP-FAULT")


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/v1/carried"), ("POST", "/v1/carried"), ("POST", "/v1/peers/SG/resend")]
)
@pytest.mark.parametrize("scope", ["publish", "approve", "read"])
async def test_only_operators(api: Any, gateway: FakeGateway, method: str, path: str, scope: str) -> None:
    problem(await api(method, path, scope, b"segment"), 403, "E-HTTP-SCOPE")
    problem(await api(method, path, None, b"segment"), 401, "E-HTTP-TOKEN")
    assert gateway.requests == []
