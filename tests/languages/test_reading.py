"""A message of every kind in every language: no key, no code, and the text that the reader can read."""

import copy
import json
import re
from functools import cache
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from languages.readings import codes_in, examples, keys_in, shown
from suar.languages.catalogue import load
from suar.languages.cldr.subdivisions import with_name
from suar.languages.names import names
from suar.languages.rendering import reading
from suar.languages.rendering.document import SHOWN_ELSEWHERE
from suar.languages.rendering.layout import WIDEST
from suar.languages.rendering.unseen import CODE_MAX, short_code
from suar.languages.rendering.values import code_text
from suar.languages.rendering.wrap import KEPT, MARK, clusters, width
from suar.languages.tags import LANGUAGES, TRANSLATED
from suar.languages.words import FIELDS
from suar.protocol.authoring.withdrawal import withdrawal
from suar.protocol.base.reasons import Reason
from suar.protocol.base.sentences import Sentence
from suar.protocol.message.kinds import KINDS, Head
from suar.protocol.policy.decision import RULES
from support import strategies

ALERT = "alert-new-route"


def lines(message: dict[str, Any], tag: str, room: int = WIDEST, **more: Any) -> list[str]:
    return reading.shown(shown(message, **more), LANGUAGES[tag], room)


def page(message: dict[str, Any], tag: str, **more: Any) -> str:
    return "\n".join(lines(message, tag, **more))


@cache
def example_page(name: str, tag: str) -> str:
    """The page of an example in a language, which two tests look at, without the publisher's own words."""
    message = examples()[name]
    return without_own_words(message, page(message, tag))


@cache
def words_of_texts(tag: str) -> frozenset[str]:
    """The words in Latin letters of all texts of a language."""
    return frozenset(re.findall(r"[A-Za-z][A-Za-z0-9_+-]*", " ".join(load(tag).texts.values())))


def without_own_words(message: dict[str, Any], text: str) -> str:
    """A page without its line ends, what the publisher wrote, and addresses."""
    text = re.sub(r"\s+", " ", re.sub(rf"(?m)^{re.escape(MARK.rstrip())}.*$", "", text))
    for own in (*_texts(message), message.get("url", ""), *message.get("email", [])):
        text = text.replace(own, "") if own else text
    return re.sub(r"“[^”]*”", "", text)


def _texts(message: dict[str, Any]) -> list[str]:
    return [entry[key] for entry in message.get("text", []) for key in ("title", "summary")]


def test_every_field_has_a_label() -> None:
    for shape in KINDS.values():
        assert keys_in(shape) - SHOWN_ELSEWHERE <= {key.partition(".")[2] or key for key in FIELDS} | {
            "lang",
            "title",
            "summary",
            "generated",
        }


@pytest.mark.parametrize("tag", LANGUAGES)
def test_who_it_is_from_is_who_signed_it(tag: str) -> None:
    """A gateway of before F8 said so may hold a message of TH whose issuer is SG."""
    signed = copy.deepcopy(examples()[ALERT])
    signed["issuer"]["member"] = "SG"
    origin = signed["id"][:2]
    held = page(signed, tag, origin=origin)
    true = copy.deepcopy(signed)
    true["issuer"]["member"] = origin
    assert origin != "SG"
    assert held == page(true, tag)
    assert signed["issuer"]["member"] == "SG"


def test_every_kind_has_an_example() -> None:
    assert {message["kind"] for message in examples().values()} == set(KINDS)


@pytest.mark.parametrize("tag", TRANSLATED)
@pytest.mark.parametrize("name", examples())
def test_no_code_and_no_key_shows(name: str, tag: str) -> None:
    message = examples()[name]
    text, labels = example_page(name, tag), words_of_texts(tag)
    words = set(re.findall(r"[A-Za-z][A-Za-z0-9_+-]*", text))
    assert not {code for code in codes_in(message) if code in words and code not in labels}
    assert not {key for key in keys_in(KINDS[message["kind"]]) if "_" in key and key in text}


@pytest.mark.parametrize("tag", [tag for tag in TRANSLATED if LANGUAGES[tag].script != "Latn"])
@pytest.mark.parametrize("name", examples())
def test_no_word_of_english_shows_in_another_script(name: str, tag: str) -> None:
    text = example_page(name, tag)
    for code in re.findall(r"[A-Z]{2}-[A-Z0-9]{1,3}", text):  # a name in Latin letters
        text = text.replace(with_name(code, tag), code)
    assert not re.findall(r"(?<![\w.@/-])[A-Za-z]?[a-z]{2,}(?![\w.@/-])", text)


@pytest.mark.parametrize("room", [20, 40, 80, 200])
@pytest.mark.parametrize("tag", LANGUAGES)
def test_no_line_is_too_wide(tag: str, room: int) -> None:
    for message in examples().values():
        assert all(width(line) <= min(room, WIDEST) for line in lines(message, tag, room))


def test_the_text_is_in_the_readers_language() -> None:
    message = copy.deepcopy(examples()[ALERT])
    message["text"] = [
        {"lang": "en", "title": "English title", "summary": "English."},
        {"lang": "th-TH", "title": "หัวเรื่อง", "summary": "เนื้อความ"},
    ]
    thai, lao = page(message, "th"), page(message, "lo")
    assert "หัวเรื่อง" in thai
    assert "English title" not in thai
    assert load("lo").phrase("english-only") in lao
    assert "English title" in lao
    assert "หัวเรื่อง" not in lao


def test_english_that_the_gateway_wrote_is_marked() -> None:
    message = copy.deepcopy(examples()[ALERT])
    message["text"] = [
        {"lang": "vi", "title": "Tiêu đề", "summary": "Tóm tắt"},
        {"lang": "en", "title": "Alert: new route", "summary": "Event.", "generated": True},
    ]
    assert load("id").phrase("generated") in page(message, "id")
    assert "Tiếng Anh" in page(message, "vi")
    assert load("vi").phrase("generated") not in page(message, "vi")


@pytest.mark.parametrize("tag", LANGUAGES)
def test_an_exercise_and_a_cancel_are_not_overlooked(tag: str) -> None:
    words = load(tag)
    exercise = next(message for message in examples().values() if message["status"] == "exercise")
    assert words.phrase("exercise") in page(exercise, tag)
    assert words.phrase("cancelled") in page(examples()["alert-cancelled"], tag)
    assert words.phrase("cancelled") in page(examples()[ALERT], tag, state="cancelled")
    assert words.phrase("superseded") in page(examples()[ALERT], tag, state="superseded")
    assert words.phrase("exercise") not in page(examples()[ALERT], tag)
    assert f"TLP:{examples()[ALERT]['tlp']}" in page(examples()[ALERT], tag)


def recalled(name: str) -> dict[str, Any]:
    """The recall of an example, as a gateway writes it."""
    message = examples()[name]
    revision = msgspec.convert(message, KINDS[message["kind"]])
    assert isinstance(revision, Head)
    return {**message, "obs": [], **json.loads(withdrawal([revision], "wrong total", 1_800_000_000_000))}


@pytest.mark.parametrize("tag", TRANSLATED)
def test_the_text_of_a_recall_is_in_the_readers_language(tag: str) -> None:
    """Before, "Cancelled: TH-ALERT-2026-000002" stayed English on every page."""
    message = recalled(ALERT)
    found = page(message, tag)
    assert load(tag).phrase("withdrawn-title", id=message["id"]) in found
    assert "Cancelled:" not in found
    assert load(tag).phrase("english-only") not in found
    message["text"] = [{"lang": "en", "title": "Cancelled: all of it", "summary": "We were wrong."}]
    assert "Cancelled: all of it" in page(message, tag)


def test_a_recalled_table_has_no_line_that_looks_like_a_figure() -> None:
    found = page(recalled("trend-detected-by-sex"), "en")
    words = load("en")
    assert "wrong total" in found
    for text in (words.field("Trend", "obs"), words.field("Trend", "margins"), words.field("Observation", "value")):
        assert not re.search(rf"(?m)^{re.escape(text)}\b", found), text
    assert "Missing" not in found


@pytest.mark.parametrize("tag", LANGUAGES)
def test_the_horizon_is_in_the_urgency(tag: str) -> None:
    message = {**examples()[ALERT], "urgency": "immediate"}
    assert "24" in load(tag).label("urgency", "immediate")  # type: ignore[operator]  # the code has a label in every language
    assert load(tag).label("urgency", "immediate") in page(message, tag)  # type: ignore[operator]  # the code has a label in every language


@pytest.mark.parametrize("tag", LANGUAGES)
def test_a_code_of_a_newer_version_is_shown_with_a_mark(tag: str) -> None:
    newer = {"schema": "alert/1.7", "event": "volcano", "tlp": "PURPLE", "handling": ["no-fax"]}
    message = {**examples()[ALERT], **newer}
    text, words = page({**message, "extra": "not ours"}, tag), load(tag)
    plain = re.sub(r"\s+", "", text)
    for code in ("volcano", "no-fax", "PURPLE"):
        assert re.sub(r"\s+", "", words.phrase("unknown-code", code=words.phrase("quoted", text=code))) in plain
    assert "TLP:RED" in text
    assert re.sub(r"\s+", "", words.label("handling", "originator-consent") or "") in plain
    assert re.sub(r"\s+", "", words.phrase("newer")) in plain
    assert "not ours" not in text


@pytest.mark.parametrize("tag", LANGUAGES)
def test_an_unknown_code_is_quoted_bounded_and_on_one_line(tag: str) -> None:
    """Before, a peer's free text stood there as a word of the gateway."""
    words = load(tag)
    hostile = "call\u202e +66\n| x\u201d (a code)\x1b[31m " + "y" * 500
    message = {**examples()[ALERT], "schema": "alert/1.7", "event": hostile}
    text = page(message, tag)
    assert "\u202e" not in text
    assert "\x1b" not in text
    assert "y" * 60 not in re.sub(r"\s+", "", text)
    shown = short_code(hostile)
    assert len(shown) == CODE_MAX + 1
    assert shown.endswith("\u2026")
    plain = re.sub(r"\s+", "", words.phrase("unknown-code", code=words.phrase("quoted", text=shown)))
    assert plain in re.sub(r"\s+", "", text)
    assert re.sub(r"\s+", "", words.phrase("quoted-note")) in re.sub(r"\s+", "", text)
    assert code_text(words, "urgency", hostile) == words.phrase("quoted", text=shown)
    assert code_text(words, "urgency", "immediate") == words.label("urgency", "immediate")


@pytest.mark.parametrize("tag", LANGUAGES)
def test_a_recalled_message_says_so(tag: str) -> None:
    recalled: dict[str, Any] = {
        "message": None,
        "id": "TH-ALERT-2027-000042",
        "origin": "TH",
        "chain": [],
        "state": "cancelled",
    }
    text = " ".join(line.strip() for line in reading.shown(recalled, LANGUAGES[tag]))
    assert "TH-ALERT-2027-000042  " in text
    assert load(tag).phrase("recalled") in text
    erased = " ".join(line.strip() for line in reading.shown(recalled | {"state": "current"}, LANGUAGES[tag]))
    assert load(tag).phrase("erased") in erased
    assert load(tag).phrase("recalled") not in erased


def test_a_table_has_columns_where_they_fit_and_names_each_where_not() -> None:
    fits = [line.split() for line in lines(examples()["trend-detected-by-sex"], "en", 40)]
    assert ["Sex", "Value"] in fits
    assert ["Female", "184"] in fits
    wide = examples()["trend-exploitation-by-age"]
    text = re.sub(r"\s+", " ", page(wide, "en"))
    assert text.count("Age: ") == text.count("Means of control: ") == len(wide["obs"])


def test_what_another_member_wrote_moves_no_cursor() -> None:
    message = copy.deepcopy(examples()[ALERT])
    message["text"][0]["title"] = "red\x1b[31m\u202e alert {label}"
    message["issuer"]["body"] = "a\x07b {0}"
    text = page(message, "en")
    assert text.replace("\n", "").isprintable() or "\u00a0" in text
    assert "{label}" in text
    assert "{0}" in text


def test_a_verdict_is_reported_in_the_readers_language() -> None:
    text = Sentence("{text} ({rule})", {"text": Sentence("a cancel says why"), "rule": "M-CANCEL-REASON"})
    hint = Sentence("give the reason in at most 400 characters")
    reason = Reason.of("E-MESSAGE-RULE", "F9", "$.reason", text, hint).shape(with_sentences=True)
    rendered = "\n".join(reading.verdict({"verdict": "refuse", "reasons": [reason]}, LANGUAGES["id"]))
    assert rendered.startswith("Akan ditolak\nHanya diperiksa: tidak ada yang diterbitkan.\n")
    assert "pembatalan menyebutkan alasannya (M-CANCEL-REASON)" in rendered
    assert "Saran: berikan alasan" in rendered
    assert reading.verdict({"verdict": "published", "reasons": []}, LANGUAGES["id"]) == ["Lolos pemeriksaan"]


@pytest.mark.parametrize("tag", TRANSLATED)
def test_who_will_be_able_to_open_it_is_shown_by_name(tag: str) -> None:
    readers = [
        {
            "member": code,
            "name": code,
            "may_open": may_open,
            "has_key": has_key,
            "rule": f"{rule} x",
            "why": RULES[rule].text,
        }
        for code, may_open, has_key, rule in (
            ("LA", True, True, "P21"),
            ("VN", True, False, "P22"),
            ("KH", False, True, "P7"),
        )
    ]
    verdict = {"verdict": "hold", "reasons": [], "readers": readers, "not_checked": ["chain", "ledger", "permissions"]}
    text, words = "\n".join(reading.verdict(verdict, LANGUAGES[tag])), load(tag)
    for phrase in (
        "would-hold",
        "only-checked",
        "may-open",
        "may-not-open",
        "no-key",
        "not-checked",
        "check-chain",
        "check-ledger",
    ):
        assert re.sub(r"\s", "", words.phrase(phrase)) in re.sub(r"\s", "", text)
    for code in ("LA", "VN", "KH"):
        assert f"{code} {names(tag).country(code)}" in text
    assert not any(RULES[rule].text in text for rule in ("P21", "P22", "P7"))
    assert words.phrase("nobody") in "\n".join(reading.verdict({**verdict, "readers": readers[2:]}, LANGUAGES[tag]))


@settings(max_examples=150)
@given(strategies.messages(), st.sampled_from(list(LANGUAGES)), st.integers(20, 100))
def test_every_valid_message_can_be_read_in_every_language(message: dict[str, Any], tag: str, room: int) -> None:
    for line in lines(message, tag, room):
        assert width(line) <= room or len(clusters(line.strip())) == 1
        assert all(char.isprintable() or char in KEPT for char in line)
