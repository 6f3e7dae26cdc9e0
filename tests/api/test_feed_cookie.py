"""The feed in browsers: the cookie opens the feed alone, for an hour, for pages of the origins that are named."""

import asyncio
import contextlib
import json
from base64 import b64encode
from collections.abc import AsyncIterator
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from suar.api.calls import feed as feed_api
from suar.protocol.base import limits
from suar.protocol.base.primitives import Secret
from suar.service.feed.cookies import LIFETIME, make_cookie, token_of_cookie
from suar.store.engine.vault import Vault
from support.agency_desk import LOCAL, Desk, desk_of
from support.browser import WAIT, chromium, visitor
from support.gateways import eventually
from support.kit import id_of, urgent
from support.patience import PATIENCE
from support.problems import problem

PAGE = "http://app.example"


@pytest_asyncio.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk_of(tmp_path, feed_origins=[PAGE]) as made:
        yield made


async def a_cookie(desk: Desk, token: str, **headers: str) -> str:
    answer = await desk.call("POST", "/v1/feed/cookie", token, headers=headers)
    assert answer.status_code == 204, answer.text
    return answer.headers["set-cookie"].partition(";")[0]


async def with_cookie(desk: Desk, cookie: str, path: str = "/v1/feed?follow=false", **headers: str) -> httpx.Response:
    return await desk.client.get(path, headers={"Cookie": cookie, **headers})


async def test_it_reads_the_feed_and_nothing_else(desk: Desk) -> None:
    await desk.receive(urgent(1))
    token = await desk.register()
    answer = await desk.call("POST", "/v1/feed/cookie", token)
    assert (answer.status_code, answer.content) == (204, b"")
    [(name, morsel)] = SimpleCookie(answer.headers["set-cookie"]).items()
    found = {each: morsel[each] for each in ("path", "max-age", "httponly", "samesite", "secure")}
    assert (name, found) == ("suar_feed", {
        "path": "/v1/feed", "max-age": "3600", "httponly": True, "samesite": "Strict", "secure": "",
    })  # fmt: skip
    cookie = f"{name}={morsel.value}"
    assert id_of(1) in (await with_cookie(desk, cookie)).text
    for path in ("/v1/messages", "/v1/agencies", "/v1/progress", f"/v1/messages/{id_of(1)}"):
        problem(await with_cookie(desk, cookie, path), 401, "E-HTTP-TOKEN")
    problem(await desk.client.post("/v1/feed/cookie", headers={"Cookie": cookie}), 401, "E-HTTP-TOKEN")


async def test_it_shows_nothing_of_the_token_and_is_sealed(desk: Desk) -> None:
    token = await desk.register()
    cookie = await a_cookie(desk, token)
    assert token[12:] not in cookie
    value = cookie.partition("=")[2]
    for wrong in (value[:-2] + "AA", value[:40], "", "A" * 600, "\u00e9", token, value[8:]):
        sent = [(b"Cookie", f"suar_feed={wrong}".encode("latin-1", "replace"))]
        answer = await desk.client.get("/v1/feed?follow=false", headers=sent)
        problem(answer, 401, "E-HTTP-TOKEN")


async def test_it_is_for_tls_where_the_host_is_not_this_machine(tmp_path: Path) -> None:
    async with desk_of(tmp_path, hosts=["feed.example"]) as desk:
        token = await desk.register()
        for host, secure in (("feed.example", True), ("127.0.0.1:1", False), ("th.localhost", False)):
            answer = await desk.call("POST", "/v1/feed/cookie", token, headers={"Host": host})
            assert ("; Secure" in answer.headers["set-cookie"]) is secure, host


async def test_it_ends_after_an_hour_also_while_it_is_read(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_api, "KEEP_ALIVE", 0.05)
    token = await desk.register()
    cookie = await a_cookie(desk, token)
    async with desk.client.stream("GET", "/v1/feed", headers={"Cookie": cookie}, timeout=60) as stream:
        lines = stream.aiter_lines()
        await anext(lines)
        desk.kit.now += LIFETIME
        async for _ in lines:  # until it is over
            pass
    problem(await with_cookie(desk, cookie), 401, "E-HTTP-TOKEN")
    assert (await desk.streamed(token)) == []


async def test_it_ends_with_its_token(desk: Desk) -> None:
    token = await desk.register()
    cookie = await a_cookie(desk, token)
    async with desk.client.stream("GET", "/v1/feed", headers={"Cookie": cookie}, timeout=60) as stream:
        lines = stream.aiter_lines()
        await anext(lines)
        await desk.act("health", "revoke")
        async for _ in lines:
            pass
    problem(await with_cookie(desk, cookie), 401, "E-HTTP-TOKEN")


async def test_a_cookie_of_another_store_is_none(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    token, core = await desk.register(), desk.gateway.core
    with monkeypatch.context() as other:
        other.setattr(core, "vault", Vault(Secret(b"another key of thirty-two bytes!")))
        foreign = make_cookie(core, token)
        assert token_of_cookie(core, foreign) == token
    assert token_of_cookie(core, foreign) == ""
    assert token_of_cookie(core, make_cookie(core, token)) == token


async def test_who_names_a_token_is_that_token_whatever_its_cookie_says(desk: Desk) -> None:
    cookie = await a_cookie(desk, await desk.register())
    problem(await with_cookie(desk, cookie, Authorization="Bearer suar_agency_wrong"), 401, "E-HTTP-TOKEN")


async def test_a_connection_that_a_cookie_or_a_name_opened_is_no_strangers(desk: Desk) -> None:
    """Else a flood of strangers would end it first."""
    token = await desk.register()
    door = desk.server.door
    assert door is not None
    cookie = await a_cookie(desk, token)
    basic = b64encode(f"health:{token}".encode()).decode()
    for path, headers in (
        ("/v1/feed", {"Cookie": f"other=1; {cookie}"}),
        ("/v1/feeds/cap.atom", {"Authorization": f"Basic {basic}"}),
    ):
        async with (
            httpx.AsyncClient(base_url=desk.url, trust_env=False, timeout=PATIENCE) as client,
            client.stream("GET", path, headers=headers) as stream,
        ):
            assert stream.status_code == 200
            assert door.strangers == 0
    async with httpx.AsyncClient(base_url=desk.url, trust_env=False, timeout=PATIENCE) as client:
        for headers in ({"Cookie": "suar_feed=wrong"}, {"Authorization": "Basic eDp5"}):
            await client.get("/v1/feed", headers=headers)
            assert door.strangers == 1


# -- pages


async def test_only_a_page_of_a_named_origin_is_let_in(desk: Desk) -> None:
    token = await desk.register()
    cookie = await a_cookie(desk, token, Origin=PAGE)
    answer = await with_cookie(desk, cookie, Origin=PAGE)
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == PAGE
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert answer.headers["vary"] == "Origin"
    for origin in (
        "http://evil.example",
        "https://app.example",
        "http://app.example:81",
        "null",
        f"{PAGE}.evil.example",
    ):
        response = await with_cookie(desk, cookie, Origin=origin)
        problem(response, 403, "E-HTTP-ORIGIN")
        assert "access-control-allow-origin" not in response.headers
        problem(await desk.call("POST", "/v1/feed/cookie", token, headers={"Origin": origin}), 403, "E-HTTP-ORIGIN")


async def test_a_named_origin_reaches_no_other_call(desk: Desk) -> None:
    for path in ("/v1/messages", "/v1/agencies", "/v1/tokens", "/healthz"):
        answer = await desk.call("GET", path, LOCAL, headers={"Origin": PAGE})
        problem(answer, 403, "E-HTTP-ORIGIN")
        assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_a_page_that_hides_its_origin_reads_nothing(desk: Desk, site: str) -> None:
    """As `<script src>` and `<img src>` do: no answer that they could read, and no feed that is opened for them."""
    cookie = await a_cookie(desk, await desk.register())
    answer = await desk.client.get("/v1/feed?follow=false", headers={"Cookie": cookie, "Sec-Fetch-Site": site})
    problem(answer, 403, "E-HTTP-ORIGIN")
    own = await desk.client.get("/v1/feed?follow=false", headers={"Cookie": cookie, "Sec-Fetch-Site": "same-origin"})
    assert own.status_code == 200


async def test_a_preflight_request_is_answered_with_what_is_allowed(desk: Desk) -> None:
    async def ask(path: str, origin: str | None, **headers: str) -> httpx.Response:
        named = {"Access-Control-Request-Method": "POST", **({"Origin": origin} if origin else {}), **headers}
        return await desk.client.request("OPTIONS", path, headers=named)

    for path, method in (("/v1/feed/cookie", "POST"), ("/v1/feed", "GET")):
        answer = await ask(path, PAGE)
        assert (answer.status_code, answer.content) == (204, b"")
        assert answer.headers["access-control-allow-methods"] == method
        assert "authorization" in answer.headers["access-control-allow-headers"]
        for refused in (await ask(path, "http://evil.example"), await ask(path, PAGE, Host="evil.example")):
            assert not [name for name in refused.headers if name.startswith("access-control")]
    refused = await ask("/v1/messages", PAGE)
    assert not [name for name in refused.headers if name.startswith("access-control")]


# -- EventSource


SCRIPT = """
async ({url, token}) => {
  const made = await fetch(url + "/v1/feed/cookie",
    {method: "POST", credentials: "include", headers: {Authorization: "Bearer " + token}});
  window.seen = []; window.opened = 0; window.hidden = document.cookie;
  const source = new EventSource(url + "/v1/feed", {withCredentials: true});
  source.onopen = () => { window.opened += 1; };
  source.onmessage = (event) => window.seen.push(JSON.parse(event.data).id);
  return made.status;
}
"""


async def _page_server(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    body = b'<!doctype html><html lang="en"><title>An agency</title><link rel="icon" href="data:,">'
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\nContent-Length: ")
    writer.write(b"%d\r\n\r\n%s" % (len(body), body))
    await writer.drain()
    writer.close()


@contextlib.asynccontextmanager
async def an_agencys_page() -> AsyncIterator[str]:
    server = await asyncio.start_server(_page_server, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


async def test_event_source_reads_loses_its_connection_and_continues(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In chromium, on a page of another port: nothing is lost or doubled when the gateway cuts every stream."""
    async with an_agencys_page() as origin, desk_of(tmp_path, feed_origins=[origin]) as desk, chromium() as browser:
        token = await desk.register()
        await desk.receive(*(urgent(number) for number in range(1, 6)))
        async with visitor(browser) as seen:
            await seen.page.goto(origin)
            assert await seen.page.evaluate(SCRIPT, {"url": desk.url, "token": token}) == 204

            async def has(count: int, opened: int = 1) -> bool:
                found: Any = await seen.page.evaluate("[window.seen.length, window.opened]")
                return bool(found[0] >= count and found[1] >= opened)

            await eventually(lambda: has(5))
            assert await seen.page.evaluate("window.hidden") == "", "no script sees the cookie"
            for round_ in range(2):
                desk.cut()
                first = 6 + round_ * 5
                await desk.receive(*(urgent(number) for number in range(first, first + 5)))
                await eventually(lambda wanted=first + 4, opened=round_ + 2: has(wanted, opened))  # type: ignore[misc]  # bound in the loop
            ids = json.loads(json.dumps(await seen.page.evaluate("window.seen")))
    assert [each.partition("/")[0] for each in ids] == [id_of(number) for number in range(1, 16)]


async def test_event_source_of_another_origin_gets_nothing(desk: Desk) -> None:
    await desk.receive(urgent(1))
    token = await desk.register()
    async with an_agencys_page() as origin, chromium() as browser:
        context = await browser.new_context()
        context.set_default_timeout(WAIT)
        page = await context.new_page()
        await page.goto(origin)
        request = {"url": desk.url, "token": token}
        found = await page.evaluate(f"(given) => ({SCRIPT})(given).catch((error) => String(error))", request)
        assert "TypeError" in str(found)
        await context.close()


def test_an_hour_is_what_the_cookie_lasts() -> None:
    assert LIFETIME == limits.HOUR
