"""Counts told by a word for several, or as a sum, a product or a difference, beside a table that hides them."""

import pytest

from protocol.privacy.test_short_forms import texts
from protocol.privacy.trends import trend
from suar.protocol.privacy.verdict import judge


def by_sex(lang: str, summary: str) -> str:
    """What the gate says beside 4 women and 27 men, both hidden, 40 unknown and 71 in all."""
    values = {("female",): 4, ("male",): 27, ("unknown",): 40, ("total",): 71}
    return judge(trend(values, ["sex"], text=texts(lang, summary))).verdict


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "A quartet of women."), ("en", "Two pairs of women."), ("en", "Two couples of women were found."),
        ("en", "Two dozen and three men."), ("id", "Satu kuartet perempuan."), ("id", "Dua pasang perempuan."),
        ("ms", "Dua pasang wanita."), ("vi", "Hai cặp phụ nữ."), ("fil", "Kwatro na babae."),
        ("tl", "Dalawang pares na babae."),
        ("pt", "Um quarteto de mulheres."), ("pt", "Dois pares de mulheres."), ("tet", "Feto quarteto."),
        ("th", "ผู้หญิงสองคู่"), ("lo", "ແມ່ຍິງສອງຄູ່"), ("km", "ស្ត្រីពីរគូ"), ("my", "အမျိုးသမီး စုံတွဲ နှစ်"), ("zh-Hans", "两对女性"),
        ("ta", "இரண்டு ஜோடி பெண்கள்"),
    ],
)  # fmt: skip
def test_a_word_for_several_is_a_number(lang: str, text: str) -> None:
    assert by_sex(lang, text) == "refuse"


@pytest.mark.parametrize("text", ["A pair of women and another pair.", "A duo of women.", "Half a dozen women."])
def test_a_word_for_few_beside_persons_waits(text: str) -> None:
    assert by_sex("en", text) == "hold"


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "Women: 3+1."), ("en", "3 + 1 women."), ("en", "3 x 9 men."), ("en", "3×9 men."), ("en", "Men: 30 - 3."),
        ("en", "Thirty minus three men."), ("en", "2 x 13 + 1 men."), ("id", "Perempuan: 3 tambah 1."),
        ("ms", "3 darab 9 lelaki."), ("vi", "3 cộng 1 phụ nữ."), ("fil", "Tatlo dagdag isang babae."),
        ("pt", "Homens: 3 vezes 9."), ("th", "หญิง 3 บวก 1 คน"), ("lo", "ແມ່ຍິງ 3 ບວກ 1 ຄົນ"), ("km", "ស្ត្រី 3 បូក 1 នាក់"),
        ("zh-Hans", "女性三加一"), ("zh-Hans", "三乘九名男子"),
    ],
)  # fmt: skip
def test_what_an_expression_adds_up_to_is_a_number(lang: str, text: str) -> None:
    assert by_sex(lang, text) == "refuse"


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "Women 18+ in 2024 and 2025."), ("en", "Ages 0 - 17 and 18 - 29."),
        ("en", "A couple of tables were corrected."), ("zh-Hans", "打击贩运人口"),
        ("en", "See table 3 - 1 of the annex."), ("th", "คู่มือการนับคดี"), ("zh-Hans", "对女性和儿童的援助"),
        ("pt", "A par de outras medidas."), ("en", "The form is 8 x 5 cm."), ("en", "Hotline 24/7."),
    ],
)  # fmt: skip
def test_what_is_no_count_passes(lang: str, text: str) -> None:
    assert by_sex(lang, text) == "pass"


@pytest.mark.parametrize(
    "text", ["Feto na'in-4.", "Mane na'in-27.", "Feto na’in-haat.", "Feto nain-4.", "Feto na'in 4."]
)
def test_the_particle_for_persons_of_tetum_comes_before_a_count(text: str) -> None:
    assert by_sex("tet", text) == "refuse"
