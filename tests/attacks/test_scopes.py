"""The holder of one token tries every route of the API. Before, the token that scraped /metrics made tokens, revoked
others' and revoked the state's identity for ever; a token that only read acknowledged for the state in any role.

What is allowed is exactly the table of docs/operators.md.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.demos import Running

SCOPES = ("publish", "approve", "read", "acknowledge", "monitor", "operate", "admin")
INCLUDES = {"monitor": {"operate", "admin"}, "operate": {"admin"}}
OPEN = {("GET", "/healthz"), ("GET", "/readyz")}
CLAIM = ("POST", "/v1/tokens/claim")
ROW = re.compile(r"^\| `(?P<scopes>[a-z` or]+)` \| (?P<calls>`(?:GET|POST|DELETE) /.*) \|$", re.MULTILINE)
CALL = re.compile(r"`(GET|POST|DELETE) (/[^`]*)`")


def table() -> dict[tuple[str, str], set[str]]:
    """Call -> the scopes that open it, as docs/operators.md says."""
    text = (Path(__file__).parents[2] / "docs/operators.md").read_text()
    found: dict[tuple[str, str], set[str]] = {}
    for row in ROW.finditer(text):
        for call in CALL.findall(row["calls"]):
            named = found.setdefault(call, set())
            for scope in re.findall(r"[a-z]{4,}", row["scopes"]):
                named |= {scope, *INCLUDES.get(scope, ())}
    return found


@pytest.fixture(scope="module")
def member(demo: Running) -> dict[str, Any]:
    found: dict[str, Any] = demo.content["members"][0]
    return found


@pytest.fixture(scope="module")
def client(member: dict[str, Any]) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=member["gateway"]["http"], trust_env=False, timeout=120) as made:
        yield made


def calls(client: httpx.Client) -> list[tuple[str, str]]:
    """Every call of the OpenAPI document, by method and path."""
    paths = client.get("/schema/openapi.json").json()["paths"]
    return [(method.upper(), path) for path, methods in paths.items() for method in methods]


def attempt(client: httpx.Client, method: str, path: str, token: str) -> httpx.Response:
    """A call with what is harmless where it is let in: no body, ids and names that nobody has."""
    filled = path.replace("{id}", "SG-ALERT-2027-999999").replace("{member}", "TH").replace("{code}", "XX")
    filled = filled.replace("{number}", "999999")
    filled = re.sub(r"\{\w+\}", "nobody", filled)
    params = {"follow": "false", "after": "x"} if filled == "/v1/feed" else None
    if (method, filled) in {("POST", "/v1/keys/rotate"), ("POST", "/v1/clock/reset")}:
        params = {"unknown": "1"}
    headers = {"Authorization": f"Bearer {token}"}
    with client.stream(method, filled, headers=headers, params=params) as answer:
        if answer.status_code >= 400:
            answer.read()
        return answer


def is_let_in(answer: httpx.Response) -> bool:
    return not (answer.status_code == 403 and answer.json()["code"] == "E-HTTP-SCOPE")


def test_the_table_has_every_call(client: httpx.Client) -> None:
    found = {call for call in calls(client) if call not in OPEN and call != CLAIM}
    assert found - set(table()) == set(), "docs/operators.md: its table of scopes is made by `make pages`"
    assert set(table()) == found


@pytest.mark.parametrize("scope", SCOPES)
def test_a_token_does_what_the_table_says_and_no_more(client: httpx.Client, member: dict[str, Any], scope: str) -> None:
    token, allowed = member["tokens"][scope], table()
    found = {call for call in calls(client) if call not in OPEN and is_let_in(attempt(client, *call, token))}
    assert found == {call for call, scopes in allowed.items() if scope in scopes}


@pytest.mark.parametrize(("propose", "scopes"), [(False, {"agency"}), (True, {"agency", "propose"})])
def test_an_agency_does_what_the_table_says_and_no_more(
    client: httpx.Client, member: dict[str, Any], propose: bool, scopes: set[str]
) -> None:
    wanted = {"name": f"agency-{propose:d}", "sector": "health", "kinds": ["alert"], "max_tlp": "GREEN"}
    local = {"Authorization": f"Bearer {local_token(member)}"}
    made = client.post("/v1/agencies", json={**wanted, "propose": propose}, headers=local)
    token = made.json()["token"]
    found = {call for call in calls(client) if call not in OPEN and is_let_in(attempt(client, *call, token))}
    assert found == {call for call, named in table().items() if named & scopes}
    made = client.post("/v1/tokens", json={"name": "own", "scopes": ["propose"]}, headers=local)
    assert made.status_code == 409, "no token of ours has that scope"


def test_a_code_does_nothing_but_be_claimed(client: httpx.Client, member: dict[str, Any]) -> None:
    local = {"Authorization": f"Bearer {local_token(member)}"}
    made = client.post("/v1/tokens", json={"name": "to-claim", "scopes": ["admin"]}, headers=local).json()
    others = [call for call in calls(client) if call not in OPEN and call != CLAIM]
    assert not [call for call in others if is_let_in(attempt(client, *call, made["claim"]))]
    assert client.post("/v1/tokens/claim", headers={"Authorization": f"Bearer {made['claim']}"}).status_code == 200
    assert client.post("/v1/tokens/claim", headers={"Authorization": f"Bearer {made['claim']}"}).status_code == 401
    assert client.get("/v1/tokens", headers={"Authorization": f"Bearer {made['token']}"}).status_code == 401


@pytest.mark.parametrize("scope", ["monitor", "operate", "admin"])
def test_no_token_revokes_the_identity(client: httpx.Client, member: dict[str, Any], scope: str) -> None:
    headers = {"Authorization": f"Bearer {member['tokens'][scope]}"}
    as_admin = {"Authorization": f"Bearer {member['tokens']['admin']}"}
    keys = client.get("/v1/keys", headers=as_admin).json()
    kid = next(key["kid"] for key in keys if key["key"] == "identity")
    for body in ({"kid": kid}, {"kid": kid, "passphrase": "a guess"}):
        assert client.post("/v1/keys/compromised", json=body, headers=headers).status_code == 403
    local = {"Authorization": f"Bearer {local_token(member)}"}
    assert client.post("/v1/keys/compromised", json={"kid": kid}, headers=local).status_code == 403
    states = {key["kid"]: key["state"] for key in client.get("/v1/keys", headers=as_admin).json()}
    assert states[kid] == "signs"


def test_a_token_acknowledges_in_its_roles_alone(client: httpx.Client, member: dict[str, Any]) -> None:
    local = {"Authorization": f"Bearer {local_token(member)}"}
    wanted = {"name": "duty", "scopes": ["acknowledge"], "roles": ["duty-officer"], "person": True}
    duty = {"Authorization": f"Bearer {client.post('/v1/tokens', json=wanted, headers=local).json()['token']}"}
    rows = client.get("/v1/messages", params={"kind": "alert"}, headers=local).json()
    id_ = next(row["id"] for row in rows if row["origin"] != member["code"])
    statement = {"stage": "acknowledged", "role": "duty-officer", "note": "two teams"}
    path = f"/v1/messages/{id_}/receipts"
    for role in ("focal-point", "approver", "agency"):
        assert client.post(path, json=statement | {"role": role}, headers=duty).status_code == 403
    named = client.post(path, json=statement | {"note": "Mr Somchai Suksai is at the border"}, headers=duty)
    assert (named.status_code, named.json()["code"]) == (422, "E-PRIVACY-NAME")
    as_reader = {"Authorization": f"Bearer {member['tokens']['read']}"}
    assert client.post(path, json=statement, headers=as_reader).status_code == 403
    assert client.post(path, json=statement, headers=duty).status_code == 200


def local_token(member: dict[str, Any]) -> str:
    """What commands on the member's machine use."""
    import json

    return str(json.loads((Path(member["state"]) / "gateway.json").read_text())["token"])
