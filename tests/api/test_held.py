"""The second person's calls: scope approve, and what is told when there is nothing to decide."""

import json
from typing import Any

import httpx
import pytest

from suar.protocol.base.reasons import Reason
from suar.protocol.base.sentences import Sentence, name_cell
from suar.service.reading.verdict import Verdict
from support.fake_gateway import FakeGateway, served, tokens
from support.gateway_state import ID
from support.patience import PATIENCE
from support.problems import problem

pytestmark = pytest.mark.asyncio(loop_scope="module")

_OF_A_CELL = Sentence("a count: {cell}", {"cell": name_cell("2026", {}, {"sex": "female"})})
BARE = Reason.of("E-PRIVACY-TABLE", None, "$.obs[0]", _OF_A_CELL, Sentence("leave the dimension sex out"))


async def test_only_who_may_approve(api: Any) -> None:
    for method, path in (
        ("GET", "/v1/held"),
        ("POST", f"/v1/messages/{ID}/release"),
        ("POST", f"/v1/messages/{ID}/reject"),
    ):
        for scope in ("publish", "read", "operate"):
            problem(await api(method, path, scope), 403, "E-HTTP-SCOPE")
    assert (await api("GET", "/v1/held", "approve")).json() == []


async def test_what_waits_comes_in_pages_and_nobody_decides_about_their_own(
    own: FakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids, held = own.hold(3, "only-approve"), await tokens(own)
    async with served(own) as url, httpx.AsyncClient(base_url=url, trust_env=False, timeout=PATIENCE) as client:
        client.headers["Authorization"] = f"Bearer {held['approve']}"
        first = await client.get("/v1/held?limit=2")
        assert [row["id"] for row in first.json()] == ids[:2]
        assert first.headers["link"] == f'</v1/held?after={first.json()[1]["place"]}&limit=2>; rel="next"'
        named = await client.get("/v1/held?limit=2&sentences=true")
        assert "sentences=true" in named.headers["link"]
        for plain, worded in zip(first.json(), named.json(), strict=True):
            assert all("sentences" in reason for reason in worded["reasons"])
            reasons = [{**reason} for reason in worded["reasons"] if reason.pop("sentences")]
            assert {**worded, "reasons": reasons} == plain
        second = await client.get(first.headers["link"].split(">")[0][1:])
        assert [row["id"] for row in second.json()] == ids[2:]
        assert ("held", ids[2]) in [(what, about.split()[0]) for what, about in own.acts_of("only-approve")]
        last = await client.get(f"/v1/held?after={second.json()[0]['place']}")
        assert (last.json(), "link" in last.headers) == ([], False)
        for wrong in ("after=1", "after=x.y", "limit=0", "limit=1001", "after=1.a%3E%0d%0a"):
            problem(await client.get(f"/v1/held?{wrong}"), 400, "E-HTTP-VALUE")
        refused = await client.post(f"/v1/messages/{ids[0]}/reject", json={"reason": "no"})
        problem(refused, 403, "E-SAME-PERSON")

        async def refuse(*_: Any, **__: Any) -> Verdict:
            return Verdict(ids[0], 1, "refused", (BARE,))

        monkeypatch.setattr(own, "release", refuse)
        for query, has_sentences in (("", False), ("?sentences=true", True)):
            answer = await client.post(f"/v1/messages/{ids[0]}/release{query}")
            assert ["sentences" in each for each in problem(answer, 422, BARE.code)["reasons"]] == [has_sentences]


async def test_nothing_to_decide(api: Any) -> None:
    for act, body in (("release", b""), ("reject", b'{"reason": "no"}')):
        problem(await api("POST", f"/v1/messages/{ID}/{act}", "approve", body), 409, "E-NOT-HELD")


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
