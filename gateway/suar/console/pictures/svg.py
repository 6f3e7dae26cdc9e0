"""SVG as text: attributes only, every text escaped; each picture has a description in words."""

from collections.abc import Iterable
from typing import Final

from markupsafe import Markup, escape
from msgspec import Struct

INK: Final = "#16202a"
MUTED: Final = "#4a5866"
LINE: Final = "#c9d1d9"


class Picture(Struct, frozen=True):
    """`svg` with its title and description; `legend`: (number of the series, label) of a chart."""

    svg: Markup
    title: str
    legend: tuple[tuple[int, str], ...] = ()
    hidden: tuple[str, ...] = ()


def drawing(name: str, size: tuple[int, int], title: str, sentences: Iterable[str], body: Iterable[str]) -> Markup:
    """Return the whole picture; `name` makes its ids unique in the page."""
    head = Markup(
        '<svg class="drawn" viewBox="0 0 {} {}" role="img" aria-labelledby="{}-title {}-desc" focusable="false">'
        '<title id="{}-title">{}</title><desc id="{}-desc">{}</desc>'
    ).format(*size, name, name, name, title, name, " ".join(sentences))
    return Markup("\n").join([head, *map(Markup, body), Markup("</svg>")])  # of the functions below


def text(x: float, y: float, content: str, *, size: int = 11, anchor: str = "start", fill: str = INK) -> str:
    """Return a text at a position."""
    return f'<text x="{x:g}" y="{y:g}" font-size="{size}" text-anchor="{anchor}" fill="{fill}">{escape(content)}</text>'


def line(x1: float, y1: float, x2: float, y2: float, *, stroke: str = LINE, width: float = 1) -> str:
    """Return a straight line."""
    return f'<path d="M{x1:g} {y1:g}L{x2:g} {y2:g}" stroke="{stroke}" stroke-width="{width:g}" fill="none"/>'
