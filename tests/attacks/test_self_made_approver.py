"""The holder of a publishing token makes the approver. Before, whoever could publish and make tokens (every command on
the gateway's machine can) made a second token and released what they had published; a cancel written by hand needed
nobody at all.

Now two tokens are one person's when one made the other or a third made both, until their holders claim them, and whose
act a publication was is kept with it; and only the bare cancel leaves without a second person.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from suar.protocol.base import limits
from suar.protocol.base.instants import instant

if TYPE_CHECKING:
    pass

pytestmark = pytest.mark.essential


@pytest.fixture(scope="module")
def local(member: dict[str, Any]) -> str:
    return str(json.loads((Path(member["state"]) / "gateway.json").read_text())["token"])


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def make(client: httpx.Client, by: str, name: str, *scopes: str) -> dict[str, Any]:
    answer = client.post("/v1/tokens", json={"name": name, "scopes": list(scopes)}, headers=bearer(by))
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def extreme(client: httpx.Client, token: str, **changes: Any) -> Any:
    """The answer to an alert that needs a second person."""
    expires = instant(time.time_ns() // 1_000_000 + 20 * limits.DAY)
    alert = {
        "kind": "alert", "action": "new", "issuer": {"body": "National desk", "sector": "law-enforcement"},
        "tlp": "AMBER", "audience": {"members": "all"}, "languages": ["en"], "expires": expires,
    }  # fmt: skip
    body = template() | alert | {"severity": "extreme"} | changes
    body.pop("languages", None)
    return client.post("/v1/messages", json=body, headers=bearer(token))


def template() -> dict[str, Any]:
    from suar.published import schemas_dir

    whole = json.loads((schemas_dir() / "examples/valid/alert-new-route.json").read_bytes())
    left_out = ("schema", "id", "rev", "sent", "status", "privacy", "pattern", "incident", "related", "case_token",
                "valid_from", "onset")  # fmt: skip
    kept = {name: value for name, value in whole.items() if name not in left_out}
    kept["issuer"].pop("member", None)
    kept["request"] = [{"action": "acknowledge"}]
    stamp = f"Watch this route {time.time_ns()}"
    kept["text"] = [{"lang": "en", "title": stamp, "summary": "Watch the river crossing."}]
    return kept


def held_id(client: httpx.Client, token: str, **changes: Any) -> str:
    answer = extreme(client, token, **changes)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


def decide(client: httpx.Client, id_: str, token: str) -> tuple[int, str]:
    answer = client.post(f"/v1/messages/{id_}/release", headers=bearer(token))
    return answer.status_code, answer.json().get("code", "")


def test_who_publishes_makes_no_approver(client: httpx.Client, local: str) -> None:
    thief = make(client, local, "thief", "publish", "approve", "admin")
    mine = bearer(thief["token"])
    claimed = client.post("/v1/tokens/claim", headers=bearer(thief["claim"])).json()["token"]
    assert client.get("/v1/tokens", headers=mine).status_code == 401
    approver = make(client, claimed, "thief-approver", "approve")["token"]
    below = make(client, claimed, "thief-desk", "publish", "admin", "approve")["token"]
    grandchild = make(client, below, "thief-second", "approve")["token"]
    tries = [(claimed, approver), (below, claimed), (below, approver), (claimed, grandchild), (below, grandchild)]
    for publisher, second in tries:
        assert decide(client, held_id(client, publisher), second) == (403, "E-SAME-PERSON")


def test_nor_does_the_token_of_the_machine(client: httpx.Client, local: str) -> None:
    approver = make(client, local, "machine-approver", "approve")
    id_ = held_id(client, local)
    assert decide(client, id_, approver["token"]) == (403, "E-SAME-PERSON")
    reject = client.post(f"/v1/messages/{id_}/reject", json={"reason": "no"}, headers=bearer(approver["token"]))
    assert reject.status_code == 403
    held = client.post("/v1/tokens/claim", headers=bearer(approver["claim"])).json()["token"]
    assert decide(client, id_, held) == (403, "E-SAME-PERSON"), "who made it could have claimed it just now"
    assert decide(client, held_id(client, local), held)[0] == 200, "its holder is a second person to what comes later"


def test_a_claim_after_the_publication_makes_no_second_person(client: httpx.Client, local: str) -> None:
    """Before, the first secret of a token published, and after its holder had claimed it the maker's own release was
    taken: whose act it was, was asked only then."""
    made = make(client, local, "dutyp", "publish", "approve")
    id_ = held_id(client, made["token"])
    claimed = client.post("/v1/tokens/claim", headers=bearer(made["claim"])).json()["token"]
    assert decide(client, id_, local) == (403, "E-SAME-PERSON")
    assert decide(client, id_, claimed) == (403, "E-SAME-PERSON")
    chief = make(client, local, "dutyp-chief", "approve")
    assert decide(client, id_, chief["token"]) == (403, "E-SAME-PERSON")


def test_what_a_revoked_token_published_is_not_released(
    client: httpx.Client, member: dict[str, Any], local: str
) -> None:
    """Before, what the thief of a token had handed in left with the approval of a colleague, also after the token was
    revoked."""
    stolen, approve = make(client, local, "stolen", "publish"), member["tokens"]["approve"]
    id_ = held_id(client, stolen["token"])
    assert client.delete("/v1/tokens/stolen", headers=bearer(local)).status_code == 200
    waiting = client.get("/v1/held", headers=bearer(approve)).json()
    assert [row["publisher_void"] for row in waiting if row["id"] == id_] == [True]
    assert decide(client, id_, approve) == (409, "E-PUBLISHER-VOID")
    reject = client.post(f"/v1/messages/{id_}/reject", json={"reason": "no"}, headers=bearer(approve))
    assert reject.status_code == 200


def test_the_demo_has_two_persons(client: httpx.Client, member: dict[str, Any], local: str) -> None:
    assert decide(client, held_id(client, member["tokens"]["publish"]), member["tokens"]["approve"])[0] == 200
    assert decide(client, held_id(client, local), member["tokens"]["approve"])[0] == 200


def test_a_cancel_with_a_text_needs_a_second_person(client: httpx.Client, member: dict[str, Any]) -> None:
    publish, approve = member["tokens"]["publish"], member["tokens"]["approve"]
    id_ = held_id(client, publish)
    assert decide(client, id_, approve)[0] == 200
    text = [{"lang": "en", "title": "Close every crossing", "summary": "All crossings are to be closed."}]
    by_hand = extreme(client, publish, action="cancel", id=id_, reason="over", text=text)
    assert (by_hand.status_code, by_hand.json()["verdict"]) == (202, "held"), by_hand.text
    warned = extreme(client, publish, action="cancel", id=held_and_out(client, publish, approve), reason="over",
                     request=[{"action": "warn-public"}])  # fmt: skip
    assert warned.status_code == 202


def test_the_bare_cancel_waits_for_nobody(client: httpx.Client, member: dict[str, Any]) -> None:
    publish, approve = member["tokens"]["publish"], member["tokens"]["approve"]
    id_ = held_and_out(client, publish, approve)
    done = client.post(f"/v1/messages/{id_}/cancel", json={"reason": "over"}, headers=bearer(publish))
    assert (done.status_code, done.json()["verdict"]) == (201, "published")


def held_and_out(client: httpx.Client, publish: str, approve: str) -> str:
    id_ = held_id(client, publish)
    assert decide(client, id_, approve)[0] == 200
    return id_
