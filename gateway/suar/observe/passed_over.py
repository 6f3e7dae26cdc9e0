"""Objects that a hub passed over, and which alarms have that as their cause.

A hub whose store was put back to an older copy stores objects under numbers that every INBOX had already; there they
are dropped, whoever sent them, and are missing until they are sent again. Two signs show it here: own objects did not
return, and what is missing of several members is missing since one moment.
"""

from collections import Counter, deque
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from suar.protocol.base import limits
from suar.protocol.transport import outcome

AT_THE_HUB: Final = "since the hub passed over objects"
"""In the text of a finding about what is missing since."""
BEFORE: Final = limits.MINUTE
"""ms: what others sent may have been passed over a moment before ours."""
AFTER: Final = 10 * limits.MINUTE
"""ms in which the frames and heartbeats that follow show what is missing."""
TOGETHER: Final = limits.MINUTE
"""ms within which alarms about several members are of one moment."""
MISSING: Final = frozenset({outcome.GAP, outcome.WITHHELD_TAIL, outcome.EPOCH_MISSING})
"""Alarms about what is missing."""
AT_THE_HUB_NEXT: Final = (
    "it is requested automatically; the hub passed over objects of several members at that time: if it lasts, call the "
    "operator of the hub; the member is not at fault"
)
"""The next step for one of these."""

AFTER_OURS: Final = "since this machine was put back"
"""In the text of a finding about what had come in the time that our own machine lost."""
AFTER_OURS_NEXT: Final = (
    "it is requested automatically; this machine was put back and lost what came meanwhile: the member is not at fault"
)
"""The next step for one of these."""


class PassedOver(NamedTuple):
    """`hub`: its name among the findings, if it is known. `since`: when the first of our objects that it passed over
    left, or when the first alarm was raised (ms). `until`: when a later object returned, or the last alarm was raised;
    None if nothing returned yet. `objects`: how many of ours. `members`: whose objects are missing since one moment.
    """

    hub: str
    since: int
    until: int | None
    objects: int
    members: tuple[str, ...] = ()


def is_after_ours(put_backs: Iterable[int], name: str, at: int) -> bool:
    """Return whether an alarm first raised at `at` follows from a put-back of our own machine that was found then."""
    return (name in MISSING or name == outcome.SILENCE) and is_of_that_time(put_backs, at)


def is_of_that_time(put_backs: Iterable[int], at: int) -> bool:
    """Return whether `at` is about the moment of one of these (ms)."""
    return any(each - BEFORE <= at <= each + AFTER for each in put_backs)


def is_at_the_hub(passed_over: Iterable[PassedOver], name: str, at: int) -> bool:
    """Return whether what an alarm says to be missing, first at `at` (ms), has the hub as its cause."""
    return name in MISSING and any(
        each.since - BEFORE <= at and (each.until is None or at <= each.until + AFTER) for each in passed_over
    )


def with_moments(own: Sequence[PassedOver], alarms: Iterable[tuple[str, str, int]], others: int) -> list[PassedOver]:
    """Return what was passed over of ours, and the other moments since which objects of several members are missing."""
    moments = of_one_moment(alarms, others)
    return [*own, *(each for each in moments if not is_at_the_hub(own, outcome.GAP, each.since))]


def of_one_moment(alarms: Iterable[tuple[str, str, int]], others: int) -> list[PassedOver]:
    """Return the moments since which objects of several members are missing, of (name, member, at) of open alarms.

    Several: two, and half of the `others`. A member can have only its own frames be missing.
    """
    needed, found = max(2, (others + 1) // 2), list[PassedOver]()
    recent, members = deque[tuple[int, str]](), Counter[str]()
    for at, member in sorted((at, member) for name, member, at in alarms if name in MISSING):
        recent.append((at, member))
        members[member] += 1
        while recent[0][0] < at - TOGETHER:
            members.subtract([recent.popleft()[1]])
            members += Counter()  # without those of which none is left
        if len(members) < needed:
            continue
        first, known = recent[0][0], frozenset(members)
        if found and first <= (found[-1].until or 0):
            before = found.pop()
            first, known = before.since, known | {*before.members}
        found.append(PassedOver("", first, at, 0, tuple(sorted(known))))
    return found
