"""What is looked for before a form of a name is searched: no text in which the form stands does without it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.privacy.corpus import HELD, PASSED, REFUSED
from suar.protocol.privacy.identifiers import dates, doubtful, forms, payments, positions
from suar.protocol.privacy.names import calling
from suar.protocol.privacy.names import persons as names
from suar.protocol.privacy.text.plain import plain
from suar.protocol.privacy.text.plain import words_of as small_words

PREFILTERS = {"PATRONYM": "BETWEEN", "PERSONAL": "MARKERS", "CALLED": "CALLING"}
CONNECTING = re.compile(r"\(\?:([^()]*)\)")


def words_of(form: str) -> list[str]:
    """The words in the first alternatives of a form that it must have."""
    groups = CONNECTING.findall(getattr(names, form).pattern)
    longest: str = max(groups, key=lambda group: group.count("|"))
    return [word.replace("\\.", ".") for word in longest.split("|")]


@pytest.mark.parametrize(("form", "prefilter"), PREFILTERS.items())
def test_every_word_of_a_form_is_looked_for(form: str, prefilter: str) -> None:
    found = 0
    for word in words_of(form):
        text = f"It was Ali {word} Zarqan who came."
        if getattr(names, form).search(text):
            found += 1
            assert names.has_any(text, getattr(names, prefilter)), word
    assert found >= 5


@given(st.lists(st.sampled_from([text for _, text in (*REFUSED, *HELD, *PASSED)]), min_size=1, max_size=3), st.data())
def test_no_sentence_of_the_corpus_is_passed_over(sentences: list[str], data: st.DataObject) -> None:
    text = plain(" ".join(sentences))
    at = data.draw(st.integers(0, len(text)))
    text = text[at:]
    for form, prefilter in PREFILTERS.items():
        assert names.has_any(text, getattr(names, prefilter)) or not getattr(names, form).search(text)


EVERY = [plain(text) for _, text in (*REFUSED, *HELD, *PASSED)]


@pytest.mark.parametrize("form", range(len(calling.NAMED)))
def test_a_form_of_calling_has_one_of_its_words(form: int) -> None:
    words, pattern = calling.NAMED[form]
    for text in EVERY:
        if pattern.search(text):
            there = small_words(text)
            assert (words & there) if words else re.search(r"\d", text), text


@pytest.mark.parametrize("form", range(len(calling.NICKNAMES)))
def test_a_form_of_nicknames_has_one_of_its_words(form: int) -> None:
    words, pattern = calling.NICKNAMES[form]
    for text in EVERY:
        if pattern.search(text):
            assert calling.A_QUOTE.search(text), text
            there = small_words(text)
            assert words & there or calling.WITHIN_A_NAME in words or not (words or text.isascii()), text


PARTS = [
    (part, form) for module in (forms, dates, payments, positions) for part, every in module.PARTS for form in every
]


@pytest.mark.parametrize("number", range(len(PARTS)))
@given(data=st.data())
def test_what_has_a_form_has_the_part_that_is_searched_first(number: int, data: st.DataObject) -> None:
    part, form = PARTS[number]
    text = plain(data.draw(st.from_regex(form)))
    for found in form.finditer(text):
        assert part.search(found[0]), found[0]


@given(
    st.lists(st.sampled_from([*"0123456789 -/.,+°()AXNSE年", "12", "2026", "May", " 05 ", "TH", "no "]), max_size=24)
)
def test_numbers_in_any_order_have_the_part_that_is_searched_first(pieces: list[str]) -> None:
    text = plain("".join(pieces))
    for part, form in PARTS:
        assert part.search(text) or not form.search(text)


def test_the_corpus_has_every_part_that_is_searched_first() -> None:
    found = [text for text in EVERY for part, form in PARTS if form.search(text) and part.search(text)]
    assert len(found) > 50
    assert not [text for text in EVERY for part, form in PARTS if form.search(text) and not part.search(text)]


def test_a_number_in_words_has_two_of_its_words() -> None:
    found = 0
    for text in EVERY:
        for words, pattern in doubtful.SPACED:
            if pattern.search(text):
                found += 1
                assert len(words & small_words(text)) > 1, text
    assert found >= 7


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("NGUYỄN THỊ LAN bị bán sang Campuchia.", "NGUYỄN THỊ LAN"),
        ("The victim MALEE SRISUK was taken to the port.", "MALEE SRISUK"),
        ("SITI AMINAH dibawa ke pelabuhan", "SITI AMINAH"),
        ("her mother SOK DARA said so", "SOK DARA"),
        ("Victim: Malee", "Malee"),
        ("Korban: Dewi, 15 th", "Dewi"),
        ("Nạn nhân: Lan, 15 tuổi", "Lan"),
    ],
)
def test_names_in_capitals_and_behind_a_label_are_held(text: str, name: str) -> None:
    assert names.names(plain(text)) == [name]


@pytest.mark.parametrize(
    "text",
    [
        "UNODC IOM and ILO met in Bangkok.", "FORCED LABOUR ALERT", "Victims: women from Laos", "Victim: Unknown",
        "Name: Ministry of Labour", "TIP report of AMMTC SOMTC was read", "Call HOTLINE NUMBER 1300 now",
    ],
)  # fmt: skip
def test_abbreviations_headings_and_offices_are_no_names(text: str) -> None:
    assert names.names(plain(text)) == []
