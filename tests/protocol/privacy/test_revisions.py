"""When a released figure may change: the first two weeks of a quarter; and which figures of a table do."""

from datetime import UTC, date, datetime

import pytest
from msgspec.structs import replace

from protocol.privacy.trends import trend
from suar.protocol.message.kinds import Trend
from suar.protocol.privacy.proof.cells import cell_of, sheet_of
from suar.protocol.privacy.proof.ledger import SHOWN, SUPPRESSED, Fact, Release, Released
from suar.protocol.privacy.tables import revisions


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


@pytest.mark.parametrize(
    ("when", "is_open"),
    [
        ("2026-12-31T23:59:59", False),
        ("2027-01-01T00:00:00", True),
        ("2027-01-14T23:59:59", True),
        ("2027-01-15T00:00:00", False),
        ("2027-02-03T12:00:00", False),
        ("2027-04-01T00:00:00", True),
        ("2027-07-14T23:59:59", True),
        ("2027-10-15T00:00:00", False),
    ],
)
def test_revisions_leave_in_the_first_two_weeks_of_a_quarter(when: str, is_open: bool) -> None:
    assert revisions.is_open(at(when)) == is_open


@pytest.mark.parametrize(
    ("when", "first", "last"),
    [
        ("2027-01-15T00:00:00", date(2027, 4, 1), date(2027, 4, 14)),
        ("2027-03-31T23:59:59", date(2027, 4, 1), date(2027, 4, 14)),
        ("2027-09-30T12:00:00", date(2027, 10, 1), date(2027, 10, 14)),
        ("2027-10-15T00:00:00", date(2028, 1, 1), date(2028, 1, 14)),
        ("2027-12-31T23:59:59", date(2028, 1, 1), date(2028, 1, 14)),
    ],
)
def test_the_next_time_is_stated(when: str, first: date, last: date) -> None:
    assert revisions.next_open(at(when)) == (first, last)


def released(*steps: tuple[Trend, str]) -> Released:
    found: Released = {}
    for n, (each, mark) in enumerate(steps, 1):
        facts = tuple(Fact(cell_of(item), item.value, mark) for item in each.obs)
        found.setdefault(sheet_of(each, each.obs[0]), []).append(Release(10, True, facts, n))
    return found


def figures(**counts: int | None) -> Trend:
    return trend({(code,): value for code, value in counts.items()}, ["sex"])


def test_a_shown_figure_that_changes_is_found() -> None:
    before = released((figures(female=40, male=50), SHOWN))
    assert list(revisions.changed(figures(female=40, male=60, total=100), before)) == [1]
    assert list(revisions.changed(figures(female=40, male=50, total=90), before)) == []


def test_it_is_compared_with_what_was_shown_last() -> None:
    before = released((figures(female=40), SHOWN), (figures(female=60), SHOWN), (figures(female=80), SUPPRESSED))
    assert list(revisions.changed(figures(female=60), before)) == []
    assert list(revisions.changed(figures(female=80), before)) == [0]
    assert list(revisions.changed(figures(female=40), before)) == [0]


def test_what_was_never_shown_and_what_shows_no_figure_changes_nothing() -> None:
    before = released((figures(female=4), SUPPRESSED), (figures(male=50), SHOWN))
    assert list(revisions.changed(figures(female=70, male=None), before)) == []


def test_what_few_were_shown_is_a_change_for_all_others() -> None:
    """100 for all, 120 for few: 120 for all is a revision on another day, though few had it; for few it is none."""
    first = replace(figures(female=100), id="TH-TREND-2026-000001")
    few = replace(figures(female=120), id="TH-TREND-2026-000002", tlp="AMBER")
    again = replace(figures(female=120), id="TH-TREND-2026-000003")
    assert revisions.changes_in_force(again, [first, few]) == ((0, (first.id,)),)
    assert revisions.changes_in_force(replace(again, tlp="AMBER"), [first, few]) == ()
    assert revisions.changes_in_force(again, [first, replace(few, tlp="GREEN")]) == ()
