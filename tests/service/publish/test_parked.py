"""[K7] What waits for a member's key is let go when that member can get it, and not before."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from suar.protocol.base import subjects
from suar.protocol.base.primitives import ACTUAL
from suar.service.publish import accepting, sealing
from suar.service.trust import trust_sync
from support.corekit import CoreKit, bundle_of
from support.gateways import draft
from support.kit import NOW, ListMaker, actor


@pytest.fixture
def th(tmp_path: Path) -> Iterator[CoreKit]:
    """TH, which has no key bundle of VN."""
    made = CoreKit(tmp_path / "th", "TH")
    made.receive(*(bundle_of(actor(code)) for code in ("KH", "SG")))
    trust_sync.rotate_bundle(made.core)
    yield made
    made.close()


def publish(th: CoreKit, title: str, *members: str) -> str:
    body = json.dumps(draft(title, list(members), expires="2027-01-30T00:00:00Z")).encode()
    (verdict,) = accepting.accept(th.core, [(body, None)], realm=ACTUAL, token="test")
    assert verdict.id is not None, verdict
    return verdict.id


def seal(th: CoreKit) -> int:
    count = 0
    while frames := sealing.seal_queued(th.core):
        count += frames
    return count


def numbers(th: CoreKit) -> list[int]:
    with th.core.transaction() as connection:
        return list(connection.exec_driver_sql("select n from queue where parked order by n").scalars())


def reading(lists: ListMaker, code: str, kinds: list[str]) -> ListMaker:
    members = [[*row[:5], kinds] if row[0] == code else row for row in lists.members]
    return lists.after(issued=max(lists.issued + 1, NOW), members=members)


def receive_list(th: CoreKit, lists: ListMaker) -> None:
    th.receive((subjects.hub("SG", subjects.trust(lists.version)), lists.signed()))


def test_what_its_member_may_not_read_any_more_stays_where_it_is(th: CoreKit) -> None:
    """Let go each second it would be put back each second, and nothing less urgent would ever be sealed."""
    id_ = publish(th, "for a key", "VN")
    assert seal(th) == 0
    parked_numbers = numbers(th)
    without = reading(th.lists, "VN", ["trend"])
    receive_list(th, without)
    th.receive(bundle_of(actor("VN")))
    seal(th)
    parked_numbers = numbers(th)
    assert len(parked_numbers) == 1
    for _ in range(3):
        assert trust_sync.release_parked(th.core) == 0
        assert seal(th) == 0
        assert numbers(th) == parked_numbers
    assert th.states(id_) == {"VN": "no-valid-key"}
    receive_list(th, reading(without, "VN", ["alert"]))
    assert trust_sync.release_parked(th.core) == 1
    assert seal(th) == 1


def test_what_is_parked_holds_up_nothing_behind_it(th: CoreKit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "SEAL_BATCH", 2)
    waits = [publish(th, f"for a key {n}", "VN") for n in range(5)]
    id_ = publish(th, "behind them", "SG")
    assert sealing.seal_queued(th.core) == 1
    assert th.states(id_) == {"SG": "queued"}  # sealed, and not on its way
    assert {state for each in waits for state in th.states(each).values()} == {"no-valid-key"}
    assert len(numbers(th)) == 5
    assert sealing.seal_queued(th.core) == 0
