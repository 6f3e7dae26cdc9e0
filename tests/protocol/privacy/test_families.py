"""The table of linked series: complete, without circles; and what is one family by it."""

import itertools

import pytest

from protocol.privacy.trends import of
from suar.protocol.base import codelists
from suar.protocol.privacy.proof import families
from suar.protocol.privacy.proof.cells import Sheet
from suar.protocol.privacy.tables import protecting as tables
from suar.published import schemas_dir


def series(indicator: str, unit: str = "persons", basis: str = "detection", realm: str = "actual") -> str:
    return f"{realm}|{indicator}|{unit}|{basis}|detection"


def test_each_indicator_in_each_unit_is_in_the_table_once_with_its_reason() -> None:
    rows = families.rows()
    text = (schemas_dir() / "linked-series.csv").read_text(encoding="utf-8")
    assert text.splitlines()[0] == "indicator,unit,date_basis,group,part,reason"
    pairs = [(row.indicator, row.unit) for row in rows if row.date_basis == families.ANY]
    assert sorted(pairs) == sorted(itertools.product(codelists.codes("trend-indicator"), codelists.codes("unit")))
    assert {row.date_basis for row in rows} <= {families.ANY, *codelists.codes("date-basis")}
    assert len({row[:3] for row in rows}) == len(rows)
    assert all(row.reason and row.group for row in rows)


def test_what_a_series_is_part_of_is_of_its_group_and_never_itself() -> None:
    named = {row.name: row for row in families.rows()}
    for row in families.rows():
        seen = {row.name}
        at = row
        while at.part:
            assert at.part not in seen
            assert named[at.part].group == row.group
            seen.add(at.part)
            at = named[at.part]


def chain(named: str) -> tuple[str, ...]:
    return families.chain(Sheet(named, "TH", "2026"))


def test_the_same_people_by_another_date_are_the_same_count() -> None:
    assert chain(series("detected-victims")) == chain(series("detected-victims", basis="registration"))
    assert chain(series("repatriated")) == ("repatriated/persons",)


@pytest.mark.parametrize(
    ("part", "whole"),
    [
        (series("detected-victims"), series("presumed-victims")),
        (series("detected-victims", "cases"), series("detected-victims")),
        (series("detected-victims", "cases", "registration"), series("presumed-victims")),
        (series("hotline-contacts"), series("hotline-contacts", "contacts")),
    ],
)
def test_a_part_is_never_more_than_its_whole(part: str, whole: str) -> None:
    assert chain(part)[: len(chain(whole))] == chain(whole)
    assert len(chain(part)) > len(chain(whole))


def test_of_others_nothing_is_known() -> None:
    assert not set(chain(series("convicted"))) & set(chain(series("prosecuted")))  # one family, other years
    assert not set(chain(series("repatriated"))) & set(chain(series("detected-victims")))


def test_a_family_is_a_group_of_people_in_a_year() -> None:
    base = Sheet(series("detected-victims"), "TH", "2026")
    name = families.family_of(base)
    alike = [
        Sheet(series("presumed-victims", "cases", "registration"), "TH", "2026"), base._replace(country="MM"),
        base._replace(series="actual|detected-victims|persons|detection|origin"),
    ]  # fmt: skip
    assert {families.family_of(each) for each in alike} == {name}
    others = [
        base._replace(year="2027"), base._replace(series=series("repatriated")),
        base._replace(series=series("detected-victims", realm="exercise")),
    ]  # fmt: skip
    assert len({name, *map(families.family_of, others)}) == 4


def test_the_families_of_a_trend_are_those_of_its_observations() -> None:
    obs = [
        {"period": period, "place": {"role": role, "country": "TH"}, "dims": {}, "value": 40, "status": "A"}
        for period, role in (("2026", "detection"), ("2026-Q1", "return"), ("2025", "detection"))
    ]
    assert tables.families(of(obs, [])) == ["actual|victims|2026", "actual|victims|2025"]
