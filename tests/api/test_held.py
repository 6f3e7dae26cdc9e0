"""The second person's calls: scope approve, and what is told when there is nothing to decide."""

import json
from typing import Any

import pytest

from support.fake_gateway import FakeGateway
from support.gateway_state import ID
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


class WaitingCustody:
    """Each act waits for a second person, as the service answers the first one."""

    async def erase(self, id_: str, who: str) -> dict[str, Any]:
        return {"id": id_, "verdict": "waits", "revisions": 0}

    async def hold_add(self, id_: str, *_: object) -> dict[str, Any]:
        return {"id": id_, "verdict": "waits", "until": "2027-12-31T23:59:59Z"}

    async def hold_end(self, id_: str, *_: object) -> dict[str, Any]:
        return {"id": id_, "verdict": "waits", "number": 2, "order": "ab" * 32}

    async def hold_confirm(self, who: str) -> dict[str, Any]:
        return {"id": "holds", "verdict": "waits"}


ORDER = {"id": ID, "authority": "Criminal Court", "until": "2027-12-31T23:59:59Z"}
SECOND = [
    (f"/v1/messages/{ID}/erase", None, f"POST /v1/messages/{ID}/erase", f"`suar erase {ID} --token-file"),
    ("/v1/holds", ORDER, "POST /v1/holds with the same body", f"`suar hold add {ID} --authority"),
    (f"/v1/holds/{ID}/end", None, f"POST /v1/holds/{ID}/end?order={'ab' * 32}", f"`suar hold end {ID} --number 2"),
    ("/v1/holds/confirm", None, "POST /v1/holds/confirm", "`suar hold confirm --token-file"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "body", "call", "command"), SECOND)
async def test_what_needs_a_second_person_names_the_next_call(
    api: Any, gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch, path: str, body: Any, call: str, command: str
) -> None:
    """Before, the answer was `waits` alone."""
    monkeypatch.setattr(gateway, "custody", WaitingCustody(), raising=False)
    answer = await api("POST", path, "approve", b"" if body is None else json.dumps(body).encode())
    found = answer.json()
    assert (answer.status_code, found["verdict"]) == (202, "waits")
    assert "second person" in found["waits_for"]
    assert call in found["next"]
    assert command in found["next"]
