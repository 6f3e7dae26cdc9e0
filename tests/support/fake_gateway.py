"""A gateway without a bus behind the API: for the API's own refusals and for faults on purpose."""

import asyncio
import contextlib
import os
import shutil
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from secrets import token_hex

import msgspec

from suar.api.app import create_app
from suar.api.server import HttpServer, url_of
from suar.service.access.agencies import register
from suar.service.access.tokens import check
from suar.service.settings.scopes import ROLES, SCOPES
from suar.service.settings.state import locked
from suar.store.people.access import OPERATOR
from support import stores
from support.fake_operating import FakeOperating
from support.fake_publishing import FakePublishing
from support.fake_reading import FakeReading
from support.fake_state import in_thread
from support.gateway_state import LOCAL, core_of, fill, template


class FakeGateway(FakePublishing, FakeReading, FakeOperating):
    """A gateway on a real core without a bus."""


@contextlib.contextmanager
def running_gateway(folder: Path, **environ: str) -> Iterator[FakeGateway]:
    """A gateway of Thailand on a state folder of its own."""
    if stores.is_sqlite():
        shutil.copytree(template(), folder, dirs_exist_ok=True)
    else:
        fill(folder)
    core = core_of(folder, **environ)
    made = FakeGateway(core)
    made.ready.settled.set()
    in_thread(lambda: asyncio.run(made.open(LOCAL)))
    yield made
    core.close()


async def tokens(gateway: FakeGateway) -> dict[str, str]:
    """A token for each scope."""
    wanted = [check(f"only-{scope}", [scope], ROLES if scope == "acknowledge" else ()) for scope in SCOPES]
    return dict(zip(SCOPES, await gateway.tokens_add_at_once(wanted), strict=True))


async def proposing_token(gateway: FakeGateway) -> str:
    """The token of an agency that may propose drafts."""
    wanted = register(f"a{token_hex(8)}", "health", ["alert"], "AMBER", "actual", is_automated=False, may_propose=True)
    return str((await gateway.agencies.add(wanted, None, OPERATOR))["token"])


@contextlib.asynccontextmanager
async def served(gateway: FakeGateway, server: HttpServer | None = None) -> AsyncIterator[str]:
    """The gateway's API on a real socket, served by `server` if there is one; the base URL."""
    server = server or HttpServer()
    host, port = await server.start(create_app(gateway), ("127.0.0.1", 0))
    try:
        yield url_of(host, port)
    finally:
        await server.stop()


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[FakeGateway]:
    """A gateway that serves a state folder, found as commands find it: by gateway.json; what it accepts is sent."""
    with running_gateway(folder) as made, locked(folder), _in_a_thread(folder, made):
        made.is_sending = True
        yield made


@contextlib.contextmanager
def _in_a_thread(folder: Path, made: FakeGateway) -> Iterator[None]:
    started = threading.Event()
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()

    async def serve() -> None:
        async with served(made) as url:
            address = {"url": url, "token": LOCAL, "pid": os.getpid()}
            (folder / "gateway.json").write_bytes(msgspec.json.encode(address))
            started.set()
            await stop.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    assert started.wait(60)
    yield
    loop.call_soon_threadsafe(stop.set)
    thread.join(60)
    loop.close()
