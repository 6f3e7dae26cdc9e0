"""What was sealed last is at hand for the publish loop, only while nothing else can stand before it."""

import json
from types import SimpleNamespace
from typing import Any

import pytest

from corekit import CoreKit
from gateways import draft
from suar.bus.publish import PubAck
from suar.protocol.primitives import ACTUAL
from suar.service import accepting, outbound, trust_sync
from suar.service.departed import Departed
from suar.service.sealed_rows import MOST, SealedRows
from suar.store import outbox, positions
from suar.store.database import StoreFault


def row(n: int, again_at: int | None = None) -> Any:
    return SimpleNamespace(n=n, again_at=again_at)


def numbers(rows: Any) -> list[int]:
    return [each.n for each in rows]


@pytest.fixture
def rows() -> SealedRows:
    """The store was read to its end, up to row 10."""
    made = SealedRows()
    made.read([row(9), row(10)], is_all=True)
    return made


def test_the_next_ones_are_taken_once(rows: SealedRows) -> None:
    rows.add([row(11), row(12)])
    rows.add([row(13)])
    assert numbers(rows.take()) == [11, 12, 13]
    assert rows.take() == []


def test_what_the_store_gave_is_not_taken_again(rows: SealedRows) -> None:
    rows.add([row(10), row(11)])
    assert numbers(rows.take()) == [11]


def test_behind_a_hole_the_store_is_asked(rows: SealedRows) -> None:
    """Something else was put there: a list, a bundle, a Revoke."""
    rows.add([row(11), row(13)])
    assert numbers(rows.take()) == [11]
    assert rows.take() == []
    rows.read([row(12), row(13)], is_all=True)
    rows.add([row(14)])
    assert numbers(rows.take()) == [14]


def test_before_the_store_was_read_to_its_end_nothing_is_known() -> None:
    made = SealedRows()
    made.add([row(1)])
    assert made.take() == []
    made.read([], is_all=True)  # nothing waits, and where the numbers stand is not known
    made.add([row(2)])
    assert made.take() == []
    made.read([row(2), row(3)], is_all=False)
    made.add([row(4)])
    assert made.take() == []


def test_what_goes_once_more_says_nothing_of_the_end(rows: SealedRows) -> None:
    rows.read([row(3, outbox.AGAIN)], is_all=True)
    rows.add([row(11)])
    assert numbers(rows.take()) == [11]


def test_after_a_failure_the_store_is_asked(rows: SealedRows) -> None:
    rows.add([row(11)])
    rows.forget()
    rows.add([row(12)])
    assert rows.take() == []


def test_what_is_more_than_a_little_is_read(rows: SealedRows) -> None:
    rows.add([row(11 + n) for n in range(MOST + 1)])
    assert rows.take() == []


# -- behind the commits of a core


@pytest.fixture
def vn(vn: CoreKit) -> CoreKit:
    """Whose outbox was read to its end."""
    vn.core.sealed.read(outbound.next_to_publish(vn.core, 100), is_all=True)
    return vn


def accept(kit: CoreKit, title: str) -> None:
    body = json.dumps(draft(title, expires="2027-01-30T00:00:00Z")).encode()
    assert accepting.accept(kit.core, [(body, None)], realm=ACTUAL, token="test")[0].verdict == "published"


def test_it_is_what_the_store_would_have_said(vn: CoreKit) -> None:
    first = outbound.next_to_publish(vn.core, 100)
    accept(vn, "one")
    accept(vn, "two")
    assert [tuple(each) for each in vn.core.sealed.take()] == [
        tuple(each) for each in outbound.next_to_publish(vn.core, 100)[len(first) :]
    ]


def test_nothing_is_at_hand_before_its_commit(vn: CoreKit) -> None:
    with vn.core.transaction():
        accept(vn, "one")
        assert vn.core.sealed.take() == []
    assert len(vn.core.sealed.take()) > 0
    with pytest.raises(ZeroDivisionError):
        vn.core.together([lambda: accept(vn, "never"), lambda: 1 // 0])
    assert vn.core.sealed.take() == []


def test_a_new_bundle_is_not_overtaken(vn: CoreKit) -> None:
    trust_sync.rotate_bundle(vn.core)
    accept(vn, "behind the bundle")
    assert vn.core.sealed.take() == []


# -- and what left


def test_each_row_left_at_its_own_time(vn: CoreKit) -> None:
    accept(vn, "one")
    rows = [each for each in outbound.next_to_publish(vn.core, 100) if each.messages]
    outbound.published(vn.core, rows, times={rows[0].n: vn.now - 150})
    with vn.core.transaction() as connection:
        left = connection.exec_driver_sql("select published from outbox where n = ?", (rows[0].n,)).scalar()
        sent = connection.exec_driver_sql("select sent from own_frame").scalar()
    assert (left, sent) == (vn.now - 150, vn.now - 150)


def test_a_place_that_is_noted_late_lowers_nothing(vn: CoreKit) -> None:
    """Frames leave while it is written how far the ones before them came."""
    vn.core.places.left(88)
    outbound.published(vn.core, [], place=82)
    assert vn.core.places.of(positions.OUTBOX) == 88
    with vn.core.transaction() as connection:
        assert positions.load(connection)[positions.OUTBOX] == 82


def test_a_world_that_begins_anew_knows_how_far_we_are(vn: CoreKit) -> None:
    vn.core.places.left(88)
    vn.core.load()
    assert vn.core.places.of(positions.OUTBOX) == 88


async def test_what_left_is_marked_a_moment_later_all_at_once(vn: CoreKit) -> None:
    accept(vn, "one")
    rows, departed = outbound.next_to_publish(vn.core, 100), Departed(vn.core, pytest.fail)
    for seq, each in enumerate(rows, 1):
        departed.add([(each, PubAck(seq, duplicate=False))])
    assert departed.numbers == {each.n for each in rows}
    assert outbound.next_to_publish(vn.core, 100, departed.numbers) == []
    assert vn.core.places.of(positions.OUTBOX) == len(rows)
    await departed.noted()
    assert departed.numbers == set()
    assert vn.aside(outbound.next_to_publish, vn.core, 100) == []
    await departed.noted()  # nothing to write is no wait


async def test_what_cannot_be_marked_leaves_once_more(vn: CoreKit, monkeypatch: pytest.MonkeyPatch) -> None:
    accept(vn, "one")
    rows, told = outbound.next_to_publish(vn.core, 100), list[BaseException]()
    departed = Departed(vn.core, told.append)
    fault = StoreFault("the disk is full", "make room")

    def full(*_: Any) -> None:
        raise fault

    monkeypatch.setattr(outbound, "published", full)
    departed.add([(each, PubAck(seq, duplicate=False)) for seq, each in enumerate(rows, 1)])
    await departed.noted()
    assert (told, departed.numbers) == ([fault], set())
    assert numbers(vn.aside(outbound.next_to_publish, vn.core, 100)) == numbers(rows)
