"""The publish loop gets sealed rows from memory only while nothing else can come before them (docs/adr/0062)."""

import json
from types import SimpleNamespace
from typing import Any

import pytest

from suar.protocol.base.primitives import ACTUAL
from suar.service.core.own_streams import SEALED_BYTES_MAX, SEALED_MAX, SealedRows
from suar.service.publish import accepting, sealing
from suar.service.trust import trust_sync
from suar.store.outbound import outbox
from support.corekit import CoreKit
from support.gateways import draft


def row(n: int, again_at: int | None = None, size: int = 1) -> Any:
    return SimpleNamespace(n=n, again_at=again_at, data=b"." * size)


def numbers(rows: Any) -> list[int]:
    return [each.n for each in rows]


@pytest.fixture
def rows() -> SealedRows:
    """The store was read completely, up to row 10."""
    made = SealedRows()
    made.end_reading([row(9), row(10)], is_all=True)
    return made


def test_the_next_rows_are_taken_once(rows: SealedRows) -> None:
    rows.add([row(11), row(12)])
    rows.add([row(13)])
    assert numbers(rows.pop_next()) == [11, 12, 13]
    assert rows.pop_next() == []


def test_a_row_that_the_store_returned_is_not_taken_again(rows: SealedRows) -> None:
    rows.add([row(10), row(11)])
    assert numbers(rows.pop_next()) == [11]


def test_after_a_missing_number_the_store_is_read(rows: SealedRows) -> None:
    """A list, a bundle or a Revoke was put there."""
    rows.add([row(11), row(13)])
    assert numbers(rows.pop_next()) == [11]
    assert rows.pop_next() == []
    rows.end_reading([row(12), row(13)], is_all=True)
    rows.add([row(14)])
    assert numbers(rows.pop_next()) == [14]


@pytest.mark.parametrize(("found", "is_all"), [([], True), ([row(2), row(3)], False)])
def test_before_the_end_of_the_store_is_known_nothing_is_taken(found: list[Any], is_all: bool) -> None:
    made = SealedRows()
    made.end_reading(found, is_all=is_all)
    made.add([row(4)])
    assert made.pop_next() == []


def test_a_row_that_is_published_again_does_not_name_the_end(rows: SealedRows) -> None:
    rows.end_reading([row(3, outbox.AGAIN)], is_all=True)
    rows.add([row(11)])
    assert numbers(rows.pop_next()) == [11]


def test_after_a_failure_the_store_is_read(rows: SealedRows) -> None:
    rows.add([row(11)])
    rows.forget()
    rows.add([row(12)])
    assert rows.pop_next() == []


def test_rows_from_before_a_reading_are_not_kept(rows: SealedRows) -> None:
    """The store had them then, or they were removed from it since."""
    rows.add([row(11)])
    rows.begin_reading()
    rows.end_reading([], is_all=True)
    assert rows.pop_next() == []


@pytest.mark.parametrize("added", [[row(11 + n) for n in range(SEALED_MAX + 1)], [row(11, size=SEALED_BYTES_MAX + 1)]])
def test_what_exceeds_a_bound_is_read_from_the_store(rows: SealedRows, added: list[Any]) -> None:
    rows.add(added)
    rows.add([row(added[-1].n + 1)])
    assert rows.pop_next() == []


def test_who_publishes_is_woken_when_rows_are_there(rows: SealedRows) -> None:
    """Also when they exceed a bound: the store is read then."""
    found: list[list[int]] = []
    rows.wake_by(lambda: found.append(numbers(rows.pop_next())))
    rows.add([row(11)])
    rows.add([row(12, size=SEALED_BYTES_MAX + 1)])
    assert found == [[11], []]


# -- after the commits of a core


@pytest.fixture
def vn(vn: CoreKit) -> CoreKit:
    """A core whose outbox was read completely."""
    vn.core.sealed_rows.end_reading(sealing.next_to_publish(vn.core, 100), is_all=True)
    return vn


def accept(kit: CoreKit, title: str) -> None:
    body = json.dumps(draft(title, expires="2027-01-30T00:00:00Z")).encode()
    assert accepting.accept(kit.core, [(body, None)], realm=ACTUAL, token="test")[0].verdict == "published"


def test_they_are_what_the_store_returns(vn: CoreKit) -> None:
    first = sealing.next_to_publish(vn.core, 100)
    accept(vn, "one")
    accept(vn, "two")
    taken = [tuple(each) for each in vn.core.sealed_rows.pop_next()]
    assert taken == [tuple(each) for each in sealing.next_to_publish(vn.core, 100)[len(first) :]] != []


def test_no_row_is_taken_before_its_commit(vn: CoreKit) -> None:
    with vn.core.transaction():
        accept(vn, "one")
        assert vn.core.sealed_rows.pop_next() == []
    assert len(vn.core.sealed_rows.pop_next()) > 0
    with pytest.raises(ZeroDivisionError):
        vn.core.run_jobs([lambda: accept(vn, "never"), lambda: 1 // 0])
    assert vn.core.sealed_rows.pop_next() == []


def test_the_core_wakes_who_publishes_after_its_commit(vn: CoreKit) -> None:
    woken: list[int] = []
    vn.core.sealed_rows.wake_by(lambda: woken.append(len(vn.core.sealed_rows.pop_next())))
    with vn.core.transaction():
        accept(vn, "one")
        assert woken == []
    assert len(woken) == 1
    assert woken[0] > 0


def test_a_new_bundle_is_not_overtaken(vn: CoreKit) -> None:
    trust_sync.rotate_bundle(vn.core)
    accept(vn, "after the bundle")
    assert vn.core.sealed_rows.pop_next() == []
