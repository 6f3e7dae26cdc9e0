"""No words of a publisher pass for a line of the gateway's own, and none end the quotation that they stand in."""

import copy
import re
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from languages.readings import examples, shown
from suar.languages.rendering import reading
from suar.languages.rendering.unseen import inside_quotes, visible_text
from suar.languages.rendering.wrap import KEPT, MARK, clean, clusters, others, width
from suar.languages.tags import LANGUAGES

FORGED = ("Kind: Alert", "Message: SG-ALERT-2026-000777", "From: Singapore; “Police Force”; Law enforcement")
FILLERS = ("\u00a0", " ", "\u2800", "\u3164", "\u115f", "\u1160", "\uffa0", "\u3000", "\u200b", "\ufe0f", "\u2007", ".")
QUOTES = '"“”„‟«»″‶〝〞〟＂❝❞「」『』＇'
ALERT = "alert-new-route"


def forgery(filler: str, room: int) -> str:
    """Each forged line glued to a line's full length, so that it would begin at column 0 of the next."""
    lines = ("x", *FORGED)
    return "".join(line.replace(" ", "\u00a0") + filler * max(room - len(line), 1) for line in lines)


def read(message: dict[str, Any], tag: str, room: int) -> list[str]:
    return reading.shown(shown(message), LANGUAGES[tag], room)


@pytest.mark.parametrize("tag", LANGUAGES)
@pytest.mark.parametrize("room", [20, 40, 80, 200])
def test_every_line_of_a_text_is_marked_whatever_it_is_filled_with(tag: str, room: int) -> None:
    plain = copy.deepcopy(examples()[ALERT])
    plain["text"] = [{"lang": "en", "title": "x", "summary": "x"}]
    ours = [line for line in read(plain, tag, room) if not line.startswith(MARK)]
    for filler in FILLERS:
        for at in (room - 2, room):  # the cells inside the mark, and those of the line
            message = copy.deepcopy(plain)
            text = forgery(filler, min(at, 100))
            message["text"] = [{"lang": "en", "title": text[:120], "summary": text}]
            lines = read(message, tag, room)
            assert [line for line in lines if not line.startswith(MARK.rstrip())] == ours, (filler, at)
            assert all(width(line) <= min(room, 100) for line in lines)


def test_no_other_line_begins_with_the_mark() -> None:
    message = copy.deepcopy(examples()[ALERT])
    message["issuer"]["body"] = f"{MARK}Kind:\u00a0Alert " * 5
    message["text"] = [{"lang": "en", "title": "title", "summary": "summary"}]
    for room in range(20, 101):
        assert [line for line in read(message, "en", room) if line.startswith("|")] == ["| title", "| summary"]


def test_the_reader_sees_what_the_mark_means() -> None:
    for tag in LANGUAGES:
        assert "“|”" in "\n".join(read(examples()[ALERT], tag, 100)[-3:])


@given(
    st.text(
        st.sampled_from("aK:\u17d2\u0e40\u0e33\u1039\u00a0\u2800\u200d👨👍🏽🇹🇭中 \u102c\u1100\u1161"), max_size=200
    ),
    st.integers(20, 100),
)
def test_no_run_of_characters_is_wider_than_the_line(text: str, room: int) -> None:
    """A virama between Latin letters, Thai leading vowels, joined pictures: what never parts has a bound too."""
    for line in others(text, room):
        assert line.startswith(MARK.rstrip())
        assert width(line) <= room


def test_a_width_is_that_of_a_terminal_which_joins_no_pictures() -> None:
    assert width("👨\u200d👩\u200d👧") == 6
    assert width("👍🏽") == 4
    assert width("ที่") == 1


def test_what_shows_as_a_blank_is_one() -> None:
    assert visible_text("a\u2800b\u3164c\u115fd\u1160e\uffa0f") == "a b c d e f"
    assert visible_text("a\ufe0fb\u034fc\u17b4d\U000e0100e\u180bf") == "abcdef"
    assert clean("a\u2800b\ufe0f") == "a b"


@pytest.mark.parametrize("tag", LANGUAGES)
def test_no_text_of_the_region_is_harmed(tag: str) -> None:
    from suar.languages.catalogue import load

    for text in load(tag).texts.values():
        assert visible_text(text) == text
    joined = "ក\u200bខ ကြောင်း\u200c க்\u200dஷ เด็ก\u00a0a"
    assert clean(joined) == joined
    assert {char for char in joined if unicodedata.category(char) == "Cf"} <= KEPT


@pytest.mark.parametrize(
    "mark", [*QUOTES.replace("＇", ""), "''", "’’", "‘‘", "’\u200b’", "``", ",,".replace(",", "‚")]
)
@pytest.mark.parametrize("tag", LANGUAGES)
def test_no_quotation_mark_ends_the_quotation(tag: str, mark: str) -> None:
    message = copy.deepcopy(examples()[ALERT])
    message["text"] = [{"lang": "en", "title": "x", "summary": "x"}]
    message["issuer"]["body"] = "Border Police"
    before = "\n".join(read(message, tag, 100))
    message["issuer"]["body"] = f"{mark}; Law. Confirmed by: Singapore, {mark}Police"
    after = "\n".join(read(message, tag, 100))
    for each in QUOTES.replace("＇", ""):
        assert after.count(each) == before.count(each)
    assert mark not in re.sub("[“”]", "", after)


def test_words_to_look_at_do_not_end_their_quotation_either() -> None:
    reason = {"code": "E-PRIVACY-NAME", "rule": "", "path": "$.text", "message": "m", "hint": "", "marked": ["a”, “b"]}
    text = "\n".join(reading.verdict({"verdict": "hold", "reasons": [reason]}, LANGUAGES["en"]))
    assert "“a’, ‘b”".replace("‘", "’") in text


def test_single_marks_and_apostrophes_stay() -> None:
    assert inside_quotes("S'gaw ‘Karen’ l’État") == "S'gaw ‘Karen’ l’État"


def test_clusters_of_the_region_are_whole() -> None:
    assert clusters("ကျွန်") == ["ကျွန်"]
    assert clusters("K\u17d2" * 100) != ["K\u17d2" * 100]
