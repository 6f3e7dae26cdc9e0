"""Who may call what: closed by default, by token, by scope, by name of the host, by rate."""

import asyncio
import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar.params import QueryParameter

import suar
from suar.api.app import HEADERS
from suar.api.contract.parameters import allowed
from suar.service.access.tokens import check, new_code, new_token
from suar.service.settings.scopes import SCOPES
from support.fake_gateway import FakeGateway, running_gateway, served, tokens
from support.gateway_state import LOCAL, THEIRS, alert_draft
from support.patience import PATIENCE
from support.problems import SCOPE_OF, opened_by, problem

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize(
    "path", ["//v1/messages", "/v1//messages", "/v1/messages/", "/v1%2fmessages", "/v1%2Fmessages", "/v1/message%73"]
)
async def test_a_path_has_one_spelling(own: FakeGateway, path: str) -> None:
    """A proxy that closes `/v1/messages` compares what was written."""
    async with served(own) as url:
        head = {"Authorization": f"Bearer {LOCAL}", "Host": url.removeprefix("http://")}
        for address, status in ((path, 404), ("/v1/messages", 200)):
            reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
            fields = "".join(f"{name}: {value}\r\n" for name, value in head.items())
            writer.write(f"GET {address} HTTP/1.1\r\n{fields}Connection: close\r\n\r\n".encode())
            answer = await asyncio.wait_for(reader.read(), PATIENCE)
            writer.close()
            assert int(answer.split()[1]) == status, (address, answer[:300])


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("application/json; charset=utf-16", 415), ("application/json;charset=latin1", 415),
        ('application/json; version=1; charset="iso-8859-1"', 415), ("application/json; charset=UTF-8", 400),
        ('application/json; charset="utf8"', 400), ("application/json; version=1", 400),
    ],
)  # fmt: skip
async def test_a_body_is_read_as_utf_8_alone(api: Any, content_type: str, status: int) -> None:
    answer = await api("POST", "/v1/agencies", "admin", **{"Content-Type": content_type}, content=b"[]")
    assert answer.status_code == status


@pytest.mark.parametrize(
    ("query", "allowed"),
    [
        ("origin=sg", "origin (2 capital letters A to Z)"), ("limit=0", "limit (from 1 to 1000)"),
        ("after=null", "after (from 0 to "), ("kind=x", "kind (one of: alert, "),
    ],
)  # fmt: skip
async def test_a_wrong_parameter_is_answered_with_what_is_allowed(api: Any, query: str, allowed: str) -> None:
    refusal = problem(await api("GET", f"/v1/messages?{query}", "read"), 400, "E-HTTP-VALUE")
    assert refusal["detail"].startswith(f"not allowed: {allowed}")


@pytest.mark.parametrize("key", ["x" * 129, "a b", ""])
async def test_an_idempotency_key_is_of_so_many_characters(api: Any, key: str) -> None:
    answer = await api("POST", "/v1/messages", "publish", **{"Idempotency-Key": key}, content=alert_draft())
    refusal = problem(answer, 400, "E-HTTP-VALUE")
    assert refusal["detail"] == "not allowed: Idempotency-Key (1 to 128 printable ASCII characters, no space)"


async def test_every_form_of_a_parameter_has_its_words() -> None:
    """Its description alone says what it is for, and not what is allowed."""
    found = set[str]()
    for path in Path(suar.__file__).parent.joinpath("api").rglob("*.py"):
        text = path.read_text("utf-8")
        found |= {each[1] for each in re.finditer(r'\bpattern=r"([^"]+)"', text)}
    assert len(found) > 12
    assert [
        each
        for each in found
        if each.endswith("Z") and "CONTACT" not in each and not allowed(str, QueryParameter(pattern=each))
    ] == []


@pytest.mark.parametrize(("method", "path"), SCOPE_OF)
async def test_each_call_is_refused_without_its_scope(api: Any, method: str, path: str) -> None:
    filled = path.replace("{id:str}", "TH-ALERT-2027-000001").replace("{name:str}", "desk")
    filled = filled.replace("{number:int}", "2")
    body = problem(await api(method, filled), 401, "E-HTTP-TOKEN")
    assert set(body) == {"type", "title", "status", "detail", "code", "hint"}
    problem(await api(method, filled, Authorization=f"Bearer {new_token()}"), 401, "E-HTTP-TOKEN")
    for scope in set(SCOPES) - opened_by(method, path):
        problem(await api(method, filled, scope), 403, "E-HTTP-SCOPE")


@pytest.mark.parametrize("header", ["", "Basic abc", "Bearer", "Bearer suar_ x", "Token x"])
async def test_what_is_no_bearer_token_is_nobody(api: Any, header: str) -> None:
    response = await api("GET", "/v1/messages", Authorization=header)
    problem(response, 401, "E-HTTP-TOKEN")
    assert response.headers["www-authenticate"].startswith("Bearer")


async def test_the_word_bearer_has_no_case(api: Any) -> None:
    assert (await api("GET", "/v1/peers", Authorization=f"bearer {LOCAL}")).status_code == 200


async def test_the_local_token_may_do_everything(api: Any) -> None:
    assert (await api("GET", "/v1/messages", "local")).status_code == 200
    assert (await api("GET", "/v1/peers", "local")).status_code == 200
    assert (await api("POST", "/v1/messages", "local", alert_draft())).status_code == 201


async def test_a_revoked_token_is_out_at_once(api: Any) -> None:
    assert (await api("GET", "/v1/messages", "read")).status_code == 200
    assert (await api("DELETE", "/v1/tokens/only-read", "admin")).status_code == 200
    problem(await api("GET", "/v1/messages", "read"), 401, "E-HTTP-TOKEN")


async def test_a_token_that_nobody_claimed_is_no_persons(tmp_path: Path) -> None:
    """Who makes a token has its secret: before, a script of the machine stated that a person had opened a message."""
    path = f"/v1/messages/{THEIRS}"
    with running_gateway(tmp_path) as gateway:
        made = await gateway.tokens_add(check("analyst", ["read"], is_person=True), "local")
        async with served(gateway) as url, httpx.AsyncClient(base_url=url, timeout=PATIENCE) as client:

            async def read(token: str) -> None:
                for call in (path, f"{path}/export?as=json"):
                    answer = await client.get(call, headers={"Authorization": f"Bearer {token}"})
                    assert answer.status_code == 200, answer.text

            await read(str(made["token"]))
            assert gateway.statements() == []
            answer = await client.post("/v1/tokens/claim", headers={"Authorization": f"Bearer {made['claim']}"})
            await read(answer.json()["token"])
            assert gateway.statements() == [(THEIRS, "opened")]


async def test_a_code_opens_one_call_and_once(api: Any, gateway: FakeGateway) -> None:
    made = await gateway.tokens_add(check("second", ["approve"]), "local")
    code, first = f"Bearer {made['claim']}", f"Bearer {made['token']}"
    for method, path in SCOPE_OF:
        filled = path.replace("{id:str}", "TH-ALERT-2027-000001").replace("{name:str}", "desk")
        filled = filled.replace("{number:int}", "1")
        problem(await api(method, filled, Authorization=code), 403, "E-HTTP-SCOPE")
    assert (await api("GET", "/v1/held", Authorization=first)).status_code == 200
    claimed = (await api("POST", "/v1/tokens/claim", Authorization=code)).json()
    assert claimed["name"] == "second"
    assert (await api("GET", "/v1/held", Authorization=f"Bearer {claimed['token']}")).status_code == 200
    problem(await api("GET", "/v1/held", Authorization=first), 401, "E-HTTP-TOKEN")
    problem(await api("POST", "/v1/tokens/claim", Authorization=code), 401, "E-HTTP-TOKEN")
    problem(await api("POST", "/v1/tokens/claim", Authorization=f"Bearer {new_code()}"), 401, "E-HTTP-TOKEN")
    for scope in SCOPES:
        problem(await api("POST", "/v1/tokens/claim", scope), 403, "E-HTTP-SCOPE")


async def test_a_spent_code_says_so(api: Any, gateway: FakeGateway) -> None:
    """So that its holder learns that somebody else has used it."""
    made = await gateway.tokens_add(check("third", ["approve"]), "local")
    code = f"Bearer {made['claim']}"
    assert (await api("POST", "/v1/tokens/claim", Authorization=code)).status_code == 200
    for method, path in (("POST", "/v1/tokens/claim"), ("GET", "/v1/held")):
        refusal = problem(await api(method, path, Authorization=code), 401, "E-HTTP-TOKEN")
        assert refusal["detail"] == "the one-time code was used at 2027-01-15T08:00:00Z, and is good once"
        assert "suar token revoke third" in refusal["hint"]
    unknown = problem(await api("POST", "/v1/tokens/claim", Authorization=f"Bearer {new_code()}"), 401, "E-HTTP-TOKEN")
    assert unknown["detail"] == "no token, or one that is unknown, revoked or expired"


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8440", "127.0.0.1.evil.example", "localhost.evil", ""])
async def test_a_name_of_someone_else_is_refused(api: Any, host: str) -> None:
    problem(await api("GET", "/healthz", Host=host), 421, "E-HTTP-HOST")


async def test_every_answer_is_hardened(api: Any) -> None:
    for response in (
        await api("GET", "/healthz"),
        await api("GET", "/nowhere"),
        await api("GET", "/v1/messages"),
        await api("POST", "/v1/messages/batch", "publish", b"{}\n"),
    ):
        assert {name: response.headers.get(name) for name in HEADERS} == HEADERS
        assert "access-control-allow-origin" not in response.headers
        assert "server" not in response.headers


@pytest.mark.parametrize(
    "origin", ["https://x.example", "null", "http://127.0.0.1", "http://127.0.0.1.x.example", "", "http://127.0.0.1:1"]
)
@pytest.mark.parametrize(
    ("method", "path"), [("OPTIONS", "/v1/messages"), ("GET", "/v1/messages"), ("GET", "/healthz")]
)
async def test_no_browser_of_another_origin_is_let_in(api: Any, origin: str, method: str, path: str) -> None:
    response = await api(method, path, "read", Origin=origin, Access_Control_Request_Method="POST")
    problem(response, 403, "E-HTTP-ORIGIN")
    assert not [name for name in response.headers if name.startswith("access-control")]


async def test_a_page_of_our_own_may_call(api: Any) -> None:
    assert (await api("GET", "/v1/messages", "read", Origin=api.url)).status_code == 200
    assert (await api("GET", "/v1/messages", "read", Origin=api.url.upper())).status_code == 200


async def test_a_token_has_so_many_calls(tmp_path: Path) -> None:
    with running_gateway(tmp_path, SUAR_HTTP__CALLS_A_SECOND="1") as gateway:
        await _has_so_many_calls(gateway)


async def _has_so_many_calls(gateway: FakeGateway) -> None:
    held = await tokens(gateway)
    sent = {"Authorization": f"Bearer {held['publish']}"}
    async with served(gateway) as url, httpx.AsyncClient(base_url=url, timeout=PATIENCE) as client:
        for _ in range(2):
            assert (await client.post("/v1/messages", content=alert_draft(), headers=sent)).status_code == 201
        response = await client.post("/v1/messages", content=alert_draft(), headers=sent)
        problem(response, 429, "E-HTTP-RATE")
        assert int(response.headers["retry-after"]) >= 1
        assert (await client.post("/v1/messages/batch", content=b"{}\n", headers=sent)).status_code == 200
        other = {"Authorization": f"Bearer {held['read']}"}
        assert (await client.get("/v1/messages", headers=other)).status_code == 200


async def test_metrics_are_open_only_when_settings_say_so(tmp_path: Path) -> None:
    with running_gateway(tmp_path, SUAR_HTTP__METRICS_OPEN="true") as gateway:
        async with served(gateway) as url, httpx.AsyncClient(base_url=url, timeout=PATIENCE) as client:
            assert (await client.get("/metrics")).status_code == 200
            assert (await client.get("/v1/checks")).status_code == 401


async def test_two_tokens_in_one_call_are_none(api: Any) -> None:
    """What stands before us may have read the other one."""
    tokens = [("Authorization", api.bearer(scope)["Authorization"]) for scope in ("read", "monitor")]
    for tokens_sent in (tokens, tokens[::-1], tokens[:1] * 2):
        problem(await api.client.get("/v1/messages", headers=tokens_sent), 400, "E-HTTP-VALUE")


async def twice(api: Any, method: str, path: str, scope: str, *lines: tuple[str, str], content: bytes = b"") -> Any:
    """The answer to a call whose head has these lines as well, each as it is."""
    held = [*api.bearer(scope).items()]
    return await api.client.request(method, path, content=content, headers=[*held, *lines])


@pytest.mark.parametrize(
    ("method", "path", "scope", "name", "values"),
    [
        ("POST", "/v1/messages", "publish", "Idempotency-Key", ("a1", "a2")),
        ("POST", "/v1/messages/batch", "publish", "Idempotency-Key", ("a1", "a2")),
        ("POST", "/v1/messages", "publish", "Content-Type", ("application/json", "text/plain")),
        ("GET", "/v1/messages", "read", "Authorization", ("Bearer other",)),
        ("GET", "/v1/feed", "read", "Last-Event-ID", ("1", "2")),
        ("GET", "/v1/messages", "read", "If-Match", ('"a"', '"b"')),
        ("GET", "/v1/messages", "read", "If-Modified-Since", ("x", "y")),
        ("GET", "/v1/messages", "read", "Cookie", ("suar_feed=a", "suar_feed=b")),
        ("GET", "/healthz", "read", "Sec-Fetch-Site", ("none", "cross-site")),
    ],
)
async def test_a_header_of_one_value_that_is_given_with_two_is_refused(
    api: Any, gateway: FakeGateway, method: str, path: str, scope: str, name: str, values: tuple[str, ...]
) -> None:
    """The first counted: [a1, a2] and [a2, a1] were two messages of one request."""
    answer = await twice(
        api, method, path, scope, *((name, each) for each in values), content=b"{}" * (method == "POST")
    )
    assert problem(answer, 400, "E-HTTP-VALUE")["detail"] == f"{name} is given more than once"
    assert gateway.statements() == []


async def test_a_header_that_is_repeated_with_one_value_counts_once(api: Any) -> None:
    key = ("Idempotency-Key", "a1")
    assert (await twice(api, "POST", "/v1/messages", "publish", key, key, content=alert_draft())).status_code == 201
    again = await twice(api, "GET", "/v1/messages", "read", ("Authorization", api.bearer("read")["Authorization"]))
    problem(again, 400, "E-HTTP-VALUE")


async def test_a_header_that_is_a_list_may_have_several_lines(api: Any) -> None:
    tag = (await api("GET", "/v1/messages", "read")).headers["etag"]
    answer = await twice(api, "GET", "/v1/messages", "read", ("If-None-Match", '"x"'), ("If-None-Match", tag))
    assert answer.status_code == 304
