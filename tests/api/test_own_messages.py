"""What the own member published is at every door of its agencies, as what other members publish is."""

import csv
import io
from typing import Any

from support.agency_desk import Desk
from support.hostile_drafts import draft, written
from support.kit import urgent

NAMES = ("alert-new-route", "pattern-seafood-debt", "trend-detected-by-sex")


async def published(desk: Desk) -> dict[str, str]:
    """The ids of an alert, a pattern and a trend of VN, by kind."""
    found = dict[str, str]()
    for name in NAMES:
        verdict = await desk.gateway.publish(
            written(draft(name, "VN", desk.kit.now)), realm="actual", key=None, token="test"
        )
        assert verdict.verdict == "published", verdict
        found[name.partition("-")[0]] = str(verdict.id)
    return found


async def test_each_door_has_it(desk: Desk) -> None:
    await desk.receive(urgent(1))
    own = await published(desk)
    assert all(each.startswith("VN-") for each in own.values())
    token = await desk.register(kinds=["alert", "pattern", "trend"], max_tlp="GREEN")
    fed = [each["subject"] for each in await desk.batched(token)]
    assert sorted(fed) == sorted(own.values())
    assert await desk.streamed(token, "&own=false") == []
    assert f"<identifier>{own['alert']}.1<" in (await desk.call("GET", "/v1/feeds/cap.atom", token)).text
    assert (await desk.call("GET", f"/v1/feeds/cap/{own['alert']}", token)).status_code == 200
    for kind in ("alert", "pattern"):
        page: Any = (await desk.call("GET", f"/taxii2/root/collections/{kind}/objects/", token)).json()
        named = [e["external_references"][0]["external_id"] for e in page["objects"] if "external_references" in e]
        assert own[kind] in named
    for form, column in (("csv", "id"), ("sdmx.csv", "SOURCE_MESSAGE")):
        answer = await desk.call("GET", f"/v1/data/trends.{form}", token)
        assert own["trend"] in {each[column].partition(".")[0] for each in csv.DictReader(io.StringIO(answer.text))}
