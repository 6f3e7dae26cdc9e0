"""The second person's calls: scope approve, and what is told when there is nothing to decide."""

from typing import Any

import pytest

from support.fake_gateway import ID, FakeGateway
from support.problems import problem

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


async def test_what_waits_comes_in_pages(api: Any, gateway: FakeGateway) -> None:
    rows = [{"id": ID, "place": f"{n}.{ID}"} for n in (1, 2, 3)]
    gateway.waits = rows
    first = await api("GET", "/v1/held?limit=2", "approve")
    assert first.json() == rows[:2]
    assert first.headers["link"] == f'</v1/held?after=2.{ID}&limit=2>; rel="next"'
    second = await api("GET", first.headers["link"].split(">")[0][1:], "approve")
    assert second.json() == rows[2:]
    last = await api("GET", f"/v1/held?after=3.{ID}", "approve")
    assert (last.json(), "link" in last.headers) == ([], False)
    for wrong in ("after=1", "after=x.y", "limit=0", "limit=1001", "after=1.a%3E%0d%0a"):
        problem(await api("GET", f"/v1/held?{wrong}", "approve"), 400, "E-HTTP-VALUE")


async def test_nothing_to_decide_and_nobody_for_it(api: Any) -> None:
    problem(await api("POST", f"/v1/messages/{ID}/release", "approve"), 409, "E-NOT-HELD")
    problem(await api("POST", f"/v1/messages/{ID}/reject", "approve", b'{"reason": "no"}'), 403, "E-SAME-PERSON")


@pytest.mark.parametrize(
    "body", [b"", b"{}", b'{"reason": ""}', b'{"reason": "' + b"x" * 401 + b'"}', b'{"why": "no"}', b"\xff"]
)
async def test_a_rejection_has_a_reason(api: Any, body: bytes) -> None:
    problem(await api("POST", f"/v1/messages/{ID}/reject", "approve", body), 400, "E-HTTP-VALUE")


async def test_the_digest_of_what_was_read_has_its_form(api: Any) -> None:
    for act, body in (("release", b""), ("reject", b'{"reason": "no"}')):
        for wrong in ("", "0", "g" * 32, "0" * 33, "0" * 32 + "%0a"):
            path = f"/v1/messages/{ID}/{act}?digest={wrong}"
            problem(await api("POST", path, "approve", body), 400, "E-HTTP-VALUE")


async def test_the_order_of_a_hold_that_was_read_has_its_form(api: Any) -> None:
    for wrong in ("order=", "order=0", "order=" + "g" * 64, "order=" + "0" * 64 + "%0a", "number=0", "number=x"):
        problem(await api("POST", f"/v1/holds/{ID}/end?{wrong}", "approve"), 400, "E-HTTP-VALUE")
