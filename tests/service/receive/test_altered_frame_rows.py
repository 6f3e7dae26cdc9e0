"""Rows of received frames that somebody altered, exchanged or deleted: a frame that comes again accuses nobody."""

import pytest

from suar.store.inbound import held_frames
from support.corekit import CoreKit, alter, frame_of, rows
from support.kit import Sending, urgent

OF_FIRST = "(select {0} from (select * from frame) f where f.seq = 0 and f.epoch_id = frame.epoch_id)"
COPIED = ", ".join(f"{name} = {OF_FIRST.format(name)}" for name in ("hash", "prev", "messages", "tag"))
CHANGES = {
    "deleted": "delete from frame where seq = 1",
    "hash": f"update frame set hash = {OF_FIRST.format('hash')} where seq = 1",
    "prev": f"update frame set prev = {OF_FIRST.format('prev')} where seq = 1",
    "unbound": f"update frame set hash = {OF_FIRST.format('hash')}, tag = null where seq = 1",
    "exchanged": f"update frame set {COPIED} where seq = 1",
    "neighbour": f"update frame set {COPIED} where seq in (1, 2)",
}


def alarms(kit: CoreKit) -> set[tuple[str, str]]:
    return {(row.name, row.member) for row in rows(kit, "select name, member from alarm")}


@pytest.mark.parametrize("change", CHANGES)
def test_a_frame_that_comes_again_accuses_nobody(vn: CoreKit, th: Sending, change: str) -> None:
    sent = [frame_of(th, urgent(number)) for number in range(1, 4)]
    for each in sent:
        vn.receive(each)
    written = rows(vn, "select * from frame order by seq")
    alter(vn, CHANGES[change])
    for each in sent[::-1]:
        vn.receive(each)
    wanted = set() if change == "deleted" else {("store-altered", "VN")}
    assert alarms(vn) == wanted
    assert [(row.epoch_id, row.seq, row.hash, row.prev) for row in rows(vn, "select * from frame order by seq")] == [
        (row.epoch_id, row.seq, row.hash, row.prev) for row in written
    ]
    (row,) = rows(vn, "select count(*) as n from message")
    assert row.n == 3


def test_a_second_frame_with_the_number_of_a_genuine_row_is_an_equivocation(vn: CoreKit, th: Sending) -> None:
    vn.receive(frame_of(th, urgent(1)))
    th.seq, th.prev = 0, th.opened.id
    vn.receive(frame_of(th, urgent(2)))
    assert alarms(vn) == {("equivocation", "TH")}


def test_a_row_of_an_older_version_counts_as_written(vn: CoreKit, th: Sending) -> None:
    """It binds the number of messages to the hash alone."""
    data = frame_of(th, urgent(1))
    vn.receive(data)
    (row,) = rows(vn, "select hash from frame")
    bound = vn.core.vault.fingerprint(b"messages of frame 1 " + bytes(row.hash))[: held_frames.TAG_BYTES]
    alter(vn, "update frame set tag = ?", values=(bound,))
    vn.receive(data)
    assert alarms(vn) == set()
