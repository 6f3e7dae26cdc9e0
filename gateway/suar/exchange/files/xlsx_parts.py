"""The texts in one part of a workbook: in its elements, in their attributes, and the cells of a sheet.

Read by the hardened parser; at most OTHER_TEXTS_MAX texts of each kind are kept, further ones are counted.
"""

import re
from collections.abc import Callable
from typing import Any, Final

from suar.exchange.files.bounds import CELL_CHARS_MAX, OTHER_TEXT_MAX, OTHER_TEXTS_MAX, PART_DEPTH_MAX, SHARED_MAX
from suar.exchange.files.problems import letter
from suar.exchange.files.xml_file import SEPARATOR, bound_depth, feed, hardened

_NO_WORDS: Final = re.compile(
    r"(?:[\W\d_]*|.{0,3}|\{?[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}\}?|[0-9A-Fa-f]{6,16}"
    r"|https?://(?:schemas\.(?:openxmlformats|microsoft)\.(?:org|com)|www\.w3\.org|purl\.o(?:clc|rg))[\w./:#-]*)\Z"
)
"""Attribute values that are not words: measures, symbols, generated ids and names of standards."""
_CELL, _ROW, _COLUMN = "c", "row", "col"
_VALUES: Final = ("v", "t")
_SHARED: Final = "s"


class PartTexts:
    """The texts and attributes of a part, each with its element, its number, and the cell to which it belongs."""

    def __init__(self) -> None:
        self.texts: list[tuple[str, str]] = []
        self.attributes: list[tuple[str, str]] = []
        self.more = 0  # texts beyond the limits
        self._open: list[list[str]] = []
        self._about: list[str] = []
        self._counts: dict[str, int] = {}

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Handle the start of an element."""
        name = tag.rpartition(SEPARATOR)[2]
        self._open.append([])
        self._about.append(attributes.get("ref") or attributes.get("name") or (self._about[-1] if self._about else ""))
        for key, value in attributes.items():
            if not _NO_WORDS.match(value):
                self._keep(self.attributes, f"{name}/@{key.rpartition(SEPARATOR)[2]}", value)

    def text(self, text: str) -> None:
        """Handle characters in the open element."""
        if self._open:
            self._open[-1].append(text)

    def end(self, tag: str) -> None:
        """Handle the end of an element."""
        name, text, about = tag.rpartition(SEPARATOR)[2], "".join(self._open.pop()).strip(), self._about.pop()
        if text:
            self._counts[name] = self._counts.get(name, 0) + 1
            self._keep(self.texts, f"{name}[{self._counts[name]}]{f' ({about})' if about else ''}", text)

    def add_hidden(self, sort: str) -> Callable[..., None]:
        """Return a handler that keeps the text of comments or processing instructions."""
        return lambda *words: self._keep(self.texts, sort, " ".join(words))

    def _keep(self, kept: list[tuple[str, str]], at: str, text: str) -> None:
        if len(kept) < OTHER_TEXTS_MAX:
            kept.append((at, text[:OTHER_TEXT_MAX]))
        self.more += len(kept) == OTHER_TEXTS_MAX or len(text) > OTHER_TEXT_MAX


class SheetTexts:
    """A sheet: its cells as text, hidden rows and columns, formulas, and everything outside the cells in `around`."""

    def __init__(self, shared: list[str]) -> None:
        self.cells: dict[str, str] = {}
        self.formulas: dict[str, str] = {}
        self.hidden: list[str] = []
        self.count = self.more = 0
        self.around = PartTexts()
        self._shared = shared
        self._cell = self._type = self._inside = ""
        self._words: list[str] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Handle the start of an element."""
        name = tag.rpartition(SEPARATOR)[2]
        if name == _ROW and attributes.get("hidden") in ("1", "true"):
            self._hide(f"row {attributes.get('r', '')}")
        elif name == _COLUMN and attributes.get("hidden") in ("1", "true"):
            self._hide(f"columns {_letters(attributes.get('min'))} to {_letters(attributes.get('max'))}")
        if name == _CELL:
            self._cell, self._type = attributes.get("r") or f"number {self.count + 1}", attributes.get("t", "")
            self.count += 1
        elif not self._cell:
            self.around.start(tag, attributes)
        else:
            self._inside, self._words = name, []

    def text(self, text: str) -> None:
        """Handle characters in the open element."""
        if self._cell:
            self._words.append(text)
        else:
            self.around.text(text)

    def end(self, tag: str) -> None:
        """Handle the end of an element."""
        name = tag.rpartition(SEPARATOR)[2]
        if name == _CELL:
            self._cell = ""
        elif not self._cell:
            self.around.end(tag)
        elif name == self._inside:
            self._end_of_value(name, "".join(self._words))
            self._inside = ""

    def _end_of_value(self, name: str, text: str) -> None:
        if name == "f":
            self._keep(self.formulas, text)
        elif name in _VALUES and self._type == _SHARED:
            at = int(text) if text.isascii() and text.isdigit() and len(text) < 9 else len(self._shared)
            self._keep(self.cells, self._shared[at] if at < len(self._shared) else "")
        elif name in _VALUES:
            self._keep(self.cells, text)

    def _keep(self, kept: dict[str, str], text: str) -> None:
        if not text.strip():
            return
        if len(kept) < OTHER_TEXTS_MAX or self._cell in kept:
            kept[self._cell] = f"{kept[self._cell]}{text}" if self._cell in kept else text
        else:
            self.more += 1

    def _hide(self, what: str) -> None:
        if len(self.hidden) < OTHER_TEXTS_MAX:
            self.hidden.append(what)


class SharedTexts:
    """The shared texts including phonetic ones, each shortened to the maximum length of a cell.

    `around`: the comments between them.
    """

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.count = 0
        self.around = PartTexts()
        self._is_kept = True

    def start(self, tag: str, _: dict[str, str]) -> None:
        """Handle the start of an element."""
        if tag.endswith(f"{SEPARATOR}si"):
            self.count += 1
            self._is_kept = len(self.texts) < SHARED_MAX
            if self._is_kept:
                self.texts.append("")

    def text(self, text: str) -> None:
        """Handle characters in a text."""
        if self._is_kept and self.texts and len(self.texts[-1]) < CELL_CHARS_MAX:
            self.texts[-1] += text[:CELL_CHARS_MAX]

    def end(self, _: str) -> None:
        """Handle the end of an element."""


def parsed(data: bytes, into: Any) -> Any:
    """Parse a part, passing every element and text to `into`; return `into`.

    Raises Fault for XML that is not well-formed or has a document type.
    """
    parser = hardened()
    parser.StartElementHandler, parser.EndElementHandler = into.start, into.end
    parser.CharacterDataHandler = into.text
    around = into if isinstance(into, PartTexts) else getattr(into, "around", None)
    if around is not None:
        parser.CommentHandler = around.add_hidden("comment()")
        parser.ProcessingInstructionHandler = around.add_hidden("processing-instruction()")
    bound_depth(parser, PART_DEPTH_MAX)
    feed(parser, data)
    return into


def _letters(number: str | None) -> str:
    return letter(int(number)) if number and number.isascii() and number.isdigit() and len(number) < 6 else "?"


def part_name(target: str) -> str:
    """Return the name of the part to which a relationship of the workbook points."""
    return target.lower().removeprefix("/") if target.startswith("/") else f"xl/{target.lower()}"
