"""Who reads two members' tables takes one's number for the count that the other hides. Before, TH hid Burmese and
Vietnamese beside its total, VN published its own citizens found in TH, and TH's gateway, which had that table, let TH's
leave: one subtraction gave the Burmese.

Now TH's table waits for a second person. A token that only publishes is not told what stands in VN's.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from attacks.test_self_made_approver import bearer, decide
from support.demos import is_reached
from support.hostile_drafts import draft

if TYPE_CHECKING:
    from support.demos import Running

pytestmark = pytest.mark.essential

YEAR = "2024"


def table(code: str, counts: dict[str, int]) -> bytes:
    """Victims found in TH in a year, by citizenship, as `code` hands it in."""
    location = {"role": "detection", "country": "TH"}
    obs = [
        {"period": YEAR, "place": location, "dims": {"citizenship": of}, "value": count, "status": "A"}
        for of, count in counts.items()
    ]
    about: dict[str, Any] = {"dims": ["citizenship"], "margins": "total" in counts, "coverage": {"scope": "national"}}
    return json.dumps(draft("trend-detected-by-sex", code, obs=obs, denominator=None, **about)).encode()


def post(member: dict[str, Any], data: bytes) -> httpx.Response:
    with httpx.Client(base_url=member["gateway"]["http"], trust_env=False, timeout=120) as client:
        return client.post("/v1/messages", content=data, headers=bearer(member["tokens"]["publish"]))


def has(member: dict[str, Any], id_: str) -> bool:
    """Whether it has the message; what a NATS source passed over comes when it is asked for again."""
    with httpx.Client(base_url=member["gateway"]["http"], trust_env=False, timeout=120) as client:
        sent = bearer(member["tokens"]["read"])
        return is_reached(lambda: client.get(f"/v1/messages/{id_}", headers=sent).status_code == 200)


@pytest.fixture(scope="module")
def members(demo: Running) -> dict[str, Any]:
    return {member["code"]: member for member in demo.content["members"]}


def test_a_table_that_a_neighbour_s_gives_away_waits(members: dict[str, Any]) -> None:
    th, vn = members["TH"], members["VN"]
    theirs = post(vn, table("VN", {"VN": 20}))
    assert theirs.status_code == 201, theirs.text
    assert has(th, theirs.json()["id"])
    total = post(th, table("TH", {"total": 24}))  # shows no more than before; now no gate key can hide it
    assert (total.status_code, total.json()["verdict"]) == (201, "published"), total.text
    ours = post(th, table("TH", {"MM": 4, "VN": 20, "total": 24}))
    assert (ours.status_code, ours.json()["verdict"]) == (202, "held"), ours.text
    reasons = [reason for reason in ours.json()["reasons"] if reason["code"] == "E-PRIVACY-NEIGHBOUR"]
    assert [reason["path"] for reason in reasons] == ["$.obs"]  # which cells it is would tell the neighbour's numbers
    assert theirs.json()["id"] not in ours.text
    assert all(reason["marked"] == [] for reason in reasons)
    with httpx.Client(base_url=th["gateway"]["http"], trust_env=False, timeout=120) as client:
        assert decide(client, ours.json()["id"], th["tokens"]["approve"])[0] == 200
