"""Counts told in the words of a trend: what its table hides, however it is said, and what is no count."""

from typing import Any

import pytest

from protocol.privacy.prose_table import verdict_of, with_text
from protocol.privacy.sentences import TREND
from protocol.privacy.trends import of, trend
from suar.languages.tags import LANGUAGES as TAGS
from suar.protocol.message.messages import read
from suar.protocol.privacy.counts.disclosed_counts import find_disclosed
from suar.protocol.privacy.counts.hidden_numbers import hidden_numbers
from suar.protocol.privacy.counts.prose import counted
from suar.protocol.privacy.counts.remembered import known_numbers
from suar.protocol.privacy.memo import CELLS, NEW_TEXT_MAX, Unprepared, WorkAllowance
from suar.protocol.privacy.proof.cells import Cell
from suar.protocol.privacy.proof.ledger import Fact, Release
from suar.protocol.privacy.tables.protecting import sheets
from suar.protocol.privacy.text.numerals import LANGUAGES, spelled
from suar.protocol.privacy.text.plain import plain
from suar.protocol.privacy.verdict import judge
from support.kit import alert


@pytest.mark.parametrize(("lang", "verdict", "text"), TREND, ids=range(len(TREND)))
def test_a_sentence_beside_a_table(lang: str, verdict: str, text: str) -> None:
    assert verdict_of(lang, text) == verdict


def test_the_reason_marks_the_words_and_states_no_value() -> None:
    opinion = judge(with_text("th", "มีผู้เสียหายชาย ๗ ราย"))
    (reason,) = opinion.reasons
    assert (opinion.verdict, reason.code, reason.path, reason.marked) == (
        "refuse",
        "E-PRIVACY-COUNT",
        "$.text[1].summary",
        ("๗",),
    )
    assert "7" not in reason.message + reason.hint
    assert "113" not in reason.message + reason.hint


def test_the_title_and_every_language_are_looked_through() -> None:
    texts = [
        {"lang": "en", "title": "Seven men", "summary": "s"},
        {"lang": "vi", "title": "t", "summary": "Có bảy người."},
    ]
    table = trend({("female",): 113, ("male",): 7, ("total",): 120}, ["sex"], text=texts)
    assert [reason.path for reason in judge(table).reasons] == ["$.text[0].title", "$.text[1].summary"]


def obs(values: dict[tuple[str, str], int], dims: dict[str, str] | None = None) -> list[dict[str, Any]]:
    return [
        {
            "period": period, "place": {"role": "detection", "country": "TH", **({"admin1": admin1} if admin1 else {})},
            "dims": dims or {}, "value": value, "status": "A",
        }
        for (period, admin1), value in values.items()
    ]  # fmt: skip


def test_totals_are_wider_in_time_place_and_breakdown() -> None:
    table = of(
        obs({("2026", ""): 500, ("2026-H1", ""): 200, ("2026-Q1", ""): 90, ("2026-01", ""): 4, ("2026", "TH-63"): 30}),
        [],
    )
    hidden = tuple(item if index in (0, 1, 2) else _hidden(item) for index, item in enumerate(table.obs))
    known = hidden_numbers(known_numbers(table, hidden, {}))
    assert known.hidden == {4, 30}
    assert known.left == {496, 196, 86, 470}
    assert {0.8, 2.0, 4.4, 95.6, 98.0, 99.2, 6.0, 94.0} <= known.shares


def test_age_bands_and_the_denominator_are_totals() -> None:
    values = {("0-8",): 6, ("0-17",): 50, ("total",): 200}
    table = trend(values, ["age"], denominator=400)
    hidden = tuple(_hidden(item) if item.value == 6 else item for item in table.obs)
    known = hidden_numbers(known_numbers(table, hidden, {}))
    assert known.left == {44, 194, 394}
    assert {12.0, 3.0, 1.5} <= known.shares


def _hidden(item: Any) -> Any:
    from msgspec.structs import replace

    return replace(item, value=None, status="S")


def test_what_the_table_shows_may_be_said() -> None:
    values: dict[tuple[str, ...], int | None] = {("female",): 60, ("male",): 0, ("other",): 0, ("total",): 60}
    table = trend(values, ["sex"])
    shown = tuple(item if item.value == 60 else _hidden(item) for item in table.obs)
    assert 60 not in hidden_numbers(known_numbers(table, shown, {})).left
    assert verdict_of("en", "120 persons were detected.") == "pass"


def test_a_number_written_on_to_its_word_is_one_beside_it() -> None:
    for text in ("Among them 7men.", "Among them 7males only."):
        assert verdict_of("en", text) == "refuse", text
    assert verdict_of("en", "Among them 4girls.") == "hold"
    assert verdict_of("en", "Among them B7men.") == verdict_of("en", "Route A7m.")


def test_every_field_of_words_is_looked_at_for_what_the_table_hides() -> None:
    values: dict[tuple[str, ...], int | None] = {("female",): 113, ("male",): 7, ("total",): 120}
    issuer = {"member": "TH", "sector": "statistics", "body": "Office of the 7 men"}
    (reason,) = judge(trend(values, ["sex"], issuer=issuer)).reasons
    assert (reason.code, reason.path) == ("E-PRIVACY-COUNT", "$.issuer.body")


def test_a_denominator_that_is_the_hidden_number_is_held() -> None:
    values: dict[tuple[str, ...], int | None] = {("female",): 113, ("male",): 7, ("other",): 8, ("total",): 128}
    opinion = judge(trend(values, ["sex"], denominator=113))
    assert ("E-PRIVACY-COUNT", "$.denominator") in {(reason.code, reason.path) for reason in opinion.reasons}
    assert opinion.verdict == "hold"
    assert judge(trend(values, ["sex"], denominator=4_000)).verdict == "pass"


def test_a_count_is_compared_beside_the_core() -> None:
    """Where only what is known is asked for, what a table hides is not computed anew for a text that counts."""
    values: dict[tuple[str, ...], int | None] = {("female",): 131, ("male",): 6, ("total",): 137}
    silent = trend(values, ["sex"])
    counting = trend(values, ["sex"], text=[{"lang": "en", "title": "t", "summary": "Some 6 fishermen."}])
    judge(silent)
    assert judge(silent, only_known=True).verdict == "pass"
    with pytest.raises(Unprepared):
        judge(counting, only_known=True)
    assert judge(counting, only_known=False) == judge(counting, only_known=True)


def test_what_was_found_beside_the_core_is_known_there_however_much_was_released_before() -> None:
    """A table with more earlier numbers than are kept of all tables together would be looked through for ever."""
    table = trend({("female",): 150, ("male",): 60, ("total",): 210}, ["sex"], period="2026-H2")
    facts = tuple(Fact(Cell("2026", "", "", (("citizenship", f"X{at}"),)), at) for at in range(1_000))
    before = {sheet: [Release(10, True, facts, n) for n in range(CELLS // 1_000 + 1)] for sheet in sheets(table)}
    prose = [("$.text[0].summary", "Some 211 persons.")]
    with pytest.raises(Unprepared):
        find_disclosed(table, prose, table.obs, before, 10, WorkAllowance(NEW_TEXT_MAX))
    found = find_disclosed(table, prose, table.obs, before, 10, WorkAllowance())
    assert find_disclosed(table, prose, table.obs, before, 10, WorkAllowance(NEW_TEXT_MAX)) == found


def test_other_kinds_are_looked_through_as_before() -> None:
    text = [{"lang": "en", "title": "t", "summary": "Three girls and 7 men travelled by ferry."}]
    assert judge(read(alert(text=text))).verdict == "pass"  # type: ignore[arg-type]  # an alert, as its builder made it


@pytest.mark.parametrize(
    ("verdict", "text"),
    [
        ("refuse", "In June 7 men were found."), ("refuse", "7 (seven) men were found."), ("refuse", "Male (n=7)."),
        ("refuse", "7/120 victims were men."), ("refuse", "Six per cent are men."), ("refuse", "Only 7 were men."),
        ("refuse", "Seven Cambodians were found."), ("hold", "7 of 120 were men."), ("hold", "Seven out of 120."),
        ("hold", "Nine persons under 18 were found."), ("hold", "0 boys were found."),
        ("pass", "Ten persons and more."),
        ("pass", "12 per cent more victims than before."), ("pass", "120/120 forms were checked in 2026."),
        ("pass", "Open 24 hours, 7 days a week."),
    ],
)  # fmt: skip
def test_ways_to_say_a_count(verdict: str, text: str) -> None:
    assert verdict_of("en", text) == verdict


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "Men are 5.8 per cent."), ("id", "Laki-laki 5,8 persen."), ("ms", "Lelaki hanya 5.8 peratus."),
        ("ms", "Enam peratus lelaki."), ("vi", "Nam giới chiếm sáu phần trăm."),
        ("pt", "Os homens são seis por cento."),
        ("fil", "Anim na porsiyento ang mga lalaki."), ("fil", "5.8 na porsyento ang lalaki."),
        ("fil", "Anim na bahagdan."),
        ("tet", "Feto 94,2 porsentu."), ("tet", "Ema neen porsentu."), ("tet", "Ema 6 persentu."),
        ("th", "ชายร้อยละหก"), ("th", "เพศชายหกเปอร์เซ็นต์"),
        ("lo", "ແມ່ຍິງ 94,2 ສ່ວນຮ້ອຍ"), ("lo", "ຜູ້ຊາຍຫົກສ່ວນຮ້ອຍ"), ("lo", "ຮ້ອຍລະຫົກ"),
        ("km", "បុរស ៥,៨ ភាគរយ"), ("my", "အမျိုးသမီး ၉၄.၂ ရာနှုန်း"), ("my", "အမျိုးသား ခြောက်ရာခိုင်နှုန်း"),
        ("zh", "男性占百分之六。"), ("ta", "ஆண்கள் 5.8 சதவீதம்."), ("ta", "ஆறு விழுக்காடு."),
    ],
)  # fmt: skip
def test_a_hidden_share_in_per_cent_is_refused_in_every_language(lang: str, text: str) -> None:
    assert verdict_of(lang, text) == "refuse"


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "7 cases."), ("en", "Seven cases."), ("id", "Tujuh kasus."), ("ms", "7 kes."), ("ms", "Tujuh kes."),
        ("vi", "7 vụ án."), ("vi", "Bảy vụ."), ("fil", "Pitong kaso."), ("fil", "7 na kaso."), ("pt", "Sete casos."),
        ("tet", "Kazu hitu."), ("tet", "Kazu 7."), ("th", "7 คดี"), ("th", "เจ็ดคดี"), ("th", "7 กรณี"),
        ("th", "คดีจำนวน 7"),
        ("lo", "7 ຄະດີ"), ("lo", "ເຈັດກໍລະນີ"), ("lo", "ຄະດີຈຳນວນ 7"), ("km", "៧ ករណី"), ("km", "ករណីចំនួន ៧"),
        ("km", "សំណុំរឿង ៧"), ("my", "အမှု ၇ မှု"), ("my", "ခုနစ်မှု"), ("my", "အမှုပေါင်း ၇"), ("my", "အမှု ၇ ခု"),
        ("zh", "七起案件。"), ("zh", "案件共7宗。"), ("ta", "7 வழக்குகள்."), ("ta", "ஏழு வழக்குகள்."),
    ],
)  # fmt: skip
def test_a_hidden_count_beside_a_word_for_cases_is_refused_in_every_language(lang: str, text: str) -> None:
    assert verdict_of(lang, text) == "refuse"


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("my", "ပူးပေါင်းဆောင်ရွက်မှု အသုံးပြုမှု တိုးလာသည်"), ("my", "ပုဒ်မ ၇ အရ အမှုဖွင့်သည်"), ("th", "มาตรา 7 และคดีหมายเลข 7/2567"),
        ("th", "กรณีที่ซับซ้อน"), ("km", "ករណីស្មុគស្មាញ ឆ្នាំ ២០២៦"), ("lo", "ກໍລະນີສຸກເສີນ ມາດຕາ 7"),
        ("fil", "Sa Seksyon 7, ang bahagdan ay tumaas."),
        ("tet", "Porsentu sa'e iha tinan 2026."),
    ],
)  # fmt: skip
def test_words_for_cases_and_per_cent_without_a_count_pass(lang: str, text: str) -> None:
    assert verdict_of(lang, text) == "pass"


ROWS = {
    "en": "one/seven/eleven/nineteen/twenty/forty-two/ninety/one hundred and six",
    "id": "satu/tujuh/sebelas/sembilan belas/dua puluh/empat puluh dua/sembilan puluh/seratus enam",
    "ms": "satu/tujuh/sebelas/sembilan belas/dua puluh/empat puluh dua/sembilan puluh/seratus enam",
    "vi": "một/bảy/mười một/mười chín/hai mươi/bốn mươi hai/chín mươi/một trăm lẻ sáu",
    "fil": "isa/pito/labing-isa/labinsiyam/dalawampu/apatnapu't dalawa/siyamnapu/isandaan at anim",
    "pt": "um/sete/onze/dezanove/vinte/quarenta e dois/noventa/cento e seis",
    "tet": "ida/hitu/sanulu resin ida/sanulu resin sia/ruanulu/haatnulu resin rua/sianulu/atus ida neen",
    "th": "หนึ่ง/เจ็ด/สิบเอ็ด/สิบเก้า/ยี่สิบ/สี่สิบสอง/เก้าสิบ/หนึ่งร้อยหก",
    "lo": "ໜຶ່ງ/ເຈັດ/ສິບເອັດ/ສິບເກົ້າ/ຊາວ/ສີ່ສິບສອງ/ເກົ້າສິບ/ຮ້ອຍຫົກ",
    "km": "មួយ/ប្រាំពីរ/ដប់មួយ/ដប់ប្រាំបួន/ម្ភៃ/សែសិបពីរ/កៅសិប/មួយរយប្រាំមួយ",
    "my": "တစ်/ခုနစ်/ဆယ့်တစ်/ဆယ့်ကိုး/နှစ်ဆယ်/လေးဆယ့်နှစ်/ကိုးဆယ်/တစ်ရာခြောက်",
    "zh": "一/七/十一/十九/二十/四十二/九十/一百零六",
}
VALUES = [1, 7, 11, 19, 20, 42, 90, 106]


@pytest.mark.parametrize("lang", ROWS)
def test_numbers_in_words_have_their_value(lang: str) -> None:
    for words, value in zip(ROWS[lang].split("/"), VALUES, strict=True):
        text = plain(words)
        assert [(each.start, each.end, each.value) for each in spelled(text, lang)] == [(0, len(text), value)], words


def test_every_language_of_the_standard_has_its_numbers() -> None:
    assert {"en", "id", "ms", "vi", "fil", "pt", "tet", "th", "lo", "km", "my", "zh", "ta"} <= LANGUAGES
    tamil = "ஒன்று இரண்டு மூன்று நான்கு ஐந்து ஆறு ஏழு எட்டு ஒன்பது பத்து இருபது தொண்ணூறு"
    assert [each.value for each in spelled(plain(tamil), "ta")] == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 20, 90]


@pytest.mark.parametrize(
    "text",
    [
        "In 2026 and in 2025.", "Persons under 18, aged 18 to 24, 18 years and over.",
        "Article 7, section 3 and table 2.",
        "Within 7 days of entry.", "See 2026-Q3 and 2026-07.", "Version 1.0 of the form.", "Figures of 3 March.",
        "Mục 7, điều 3, năm 2026.", "มาตรา 7 ปี 2569", "第7条，2026年3月",
    ],
)  # fmt: skip
def test_years_ages_articles_and_days_are_no_counts(text: str) -> None:
    for lang in ("en", "vi", "th", "zh"):
        assert counted(plain(text), lang) == []


def test_every_language_of_the_catalogues_has_its_numbers_in_words() -> None:
    assert set(TAGS) <= LANGUAGES, "a language without them would tell hidden counts in words"


@pytest.mark.parametrize(
    ("tag", "text"),
    [
        ("zh-Hans", "男性七人"), ("zh-Hant", "男性七人"), ("zh-CN", "男性七人"), ("th-TH", "ชายเจ็ดคน"),
        ("vi-VN", "bảy nam giới"), ("id-ID", "tujuh laki-laki"), ("ms-MY", "tujuh lelaki"),
        ("fil-PH", "pitong lalaki"), ("pt-BR", "sete homens"), ("en-GB", "seven men"),
        ("fr", "男性七人"), ("en", "ชายเจ็ดคน"), ("fr", "tujuh laki-laki"), ("de", "sete homens"), ("ta", "男性七人"),
    ],
)  # fmt: skip
def test_the_tag_of_a_text_does_not_choose_the_words_that_are_read(tag: str, text: str) -> None:
    """A region or script in the tag, and a tag of another language, hide no number in words."""
    opinion = judge(with_text(tag, text))
    assert opinion.verdict == "refuse"
    assert [reason.code for reason in opinion.reasons] == ["E-PRIVACY-COUNT"]


def test_a_hidden_number_that_is_shown_too_is_held() -> None:
    table = trend({("female",): 40, ("male",): 40, ("other",): 41, ("total",): 121}, ["sex"])
    leaving = tuple(_hidden(item) if index in (0, 2) else item for index, item in enumerate(table.obs))
    for text, ways in (("40 women were found.", (0, 1)), ("41 women were found.", (1, 0))):
        found = find_disclosed(table, [("$.text[0].summary", text)], leaving, {}, 10, WorkAllowance())
        assert tuple(map(len, found)) == ways


@pytest.mark.parametrize(
    ("tag", "text"),
    [
        ("fr", "Sept hommes"), ("de", "sieben Männer"), ("es-419", "siete hombres"), ("ko", "남성 일곱 명"),
        ("ja", "概要"), ("fr", "Par sexe."),
    ],
)  # fmt: skip
def test_a_text_in_a_language_whose_number_words_are_not_read_is_held(tag: str, text: str) -> None:
    opinion = judge(with_text(tag, text))
    assert opinion.verdict == "hold"
    assert [(reason.code, reason.path) for reason in opinion.reasons] == [("E-PRIVACY-COUNT", "$.text[1].lang")]
    assert f"the language {tag}" in opinion.reasons[0].message


@pytest.mark.parametrize("tag", [*sorted(TAGS), "tl", "in", "zsm", "cmn-Hant", "en-GB"])
def test_a_text_in_a_language_whose_number_words_are_read_is_not_held(tag: str) -> None:
    assert judge(with_text(tag, "OK.")).verdict == "pass"


@pytest.mark.parametrize(
    ("figures", "denominator", "verdict"),
    [
        ({("female",): 80, ("male",): 40, ("total",): 120}, 7, "hold"),  # 7 agencies, as far as code can tell
        ({("female",): 80, ("male",): 40, ("total",): 120}, 12, "pass"),
        ({("female",): 3, ("male",): 4, ("total",): 7}, 7, "refuse"),
        ({("female",): None, ("male",): None}, 7, "refuse"),
    ],
)
def test_a_small_denominator_is_refused_only_where_it_can_count_the_people(
    figures: dict[tuple[str, ...], int | None], denominator: int, verdict: str
) -> None:
    assert judge(trend(figures, ["sex"], denominator=denominator)).verdict == verdict
