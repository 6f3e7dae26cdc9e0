"""The fewest further cells that protect a small table, by trying every set of them. No part of the gate."""

import itertools
import random
from collections.abc import Collection, Mapping

from protocol.privacy import finest_system
from protocol.privacy.finest import Box, cut
from protocol.privacy.finest_system import Sum, System, Target
from protocol.privacy.trends import C


def optimum(values: Mapping[C, int], dims: list[str], k: int) -> int:
    """The fewest cells beside the small ones whose hiding leaves nothing narrow: sets of one, two, three of them."""
    large = sorted(codes for codes, value in values.items() if value >= k)
    for count in range(len(large) + 1):
        for extra in itertools.combinations(large, count):
            if is_wide(values, dims, {codes for codes, value in values.items() if value < k} | set(extra), k):
                return count
    raise AssertionError


def is_wide(values: Mapping[C, int], dims: list[str], hidden: Collection[C], k: int) -> bool:
    """Whether every hidden cell's interval is at least k-1 wide for who knows which are small."""
    boxes = {
        codes: Box("all", frozenset((name, code) for name, code in zip(dims, codes, strict=True) if code != "total"))
        for codes in values
    }
    unknowns = cut(list(boxes.values())).unknowns
    own = {codes: [at for at, mask in enumerate(unknowns) if mask >> bit & 1] for bit, codes in enumerate(boxes)}
    sums = [Sum(own[codes], value, value) for codes, value in values.items() if codes not in hidden]
    sums += [Sum(own[codes], 0, k - 1) for codes in hidden if values[codes] < k]
    targets = [Target(own[codes], own[codes]) for codes in sorted(hidden, key=lambda codes: (values[codes], codes))]
    system = System(len(unknowns), sums, 100 + 2 * max(values.values(), default=0))
    return finest_system.is_wide(system, targets, [k - 1] * len(targets), random.Random(1))
