"""Workbooks of two kilobytes that ended a reader which believed their numbers, or made it take all memory there is."""

import io
import random
import re
import zipfile
from pathlib import Path
from typing import Final

from exchange_formats.synthetic import HEADER, SHEET_START, row, write_xlsx

MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STYLES: Final = f'<styleSheet xmlns="{MAIN}"><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="46"/></cellXfs></styleSheet>'
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
REFUSED: Final = {
    "column": '<row r="3"><c r="ZZZZZZZZZZZZZZZZ3"><v>1</v></c></row>', "letters": '<row r="3"><c r="FXSHRXX1"><v>1</v></c></row>',
    "row of a cell": '<row r="3"><c r="A99999999"><v>1</v></c></row>', "row of 32 bits": '<row r="3"><c r="A4294967295"><v>1</v></c></row>',
    "ten million rows": '<row r="3"><c r="A10000000"><v>1</v></c></row>', "row": '<row r="4294967295"><c><v>1</v></c></row>',
    "row of 20 digits": '<row r="99999999999999999999"><c r="A99999999999999999999"><v>1</v></c></row>',
    "shared text": '<row><c t="s"><v>99999999999</v></c></row>', "missing text": '<row><c t="s"><v>7</v></c></row>',
    "type": '<row><c t="zz"><v>1</v></c></row>',
    **{f"duration {number}": f'<row><c s="2"><v>{number}</v></c></row>' for number in ("1e300", "-1e300", "inf", "99999999999")},
    **{f"date {number}": f'<row><c s="1"><v>{number}</v></c></row>' for number in ("1e300", "NaN")},
}  # fmt: skip
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
