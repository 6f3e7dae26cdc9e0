"""Which own objects a hub passed over: those that did not return although later ones did."""

import pytest

from suar.observe.passed_over import AFTER, BEFORE, TOGETHER, PassedOver, is_at_the_hub, of_one_moment, with_moments
from suar.protocol.base.link_names import ONE_HUB, ONLY_HUB, TWO_HUBS
from suar.service.pacing import return_order
from suar.service.pacing.return_order import ReturnOrder

NOW = 1_800_000_000_000


def begun() -> ReturnOrder:
    """One hub, which has returned an object."""
    order = ReturnOrder(ONE_HUB)
    order.expect(["first"], NOW, 1)
    order.record_return(ONLY_HUB, "first", NOW)
    return order


def passed(order: ReturnOrder, now: int = NOW) -> list[PassedOver]:
    return list(order.passed_over(now, ONE_HUB))


def test_what_returns_in_its_order_is_not_passed_over() -> None:
    order = begun()
    order.expect(["a", "b"], NOW, 1)
    for id_ in ("a", "b", "a"):  # the last one is delivered again
        order.record_return(ONLY_HUB, id_, NOW)
    assert passed(order) == []


def test_what_did_not_return_before_a_later_one_was_passed_over() -> None:
    order = begun()
    order.expect(["a"], NOW + 1, 1)
    order.expect(["b", "c"], NOW + 2, 1)
    order.record_return(ONLY_HUB, "c", NOW + 9)
    assert passed(order, NOW + 10**6) == [PassedOver("hub", NOW + 1, NOW + 9, 2)]


def test_what_was_passed_over_soon_after_is_a_part_of_it() -> None:
    order = begun()
    for n, at in enumerate((NOW, NOW + BEFORE, NOW + 3 * BEFORE)):
        order.expect([f"a{n}", f"b{n}"], at, 1)
        order.record_return(ONLY_HUB, f"b{n}", at)
    late = NOW + 3 * BEFORE
    assert passed(order) == [PassedOver("hub", NOW, NOW + BEFORE, 2), PassedOver("hub", late, late, 1)]


def test_what_does_not_return_from_an_active_source_is_overdue() -> None:
    order = begun()
    order.expect(["a", "b"], NOW, 1)
    late = NOW + return_order.OVERDUE + 1
    assert passed(order, NOW) == passed(order, late - 1) == []
    assert passed(order, late) == [PassedOver("hub", NOW, None, 2)]
    assert order.passed_over(late, ()) == (), "its source is not active"
    assert passed(order, late) == [], "it is active again since a moment"
    assert passed(order, late + late - NOW) == [PassedOver("hub", NOW, None, 2)]
    order.record_return(ONLY_HUB, "a", NOW)
    order.record_return(ONLY_HUB, "b", NOW)
    assert passed(order, NOW + 10**6) == []


def test_after_a_start_or_another_connection_nothing_is_compared_until_one_returned() -> None:
    """Our own server may have been put back: then the hub drops what it had."""
    order = ReturnOrder(ONE_HUB)
    order.expect(["a", "b"], NOW, 1)
    order.record_return(ONLY_HUB, "b", NOW)
    order.expect(["a", "c"], NOW, 2)
    assert passed(order, NOW + 10**6) == []
    order.record_return(ONLY_HUB, "c", NOW)
    assert passed(order) == []
    order.expect(["d", "e"], NOW, 2)
    order.record_return(ONLY_HUB, "e", NOW)
    assert [each.objects for each in passed(order)] == [1]


def test_what_the_own_server_had_does_not_return_again() -> None:
    order = begun()
    order.expect(["a", "b"], NOW, 1)
    order.withdraw(["a"])
    order.record_return(ONLY_HUB, "b", NOW)
    assert passed(order) == []


def test_each_of_two_hubs_has_its_own_order_and_all_is_bounded() -> None:
    order = ReturnOrder(TWO_HUBS)
    a, b = TWO_HUBS
    order.expect(["first"], NOW, 1)
    order.record_return(a, "first", NOW)
    order.record_return(b, "first", NOW)
    for n in range(return_order.KEPT + 4):
        now = NOW + 2 * n * BEFORE
        order.expect([f"a{n}", f"b{n}"], now, 1)
        order.record_return(a, f"b{n}", now)
    found = order.passed_over(NOW, TWO_HUBS)
    assert {each.hub for each in found} == {"hub-a"}
    assert len(found) == return_order.KEPT


def test_only_what_is_missing_at_that_time_has_the_hub_as_its_cause() -> None:
    over, lasting = PassedOver("hub", NOW, NOW + 5, 2), PassedOver("hub", NOW, None, 2)
    for at, is_caused in ((NOW - BEFORE - 1, False), (NOW - BEFORE, True), (NOW + 5 + AFTER, True)):
        assert is_at_the_hub([over], "gap", at) == is_caused
        assert is_at_the_hub([lasting], "gap", at) == is_caused
    assert not is_at_the_hub([over], "gap", NOW + 6 + AFTER)
    assert is_at_the_hub([lasting], "gap", NOW + 6 + AFTER)
    assert not is_at_the_hub([over], "equivocation", NOW)
    assert not is_at_the_hub([], "gap", NOW)


def test_several_members_at_one_moment_and_no_one_alone() -> None:
    gaps = [("gap", "SG", NOW), ("epoch-missing", "VN", NOW + TOGETHER), ("gap", "SG", NOW + TOGETHER + 2)]
    assert of_one_moment(gaps, 2) == [PassedOver("", NOW, NOW + TOGETHER + 2, 0, ("SG", "VN"))]
    assert of_one_moment(gaps, 4) == of_one_moment(gaps, 3)
    assert of_one_moment(gaps, 5) == [], "half of the others"
    assert of_one_moment(gaps[:1] * 9, 2) == of_one_moment(gaps[:1] * 9, 1) == []
    assert of_one_moment([gaps[0], ("silence", "VN", NOW)], 2) == []
    assert of_one_moment([gaps[0], ("gap", "VN", NOW + TOGETHER + 1)], 2) == []
    again = [(name, member, at + 99 * TOGETHER) for name, member, at in gaps]
    assert [each.since for each in of_one_moment([*again, *gaps], 2)] == [NOW, NOW + 99 * TOGETHER]
    own = PassedOver("hub", NOW, NOW, 1)
    assert with_moments([own], gaps, 2) == [own], "it is one cause"
    assert len(with_moments([own], again, 2)) == 2


def test_the_oldest_that_did_not_return_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(return_order, "REMEMBERED", 3)
    order = begun()
    for n in range(5):
        order.expect([f"a{n}"], NOW + n, 1)
    order.record_return(ONLY_HUB, "a4", NOW + 9)
    assert passed(order) == [PassedOver("hub", NOW + 2, NOW + 9, 2)]


def test_of_the_objects_sealed_before_the_start_the_newest_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(return_order, "REMEMBERED", 2)
    order = ReturnOrder(ONE_HUB)
    for n in range(3):
        order.expect([f"old{n}"], NOW, 1, [f"old{n}"])
    order.expect(["new"], NOW, 1)
    order.record_return(ONLY_HUB, "old2", NOW)
    assert order.passed_at_start is None
    order.record_return(ONLY_HUB, "new", NOW)
    assert order.passed_at_start == 0


def test_only_an_object_sealed_since_the_start_shows_that_the_hub_stores_ours() -> None:
    """An INBOX that was put back delivers what it had again, also objects that are published a second time."""
    order = ReturnOrder(ONE_HUB)
    order.expect(["old", "new"], NOW, 1, ["old"])
    assert not order.record_return(ONLY_HUB, "old", NOW)
    assert order.record_return(ONLY_HUB, "new", NOW)
    assert not order.record_return(ONLY_HUB, "new", NOW), "it was delivered again"
