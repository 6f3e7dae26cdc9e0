"""The table of a verdict in every language: labels alone, no code and no JSON path, bounded however large it is."""

import re
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from protocol.privacy.trends import trend, with_margins
from suar.languages.catalogue import load
from suar.languages.names import names
from suar.languages.rendering import cells, grid, reading
from suar.languages.rendering.cells import label
from suar.languages.tags import LANGUAGES, TRANSLATED
from suar.protocol.base.reasons import Reason, Sentences
from suar.protocol.base.sentences import Sentence, join_values, name_category, name_cell, sentence
from suar.protocol.message.kinds import Trend
from suar.protocol.privacy.proof.cells import Cell
from suar.protocol.privacy.tables import advice
from suar.protocol.privacy.tables.coarser import with_coarser
from suar.protocol.privacy.tables.differences import Contradicted, Shown, contradictions
from suar.protocol.privacy.tables.protecting import Released, protect
from suar.protocol.privacy.verdict import Opinion, judge

CODES = re.compile(r"\b(female|male|0-17|18\+|detection|citizenship|sexual-exploitation|forced-labour)\b")


def table() -> Trend:
    values: dict[tuple[str, ...], int | None] = {**with_margins({
        ("female", "0-17"): 4, ("female", "18+"): 40, ("male", "0-17"): 30, ("male", "18+"): 55,
    })}  # fmt: skip
    values["total", "total"] = 120  # 9 below its parts
    return trend(values, ["sex", "age"])


def document(opinion: Opinion, tag: str, table_: Trend) -> dict[str, Any]:
    assert opinion.table is not None
    known = names(tag)
    reasons = [reason.shape(with_sentences=True) for reason in opinion.reasons]
    shown = with_coarser(opinion.table, table_, 10).shape(lambda cell: label(cell, known))
    return {"verdict": opinion.verdict, "reasons": reasons, "table": shown}


@pytest.mark.parametrize("tag", LANGUAGES)
def test_the_whole_verdict_by_labels(tag: str) -> None:
    lines = reading.verdict(document(judge(table()), tag, table()), LANGUAGES[tag])
    page = "\n".join(lines)
    assert "$.obs" not in page
    assert not CODES.search(page)
    shown = names(tag).words
    assert str(shown.label("sex", "female")) in page
    assert shown.phrase("table-before") in page
    assert (
        page.index("E-PRIVACY-SUM") < page.index(shown.phrase("table-before")) < page.index(shown.phrase("table-after"))
    )
    assert shown.phrase("hidden-small", mark="S", number=names(tag).number(1)) in page
    assert shown.phrase("coarser") in page
    assert shown.phrase("hidden-protecting") in page


def sentences_of(reason: Reason) -> list[Sentence]:
    """The message and the hint of a reason."""
    assert isinstance(reason.sentences, Sentences)
    return [reason.sentences.message, reason.sentences.hint]


@pytest.mark.parametrize("tag", TRANSLATED)
def test_what_the_gate_says_of_a_table_is_translated(tag: str) -> None:
    texts = [
        *(reason.sentences.message for reason in judge(table()).reasons if reason.sentences),
        Sentence(
            "the count was shown before and has moved by less than {k} since: "
            "it leaves hidden until it has moved by {k2}",
            {"k": 10, "k2": 10},
        ),
        *sentences_of(advice.moved_cell(table(), 0, 10)),
        *sentences_of(advice.kept_cell(table(), 0)),
        Sentence(
            "hand in these figures of the same total with it, which change with it: {more}",
            {"more": name_category("citizenship", "MM")},
        ),
        Sentence("further totals differ from their parts: {more}", {"more": 4}),
        Sentence(
            "the cell is given twice, first as figure {first} of the table: {fact}",
            {"first": 1, "fact": name_cell("2026", {}, {"sex": "female"})},
        ),
        advice.coarsen(table(), set()),
        advice.coarsen(trend({("10",): 3, ("11",): 4}, ["industry"]), set()),
        advice.coarsen(trend({("MM",): 3, ("LA",): 4, ("KH",): 5}, ["citizenship"]), set()),
    ]
    for text in texts:
        translated = load(tag).translated(text)
        assert translated is not None, text
        assert not re.search("give |leave the|publish|differ|moved by", translated), translated


@pytest.mark.parametrize("tag", LANGUAGES)
def test_advice_names_categories_by_their_labels(tag: str) -> None:
    rare = trend({("MM",): 3, ("LA",): 4, ("KH",): 5}, ["citizenship"])
    text = Sentence(
        "a count below {k} could be computed from the others whatever is hidden: {key}",
        {"k": 10, "key": name_cell("2026", {}, {"citizenship": "MM"})},
    )
    hint = advice.coarsen(rare, set())
    reason = Reason.of("E-PRIVACY-TABLE", None, "$.obs[0]", text, hint).shape(with_sentences=True)
    draft = msgspec.to_builtins(rare)
    page = " ".join(reading.verdict({"verdict": "refuse", "reasons": [reason]}, LANGUAGES[tag], 100, draft))
    for code in ("MM", "LA", "KH"):
        assert names(tag).country(code) in page
    assert not re.search(r"\b(MM|LA|KH)\b|citizenship (MM|other)|\$\.obs", page)


def test_a_path_is_a_label_whatever_the_draft_is() -> None:
    known = names("en")
    draft = msgspec.to_builtins(table())["obs"]
    first = "2026, Detection: Thailand, Sex: Female, Age: 0 to 17 years"
    assert cells.describe_path("$.obs[0]", draft, known) == cells.describe_path("$.obs[0].value", draft, known) == first
    assert cells.describe_path("$.obs[0].dims.age", draft, known) == f"{first}: Age"
    assert cells.describe_path("$.obs[0].period", draft, known) == f"{first}: Period"
    assert cells.describe_path("$.obs[0].made_up", draft, known) == first
    assert cells.describe_path("$.text[0].title", draft, known) == "$.text[0].title"
    odd: list[Any] = [None, 3, [], {"period": 7}, {"period": "2026", "place": [], "dims": {}}, {"dims": {"sex": {}}}]
    for at in range(len(odd) + 2):
        assert cells.describe_path(f"$.obs[{at}].value", odd, known) == f"figure {at + 1}"
    assert cells.observations({"obs": "many"}) == cells.observations(None) == cells.observations([1]) == []


def shown(reason: Reason, tag: str = "en") -> tuple[str, str, list[str]]:
    """Message, hint and marked words of a reason, as it comes over HTTP."""
    document = msgspec.json.decode(msgspec.json.encode(reason.shape(with_sentences=True)))
    return *reading.render_reason(document, load(tag)), reading.marked_words(document, names(tag))


WHOLE = Cell("2026-Q1", "TH-50", "", (("sex", "female"), ("age", "0-17")))
REST = Cell("2026", "", "", (("citizenship", "other:KH,unknown"),))


@pytest.mark.parametrize(
    ("cell", "label_"),
    [
        (WHOLE, "Quarter 1 of 2026, Chiang Mai (TH-50), Sex: Female, Age: 0 to 17 years"),
        (Cell("2026-Q1", "", "", ()), "Quarter 1 of 2026"),
        (REST, "2026, Citizenship: other:KH,unknown"),
        (Cell("2026", "PH-09>PH-BAS", "", ()), "2026, PH-09>PH-BAS, Total"),
    ],
)
def test_a_cell_of_a_reason_is_looked_up_by_its_codes(cell: Cell, label_: str) -> None:
    """Before, the cell was searched for in the sentence: a period alone was not found, and of a code with a colon or
    of a place in another region the beginning was taken for the whole."""
    (reason,) = contradictions([Contradicted(0, Shown("TH-TREND-2026-000001", cell, 2026))])
    assert reason.message == f"TH-TREND-2026-000001 says 2026 for {cell.as_value()}: one of the two is wrong"
    message, _, marked = shown(reason)
    assert message == f"TH-TREND-2026-000001 says 2026 for {label_}: one of the two is wrong"
    assert marked == [label_]


@pytest.mark.parametrize("tag", LANGUAGES)
def test_words_of_an_author_that_look_like_a_cell_stay(tag: str) -> None:
    """Before, "2026, sex female" in a field that the author wrote was shown as "2026, Sex: Female"."""
    text = sentence("expected an object, got {value}", value="2026, sex female")
    reason = Reason.of("E-PRIVACY-TABLE", None, "$.obs", text, sentence("give it"), ("age 0-17", "2026, TH-50"))
    message, _, marked = shown(reason, tag)
    assert "2026, sex female" in message
    assert marked == ["age 0-17", "2026, TH-50"]


def test_a_cell_is_named_where_a_script_has_no_blanks() -> None:
    """Before, a cell that followed a Chinese word was not found: "中2026-Q1, TH-50, 女, age 0-17为2026"."""
    (reason,) = contradictions([Contradicted(0, Shown("TH-TREND-2026-000001", WHOLE, 2026))])
    known = cells.label_value(WHOLE.as_value(), names("zh"))
    assert shown(reason, "zh")[0] == f"TH-TREND-2026-000001中{known}为2026：两者之一有误"


def test_only_categories_that_a_list_has_get_a_label() -> None:
    categories = join_values([name_category("age", "0-17"), name_category("age", "out")])
    reason = Reason.of(
        "E-PRIVACY-TABLE", None, "$.obs", Sentence("{a}", {"a": categories}), advice.coarsen(table(), set())
    )
    message, hint, _ = shown(reason)
    assert message == "0 to 17 years, age out"
    assert "leave the dimension sex out" in hint, "in English the code of a dimension is its word"


def test_a_reason_that_an_older_gateway_stored_is_shown_with_its_codes() -> None:
    """Its cells are text: nothing is searched for in it; a type that a newer gateway made is shown as its text."""
    older = Sentence("{message} says {value} for {cell}: one of the two is wrong", {"message": "A", "value": 3})
    older.values["cell"] = "2026, sex female"
    newer = Sentence("{period}", {"period": "2026"}, "era")
    for text in (older, Sentence(older.id, {**older.values, "cell": Sentence("{a}, sex female", {"a": newer})})):
        reason = Reason.of("E-PRIVACY-SUM", None, "$.obs[0].value", text, sentence("give it"), ("2026, sex female",))
        message, _, marked = shown(reason)
        assert (message, marked) == (
            "A says 3 for 2026, sex female: one of the two is wrong",
            ["2026, sex female"],
        )
        assert "2026, sex female" in shown(reason, "vi")[0]
        broken = msgspec.structs.replace(newer, type="cell", values={"period": "2026", "sex": 3})
        assert cells.label_value(broken, names("en")) is None


def test_a_large_table_is_shown_in_part() -> None:
    obs = [
        {
            "period": f"2026-{month:02d}", "place": {"role": "detection", "country": "TH", "admin1": f"TH-{10 + at}"},
            "dims": {"sex": sex}, "value": 4 if (month, at) < (12, 9) else 50, "status": "A",
        }
        for month in range(1, 13)
        for at in range(40)
        for sex in ("female", "male")
    ]  # fmt: skip
    hidden: list[dict[str, Any]] = [
        {"at": at, "why": "small" if at % 2 else "protects", "cell": {}, "sums": [],
         "sum": None if at % 2 else {"cell": {}, "at": 0, "parts": list(range(1, 100))}}
        for at, cell in enumerate(obs) if cell["value"] == 4
    ]  # fmt: skip
    shown = {"before": obs, "after": obs, "hidden": hidden, "differences": [], "coarser": []}
    lines = reading.table_lines(shown, LANGUAGES["en"])
    assert len(lines) < 12 * grid.ROWS_MAX
    assert f"and {480 - grid.ROWS_MAX} further rows" in "\n".join(lines)
    assert f"{len([each for each in hidden if each['sum']]) - grid.LINES_MAX} more" in "\n".join(lines)
    assert f"{99 - grid.PARTS_MAX} more" in "\n".join(lines)


@pytest.mark.parametrize("tag", LANGUAGES)
def test_a_figure_without_a_sum_is_shown_with_the_published_numbers_that_it_takes(tag: str) -> None:
    """The total of 93 was published, then its parts without it; who may not read the first table reads of none."""
    known, words = names(tag), names(tag).words
    first = protect(trend({("total",): 93}, ["sex"]), 10)
    released: Released = {sheet: [replace(one, n=1)] for sheet, one in first.releases.items()}
    own = judge(trend({("female",): 3, ("male",): 90}, ["sex"]), released=released).table
    assert own is not None
    for messages in (("TH-TREND-2026-000007",), ()):
        shown = replace(own, messages=messages).shape(lambda cell: label(cell, known))
        (together,) = (each["together"] for each in shown["hidden"] if each["together"])
        assert (len(together["numbers"]), together["more"], together["earlier"]) == (len(messages), 0, not messages)
        page = " ".join("\n".join(reading.table_lines(shown, LANGUAGES[tag], 200)).split())
        assert words.phrase("hidden-together") in page
        assert (words.phrase("earlier-tables") in page) == (not messages)
        assert all(message in page for message in messages)
        assert "93" not in page


def test_a_denominator_is_named_as_one_and_what_is_too_much_is_counted() -> None:
    obs = [
        {"period": "2026", "place": {"role": "detection", "country": "TH"}, "dims": {"sex": sex}, "value": 5}
        for sex in ("female", "male")
    ]  # fmt: skip
    numbers = [{"cell": None, "at": None, "message": None}, {"cell": {}, "at": 1, "message": None}]
    hidden = {"at": 0, "why": "protects", "sum": None, "together": {"numbers": numbers, "more": 3, "earlier": False}}
    shown = {"before": obs, "after": None, "hidden": [hidden], "differences": [], "coarser": []}
    page = " ".join(" ".join(reading.table_lines(shown, LANGUAGES["en"], 200)).split())
    assert "Sex: Female: with the denominator; Sex: Male; 3 more" in page


def test_a_table_that_can_leave_only_coarser_says_so() -> None:
    before = msgspec.to_builtins(table())["obs"]
    coarser = [{"by": "quarter", "dimension": "", "cells": 48, "hidden": 3}]
    shown = {"before": before, "after": None, "hidden": [], "differences": [], "coarser": coarser}
    page = "\n".join(reading.table_lines(shown, LANGUAGES["en"]))
    assert "A coarser table hides less: by quarter instead of month: it can leave, 3 of 48 figures hidden" in page
    assert "as it would be sent" not in page
