"""The figures of a trend as columns: a group for each period, in it a column for each category.

A hidden or missing figure has no column, but a mark of constant height in its position, and only shown figures
determine the scale. All figures are drawn if there are few categories, else those of one breakdown.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from msgspec import Struct

from suar.console.pictures.svg import INK, LINE, MUTED, Picture, drawing, line, text
from suar.languages.names import Names
from suar.languages.rendering.values import NORMAL, Values
from suar.protocol.base.codelists import TOTAL
from suar.protocol.message.kinds import DIMENSIONS, KINDS, Dims, Observation
from suar.protocol.message.spec import fields_of

SERIES_MAX: Final = 6
PERIODS_MAX: Final = 24
SENTENCES_MAX: Final = 40
LABELS: Final = 6  # periods with a label below
NUMBERS: Final = 16  # columns with their number above them
WIDTH, HEIGHT = 340, 220
LEFT, TOP, BASE = 46, 20, 190
COLOURS: Final = ("#0072b2", "#9a6000", "#007a55", "#a8457f", "#b34700", "#4a5866")
HATCHES: Final = ("", "M0 6L6 0", "M0 0L6 6", "M3 0V6", "M0 3H6", "M0 6L6 0M0 0L6 6")
"""How series differ in addition to their colour."""
MARK: Final = 10  # pixels of the mark of a hidden figure

Key = tuple[str, ...]
Cell = Mapping[str, Any]


class Figures(Struct, frozen=True):
    """Columns by period and series; `labels` of the series."""

    periods: tuple[str, ...]
    series: tuple[Key, ...]
    labels: tuple[str, ...]
    cells: dict[tuple[str, Key], Cell]

    @property
    def shown(self) -> list[int]:
        """Return the values that are shown."""
        return [cell["value"] for cell in self.cells.values() if cell["value"] is not None]


def chart(message: Mapping[str, Any], names: Names) -> Picture | None:
    """Return the picture of a trend; None for other kinds, and if there is nothing to compare."""
    found = figures(message.get("obs") or (), names)
    if found is None:
        return None
    known = Values(names)
    spec = fields_of(Observation)
    title, mark = _title(message, names), names.words.field("Observation", "status")
    hidden = dict.fromkeys(
        known.one(spec["status"][1], "status", cell["status"]) for cell in found.cells.values() if cell["value"] is None
    )
    body = [*_hatches(found), *_axis(found, names), *_columns(found, names)]
    svg = drawing("chart", (WIDTH, HEIGHT), title, _sentences(found, names, known), body)
    return Picture(svg, title, tuple(enumerate(found.labels)), tuple(f"{mark}: {each}" for each in hidden))


def _title(message: Mapping[str, Any], names: Names) -> str:
    """Return what is counted."""
    indicator = fields_of(KINDS["trend"])["indicator"][1]
    code = message.get("indicator")
    return names.words.console("chart") if code is None else Values(names).one(indicator, "indicator", code)


def figures(obs: Sequence[Cell], names: Names) -> Figures | None:
    """Return the figures that are drawn; None if there are too few or too many."""
    periods = tuple(sorted({cell["period"] for cell in obs})[-PERIODS_MAX:])
    kept = [cell for cell in obs if cell["period"] in periods]
    keys = _keys(kept)
    if len(keys) > SERIES_MAX:
        kept = _of_one_breakdown(kept)
        keys = _keys(kept)
    cells = {(cell["period"], _key(cell)): cell for cell in reversed(kept)}
    if not 1 <= len(keys) <= SERIES_MAX or len(cells) < 2 or all(cell["value"] is None for cell in kept):
        return None
    return Figures(periods, keys, tuple(_labels(keys, names)), cells)


def _key(cell: Cell) -> Key:
    place = cell["place"]
    area = " ".join(str(place[name]) for name in ("country", "admin1", "locode") if name in place)
    return (area, *(cell["dims"].get(name, TOTAL) for name in DIMENSIONS))


def _keys(cells: Sequence[Cell]) -> tuple[Key, ...]:
    return tuple(dict.fromkeys(map(_key, cells)))


def _of_one_breakdown(cells: Sequence[Cell]) -> list[Cell]:
    """Return the cells in which all breakdowns except one are totals, for the first one with few categories."""
    for at in range(len(DIMENSIONS) + 1):
        kept = [
            cell for cell in cells
            if all(code == TOTAL for n, code in enumerate(_key(cell)) if n not in (0, at))
        ]  # fmt: skip
        if 1 < len(_keys(kept)) <= SERIES_MAX:
            return kept
    return []


def _labels(keys: Sequence[Key], names: Names) -> Iterator[str]:
    """Yield the labels of series, without the parts that all of them share."""
    known, spec = Values(names), fields_of(Dims)
    differ = [at for at in range(len(DIMENSIONS) + 1) if len({key[at] for key in keys}) > 1]
    for key in keys:
        if all(key[at] == TOTAL for at in differ):
            yield names.words.phrase("total")
            continue
        parts = [
            " ".join([names.country(key[0][:2]), key[0][3:]]).strip() if at == 0
            else known.one(spec[DIMENSIONS[at - 1]][1], DIMENSIONS[at - 1], key[at])
            for at in differ
        ]  # fmt: skip
        yield known.join(parts)


# -- drawing


def _hatches(found: Figures) -> Iterator[str]:
    yield "<defs>"
    for at in range(len(found.series)):
        yield (
            f'<pattern id="series-{at}" width="6" height="6" patternUnits="userSpaceOnUse">'
            f'<rect width="6" height="6" fill="{COLOURS[at]}"/>'
            f'<path d="{HATCHES[at]}" stroke="#ffffff" stroke-width="1.5" fill="none"/></pattern>'
        )
    yield "</defs>"


def _axis(found: Figures, names: Names) -> Iterator[str]:
    top = scale_of(found.shown)
    for share in (0, 0.5, 1) if top > 1 else (0, 1):
        y = BASE - share * (BASE - TOP)
        yield line(LEFT, y, WIDTH, y, stroke=INK if share == 0 else LINE)
        if float(top * share).is_integer():
            yield text(LEFT - 5, y + 4, names.number(int(top * share)), anchor="end", fill=MUTED)
    every = -(-len(found.periods) // LABELS)
    room = (WIDTH - LEFT) / len(found.periods)
    for at, period in enumerate(found.periods):
        if at % every == 0:
            yield text(LEFT + (at + 0.5) * room, BASE + 17, period, anchor="middle", fill=MUTED)


def _columns(found: Figures, names: Names) -> Iterator[str]:
    top = scale_of(found.shown)
    room = (WIDTH - LEFT) / len(found.periods)
    width = room * 0.84 / len(found.series)
    has_numbers = len(found.cells) <= NUMBERS
    for number, period in enumerate(found.periods):
        for at, key in enumerate(found.series):
            cell = found.cells.get((period, key))
            if cell is None:
                continue
            x = LEFT + number * room + room * 0.08 + at * width
            if cell["value"] is None:
                yield _mark(x + width / 2, cell["status"])
                continue
            height = cell["value"] / top * (BASE - TOP)
            yield (
                f'<rect class="figure" x="{x:.1f}" y="{BASE - height:.1f}" width="{width * 0.9:.1f}" '
                f'height="{height:.1f}" fill="url(#series-{at})" stroke="{COLOURS[at]}"/>'
            )
            if has_numbers:
                yield text(x + width * 0.45, BASE - height - 4, names.number(cell["value"]), size=10, anchor="middle")


def _mark(x: float, status: str) -> str:
    """Return the mark of a figure that is not shown: a dashed box with the code of its status."""
    return (
        f'<g class="hidden"><rect x="{x - MARK / 2:.1f}" y="{BASE - MARK - 3}" width="{MARK}" height="{MARK}" '
        f'fill="#ffffff" stroke="{MUTED}" stroke-dasharray="2 2"/>'
        f"{text(round(x, 1), BASE - 5, status[:1], size=9, anchor='middle', fill=MUTED)}</g>"
    )


def scale_of(values: Sequence[int]) -> int:
    """Return the end of the axis: 1, 2 or 5 and zeros, at least the largest value."""
    largest, power = max(values, default=1), 1
    while True:
        for step in (1, 2, 5):
            if step * power >= largest:
                return step * power
        power *= 10


def _sentences(found: Figures, names: Names, known: Values) -> Iterator[str]:
    """Yield the picture in words."""
    status = fields_of(Observation)["status"][1]
    labels = dict(zip(found.series, found.labels, strict=True))
    sentences = []
    for (period, key), cell in sorted(found.cells.items(), key=lambda each: each[0]):
        value = "-" if cell["value"] is None else names.number(cell["value"])
        note = "" if cell["status"] == NORMAL else f" ({known.one(status, 'status', cell['status'])})"
        sentences.append(f"{names.period(period)}, {labels[key]}: {value}{note}.")
    yield from sentences[:SENTENCES_MAX]
    if len(sentences) > SENTENCES_MAX:
        yield names.words.phrase("further", number=names.number(len(sentences) - SENTENCES_MAX))
