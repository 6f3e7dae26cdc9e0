"""Rows of a workbook (.xlsx), read without trusting any size or count that it states.

A workbook is a ZIP file of XML. A few kilobytes may decompress to gigabytes, its directory and parts may state wrong
sizes and counts, a single cell in the last row can make a reader fill the whole rectangle above it, and any number of
cells may refer to one long text. Every needed part is therefore decompressed within a limit, and the hardened parser
keeps only the cells of the selected sheet, within the limits of a table (docs/adr/0059).
"""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import Final

from suar.exchange.files.bounds import (
    CELL_CHARS_MAX,
    INFLATED_BYTES_MAX,
    MIB,
    PARTS_MAX,
    TABLE_BYTES_MAX,
)
from suar.exchange.files.csv_file import Row, Source
from suar.exchange.files.problems import TableFault, column_name, shown
from suar.exchange.files.xlsx_book import Book, SharedTexts, Styles, Walk, read_book
from suar.exchange.files.xlsx_sheet import Sheet, unmerged
from suar.protocol.base.errors import Fault

_NEEDED: Final = re.compile(
    r"(xl/workbook\.xml|xl/_rels/workbook\.xml\.rels|xl/styles\.xml"
    r"|xl/sharedStrings\.xml|xl/worksheets/sheet[0-9]+\.xml)(?!\n)\Z",
    re.IGNORECASE,
)
_BOOK: Final = "xl/workbook.xml"
_RELATIONS: Final = "xl/_rels/workbook.xml.rels"
_STYLES: Final = "xl/styles.xml"
_TEXTS: Final = "xl/sharedstrings.xml"
_ODD: Final = (OSError, ValueError, EOFError, RuntimeError, OverflowError, LookupError)
"""Exceptions of zipfile besides its own, for a damaged directory."""
_SAVE_AGAIN: Final = "save it anew as .xlsx, or as CSV UTF-8"
_CHUNK: Final = 64 * 1024
_NAMES_MAX: Final = 50  # maximum number of sheets that an error names


def xlsx_rows(path: Source, sheet: str, header_row: int) -> Iterator[Row]:
    """Yield (row number, cells as text) of every row of a sheet ("": the first) that is not empty.

    Raises TableFault for a merged range that touches the header, because it is unclear which column it names.
    """
    parts, walk = _parts(path), Walk()
    if _BOOK not in parts or _RELATIONS not in parts:
        raise Fault(f"{path} is no workbook: it lists no sheets", _SAVE_AGAIN)
    book = read_book(walk, parts[_BOOK], parts[_RELATIONS])
    styles = Styles()
    if _STYLES in parts:
        walk.over(parts[_STYLES], styles)
    cells = Sheet(styles, is_1904=book.is_1904)
    walk.over(_chosen(path, book, parts, sheet), cells)
    texts = SharedTexts(cells.references)
    if cells.references and _TEXTS in parts:
        walk.over(parts[_TEXTS], texts)
    unmerged(cells.merged, header_row)
    yield from _rows(cells.rows, texts.texts)


def _chosen(path: Source, book: Book, parts: dict[str, bytes], sheet: str) -> bytes:
    """Return the part of a sheet by its name ("": the first)."""
    names = [each.name for each in book.sheets]
    if sheet and sheet not in names:
        raise Fault(f"no sheet '{sheet}' in {path}", f"its sheets are: {', '.join(names[:_NAMES_MAX])}")
    if not names:
        raise Fault(f"{path} is no workbook: it lists no sheets", _SAVE_AGAIN)
    listed = book.sheets[names.index(sheet) if sheet else 0]
    if listed.part not in parts:
        raise Fault(f"{path} is no workbook that can be read: no cells of its sheet {shown(listed.name)}", _SAVE_AGAIN)
    return parts[listed.part]


def _rows(rows: dict[int, list[str | int]], shared: dict[int, str]) -> Iterator[Row]:
    """Yield the rows in order, as wide as the widest, with the shared texts that their cells refer to."""
    width = max(map(len, rows.values()), default=0)
    for number in sorted(rows):
        texts = [""] * width
        for at, cell in enumerate(rows[number]):
            text = shared.get(cell) if isinstance(cell, int) else cell
            if text is None:
                reason = "the cell refers to a shared text that the workbook does not have"
                raise TableFault(number, column_name(at + 1), reason, _SAVE_AGAIN)
            texts[at] = text
        if any(texts):
            _bounded(number, texts)
            yield number, texts


def _parts(path: Source) -> dict[str, bytes]:
    """Return the needed parts of a workbook by their names in lower case, decompressed within one limit."""
    with path.open("rb") as file:
        data = file.read(TABLE_BYTES_MAX + 1)  # an OSError after this is caused by the content, not the disk
    if len(data) > TABLE_BYTES_MAX:
        raise TableFault(1, "A", f"the file is larger than {TABLE_BYTES_MAX // MIB} MiB", "import it in parts")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            return _decompressed(book)
    except (zipfile.BadZipFile, zlib.error, struct.error, *_ODD) as error:
        raise Fault(f"{path} is no workbook: {error}", _SAVE_AGAIN) from None


def _decompressed(book: zipfile.ZipFile) -> dict[str, bytes]:
    listed, left = book.infolist(), INFLATED_BYTES_MAX
    if len(listed) > PARTS_MAX:
        raise TableFault(1, "A", f"the workbook has more than {PARTS_MAX:,} parts", "save it anew as .xlsx")
    needed = [part for part in listed if _NEEDED.match(part.filename)]
    parts: dict[str, bytes] = {}
    for part in needed:
        if part.filename.lower() in parts:
            raise zipfile.BadZipFile("two of its parts have one name")
        if part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):  # others have no memory limit
            raise zipfile.BadZipFile(f"its part {part.filename} is compressed in another way than workbooks are")
        parts[part.filename.lower()] = _unfolded(book, part, left)
        left -= len(parts[part.filename.lower()])
    return parts


def _unfolded(book: zipfile.ZipFile, part: zipfile.ZipInfo, left: int) -> bytes:
    chunks, read = [], 0
    with book.open(part) as file:
        while chunk := file.read(_CHUNK):
            read += len(chunk)
            if read > left:
                text = f"the workbook unfolds to more than {INFLATED_BYTES_MAX // MIB} MiB in its part {part.filename}"
                raise TableFault(1, "A", text, "import it in parts, or as CSV UTF-8")
            chunks.append(chunk)
    return b"".join(chunks)


def _bounded(row: int, cells: list[str]) -> None:
    for number, cell in enumerate(cells, 1):
        if len(cell) > CELL_CHARS_MAX:
            text = f"the cell has {len(cell):,} characters, at most {CELL_CHARS_MAX:,}"
            raise TableFault(row, column_name(number), text, "a table has words and counts, no prose")
