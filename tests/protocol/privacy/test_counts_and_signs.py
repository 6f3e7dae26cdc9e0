"""Counts behind or before a word and a sign: the verdict does not depend on how they are written."""

from collections.abc import Iterator
from typing import Final

import pytest

from protocol.privacy.trends import trend
from suar.protocol.privacy.counts.comparing import find_disclosures
from suar.protocol.privacy.counts.hidden_numbers import HiddenNumbers
from suar.protocol.privacy.counts.prose import counted
from suar.protocol.privacy.text.plain import plain
from suar.protocol.privacy.verdict import judge

WORDS: Final = {
    "en": ("men", "women", "Men", "victims"),
    "id": ("laki-laki", "perempuan", "korban"),
    "ms": ("lelaki", "wanita", "mangsa"),
    "vi": ("nam giới", "phụ nữ", "nữ"),
    "fil": ("lalaki", "babae"),
    "pt": ("homens", "mulheres"),
    "tet": ("mane", "feto"),
    "th": ("ชาย", "หญิง"),
    "lo": ("ຊາຍ", "ຍິງ"),
    "km": ("បុរស", "ស្ត្រី"),
    "my": ("အမျိုးသား", "အမျိုးသမီး"),
    "zh": ("男", "女性"),
    "ta": ("ஆண்கள்", "பெண்கள்"),
}
"""Words for persons of the languages."""
SIGNS: Final = (
    " ",
    "-",
    "–",
    "—",
    " - ",
    " – ",
    "/",
    " / ",
    "…",
    " … ",
    "...",
    "_",
    ":",
    ": ",
    "=",
    " = ",
    " (",
    "|",
    "~",
    ">",
    "→",
)
"""What is between a word and a number behind it."""
SIGNS_AFTER: Final = (" ", "-", "–", "—", " - ", "/", " / ", "_", "=", " = ", "|", "~", ">", "→")
"""What is between a number and a word behind it."""
AFTER_NUMBERS: Final = {"th": "คน", "lo": "ຄົນ", "km": "នាក់", "my": "ယောက်", "zh": "人", "ta": "பேர்"}
"""Words that stand behind a number in languages where others do not."""
NUMBERS: Final = ("9", "38", "٣٨", "１８", "1,038")
HIDDEN: Final = HiddenNumbers(hidden=frozenset({9, 18, 38, 1038}))


def found_in(lang: str, text: str) -> str:
    """What is said of a text beside the hidden numbers."""
    found = find_disclosures(counted(plain(text), lang), HIDDEN, 10)
    return "refuse" if found.surely else "hold" if any((found.maybe, found.small, found.moved)) else "pass"


def spellings(lang: str) -> Iterator[str]:
    """A word, a sign and a number, on either side."""
    for number in NUMBERS:
        for word in WORDS[lang]:
            yield from (f"{word}{sign}{number}" for sign in SIGNS)
            yield from (f"{word}{sign}{number}, {word}{sign}77" for sign in SIGNS)
        for word in (AFTER_NUMBERS[lang],) if lang in AFTER_NUMBERS else WORDS[lang]:
            yield from (f"{number}{sign}{word}" for sign in SIGNS_AFTER)


@pytest.mark.parametrize("lang", WORDS)
def test_the_verdict_does_not_depend_on_the_sign_the_blank_the_form_or_the_side(lang: str) -> None:
    assert [text for text in spellings(lang) if found_in(lang, text) != "refuse"] == []


def of_table(women: int, men: int, lang: str, text: str) -> str:
    """The verdict of a table of this year with a text."""
    english = [] if lang == "en" else [{"lang": "en", "title": "Victims", "summary": "By sex."}]
    texts = [*english, {"lang": lang, "title": "T", "summary": text}]
    return judge(trend({("female",): women, ("male",): men, ("total",): women + men}, ["sex"], text=texts)).verdict


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "Women-37, men-6."),
        ("en", "Women–37; Men–6"),
        ("en", "men/6"),
        ("en", "men…6"),
        ("en", "men_6"),
        ("en", "By sex: women-37, men-6. Contact of the office."),
        ("en", "Results: men-6/women-37."),
        ("id", "laki-laki-6, perempuan–37"),
        ("vi", "nữ-37, nam-6"),
        ("th", "ชาย-6 หญิง-37"),
        ("zh", "男-6，女-37"),
        ("lo", "ຊາຍ-6"),
        ("km", "បុរស-៦"),
        ("my", "အမျိုးသား-၆"),
        ("ta", "ஆண்கள்-6"),
        ("pt", "mulheres-37"),
        ("fil", "lalaki-6"),
        ("tet", "mane-6, feto-37"),
        ("id", "jumlah korban-6 orang"),
        ("en", "Men/women: 6–37"),
        ("en", "43–37 men"),
        ("id", "6org"),
        ("en", "6pax"),
        ("en", "6ppl"),
        ("en", "6prs"),
        ("en", "men6women37"),
        ("en", "6+ men"),
        ("en", "№6 men"),
        ("en", "The male part: 6"),
        ("id", "Jumlah perkara: 6"),
        ("en", "6-37 women"),
        ("en", "37/women"),
        ("en", "6-men"),
    ],
)
def test_a_count_behind_or_before_a_sign_is_refused(lang: str, text: str) -> None:
    assert of_table(37, 6, lang, text) == "refuse"


@pytest.mark.parametrize(
    ("lang", "text"),
    [("en", "total-18"), ("en", "Total–18"), ("en", "48–18"), ("en", "total18"), ("id", "jumlah-18")],
)
def test_a_hidden_total_behind_a_sign_is_held_as_with_a_blank(lang: str, text: str) -> None:
    known = HiddenNumbers(left=frozenset({18}))
    for each in (text, text.replace("-", " ").replace("–", " ")):
        assert find_disclosures(counted(plain(each), lang), known, 10).maybe, each


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "Q1 had 9 men"),
        ("en", "Q1 had nine men"),
        ("en", "In Q1 only 9 men were found"),
        ("en", "In 2 cities 9 men were found"),
        ("en", "At 4 sites 38 women were found"),
        ("en", "In 12 raids 38 women were freed"),
        ("en", "Group 1 has 38 women; group 2 has 9 men"),
        ("en", "9-12 men"),
        ("en", "47–38 men"),
        ("en", "Men/women: 9–38"),
        ("en", "men9women38"),
        ("id", "9org"),
        ("id", "Di 3 kota 9 laki-laki ditemukan"),
        ("vi", "Tại 3 tỉnh 9 nam giới"),
        ("zh", "3省9名男性"),
        ("zh", "第1季度有9名男性"),
        ("fil", "Sa 3 lungsod 9 lalaki"),
        ("fil", "Noong Q1 may 9 lalaki"),
        ("pt", "No T1 houve 9 homens"),
        ("pt", "subiu de 8 a 9 homens"),
        ("id", "laki-laki-9, perempuan–38"),
        ("vi", "nữ-38, nam-9"),
        ("th", "ชาย-9 หญิง-38"),
        ("zh", "男-9，女-38"),
        ("id", "jumlah korban-9 orang"),
        ("id", "Jumlah perkara: 9"),
    ],
)
def test_a_count_that_is_a_limit_of_an_age_band_is_refused_too(lang: str, text: str) -> None:
    assert of_table(38, 9, lang, text) == "refuse"


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "Men rose from 8 to 9"),
        ("en", "Men rose from 9 to 12"),
        ("id", "Laki-laki naik dari 8 menjadi 9"),
        ("vi", "nam tăng từ 8 lên 9"),
        ("vi", "Mục 9 nam"),
        ("en", "See 9-38"),
        ("en", "found-9"),
    ],
)
def test_a_count_without_a_word_beside_it_is_held(lang: str, text: str) -> None:
    assert of_table(38, 9, lang, text) == "hold"


AGES: Final = [
    ("en", "Ages: 0-8, 9-17, 18-20, 21-23, 24-26, 27-29, 30-38, 39-47 and 48+."),
    ("en", "The age bands are 0-8/9-17/18-20."),
    ("en", "Children aged 9 to 17 years."),
    ("en", "Age: 9–17."),
    ("en", "By age (0 to 8, 9 to 17)."),
    ("id", "Kelompok umur 0-8, 9-17 dan 18-20."),
    ("id", "Usia 9 hingga 17 tahun."),
    ("ms", "Umur 9 hingga 17, 18 hingga 20."),
    ("vi", "Nhóm tuổi 0-8, 9-17 và 18-20."),
    ("vi", "Độ tuổi 9 đến 17."),
    ("fil", "Edad 0-8, 9-17 at 18-20."),
    ("fil", "Mga edad 9 hanggang 17."),
    ("pt", "Idades: 0-8, 9-17 e 18-20."),
    ("pt", "Faixa etária de 9 a 17 anos."),
    ("tet", "Idade 9 to'o 17, 18 to'o 20."),
    ("th", "อายุ 0-8, 9-17 และ 18-20 ปี"),
    ("th", "ช่วงอายุ 9 ถึง 17 ปี"),
    ("lo", "ອາຍຸ 0-8, 9-17 ແລະ 18-20 ປີ"),
    ("km", "អាយុ 9-17 ឆ្នាំ"),
    ("my", "အသက် 9-17 နှစ်"),
    ("zh", "年龄0-8、9-17、18-20岁"),
    ("zh", "年龄组为9至17岁。"),
    ("ta", "வயது 0-8, 9-17, 18-20"),
]
"""Bands of ages, none of whose limits is a count."""
DATES: Final = [
    ("en", "From 9 to 17 March 2025."),
    ("en", "In 2017–18 and 2025-12."),
    ("en", "Within 9-17 days of entry."),
    ("en", "The fiscal year 2024-25."),
    ("en", "9-17 months later."),
    ("id", "Dari 9 hingga 17 hari."),
    ("pt", "Entre 9 a 17 dias."),
    ("vi", "9 đến 17 ngày."),
    ("zh", "9至17日。"),
    ("th", "9-17 วัน"),
]
"""Dates and stretches of time."""
THINGS: Final = [
    ("en", "Section-9 and Article/38 apply."),
    ("en", "Table 9: Women by age."),
    ("en", "Chapter 9 Women and men."),
    ("en", "COVID-19 cases fell; Covid-9 too."),
    ("en", "The C-9 and ASEAN-38 met."),
    ("en", "Form C-38."),
    ("en", "See https://example.org/men-9 and www.example.org/women/38."),
    ("en", "The 38th session; a child-friendly room."),
    ("en", "Open 24/7."),
    ("en", "Under-18s and over-18s."),
    ("en", "18+ and 48+."),
    ("id", "Pasal-9 dan bab/38."),
    ("id", "Laporan ke-9 tahun 2025."),
    ("fil", "Ika-9 ng Hunyo, Seksyon-9."),
    ("vi", "Điều-9, khoản/38."),
    ("pt", "Artigo-9 e quadro-38."),
    ("th", "มาตรา-9 และ ข้อ.38"),
    ("lo", "ມາດຕາ-9"),
    ("km", "មាត្រា-៩"),
    ("my", "ပုဒ်မ-၉"),
    ("zh", "第9条、第38条"),
    ("ta", "பிரிவு-9"),
]
"""Articles, tables, codes, ordinals and addresses."""
OTHERS: Final = [
    ("en", "12 raids in 77 places."),
    ("en", "In Q1 12 raids were made, in Q2 15."),
    ("en", "Group 1 rose by 12 units."),
    ("id", "12 operasi di 77 tempat."),
    ("vi", "12 cuộc kiểm tra tại 77 địa điểm."),
    ("th", "ตรวจ 12 ครั้ง ใน 77 แห่ง"),
    ("zh", "在77处检查12次。"),
    ("pt", "12 operações em 77 locais."),
    ("fil", "12 operasyon sa 77 lugar."),
    ("tet", "Operasaun 12 iha fatin 77."),
]
"""Numbers of nobody."""


@pytest.mark.parametrize(("lang", "text"), [*AGES, *DATES, *THINGS, *OTHERS])
def test_what_counts_nobody_passes_beside_the_hidden_numbers(lang: str, text: str) -> None:
    assert found_in(lang, text) == "pass"


def test_a_band_needs_a_word_for_age_both_limits_and_no_person_behind() -> None:
    assert found_in("en", "Ages 9-17.") == "pass"
    assert found_in("en", "Areas 9-17.") == "hold"
    assert found_in("en", "Ages 9-12.") == "pass", "behind the word itself"
    assert found_in("en", "By age, 9-12.") == "hold"
    assert found_in("en", "By age, 9-17 men.") == "refuse"
    assert found_in("en", "By age. In groups 9-17.") == "hold"
