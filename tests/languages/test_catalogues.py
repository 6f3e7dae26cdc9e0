"""Every catalogue: complete, up to date, in its own script, in NFC, and plain about where it comes from."""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from string import Formatter

import pytest
from babel.messages.catalog import Catalog, Message

from suar.languages.extract import HEADER_HAS, main, messages, path_of, read, untranslated, updated, written
from suar.languages.tags import LANGUAGES, TRANSLATED

SCRIPTS = {"Thai": "THAI", "Khmr": "KHMER", "Laoo": "LAO", "Mymr": "MYANMAR", "Hans": "CJK", "Taml": "TAMIL"}
"""ISO 15924 to the word with which Unicode names the letters."""
IDENTIFIERS = re.compile(
    r"https?://|[\w.]+@[\w.]+|schemas/codelists|suar(?: [a-z]+)*|(?<![A-Za-z])(?:ISIC Rev|[A-Z]{2,}[A-Za-z0-9:+-]*"
    r"|[A-Z]|YYYY[-\w:]*|base32|true|false|null|new|update|cancel|immediate|extreme|other|unknown|total|national|th|zh-Hans"
    r"|en|lang|ids?|rev|action|status|severity|value|means|child_only|margins|low|high|first_seen|last_seen|expires|valid_from"
    r"|sent|confidence|dims|min_years|max_years|coverage\.scope|obs|frame|messages|epoch|first|last|trust|exercise"
    r"|approve|actual|k|n|nkey|agencies)(?![A-Za-z])"
)
"""What stays in Latin letters in every language: what a publisher types, and names of standards."""
SAME: dict[str, frozenset[str]] = {
    "*": frozenset({"{year}", "“{text}”", "{label}: {value}", "{first}, {rest}", "{first}; {rest}",
                    "{code} - {meaning}", "{date}, {time} UTC", "{number}\u00a0%", "{day} {month} {year}",
                    "{month} {year}", "{{frame, messages}}, {{epoch, first, last}} or {{trust}}"}),
    # written alike in both languages
    "id": frozenset({"Status", "Platform", "Transit", "Digital", "Mandarin", "Hmong Njua", "Khmu", "Mon",
                     "Bus", "null"}),
    "ms": frozenset({"Status", "Trend", "null", "Platform", "Transit", "Digital", "Mandarin", "Hmong Njua", "Khmu",
                     "Mon", "Unit", "Fraud", "Instrumen"}),
    "fil": frozenset({"Bus", "Ferry", "Hotline", "Gateway", "Social network", "Frame", "Mandarin", "Hakha Chin",
                      "Hmong Njua", "Khmu", "S'gaw Karen", "Mon", "Min Nan"}),
    "pt": frozenset({"Total", "Circular", "use suar ack", "Digital", "Consular", "Hmong Njua", "Khmu", "Mon"}),
    "tet": frozenset({"Hakha Chin", "Hmong Njua", "Lü", "Khmu", "Mon", "Timor-Leste", "Sri Lanka", "Taiwan", "Laos",
                      "Portugal", "tamil", "hindi", "lao"}),
}  # fmt: skip
"""Texts whose translation may be the English word."""


@cache
def catalogue(tag: str) -> Catalog:
    return read(path_of(tag))


def entries(tag: str) -> Iterator[Message]:
    return (entry for entry in catalogue(tag) if entry.id)


def fields(text: str) -> list[str]:
    return sorted(name for _, name, _, _ in Formatter().parse(text) if name is not None)


def own_words(text: str) -> str:
    """A translation without its placeholders and what is written alike everywhere."""
    return IDENTIFIERS.sub("", re.sub(r"{{|}}|{\w+}", " ", text))


def test_all_are_up_to_date(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--check"]) == 0, capsys.readouterr().out


@pytest.mark.parametrize("tag", TRANSLATED)
def test_every_text_is_translated(tag: str) -> None:
    assert [entry.id for entry in untranslated(catalogue(tag))] == []
    assert {(entry.context, entry.id) for entry in entries(tag)} == set(messages(tag))


@pytest.mark.parametrize("tag", TRANSLATED)
def test_placeholders_are_kept(tag: str) -> None:
    wrong = [entry.id for entry in entries(tag) if fields(str(entry.id)) != fields(str(entry.string))]
    assert wrong == []


@pytest.mark.parametrize("tag", TRANSLATED)
def test_nothing_is_left_in_english(tag: str) -> None:
    allowed = SAME["*"] | SAME.get(tag, frozenset())
    left = [entry.id for entry in entries(tag) if entry.string == entry.id and entry.id not in allowed]
    assert left == []


@pytest.mark.parametrize("tag", TRANSLATED)
def test_texts_are_clean(tag: str) -> None:
    for entry in entries(tag):
        text = str(entry.string)
        assert unicodedata.is_normalized("NFC", text), entry.id
        assert text == text.strip(), entry.id
        assert all(char.isprintable() or char in "\u00a0\u200b\u200c\u200d" for char in text), entry.id


@pytest.mark.parametrize("tag", [tag for tag in TRANSLATED if LANGUAGES[tag].script in SCRIPTS])
def test_texts_are_in_the_script_of_the_language(tag: str) -> None:
    script = SCRIPTS[LANGUAGES[tag].script]
    for entry in entries(tag):
        letters = [char for char in own_words(str(entry.string)) if char.isalpha()]
        foreign = [char for char in letters if not unicodedata.name(char).startswith(script)]
        assert not foreign, (entry.id, entry.string, foreign)


@pytest.mark.parametrize("tag", [tag for tag in TRANSLATED if LANGUAGES[tag].script == "Latn"])
def test_latin_texts_are_latin(tag: str) -> None:
    for entry in entries(tag):
        foreign = [
            char
            for char in str(entry.string)
            if char.isalpha() and char != "º" and "LATIN" not in unicodedata.name(char)
        ]
        assert not foreign, (entry.id, foreign)


@pytest.mark.parametrize("tag", TRANSLATED)
def test_the_header_misleads_nobody(tag: str) -> None:
    header = " ".join(line.lstrip("# ") for line in catalogue(tag).header_comment.splitlines())
    assert f"{HEADER_HAS} no." in header
    assert "machine translation" in header
    assert "Second reading, not native" in header
    assert LANGUAGES[tag].autonym in header


def test_codes_of_one_list_read_differently() -> None:
    for tag in TRANSLATED:
        seen: dict[tuple[str, str], str] = {}
        for entry in entries(tag):
            listing, slash, code = str(entry.context).partition("/")
            if slash and listing not in ("field", "phrase", "console"):
                before = seen.setdefault((listing, str(entry.string)), code)
                assert before == code, (tag, entry.context, before)


# -- the extractor


def test_a_new_text_is_empty_and_a_changed_one_fuzzy() -> None:
    old = Catalog()
    old.add("Old English", "ญัตติ", context="act/recruitment")
    old.add("Gone", "หาย", context="act/gone")
    new = {entry.context: entry for entry in updated("th", old) if entry.id}
    assert new["act/recruitment"].string == "ญัตติ"
    assert new["act/recruitment"].fuzzy
    assert new["act/transfer"].string == ""
    assert "act/gone" not in new
    assert len(untranslated(updated("th", old))) == len(set(messages("th")))


def test_an_update_changes_nothing_that_is_up_to_date_and_keeps_the_header() -> None:
    for tag in TRANSLATED:
        data = path_of(tag).read_bytes()
        assert written(updated(tag, catalogue(tag)), tag) == data
    mine = read(path_of("th"))
    mine.header_comment = "# Reviewed by a native speaker: yes"
    assert b"# Reviewed by a native speaker: yes" in written(updated("th", mine), "th")
