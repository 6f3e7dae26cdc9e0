"""What two hubs brought, compared: a hub that passes over an object is told from one that is behind or away."""

import random

import pytest

from suar.protocol.base.link_names import ONE_HUB, TWO_HUBS, HubLink
from suar.service.pacing.hub_comparison import (
    KEPT,
    LOSSES,
    LOST_MAX,
    PATIENCE,
    REMEMBERED,
    SETTLING,
    HubComparison,
    Withheld,
    name_of,
)

A, B = TWO_HUBS


class Compared:
    """A comparison whose clock the test moves, and whose store takes each object the first time."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.stored: set[str] = set()
        self.restart()

    def receive(self, link: HubLink, *ids: str, origin: str = "TH") -> None:
        for id_ in ids:
            self.hubs.record_delivery(link, id_)
        for id_ in ids:
            self.hubs.record_judged(link, origin, id_, is_new=id_ not in self.stored)
            self.stored.add(id_)

    def restart(self) -> None:
        """What was brought before is known to the store alone."""
        self.hubs = HubComparison(TWO_HUBS, lambda: self.now)
        for link in TWO_HUBS:
            self.hubs.set_standing(link, is_standing=True)


@pytest.fixture
def two() -> Compared:
    return Compared()


def test_what_both_brought_is_withheld_by_none(two: Compared) -> None:
    two.receive(A, "1", "2")
    two.receive(B, "1", "2", "3")
    two.receive(A, "3")
    two.now += PATIENCE
    assert two.hubs.withheld() == ()


def test_a_hub_that_passes_over_one_is_named_after_a_minute(two: Compared) -> None:
    two.receive(A, "1", "2", "3")
    two.receive(B, "1", "3")
    two.now += PATIENCE - 1
    assert two.hubs.withheld() == ()
    two.now += 1
    assert two.hubs.withheld() == (Withheld(B, "TH", 1, 0, "2"),)


def test_also_if_it_is_always_the_faster_one(two: Compared) -> None:
    """What it brought after it came before the other hub brought either."""
    two.receive(B, "1", "3")
    two.receive(A, "1", "2", "3")
    two.now += PATIENCE
    assert two.hubs.withheld() == (Withheld(B, "TH", 1, 0, "2"),)


def test_a_hub_that_brought_nothing_after_it_is_only_behind(two: Compared) -> None:
    """That member may have no link to it."""
    two.receive(A, "1", "2", "3")
    two.receive(B, "1")
    two.receive(B, "x", origin="VN")
    two.now += PATIENCE
    assert two.hubs.withheld() == (Withheld(A, "VN", 0, 1, "x"), Withheld(B, "TH", 0, 2, "2"))


def test_what_comes_late_is_not_withheld(two: Compared) -> None:
    two.receive(A, "1", "2", "3")
    two.receive(B, "1", "3")
    two.now += PATIENCE
    two.receive(B, "2")
    assert two.hubs.withheld() == ()


def test_what_was_fetched_and_is_not_judged_yet_is_not_missing(two: Compared) -> None:
    """A link fetches ahead while its batch before is judged."""
    two.receive(A, "1", "2")
    two.now += PATIENCE
    for id_ in ("1", "2", "3"):
        two.hubs.record_delivery(B, id_)
    two.receive(A, "3")
    assert two.hubs.withheld() == ()


def test_a_hub_that_was_away_owes_nothing_of_that_time(two: Compared) -> None:
    two.receive(A, "1")
    two.receive(B, "1")
    two.hubs.set_standing(B, is_standing=False)
    two.receive(A, "2")
    two.hubs.set_standing(B, is_standing=True)
    two.now += SETTLING - 1
    two.receive(A, "3")
    two.receive(B, "4")
    two.now += 2 * PATIENCE
    assert two.hubs.withheld() == (Withheld(A, "TH", 0, 1, "4"),)
    two.receive(A, "4", "5")
    two.receive(B, "6")
    two.receive(A, "6")
    two.now += PATIENCE
    assert two.hubs.withheld() == (Withheld(B, "TH", 1, 0, "5"),)


def test_a_short_pause_ends_no_debt(two: Compared) -> None:
    """A hub that stops itself for five seconds a minute would otherwise withhold what it likes."""
    two.receive(A, "1", "2", "3")
    two.receive(B, "1", "3")
    for _ in range(3):
        two.now += 55
        two.hubs.set_standing(B, is_standing=False)
        two.now += 5
        two.hubs.set_standing(B, is_standing=True)
    assert two.hubs.withheld() == (Withheld(B, "TH", 1, 0, "2"),)
    assert (two.hubs.losses(A), two.hubs.losses(B)) == (0, 3)


def test_the_time_of_a_line_is_paused_while_it_is_down_and_a_while_after(two: Compared) -> None:
    two.receive(A, "1", "2", "3")
    two.receive(B, "1", "3")
    two.now += PATIENCE - 2
    two.hubs.set_standing(B, is_standing=False)
    two.now += 600
    assert two.hubs.withheld() == ()
    two.hubs.set_standing(B, is_standing=True)
    two.now += SETTLING + 1
    assert two.hubs.withheld() == ()
    two.now += 1
    assert two.hubs.withheld() == (Withheld(B, "TH", 1, 0, "2"),)


def test_outages_are_counted_for_an_hour_and_bounded(two: Compared) -> None:
    for _ in range(LOST_MAX + 5):
        two.hubs.set_standing(B, is_standing=False)
        two.hubs.set_standing(B, is_standing=True)
    assert two.hubs.losses(B) == LOST_MAX
    two.now += LOSSES
    assert two.hubs.losses(B) == 0


def test_the_same_bytes_under_another_subject_are_another_object() -> None:
    assert name_of("tip.v1.th.a.frame.all.1", b"x") != name_of("tip.v1.vn.a.frame.all.1", b"x")


def test_nothing_of_before_a_start_is_owed(two: Compared) -> None:
    """B brought them, then the process ended; A brings them after, and they are known."""
    two.receive(B, "1", "2", "3")
    two.restart()
    two.receive(A, "1", "2", "3", "4")
    two.receive(B, "4")
    two.now += PATIENCE
    assert two.hubs.withheld() == ()


def test_an_object_that_one_brought_and_the_store_refused_at_first_is_not_owed(two: Compared) -> None:
    two.hubs.record_delivery(B, "1")  # refused: what it depends on came later
    two.receive(A, "1")
    two.receive(B, "2")
    two.receive(A, "2")
    two.now += PATIENCE
    assert two.hubs.withheld() == ()


def test_the_first_time_is_distinguished_from_a_repetition_on_each_line(two: Compared) -> None:
    assert two.hubs.record_delivery(A, "1")
    assert two.hubs.record_delivery(B, "1")
    assert not two.hubs.record_delivery(A, "1")
    assert not two.hubs.record_delivery(B, "1")


def test_it_is_reported_for_a_day(two: Compared) -> None:
    two.receive(A, "1", "2")
    two.receive(B, "2")
    two.now += KEPT
    assert two.hubs.withheld() != ()
    two.now += 1
    assert two.hubs.withheld() == ()


def test_what_is_remembered_is_bounded(two: Compared) -> None:
    """Of ids that one link brought, and of those that the other lacks."""
    two.receive(A, *(str(n) for n in range(REMEMBERED + 5)))
    two.now += PATIENCE
    assert two.hubs.withheld() == (Withheld(B, "TH", 0, REMEMBERED, "0"),)
    assert two.hubs.record_delivery(A, "0")  # long ago
    assert not two.hubs.record_delivery(A, str(REMEMBERED + 4))


def test_one_hub_is_compared_with_nothing() -> None:
    alone = HubComparison(ONE_HUB)
    alone.set_standing(ONE_HUB[0], is_standing=True)
    assert not alone.is_on
    assert not alone.record_delivery(ONE_HUB[0], "1")
    alone.record_judged(ONE_HUB[0], "TH", "1", is_new=True)
    assert alone.withheld() == ()


@pytest.mark.parametrize("seed", range(60))
def test_in_any_order_exactly_what_was_passed_over_is_found(seed: int) -> None:
    """Two links, each in order, one of which leaves out some: never the other one, never another object."""
    rng = random.Random(seed)
    two = Compared()
    objects = [f"{n}" for n in range(40)]
    left_out = set(rng.sample(objects[:-1], rng.choice([0, 1, 5])))
    rest = {A: list(objects), B: [each for each in objects if each not in left_out]}
    while rest[A] or rest[B]:
        link = rng.choice([link for link, left in rest.items() if left])
        some = rng.randint(1, 6)
        two.receive(link, *rest[link][:some])
        del rest[link][:some]
    two.now += PATIENCE
    found = two.hubs.withheld()
    assert [(each.link, each.skipped, each.behind) for each in found] == [(B, len(left_out), 0)] * bool(left_out)


def test_a_standing_line_that_brings_nothing_at_all_is_silent(two: Compared) -> None:
    """As where the hub's consumer gives us nothing: the source is active all the same."""
    two.receive(A, "1", "2")
    two.receive(B, "1", "2")
    two.now += 10
    two.receive(A, "3")
    two.now += 5
    two.receive(A, "4", origin="VN")
    two.now += PATIENCE - 6
    assert two.hubs.silent_for(B) is None
    two.now += 1
    assert (two.hubs.silent_for(A), two.hubs.silent_for(B)) == (None, PATIENCE)
    two.receive(B, "4", origin="VN")
    assert two.hubs.silent_for(B) is None, "it left one out, which is told by name"


def test_a_line_that_is_down_is_not_silent(two: Compared) -> None:
    two.hubs.set_standing(B, is_standing=False)
    two.receive(A, "1")
    two.now += PATIENCE
    assert two.hubs.silent_for(B) is None


def test_the_only_line_is_compared_with_nothing() -> None:
    hubs = HubComparison(ONE_HUB)
    assert hubs.silent_for(ONE_HUB[0]) is None
