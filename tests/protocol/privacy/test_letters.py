"""What is faster for plain letters finds the same as the searches that are right for every letter."""

import random
import re
import string

import pytest

from suar.protocol.privacy.identifiers.forms import identifiers
from suar.protocol.privacy.names.persons import names
from suar.protocol.privacy.text.plain import has_digit, plain, words_of
from suar.protocol.privacy.verdict import marks

PLAIN = string.printable + "\x00\x1c\x1d\x1e\x1f\x7f"
OTHERS = "àÉñ\u0e19\u0e32\u00a0\u2003ßİ微信"
LETTERS = "abCD  \t\n\x0b\x0c\r\x1c\x1f.,_-"


def texts(letters: str, count: int = 2_000) -> list[str]:
    chosen = random.Random(31)
    return ["".join(chosen.choices(letters, k=chosen.randrange(30))) for _ in range(count)]


@pytest.mark.parametrize("letters", [PLAIN, PLAIN + OTHERS * 4, LETTERS], ids=["plain", "mixed", "few"])
def test_words(letters: str) -> None:
    for text in texts(letters):
        assert words_of(text) == frozenset(re.findall(r"[^\W\d_]+", text.lower()))
        assert has_digit(text) == bool(re.search("[0-9]", text))


def test_digits_are_looked_for_once_in_a_text() -> None:
    has_digit.cache_clear()
    assert marks("prose", "Recruiters promise office work abroad.") == ((), ())
    assert has_digit.cache_info().misses == 1


def test_blanks() -> None:
    for text in texts(LETTERS):
        assert plain(text) == re.sub(r"[^\S ]\s*| \s+", " ", text)


@pytest.mark.parametrize("blank", ["\u2800", "\U0001d159", " \u2800", "\u2800\u2800 ", "\t\u2800", "\u00a0", "\u3000"])
def test_what_a_reader_sees_as_a_blank_is_one(blank: str) -> None:
    text = "Mrs Maria Santos Reyes was born on 12 March 1999, telephone 081 234 5678."
    assert plain(text.replace(" ", blank)) == plain(text)


@pytest.mark.parametrize(
    "text",
    [
        "office work. ask on line id: happyjobs", "Write to line:happy_jobs today", "write on telegram happy_jobs",
        "ask viber happy.jobs about it", "on zalo as happyjobs7", "ask on 微信 happyjobs",
    ],
)  # fmt: skip
def test_an_account_is_found_by_either_sign(text: str) -> None:
    assert [found.kind for found in identifiers(text)] == ["handle"]


@pytest.mark.parametrize("text", ["Office work on line for happy people", "we ask on telegram about it", "line"])
def test_the_name_of_an_app_alone_is_none(text: str) -> None:
    assert identifiers(text) == []


@pytest.mark.parametrize(("text", "found"), [
    ("the victim MARIA SANTOS was found", ["MARIA SANTOS"]), ("the victim maria santos was found", ["maria"]),
    ("The victim was found", []),
])  # fmt: skip
def test_names_in_capitals(text: str, found: list[str]) -> None:
    assert names(text) == found
