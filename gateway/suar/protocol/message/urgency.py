"""The urgency of a message: the lanes by which queues, lists and feeds put the most urgent message first.

Alerts are ordered by their urgency as in its code list (CAP 1.2), then every other kind, then messages that had expired
before they arrived. A message keeps its lane when it expires later, so a position in a list stays valid.
"""

from collections.abc import Callable
from typing import Any, Final, Literal

from suar.protocol.base import limits
from suar.protocol.base.instants import milliseconds
from suar.protocol.message.kinds import DECLARED

LANES: Final = ("immediate", "expected", "future", "past", "unknown", "rest", "over")
"""The names of the lanes, most urgent first; the first five are urgencies of alerts."""
UNKNOWN: Final = LANES.index("unknown")
REST: Final = LANES.index("rest")
OVER: Final = LANES.index("over")
_OF_URGENCY: Final = {name: number for number, name in enumerate(LANES[: UNKNOWN + 1])}
_URGENCIES: Final[dict[type, Callable[[Any], str]]] = {
    kind.shape: kind.urgency for kind in DECLARED.values() if kind.urgency
}
_LONGEST: Final = {kind.shape: kind.lifetime_days * limits.DAY for kind in DECLARED.values()}

Order = Literal["received", "urgency"]


def lane(message: object) -> int:
    """Return the lane of a message that is sent: the urgency of its kind (an unknown code counts as unknown), else
    REST.

    A cancel has the lane of its alert, because it repeats the urgency.
    """
    urgency = _URGENCIES.get(type(message))
    return REST if urgency is None else _OF_URGENCY.get(urgency(message), UNKNOWN)


def lane_of_draft(kind: str, urgency: object) -> int:
    """Return the lane of a draft, from its kind and the value of its urgency."""
    declared = DECLARED.get(kind)
    if declared is None or declared.urgency is None:
        return REST
    return _OF_URGENCY.get(urgency, UNKNOWN) if isinstance(urgency, str) else UNKNOWN


def lane_on_arrival(message: object, expires: str, now: str) -> int:
    """Return the lane of a message that is stored at `now` (RFC 3339, like `expires`): OVER if it has expired.

    After an outage, expired messages are therefore processed after all others.
    """
    return OVER if expires <= now else lane(message)


def in_force_until(message: Any, at: int) -> int:
    """Return when a publication that arrived at `at` ends (ms): at its `expires`, but no later than `at` plus the
    longest lifetime of its kind plus 5 minutes, because `sent` is only the publisher's statement.
    """
    return min(milliseconds(message.expires), at + limits.CLOCK_TOLERANCE + _LONGEST[type(message)])


def urgency_of(number: int) -> str | None:
    """Return the urgency of a lane, or None for a lane without one."""
    return LANES[number] if number <= UNKNOWN else None
