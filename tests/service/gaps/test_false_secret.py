"""[E9] A member seals another secret to us than to the others: what they read and we cannot is told, and asked for."""

from suar.service.gaps import alarms, ends
from support.corekit import CoreKit, epoch_of, frame_of, rows
from support.kit import actor, alert, craft_epoch, open_sending, seed


def open_alarms(kit: CoreKit) -> list[tuple[str, str]]:
    ends.end_resolved(kit.core)
    return [(each["name"], each["member"]) for each in alarms.list_alarms(kit.core, 0, is_open=True)]


def test_whom_a_false_secret_leaves_out_learns_it_and_asks(sg: CoreKit) -> None:
    th = craft_epoch(actor("TH"), sg.lists, wrapped=seed("another secret"), to=("KH", "SG", "TH"))
    sg.receive(epoch_of(th), frame_of(th, alert()))
    assert open_alarms(sg) == [("left-out", "TH")]
    requests_queued = rows(sg, "select channel from queue where kind = 'receipt' and channel = 'TH'")
    assert requests_queued, "its messages are asked for, sealed to us alone"


def test_the_alarm_ends_when_it_comes_in_our_own_channel(sg: CoreKit) -> None:
    th = craft_epoch(actor("TH"), sg.lists, wrapped=seed("another secret"), to=("KH", "SG", "TH"))
    sg.receive(epoch_of(th))
    again = open_sending(actor("TH"), sg.lists, channel="SG", to=("SG", "TH"))
    sg.receive(epoch_of(again), frame_of(again, alert()))
    assert open_alarms(sg) == []
