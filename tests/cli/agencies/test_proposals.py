"""`suar proposals`, over real HTTP to a gateway in a thread of this process."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from support.commands import Suar
from support.fake_gateway import FakeGateway
from support.healthy import NOW
from support.hostile_drafts import draft
from support.patience import PATIENCE

ADD = ("--sector", "health", "--kinds", "alert", "--max-tlp", "GREEN", "--propose")


def proposed(suar: Suar, name: str = "health", **changes: Any) -> str:
    """An agency is registered, and proposes an alert; its id."""
    token = suar("agency", "add", name, *ADD).out.strip()
    tree = draft("alert-new-route", "TH", NOW, **changes)
    tree["issuer"] = {"body": "Ministry of Health"}
    url = json.loads((Path("suar-state") / "gateway.json").read_text())["url"]
    made = httpx.post(
        f"{url}/v1/proposals", json=tree, headers={"Authorization": f"Bearer {token}"}, trust_env=False,
        timeout=PATIENCE,
    )  # fmt: skip
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


def test_a_proposal_is_listed_shown_and_taken(suar: Suar, gateway: FakeGateway) -> None:
    assert suar("proposals", "list").out == "there are no such proposals\n"
    id_ = proposed(suar)
    assert json.loads(suar("agency", "show", "health", "--json").out)["propose"] is True
    shown = json.loads(suar("proposals", "show", id_, "--json").out)
    read = suar("proposals", "show", id_).out
    assert read.startswith(f"{id_}  proposed  health  alert  actual\n")
    assert shown["title"] in read
    assert '"urgency"' not in read, "it is shown as codes"
    line = suar("proposals", "list").out.splitlines()[-1]
    assert line.split()[:2] == [id_, "immediate"]
    assert f"{shown['title']}  proposed" in line
    assert line.partition(shown["title"])[2].split()[:5] == ["proposed", "health", "active", "alert", "actual"]
    assert json.loads(suar("proposals", "list", "--json").out)[0]["id"] == id_
    assert shown["proposal"]["issuer"]["sector"] == "health"
    taken = suar("proposals", "take", id_)
    assert len(taken.out.strip()) == 16
    assert "console" in taken.err
    assert suar("proposals", "take", id_).line_labels == ["error:", "hint:"]
    assert suar("proposals", "list").out == "there are no such proposals\n"
    assert json.loads(suar("proposals", "list", "--in", "editing", "--json").out)[0]["draft"] == taken.out.strip()


def test_what_is_immediate_is_first(suar: Suar, gateway: FakeGateway) -> None:
    later = [proposed(suar, urgency="future", ack_within=None)]
    urgent = proposed(suar, "labour")
    ids = [row["id"] for row in json.loads(suar("proposals", "list", "--json").out)]
    assert ids == [urgent, *later]


def test_a_proposal_is_rejected_with_a_reason_that_names_nobody(suar: Suar, gateway: FakeGateway) -> None:
    id_ = proposed(suar)
    for reason in ("call +66 81 234 5678", "Mr Somchai Suksai knows", ""):
        ended = suar("proposals", "reject", id_, "--reason", reason)
        assert (ended.code, ended.line_labels[0], ended.line_labels[-1]) == (1, "error:", "hint:"), reason
        assert "out of the note" not in ended.err, "it is a reason, and no note"
    assert suar("proposals", "reject", id_).code == 64
    done = json.loads(suar("proposals", "reject", id_, "--reason", "the place is missing", "--json").out)
    assert done == {"id": id_, "state": "rejected"}
    (row,) = json.loads(suar("proposals", "list", "--in", "all", "--json").out)
    assert (row["state"], row["reason"], row["by"]) == ("rejected", "the place is missing", "local")


@pytest.mark.parametrize("id_", ["../agencies", "0", "0123456789ABCDEF", "0" * 17])
def test_what_is_no_id_is_no_address(suar: Suar, gateway: FakeGateway, id_: str) -> None:
    for act in (("show",), ("take",), ("reject", "--reason", "x")):
        ended = suar("proposals", act[0], id_, *act[1:])
        assert (ended.line_labels, "no id of a proposal" in ended.err) == (["error:", "hint:"], True)


def test_what_an_agency_wrote_prints_no_character_that_acts(suar: Suar, gateway: FakeGateway) -> None:
    """Letters that turn a line around may stand in a draft; a terminal gets them as escapes."""
    id_ = proposed(suar, text=[{"lang": "en", "title": "Sea \u202e route", "summary": "Offers by telephone"}])
    for options in ((), ("--json",)):
        out = suar("proposals", "show", id_, *options).out
        assert "Sea" in out
        assert "\u202e" not in out
