"""The API on a real socket in front of a fake gateway, with a token for each scope; one server a module."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from support.agency_desk import Desk, desk_of
from support.fake_gateway import FakeGateway, running_gateway, served, tokens
from support.gateway_state import LOCAL
from support.patience import PATIENCE


class Api:
    """Calls as the holder of one scope; `url` for other clients."""

    def __init__(self, url: str, held: dict[str, str], client: httpx.AsyncClient) -> None:
        self.url, self.tokens, self.client = url, {**held, "local": LOCAL}, client

    def bearer(self, scope: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tokens[scope]}"}

    async def __call__(
        self, method: str, path: str, scope: str | None = None, content: bytes = b"", **headers: str
    ) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {**(self.bearer(scope) if scope else {}), **named}
        return await self.client.request(method, path, content=content, headers=sent)


@pytest.fixture(scope="module")
def of_module(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeGateway]:
    with running_gateway(tmp_path_factory.mktemp("api"), SUAR_HTTP__CALLS_A_SECOND="100000") as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def client(of_module: FakeGateway) -> AsyncIterator[httpx.AsyncClient]:
    async with served(of_module) as url, httpx.AsyncClient(base_url=url, trust_env=False, timeout=PATIENCE) as made:
        yield made


@pytest.fixture
def gateway(of_module: FakeGateway) -> FakeGateway:
    """The gateway behind `api`, as new."""
    of_module.forget()
    return of_module


@pytest_asyncio.fixture(loop_scope="module")
async def api(gateway: FakeGateway, client: httpx.AsyncClient) -> Api:
    return Api(str(client.base_url), await tokens(gateway), client)


@pytest.fixture
def own(tmp_path: Path) -> Iterator[FakeGateway]:
    """A gateway that no server serves yet."""
    with running_gateway(tmp_path / "own") as made:
        yield made


@pytest_asyncio.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """A real core with registered agencies behind the API."""
    async with desk_of(tmp_path) as made:
        yield made
