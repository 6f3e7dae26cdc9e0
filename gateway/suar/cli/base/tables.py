"""Tables: boxes and colours on a terminal, aligned plain text in a pipe (rich is imported only for a terminal)."""

import sys
from collections.abc import Iterable, Sequence
from typing import Final

import rich_click as click

from suar.cli.base.local_time import in_local_time
from suar.cli.base.terminal import in_words
from suar.languages.rendering.unseen import visible_text

GAP: Final = "  "
STYLES: Final = {"ok": "green", "warning": "yellow", "critical": "red", "unknown": "magenta"}


def show(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print `rows` under `columns`; a cell that is a status gets its colour."""
    cells = [["" if cell is None else plain(cell) for cell in row] for row in rows]
    if sys.stdout.isatty():
        _boxed(columns, cells)
    else:
        _aligned(columns, cells)


def plain(value: object) -> str:
    """Return a cell on one line, without control characters: another member's text must not move the cursor.

    A time is of this machine's zone, followed by UTC.
    """
    text = in_words(value) if isinstance(value, list | dict | bool) else in_local_time(str(value))
    return visible_text(text, frozenset())


def aligned(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """Return `rows` under `columns` as lines of plain text."""
    cells = [["" if cell is None else plain(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(columns, *cells, strict=True)]
    return [
        GAP.join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in (list(columns), *cells)
    ]


def show_plain(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print `rows` under `columns` as plain text, on a terminal too: no cell is wrapped."""
    _aligned(columns, [["" if cell is None else plain(cell) for cell in row] for row in rows])


def _aligned(columns: Sequence[str], cells: list[list[str]]) -> None:
    for line in aligned(columns, cells):
        click.echo(line)


def _boxed(columns: Sequence[str], cells: list[list[str]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table()
    for column in columns:
        table.add_column(column, overflow="fold")  # an id that is cut short is no id
    for row in cells:
        table.add_row(*(Text(cell, style=STYLES.get(cell, "")) for cell in row))
    Console().print(table)
