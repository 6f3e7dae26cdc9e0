"""Marked words are the author's own characters, whatever was brought to one form to find them."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from suar.protocol.message.messages import read
from suar.protocol.privacy.identifiers.addresses import in_url
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
