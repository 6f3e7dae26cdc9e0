"""Marks on a letter where words of a peer are shown: as many as a script needs, and no pile over the page."""

import re
import sys
import unicodedata

import pytest

from suar.console.rendering import environment
from suar.languages.rendering.unseen import MARKS_MAX, few_marks, visible_text


@pytest.mark.parametrize("mark", ["\u0301", "\u0489", "\u0e49", "\u200d\u0301", "\ufe0f\u0301"])
def test_a_pile_of_marks_is_cut(mark: str) -> None:
    pile = f"e{mark * 100}x"
    for shown in (few_marks(pile), visible_text(pile), environment().from_string("{{ it }}").render(it=pile)):
        assert sum(shown.count(each) for each in mark if each != "\u200d") <= MARKS_MAX
        assert (shown[0], shown[-1]) == ("e", "x")


def test_no_mark_and_no_joiner_is_of_a_word_or_of_ascii() -> None:
    """What text is looked at character by character hangs on it."""
    every = map(chr, range(sys.maxunicode + 1))
    marks = "".join(char for char in every if unicodedata.category(char) in ("Mn", "Me", "Cf"))
    assert re.search(r"[\w\x00-\x7f]", marks) is None


@pytest.mark.parametrize(
    "text",
    [
        "น้ำใจที่นั่น", "ក្រុមប្រឹក្សាភិបាល", "ကျွန်ုပ်တို့၏", "மொழிபெயர்ப்பு", "ຄຳເຕືອນຢູ່ນີ້", "Tiếng Việt: nghiêm trọng",
        "e\u0301\u0302", "plain",
    ],
)  # fmt: skip
def test_words_of_the_region_are_as_they_were(text: str) -> None:
    assert few_marks(text) == text
    assert environment().from_string("{{ it }}").render(it=text) == text


def test_what_is_markup_stays_markup() -> None:
    made = environment().from_string("{{ it }}{{ it | safe }}").render(it="<b>é</b>")
    assert made == "&lt;b&gt;é&lt;/b&gt;<b>é</b>"
