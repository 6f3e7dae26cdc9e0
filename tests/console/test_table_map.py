"""What columns of a table mean is saved under a name, read again by headings, bounded, and one's own alone."""

import pytest

from console.test_messages import begun, desk, fields
from suar.console.forms import table, table_map
from suar.protocol.base.errors import Fault
from suar.service.people.own_changes import MAP_BYTES_MAX, MAPS_MAX
from suar.service.people.records import TableMap
from support.console import Browser, Desk, browser
from support.corekit import rows

__all__ = ["desk"]
OURS = "Jahr;Geschlecht;Faelle;Notiz\n2026;w;41;x\n2026;m;7;y\n"
MEANINGS = ["period", "sex", "value", ""]
CODES = {(1, "w"): "female", (1, "m"): "male"}


def test_a_map_reads_a_later_table_by_its_headings() -> None:
    kept = table_map.made_of("police", table.read(OURS), MEANINGS, CODES, "detection")
    later = table.read("Notiz;FAELLE;Jahr;Geschlecht;Country\nz;5;2027;m;PH\n")
    assert table_map.meanings_of(later, kept) == ["", "value", "period", "sex", "place"]
    assert table_map.codes_of(later, kept) == {(3, "w"): "female", (3, "m"): "male"}


def test_a_meaning_is_assigned_once_and_must_exist() -> None:
    kept = TableMap(
        "odd", (("a", "value"), ("b", "value"), ("c", "publisher"), ("d", "-")), (("e", "x", "y"),), "detection"
    )
    sheet = table.read("a;b;c;d\n1;2;3;4\n")
    assert table_map.meanings_of(sheet, kept) == ["value", "", "", "-"]
    assert table_map.codes_of(sheet, kept) == {}


def question_form(text: str, **more: str) -> dict[str, str]:
    return {"text": text, "role": "detection", **more}


COLUMNS = {"column-0": "period", "column-1": "sex", "column-2": "value", "column-3": "-"}
WORDS = {"of-1-0": "w", "word-1-0": "female", "of-1-1": "m", "word-1-1": "male"}


async def test_it_is_saved_used_and_deleted_in_the_console(desk: Desk, author: Browser) -> None:
    path = f"{await begun(author, 'trend')}/table"
    first = await author.post(
        path, question_form(OURS, do="use", **COLUMNS, **WORDS, **{"map-name": " Police  of us "})
    )
    assert first.status_code == 303, first.text
    assert [each.name for each in desk.gateway.people.maps_of("reyes")] == ["Police of us"]
    page = (await author.get(path)).text
    assert '<option value="Police of us">' in page
    read = await author.post(path, question_form(OURS, do="read", map="Police of us"))
    form = fields(read.text)
    assert [form[name] for name in ("column-0", "column-1", "column-2", "word-1-0")] == [
        ["period"], ["sex"], ["value"], ["female"],
    ]  # fmt: skip
    plain = await author.post(path, question_form(OURS, do="read"))
    assert fields(plain.text)["column-1"] != ["sex"]
    await author.post(path, question_form(OURS, do="forget", map="Police of us"))
    assert desk.gateway.people.maps_of("reyes") == ()


async def test_one_that_is_too_much_is_not_saved_and_nothing_is_put_in(desk: Desk, author: Browser) -> None:
    for number in range(MAPS_MAX):
        await desk.gateway.people.keep_map("reyes", TableMap(f"map {number}", (("a", "value"),), (), "detection"))
    path = f"{await begun(author, 'trend')}/table"
    answer = await author.post(path, question_form(OURS, do="use", **COLUMNS, **WORDS, **{"map-name": "one more"}))
    assert (answer.status_code, "The meanings were not saved" in answer.text) == (422, True)
    assert len(desk.gateway.people.maps_of("reyes")) == MAPS_MAX
    again = await author.post(path, question_form(OURS, do="use", **COLUMNS, **WORDS, **{"map-name": "map 3"}))
    assert again.status_code == 303  # in place of the one of that name


@pytest.mark.parametrize(
    "kept",
    [
        TableMap("", (), (), "detection"), TableMap("x" * 41, (), (), "detection"),
        TableMap("a\nb", (), (), "detection"),
        TableMap("large", (("h", "x" * MAP_BYTES_MAX),), (), "detection"),
    ],
    ids=["no name", "a long name", "two lines", "too large"],
)  # fmt: skip
async def test_what_cannot_be_kept_is_refused(desk: Desk, author: Browser, kept: TableMap) -> None:
    with pytest.raises(Fault):
        await desk.gateway.people.keep_map("reyes", kept)
    assert desk.gateway.people.maps_of("reyes") == ()


async def test_it_is_ones_own_and_sealed(desk: Desk, author: Browser) -> None:
    await desk.gateway.people.keep_map("reyes", TableMap("secretly named", (("a", "value"),), (), "detection"))
    async with browser(desk) as other:
        await other.sign_in("cruz")
        path = f"{await begun(author, 'trend')}/table"
        assert "secretly named" not in (await other.get(path)).text
    assert b"secretly named" not in b"".join(
        bytes(row[0]) for row in desk.kit.aside(lambda: rows(desk.kit, "select sealed from people"))
    )
