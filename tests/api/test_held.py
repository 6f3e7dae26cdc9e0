"""The second person's calls: scope approve, and what is told when there is nothing to decide."""

from typing import Any

import pytest

from fake_gateway import ID
from problems import problem

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_only_who_may_approve(api: Any) -> None:
    for method, path in (
        ("GET", "/v1/held"),
        ("POST", f"/v1/messages/{ID}/release"),
        ("POST", f"/v1/messages/{ID}/reject"),
    ):
        for scope in ("publish", "read", "operate"):
            problem(await api(method, path, scope), 403, "E-HTTP-SCOPE")
    assert (await api("GET", "/v1/held", "approve")).json() == []


async def test_nothing_to_decide_and_nobody_for_it(api: Any) -> None:
    problem(await api("POST", f"/v1/messages/{ID}/release", "approve"), 409, "E-NOT-HELD")
    problem(await api("POST", f"/v1/messages/{ID}/reject", "approve", b'{"reason": "no"}'), 403, "E-SAME-PERSON")


@pytest.mark.parametrize(
    "body", [b"", b"{}", b'{"reason": ""}', b'{"reason": "' + b"x" * 401 + b'"}', b'{"why": "no"}', b"\xff"]
)
async def test_a_rejection_has_a_reason(api: Any, body: bytes) -> None:
    problem(await api("POST", f"/v1/messages/{ID}/reject", "approve", body), 400, "E-HTTP-VALUE")
