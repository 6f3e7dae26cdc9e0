"""The holder of an `operate` or `publish` token recalls an actual message by an exercise: a drill, or ?exercise=true.

Every receiver destroyed the text, since a cancel was taken by its id alone. An id is of one realm now: [F9] at every
receiver, E-MESSAGE-REALM at the sender.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from suar.demo.embedded.examples import drafts

if TYPE_CHECKING:
    from support.demos import Running

pytestmark = pytest.mark.essential


def bearer(member: dict[str, Any], scope: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {member['tokens'][scope]}"}


@pytest.mark.slow
@pytest.mark.parametrize("action", ["cancel", "update"])
def test_no_exercise_touches_an_actual_message(demo: Running, action: str) -> None:
    sg, th = demo.content["members"][:2]
    draft = next(each for each in drafts(["TH", "SG", "VN"]) if each.is_for_all and each.realm == "actual")
    title = draft.body["text"][0]["title"] if draft.body.get("text") else ""
    with httpx.Client(trust_env=False, timeout=120) as client:
        url = th["gateway"]["http"]
        id_ = client.post(f"{url}/v1/messages", json=draft.body, headers=bearer(th, "publish")).json()["id"]
        body = {**draft.body, "id": id_, "action": action, **({"reason": "over"} if action == "cancel" else {})}
        drill = {"name": f"attack-{action}", "to": "all", "messages": [body]}
        tried = [
            client.post(f"{url}/v1/drills", json=drill, headers=bearer(th, "operate")),
            client.post(f"{url}/v1/messages?exercise=true", json=body, headers=bearer(th, "publish")),
        ]
        assert [answer.status_code for answer in tried] == [422, 422], [answer.text for answer in tried]
        assert all("E-MESSAGE-REALM" in answer.text for answer in tried)
        there = f"{sg['gateway']['http']}/v1/messages/{id_}"
        deadline = time.monotonic() + 60
        while (shown := client.get(there, headers=bearer(sg, "read"))).status_code == 404:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert shown.json()["message"]["status"] == "actual"
        assert title in shown.text
