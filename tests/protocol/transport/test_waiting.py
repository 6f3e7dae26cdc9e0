"""What the outcome of an object says to the table of what waits: the rule that refuses it in the end, and its time."""

from collections.abc import Callable

import pytest

from suar.protocol.base import limits
from suar.protocol.base.errors import CODES
from suar.protocol.transport.admission import admit
from suar.protocol.transport.outcome import Outcome
from suar.protocol.transport.world import Changes
from support.kit import NOW, Actor, Receiver, actor, alert, craft_epoch, make_bundle, make_revoke

TH, MY = actor("TH"), Actor("MY")
LATER = NOW + limits.CLOCK_TOLERANCE + 1


def _frame_without_epoch(reader: Receiver) -> Outcome:
    sending = craft_epoch(TH, reader.lists)
    return reader.receive_frame(sending, sending.frame(alert()))


def _clock_back(reader: Receiver) -> Outcome:
    return reader.receive_bundle(TH, make_bundle(TH), NOW - limits.CLOCK_TOLERANCE - 1)


@pytest.mark.parametrize(
    ("receive", "rule", "code", "for_time"),
    [
        (lambda r: r.receive_revoke(MY, make_revoke(MY)), "R1", "E-REVOKE", None),
        (lambda r: r.receive_bundle(MY, make_bundle(MY)), "K2", "E-BUNDLE-SIGNER", None),
        (lambda r: r.receive_bundle(TH, make_bundle(TH, not_before=LATER)), "K4", "E-BUNDLE-WINDOW", LATER),
        (lambda r: r.receive_epoch(craft_epoch(MY, r.lists)), "E1", "E-EPOCH-SIZE", None),
        (lambda r: r.receive_epoch(craft_epoch(TH, r.lists.after())), "E3", "E-EPOCH-TRUST", None),
        (lambda r: r.receive_epoch(craft_epoch(TH, r.lists, not_before=LATER)), "E5", "E-EPOCH-WINDOW", LATER),
        (_frame_without_epoch, "F2", "E-FRAME-EPOCH", None),
        (_clock_back, "T14", "E-CLOCK", None),
    ],
    ids=["revoke", "bundle-key", "bundle-time", "epoch-key", "epoch-list", "epoch-time", "frame-epoch", "clock"],
)
def test_a_waiting_object_names_the_rule_that_refuses_it_in_the_end(
    receive: Callable[[Receiver], Outcome], rule: str, code: str, for_time: int | None
) -> None:
    out = receive(Receiver("SG").trust())
    assert (out.result, out.rule) == ("wait", None)
    assert (out.waits_rule, out.code, out.waits_for_time) == (rule, code, for_time)
    assert code in CODES


def test_nothing_is_changed_by_what_waits() -> None:
    reader = Receiver("SG").trust()
    known, ahead = craft_epoch(TH, reader.lists), craft_epoch(TH, reader.lists.after())
    for subject, data in ((known.subject, known.frame(alert())), (ahead.epoch_subject, ahead.opened.data)):
        assert admit(reader.world, subject, data, NOW).result == "wait"
    assert reader.world.pop_changes() == Changes()
    assert not reader.world.epochs


def test_the_clock_alarm_is_raised_once_for_a_member_that_continues_waiting() -> None:
    reader, vn = Receiver("SG").trust(), actor("VN")
    reader.receive_bundle(TH, make_bundle(TH, not_before=LATER))
    bundle = make_bundle(vn, not_before=LATER)
    assert [alarm.name for alarm in reader.receive_bundle(vn, bundle).alarms] == ["clock"]
    assert reader.receive_bundle(vn, bundle).alarms == []
