"""Around the line: asking a member again, carried files out and in."""

from typing import Any

import pytest

from suar.protocol.base import limits
from suar.protocol.base.primitives import signing_key
from suar.protocol.files.carried import LENGTH, SegmentWriter
from suar.store.engine.database import StoreFault
from support.corekit import bundle_of
from support.fake_gateway import FakeGateway
from support.kit import FEDERATION, actor
from support.problems import problem

CHECKSUM = 8  # bytes after a segment in a file
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
    assert (response.status_code, response.content[LENGTH : LENGTH + 4]) == (200, b"SUC1")
    assert response.headers["content-type"] == "application/octet-stream"
    assert gateway.acts_of("only-operate")[-1] == ("carry-export", "SG")


async def test_a_segment_goes_in(api: Any, gateway: FakeGateway) -> None:
    sg = actor("SG")
    writing = SegmentWriter(FEDERATION, "SG", "TH", sg.kid, signing_key(sg.identity))
    response = await api(
        "POST", "/v1/carried", "operate", writing.segment([bundle_of(sg)], is_last=True)[LENGTH:-CHECKSUM]
    )
    assert (response.status_code, response.json()["carrier"], response.json()["to"]) == (200, "SG", "TH")
    assert gateway.acts_of("only-operate")[-1][0] == "carry-import"


async def test_what_no_hub_would_let_in_is_refused_with_its_rule(api: Any) -> None:
    body = problem(await api("POST", "/v1/carried", "operate", b"bad"), 422, "E-CARRIED-FORM")
    assert body["rule"] == "C1"


async def test_a_segment_is_not_larger_than_a_segment(api: Any) -> None:
    problem(await api("POST", "/v1/carried", "operate", bytes(limits.CARRIED_BYTES + 1)), 413, "E-HTTP-TOO-LARGE")


async def test_no_file_for_nobody(api: Any, gateway: FakeGateway) -> None:
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
    assert [what for what, _ in gateway.acts_of(f"only-{scope}") if what.startswith(("carry", "resend"))] == []
