"""People who were counted, each in one finest cell, and the tables that can be made of them."""

import random
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from protocol.privacy.finest import chain
from protocol.privacy.trends import of
from suar.protocol.message.kinds import Trend

Cell = dict[str, str]
"""A node for some trees: a code of a breakdown, `period` (`2026-Q1`), `admin1`, `locode`, and countries of roles."""


class People:
    """Counts by finest cell: one leaf of every tree in `trees`."""

    def __init__(self, trees: Sequence[str], counts: dict[tuple[str, ...], int]) -> None:
        self.trees, self.counts = tuple(trees), counts

    def number(self, cell: Cell) -> int:
        """How many are in a cell."""
        wanted = [(at, cell[tree]) for at, tree in enumerate(self.trees) if tree in cell]
        return sum(
            count for leaves, count in self.counts.items()
            if all(_inside(self.trees[at], leaves[at], node) for at, node in wanted)
        )  # fmt: skip

    def table(self, cells: Iterable[Cell], **about: Any) -> Trend:
        """A trend of these cells; `role`: whose places they are about (detection)."""
        role = about.pop("role", "detection")
        obs = []
        breakdowns: dict[str, None] = {}
        for cell in cells:
            obs.append(observation(cell, self.number(cell), role))
            breakdowns.update(dict.fromkeys(obs[-1]["dims"]))
        for each in obs:
            each["dims"] = {name: each["dims"].get(name, "total") for name in breakdowns}
        return of(obs, sorted(breakdowns), **about)

    def changed(self, rng: random.Random, k: int) -> "People":
        """As they are counted some time later: a few of the finest cells moved, some by little."""
        counts = dict(self.counts)
        for leaves in rng.sample(sorted(counts), min(2, len(counts))):
            counts[leaves] = max(0, counts[leaves] + rng.choice([k, 3 * k, -k, 1]))
        return People(self.trees, counts)

    def lumped(self, tree: str, listed: Iterable[str]) -> "People":
        """The same people with all but the listed leaves of a tree as `other`."""
        at, kept = self.trees.index(tree), set(listed)
        counts: dict[tuple[str, ...], int] = {}
        for leaves, count in self.counts.items():
            key = (*leaves[:at], leaves[at] if leaves[at] in kept else "other", *leaves[at + 1 :])
            counts[key] = counts.get(key, 0) + count
        return People(self.trees, counts)


def _inside(tree: str, leaf: str, node: str) -> bool:
    if tree == "period":
        _, _, part = node.partition("-")
        return not part or part in chain("period", leaf.partition("-")[2])
    return node in chain(tree, leaf)


def observation(cell: Cell, value: int | None, role: str = "detection") -> dict[str, Any]:
    """One observation of a message."""
    location = {"role": role, "country": cell.get(role, "TH")}
    location |= {name: cell[name] for name in ("admin1", "locode") if name in cell}
    dims = {tree: node for tree, node in cell.items() if tree not in ("period", "admin1", "locode", role)}
    return {
        "period": cell.get("period", "2026"), "place": location, "dims": dims, "value": value,
        "status": "M" if value is None else "A",
    }  # fmt: skip


def some_people(rng: random.Random, trees: Mapping[str, Sequence[str]], mean: float, zeros: float = 0.2) -> People:
    """Random counts in every combination of these leaves, most of them small."""
    keys: list[tuple[str, ...]] = [()]
    for leaves in trees.values():
        keys = [(*key, leaf) for key in keys for leaf in leaves]
    return People(list(trees), {key: 0 if rng.random() < zeros else int(rng.expovariate(1 / mean)) for key in keys})


def grid(ways: Mapping[str, Sequence[str]]) -> list[Cell]:
    """Every combination of these nodes; `total` is no node."""
    cells: list[Cell] = [{}]
    for tree, nodes in ways.items():
        cells = [{**cell, **({} if node == "total" else {tree: node})} for cell in cells for node in nodes]
    return cells
