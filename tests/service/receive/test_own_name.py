"""Bytes under our own name: the hub's operator alone accuses nobody; what a key of ours signed is another gateway's."""

import pytest

from suar.protocol.base import subjects
from support.corekit import CoreKit, bundle_of, epoch_of, frame_of, rows
from support.kit import Sending, actor, alert, open_sending, seed

OWN = "tip.v1.sg"


def moved(name: str, data: bytes) -> tuple[str, bytes]:
    """The object as the hub passes it on under SG's name."""
    return ".".join([OWN, *name.split(".")[3:]]), data


def alarms(kit: CoreKit) -> list[str]:
    return [row.name for row in rows(kit, "select name from alarm")]


def made_up() -> list[tuple[str, bytes]]:
    noise = seed("noise")
    frame = b"SUF1" + noise * 14 + noise[:4]
    return [
        (f"{OWN}.a.frame.all.{'0' * 16}", frame),
        (f"{OWN}.a.epoch.all.{'0' * 16}", b"SUE1" + noise * 20),
        (f"{OWN}.a.keys.all.{'0' * 16}", b"SUK1" + noise * 8),
    ]


@pytest.fixture
def th(sg: CoreKit) -> Sending:
    return open_sending(actor("TH"), sg.lists)


def test_what_no_key_of_ours_signed_raises_no_alarm_about_us(sg: CoreKit, th: Sending) -> None:
    others = [moved(*epoch_of(th)), moved(*frame_of(th, alert())), moved(*bundle_of(actor("TH")))]
    assert all(subjects.parse(name).sender == "SG" for name, _ in others)
    sg.receive(*made_up(), *others)
    assert alarms(sg) == []
    sg.receive(epoch_of(th), frame_of(th, alert("TH-ALERT-2027-000002")))
    assert [row.id for row in rows(sg, "select id from message")] == ["TH-ALERT-2027-000002"], "the exchange goes on"


def test_what_a_key_of_ours_signed_elsewhere_does(sg: CoreKit) -> None:
    second = open_sending(actor("SG"), sg.lists, to=("KH", "SG", "TH"))
    sg.receive(epoch_of(second))
    sg.receive(frame_of(second, alert("SG-ALERT-2027-000001")))
    assert alarms(sg) == ["identity-in-use"]
    assert rows(sg, "select count(*) from message") == [(0,)]
