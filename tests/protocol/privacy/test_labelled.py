"""Names and identifiers behind a word for them, in any script and with any sign: each is stopped, its like passes."""

import csv
from collections import Counter
from pathlib import Path

import pytest

from suar.protocol.message.spec import PROSE
from suar.protocol.privacy.identifiers.references import without_references
from suar.protocol.privacy.labelled.announced import announced
from suar.protocol.privacy.text.plain import plain
from suar.protocol.privacy.verdict import LAW_PROSE, marks

DATA = Path(__file__).parents[2] / "data"
CLASSES = ("T-1", "N-1", "N-2", "N-3", "N-4", "N-5", "D-1", "P-1", "I-1", "L-1")
OF_LAWS = "L-1"


def rows(name: str) -> list[tuple[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return [(row["class"], row["text"]) for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)]


BAD, GOOD = rows("labelled_texts.tsv"), rows("good_labelled_texts.tsv")


def opinion(kind: str, text: str) -> str:
    leads, persons = marks(LAW_PROSE if kind == OF_LAWS else PROSE, text)
    if any(found.is_sure for found in leads):
        return "refuse"
    return "hold" if leads or persons else "pass"


@pytest.mark.parametrize("kind", CLASSES)
def test_what_identifies_a_person_is_stopped(kind: str) -> None:
    assert [text for each, text in BAD if each == kind and opinion(each, text) == "pass"] == []


@pytest.mark.parametrize("kind", CLASSES)
def test_its_like_that_identifies_nobody_passes(kind: str) -> None:
    assert [text for each, text in GOOD if each == kind and opinion(each, text) != "pass"] == []


def test_each_class_has_texts_of_both_sorts() -> None:
    bad, good = (Counter(kind for kind, _ in rows_) for rows_ in (BAD, GOOD))
    assert set(bad) == set(good) == set(CLASSES)
    assert min(good.values()) >= 20


@pytest.mark.parametrize("text", ["Her telephone is 01712345678", "电话 98400 12345", "phone 54321678"])
def test_a_number_behind_a_noun_is_refused_and_behind_a_verb_held(text: str) -> None:
    assert opinion("T-1", text) == "refuse"
    assert opinion("T-1", "call 1234567890") == "hold"
    assert list(announced(without_references(plain("Call volumes 2023-2024: 9123/9567.")))) == []
