"""The one list of health checks: what turns each of them, and how bad."""

import re
from typing import Any

import msgspec
import pytest

from suar.observe.checks import every as checks
from suar.observe.checks.finding import DECLARED
from suar.observe.numbers import OpenAlarm
from suar.observe.passed_over import AFTER, PassedOver
from suar.protocol.base import limits
from support import healthy
from support.healthy import NOW, peer, shared_store, two_hubs

HEARTBEAT = 30_000
DAY = limits.DAY
MIB = 1024 * 1024


def status_of(check: str, **numbers: Any) -> checks.Status:
    return checks.worst_by_id(checks.run(healthy.numbers(**numbers), HEARTBEAT))[check]


def test_a_healthy_gateway_is_ok_in_every_check() -> None:
    found = checks.run(healthy.numbers(), HEARTBEAT)
    assert {check.id for check in found} == set(checks.IDS)
    assert [check for check in found if check.status != "ok"] == []
    assert checks.worst(found) == "ok"


TURNS: list[tuple[str, dict[str, Any], str]] = [
    ("clock", {"is_clock_back": True, "highest_time": NOW + DAY}, "critical"),
    ("clock", {"waits_for_time_members": 1}, "ok"),
    ("clock", {"waits_for_time_members": 2}, "critical"),
    ("disk", {"disk_free_bytes": 1024**3}, "warning"),
    ("disk", {"disk_free_bytes": 1024**2}, "critical"),
    ("bus-connected", {"is_bus_connected": False}, "critical"),
    ("bus-read", {"bus_read_failed": "x", "bus_read_failed_at": NOW - 59_999}, "critical"),
    ("bus-read", {"bus_read_failed": "x", "bus_read_failed_at": NOW - 60_000}, "warning"),
    ("streams-present", {"streams": {"INBOX_TH": False}}, "critical"),
    ("streams-present", {"streams": {}}, "unknown"),
    ("streams-present", {"is_bus_connected": False}, "unknown"),
    ("hub-store", {"passed_over": [PassedOver("hub", NOW - 9, None, 1)]}, "warning"),
    ("hub-store", {"passed_over": [PassedOver("hub", NOW - 9, NOW - AFTER + 1, 1)]}, "warning"),
    ("hub-store", {"passed_over": [PassedOver("hub", NOW - DAY, NOW - AFTER, 1)]}, "ok"),
    ("machine-put-back", {"put_backs": [NOW - AFTER + 1]}, "warning"),
    ("machine-put-back", {"put_backs": [NOW - AFTER]}, "ok"),
    ("machine-put-back", {"put_backs": [NOW - DAY], "alarms_open": [OpenAlarm("gap", "SG", NOW - DAY)]}, "warning"),
    ("sources-running", {"source_active_seconds": -1.0}, "critical"),
    ("sources-running", {"source_active_seconds": 16.0}, "critical"),
    ("sources-running", {"source_active_seconds": None}, "unknown"),
    ("trust-days-left", {"trust_version": None}, "critical"),
    ("trust-days-left", {"trust_issued": NOW - 91 * DAY, "trust_expires": NOW + 89 * DAY}, "warning"),
    ("trust-days-left", {"trust_issued": NOW - 89 * DAY, "trust_expires": NOW + 91 * DAY}, "ok"),
    ("trust-days-left", {"trust_issued": NOW - 180 * DAY, "trust_expires": NOW}, "critical"),
    ("identity-key", {"key_away": "no such token"}, "critical"),
    ("identity-days-left", {"identity_expires": NOW + 39 * DAY}, "warning"),
    ("identity-days-left", {"identity_expires": NOW}, "critical"),
    ("identity-days-left", {"identity_expires": None}, "unknown"),
    ("bundle-age", {"bundle_expires": NOW + 22 * limits.HOUR}, "warning"),
    ("bundle-age", {"bundle_expires": NOW}, "critical"),
    ("bundle-age", {"bundle_expires": None}, "unknown"),
    ("bundle-age", {"bundles": {"SG": NOW - 1}}, "warning"),
    ("peers-silent", {"peers": {"SG": peer(NOW - 60_000), "VN": peer()}}, "ok"),
    ("peers-silent", {"peers": {"SG": peer(NOW - 60_001), "VN": peer()}}, "warning"),
    ("peers-silent", {"peers": {"SG": peer(None)}}, "critical"),
    ("peers-silent", {"peers": {}}, "unknown"),
    ("gaps", {"peers": {"SG": peer(NOW, 3)}}, "warning"),
    ("waiting", {"waiting_rows": 2, "waiting_oldest": NOW - 15 * limits.MINUTE}, "ok"),
    ("waiting", {"waiting_rows": 2, "waiting_oldest": NOW - 15 * limits.MINUTE - 1}, "critical"),
    ("deliveries-late", {"pending": {"SG": (3, NOW - limits.HOUR - 1)}}, "warning"),
    ("quarantine", {"quarantine_rows": 101}, "warning"),
    ("alarms", {"alarms_open": [OpenAlarm("fork", "SG", NOW)]}, "warning"),
    ("peers-silent", {"peers": {"SG": peer(None)}, "listening_since": None}, "unknown"),
    ("peers-silent", {"peers": {"SG": peer(None)}, "listening_since": NOW - 2 * HEARTBEAT}, "unknown"),
    ("peers-silent", {"peers": {"SG": peer(None)}, "listening_since": NOW - 2 * HEARTBEAT - 1}, "critical"),
    ("peers-silent", {"listening_since": None}, "ok"),
    ("peers-silent", {"peers": {"SG": peer(None)}, "own_status": "suspended"}, "unknown"),
    ("peers-silent", {"peers": {"SG": peer(None)}, "is_own_key_revoked": True}, "unknown"),
    ("peers-silent", {"peers": {"SG": peer(None)}, "is_store_failing": True}, "unknown"),
    ("peers-silent", {"peers": {"SG": peer(NOW - 60_001)}, "received_until": NOW - 2}, "ok"),
    ("peers-silent", {"peers": {"SG": peer(NOW - 65_001)}, "received_until": NOW - 5_001}, "unknown"),
    ("peers-silent", {"peers": {"SG": peer(NOW - 70_000)}, "received_until": NOW - 2}, "critical"),
    ("peers-silent", {"peers": {"SG": peer(None, expected_since=NOW - 2 * HEARTBEAT), "VN": peer()}}, "unknown"),
    ("peers-silent", {"peers": {"SG": peer(None, expected_since=NOW - 2 * HEARTBEAT - 1), "VN": peer()}}, "warning"),
    ("identity-days-left", {"is_key_missing": True}, "warning"),
    ("faults", {"fault_list": ["store"]}, "critical"),
    ("clock", {"clock_error": 600_000}, "critical"),
    ("clock", {"clock_error": -600_000}, "critical"),
    ("store", {"is_store_failing": True}, "critical"),
    ("store", {"is_store_up": False, "is_store_failing": True}, "critical"),
    ("store-log", {"store_log_bytes": 1024**3}, "warning"),
    ("settled", {"is_settled": False, "started_at": NOW - 1000}, "warning"),
    ("settled", {"is_settled": False, "started_at": NOW - limits.MINUTE - 1}, "critical"),
    ("single-gateway", {"has_stood_down": True}, "critical"),
    ("hub-link", {"hub_answer": "refuses", "has_hub_leaf": False}, "critical"),
    ("hub-link", {"hub_answer": "silent", "has_hub_leaf": True}, "critical"),
    ("hub-link", {"hub_answer": "cut", "has_hub_leaf": False}, "critical"),
    ("hub-link", {"hub_answer": "unreachable", "has_hub_leaf": False}, "critical"),
    ("hub-link", {"has_hub_leaf": False}, "critical"),
    ("hub-link", {"hub_answer": None, "has_hub_leaf": None}, "unknown"),
    ("sources-running", {"hubs": two_hubs(active=16.0)}, "warning"),
    ("sources-running", {"hubs": two_hubs(active=-1.0)}, "warning"),
    ("sources-running", {"hubs": two_hubs(silent_for=70.0)}, "warning"),
    ("sources-running", {"hubs": two_hubs(active=16.0), "is_bus_connected": False}, "unknown"),
    ("hub-link", {"hubs": two_hubs(leaf=False, answer="refuses", active=16.0)}, "warning"),
    ("hub-link", {"hubs": two_hubs(leaf=None, answer=None)}, "unknown"),
    ("hubs-agree", {"hubs": two_hubs()}, "ok"),
    ("hubs-agree", {"hubs": two_hubs(withheld=[("SG", 3, 0)])}, "warning"),
    ("hubs-agree", {"hubs": two_hubs(withheld=[("SG", 3, 1)])}, "critical"),
    ("hubs-agree", {"hubs": two_hubs(losses=6)}, "warning"),
    ("hubs-agree", {"hubs": two_hubs(unechoed_since=NOW - 2 * HEARTBEAT - 5_000)}, "ok"),
    ("hubs-agree", {"hubs": two_hubs(unechoed_since=NOW - 2 * HEARTBEAT - 5_001)}, "warning"),
    ("hubs-agree", {"hubs": two_hubs(unechoed_since=1, active=16.0)}, "ok"),
    ("way-up", {"unechoed_since": NOW - 2 * HEARTBEAT - 5_000}, "ok"),
    ("way-up", {"unechoed_since": NOW - 2 * HEARTBEAT - 5_001}, "critical"),
    ("outbox", {"outbox_oldest": NOW - limits.MINUTE - 1, "outbox_bytes": 10}, "critical"),
    ("id-space", {"numbers_used": [("alert", 2027, 899_999), ("trend", 2027, 3)]}, "ok"),
    ("id-space", {"numbers_used": [("alert", 2027, 900_000), ("trend", 2027, 3)]}, "warning"),
    ("id-space", {"numbers_used": [("alert", 2027, 998_999)]}, "critical"),
    ("outbox-room", {"outbox_held": 256 * MIB, "outbox_limit": 512 * MIB}, "ok"),
    ("outbox-room", {"outbox_held": 256 * MIB + 1, "outbox_limit": 512 * MIB}, "warning"),
    ("outbox-room", {"outbox_held": 448 * MIB + 1, "outbox_limit": 512 * MIB}, "critical"),
    ("outbox-room", {"outbox_held": 448 * MIB + 1, "outbox_limit": None}, "ok"),
    ("outbox-room", {"outbox_held": None, "outbox_limit": None}, "unknown"),
    ("link-certificate", {"link_expires": NOW + 60 * limits.DAY}, "ok"),
    ("link-certificate", {"link_expires": NOW + 60 * limits.DAY - 1}, "warning"),
    ("link-certificate", {"link_expires": NOW + 20 * limits.DAY}, "warning"),
    ("link-certificate", {"link_expires": NOW + 7 * limits.DAY}, "warning"),
    ("link-certificate", {"link_expires": NOW + 7 * limits.DAY - 1}, "critical"),
    ("link-certificate", {"link_expires": NOW - 1}, "critical"),
    ("link-certificate", {"link_expires": None}, "warning"),
    ("link-certificate", {"link_certificate": "", "link_expires": None}, "unknown"),
    ("stream-room", {"stream_room": {"OUTBOX_TH": (699, 1000), "INBOX_TH": (0, 1000)}}, "ok"),
    ("stream-room", {"stream_room": {"OUTBOX_TH": (700, 1000), "INBOX_TH": (0, 1000)}}, "warning"),
    ("stream-room", {"stream_room": {"OUTBOX_TH": (899, 1000), "INBOX_TH": (0, 1000)}}, "warning"),
    ("stream-room", {"stream_room": {"OUTBOX_TH": (0, 1000), "INBOX_TH": (900, 1000)}}, "critical"),
    ("stream-room", {"stream_room": {}}, "unknown"),
    ("stream-room", {"is_bus_connected": False}, "unknown"),
    ("trust-behind", {"peers": {"SG": peer(trust_version=4)}}, "warning"),
    ("trust-behind", {"peers": {"SG": peer(trust_version=2)}}, "warning"),
    ("trust-behind", {"peers": {"SG": peer(trust_version=2)}, "trust_issued": NOW - 1000}, "ok"),
    ("own-standing", {"own_status": "suspended"}, "critical"),
    ("own-standing", {"own_status": "none"}, "critical"),
    ("own-standing", {"is_own_key_revoked": True}, "critical"),
    ("own-standing", {"trust_version": None}, "unknown"),
    ("members-keyless", {"keyless": ["SG"]}, "warning"),
    ("members-keyless", {"keyless": ["SG"], "revoked": ["SG"]}, "warning"),
    ("peer-faults", {"peers": {"SG": peer(faults=("disk",))}}, "warning"),
    ("peer-clocks", {"peers": {"SG": peer(clock_offset=-300_001)}}, "warning"),
    ("peer-clocks", {"peers": {"SG": peer(clock_offset=300_000)}}, "ok"),
    ("peer-clocks", {"peers": {"SG": peer(clock_offset=600_000)}, "clock_error": 600_000}, "ok"),
    ("held", {"held_rows": 1, "held_oldest": NOW - 4 * limits.HOUR - 1}, "warning"),
    ("acknowledgements", {"owed_acknowledgements": 1}, "warning"),
    ("recalls-proved", {"unproved_since": NOW - 5 * limits.MINUTE - 1}, "warning"),
    ("holds-confirmed", {"holds_open_since": NOW}, "warning"),
    ("rights-confirmed", {}, "ok"),
    ("rights-confirmed", {"rights_as_of": NOW}, "critical"),
    ("rights-confirmed", {"rights_as_of": NOW, "rights_differ": "token agency"}, "critical"),
    ("rights-confirmed", {"rights_as_of": NOW, "rights_differ": "none"}, "critical"),
    ("audit-signed", {"unsigned_since": NOW - 5 * limits.MINUTE - 1}, "warning"),
    ("audit-signed", {"audit_broken": "line 3 was removed"}, "critical"),
    ("store-integrity", {"store_altered": "table token: row x"}, "critical"),
    ("store-integrity", {"anchor_fault": "No space left on device"}, "critical"),
    ("store-integrity", {"store_verified_at": None}, "ok"),
    ("store-integrity", {"altered_rows": ["message TH-ALERT-2027-000001 1"]}, "warning"),
    ("quarantine", {"unreadable": 1}, "warning"),
    ("store-roles", {"shared_store": shared_store()}, "ok"),
    ("store-roles", {"shared_store": shared_store(missing_roles=["pg_monitor"])}, "critical"),
    ("store-roles", {"shared_store": shared_store(is_plain=True)}, "warning"),
    ("store-replicas", {"shared_store": shared_store()}, "ok"),
    ("store-replicas", {"shared_store": shared_store(synchronous=0)}, "warning"),
    ("pair", {"shared_store": shared_store()}, "ok"),
    ("pair", {"shared_store": shared_store(standbys=[])}, "ok"),
    ("pair", {"shared_store": shared_store(unready=["c"])}, "warning"),
    ("recall-waits", {"shared_store": shared_store(), "unproved_since": NOW - 5 * limits.MINUTE}, "ok"),
    ("recall-waits", {"shared_store": shared_store(), "unproved_since": NOW - 5 * limits.MINUTE - 1}, "warning"),
    ("recall-waits", {"unproved_since": NOW - 5 * limits.MINUTE - 1}, "ok"),
    ("token-scopes", {"old_tokens": ["desk"]}, "warning"),
    ("token-scopes", {"tokens_beyond_roles": ["desk"]}, "warning"),
    ("webhooks", {"webhooks_failing": [("health", NOW - limits.HOUR)]}, "ok"),
    ("webhooks", {"webhooks_failing": [("health", NOW - limits.HOUR - 1)]}, "warning"),
    ("webhooks", {"webhooks_stopped": ["health"]}, "warning"),
    ("webhooks", {"webhook_dead_letters": 1}, "warning"),
    ("evidence-folder", {"is_evidence_full": True}, "warning"),
]


@pytest.mark.parametrize(("check", "numbers", "status"), TURNS)
def test_what_turns_a_check(check: str, numbers: dict[str, Any], status: str) -> None:
    assert status_of(check, **numbers) == status


def test_every_check_can_fail() -> None:
    """The state folder's three are in tests/cli/gateway/test_doctor.py."""
    failing = {check for check, _, status in TURNS if status in ("warning", "critical")}
    assert set(checks.IDS) - failing == set(), f"{__file__}: write a line of TURNS for each of these checks"
    assert failing == set(checks.IDS)
    assert len(checks.IDS) + len(checks.FOLDER) >= 25


@pytest.mark.parametrize(("check", "numbers", "status"), [each for each in TURNS if each[2] != "ok"])
def test_what_is_not_well_says_what_to_do(check: str, numbers: dict[str, Any], status: str) -> None:
    bad = [
        each for each in checks.run(healthy.numbers(**numbers), HEARTBEAT) if each.id == check and each.status != "ok"
    ]
    assert bad
    assert all(each.next and each.text and not each.text.endswith(".") for each in bad)


def test_a_hub_that_withholds_is_named_with_whose_objects() -> None:
    found = [each for each in run_hubs(withheld=[("SG", 5, 2), ("VN", 1, 0)]) if each.id == "hubs-agree"]
    assert [(each.entity, each.status, re.findall("SG|VN", each.text)) for each in found] == [
        ("hub-a", "ok", []), ("hub-b", "critical", ["SG"]), ("hub-b", "warning", ["VN"]),
    ]  # fmt: skip
    assert found[1].text.startswith("2 objects")
    assert found[1].next.startswith("nothing is lost: call the operator of that hub first")


def test_after_a_put_back_of_this_machine_that_is_named_beside_the_hub_and_hides_nothing() -> None:
    numbers = healthy.numbers(hubs=two_hubs(withheld=[("SG", 5, 2)]), put_backs=[NOW - AFTER + 1])
    found = [each for each in checks.run(numbers, HEARTBEAT) if each.id == "hubs-agree" and each.status != "ok"]
    assert [(each.entity, each.status) for each in found] == [("hub-b", "critical")]
    assert "`machine-put-back`" in found[0].text


def test_a_line_that_is_often_down_is_reported_from_the_sixth_time_on() -> None:
    status = {losses: {each.status for each in run_hubs(losses=losses) if each.id == "hubs-agree"} for losses in (5, 6)}
    assert status == {5: {"ok"}, 6: {"ok", "warning"}}


def test_a_line_that_brings_nothing_is_named_though_its_source_is_active() -> None:
    found = {each.entity: each for each in run_hubs(silent_for=125.0) if each.id == "sources-running"}
    assert found["hub-a"].status == "ok"
    assert (found["hub-b"].status, "2 min" in found["hub-b"].text) == ("warning", True)


def test_without_either_hub_both_lines_are_critical() -> None:
    hub = two_hubs(leaf=False, answer="refuses", active=60.0)["hub-b"]
    found = checks.run(healthy.numbers(hubs={"hub-a": hub, "hub-b": hub}, source_active_seconds=60.0), HEARTBEAT)
    bad = {(each.id, each.entity) for each in checks.folded(found) if each.status == "critical" and not each.because}
    assert bad == {("hub-link", "hub-a"), ("hub-link", "hub-b")}


def run_hubs(**changes: Any) -> list[checks.Check]:
    return checks.run(healthy.numbers(hubs=two_hubs(**changes)), HEARTBEAT)


def trust_days(issued: int, expires: int) -> str:
    found = checks.run(healthy.numbers(trust_issued=issued, trust_expires=expires), HEARTBEAT)
    return next(each.text for each in found if each.id == "trust-days-left")


@pytest.mark.parametrize(
    ("share", "text"), [(0.5, "under 50%"), (0.2, "under 20%"), (0.05, "under 5%")], ids=["half", "fifth", "twentieth"]
)
def test_trust_warns_three_times(share: float, text: str) -> None:
    lifetime = 180 * DAY
    left = round(lifetime * share)
    assert text in trust_days(NOW + left - lifetime, NOW + left)


def test_a_stream_that_fills_says_what_fills_it() -> None:
    accounts = [("SG", "again", 120 * MIB), ("VN", "receipts", 3 * MIB)]
    numbers = healthy.numbers(outbox_held=300 * MIB, outbox_limit=512 * MIB, outbox_accounts=accounts)
    (found,) = [each for each in checks.run(numbers, HEARTBEAT) if each.id == "outbox-room"]
    assert found.text == (
        "OUTBOX holds 300 MiB of 512 MiB: nothing is sent again; of what left in 31 days: 120 MiB sent again for SG, "
        "3.0 MiB receipts about objects of VN; the rest is our own"
    )


def test_an_expired_list_states_when_sealing_stops() -> None:
    assert "sealing stops in 29 days" in trust_days(NOW - 180 * DAY, NOW - DAY)
    assert "nothing is sealed" in trust_days(NOW - 180 * DAY, NOW - 31 * DAY)


def test_one_silent_member_is_named_beside_the_silence_of_all() -> None:
    found = [
        check for check in checks.run(healthy.numbers(peers={"SG": peer(None)}), HEARTBEAT) if check.entity == "SG"
    ]
    assert [(check.id, check.status) for check in found] == [("peers-silent", "warning")]


def test_without_the_own_server_the_link_points_at_it() -> None:
    """The monitor may well be set: it cannot be reached."""
    for hubs in ({}, two_hubs(leaf=None, answer=None)):
        numbers = healthy.numbers(is_bus_connected=False, has_hub_leaf=None, hub_answer=None, hubs=hubs)
        found = [each for each in checks.run(numbers, HEARTBEAT) if each.id == "hub-link" and each.status != "ok"]
        assert {each.next for each in found} == {"see check bus-connected"}


def test_numbers_are_written_as_one_says_them() -> None:
    assert text_of("gaps", peers={"SG": peer(missing=1)}) == "1 frame of SG is missing"
    assert text_of("gaps", peers={"SG": peer(missing=2)}) == "2 frames of SG are missing"
    long = {"link_certificate": "leaf.pem", "link_expires": NOW + 355_412 * DAY}
    assert text_of("link-certificate", **long) == "the certificate of the link is valid for 973 years"


def text_of(check: str, **numbers: Any) -> str:
    found = {each.id: each.text for each in checks.run(healthy.numbers(**numbers), HEARTBEAT)}
    return found[check]


def test_who_makes_objects_wait_is_named() -> None:
    since = NOW - limits.WAIT_CRITICAL - 1
    shown = text_of("waiting", waiting_rows=30, waiting_oldest=since, waiting_senders=["VN", "SG"])
    assert shown.startswith("30 objects of VN, SG wait")


def test_a_newer_list_is_reported_as_the_word_of_who_says_so() -> None:
    alone = text_of("trust-behind", peers={"SG": peer(), "VN": peer(trust_version=99)})
    assert alone == "VN alone says that there is trust list 99, we have 3"
    both = text_of("trust-behind", peers={"SG": peer(trust_version=4), "VN": peer(trust_version=4)})
    assert both == "SG, VN have trust list 4, we have 3"


def test_who_is_silent_here_and_named_by_others_points_at_the_way() -> None:
    """Neither the silent member nor those who name its frames are at fault, and whose word it is stands there."""
    silent = peer(NOW - limits.HOUR)
    named = msgspec.structs.replace(silent, witnesses=("MM", "VN"))
    assert text_of("peers-silent", peers={"SG": silent, "VN": peer()}) == "SG was last heard 60 min ago"
    assert text_of("peers-silent", peers={"SG": named, "VN": peer()}) == (
        "SG was last heard 60 min ago, and newer frames of it are named by MM, VN: "
        "the way from it to us may be at fault"
    )
    found = checks.run(healthy.numbers(peers={"SG": named, "VN": peer()}), HEARTBEAT)
    (hint,) = [check.next for check in found if check.id == "peers-silent"]
    assert hint.startswith("call the operator of the hub")


def test_who_is_silent_because_its_epoch_is_frozen_is_reported_with_the_alarm() -> None:
    frozen = msgspec.structs.replace(peer(NOW - limits.HOUR), is_frozen=True, witnesses=("MM",))
    text = text_of("peers-silent", peers={"SG": frozen, "VN": peer()})
    assert text.endswith("refused until its next epoch: it signed two frames under one number")


def test_an_alarm_by_the_word_of_a_third_member_accuses_nobody_and_ends_with_its_cause() -> None:
    raised = [OpenAlarm("gap", "VN", NOW, "SG"), OpenAlarm("gap", "VN", NOW)]
    found = [each for each in checks.run(healthy.numbers(alarms_open=raised), HEARTBEAT) if each.id == "alarms"]
    assert [each.text for each in found] == [
        "alarm gap stated by VN: frames of SG that are missing here, and SG does not confirm them, 0 s ago",
        "alarm gap about VN, 0 s ago",
    ]
    assert [each.next.split(":")[0] for each in found] == ["it ends with its cause"] * 2


def test_what_is_bad_goes_before_what_is_unknown() -> None:
    def check(status: checks.Status) -> checks.Check:
        return checks.Check("x", status, "gateway", "")

    assert checks.worst([check("unknown"), check("warning")]) == "warning"
    assert checks.worst([check("ok"), check("unknown")]) == "unknown"
    assert checks.worst([]) == "unknown"


def test_the_repair_of_a_stream_names_our_own_member_and_folder() -> None:
    found = checks.run(healthy.numbers(streams={"INBOX_TH": False}, folder="/srv/th"), HEARTBEAT)
    (hint,) = [check.next for check in found if check.id == "streams-present"]
    assert hint == "make it: `suar federation streams --member TH --plan PLAN.toml --state /srv/th`"


def test_alarms_of_one_sort_about_one_member_are_one_line() -> None:
    raised = [OpenAlarm("gap", "SG", NOW - n * 60_000) for n in range(300)] + [OpenAlarm("fork", "SG", NOW)]
    found = [each for each in checks.run(healthy.numbers(alarms_open=raised), HEARTBEAT) if each.id == "alarms"]
    assert [each.text for each in found] == [
        "300 alarms gap about SG, the oldest 4 h ago",
        "alarm fork about SG, 0 s ago",
    ]


def test_the_step_of_a_check_is_what_a_finding_of_it_says() -> None:
    """What alert rules and docs/why.md say is what `suar doctor` says, with codes and folders for the ones here."""
    steps: dict[str, set[str]] = {}
    for check, numbers, status in TURNS:
        if status in ("warning", "critical"):
            found_numbers = healthy.numbers(**numbers)
            for found in checks.run(found_numbers, HEARTBEAT):
                if found.id == check and found.status != "ok":
                    text = (
                        found.next.replace(str(found_numbers.folder), "STATE") if found_numbers.folder else found.next
                    )
                    for code in {found_numbers.member, found.entity} - {"gateway"}:
                        text = re.sub(rf"\b{code}\b", "CC", text)
                    steps.setdefault(check, set()).add(text)
    missing = DECLARED.keys() - steps.keys()
    assert missing == set(), f"{__file__}: write a line of TURNS for each of these checks"
    assert {name for name, declared in DECLARED.items() if declared.step not in steps[name]} == set()
