"""The findings of checks: status, entity, text and next step. An entity is a member, a stream or `gateway`."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final, Literal, TypeAlias

from msgspec import Struct

from suar.observe.numbers import Numbers
from suar.observe.passed_over import PassedOver, is_after_ours, with_moments
from suar.protocol.base import limits
from suar.protocol.base.sentences import several

Status = Literal["ok", "warning", "critical", "unknown"]
STATUSES: Final[tuple[Status, ...]] = ("ok", "warning", "critical", "unknown")  # the index is the exit code
SELF: Final = "gateway"
REVOKED: Final = "revoked"
"""In the text of a finding about a member whose keys are all revoked: nothing but a new trust list helps."""
ANCHOR: Final = "the anchor of the store cannot be written"
"""In the text of a finding about the store that is no sign of an alteration."""
MIB: Final = 1024 * 1024


class Check(Struct, frozen=True):
    """One finding: the id of the check, status, entity, text, and next step (empty if the status is ok).

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


CheckFunction: TypeAlias = Callable[[Numbers, int], Found]
"""What a check is: of the numbers of one moment and the milliseconds between two heartbeats."""


class Declared(Struct, frozen=True):
    """A check. `order`: its sort key. `because`: the checks whose findings can explain a finding of this check.

    `step`: the general next step, for alert rules and documents.
    """

    function: CheckFunction
    order: int
    step: str
    because: tuple[str, ...]


DECLARED: Final[dict[str, Declared]] = {}
"""Every check by its id, as the modules of this folder declare it."""


def check(name: str, *, order: int, step: str, because: Sequence[str] = ()) -> Callable[[CheckFunction], CheckFunction]:
    """Declare a check; its docstring states what it checks. Raises ValueError for an id or order that is in use."""
    if name in DECLARED or any(declared.order == order for declared in DECLARED.values()):
        raise ValueError(f"the check {name} or its order {order} exists already")

    def declare(function: CheckFunction) -> CheckFunction:
        DECLARED[name] = Declared(function, order, step, tuple(because))
        return function

    return declare


def days(milliseconds: int) -> str:
    """Return a duration in whole days."""
    return several(milliseconds // limits.DAY, "day", "days")


def span(milliseconds: int) -> str:
    """Return a duration in the unit that a person would use."""
    seconds = max(milliseconds, 0) // limits.SECOND
    for unit, size in (("days", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def all_passed_over(numbers: Numbers) -> list[PassedOver]:
    """Return what hubs passed over: objects of ours, and of several members at one moment, as each states itself."""
    missing = (
        (each.name, each.member, each.at)
        for each in numbers.alarms_open
        if each.origin in ("", each.member) and not is_after_ours(numbers.put_backs, each.name, each.at)
    )
    return with_moments(numbers.passed_over, missing, len(numbers.peers))
