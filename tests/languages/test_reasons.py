"""What a publisher is told: every reason of every invalid example, in every language."""

import ast
import csv
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

import msgspec
import pytest

import suar
from suar.languages.catalogue import load
from suar.languages.extract import MARK, marked, text_ids
from suar.languages.rendering.reading import render_reason
from suar.languages.tags import LANGUAGES, TRANSLATED
from suar.protocol.base import errors
from suar.protocol.base.reasons import Invalid, Reason
from suar.protocol.base.sentences import Sentence, filled, has_words, name_dimension, sentence
from suar.protocol.compose import complete
from suar.protocol.message import messages, rules
from suar.protocol.message.jsonform import parse
from suar.published import schemas_dir
from support.syntax import parsed

NOW = 1_800_000_000_000


@cache
def reasons() -> tuple[Reason, ...]:
    """Of every invalid example whose JSON form is good, as a reader and as its publisher's gateway finds them."""
    folder = schemas_dir() / "examples/invalid"
    found: list[Reason] = []
    with (folder / "expected.csv").open(newline="") as lines:
        for row in csv.DictReader(lines):
            if not row["file"].startswith("form/") and "receipt" not in row["file"]:
                found += _of((folder / row["file"]).read_bytes())
    return tuple(dict.fromkeys(found))


def _of(data: bytes) -> list[Reason]:
    found: list[Reason] = []
    member = str(json.loads(data).get("id", "TH"))[:2]
    for check in (lambda: rules.compare_fields(messages.decode(parse(data))),
                  lambda: complete(data, member=member, realm="actual", now=NOW, ledger=None)):  # fmt: skip
        try:
            check()
        except Invalid as invalid:
            found += invalid.reasons
    return found


def test_there_are_reasons_of_every_rule() -> None:
    named = {reason.message.rpartition("(")[2].rstrip(")") for reason in reasons()}
    told_to_publishers = {rule.name for rule in rules.RULES if not rule.name.startswith("M-RECEIPT")}
    assert told_to_publishers <= named


@pytest.mark.parametrize("tag", TRANSLATED)
def test_every_reason_is_reported_in_the_language(tag: str) -> None:
    words = load(tag)
    mark = words.phrase("in-english", text="")
    for reason in reasons():
        message, hint = render_reason(_document(reason), words)
        assert mark not in message, reason
        assert mark not in hint, reason
        assert message != reason.message, reason
        assert hint != reason.hint or hint in text_ids() or hint == "", reason


def _document(reason: Reason) -> dict[str, Any]:
    """A reason as it comes over HTTP to who shows it."""
    document: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(reason.shape(with_sentences=True)))
    return document


def test_the_english_is_the_text_ids_with_their_values() -> None:
    for reason in reasons():
        assert reason.sentences, reason
        assert (str(reason.sentences.message), str(reason.sentences.hint)) == (reason.message, reason.hint)


def test_english_is_reported_as_it_is() -> None:
    reason = reasons()[0]
    assert render_reason(_document(reason), load("en")) == (reason.message, reason.hint)


def test_programs_get_what_they_always_got() -> None:
    for reason in reasons():
        assert list(reason.shape()) == ["code", "rule", "path", "message", "hint", "marked"]


def test_values_are_put_in() -> None:
    text = sentence("rev {rev} with action {action}", rev=3, action="new")
    assert load("id").translated(text) == "rev 3 dengan action new"
    inside = sentence("expected an object, got {value}", value=sentence("a list"))
    assert load("th").translated(inside) == "ควรเป็นออบเจกต์ แต่ได้ รายการ"
    assert load("en").translated(text) is None


def test_what_a_publisher_wrote_is_never_taken_for_a_text_of_ours() -> None:
    written = sentence("expected an object, got {value}", value="a list")
    assert "a list" in str(load("th").translated(written))


def test_a_value_never_takes_in_what_follows_it() -> None:
    text = sentence(
        "one cell holds more than {dominant_percent} % of a margin below {dominated_below}",
        dominant_percent=90, dominated_below=50,
    )  # fmt: skip
    known = {name_dimension("sex"): "性别"}
    translated = load("zh").translated(sentence("{text}, by {name}", text=text, name=name_dimension("sex")), known.get)
    assert "性别" in str(translated)
    inside = str(load("zh").translated(text))
    assert inside in str(translated)


def test_a_text_whose_values_do_not_fit_stays_english() -> None:
    words = load("id")
    for odd in (
        Sentence("rev {rev} with action {action}", {"rev": 3}),
        Sentence("{0}", {"0x": 1}),
        Sentence("{", {}),
        Sentence("{text.__class__}", {"text": "a"}),
    ):
        assert words.translated(odd) is None, odd
    nested: dict[str, Any] = {"id": "{a}", "values": {}}
    for _ in range(5000):
        nested = {"id": "{a}", "values": {"a": nested}}
    reason = {"code": "E-MESSAGE-FORM", "path": "$", "message": "m", "hint": "h"}
    assert "m (dalam" in render_reason({**reason, "sentences": {"message": nested, "hint": nested}}, words)[0]


def test_an_unknown_text_stays_english_with_its_mark_behind_what_the_code_means() -> None:
    reason: dict[str, Any] = {"code": "E-MESSAGE-FORM", "path": "$", "message": "something new", "hint": "do this"}
    for sentences in (None, {"message": {"id": "something new"}, "hint": {"id": "do this"}}, "of another form", 3):
        message, hint = render_reason({**reason, "sentences": sentences}, load("id"))
        assert message.startswith("bita-bitanya bukan")
        assert "something new (dalam bahasa Inggris)" in message
        assert hint == "do this (dalam bahasa Inggris)"
    strange = {**reason, "code": "E-NEVER-HEARD"}
    assert render_reason(strange, load("id"))[0] == "something new (dalam bahasa Inggris)"


def test_a_reason_of_an_older_gateway_is_in_english() -> None:
    older = {key: value for key, value in _document(reasons()[0]).items() if key != "sentences"}
    message, hint = render_reason(older, load("vi"))
    assert reasons()[0].message in message
    assert load("vi").phrase("in-english", text=reasons()[0].hint) == hint


# -- the text ids


def calls(name: str) -> Iterator[tuple[str, ast.Call]]:
    """(module, call) of every call of a function in the code."""
    for path in sorted(Path(suar.__path__[0]).rglob("*.py")):
        source = path.read_text(encoding="utf-8")
        for node in ast.walk(parsed(source)) if f"{name}(" in source else ():
            if isinstance(node, ast.Call) and name in (getattr(node.func, "id", ""), getattr(node.func, "attr", "")):
                yield path.name, node


def test_every_reason_is_made_of_sentences() -> None:
    assert {name for name, _ in calls("Reason")} == set()


def test_the_form_of_a_message_is_refused_by_sentences_that_are_its_text() -> None:
    """Before, a program that had requested sentences got none for what is not in the form of the standard."""
    paths = sorted((schemas_dir() / "examples/invalid/form").iterdir())
    refused = [_refusal(path.read_bytes()) for path in paths]
    refused += [
        _refusal(data) for data in (b"[]", b'{"a":1e3}', b"[" * 10**5, b"{" + b'"a":' * 9, b"{'", b'{"a":"{b}{"}}')
    ]
    found = [reason for each in refused if each for reason in each if reason.code == "E-MESSAGE-FORM"]
    assert len({reason.message for reason in found}) > 10
    for reason in found:
        texts = _document(reason)["sentences"]
        assert (_rebuilt(texts["message"]), _rebuilt(texts["hint"])) == (reason.message, reason.hint)


def _refusal(data: bytes) -> tuple[Reason, ...]:
    try:
        parse(data)
    except Invalid as invalid:
        return invalid.reasons
    return ()


def _rebuilt(text: Any) -> str:
    """What a program makes of a text id and its values."""
    if not isinstance(text, dict):
        return str(text)
    return filled(text["id"], {name: _rebuilt(value) for name, value in text["values"].items()})


def test_json_shows_reasons_by_their_shape() -> None:
    for name, call in calls("to_builtins"):
        assert not re.search(r"\breasons?\b", ast.unparse(call)), f"{name}:{call.lineno}"


def test_every_mark_is_collected_and_has_its_values() -> None:
    collected = set(marked())
    found = list(calls(MARK))
    assert len(found) > 100
    for name, call in found:
        where = f"{name}:{call.lineno}"
        assert isinstance(call.args[0], ast.Constant), where
        text_id = call.args[0].value
        assert text_id in collected, where
        fields = [field for _, field, _, _ in Formatter().parse(text_id) if field is not None]
        assert sorted(fields) == sorted(str(keyword.arg) for keyword in call.keywords), where


def test_every_advice_is_a_text_id_of_its_own() -> None:
    for code, entry in errors.CODES.items():
        assert filled(entry.advice, {}) == entry.advice, code


def test_text_ids_are_collected_from_code_and_tables() -> None:
    found = text_ids()
    assert list(found) == sorted(set(found))
    assert "rev {rev} with action {action}" in found
    assert "expected a list, got {value}" in found
    assert "a country: two capital letters of ISO 3166-1" in found
    assert "an id such as {id}" in found
    assert "machine-readable zone" in found
    assert "{text} ({rule})" not in found
    assert not has_words("{text} ({rule})")


def test_each_language_has_a_translation_of_each_text_id() -> None:
    for tag in TRANSLATED:
        assert {text_id for context, text_id in load(tag).texts if context == "reason"} == set(text_ids())
    assert LANGUAGES.keys() > set(TRANSLATED)
