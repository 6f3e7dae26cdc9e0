"""A thief copies STATE/gateway.json, whose token opens every call, and uses it from another machine: before, it let
people in, made tokens, and could not be revoked. It counts only on a connection of this machine.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from suar.api.app import create_app
from suar.api.http.origins import is_here
from suar.api.server import identify_connection
from support.fake_gateway import FakeGateway, running_gateway
from support.gateway_state import LOCAL
from support.problems import problem

pytestmark = pytest.mark.asyncio(loop_scope="module")
HEADERS = {"Authorization": f"Bearer {LOCAL}"}
ELSEWHERE = "203.0.113.7"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def gateway(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FakeGateway]:
    with running_gateway(tmp_path_factory.mktemp("state")) as made:
        yield made


def caller(gateway: FakeGateway, peer: str) -> httpx.AsyncClient:
    """Calls from an address, as the server has it of the connection."""
    transport = httpx.ASGITransport(create_app(gateway), client=(peer, 50_000))  # type: ignore[arg-type]  # Litestar is an application of ASGI
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", timeout=120)


CALLS = [
    ("GET", "/v1/console/people", b""),
    ("POST", "/v1/console/people", b'{"id": "mallory", "name": "Mallory", "roles": ["operator"]}'),
    ("POST", "/v1/tokens", b'{"name": "m1", "scopes": ["publish", "approve", "read", "admin"]}'),
    ("GET", "/v1/messages", b""),
    ("GET", "/v1/feed", b""),
]


@pytest.mark.parametrize(("method", "path", "body"), CALLS)
async def test_it_opens_nothing_from_another_machine(
    gateway: FakeGateway, method: str, path: str, body: bytes
) -> None:  # fmt: skip
    async with caller(gateway, ELSEWHERE) as thief:
        problem(await thief.request(method, path, content=body, headers=HEADERS), 401, "E-HTTP-TOKEN")
        stated = {**HEADERS, "X-Forwarded-For": "127.0.0.1", "Forwarded": "for=127.0.0.1", "X-Real-IP": "127.0.0.1"}
        problem(await thief.request(method, path, content=body, headers=stated), 401, "E-HTTP-TOKEN")


async def test_commands_on_this_machine_have_it_as_before(gateway: FakeGateway) -> None:
    async with caller(gateway, "127.0.0.1") as here:
        assert (await here.get("/v1/messages", headers=HEADERS)).status_code == 200


async def test_a_token_of_a_person_is_good_from_anywhere(gateway: FakeGateway, tmp_path: Path) -> None:
    async with caller(gateway, "127.0.0.1") as here, caller(gateway, ELSEWHERE) as desk:
        made = await here.post("/v1/tokens", json={"name": "desk", "scopes": ["read"]}, headers=HEADERS)
        own = {"Authorization": f"Bearer {made.json()['token']}"}
        assert (await desk.get("/v1/messages", headers=own)).status_code == 200


async def test_nor_does_it_take_the_places_of_known_connections(gateway: FakeGateway) -> None:
    assert identify_connection(gateway, LOCAL, is_here=True) is not None
    assert identify_connection(gateway, LOCAL, is_here=False) is None


@pytest.mark.parametrize(
    ("client", "server", "expected"),
    [
        (("127.0.0.1", 1), ("127.0.0.1", 2), True),
        (("127.0.0.2", 1), ("127.0.0.1", 2), True),
        (("::1", 1), ("::1", 2), True),
        (("::ffff:127.0.0.1", 1), ("::ffff:127.0.0.1", 2), True),
        (("192.0.2.2", 1), ("192.0.2.2", 2), True),  # it listens there alone, and commands call it there
        (("::ffff:192.0.2.2", 1), ("192.0.2.2", 2), True),
        (("192.0.2.3", 1), ("192.0.2.2", 2), False),
        (("2001:db8::1", 1), ("2001:db8::2", 2), False),
        (("testclient", 1), ("testclient", 2), False),
        (None, None, False),
        (("192.0.2.3", 1), None, False),
    ],
)
async def test_which_connections_are_of_this_machine(
    client: tuple[str, int] | None, server: tuple[str, int] | None, *, expected: bool
) -> None:
    assert is_here(client, server) is expected
