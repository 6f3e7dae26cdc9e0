"""A message as CSV (RFC 4180): one row for each observation of a trend, one row for each field of other kinds.

An exercise is marked in every row of its table, or in its first row and its title. Free text that a spreadsheet would
execute as a formula is preceded by an apostrophe, which spreadsheets do not show.
"""

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from suar.exchange.outgoing.breakdown import code_in
from suar.exchange.outgoing.cells import csv_of, or_empty
from suar.exchange.outgoing.words import some
from suar.protocol.base.exercise import BANNER, is_exercise, marked
from suar.protocol.message.kinds import Publication, Trend
from suar.protocol.message.messages import sender_of

_ABOUT: Final = ("id", "rev", "tlp", "indicator", "unit", "date_basis")
_PLACE: Final = ("place_role", "country", "admin1", "locode")


def table(message: Publication) -> bytes:
    """Return the CSV in UTF-8 with CR LF line ends, with a header."""
    return csv_of(_trend(message) if isinstance(message, Trend) else _fields(message))


def _trend(trend: Trend) -> Iterator[list[Any]]:
    dims = some(trend.dims)
    mark = [BANNER] if is_exercise(trend.status) else []
    yield [*mark, *_ABOUT, "period", *_PLACE, *dims, "value", "status"]
    about = [*("exercise" for _ in mark), *(getattr(trend, name) for name in _ABOUT)]
    for cell in trend.obs:
        place = [cell.place.role, cell.place.country, or_empty(cell.place.admin1), or_empty(cell.place.locode)]
        codes = [code_in(cell, name) or "" for name in dims]
        yield [*about, cell.period, *place, *codes, "" if cell.value is None else cell.value, cell.status]


def _fields(message: Publication) -> Iterator[list[Any]]:
    yield ["field", "value"]
    if is_exercise(message.status):
        yield ["exercise", BANNER]
    tree = msgspec.to_builtins(message)
    tree["issuer"]["member"] = sender_of(message)
    for text in tree["text"]:
        text["title"] = marked(text["title"], message.status)
    yield from ([path, value] for path, value in _walk("", tree))


def _walk(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, inside in value.items():
            yield from _walk(f"{path}.{key}" if path else key, inside)
    elif isinstance(value, list | tuple):
        for at, inside in enumerate(value):
            yield from _walk(f"{path}[{at}]", inside)
    else:
        yield path, "" if value is None else str(value).lower() if isinstance(value, bool) else value
