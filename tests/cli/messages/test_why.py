"""`suar why` over real HTTP to a fake gateway."""

import json
from typing import Any

import pytest

from suar.observe import causes
from suar.observe.checks.facts import Facts, Message, Ours
from support.commands import Suar
from support.fake_gateway import FakeGateway
from support.gateway_state import ID

pytestmark = pytest.mark.usefixtures("gateway")


def test_two_lines_the_cause_and_the_next_step(suar: Suar) -> None:
    ended = suar("why", ID, "sg")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.splitlines() == [
        "stored: Singapore (SG) has it since 15 January 2027, 08:00 UTC; nobody there has opened it yet",
        "an acknowledgement is due by 16 January 2027, 08:00 UTC: call the focal point of Singapore (SG) if none comes",
    ]


def test_as_json_and_in_a_language(suar: Suar) -> None:
    found = json.loads(suar("why", ID, "SG", "--lang", "vi", "--json").out)
    assert set(found) >= {"id", "member", "cause", "text", "next"}
    assert (found["cause"], found["member"]) == ("stored", "SG")
    assert found["text"].startswith("Singapore (SG)")
    assert "15 tháng 1" in found["text"]


def test_an_unknown_message_is_two_lines(suar: Suar) -> None:
    ended = suar("why", "TH-ALERT-2027-999999", "SG")
    assert (ended.code, ended.line_labels) == (1, ["error:", "hint:"])


@pytest.mark.parametrize("arguments", [(ID,), (ID, "SGP"), (ID, "SG", "TH")])
def test_a_wrong_query_is_a_usage_error(suar: Suar, arguments: tuple[str, ...]) -> None:
    assert suar("why", *arguments).code == 64


def test_a_language_without_a_catalogue_is_reported(suar: Suar, gateway: FakeGateway) -> None:
    ended = suar("why", ID, "SG", "--lang", "xx")
    assert (ended.code, ended.line_labels) == (1, ["error:", "hint:"])
    assert "no catalogue" in ended.err


def test_an_authority_that_a_member_names_is_shown_as_its_statement(
    suar: Suar, gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = next(n for n, cause in enumerate(causes.CAUSES, 1) if cause.code == "held-by-law")
    values = dict.fromkeys(causes.values(Facts(now=0, late=0, message=Message(origin="TH"), ours=Ours(code="TH"))))
    values |= {"id": ID, "member": "SG", "origin": "TH", "authority": "Court 7\x1b[2J, case 17"}

    async def held(id_: str, member: str) -> dict[str, Any]:
        return {"id": id_, "rev": 2, "member": member, "cause": "held-by-law", "number": number, "values": values}

    monkeypatch.setattr(gateway, "why", held)
    lines = suar("why", ID, "SG").out.splitlines()
    assert lines[0] == ("held-by-law: it was cancelled; Singapore (SG) states that a legal hold makes it keep the text")
    assert lines[2].startswith("| Court 7")
    assert "\x1b" not in lines[2]
    assert len(lines) == 3
    assert "Court 7" in json.loads(suar("why", ID, "SG", "--json").out)["authority"]
