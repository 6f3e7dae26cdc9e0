"""What the own server has is written down a moment later, and leaves once more when it cannot be."""

import json
from typing import Any

import pytest

from corekit import CoreKit
from gateways import draft
from suar.bus.publish import PubAck
from suar.protocol.primitives import ACTUAL
from suar.service import accepting, outbound
from suar.service.departed import Departed
from suar.store import positions
from suar.store.database import StoreFault


def numbers(rows: Any) -> list[int]:
    return [each.n for each in rows]


def accept(kit: CoreKit, title: str) -> None:
    body = json.dumps(draft(title, expires="2027-01-30T00:00:00Z")).encode()
    assert accepting.accept(kit.core, [(body, None)], realm=ACTUAL, token="test")[0].verdict == "published"


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
    vn.core.positions[positions.OUTBOX] = 88
    outbound.published(vn.core, [], place=82)
    assert vn.core.positions[positions.OUTBOX] == 88
    with vn.core.transaction() as connection:
        assert positions.load(connection)[positions.OUTBOX] == 82


def test_a_world_that_begins_anew_knows_how_far_we_are(vn: CoreKit) -> None:
    vn.core.positions[positions.OUTBOX] = 88
    vn.core.load()
    assert vn.core.positions[positions.OUTBOX] == 88


async def test_what_left_is_marked_a_moment_later_all_at_once(vn: CoreKit) -> None:
    accept(vn, "one")
    rows, departed = outbound.next_to_publish(vn.core, 100), Departed(vn.core, pytest.fail)
    for seq, each in enumerate(rows, 1):
        departed.add([(each, PubAck(seq, duplicate=False))])
    assert departed.numbers == {each.n for each in rows}
    assert outbound.next_to_publish(vn.core, 100, departed.numbers) == []
    assert vn.core.positions[positions.OUTBOX] == len(rows)
    await departed.noted()
    assert departed.numbers == set()
    assert outbound.next_to_publish(vn.core, 100) == []
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
    assert numbers(outbound.next_to_publish(vn.core, 100)) == numbers(rows)
