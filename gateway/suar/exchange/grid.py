"""One table before and after the gate, as a grid to look at: periods and breakdowns down, the last breakdown across."""

from collections.abc import Mapping
from typing import Any, Final

from suar.exchange.preview import Preview

UNKNOWN: Final = "?"  # the table itself does not say (below, missing)
PRIMARY: Final = "S"  # hidden: it is small
COMPLEMENTARY: Final = "s"  # hidden: a small one could be computed from it
NOTHING: Final = "."  # no such cell
LEGEND: Final = (
    f"{PRIMARY} hidden, small   {COMPLEMENTARY} hidden, others could be computed from it   "
    f"{UNKNOWN} not known in the table   {NOTHING} no such cell"
)


def grid(preview: Preview) -> tuple[list[str], list[list[str]]]:
    """(header, rows) of a previewed table, as it would leave."""
    dims = preview.draft.message.get("dims", [])
    across = dims[-1] if dims else ""
    columns = list(dict.fromkeys(cell["dims"][across] for cell in preview.draft.message["obs"])) if across else ["all"]
    rows: dict[tuple[str, ...], dict[str, str]] = {}
    for at, cell in enumerate(preview.draft.message["obs"]):
        row = (cell["period"], _place(cell["place"]), *(cell["dims"][name] for name in dims[:-1]))
        rows.setdefault(row, {})[cell["dims"][across] if across else "all"] = _shown(cell, preview, at)
    header = ["period", "place", *dims[:-1], *columns]
    return header, [[*row, *(cells.get(column, NOTHING) for column in columns)] for row, cells in rows.items()]


def _place(place: Mapping[str, str]) -> str:
    return " ".join([place["role"], place.get("admin1", place["country"])])


def _shown(cell: Mapping[str, Any], preview: Preview, at: int) -> str:
    if cell["value"] is None:
        return UNKNOWN
    if not preview.obs or preview.obs[at].value is not None:
        return str(cell["value"])
    return PRIMARY if cell["value"] < preview.k else COMPLEMENTARY
