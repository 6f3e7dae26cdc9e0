"""Which finding explains which: the cause first, what follows folded under it, an incident never under anything."""

import sys
from collections.abc import Callable
from typing import Any

import pytest

from suar.observe.alarms import ALARMS, ENDING
from suar.observe.checks import every as checks
from suar.observe.checks import folding
from suar.observe.numbers import OpenAlarm
from suar.observe.passed_over import AFTER, PassedOver
from suar.protocol.base import limits
from support import healthy
from support.healthy import NOW, peer

HEARTBEAT = 30_000
SILENT = {"SG": peer(NOW - limits.HOUR), "VN": peer(NOW - limits.HOUR)}

TWO_ALARMS = [OpenAlarm("silence", "SG", NOW), OpenAlarm("gap", "VN", NOW)]


def run(**numbers: Any) -> list[checks.Check]:
    return checks.run(healthy.numbers(**numbers), HEARTBEAT)


def causes(**numbers: Any) -> list[str]:
    """The ids of what nothing explains, the worst first."""
    return [group.cause.id for group in folding.groups(run(**numbers))]


SERVER_DOWN: dict[str, Any] = {
    "is_bus_connected": False, "source_active_seconds": None, "streams": {}, "stream_room": {}, "has_hub_leaf": None,
    "hub_answer": None, "outbox_bytes": 10,
    "peers": SILENT, "listening_since": None, "outbox_oldest": NOW - limits.HOUR,
    "unechoed_since": NOW - limits.HOUR, "pending": {"SG": (3, NOW - 2 * limits.HOUR)},
    "bundles": {"SG": NOW - 1}, "keyless": ["SG"], "alarms_open": TWO_ALARMS,
    "is_settled": False, "started_at": NOW - limits.HOUR,
}  # fmt: skip


def test_the_own_server_down_is_one_cause_with_one_next_step() -> None:
    (group,) = folding.groups(run(**SERVER_DOWN))
    assert group.cause.id == "bus-connected"
    assert "start the NATS server" in group.cause.next
    assert {check.id for check in group.follows} == {
        "streams-present", "stream-room", "sources-running", "settled", "hub-link", "way-up", "outbox", "bundle-age",
        "members-keyless", "peers-silent", "deliveries-late", "alarms",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ({"streams": {"INBOX_TH": False}, "source_active_seconds": None, "listening_since": None, "peers": SILENT},
         ["streams-present"]),
        ({"has_hub_leaf": False, "hub_answer": "refuses", "source_active_seconds": 60.0, "peers": SILENT,
          "unechoed_since": 1}, ["hub-link"]),
        ({"disk_free_bytes": 1, "is_store_failing": True, "fault_list": ["disk"]}, ["disk"]),
        ({"disk_free_bytes": 1, "anchor_fault": "No space left on device"}, ["disk"]),
        ({"disk_free_bytes": 1, "store_altered": "row 1"}, ["disk", "store-integrity"]),
        ({"peers": {"SG": peer(NOW - 70_000, faults=("disk",)), "VN": peer()}}, ["peer-faults"]),
        ({"disk_free_bytes": 1, "fault_list": ["disk", "bundle"]}, ["disk", "faults"]),
        ({"trust_version": None, "own_status": "none", "identity_expires": None, "bundle_expires": None, "peers": {},
          "bundles": {}, "fault_list": ["trust", "bundle"]}, ["trust-days-left"]),
        ({"peers": SILENT}, ["peers-silent"]),
        ({"own_status": "suspended", "has_hub_leaf": False, "hub_answer": "cut"}, ["own-standing"]),
        ({"peers": {"SG": peer(None, waits_until=NOW + limits.HOUR, waiting_came=NOW, waits_ahead=limits.HOUR),
                    "VN": peer()}, "alarms_open": [OpenAlarm("clock", "SG", NOW)]}, ["peer-clocks"]),
        ({"peers": {"SG": SILENT["SG"], "VN": peer(NOW, 3)}, "pending": {"SG": (1, 1), "VN": (1, 1)},
          "alarms_open": TWO_ALARMS}, ["peers-silent", "gaps", "deliveries-late"]),
        ({"bundle_expires": NOW - 1, "is_bus_connected": False}, ["bus-connected", "bundle-age"]),
    ],
)  # fmt: skip
def test_what_explains_what(numbers: dict[str, Any], expected: list[str]) -> None:
    assert causes(**numbers) == expected


@pytest.mark.parametrize("name", sorted(set(ALARMS) - ENDING))
def test_an_alarm_that_only_a_person_ends_is_never_folded(name: str) -> None:
    assert "alarms" in causes(**(SERVER_DOWN | {"alarms_open": [OpenAlarm(name, "SG", NOW)] * 2}))


def test_folding_changes_no_status_and_no_order() -> None:
    found = run(**SERVER_DOWN)
    folded = checks.as_json(found)
    assert folded["status"] == "critical"
    assert [(each.id, each.status, each.text) for each in folded["checks"]] == [
        (each.id, each.status, each.text) for each in found
    ]
    assert {each.because for each in folded["checks"] if each.status == "ok"} == {None}


def test_a_healthy_or_isolated_check_has_no_cause() -> None:
    assert folding.groups(run()) == []
    (group,) = folding.groups(run(held_rows=1, held_oldest=1))
    assert (group.cause.id, group.follows) == ("held", [])


def test_no_two_causes_explain_each_other() -> None:
    """Else both were folded, and nothing was told."""
    follows = {(cause.check, each) for cause in folding.CAUSES for each in cause.follows if each != cause.check}
    assert not [pair for pair in follows if pair[::-1] in follows]
    named = {name for pair in follows for name in pair} - {"*"}
    assert named <= {*checks.IDS, *checks.FOLDER}


def _calls(work: Callable[[], object]) -> int:
    """How many functions of Python are called meanwhile."""
    count = 0

    def counted(_: object, event: str, __: object) -> None:
        nonlocal count
        count += event == "call"

    before = sys.getprofile()
    sys.setprofile(counted)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


def test_twice_the_findings_are_twice_the_work() -> None:
    """Before, each finding was compared with each: a peer that caused many kept a gateway busy for minutes."""

    def work(many: int) -> int:
        alarms = [OpenAlarm(f"gap{n}", "VN", NOW) for n in range(many)]
        found = run(**SERVER_DOWN | {"alarms_open": alarms})
        assert len(found) > many
        return _calls(lambda: (folding.folded(found), folding.groups(found)))

    assert work(800) < 3 * work(400)


def test_a_revoked_key_is_a_cause_of_its_own_with_its_own_next_step() -> None:
    found = folding.groups(run(keyless=["SG"], revoked=["SG"], peers={"SG": peer(NOW - limits.HOUR)}))
    (keyless,) = (group.cause for group in found if group.cause.id == "members-keyless")
    assert "revoked" in keyless.text
    assert "key holders" in keyless.next
    assert "members-keyless" not in causes(keyless=["SG"], peers={"SG": peer(NOW - limits.HOUR)})


def test_what_is_missing_since_the_hub_passed_over_objects_is_no_sign_against_a_member() -> None:
    """Before, each gateway warned of every other member after the hub's disk was put back, and not of the hub."""
    put_back = {
        "passed_over": [PassedOver("hub", NOW - 9_000, NOW - 5_000, 3)],
        "peers": {"SG": peer(missing=4), "VN": peer(missing=2)},
        "alarms_open": [OpenAlarm("gap", "SG", NOW - 4_000), OpenAlarm("epoch-missing", "VN", NOW - 4_000)],
    }
    (group,) = folding.groups(run(**put_back))
    assert group.cause.id == "hub-store"
    assert "operator of the hub" in group.cause.next
    assert [each.id for each in group.follows] == ["gaps", "gaps", "alarms", "alarms"]
    assert not [each.text for each in group.follows if "about SG" in each.text or "about VN" in each.text]


def test_what_is_missing_of_several_members_since_one_moment_has_the_hub_as_its_cause() -> None:
    """Also where the hub passed over nothing of ours; a third member's word about others counts as one."""
    gaps = [OpenAlarm("gap", "SG", NOW), OpenAlarm("gap", "VN", NOW)]
    assert causes(peers={"SG": peer(missing=4), "VN": peer(missing=2)}, alarms_open=gaps) == ["hub-store"]
    claims = [OpenAlarm("gap", "VN", NOW, "SG"), OpenAlarm("gap", "VN", NOW)]
    assert "hub-store" not in causes(alarms_open=claims)


def test_what_was_missing_at_another_time_or_is_another_alarm_stays_a_cause_of_its_own() -> None:
    over = [PassedOver("hub", NOW - limits.DAY, NOW - limits.DAY, 3)]
    old, late = OpenAlarm("gap", "SG", NOW - 2 * limits.DAY), OpenAlarm("gap", "SG", NOW - limits.DAY + AFTER + 1)
    here = {"passed_over": [*over, PassedOver("hub", NOW, None, 1)], "peers": {"SG": peer(missing=4), "VN": peer()}}
    for alarm in (old, late, OpenAlarm("equivocation", "SG", NOW)):
        assert {"hub-store", "gaps"} <= set(causes(**here, alarms_open=[alarm]))
    both = causes(**here, alarms_open=[old, OpenAlarm("gap", "SG", NOW)])
    assert "gaps" in both, "a part of it was missing before"


def test_what_is_missing_since_this_machine_was_put_back_is_no_sign_against_a_member_nor_the_hub() -> None:
    put_back = {
        "put_backs": [NOW - 20_000],
        "peers": {"SG": peer(NOW - limits.HOUR, missing=4), "VN": peer(NOW - limits.HOUR, missing=2)},
        "alarms_open": [
            OpenAlarm("gap", "SG", NOW - 24_000), OpenAlarm("gap", "VN", NOW - 9_000), OpenAlarm("silence", "SG", NOW),
        ],
    }  # fmt: skip
    (group,) = folding.groups(run(**put_back))
    assert group.cause.id == "machine-put-back"
    assert {each.id for each in group.follows} == {"gaps", "alarms", "peers-silent"}
    assert not [each.text for each in group.follows if "about SG" in each.text or "link may be down" in each.text]


def test_what_is_missing_at_another_time_than_the_put_back_stays_a_cause_of_its_own() -> None:
    here = {"put_backs": [NOW], "peers": {"SG": peer(missing=4)}}
    for alarm in (OpenAlarm("gap", "SG", NOW - limits.HOUR), OpenAlarm("equivocation", "SG", NOW)):
        assert "gaps" in causes(**here, alarms_open=[alarm])
    restored = OpenAlarm("restored", "TH", NOW)
    assert {"machine-put-back", "alarms"} <= set(causes(put_backs=[NOW], alarms_open=[restored])), "a person ends it"
