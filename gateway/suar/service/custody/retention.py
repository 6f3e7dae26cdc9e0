"""Purges texts by the schedule of [retention]: days after a message ended, by kind. Off by default.

The end of a message is the expiry of its newest revision. A text is kept, whatever the schedule says, while a legal
hold names it, while it waits to be sent or something is to be stated about it, while another message of its frame is
kept (the frame proves both), and until the evidence of its frame was stamped where an authority is set. The audit log
has a line for each message with the digests of what was purged; heads and digests stay.
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection

from suar.observe.hooks import Happened
from suar.protocol.base import limits
from suar.protocol.base.instants import instant
from suar.service.core.core import Core
from suar.service.custody import holds
from suar.service.receive import lifecycle
from suar.service.settings.sections.evidence_config import LEAST_DAYS, schedule
from suar.store.messages import retention as texts
from suar.store.messages import stamps
from suar.store.outbound import recalls
from suar.store.people import access

ACT: Final = "retention"
AT_ONCE: Final = 64  # messages in one transaction
PAGE: Final = 256  # rows looked at in one step
SHOWN: Final = 1_000


class Due(NamedTuple):
    """A message whose texts are due: revisions from `below` on stay."""

    id: str
    kind: str
    below: int
    texts: int
    ended: int
    digests: tuple[bytes, ...]

    def shape(self) -> dict[str, Any]:
        """As `--json` and HTTP show it."""
        return {"id": self.id, "kind": self.kind, "texts": self.texts, "ended": instant(self.ended)}


def _until(core: Core) -> dict[str, int]:
    """For each kind with a number of days: the time (ms) before which a message of it has to have ended."""
    now = core.clock()
    return {kind: now - days * limits.DAY for kind, days in schedule(core.config.retention).items()}


def due(core: Core, connection: Connection) -> Iterator[Due]:
    """Yield the messages whose texts may be purged now."""
    until, seen = _until(core), set[str]()
    for kind, before in until.items():
        after = 0
        while rows := texts.ended(connection, kind, before, after, PAGE):
            after = rows[-1].n
            for id_ in dict.fromkeys(row.id for row in rows):
                found = _judged(core, connection, id_, kind, until) if id_ not in seen else None
                seen.add(id_)
                if found is not None:
                    yield found


def _judged(core: Core, connection: Connection, id_: str, kind: str, until: dict[str, int]) -> Due | None:
    """The message, unless it is not over, or something needs its text."""
    rows = texts.revisions(connection, id_)
    last, recent = rows[-1], core.clock() - LEAST_DAYS * limits.DAY
    if last.expires > until[kind] or any(row.at > recent for row in rows) or holds.is_held(core, id_):
        return None
    if texts.is_needed(connection, id_, until, recent):
        return None
    held = [row for row in rows if row.is_held and row.action != "cancel"]
    names = [row.frame_hash for row in held if row.frame_hash is not None]
    if core.config.evidence.authority and stamps.not_stamped(connection, names):
        return None
    below = last.rev if last.action == "cancel" else last.rev + 1
    return Due(id_, kind, below, len(held), last.expires, tuple(row.digest for row in held))


def _purge(core: Core, connection: Connection, found: Due) -> None:
    """Destroy the texts in the caller's transaction; nothing is stated about it to their publisher."""
    id_, below = found.id, found.below
    if id_[:2] == core.member:
        lifecycle.erase_below(core, connection, id_, below)
        return
    recalls.note(connection, id_, below, core.clock())
    core.run_after_commit(lambda: core.recalled.update({id_: below}))
    core.due.note_destroyed()
    recalls.destroy(connection, id_, below, core.member)


def plan(core: Core, limit: int) -> list[Due]:
    """Return the messages whose texts may be purged now, at most `limit`. On the reader's thread."""
    with core.database.reading() as connection:
        return list(islice(due(core, connection), limit))


def shown(core: Core) -> dict[str, Any]:
    """Return the schedule and what the next run purges, at most SHOWN messages. On the reader's thread."""
    found = plan(core, SHOWN + 1)
    rows = [each.shape() for each in found[:SHOWN]]
    return {"days": schedule(core.config.retention), "due": rows, "more": len(found) > SHOWN}


def purge(core: Core, who: str, planned: Sequence[Due]) -> list[dict[str, Any]]:
    """Purge these texts, each if it is still due; returns what was purged."""
    until = _until(core)
    done: list[dict[str, Any]] = []
    with core.transaction() as connection:
        for each in planned:
            found = _judged(core, connection, each.id, each.kind, until) if each.kind in until else None
            if found is None:
                continue
            _purge(core, connection, found)
            digests = " ".join(digest.hex() for digest in found.digests)
            access.note(connection, who, ACT, f"{found.id} below {found.below} {digests}".strip(), core.clock())
            done.append(found.shape())
    if done:
        core.hooks(Happened(at=core.clock(), event="purged", level="info", facts={"messages": len(done)}))
    return done


class Daily:
    """The daily run of a gateway: its first one an hour after the start, so that people can look at what is due."""

    def __init__(self, core: Core) -> None:
        self._core, self._next = core, core.clock() + limits.HOUR

    async def run_due(self) -> int:
        """Purge some of what is due, once the time has come; returns how many messages. Call it again and again."""
        core, now = self._core, self._core.clock()
        if now < self._next or not schedule(core.config.retention):
            return 0
        planned = await core.run_read_only(plan, core, AT_ONCE)
        await core.run(purge, core, access.GATEWAY, planned)
        if len(planned) < AT_ONCE:
            self._next = now + limits.DAY
        return len(planned)
