"""The meaning of the code `other`: everything that its table does not list at that level (docs/messages.md).

The codes of a table with `other` are therefore complete except for `unknown`, whichever message has their total. If a
table lists three countries and another table two of them, the `other` of the first is a part of the `other` of the
second, and the two are different numbers. Each `other` is identified by the codes that its table lists. An author may
also have used `other` as an ordinary code. That reading is proved too, unless an `other` has different values in tables
that list different codes.
"""

from collections.abc import Iterator, Mapping, Sequence, Set

from msgspec.structs import replace

from suar.protocol.privacy.proof.cells import OTHER, UNKNOWN, Cell, Sheet, as_written, other_than
from suar.protocol.privacy.proof.ledger import SHOWN, SUPPRESSED, Release
from suar.protocol.privacy.proof.reader import Key, OrderedReleases, messages

Message = Mapping[Sheet, Release]
Listed = dict[str, frozenset[str]]
"""The codes of each dimension that has `other`, without `unknown` and `other`."""


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
    found: dict[str, set[str]] = {}
    for release in message.values():
        for fact in release.facts:
            for name, code in fact.cell.dims:
                found.setdefault(name, set()).add(code)
    return found


def _listed(message: Message) -> Listed:
    return {name: _known(codes) for name, codes in _codes(message).items() if OTHER in codes}


def _together(every: Sequence[Mapping[str, set[str]]]) -> dict[str, frozenset[str]]:
    names = {name for codes in every for name in codes}
    return {name: _known(set().union(*(codes.get(name, ()) for codes in every))) for name in names}


def _known(codes: set[str]) -> frozenset[str]:
    return frozenset(codes - {OTHER, UNKNOWN})


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
