"""Random histories of tables, one kind for each thing that a table can leave out; and a ledger that publishes them."""

import os
import random
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from msgspec.structs import replace

from protocol.privacy.finest_check import Leak, leaks
from protocol.privacy.finest_reader import LINKED, UNLINKED, Facts, Seen
from protocol.privacy.people import Cell, People, grid, some_people
from protocol.privacy.regional import regions
from protocol.privacy.trends import CODES, read, truth
from suar.protocol.message.kinds import Trend
from suar.protocol.privacy.counts.denominators import denominator_reasons
from suar.protocol.privacy.proof.ledger import Release, Released
from suar.protocol.privacy.tables.protecting import Protected, Unprotectable, protect

TABLES = 2_000 if os.environ.get("CI") else 200
"""How many random tables a run judges: .ci/run sets CI."""

History = Iterator[Trend]


class Ledger:
    """What one country has released, and the messages as its readers have them."""

    def __init__(self, facts: Facts = UNLINKED, *, waits: bool = False) -> None:
        """`waits`: what the gate holds for its denominator, or an earlier one, does not leave."""
        self.waits = waits
        self.held = 0
        self.released: Released = {}
        self.seen: list[Seen] = []
        self.refused: list[Unprotectable] = []
        self.protected: list[Protected] = []
        self.facts = facts

    @property
    def read(self) -> list[dict[str, Any]]:
        """The messages."""
        return [seen.message for seen in self.seen]

    def publish(self, table: Trend, k: int) -> Protected:
        """Publish a table, or raise Unprotectable."""
        protected = protect(table, k, self.released)
        self.protected.append(protected)
        for sheet, release in protected.releases.items():
            numbered = {"n": len(self.seen) + 1} if "n" in Release.__struct_fields__ else {}
            self.released.setdefault(sheet, []).append(replace(release, **numbered))
        self.seen.append(Seen(read(table, protected), truth(table), k))
        return protected

    def offer(self, table: Trend, k: int = 10) -> Protected | None:
        """Publish a table; None if it is refused, which must be said in a way that helps and tells nothing."""
        try:
            if self.waits and any(denominator_reasons(table, k, protect(table, k, self.released).obs, self.released)):
                self.held += 1
                return None
            return self.publish(table, k)
        except Unprotectable as error:
            refused = error
        assert has_advice(refused), refused.reasons
        assert is_true_of(refused, table, k), refused.reasons
        self.refused.append(refused)
        return None

    def leaks(self) -> list[Leak]:
        """What readers find out."""
        return leaks(self.seen, self.facts)

    def holds(self, k: int | None = None) -> bool:
        """Nobody finds out a count that is hidden or left out, whether or not the small ones are known to be small."""
        found = self.leaks()
        assert not found, found
        assert k is None or all(seen.k == k for seen in self.seen)
        return True


NUMERAL = re.compile(r"(?<![\w.+-])[0-9][0-9,]*(?![\w+-])")


def has_advice(refused: Unprotectable) -> bool:
    """Whether a refusal has reasons, each with its place and with advice, none of which asks for a false figure."""
    paths = ("$.obs", "$.denominator")
    named = all(r.code.startswith("E-PRIVACY-") and r.path.startswith(paths) and r.hint for r in refused.reasons)
    return bool(refused.reasons) and named and "leave it at" not in advice_of(refused)


AT = re.compile(r"\$\.obs\[(\d+)\]")


def is_true_of(refused: Unprotectable, table: Trend, k: int) -> bool:
    """Whether each reason calls a count of the table small where it is below k, and hidden where it is not."""
    for reason in refused.reasons:
        at = AT.fullmatch(reason.path)
        value = table.obs[int(at[1])].value if at else None
        is_small = value is not None and value < k
        if reason.message.startswith("a count below ") != (is_small and "computed" in reason.message):
            return False
        if at is None and "a hidden count" in reason.message and "which was released before" not in reason.message:
            return False
    return True


def advice_of(refused: Unprotectable) -> str:
    """All that the author is told to do."""
    return " ".join([refused.advice, *(reason.hint for reason in refused.reasons)])


def figures(refused: Unprotectable) -> set[int]:
    """The numbers in the advice that stand by themselves: not those in a code, a period or a place."""
    return {int(found.replace(",", "")) for found in NUMERAL.findall(advice_of(refused))}


# -- kinds of histories


def gaps(rng: random.Random, k: int) -> History:
    """A table with all margins in one to three dimensions, of which 15 % of the cells are left out."""
    ways = _dimensions(rng)
    people = some_people(rng, ways, rng.choice([4, 10, 30, 90]))
    cells = grid({tree: [*nodes, "total"] for tree, nodes in ways.items()})
    yield people.table([cell for cell in cells if rng.random() > 0.15] or cells, **_tlp(k))


def margins(rng: random.Random, k: int) -> History:
    """A table with any subset of its margins, down to the inner cells or one total alone."""
    ways = _dimensions(rng)
    people = some_people(rng, ways, rng.choice([4, 10, 30, 90]))
    cells = grid({tree: [*nodes, "total"] for tree, nodes in ways.items()})
    patterns = sorted({tuple(sorted(cell)) for cell in cells})
    kept = set(rng.sample(patterns, rng.randint(1, len(patterns))))
    denominator = {"denominator": people.number({})} if rng.random() < 0.2 else {}
    yield people.table([cell for cell in cells if tuple(sorted(cell)) in kept], **denominator, **_tlp(k))


AGES = {"0-17": ["0-8", "9-17"], "18+": ["18-20", "21-23", "24-26", "27-29", "30-38", "39-47", "48+"], "unknown": []}
INDUSTRIES = {"A": ["01", "02", "03"], "C": ["10", "11", "13"], "F": [], "G": []}


def levels(rng: random.Random, k: int) -> History:
    """Ages or industries with their bands or divisions, some levels of which are left out, in one table or in two."""
    tree, level = rng.choice([("age", AGES), ("industry", INDUSTRIES)])
    other = {"sex": ["female", "male"]} if rng.random() < 0.4 else {}
    finest = [node for above, parts in level.items() for node in parts or [above]]
    people = some_people(rng, {tree: finest, **other}, rng.choice([6, 15, 40]))
    nodes = ["total"] if rng.random() < 0.8 else []
    for above, parts in level.items():
        nodes += rng.choice([[above], parts, [above, *parts]])  # often the parts without what they add up to
    sexes = {name: [*codes, *(["total"] if rng.random() < 0.6 else [])] for name, codes in other.items()}
    mixed = rng.sample(nodes, len(nodes)) or [finest[0]]
    at = len(mixed) // 2 if rng.random() < 0.4 else 0
    for table in filter(None, (mixed[:at], mixed[at:])):
        yield people.table(grid({tree: table, **sexes}), **_tlp(k))


def overlapping(rng: random.Random, k: int) -> History:
    """One truth in three dimensions, told in two to four tables of fewer."""
    ways = {"age": CODES["age"][:2], "citizenship": CODES["citizenship"][:5], "sex": CODES["sex"][:2]}
    people = some_people(rng, ways, rng.choice([5, 20, 60]))
    wanted = [["age"], ["sex"], ["citizenship"], ["age", "sex"], ["citizenship", "sex"], ["age", "citizenship"]]
    for trees in rng.sample(wanted, rng.randint(2, 4)):
        cells = grid({tree: [*ways[tree], "total"] for tree in trees})
        yield people.table([cell for cell in cells if rng.random() > 0.15] or cells, **_tlp(rng.choice([k, 10])))


def revisions(rng: random.Random, k: int) -> History:
    """Two to four editions of a table, with or without margins; some numbers moved between them, some by little."""
    ways = _dimensions(rng, most=2)
    people = some_people(rng, ways, rng.choice([10, 30, 90]))
    some = {tree: [*nodes, *(["total"] if rng.random() < 0.7 else [])] for tree, nodes in ways.items()}
    for _ in range(rng.randint(2, 4)):
        cells = grid(some)
        yield people.table([cell for cell in cells if rng.random() > 0.1] or cells, **_tlp(k))
        people = people.changed(rng, k)


def mixed(rng: random.Random, k: int) -> History:
    """Two to four tables, some GREEN and some AMBER, so that a cell is hidden under two k; numbers may move between.

    They are editions of one table that leave out other cells, or lists of one breakdown.
    """
    orders = [(10, 5), (5, 10), (10, 5, 10), (k, 5, k), (5, 10, 10, 5), (10, 5, 5, 10)]
    tables = _mixed_lists if rng.random() < 0.5 else _mixed_editions
    yield from tables(rng, rng.choice(orders), rng.choice([0, 0.7]))


def _mixed_editions(rng: random.Random, order: Sequence[int], how_often: float) -> History:
    ways = _dimensions(rng, most=2)
    people = some_people(rng, ways, rng.choice([4, 10, 30]))
    cells = grid({tree: [*nodes, "total"] for tree, nodes in ways.items()})
    for own in order:
        yield people.table([cell for cell in cells if rng.random() > 0.25] or cells, **_tlp(own))
        people = people.changed(rng, own) if rng.random() < how_often else people


def _mixed_lists(rng: random.Random, order: Sequence[int], how_often: float) -> History:
    """`other` is a code like the rest in all of them, so no total is beside it."""
    tree = rng.choice(["citizenship", "exploitation", "sex", "recruiter"])
    own_codes = [code for code in CODES[tree][:6] if code != "other"]
    more = {"age": ["0-17", "18+"]} if rng.random() < 0.4 else {}
    people = some_people(rng, {tree: [*own_codes, "other"], **more}, rng.choice([5, 15, 50]))
    margins = {name: [*own, *(["total"] if rng.random() < 0.7 else [])] for name, own in more.items()}
    for own in order:
        listed = rng.sample(own_codes, rng.randint(1, len(own_codes)))
        nodes = [*listed, rng.choice(["other", "total"])]
        yield people.table(grid({tree: nodes, **margins}), **_tlp(own))
        people = people.changed(rng, own) if rng.random() < how_often else people


def periods(rng: random.Random, k: int) -> History:
    """Months, quarters, half-years and the year, some of each left out, in one to three tables."""
    months = [f"2026-{month:02}" for month in range(1, 13)]
    other = {"sex": ["female", "male"]} if rng.random() < 0.5 else {}
    people = some_people(rng, {"period": months, **other}, rng.choice([4, 12, 40]))
    parts = [["2026"], ["2026-H1", "2026-H2"], [f"2026-Q{at}" for at in range(1, 5)], months[:6], months[6:]]
    chosen = rng.sample(parts, rng.randint(2, 4))
    for table in _split(rng, [part for each in chosen for part in each if rng.random() > 0.15]):
        yield people.table(grid({"period": table, **{name: [*own, "total"] for name, own in other.items()}}), **_tlp(k))


def places(rng: random.Random, k: int) -> History:
    """A country, provinces and ports in them, some of each left out, in one to three tables."""
    ports = {"TH-20": ["THLCH", "THPYX"], "TH-90": ["THSGZ", "THHDY"], "TH-50": []}
    other = {"sex": ["female", "male"]} if rng.random() < 0.5 else {}
    where = [("", ""), *((admin1, town) for admin1 in ports for town in ["", *ports[admin1]])]
    people = some_people(
        rng, {"where": [f"{admin1}/{town}" for admin1, town in where], **other}, rng.choice([5, 15, 50])
    )
    cells: list[Cell] = [
        {},
        *({"admin1": admin1} for admin1 in ports),
        *({"admin1": admin1, "locode": town} for admin1, towns in ports.items() for town in towns),
    ]
    found = _Placed(people)
    for table in _split(rng, [cell for cell in cells if rng.random() > 0.2]):
        sexes = grid({name: [*own, "total"] for name, own in other.items()})
        yield found.table([{**cell, **sex} for cell in table for sex in sexes], **_tlp(k))


def lumped(rng: random.Random, k: int) -> History:
    """Two to four tables, each with an `other` of whatever it does not list, in any order of fineness.

    They are of one truth, or some numbers move between them; all have one k, or some are GREEN and some AMBER.
    """
    tree = rng.choice(["citizenship", "exploitation"])
    codes = [code for code in CODES[tree][:6] if code != "other"]
    more = {"sex": ["female", "male"]} if rng.random() < 0.4 else {}
    people = some_people(rng, {tree: [*codes, "other"], **more}, rng.choice([5, 15, 50]))
    margins = {name: [*own, *(["total"] if rng.random() < 0.7 else [])] for name, own in more.items()}
    every_k = rng.choice([(k,), (5, 10)])
    for _ in range(rng.randint(2, 4)):
        listed = rng.sample(codes, rng.randint(1, len(codes)))
        nodes = [*listed, *(["other"] if rng.random() < 0.8 else []), *(["total"] if rng.random() < 0.6 else [])]
        yield people.lumped(tree, listed).table(grid({tree: nodes, **margins}), **_tlp(rng.choice(every_k)))
        people = people.changed(rng, k) if rng.random() < 0.3 else people


def remainders(rng: random.Random, k: int) -> History:
    """One truth by the codes of one list with `other`, without their total, and by other breakdowns with it, in any
    order: the codes of that list, `unknown` among them or not, are everybody.
    """
    tree = rng.choice(["citizenship", "exploitation", "recruiter"])
    listed = rng.sample(CODES[tree][:5], rng.randint(1, 3))
    listed = [*(code for code in listed if code != "other"), "other", *(["unknown"] if rng.random() < 0.8 else [])]
    ways = {tree: [*listed, *(["unknown"] if rng.random() < 0.1 and "unknown" not in listed else [])]}
    when = {"period": ["2026-H1", "2026-H2"]} if rng.random() < 0.5 else {}
    people = some_people(rng, {**ways, "sex": ["female", "male"], **when}, rng.choice([2, 4, 12]))
    sexes = ["female", "male", "total"] if rng.random() < 0.5 else ["total"]
    year = ["2026"] if rng.random() < 0.4 else []
    tables = [
        grid({tree: listed, **({"period": when["period"][: rng.randint(1, 2)]} if when else {})}),
        grid({"sex": sexes, **({"period": [*when["period"][rng.randint(0, 1) :], *year]} if when else {})}),
    ]
    if when and rng.random() < 0.5:
        tables.append(grid({"period": rng.sample([*when["period"], "2026"], rng.randint(1, 2))}))
    for table in rng.sample(tables, len(tables)):
        yield people.table(table, **_tlp(k))


def codes(rng: random.Random, k: int) -> History:
    """One truth in two to four tables, each of any codes of a list of which `other` is one like the rest."""
    tree = rng.choice(["citizenship", "exploitation", "sex"])
    own = list(dict.fromkeys([*CODES[tree][:6], "other"]))
    more = {"age": ["0-17", "18+"]} if rng.random() < 0.3 else {}
    people = some_people(rng, {tree: own, **more}, rng.choice([5, 15, 50]))
    margins = {name: [*parts, *(["total"] if rng.random() < 0.6 else [])] for name, parts in more.items()}
    for _ in range(rng.randint(2, 4)):
        nodes = rng.sample(own, rng.randint(1, len(own)))
        if "other" not in nodes and rng.random() < 0.5:
            nodes.append("other")
        yield people.table(grid({tree: [*nodes, *(["total"] if rng.random() < 0.5 else [])], **margins}), **_tlp(k))


def linked(rng: random.Random, k: int) -> History:
    """The same people by detection, origin, citizenship, registered, beside their cases and all that are presumed.

    Or the repatriated by country of return.
    """
    countries = rng.sample(["MM", "LA", "KH", "VN"], rng.randint(2, 4))
    sexes = ["female", "male"]
    people = some_people(rng, {"nation": countries, "sex": sexes}, rng.choice([6, 20, 60]))
    more = {key: count + (rng.randint(0, 12) if rng.random() < 0.3 else 0) for key, count in people.counts.items()}
    fewer = {key: rng.choice([count, (count + 1) // 2]) for key, count in people.counts.items()}
    ways: list[tuple[str, dict[tuple[str, ...], int], dict[str, str]]]
    if rng.random() < 0.3:
        back = {"indicator": "repatriated"}
        ways = [("", people.counts, back), ("return", people.counts, back)]
    else:
        ways = [
            ("", people.counts, {}), ("origin", people.counts, {}), ("citizenship", people.counts, {}),
            ("", people.counts, {"date_basis": "registration"}), ("", more, {"indicator": "presumed-victims"}),
            ("citizenship", more, {"indicator": "presumed-victims"}), ("citizenship", fewer, {"unit": "cases"}),
        ]  # fmt: skip
    for tree, counts, about in rng.sample(ways, rng.randint(2, min(4, len(ways)))):
        shown = [country for country in countries if rng.random() > 0.15] or countries
        nodes = {"": [], "citizenship": [*shown, "total"]}.get(tree, shown)
        cells = grid({**({tree: nodes} if tree else {}), "sex": rng.choice([[*sexes, "total"], ["total"], sexes])})
        some = People([tree if one == "nation" else one for one in people.trees], counts)
        role = tree if tree in ("origin", "return") else "detection"
        yield some.table(cells, role=role, **about, **_tlp(k))


def denominators(rng: random.Random, k: int) -> History:
    """One truth, which may move, in two to four tables with denominators: the total, those whose breakdown is known,
    those of one code, what moved by little, or other people.
    """
    ways = {"sex": ["female", "male", "unknown"], "age": ["0-17", "18+", "unknown"]}
    people = some_people(rng, ways, rng.choice([6, 15, 40]))
    for _ in range(rng.randint(2, 4)):
        trees = rng.sample(list(ways), rng.choice([1, 1, 2]))
        nodes = {tree: rng.sample(ways[tree], rng.randint(1, 3)) for tree in trees}
        some = {tree: [*own, *(["total"] if rng.random() < 0.4 else [])] for tree, own in nodes.items()}
        base = rng.choice(
            [
                people.number({}), people.number({}), people.number({}) + rng.choice([-3, 1, 4]),
                people.number({}) - people.number({trees[0]: "unknown"}), people.number({trees[0]: nodes[trees[0]][0]}),
                people.number({}) * 12, 0,
            ]
        )  # fmt: skip
        yield people.table(grid(some), **({"denominator": base} if base >= k else {}), **_tlp(k))
        people = people.changed(rng, k) if rng.random() < 0.3 else people


def assisted_and_detected(rng: random.Random, k: int) -> History:
    """Two or three tables of the people detected, and of those of them who were assisted, in any order.

    The latter have a denominator: a number of the detected, or of others.
    """
    ways = {"sex": ["female", "male", "unknown"], "age": ["0-17", "18+", "unknown"]}
    people = some_people(rng, ways, rng.choice([6, 15, 40]))
    assisted = People(people.trees, {leaves: -(-2 * count // 3) for leaves, count in people.counts.items()})
    for indicator in rng.sample(["detected-victims", "detected-victims", "assisted", "assisted"], rng.randint(2, 3)):
        tree = rng.choice(list(ways))
        nodes = rng.sample(ways[tree], rng.randint(1, 3))
        counts = people if indicator == "detected-victims" else assisted
        base = rng.choice(
            [
                people.number({}), people.number({tree: nodes[0]}), people.number({"sex": "male"}),
                people.number({}) - people.number({tree: "unknown"}), people.number({}) * 12,
            ]
        )  # fmt: skip
        has = indicator == "assisted" and base >= k
        some = {tree: [*nodes, *(["total"] if rng.random() < 0.6 else [])]}
        yield counts.table(grid(some), indicator=indicator, **({"denominator": base} if has else {}), **_tlp(k))


KINDS: dict[str, tuple[Callable[[random.Random, int], History], Facts]] = {
    "gaps": (gaps, Facts()), "margins": (margins, Facts()), "levels": (levels, Facts()),
    "overlapping": (overlapping, Facts()), "revisions": (revisions, Facts()), "periods": (periods, Facts()),
    "places": (places, Facts()), "linked": (linked, LINKED), "lumped": (lumped, Facts(others=True)),
    "remainders": (remainders, Facts(others=True)), "codes": (codes, Facts()), "mixed": (mixed, Facts()),
    "denominators": (denominators, Facts()), "beside": (assisted_and_detected, Facts()),
    "regions": (regions, Facts()),
}  # fmt: skip


class _Placed(People):
    """People whose places are one tree of a subdivision and a town."""

    def __init__(self, people: People) -> None:
        super().__init__(people.trees, people.counts)

    def number(self, cell: Cell) -> int:
        """How many are in a cell."""
        location, at = f"{cell.get('admin1', '')}/{cell.get('locode', '')}", self.trees.index("where")
        inside = {key: count for key, count in self.counts.items() if key[at].startswith(location) or location == "/"}
        return People(self.trees, inside).number({name: node for name, node in cell.items() if name == "sex"})


def _dimensions(rng: random.Random, most: int = 3) -> dict[str, list[str]]:
    count = rng.choice([1, 2, 2, 2, 3][: most + 2])
    size = {1: 8, 2: 5, 3: 3}[count]
    return {
        name: CODES[name][: rng.randint(2, min(len(CODES[name]), size))]
        for name in sorted(rng.sample(list(CODES), count))
    }


def _tlp(k: int) -> dict[str, str]:
    return {"tlp": "GREEN" if k == 10 else "AMBER"}


def _split(rng: random.Random, items: list[Any]) -> list[list[Any]]:
    """In one to three lists, in random order."""
    count = rng.randint(1, 3)
    mixed = rng.sample(items, len(items))
    return [part for at in range(count) if (part := mixed[at::count])]
