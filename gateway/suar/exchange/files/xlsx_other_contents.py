"""Examines the contents of a workbook (.xlsx) other than the cells of the selected sheet; they are reported, not used.

They are other sheets (also hidden ones), names of sheets, hidden rows and columns, comments and their authors,
formulas, headers and footers, links, validation rules, defined names, document properties, drawings, charts, and cached
copies of other files. A part that is not XML or exceeds the limits is reported as not examined. Every part is
decompressed within a limit and read by the hardened parser.
"""

import io
import re
import struct
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import Final

from suar.exchange.files.bounds import OTHER_BYTES_MAX, PARTS_MAX, TABLE_BYTES_MAX
from suar.exchange.files.personal import UNSEEN, Budget, NotUsed, cut, is_count
from suar.exchange.files.xlsx_parts import PartTexts, SharedTexts, SheetTexts, parsed, part_name
from suar.exchange.files.xml_file import SEPARATOR
from suar.protocol.base.errors import Fault

LISTED_MAX: Final = 200  # maximum number of texts of one part that are listed without personal data in them
_SHEET: Final = re.compile(r"xl/worksheets/[^/]+\.xml(?!\n)\Z")
_STRUCTURE: Final = re.compile(
    r"(\[content_types\]\.xml|(.*/)?_rels/[^/]*\.rels|xl/(styles|calcchain|metadata)\.xml|xl/theme/[^/]+\.xml)(?!\n)\Z"
)
"""Parts that normally contain no text of a person: reported only if something personal is found in them."""
_FONTS: Final = frozenset({"ＭＳ Ｐゴシック", "ＭＳ Ｐ明朝"})  # noqa: RUF001 - as Office writes them
"""Fonts of the theme of nearly every workbook, which have the form of a name."""
_TEXTS: Final = "xl/sharedstrings.xml"
_BOOK: Final = "xl/workbook.xml"
_RELATIONS: Final = "xl/_rels/workbook.xml.rels"
_VISIBLE: Final = "visible"
_ODD: Final = (
    zipfile.BadZipFile, zlib.error, struct.error, OSError, ValueError, EOFError, RuntimeError, OverflowError,
    LookupError,
)  # fmt: skip


def other_contents(path: Path, sheet: str, seen: set[str], budget: Budget) -> list[NotUsed]:
    """Return all contents of a workbook except the cells of `sheet` ("": the first), personal data first.

    `seen`: the texts of those cells.
    """
    with path.open("rb") as file:
        data = file.read(TABLE_BYTES_MAX + 1)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            found = _Book(book, seen, budget).contents(sheet)
    except _ODD as error:
        raise Fault(f"{path} is no workbook: {error}", "save it anew as .xlsx, or as CSV UTF-8") from None
    return sorted(found, key=lambda each: not each.personal)


class _Book:
    """A workbook whose parts are being examined. Names of parts are in lower case."""

    def __init__(self, book: zipfile.ZipFile, seen: set[str], budget: Budget) -> None:
        self.book, self.seen, self.budget = book, seen, budget
        self.left = OTHER_BYTES_MAX
        self.found: list[NotUsed] = []
        self.parts = {part.filename.lower(): part for part in book.infolist()[:PARTS_MAX] if not part.is_dir()}
        self.shared: list[str] = []

    def contents(self, wanted: str) -> list[NotUsed]:
        """Return the contents of each part. `wanted`: the name of the selected sheet."""
        sheets = self._sheets()
        read = next((part for part, (name, _) in sheets.items() if not wanted or name == wanted), "")
        self._shared()
        self._add("the file, its own comment", self.book.comment.decode("utf-8", "replace"))
        for name, part in self.parts.items():
            self._add(f"part {cut(part.filename)}, its name", part.filename, is_listed=False)
            if name == _TEXTS:
                continue
            data = self._data(part) if name.endswith((".xml", ".rels", ".vml")) else None
            try:
                if data is None:
                    self._unseen(part.filename)
                elif _SHEET.match(name):
                    title, state = sheets.get(name, (PurePosixPath(part.filename).name, _VISIBLE))
                    self._sheet(title, state, parsed(data, SheetTexts(self.shared)), is_read=name == read)
                else:
                    self._texts(
                        f"part {part.filename}", parsed(data, PartTexts()), is_listed=not _STRUCTURE.match(name)
                    )
            except Fault:  # not well-formed XML, or with a document type
                self._unseen(part.filename)
        return self.found

    def _sheets(self) -> dict[str, tuple[str, str]]:
        """Return part -> (name, state) of the sheets, in order."""
        targets = {
            each.get("Id", ""): part_name(each.get("Target", ""))
            for each in self._attributes(_RELATIONS, "Relationship")
        }
        found = {}
        for each in self._attributes(_BOOK, "sheet"):
            relation = next((value for key, value in each.items() if key.endswith(f"{SEPARATOR}id")), "")
            found[targets.get(relation, "")] = (each.get("name", ""), each.get("state", _VISIBLE))
        return found

    def _attributes(self, name: str, element: str) -> list[dict[str, str]]:
        """Return the attributes of the elements with this name in a part."""
        data = self._data(self.parts[name]) if name in self.parts else None
        if data is None:
            return []
        self.left += len(data)  # the part is read again with the others
        found: list[dict[str, str]] = []
        parsed(data, _Collector(element, found))
        return found

    def _shared(self) -> None:
        """Examine the shared texts that no cell of the selected sheet uses."""
        if _TEXTS not in self.parts:
            return
        data = self._data(self.parts[_TEXTS])
        if data is None:
            self._unseen(self.parts[_TEXTS].filename)
            return
        texts = parsed(data, SharedTexts())
        self.shared = texts.texts
        self._texts("part xl/sharedStrings.xml", texts.around, is_listed=True)
        if texts.count > len(self.shared):
            further = f"{texts.count - len(self.shared):,} further texts"
            self.found.append(NotUsed("part xl/sharedStrings.xml", further, (UNSEEN,)))
        others = [(at, text) for at, text in enumerate(self.shared, 1) if text.strip() not in self.seen]
        for number, (at, text) in enumerate(others):
            self._add(f"part xl/sharedStrings.xml, text {at}", text, is_listed=number < LISTED_MAX)

    def _sheet(self, title: str, state: str, texts: SheetTexts, *, is_read: bool) -> None:
        where = f"sheet '{cut(title)}'" + ("" if state == _VISIBLE else f" ({cut(state)})")
        self._add(f"{where}, its name", title)
        if not is_read:
            self.found.append(NotUsed(where, f"{texts.count:,} cells, none of them read"))
        for at, cell in texts.cells.items():
            if not is_count(cell) and not (is_read and cell.strip() in self.seen):
                self._add(f"{where}, cell {at}", cell, is_listed=False)
        for at in texts.hidden:
            note = "hidden, and read like the others" if is_read and at.startswith("row") else "hidden"
            self.found.append(NotUsed(f"{where}, {at}", note))
        for at, formula in texts.formulas.items():
            self._add(f"{where}, formula of {at}", formula, is_listed=False)
        if texts.more:
            self.found.append(NotUsed(where, f"{texts.more:,} further cells", (UNSEEN,)))
        self._texts(where, texts.around, is_listed=True)

    def _texts(self, where: str, texts: PartTexts, *, is_listed: bool) -> None:
        for number, (at, text) in enumerate(texts.texts):
            self._add(f"{where}, {cut(at)}", text, is_listed=is_listed and number < LISTED_MAX)
        for at, text in texts.attributes:
            if not (text in _FONTS and at.endswith("/@typeface")):
                self._add(f"{where}, {cut(at)}", text, is_listed=False)
        if texts.more:
            self.found.append(NotUsed(where, f"{texts.more:,} further texts", (UNSEEN,)))

    def _add(self, at: str, text: str, *, is_listed: bool = True) -> None:
        found = self.budget.not_used(at, text)
        if found.personal or (is_listed and found.words):
            self.found.append(found)

    def _unseen(self, name: str) -> None:
        """Report a part that was not examined: not XML, too large, or damaged."""
        self.found.append(NotUsed(f"part {cut(name)}", PurePosixPath(cut(name)).suffix or "a part", (UNSEEN,)))

    def _data(self, part: zipfile.ZipInfo) -> bytes | None:
        """Return a decompressed part; None if it exceeds the limit or its compression is not used in workbooks."""
        if part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or part.flag_bits & 1:
            return None
        with self.book.open(part) as file:
            data = file.read(self.left + 1)
        if len(data) > self.left:
            return None
        self.left -= len(data)
        return data


class _Collector:
    """Collects the attributes of all elements with one name."""

    def __init__(self, name: str, found: list[dict[str, str]]) -> None:
        self.name, self.found = name, found

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Handle the start of an element."""
        if tag.rpartition(SEPARATOR)[2] == self.name and len(self.found) < PARTS_MAX:
            self.found.append(attributes)

    def text(self, _: str) -> None:
        """Ignore characters."""

    def end(self, _: str) -> None:
        """Ignore the end of an element."""
