"""The holder of a publishing token holds up a recall. Before, an update that waited for a second person, or a cancel
that did, had every later cancel refused: the text stayed at all receivers until somebody decided, and who had published
a message that waited could not take it back at all.

Now the cancel that needs no second person overtakes what waits, which is rejected with it, and a message that waits and
never left is withdrawn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

from attacks.test_self_made_approver import bearer, decide, extreme, held_and_out, held_id
from support.demos import is_reached

if TYPE_CHECKING:
    from support.demos import Running

pytestmark = pytest.mark.essential


def cancel(client: httpx.Client, id_: str, token: str, reason: str = "over") -> httpx.Response:
    return client.post(f"/v1/messages/{id_}/cancel", json={"reason": reason}, headers=bearer(token))


def waits(client: httpx.Client, id_: str, token: str) -> bool:
    return id_ in [row["id"] for row in client.get("/v1/held?limit=1000", headers=bearer(token)).json()]


def is_cancelled(other: dict[str, Any], id_: str) -> bool:
    """Whether another member has the cancel."""
    with httpx.Client(base_url=other["gateway"]["http"], trust_env=False, timeout=120) as client:

        def has_it() -> bool:
            shown = client.get(f"/v1/messages/{id_}", headers=bearer(other["tokens"]["read"]))
            return shown.status_code == 200 and bool(shown.json()["state"] == "cancelled")

        return is_reached(has_it)


def test_a_waiting_revision_does_not_hold_up_the_cancel(
    demo: Running, client: httpx.Client, member: dict[str, Any]
) -> None:
    publish, approve = member["tokens"]["publish"], member["tokens"]["approve"]
    id_ = held_and_out(client, publish, approve)
    update = extreme(client, publish, action="update", id=id_)
    assert (update.status_code, update.json()["verdict"]) == (202, "held"), update.text
    named = cancel(client, id_, publish, "Mr Somchai Suksai asked for it")
    assert named.status_code == 422, "a second one does not wait beside it"
    done = cancel(client, id_, publish)
    assert (done.status_code, done.json()["verdict"]) == (201, "published"), done.text
    assert not waits(client, id_, approve)
    assert decide(client, id_, approve) == (409, "E-NOT-HELD")
    assert is_cancelled(demo.content["members"][0], id_)


def test_a_waiting_cancel_does_not_hold_up_the_next(client: httpx.Client, member: dict[str, Any]) -> None:
    publish, approve = member["tokens"]["publish"], member["tokens"]["approve"]
    id_ = held_and_out(client, publish, approve)
    assert cancel(client, id_, publish, "Mr Somchai Suksai asked for it").status_code == 202
    done = cancel(client, id_, publish)
    assert (done.status_code, done.json()["verdict"], done.json()["before"]) == (201, "published", False), done.text
    assert decide(client, id_, approve) == (409, "E-NOT-HELD")


def test_what_never_left_is_withdrawn_by_its_publisher(client: httpx.Client, member: dict[str, Any]) -> None:
    publish, approve = member["tokens"]["publish"], member["tokens"]["approve"]
    id_ = held_id(client, publish)
    done = cancel(client, id_, publish, "a mistake")
    assert (done.status_code, done.json()["verdict"]) == (200, "withdrawn"), done.text
    assert decide(client, id_, approve) == (409, "E-NOT-HELD")
    assert not waits(client, id_, approve)
