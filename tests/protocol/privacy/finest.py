"""The finest cells: how every number of a trend is a sum of counts that nobody ever publishes.

Written from docs/messages.md and schemas/ alone; it knows nothing of suar.protocol.privacy. Each person counted has one
month, one finest place in each role, and one leaf of every breakdown: a code that is not divided further, `unknown`, or
one that nobody has listed. A number is about a box: one node of each tree, the whole tree where it names none. Finest
cells that lie in the same boxes are one unknown, so they are never written out one by one.
"""

import json
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from protocol.privacy.finest_places import CLOSED, REST, leaves_of, regions

SCHEMA: Final = Path(__file__).parents[3] / "schemas/v1/trend.schema.json"
BREAKDOWNS: Final = ("sex", "age", "citizenship", "exploitation", "industry", "means", "recruiter", "transport")
CHILDREN: Final = ("0-8", "9-17")
ADULTS: Final = ("18-20", "21-23", "24-26", "27-29", "30-38", "39-47", "48+")
ISIC: Final = {  # ISIC Rev.4: the first and the last division of each section
    "A": (1, 3), "B": (5, 9), "C": (10, 33), "D": (35, 35), "E": (36, 39), "F": (41, 43), "G": (45, 47), "H": (49, 53),
    "I": (55, 56), "J": (58, 63), "K": (64, 66), "L": (68, 68), "M": (69, 75), "N": (77, 82), "O": (84, 84),
    "P": (85, 85), "Q": (86, 88), "R": (90, 93), "S": (94, 96), "T": (97, 98), "U": (99, 99),
}  # fmt: skip

Node = str
Leaf = frozenset[Node]
"""A class of leaves: all nodes that are named somewhere and contain it."""


Taken = dict[str, frozenset[Leaf]]
"""A box that need not be published: the leaves that it takes of each tree that it narrows."""


class Box(NamedTuple):
    """What one number is about: `people` that are counted (a series), and a node of each tree that it narrows."""

    people: str
    nodes: frozenset[tuple[str, Node]]

    def words(self) -> str:
        """For a person to read."""
        return f"{self.people}: {', '.join(f'{tree} {node}' for tree, node in sorted(self.nodes)) or 'all'}"


@cache
def codes(name: str) -> tuple[str, ...]:
    """The codes of a breakdown in the schema of the message; none where a pattern stands there."""
    dims = json.loads(SCHEMA.read_text("utf-8"))["$defs"]["Dims"]["properties"]
    return tuple(code for code in dims[name].get("enum", ()) if code != "total")


BUT: Final = "other but "


def other_but(listed: Iterable[str]) -> Node:
    """The node of `other` in a table that lists these codes, where `other` is whatever its table does not list."""
    return BUT + " ".join(sorted({"unknown", *listed} - {"other", "total"}))


def _lumped(leaf: Leaf, used: Iterable[Node]) -> Leaf:
    """The leaf, in each such `other` that does not list it."""
    lumps = (node for node in used if node.startswith(BUT))
    return leaf | {node for node in lumps if leaf.isdisjoint(node.removeprefix(BUT).split())}


@cache
def chain(tree: str, node: Node) -> Leaf:
    """The node and all nodes that contain it."""
    found = {node}
    if tree == "age":
        found |= {"0-17"} if node in CHILDREN else {"18+"} if node in ADULTS else set()
    elif tree == "industry" and node.isdigit():
        found |= {letter for letter, (first, last) in ISIC.items() if first <= int(node) <= last}
    elif tree == "period" and node.isdigit():
        quarter = (int(node) + 2) // 3
        found |= {f"Q{quarter}", f"H{(quarter + 1) // 2}"}
    return frozenset(found)


def leaves(tree: str, used: Iterable[Node]) -> list[Leaf]:
    """Every leaf of a tree, as all nodes that contain it."""
    if "@" in tree or tree == "nation":
        return leaves_of(used, closed=tree.endswith(CLOSED))
    if tree == "period":
        return [chain(tree, f"{month:02}") for month in range(1, 13)]
    if tree == "industry":
        divisions = (f"{at:02}" for first, last in ISIC.values() for at in range(first, last + 1))
        return [chain(tree, division) for division in divisions] + [frozenset({REST})]
    listed = [code for code in codes(tree) if not (tree == "age" and code in ("0-17", "18+"))]
    rest = [] if "unknown" in listed else [frozenset({REST})]
    return [chain(tree, code) for code in listed] + rest


class Cut(NamedTuple):
    """Which boxes each unknown lies in, one bit a box; and which unknowns each further box holds or only touches."""

    unknowns: list[int]
    inside: list[list[int]]
    touched: list[list[int]]


def cut(boxes: Sequence[Box], further: Sequence[Taken] = ()) -> Cut:
    """All finest cells, those of identical membership in `boxes` as one.

    `further`: boxes that are not published.
    """
    trees = classes(boxes)
    bits = [dict(box.nodes) for box in boxes]
    found = {(1 << len(boxes) + len(further)) - 1}
    for tree, own in trees.items():
        masks = set()
        for leaf in own:
            mask = sum(1 << at for at, nodes in enumerate(bits) if tree not in nodes or nodes[tree] in leaf)
            masks.add(
                mask + sum(1 << len(boxes) + at for at, f in enumerate(further) if tree not in f or leaf in f[tree])
            )
        found = {one & mask for one in found for mask in masks}
    return _grouped(found, len(boxes), len(further))


def _grouped(found: set[int], boxes: int, further: int) -> Cut:
    whole: dict[int, int] = {}
    some: dict[int, int] = {}
    for mask in found:
        own, more = mask & ((1 << boxes) - 1), mask >> boxes
        whole[own] = whole.get(own, -1) & more
        some[own] = some.get(own, 0) | more
    unknowns = sorted(own for own in whole if own)
    inside = [[at for at, own in enumerate(unknowns) if whole[own] >> f & 1] for f in range(further)]
    touched = [[at for at, own in enumerate(unknowns) if some[own] >> f & 1] for f in range(further)]
    outside = some.get(0, 0)
    for f in range(further):
        if outside >> f & 1:  # some of it lies in no published number at all: nothing bounds it
            inside[f] = []
            touched[f] = []
    return Cut(unknowns, inside, touched)


def classes(boxes: Iterable[Box]) -> dict[str, list[Leaf]]:
    """The trees that some box narrows, each with its leaves by the named nodes that contain them."""
    used: dict[str, dict[Node, None]] = {}
    for box in boxes:
        for tree, node in sorted(box.nodes):
            used.setdefault(tree, {})[node] = None
    found = {}
    for tree, own in used.items():
        nodes = frozenset(own) | _levels(tree, own)
        found[tree] = sorted(
            {_lumped(leaf, own) & nodes for leaf in [*leaves(tree, own), *_open(tree, own)]}, key=sorted
        )
    return found


def _levels(tree: str, used: Iterable[Node]) -> frozenset[Node]:
    """Nodes of the levels that stand above the named ones or beside them: they can be named as well."""
    if "@" in tree or tree == "nation":
        return regions(used)
    if tree == "age":
        return frozenset({"0-17", "18+"})
    if tree == "period":
        finer = any(not node.startswith("H") for node in used)
        return frozenset({"H1", "H2"} | ({"Q1", "Q2", "Q3", "Q4"} if finer else set()))
    if tree == "industry":
        return frozenset(letter for node in used for letter in chain(tree, node) if letter in ISIC)
    return frozenset()


def _open(tree: str, used: Iterable[Node]) -> list[Leaf]:
    """The leaves of a list that is open: the countries that are named, and `unknown`, which no `other` contains."""
    named = [node for node in used if not node.startswith(BUT)]
    unknown = ["unknown"] if any(node.startswith(BUT) for node in used) else []
    return [chain(tree, node) for node in dict.fromkeys([*named, *unknown])] if tree == "citizenship" else []


def nameable(boxes: Sequence[Box], most: int) -> list[Taken]:
    """Cells that nobody published but that could be named beside `boxes`, and what the listed codes leave of a box.

    Combinations of the nodes named in each tree, of single leaves that no named node divides off, and of no node; at
    most `most`, those that differ from a box in one tree first.
    """
    trees = classes(boxes)
    named = {tree: _named(tree, own, boxes) for tree, own in trees.items()}
    rests = {tree: [leaf for leaf in own if frozenset({leaf}) not in named[tree]] for tree, own in trees.items()}
    taken = [
        {tree: frozenset(leaf for leaf in trees[tree] if node in leaf) for tree, node in box.nodes} for box in boxes
    ]
    known = {frozenset(each.items()) for each in taken}
    found: dict[frozenset[tuple[str, frozenset[Leaf]]], None] = {}
    for each in taken:
        for tree, own in rests.items():
            whole = each.get(tree, frozenset(trees[tree]))
            found |= {frozenset({**each, tree: frozenset({leaf})}.items()): None for leaf in own if leaf in whole}
    layer = taken
    for _ in range(3):
        following = []
        for each in layer:
            for changed in _neighbours(each, named):
                key = frozenset(changed.items())
                if key not in known and key not in found:
                    if len(found) >= most:
                        return [dict(one) for one in found]
                    found[key] = None
                    following.append(changed)
        layer = following
    return [dict(one) for one in found]


def _named(tree: str, own: list[Leaf], boxes: Iterable[Box]) -> list[frozenset[Leaf]]:
    """The cells of one tree that have a name: those of its nodes, and of single leaves of a list of codes."""
    nodes = sorted({node for leaf in own for node in leaf})
    found = [frozenset(leaf for leaf in own if node in leaf) for node in nodes]
    used = {node for box in boxes for name, node in box.nodes if name == tree}
    if "@" not in tree and tree != "nation":
        count: dict[Leaf, int] = {}
        for leaf in (_lumped(leaf, used) for leaf in leaves(tree, used)):
            count[leaf & frozenset(nodes)] = count.get(leaf & frozenset(nodes), 0) + (2 if REST in leaf else 1)
        found += [frozenset({leaf}) for leaf in own if count.get(leaf) == 1]
    return list(dict.fromkeys(found))


def _neighbours(each: Taken, ways: dict[str, list[frozenset[Leaf]]]) -> Iterable[Taken]:
    """A box with one tree narrowed in another way, or not at all."""
    for tree in each:
        yield {name: own for name, own in each.items() if name != tree}
        for way in ways[tree]:
            yield {**each, tree: way}
    for tree in set(ways) - set(each):
        for way in ways[tree]:
            yield {**each, tree: way}


def node_of(observation: dict[str, Any]) -> dict[str, Node]:
    """The nodes that an observation names, its place aside."""
    year, _, part = observation["period"].partition("-")
    named = {tree: code for tree, code in observation["dims"].items() if code != "total"}
    assert set(named) <= set(BREAKDOWNS), year
    return {**({"period": part} if part else {}), **named}
