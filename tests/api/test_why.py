"""GET /v1/messages/{id}/why/{member}: one cause and one next step, in the language that is asked for."""

from typing import Any

import pytest

from suar.observe.causes import CAUSES
from suar.protocol.base.errors import Fault
from support.fake_gateway import FakeGateway
from support.gateway_state import ID
from support.problems import problem

pytestmark = pytest.mark.asyncio(loop_scope="module")

PATH = f"/v1/messages/{ID}/why"


async def test_one_cause_one_next_step(api: Any) -> None:
    body = (await api("GET", f"{PATH}/SG", "read")).json()
    assert {name: body[name] for name in ("id", "rev", "member", "cause", "lang")} == {
        "id": ID, "rev": 1, "member": "SG", "cause": "stored", "lang": "en"
    }  # fmt: skip
    assert body["text"] == ("Singapore (SG) has it since 15 January 2027, 08:00 UTC; nobody there has opened it yet")
    assert body["next"] == (
        "an acknowledgement is due by 16 January 2027, 08:00 UTC: call the focal point of Singapore (SG) if none comes"
    )
    times = {"at": "2027-01-15T08:00:00Z", "due": "2027-01-16T08:00:00Z"}
    assert body["values"] == {"member": "SG", **times}  # what the text has, and nothing else
    assert CAUSES[body["number"] - 1].code == "stored"


async def test_in_a_language(api: Any) -> None:
    body = (await api("GET", f"{PATH}/SG?lang=th-TH", "read")).json()
    assert (body["cause"], body["lang"]) == ("stored", "th")
    assert "สิงคโปร์ (SG)" in body["text"]


async def test_what_is_not_known(api: Any) -> None:
    problem(await api("GET", "/v1/messages/TH-ALERT-2027-999999/why/SG", "read"), 404, "E-HTTP-NOT-FOUND")


@pytest.mark.parametrize("path", ["/sg", "/SGP", "/S%0A", "/SG?lang=xx", "/SG?lang=%0A"])
async def test_what_is_no_member_or_language(api: Any, path: str) -> None:
    problem(await api("GET", PATH + path, "read"), 400, "E-HTTP-VALUE")


@pytest.mark.parametrize("scope", ["publish", "approve", "operate"])
async def test_it_needs_the_scope_read(api: Any, scope: str) -> None:
    problem(await api("GET", f"{PATH}/SG", scope), 403, "E-HTTP-SCOPE")


async def test_a_fault_of_ours_is_reported_as_one(api: Any, gateway: FakeGateway) -> None:
    gateway.fault = Fault("the store cannot be read", "look at the disk")
    problem(await api("GET", f"{PATH}/SG", "read"), 503, "E-HTTP-FAULT")
