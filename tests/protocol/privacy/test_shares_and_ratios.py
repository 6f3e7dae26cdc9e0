"""Shares with any number of decimals, ratios and fractions, and words that tell a count without a number."""

from itertools import product
from typing import Any

import pytest

from protocol.privacy.trends import of, trend
from suar.protocol.message.kinds import Trend
from suar.protocol.privacy.counts.equality import has_equal
from suar.protocol.privacy.counts.everything import Counted, Key
from suar.protocol.privacy.counts.prose import counted
from suar.protocol.privacy.proof.cells import Cell
from suar.protocol.privacy.prose.shares import readings, value_of
from suar.protocol.privacy.text.plain import plain
from suar.protocol.privacy.verdict import judge


def texts(lang: str, summary: str) -> list[dict[str, str]]:
    english = [] if lang == "en" else [{"lang": "en", "title": "Victims", "summary": "By sex."}]
    return [*english, {"lang": lang, "title": "T", "summary": summary}]


def of_table(figures: tuple[int, int], lang: str, text: str) -> str:
    """The verdict of a table of women and men with a text."""
    values: dict[tuple[str, ...], int | None] = {
        ("female",): figures[0],
        ("male",): figures[1],
        ("total",): sum(figures),
    }
    return judge(trend(values, ["sex"], text=texts(lang, text))).verdict


@pytest.mark.parametrize(
    "lang_and_words",
    [
        ("en", "{} per cent were men"),
        ("id", "{} persen laki-laki"),
        ("th", "ร้อยละ {} เป็นชาย"),
        ("vi", "{}% là nam"),
        ("zh", "男性占{}%"),
    ],
)
def test_a_share_is_refused_with_any_number_of_decimals_and_either_sign(lang_and_words: tuple[str, str]) -> None:
    lang, words = lang_and_words
    for digits, sign in product(
        ("13.95", "13.953", "13.9535", "13.95349", "13.953488", "13.95348837209302"[:14]), ".,"
    ):
        assert of_table((37, 6), lang, words.format(digits.replace(".", sign))) == "refuse", (digits, sign)
    assert of_table((37, 6), lang, words.format("13.853")) == "pass"


@pytest.mark.parametrize(
    ("verdict", "text"),
    [
        ("refuse", "13.953488 % of all were men."),
        ("refuse", "139.5 per 1,000 were men"),
        ("refuse", "139.5 ‰ men"),
        ("refuse", "139.53 per thousand"),
        ("hold", "0.13953 of all were men"),
        ("hold", ".14 of all were men"),
        ("hold", "men's share: .1395"),
        ("hold", "6.167 women per man"),
        ("hold", "Share of men: 13.953"),
        ("hold", "Share of men .14"),
        ("hold", "Ratio of women to men 6.16667"),
        ("pass", "The rate was 13.9 per 100,000."),
        ("pass", "13,953 forms were read."),
        ("pass", "See 03.2026 and 12.2025."),
        ("pass", "Version 4.1.14 of the form."),
        ("pass", "13.953 baht"),
        ("pass", "0.2043 of all forms"),
    ],
)
def test_shares_in_other_forms(verdict: str, text: str) -> None:
    assert of_table((37, 6), "en", text) == verdict


def test_decimals_are_compared_as_rounded_to_two() -> None:
    assert readings("13.953488", value_of("13.953488")) == (13.95,)
    assert readings("13,953", value_of("13,953")) == (13953.0, 13.95)
    assert set(readings("7.6950", value_of("7.6950"))) == {7.7, 7.69}
    assert readings("7", 7.0) == (7.0,)


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "12 women for every man"),
        ("en", "twelve women for every man"),
        ("en", "12:1"),
        ("en", "12 to 1"),
        ("en", "12/13 of them were women"),
        ("en", "men made up 1/13"),
        ("en", "for every man 12 women"),
        ("en", "twelve thirteenths were women"),
        ("id", "1 banding 12"),
        ("id", "12 perempuan per laki-laki"),
        ("ms", "12 wanita bagi setiap lelaki"),
        ("vi", "tỷ lệ 12 nữ trên 1 nam"),
        ("th", "หญิง 12 คนต่อชาย 1 คน"),
        ("th", "12 ต่อ 1"),
        ("th", "12/13 เป็นหญิง"),
        ("lo", "12 ຕໍ່ 1"),
        ("km", "១២ ទល់នឹង ១"),
        ("my", "၁၂ အချိုး ၁"),
        ("zh", "12比1"),
        ("zh", "每名男性对应12名女性"),
        ("zh", "女性占12/13"),
        ("ta", "ஒரு ஆணுக்கு 12 பெண்கள்"),
        ("fil", "12 babae sa bawat lalaki"),
        ("pt", "12 mulheres por homem"),
        ("pt", "12 mulheres para cada homem"),
        ("tet", "feto 12 ba mane 1"),
    ],
)
def test_a_ratio_in_whole_numbers_and_a_fraction_are_held(lang: str, text: str) -> None:
    assert of_table((36, 3), lang, text) == "hold"


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("th", "2/3 เป็นหญิง"),
        ("zh", "女性占2/3"),
        ("lo", "2/3 ແມ່ນແມ່ຍິງ"),
        ("km", "២/៣ ជាស្ត្រី"),
        ("my", "၂/၃ သည် အမျိုးသမီး"),
        ("en", "Two thirds of all"),
        ("pt", "Dois terços de todos"),
        ("en", "2/3 of all"),
    ],
)
def test_a_small_fraction_is_held(lang: str, text: str) -> None:
    assert of_table((28, 14), lang, text) == "pass", "the table shows it"
    assert of_table((14, 7), lang, text) == "hold"


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "From 13 to 1 place."),
        ("en", "At 12:1 pm."),
        ("en", "On 1/14 page."),
        ("en", "Scale 1:50,000."),
        ("en", "Two officers per shelter."),
        ("en", "The third quarter."),
        ("en", "Every third form has no age."),
        ("en", "Two thirds of the forms have an age."),
        ("id", "Dua petugas per kantor."),
        ("vi", "2 cán bộ mỗi tỉnh."),
        ("pt", "Dois agentes por abrigo."),
        ("th", "เจ้าหน้าที่ 2 ต่อ 5 แห่ง"),
        ("zh", "每省两个办公室。"),
        ("en", "On 2/3 and until 1/12."),
        ("en", "12 beds per room."),
    ],
)
def test_other_ratios_pass(lang: str, text: str) -> None:
    assert of_table((36, 3), lang, text) == "pass"


def years(first: tuple[int, int], second: tuple[int, int], lang: str, text: str) -> Trend:
    location = {"role": "detection", "country": "TH"}
    obs: list[dict[str, Any]] = [
        {"period": year, "place": location, "dims": {"sex": code}, "value": value, "status": "A"}
        for year, (women, men) in {"2024": first, "2025": second}.items()
        for code, value in {"female": women, "male": men, "total": women + men}.items()
    ]
    return of(obs, ["sex"], text=texts(lang, text))


UNCHANGED = [
    ("en", "The number of women is unchanged from 2024"),
    ("en", "Only the number of men fell"),
    ("en", "The same number of women as before"),
    ("en", "As many women as in the year before"),
    ("id", "jumlah perempuan tetap sama"),
    ("ms", "bilangan wanita kekal sama"),
    ("vi", "Số nữ giữ nguyên"),
    ("fil", "Walang pagbabago sa bilang ng babae"),
    ("pt", "O número de mulheres manteve-se"),
    ("tet", "Númeru feto la muda"),
    ("th", "จำนวนหญิงเท่าเดิม"),
    ("lo", "ຈຳນວນຍິງເທົ່າເດີມ"),
    ("km", "ចំនួនស្ត្រីមិនផ្លាស់ប្តូរ"),
    ("my", "အမျိုးသမီး အရေအတွက် မပြောင်းလဲ"),
    ("zh", "女性人数与上年持平"),
    ("ta", "பெண்கள் எண்ணிக்கை மாறவில்லை"),
]


@pytest.mark.parametrize(("lang", "text"), UNCHANGED)
def test_words_for_equality_are_held_beside_a_hidden_equal_count_and_nowhere_else(lang: str, text: str) -> None:
    assert judge(years((37, 20), (37, 6), lang, text)).verdict == "hold"
    assert judge(years((36, 21), (37, 6), lang, text)).verdict == "pass"
    assert judge(years((37, 20), (37, 20), lang, text)).verdict == "pass", "both are shown"


def test_two_hidden_cells_that_are_equal_are_held_too() -> None:
    for lang, text in [
        ("en", "As many women as men"),
        ("vi", "nam nữ bằng nhau"),
        ("zh", "男女各半"),
        ("en", "Both sexes are now equal"),
    ]:
        assert of_table((9, 9), lang, text) == "hold"
        assert of_table((8, 9), lang, text) == "pass"
    assert of_table((9, 9), "en", "The number of offices is unchanged.") == "pass"


def test_equal_cells_are_of_one_row_or_one_sum() -> None:
    def cell(period: str, sex: str, value: int, *, shown: bool) -> Counted:
        key: Key = ("detection", "TH", Cell(period, "", "", (("sex", sex),)))
        return Counted(key, value, shown)

    women = cell("2024", "female", 37, shown=True)
    assert has_equal([cell("2025", "female", 37, shown=False)], [women])
    assert not has_equal([cell("2025", "female", 37, shown=True)], [women])
    assert not has_equal([cell("2025", "male", 37, shown=False)], [women])
    assert has_equal([cell("2025", "male", 37, shown=False), cell("2025", "female", 37, shown=False)], [])


def factors_of(text: str) -> set[float]:
    return {each.value for each in counted(plain(text), "en") if each.is_factor}


@pytest.mark.parametrize(
    "text",
    [
        "A zero too many had been typed",
        "inflated by a factor of ten",
        "The figures are to be divided by 10",
        "Divide by ten",
        "One tenth of the figures before",
        "The decimal point had slipped by one place",
        "dibagi 10",
        "chia cho 10",
        "หารด้วย 10",
        "除以10",
    ],
)
def test_what_was_wrong_with_digits_is_a_factor(text: str) -> None:
    assert 10.0 in factors_of(text)


def test_a_wrong_digit_tells_the_difference() -> None:
    for text in ("The first digit of the total was 4 instead of 1", "A typing error in the tens digit: 4 for 1"):
        assert 30.0 in {each.value for each in counted(plain(text), "en")}
    assert 30.0 not in {each.value for each in counted(plain("4 instead of 1 office"), "en")}
    assert factors_of("The share has one decimal; a digital form.") == set()
