"""A table before and after the gate as grids of labels: what is hidden and why, which sum it protects, and coarser
tables.

Bounded: of a large table, the rows with hidden figures are shown, and the number of the other rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from suar.languages.rendering.cells import parts
from suar.languages.rendering.document import Line, Note, Table
from suar.languages.rendering.values import Values
from suar.protocol.message.kinds import Dims
from suar.protocol.message.spec import fields_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from suar.languages.names import Names
    from suar.languages.rendering.document import Block

ROWS_MAX: Final = 40  # rows of a grid
ACROSS_MAX: Final = 8  # columns of figures
LINES_MAX: Final = 20  # hidden figures with an explanation of their own
PARTS_MAX: Final = 6  # parts of a sum that are named
MARKS: Final = {"small": "S", "protects": "s", "given": "?", "moved": "~"}
"""The mark of a hidden figure, by the reason why it is hidden."""
MISSING: Final = "?"
NOTHING: Final = "."
Doc = dict[str, Any]


def blocks(table: Doc, names: Names) -> list[Block]:
    """Return both grids of a table (the shape of `check-message --json`), with notes on hidden and coarser cells."""
    return _Grids(table, names).blocks()


def coarser(table: Doc, names: Names) -> list[tuple[str, str, str]]:
    """Return the coarser tables that hide less, the best first: the way, the dimension, and the effect."""
    return _Grids(table, names).coarser()


class _Grids:
    """One table in one language."""

    def __init__(self, table: Doc, names: Names) -> None:
        self.table, self.names, self.words, self.values = table, names, names.words, Values(names)
        self.why = {each["at"]: each["why"] for each in table["hidden"]}
        cells = table["before"]
        self.parts = [parts(cell, names) for cell in cells]
        self.common = [at for at in (0, 1) if len({found[at] for found in self.parts}) == 1]
        self.dims = [name for name in fields_of(Dims) if any(name in cell["dims"] for cell in cells)]
        self.across = next((name for name in reversed(self.dims) if len(self._codes(name)) <= ACROSS_MAX), "")

    def blocks(self) -> list[Block]:
        """Return all blocks of the table."""
        if not self.table["before"]:
            return []
        chosen, more = self._chosen()
        found: list[Block] = [Note(""), *self._head(), Note(self.words.phrase("table-before"), has_blank_before=True)]
        found.append(self._grid(chosen, after=False))
        if self.table["after"] is not None:
            found += [Note(self.words.phrase("table-after"), has_blank_before=True), self._grid(chosen, after=True)]
        found += [Note(self.words.phrase("rows-more", number=self.names.number(more)))] if more else []
        return [*found, *self._legend(), *self._protecting(), *self._together(), *self._coarser()]

    # -- the grids

    def _codes(self, name: str) -> list[str]:
        return list(dict.fromkeys(cell["dims"].get(name, "total") for cell in self.table["before"]))

    def _head(self) -> list[Block]:
        """Return what all figures have in common."""
        return [Line(self._named(at), (self.parts[0][at],), self.words.joint) for at in self.common]

    def _named(self, at: int) -> str:
        return self.words.field("Observation", ("period", "place")[at])

    def _row(self, at: int) -> tuple[str, ...]:
        named = [name for name in self.dims if name != self.across]
        first = (self.parts[at][n] for n in (0, 1) if n not in self.common)
        return (*first, *(self._code(name, self.table["before"][at]) for name in named))

    def _code(self, name: str, cell: Doc) -> str:
        return self.values.one(fields_of(Dims)[name][1], name, cell["dims"].get(name, "total"))

    def _column(self, cell: Doc) -> str:
        return self._code(self.across, cell) if self.across else self.words.field("Observation", "value")

    def _chosen(self) -> tuple[list[tuple[str, ...]], int]:
        """Return the rows that are shown, and the number of those that are not."""
        rows: dict[tuple[str, ...], bool] = {}
        for at in range(len(self.table["before"])):
            row = self._row(at)
            rows[row] = rows.get(row, False) or at in self.why
        if len(rows) <= ROWS_MAX:
            return list(rows), 0
        hidden = [row for row, has_hidden in rows.items() if has_hidden] or list(rows)
        return hidden[:ROWS_MAX], len(rows) - len(hidden[:ROWS_MAX])

    def _grid(self, chosen: Sequence[tuple[str, ...]], *, after: bool) -> Table:
        columns = list(dict.fromkeys(map(self._column, self.table["before"])))
        figures: dict[tuple[str, ...], dict[str, str]] = {row: {} for row in chosen}
        for at, cell in enumerate(self.table["after" if after else "before"]):
            row = self._row(at)
            if row in figures:
                figures[row][self._column(cell)] = self._figure(at, cell)
        heads = [self._named(n) for n in (0, 1) if n not in self.common]
        heads += [self.words.label("dimension", name) or name for name in self.dims if name != self.across]
        rows = [(*row, *(found.get(name, NOTHING) for name in columns)) for row, found in figures.items()]
        return Table((*heads, *columns), tuple(rows), self.words.joint)

    def _figure(self, at: int, cell: Doc) -> str:
        if cell["value"] is not None:
            return self.names.number(cell["value"])
        return MARKS.get(self.why.get(at, ""), MISSING)

    # -- notes about the cells

    def _legend(self) -> list[Block]:
        counts = {why: sum(each == why for each in self.why.values()) for why in MARKS}
        entries = [
            self.words.phrase(f"hidden-{why}", mark=MARKS[why], number=self.names.number(count))
            for why, count in counts.items()
            if count
        ]
        return [Line(self.words.phrase("hidden-figures"), tuple(entries), self.words.joint)] if entries else []

    def _protecting(self) -> list[Block]:
        """Return the figures hidden to protect others, each with the sum that it protects."""
        found = [each for each in self.table["hidden"] if each["why"] == "protects" and each["sum"]]
        entries = [
            self.words.phrase(
                "protects", figure=self._short(each["at"]), total=self._short(each["sum"]["at"]),
                parts=self._some(self._distinct_part(at, each["sum"]["at"]) for at in each["sum"]["parts"]),
            )
            for each in found[:LINES_MAX]
        ]  # fmt: skip
        return self._lines("hidden-protecting", entries, len(found))

    def _together(self) -> list[Block]:
        """Return the figures hidden to protect others without a sum of the table, each with the numbers it takes."""
        found = [each for each in self.table["hidden"] if each.get("together")]
        entries = [
            self.words.phrase("together", figure=self._short(each["at"]), numbers=self._published(each["together"]))
            for each in found[:LINES_MAX]
        ]
        return self._lines("hidden-together", entries, len(found))

    def _lines(self, head: str, entries: list[str], count: int) -> list[Block]:
        more = count - len(entries)
        rest = [self._further(more)] if more > 0 else []
        return [Line(self.words.phrase(head), (*entries, *rest), self.words.joint)] if entries else []

    def _further(self, number: int) -> str:
        return self.words.phrase("further", number=self.names.number(number))

    def _published(self, together: Doc) -> str:
        """Return the labels of published numbers, each of an earlier table with its message."""
        labels = [self._number(each) for each in together["numbers"]]
        labels += [self._further(together["more"])] if together["more"] else []
        labels += [self.words.phrase("earlier-tables")] if together["earlier"] else []
        return self.values.join(labels, "parts")

    def _number(self, each: Doc) -> str:
        if each["at"] is not None:
            return self._short(each["at"])
        cell = each["cell"]
        figure = self.words.phrase("the-denominator") if cell is None else self.values.join(parts(cell, self.names))
        return self.words.phrase("of-message", figure=figure, message=each["message"]) if each["message"] else figure

    def _short(self, at: int) -> str:
        """Return the label of a figure, without what all figures have in common."""
        return self.values.join(part for n, part in enumerate(self.parts[at]) if n not in self.common)

    def _distinct_part(self, at: int, total: int) -> str:
        """Return the label of a part of a sum, without what it shares with its total."""
        return self.values.join([part for part in self.parts[at] if part not in self.parts[total]] or self.parts[at])

    def _some(self, labels: Iterable[str]) -> str:
        known = list(labels)
        more = len(known) - PARTS_MAX
        rest = [self._further(more)] if more > 0 else []
        return self.values.join([*known[:PARTS_MAX], *rest], "parts")

    def _coarser(self) -> list[Block]:
        """Return the coarser tables that were tried and hide less, the best first."""
        entries = [text for _, _, text in self.coarser()]
        return [Line(self.words.phrase("coarser"), tuple(entries), self.words.joint)] if entries else []

    def coarser(self) -> list[tuple[str, str, str]]:
        """Return the coarser tables one by one: the way, the dimension, and the effect."""
        now, cells = len(self.why), len(self.table["before"])
        can_leave = self.table["after"] is not None
        better = [each for each in self.table["coarser"] if not can_leave or each["hidden"] < now]
        return [
            (each["by"], each["dimension"], self._coarser_text(each, now, cells, can_leave=can_leave))
            for each in better
        ]

    def _coarser_text(self, each: Doc, now: int, cells: int, *, can_leave: bool) -> str:
        number = self.names.number
        name = each["dimension"] and (self.words.label("dimension", each["dimension"]) or each["dimension"])
        way = self.words.phrase(f"by-{each['by']}", dimension=name)
        counts = {"hidden": number(each["hidden"]), "cells": number(each["cells"])}
        if not can_leave:
            return self.words.phrase("coarser-leaves", way=way, **counts)
        return self.words.phrase("coarser-hides", way=way, **counts, now=number(now), all=number(cells))
