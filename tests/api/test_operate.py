"""Trust, keys, peers, checks, tokens, metrics, probes."""

import json
from typing import Any

import httpx
import msgspec
import pytest

from suar.api.http.codes import HTTP_CODES
from suar.observe import hooks
from suar.service.access.passphrase_check import TooManyAttempts
from suar.service.access.tokens import TokenRow, check, hash_of, new_token
from suar.service.pacing.readiness import NO_SERVER
from suar.service.status.catching_up import Progress
from suar.service.status.snapshot import BusState
from suar.store.engine.database import StoreFault
from support.fake_gateway import FakeGateway, served, tokens
from support.gateway_state import IDENTITY, LOCAL, THEIRS
from support.healthy import NOW
from support.kit import ListMaker
from support.patience import PATIENCE
from support.problems import problem

pytestmark = pytest.mark.asyncio(loop_scope="module")

PIN = "ab" * 32


async def test_the_probes_need_no_token(api: Any, gateway: FakeGateway) -> None:
    assert (await api("GET", "/healthz")).json() == {"status": "alive"}
    assert (await api("GET", "/readyz")).json() == {"ready": True, "reasons": [], "to_come": 0}
    gateway.ready.bus = BusState()
    response = await api("GET", "/readyz")
    assert (response.status_code, response.json()) == (503, {"ready": False, "reasons": [], "to_come": 0})
    assert (await api("GET", "/healthz")).status_code == 200


@pytest.mark.parametrize(
    ("scope", "reasons"),
    [("monitor", [NO_SERVER]), ("operate", [NO_SERVER]), ("read", []), ("publish", [])],
)
async def test_why_it_is_not_ready_is_for_those_who_may_watch_it(
    api: Any, gateway: FakeGateway, scope: str, reasons: list[str]
) -> None:
    gateway.ready.bus = BusState()
    response = await api("GET", "/readyz", scope)
    assert (response.status_code, response.json()["reasons"]) == (503, reasons)


@pytest.mark.parametrize(("scope", "is_reported"), [(None, False), ("monitor", True)], ids=["nobody", "a token"])
async def test_which_store_failed_is_for_those_with_a_token(
    api: Any, gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch, scope: str | None, is_reported: bool
) -> None:
    def failed() -> None:
        raise StoreFault("the store /var/x failed", "look at /var/x")

    monkeypatch.setattr(gateway, "readiness", failed)
    monkeypatch.setattr(gateway, "snapshot", failed)
    response = await api("GET", "/metrics" if scope else "/readyz", scope)
    assert (response.status_code, response.json()["code"]) == (503, "E-HTTP-FAULT")
    assert ("/var/x" in response.text) is is_reported


async def test_a_list_is_imported_with_its_pin(own: FakeGateway) -> None:
    lists = ListMaker().after()
    held = await tokens(own)
    async with served(own) as url, httpx.AsyncClient(base_url=url, trust_env=False, timeout=PATIENCE) as client:
        client.headers["Authorization"] = f"Bearer {held['admin']}"
        response = await client.post(f"/v1/trust?pin={lists.hash().hex()}", content=lists.signed())
        assert response.status_code == 200
        assert response.json() == {"result": "ok", "version": 2, "hash": lists.hash().hex()}
    assert own.acts_of("only-admin") == [("trust-import", "2")]


async def test_a_refused_list_names_its_code(api: Any) -> None:
    refused = await api("POST", "/v1/trust", "admin", ListMaker().after().signed("A"))
    assert problem(refused, 422, "E-TRUST-SIGNATURE")["rule"] == "T2"


@pytest.mark.parametrize("pin", ["x", PIN.upper(), PIN[:-1], PIN + "%0A"])
async def test_a_pin_is_a_hash(api: Any, pin: str) -> None:
    problem(await api("POST", f"/v1/trust?pin={pin}", "admin", b"list"), 400, "E-HTTP-VALUE")


async def test_a_list_is_not_larger_than_a_list(api: Any) -> None:
    problem(await api("POST", "/v1/trust", "admin", bytes(256 * 1024 + 1)), 413, "E-HTTP-TOO-LARGE")


@pytest.mark.parametrize("path", ["/v1/trust", "/v1/tokens"])
async def test_a_fault_of_the_store_is_not_the_callers(api: Any, gateway: FakeGateway, path: str) -> None:
    gateway.fault = StoreFault("the store cannot be written", "free space")
    problem(await api("POST", path, "admin", b'{"name": "desk", "scopes": ["operate"]}'), 503, "E-HTTP-FAULT")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/trust"),
        ("GET", "/v1/keys"),
        ("POST", "/v1/keys/rotate"),
        ("GET", "/v1/peers"),
        ("POST", "/v1/clock/reset"),
    ],
)
async def test_what_the_gateway_says_is_passed_on(api: Any, method: str, path: str) -> None:
    response = await api(method, path, "admin")
    assert response.status_code == 200
    assert response.json()


@pytest.mark.sqlite
async def test_a_store_that_is_a_file_has_no_lease_to_yield(api: Any) -> None:
    body = problem(await api("POST", "/v1/lease/yield", "admin"), 422, "E-HTTP-REFUSED")
    assert "a file of this machine" in body["detail"]


async def test_a_compromised_key_is_named_by_its_kid(api: Any, gateway: FakeGateway) -> None:
    bundle = await gateway.rotate_keys()
    response = await api("POST", "/v1/keys/compromised", "admin", json.dumps(bundle).encode())
    assert response.status_code == 200
    assert (response.json()["kid"], response.json()["key"]) == (bundle["kid"], "bundle")
    assert ("compromised", f"bundle {bundle['kid']}") in gateway.acts_of("only-admin")


async def test_a_key_that_is_refused_is_reported_as_one(api: Any) -> None:
    request_bytes = b'{"kid": "5f0c2a91d3e84b7796aa01c2d3e4f506"}'
    body = problem(await api("POST", "/v1/keys/compromised", "admin", request_bytes), 422, "E-HTTP-REFUSED")
    assert body["detail"].startswith("no key of this gateway has the kid 5f0c 2a91")
    entry = HTTP_CODES["E-HTTP-REFUSED"]
    assert "key" in entry.meaning  # what `suar errors E-HTTP-REFUSED` says of it is true of both calls
    assert "trust list" in entry.meaning


@pytest.mark.parametrize("body", [b"", b"{}", b"[", b'{"kid": "5f0c"}', b'{"kid": "5F0C2A91D3E84B7796AA01C2D3E4F506"}'])
async def test_what_is_no_kid_is_refused(api: Any, body: bytes) -> None:
    problem(await api("POST", "/v1/keys/compromised", "admin", body), 400, "E-HTTP-VALUE")


async def test_checks(api: Any, gateway: FakeGateway) -> None:
    body = (await api("GET", "/v1/checks", "monitor")).json()
    status = {(check["id"], check["entity"]): check["status"] for check in body["checks"]}
    assert (status["bus-connected", "gateway"], status["gaps", "SG"]) == ("ok", "warning")
    gateway.ready.bus = BusState()
    body = (await api("GET", "/v1/checks", "monitor")).json()
    assert body["status"] == "critical"
    [bus] = [check for check in body["checks"] if check["id"] == "bus-connected"]
    assert (set(bus), bus["status"]) == ({"id", "status", "entity", "text", "next", "because"}, "critical")


async def test_metrics_count_what_the_hooks_tell(api: Any, gateway: FakeGateway) -> None:
    gateway.hooks(hooks.MessageRefused(at=0, origin="SG", code="E-MESSAGE-RULE", rule="F9"))
    response = await api("GET", "/metrics", "monitor")
    assert response.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert 'suar_messages_refused_total{code="E-MESSAGE-RULE",origin="SG"} 1.0' in response.text
    assert "suar_build_info" in response.text


async def test_a_token_is_made_listed_and_revoked(api: Any) -> None:
    wanted = b'{"name": "desk", "scopes": ["read", "publish"]}'
    response = await api("POST", "/v1/tokens", "local", wanted)
    assert response.status_code == 201
    token = response.json()["token"]
    assert (await api("GET", "/v1/messages", Authorization=f"Bearer {token}")).status_code == 200
    listed = (await api("GET", "/v1/tokens", "admin")).json()
    assert [row["scopes"] for row in listed if row["name"] == "desk"] == [["publish", "read"]]
    assert token not in json.dumps(listed)
    assert "hash" not in json.dumps(listed)
    problem(await api("POST", "/v1/tokens", "local", wanted), 409, "E-HTTP-CONFLICT")
    assert (await api("DELETE", "/v1/tokens/desk", "admin")).json() == {"name": "desk", "state": "revoked"}
    problem(await api("DELETE", "/v1/tokens/desk", "admin"), 404, "E-HTTP-NOT-FOUND")


async def test_a_token_grants_no_scope_that_it_does_not_have(api: Any) -> None:
    problem(await api("POST", "/v1/tokens", "admin", b'{"name": "x", "scopes": ["publish"]}'), 403, "E-HTTP-SCOPE")
    assert (await api("POST", "/v1/tokens", "admin", b'{"name": "x", "scopes": ["operate"]}')).status_code == 201


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b'{"name": "x"}',
        b'{"name": 1, "scopes": []}',
        b'{"name": "x", "scopes": ["read"], "more": 1}',
        b"\xff",
    ],
)
async def test_a_wrong_wish_for_a_token(api: Any, body: bytes) -> None:
    problem(await api("POST", "/v1/tokens", "local", body), 400, "E-HTTP-VALUE")


@pytest.mark.parametrize("name", ["local", "operator", "gateway", "Local"])
async def test_a_name_that_cannot_be(api: Any, name: str) -> None:
    wanted = json.dumps({"name": name, "scopes": ["read"]}).encode()
    problem(await api("POST", "/v1/tokens", "local", wanted), 409, "E-HTTP-CONFLICT")


async def test_a_token_grants_no_role_that_it_does_not_have(api: Any, gateway: FakeGateway) -> None:
    made = await gateway.tokens_add(check("chief", ["admin", "acknowledge"], ["duty-officer"]))
    bearer = f"Bearer {made['token']}"
    wanted = {"name": "x", "scopes": ["acknowledge"], "roles": ["approver"]}
    refused = await api("POST", "/v1/tokens", content=json.dumps(wanted).encode(), Authorization=bearer)
    problem(refused, 403, "E-HTTP-SCOPE")
    wanted["roles"] = ["duty-officer"]
    made_by_it = await api("POST", "/v1/tokens", content=json.dumps(wanted).encode(), Authorization=bearer)
    assert made_by_it.status_code == 201
    [row] = [row for row in await gateway.token_rows() if row.name == "x"]
    assert (row.maker, row.roles) == ("chief", ("duty-officer",))


async def test_the_identity_is_not_revoked_by_a_token_alone(api: Any, gateway: FakeGateway) -> None:
    request = {"kid": IDENTITY.hex()}
    request_bytes = json.dumps(request | {"passphrase": "correct horse"}).encode()
    for each in (json.dumps(request).encode(), request_bytes):  # without one, and with another one
        body = problem(await api("POST", "/v1/keys/compromised", "admin", each), 403, "E-HTTP-PASSPHRASE")
        assert "passphrase" in body["detail"]
    gateway.fault = TooManyAttempts(77)
    assert (await api("POST", "/v1/keys/compromised", "admin", request_bytes)).headers["retry-after"] == "77"


async def test_a_token_of_before_keeps_everything_but_the_identity(api: Any, gateway: FakeGateway) -> None:
    token = new_token()
    old = TokenRow(name="old", hash=hash_of(token), scopes=("read", "operate"), created_at=0, is_old=True)
    await gateway.insert_token(msgspec.structs.replace(old, created_at=NOW))
    await gateway.open(LOCAL)  # as it begins
    bearer = f"Bearer {token}"
    for path in ("/v1/tokens", "/v1/trust", "/v1/checks", "/v1/messages"):
        assert (await api("GET", path, Authorization=bearer)).status_code == 200
    assert (await api("POST", "/v1/keys/rotate", Authorization=bearer)).status_code == 200
    body = b'{"stage": "acknowledged", "role": "approver"}'
    assert (await api("POST", f"/v1/messages/{THEIRS}/receipts", content=body, Authorization=bearer)).status_code == 200
    revocation = json.dumps({"kid": IDENTITY.hex(), "passphrase": "right"}).encode()
    refused = await api("POST", "/v1/keys/compromised", content=revocation, Authorization=bearer)
    problem(refused, 403, "E-HTTP-SCOPE")


async def test_the_audit_is_read_by_pages_and_by_operators_alone(api: Any, gateway: FakeGateway) -> None:
    first = (await api("GET", "/v1/audit?limit=2", "operate")).json()
    assert gateway.acts_of("only-operate")[-1] == ("audit", "read")
    second = (await api("GET", "/v1/audit?after=2&limit=2", "operate")).json()
    assert [[line["n"] for line in page["lines"]] for page in (first, second)] == [[1, 2], [3, 4]]
    problem(await api("GET", "/v1/audit", "read"), 403, "E-HTTP-SCOPE")
    problem(await api("GET", "/v1/audit?limit=1001", "operate"), 400, "E-HTTP-VALUE")


async def test_commitments_of_a_member_are_read_by_pages_and_by_operators_alone(api: Any, gateway: FakeGateway) -> None:
    page = (await api("GET", "/v1/audit/commitments?member=VN&limit=10", "operate")).json()
    assert (page["title"]["member"], page["title"]["kept_by"], page["commitments"]) == ("VN", "TH", [])
    assert gateway.acts_of("only-operate")[-1] == ("commitments", "VN")
    later = (await api("GET", "/v1/audit/commitments?member=VN&after=7&limit=10", "operate")).json()
    assert (later["commitments"], later["after"]) == ([], 7)
    problem(await api("GET", "/v1/audit/commitments?member=VN", "read"), 403, "E-HTTP-SCOPE")
    problem(await api("GET", "/v1/audit/commitments", "operate"), 400, "E-HTTP-VALUE")
    problem(await api("GET", "/v1/audit/commitments?member=vn", "operate"), 400, "E-HTTP-VALUE")


async def test_how_far_a_catch_up_is(api: Any, gateway: FakeGateway) -> None:
    still = (await api("GET", "/v1/progress", "read")).json()
    assert still == {
        "to_come": 0, "origins": {}, "a_second": 0.0, "seconds_left": 0.0, "catching_up": False, "text": None,
    }  # fmt: skip
    gateway.progress = Progress(to_come=900, origins={"SG": 800}, a_second=90.0, seconds_left=10.0)
    found = (await api("GET", "/v1/progress", "read")).json()
    assert (found["catching_up"], found["origins"]) == (True, {"SG": 800})
    assert found["text"] == "catching up: 900 to come (SG 800), about 10 s"
    assert (await api("GET", "/readyz")).json()["to_come"] == 900


async def test_who_changes_something_is_reported_to_the_gateway(api: Any, gateway: FakeGateway) -> None:
    gateway.acts.clear()
    await api("POST", "/v1/keys/rotate", "admin")
    await api("POST", "/v1/tokens", "admin", b'{"name": "x", "scopes": ["operate"]}')
    await api("DELETE", "/v1/tokens/x", "admin")
    done = [(what, "only-admin") for what in ("rotate", "add", "revoke")]
    assert gateway.acts == done


async def test_metrics_have_one_content_type(api: Any) -> None:
    response = await api("GET", "/metrics", "operate")
    values = [value for name, value in response.headers.multi_items() if name == "content-type"]
    assert values == ["text/plain; version=0.0.4; charset=utf-8"]


async def test_a_request_is_counted_by_its_route_and_nothing_of_its_address(api: Any) -> None:
    await api("GET", "/v1/messages/VN-ALERT-2027-000999", "read")
    await api("GET", "/nowhere/suar_secret")
    page = (await api("GET", "/metrics", "operate")).text
    assert 'suar_http_requests_total{route="/v1/messages/{id}",status="4xx"}' in page
    assert 'suar_http_requests_total{route="none",status="4xx"}' in page
    assert "000999" not in page
    assert "nowhere" not in page
    assert 'suar_http_connections{authenticated="yes"}' in page
