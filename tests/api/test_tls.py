"""TLS of our own: the certificate of the settings, changed while it runs; strangers cost what they cost without it."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import msgspec
import pytest
import trustme
import uvloop
from cryptography.hazmat.primitives import serialization

from suar.api.app import create_app
from suar.api.http import door, tls
from suar.api.http.tls import Certificate
from suar.api.server import HttpServer, certificate_of
from suar.console.app import create_console
from suar.protocol.base.errors import Fault
from suar.service.pacing.wake import Wake
from suar.service.process.gateway import Gateway
from suar.service.settings.config import CONFIG, load
from suar.service.settings.state import CONFIG_TEXT
from support.corekit import CoreKit
from support.patience import PATIENCE

NAME = "console.example"


class Served(NamedTuple):
    """A server with TLS at `port`."""

    server: HttpServer
    port: int
    folder: Path
    authority: trustme.CA


def issue(authority: trustme.CA, folder: Path) -> None:
    """A certificate in the files of the settings."""
    made = authority.issue_cert(NAME, "127.0.0.1")
    made.private_key_pem.write_to_path(folder / "key.pem")
    made.cert_chain_pems[0].write_to_path(folder / "chain.pem")


@contextlib.asynccontextmanager
async def serving(folder: Path) -> AsyncIterator[Served]:
    authority = trustme.CA()
    issue(authority, folder)
    kit = CoreKit(folder / "th", "TH")
    console = msgspec.structs.replace(kit.core.config.console, origin=f"https://{NAME}")
    msgspec.structs.force_setattr(kit.core.config, "console", console)
    gateway = Gateway(kit.unlent, Wake())
    server = HttpServer()
    certificate = Certificate(folder / "chain.pem", folder / "key.pem")
    _, port = await server.start(create_app(gateway), ("127.0.0.1", 0), create_console(gateway), certificate)
    try:
        yield Served(server, port, folder, authority)
    finally:
        await server.stop()
        kit.close()


def trusting(served: Served) -> ssl.SSLContext:
    context = ssl.create_default_context()
    served.authority.configure_trust(context)
    return context


async def serial(served: Served) -> int:
    """Of the certificate that a new connection gets."""
    context = trusting(served)
    _, writer = await asyncio.open_connection("127.0.0.1", served.port, ssl=context, server_hostname=NAME)
    found: dict[str, Any] = writer.get_extra_info("peercert")
    writer.close()
    with contextlib.suppress(OSError, ssl.SSLError):
        await writer.wait_closed()
    return int(found["serialNumber"], 16)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110 - nothing tells it
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("run", [asyncio.run, uvloop.run], ids=["asyncio", "uvloop"])
def test_pages_come_by_tls_and_commands_without_it(tmp_path: Path, run: Callable[[Any], None]) -> None:
    run(pages_and_commands(tmp_path))


async def pages_and_commands(folder: Path) -> None:
    async with serving(folder) as served:
        base = f"https://127.0.0.1:{served.port}"
        async with httpx.AsyncClient(verify=trusting(served), trust_env=False, timeout=PATIENCE) as client:
            page = await client.get(f"{base}/console/sign-in", headers={"Host": NAME})
            assert page.status_code == 200
            assert page.headers["strict-transport-security"]
            large = await client.post(f"{base}/v1/messages", content=b"x" * 300_000)
            assert large.status_code == 401
        async with httpx.AsyncClient(trust_env=False, timeout=PATIENCE) as client:
            assert (await client.get(f"{served.server.url}/healthz")).status_code == 200
            assert served.server.url.startswith("http://127.0.0.1:")
            assert (await client.get(f"{served.server.url}/console/sign-in")).status_code == 421
            with pytest.raises(httpx.TransportError):
                await client.get(f"http://127.0.0.1:{served.port}/healthz")


async def test_a_changed_file_is_the_certificate_of_the_next_connection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tls, "RELOAD_SECONDS", 0.02)
    async with serving(tmp_path) as served:
        before = await serial(served)
        issue(served.authority, tmp_path)
        async with asyncio.timeout(60):
            while await serial(served) == before:  # noqa: ASYNC110 - nothing tells it
                await asyncio.sleep(0.02)


async def test_files_that_do_not_serve_change_nothing(tmp_path: Path) -> None:
    authority = trustme.CA()
    issue(authority, tmp_path)
    certificate = Certificate(tmp_path / "chain.pem", tmp_path / "key.pem")
    before = certificate.context
    assert before.minimum_version is ssl.TLSVersion.TLSv1_2
    assert not certificate.reload()
    for damage in ("not PEM", ""):
        (tmp_path / "chain.pem").write_text(damage)
        assert not certificate.reload()
    (tmp_path / "key.pem").unlink()
    assert not certificate.reload()
    assert certificate.context is before
    issue(authority, tmp_path)
    assert certificate.reload()
    assert certificate.context is not before


async def test_strangers_who_begin_handshakes_are_closed_as_all_strangers_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "STRANGERS_MAX", 3)
    async with serving(tmp_path) as served:
        silent = [await asyncio.open_connection("127.0.0.1", served.port) for _ in range(6)]
        assert served.server.door is not None
        for reader, _ in silent[:3]:
            with contextlib.suppress(ConnectionError):
                async with asyncio.timeout(60):
                    assert await reader.read() == b""
        assert served.server.door.strangers <= 3
        assert await serial(served)  # who comes next is served
        for _, writer in silent:
            writer.close()


async def test_a_handshake_has_its_time_and_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tls, "HANDSHAKE_SECONDS", 0.1)
    async with serving(tmp_path) as served:
        reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
        with contextlib.suppress(ConnectionError):
            async with asyncio.timeout(60):
                assert await reader.read() == b""
        found = served.server.door
        assert found is not None
        await until(lambda: found.strangers == 0)
        writer.close()


@pytest.mark.parametrize(
    "data", [b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"\x16\x03\x01\xff\xff" + bytes(4_096), bytes(64)]
)
async def test_what_is_no_handshake_ends_and_leaves_nothing(tmp_path: Path, data: bytes) -> None:
    async with serving(tmp_path) as served:
        reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
        writer.write(data)
        writer.write_eof()
        with contextlib.suppress(ConnectionError):
            async with asyncio.timeout(60):
                assert b"HTTP" not in await reader.read()
        writer.close()
        found = served.server.door
        assert found is not None
        await until(lambda: found.strangers == 0)
        assert await serial(served)


def test_certificate_and_key_go_together_and_need_no_passphrase(tmp_path: Path) -> None:
    (tmp_path / CONFIG).write_text(CONFIG_TEXT.format(code='"TH"', name='"Thailand"', federation='"asean"'))
    with pytest.raises(Fault, match=r"http\.tls_key_file"):
        load(tmp_path, {"SUAR_HTTP__TLS_CERT_FILE": "chain.pem"})
    loaded = load(tmp_path, {"SUAR_HTTP__TLS_CERT_FILE": "chain.pem", "SUAR_HTTP__TLS_KEY_FILE": "key.pem"})
    with pytest.raises(Fault, match="do not serve"):
        certificate_of(loaded)
    issue(trustme.CA(), tmp_path)
    assert certificate_of(loaded) is not None
    key = serialization.load_pem_private_key((tmp_path / "key.pem").read_bytes(), None)
    sealed = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"word")
    )
    (tmp_path / "key.pem").write_bytes(sealed)
    with pytest.raises(Fault, match="passphrase"):
        certificate_of(loaded)
