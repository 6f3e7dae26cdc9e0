"""What our focal point has answered to a message, and by when an answer is due."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Row

from suar.protocol.base import limits
from suar.protocol.base.instants import LAST, instant, milliseconds
from suar.protocol.base.stages import BY_PERSON
from suar.service.core.core import Core
from suar.store.outbound import own_statements

_RANK: Final[dict[str, int]] = {"opened": 0, **{stage: rank for rank, stage in enumerate(BY_PERSON, 1)}}

NONE: Final = {"answer": None, "acknowledge_by": None}
"""For a reader of whom no answer is expected."""


def of_messages(connection: Connection, ids: Sequence[str]) -> dict[tuple[str, int], list[Row[Any]]]:
    """Id and revision -> what we stated about it, of every message that is named; in as few questions as it needs."""
    found: dict[tuple[str, int], list[Row[Any]]] = defaultdict(list)
    for row in own_statements.statements_of(connection, ids):
        found[row.id, row.rev].append(row)
    return found


def acted_on(core: Core, ids: Sequence[str]) -> frozenset[str]:
    """Those of these messages of which a person here said, of any revision, that we act on it; for any thread."""
    with core.database.reading() as connection:
        found = own_statements.statements_of(connection, ids)
    return frozenset(each.id for each in found if each.stage == BY_PERSON[-1])


def shape(statements: Iterable[Row[Any]], body: dict[str, Any] | None, received: int | None) -> dict[str, Any]:
    """`answer`: the furthest of opened, acknowledged, acting, with role and who said it; `acknowledge_by`: the time.

    `received`: when another member's message came here (ms); None of our own.
    """
    known = [each for each in statements if each.stage in _RANK]
    last = max(known, key=lambda each: _RANK[each.stage], default=None)
    answer = None if last is None else {"stage": last.stage, "role": last.role, "at": instant(last.at), "by": last.who}
    by = acknowledge_by(body, received=received)
    return {"answer": answer, "acknowledge_by": None if by is None else instant(by)}


def acknowledge_by(
    body: dict[str, Any] | None, *, received: int | None = None, stored: int | None = None
) -> int | None:
    """When an alert's time to be acknowledged is over (ms): here if it was `received`, at a member that `stored` it;
    without either it counts from when it was sent.
    """
    if body is None or "ack_within" not in body or body["action"] == "cancel":
        return None
    begin = milliseconds(body["sent"])
    if received is not None:
        begin = begins_here(begin, received)
    return min(begins_there(begin, stored) + int(body["ack_within"]) * limits.HOUR, LAST)


def begins_here(sent: int, received: int) -> int:
    """Return when our time to acknowledge begins: when it came.

    `sent` is its publisher's word and may lie long before or after; the clocks may differ by 5 minutes.
    """
    return min(max(sent, received), received + limits.CLOCK_TOLERANCE)


def begins_there(sent: int, stored: int | None) -> int:
    """Return when a member's time begins for us: when it stored our message, by its receipt, else when we sent it."""
    return sent if stored is None else max(sent, stored)
