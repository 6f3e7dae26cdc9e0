"""Numbers in a row that are no telephone: hours, counting, rates, ages, cases, treaties, codes. No telephone is one."""

import random
from collections.abc import Iterator

import phonenumbers
import pytest

from protocol.privacy.test_texts import opinion
from suar.protocol.message.spec import CITATION
from suar.protocol.privacy.identifiers import forms, number_series, parted, telephones
from suar.protocol.privacy.identifiers.number_runs import Run
from suar.protocol.privacy.identifiers.number_series import Standing
from suar.protocol.privacy.verdict import marks


@pytest.mark.parametrize(
    "text",
    [
        "Order No. 081/2567 replaces order No. 234/2565.",
        "Numbers per 100,000: 0.12/0.34/0.56/0.78.",
        "Age bands 0-8/9-17/18-20/21-23/24-26/27-29.",
        "Ages 0-8/9-17/18-24/25 and over.",
        "Q1/Q2/Q3/Q4: 300/320/340/340",
        "0-1-2-3-4-5-6-7-8-9 scale",
        "01/120 02/130 03/125",
        "Open 08:30-12:00/13:00-17:30 on working days.",
        "Flight times 06:15/09:40/13:05/17:30.",
        "Bus 08.15–12.45, 13.15–17.45.",
        "เปิด 08.30-12.00/13.00-16.30",
        "Buka pukul 08.00-12.00/13.00-16.00",
        "Trains at 0815/0915/1015/1115.",
        "Trains at 0815-0915-1015-1115",
        "CPC 03.11–03.12 and NACE A03.1.",
        "UNTS 2237, 319; UNTS 2225-209.",
        "Decree 0812/2015/QD-TTg",
        "คำสั่งที่ 081/2567→234/2565",
        "HS codes 0301.11 0302.13 0303.14",
        "tariff lines 0301.11 0302.13 0303.14",
        "พิกัด 0301.11 0302.13 0303.14",
        "mã HS 0301.11 0302.13 0303.14",
        "2019 1120 2020 1230 2021 1340",
        "Call the hotline 1300-22-8200",
    ],
)
def test_a_series_with_its_word_passes(text: str) -> None:
    assert opinion(text) == "pass"


@pytest.mark.parametrize(
    "text",
    [
        "ISIC 0311/0312/0321/1020/1410.",
        "Monthly calls: 012 | 015 | 011 | 019.",
        "Trains 0815 → 0915 → 1015",
        "Decree 0812/2345/QD-TTg",
        "Nos. 0123/0456/0789/2021",
        "U.S.C. 22/7101-7114",
        "0.12/0.34/0.56/0.78",
        "08.15–12.45",
        "Bus 01.22–05.23",
        "Open 01:24-11:14",
        "0-8/9-17/18-20/21-23/24-26/27-29",
        "Rates 0.81/2.34/5.67",
        "Trains 0812/1345/1530",
        "Index 0.8 1.2 3.4 5.6 7.8",
        "Index 0.8 1.25 3.4 5.6",
        "ดัชนี 0.8 1.2 3.4 5.6 7.8",
        "Rates per 100,000: 0.8 1.2 3.4 5.6 7.8",
        "0301.11 0302.13 0303.14",
        "HS 0301.11 0302.13",
        "screened 8123-8500 per month",
        "Diperiksa 8123-8500 orang sebulan",
        "คัดกรอง 8123-8500 รายต่อเดือน",
        "1300-22-8200",
        "1800 22 8200",
        "SITC 034.11 035.12",
        "ISIC 0311 0312 0321",
        "ISCED 011 021 031",
        "0 120 340 560",
        "0 - 12 - 340 - 560",
    ],
)
def test_what_may_be_a_telephone_as_well_is_held(text: str) -> None:
    assert opinion(text) == "hold"


def test_in_a_citation_it_is_the_same() -> None:
    for text in ("Decree 0812/2345/QD-TTg", "Nos. 0123/0456/0789/2021", "U.S.C. 22/7101-7114"):
        leads, _ = marks(CITATION, text)
        assert leads
        assert not any(lead.is_sure for lead in leads)


@pytest.mark.parametrize(
    "text",
    [
        "Call 08.15–12.45.34",
        "Hours: call 0812/1345/1530",
        "Call 0-1-2-3-4-5-6-7-8-9",
        "Hours 08.12–34.56.78",
        "Hours 081-234-5678",
        "Trains 0812/3456/7890",
        "Ages 08/12-34/5678",
        "Rates 081.234.5678",
        "Tel/Fax/Mobile: 0812/345/678",
        "No. 081-234-2019",
        "Order 02-123-2010",
        "Call 0.8 1.2 3.4 5.6 7.8",
        "HS code: call 0301.11 0302.13",
        "0 81 234 5678",
        "0 12 345 678",
        "HS 081.23.45.678",
        "Index 08.12 34.56 78",
    ],
)
def test_a_telephone_in_the_shape_of_a_series_is_refused(text: str) -> None:
    assert opinion(text) == "refuse"


REGIONS = ("TH", "VN", "MM", "KH", "LA", "MY", "SG", "ID", "PH", "BN", "TL")
KINDS = (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE)


def numbers(region: str) -> Iterator[str]:
    """The digits of telephones of a state as they are dialled there: the examples of its plan and others like them."""
    rng = random.Random(region)
    for kind in KINDS:
        example = phonenumbers.example_number_for_type(region, kind)
        digits = str(example.national_number) if example else ""
        for _ in range(12) if digits else ():
            other = phonenumbers.parse(digits[:-5] + "".join(rng.choices("0123456789", k=5)), region)
            if phonenumbers.is_valid_number(other):
                written = phonenumbers.format_number(other, phonenumbers.PhoneNumberFormat.NATIONAL)
                yield "".join(filter(str.isdigit, written))


def in_groups(digits: str, sizes: list[int], signs: str) -> str:
    """Digits in groups of these sizes, in turn, with these signs between them, in turn; all digits are written."""
    written, at, turn = "", 0, 0
    while at < len(digits):
        size = sizes[turn % len(sizes)]
        written += (signs[(turn - 1) % len(signs)] if at else "") + digits[at : at + size]
        at, turn = at + size, turn + 1
    return written


SHAPES = [
    ("Bus", [2], ".–"),
    ("Open", [2], ":-"),
    ("Open", [2], ":-:/"),
    ("Trains at", [4], "/"),
    ("Trains at", [4], "-"),
    ("Rates", [1, 2], "./"),
    ("Rates per head", [2], "./"),
    ("Age bands", [1, 1, 1, 2, 2, 2], "-/"),
    ("Ages", [2], "-/"),
    ("Order No.", [3, 4], "/"),
    ("Order No.", [6, 4], "/"),
    ("ISIC", [4], "/"),
    ("CPC", [2], ".–"),
    ("Title", [2, 4], "/-"),
    ("Q1/Q2/Q3:", [3, 3, 4], "/"),
    ("Q1/Q2/Q3/Q4:", [3], "/"),
    ("By month", [2, 3], "/ "),
    ("Scale", [1], "-"),
    ("Index", [1], ". "),
    ("HS", [4, 2], ". "),
    ("SITC", [3, 2], ". "),
    ("ISIC", [4], " "),
    ("Rows", [1, 3], " "),
]


def is_no_series(_: str, __: Run, *, is_announced: bool) -> Standing:
    return Standing.TELEPHONE


def nowhere(_: str, __: int, ___: int, *, is_announced: bool) -> Standing:
    return Standing.TELEPHONE


@pytest.mark.parametrize("region", REGIONS)
def test_no_telephone_of_a_state_passes_in_the_shape_of_a_series(region: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the gate finds without any exemption, it finds with them."""
    texts = [f"{word} {in_groups(digits, sizes, signs)}" for digits in numbers(region) for word, sizes, signs in SHAPES]
    passed = [text for text in texts if opinion(text) == "pass"]
    assert len(texts) > 10 * len(SHAPES)
    for module in (forms, telephones):
        monkeypatch.setattr(module, "standing_at", nowhere)
    monkeypatch.setattr(parted, "standing", is_no_series)
    for cache in (forms.in_parts, telephones.telephones):
        cache.cache_clear()
    found = {text for text in texts if opinion(text) != "pass"}
    assert len(found) > len(texts) / 3
    assert [text for text in passed if text in found] == []


def test_each_telephone_of_a_state_is_found_behind_a_word_for_a_call() -> None:
    for region in REGIONS:
        for digits in numbers(region):
            for sizes, signs in (([2], "."), ([3, 3, 4], "-")):
                text = f"Bus times: call {in_groups(digits, sizes, signs)}"
                assert opinion(text) == "refuse", text


def test_a_series_is_as_long_as_is_looked_at() -> None:
    groups = [str(at) for at in range(100, 200)]
    run = Run(groups, ["", *["→"] * 99], [(4 * at, 4 * at + 3) for at in range(100)])
    text = "→".join(groups)
    assert number_series.standing(text, run, is_announced=False) is Standing.TELEPHONE
    assert number_series.standing(text, run.part(0, 60), is_announced=False) is Standing.SERIES
    assert number_series.standing(text, run.part(0, 60), is_announced=True) is Standing.TELEPHONE
