"""A health ministry's program has the token of an agency, and tries every call of the API with it. Before, its only
token was one of scope read, which opened everything that the focal point may read, law-enforcement-only included.

An agency's token opens its doors (the feed, the CAP feed, the data files) and nothing else, and there what `may_read`
gives its registration.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from suar.protocol.policy.decision import may_read_tree
from suar.protocol.policy.restrictions import Reader
from support.agency_desk import BATCH

if TYPE_CHECKING:
    from support.demos import Running

pytestmark = pytest.mark.essential

OPEN = {("GET", "/healthz"), ("GET", "/readyz")}
DOORS = {
    ("GET", "/v1/feed"), ("POST", "/v1/feed/cookie"), ("GET", "/v1/feeds/cap.atom"), ("GET", "/v1/feeds/cap/{id}"),
    ("GET", "/v1/data/trends.csv"), ("GET", "/v1/data/trends.sdmx.csv"),
}  # fmt: skip
KINDS = ["alert", "pattern", "trend"]


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture(scope="module")
def operator(member: dict[str, Any]) -> dict[str, str]:
    return bearer(json.loads((Path(member["state"]) / "gateway.json").read_text())["token"])


@pytest.fixture(scope="module")
def agency(client: httpx.Client, operator: dict[str, str]) -> dict[str, str]:
    wanted = {"name": "health", "sector": "health", "kinds": KINDS, "max_tlp": "AMBER"}
    made = client.post("/v1/agencies", json=wanted, headers=operator)
    assert made.status_code == 201, made.text
    return bearer(made.json()["token"])


def test_it_opens_its_doors_and_nothing_else(
    demo: Running, client: httpx.Client, member: dict[str, Any], agency: dict[str, str]
) -> None:
    paths = client.get("/schema/openapi.json").json()["paths"]
    calls = {(method.upper(), path) for path, methods in paths.items() for method in methods} - OPEN
    let_in = set()
    for method, path in calls:
        filled = path.replace("/collections/{name}", "/collections/alert")
        filled = filled.replace("{id}", "SG-ALERT-2027-999999").replace("{member}", "TH").replace("{code}", "XX")
        filled = re.sub(r"\{\w+\}", "nobody", filled.replace("{number}", "999999"))
        params = {"follow": "false"} if path == "/v1/feed" else None
        answer = client.request(method, filled, headers=agency, params=params)
        if not (answer.status_code == 403 and answer.json()["code"] == "E-HTTP-SCOPE"):
            let_in.add((method, path))
    taxii = {("GET", path) for _, path in calls if path.startswith("/taxii2")}
    assert len(taxii) == 8
    assert let_in == DOORS | taxii


def test_what_it_reads_is_what_the_policy_gives(
    client: httpx.Client, member: dict[str, Any], agency: dict[str, str], operator: dict[str, str]
) -> None:
    def read(headers: dict[str, str]) -> dict[str, dict[str, Any]]:
        answer = client.get("/v1/feed?own=true", headers=headers | {"Accept": BATCH})
        assert answer.status_code == 200, answer.text
        return {each["id"]: each["data"]["message"] for each in answer.json()}

    mine, everything = read(agency), read(operator)
    reader = Reader(
        member=member["code"], given_by=member["code"], standing="agency", kinds=frozenset(KINDS), sector="health",
        highest_tlp="AMBER", realms=frozenset({"actual"}), now=0,
    )  # fmt: skip
    allowed = {id_ for id_, tree in everything.items() if tree is not None and may_read_tree(tree, reader).is_allowed}
    assert {id_ for id_, tree in mine.items() if tree is not None} == allowed
    assert 0 < len(allowed) < len(everything)


def test_guesses_open_nothing(client: httpx.Client, agency: dict[str, str]) -> None:
    """A token of the right form that nobody has, and the own one with another ending."""
    token = agency["Authorization"].removeprefix("Bearer ")
    near = token[:-1] + ("A" if token[-1] != "A" else "B")
    for guess in (near, token.upper(), token + "A", "suar_agency_" + "A" * 43):
        answer = client.get("/v1/feed?follow=false", headers=bearer(guess))
        assert (answer.status_code, answer.json()["code"]) == (401, "E-HTTP-TOKEN")
        assert guess not in answer.text


def test_a_revoked_agency_reads_nothing_more_while_its_stream_is_open(
    client: httpx.Client, operator: dict[str, str]
) -> None:
    wanted = {"name": "labour", "sector": "labour", "kinds": KINDS, "max_tlp": "AMBER"}
    token = client.post("/v1/agencies", json=wanted, headers=operator).json()["token"]
    with client.stream("GET", "/v1/feed", headers=bearer(token), timeout=14) as stream:
        lines = stream.iter_lines()
        assert next(lines).startswith(":")
        assert client.delete("/v1/agencies/labour", headers=operator).status_code == 200
        list(lines)  # ends before the time limit; a sign of life would come after 15 seconds
    assert client.get("/v1/feed?follow=false", headers=bearer(token)).status_code == 401
