"""The meaning of the code `other`: everything that its table does not list at that level (docs/messages.md).

The codes of a table with `other` are therefore complete except for `unknown`, whichever message has their total. If a
table lists three countries and another table two of them, the `other` of the first is a part of the `other` of the
second, and the two are different numbers. Each `other` is identified by the codes that its table lists. An author may
also have used `other` as an ordinary code. That reading is proved too, unless an `other` has different values in tables
that list different codes.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from itertools import chain
from typing import NamedTuple

from msgspec.structs import replace

from suar.protocol.message.kinds import DIMENSIONS
from suar.protocol.privacy.proof.cells import OTHER, UNKNOWN, Cell, Sheet, as_written, other_than, outside
from suar.protocol.privacy.proof.ledger import SHOWN, SUPPRESSED, Release, Released
from suar.protocol.privacy.proof.reader import Key, OrderedReleases, messages

Message = Mapping[Sheet, Release]
Listed = dict[str, frozenset[str]]
"""The codes of each dimension that has `other`, without `unknown` and `other`."""


class Numbers(NamedTuple):
    """The numbers that one message tells of a sheet, and the codes of each list with `other` in the whole message."""

    values: Mapping[Cell, int]
    listed: Listed


class Rest(NamedTuple):
    """A number of everybody but some codes, `before` in an earlier message and `now` in a later one.

    `cell` names the codes (cells.other_than); `is_named`: whether the later one has this number as `other`.
    `may_be_code`: whether both messages have one number of `other`, which is then no change of an ordinary code.
    """

    cell: Cell
    before: int
    now: int
    is_named: bool
    may_be_code: bool


def is_rest(cell: Cell) -> bool:
    """Whether a cell is of everybody but some codes."""
    return any(outside(code) is not None for _, code in cell.dims)


def all_but(rest: Cell) -> str:
    """Return the codes that a cell of everybody but some codes leaves out, with their dimension; `unknown` if alone."""
    name, codes = next((name, codes) for name, code in rest.dims if (codes := outside(code)) is not None)
    return f"{name} {', '.join(code for code in codes if code != UNKNOWN) or UNKNOWN}"


def listed_in(cells: Iterable[Cell]) -> Listed:
    """Return the codes of each list with `other` in the cells of one message."""
    return _lists(_codes_of(cells))


def lists_of(released: Released) -> dict[int, Listed]:
    """Return the codes of each list with `other` in each earlier message, by the number of its releases."""
    cells: dict[int, list[Cell]] = {}
    for release in chain.from_iterable(released.values()):
        cells.setdefault(release.n, []).extend(fact.cell for fact in release.figures())
    return {n: listed_in(own) for n, own in cells.items()}


def shown_in(releases: Iterable[Release], lists: Mapping[int, Listed]) -> list[Numbers]:
    """Return what each earlier message shows of a sheet, oldest first. `lists`: of each message (lists_of)."""
    return [
        Numbers(
            {fact.cell: fact.value for fact in release.figures() if fact.mark == SHOWN and fact.value is not None},
            lists[release.n],
        )
        for release in releases
    ]


def rests(own: Numbers, before: Sequence[Numbers]) -> Iterator[Rest]:
    """Yield the numbers of everybody but the codes that two lists share, where they differ between two messages.

    A number of one cell `other` with the same list in both is not yielded: it is named in both. A number that an
    earlier message told already is no change.
    """
    for name in sorted({name for each in (own, *before) for name in each.listed}):
        for base in dict.fromkeys(_without(cell, name) for cell in own.values):
            found: dict[Cell, list[Rest]] = {}
            for each in before:
                rest = _between(own, each, name, base)
                if rest is not None:
                    found.setdefault(rest.cell, []).append(rest)
            for every in found.values():
                if all(rest.before != rest.now for rest in every):
                    yield from every


def _between(own: Numbers, before: Numbers, name: str, base: Cell) -> Rest | None:
    """Return the number of everybody but the codes that both messages list along `name`."""
    lists = [each.listed[name] for each in (before, own) if name in each.listed]
    if not lists or lists == lists[:1] * 2 or not _has_same_lists(own, before, base):
        return None
    shared = frozenset.intersection(*lists)
    now = _count(own, name, base, shared)
    old = None if now is None else _count(before, name, base, shared)
    if old is None or now is None:
        return None
    (low, has_all_before), (value, has_all_now) = old, now
    if not has_all_now or (not has_all_before and low <= value):
        return None
    other = _with_code(base, name, OTHER)
    is_named = own.listed.get(name) == shared
    may_be_code = other in own.values and own.values[other] == before.values.get(other)
    return Rest(_with_code(base, name, other_than(shared)), low, value, is_named, may_be_code)


def _count(numbers: Numbers, name: str, base: Cell, codes: frozenset[str]) -> tuple[int, bool] | None:
    """Return what a message tells of everybody but `codes`, and whether that is all of them or a part."""
    values, listed = numbers.values, numbers.listed.get(name)
    if listed is not None:
        parts = [_with_code(base, name, code) for code in (*(listed - codes), OTHER)]
        known = [values[cell] for cell in parts if cell in values]
        return (sum(known), len(known) == len(parts)) if known else None
    others = [_with_code(base, name, code) for code in (*codes, UNKNOWN)]
    if base in values and all(cell in values for cell in others):
        return values[base] - sum(values[cell] for cell in others), True
    return None


def _has_same_lists(own: Numbers, before: Numbers, base: Cell) -> bool:
    """Whether each further code `other` of a cell has the same list in both messages."""
    others = [name for name, code in base.dims if code == OTHER]
    return all(own.listed.get(name) == before.listed.get(name) for name in others)


def _without(cell: Cell, name: str) -> Cell:
    return cell._replace(dims=tuple(pair for pair in cell.dims if pair[0] != name))


def _with_code(base: Cell, name: str, code: str) -> Cell:
    codes = {**dict(base.dims), name: code}
    return base._replace(dims=tuple((each, codes[each]) for each in DIMENSIONS if each in codes))


def readings(
    released: OrderedReleases, new: dict[Sheet, Release]
) -> Iterator[tuple[OrderedReleases, dict[Sheet, Release]]]:
    """Yield the releases with each `other` identified by the codes of its table, if there is one; then as written."""
    named = [_named(message) for message in (*messages(released), new)]
    if any(_listed(message) for message in (*messages(released), new)):
        yield [pair for message in named[:-1] for pair in message.items()], named[-1]
    yield released, new


def is_one_list(released: OrderedReleases, new: dict[Sheet, Release]) -> bool:
    """Whether every table with `other` lists all codes that any table names.

    Every population that fits the reading as a remainder then also fits the reading as an ordinary code, with nobody in
    unlisted codes. An interval that is wide in the first reading is therefore wide in the second.
    """
    every = [*messages(released), new]
    all_codes = _together([_codes(message) for message in every])
    return all(codes == all_codes[name] for message in every for name, codes in _listed(message).items())


def is_plain(released: OrderedReleases, new: dict[Sheet, Release]) -> bool:
    """Whether `other` may be an ordinary code: no cell of it has different values in tables with different lists."""
    values: dict[Key, tuple[Listed, int]] = {}
    for message in (*messages(released), new):
        listed = _listed(message)
        for key, own in _others(message).items():
            before, value = values.setdefault(key, (listed, own))
            if value != own and before != listed:
                return False
    return True


def with_other_lists(released: OrderedReleases, new: dict[Sheet, Release]) -> OrderedReleases:
    """Return the earlier messages that list other codes and give another value to a cell `other` of the new one."""
    listed, values = _listed(new), _others(new)
    found: list[tuple[Sheet, Release]] = []
    for message in messages(released):
        if _listed(message) != listed and any(values.get(key, own) != own for key, own in _others(message).items()):
            found += message.items()
    return found


def _others(message: Message) -> dict[Key, int]:
    """Return the known values of the cells with a code `other`."""
    return {
        (sheet, fact.cell): fact.value
        for sheet, release in message.items()
        for fact in release.facts
        if fact.value is not None and any(code == OTHER for _, code in fact.cell.dims)
    }


def hidden_too(new: dict[Sheet, Release], keys: Set[Key]) -> dict[Sheet, Release]:
    """Return the new message with the shown cells `keys` marked as suppressed. `keys`: as the message names them."""
    return {
        sheet: replace(
            release,
            facts=tuple(
                fact._replace(mark=SUPPRESSED)
                if fact.mark == SHOWN and (sheet, as_written(fact.cell)) in keys
                else fact
                for fact in release.facts
            ),
        )
        for sheet, release in new.items()
    }


def _codes(message: Message) -> dict[str, set[str]]:
    return _codes_of(fact.cell for release in message.values() for fact in release.facts)


def _codes_of(cells: Iterable[Cell]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for cell in cells:
        for name, code in cell.dims:
            found.setdefault(name, set()).add(code)
    return found


def _listed(message: Message) -> Listed:
    return _lists(_codes(message))


def _lists(codes: Mapping[str, set[str]]) -> Listed:
    return {name: _known(own) for name, own in codes.items() if OTHER in own}


def _together(every: Sequence[Mapping[str, set[str]]]) -> dict[str, frozenset[str]]:
    names = {name for codes in every for name in codes}
    return {name: _known(set().union(*(codes.get(name, ()) for codes in every))) for name in names}


def _known(codes: set[str]) -> frozenset[str]:
    return frozenset(code for code in codes - {OTHER, UNKNOWN} if outside(code) is None)


def _named(message: Message) -> dict[Sheet, Release]:
    """Return the message with each `other` identified by the codes that the message lists."""
    codes = {name: other_than(listed) for name, listed in _listed(message).items()}
    return {sheet: _release(release, codes) for sheet, release in message.items()} if codes else dict(message)


def _release(release: Release, codes: Mapping[str, str]) -> Release:
    facts = tuple(fact._replace(cell=_cell(fact.cell, codes)) for fact in release.facts)
    return replace(release, facts=facts)


def _cell(cell: Cell, codes: Mapping[str, str]) -> Cell:
    return cell._replace(
        dims=tuple((name, codes.get(name, code) if code == OTHER else code) for name, code in cell.dims)
    )
