"""Hostile files end in a clear error with row and column, in bounded memory and time: each in a process of its own.

The memory is the highest that the process ever had resident (VmHWM), and the kernel is told to allow no more data than
that; the time is a generous bound on what the whole process takes of a processor, interpreter and imports included.
"""

import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, NamedTuple

import pytest

from exchange_formats.synthetic import HEADER, SHEET_START, as_csv, row, write_xlsx
from support.executables import PYTHON

pytestmark = pytest.mark.slow

MIB = 1024 * 1024
MEMORY_MAX = 200 * MIB
SECONDS = 15  # of a processor; the bound is five on a quiet machine, and the processor of a busy one is slower

CHILD = """
import resource, sys
resource.setrlimit(resource.RLIMIT_DATA, ({limit}, {limit}))
resource.setrlimit(resource.RLIMIT_CPU, ({seconds}, {seconds}))
from suar.cli.main import run
code = run(sys.argv[1:])
peak = next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))
print("peak", peak, file=sys.stderr)
sys.exit(code)
"""


class Ran(NamedTuple):
    code: int
    lines: list[str]  # without those of progress, which a busy machine brings forth
    peak: int  # bytes


def suar(*arguments: str | Path) -> Ran:
    script = CHILD.format(limit=MEMORY_MAX, seconds=SECONDS)
    command = [PYTHON, "-c", script, *map(str, arguments)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "Traceback" not in ended.stderr, ended.stderr
    *lines, peak = ended.stderr.splitlines()
    lines = [line for line in lines if not line.endswith(" tables checked")]
    return Ran(ended.returncode, lines, int(peak.split()[1]) * 1024)


def refused(file: Path, *more: str) -> str:
    """What the refusal of a table says."""
    ran = suar("import", "trend", file, "--map", "glotip", *more)
    assert ran.code == 1, ran.lines
    assert ran.peak < MEMORY_MAX
    error, hint = ran.lines[-2:]
    assert error.startswith("error: ")
    assert hint.startswith("hint: ")
    return error


def large(path: Path, write: Callable[[BinaryIO], None]) -> Path:
    with path.open("wb") as file:
        write(file)
    assert path.stat().st_size >= 100 * MIB
    return path


def test_a_good_table_is_far_below_the_bound(tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_bytes(as_csv([row(Year=str(year)) for year in range(1900, 2026)]))
    ran = suar("import", "trend", tmp_path / "table.csv", "--map", "glotip")
    assert (ran.code, ran.lines) == (0, [])
    assert ran.peak < MEMORY_MAX / 2


# -- CSV


def test_a_csv_of_a_hundred_megabytes(tmp_path: Path) -> None:
    line = (",".join(row()) + "\r\n").encode()

    def write(file: BinaryIO) -> None:
        file.write(as_csv([]))
        block = line * 10_000
        while file.tell() < 100 * MIB:
            file.write(block)

    error = refused(large(tmp_path / "table.csv", write))
    assert error == "error: row 50002, column A: the table has more than 50,000 rows"


def test_a_csv_of_one_line(tmp_path: Path) -> None:
    def write(file: BinaryIO) -> None:
        file.write(as_csv([]))
        file.write(b"THA,Thailand," + b"x" * (100 * MIB))

    error = refused(large(tmp_path / "table.csv", write))
    assert error == "error: row 2, column C: the row is longer than 400,000 bytes"


def test_a_csv_with_long_rows(tmp_path: Path) -> None:
    cells = ["x" * 900] * 99

    def write(file: BinaryIO) -> None:
        file.write(as_csv([], [*HEADER, *(f"more {n}" for n in range(86))]))
        line = (",".join(cells) + "\r\n").encode()
        while file.tell() < 100 * MIB:
            file.write(line)

    error = refused(large(tmp_path / "table.csv", write))
    assert error.endswith("column A: the file is larger than 16 MiB, which this row exceeds")


def test_a_quotation_mark_that_is_never_closed(tmp_path: Path) -> None:
    def write(file: BinaryIO) -> None:
        file.write(as_csv([row()]))
        file.write(b'THA,"Thailand')
        file.write((b"," + ",".join(row()).encode() + b"\r\n") * 900_000)

    error = refused(large(tmp_path / "table.csv", write))
    assert error.startswith("error: row 3, column ")
    assert error.endswith("a quotation mark is opened and not closed")


def test_a_thai_table_in_its_old_encoding(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    thai = [*row(), "หมายเหตุ"]
    path.write_bytes(as_csv([row(), row(Year="2019", Source="กรมสอบสวน")], HEADER).decode().encode("cp874"))
    ran = suar("import", "trend", path, "--map", "glotip")
    assert ran.lines == [
        "error: row 3, column M: the bytes from 0xa1 on are no utf-8; they may be Thai in TIS-620",
        "hint: save the file as CSV UTF-8, or read it with --encoding cp874",
    ]
    assert suar("import", "trend", path, "--map", "glotip", "--encoding", "tis-620").code == 0
    assert len(thai) == len(HEADER) + 1


@pytest.mark.parametrize("encoding", ["utf-16", "gb18030"])
def test_other_encodings_are_named_not_guessed(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(as_csv([row(Source="统计局")]).decode().encode(encoding))
    assert refused(path).startswith("error: row 1, column A: the file is in UTF-16" if encoding == "utf-16" else
                                    "error: row 2, column M: the bytes from")  # fmt: skip


def test_faulty_rows_stop_the_import_until_it_is_worded_otherwise(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(as_csv([row(), row(Year="2019", txtVALUE="-1"), row(Year="2020", txtVALUE="0.5")]))
    assert "rows of" in refused(path, "-o", str(tmp_path / "drafts"))
    assert list((tmp_path / "drafts").iterdir()) == []
    assert suar("import", "trend", path, "--map", "glotip", "--skip-faulty", "-o", tmp_path / "drafts").code == 0
    assert len(list((tmp_path / "drafts").iterdir())) == 1


# -- workbooks


def bomb(path: Path, size: int) -> Path:
    """A workbook whose sheet unfolds to `size` bytes of empty rows."""
    write_xlsx(path, [])
    block = b'<row><c t="str"><v>x</v></c></row>' * 30_000
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as book, book.open("xl/worksheets/sheet2.xml", "w") as file:
        file.write(SHEET_START.encode())
        for _ in range(size // len(block)):
            file.write(block)
        file.write(b"</sheetData></worksheet>")
    return path


def test_a_workbook_that_unfolds_to_twelve_times_the_bound(tmp_path: Path) -> None:
    path = bomb(tmp_path / "table.xlsx", 300 * MIB)
    assert path.stat().st_size < 2 * MIB
    error = refused(path)
    assert error.startswith(
        "error: row 1, column A: the workbook unfolds to more than 24 MiB in its part xl/worksheets/"
    )


def test_a_workbook_that_lies_about_its_size(tmp_path: Path) -> None:
    path = tmp_path / "table.xlsx"
    write_xlsx(
        path, [], sheet=SHEET_START.encode() + b"<row><c><v>1</v></c></row>" * 40_000 + b"</sheetData></worksheet>"
    )
    data = path.read_bytes()
    size = len(SHEET_START) + 26 * 40_000 + 24
    lie = data.replace(size.to_bytes(4, "little"), (500).to_bytes(4, "little"))
    assert lie != data
    path.write_bytes(lie)
    assert refused(path).endswith("is no workbook: Bad CRC-32 for file 'xl/worksheets/sheet1.xml'")


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ('<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
         "row 1048576, column XFD: the table has more than 50,000 rows"),
        ('<row r="2"><c r="XFD2"><v>1</v></c></row>', "row 2, column XFD: the table has more than 100 columns"),
        ('<row r="1"><c r="A1"><v>1</v></c></row><row r="40000"><c r="CV40000"><v>1</v></c></row>',
         "row 40000, column CV: the table has more than 500,000 cells"),
    ],
    ids=["corner", "columns", "rectangle"],
)  # fmt: skip
def test_a_workbook_with_a_far_cell(tmp_path: Path, cells: str, expected: str) -> None:
    path = tmp_path / "table.xlsx"
    write_xlsx(path, [], sheet=f"{SHEET_START}{cells}</sheetData></worksheet>".encode())
    assert refused(path) == f"error: {expected}"


LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a0 "ha">'
    + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    + "]>"
)


def test_a_workbook_with_a_billion_laughs(tmp_path: Path) -> None:
    path = tmp_path / "table.xlsx"
    write_xlsx(path, [], sheet=f"{LAUGHS}{SHEET_START}<row><c><v>&a11;</v></c></row></sheetData></worksheet>".encode())
    assert "has a document type" in refused(path)


NAMESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
NAMES_A_TEXT = b'<c t="s"><v>0</v></c>'


def with_texts(path: Path, sheet: bytes, *texts: bytes) -> Path:
    """A workbook whose cells may name `texts` by their numbers."""
    write_xlsx(path, [], sheet=SHEET_START.encode() + sheet + b"</sheetData></worksheet>")
    each = b"".join(b"<si><t>%s</t></si>" % text for text in texts)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/sharedStrings.xml", b'<sst xmlns="%s">%s</sst>' % (NAMESPACE.encode(), each))
    return path


@pytest.mark.parametrize("cell", [NAMES_A_TEXT, b'<c r="A1" t="s"><v> 0 </v></c>'], ids=["each", "all at one place"])
def test_a_workbook_whose_cells_all_name_one_long_text(tmp_path: Path, cell: bytes) -> None:
    path = with_texts(tmp_path / "table.xlsx", (b"<row>" + cell * 100 + b"</row>") * 40, b"x" * MIB)
    assert path.stat().st_size < 16 * 1024
    assert (
        refused(path) == "error: row 1, column A: the texts of its cells have more than 25,165,824 characters together"
    )


def test_a_long_text_that_no_cell_repeats_is_no_fault_of_the_workbook(tmp_path: Path) -> None:
    sheet = (b"<row>" + b'<c t="s"><v>1</v></c>' * 100 + b"</row>") * 40
    path = with_texts(tmp_path / "table.xlsx", sheet + b"<row>" + NAMES_A_TEXT + b"</row>", b"x" * MIB, b"word")
    assert "the header 'word' is also that of column A" in refused(path)


def test_a_workbook_of_nothing_but_merged_ranges(tmp_path: Path) -> None:
    path = tmp_path / "table.xlsx"
    merged = b'<mergeCell ref="A1:B2"/>' * 400_000
    end = b"</sheetData><mergeCells>" + merged + b"</mergeCells></worksheet>"
    write_xlsx(path, [], sheet=SHEET_START.encode() + end)
    assert refused(path) == "error: row 1, column A: the sheet has more than 50,000 merged ranges"


def test_a_workbook_with_two_parts_of_one_name(tmp_path: Path) -> None:
    path = with_texts(tmp_path / "table.xlsx", b"<row>" + NAMES_A_TEXT + b"</row>", b"word")
    with zipfile.ZipFile(path, "a") as book:
        book.writestr("xl/SharedStrings.xml", b"<sst/>")
    assert refused(path).endswith("is no workbook: two of its parts have one name")


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"not a workbook", b"\xd0\xcf\x11\xe0" + b"\0" * 600])
def test_a_file_that_is_no_workbook(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "table.xlsx"
    path.write_bytes(data)
    assert "is no workbook" in refused(path)


def test_a_workbook_whose_sheet_nests_without_end(tmp_path: Path) -> None:
    path = tmp_path / "table.xlsx"
    write_xlsx(path, [], sheet=SHEET_START.encode() + b"<a>" * 7_000_000)
    assert "nests its elements more than 100 deep" in refused(path)


MANY_TEXTS = b"<a>" + b'<b x="wordy">Call 0812 345 678 word</b>' * 180_000 + b"</a>"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("xl/comments1.xml", b"<a>" * 2_700_000),
        ("xl/comments1.xml", MANY_TEXTS),
        ("xl/comments1.xml", b"<a>" + b"word " * 1_600_000 + b"</a>"),
        ("xl/comments1.xml", b"<a>" + b"word " * 30_000_000 + b"</a>"),
        ("xl/comments1.xml", b"<a>" + b"<!--0812 345 678-->" * 300_000 + b"</a>"),
        ("xl/sharedStrings.xml", b'<sst xmlns="%s">%s</sst>' % (
            NAMESPACE.encode(), b"<si><t>Call 0812 345 678</t></si>" * 200_000)),
    ],
    ids=["deep", "many", "long", "bomb", "comments", "texts"],
)  # fmt: skip
def test_what_is_beside_a_table_is_bounded(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / "table.xlsx"
    write_xlsx(path, [row()])
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as book:
        book.writestr(name, content)
    ran = suar("import", "trend", path, "--map", "glotip")
    assert (ran.code, ran.lines) == (0, [])
    assert ran.peak < MEMORY_MAX


def test_a_workbook_of_two_thousand_parts(tmp_path: Path) -> None:
    path = tmp_path / "table.xlsx"
    write_xlsx(path, [row()])
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as book:
        for n in range(1_990):
            book.writestr(f"xl/comments{n}.xml", f"<a><b>Call 081{n:04d} 345 678</b></a>")
    ran = suar("import", "trend", path, "--map", "glotip")
    assert (ran.code, ran.lines) == (0, [])
    assert ran.peak < MEMORY_MAX


def test_a_table_of_nothing_but_notes(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    rows = [
        row(Year=str(1900 + n % 120), Source=f"Call 08{n:06d} or 345 678 and {n} {'far ' * 40}") for n in range(45_000)
    ]
    path.write_bytes(as_csv(rows))
    ran = suar("import", "trend", path, "--map", "glotip", "--skip-faulty")
    assert ran.peak < MEMORY_MAX


# -- XML

CAP = '<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{LAUGHS}{CAP}<note>&a11;</note></alert>", "line 1, column 34: the XML has a document type"),
        (f'<!DOCTYPE a SYSTEM "file:///etc/passwd">{CAP}</alert>', "line 1, column 40: the XML has a document type"),
        (f'<!DOCTYPE a [<!ENTITY % x SYSTEM "http://127.0.0.1:1/x"> %x;]>{CAP}</alert>', "the XML has a document type"),
        (f"{CAP}<note>&undeclared;</note></alert>", "no well-formed XML: undefined entity"),
        (f"{CAP}{'<info>' * 10_000}", "too many elements, or nests them too deep"),
        (f"{CAP}{'<info/>' * 6_000}</alert>", "too many elements, or nests them too deep"),
        (f"{CAP}<note>{'x' * 300_000}</note></alert>", "larger than 256 KiB"),
        (f"{CAP}<note>", "no well-formed XML: no element found"),
        ("", "no well-formed XML: no element found"),
    ],
    ids=["laughs", "file", "address", "entity", "deep", "wide", "large", "cut", "empty"],
)
def test_a_hostile_alert(tmp_path: Path, text: str, expected: str) -> None:
    path = tmp_path / "alert.xml"
    path.write_text(text)
    ran = suar("import", "cap", path, "--drop")
    assert ran.code == 1
    assert ran.peak < MEMORY_MAX
    assert expected in ran.lines[-2]
    assert ran.lines[-1].startswith("hint: ")


def test_a_huge_alert_is_not_even_read(tmp_path: Path) -> None:
    def write(file: BinaryIO) -> None:
        file.write(CAP.encode())
        for _ in range(101):
            file.write(b"<info/>" * 150_000)

    ran = suar("import", "cap", large(tmp_path / "alert.xml", write))
    assert ran.peak < MEMORY_MAX / 2
    assert "larger than 256 KiB" in ran.lines[-2]
