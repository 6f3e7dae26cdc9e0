"""A text that is passed over as ordinary has nothing that the searches would find."""

import importlib
import pkgutil
import re
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from protocol.privacy import corpus, sentences
from suar.protocol.privacy import identifiers, names
from suar.protocol.privacy.identifiers.doubtful import doubtful
from suar.protocol.privacy.identifiers.forms import EVERY_APP
from suar.protocol.privacy.identifiers.forms import identifiers as identifiers_of
from suar.protocol.privacy.names.persons import names as names_of
from suar.protocol.privacy.ordinary import is_ordinary
from suar.protocol.privacy.text.plain import plain
from suar.protocol.privacy.verdict import marks

LETTERS = "abcdefghijklmnopqrstuvwxyz"
OTHER_LETTERS = {"persons.IN_A_ROW", "vehicles._LAO", "vehicles._THAI"}
"""Forms whose every match has two capitals, or letters of another script."""
WORDS = st.text(LETTERS, min_size=1, max_size=8)


def found_in(text: str) -> list[object]:
    """What the searches find, each asked by itself."""
    sure = identifiers_of(text)
    return [
        *names_of(text),
        *names_of(text, pairs=False),
        *sure,
        *identifiers_of(text, dates=False),
        *doubtful(text, sure),
    ]


def patterns(value: object) -> Iterator[re.Pattern[str]]:
    """Every compiled form in a value of a module."""
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, tuple | list):
        for each in value:
            yield from patterns(each)


def forms() -> Iterator[object]:
    """Every form of the modules that search for names and identifiers which can match small Latin letters, by name."""
    for package in (names, identifiers):
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            for name, value in vars(importlib.import_module(module.name)).items():
                where = f"{module.name.rpartition('.')[2]}.{name}"
                for number, form in enumerate(patterns(value)):
                    if where not in OTHER_LETTERS and re.search(r"[a-z]|\\w", form.pattern):
                        yield pytest.param(form, id=f"{where}.{number}")


FORMS = [*forms()]


def is_found_or_looked_at(text: str) -> None:
    text = plain(text)
    if is_ordinary(text):
        assert found_in(text) == []


@pytest.mark.parametrize("form", FORMS)
@settings(max_examples=12, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(data=st.data())
def test_no_match_of_any_form_is_passed_over(form: re.Pattern[str], data: st.DataObject) -> None:
    """In small letters, at the begin of a text or after other words, as the form is or with a capital."""
    match = data.draw(st.from_regex(form, alphabet=st.characters(codec="ascii") if form.pattern.isascii() else None))
    before, after = (
        data.draw(st.sampled_from(["", "The ", "they know "])),
        data.draw(st.sampled_from(["", ".", " now"])),
    )
    text = before + match.strip() + after
    for written in (text, text.lower(), text[:1].upper() + text[1:].lower()):
        is_found_or_looked_at(written)


SENTENCES = [
    text
    for lists in (corpus.REFUSED, corpus.HELD, corpus.PASSED, sentences.REFUSED, sentences.HELD, sentences.PASSED)
    for _, text, *_ in lists
]


def test_no_sentence_of_the_corpus_is_passed_over() -> None:
    """As it is and in small letters, whole and by its clauses, and without what is no letter."""
    for text in SENTENCES:
        for part in (text, *re.split(r"[.,;:!?]", text)):
            for written in (part, part.lower(), part.capitalize(), re.sub("[^A-Za-z ]", "", part).lower()):
                is_found_or_looked_at(written.strip())


@given(
    st.lists(st.one_of(WORDS, st.sampled_from(EVERY_APP[:-8])), max_size=4),
    st.sampled_from(["", "id ", "user name ", "nick"]),
)
def test_an_account_after_the_name_of_an_app_is_not_passed_over(words: list[str], label: str) -> None:
    is_found_or_looked_at(f"{' '.join(words)} {label}{'maria'}".strip())
    is_found_or_looked_at(f"{''.join(words)}{label}maria".strip())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Office jobs abroad, with papers taken at the border.", True),
        ("recruiters promise office work", True),
        ("Recruiters in Bangkok promise office work", False),
        ("Recruiters promise office work since 2026", False),
        ("Recruiters promise work; see example.com", False),
        ("her sister malee", False),
        ("lineid malee", False),
        ("si maricel", False),
        ("she uses discord maria.", False),
        ("write to malee at example dot com", False),
        ("ring nine, one, two, three, four, five, six, seven", False),
        ("born the third of may", False),
        ("adiknya aminah", False),
        ("kakakku aminah", False),
        ("loron ida fulan maiu tinan rihun rua", False),
        ("", False),
    ],
)
def test_what_is_ordinary(text: str, expected: bool) -> None:
    assert is_ordinary(text) is expected


def test_an_ordinary_text_is_not_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("suar.protocol.privacy.verdict.names", None)
    assert marks("prose", "Office jobs abroad") == ((), ())
    with pytest.raises(TypeError):
        marks("prose", "Office jobs in Bangkok")
