"""The facts behind `why`, gathered from two cores: what the planted causes of test_why_planted.py do not reach."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from suar.observe.causes import CAUSES
from suar.protocol.base import limits
from suar.service.core.observations import LINK_RECOVERY_MS
from suar.service.gaps import ends
from suar.service.publish import sealing
from suar.service.status.hub_link import FINE, ProbedLink
from suar.service.status.snapshot import BusState, ProcessState
from suar.service.status.why import LATE, why
from suar.service.trust import trust_sync
from support.corekit import CoreKit
from support.pairs import Two, new, record_statement

WELL: Final = BusState(is_connected=True, source_active_seconds=0.1, link=FINE)


def link(active: float, leaf: bool | None = None, hub: Any = None) -> BusState:
    """The source's last sign so many seconds ago, and how the link stands then."""
    return BusState(is_connected=True, source_active_seconds=active, link=ProbedLink(leaf, hub))


INTERVAL: Final = limits.HEARTBEAT_INTERVAL


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Two]:
    made = Two(tmp_path)
    for kit in (made.th, made.sg):
        trust_sync.rotate_bundle(kit.core)  # it comes with the heartbeat that names it
    beat(made)
    yield made
    made.th.close()
    made.sg.close()


def beat(two: Two) -> None:
    """A heartbeat each way."""
    for one, other in ((two.th, two.sg), (two.sg, two.th)):
        sealing.seal_heartbeat(one.core)
        other.receive(*two.leave(one))
        ends.end_resolved(other.core)


def listens(kit: CoreKit) -> None:
    """What the look loop finds each second, of a link that is whole."""
    kit.core.record_listening(True, kit.now, patience=20 * INTERVAL)


def later(two: Two, milliseconds: int) -> None:
    two.th.now += milliseconds
    two.sg.now += milliseconds


def ask(kit: CoreKit, id_: str, member: str = "SG", bus: BusState = WELL, **seen: bool) -> dict[str, Any]:
    found = why(kit.core, id_, member, ProcessState(bus, **({"is_settled": True, "has_stood_down": False} | seen)))
    assert found is not None
    return found


def cause(two: Two, id_: str, member: str = "SG", bus: BusState = WELL, **seen: bool) -> Any:
    return ask(two.th, id_, member, bus, **seen)["cause"]


def test_from_queued_to_no_answer(two: Two) -> None:
    [id_] = two.publish(new("a"))
    assert cause(two, id_) == "queued"
    two.leave(two.th)
    assert cause(two, id_) == "on-its-way"
    later(two, max(LATE, 3 * INTERVAL) + 1)
    beat(two)
    assert cause(two, id_) == "no-answer"


def test_a_member_that_receives_nothing_of_ours_points_at_the_way(two: Two) -> None:
    """The hub keeps our frames from SG alone; SG's own heartbeats say how far ours came to it."""
    [id_] = two.publish(new("a"))
    kept, causes = two.leave(two.th), []  # never to SG
    for _ in range(6):
        later(two, INTERVAL)
        sealing.seal_heartbeat(two.th.core)
        kept += two.leave(two.th)
        sealing.seal_heartbeat(two.sg.core)
        two.th.receive(*two.leave(two.sg))
        causes.append(cause(two, id_))
    assert (causes[0], causes[-1]) == ("on-its-way", "unheard-there")
    found = ask(two.th, id_)
    assert found["values"]["unseen"] is not None
    two.sg.receive(*kept)
    two.to_th()
    assert cause(two, id_) == "stored"


def test_a_member_that_receives_us_and_does_not_answer_is_the_one_to_contact(two: Two) -> None:
    [id_] = two.publish(new("a"))
    two.leave(two.th)  # its frame alone is lost
    for _ in range(6):
        later(two, INTERVAL)
        beat(two)
    assert cause(two, id_) == "no-answer"


def test_silence_counts_from_when_we_listen(two: Two) -> None:
    """After a restart of ours it is no wonder that nothing was heard; after two intervals it is. So it is after our own
    server was away, or the hub."""
    listens(two.th)
    [id_] = two.publish(new("a"))
    two.leave(two.th)
    later(two, 10 * INTERVAL)
    assert cause(two, id_) == "peer-silent"
    two.th.restart()
    assert cause(two, id_) == "no-answer"
    listens(two.th)
    later(two, 2 * INTERVAL + 1)
    assert ask(two.th, id_)["cause"] == "peer-silent"
    two.th.core.record_listening(False, two.th.now)
    assert cause(two, id_) == "no-answer"
    later(two, 10 * INTERVAL)
    listens(two.th)
    assert cause(two, id_) == "no-answer"
    later(two, 2 * INTERVAL + LINK_RECOVERY_MS + 1)
    assert cause(two, id_) == "peer-silent"
    beat(two)
    assert cause(two, id_) == "no-answer"


@pytest.mark.parametrize(
    ("bus", "seen", "expected"),
    [
        (BusState(), {}, "uplink-down"),
        (WELL, {"has_stood_down": True}, "stood-down"),
        (WELL, {"is_settled": False}, "starting"),
        (link(3.0, leaf=False, hub="refuses"), {}, "hub-down"),
        (link(3.0, leaf=True, hub="silent"), {}, "hub-down"),
        (link(3.0, leaf=False, hub="answers"), {}, "uplink-down"),
        (link(3.0, leaf=True, hub="cut"), {}, "uplink-down"),
        (link(3.0, leaf=True, hub="answers"), {}, "on-its-way"),
        (link(5.1, leaf=True, hub="answers"), {}, "source-stalled"),
        (link(5.1), {}, "line-down"),
    ],
)
def test_the_way(two: Two, bus: BusState, seen: dict[str, bool], expected: str) -> None:
    [id_] = two.publish(new("a"))
    two.leave(two.th)
    assert cause(two, id_, "SG", bus, **seen) == expected


def test_a_source_that_never_started_has_its_time_at_a_start(two: Two) -> None:
    [id_] = two.publish(new("a"))
    two.leave(two.th)
    never = BusState(is_connected=True, source_active_seconds=-1.0, link=ProbedLink(has_leaf=True, hub="answers"))
    assert cause(two, id_, "SG", never) == "on-its-way"
    later(two, 5_001)
    assert cause(two, id_, "SG", never) == "source-stalled"


def test_our_voice_that_does_not_come_back(two: Two) -> None:
    [id_] = two.publish(new("a"))
    two.leave(two.th)
    two.th.core.echo.record_published(two.th.now)
    later(two, 2 * INTERVAL + 2_501)
    beat(two)
    assert cause(two, id_) == "source-stalled"
    two.th.core.echo.record_echo()
    assert cause(two, id_) != "source-stalled"


def test_an_alert_that_is_not_acknowledged_in_time(two: Two) -> None:
    [id_] = two.publish(new("a") | {"urgency": "immediate", "ack_within": 4})
    two.to_sg()
    two.to_th()
    found = ask(two.th, id_)
    assert found["cause"] == "stored"
    assert CAUSES[found["number"] - 1].next == "answer-due"  # before: "nothing is to be done"
    assert found["values"]["due"]
    two.open(id_)
    two.to_th()
    assert CAUSES[ask(two.th, id_)["number"] - 1].next == "answer-due"
    later(two, 4 * limits.HOUR + 1)
    assert cause(two, id_) == "acknowledgement-overdue"
    record_statement(two, id_, "acknowledged")
    two.to_th()
    assert cause(two, id_) == "acknowledged"


def test_a_recall_step_by_step_at_both_ends(two: Two) -> None:
    [id_] = two.publish(new("a"))
    two.to_sg()
    two.to_th()
    assert ask(two.sg, id_, "TH")["cause"] == "stored"
    two.open(id_)
    assert ask(two.sg, id_, "SG")["cause"] == "opened"
    two.cancel(id_)
    assert cause(two, id_) == "queued"
    two.to_sg()
    two.th.receive(*two.leave(two.sg))  # `stored` of the cancel, and not yet `recalled`
    assert cause(two, id_) == "recall-open"
    two.to_th()
    assert cause(two, id_) == "recalled"


def test_a_cancel_of_what_never_came_has_nothing_to_recall(two: Two) -> None:
    [id_] = two.publish(new("a"))
    two.sg.receive(*(each for each in two.leave(two.th) if ".epoch." in each[0]))  # its frame is lost
    two.cancel(id_)
    two.to_sg()
    two.th.receive(*two.leave(two.sg))
    assert cause(two, id_) == "recalled"


def test_messages_that_do_not_exist(two: Two) -> None:
    assert why(two.th.core, "TH-ALERT-2027-999999", "SG", ProcessState(WELL, True, False)) is None
    assert cause(two, "SG-ALERT-2027-999999") == "unknown-message"
    assert cause(two, "SG-ALERT-2027-999999", "TH") == "unknown-message"
    assert cause(two, "SG-ALERT-2027-999999", "VN") == "not-ours"
    assert cause(two, "ZZ-ALERT-2027-000001", "TH") == "not-a-member"


def test_times_are_reported_in_rfc_3339(two: Two) -> None:
    [id_] = two.publish(new("a"))
    two.to_sg()
    two.to_th()
    assert ask(two.th, id_)["values"]["at"] == "2027-01-15T08:00:00Z"


def test_after_a_recall_a_member_that_acted_is_to_be_telephoned(two: Two) -> None:
    [first, second] = two.publish(new("a"), new("b"))
    two.to_sg()
    record_statement(two, first, "acting")
    two.to_th()
    for id_ in (first, second):
        two.cancel(id_)
    two.to_sg()
    two.to_th()
    found = {id_: ask(two.th, id_) for id_ in (first, second)}
    assert {each["cause"] for each in found.values()} == {"recalled"}
    steps = {id_: CAUSES[each["number"] - 1].next for id_, each in found.items()}
    assert steps == {first: "stop", second: "nothing"}
