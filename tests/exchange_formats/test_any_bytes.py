"""From any bytes: a reading, or a refusal in words; never another exception."""

import json
import random
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange_formats.hostile_book import FILE as HOSTILE_BOOK
from exchange_formats.synthetic import as_csv, glotip, write_xlsx
from suar.exchange.files.csv_file import ENCODINGS, csv_rows
from suar.exchange.files.personal import Budget
from suar.exchange.files.traces import prose_traces
from suar.exchange.files.xlsx_file import xlsx_rows
from suar.exchange.files.xlsx_other_contents import other_contents
from suar.exchange.incoming.cap_in import read_cap
from suar.exchange.incoming.stix_in import read_stix
from suar.exchange.tables.readings import Reading
from suar.exchange.tables.table_map import read_map
from suar.exchange.tables.table_reader import read_table
from suar.protocol.base.errors import Fault

TRAPS = Path(__file__).with_name("traps.xml").read_bytes()
BUNDLE = (Path(__file__).parents[1] / "data" / "hostile-stix.json").read_bytes()
KEYS = st.sampled_from(["lang", "labels", "contents", "object_marking_refs", "definition", "revoked", "x_y", "name"])
GLOTIP = read_map(Path("glotip"))
ROUNDS = 300


def is_read_or_refused(read: Callable[[], Any]) -> bool:
    """True when it was read."""
    refusal = None
    try:
        read()
    except Fault as fault:
        refusal = fault
    assert refusal is None or (refusal.text and refusal.hint)
    return refusal is None


def mutated(random_: random.Random, data: bytes) -> bytes:
    """The bytes with a few changed, cut out, doubled or put in."""
    made = bytearray(data)
    for _ in range(random_.randint(1, 6)):
        at, length = random_.randrange(len(made)), random_.randint(1, 40)
        act = random_.randrange(4)
        if act == 0:
            made[at] = random_.randrange(256)
        elif act == 1:
            del made[at : at + length]
        elif act == 2:
            made[at:at] = made[at : at + length]
        else:
            made[at:at] = random_.randbytes(length)
        if not made:
            return b""
    return bytes(made)


@given(st.binary(max_size=400))
@settings(max_examples=200, deadline=None)
def test_any_bytes_as_cap(data: bytes) -> None:
    is_read_or_refused(lambda: read_cap(data))


@given(st.binary(max_size=400))
@settings(max_examples=200, deadline=None)
def test_any_bytes_as_stix(data: bytes) -> None:
    is_read_or_refused(lambda: read_stix(data))


def test_a_changed_bundle() -> None:
    random_ = random.Random(5)
    files = [mutated(random_, BUNDLE) for _ in range(ROUNDS)]
    read = sum(is_read_or_refused(partial(read_stix, data)) for data in files)
    assert 0 < read < ROUNDS  # both happen


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    )
)
@settings(max_examples=200, deadline=None)
def test_any_values_in_a_bundle(value: Any) -> None:
    """Any JSON where the reader looks for something."""
    incident = {"type": "incident", "id": "i", "name": "A", **(value if isinstance(value, dict) else {"labels": value})}
    bundle = {"type": "bundle", "objects": [incident, {"type": "location", "id": value}, {"type": value}]}
    is_read_or_refused(lambda: read_stix(json.dumps(bundle).encode()))


def test_a_changed_hostile_workbook(tmp_path: Path) -> None:
    """What stands beside the cells, damaged in any way."""
    random_, whole, path = random.Random(11), HOSTILE_BOOK.read_bytes(), tmp_path / "table.xlsx"
    for _ in range(ROUNDS):
        path.write_bytes(mutated(random_, whole))
        is_read_or_refused(lambda: other_contents(path, "", set(), Budget(100_000, 1_000)))


def test_a_changed_alert() -> None:
    random_ = random.Random(5)
    files = [mutated(random_, TRAPS) for _ in range(ROUNDS)]
    read = sum(is_read_or_refused(partial(read_cap, data)) for data in files)
    assert 0 < read < ROUNDS  # both happen


@given(st.text(max_size=300))
@settings(max_examples=200, deadline=None)
def test_any_text_has_its_traces(text: str) -> None:
    assert all(each.words for each in prose_traces(text))


def table(path: Path, encoding: str = "utf-8") -> Reading:
    return read_table(csv_rows(path, encoding, ","), GLOTIP, 2027)


@pytest.mark.parametrize("encoding", sorted(set(ENCODINGS)))
def test_a_changed_table(tmp_path: Path, encoding: str) -> None:
    random_, whole, path = random.Random(6), as_csv(glotip(5, years=[2018])), tmp_path / "table.csv"
    for _ in range(ROUNDS // 10):
        path.write_bytes(mutated(random_, whole))
        is_read_or_refused(lambda: table(path, encoding))


@given(st.binary(max_size=400))
@settings(max_examples=100, deadline=None)
def test_any_bytes_as_a_table(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes(data)
    is_read_or_refused(lambda: table(path))


def test_a_changed_row_is_still_counted(tmp_path: Path) -> None:
    """Whatever stands in a row: it is in a cell or on a list, once."""
    random_, path = random.Random(8), tmp_path / "table.csv"
    for _ in range(ROUNDS // 10):
        rows = glotip(5, years=[2018])
        for _ in range(10):
            random_.choice(rows)[random_.randrange(13)] = random_.choice(
                ["", "-1", "x", "<5", "Total", "1,1", '"', "\n"]
            )
        path.write_bytes(as_csv(rows))
        reading = table(path)
        added = sum(len(cell.rows) for cells in reading.cells.values() for cell in cells.values())
        assert reading.rows == len(rows)
        assert added == reading.imported == len(rows) - len(reading.listed())


def test_a_changed_sheet(tmp_path: Path) -> None:
    """A workbook that is whole, and one of its sheets that is not."""
    random_, path = random.Random(9), tmp_path / "table.xlsx"
    write_xlsx(path, glotip(5, years=[2018])[:20])
    with zipfile.ZipFile(path) as book:
        whole = book.read("xl/worksheets/sheet1.xml")
    for _ in range(ROUNDS):
        write_xlsx(path, [], sheet=mutated(random_, whole))
        is_read_or_refused(lambda: read_table(xlsx_rows(path, "", 1), GLOTIP, 2027))


def test_a_changed_workbook(tmp_path: Path) -> None:
    random_, path = random.Random(7), tmp_path / "table.xlsx"
    write_xlsx(path, glotip(5, years=[2018]))
    whole = path.read_bytes()
    read = 0
    for _ in range(ROUNDS):
        path.write_bytes(mutated(random_, whole))
        read += is_read_or_refused(lambda: read_table(xlsx_rows(path, "", 1), GLOTIP, 2027))
    assert read < ROUNDS


ODD = """<sheetData>
<a/>
<x><row><c><v>1</v></c></row></x>
<row r="-1"><c r="A0"><v>1</v></c></row>
<row r="x"><c r="1A"><v/></c></row>
<row r="0"><c r="A0"><v>1</v></c></row>
<row r="9999999"/>
<row><c r="AAAA1"><v>1</v></c></row>
<row><c t="s"><v>99999999999</v></c></row>
<row><c t="s"><v>-1</v></c></row>
<row><c t="d"><v>x</v></c></row>
<row><c t="b"><v>7</v></c></row>
<row><c t="e"><v>#REF!</v></c></row>
<row><c s="4294967296"><v>1e999</v></c></row>
<row><c><f t="shared" ref="A1:XFD1048576" si="0">A1</f><v>1</v></c></row>""".splitlines()


@pytest.mark.parametrize("sheet", ODD)
def test_odd_sheets(tmp_path: Path, sheet: str) -> None:
    path = tmp_path / "table.xlsx"
    start = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    write_xlsx(path, [], sheet=f"{start}{sheet}</sheetData></worksheet>".encode())
    is_read_or_refused(lambda: read_table(xlsx_rows(path, "", 1), GLOTIP, 2027))
