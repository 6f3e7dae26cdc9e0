"""A table that is uploaded, and one that is made coarser by a press: in memory alone, in bounds, and never guessed."""

import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from console.test_messages import begun, desk, fields
from console.test_table import ENGLISH
from exchange_formats.crafted_books import BELIEVED, REFUSED, crafted
from exchange_formats.synthetic import SHEET_START, write_xlsx
from suar.console.forms import table, upload
from suar.console.forms.table_words import MEANINGS
from suar.console.guard import PREFIX
from suar.console.views import drafting
from suar.languages.tags import LANGUAGES
from suar.protocol.base.errors import Fault
from support.console import Browser, Desk

__all__ = ["desk"]
ROWS = [line.split("\t") for line in ENGLISH.splitlines()]


def as_xlsx(folder: Path, rows: list[list[str]]) -> bytes:
    lines = "".join(
        f'<row r="{number}">'
        + "".join(
            f'<c r="{chr(65 + at)}{number}" t="inlineStr"><is><t>{cell}</t></is></c>' for at, cell in enumerate(cells)
        )
        + "</row>"
        for number, cells in enumerate(rows, 1)
    )
    path = folder / "table.xlsx"
    write_xlsx(path, [], sheet=f"{SHEET_START}{lines}</sheetData></worksheet>".encode())
    return path.read_bytes()


def test_a_row_has_the_number_that_it_has_in_the_file(tmp_path: Path) -> None:
    head, *rows = ROWS
    sheet = table.read(upload.as_text(as_xlsx(tmp_path, [[], head, [], [], *rows])))
    assert (sheet.head, sheet.numbers) == (tuple(head), (5, 6, 7))
    assert table.read("\n\n" + ENGLISH).numbers == (4, 5, 6)


@pytest.mark.parametrize("mark", ["\t", ";", ","])
def test_csv_is_read_as_if_it_were_pasted(mark: str) -> None:
    data = "\r\n".join(mark.join(row) for row in ROWS).encode()
    assert table.read(upload.as_text(b"\xef\xbb\xbf" + data)) == table.read(ENGLISH)


def test_a_workbook_is_read_as_if_it_were_pasted(tmp_path: Path) -> None:
    assert table.read(upload.as_text(as_xlsx(tmp_path, ROWS))) == table.read(ENGLISH)


@pytest.mark.parametrize(
    "data",
    [
        b"PK\x03\x04" + b"\0" * 40, "Period,Sex,Value\n2026,\u0e01\u0e02\u0e04\u0e0a,4\n".encode("cp874"),
        b'Period,Value\n2026,"4\n' * 2, b"Period,Value\n" + b"2026,1\n" * 2_001, b"x" * 500_000,
    ],
    ids=["no workbook", "another encoding", "an open quotation mark", "too many rows", "a line without end"],
)  # fmt: skip
def test_what_cannot_be_read_is_refused(data: bytes) -> None:
    with pytest.raises(Fault):
        upload.as_text(data)


@pytest.mark.parametrize("tag", list(LANGUAGES))
def test_the_empty_table_is_known_again_when_it_comes_back(tag: str) -> None:
    head = upload.template(tag, MEANINGS)
    sheet = table.read(upload.as_text(head + b",".join([b"2026"] * len(MEANINGS)) + b"\r\n"))
    assert table.guessed(sheet)[:3] == MEANINGS[:3]
    assert len([each for each in table.guessed(sheet) if each]) == len(MEANINGS)


# -- the pages


async def sent(author: Browser, path: str, data: bytes, name: str = "table.csv", **more: str) -> httpx.Response:
    """A file, as a browser sends it."""
    await author.get(f"{path}/table")
    csrf = re.findall(r'name="csrf" value="([0-9a-f]{64})"', author.page)[0]
    return await author.client.post(
        f"{author.desk.url}{path}/table", data={"csrf": csrf, "role": "detection", "do": "read", **more},
        files={"file": (name, data)}, headers={"Host": author.host, "Origin": author.origin},
    )  # fmt: skip


async def tree_of(desk: Desk, path: str) -> dict[str, Any]:
    draft = await desk.gateway.desk.draft(path.rpartition("/")[2])
    assert draft is not None
    return drafting.decode(draft["content"]).tree


@pytest.mark.parametrize("form", ["csv", "xlsx"])
async def test_a_file_becomes_the_figures_of_the_draft(desk: Desk, author: Browser, tmp_path: Path, form: str) -> None:
    path = await begun(author, "trend")
    data = as_xlsx(tmp_path, ROWS) if form == "xlsx" else "\n".join(map(",".join, ROWS)).encode()
    read = await sent(author, path, data, f"table.{form}")
    assert read.status_code == 200
    assert 'name="column-2"' in read.text
    done = await author.post(f"{path}/table", {**fields(read.text), "do": "use"})
    assert done.headers["location"] == path
    assert [cell["value"] for cell in (await tree_of(desk, path))["obs"]] == [41, 7, 48]


async def test_a_file_that_cannot_be_read_says_so_and_changes_nothing(desk: Desk, author: Browser) -> None:
    path = await begun(author, "trend")
    before = await tree_of(desk, path)
    answer = await sent(author, path, b"PK\x03\x04 nothing")
    assert (answer.status_code, "Save it anew as XLSX" in answer.text) == (422, True)
    large = await sent(author, path, b"Period,Value\n" + b"2026,1\n" * 200_000)
    assert large.status_code == 413
    assert await tree_of(desk, path) == before


async def test_one_file_at_a_time_of_a_session(desk: Desk, author: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    path = await begun(author, "trend")
    again: list[int] = []
    read = upload.as_text

    def busy(data: bytes) -> str:
        again.append(len(data))
        return read(data)

    async def meanwhile(call: Any, data: bytes) -> str:
        if not again:
            again.append(0)
            assert (await sent(author, path, data)).status_code == 429
        return busy(data)

    monkeypatch.setattr("suar.console.pages.messages.table.to_thread", meanwhile)
    assert (await sent(author, path, "\n".join(map(",".join, ROWS)).encode())).status_code == 200
    assert len(again) == 2, "the second was not read"


async def test_the_empty_table_has_the_labels_of_the_reader(desk: Desk, author: Browser) -> None:
    path = await begun(author, "trend")
    answer = await author.get(f"{path}/table.csv")
    assert answer.headers["content-type"].startswith("text/csv")
    assert "attachment" in answer.headers["content-disposition"]
    assert answer.text.lstrip("\ufeff").startswith("Period,")
    assert (await author.get(f"{PREFIX}/draft/nobody/table.csv")).status_code == 404


# -- coarser


MONTHS = "Period\tSex\tValue\n" + "".join(
    f"2026-{month:02d}\t{sex}\t{value}\n" for month in range(1, 13) for sex, value in (("Female", 4), ("Male", 6))
)


async def months(author: Browser) -> str:
    path = await begun(author, "trend")
    sent_ = {
        **fields((await author.get(path)).text), "indicator": "detected-victims", "unit": "persons",
        "date_basis": "detection", "coverage.scope": "national", "method": "full-count", "direction": "stable",
        "tlp": "CLEAR", "audience.members": "all", "issuer.body": "Statistics unit", "issuer.sector": "statistics",
        "text[0].lang": "en", "text[0].title": "By month", "text[0].summary": "As counted.",
        "source.type": "administrative-record", "source.reliability": "B", "source.credibility": "2", "do": "save",
    }  # fmt: skip
    await author.post(path, sent_)
    first = await author.post(f"{path}/table", {"text": MONTHS, "role": "detection", "do": "read"})
    done = await author.post(f"{path}/table", {**fields(first.text), "do": "use"})
    assert done.status_code == 303, done.text
    return path


async def test_one_press_makes_the_table_coarser_as_the_advice_says(desk: Desk, author: Browser) -> None:
    path = await months(author)
    page = (await author.get(path)).text
    ways = re.findall(r'name="do" value="(coarsen [a-z -]+)"', page)
    assert "coarsen year" in ways
    assert "by year instead of shorter periods" in page
    done = await author.post(path, {**fields(page), "do": "coarsen year"})
    assert (done.status_code, done.headers["location"]) == (303, path)
    tree = await tree_of(desk, path)
    assert [(cell["period"], cell["value"]) for cell in tree["obs"]] == [("2026", 48), ("2026", 72)]
    assert tree["dims"] == ["sex"]
    page = (await author.get(path)).text
    done = await author.post(path, {**fields(page), "do": "coarsen without sex"})
    assert done.status_code == 422, "women and men may not be all persons: their sum is no total"
    assert (await tree_of(desk, path))["obs"] == tree["obs"]


@pytest.mark.parametrize(
    "act",
    [
        "coarsen", "coarsen ", "coarsen year sex", "coarsen without age", "coarsen ../x", "coarsen half ' or 1",
    ],
)  # fmt: skip
async def test_a_press_that_the_table_does_not_have_changes_nothing(desk: Desk, author: Browser, act: str) -> None:
    path = await months(author)
    before = (await tree_of(desk, path))["obs"]
    page = (await author.get(path)).text
    answer = await author.post(path, {**fields(page), "do": act})
    assert answer.status_code in (303, 422)
    assert answer.status_code == 303 or "Look at the advice again" in answer.text
    assert (await tree_of(desk, path))["obs"] == before


async def test_no_crafted_workbook_ends_the_gateway_or_changes_the_draft(
    desk: Desk, author: Browser, tmp_path: Path
) -> None:
    """A reader that believed the numbers in a file aborted the process, whose thread read the upload."""
    path = await begun(author, "trend")
    before = await tree_of(desk, path)
    files = {name: (more, "") for name, more in REFUSED.items()} | BELIEVED
    for name, parts in files.items():
        answer = await sent(author, path, crafted(tmp_path / "table.xlsx", *parts).read_bytes())
        is_value = name.startswith(("date", "duration")) or name in BELIEVED
        assert answer.status_code == (200 if is_value else 422), name
        assert is_value or "Save it anew as XLSX" in answer.text or "too long" in answer.text, name
    assert await tree_of(desk, path) == before
