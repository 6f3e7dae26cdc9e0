"""Tables of single bodies beside one another and beside the country's: a body is a part of the country."""

import random
from typing import Any

import pytest
from msgspec.structs import replace

from protocol.privacy.bodies import KINDS, facts_of, of_body
from protocol.privacy.finest_reader import Facts
from protocol.privacy.histories import TABLES, Ledger
from protocol.privacy.trends import trend
from suar.protocol.message.kinds import Trend
from suar.protocol.privacy.proof.cells import body_of
from suar.protocol.privacy.tables.others import opened, shown_numbers, subjects
from suar.protocol.privacy.verdict import judge

CHUNK = 25
CHUNKS = -(-TABLES // (CHUNK * 14))


def by_sex(body: str = "", **counts: int) -> Trend:
    """A table by sex, of one body or of the country."""
    more: dict[str, Any] = of_body(body) if body else {}
    return trend({(code,): count for code, count in counts.items()}, ["sex"], indicator="convicted", **more)


def published(*tables: Trend) -> list[list[int | None]]:
    """The values as they leave, one table after the other."""
    ledger = Ledger()
    left = [ledger.offer(table) for table in tables]
    assert None not in left
    return [[out.value for out in each.obs] for each in left if each]


@pytest.mark.parametrize("seed", range(CHUNKS))
@pytest.mark.parametrize("kind", KINDS)
def test_no_count_of_a_body_is_found_out(kind: str, seed: int) -> None:
    make, facts = KINDS[kind]
    offered = left = history = 0
    while offered < CHUNK:
        name = f"{kind} {seed} {history}"
        rng, history = random.Random(name), history + 1
        k = rng.choice([5, 10, 10])
        ledger = Ledger(facts)
        for table in make(rng, k):
            offered += 1
            left += ledger.offer(table, k) is not None
        ledger.facts = facts_of(ledger.seen, facts)
        found = ledger.leaks()
        assert not found, (name, found)
    assert left > offered / 2


def test_the_country_less_two_bodies_is_not_the_third() -> None:
    """84 less 50 and 30 would be the four that the third one hides."""
    police, labour, coast = by_sex("Police", total=50), by_sex("Labour", total=30), by_sex("Coast guard", total=4)
    assert published(police, labour, coast, by_sex(total=84)) == [[50], [30], [None], [None]]
    assert published(by_sex(total=84), police, labour, coast) == [[84], [50], [None], [None]]


def test_bodies_that_add_up_to_the_country_are_everybody() -> None:
    """The coast guard hides four, and to protect them 15 or the total: the country's males less the first body's 20
    would tell the 15, were there nobody else.
    """
    police, coast = by_sex("Police", female=30, male=20), by_sex("Coast guard", female=4, male=15, total=19)
    ledger = Ledger(Facts(bodies=("Police", "Coast guard")))
    assert all(ledger.offer(table) for table in (police, coast, by_sex(male=35), by_sex(female=34)))
    assert ledger.holds(10)


def test_two_bodies_and_the_country_are_no_editions_of_one_count() -> None:
    police, labour = by_sex("Police", female=70, male=50, total=120), by_sex("Labour", female=66, male=58, total=124)
    country = by_sex(female=200, male=190, total=390)
    assert published(police, labour, country) == [[70, 50, 120], [66, 58, 124], [200, 190, 390]]


def test_the_country_after_two_bodies_is_not_refused() -> None:
    first, second = by_sex("Police", male=30), by_sex("Labour", female=3, male=60, total=63)
    assert len(published(first, second, by_sex(male=90))) == 3


def test_the_same_figures_of_two_bodies_are_judged_apart() -> None:
    """A result that was kept for one of them is not taken for the other."""
    tables = [by_sex(name, female=30, male=40, total=70) for name in ("Police", "Labour", "")]
    found = [{sheet.body for sheet in judge(table).releases} for table in tables]
    assert found == [{"police"}, {"labour"}, {""}]


def test_a_body_has_one_name_however_it_is_written() -> None:
    assert body_of(by_sex("Royal  Thai Police", male=30)) == body_of(by_sex("royal Thai police", male=30))
    assert body_of(by_sex(male=30)) == ""


def test_another_members_number_is_compared_with_each_of_our_bodies() -> None:
    """What the police showed is no number of the coast guard, which hides four that another member shows."""
    ledger = Ledger()
    ledger.offer(by_sex("Police", male=50))
    table = by_sex("Coast guard", female=20, male=4, total=24)
    protected = ledger.offer(table)
    assert protected is not None
    others = shown_numbers(by_sex(male=4), subjects(table))
    leaving = replace(table, obs=protected.obs)
    assert [each.at for each in opened(table, leaving, ledger.released, others, 10)]
