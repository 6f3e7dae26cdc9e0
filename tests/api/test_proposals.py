"""Proposals over real HTTP: what an agency hands in reaches the desk sealed, and leaves by a person alone."""

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from suar.protocol.base import limits
from suar.protocol.message.kinds import KINDS
from suar.service.contributing import desk as at_desk
from suar.service.contributing import facade, proposing
from suar.service.publish import drafts
from suar.standard import shipped
from suar.store.people import contributions
from support import stores
from support.agency_desk import Desk, desk_of
from support.corekit import rows
from support.hostile_drafts import draft
from support.problems import problem

PATH = "/v1/proposals"
NAMED = "A title that stands nowhere else"


@pytest_asyncio.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk_of(tmp_path) as made:
        yield made


def alert(desk: Desk, **changes: Any) -> dict[str, Any]:
    """A draft of the health sector, as an agency writes one: it says no sector."""
    made = draft("alert-new-route", "VN", desk.kit.now, **changes)
    made["issuer"] = {"body": "Ministry of Health"}
    made["text"] = [{"lang": "en", "title": NAMED, "summary": "Offers for work abroad, by telephone."}]
    return made


async def propose(desk: Desk, token: str, tree: dict[str, Any] | bytes, query: str = "", **headers: str) -> Any:
    data = tree if isinstance(tree, bytes) else json.dumps(tree).encode()
    return await desk.call("POST", f"{PATH}{query}", token, content=data, headers=headers)


async def proposed(desk: Desk, token: str, tree: dict[str, Any] | bytes, query: str = "", **headers: str) -> str:
    made = await propose(desk, token, tree, query, **headers)
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


def states(desk: Desk) -> list[str]:
    return [row[0] for row in rows(desk.kit, "select state from contribution order by at, id")]


# -- handing in


async def test_a_proposal_is_kept_and_its_agency_sees_its_state(desk: Desk) -> None:
    token = await desk.register(propose=True)
    made = await propose(desk, token, alert(desk))
    id_ = made.json()["id"]
    assert (made.status_code, made.json()) == (201, {"id": id_, "state": "proposed"})
    assert made.headers["location"] == f"{PATH}/{id_}"
    shown = (await desk.call("GET", made.headers["location"], token)).json()
    assert shown == (await desk.call("GET", PATH, token)).json()[0]
    assert shown == {
        "id": id_, "state": "proposed", "kind": "alert", "status": "actual", "proposed": "2027-01-15T08:00:00Z",
        "changed": "2027-01-15T08:00:00Z", "place": shown["place"], "reason": None, "message": None,
    }  # fmt: skip
    assert rows(desk.kit, "select who, what, about from audit where what like 'propos%'") == [
        ("agency/health", "propose", id_)
    ]


async def test_the_desk_reads_it_with_the_sector_of_the_agency_and_the_source_of_its_author(desk: Desk) -> None:
    token = await desk.register(propose=True)
    source = {"type": "administrative-record", "reliability": "B", "credibility": 2}
    id_ = await proposed(desk, token, alert(desk, source=source))
    found = (await desk.call("GET", f"{PATH}/{id_}")).json()
    assert (found["agency"], found["agency_state"], found["by"]) == ("health", "active", "agency/health")
    assert found["proposal"]["issuer"] == {"body": "Ministry of Health", "sector": "health"}
    assert found["proposal"]["source"] == source
    assert not {"kind", "id", "rev", "status", "schema"} & set(found["proposal"])
    listed = (await desk.call("GET", PATH)).json()[0]
    assert "proposal" not in listed
    assert (listed["urgency"], listed["title"], listed["lang"]) == ("immediate", NAMED, "en")
    own = (await desk.call("GET", PATH, token)).json()[0]
    assert not {"urgency", "title", "lang", "digest", "agency"} & own.keys()
    assert rows(desk.kit, "select who, about from audit where what = 'proposal-list'") == [("local", "")]
    assert rows(desk.kit, "select who, about from audit where what = 'proposal-read'") == [("local", id_)]


async def test_a_draft_of_every_kind_is_proposed_and_taken(desk: Desk) -> None:
    token = await desk.register(propose=True)
    new = {name: shipped.example(name)["kind"] for name in shipped.names() if shipped.example(name)["action"] == "new"}
    names = {kind: name for name, kind in new.items()}
    assert names.keys() == KINDS.keys() - {"receipt"}
    for kind, name in names.items():
        id_ = await proposed(desk, token, draft(name, "VN", desk.kit.now) | {"issuer": {"body": "Ministry of Health"}})
        shown = (await desk.call("GET", f"{PATH}/{id_}", token)).json()
        assert (shown["kind"], shown["state"]) == (kind, "proposed")
        taken = await desk.call("POST", f"{PATH}/{id_}/take")
        assert taken.status_code == 200, taken.text
        assert (await desk.call("GET", f"{PATH}/{id_}", token)).json()["state"] == "editing"


async def test_nothing_of_it_is_in_clear_on_the_disk(desk: Desk) -> None:
    await proposed(desk, await desk.register(propose=True), alert(desk))
    files = [path for path in desk.kit.folder.rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if NAMED.encode() in path.read_bytes()]


async def test_a_proposal_never_leaves_by_itself(desk: Desk) -> None:
    token = await desk.register(propose=True)
    id_ = await proposed(desk, token, alert(desk))
    assert (await desk.call("POST", f"{PATH}/{id_}/take")).status_code == 200
    assert rows(desk.kit, "select count(*) from message") == [(0,)]
    assert rows(desk.kit, "select count(*) from held") == [(0,)]
    for path in (f"{PATH}/{id_}/take", f"{PATH}/{id_}/reject"):
        problem(await desk.call("POST", path, token, json={"reason": "x"}), 403, "E-HTTP-SCOPE")
    problem(await desk.call("POST", "/v1/messages", token, json=alert(desk)), 403, "E-HTTP-SCOPE")


@pytest.mark.parametrize(
    ("changes", "code", "path"),
    [
        ({"kind": "receipt"}, "E-MESSAGE-KIND", "$.kind"),
        ({"sent": "2027-01-15T08:00:00Z"}, "E-MESSAGE-GATEWAY-FIELD", "$.sent"),
        ({"privacy": {}}, "E-MESSAGE-GATEWAY-FIELD", "$.privacy"),
        ({"victim": "x"}, "E-MESSAGE-UNKNOWN-FIELD", "$.victim"),
        ({"action": "update", "id": "VN-ALERT-2027-000001"}, "E-MESSAGE-REVISION", "$.action"),
        ({"action": "cancel", "id": "VN-ALERT-2027-000001", "reason": "x"}, "E-MESSAGE-REVISION", "$.action"),
        ({"id": "VN-ALERT-2027-000001"}, "E-MESSAGE-REVISION", "$.action"),
        ({"rev": 2}, "E-MESSAGE-REVISION", "$.action"),
        ({"status": "exercise"}, "E-MESSAGE-REALM", "$.status"),
        ({"issuer": {"member": "TH", "body": "x"}}, "E-MESSAGE-SENDER", "$.issuer.member"),
        ({"issuer": {"body": "x", "sector": "law-enforcement"}}, "E-MESSAGE-SENDER", "$.issuer.sector"),
        ({"issuer": "x"}, "E-MESSAGE-FIELD", "$.issuer"),
        (
            {"text": [{"lang": "en", "title": "A", "summary": "B", "generated": True}]},
            "E-MESSAGE-GATEWAY-FIELD", "$.text[0].generated",
        ),
        (
            {"text": [{"lang": "en", "title": "A", "summary": "Call +66 81 234 5678"}]},
            "E-PRIVACY-IDENTIFIER", "$.text[0].summary",
        ),
    ],
)  # fmt: skip
async def test_what_no_draft_may_have_is_refused_and_named(
    desk: Desk, changes: dict[str, Any], code: str, path: str
) -> None:
    token = await desk.register(propose=True)
    answer = await propose(desk, token, alert(desk) | changes)
    refusal = problem(answer, 422, answer.json()["reasons"][0]["code"])
    assert (code, path) in {(each["code"], each["path"]) for each in refusal["reasons"]}
    assert refusal["verdict"] == "refused"
    assert states(desk) == []


@pytest.mark.parametrize(
    "changes", [{"action": "update"}, {"action": "update", "id": "VN-ALERT-2027-000001"}, {"rev": 2}, {"action": None}]
)
async def test_the_hint_of_what_changes_a_message_is_one_that_helps(desk: Desk, changes: dict[str, Any]) -> None:
    """A draft whose action is left out is refused too: no hint says to leave it out, and none requests an id."""
    token = await desk.register(propose=True)
    whole = {name: value for name, value in (alert(desk) | changes).items() if value is not None}
    [reason] = (await propose(desk, token, whole)).json()["reasons"]
    assert (reason["path"], reason["hint"]) == ("$.action", "write action new; leave id and rev out")
    corrected = {name: value for name, value in whole.items() if name not in ("id", "rev")} | {"action": "new"}
    assert (await propose(desk, token, corrected)).status_code == 201


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"\xff", b'{"kind":"alert","kind":"trend"}', b"{}", b'{"kind":1}'])
async def test_what_is_no_draft_is_refused(desk: Desk, data: bytes) -> None:
    answer = await propose(desk, await desk.register(propose=True), data)
    problem(answer, 422, answer.json()["reasons"][0]["code"])
    assert states(desk) == []


async def test_a_draft_that_is_too_large_is_refused(desk: Desk) -> None:
    token = await desk.register(propose=True)
    large = json.dumps(alert(desk)).encode()
    padded = large + b" " * (limits.MESSAGE_BYTES_MAX - len(large))
    assert (await propose(desk, token, padded)).status_code == 201
    problem(await propose(desk, token, padded + b" "), 422, "E-MESSAGE-FORM")
    problem(await propose(desk, token, b" " * (1024 * 1024 + 1)), 413, "E-HTTP-TOO-LARGE")


async def test_a_body_of_another_type_is_refused(desk: Desk) -> None:
    token, data = await desk.register(propose=True), json.dumps(alert(desk)).encode()
    for wrong in ("text/xml", "text/csv", "application/x-ndjson"):
        sent = await propose(desk, token, data, **{"Content-Type": wrong})
        assert "application/json" in problem(sent, 415, "E-HTTP-MEDIA-TYPE")["detail"]
    sent = await propose(desk, token, data, **{"Content-Type": "application/json; charset=utf-8"})
    assert sent.status_code == 201


async def test_who_may_not_propose_is_informed(desk: Desk) -> None:
    reader = await desk.register(name="reader")
    problem(await propose(desk, reader, alert(desk)), 403, "E-HTTP-SCOPE")
    problem(await desk.call("GET", PATH, reader), 403, "E-HTTP-SCOPE")
    made = await desk.call("POST", "/v1/tokens", json={"name": "desk", "scopes": ["publish"]})
    problem(await propose(desk, made.json()["token"], alert(desk)), 403, "E-HTTP-SCOPE")
    wanted = {"name": "x", "scopes": ["propose"]}
    refusal = problem(await desk.call("POST", "/v1/tokens", json=wanted), 409, "E-HTTP-CONFLICT")
    assert "agencies alone" in refusal["detail"]


async def test_an_agency_of_exercises_proposes_exercises(desk: Desk) -> None:
    token = await desk.register(propose=True, realm="exercise")
    problem(await propose(desk, token, alert(desk)), 400, "E-HTTP-VALUE")
    id_ = await proposed(desk, token, alert(desk), "?exercise=true")
    shown = (await desk.call("GET", f"{PATH}/{id_}", token)).json()
    assert shown["status"] == "exercise"
    assert "EXERCISE" in shown["banner"]
    both = await desk.register(name="actual-only", propose=True)
    problem(await propose(desk, both, alert(desk), "?exercise=true"), 400, "E-HTTP-VALUE")


# -- once


async def test_a_key_names_one_proposal_for_good(desk: Desk) -> None:
    token = await desk.register(propose=True)
    first = await propose(desk, token, alert(desk), **{"Idempotency-Key": "k1"})
    again = await propose(desk, token, alert(desk), **{"Idempotency-Key": "k1"})
    assert (again.status_code, again.json()) == (201, first.json())
    assert (again.headers["idempotent-replayed"], again.headers["location"]) == ("true", first.headers["location"])
    other = alert(desk) | {"severity": "minor"}
    problem(await propose(desk, token, other, **{"Idempotency-Key": "k1"}), 422, "E-HTTP-KEY-REUSED")
    id_ = first.json()["id"]
    await desk.call("POST", f"{PATH}/{id_}/reject", json={"reason": "again, please"})
    decided = await propose(desk, token, alert(desk), **{"Idempotency-Key": "k1"})
    assert (decided.json(), decided.headers["idempotent-replayed"]) == ({"id": id_, "state": "rejected"}, "true")
    neighbour = await desk.register(name="labour", propose=True)
    assert (await propose(desk, neighbour, alert(desk), **{"Idempotency-Key": "k1"})).json()["id"] != id_
    assert len(states(desk)) == 2


async def test_the_same_bytes_are_one_proposal_while_nobody_has_decided(desk: Desk) -> None:
    token = await desk.register(propose=True)
    id_ = await proposed(desk, token, alert(desk))
    assert await proposed(desk, token, alert(desk)) == id_
    await desk.call("POST", f"{PATH}/{id_}/reject", json={"reason": "the place is missing"})
    assert await proposed(desk, token, alert(desk)) != id_


# -- bounds


async def test_open_proposals_of_an_agency_are_bounded(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proposing, "OPEN_MAX", 2)
    token, other = await desk.register(propose=True), await desk.register(name="labour", propose=True)
    for hours in (12, 24):
        await proposed(desk, token, alert(desk, ack_within=hours))
    full = await propose(desk, token, alert(desk, ack_within=48))
    problem(full, 429, "E-HTTP-PROPOSALS")
    assert full.headers["retry-after"] == "3600"
    assert (await propose(desk, other, alert(desk))).status_code == 201
    id_ = (await desk.call("GET", PATH, token)).json()[0]["id"]
    await desk.call("POST", f"{PATH}/{id_}/reject", json={"reason": "known already"})
    assert (await propose(desk, token, alert(desk, ack_within=48))).status_code == 201


async def test_proposals_of_a_day_are_bounded(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proposing, "A_DAY_MAX", 1)
    token = await desk.register(propose=True)
    id_ = await proposed(desk, token, alert(desk))
    await desk.call("POST", f"{PATH}/{id_}/reject", json={"reason": "known already"})
    problem(await propose(desk, token, alert(desk, ack_within=48)), 429, "E-HTTP-PROPOSALS")
    desk.kit.now += limits.DAY + 1
    assert (await propose(desk, token, alert(desk, ack_within=48))).status_code == 201


def test_every_bound_is_named_with_its_value() -> None:
    page = (Path(__file__).parents[2] / "docs/bounds.md").read_text()
    table = page.partition("| limit of proposals | value | of what | over it |")[2].partition("\n\n")[0]
    named = re.findall(r"^\| `([A-Z_]+)` \| ([0-9]+)(?: (days))? \|", table, re.MULTILINE)
    assert len(named) == 7
    for name, number, unit in named:
        module = next(each for each in (proposing, facade, contributions, at_desk) if hasattr(each, name))
        assert getattr(module, name) == int(number) * (limits.DAY if unit else 1), name


# -- the desk


async def test_a_rejection_destroys_the_text_and_states_the_reason(desk: Desk) -> None:
    token = await desk.register(propose=True)
    id_ = await proposed(desk, token, alert(desk))
    done = await desk.call("POST", f"{PATH}/{id_}/reject", json={"reason": "the period is not said"})
    assert (done.status_code, done.json()) == (200, {"id": id_, "state": "rejected"})
    shown = (await desk.call("GET", f"{PATH}/{id_}", token)).json()
    assert (shown["state"], shown["reason"]) == ("rejected", "the period is not said")
    assert (await desk.call("GET", f"{PATH}/{id_}")).json()["proposal"] is None
    assert rows(desk.kit, "select sealed, sealed_key from contribution") == [(None, None)]
    assert rows(desk.kit, "select who, about from audit where what = 'proposal-reject'") == [("local", id_)]
    for act in ("reject", "take"):
        problem(await desk.call("POST", f"{PATH}/{id_}/{act}", json={"reason": "x"}), 409, "E-HTTP-DECIDED")


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("call +66 81 234 5678", "E-PRIVACY-IDENTIFIER"), ("Mr Somchai Suksai knows", "E-PRIVACY-NAME"),
        ("", "E-HTTP-VALUE"), ("x" * 401, "E-HTTP-VALUE"), (1, "E-HTTP-VALUE"),
    ],
)  # fmt: skip
async def test_a_reason_is_judged_as_other_texts_are(desk: Desk, reason: Any, code: str) -> None:
    id_ = await proposed(desk, await desk.register(propose=True), alert(desk))
    answer = await desk.call("POST", f"{PATH}/{id_}/reject", json={"reason": reason})
    refusal = problem(answer, 400 if code == "E-HTTP-VALUE" else 422, code)
    assert [each["path"] for each in refusal.get("reasons", ())] == ([] if code == "E-HTTP-VALUE" else ["$.reason"])
    assert states(desk) == ["proposed"]


async def test_a_reason_is_kept_without_what_cannot_be_seen(desk: Desk) -> None:
    token = await desk.register(propose=True)
    id_ = await proposed(desk, token, alert(desk))
    unseen = await desk.call("POST", f"{PATH}/{id_}/reject", json={"reason": "\u202e\u200b \u2800"})
    assert [each["path"] for each in problem(unseen, 422, "E-MESSAGE-FORM")["reasons"]] == ["$.reason"]
    hidden = await desk.call("POST", f"{PATH}/{id_}/reject", json={"reason": "call +66\u200b81\u2060234 5678"})
    problem(hidden, 422, "E-PRIVACY-IDENTIFIER")
    reason = "<b>the</b> period \u202ebias ton si\u0007\nthe place is \u0e01\u0e48\u0e32\u0e22"
    await desk.call("POST", f"{PATH}/{id_}/reject", json={"reason": reason})
    shown = (await desk.call("GET", f"{PATH}/{id_}", token)).json()
    assert shown["reason"] == "<b>the</b> period  bias ton si \nthe place is \u0e01\u0e48\u0e32\u0e22"


async def test_another_agency_sees_none_of_it(desk: Desk) -> None:
    token, other = await desk.register(propose=True), await desk.register(name="labour", propose=True)
    id_ = await proposed(desk, token, alert(desk))
    problem(await desk.call("GET", f"{PATH}/{id_}", other), 404, "E-HTTP-NOT-FOUND")
    assert (await desk.call("GET", PATH, other)).json() == []
    unknown = await desk.call("GET", f"{PATH}/{'0' * 16}", other)
    assert unknown.json() == (await desk.call("GET", f"{PATH}/{id_}", other)).json(), "nothing tells that it is there"


@pytest.mark.parametrize("act", ["suspend", "revoke"])
async def test_who_is_suspended_proposes_nothing_and_the_desk_is_informed(desk: Desk, act: str) -> None:
    token = await desk.register(propose=True)
    id_ = await proposed(desk, token, alert(desk))
    await desk.act("health", act)
    problem(await propose(desk, token, alert(desk, ack_within=48)), 401, "E-HTTP-TOKEN")
    problem(await desk.call("GET", PATH, token), 401, "E-HTTP-TOKEN")
    [row] = (await desk.call("GET", PATH)).json()
    assert (row["state"], row["agency_state"]) == ("proposed", "suspended" if act == "suspend" else "revoked")
    assert (await desk.call("POST", f"{PATH}/{id_}/take")).status_code == 200


async def test_pages_follow_one_another(desk: Desk) -> None:
    token = await desk.register(propose=True)
    made = [await proposed(desk, token, alert(desk, ack_within=hours)) for hours in (12, 24, 36)]
    await desk.call("POST", f"{PATH}/{made[0]}/reject", json={"reason": "known already"})
    for who in ({}, {"token": token}):
        found, path = list[str](), f"{PATH}?limit=1"
        while page := (answer := await desk.call("GET", path, **who)).json():
            found += [row["id"] for row in page]
            path = answer.links["next"]["url"]
        assert sorted(found) == sorted(made)
        open_ = (await desk.call("GET", f"{PATH}?state=proposed", **who)).json()
        assert {row["id"] for row in open_} == set(made[1:])
    for wrong in ("after=x", "after=1.ZZ", "limit=0", "state=open", "agency=health"):
        assert (await desk.call("GET", f"{PATH}?{wrong}")).status_code == 400, wrong


async def test_a_desk_with_too_many_drafts_accepts_no_more(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drafts, "DRAFTS_MAX", 0)
    id_ = await proposed(desk, await desk.register(propose=True), alert(desk))
    problem(await desk.call("POST", f"{PATH}/{id_}/take"), 409, "E-HTTP-CONFLICT")
    assert states(desk) == ["proposed"]


# -- how long it is kept


async def test_what_nobody_takes_is_rejected_and_what_was_decided_is_forgotten(desk: Desk) -> None:
    token = await desk.register(propose=True)
    id_ = await proposed(desk, token, alert(desk))
    desk.kit.now += contributions.TAKEN_WITHIN + 1

    def forget() -> None:
        with desk.kit.core.transaction() as connection:
            contributions.forget(connection, desk.kit.core.vault, desk.kit.now)

    await desk.gateway.core.run(forget)
    shown = (await desk.call("GET", f"{PATH}/{id_}", token)).json()
    assert (shown["state"], shown["reason"]) == ("rejected", contributions.OVERDUE)
    assert rows(desk.kit, "select sealed from contribution") == [(None,)]
    assert rows(desk.kit, "select who, about from audit where what = 'proposal-reject'") == [("gateway", id_)]
    desk.kit.now += contributions.KEPT + 1
    await desk.gateway.core.run(forget)
    assert states(desk) == []


async def test_a_row_that_was_altered_is_taken_for_nothing(desk: Desk) -> None:
    id_ = await proposed(desk, await desk.register(propose=True), alert(desk))
    assert stores.write(desk.kit.folder, "update contribution set agency = 'labour'") == 1
    assert (await desk.call("GET", f"{PATH}/{id_}")).status_code == 503
