"""Workbooks of two kilobytes that ended a reader which believed their numbers, or made it take all memory there is."""

import io
import random
import re
import zipfile
from pathlib import Path
from typing import Final

from exchange_formats.synthetic import HEADER, SHEET_START, row, write_xlsx

MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_FORMATS: Final = '<xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="46"/>'
STYLES: Final = f'<styleSheet xmlns="{MAIN}"><cellXfs>{_FORMATS}</cellXfs></styleSheet>'
_NUMBERS: Final = (
    "0",
    "-1",
    "99999999",
    "4294967295",
    "99999999999",
    "18446744073709551615",
    "1e300",
    "ZZZZZZZZ2",
    "x",
)
_PLACES: Final = re.compile(rb'"[A-Z]*[0-9]+"|(?<=<v>)[0-9]+(?=</v>)')


def _line(cells: list[str]) -> str:
    return "<row>" + "".join(f'<c t="inlineStr"><is><t>{cell}</t></is></c>' for cell in cells) + "</row>"


def _texts(count: str) -> str:
    return f'<sst xmlns="{MAIN}" count="{count}" uniqueCount="{count}"><si><t>a</t></si></sst>'


BELIEVED: Final = {
    "shared texts": ("", _texts("99999999999")), "shared texts of 64 bits": ("", _texts("18446744073709551615")),
    "texts of a gigabyte": ("", _texts("1000000000")),
}  # fmt: skip
"""Files whose counts nobody needs: they are read as if the counts were right."""
_CELLS: Final = {
    "column": ("3", 'r="ZZZZZZZZZZZZZZZZ3"', "1"), "letters": ("3", 'r="FXSHRXX1"', "1"),
    "row of a cell": ("3", 'r="A99999999"', "1"), "row of 32 bits": ("3", 'r="A4294967295"', "1"),
    "ten million rows": ("3", 'r="A10000000"', "1"), "row": ("4294967295", "", "1"),
    "row of 20 digits": ("99999999999999999999", 'r="A99999999999999999999"', "1"),
    "shared text": ("3", 't="s"', "99999999999"), "missing text": ("3", 't="s"', "7"), "type": ("3", 't="zz"', "1"),
    **{f"duration {number}": ("3", 's="2"', number) for number in ("1e300", "-1e300", "inf", "99999999999")},
    **{f"date {number}": ("3", 's="1"', number) for number in ("1e300", "NaN")},
}  # fmt: skip
REFUSED: Final = {
    name: f'<row r="{number}"><c {attributes}><v>{value}</v></c></row>'
    for name, (number, attributes, value) in _CELLS.items()
}
"""Rows after a good one: each is refused with its row, or is a row that has to be mended."""


def crafted(path: Path, more: str = "", texts: str = "") -> Path:
    """A good table with `more` rows."""
    write_xlsx(path, [], sheet=f"{SHEET_START}{_line(HEADER)}{_line(row())}{more}</sheetData></worksheet>".encode())
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/styles.xml", STYLES)
        book.writestr("xl/sharedStrings.xml", texts or _texts("1"))
    return path


def altered(random_: random.Random, whole: bytes) -> bytes:
    """The workbook with a few numbers and references in its parts replaced by ones that no spreadsheet has."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(whole)) as book, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as copy:
        for name in book.namelist():
            data = book.read(name)
            found = list(_PLACES.finditer(data))
            for at in sorted(
                random_.sample(found, min(len(found), random_.randrange(4))), key=lambda each: -each.start()
            ):
                number = random_.choice(_NUMBERS).encode()
                data = data[: at.start()] + (b'"%s"' % number if at[0].startswith(b'"') else number) + data[at.end() :]
            copy.writestr(name, data)
    return made.getvalue()
