"""The anchor in a stream of the own NATS server: an older store that was put back with its anchor is noticed."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from suar.bus import jsapi, streams
from suar.bus.errors import NotPermitted
from suar.protocol.base.errors import Fault
from suar.service.recovery import reanchor
from suar.service.recovery.anchor_stream import AnchorStream, judge
from suar.store.engine.anchor import FILE
from suar.store.faults import AlteredError
from suar.store.outbound import recalls
from suar.store.people import access
from support import stores
from support.corekit import CoreKit, anchor_bytes, rows
from support.nats_server import National


@pytest.fixture
def th(tmp_path: Path) -> Iterator[CoreKit]:
    made = CoreKit(tmp_path / "th", "TH")
    yield made
    made.close()


class Copied(NamedTuple):
    """Store and anchor, as a thief of the disk copies them: the gateway stands still."""

    store: str
    anchor: bytes


def copied(kit: CoreKit) -> Copied:
    kit.core.close()
    return Copied(stores.copy(kit.folder), (kit.folder / FILE).read_bytes())


def put_back(kit: CoreKit, copy: Copied) -> None:
    kit.core.close()
    stores.put_back(kit.folder, copy.store)
    (kit.folder / FILE).write_bytes(copy.anchor)
    reopen(kit)


def reopen(kit: CoreKit) -> None:
    kit.core = kit.opened()


def decide(kit: CoreKit) -> None:
    """Something that a person decides: a recall is noted."""
    with kit.core.transaction() as connection:
        recalls.note(connection, "SG-ALERT-2027-000007", 1, kit.now)


def note_an_act(kit: CoreKit) -> None:
    """Something that nobody decides."""
    with kit.core.transaction() as connection:
        access.note(connection, "desk", "publish", "x", kit.now)


def notes(kit: CoreKit) -> list[str]:
    return [row[0] for row in rows(kit, "select about from audit where what = 'store-put-back'")]


def test_a_store_put_back_with_its_anchor_is_noticed_and_closed_where_a_decision_is_missing(th: CoreKit) -> None:
    before = copied(th)
    reopen(th)
    decide(th)
    newest = anchor_bytes(th)
    put_back(th, before)
    assert th.core.integrity.finding is None, "by itself the older store is sound"
    with pytest.raises(AlteredError, match=r"behind the anchor at the own NATS server.*lacks in recalled"):
        judge(th.core, newest)
    with pytest.raises(AlteredError):
        note_an_act(th)


@pytest.mark.parametrize("changes", [1, 40])
def test_a_snapshot_with_every_decision_continues_and_reports_it(th: CoreKit, changes: int) -> None:
    before = copied(th)
    reopen(th)
    for _ in range(changes):
        note_an_act(th)
    newest = anchor_bytes(th)
    put_back(th, before)
    judge(th.core, newest)
    assert len(notes(th)) == 1
    assert "was put back from an older copy" in str(th.core.integrity.finding)
    note_an_act(th)
    th.restart()
    judge(th.core, newest)
    assert len(notes(th)) == 1, "its account is above the one in the stream now"
    assert th.core.integrity.finding is None


def test_what_the_start_itself_changes_is_no_missing_decision(th: CoreKit) -> None:
    before = copied(th)
    reopen(th)
    note_an_act(th)
    newest = anchor_bytes(th)
    put_back(th, before)
    decide(th)  # before the own server answers
    judge(th.core, newest)
    assert len(notes(th)) == 1


def test_a_store_that_is_ahead_or_the_same_says_nothing(th: CoreKit) -> None:
    newest = anchor_bytes(th)
    judge(th.core, newest)
    note_an_act(th)
    judge(th.core, newest)
    th.restart()
    judge(th.core, newest)
    assert (notes(th), th.core.integrity.finding) == ([], None)


def test_two_persons_take_the_older_store_and_it_stays_taken(th: CoreKit) -> None:
    before = copied(th)
    reopen(th)
    decide(th)
    newest = anchor_bytes(th)
    put_back(th, before)
    th.core.close()
    th.keyring.save()
    reanchor.as_it_is(th.folder, th.keyring, "the disk was replaced", None, th.now, stores.url(th.folder))
    reopen(th)
    judge(th.core, newest)
    assert th.core.integrity.finding is None
    note_an_act(th)


@pytest.mark.parametrize(
    "alter",
    [
        lambda sealed: b"",
        lambda sealed: b"x" * 100,
        lambda sealed: sealed[:-1],
        lambda sealed: sealed[:40] + bytes([sealed[40] ^ 1]) + sealed[41:],
        lambda sealed: sealed[8:],
    ],
    ids=["nothing", "other bytes", "cut off", "a bit", "without its magic"],
)
def test_an_altered_anchor_in_the_stream_closes_the_store(th: CoreKit, alter: Callable[[bytes], bytes]) -> None:
    with pytest.raises(AlteredError, match="own NATS server was altered"):
        judge(th.core, alter(anchor_bytes(th)))


def test_the_account_in_the_store_is_no_anchor(th: CoreKit) -> None:
    """What the store seals for itself does not pass for what stands outside it."""
    ((sealed,),) = rows(th, "select sealed from integrity")
    with pytest.raises(AlteredError):
        judge(th.core, b"SUARANCH" + bytes(sealed))


def test_an_anchor_of_another_member_is_none(th: CoreKit, tmp_path: Path) -> None:
    sg = CoreKit(tmp_path / "sg", "SG", th.lists)
    other = anchor_bytes(sg)
    sg.close()
    with pytest.raises(Fault, match="own NATS server"):
        th.core.integrity.compare_anchor(other)


# -- at a real server


async def test_it_is_kept_at_the_own_server_and_compared_at_the_start(national: National, th: CoreKit) -> None:
    await streams.ensure_stream(national.admin, streams.anchor("TH"))
    bus = await national.gateway()
    before = await asyncio.to_thread(copied, th)
    await asyncio.to_thread(reopen, th)
    stream = AnchorStream(th.unlent, bus)
    assert await stream.compare() is None, "nothing is kept yet"
    await stream.publish()
    assert not stream.is_due
    await asyncio.to_thread(decide, th)
    assert stream.is_due
    await stream.publish()
    kept = await jsapi.last_for_subject(bus, "ANCHOR_TH", streams.ANCHOR_SUBJECT)
    assert kept is not None
    await asyncio.to_thread(th.restart)
    assert await AnchorStream(th.unlent, bus).compare() is None
    await asyncio.to_thread(put_back, th, before)
    with pytest.raises(AlteredError, match="lacks in recalled"):
        await AnchorStream(th.unlent, bus).compare()


async def test_a_server_of_before_that_has_no_such_stream_is_reported(national: National, th: CoreKit) -> None:
    stream = AnchorStream(th.unlent, await national.gateway())
    assert await stream.compare()


async def test_the_gateway_neither_deletes_nor_empties_it(national: National, th: CoreKit) -> None:
    await streams.ensure_stream(national.admin, streams.anchor("TH"))
    bus = await national.gateway()
    await AnchorStream(th.unlent, bus).publish()
    for api, body in (
        ("STREAM.PURGE.ANCHOR_TH", None),
        ("STREAM.DELETE.ANCHOR_TH", None),
        ("STREAM.MSG.DELETE.ANCHOR_TH", {"seq": 1}),
        ("STREAM.UPDATE.ANCHOR_TH", {**streams.anchor("TH"), "max_msgs": 1}),
    ):
        with pytest.raises(NotPermitted):
            await jsapi.call(bus, api, body)
    assert await jsapi.last_for_subject(bus, "ANCHOR_TH", streams.ANCHOR_SUBJECT) is not None


async def test_it_stays_small(national: National, th: CoreKit) -> None:
    await streams.ensure_stream(national.admin, streams.anchor("TH"))
    bus = await national.gateway()
    stream = AnchorStream(th.unlent, bus)
    for _ in range(streams.ANCHORS + 5):
        await stream.publish()
    state = (await jsapi.call(national.admin, "STREAM.INFO.ANCHOR_TH"))["state"]
    assert state["messages"] == streams.ANCHORS
    assert len(anchored_aside(th)) < streams.ANCHOR_BYTES // streams.ANCHORS


def anchored_aside(kit: CoreKit) -> bytes:
    return kit.aside(anchor_bytes, kit)
