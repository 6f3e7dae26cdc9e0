"""What a publisher is told: every reason of every invalid example, in every language."""

import csv
import json
from functools import cache

import pytest

from suar.languages.catalogue import load
from suar.languages.reasons import told, translated
from suar.languages.tags import LANGUAGES, TRANSLATED
from suar.languages.templates import templates
from suar.protocol import messages, rules
from suar.protocol.compose import complete
from suar.protocol.jsonform import parse
from suar.protocol.reasons import Invalid, Reason
from suar.published import schemas_dir

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
def test_every_reason_is_told_in_the_language(tag: str) -> None:
    words = load(tag)
    mark = words.phrase("in-english", text="")
    for reason in reasons():
        message, hint = told(_document(reason), words)
        assert mark not in message, reason
        assert mark not in hint, reason
        assert message != reason.message, reason
        assert hint != reason.hint or hint in words.reasons() or hint == "", reason


def _document(reason: Reason) -> dict[str, str]:
    return {"code": reason.code, "path": reason.path, "message": reason.message, "hint": reason.hint}


def test_english_is_told_as_it_is() -> None:
    reason = reasons()[0]
    assert told(_document(reason), load("en")) == (reason.message, reason.hint)


def test_values_are_put_in_again() -> None:
    assert translated("id", "rev 3 with action new") == "rev 3 dengan action new"
    assert translated("th", "expected an object, got a list") == "ควรเป็นออบเจกต์ แต่ได้ รายการ"
    assert translated("en", "anything") is None


def test_an_unknown_text_stays_english_with_its_mark_behind_what_the_code_means() -> None:
    reason = {"code": "E-MESSAGE-FORM", "path": "$", "message": "something new", "hint": "do this"}
    message, hint = told(reason, load("id"))
    assert message.startswith("bita-bitanya bukan")
    assert "something new (dalam bahasa Inggris)" in message
    assert hint == "do this (dalam bahasa Inggris)"
    strange = {**reason, "code": "E-NEVER-HEARD"}
    assert told(strange, load("id"))[0] == "something new (dalam bahasa Inggris)"


def test_templates_are_read_from_the_code() -> None:
    found = templates()
    assert len(found) == len(set(found))
    assert "rev {rev} with action {action}" in found
    assert "expected a list, got {value}" in found
    assert "a country: two capital letters of ISO 3166-1" in found
    assert "an id such as {id}" in found


def test_each_language_has_a_translation_of_each_template() -> None:
    for tag in TRANSLATED:
        assert set(load(tag).reasons()) == set(templates())
    assert LANGUAGES.keys() > set(TRANSLATED)
