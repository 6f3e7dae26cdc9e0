"""What is looked for before the forms of what stands behind a label: each rule finds the same without it."""

import csv
import re
from itertools import pairwise
from pathlib import Path

import pytest

from protocol.privacy.corpus import HELD, PASSED, REFUSED
from suar.protocol.privacy.identifiers import doubtful
from suar.protocol.privacy.identifiers.dates import dates_in_words
from suar.protocol.privacy.identifiers.references import without_references
from suar.protocol.privacy.labelled import (
    ages,
    births,
    documents,
    found,
    full_names,
    kin_capitals,
    name_fields,
    network_names,
    roles,
    spots,
)
from suar.protocol.privacy.labelled.announced import announced
from suar.protocol.privacy.labelled.native_names import native_names
from suar.protocol.privacy.names.calling import A_QUOTE
from suar.protocol.privacy.text.month_words import TETUM_MONTHS
from suar.protocol.privacy.text.plain import has_digit, has_native_letter, plain

DATA = Path(__file__).parents[2] / "data"
ALWAYS = re.compile("")


def rows(name: str) -> list[str]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return [row["text"] for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)]


BAD = rows("labelled_texts.tsv")
SINGLE = [*BAD, *rows("good_labelled_texts.tsv"), *(text for _, text in (*REFUSED, *HELD, *PASSED))]
MORE = [
    "Victim 1. Malee", "Witness B, Dara", "Case no. 4) Sreyka", "patient two - Nok", "Geohash W21Z7", "GEOHASH w21z74n",
    "d.o.b. third April", "what3words ///table.lamp.spoon", "w3w table.lamp.spoon", "Maria C. Santos", "Md Rahim left",
    "Ma. Liza was seen", "at 13 degrees 45 minutes, 100 degrees 30 minutes", "lat 1.5, lon 103.8", "13°45' 100°30'",
]  # fmt: skip
TEXTS = [
    plain(text)
    for text in (*SINGLE, *MORE, *map(str.upper, BAD), *map(str.lower, BAD), *map(" ".join, pairwise(SINGLE[::2])))
]


def test_the_rules_find_the_same_in_all_texts_as_in_those_with_one_of_their_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen = [of_words(text, found.labels_in(text)) for text in TEXTS]
    for each in ("ANY_SIGN", "BEHIND_NUMBER", "CHILD_OF", "A_NUMBERED"):
        monkeypatch.setattr(roles, each, ALWAYS)
    monkeypatch.setattr(roles, "IN_THE_NAME", ("",))
    monkeypatch.setattr(full_names, "INITIAL", ALWAYS)
    for module in (roles, births):
        monkeypatch.setattr(module, "has_digit", bool)
    monkeypatch.setattr(roles, "has_sign", bool)
    monkeypatch.setattr(births, "has_native_letter", bool)
    every = births.WORDS | full_names.WORDS | network_names.WORDS | roles.WORDS
    assert sum(map(any, seen)) > 200
    for text, of_text in zip(TEXTS, seen, strict=True):
        if "D.O.B" not in text:  # only in small letters a word for birth of its own
            assert of_words(text, every) == of_text, text


def of_words(text: str, there: frozenset[str]) -> tuple[list[object], ...]:
    """What the rules find for which a word is looked for, `there` being those of the text."""
    return (
        list(births.births(text, there)),
        list(full_names.full_names(text, there)),
        list(network_names.network_names(text, there)),
        list(network_names.network_accounts(text, there)) if has_digit(text) else [],
        list(roles.role_names(text, there)),
    )


def test_the_names_of_a_text_are_those_of_all_rules() -> None:
    for text in TEXTS:
        there = found.labels_in(text)
        every = [
            *native_names(text),
            *ages.aged_names(text),
            *name_fields.field_names(text),
            *roles.role_names(text, there),
            *network_names.network_names(text, there),
            *full_names.full_names(text, there),
            *kin_capitals.kin_capitals(text),
        ]
        assert found.labelled_names(text, [], runs=True) == list(dict.fromkeys(every)), text


def test_the_numbers_of_a_text_have_the_part_that_is_searched_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spots, "A_DEGREE", ALWAYS)
    number = 0
    for text in filter(has_digit, map(without_references, TEXTS)):
        if any([*announced(text), *spots.spots(text), *documents.documents(text)]):
            number += 1
            assert found.NUMBER.search(text) or "geohash" in text.lower(), text
    assert number > 100


@pytest.mark.parametrize("at", range(len(documents.DOCUMENT_FORMS)))
def test_a_number_of_a_document_has_the_part_and_the_word_that_are_searched_first(at: int) -> None:
    form, number = documents.DOCUMENT_FORMS[at], 0
    for text in TEXTS:
        for each in form.found.finditer(text):
            number += 1
            assert form.part.search(each[0]), text
            assert found.NUMBER.search(text), text
            assert any(word in text or word in text.lower() for word in form.words), text
    assert number


def test_a_position_in_degrees_has_the_part_that_is_searched_first(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = [list(spots.spots(text)) for text in TEXTS]
    for each in ("A_DEGREE", "ANY"):
        monkeypatch.setattr(spots, each, ALWAYS)
    assert [list(spots.spots(text)) for text in TEXTS] == seen


def test_a_number_behind_the_name_of_a_document_has_seven_digits(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [text for text in map(plain, SINGLE) if has_digit(text)]
    seen = [doubtful.doubtful(text, []) for text in texts]
    monkeypatch.setattr(doubtful, "SEVEN_IN_GROUPS", ALWAYS)
    assert [doubtful.doubtful(text, []) for text in texts] == seen
    assert [each.words for each in doubtful.doubtful("work permit 12 345 67", [])] == ["12 345 67"]


def test_digits_in_words_of_another_script_have_a_letter_of_it() -> None:
    assert all(has_native_letter(word) for some, _ in doubtful.UNSPACED for word in some)


@pytest.mark.parametrize("month", [*TETUM_MONTHS.split("|"), "fulan 5"])
def test_a_month_in_tetum_is_a_word_of_its_own(month: str) -> None:
    for text in (f"loron 3 {month} 2009", f"Moris iha loron 3, {month.upper()}, 2009."):
        assert len(list(dates_in_words(plain(text)))) == 1


def test_a_quotation_mark_in_ascii_is_one_of_two() -> None:
    assert {chr(each) for each in range(128) if A_QUOTE.search(chr(each))} == {"'", '"'}


@pytest.mark.parametrize(
    ("text", "has_one"), [("มะลิ", True), ("ஆம்", True), ("名", True), ("chị Lan", False), ("a", False)]
)
def test_a_letter_of_another_script_than_latin_is_seen(text: str, has_one: bool) -> None:
    assert has_native_letter(text) is has_one
