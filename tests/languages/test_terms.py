"""schemas/terms.csv: the forty terms that matter, and every catalogue kept to them."""

import csv
import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import pytest
from babel.messages.catalog import Catalog

from suar.languages.catalogue import REASON
from suar.languages.extract import messages, path_of, read
from suar.languages.tags import TRANSLATED
from suar.published import schemas_dir

COLUMNS = ["term", "definition", "source", "used_in", "en", *sorted(TRANSLATED)]


class Term(NamedTuple):
    """A row: `used_in` are contexts of the catalogues, `words` by language the word and its further forms."""

    name: str
    definition: str
    source: str
    used_in: tuple[str, ...]
    words: dict[str, tuple[str, ...]]


class Label(NamedTuple):
    """A text of a catalogue: where it is used, its English, its translation."""

    context: str
    english: str
    text: str


def folded(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()


@cache
def lines() -> list[list[str]]:
    with (schemas_dir() / "terms.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


@cache
def terms() -> tuple[Term, ...]:
    found = []
    for name, definition, source, used_in, *cells in lines()[1:]:
        words = {tag: tuple(cell.split("|")) for tag, cell in zip(COLUMNS[4:], cells, strict=True)}
        found.append(Term(name, definition, source, tuple(used_in.split()), words))
    return tuple(found)


def labels(tag: str, catalogue: Catalog) -> Iterator[Label]:
    """The labels, phrases, causes and next steps of a catalogue."""
    texts = {(entry.context, entry.id): str(entry.string) for entry in catalogue if entry.id}
    for context, english in messages(tag):
        if context != REASON:
            yield Label(context, english, texts.get((context, english), ""))


def names(english: str, term: Term) -> bool:
    """Whether an English text has the term in it, as a word."""
    forms = "|".join(map(re.escape, term.words["en"]))
    return re.search(rf"\b(?:{forms})(?!\w)", english, re.IGNORECASE) is not None


def is_kept(text: str, words: tuple[str, ...]) -> bool:
    return any(folded(word) in folded(text) for word in words)


def departures(tag: str, catalogue: Catalog) -> list[tuple[str, str, str]]:
    """Where a catalogue has a label without the word of the term that the label is, or names."""
    return [
        (label.context, term.name, label.text)
        for label in labels(tag, catalogue)
        for term in terms()
        if label.context in term.used_in and names(label.english, term) and not is_kept(label.text, term.words[tag])
    ]


# -- the table


def test_the_table_has_forty_terms_and_a_column_for_every_language() -> None:
    assert lines()[0] == COLUMNS
    assert len(terms()) == len({term.name for term in terms()}) == 40


def test_every_cell_is_filled_and_clean() -> None:
    for line in lines()[1:]:
        for cell in line:
            assert cell, line[0]
            assert cell == cell.strip()
            assert unicodedata.is_normalized("NFC", cell)
    for term in terms():
        assert term.definition.endswith("."), term.name
        assert all(word == word.strip() != "" for words in term.words.values() for word in words), term.name


@pytest.mark.parametrize("tag", ["en", *TRANSLATED])
def test_no_word_is_used_for_two_terms(tag: str) -> None:
    """Cancelled and destroyed, exercise and training, servitude and slavery, acknowledged and confirmed."""
    seen: dict[str, str] = {}
    for term in terms():
        for word in term.words[tag]:
            assert seen.setdefault(folded(word), term.name) == term.name, word


def test_every_use_of_a_term_exists_and_names_it() -> None:
    texts: dict[str, list[str]] = {}
    for context, english in messages("id"):
        texts.setdefault(context, []).append(english)
    for term in terms():
        for context in term.used_in:
            assert any(names(english, term) for english in texts[context]), (term.name, context)


def test_every_label_that_is_a_term_is_listed_with_it() -> None:
    missing = [
        (context, term.name)
        for context, english in messages("id")
        for term in terms()
        if context != REASON and context not in term.used_in
        and folded(english) in {folded(word) for word in term.words["en"]}
    ]  # fmt: skip
    assert missing == []


def test_the_standard_names_its_table() -> None:
    assert "| `terms.csv` |" in (schemas_dir() / "README.md").read_text(encoding="utf-8")


# -- the catalogues


@pytest.mark.parametrize("tag", TRANSLATED)
def test_a_catalogue_keeps_to_the_terms(tag: str) -> None:
    assert departures(tag, read(path_of(tag))) == []


@pytest.mark.parametrize("tag", TRANSLATED)
def test_an_exercise_is_never_called_training_nor_a_cancelled_text_destroyed(tag: str) -> None:
    words = {term.name: term.words[tag] for term in terms()}
    for label in labels(tag, read(path_of(tag))):
        if label.context in ("status/exercise", "phrase/exercise", "phrase/exercise-title"):
            assert not is_kept(label.text, words["training"]), label
        if label.context in ("action/cancel", "phrase/cancelled", "phrase/notice-cancel"):
            assert not is_kept(label.text, words["destroyed"]), label


@pytest.mark.parametrize(
    ("tag", "context", "text"),
    [
        ("fil", "receipt-stage/stored", "Naitago"),
        ("th", "handling/originator-consent", "นำไปใช้ต่อได้เมื่อเจ้าของข้อมูลยินยอมเท่านั้น"),
        ("id", "field/of_members", "Dari anggota"),
        ("zh", "receipt-stage/acknowledged", "已确认"),
        ("my", "cause/queued", "ဤနေရာတွင် ပိတ်ရန် စောင့်နေသည်"),
        ("th", "purpose/servitude", "ภาระจำยอม"),
    ],
)
def test_a_catalogue_that_departs_is_reported(tag: str, context: str, text: str) -> None:
    catalogue = read(path_of(tag))
    for entry in catalogue:
        if entry.context == context:
            entry.string = text
    assert [(where, shown) for where, _, shown in departures(tag, catalogue)] == [(context, text)]
