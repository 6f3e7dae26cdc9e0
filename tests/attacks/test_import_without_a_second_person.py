"""Who imports a CAP alert publishes it alone: another's prose about a person leaves, and nobody else has read it.

The attacker holds a token of scope publish and hands the draft that `suar import cap` wrote to any door. Before, a text
in which no rule saw a person left at once. Now the draft has a mark (protocol/authoring/imported.py), and every door
holds it (E-SECOND-PERSON).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import httpx
import pytest

from support.hostile_drafts import draft, written

if TYPE_CHECKING:
    from support.demos import Running

pytestmark = pytest.mark.essential

TITLE = "Taken from a bulletin of others"
TEXT = [{"lang": "en", "title": TITLE, "summary": "the girl of the noodle shop behind the old bridge is gone"}]
AT = ("E-SECOND-PERSON", "$.imported")


def reasons_of(answer: dict[str, object]) -> list[tuple[str, str]]:
    reasons = answer["reasons"]
    assert isinstance(reasons, list)
    return [(each["code"], each["path"]) for each in reasons]


def test_every_way_in_holds_it(demo: Running) -> None:
    sg = demo.content["members"][0]
    plain = draft("alert-new-route", sg["code"])
    hostile = plain | {"text": TEXT, "imported": "cap"}
    bearer = {"Authorization": f"Bearer {sg['tokens']['publish']}"}
    with httpx.Client(base_url=sg["gateway"]["http"], headers=bearer, trust_env=False, timeout=120) as client:
        single = client.post("/v1/messages", content=written(hostile))
        assert (single.status_code, single.json()["verdict"]) == (202, "held")
        assert AT in reasons_of(single.json())
        check = client.post("/v1/messages/check", content=written(hostile)).json()
        assert (check["verdict"], AT in reasons_of(check)) == ("hold", True)
        others = [hostile | {"text": [TEXT[0] | {"title": f"{TITLE} {n}"}]} for n in range(20)]
        lines = b"".join(written(each) + b"\n" + written(plain) + b"\n" for each in others)
        many = client.post("/v1/messages/batch", content=lines)  # enough for the process that composes ahead
        verdicts = [json.loads(line)["verdict"] for line in many.text.splitlines()]
        assert verdicts == ["held", "published"] * 20
        id_ = json.loads(many.text.splitlines()[1])["id"]
        replaced = client.post(f"/v1/messages/{id_}/cancel", json={"reason": "a mistake", "replace": hostile}).json()
        assert (replaced["verdict"], replaced["replacement"]["verdict"]) == ("published", "held")
        marked = client.post("/v1/messages", content=written(hostile | {"imported": False}))
        assert (marked.status_code, marked.json()["verdict"]) == (422, "refused")
        assert client.get("/v1/messages/" + single.json()["id"]).status_code in (403, 404)
    for other in demo.content["members"]:
        bearer = {"Authorization": f"Bearer {other['tokens']['read']}"}
        with httpx.Client(base_url=other["gateway"]["http"], headers=bearer, trust_env=False, timeout=120) as client:
            assert TITLE not in client.get("/v1/messages", params={"origin": sg["code"], "limit": 1000}).text
