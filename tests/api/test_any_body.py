"""Whatever a body is, it is answered as the caller's fault or done: never as one of ours."""

from typing import Any

import pytest

from suar.service.settings.scopes import MACHINE, PROPOSE
from support.fake_gateway import FakeGateway, proposing_token
from support.gateway_state import ID
from support.problems import SCOPE_OF

pytestmark = pytest.mark.asyncio(loop_scope="module")

DEEP = b"[" * 200_000
POSTS = sorted((path, str(scope)) for (method, path), scope in SCOPE_OF.items() if method == "POST")
BODIES = {
    "nothing": b"",
    "deep": DEEP,
    "deep inside": b'{"reason":"x","replace":' + DEEP + b"]" * 200_000 + b"}",
    "deep message": b'{"messages":[{"a":' + DEEP + b"]" * 200_000 + b"}]}",
    "deep anywhere": b'{"kid":' + DEEP,
    "deep name": b'{"name":' + DEEP,
    "deep stage": b'{"stage":' + DEEP,
    "a number": b'{"reason":' + b"9" * 100_000 + b"}",
    "surrogate": b'{"reason":"\\ud800","name":"\\ud800"}',
    "no text": b'{"reason":"\xff\xfe"}',
    "zero": b"\0" * 1000,
    "a key twice": b'{"reason":"x","reason":"y"}',
}


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize(("path", "scope"), POSTS)
async def test_it_is_no_fault_of_ours(api: Any, gateway: FakeGateway, path: str, scope: str, name: str) -> None:
    named = path.replace("{id:str}", ID).replace("{code:str}", "SG").replace("{which:str}", "x")
    holder = "local" if scope == MACHINE else scope
    if scope == PROPOSE:
        api.tokens[scope] = await proposing_token(gateway)
    assert (await api("POST", named, holder, BODIES[name])).status_code < 500
