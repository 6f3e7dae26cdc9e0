"""Sentences: English from a text id and values, and the reasons that carry them."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from suar.protocol.base.reasons import Reason, Sentences
from suar.protocol.base.sentences import Sentence, advice, filled, has_words, join_values, name_cell, sentence
from suar.protocol.message.inspection import Inspection
from suar.protocol.message.kinds import KINDS
from suar.protocol.message.spec import Spec, fields_of

SENTENCE = sentence("{key} of {{all}}: {fact}", key=3, fact=sentence("a list"))


def test_the_english_is_the_text_id_with_its_values() -> None:
    assert str(SENTENCE) == "3 of {all}: a list"
    assert str(advice("E-MESSAGE-FIELD")) == "mend the message where the reason points and publish it again"


def test_a_placeholder_is_a_name_and_nothing_is_looked_up_in_a_value() -> None:
    with pytest.raises(KeyError):
        filled("{text.__class__}", {"text": "a"})
    with pytest.raises(KeyError):
        filled("{0}", {})
    assert filled("{text!r:>9}", {"text": "{k}"}) == "{k}"


def test_a_template_has_words_or_only_joins_what_has() -> None:
    assert [has_words(each) for each in ("{text} ({rule})", "{a}: {b}", "", "{text}, by {name}", "1 to {k}")] == [
        False, False, False, True, True,
    ]  # fmt: skip


def test_a_reason_keeps_its_sentences_when_it_is_stored_and_shows_them_to_nobody_who_did_not_ask() -> None:
    reason = Reason.of("E-MESSAGE-FIELD", "F8", "$.a", SENTENCE, sentence("give it"), ("word",))
    assert (reason.message, reason.hint) == ("3 of {all}: a list", "give it")
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(reason), type=Reason) == reason
    assert hash(reason) == hash(msgspec.json.decode(msgspec.json.encode(reason), type=Reason))
    plain = {"code": "E-MESSAGE-FIELD", "rule": "F8", "path": "$.a", "message": reason.message, "hint": "give it"}
    assert reason.shape() == {**plain, "marked": ("word",)}
    nested = {"id": "{key} of {{all}}: {fact}", "values": {"key": 3, "fact": {"id": "a list", "values": {}}}}
    assert reason.shape(with_sentences=True)["sentences"]["message"] == nested
    assert "marked" not in reason.shape(with_sentences=True)["sentences"]
    other = reason.with_hint(Sentence("leave it out"))
    assert (other.hint, other.message) == ("leave it out", reason.message)
    assert other.sentences
    assert (str(other.sentences.hint), other.sentences.message) == ("leave it out", SENTENCE)


def test_what_a_reason_names_by_codes_keeps_its_codes() -> None:
    cell = name_cell("2026", {"admin1": "TH-50"}, {"sex": "female"})
    text = sentence("{message} says {value} for {cell}: one of the two is wrong", message="A", value=3, cell=cell)
    reason = Reason.of("E-PRIVACY-SUM", None, "$.obs", text, sentence("give it"), ["a word", cell])
    assert reason.message == "A says 3 for 2026, TH-50, sex female: one of the two is wrong"
    assert reason.marked == ("a word", "2026, TH-50, sex female")
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(reason), type=Reason) == reason
    assert hash(reason) == hash(msgspec.json.decode(msgspec.json.encode(reason), type=Reason))
    assert reason.with_hint(sentence("x")).with_message(cell).sentences == Sentences(
        cell, sentence("x"), join_values(["a word", cell])
    )
    category = {"id": "{dimension} {code}", "values": {"dimension": "sex", "code": "female"}, "type": "category"}
    assert reason.shape(with_sentences=True)["sentences"]["message"]["values"]["cell"] == {
        "id": "{period}, {admin1}, {sex}",
        "values": {"period": "2026", "admin1": "TH-50", "sex": category},
        "type": "cell",
    }
    assert not has_words(cell.id), "a program that knows no types shows the codes"


def test_a_reason_that_an_older_gateway_stored_is_read_without_its_sentences() -> None:
    older: dict[str, Any] = {"code": "E-A", "rule": None, "path": "$", "message": "m {", "hint": "h", "marked": ("w",)}
    reason = msgspec.msgpack.decode(msgspec.msgpack.encode(older), type=Reason)
    assert reason.sentences is msgspec.UNSET
    assert reason.shape(with_sentences=True) == older
    assert reason.with_hint(Sentence("x")).hint == "x"
    untyped = {"message": {"id": "m {key}", "values": {"key": "2026, sex female"}}, "hint": {"id": "h", "values": {}}}
    before = {**older, "sentences": untyped}
    kept = msgspec.msgpack.decode(msgspec.msgpack.encode(before), type=Reason)
    assert kept.shape(with_sentences=True) == before, "with a figure as text, as it was stored"


# -- what is said of a value of the wrong type, length or size


def _scalars() -> list[Spec]:
    found: dict[Any, Spec] = {}

    def below(spec: Spec) -> None:
        if spec.struct and spec.struct not in found:
            found[spec.struct] = spec
            for _, field, _ in fields_of(spec.struct).values():
                below(field)
        elif spec.item:
            below(spec.item)
        elif not spec.codes and not spec.struct:
            found[spec.type] = spec

    for shape in KINDS.values():
        for _, field, _ in fields_of(shape).values():
            below(field)
    return [spec for spec in found.values() if not spec.struct]


def _sentence_of_msgspec(spec: Spec, value: Any) -> str:
    """Its own sentence in our words; "" where it finds nothing."""
    try:
        msgspec.convert(value, spec.type)
    except msgspec.ValidationError as error:
        text = str(error).replace("`", "").replace("str", "text").replace("int", "integer")
        return "does not match its pattern" if "regex" in text else text[:1].lower() + text[1:]
    return ""


VALUES = st.one_of(
    st.text(max_size=3), st.integers(-3, 2**53 - 1), st.integers(0, 200), st.booleans(),
    st.lists(st.none(), max_size=1), st.dictionaries(st.just("a"), st.none(), max_size=1),
    st.integers(90, 900).map("x".__mul__),
)  # fmt: skip


@given(st.sampled_from(_scalars()), VALUES)
def test_what_is_stated_of_a_scalar_is_what_msgspec_found(spec: Spec, value: Any) -> None:
    inspection = Inspection()
    shape: Any = msgspec.defstruct("One", [("a", spec.type)])
    inspection.message(shape, {"a": value})
    text = _sentence_of_msgspec(spec, value)
    if text and spec.iso in ("country", "citizenship") and isinstance(value, str):
        text = "does not match its pattern"  # whatever its length: the hint names the codes
    assert [reason.message for reason in inspection.reasons if text] == ([text] if text else [])
