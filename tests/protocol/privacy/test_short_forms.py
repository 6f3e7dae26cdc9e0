"""Counts, shares and changes told in the short forms of tables: joined, in slashes, as growth."""

from typing import Any

import pytest

from protocol.privacy.notes import NOTES
from protocol.privacy.prose_table import verdict_of
from protocol.privacy.trends import of, trend
from suar.protocol.message.kinds import Trend
from suar.protocol.privacy.text.numerals import spelled
from suar.protocol.privacy.text.plain import plain
from suar.protocol.privacy.verdict import judge


def texts(lang: str, summary: str) -> list[dict[str, str]]:
    english = [] if lang == "en" else [{"lang": "en", "title": "Victims", "summary": "By sex."}]
    return [*english, {"lang": lang, "title": "T", "summary": summary}]


def by_sex(lang: str, summary: str) -> str:
    """What the gate says of 7 women and 43 men, both hidden, beside 20 unknown and 70 in all."""
    values: dict[tuple[str, ...], int | None] = {("female",): 7, ("male",): 43, ("unknown",): 20, ("total",): 70}
    return judge(trend(values, ["sex"], text=texts(lang, summary))).verdict


def two_years(lang: str, summary: str, first: tuple[int, int] = (7, 43)) -> str:
    """The same of two years: 7 women and 43 men, both hidden, and then 31 and 69, which are shown."""
    return judge(years({"2024": first, "2025": (31, 69)}, text=texts(lang, summary))).verdict


def years(counts: dict[str, tuple[int, int]], **more: Any) -> Trend:
    location = {"role": "detection", "country": "TH"}
    obs = [
        {"period": year, "place": location, "dims": {"sex": code}, "value": value, "status": "A"}
        for year, (women, men) in counts.items()
        for code, value in {"female": women, "male": men, "total": women + men}.items()
    ]
    return of(obs, ["sex"], **more)


@pytest.mark.parametrize(
    ("verdict", "text"),
    [
        ("refuse", "43M/7F"),
        ("refuse", "43m 7f"),
        ("refuse", "m43 f7 u20"),
        ("refuse", "W7 M43"),
        ("refuse", "F7, M43"),
        ("refuse", "Men43"),
        ("refuse", "women7"),
        ("refuse", "43/7/20 men, women and unknown."),
        ("refuse", "43M7F"),
        ("refuse", "m-43, f-7"),
        ("hold", "Men 61.4"),
        ("pass", "Men 61.3"),
        ("pass", "See version 61.4"),
        ("hold", "43F were found"),
        ("hold", "43/7/20 by sex."),
        ("hold", "By sex (m/f/u): 43/7/20"),
        ("hold", "By sex: 70-7-43"),
        ("hold", "In order: 20/43."),
        ("refuse", "Men: 20/43."),
        ("refuse", "20/7 women"),
        ("pass", "See form A43M."),
        ("pass", "Open 24/7, on 20/7 too."),
        ("pass", "Forms B12 and A5."),
        ("pass", "Route 66m."),
        ("pass", "Of 2024/7/43."),
        ("pass", "20U/70"),
    ],
)
def test_counts_that_are_joined_or_parted_by_slashes(verdict: str, text: str) -> None:
    assert by_sex("en", text) == verdict


@pytest.mark.parametrize(
    "text",
    [
        "Of the 50 whose sex is known, 86 % were men.",
        "86% of those of known sex were men",
        "14 % of those of known sex were women.",
        "14.0 per cent of the known ones",
    ],
)
def test_a_share_of_those_of_whom_it_is_known_is_refused(text: str) -> None:
    assert by_sex("en", text) == "refuse"


def test_a_share_of_the_known_is_refused_without_a_total_and_over_several_breakdowns() -> None:
    values: dict[tuple[str, ...], int | None] = {("female",): 7, ("male",): 43, ("unknown",): 20}
    text = texts("en", "Of those of known sex 86 per cent were men.")
    assert judge(trend(values, ["sex"], text=text)).verdict == "refuse"
    ages: dict[tuple[str, ...], int | None] = {
        ("female", "0-17"): 4,
        ("female", "18+"): 30,
        ("unknown", "0-17"): 20,
        ("total", "0-17"): 70,
        ("male", "0-17"): 46,
    }
    text = texts("en", "Of the children of known sex 8 per cent were girls.")
    assert judge(trend(ages, ["sex", "age"], text=text, margins=False)).verdict == "refuse"


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "Women rose by 343 per cent."),
        ("en", "Women rose 4.4-fold."),
        ("en", "There were 4.43 times as many women."),
        ("en", "Men rose by 60 per cent."),
        ("en", "Women rose by 17 percentage points to 31 per cent."),
        ("en", "Of all victims of both years 25 per cent were women."),
        ("en", "Women rose to 443 % of the year before."),
        ("th", "เพิ่มขึ้นร้อยละ 343"),
        ("id", "perempuan naik 343 persen"),
        ("id", "naik 4,4 kali lipat"),
        ("vi", "tăng 17 điểm phần trăm"),
        ("vi", "tăng gấp 4,4 lần"),
        ("zh-Hans", "女性增长343%"),
        ("zh-Hans", "增至4.4倍"),
        ("zh-Hans", "上升17个百分点"),
        ("pt", "subiu 17 pontos percentuais, 343 por cento"),
        ("th", "เพิ่มขึ้น 4.4 เท่า"),
        ("lo", "ເພີ່ມຂຶ້ນ 4.4 ເທົ່າ"),
        ("km", "កើនឡើង ៤.៤ ដង"),
        ("my", "၄.၄ ဆ တိုးလာသည်"),
        ("ta", "4.4 மடங்கு"),
        ("fil", "Tumaas nang 4.4 beses."),
        ("tet", "sa'e porsentu 343"),
        ("ms", "meningkat 343 peratus"),
    ],
)
def test_growth_against_a_hidden_count_is_held(lang: str, text: str) -> None:
    assert two_years(lang, text) == "hold"


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "Victims rose by 100 per cent."),
        ("en", "The total grew 2-fold."),
        ("en", "Women were 31 per cent in 2025."),
        ("en", "Offices rose by 12 per cent."),
        ("vi", "phụ nữ chiếm 31 phần trăm"),
        ("th", "ในปี 2568 ร้อยละ 69 เป็นชาย"),
        ("zh-Hans", "男性占百分之六十九"),
    ],
)
def test_growth_and_shares_of_what_is_shown_pass(lang: str, text: str) -> None:
    assert two_years(lang, text) == "pass"
    assert two_years(lang, text, (20, 30)) == "pass"


def test_months_are_compared_with_the_month_before_and_the_first() -> None:
    table = years({"2024-01": (7, 43), "2024-02": (20, 50), "2024-03": (31, 69)}, text=texts("en", "Up 343 per cent."))
    assert judge(table).verdict == "hold"


@pytest.mark.parametrize(
    ("lang", "verdict", "text"),
    [
        ("vi", "refuse", "Sáu mốt phần trăm là nam"),
        ("ta", "refuse", "நாற்பத்திமூன்று ஆண்கள்"),
        ("ta", "refuse", "அறுபத்தொரு சதவீதம்"),
        ("tet", "refuse", "porsentu 61 de'it"),
        ("fil", "refuse", "pitó na babae"),
        ("zh-Hans", "refuse", "六成一是男性"),
        ("zh-Hans", "refuse", "一成是女性"),
        ("id", "hold", "sepersepuluh adalah perempuan"),
        ("en", "hold", "One in ten was a woman."),
        ("en", "hold", "1 in every 10 victims"),
        ("en", "hold", "Seven in fifty."),
        ("zh-Hans", "hold", "十分之一是女性"),
        ("vi", "hold", "một phần mười là nữ"),
        ("th", "hold", "หนึ่งในสิบเป็นหญิง"),
        ("pt", "hold", "uma em cada dez"),
        ("zh-Hans", "pass", "三成为女性以外"),
        ("en", "pass", "One in five offices."),
        ("id", "pass", "sepertiga kabupaten"),
    ],
)
def test_shares_in_words(lang: str, verdict: str, text: str) -> None:
    assert by_sex(lang, text) == verdict


@pytest.mark.parametrize(
    ("lang", "words", "value"),
    [
        ("vi", "hai tư", 24),
        ("vi", "một trăm hai mốt", 121),
        ("vi", "bốn mươi mốt", 41),
        ("ta", "நாற்பத்தி மூன்று", 43),
        ("ta", "தொண்ணூற்றொன்பது", 99),
        ("ta", "இருபத்தைந்து", 25),
        ("fil", "tatlóng", 3),
    ],
)
def test_number_words_that_are_shortened_or_joined(lang: str, words: str, value: int) -> None:
    text = plain(words)
    assert [(each.start, each.end, each.value) for each in spelled(text, lang)] == [(0, len(text), value)]


def test_two_digits_in_words_are_two_numbers_elsewhere() -> None:
    assert [each.value for each in spelled(plain("sáu bảy"), "vi")] == [6, 7]


def test_notes_on_method_and_change_pass_but_for_one_in_twenty() -> None:
    stopped = [text for lang, text in NOTES if verdict_of(lang, text) != "pass"]
    assert len(stopped) <= 0.05 * len(NOTES), stopped


@pytest.mark.parametrize(
    "text",
    [
        "One case was found.",
        "One girl may have several children.",
        "Each shelter has one victim.",
        "Two persons were checked.",
        "At least one victim was a man.",
        "One person may have left.",
    ],
)
def test_a_small_count_that_only_looks_like_a_note_is_held(text: str) -> None:
    assert verdict_of("en", text) == "hold"


def test_a_note_with_a_hidden_number_is_held() -> None:
    values: dict[tuple[str, ...], int | None] = {("female",): 2, ("male",): 43, ("total",): 45}
    assert judge(trend(values, ["sex"], text=texts("en", "Two persons check each form."))).verdict == "hold"


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "614 males per 100 females"),
        ("en", "Sex ratio 614 men per 100 women."),
        ("en", "The sex ratio was 614."),
        ("en", "6.14 men for every woman"),
        ("en", "6.1 times as many men as women"),
        ("en", "16 women for 100 men"),
        ("en", "For a hundred men there were sixteen women."),
        ("en", "16 % as many women as men"),
        ("en", "Women are sixteen per cent of men."),
        ("en", "women-to-men ratio 0.16"),
        ("id", "614 laki-laki per 100 perempuan"),
        ("id", "Rasio jenis kelamin 614."),
        ("ms", "Nisbah jantina 614."),
        ("vi", "Tỷ số giới tính 614"),
        ("vi", "gấp 6,1 lần nữ"),
        ("vi", "614 nam trên một trăm nữ"),
        ("th", "อัตราส่วนเพศ ๖๑๔"),
        ("th", "ชาย 614 คนต่อหญิง 100 คน"),
        ("lo", "ອັດຕາສ່ວນເພດ 614"),
        ("km", "អនុបាតភេទ ៦១៤"),
        ("my", "အမျိုးသမီး ၁၀၀ လျှင် အမျိုးသား ၆၁၄"),
        ("my", "ကျား မ အချိုး ၆၁၄"),
        ("ta", "100 பெண்களுக்கு 614 ஆண்கள்"),
        ("ta", "பாலின விகிதம் 614"),
        ("fil", "614 lalaki sa bawat 100 babae"),
        ("pt", "A razão entre os sexos é 614."),
        ("pt", "614 homens por cem mulheres"),
        ("tet", "mane 614 ba feto 100"),
        ("zh-Hans", "性别比614"),
        ("zh-Hans", "男女比6.1:1"),
        ("zh-Hans", "每百名女性对614名男性"),
    ],
)
def test_a_ratio_of_two_hidden_counts_is_held(lang: str, text: str) -> None:
    assert by_sex(lang, text) == "hold"


@pytest.mark.parametrize(
    ("lang", "verdict", "text"),
    [
        ("en", "hold", "61.4 in 100 were men"),
        ("en", "hold", "A proportion of 0.614"),
        ("en", "hold", "0.61 of victims were men"),
        ("en", "hold", "a share of 0.14 of known"),
        ("en", "hold", "86-14 split between men and women"),
        ("en", "hold", "split 14–86"),
        ("zh-Hans", "hold", "男佔0.61"),
        ("zh-Hans", "refuse", "八成六为男"),
        ("th", "refuse", "ช.43 ญ.7"),
        ("id", "refuse", "lk43 pr7"),
        ("en", "pass", "The ratio of staff to shelters is 5 to 8."),
        ("en", "pass", "See version 0.61.2"),
        ("en", "pass", "0.9 per cent of the budget, 0.45 of the posts."),
        ("en", "pass", "An 80-20 split of the costs."),
        ("en", "pass", "12.5 hours a week for 100 officers."),
        ("zh-Hans", "pass", "七成为新案"),
        ("zh-Hans", "pass", "与刑法第二百四十条一并适用，十六个中心。"),
        ("my", "pass", "ဘုရားသုံးဆူတွင်"),
    ],
)
def test_shares_in_decimals_in_a_hundred_and_as_a_split(lang: str, verdict: str, text: str) -> None:
    assert by_sex(lang, text) == verdict


@pytest.mark.parametrize(
    "text", ["223 men per 100 women", "2.23 men for every woman", "sex ratio 223", "45 women to a hundred men", "0.31"]
)
def test_a_ratio_of_what_is_shown_passes(text: str) -> None:
    assert two_years("en", text, (20, 30)) == "pass"
