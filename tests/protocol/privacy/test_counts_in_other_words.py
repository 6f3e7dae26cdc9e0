"""Counts behind a word for a number, how much more of one group than of another, and what only looks like a count."""

import pytest

from protocol.privacy.test_shares_and_ratios import of_table, texts
from protocol.privacy.test_texts import opinion
from protocol.privacy.trends import Values, trend
from suar.protocol.privacy.verdict import judge


def of_three(lang: str, text: str, female: int = 612, male: int = 381, other: int = 7) -> str:
    """The verdict of a table of 1,000 persons, of whom 381 men and 7 others are hidden, with a text."""
    values: Values = {("female",): female, ("male",): male, ("other",): other, ("total",): female + male + other}
    return judge(trend(values, ["sex"], text=texts(lang, text))).verdict


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "Male victims, number 37"), ("en", "Male victims (number 37)"), ("en", "Male victims (no. 37)"),
        ("en", "Men - number: 37"), ("en", "Sex: male, number: 37"), ("en", "Number: 37 (men)"),
        ("en", "males, total number 37"), ("en", "women: number 6"), ("en", "Women No. 6"),
        ("id", "Laki-laki no. 37"), ("ms", "lelaki no. 37"), ("pt", "homens nº: 37"), ("zh", "男性第37"),
        ("en", "37/2025 males"),
        ("en", "males 2025/37"),
        ("en", "6/2025 females"),
        ("id", "perempuan 2025/6"),
        ("en", "females: June: 6"), ("en", "women in May: 6"),
    ],
)  # fmt: skip
def test_a_count_behind_a_word_for_a_number_is_one_beside_a_word_for_persons(lang: str, text: str) -> None:
    assert of_table((6, 37), lang, text) in ("refuse", "hold"), text


@pytest.mark.parametrize(
    "text", ["Law No. 37 on reports", "See number 37 of the list.", "The act, no. 37, is in force."]
)
def test_a_reference_without_a_word_for_persons_is_none(text: str) -> None:
    assert of_table((6, 37), "en", text) == "pass"


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "60.6 % more women than men"), ("en", "60.63 per cent more women than men were found"),
        ("en", "women exceeded men by 60.6 per cent"), ("en", "37.7 % fewer men than women"),
        ("en", "men are 37.7 % below women"), ("zh", "女性比男性多60.6%"), ("zh", "男性比女性少37.7%"),
        ("id", "perempuan 60,6 % lebih banyak daripada laki-laki"), ("pt", "mais 60,6 % mulheres do que homens"),
        ("vi", "nữ nhiều hơn nam 60,6%"), ("th", "หญิงมากกว่าชายร้อยละ 60.6"),
        ("ms", "wanita 60.6% lebih ramai daripada lelaki"), ("fil", "mas marami ng 60.6% ang babae kaysa lalaki"),
    ],
)  # fmt: skip
def test_how_much_more_of_one_group_than_of_another_is_held(lang: str, text: str) -> None:
    """Beside a hidden 381 it tells them, and so the 7 others."""
    assert of_three(lang, text) in ("refuse", "hold"), text


def test_a_percentage_of_something_else_passes() -> None:
    assert of_three("en", "Funds are 41.3 % higher than in the plan.") == "pass"


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("vi", "Có 290 người năm 2023."), ("vi", "Số nạn nhân tăng từ 290 người năm 2023 lên 341 người năm 2024."),
        ("vi", "Nạn nhân năm 2024 tăng."), ("vi", "Nhiều người năm ngoái."), ("vi", "Các phụ nữ năm nay."),
    ],
)  # fmt: skip
def test_the_vietnamese_year_is_no_five(lang: str, text: str) -> None:
    values: Values = {("female",): 341, ("male",): 290, ("total",): 631}
    assert judge(trend(values, ["sex"], text=texts(lang, text))).verdict == "pass"


def test_the_vietnamese_five_is_one() -> None:
    assert of_table((37, 5), "vi", "Có năm nam giới.") == "refuse"


@pytest.mark.parametrize(
    ("lang", "text"),
    [("km", "ដើម្បីការពារ"), ("my", "ပွဲစားမှတစ်ဆင့်"), ("lo", "ເຂດສາມຫຼ່ຽມຄຳ"), ("th", "เขตสามเหลี่ยมทองคำ")],
)
def test_a_numeral_within_another_word_is_none(lang: str, text: str) -> None:
    values: Values = {("female",): 113, ("male",): 3, ("other",): 1, ("total",): 117}
    assert judge(trend(values, ["sex"], text=texts(lang, text))).verdict == "pass"


@pytest.mark.parametrize(
    "text",
    [
        "Hotline: 1300 88 1300", "Hotline 1300-88-1300", "hotline 1300881300", "talian hotline 1300-88-1234",
        "hotline 1-800-200-1234", "Toll-free 1800 200 1234", "Gọi tổng đài 1800 1567", "tổng đài 1800-1567",
        "hotline 1900 1234", "hotline 1300 881 300", "สายด่วน 1800-123-456",
    ],
)  # fmt: skip
def test_a_public_line_passes_in_any_grouping(text: str) -> None:
    assert opinion(text) == "pass"


@pytest.mark.parametrize("text", ["phone 13008813001", "hotline 13001234567", "mobile 18001234567"])
def test_a_mobile_number_that_begins_like_one_is_refused(text: str) -> None:
    assert opinion(text) == "refuse"


@pytest.mark.parametrize(
    "text",
    [
        "by age, 9-17", "by age, 9 to 17", "by age group: 9 / 17", "by age group, 9-17", "age split: 9/17",
        "age split 9-17", "age 9 : age 17",
    ],
)  # fmt: skip
def test_a_band_of_two_hidden_counts_is_held(text: str) -> None:
    values: Values = {("0-17",): 9, ("18+",): 17, ("total",): 26}
    assert judge(trend(values, ["age"], text=texts("en", text))).verdict in ("refuse", "hold")
    values = {("0-17",): 9, ("18+",): 170, ("total",): 179}
    assert judge(trend(values, ["age"], text=texts("en", text))).verdict == "pass"


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("pt", "Uma vítima pode ser contada duas vezes."), ("vi", "Một người có thể bị tính hai lần."),
        ("zh", "一名受害人可能被重复计算。"), ("id", "Satu korban dapat dihitung dua kali."),
    ],
)  # fmt: skip
def test_a_note_on_counting_twice_passes(lang: str, text: str) -> None:
    values: Values = {("female",): 341, ("male",): 290, ("total",): 631}
    assert judge(trend(values, ["sex"], text=texts(lang, text))).verdict == "pass"


@pytest.mark.parametrize("text", ["Bus 19 brings women to the border.", "KM 9 of the road", "Route 9 is used by them."])
def test_the_number_of_a_road_is_no_count(text: str) -> None:
    assert of_table((9, 19), "en", text) == "pass"
