"""Subdivisions in one another, the regions of Indonesia and the Philippines: a province is part of its region."""

import csv
import random
import re
from collections.abc import Mapping
from typing import Any

import pytest

from protocol.privacy.finest_places import OPEN, PROVINCES, REGION
from protocol.privacy.histories import Ledger
from protocol.privacy.trends import of
from suar.protocol.message.kinds import Trend
from suar.protocol.privacy.proof.cells import Cell, Sheet, cell_of, provinces_of, region_of, regions_of, sums
from suar.protocol.privacy.proof.population import Population
from suar.protocol.privacy.tables.coarser import coarsened
from suar.protocol.privacy.tables.differences import differences
from suar.protocol.privacy.tables.protecting import protect
from suar.published import schemas_dir

NUSA_TENGGARA = {"ID-NU": 38, "ID-BA": 16, "ID-NB": 18, "ID-NT": 4}
ILOCOS = {"PH-01": 52, "PH-ILN": 14, "PH-ILS": 15, "PH-LUN": 20, "PH-PAN": 3}


CORSICA = {"FR-20R": 44, "FR-2A": 40, "FR-2B": 4}
LIGURIA = {"IT-42": 56, "IT-GE": 19, "IT-IM": 17, "IT-SP": 16, "IT-SV": 4}
EXTREMADURA = {"ES-EX": 44, "ES-BA": 40, "ES-CC": 4}
SCOTLAND = {"GB-SCT": 60, "GB-EDH": 30, "GB-GLG": 26}
"""The other four are in the rest of Scotland."""


BY_LAW = [
    {"PH-10": 60, "PH-BUK": 18, "PH-MSC": 13, "PH-MSR": 10, "PH-LAN": 15, "PH-CAM": 4},
    {"PH-12": 50, "PH-NCO": 18, "PH-SCO": 13, "PH-SAR": 15, "PH-SUK": 4},
    {"PH-14": 71, "PH-LAS": 18, "PH-SLU": 11, "PH-TAW": 13, "PH-BAS": 15, "PH-MGN": 10, "PH-MGS": 4},
]
BY_OTHER_LISTS = [
    {"PH-12": 50, "PH-NCO": 18, "PH-LAN": 28, "PH-SUK": 4},
    {"PH-11": 74, "PH-COM": 13, "PH-DAO": 13, "PH-DAS": 13, "PH-DAV": 13, "PH-DVO": 10, "PH-SAR": 8, "PH-SCO": 4},
    {"PH-09": 50, "PH-ZAN": 18, "PH-ZAS": 28, "PH-BAS": 4},
    {"PH-09": 74, "PH-ZAN": 18, "PH-ZAS": 28, "PH-ZSI": 24, "PH-SLU": 4},
]


def by_place(counts: Mapping[str, int], **about: Any) -> Trend:
    """A table of the origins of victims in these subdivisions; without a code, in their country."""
    country = next(code for code in counts if code)[:2]
    obs = [
        {
            "period": "2025",
            "place": {"role": "origin", "country": country} | ({"admin1": code} if code else {}),
            "dims": {}, "value": count, "status": "A",
        }
        for code, count in counts.items()
    ]  # fmt: skip
    return of(obs, [], **about)


def shown(table: Trend) -> dict[str, int | None]:
    codes = (str(each.place.admin1) for each in table.obs)
    return dict(zip(codes, (each.value for each in protect(table, 10).obs), strict=True))


@pytest.mark.parametrize("counts", [NUSA_TENGGARA, ILOCOS, CORSICA, LIGURIA, EXTREMADURA, *BY_LAW, *BY_OTHER_LISTS])
def test_a_small_province_is_no_difference_of_its_region_and_the_others(counts: Mapping[str, int]) -> None:
    """ID-NU 38, ID-BA 16, ID-NB 18 and S: four."""
    left = shown(by_place(counts))
    region, *provinces = counts
    assert left[provinces[-1]] is None
    assert sum(value is None for value in left.values()) > 1
    assert left[region] is None or sum(left[province] is None for province in provinces) > 1


@pytest.mark.parametrize("counts", [NUSA_TENGGARA, ILOCOS, CORSICA, LIGURIA, EXTREMADURA])
@pytest.mark.parametrize("is_region_first", [True, False])
def test_nor_is_it_in_two_messages(counts: Mapping[str, int], is_region_first: bool) -> None:
    region, *provinces = counts
    tables = [by_place({region: counts[region]}), by_place({code: counts[code] for code in provinces})]
    ledger = Ledger()
    left = [ledger.offer(table) for table in (tables if is_region_first else tables[::-1])]
    values = {str(out.place.admin1): out.value for protected in left if protected is not None for out in protected.obs}
    hidden = [province for province in provinces if values.get(province) is None]
    assert values.get(region) is None or len(hidden) > 1


def test_few_in_the_rest_of_a_region_are_no_difference() -> None:
    assert None in shown(by_place(SCOTLAND)).values()
    assert None not in shown(by_place(SCOTLAND | {"GB-SCT": 70})).values()


@pytest.mark.parametrize(
    "counts",
    [
        {"FR-GES": 54, "FR-6AE": 50, "FR-88": 4},
        {"FR-6AE": 54, "FR-67": 50, "FR-68": 4},
        {"FR-GES": 54, "FR-67": 30, "FR-68": 20},
    ],
)
def test_a_region_in_a_region_gives_no_count_away(counts: Mapping[str, int]) -> None:
    """Alsace, which is two departments, is part of Grand Est."""
    assert list(shown(by_place(counts)).values()).count(None) >= (2 if 4 in counts.values() else 1)


def test_a_subdivision_without_a_region_is_part_of_both_divisions_of_its_country() -> None:
    regions = {"": 90, "BE-VLG": 40, "BE-WAL": 30, "BE-BRU": 20}
    assert differences(by_place(regions)) == ()
    assert {each.by for each in differences(by_place(regions | {"BE-BRU": 30}))} == {10}
    table = by_place(regions | {"BE-VAN": 40, "BE-WLG": 30})
    found = [{part.admin1 for part in each.parts} for each in sums(map(cell_of, table.obs)) if not each.parent.admin1]
    assert len(found) == 2
    assert {"BE-BRU", "BE-VAN", "BE-WLG"} in found
    assert {"BE-BRU", "BE-VLG", "BE-WAL"} in found


def test_every_row_of_the_table_is_of_one_country_and_has_a_source() -> None:
    with (schemas_dir() / "regions.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    regions, parts = [row["region"] for row in rows], [row["parts"].split() for row in rows]
    codes = [f"{region[:2]}-{code}" for region, inside in zip(regions, parts, strict=True) for code in inside]
    assert (len(rows), len({region[:2] for region in regions})) == (215, 30)
    assert len(set(regions)) == len(regions)
    assert len(set(codes)) == len(codes), "a subdivision lies in one region"
    assert all(re.fullmatch("[A-Z]{2}-[A-Z0-9]{1,3}", code) for code in regions + codes)
    assert all(row["source"] for row in rows)
    assert {len(regions_of(code)) for code in codes} == {1, 2}
    assert [code for code in codes if len(regions_of(code)) == 2] == ["FR-67", "FR-68"]


def test_regions_with_their_provinces_are_no_table_whose_numbers_differ() -> None:
    """Two of three regions of the Visayas with their provinces, and the country: 90 once, and not twice."""
    counts = {"": 90, "PH-06": 50, "PH-ILI": 30, "PH-AKL": 20, "PH-07": 40, "PH-CEB": 25, "PH-BOH": 15}
    assert differences(by_place(counts)) == ()
    assert {each.by for each in differences(by_place(counts | {"PH-CEB": 45}))} == {20}


def test_the_sums_of_a_table_have_a_region_over_its_provinces() -> None:
    table = by_place({"": 90, "PH-06": 50, "PH-ILI": 30, "PH-AKL": 20, "PH-07": 40})
    found = {each.parent.admin1: {part.admin1 for part in each.parts} for each in sums(map(cell_of, table.obs))}
    assert found["PH-06"] == {"PH-ILI", "PH-AKL"}
    assert {"PH-06", "PH-07"} in [
        {part.admin1 for part in each.parts} for each in sums(map(cell_of, table.obs)) if not each.parent.admin1
    ]


def test_a_port_named_in_its_region_lies_in_its_province_too() -> None:
    sheet = Sheet("actual|detected-victims|persons|detection|detection", "PH", "2025")
    cells = [Cell("2025", admin1, "PHILO", ()) for admin1 in ("PH-06", "PH-ILI")]
    for order in (cells, cells[::-1]):
        population = Population([(sheet, cell) for cell in order], "PH")
        paths = [dict(population.point(sheet, cell))["place detection"] for cell in cells]
        assert paths == [("PH-06", "PH-ILI", "PHILO")] * 2


def test_a_province_has_one_region_and_a_region_none() -> None:
    assert region_of("ID-BT") == "ID-JW"
    assert region_of("PH-NER") == "PH-07"
    assert (region_of("BD-61"), region_of("LK-82"), region_of("TH-S")) == ("BD-G", "LK-8", "TH-20")
    assert region_of("ID-JW") == region_of("TH-20") == region_of("PH-00") == ""


def test_the_gate_and_its_checker_have_the_same_list_from_two_hands() -> None:
    assert {code: region_of(code) for code in REGION} == REGION
    assert {region: set(provinces_of(region)) for region in PROVINCES} == {
        region: set() if region in OPEN else set(inside) for region, inside in PROVINCES.items()
    }


def placed(*rows: tuple[str, str, int], country: str = "LK") -> Trend:
    """A table of these subdivisions and ports: both may be empty."""
    obs = [
        {
            "period": "2025", "dims": {}, "value": count, "status": "A",
            "place": {"role": "origin", "country": country}
            | {name: code for name, code in (("admin1", admin1), ("locode", port)) if code},
        }
        for admin1, port, count in rows
    ]  # fmt: skip
    return of(obs, [])


def histories() -> dict[str, list[Trend]]:
    """Tables in their order that gave a count away."""
    return {
        "a city in its province": [
            placed(("TH-20", "", 12), country="TH"),
            placed(("TH-S", "THAAA", 10), ("TH-S", "THBBB", 2), country="TH"),
        ],
        "districts of Bangladesh": [
            placed(
                ("BD-G", "", 60),
                ("BD-20", "", 16),
                ("BD-38", "", 20),
                ("BD-60", "", 20),
                ("BD-61", "", 4),
                country="BD",
            )
        ],
        "districts of Sri Lanka": [placed(("LK-8", "", 25), ("LK-81", "", 22), ("LK-82", "", 3))],
        "all provinces of a region, each in a message": [
            placed(("ID-ML", "", 11), country="ID"),
            placed(("ID-MA", "", 4), country="ID"),
            placed(("ID-MU", "", 7), country="ID"),
        ],
        "a port with and without its province": [
            placed(("", "", 37), ("LK-1", "", 21)),
            placed(("LK-81", "", 0)),
            placed(("", "LKQAA", 12), ("LK-82", "LKQAA", 12)),
        ],
    }


@pytest.mark.parametrize("name", histories())
def test_a_reader_who_knows_which_places_lie_in_one_another_finds_out_no_count(name: str) -> None:
    ledger = Ledger()
    published = [ledger.offer(table) is not None for table in histories()[name]]
    assert any(published)
    assert ledger.holds()


def test_a_port_beside_subdivisions_is_no_table_whose_numbers_differ() -> None:
    assert differences(placed(("", "", 60), ("LK-11", "", 40), ("LK-12", "", 20), ("", "LKQAA", 30))) == ()
    assert differences(placed(("LK-1", "", 60), ("LK-11", "", 40), ("LK-1", "LKQAA", 30))) == ()
    assert differences(placed(("LK-1", "", 20), ("LK-1", "LKQAA", 30))) != ()


def test_provinces_and_their_region_are_one_number_of_the_country() -> None:
    """PH-01 52 and its provinces, PH-07 30: 82, not 134; and the country's only where the table says so."""
    parts = ILOCOS | {"PH-07": 30}
    assert coarsened(by_place(parts).obs, (), 10, "country", "") is None, "two regions are no country"
    found = coarsened(by_place(parts | {"": 82}).obs, (), 10, "country", "")
    assert found is not None
    assert [item.value for item in found[0]] == [82]
    assert coarsened(placed(("", "LKQAA", 12), ("LK-82", "", 14)).obs, (), 10, "country", "") is None


@pytest.mark.parametrize(
    ("region", "province"),
    [
        ("PH-14", "PH-BAS"), ("PH-09", "PH-BAS"), ("PH-10", "PH-LAN"), ("PH-12", "PH-LAN"), ("PH-12", "PH-SAR"),
        ("PH-11", "PH-SAR"), ("PH-12", "PH-SCO"), ("PH-11", "PH-SCO"), ("PH-14", "PH-SLU"), ("PH-09", "PH-SLU"),
    ],
)  # fmt: skip
def test_a_province_that_lists_have_in_two_regions_is_protected_in_both(region: str, province: str) -> None:
    """30 in the region and 26 in the province would leave four in the rest of it."""
    assert list(shown(by_place({region: 30, province: 26})).values()).count(None) == 1
    assert None not in shown(by_place({"PH-05": 30, province: 26})).values(), "of another region it is no part"


def test_what_contradicts_one_list_leaves_by_the_others() -> None:
    assert None not in shown(by_place({"PH-12": 20, "PH-SAR": 36})).values()


def everything_of_the_philippines(seed: int) -> dict[str, int]:
    """All regions and their provinces, by law, and the country."""
    rng, found = random.Random(seed), dict[str, int]()
    for region in (region for region in PROVINCES if region.startswith("PH")):
        inside = {province: 0 if rng.random() < 0.2 else int(rng.expovariate(1 / 20)) for province in PROVINCES[region]}
        found |= {region: sum(inside.values())} | inside
    return {"": sum(count for region, count in found.items() if region in PROVINCES)} | found


@pytest.mark.parametrize("seed", range(3))
def test_a_complete_table_by_one_list_leaves_although_it_contradicts_the_others(seed: int) -> None:
    """PH-09 and its provinces are 23 each; with PH-BAS, which another list has there, they would be 47."""
    counts = everything_of_the_philippines(seed)
    assert Ledger().offer(by_place(counts)) is not None
    ledger, provinces = Ledger(), {code: count for code, count in counts.items() if code in REGION}
    outer = {code: count for code, count in counts.items() if code not in REGION}
    assert all(ledger.offer(by_place(each)) is not None for each in (outer, provinces))


def test_nobody_in_a_moved_province_is_no_count_that_follows() -> None:
    """By one list PH-SLU is in PH-09, whose provinces by the law are all of its 62."""
    ledger = Ledger()
    assert ledger.offer(by_place({"PH-09": 62, "PH-ZAN": 7, "PH-ZAS": 52, "PH-ZSI": 3, "PH-SLU": 0})) is not None
    assert ledger.holds()
