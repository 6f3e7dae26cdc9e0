"""What `other` means: whatever its table does not list at that level (docs/messages.md).

So the codes of a table with an `other` are everybody, `unknown` aside, whichever message has their total; and the
`other` of a table of three countries is part of the `other` of a table of two of them, and is another number. Each
`other` is named by the list of its table, and is a sum like every number. An author may have meant a code like the
rest: that reading counts too, where no `other` has another value in a table with another list.
"""

from collections.abc import Iterator, Mapping, Sequence, Set

from msgspec.structs import replace

from suar.protocol.privacy.proof.cells import OTHER, UNKNOWN, Cell, Sheet, as_written, other_than
from suar.protocol.privacy.proof.ledger import SHOWN, SUPPRESSED, Release
from suar.protocol.privacy.proof.reader import Key, Told, messages

Message = Mapping[Sheet, Release]
Listed = dict[str, frozenset[str]]
"""The codes by dimension, `unknown` and `other` left out, of the dimensions that have an `other`."""


def readings(released: Told, new: dict[Sheet, Release]) -> Iterator[tuple[Told, dict[Sheet, Release]]]:
    """Yield the same releases with each `other` named by the list of its table, if there is one; then as written."""
    named = [_named(message) for message in (*messages(released), new)]
    if any(_listed(message) for message in (*messages(released), new)):
        yield [pair for message in named[:-1] for pair in message.items()], named[-1]
    yield released, new


def is_one_list(released: Told, new: dict[Sheet, Release]) -> bool:
    """Whether every table with an `other` lists all codes that any table names.

    Then every population in which `other` is the remainder is one in which it is a code like the rest: of what is
    listed nowhere there is nobody. So what is wide in the former reading is wide in the latter.
    """
    every = [*messages(released), new]
    all_codes = _together([_codes(message) for message in every])
    return all(codes == all_codes[name] for message in every for name, codes in _listed(message).items())


def is_plain(released: Told, new: dict[Sheet, Release]) -> bool:
    """Whether `other` may be a code like the rest: none has another value in a table that lists other codes."""
    values: dict[Key, tuple[Listed, int]] = {}
    for message in (*messages(released), new):
        listed = _listed(message)
        for key, own in _others(message).items():
            before, value = values.setdefault(key, (listed, own))
            if value != own and before != listed:
                return False
    return True


def beside_other_lists(released: Told, new: dict[Sheet, Release]) -> Told:
    """Return the earlier messages in which an `other` of the new one has another value beside other codes."""
    listed, values = _listed(new), _others(new)
    found: list[tuple[Sheet, Release]] = []
    for message in messages(released):
        if _listed(message) != listed and any(values.get(key, own) != own for key, own in _others(message).items()):
            found += message.items()
    return found


def _others(message: Message) -> dict[Key, int]:
    """Return the values of the cells with a code `other`."""
    return {
        (sheet, fact.cell): fact.value
        for sheet, release in message.items()
        for fact in release.facts
        if fact.value is not None and any(code == OTHER for _, code in fact.cell.dims)
    }


def hidden_too(new: dict[Sheet, Release], keys: Set[Key]) -> dict[Sheet, Release]:
    """Return the new message with these cells, as it names them, hidden by its author."""
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
    """Return a message with each `other` named by the codes that it lists."""
    codes = {name: other_than(listed) for name, listed in _listed(message).items()}
    return {sheet: _release(release, codes) for sheet, release in message.items()} if codes else dict(message)


def _release(release: Release, codes: Mapping[str, str]) -> Release:
    facts = tuple(fact._replace(cell=_cell(fact.cell, codes)) for fact in release.facts)
    return replace(release, facts=facts)


def _cell(cell: Cell, codes: Mapping[str, str]) -> Cell:
    return cell._replace(
        dims=tuple((name, codes.get(name, code) if code == OTHER else code) for name, code in cell.dims)
    )
