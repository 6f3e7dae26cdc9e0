"""Which tests run once for each database that a store is kept in: those of some rooms that open a store at all."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from support import stores
from support.quick import TESTS, imports

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

ROOMS: Final = ("store", "service")
ON_REQUEST: Final = frozenset({
    "service/core/test_away.py", "service/core/test_exchange.py", "service/core/test_why_planted.py",
    "service/nats_feed/test_recall.py", "service/nats_feed/test_writer.py", "service/notify/test_notify.py",
    "service/notify/test_notify_live.py", "service/pacing/test_heartbeat_pace.py",
    "service/pacing/test_hub_comparison.py", "service/pacing/test_readiness.py",
    "service/pacing/test_return_order.py", "service/pacing/test_urgent_first.py",
    "service/receive/test_two_hubs_merged.py", "service/test_bus_read.py", "service/test_carried_live.py",
    "service/test_gaps_live.py", "service/test_hub_brings_again_live.py", "service/test_hubs_moved_live.py",
    "service/test_membership.py", "service/test_two_hubs_live.py", "service/webhooks/test_delivering.py",
    "service/webhooks/test_hostile_receiver.py", "service/webhooks/test_webhooks_live.py",
})  # fmt: skip
"""Long ones about servers, links, receivers and clocks, in which the store does nothing that others do not show: on
files alone, but where `--store` names the database."""
_FIXTURES: Final = frozenset({"database", "make_core", "pair", "sg", "th", "two", "vn"})
"""Of the folders' conftest.py: they open stores for whoever has them."""
_OPENS: Final = frozenset({"support.stores", "suar.store.engine.database"})


def runs_on_each(test: pytest.Metafunc, *, every_room: bool = False) -> bool:
    """Whether a test runs once for each database; the mark `sqlite` is for one that is about a file, or about one."""
    path = test.definition.path
    within = path.relative_to(TESTS)
    is_of_a_room = every_room or any(within.is_relative_to(room) for room in ROOMS)
    if not is_of_a_room or test.definition.get_closest_marker("sqlite") is not None:
        return False
    return not _FIXTURES.isdisjoint(test.fixturenames) or opens_a_store(path)


def databases_of(test: pytest.Metafunc) -> tuple[str, ...]:
    """Those for which such a test runs, where `--store` names none."""
    is_on_files = test.definition.path.relative_to(TESTS).as_posix() in ON_REQUEST
    return (stores.SQLITE,) if is_on_files else stores.BOTH


@cache
def opens_a_store(path: Path) -> bool:
    """Whether a file imports what opens a store, itself or by another file of the tests."""
    seen, waiting = {path}, [path]
    while waiting:
        for module, _ in imports(waiting.pop()):
            if module in _OPENS:
                return True
            other = TESTS / f"{module.replace('.', '/')}.py"
            if other not in seen and other.is_file():
                seen.add(other)
                waiting.append(other)
    return False
