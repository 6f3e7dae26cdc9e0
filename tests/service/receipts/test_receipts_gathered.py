"""Receipts that wait together leave as one where one says it all, in their order; the sender learns the same."""

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from suar.protocol.message.kinds import Entry, Receipt
from suar.protocol.message.messages import read
from suar.service.pacing.receipt_delay import DELAY, ReceiptDelay
from suar.service.pacing.wake import Wake
from suar.service.process.loop_seal import Sealing
from suar.service.publish import sealing
from suar.service.receipts.receipts import make_receipt, merge_receipts, receipt_row
from suar.store.outbound import queue
from support.corekit import CoreKit, bundle_of
from support.kit import actor
from support.pairs import Two, new

NOW = 1_790_000_000_000


def receipt_body(numbers: range | list[int], stage: str = "stored", at: int = NOW, code: str = "") -> bytes:
    return make_receipt("SG", "actual", stage, [Entry(frame=f"{n:064x}") for n in numbers], at, code)


def frames(plain: bytes) -> list[int]:
    found = read(plain)
    assert isinstance(found, Receipt)
    return [int(str(entry.frame), 16) for entry in found.of]


def test_what_says_the_same_is_one() -> None:
    [(count, plain)] = merge_receipts([receipt_body([1]), receipt_body([2, 3]), receipt_body([4])])
    assert (count, frames(plain)) == (3, [1, 2, 3, 4])
    assert plain == receipt_body([1, 2, 3, 4])


def test_one_alone_leaves_as_it_is() -> None:
    assert merge_receipts([receipt_body([7])]) == [(1, receipt_body([7]))]
    assert merge_receipts([]) == []


def test_a_word_or_a_second_apart_is_apart_and_nothing_overtakes() -> None:
    plains = [
        receipt_body([1]),
        receipt_body([2], "refused", code="E-FRAME-SIGNATURE"),
        receipt_body([2]),
        receipt_body([3], at=NOW + 1_000),
    ]
    assert merge_receipts(plains) == [(1, plain) for plain in plains]


def test_what_this_version_cannot_read_leaves_as_it_is() -> None:
    """Written by a newer version before it was taken back."""
    strange = b'{"kind":"receipt","schema":"receipt/9.0","new":1}'
    assert merge_receipts([receipt_body([1]), strange, receipt_body([2]), receipt_body([3])]) == [
        (1, receipt_body([1])),
        (1, strange),
        (2, receipt_body([2, 3])),
    ]


def test_no_receipt_names_a_thing_twice() -> None:
    found = merge_receipts([receipt_body([1, 2]), receipt_body([2]), receipt_body([3])])
    assert [(count, frames(plain)) for count, plain in found] == [(1, [1, 2]), (2, [2, 3])]


def test_no_receipt_is_longer_than_one_may_be() -> None:
    found = merge_receipts([receipt_body([n]) for n in range(300)])
    assert [(count, len(frames(plain))) for count, plain in found] == [(256, 256), (44, 44)]


def _sealed_receipts(kit: CoreKit) -> list[int]:
    """How many receipts each frame of the outbox holds."""
    with kit.core.transaction() as connection:
        wanted = "select messages from outbox where channel = 'TH' and seq is not null and messages > 0 order by n"
        return [row.messages for row in connection.exec_driver_sql(wanted)]


def test_ten_frames_are_answered_by_one_receipt(two: Two) -> None:
    ids = []
    for number in range(10):
        ids += two.publish(new(f"number {number}"))
        two.to_sg()
    with two.sg.core.transaction() as connection:
        queued = connection.exec_driver_sql("select count(*) from queue").scalar()
    assert queued == 10  # committed one by one with what they are about
    assert two.to_th() > 0
    assert _sealed_receipts(two.sg) == [1]
    assert {two.states(id_)["state"] for id_ in ids} == {"stored"}
    with two.sg.core.transaction() as connection:
        assert connection.exec_driver_sql("select count(*) from queue").scalar() == 0


def test_for_a_member_without_a_key_each_is_parked(tmp_path: Path) -> None:
    kit = CoreKit(tmp_path / "sg", "SG")  # nobody's bundle came
    with kit.core.transaction() as connection:
        queue.enqueue(connection, [receipt_row(kit.core.vault, "actual", "TH", receipt_body([n])) for n in range(3)])
    assert sealing.seal_queued(kit.core) == 0
    with kit.core.transaction() as connection:
        assert len(queue.parked(connection, "TH")) == 3
        assert queue.due(connection, 10, 99) == []
    kit.receive(bundle_of(actor("TH")))
    sealing.seal_queued(kit.core)
    assert _sealed_receipts(kit) == [1]
    kit.close()


async def test_what_is_queued_while_they_leave_waits_again() -> None:
    """Else each receipt that comes meanwhile would leave alone, in a frame of its own."""
    calls = []

    async def run_in_group(_seal: Any, _core: Any, *, with_receipts: bool) -> int:
        calls.append(with_receipts)
        return len(calls) < 3

    core, yes = SimpleNamespace(run_in_group=run_in_group), SimpleNamespace(may_send=True)
    wake, ready = Wake(), SimpleNamespace(may_send=True)
    run = SimpleNamespace(core=core, ready=ready, wake=wake, window=SimpleNamespace(is_open=True), receipts=yes)
    await Sealing(cast("Any", run)).seal_all()
    assert calls == [True, False, False]


async def test_they_wait_a_moment_and_then_wake_who_seals() -> None:
    wake = asyncio.Event()
    delay = ReceiptDelay(wake)
    assert delay.may_send
    delay.queued()
    assert not delay.may_send
    begun = asyncio.get_running_loop().time()
    delay.queued()  # who comes later makes nobody wait longer
    await asyncio.wait_for(wake.wait(), 60)
    assert asyncio.get_running_loop().time() - begun >= DELAY / 2
    assert delay.may_send
