"""The parts of a workbook other than its sheets: the list of sheets, the styles for dates, and the shared texts.

Every part is read by the hardened parser, with one limit of elements for the whole workbook. Counts stated in a part
are not trusted.
"""

import re
from collections import Counter
from collections.abc import Container
from typing import Final, NamedTuple, Protocol

from suar.exchange.files.bounds import INFLATED_BYTES_MAX, PART_DEPTH_MAX, PARTS_MAX, WORKBOOK_ELEMENTS_MAX
from suar.exchange.files.problems import TableFault
from suar.exchange.files.xlsx_parts import part_name
from suar.exchange.files.xml_file import SEPARATOR, bound_depth, feed, hardened

DATE: Final = "date"
DURATION: Final = "duration"
_DATES: Final = {**dict.fromkeys((*range(14, 23), *range(27, 37), 45, 47, *range(50, 59)), DATE), 46: DURATION}
"""Number formats that every workbook has (ECMA-376 part 1, 18.8.30), those of East Asian languages included."""
_FORMAT_MAX: Final = 255  # characters of a number format, the limit of Excel
_LITERAL: Final = re.compile(r'"[^"]*"|[\\_*].', re.DOTALL)
_ELAPSED: Final = re.compile(r"\[(h+|m+|s+)\]")
_BRACKETS: Final = re.compile(r"\[[^\]]*\]")
_OF_A_DATE: Final = re.compile(r"[dmyhs]")
_ESCAPED: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")
_STATE: Final = "visible"


class Part(Protocol):
    """What a part becomes while it is walked. Names are local ones."""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Handle the start of an element."""

    def text(self, text: str) -> None:
        """Handle characters."""

    def end(self, name: str) -> None:
        """Handle the end of an element."""


class Walk:
    """Parses the parts of one workbook, which together have at most WORKBOOK_ELEMENTS_MAX elements."""

    def __init__(self) -> None:
        self._left = WORKBOOK_ELEMENTS_MAX

    def over(self, data: bytes, part: Part) -> None:
        """Pass the elements of a part to `part`. Raises Fault for XML that is not well-formed or exceeds a limit."""
        parser = hardened()

        def start(tag: str, attributes: dict[str, str]) -> None:
            self._left -= 1
            if self._left < 0:
                text = f"the workbook has more than {WORKBOOK_ELEMENTS_MAX:,} elements"
                raise TableFault(1, "A", text, "import it in parts, or as CSV UTF-8")
            part.start(tag.rpartition(SEPARATOR)[2], attributes)

        def end(tag: str) -> None:
            part.end(tag.rpartition(SEPARATOR)[2])

        parser.StartElementHandler, parser.EndElementHandler = start, end
        parser.CharacterDataHandler = part.text
        bound_depth(parser, PART_DEPTH_MAX)
        feed(parser, data)


class _Attributes:
    """The attributes of the elements with certain names, in order; at most PARTS_MAX."""

    def __init__(self, *names: str) -> None:
        self._names = names
        self.found: list[tuple[str, dict[str, str]]] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name in self._names and len(self.found) < PARTS_MAX:
            self.found.append((name, attributes))

    def text(self, _: str) -> None:
        """Ignore characters."""

    def end(self, _: str) -> None:
        """Ignore the end of an element."""


class ListedSheet(NamedTuple):
    """A sheet in the list of the workbook: its name, its state, and the name of its part in lower case."""

    name: str
    state: str
    part: str


class Book(NamedTuple):
    """The sheets in order, and whether days are counted from 1904 on."""

    sheets: list[ListedSheet]
    is_1904: bool


def read_book(walk: Walk, workbook: bytes, relations: bytes) -> Book:
    """Return the content of xl/workbook.xml and its relations."""
    targets, listed = _Attributes("Relationship"), _Attributes("sheet", "workbookPr")
    walk.over(relations, targets)
    walk.over(workbook, listed)
    parts = {each.get("Id", ""): part_name(each.get("Target", "")) for _, each in targets.found}
    sheets, is_1904 = [], False
    for name, each in listed.found:
        if name == "workbookPr":
            is_1904 = each.get("date1904") in ("1", "true")
            continue
        relation = next((value for key, value in each.items() if key.endswith(f"{SEPARATOR}id")), "")
        sheets.append(ListedSheet(each.get("name", ""), each.get("state", _STATE), parts.get(relation, "")))
    return Book(sheets, is_1904)


class Styles:
    """The cell styles that show a number as a date or a duration. `kinds`: DATE, DURATION or "" for each style."""

    def __init__(self) -> None:
        self.kinds: list[str] = []
        self._formats: dict[str, str] = {str(number): kind for number, kind in _DATES.items()}
        self._is_of_cells = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Handle the start of an element."""
        if name == "numFmt":
            self._formats[attributes.get("numFmtId", "")] = _kind(attributes.get("formatCode", ""))
        elif name == "cellXfs":
            self._is_of_cells = True
        elif name == "xf" and self._is_of_cells:
            self.kinds.append(self._formats.get(attributes.get("numFmtId", ""), ""))

    def text(self, _: str) -> None:
        """Ignore characters."""

    def end(self, name: str) -> None:
        """Handle the end of an element."""
        if name == "cellXfs":
            self._is_of_cells = False

    def of(self, style: str) -> str:
        """Return the kind of a style by its number; "" if the workbook does not have the style."""
        at = whole(style, len(self.kinds))
        return "" if at is None else self.kinds[at]


def _kind(code: str) -> str:
    plain = _LITERAL.sub("", code[:_FORMAT_MAX].lower()).partition(";")[0]
    if _ELAPSED.search(plain):
        return DURATION
    return DATE if _OF_A_DATE.search(_BRACKETS.sub("", plain)) else ""


class SharedTexts:
    """The shared texts of a sheet by number. `references`: the number of cells that refer to each.

    Raises TableFault from its handlers if these cells together exceed the limit of characters of a workbook.
    """

    def __init__(self, references: Counter[int]) -> None:
        self.texts: dict[int, str] = {}
        self._references = references
        self._number = -1
        self._characters = 0
        self._words = Words()

    def start(self, name: str, _: dict[str, str]) -> None:
        """Handle the start of an element."""
        if name == "si":
            self._number += 1
            self._words = Words()
        self._words.start(name, ("t",) if self._number in self._references else ())

    def text(self, text: str) -> None:
        """Handle characters."""
        self._words.text(text)

    def end(self, name: str) -> None:
        """Handle the end of an element."""
        self._words.end(name)
        if name == "si" and self._number in self._references:
            text = self.texts[self._number] = self._words.as_text()
            self._characters += len(text) * self._references[self._number]
            if self._characters > INFLATED_BYTES_MAX:
                text = f"the texts of its cells have more than {INFLATED_BYTES_MAX:,} characters together"
                raise TableFault(1, "A", text, "a table has words and counts, no prose; import it in parts")


class Words:
    """The characters in some elements of a cell or of a shared text, without phonetic ones."""

    def __init__(self) -> None:
        self._found: list[str] = []
        self._is_open = self._is_phonetic = False

    def start(self, name: str, kept: Container[str]) -> None:
        """Handle the start of an element. `kept`: the elements whose characters are kept."""
        self._is_phonetic = self._is_phonetic or name == "rPh"
        self._is_open = name in kept and not self._is_phonetic

    def text(self, text: str) -> None:
        """Handle characters."""
        if self._is_open:
            self._found.append(text)

    def end(self, name: str) -> None:
        """Handle the end of an element."""
        self._is_open = False
        if name == "rPh":
            self._is_phonetic = False

    def as_text(self) -> str:
        """Return the characters, stripped, with the escapes _xHHHH_ replaced."""
        return _ESCAPED.sub(_unescaped, "".join(self._found).strip())


def _unescaped(match: re.Match[str]) -> str:
    character = chr(int(match[1], 16))
    return match[0] if "\ud800" <= character <= "\udfff" else character


def whole(text: str, end: int) -> int | None:
    """Return the whole number in `text` if it is below `end`, otherwise None."""
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        return None
    return int(text) if int(text) < end else None
