"""What a check finds: how bad, about whom, what, and what to do next. An entity is a member, a stream or `gateway`."""

from collections.abc import Iterator
from typing import Final, Literal, TypeAlias

from msgspec import Struct

from suar.protocol.base import limits

Status = Literal["ok", "warning", "critical", "unknown"]
STATUSES: Final[tuple[Status, ...]] = ("ok", "warning", "critical", "unknown")  # the index is the exit code
SELF: Final = "gateway"
MIB: Final = 1024 * 1024


class Check(Struct, frozen=True):
    """One line of health: which check, how bad, about whom, what, and what to do next (empty when well).

    `because`: the check whose finding explains this one.
    """

    id: str
    status: Status
    entity: str
    text: str
    next: str = ""
    because: str | None = None


Found: TypeAlias = Iterator[tuple[Status, str, str, str]]
"""(status, entity, text, next) of each line of one check."""


def span(milliseconds: int) -> str:
    """A length of time in the unit a person would use."""
    seconds = max(milliseconds, 0) // limits.SECOND
    for unit, size in (("days", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
