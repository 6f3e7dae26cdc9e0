"""Random histories of bodies: tables of single ones (coverage.scope agency) and of the country, in any order."""

import random
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from protocol.privacy.finest_reader import Facts, Seen
from protocol.privacy.histories import History
from protocol.privacy.people import People, grid, some_people

BODIES = ("police", "labour", "coast-guard")
SEXES = ["female", "male", "unknown"]


def of_body(name: str) -> dict[str, Any]:
    """What the table of one body says of itself."""
    return {
        "coverage": {"scope": "agency"},
        "issuer": {"member": "TH", "body": name, "sector": "statistics"},
    }


def facts_of(seen: Iterable[Seen], facts: Facts) -> Facts:
    """What readers know, who know of no body whose table never left."""
    left = {each.message["issuer"]["body"] for each in seen if each.message["coverage"]["scope"] == "agency"}
    return facts if left >= set(facts.bodies) else replace(facts, bodies=())


def bodies(rng: random.Random, k: int) -> History:
    """Three bodies that publish, and one that does not."""
    return _histories(rng, k, [*BODIES, "elsewhere"])


def all_bodies(rng: random.Random, k: int) -> History:
    """Three bodies that count everybody."""
    return _histories(rng, k, list(BODIES))


def _histories(rng: random.Random, k: int, names: list[str]) -> History:
    people = some_people(rng, {"sex": SEXES, "body": names}, rng.choice([6, 15, 40]))
    publishing = [*BODIES, ""]
    order = rng.sample(publishing, len(publishing)) + rng.choices(publishing, k=rng.randint(0, 1))
    for name in order:
        nodes = rng.choice([[], SEXES[:2], SEXES, SEXES[:1]])
        cells = grid({"sex": [*nodes, *(["total"] if rng.random() < 0.7 or not nodes else [])]})
        counts = {key: count for key, count in people.counts.items() if not name or key[1] == name}
        own = People(people.trees, counts)
        more = {"tlp": "GREEN" if k == 10 else "AMBER"} | (of_body(name) if name else {})
        yield own.table(cells, indicator="convicted", **more)


KINDS: dict[str, tuple[Callable[[random.Random, int], History], Facts]] = {
    "bodies": (bodies, Facts()), "all bodies": (all_bodies, Facts(bodies=BODIES)),
}  # fmt: skip
