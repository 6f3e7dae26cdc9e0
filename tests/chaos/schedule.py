"""What happens when: a pure function of the seed, so that every failure can be played again.

A fault has a target and a time to last; two faults overlap unless they would be one thing's. What is published, to
whom and when is drawn from the same seed.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from suar.protocol.base.link_names import LETTERS, TWO_HUBS

HUB: Final = "hub"
HUBS: Final = tuple(link.entity for link in TWO_HUBS)
SPACING: Final = 2.1  # seconds between two faults on average: 200 take seven minutes
SETTLED: Final = 0.55  # of the schedule: what takes minutes to heal by itself happens before


class Fault(NamedTuple):
    """`kind` at `target` from second `at` on for `lasts` seconds; `detail` is the kind's own."""

    at: float
    kind: str
    target: str
    lasts: float
    detail: str = ""

    @property
    def entity(self) -> str:
        """What two faults cannot share at one time."""
        return _KINDS[self.kind].entity(self.target)

    def __str__(self) -> str:
        return f"{self.at:6.1f} s {self.kind} {self.target} {self.lasts:.1f} s {self.detail}".rstrip()


class Item(NamedTuple):
    """One message to be published: a number of its sender, members or "all", exercise or not, urgent or not."""

    number: int
    audience: str | tuple[str, ...]
    exercise: bool
    urgent: bool


class Batch(NamedTuple):
    """What `code` publishes in one request at second `at`."""

    at: float
    code: str
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Schedule:
    """Everything that will be done."""

    seed: int
    codes: tuple[str, ...]
    lasts: float
    faults: tuple[Fault, ...]
    batches: tuple[Batch, ...]
    hubs: int = 1


class _Kind(NamedTuple):
    """How often, on what, how long (seconds), with which detail; `early`: it needs minutes to heal by itself."""

    weight: int
    place: str
    lasts: tuple[float, float]
    details: tuple[str, ...] = ("",)
    early: bool = False

    def entity(self, target: str) -> str:
        """The thing that the fault is about; a place in capitals is one thing for all."""
        return self.place if self.place.isupper() else f"{self.place} {target}"


_POINTS: Final = (
    "inbound.admitted", "inbound.committed", "inbound.acknowledged", "outbound.accepted", "outbound.queued",
    "outbound.sealed", "outbound.committed", "outbound.published",
)  # fmt: skip
_COMMITS: Final = ("inbound.admitted", "outbound.accepted", "outbound.sealed")  # inside a transaction
_NTH: Final = (1, 2, 5, 20)

_KINDS: Final = {
    "kill-gateway": _Kind(12, "gateway", (0.3, 5)),
    "kill-server": _Kind(10, "server", (0.3, 8)),
    "kill-hub": _Kind(4, "HUB", (0.3, 8)),
    "stop-gateway": _Kind(8, "gateway", (3, 20)),
    "stop-server": _Kind(7, "server", (3, 20)),
    "stop-hub": _Kind(4, "HUB", (3, 20)),
    "crash-point": _Kind(12, "gateway", (6, 12), tuple(f"{point}:{nth}" for point in _POINTS for nth in _NTH)),
    "full-point": _Kind(5, "gateway", (3, 8), tuple(f"{point}:{nth}:full" for point in _COMMITS for nth in _NTH)),
    "full-disk": _Kind(6, "gateway", (2, 8)),
    "reset-leaf": _Kind(5, "leaf", (0, 0)),
    "reset-bus": _Kind(5, "bus", (0, 0)),
    "half-open-leaf": _Kind(4, "leaf", (3, 10), ("near", "far")),
    "half-open-bus": _Kind(4, "bus", (3, 10), ("near", "far")),
    "half-open-hub": _Kind(1, "HUB", (9, 15), ("far",)),
    "hold-leaf": _Kind(5, "leaf", (2, 15)),
    "hold-bus": _Kind(5, "bus", (2, 15)),
    "lose-leaf": _Kind(4, "leaf", (1, 8)),
    "lose-bus": _Kind(4, "bus", (1, 8)),
    "refuse-leaf": _Kind(3, "leaf", (2, 10)),
    "delay-leaf": _Kind(4, "leaf", (3, 15), ("0.05", "0.2", "0.4")),
    "delay-bus": _Kind(4, "bus", (3, 15), ("0.05", "0.2", "0.4")),
    "clock-ahead": _Kind(2, "CLOCK", (3, 15), early=True),
    "clock-behind": _Kind(4, "CLOCK", (3, 15)),
    "trust-list": _Kind(6, "LIST", (0, 0)),
    "rotate-keys": _Kind(8, "rotation", (0, 0)),
    "withhold": _Kind(5, "WITHHOLD", (1, 4), early=True),
    "suspend": _Kind(0, "MEMBERSHIP", (6, 15)),
}  # fmt: skip
_OF_THE_HUB: Final = ("kill-hub", "stop-hub", "half-open-hub")
_OF_TWO_HUBS: Final = {"kill-hub": 20, "stop-hub": 20, "half-open-hub": 8, "withhold": 0}
"""Weights where there are two: one of them at a time. What one alone withholds lacks nowhere, so no gap shows it."""


def make(
    seed: int, codes: tuple[str, ...], faults: int, messages: int, *, short: bool = False, hubs: int = 1
) -> Schedule:
    """The schedule of a seed. `short`: nothing that takes minutes to heal by itself, no stop over 8 s."""
    lasts = faults * SPACING
    drawn = sorted(_faults(random.Random(f"faults {seed}"), codes, faults, lasts, short=short, hubs=hubs))
    batches = [
        batch
        for number, code in enumerate(codes)
        for batch in _batches(
            random.Random(f"messages {seed} {code}"), code, codes, _share(messages, number, len(codes)), lasts
        )
    ]
    return Schedule(seed, codes, lasts, tuple(drawn), tuple(sorted(batches)), hubs)


# -- faults


def _faults(
    rng: random.Random, codes: tuple[str, ...], count: int, lasts: float, *, short: bool, hubs: int
) -> Iterator[Fault]:
    """One suspension and return in the middle, the rest by weight, each on a thing that has no fault just then."""
    busy: dict[str, float] = {}
    suspended = Fault(lasts * rng.uniform(0.35, 0.5), "suspend", rng.choice(codes), rng.uniform(6, 10 if short else 15))
    yield suspended
    for number in range(count - 1):
        at = lasts * (number + rng.random()) / (count - 1)
        early = at < SETTLED * lasts and not short
        yield _one(rng, codes, at, busy, early=early, longest=8 if short else 20, hubs=hubs)


def _one(
    rng: random.Random, codes: tuple[str, ...], at: float, busy: dict[str, float], *, early: bool, longest: float,
    hubs: int,
) -> Fault:  # fmt: skip
    weights = {name: kind.weight for name, kind in _KINDS.items() if early or not kind.early}
    if hubs > 1:
        weights |= {name: weight for name, weight in _OF_TWO_HUBS.items() if name in weights}
    while True:
        name = rng.choices(list(weights), list(weights.values()))[0]
        kind = _KINDS[name]
        target = _target(rng, name, codes, hubs)
        detail = (
            rng.choice([code for code in codes if code != target]) if name == "withhold" else rng.choice(kind.details)
        )
        low, high = kind.lasts
        length = min(rng.triangular(low, high, low + (high - low) / 4), max(longest, low))
        fault = Fault(at, name, target, length, detail)
        if busy.get(fault.entity, 0.0) <= at:
            busy[fault.entity] = at + length
            return fault


def _target(rng: random.Random, name: str, codes: tuple[str, ...], hubs: int) -> str:
    """A hub, a member, or of two hubs a member's link to one."""
    if name in _OF_THE_HUB:
        return HUB if hubs == 1 else rng.choice(HUBS)
    code = rng.choice(codes)
    return f"{code}-{rng.choice(LETTERS)}" if hubs > 1 and _KINDS[name].place == "leaf" else code


# -- messages


def _share(messages: int, number: int, of: int) -> int:
    return messages * (number + 1) // of - messages * number // of


def _batches(rng: random.Random, code: str, codes: tuple[str, ...], count: int, lasts: float) -> Iterator[Batch]:
    sizes = list(_sizes(rng, count))
    times = sorted(rng.uniform(0, lasts) for _ in sizes)
    numbers = iter(range(count))
    others = [each for each in codes if each != code]
    for at, size in zip(times, sizes, strict=True):
        exercise = rng.random() < 0.1  # a request is in one realm
        items = tuple(Item(next(numbers), _audience(rng, others), exercise, rng.random() < 0.1) for _ in range(size))
        yield Batch(at, code, items)


def _sizes(rng: random.Random, left: int) -> Iterator[int]:
    """Persons send one, programs some, a catching-up program many."""
    draws: list[Callable[[], int]] = [lambda: 1, lambda: rng.randint(2, 20), lambda: rng.randint(50, 200)]
    while left:
        size = min(left, rng.choices(draws, (50, 35, 15))[0]())
        left -= size
        yield size


def _audience(rng: random.Random, others: list[str]) -> str | tuple[str, ...]:
    return "all" if rng.random() < 0.6 else tuple(sorted(rng.sample(others, rng.randint(1, 2))))
