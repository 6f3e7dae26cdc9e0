"""What a publisher is told beside `published`: the cause for which the message does not leave, or none."""

import json
from typing import Any

import pytest

from suar.observe.causes import CAUSES
from suar.protocol.base import limits
from suar.service.publish import accepting, cancelling, held
from suar.service.reading.verdict import Verdict
from suar.service.status import waiting_for
from suar.service.status.hub_link import FINE, ProbedLink
from suar.service.status.snapshot import BusState, ProcessState
from suar.service.trust import trust_sync
from support.corekit import CoreKit
from support.pairs import Two, new

WELL = BusState(is_connected=True, source_active_seconds=0.1, streams={"INBOX_TH": True}, link=FINE)
HUB_DOWN = BusState(is_connected=True, source_active_seconds=3.0, link=ProbedLink(has_leaf=False, hub="refuses"))
NO_INBOX = BusState(is_connected=True, streams={"INBOX_TH": False, "OUTBOX_TH": True})


def seen(bus: BusState = WELL, **more: bool) -> ProcessState:
    return ProcessState(bus, **({"is_settled": True, "has_stood_down": False} | more))


def published(kit: CoreKit, draft: dict[str, Any], at: ProcessState) -> Verdict:
    verdicts = accepting.accept(kit.core, [(json.dumps(draft).encode(), None)], realm="actual", token="desk")
    (verdict,) = waiting_for.with_causes(kit.core, at, verdicts)
    return verdict


def relisted(kit: CoreKit, **changes: Any) -> None:
    """The next trust list: TH's own row changed."""
    rows = [row if row[0] != "TH" else [*row[:2], changes["status"], *row[3:]] for row in kit.lists.members]
    trust_sync.import_list(kit.core, kit.lists.after(members=rows).signed(), None, who="test")


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (seen(), None),
        (seen(HUB_DOWN), "hub-down"),
        (seen(BusState()), "uplink-down"),
        (seen(BusState(is_connected=True, source_active_seconds=6.0)), "line-down"),
        (seen(NO_INBOX), "stream-missing-here"),
        (seen(is_settled=False), "starting"),
        (seen(has_stood_down=True), "stood-down"),
    ],
)
def test_the_way(two: Two, at: ProcessState, expected: str | None) -> None:
    verdict = published(two.th, new("a"), at)
    assert (verdict.verdict, verdict.waiting) == ("published", expected)
    assert expected is None or expected in {cause.code for cause in CAUSES}
    assert verdict.shape()["waiting"] == expected


def test_whichever_member_publishes_the_cause_is_its_own(two: Two) -> None:
    """The question is about no member: at SG it was answered as if it were about SG itself."""
    for kit in (two.th, two.sg):
        assert waiting_for.own_cause(kit.core, seen()) is None, kit.code
        found = waiting_for.own_cause(kit.core, seen(HUB_DOWN))
        assert found is not None, kit.code
        assert found.cause.code == "hub-down", kit.code


def test_the_same_recipients_are_looked_at_once_in_a_batch(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    lookups: list[list[str]] = []
    found = waiting_for.for_readers

    def counted(core: Any, connection: Any, readers: list[str]) -> str | None:
        lookups.append(readers)
        return found(core, connection, readers)

    monkeypatch.setattr(waiting_for, "for_readers", counted)
    drafts = [new("a"), new("b"), new("c") | {"audience": {"members": ["SG", "VN"]}}, new("d")]
    items = [(json.dumps(draft).encode(), None) for draft in drafts]
    verdicts = accepting.accept(two.th.core, items, realm="actual", token="desk")
    assert [(each.verdict, each.waiting) for each in verdicts] == [("published", None)] * 4
    assert [sorted(each) for each in lookups] == [["SG"], ["SG", "VN"]]


def test_our_own_standing_and_the_list(two: Two) -> None:
    two.th.now += 180 * limits.DAY + limits.TRUST_GRACE
    late = new("a") | {"expires": "2027-09-30T00:00:00Z"}
    assert published(two.th, late, seen()).waiting == "trust-expired"


def test_suspended(two: Two) -> None:
    relisted(two.th, status="suspended")
    assert published(two.th, new("a"), seen()).waiting == "suspended-here"


def test_a_reader_without_a_key_and_one_with(two: Two) -> None:
    two.th.now += 3 * limits.DAY  # every bundle of the others has ended
    trust_sync.renew_bundle(two.th.core)
    assert published(two.th, new("to one"), seen()).waiting == "bundle-stale"
    two.sg.now = two.th.now
    trust_sync.renew_bundle(two.sg.core)
    two.th.receive(*two.publish_due(two.sg))
    assert published(two.th, new("to one that has a key"), seen()).waiting is None
    assert published(two.th, new("to two") | {"audience": {"members": ["SG", "VN"]}}, seen()).waiting is None
    assert published(two.th, new("to VN") | {"audience": {"members": ["VN"]}}, seen()).waiting == "bundle-stale"


def test_the_same_request_again_is_answered_with_the_state_then(two: Two) -> None:
    draft = new("twice")
    assert published(two.th, draft, seen(HUB_DOWN)).waiting == "hub-down"
    again = published(two.th, draft, seen(HUB_DOWN))
    assert (again.is_replayed, again.waiting) == (True, "hub-down")
    assert published(two.th, draft, seen()).waiting is None
    two.to_sg()
    two.to_th()
    assert published(two.th, draft, seen(HUB_DOWN)).waiting is None  # it is with its reader


def test_what_is_held_waits_for_a_person_and_a_refusal_for_nothing(two: Two) -> None:
    grave = published(two.th, new("grave", severity="extreme"), seen(HUB_DOWN))
    assert (grave.verdict, grave.waiting) == ("held", None)
    assert published(two.th, {"bad": 1}, seen(HUB_DOWN)).waiting is None
    assert grave.id is not None
    (released,) = waiting_for.with_causes(two.th.core, seen(HUB_DOWN), [held.release(two.th.core, grave.id, "second")])
    assert (released.verdict, released.waiting) == ("published", "hub-down")


def test_a_cancel_and_its_replacement(two: Two) -> None:
    (id_,) = two.publish(new("a"))
    done = cancelling.cancel(two.th.core, id_, "desk", "wrong", json.dumps(new("b")).encode())
    assert done is not None
    assert [each.waiting for each in waiting_for.with_causes(two.th.core, seen(HUB_DOWN), done.verdicts())] == [
        "hub-down"
    ] * 2
