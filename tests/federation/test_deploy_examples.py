"""deploy/nats: what the folder shows is what the code renders and makes."""

import json
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from suar.bus import ingest, streams
from suar.federation import plan as plans
from suar.federation.hub_config import hub_config
from suar.federation.nats_config import member_config
from suar.federation.request import Body, IdentityWindow, Nats, make_request
from suar.federation.summary import plan_entry
from suar.protocol.base.errors import Fault
from suar.protocol.base.primitives import public_of, random_seed

FOLDER = Path(__file__).parents[2] / "deploy" / "nats"


def _filled(value: Any, code: str) -> Any:
    text = json.dumps(value).replace("{CC}", code.upper()).replace("{cc}", code.lower())
    return json.loads(text)


def _stated(value: Any) -> Any:
    """Without what is empty: unset and zero mean the same to JetStream."""
    if isinstance(value, dict):
        kept = {key: _stated(each) for key, each in value.items()}
        return {key: each for key, each in kept.items() if each or key in {"deliver", "num_replicas"}}
    return [_stated(each) for each in value] if isinstance(value, list) else value


def test_the_configs_are_the_rendered_plan() -> None:
    plan = plans.load(FOLDER / "PLAN.toml")
    assert (FOLDER / "hub.conf").read_text() == hub_config(plan)
    assert (FOLDER / "th.conf").read_text() == member_config(plan, "TH")


def test_the_code_makes_the_streams_and_consumers_of_the_example() -> None:
    example = json.loads((FOLDER / "streams.json").read_text())
    member, hub = _filled(example["member"], "TH"), _filled(example["hub"], "TH")
    assert _stated(streams.outbox("TH")) == _stated(member["outbox"])
    hub_plan = plans.load(FOLDER / "PLAN.toml").hub
    assert _stated(streams.inbox("TH", max_bytes=hub_plan.stream_bytes)) == _stated(member["inbox"])
    assert _stated(streams.feed("TH")) == _stated(member["feed"])
    assert _stated(streams.anchor("TH")) == _stated(member["anchor"])
    assert streams.up("TH") == member["up"]["config"]
    assert streams.gw() == member["gw"]["config"]
    assert streams.down("TH") == hub["down"]["config"]
    assert _stated(ingest.ingest("TH", max_bytes=hub_plan.ingest_bytes)) == _stated(hub["in"])
    assert _stated(ingest.region(["TH"], max_bytes=hub_plan.stream_bytes)) == _stated(hub["region"])


def test_nothing_that_a_member_sends_takes_the_room_of_others() -> None:
    """REGION and INBOX hold all that the INs may bring in 30 days; both servers have the disk for it."""
    plan = plans.load(FOLDER / "PLAN.toml")
    ingested = ingest.ingest("TH", max_bytes=plan.hub.ingest_bytes)
    assert ingested["discard"] == "new"
    assert ingested["max_age"] == ingest.region(["TH"])["max_age"] == streams.inbox("TH")["max_age"]
    whole = plan.hub.members_max * ingested["max_bytes"]
    assert ingest.region(["TH"], max_bytes=plan.hub.stream_bytes)["max_bytes"] >= whole
    stores = [re.search(r"max_file_store: (\d+)MB", text) for text in (hub_config(plan), member_config(plan, "TH"))]
    at_hub, at_home = (int(found[1]) * ingest.MIB for found in stores if found)
    assert at_hub >= plan.hub.stream_bytes + whole
    assert at_home >= plan.hub.stream_bytes + streams.OUTBOX_BYTES + streams.FEED_BYTES + streams.ANCHOR_BYTES


def test_what_the_plan_gives_an_outbox_its_server_has_the_disk_for() -> None:
    plan = plans.load(FOLDER / "PLAN.toml")
    assert plan.hub.outbox_bytes == streams.OUTBOX_BYTES
    hub = msgspec.structs.replace(plan.hub, outbox_mb=20_000, ingest_mb=25_000)
    larger = msgspec.structs.replace(plan, hub=hub)
    found = re.search(r"max_file_store: (\d+)MB", member_config(larger, "TH"))
    assert found is not None
    assert int(found[1]) * ingest.MIB >= hub.stream_bytes + 20_000 * ingest.MIB + streams.FEED_BYTES


def test_no_received_message_is_taken_for_another_s_duplicate() -> None:
    """Trap 1: ids are unique per member only, so nothing behind a source may compare them."""
    assert streams.inbox("TH")["duplicate_window"] == ingest.region(["TH"])["duplicate_window"] == 0
    assert ingest.ingest("TH")["duplicate_window"] == 0


def test_a_member_s_request_gives_an_entry_that_the_plan_takes(tmp_path: Path) -> None:
    seed = random_seed()
    example = plans.load(FOLDER / "PLAN.toml").member("SG")
    roles = ("gateway", "admin", "watch", "link", "sys", "feed_admin", "feed")
    nkeys = {role: getattr(example, role) for role in roles}
    window = IdentityWindow(public_of(seed).hex(), 0, 1000)
    request = make_request(Body("XA", "Secretariat", "", window, Nats("xa", nkeys)), seed)
    path = tmp_path / "PLAN.toml"
    hub_only = (FOLDER / "PLAN.toml").read_text().split("[[members]]")[0]
    path.write_text(hub_only + plan_entry(request))
    assert plans.load(path).member("XA").gateway == example.gateway


def test_changing_a_status_keeps_every_other_line(tmp_path: Path) -> None:
    path = tmp_path / "PLAN.toml"
    before = (FOLDER / "PLAN.toml").read_text()
    path.write_text(before)
    for code in ("TH", "VN"):
        plans.set_status(path, code, "suspended")
    suspended = plans.load(path)
    assert [member.status for member in suspended.members] == ["suspended", "active", "suspended"]
    plans.set_status(path, "VN", "active")
    assert plans.load(path).member("VN").status == "active"
    assert set(before.splitlines()) <= set(path.read_text().splitlines())
    assert path.read_text().count("status") == 2


def test_a_status_is_changed_however_the_entry_is_written(tmp_path: Path) -> None:
    """The status may stand above the code, behind a comment, with spaces or in quotes of another kind."""
    path = tmp_path / "PLAN.toml"
    entry = "[[members]]\nstatus = 'active'  # since the ceremony\n\"code\"   = 'TH'\n"
    before = (FOLDER / "PLAN.toml").read_text()
    path.write_text(before.replace('[[members]]\ncode = "TH"\n', entry))
    assert entry in path.read_text()
    plans.set_status(path, "TH", "suspended")
    assert [member.status for member in plans.load(path).members] == ["suspended", "active", "active"]
    assert "# since the ceremony" in path.read_text()
    with pytest.raises(Fault, match="no member with the code XA"):
        plans.set_status(path, "XA", "active")
