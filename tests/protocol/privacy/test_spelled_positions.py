"""A position is refused in every spelling: the decimal sign, the order, the hemispheres, words before, and minutes."""

from itertools import product

import pytest

from protocol.privacy.test_texts import opinion

POINT, COMMA = ("13.7563", "100.5018"), ("13,7563", "100,5018")
PLACES = [
    "N {0} E {1}",
    "N{0} E{1}",
    "{0}N {1}E",
    "{0} N, {1} E",
    "{1}E,{0}N",
    "{0}°N {1}°E",
    "{0} LS, {1} BT",
    "E {1} / N {0}",
]
WORDS = [
    "Latitude: {0} / Longitude: {1}",
    "Lat. {0} Long. {1}",
    "lat {0} lon {1}",
    "vĩ độ {0} kinh độ {1}",
    "toạ độ: {0}; {1}",
    "ละติจูด {0} ลองจิจูด {1}",
    "พิกัด {0} {1}",
    "纬度{0} 经度{1}",
    "坐标：{0}；{1}",
    "lintang {0} bujur {1}",
    "coordenadas {0}; {1}",
    "The GPS of the house is {0} {1}.",
]  # fmt: skip


@pytest.mark.parametrize("form", [*PLACES, *WORDS, "{0} {1}", "POINT({1} {0})", "{0} x {1}"])
def test_a_pair_of_decimals_is_a_position_with_a_point_or_a_comma(form: str) -> None:
    pairs = (POINT,) if form == "{0} x {1}" else (POINT, COMMA)
    for pair, (before, behind) in product(pairs, [("", ""), ("The house is at ", "."), ("(", ")")]):
        text = f"{before}{form.format(*pair)}{behind}"
        assert opinion(text) == "refuse", text


@pytest.mark.parametrize(
    "text",
    [
        "x=100.5018 y=13.7563", "8,5586 S 125,5736 E", "6.2088 LS, 106.8456 BT", "东经100.50度 北纬13.75度",
        "东经100.5018度",
        "13 45.378 N 100 30.108 E", "13-45-23N 100-30-06E", "8 deg 33 min S, 125 deg 34 min E",
        "UTM zone 47N, 661234 E, 1521234 N", "พิกัด 47P 661234 1521234",
    ],
)  # fmt: skip
def test_so_is_one_in_minutes_or_in_a_zone(text: str) -> None:
    assert opinion(text) == "refuse"


@pytest.mark.parametrize(
    "text",
    [
        "The route is long. 13.75 km of it are by sea.",
        "A road 13.75 km long, 100.50 m wide at one place.",
        "Rates were 0.12, 0.34 and 0.56 per 1,000.",
        "Referrals rose from 12,500 to 13,750 in 2025.",
        "The index is 1.2345 and 2.3456 in both years.",
        "About 12.50 of the north and 3.20 of the east are at sea.",
        "Ages 12-17 S 18-24 W in the table.",
        "Prices are 1.250 E and 3.100 S in the list.",
        "Workshops 12-18 East of the river, 20-30 North of it.",
        "GPS units cost 13.75 dollars each.",
        "Lattice towers of 13.75 m stand there.",
    ],
)
def test_other_decimals_are_none(text: str) -> None:
    assert opinion(text) == "pass"
