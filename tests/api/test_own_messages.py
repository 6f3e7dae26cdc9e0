"""What the own member published is at every door of its agencies, as what other members publish is."""

import csv
import io
from pathlib import Path
from typing import Any

from support.agency_desk import Desk
from support.hooked import hooked_of
from support.hostile_drafts import draft, written
from support.kit import urgent

TAXII = (
    "/taxii2/", "/taxii2/root/", "/taxii2/root/collections/", "/taxii2/root/collections/alert/",
    "/taxii2/root/collections/alert/manifest/", "/taxii2/root/collections/alert/objects/",
)  # fmt: skip
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


async def test_each_door_has_it(tmp_path: Path) -> None:
    """At the NATS server too: tests/api/test_agencies_random.py."""
    async with hooked_of(tmp_path) as hooked:
        await hooked.desk.receive(urgent(1))
        own = await published(hooked.desk)
        assert all(each.startswith("VN-") for each in own.values())
        made = await hooked.register(kinds=["alert", "pattern", "trend"], max_tlp="GREEN")
        await hooked.deliver()
        assert sorted(each["subject"] for each in hooked.events) == sorted(own.values())
        await has_own(hooked.desk, made["token"], own)


async def has_own(desk: Desk, token: str, own: dict[str, str]) -> None:
    """The doors to which an agency comes, each also for a call of HEAD, have these."""
    fed = [each["subject"] for each in await desk.batched(token)]
    assert sorted(fed) == sorted(own.values())
    assert await desk.streamed(token, "&own=false") == []
    assert f"<identifier>{own['alert']}.1<" in (await desk.call("GET", "/v1/feeds/cap.atom", token)).text
    for path in (f"/v1/feeds/cap/{own['alert']}", "/v1/feeds/cap.atom", *TAXII):
        got, head = await desk.call("GET", path, token), await desk.call("HEAD", path, token)
        assert (got.status_code, head.status_code, head.content) == (200, 200, b"")
        assert head.headers["content-type"] == got.headers["content-type"]
    for kind in ("alert", "pattern"):
        page: Any = (await desk.call("GET", f"/taxii2/root/collections/{kind}/objects/", token)).json()
        named = [e["external_references"][0]["external_id"] for e in page["objects"] if "external_references" in e]
        assert own[kind] in named
    for form, column in (("csv", "id"), ("sdmx.csv", "SOURCE_MESSAGE")):
        answer = await desk.call("GET", f"/v1/data/trends.{form}", token)
        head = await desk.call("HEAD", f"/v1/data/trends.{form}", token)
        assert (head.status_code, head.headers["content-type"]) == (200, answer.headers["content-type"])
        assert own["trend"] in {each[column].partition(".")[0] for each in csv.DictReader(io.StringIO(answer.text))}
