"""A table before and after the gate, for its author only: it contains the true counts."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec
from msgspec import Struct

from suar.protocol.message.kinds import Observation
from suar.protocol.privacy.proof.cells import Cell as CellOf
from suar.protocol.privacy.proof.cells import cell_of
from suar.protocol.privacy.proof.ledger import BY_PUBLISHER, MOVED, PROTECTION, SMALL
from suar.protocol.privacy.tables.differences import Difference
from suar.protocol.privacy.tables.protecting import Hidden

WHY: Final = {SMALL: "small", BY_PUBLISHER: "given", PROTECTION: "protects", MOVED: "moved"}
"""The reason why a figure is hidden, as named in the verdict."""

WAYS: Final = ("quarter", "half", "year", "age-groups", "sections", "country", "rare-as-other", "without")
"""The ways to make a table coarser; `without` leaves a dimension out."""

Cell = Mapping[str, Any]
Label = Callable[[Cell], str]


class Coarser(Struct, frozen=True):
    """A coarser table that can be sent: the way (`WAYS`), the dimension, the number of figures, and of those with S."""

    by: str
    dimension: str
    cells: int
    hidden: int


class Table(Struct, frozen=True):
    """`before`: as submitted. `after`: as sent, None if it cannot be sent. Also the hidden figures with their reasons.

    `coarser`: the coarser tables and how much each would hide, best first; of a check, and of a table that does not
    leave.
    """

    before: tuple[Observation, ...]
    after: tuple[Observation, ...] | None
    hidden: tuple[Hidden, ...] = ()
    differences: tuple[Difference, ...] = ()
    coarser: tuple[Coarser, ...] = ()

    def shape(self, label: Label) -> dict[str, Any]:
        """Return plain values, as in `check-message --json`. `label`: returns a person's name for a cell."""
        before, places = _labelled(self.before, label), _places(self.before)
        after = None if self.after is None else _after(before, self.after)
        return {
            "before": before,
            "after": after,
            "hidden": [_hidden(each, before, places, self.before) for each in self.hidden],
            "differences": [
                {
                    "cell": _cell(before[each.at]), "total": each.total, "together": each.together, "by": each.by,
                    "parts": list(each.parts),
                }
                for each in self.differences
            ],
            "coarser": [msgspec.to_builtins(each) for each in self.coarser],
        }  # fmt: skip


def _labelled(obs: Iterable[Observation], label: Label) -> list[dict[str, Any]]:
    cells = msgspec.to_builtins(tuple(obs))
    return [{**cell, "label": label(cell)} for cell in cells]


def _after(before: Iterable[dict[str, Any]], obs: Iterable[Observation]) -> list[dict[str, Any]]:
    return [{**cell, "value": item.value, "status": item.status} for cell, item in zip(before, obs, strict=True)]


def _cell(cell: Cell) -> dict[str, Any]:
    return {name: cell[name] for name in ("period", "place", "dims", "label")}


_Places = dict[tuple[str, str, CellOf], int]
"""The index of each cell in a message, by role and country of the location and by cell."""


def _places(obs: Iterable[Observation]) -> _Places:
    return {(item.place.role, item.place.country, cell_of(item)): at for at, item in enumerate(obs)}


def _hidden(
    each: Hidden, before: list[dict[str, Any]], places: _Places, obs: Sequence[Observation]
) -> dict[str, Any]:  # fmt: skip
    """Return one hidden figure; `sum`: the first sum that it protects, or null; `sums`: all of them. Parts by index."""
    place = obs[each.at].place

    def at(cell: CellOf) -> int:
        return places[place.role, place.country, cell]

    sums = [
        {"cell": _cell(before[at(one.parent)]), "at": at(one.parent), "parts": [at(part) for part in one.parts]}
        for one in each.sums
    ]
    cell = _cell(before[each.at])
    return {"cell": cell, "at": each.at, "why": WHY[each.why], "sum": sums[0] if sums else None, "sums": sums}
