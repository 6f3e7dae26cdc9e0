"""Histories in which some numbers contradict one another, and lists with `other` elsewhere in the same year and group.

What contradicts is a late registration, in any breakdown, indicator of the group, date basis or unit, for anybody or
for organisations only, or an `other` used as a code like the rest. The other tables are all right together.
"""

import random
from collections.abc import Iterator

from protocol.privacy.histories import History
from protocol.privacy.people import People, grid, some_people
from protocol.privacy.trends import CODES
from suar.protocol.message.kinds import Trend

PERIODS = ["2026-Q1", "2026-Q2", "2026-H2"]
ELSEWHERE: list[dict[str, str]] = [
    {}, {}, {"date_basis": "registration"}, {"indicator": "presumed-victims"}, {"tlp": "AMBER"},
]  # fmt: skip


def contradicted(rng: random.Random, k: int) -> History:
    """Two tables of the first quarter that contradict each other, before, between or after tables of one truth."""
    tree = rng.choice(["citizenship", "exploitation", "recruiter"])
    known = [code for code in CODES[tree][:5] if code not in ("other", "unknown")]
    ways = {tree: [*known[:3], "other", "unknown"], "sex": ["female", "male"], "period": PERIODS}
    people = some_people(rng, ways, rng.choice([1, 2, 2, 6]))
    many = {leaves: count + 9 * (leaves[0] in known) for leaves, count in people.counts.items()}
    people = People(people.trees, many)
    right = list(_right(rng, people, tree, known[:3], k))
    wrong = list(_wrong(rng, people, tree, known[:3]))
    at = rng.choice([0, 0, 1, len(right)])
    yield from [*right[:at], *wrong, *right[at:]]


def _right(rng: random.Random, people: People, tree: str, known: list[str], k: int) -> Iterator[Trend]:
    """A list of one half without its total, and tables from which the total follows, in any order."""
    listed = [*rng.sample(known, rng.randint(1, 2)), "other"]
    is_separate = rng.random() < 0.3  # `unknown` is in a message of its own
    own = people.lumped(tree, [*listed, "unknown"])
    lists = [[*listed], ["unknown"]] if is_separate else [[*listed, "unknown"]]
    halves = rng.choice([["2026-H2"], ["2026-H2"], ["2026-H1", "2026-H2"]])
    tables = [own.table(grid({tree: nodes, "period": halves}), **_tlp(k)) for nodes in lists]
    sexes = rng.choice([["total"], ["female", "male"], ["female", "male", "total"]])
    totals = rng.sample(["2026", "2026-H1", "2026-H2"], rng.randint(2, 3))
    tables.append(people.table(grid({"sex": sexes, "period": totals}), **_tlp(k)))
    if rng.random() < 0.5:
        tables.append(people.table(grid({"period": rng.sample(["2026", "2026-H1"], rng.randint(1, 2))}), **_tlp(k)))
    return iter(rng.sample(tables, len(tables)))


def _wrong(rng: random.Random, people: People, tree: str, known: list[str]) -> Iterator[Trend]:
    """Two tables of one quarter: of before and after late registrations, or with `other` as a code like the rest."""
    about = {"tlp": "GREEN", **rng.choice(ELSEWHERE)}
    quarter = {"period": ["2026-Q1"]}
    many = People(people.trees, {leaves: count + 4 for leaves, count in people.counts.items()})
    late = People(people.trees, {leaves: count + 3 for leaves, count in many.counts.items()})
    if rng.random() < 0.4:
        yield many.table(grid({tree: [*known[:2], "other"], **quarter}), **about)
        yield many.table(grid({tree: [known[0], "other"], **quarter}), **about)
    else:
        nodes = rng.choice([{"sex": ["total"]}, {tree: [*known[:1], "other", "unknown"]}])
        yield many.lumped(tree, [*known[:1], "unknown"]).table(grid({**nodes, **quarter}), **about)
        yield late.table(
            grid({"sex": rng.choice([["female", "male"], ["female", "male", "total"]]), **quarter}), **about
        )


def _tlp(k: int) -> dict[str, str]:
    return {"tlp": "GREEN" if k == 10 else "AMBER"}
