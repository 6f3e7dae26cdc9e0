"""Purges texts by the schedule of [retention]: days after a message ended, by kind. Off by default.

The end of a message is the expiry of its newest revision. Whatever the schedule states, a text is kept while a legal
hold names it, while it waits to be sent or a statement about it is due, while another message of its frame is kept (the
frame proves both), and until the evidence of its frame was stamped if an authority is set. The audit log has a line for
each message with the digests of what was purged; heads and digests remain.
"""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection

from suar.observe.hooks import Happened
from suar.protocol.base import limits
from suar.protocol.base.instants import instant
from suar.service.core.core import Core
from suar.service.custody import holds
from suar.service.receive import recall
from suar.service.settings.sections.evidence_config import LEAST_DAYS, schedule
from suar.store.messages import retention as texts
from suar.store.messages import stamps
from suar.store.messages.retention import FIRST, Position
from suar.store.outbound import recalls
from suar.store.people import access

ACT: Final = "retention"
BATCH: Final = 64  # messages in one transaction
EXAMINED_MAX: Final = 512  # messages that are examined in one step
SHOWN: Final = 1_000
LISTED_EXAMINED: Final = 20_480  # messages that are examined for a list


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


class Planned(NamedTuple):
    """What may be purged now, and the position after which the next step continues; None: it was the last."""

    due: list[Due]
    position: Position | None


def _until(core: Core) -> dict[str, int]:
    """For each kind with a number of days: the time (ms) before which a message of it has to have ended."""
    now = core.clock()
    return {kind: now - days * limits.DAY for kind, days in schedule(core.config.retention).items()}


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


def is_due(core: Core, connection: Connection, id_: str, kind: str) -> bool:
    """Return whether the schedule has the texts of the message purged now."""
    until = _until(core)
    return kind in until and _judged(core, connection, id_, kind, until) is not None


def _purge(core: Core, connection: Connection, found: Due) -> None:
    """Destroy the texts in the caller's transaction; nothing is stated about it to their publisher."""
    id_, below = found.id, found.below
    if id_[:2] == core.member:
        recall.erase_below(core, connection, id_, below)
        return
    recalls.note(connection, id_, below, core.clock())
    core.record_recall(id_, below)
    core.note_destroyed()
    recalls.destroy(connection, id_, below, core.member, core.due.in_row)


def plan(core: Core, position: Position = FIRST, limit: int = BATCH) -> Planned:
    """Return messages whose texts may be purged now, at most `limit`, of EXAMINED_MAX that ended after a position.

    On the reader's thread.
    """
    until, found = _until(core), dict[str, Due]()
    with core.database.reading() as connection:
        rows = texts.ended(connection, max(until.values(), default=0), position, EXAMINED_MAX)
        for row in rows:
            if len(found) == limit:
                return Planned(list(found.values()), position)
            position = Position(row.expires, row.n)
            if not row.is_text or row.expires > until.get(row.kind, 0) or row.id in found:
                continue
            core.yield_to_writer()
            due = _judged(core, connection, row.id, row.kind, until)
            if due is not None:
                found[row.id] = due
    return Planned(list(found.values()), position if len(rows) == EXAMINED_MAX else None)


async def shown(core: Core) -> dict[str, Any]:
    """Return the schedule and what the next run purges: SHOWN messages at most, of the first LISTED_EXAMINED to end.

    `more`: there may be others.
    """
    found, position = dict[str, Due](), FIRST
    for _ in range(LISTED_EXAMINED // EXAMINED_MAX):
        planned = await core.run_read_only(plan, core, position, SHOWN + 1)
        found |= {each.id: each for each in planned.due}
        if planned.position is None or len(found) > SHOWN:
            break
        position = planned.position
    rows = [each.shape() for each in found.values()][:SHOWN]
    more = planned.position is not None or len(found) > SHOWN
    return {"days": schedule(core.config.retention), "due": rows, "more": more}


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


class Run:
    """A run over everything that ended, in steps; each examines a bounded number of messages."""

    def __init__(self, core: Core) -> None:
        self._core, self._position = core, FIRST

    async def step(self, who: str) -> tuple[list[dict[str, Any]], bool]:
        """Purge some of what is due; returns what was purged, and whether the run is complete."""
        planned = await self._core.run_read_only(plan, self._core, self._position)
        done = await self._core.run(purge, self._core, who, planned.due) if planned.due else []
        self._position = planned.position or FIRST
        return done, planned.position is None


class Daily:
    """The daily run of a gateway: the first one an hour after the start, so that people can see what is due."""

    def __init__(self, core: Core) -> None:
        self._core, self._next, self._run = core, core.clock() + limits.HOUR, Run(core)

    async def run_due(self) -> int:
        """Make a step if it is due; returns how many messages were purged. To be called repeatedly."""
        core, now = self._core, self._core.clock()
        if now < self._next or not schedule(core.config.retention):
            return 0
        done, is_last = await self._run.step(access.GATEWAY)
        if is_last:
            self._next = now + limits.DAY
        return len(done)
