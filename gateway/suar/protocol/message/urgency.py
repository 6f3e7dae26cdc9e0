"""How urgent a message is: the lanes in which queues, lists and feeds put the most urgent first.

Alerts by their urgency in the order of its code list (CAP 1.2), then every other kind, then what had expired before it
came. A message keeps its lane: what expires later is told by its state, so a place between two messages stays a place.
"""

from collections.abc import Callable
from typing import Any, Final, Literal

from suar.protocol.message.kinds import DECLARED

LANES: Final = ("immediate", "expected", "future", "past", "unknown", "rest", "over")
"""The names of the lanes, the most urgent first; the first five are urgencies of alerts."""
UNKNOWN: Final = LANES.index("unknown")
REST: Final = LANES.index("rest")
OVER: Final = LANES.index("over")
_OF_URGENCY: Final = {name: number for number, name in enumerate(LANES[: UNKNOWN + 1])}
_URGENCIES: Final[dict[type, Callable[[Any], str]]] = {
    kind.shape: kind.urgency for kind in DECLARED.values() if kind.urgency
}

Order = Literal["received", "urgency"]


def lane(message: object) -> int:
    """The lane of a message as it is sent: by the urgency of its kind (a code of a later minor is unknown), else REST.

    A cancel rides where its alert rode: it repeats the urgency.
    """
    urgency = _URGENCIES.get(type(message))
    return REST if urgency is None else _OF_URGENCY.get(urgency(message), UNKNOWN)


def lane_on_arrival(message: object, expires: str, now: str) -> int:
    """The lane of a message that is stored at `now` (RFC 3339, as `expires`): OVER when nobody can act on it any more.

    After an outage this keeps what is late for good behind what is not.
    """
    return OVER if expires <= now else lane(message)


def urgency_of(number: int) -> str | None:
    """The urgency that a lane stands for; None for what is no alert, or was over when it came."""
    return LANES[number] if number <= UNKNOWN else None
