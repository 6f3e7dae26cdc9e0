"""What the document promises about answers: examples, Location, ETag, RateLimit, Link, and the page for people."""

import json
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import jsonschema_rs
import pytest
import pytest_asyncio

from suar.protocol.message.kinds import KINDS
from suar.published import schemas_dir
from suar.standard.schemas_export import schema
from support.browser import accessible, chromium, visitor
from support.contract_desk import Desk, contract_desk
from support.fake_gateway import FakeGateway, running_gateway, served, tokens
from support.patience import PATIENCE
from support.problems import problem

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with contract_desk(tmp_path_factory.mktemp("answers")) as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def caller(desk: Desk) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"Authorization": f"Bearer {desk.tokens['local']}"}
    async with httpx.AsyncClient(base_url=desk.url, headers=headers, trust_env=False, timeout=PATIENCE) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="module")
async def contract(caller: httpx.AsyncClient) -> dict[str, Any]:
    found: dict[str, Any] = (await caller.get("/openapi.json")).json()
    return found


def validator(document: dict[str, Any], name: str) -> jsonschema_rs.Draft202012Validator:
    shapes = {"components": {"schemas": document["components"]["schemas"]}}
    return jsonschema_rs.Draft202012Validator({"$ref": f"#/components/schemas/{name}", **shapes})


async def test_every_json_body_is_a_component_with_examples_that_fit_it(contract: dict[str, Any]) -> None:
    count = 0
    for path, calls in contract["paths"].items():
        content = calls.get("post", {}).get("requestBody", {}).get("content", {}).get("application/json")
        if content is None:
            continue
        name = content["schema"]["$ref"].rsplit("/", 1)[1]
        assert content["examples"], path
        for each in content["examples"].values():
            value = contract["components"]["examples"][each["$ref"].rsplit("/", 1)[1]]["value"]
            assert [str(error) for error in validator(contract, name).iter_errors(value)] == [], (path, value)
            count += 1
    assert count > 50


async def test_every_example_of_an_answer_fits_its_shape(contract: dict[str, Any]) -> None:
    count = 0
    for path, calls in contract["paths"].items():
        for content in calls.get("get", {}).get("responses", {}).get("200", {}).get("content", {}).values():
            if "example" in content:
                name = content["schema"]["$ref"].rsplit("/", 1)[1]
                assert [str(error) for error in validator(contract, name).iter_errors(content["example"])] == [], path
                count += 1
    assert count == 8


async def test_accept_decides_where_the_document_says_so(contract: dict[str, Any], caller: httpx.AsyncClient) -> None:
    """A call that has it as a parameter chooses by it; one that lists 406 refuses what it cannot answer with."""
    for path, calls in contract["paths"].items():
        for method, call in calls.items():
            chooses = "Accept" in {each["name"] for each in call.get("parameters", ())}
            assert chooses == ("406" in call["responses"] or path == "/v1/feed"), (method, path)
            if method != "get" or "{id}" in path or "{number}" in path:
                continue
            address = path.replace("{name}", "alert").replace("{object_id}", "x")
            address += "?follow=false" if path == "/v1/feed" else ""
            answer = await caller.get(address, headers={"Accept": "image/png"})
            if "406" in call["responses"]:
                problem(answer, 406, "E-HTTP-ACCEPT")
            else:
                assert answer.status_code != 406, path
                media = [each.partition(";")[0] for each in call["responses"].get("200", {}).get("content", ())]
                assert answer.status_code != 200 or answer.headers["content-type"].partition(";")[0] in media, path


async def test_the_drafts_of_the_document_are_accepted(contract: dict[str, Any], caller: httpx.AsyncClient) -> None:
    """With an audience of this federation: that of the tests has fewer members."""
    drafts = {n: e["value"] for n, e in contract["components"]["examples"].items() if n.startswith("Draft.")}
    assert len(drafts) == 20
    wide = {"audience": {"members": "all"}, "tlp": "GREEN"}
    for name, value in drafts.items():
        verdict = (await caller.post("/v1/messages/check", json=value | wide)).json()
        assert verdict["verdict"] in ("pass", "hold"), (name, verdict["reasons"])


async def test_the_kinds_are_those_of_the_standard(contract: dict[str, Any]) -> None:
    shapes = contract["components"]["schemas"]
    assert len(shapes["Message"]["oneOf"]) == len(KINDS)
    for kind in KINDS:
        name = schema(kind)["$ref"].rsplit("/", 1)[1]
        published = schema(kind)["$defs"][name]
        assert shapes[name]["required"] == published["required"]
        assert list(shapes[name]["properties"]) == list(published["properties"])
        shipped = sorted((schemas_dir() / "examples" / "valid").glob(f"{kind}-*.json"))
        assert shipped
        assert shapes[name]["examples"] == [json.loads(path.read_bytes()) for path in shipped]
        standard = jsonschema_rs.Draft202012Validator(schema(kind))
        for value in shapes[name]["examples"]:
            for broken in ({**value, "unknown": 1}, {n: v for n, v in value.items() if n != "sent"}):
                assert not standard.is_valid(broken)
                assert not validator(contract, "Message").is_valid(broken)
            assert validator(contract, "Message").is_valid(value)
    for name, field in (("Shown", "message"), ("Opinion", "message"), ("FeedContent", "message")):
        assert {"$ref": "#/components/schemas/Message"} in shapes[name]["properties"][field]["oneOf"]


async def test_every_problem_of_every_call_has_its_type(contract: dict[str, Any]) -> None:
    for path, calls in contract["paths"].items():
        for method, call in calls.items():
            for status, response in call["responses"].items():
                if int(status) < 400 or (path, status) == ("/readyz", "503"):
                    continue
                name = response.get("$ref", "").rsplit("/", 1)[-1]
                found = contract["components"]["responses"][name] if name else response
                assert set(found["content"]) == {"application/problem+json"}, (method, path, status)
    example = contract["components"]["responses"]["Problem429"]["content"]["application/problem+json"]["example"]
    assert (example["type"], example["status"]) == ("urn:suar:error:E-HTTP-RATE", 429)


async def test_what_is_made_says_where_it_is_and_is_there(caller: httpx.AsyncClient) -> None:
    made = [
        await caller.post("/v1/tokens", json={"name": "made", "scopes": ["read"]}),
        await caller.post(
            "/v1/agencies", json={"name": "made", "sector": "health", "kinds": ["alert"], "max_tlp": "GREEN"}
        ),
        await caller.post("/v1/drills", json={"template": "call-out", "to": "all", "name": "made"}),
    ]
    draft = (await caller.get("/openapi.json")).json()["components"]["examples"]["Draft.contact-hotline"]["value"]
    made.append(await caller.post("/v1/messages", json=draft))
    made.append(await caller.post(f"/v1/messages/{made[-1].json()['id']}/cancel", json={"reason": "wrong"}))
    for each in made:
        assert each.status_code == 201, each.text
        assert (await caller.get(each.headers["location"])).status_code == 200
    assert made[0].headers["location"] == "/v1/tokens/made"
    assert "suar_" not in (await caller.get("/v1/tokens/made")).text
    assert (await caller.get("/v1/tokens/nobody")).status_code == 404


async def test_a_call_about_a_revision_that_another_replaced_does_nothing(caller: httpx.AsyncClient) -> None:
    """Before, the `rev` that an update was begun on was one refusal of many, and a cancel took none."""
    draft = (await caller.get("/openapi.json")).json()["components"]["examples"]["Draft.contact-hotline"]["value"]
    draft |= {"capacity": "full"}  # another than the one that was published and cancelled above
    id_ = (await caller.post("/v1/messages", json=draft)).json()["id"]
    update = draft | {"action": "update", "id": id_, "rev": 2}
    made = await caller.post("/v1/messages", json=update)
    assert made.status_code == 201, made.text
    stale = await caller.post("/v1/messages", json=update | {"capacity": "limited"})
    assert problem(stale, 409, "E-CHANGED")["verdict"] == "refused"
    cancel = f"/v1/messages/{id_}/cancel"
    for rev in (1, 3):
        problem(await caller.post(f"{cancel}?rev={rev}", json={"reason": "wrong"}), 409, "E-CHANGED")
    assert (await caller.get(f"/v1/messages/{id_}")).json()["state"] != "cancelled"
    assert (await caller.post(f"{cancel}?rev=2", json={"reason": "wrong"})).status_code == 201


async def test_the_document_names_the_location_of_every_201(contract: dict[str, Any]) -> None:
    found = {
        (method, path): call["responses"]["201"]["headers"]["Location"]
        for path, calls in contract["paths"].items()
        for method, call in calls.items()
        if "201" in call["responses"]
    }
    assert len(found) == 6


@pytest.mark.parametrize("path", ["/v1/messages", "/v1/trust", "/openapi.json", "/reference", "/v1/held"])
async def test_an_etag_saves_the_answer(caller: httpx.AsyncClient, path: str) -> None:
    first = await caller.get(path)
    tag = first.headers["etag"]
    assert re.fullmatch(r'"[0-9a-f]{32}"', tag)
    for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = await caller.get(path, headers={"If-None-Match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
        assert "content-type" not in again.headers
        assert again.headers["cache-control"] == "no-store"
    assert (await caller.get(path, headers={"If-None-Match": '"other"'})).content == first.content
    head = await caller.head(path, headers={"If-None-Match": tag})
    assert (head.status_code, head.headers["etag"]) == (304, tag)


async def test_an_etag_changes_with_the_answer_and_opens_nothing(caller: httpx.AsyncClient, desk: Desk) -> None:
    tag = (await caller.get("/v1/tokens")).headers["etag"]
    assert (await caller.get("/v1/tokens", headers={"If-None-Match": tag, "Authorization": ""})).status_code == 401
    await caller.post("/v1/tokens", json={"name": "another", "scopes": ["read"]})
    changed = await caller.get("/v1/tokens", headers={"If-None-Match": tag})
    assert changed.status_code == 200
    assert changed.headers["etag"] != tag
    refused = await caller.get("/v1/messages?limit=0")
    assert "etag" not in refused.headers
    async with caller.stream("GET", "/v1/feed?follow=false") as stream:
        assert "etag" not in stream.headers


async def test_what_is_left_of_the_calls_is_reported(tmp_path: Path) -> None:
    with running_gateway(tmp_path / "own", SUAR_HTTP__CALLS_A_SECOND="2") as gateway:
        async with served(gateway) as url, httpx.AsyncClient(base_url=url, trust_env=False, timeout=PATIENCE) as client:
            bearer = {"Authorization": f"Bearer {(await tokens(gateway))['read']}"}
            answers = [await client.get("/v1/progress", headers=bearer)]
            while answers[-1].status_code != 429 and len(answers) < 200:
                answers.append(await client.get("/v1/progress", headers=bearer))
            open_ = await client.get("/healthz")
    matches = [re.fullmatch(r'"token";r=(\d+);t=\d+', each.headers["ratelimit"]) for each in answers]
    left = [int(each[1]) for each in matches if each]
    assert len(left) == len(answers)
    assert (left[0], left[-1], answers[-1].status_code) == (3, 0, 429)
    assert {each.headers["ratelimit-policy"] for each in answers} == {'"token";q=4;w=2'}
    assert int(answers[-1].headers["retry-after"]) >= 1
    assert "ratelimit" not in open_.headers


@pytest.mark.parametrize("path", ["/v1/messages?status=all&limit=2&after=0", "/v1/audit?limit=3"])
async def test_links_lead_through_all_pages_and_end(caller: httpx.AsyncClient, path: str) -> None:
    def rows(page: httpx.Response) -> list[dict[str, Any]]:
        found = page.json()
        return found if isinstance(found, list) else found["lines"]

    whole = rows(await caller.get(path.replace("limit=2", "limit=1000").replace("limit=3", "limit=1000")))
    seen: list[dict[str, Any]] = []
    page = await caller.get(path)
    while "next" in page.links:
        seen += rows(page)
        page = await caller.get(page.links["next"]["url"])
        assert len(seen) <= len(whole) + 10
    assert [each["n"] for each in seen][: len(whole)] == [each["n"] for each in whole]
    assert rows(page) == []


async def test_the_page_is_read_without_any_foreign_request(desk: Desk) -> None:
    async with chromium() as browser, visitor(browser) as seen:
        await seen.page.goto(f"{desk.url}/reference")
        assert await seen.page.locator("#get-\\/v1\\/feed").count() == 1
        assert await seen.page.locator("h3").count() > 100
        assert seen.requests == [f"{desk.url}/reference"]
        color = await seen.page.evaluate("getComputedStyle(document.querySelector('pre')).backgroundColor")
        assert color == "rgb(242, 242, 242)", "the policy lets its own style in"
        await accessible(seen.page)


async def test_the_page_names_every_call_and_has_no_address_but_its_own(
    contract: dict[str, Any], caller: httpx.AsyncClient
) -> None:
    text = (await caller.get("/reference")).text
    for path, calls in contract["paths"].items():
        for method in calls:
            assert f'id="{method}-{path}"' in text
    assert f'id="post-{next(iter(contract["webhooks"]))}"' in text
    assert not re.search(r"""(?:src|href|action)=["'](?!#|/openapi\.json)""", text)
    assert "<script" not in text
    anchors = set(re.findall(r'id="([^"]+)"', text))
    assert set(re.findall(r'href="#([^"]+)"', text)) <= anchors


async def test_the_page_needs_no_token(own: FakeGateway) -> None:
    async with served(own) as url, httpx.AsyncClient(base_url=url, trust_env=False, timeout=PATIENCE) as client:
        answer = await client.get("/reference")
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert (await client.get("/reference", headers={"Host": "evil.example"})).status_code == 421
