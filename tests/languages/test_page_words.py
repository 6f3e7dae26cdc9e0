"""No page names a command, a field of files or a schema: who reads it has the console and nothing else."""

import re

import pytest

from suar.languages import page_words
from suar.languages.catalogue import load
from suar.languages.causes import render_cause
from suar.languages.console_words import CONSOLE
from suar.languages.extract import text_ids
from suar.languages.page_words import begin, for_page
from suar.languages.tags import LANGUAGES, TRANSLATED
from suar.observe.causes import CAUSES, COMMANDS, NEXT
from suar.protocol.base.sentences import Sentence, sentence

PLACEHOLDER = re.compile(r"\{\w+\}")
OF_PROGRAMS = re.compile(
    r"`|\bsuar \w|--\w|\w_\w|\$\.|\bcoverage\.|\bschemas?\b|\btoken\b|HH:MM|\b[EM]-[A-Z]|\bJSON\b|pattern\b"
)
NOT_OF_A_FORM = frozenset(
    {
        "a field breaks its own type, pattern, length, range or uniqueness",
        "a field that the schema does not have",
        "give the schema that has it",
        "means may be absent only of a pattern against children",
        "no such field in the schema",
        "take one that the reason lists; all are in `suar schemas export`",
        "the bytes are not the one JSON form that every reader reads alike",
        "the schema is missing",
        "the schema is not one that this version reads",
        "the schema name is missing, malformed, of another kind or of another major version",
    }
)
"""What no form of the console can make wrong, and a pattern that is a kind of message."""


def is_of_programs(text: str) -> bool:
    return bool(OF_PROGRAMS.search(PLACEHOLDER.sub("", text)))


def placeholders(text: str) -> set[str]:
    return set(PLACEHOLDER.findall(text))


def test_every_text_that_names_what_programs_have_is_worded_otherwise_on_a_page() -> None:
    texts = {text for text in text_ids() if is_of_programs(text)} - NOT_OF_A_FORM
    assert texts <= page_words.REASONS.keys(), texts - page_words.REASONS.keys()
    assert set(text_ids()) >= NOT_OF_A_FORM


def test_a_line_of_the_table_is_about_a_text_that_is_there() -> None:
    known = {*text_ids(), "{text} ({rule})"}
    assert page_words.REASONS.keys() <= known, page_words.REASONS.keys() - known
    assert page_words.NEXT.keys() <= NEXT.keys()


@pytest.mark.parametrize("table", [page_words.REASONS, page_words.NEXT, page_words.FAULTS])
def test_what_a_page_says_names_nothing_that_programs_have(table: dict[str, str]) -> None:
    assert [text for text in table.values() if is_of_programs(text)] == []


def test_what_a_page_says_needs_no_value_that_is_not_there() -> None:
    for text, page_text in page_words.REASONS.items():
        assert placeholders(page_text) <= placeholders(text), text


def test_every_next_step_with_a_command_is_worded_otherwise() -> None:
    with_commands = {name for name, text in NEXT.items() if placeholders(text) & {f"{{{each}}}" for each in COMMANDS}}
    assert with_commands <= page_words.NEXT.keys()


def test_no_words_of_the_console_name_what_programs_have() -> None:
    about_tokens = re.compile(r"\btoken\b")  # which have a page
    assert [text for text in CONSOLE.values() if is_of_programs(about_tokens.sub("", text))] == []


def test_a_sentence_inside_another_is_stated_for_the_page_too() -> None:
    held = sentence("`suar held` lists those that do")
    inside = Sentence("{text} ({rule})", {"text": held, "rule": "M-ALERT-ACK"})
    assert str(for_page(inside)) == "a colleague with the role approver finds what waits under To approve"


@pytest.mark.parametrize("tag", TRANSLATED)
def test_no_translation_brings_a_command_back(tag: str) -> None:
    words = load(tag)
    for page_text in {*page_words.REASONS.values(), *page_words.NEXT.values()} - {"{text}"}:
        shown = words.translated(Sentence(page_text, {name.strip("{}"): "1" for name in placeholders(page_text)}))
        assert shown is not None, page_text
        assert not is_of_programs(shown), shown


def test_an_official_learns_when_an_update_of_figures_leaves_and_what_becomes_of_a_small_correction() -> None:
    text = for_page(sentence("a revision changes a count that was shown, and is not of one of the fixed dates"))
    hint = for_page(
        sentence(
            "hand it in from {first} to {last}; or cancel the message and publish it anew",
            first="2027-01-01", last="2027-01-14",
        )
    )  # fmt: skip
    assert "the first two weeks of January, April, July and October" in str(text)
    assert str(hint).startswith("hand it in from 2027-01-01 to 2027-01-14; or recall the message")
    assert "wrong by a few persons only leaves hidden in both: leave it out" in str(hint)


@pytest.mark.parametrize("tag", ["en", *TRANSLATED])
def test_who_operates_the_gateway_is_not_told_to_tell_the_operator(tag: str) -> None:
    number = next(at for at, each in enumerate(CAUSES, 1) if page_words.NEXT.get(each.next) == page_words.OPERATOR)
    values = dict.fromkeys(placeholders_of(number), None)
    steps = [
        render_cause(number, values, LANGUAGES[tag], for_page=True, for_operator=is_one)[1] for is_one in (True, False)
    ]
    words = load(tag)
    assert steps == [
        begin(words.translated(Sentence(text)) or text) for text in (page_words.IS_OPERATOR, page_words.OPERATOR)
    ]


def placeholders_of(number: int) -> set[str]:
    """The names of the values of a cause."""
    return {name.strip("{}") for name in placeholders(CAUSES[number - 1].text)}
