"""The list of causes: each can be the answer, the first that holds is, and every text has what it names."""

from pathlib import Path
from string import Formatter
from typing import Any

import pytest

from suar.languages.causes import render_cause
from suar.languages.tags import LANGUAGES, choose
from suar.observe import causes
from suar.observe.checks.facts import Facts, Member, Message, Ours
from support.observe_docs import alarm_table, cause_table, check_table

NOW = 1_800_000_000_000
LATE = 10_000


def facts(message: Any = None, member: Any = None, ours: Any = None) -> Facts:
    """Everything is well and the message left this moment, but for what is given."""
    sent = {"origin": "TH", "sent": NOW - 500, "expires": NOW + 1} | (message or {})
    member_facts: dict[str, Any] = {"code": "SG", "last_heard": NOW - 1000, "bundle_until": NOW + 1, "trust_version": 1}
    member_facts |= member or {}
    own_facts: dict[str, Any] = {"code": "TH"} | (ours or {})
    return Facts(now=NOW, late=LATE, message=Message(**sent), member=Member(**member_facts), ours=Ours(**own_facts))


OTHERS: dict[str, Any] = {"is_ours": False, "origin": "SG", "state": "none"}
NO_KEY: dict[str, Any] = {"state": "no-valid-key", "sent": None}
EACH: list[tuple[str, dict[str, Any]]] = [
    ("not-ours", {"message": OTHERS | {"state": "elsewhere"}}),
    ("not-a-member", {"member": {"status": "none", "key": "none"}}),
    ("rejected-here", {"message": {"state": "rejected"}}),
    ("held-here", {"message": {"state": "held"}}),
    ("recall-open", {"message": {"state": "stored", "is_cancel": True, "has_earlier": True}}),
    ("held-by-law", {"message": {"state": "held-by-law", "is_cancel": True, "has_earlier": True}}),
    ("recalled", {"message": {"state": "stored", "is_cancel": True, "has_acted": True}}),
    ("recalled", {"message": {"state": "recalled"}}),
    ("acting", {"message": {"state": "acting", "since": NOW}}),
    ("acknowledged", {"message": {"state": "acknowledged", "since": NOW}}),
    ("acknowledgement-overdue", {"message": {"state": "stored", "is_overdue": True}}),
    ("opened", {"message": {"state": "opened", "since": NOW, "answer_by": NOW + 1}}),
    ("opened", {"message": {"state": "opened", "since": NOW}}),
    ("stored", {"message": {"state": "stored", "since": NOW, "answer_by": NOW + 1}}),
    ("stored", {"message": {"state": "stored", "since": NOW}}),
    ("schema-too-new", {"message": {"state": "refused", "refused_code": "E-MESSAGE-SCHEMA"}}),
    ("kind-not-permitted", {"message": {"state": "refused", "refused_code": "E-KIND-NOT-PERMITTED"}}),
    ("refused-there", {"message": {"state": "refused", "refused_code": "E-MESSAGE-RULE"}}),
    ("not-in-audience", {"message": {"state": "none", "is_addressed": False}, "member": {"code": "TH"}}),
    ("suspended", {"message": {"state": "none", "is_addressed": False}, "member": {"status": "suspended"}}),
    ("revoked", {"member": {"key": "revoked", "has_bundle": False}}),
    ("kind-not-permitted", {"message": {"state": "none", "is_addressed": False}, "member": {"may_read": False}}),
    ("not-in-audience", {"message": {"state": "none", "is_addressed": False, "is_named": False}}),
    ("expired-before-delivery", {"message": {"expires": NOW}, "member": {"has_heartbeat": False, "is_silent": True}}),
    ("owed", {"message": {"state": "owed", "sent": None}, "member": {"has_heartbeat": False, "is_silent": True}}),
    ("clock-wrong-here", {"ours": {"is_clock_wrong": True, "is_connected": False}}),
    ("stood-down", {"ours": {"has_stood_down": True}}),
    ("no-trust-list", {"ours": {"trust_version": 0, "status": "none"}}),
    ("suspended-here", {"ours": {"status": "suspended"}}),
    ("revoked-here", {"ours": {"key": "revoked"}}),
    ("key-expired-here", {"message": {"state": "queued"}, "ours": {"key": "expired"}}),
    ("trust-expired", {"message": {"state": "queued"}, "ours": {"trust_until": NOW}}),
    ("disk-full-here", {"ours": {"is_disk_full": True, "is_store_failing": True}}),
    ("store-failed-here", {"ours": {"is_store_failing": True}}),
    ("outbox-full-here", {"message": {"state": "queued", "kind": "trend"}, "ours": {"is_outbox_full": True}}),
    ("uplink-down", {"ours": {"is_connected": False}}),
    ("stream-missing-here", {"ours": {"missing_stream": "INBOX_TH", "is_settled": False, "is_dead": True}}),
    ("starting", {"ours": {"is_settled": False}}),
    ("hub-down", {"ours": {"is_quiet": True, "hub": "refuses", "has_leaf": False}}),
    ("uplink-down", {"ours": {"is_quiet": True, "hub": "answers", "has_leaf": False}}),
    ("source-stalled", {"ours": {"is_quiet": True, "is_dead": True}}),
    ("line-down", {"ours": {"is_quiet": True, "is_dead": True, "hub": None, "has_leaf": None}}),
    ("key-expired", {"message": NO_KEY, "member": {"key": "expired", "has_bundle": False}}),
    ("clock-wrong-there", {"member": {"clock_offset": 600_000}}),
    (
        "left-out",
        {
            "message": NO_KEY,
            "member": {"has_bundle": False, "bundle_until": None, "has_heartbeat": False, "is_silent": True},
        },
    ),
    (
        "bundle-stale",
        {
            "message": NO_KEY,
            "member": {"has_bundle": False, "bundle_until": NOW, "has_heartbeat": False, "is_silent": True},
        },
    ),
    ("left-out", {"message": {"is_closed": True}}),
    ("disk-full-there", {"member": {"faults": ("disk",), "has_heartbeat": False, "is_silent": True}}),
    ("store-failed-there", {"member": {"faults": ("store",)}}),
    (
        "waiting-for-a-list",
        {"message": OTHERS, "member": {"is_waiting_for_list": True, "has_heartbeat": False, "is_silent": True}},
    ),
    ("waiting-for-its-time", {"message": {"begins": NOW}}),
    ("waiting-for-its-time", {"message": OTHERS, "member": {"has_epoch_ahead": True, "missing_here": 3}}),
    ("gap-open", {"message": OTHERS, "member": {"missing_here": 3}}),
    ("epoch-frozen", {"member": {"has_heartbeat": False, "is_silent": True, "is_frozen": True, "witnesses": ("MM",)}}),
    ("heard-elsewhere", {"member": {"has_heartbeat": False, "is_silent": True, "witnesses": ("MM", "VN")}}),
    ("peer-silent", {"member": {"has_heartbeat": False, "is_silent": True, "trust_version": 0}}),
    ("peer-silent", {"member": {"has_heartbeat": False, "is_silent": True, "last_heard": None}}),
    ("waiting-for-a-list", {"member": {"trust_version": 0}}),
    ("trust-expired-there", {"member": {"faults": ("trust",)}}),
    ("gap-open", {"message": {"is_missed": True}}),
    ("source-stalled", {"ours": {"is_unechoed": True}}),
    ("gap-open", {"message": OTHERS, "member": {"claimed_by": ("VN",)}}),
    ("alarm-open", {"message": OTHERS, "member": {"alarm": "equivocation"}}),
    ("unknown-message", {"message": OTHERS}),
    ("queued", {"message": {"state": "queued", "sent": None}}),
    ("unheard-there", {"message": {"sent": NOW - LATE - 1}, "member": {"unseen_since": NOW - LATE}}),
    ("no-answer", {"message": {"sent": NOW - LATE - 1}}),
    ("on-its-way", {}),
]


@pytest.mark.parametrize(
    ("number", "case"), list(enumerate(EACH, 1)), ids=[f"{n}-{case[0]}" for n, case in enumerate(EACH, 1)]
)
def test_each_cause_is_the_answer_to_something(number: int, case: tuple[str, dict[str, Any]]) -> None:
    code, facts_of = case
    found = causes.decide(facts(**facts_of))
    assert (found.number, found.cause.code) == (number, code)


def test_a_suspended_member_that_a_message_does_not_name_is_not_in_its_audience() -> None:
    """It would not come after the return either, and the key holders can do nothing."""
    elsewhere = {"state": "none", "is_addressed": False, "is_named": False}
    found = causes.decide(facts(message=elsewhere, member={"status": "suspended"}))
    assert found.cause.code == "not-in-audience"


def test_there_is_a_case_for_each() -> None:
    assert [code for code, _ in EACH] == [cause.code for cause in causes.CAUSES]


def test_every_next_step_is_used_and_known() -> None:
    assert {cause.next for cause in causes.CAUSES} == set(causes.NEXT)


def test_templates_name_only_what_there_is() -> None:
    known = {*causes.values(facts()), *causes.COMMANDS, "id"}
    for template in (*causes.NEXT.values(), *causes.COMMANDS.values(), *(cause.text for cause in causes.CAUSES)):
        assert {name for _, name, _, _ in Formatter().parse(template) if name} <= known, template


@pytest.mark.parametrize("tag", LANGUAGES)
def test_every_cause_can_be_reported_in_every_language(tag: str) -> None:
    """Also when what a text names is not known."""
    for number, cause in enumerate(causes.CAUSES, 1):
        values = dict.fromkeys(causes.values(facts())) | {"id": "TH-ALERT-2027-000001", "member": "SG", "origin": "TH"}
        text, step = render_cause(number, values, choose(tag))
        assert text
        assert step
        assert "{" not in text + step
        assert ("SG" in text) == ("{member}" in cause.text)


def test_what_is_reported_has_its_values_in_it() -> None:
    silent = next(n for n, cause in enumerate(causes.CAUSES, 1) if cause.code == "peer-silent")
    values = dict.fromkeys(causes.values(facts())) | {"id": "x", "member": "SG", "origin": "TH"}
    values["heard"] = "2027-01-15T08:00:00Z"
    assert render_cause(silent, values, choose("en")) == (
        "no heartbeat of Singapore (SG) arrived since 15 January 2027, 08:00 UTC", "call the operator of Singapore (SG)"
    )  # fmt: skip


def test_the_page_about_them_has_the_tables_of_the_code() -> None:
    page = (Path(__file__).parents[2] / "docs/why.md").read_text("utf-8")
    assert cause_table() in page
    assert check_table() in page
    assert alarm_table() in page
