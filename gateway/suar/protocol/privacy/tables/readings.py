"""The readings in which a table is proved: interpretations of `other`, denominators, regions and submitted S cells.

Readings with a denominator are proved first. They have more constraints, so the cells hidden for them are usually
sufficient for the other readings.
"""

from collections.abc import Iterator, Mapping, Sequence, Set
from contextlib import suppress
from itertools import chain
from typing import NamedTuple

from msgspec.structs import replace

from suar.protocol.privacy.proof.cells import MOVED_PROVINCES, Sheet, in_region, region_of
from suar.protocol.privacy.proof.ledger import DENOMINATOR, NAMED, SUPPRESSED, UNSEEN, Release
from suar.protocol.privacy.proof.program import Budget, Spent
from suar.protocol.privacy.proof.reader import Key, OrderedReleases, Reader
from suar.protocol.privacy.proof.system import Contradiction, System
from suar.protocol.privacy.tables import denominators
from suar.protocol.privacy.tables.consistent import Fitting, consistent
from suar.protocol.privacy.tables.denominators import TOTAL, Kind, Taken
from suar.protocol.privacy.tables.implied import without_moved, without_small_moves
from suar.protocol.privacy.tables.remainders import is_one_list, is_plain, with_other_lists
from suar.protocol.privacy.tables.remainders import readings as readings_of_other


class Reading(NamedTuple):
    """The releases in one interpretation, and the equations of a reader of all messages.

    `is_part`: whether numbers that contradict these are left out. `is_one_list`: as for Reader.
    """

    earlier: OrderedReleases
    new: dict[Sheet, Release]
    system: System
    is_part: bool = False
    is_one_list: bool = False

    @property
    def bodies(self) -> Set[str]:
        """The bodies that the reader assumes to be complete; empty if unknown."""
        return self.system.reader.bodies


Known = dict[object, Fitting]
"""Which sets of numbers are consistent, by the numbers of all messages."""


def plausible(home: str, new: dict[Sheet, Release], earlier: OrderedReleases, k: int, known: Known) -> list[Reading]:
    """Return the readings of `other`, denominators and regions in which the true counts are consistent.

    If there is none, return the numbers as written with the least slack, and each consistent set of numbers. `home`:
    the member that published the counts. `known` is added to. Raises Contradiction.

    If the numbers are consistent with the first list of regions, they are not read with slack with another list.
    """
    own = _Plausible(home, k, known)
    first, *others = _by_regions(earlier, new)
    found = own.of(*first)
    is_off = any(reading.system.slack.any() for reading in found)
    for taken in others:
        with suppress(Contradiction):
            found += [reading for reading in own.of(*taken) if is_off or not reading.system.slack.any()]
    return [*found, *own.with_small(found)]


def unseen(
    home: str, new: dict[Sheet, Release], earlier: OrderedReleases, k: int, known: Known, before: Sequence[Reading]
) -> list[Reading]:
    """Return the readings other than those of `before` in which a number that the message hides contradicts none.

    No reader sees that it does. After 69 men of unknown age and 7 minors, hidden, 83 women and 69 men in all, hidden,
    may be right together with them.
    """
    if not any(reading.is_part for reading in before):
        return []
    numbers = {_numbers(reading.earlier, reading.new) for reading in before}
    own = _Plausible(home, k, known, only_parts=True)
    parts = [each for taken in _by_regions(earlier, new) for each in own.of(*taken) if each.is_part]
    found = [each for each in parts if _numbers(each.earlier, each.new) not in numbers]
    return [*found, *own.with_small(found)]


def _numbers(earlier: OrderedReleases, new: dict[Sheet, Release]) -> object:
    """Return all numbers, those of the new message whether it shows or hides them."""
    old = tuple((sheet, each.k, each.is_open, each.n, each.facts) for sheet, each in earlier)
    marks = (DENOMINATOR, NAMED, UNSEEN)
    own = (
        (sheet, fact.cell, fact.value, fact.mark if fact.mark in marks else "")
        for sheet, each in new.items()
        for fact in each.facts
    )
    return old, tuple(own)


def _by_regions(released: OrderedReleases, new: dict[Sheet, Release]) -> Iterator[Taken]:
    """Yield the releases with the regions of cells.py, then with those of each list in MOVED_PROVINCES that applies.

    A list applies if it moves a named subdivision and one of the two regions is named.
    """
    yield released, new
    named = {fact.cell.admin1 for _, release in (*released, *new.items()) for fact in release.facts}
    for moved in MOVED_PROVINCES:
        own = {code: to for code, to in moved.items() if code in named and not named.isdisjoint((to, region_of(code)))}
        if own:
            earlier = [(sheet, _in_regions(release, own)) for sheet, release in released]
            yield earlier, {sheet: _in_regions(release, own) for sheet, release in new.items()}


def _in_regions(release: Release, moved: Mapping[str, str]) -> Release:
    facts = tuple(fact._replace(cell=in_region(fact.cell, moved)) for fact in release.facts)
    return replace(release, facts=facts)


def _bodies(earlier: OrderedReleases, new: dict[Sheet, Release]) -> Set[str]:
    """Return the bodies whose records are counted if there are several, else an empty set.

    They are assumed to be complete if the true counts fit that. This reading is the narrower one: each of its
    populations also fits the reading with further bodies.
    """
    found = {sheet.body for sheet in (*(sheet for sheet, _ in earlier), *new)} - {""}
    return frozenset(found) if len(found) > 1 else frozenset()


class _Plausible:
    """`only_parts`: without the reading of all numbers with the least slack. `known`: which numbers are consistent."""

    def __init__(self, home: str, k: int, known: Known, *, only_parts: bool = False) -> None:
        self._home, self._k, self._known, self._is_of_parts_only = home, k, known, only_parts
        self._exact: list[tuple[Taken, Reading]] = []  # what was found to fit without slack

    def of(self, earlier: OrderedReleases, new: dict[Sheet, Release]) -> list[Reading]:
        *by_list, written = readings_of_other(earlier, new)
        every = self._of_other(by_list, written)
        by_kind: dict[Kind | None, list[Taken]] = {}
        for own in every:
            for kind, taken in denominators.readings(*own):
                by_kind.setdefault(kind, []).append(taken)
        without = by_kind.pop(None)
        found = self._first_table(by_kind, new) if not earlier else None
        return self._each(by_kind, without, written) if found is None else found

    def _of_other(self, by_list: list[Taken], written: Taken) -> list[Taken]:
        """Return the readings of `other` that must be proved.

        The reading as remainders is sufficient if it is the narrower one and the numbers are consistent in it. In all
        other cases both readings are proved.
        """
        if not by_list:
            return [written]
        if not is_one_list(*written) and is_plain(*written):
            return [*by_list, written]
        plain = [taken for own in by_list for kind, taken in denominators.readings(*own) if kind is None]
        return by_list if self._fitting(plain, is_exact=True) else [*by_list, written]

    def _first_table(self, by_kind: dict[Kind | None, list[Taken]], new: dict[Sheet, Release]) -> list[Reading] | None:
        """Return the readings of a first table of its family, or None if its denominator cannot be the total.

        Every population in which the denominator is the total also fits the reading without a denominator. It also fits
        the readings as the number of persons with known codes, in breakdowns without `unknown`, and as the number of
        the codes that all figures share. These readings need no separate proof.
        """
        total = by_kind.get(TOTAL, [])
        found = self._fitting(total, is_exact=True)
        if not found or len(found) < len(total):
            return None
        for kind, each in by_kind.items():
            if kind is not None and denominators.may_differ_from_total(kind, new):
                found += self._fitting(each, is_exact=True)
        return found

    def _each(self, by_kind: dict[Kind | None, list[Taken]], without: list[Taken], written: Taken) -> list[Reading]:
        by_reading = [self._fitting([own], is_exact=False) for own in without]
        plain = [] if any(by_reading) or self._is_of_parts_only else self._off_by_little(written)
        for own, fitting in zip(without, by_reading, strict=True):
            plain += fitting or self._consistent([own])
        found = []
        for each in by_kind.values():  # a denominator that does not fit counts other people; no slack
            fits = [self._fitting([own], is_exact=True) for own in each]
            is_enough = all(by_reading) and any(fits)
            for own, fitting in zip(each, fits, strict=True):
                found += fitting or ([] if is_enough else self._consistent([own]))
        return [*found, *plain]

    def with_small(self, every: Sequence[Reading]) -> list[Reading]:
        """Return the readings with numbers that the publisher hid, with small counts for all of these numbers.

        Readings in which these numbers cannot all be small are left out.
        """
        found = []
        for reading in every:
            values = _small_values(reading.earlier, reading.new, self._k, self._home)
            if values:
                found += self._fitting([_with_values(reading.earlier, reading.new, values)], is_exact=True)
        return found

    def _off_by_little(self, written: Taken) -> list[Reading]:
        """Return the reading of all numbers with the least slack, or, where replaced numbers contradict others, of
        those that are still right.

        Raises Contradiction if these contradict one another, so that a reader would learn how a number changed that the
        message does not name. `other` is read as a remainder if the new message differs from earlier ones only in the
        listed codes, and as written if it states a different count.
        """
        taken = written
        if not is_plain(*written):
            *_, new = written
            [between, *_] = readings_of_other(with_other_lists(*written), new)
            [taken, *_] = readings_of_other(*written) if self._fitting([between], is_exact=True) else [written]
        _, (earlier, message) = next(denominators.readings(*taken))
        try:
            return [self._reading(without_small_moves(earlier), without_moved(message))]
        except Contradiction:
            right = _still_right(earlier, message)
            reader = Reader(right, message, self._k, is_one_list=True)
            return [Reading(right, message, System(reader, Budget(), self._home, is_exact=True), is_one_list=True)]

    def _reading(self, earlier: OrderedReleases, new: dict[Sheet, Release], *, is_exact: bool = False) -> Reading:
        if bodies := _bodies(earlier, new):
            with suppress(Contradiction):
                reader = Reader(earlier, new, self._k, bodies=bodies)
                return Reading(earlier, new, System(reader, Budget(), self._home, is_exact=True))
        return Reading(earlier, new, System(Reader(earlier, new, self._k), Budget(), self._home, is_exact=is_exact))

    def _fitting(self, every: Sequence[Taken], *, is_exact: bool) -> list[Reading]:
        found = []
        for own in every:
            with suppress(Contradiction):
                found.append(self._fitted(own) or self._reading(*own, is_exact=is_exact))
                if is_exact:
                    self._exact.append((own, found[-1]))
        return [each for each in found if not each.system.slack.any()]

    def _fitted(self, own: Taken) -> Reading | None:  # the same rows are not made twice
        return next((reading for taken, reading in self._exact if taken == own), None)

    def _consistent(self, every: Sequence[Taken]) -> list[Reading]:
        parts = []
        for own in every:
            known = self._known.setdefault(_numbers(*own), {})
            parts += consistent(*own, self._k, self._home, known)
        return [self._reading(*part)._replace(is_part=True) for part in parts]


def _still_right(earlier: OrderedReleases, new: dict[Sheet, Release]) -> OrderedReleases:
    """Return the earlier releases without the numbers that a later message, or the new one, has with another value."""
    newest = {(sheet, fact.cell): fact.value for sheet, release in new.items() for fact in release.facts}
    found: list[tuple[Sheet, Release]] = []
    for sheet, release in reversed(earlier):
        own = [fact for fact in release.facts if newest.get((sheet, fact.cell), fact.value) in (None, fact.value)]
        newest = {(sheet, fact.cell): fact.value for fact in own} | newest
        found.append((sheet, replace(release, facts=tuple(own))))
    return found[::-1]


def _small_values(released: OrderedReleases, new: dict[Sheet, Release], k: int, home: str) -> Mapping[Key, int]:
    """Return consistent small counts for the numbers that the publisher submitted as S; empty if there are none.

    The gate does not have the true counts. Any consistent counts are sufficient, because no reader knows them. Raises
    Spent.
    """
    most: dict[Key, int] = {}
    for sheet, release in chain(released, new.items()):
        for fact in release.facts:
            if fact.value is None and fact.mark == SUPPRESSED:
                most[sheet, fact.cell] = min(release.k - 1, most.get((sheet, fact.cell), release.k - 1))
    reader = Reader(released, new, k)
    named = {key for world in reader.worlds for key, value in world.values.items() if value is not None}
    most = {key: value for key, value in most.items() if key not in named}
    if not most:
        return {}
    try:
        system = System(reader, Budget(), home, is_exact=True)
    except Contradiction:
        return {}
    for rows in system.row:
        for key in most.keys() & rows.keys():
            system.program.bound(rows[key], 0, most[key])
    point = system.program.start()
    if point is None and not system.program.is_contradictory():
        raise Spent  # neither a solution nor a contradiction is proved
    if point is None:
        return {}
    plus = {key: system.program.rows[row].plus for rows in system.row for key, row in rows.items() if key in most}
    return {key: int(point[columns].sum()) for key, columns in plus.items()}


def _with_values(released: OrderedReleases, new: dict[Sheet, Release], values: Mapping[Key, int]) -> Taken:
    """Return the releases with these counts as the values of hidden numbers."""
    return [(sheet, _updated(sheet, release, values)) for sheet, release in released], {
        sheet: _updated(sheet, release, values) for sheet, release in new.items()
    }


def _updated(sheet: Sheet, release: Release, values: Mapping[Key, int]) -> Release:
    facts = (
        fact._replace(value=values.get((sheet, fact.cell))) if fact.value is None and fact.mark == SUPPRESSED else fact
        for fact in release.facts
    )
    return replace(release, facts=tuple(facts))
