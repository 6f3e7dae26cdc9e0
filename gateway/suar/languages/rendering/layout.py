"""Lays out a reading as lines of a terminal of a given width."""

from typing import Final

from suar.languages.rendering.document import Banner, Block, Line, Note, Table, Words
from suar.languages.rendering.wrap import clean, others, pad, width, wrap

NARROWEST: Final = 20
"""The least width in terminal cells; in a narrower terminal, lines wrap."""
WIDEST: Final = 100
"""The greatest width in terminal cells; longer lines are hard to read."""
GAP: Final = "  "
BULLET: Final = "  - "
HANG: Final = len(BULLET)


def lines(blocks: list[Block], room: int) -> list[str]:
    """Return the lines of a reading, none wider than `room` terminal cells."""
    room = min(max(room, NARROWEST), WIDEST)
    found: list[str] = []
    for block in blocks:
        found += _of_block(block, room)
    return found


def _of_block(block: Block, room: int) -> list[str]:
    if isinstance(block, Banner):
        return ["", *wrap(f"*** {clean(block.text)} ***", room), ""]
    if isinstance(block, Table):
        return _table(block, room)
    if isinstance(block, Note):
        return [*([""] if block.has_blank_before else []), *wrap(clean(block.text), room, indent=block.indent)]
    if isinstance(block, Words):
        return [*([""] if block.has_blank_before else []), *others(block.text, room)]
    return _line(block, room)


def _line(line: Line, room: int) -> list[str]:
    if len(line.values) == 1:
        return wrap(clean(line.pair.format(label=line.label, value=line.values[0])), room, indent=HANG)
    head = wrap(clean(line.pair.format(label=line.label, value="").rstrip()), room, indent=HANG)
    for value in line.values:
        head += wrap(clean(value), room, first=BULLET, indent=HANG)
    return head


def _table(table: Table, room: int) -> list[str]:
    """Return aligned columns if they fit; else one line for each row, with each column's name."""
    rows = [[clean(cell) for cell in row] for row in (table.columns, *table.rows)]
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    if sum(widths) + len(GAP) * (len(widths) - 1) <= room:
        return [GAP.join(pad(cell, each) for cell, each in zip(row, widths, strict=True)).rstrip() for row in rows]
    found: list[str] = []
    for row in table.rows:
        cells = (
            table.pair.format(label=name, value=cell) for name, cell in zip(table.columns, row, strict=True) if cell
        )
        found += wrap(clean("; ".join(cells)), room, first=BULLET, indent=HANG)
    return found
