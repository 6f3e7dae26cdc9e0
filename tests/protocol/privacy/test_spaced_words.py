"""Number words with separated letters in the texts of a trend are read as those words; abbreviations are not."""

import re
from typing import Final

import pytest

from protocol.privacy.prose_table import verdict_of, with_text
from suar.protocol.privacy.counts.prose import counted
from suar.protocol.privacy.text.plain import plain
from suar.protocol.privacy.verdict import judge

CLUSTER: Final = re.compile("\\w(?:\u17d2\\w|[^\\w\\s])*")
WORDS: Final = {
    "en": "seven men", "id": "tujuh laki-laki", "ms": "tujuh lelaki", "vi": "bảy nam giới", "fil": "pitong lalaki",
    "pt": "sete homens", "tet": "hitu ema", "th": "เจ็ด คน", "lo": "ເຈັດ ຄົນ", "km": "ប្រាំពីរ នាក់", "my": "ခုနစ် ယောက်",
    "ta": "ஏழு பேர்",
}  # fmt: skip
"""A number word and a word for persons in each language whose number words have more than one letter."""
SEPARATORS: Final = (" ", ".", "-", "_", "·", "*", ". ", "\u00a0", "\u2011", "\u2009", "\u2800", "\u200b", "\u2060")


def separated(word: str, separator: str) -> str:
    """A word with a separator between its letters."""
    return separator.join(CLUSTER.findall(word))


@pytest.mark.parametrize("separator", SEPARATORS, ids=ascii)
@pytest.mark.parametrize("lang", WORDS)
def test_separated_letters_of_a_number_word_are_that_word(lang: str, separator: str) -> None:
    number, persons = WORDS[lang].split(" ", 1)
    assert verdict_of(lang, f"{separated(number, separator)} {persons}") == "refuse"


@pytest.mark.parametrize(
    ("lang", "text", "value"),
    [
        ("en", "F O U R men", 4), ("en", "a f o u r men", 4), ("en", "f.o.u.r. men", 4),
        ("en", "t w e n t y  f o u r men", 24),
        ("en", "s i x m e n", 6), ("en", "f o u r-t e e n girls", 14), ("en", "f o u r   m e n", 4),
        ("en", "p a i r of women", 2), ("pt", "v i n t e e q u a t r o homens", 24), ("fil", "p i t ó lalaki", 7),
        ("tl", "p i t ó lalaki", 7),
        ("vi", "b ố n người", 4), ("de", "s e t e homens", 7), ("th", "ส อ ง ค น", 2), ("km", "ប្រាំ ពី រ នាក់", 7),
    ],
)  # fmt: skip
def test_the_number_is_beside_its_word_for_persons(lang: str, text: str, value: int) -> None:
    assert [(each.value, each.is_near_word) for each in counted(plain(text), lang)][:1] == [(value, True)]


def test_the_reason_marks_the_letters_as_written() -> None:
    (reason,) = judge(with_text("en", "Of these, s\u00a0e\u00a0v\u00a0e\u00a0n men.")).reasons
    assert (reason.code, reason.marked) == ("E-PRIVACY-COUNT", ("s\u00a0e\u00a0v\u00a0e\u00a0n",))


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "Legal a i d for women"), ("en", "A.I.D. persons"), ("en", "N.G.O. workers"),
        ("en", "P.O.N.E.S. workers"),
        ("en", "the s-i-x-t-i-e-s men"), ("th", "ก.พ. ถึง มี.ค. คน"), ("vi", "T.P.H.C.M. người"),
        ("id", "P.M.I. dan B.N.P.2.T.K.I. pekerja"), ("pt", "O.I.M. e a O.N.U. mulheres"), ("fil", "O.F.W. manggagawa"),
        ("vi", "T.Ư. người"),
        ("en", "S.O.N.E. men"), ("en", "a b c d e f g h i j women"),
    ],
)  # fmt: skip
def test_abbreviations_are_no_numbers(lang: str, text: str) -> None:
    assert [each for each in counted(plain(text), lang) if not each.words.isdecimal()] == []


def test_a_long_text_of_separated_letters_is_read_in_bounded_steps() -> None:
    text = plain(" ".join("ប្រាំពីរ" * 2_000))
    assert counted(text, "km") is not None
    assert counted(plain("ប្រាំ ពី រ " * 1_000 + "ក"), "km")
