"""A pasted table: columns and words in any language, what is not known is asked for, and nothing is guessed wrongly."""

import pytest

from console.test_messages import FILLED, begun, desk, fields
from suar.console.forms import table, table_words
from suar.console.views import drafting
from suar.languages.names import names
from suar.languages.tags import LANGUAGES
from suar.protocol.base.errors import Fault
from support.console import Browser, Desk

__all__ = ["desk"]
ENGLISH = "Period\tSex\tValue\n2026\tFemale\t41\n2026\tMale\t7\n2026\ttotal\t48\n"


def test_a_table_is_read_and_its_columns_guessed() -> None:
    sheet = table.read(ENGLISH)
    assert table.guessed(sheet) == ("period", "sex", "value")
    made = table.figures(sheet, table.guessed(sheet), {}, "PH", "detection")
    assert (made.unknown, made.dims, made.has_totals) == ({}, ["sex"], True)
    assert [(cell["dims"]["sex"], cell["value"], cell["status"]) for cell in made.obs] == [
        ("female", 41, "A"), ("male", 7, "A"), ("total", 48, "A"),
    ]  # fmt: skip


@pytest.mark.parametrize("tag", list(LANGUAGES))
def test_labels_of_every_language_are_known(tag: str) -> None:
    words = names(tag).words
    heads = [words.field("Observation", "period"), words.label("dimension", "sex"), words.field("Observation", "value")]
    code = words.label("sex", "female")
    sheet = table.read("\t".join(str(each) for each in heads) + f"\n2026\t{code}\t12\n")
    assert table.guessed(sheet) == ("period", "sex", "value")
    assert table.figures(sheet, table.guessed(sheet), {}, "PH", "detection").obs[0]["dims"] == {"sex": "female"}


def test_words_that_no_list_has_are_requested_and_then_known() -> None:
    sheet = table.read("Period;Sex;Value\n2026;girls and women;41\n2026;?;-\n")
    made = table.figures(sheet, table.guessed(sheet), {}, "PH", "detection")
    assert made.unknown == {1: ("girls and women", "?")}
    meanings = {(1, "girls and women"): "female", (1, "?"): "unknown"}
    done = table.figures(sheet, table.guessed(sheet), meanings, "PH", "detection")
    assert done.unknown == {}
    assert [(cell["dims"]["sex"], cell["value"], cell["status"]) for cell in done.obs] == [
        ("female", 41, "A"), ("unknown", None, "M"),
    ]  # fmt: skip


@pytest.mark.parametrize("word", ["<5", "four", "1e3", "-4", "9999999999", "0x10"])
def test_what_is_no_count_is_never_taken_for_one(word: str) -> None:
    assert table_words.code_of("value", word) is None


@pytest.mark.parametrize("text", ["", "Period\tValue", "Period\tValue\n" + "2026\t1\n" * 2_001, "x" * 400_001])
def test_what_is_no_table_or_too_long_is_refused(text: str) -> None:
    with pytest.raises(Fault):
        table.read(text)


async def test_story_13_pasted_hidden_and_published(desk: Desk, author: Browser) -> None:
    path = await begun(author, "trend")
    sent = {**fields((await author.get(path)).text), **{key: FILLED[key] for key in FILLED if "." in key}}
    sent |= {
        "indicator": "detected-victims", "unit": "persons", "date_basis": "detection", "coverage.scope": "national",
        "method": "full-count", "direction": "stable", "tlp": "CLEAR", "audience.members": "all", "do": "save",
    }  # fmt: skip
    await author.post(path, sent)
    await author.get(f"{path}/table")
    pasted = "Period\tGeschlecht\tValue\n2026\tFrau\t4\n2026\tMale\t155\n2026\tUnknown\t131\n2026\ttotal\t290\n"
    first = await author.post(f"{path}/table", {"text": pasted, "role": "detection", "do": "read"})
    assert 'name="column-1"' in first.text
    second = await author.post(f"{path}/table", {**fields(first.text), "column-1": "sex", "do": "use"})
    assert "Frau" in second.text
    third = await author.post(f"{path}/table", {**fields(second.text), "word-1-0": "female", "do": "use"})
    assert third.headers["location"] == path
    page = (await author.get(path)).text
    assert "Table, before and after the privacy gate" in page
    assert "<td>S</td>" in page
    answer = await author.post(path, {**fields(page), "do": "review"})
    assert answer.headers["location"] == f"{path}/review"
    review = await author.get(f"{path}/review")
    done = await author.post(f"{path}/review", fields(review.text))
    assert done.headers["location"].endswith("/who")
    shown = (await author.get(done.headers["location"].removesuffix("/who"))).text
    assert "<td>155</td>" in shown or "<td>131</td>" in shown  # the gate's key decides which is hidden
    assert "<td>4</td>" not in shown


@pytest.mark.parametrize("count", [61, 2_000])
async def test_a_pasted_table_stays_whole_when_its_form_is_saved(desk: Desk, author: Browser, count: int) -> None:
    path = await begun(author, "trend")
    pasted = "Period\tValue\n" + "".join(f"2026\t{value}\n" for value in range(10, 10 + count))
    first = await author.post(f"{path}/table", {"text": pasted, "role": "detection", "do": "read"})
    done = await author.post(f"{path}/table", {**fields(first.text), "do": "use"})
    assert done.headers["location"] == path
    page = (await author.get(path)).text
    assert f"Rows: {count:,}. A list this long is not changed here" in page
    assert len(page.encode()) < 400_000  # with the whole table, before and after the gate
    saved = await author.post(path, {**fields(page), "unit": "persons", "do": "save"})
    assert saved.status_code == 303
    draft = await desk.gateway.desk.draft(path.rpartition("/")[2])
    assert draft is not None
    tree = drafting.decode(draft["content"]).tree
    assert [cell["value"] for cell in tree["obs"]] == list(range(10, 10 + count))
    assert tree["unit"] == "persons"
