"""Counts behind a word for a number, how much more of one group than of another, and what only looks like a count."""

import pytest
from msgspec import structs

from protocol.privacy.test_shares_and_ratios import of_table, texts
from protocol.privacy.test_texts import opinion
from protocol.privacy.trends import Values, trend
from suar.protocol.privacy.counts.comparing import find_disclosures
from suar.protocol.privacy.counts.hidden_numbers import HiddenNumbers
from suar.protocol.privacy.counts.prose import Counted
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


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "zero point seven per cent were of other sex"), ("en", "point seven per cent"), ("en", ".7 % other"),
        ("en", ",7 % other"), ("id", "nol koma tujuh persen"), ("ms", "sifar perpuluhan tujuh peratus"),
        ("pt", "zero vírgula sete por cento"), ("vi", "không phẩy bảy phần trăm"), ("th", "ศูนย์จุดเจ็ดเปอร์เซ็นต์"),
        ("zh", "百分之零点七"), ("zh", "千分之七"), ("zh", "万分之七十"), ("zh", "千分之三百八十一"),
        ("km", "សូន្យក្បៀសប្រាំពីរភាគរយ"), ("my", "သုည ဒသမ ခုနစ် ရာခိုင်နှုန်း"), ("lo", "ສູນຈຸດເຈັດສ່ວນຮ້ອຍ"),
        ("ta", "பூஜ்யம் புள்ளி ஏழு சதவீதம்"), ("tet", "zero vírgula hitu pursentu"), ("fil", "sero punto pitong porsiyento"),
        ("en", "70 basis points"), ("en", "one in 143 persons"), ("en", "one in 142.9 persons"), ("en", "14 in 2000"),
        ("en", "3.5 in 500"), ("en", "7 in 1,000"), ("zh", "其他七"), ("en", "others: 8-1"),
        ("en", "Others rose by 2 from 5"), ("en", "between 6 and 8 others"), ("en", "others: > 6 and < 8"),
        ("en", "5-9 others"), ("en", "98.2 % of those who are not women are men"),
    ],
)  # fmt: skip
def test_a_share_or_a_number_of_others_is_held_in_any_spelling(lang: str, text: str) -> None:
    """Beside 612 women, hidden 381 men and 7 others of 1,000."""
    assert of_three(lang, text) in ("refuse", "hold"), text


@pytest.mark.parametrize(
    "text",
    [
        "zero point two per cent of the budget", "The rate rose by 30 basis points.", "14 in 2400 villages",
        "One in 150 households has a car.", "They came in 2000 and in 2025.",
        "Thirty-eight point four per cent had jobs.",
        "Bangkok, Rayong and 3 other cities", "In 2 others the rule is the same; see point seven of the plan.",
    ],
)  # fmt: skip
def test_other_shares_pass(text: str) -> None:
    values: Values = {("female",): 612, ("male",): 388, ("total",): 1_000}
    assert judge(trend(values, ["sex"], text=texts("en", text))).verdict == "pass"
    assert of_three("en", text, 60_012, 300, 12) == "pass"


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "2025-37 males"), ("th", "หญิง 2568-6"), ("en", "women, fig. 6"),
        ("en", "Females: June 2, July 4."), ("en", "females: June 6"), ("en", "women: 6 May, 0 June"),
        ("en", "women by month: 6 (May)"), ("en", "2 in January, 4 in February were women"),
        ("fil", "babae: Hunyo 4, Hulyo 2"), ("vi", "nữ tháng 6: 4, tháng 7: 2"),
        ("en", "The women were aged 14, 15, 16, 17, 18 and 19."), ("en", "V1 to V6 are female"),
        ("en", "males are numbered 7 to 43"), ("en", "20 men in Rayong and 17 men in Trat"),
        ("en", "36 men and one more"), ("en", "The male figure is one less than 38."),
        ("en", "three dozen men and one"),
        ("en", "males: thirtyseven"), ("en", "Women: 2x3"), ("en", "Men: 86percent"), ("en", "Men 86 per-cent"),
        ("en", "Men 86 p.c."), ("en", "Men 86 pc"), ("en", "women to total 1:7"), ("en", "one in seven are women"),
        ("en", "Women: one from Tak, one from Nan, one from Loei, one from Trat, one from Yala, one from Rayong"),
    ],
)  # fmt: skip
def test_a_count_told_by_its_parts_or_like_a_date_is_stopped(lang: str, text: str) -> None:
    """Beside hidden 6 women and 37 men."""
    assert of_table((6, 37), lang, text) in ("refuse", "hold"), text


@pytest.mark.parametrize(
    ("women", "lang", "text"),
    [
        (3, "en", "Recruitment of women online grew from Q1 to Q3."), (4, "id", "Korban ditemukan dari Q1 sampai Q4."),
        (6, "vi", "Nạn nhân được tiếp nhận ngày 4-5/6 tại Hà Nội."),
        (7, "vi", "Hội thảo diễn ra ngày 6-7/7."), (7, "id", "Rapat pada tanggal 6-7/7 di Batam."),
        (7, "vi", "Các chốt trên quốc lộ 7 được tăng cường."),
        (7, "vi", "Con số này không gồm các vụ đang điều tra."), (7, "vi", "Một phần nạn nhân được về nhà."),
        (7, "vi", "Mục tiêu là giảm một nửa số vụ."), (7, "vi", "Nạn nhân không phải chịu trách nhiệm hình sự."),
        (7, "vi", "Nạn nhân không có giấy tờ được hỗ trợ."),
    ],
)  # fmt: skip
def test_periods_days_and_words_for_not_are_no_counts(women: int, lang: str, text: str) -> None:
    assert of_table((women, 37), lang, text) == "pass"


@pytest.mark.parametrize("text", ["Nam: không", "Nạn nhân nam không có.", "không có nạn nhân nam nào"])
def test_the_vietnamese_zero_is_a_count_of_nobody(text: str) -> None:
    assert of_table((7, 0), "vi", text) in ("hold", "refuse")


def test_one_in_so_many_is_compared_with_no_share() -> None:
    """Beside 7 others of 350 persons, 2 per cent, one in two is nothing of theirs."""
    assert of_three("en", "The number of women halved.", 270, 73, 7) == "pass"
    assert of_three("en", "The number of women doubled.", 270, 73, 7) == "pass"


def test_others_are_counted_in_a_table_of_others_only() -> None:
    text = Counted("104", 104.0, is_share=False, is_near_word=True, is_of_others=True)
    known = HiddenNumbers(hidden=frozenset({6}), totals=frozenset({103}))
    assert find_disclosures([text], known, 10).moved == ()
    assert find_disclosures([text], structs.replace(known, has_others=True), 10).moved == ("104",)


@pytest.mark.parametrize("text", ["aged 17 and under: 9", "18+/17", "0-17/9", "0-17: 9"])
def test_a_count_behind_an_age_band_is_held(text: str) -> None:
    values: Values = {("0-17",): 9, ("18+",): 17, ("total",): 26}
    assert judge(trend(values, ["age"], text=texts("en", text))).verdict in ("refuse", "hold")
    values = {("0-17",): 90, ("18+",): 170, ("total",): 260}
    assert judge(trend(values, ["age"], text=texts("en", text))).verdict in ("pass", "hold")


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("id", "Salah satu korban menjadi saksi."), ("pt", "Uma das vítimas falou."), ("pt", "Uma vítima falou."),
        ("fil", "Isang biktima ang nagsalita."), ("ta", "ஒரு பெண்"), ("my", "လူတစ်ဦးချင်း"),
        ("vi", "Một số nạn nhân được về nhà."), ("en", "One of the victims' main routes is closed."),
        ("en", "Two agencies count victims."), ("id", "Dua lembaga menghitung korban."),
        ("fil", "Ang isang tao ay maaaring mabilang nang dalawang beses."), ("ta", "ஒரு நபர் இரண்டு முறை எண்ணப்படலாம்"),
        ("my", "လူတစ်ဦးကို နှစ်ကြိမ်ရေတွက်နိုင်သည်"),
        ("en", "Women pay 9 million."), ("en", "Women in district 9"), ("en", "SDG 5 and women"),
        ("th", "เจ้าหน้าที่ 180 นายผ่านการอบรม"), ("km", "លោកនាយករដ្ឋមន្ត្រី"),
        ("my", "မောင်တော ခရိုင်"),
    ],
)  # fmt: skip
def test_an_article_a_date_and_a_number_of_a_place_are_no_counts(lang: str, text: str) -> None:
    values: Values = {("female",): 341, ("male",): 290, ("total",): 631}
    assert judge(trend(values, ["sex"], text=texts(lang, text))).verdict == "pass"


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("id", "Berlaku pada 1 Januari 2026."), ("th", "ประชุมในวันที่ 1 มิถุนายน 2569"), ("ta", "2015 மார்ச் 1 அன்று"),
        ("pt", "Entrou em vigor a 1 de maio de 2025."), ("th", "สะพานมิตรภาพแห่งที่ 1"),
    ],
)  # fmt: skip
def test_the_day_of_a_date_with_its_month_and_year_is_no_count(lang: str, text: str) -> None:
    reasons = judge(trend({("female",): 1, ("male",): 37, ("total",): 38}, ["sex"], text=texts(lang, text))).reasons
    assert not [each for each in reasons if each.code == "E-PRIVACY-COUNT"]


def test_an_article_beside_a_hidden_one_is_held() -> None:
    for lang, text in (("pt", "Uma mulher falou."), ("ta", "ஒரு பெண்"), ("en", "One of the women spoke.")):
        assert of_table((1, 37), lang, text) in ("hold", "refuse")
    assert of_table((1, 37), "pt", "Um caso pode ter várias vítimas.") == "pass"


def test_a_count_that_looks_like_a_day_beside_a_word_for_persons_is_a_count() -> None:
    reasons = judge(trend({("female",): 6, ("total",): 6}, ["sex"], text=texts("pt", "mulheres: 6 maio 2025"))).reasons
    assert "E-PRIVACY-COUNT" in {each.code for each in reasons}


@pytest.mark.parametrize(
    ("verdict", "text"),
    [
        ("hold", "Training on 5-7 May 2026 in Bangkok"), ("hold", "Visa-free entry ended on 15 November 2025."),
        ("hold", "The MoU was renewed on 12 December 2025."), ("hold", "Rapat pada 12 Mei 2026 di Batam"),
        ("hold", "The law entered into force on 15 January 2026."), ("hold", "The deadline is 17 June 2026."),
        ("hold", "Thời hạn báo cáo là ngày 15 tháng 12 năm 2026."), ("hold", "กฎหมายประกาศเมื่อวันที่ 15 มีนาคม 2569"),
        ("hold", "Ang deadline ng ulat ay ika-15 ng Disyembre 2026."), ("hold", "Tenggat laporan 15 Mei 2026"),
        ("refuse", "By the law the girl, born on 12 May 2009, is a child."),
        ("refuse", "In the meeting she said that she was born on 12 May 2009."),
        ("refuse", "The girl: 12 May 2009, training."),
        ("refuse", "She came on 12 May 2009."),
    ],
)  # fmt: skip
def test_the_date_of_a_meeting_is_no_sure_date_of_a_person(verdict: str, text: str) -> None:
    assert opinion(text) == verdict
