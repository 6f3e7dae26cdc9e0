"""The delivery matrix as an SVG of our own, for a machine without a browser: the rows of the console's page.

Self-contained: no script, no style sheet, no font and no address except the name space. Stages differ in shape and
position, not in colour alone, and the description contains the same in words.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from suar.console.views.matrix import STAGES, Matrix, Member, matrix
from suar.languages.names import names
from suar.languages.tags import ENGLISH
from suar.service.exercises.drill_svg import COLOURS, INK, escape
from suar.service.process.desk import counts

WIDTH: Final = 1000
LEFT: Final = 24
FIRST: Final = 250  # of the columns of stages
COLUMN: Final = 140
HEAD: Final = 200
ROW: Final = 40
_MUTED: Final = "#4a5866"


def as_svg(deliveries: Mapping[str, Any], now: int) -> bytes:
    """Return the picture in UTF-8, of the document of GET /v1/messages/{id}/deliveries."""
    found = matrix(deliveries, counts(deliveries["members"].values()), now)
    height = HEAD + ROW * len(found.members) + LEFT
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
        ' role="img" aria-labelledby="title desc" font-family="sans-serif" font-size="15">',
        f'<title id="title">{escape(f"{found.id}: who has it")}</title>',
        f'<desc id="desc">{escape(" ".join(_words(found)))}</desc>',
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        _text(LEFT, 44, f"{found.id}: who has it", extra=' font-size="24" font-weight="bold"'),
        *_totals(found),
        *_columns(),
    ]
    for at, member in enumerate(found.members):
        lines += _row(member, HEAD + ROW * at)
    return ("\n".join([*lines, "</svg>"]) + "\n").encode()


def _totals(found: Matrix) -> Iterator[str]:
    for at, stage in enumerate(STAGES):
        x = LEFT + at * 180
        yield f'<rect x="{x}" y="64" width="164" height="4" fill="{COLOURS[stage]}"/>'
        number = f"{found.counts[stage]} / {found.counts['of']}"
        yield _text(x, 100, number, extra=' font-size="26" font-weight="bold"')
        yield _text(x, 124, stage, colour=_MUTED)


def _columns() -> Iterator[str]:
    yield _text(LEFT, HEAD - 24, "member", colour=_MUTED)
    for at, stage in enumerate(STAGES):
        yield _text(FIRST + at * COLUMN, HEAD - 24, stage, colour=_MUTED)
    yield _text(FIRST + len(STAGES) * COLUMN, HEAD - 24, "now", colour=_MUTED)
    yield f'<path d="M{LEFT} {HEAD - 12}H{WIDTH - LEFT}" stroke="#6b7a88" stroke-width="2"/>'


def _row(member: Member, y: int) -> Iterator[str]:
    if member.is_bad:
        yield f'<rect x="{LEFT - 12}" y="{y - 8}" width="5" height="{ROW - 8}" fill="#a4161a"/>'
    name = f"{names(ENGLISH.tag).country(member.code)} {member.code}"
    yield _text(LEFT, y + 14, name, extra=' font-weight="bold"')
    for at, stage in enumerate(STAGES):
        when = member.times[stage]
        x = FIRST + at * COLUMN
        yield _text(x, y + 14, "-", colour=_MUTED) if when is None else _text(x, y + 14, _at(when), colour=_of(stage))
    yield _text(FIRST + len(STAGES) * COLUMN, y + 14, _now(member), colour=_of(member.state))
    yield f'<path d="M{LEFT} {y + ROW - 12}H{WIDTH - LEFT}" stroke="#c9d1d9"/>'


def _now(member: Member) -> str:
    return f"{member.late} min late" if member.late else member.state


def _of(stage: str) -> str:
    return COLOURS.get(stage, INK)


def _at(ms: int) -> str:
    return f"{datetime.fromtimestamp(ms / 1000, UTC):%H:%M} UTC"


def _words(found: Matrix) -> Iterator[str]:
    """Yield the picture in sentences."""
    for member in found.members:
        known = [f"{stage} {_at(at)}" for stage, at in member.times.items() if at is not None]
        yield f"{names(ENGLISH.tag).country(member.code)}: {', '.join(known) or _now(member)}."


def _text(x: int, y: int, text: str, *, colour: str = INK, extra: str = "") -> str:
    return f'<text x="{x}" y="{y}" fill="{colour}"{extra}>{escape(text)}</text>'
