"""Examines the messages, frames and sealed rows of a gateway that does not run, and changes nothing.

The same walks as in a running gateway (service/receive/store_checks.py), from their beginning to their end. A running
gateway removes what it finds and requests it again; here it is only reported.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Final

from sqlalchemy import Connection, func, select

from suar.protocol.base.errors import Fault
from suar.protocol.base.sentences import several
from suar.service.core.core import Core
from suar.service.receive import store_checks
from suar.store import tables as t
from suar.store.engine.vault import Vault
from suar.store.inbound import held_frames
from suar.store.messages import inbox
from suar.store.outbound import deliveries
from suar.store.recovery import sealed_rows

COMPARED_WITH: Final = ("meta", "recalled", "legal_hold", "held_text")
"""Protected tables that say which texts have to be in `message`, and under which numbers."""
NAMED: Final = 20  # rows that a finding names
Examined = tuple[str, int, str | None]
"""A table, its number of rows, and what is wrong with it."""


def examine(core: Core, altered: Collection[str]) -> Iterator[Examined]:
    """Yield what is found in each table that has no keyed hashes and is examined.

    `core`: one that is not loaded, whose protected tables were verified; `altered`: those with a finding.
    """
    if wrong := [table for table in COMPARED_WITH if table in altered]:
        yield "message", 0, f"not examined, because it is compared with {' and '.join(wrong)}"
        return
    core.load_to_examine()
    for table, walk in WALKS.items():
        try:
            rows, found = _rows(core, table), list(walk(core))
        except Fault as fault:
            rows, found = 0, [f"it cannot be examined to its end: {fault.text}"]
        yield table, rows, "; ".join(found) or None


def _rows(core: Core, table: str) -> int:
    with core.database.reading() as connection:
        return connection.execute(select(func.count()).select_from(t.metadata.tables[table])).scalar_one()


def _messages(core: Core) -> Iterator[str]:
    walk, before = store_checks.Walk(core, read_to=0), -1
    while walk.step():
        if walk.after == before:  # rows that cannot be read, which a running gateway removes
            yield f"its rows after number {before} cannot be read"
            break
        before = walk.after
    with core.database.reading() as connection:
        names = {n: inbox.name_at(connection, n) for n in _with_returned(core)}
    yield from _finding(
        sorted(names.values()), "row is not as this gateway wrote it", "rows are not as this gateway wrote them"
    )
    yield from _finding(_lost_own(core), "own message that was sent is gone", "own messages that were sent are gone")


def _with_returned(core: Core) -> set[int]:
    """Return the rows that were found, and those of recalled texts that are in the store again without a legal hold."""
    found = set(core.suspects)
    store_checks.find_returned(core)
    if core.holds_open_since is not None:
        return found
    with core.database.reading() as connection:
        held = {n for n in core.suspects - found if inbox.name_at(connection, n).split()[0] in core.held_by_law}
    return core.suspects - held


def _lost_own(core: Core) -> list[str]:
    walk = store_checks.SentWalk(core)
    _to_the_end(walk.step)
    with core.database.reading() as connection:
        return [f"{id_} {rev}" for id_, rev in core.lost_own if deliveries.is_lost(connection, id_, rev)]


def _frames(core: Core) -> Iterator[str]:
    walk = store_checks.FrameWalk(core, held_frames.expected)
    _to_the_end(walk.step)
    names = [f"{frame.epoch_id.hex()[:16]} {frame.seq}" for frame in sorted(core.lost)]
    one, many = "frame lacks messages that it delivered", "frames lack messages that they delivered"
    yield from _finding(names, f"{one}, or is gone", f"{many}, or are gone")


def _outbox(core: Core) -> Iterator[str]:
    store_checks.find_strange(core)
    yield from _of_no_object(core.strange_objects)


def _waiting(core: Core) -> Iterator[str]:
    yield from _of_no_object(core.strange_waiting)


def _sealed(altered: Callable[[Connection, Vault], Iterator[str]]) -> Callable[[Core], Iterator[str]]:
    """Return a walk over the rows of a sealed table, of which `altered` yields those that are not as written."""

    def walk(core: Core) -> Iterator[str]:
        with core.database.reading() as connection:
            names = list(altered(connection, core.vault))
        yield from _finding(names, "row is not as this gateway wrote it", "rows are not as this gateway wrote them")

    return walk


def _of_no_object(numbers: set[int]) -> Iterator[str]:
    yield from _finding([str(n) for n in sorted(numbers)], "row is of no object", "rows are of no object")


def _to_the_end(step: Callable[[], bool]) -> None:
    while step():
        pass


def _finding(names: Sequence[str], one: str, many: str) -> Iterator[str]:
    """Yield the finding about the rows of these names, of which the first ones are named; nothing if there are none."""
    if names:
        rest = len(names) - NAMED
        named = ", ".join(names[:NAMED]) + (f" and {rest:,} more" if rest > 0 else "")
        yield f"{several(len(names), one, many)}: {named}"


WALKS: Final[dict[str, Callable[[Core], Iterator[str]]]] = {
    "message": _messages, "frame": _frames, "outbox": _outbox, "waiting": _waiting,
    "quarantine": _sealed(sealed_rows.altered_quarantined), "kept_proof": _sealed(sealed_rows.altered_proofs),
    "receipt_note": _sealed(sealed_rows.altered_notes),
}  # fmt: skip
"""How each table without a keyed hash is examined."""
