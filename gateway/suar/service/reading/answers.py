"""What our focal point has answered to a message, and by when an answer is due."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Row

from suar.protocol.base import limits
from suar.protocol.base.instants import LAST, instant, milliseconds
from suar.protocol.base.stages import BY_PERSON
from suar.store.outbound import own_statements

_RANK: Final = {"opened": 0, **{stage: rank for rank, stage in enumerate(BY_PERSON, 1)}}

NONE: Final = {"answer": None, "acknowledge_by": None}
"""For a reader of whom no answer is expected."""


def of_messages(connection: Connection, ids: Sequence[str]) -> dict[tuple[str, int], list[Row[Any]]]:
    """Id and revision -> what we stated about it, of every message that is named; in as few questions as it needs."""
    found: dict[tuple[str, int], list[Row[Any]]] = defaultdict(list)
    for row in own_statements.statements_of(connection, ids):
        found[row.id, row.rev].append(row)
    return found


def shape(said: Iterable[Row[Any]], body: dict[str, Any] | None) -> dict[str, Any]:
    """`answer`: the furthest of opened, acknowledged, acting, with role and who said it; `acknowledge_by`: the time."""
    known = [each for each in said if each.stage in _RANK]
    last = max(known, key=lambda each: _RANK[each.stage], default=None)
    answer = None if last is None else {"stage": last.stage, "role": last.role, "at": instant(last.at), "by": last.who}
    by = acknowledge_by(body)
    return {"answer": answer, "acknowledge_by": None if by is None else instant(by)}


def acknowledge_by(body: dict[str, Any] | None) -> int | None:
    """When an alert's time to be acknowledged is over (ms)."""
    if body is None or "ack_within" not in body or body["action"] == "cancel":
        return None
    return min(milliseconds(body["sent"]) + int(body["ack_within"]) * limits.HOUR, LAST)
