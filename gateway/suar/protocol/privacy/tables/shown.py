"""A table before and after the gate, for its author only: it contains the true counts.

Each hidden figure has its reason. One that protects another has the sums of its table in which it does so, or else the
published numbers from which that one would follow together with it: labels, no values. Which numbers these are may
depend on hidden counts of this table and of earlier ones of its member. So they are in the verdict alone, for an author
who wrote this table and may read the others, and in nothing that is sent.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, Final, NamedTuple

import msgspec
from msgspec import Struct

from suar.protocol.message.kinds import Observation
from suar.protocol.privacy.proof.cells import Cell as CellOf
from suar.protocol.privacy.proof.cells import Sheet, Sum, as_written, cell_of, sums
from suar.protocol.privacy.proof.ledger import (
    BY_PUBLISHER,
    DENOMINATOR,
    MOVED,
    NAMED,
    PROTECTION,
    SHOWN,
    SMALL,
    Fact,
    Release,
)
from suar.protocol.privacy.proof.reader import Key, Number, OrderedReleases
from suar.protocol.privacy.tables.differences import Difference

WHY: Final = {SMALL: "small", BY_PUBLISHER: "given", PROTECTION: "protects", MOVED: "moved"}
"""The reason why a figure is hidden, as named in the verdict."""

WAYS: Final = ("quarter", "half", "year", "age-groups", "sections", "country", "rare-as-other", "without")
"""The ways to make a table coarser; `without` leaves a dimension out."""

NUMBERS_MAX: Final = 4  # published numbers that are named with a figure

Cell = Mapping[str, Any]
Label = Callable[[Cell], str]


class Published(NamedTuple):
    """A published number. `at`: its index in the message; None for an earlier message, or a denominator.

    `n`: the number of the earlier release (ledger.Release), 0 for this message.
    """

    sheet: Sheet
    cell: CellOf
    at: int | None
    n: int
    is_denominator: bool


class Together(NamedTuple):
    """The published numbers that with a hidden one would disclose a small count: the first of each, and how many.

    `earlier`: those of earlier messages, oldest first. `own`: those of this message.
    """

    earlier: tuple[Published, ...] = ()
    own: tuple[Published, ...] = ()
    earlier_count: int = 0
    own_count: int = 0


class Hidden(Struct, frozen=True):
    """An observation that is sent as S: its index in the message, its cell, and why.

    `why`: small (its own count), given (the publisher hid it), protection (it would disclose another number: in `sums`
    of this message, or where there is none, with the numbers of `together`), moved (less than k away from a value shown
    before). `rest`: where not the cell but everybody except some codes has moved, the cell of these (cells.other_than).
    """

    at: int
    cell: CellOf
    why: str
    sums: tuple[Sum, ...] = ()
    rest: CellOf | None = None
    together: Together | None = None


class Origins:
    """Which message shows a number, in one reading of the earlier releases and of this message."""

    def __init__(self, earlier: OrderedReleases, new: Mapping[Sheet, Release]) -> None:
        self._earlier, self._new = earlier, new

    @cached_property
    def shown(self) -> Mapping[Number, tuple[int, bool]]:
        """The release with each number, this one (0) or else the newest, and whether it is a denominator there."""
        every = [*((sheet, each, each.n) for sheet, each in self._earlier), *((*each, 0) for each in self._new.items())]
        return {
            (sheet, fact.cell, fact.value): (n, fact.mark == DENOMINATOR)
            for sheet, release, n in every
            for fact in release.facts
            if fact.mark in (SHOWN, NAMED, DENOMINATOR)
        }


class Cause(NamedTuple):
    """The numbers that determined a small count when a number was hidden, and the messages that show them."""

    numbers: Sequence[Number]
    origins: Origins


class Why:
    """The reasons of a protected table. `facts`: its numbers with their sheets. `why`: the reason by index.

    `causes`: of each number that was hidden to protect another. `rests`: as `Hidden.rest`, by index.
    """

    def __init__(
        self, facts: Sequence[tuple[Sheet, Fact]], why: Mapping[int, str], causes: Mapping[Key, Cause],
        rests: Mapping[int, CellOf],
    ) -> None:  # fmt: skip
        self._why, self._causes, self._rests = why, causes, rests
        self._keys: list[Key] = [(sheet, fact.cell) for sheet, fact in facts]

    def hidden(self) -> tuple[Hidden, ...]:
        """Return every hidden number with its reason, in the order of the message."""
        return tuple(self._hidden(at, why) for at, why in sorted(self._why.items()))

    def _hidden(self, at: int, why: str) -> Hidden:
        key = self._keys[at]
        if why != PROTECTION:
            return Hidden(at, key[1], why, rest=self._rests.get(at) if why == MOVED else None)
        own = tuple(self._sums.get(key, ()))
        return Hidden(at, key[1], why, own, together=None if own else self._together(self._causes.get(key)))

    @cached_property
    def _at(self) -> Mapping[Key, int]:
        return {key: at for at, key in enumerate(self._keys)}

    @cached_property
    def _sums(self) -> Mapping[Key, Sequence[Sum]]:
        """The sums of the message, of each number, in which another number is hidden."""
        cells: dict[Sheet, list[CellOf]] = {}
        for sheet, cell in self._keys:
            cells.setdefault(sheet, []).append(cell)
        found: dict[Key, list[Sum]] = {}
        for sheet, own in cells.items():
            for each in sums(own):
                hidden = [cell for cell in (each.parent, *each.parts) if self._at[sheet, cell] in self._why]
                for cell in hidden if len(hidden) > 1 else ():
                    found.setdefault((sheet, cell), []).append(each)
        return found

    def _together(self, cause: Cause | None) -> Together:
        if cause is None:
            return Together()
        found = dict.fromkeys(each for number in cause.numbers if (each := self._published(number, cause.origins)))
        earlier = sorted((each for each in found if each.n), key=lambda each: each.n)
        own = sorted((each for each in found if not each.n), key=lambda each: (each.is_denominator, each.at or 0))
        return Together(tuple(earlier[:NUMBERS_MAX]), tuple(own[:NUMBERS_MAX]), len(earlier), len(own))

    def _published(self, number: Number, origins: Origins) -> Published | None:
        """Return a number as its message names it; None if no message shows it."""
        sheet, cell, _ = number
        n, is_denominator = origins.shown.get(number, (0, False))
        if number in origins.shown and (n or is_denominator):
            return Published(sheet, as_written(cell), None, n, is_denominator)
        at = self._at.get((sheet, as_written(cell))) if number in origins.shown else None
        return None if at is None or at in self._why else Published(sheet, as_written(cell), at, 0, is_denominator)


class Coarser(Struct, frozen=True):
    """A coarser table that can be sent: the way (`WAYS`), the dimension, the number of figures, and of those with S."""

    by: str
    dimension: str
    cells: int
    hidden: int


class Table(Struct, frozen=True):
    """`before`: as submitted. `after`: as sent, None if it cannot be sent. Also the hidden figures with their reasons.

    `coarser`: the coarser tables and how much each would hide, best first; of a check, and of a table that does not
    leave. `messages`: the message of each earlier release by its number, from 1; none if the author may not read them.
    """

    before: tuple[Observation, ...]
    after: tuple[Observation, ...] | None
    hidden: tuple[Hidden, ...] = ()
    differences: tuple[Difference, ...] = ()
    coarser: tuple[Coarser, ...] = ()
    messages: tuple[str, ...] = ()

    def shape(self, label: Label) -> dict[str, Any]:
        """Return plain values, as in `check-message --json`. `label`: returns a person's name for a cell."""
        before, places = _labelled(self.before, label), _places(self.before)
        after = None if self.after is None else _after(before, self.after)
        return {
            "before": before,
            "after": after,
            "hidden": [
                {
                    **_hidden(each, before, places, self.before),
                    "together": each.together and self._together(each.together, before, label),
                }
                for each in self.hidden
            ],
            "differences": [
                {
                    "cell": _cell(before[each.at]), "total": each.total, "together": each.together, "by": each.by,
                    "parts": list(each.parts),
                }
                for each in self.differences
            ],
            "coarser": [msgspec.to_builtins(each) for each in self.coarser],
        }  # fmt: skip

    def _together(self, found: Together, before: Sequence[Cell], label: Label) -> dict[str, Any]:
        """Return the numbers that are named, how many are not, and whether it is with earlier tables unnamed here."""
        named = [*(each for each in found.earlier if each.n <= len(self.messages)), *found.own][:NUMBERS_MAX]
        count = found.own_count + (found.earlier_count if self.messages else 0)
        numbers = [
            {
                "cell": None if each.is_denominator else _cell_of(each, before, label),
                "at": each.at,
                "message": self.messages[each.n - 1] if each.n else None,
            }
            for each in named
        ]
        is_unnamed = not count or (found.earlier_count > 0 and not self.messages)
        return {"numbers": numbers, "more": count - len(numbers), "earlier": is_unnamed}


def _labelled(obs: Iterable[Observation], label: Label) -> list[dict[str, Any]]:
    cells = msgspec.to_builtins(tuple(obs))
    return [{**cell, "label": label(cell)} for cell in cells]


def _after(before: Iterable[dict[str, Any]], obs: Iterable[Observation]) -> list[dict[str, Any]]:
    return [{**cell, "value": item.value, "status": item.status} for cell, item in zip(before, obs, strict=True)]


def _cell(cell: Cell) -> dict[str, Any]:
    return {name: cell[name] for name in ("period", "place", "dims", "label")}


def _cell_of(each: Published, before: Sequence[Cell], label: Label) -> dict[str, Any]:
    if each.at is not None:
        return _cell(before[each.at])
    sheet, cell = each.sheet, each.cell
    place = {"role": sheet.series.rpartition("|")[2], "country": sheet.country}
    place |= {name: code for name, code in (("admin1", cell.admin1), ("locode", cell.locode)) if code}
    found = {"period": cell.period, "place": place, "dims": dict(cell.dims)}
    return {**found, "label": label(found)}


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
