"""Audit lines about reading and checking, bounded so that callers cannot flood the audit."""

from suar.service.core.core import Core
from suar.store.people import access


def note_reading(core: Core, who: str, what: str, about: str) -> None:
    """Note that somebody was given something: one line an hour for the same act."""
    act = (who, what, about)
    if core.recent_acts.is_noted(act, core.clock()):
        return
    with core.transaction() as connection:
        access.note(connection, *act, core.clock())
        core.run_after_commit(lambda: core.recent_acts.note(act))


def note_check(core: Core, who: str) -> None:
    """Note that drafts are checked: the first of an hour, the tenth, the hundredth and so on."""
    count = core.recent_acts.count(who, core.clock())
    if count == 10 ** (len(str(count)) - 1):
        with core.transaction() as connection:
            access.note(connection, who, "check", f"drafts in this hour: {count}", core.clock())
