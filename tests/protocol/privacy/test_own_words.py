"""Marked words are the author's own characters, whatever was brought to one form to find them."""

import csv
import unicodedata
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from suar.protocol.message.messages import read
from suar.protocol.privacy.identifiers.addresses import in_url
from suar.protocol.privacy.text.confusables import LOOKS_LIKE
from suar.protocol.privacy.text.plain import plain, view
from suar.protocol.privacy.verdict import judge, marks, note_refusals
from support.kit import alert


def marked(text: str, field: str = "summary") -> list[str]:
    leads, persons = marks(field, text)
    return [*(found.words for found in leads), *persons]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("โทร ๐๘๑-๒๓๔-๕๖๗๘ หลังเลิกงาน", "๐๘๑-๒๓๔-๕๖๗๘"),
        ("พบนางสาวคำทำ สุขใจ ที่ท่ารถ", "นางสาวคำทำ"),
        ("The page (https://jobs.example.com/abroad) is down.", "https://jobs.example.com/abroad"),
        ("See https://a.example.com/x_(y), then wait.", "https://a.example.com/x_(y)"),
        ("Open <https://a.example.com/x>.", "https://a.example.com/x"),
        ("It is 0 8 1 2 3 4 5 6 7 8 there.", "0 8 1 2 3 4 5 6 7 8"),
        ("It is 081_234_5678 there.", "081_234_5678"),
        ("Write to mаlее@ехаmрlе.соm now.", "mаlее@ехаmрlе.соm"),
        ("Call 0\ufe0f\u20e38\ufe0f\u20e31\ufe0f\u20e3-234-5678.", "0\ufe0f\u20e38\ufe0f\u20e31\ufe0f\u20e3-234-5678"),
        ("Call 08\u200b1\u2011234\u20115678 now.", "08\u200b1\u2011234\u20115678"),
        (unicodedata.normalize("NFD", "Nạn nhân Nguyễn Thị Hoa về."), unicodedata.normalize("NFD", "Nguyễn Thị Hoa")),
        ("Ｍａｒｉａ　Ｓａｎｔｏｓ went home.", "Ｍａｒｉａ　Ｓａｎｔｏｓ"),
    ],
)  # fmt: skip
def test_words_are_marked_as_they_were_written(text: str, words: str) -> None:
    found = marked(text)
    assert words in found
    assert all(each in text for each in found)


def test_invisible_text_is_reported_in_visible_words() -> None:
    hidden = "".join(chr(0xE0000 + ord(digit)) for digit in "0812345678")
    assert marked(f"Nothing here{hidden}.") == ["0812345678"]


def test_the_reasons_of_a_verdict_and_of_a_note_have_them() -> None:
    opinion = judge(read(alert(reason="โทร ๐๘๑-๒๓๔-๕๖๗๘")))  # type: ignore[arg-type]  # an alert, as its builder made it
    assert [reason.marked for reason in opinion.reasons] == [("๐๘๑-๒๓๔-๕๖๗๘",)]
    assert [reason.marked for reason in note_refusals("โทร ๐๘๑-๒๓๔-๕๖๗๘")] == [("๐๘๑-๒๓๔-๕๖๗๘",)]


def test_an_address_is_marked_as_it_is_encoded() -> None:
    assert in_url("https://example.gov/law?tel=%2B66%2081%20234%205678")[0].words == "%2B66%2081%20234%205678"
    assert in_url("https://example.gov/law?by=somchai%40example.org")[0].words == "somchai%40example.org"


LETTERS = (
    "aé\u0301ก\u0e33\u0e4d\u0e32บ\u0ec8\u1161\u11a8\u1100ொ"
    "\u0bc6\u0bbe\u102e\u1025ﬁ①０๑1_ ·-\u200d\u200b\ufe0f\u20e3аΑ\U000e0031%2"
)


@given(text=st.text(st.sampled_from(LETTERS) | st.characters(), max_size=40))
@example("\u00ad")  # nothing is left of it
def test_places_are_kept_and_change_nothing(text: str) -> None:
    seen = view(text)
    assert seen.text == plain(text)
    for at in range(len(seen.text)):
        assert seen.own(seen.text[at:]) is not None
    assert len(seen.spans) == len(seen.text)
    assert all(0 <= start < end <= len(text) or start == end for start, end in seen.spans)


@pytest.mark.parametrize(
    "code", [0x3164, 0xFFA0, 0x180B, 0x180F, 0x2065, 0xFFF0, 0x1D173, 0x1BCA0, 0xE0001, 0xE0100, 0xE0FFF, 0x17B4]
)
def test_no_default_ignorable_character_parts_a_number(code: int) -> None:
    assert plain(f"08{chr(code)}1-234-5678") == "081-234-5678"
    assert marked(f"Call 08{chr(code)}1-234-5678 now.") == [f"08{chr(code)}1-234-5678"]


TAGS = range(0xE0020, 0xE007F)
"""Invisible ASCII: what it spells is looked through beside the text."""
IGNORABLE = (
    # Default_Ignorable_Code_Point, DerivedCoreProperties.txt of Unicode 15.1
    (0x00AD, 0x00AD), (0x034F, 0x034F), (0x061C, 0x061C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F),
    (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF),
)  # fmt: skip


@pytest.mark.parametrize(("first", "last"), IGNORABLE, ids=[f"{first:04X}" for first, _ in IGNORABLE])
def test_every_default_ignorable_character_goes(first: int, last: int) -> None:
    every = [code for code in range(first, last + 1) if code not in TAGS]
    assert [f"{code:04X}" for code in every if plain(f"08{chr(code)}1") != "081"] == []


def test_a_tag_parts_no_number_and_is_read_beside_the_text() -> None:
    for code in TAGS:
        assert plain(f"08{chr(code)}1").startswith("081\0"), f"{code:04X}"


# the rows of confusables.txt (UTS #39) for one letter of Cyrillic, Greek, Cherokee and Coptic, as the package
# confusable-homoglyphs 3.3.1 has them: a Latin letter, a small capital or a digit that it looks like
with (Path(__file__).parents[2] / "data" / "confusables.csv").open(encoding="utf-8", newline="") as published:
    CONFUSED = [(chr(int(row["letter"], 16)), row["looks_like"]) for row in csv.DictReader(published)]


def as_read(looks_like: str) -> str:
    return "I" if looks_like == "l" else unicodedata.name(looks_like)[-1].lower() if looks_like > "z" else looks_like


def test_every_letter_that_looks_latin_is_read_as_the_latin_one() -> None:
    letters = [(letter, as_read(latin)) for letter, latin in CONFUSED if not latin.isdigit()]
    assert [f"{ord(letter):04X}" for letter, latin in letters if plain(f"x{letter}1") != f"x{latin}1"] == []
    assert len(letters) > 140


def test_every_letter_that_looks_like_a_digit_is_read_as_one_beside_digits_only() -> None:
    digits = [(letter, digit) for letter, digit in CONFUSED if digit.isdigit()]
    assert [f"{ord(letter):04X}" for letter, digit in digits if plain(f"0{letter}1") != f"0{digit}1"] == []
    assert [f"{ord(letter):04X}" for letter, digit in digits if plain(f"a {letter} b") != f"a {letter} b"] == []
    assert len(digits) > 9


def test_no_letter_of_the_table_stays() -> None:
    assert [f"{ord(letter):04X}" for letter, latin in LOOKS_LIKE.items() if plain(letter) != latin] == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("She showed \u0391\u03927654321 at the second counter.", "\u0391\u03927654321"),
        ("Write to m\u03b1lee@ex\u03b1mple.c\u03bfm now.", "m\u03b1lee@ex\u03b1mple.c\u03bfm"),
        ("call 081-2З4-5678", "081-2З4-5678"),
        ("Call 0812З45б78", "0812З45б78"),
        ("call 081-ЗЗЗ-5678", "081-ЗЗЗ-5678"),
        ("call О81-234-5678", "О81-234-5678"),
        ("passport AA12З4567", "AA12З4567"),
        ("she had AB7З54321", "AB7З54321"),
        ("facebook.ϲom/malee", "facebook.ϲom/malee"),
        ("faceвook: malee99", "faceвook: malee99"),
        ("facеbооk: malee99", "facеbооk: malee99"),
        ("fάcёbook: malee99", "fάcёbook: malee99"),
        ("wechaт malee99", "wechaт malee99"),
        ("τικτοκ malee99", "τικτοκ malee99"),
        ("Her телегram malee99", "телегram malee99"),
    ],
)  # fmt: skip
def test_greek_and_cyrillic_letters_disguise_no_identifier(text: str, words: str) -> None:
    assert marked(text) == [words]


@pytest.mark.parametrize(
    "text",
    [
        "Потерпевшие были найдены в 6 провинциях, в 2025 году их было 120.",
        "З 2019 року кількість справ зросла; 3б, 5б і 6б - це пункти закону.",
        "Реклама появилась в Телеграм и Вотсап каналах, срок до 3 октября.",
        "Министерство сообщает, что вербовщики обещают 1200 долларов в месяц.",
        "Номер дела 12-345/2026; закон № 154-ФЗ от 2020 года.",
        "Οι γυναίκες εργάζονταν σε ξενοδοχείο κοντά στο λιμάνι το 2025.",
        "Το υπουργείο ανακοίνωσε 12 νέες υποθέσεις το 2026.",
    ],
)
def test_honest_sentences_in_cyrillic_and_greek_pass(text: str) -> None:
    assert marked(text) == []
