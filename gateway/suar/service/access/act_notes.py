"""Audit lines about reading and checking, bounded so that callers cannot flood the audit."""

from collections.abc import Sequence
from functools import partial
from typing import Final

from suar.protocol.base import limits
from suar.service.core.core import Core
from suar.store.people import access
from suar.store.people.access import Act

TITLES: Final = 16
"""Messages in one line about a list or a feed."""


def note_reading(core: Core, who: str, what: Act, about: str) -> None:
    """Note that somebody was given something: one line an hour for the same act."""
    act = (who, what, about)
    if core.recent_acts.is_noted(act, core.clock()):
        return
    with core.transaction() as connection:
        access.note(connection, *act, core.clock())
        core.run_after_commit(lambda: core.recent_acts.note(act))


def note_titles(core: Core, who: str, what: Act, shown: Sequence[tuple[str, int]]) -> None:
    """Note which messages (id, revision) somebody is shown in a list or a feed: each once an hour, some in one line."""
    now = core.clock()
    new = [act for act in dict.fromkeys(_acts(who, what, shown)) if not core.recent_titles.is_noted(act, now)]
    if not new:
        return
    lines = [" ".join(about for _, _, about in new[at : at + TITLES]) for at in range(0, len(new), TITLES)]
    with core.transaction() as connection:
        access.notes(connection, [(now, who, what, line) for line in lines])
        for act in new:
            core.run_after_commit(partial(core.recent_titles.note, act))


def has_titles(core: Core, who: str, what: str, shown: Sequence[tuple[str, int]]) -> bool:
    """Whether the audit has all of them for this hour, so that nothing is to be noted. For any thread."""
    now = core.clock()
    return all(core.recent_titles.is_committed(act, now) for act in _acts(who, what, shown))


def _acts(who: str, what: str, shown: Sequence[tuple[str, int]]) -> list[tuple[str, str, str]]:
    return [(who, what, f"{id_} {rev}") for id_, rev in shown]


class CheckCounts:
    """How many drafts each token had checked in this clock hour; for one thread."""

    def __init__(self) -> None:
        self._hour = 0
        self._counts: dict[str, int] = {}

    def due(self, who: str, now: int) -> int | None:
        """The number of this check, when the audit notes it: the first, tenth, hundredth and so on of an hour."""
        if now // limits.HOUR != self._hour:
            self._hour, self._counts = now // limits.HOUR, {}
        count = self._counts[who] = self._counts.get(who, 0) + 1
        return count if count == 10 ** (len(str(count)) - 1) else None


def note_checks(core: Core, who: str, count: int) -> None:
    """Note how many drafts a token had checked in this hour."""
    with core.transaction() as connection:
        access.note(connection, who, "check", f"drafts in this hour: {count}", core.clock())
