"""deploy/nginx/console.conf, as nginx serves it: sign-in, what updates itself, and what stays inside."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest
import trustme

from suar.demo.embedded.servers import HeldPorts
from suar.service.people import attempts
from support.bundles import ROOT
from support.console import Browser, Desk, served
from support.executables import NGINX, require
from support.patience import PATIENCE

NAME = "console.example.ph"
FILE = ROOT / "deploy/nginx/console.conf"


class Site(NamedTuple):
    """The proxy at `url`, in front of a console."""

    desk: Desk
    url: str
    context: ssl.SSLContext

    def client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(trust_env=False, timeout=PATIENCE, verify=self.context)


def written(folder: Path, port: int, gateway: str) -> Path:
    """The configuration of nginx with our site in it, whose names are changed as its first lines say."""
    text = FILE.read_text()
    changes = {
        "listen 443 ssl;": f"listen 127.0.0.1:{port} ssl;", "http://127.0.0.1:8440": gateway,
        "/etc/ssl/console.example.ph.pem": str(folder / "chain.pem"),
        "/etc/ssl/private/console.example.ph.key": str(folder / "key.pem"),
    }  # fmt: skip
    for before, after in changes.items():
        assert text.count(before) == 1, before
        text = text.replace(before, after)
    (folder / "site.conf").write_text(text)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    paths = "".join(f"{each}_temp_path {folder / each};" for each in kinds)
    log = folder / "error.log"
    made = folder / "nginx.conf"
    made.write_text(
        f"daemon off; master_process off; pid {folder / 'pid'}; error_log {log};"
        f"events {{}} http {{ access_log off; {paths} include {folder / 'site.conf'}; }}"
    )
    return made


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    require(NGINX, "nginx-light")
    authority = trustme.CA()
    issued = authority.issue_cert(NAME, "127.0.0.1")
    issued.private_key_pem.write_to_path(tmp_path / "key.pem")
    issued.cert_chain_pems[0].write_to_path(tmp_path / "chain.pem")
    context = ssl.create_default_context()
    authority.configure_trust(context)
    console = {"origin": f"https://{NAME}", "proxies": ["127.0.0.1"]}
    async with served(tmp_path / "th", console=console) as desk:
        desk.add("rita", "reader")
        await desk.load()
        ports = HeldPorts()
        port = ports.choose()
        process = await asyncio.create_subprocess_exec(NGINX, "-p", tmp_path, "-c", written(tmp_path, port, desk.url))
        made = Site(desk, f"https://127.0.0.1:{port}", context)
        try:
            async with asyncio.timeout(PATIENCE):
                await until_it_listens(made)
            yield made
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            await process.wait()
            ports.release()


async def until_it_listens(site: Site) -> None:
    async with site.client() as client:
        while True:
            with contextlib.suppress(httpx.ConnectError):
                await client.get(f"{site.url}/")
                return
            await asyncio.sleep(0.02)


class Visitor(Browser):
    """A browser whose every call goes by the proxy."""

    @property
    def origin(self) -> str:
        return f"https://{self.host}"


@contextlib.asynccontextmanager
async def visiting(site: Site) -> AsyncIterator[Visitor]:
    async with site.client() as client:
        visit = Visitor(site.desk, client, NAME)
        site.desk.url, inside = site.url, site.desk.url
        try:
            yield visit
        finally:
            site.desk.url = inside


async def test_a_person_signs_in_and_has_what_changes(site: Site) -> None:
    async with visiting(site) as visit:
        done = await visit.sign_in("rita")
        assert done.status_code == 303, done.text
        (cookie,) = done.headers.get_list("set-cookie")[-1:]
        assert cookie.startswith("__Host-")
        assert "Secure" in cookie
        sent = {"Host": NAME, "Cookie": cookie.partition(";")[0]}
        async with site.client() as client, client.stream("GET", f"{site.url}/console/live", headers=sent) as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            async with asyncio.timeout(PATIENCE):
                first = await anext(each async for each in answer.aiter_lines() if each)
            assert first


async def test_the_api_and_other_names_are_not_served(site: Site) -> None:
    async with site.client() as client:
        for path in ("/v1/messages", "/metrics", "/readyz", "/openapi.json", "/consoles", "/"):
            assert (await client.get(f"{site.url}{path}", headers={"Host": NAME})).status_code == 404, path
        other = await client.get(f"{site.url}/console/sign-in", headers={"Host": "elsewhere.example"})
        assert other.status_code >= 400


async def test_attempts_are_counted_for_the_address_that_called_the_proxy(site: Site) -> None:
    """What a browser says of its own address is replaced: it cannot pass for many."""
    statuses = list[int]()
    async with visiting(site) as visit:
        for number in range(attempts.FREE_OF_NETWORK + 2):
            stated = {"X_Forwarded_For": f"198.51.100.{number}"}
            form = {"note": "x", "code": "1"}
            statuses.append((await visit.post("/console/sign-in", form, **stated)).status_code)
    assert 429 in statuses


async def test_a_form_above_the_bound_is_refused_by_the_proxy(site: Site) -> None:
    async with site.client() as client:
        body = b"x" * ((1 << 20) + 1)
        answer = await client.post(f"{site.url}/console/sign-in", content=body, headers={"Host": NAME})
    assert answer.status_code == 413
