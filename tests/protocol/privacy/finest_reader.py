"""What a reader has: the messages of one member in order, which numbers replace which, and which series are linked.

The reader knows what is published and the pattern of it. As long as no number that stands again is another one, all
tables are about one world. A table that changes a number opens a new world, of its own numbers and of the earlier ones
that can still stand beside them. A hidden number that did not change is one unknown in both.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from protocol.privacy.finest import Box, node_of, other_but
from protocol.privacy.finest_places import CLOSED

OPEN: Final = ("CLEAR", "GREEN")
Triple = tuple[str, str, str]
"""Indicator, unit, date basis."""


@dataclass(frozen=True)
class Facts:
    """Which series are of the same people, as a test declares it; without facts, every series counts others.

    `roles`: indicators whose places of every role are breakdowns of the people detected in the country. `nationality`:
    a country of origin is the citizenship. `same`: series that count the same people as another. `within`: series that
    count some of another's, in every finest cell at most as many. `others`: `other` is whatever its table does not
    list. `bodies`: all that count anybody, so that the last one counts whoever the others do not. `closed`: everybody
    of a region is in one of its provinces, where the standard lists them all. `is_supposed`: `others` is not declared,
    but one of the ways in which a reader takes the code.
    """

    roles: frozenset[str] = frozenset()
    nationality: bool = False
    same: tuple[tuple[Triple, Triple], ...] = ()
    within: tuple[tuple[Triple, Triple], ...] = ()
    others: bool = False
    bodies: tuple[str, ...] = ()
    closed: bool = False
    is_supposed: bool = False


UNLINKED: Final = Facts()
VICTIMS: Final = ("detected-victims", "persons", "detection")
LINKED: Final = Facts(
    roles=frozenset({"detected-victims", "presumed-victims", "repatriated", "assisted"}),
    nationality=True,
    same=((("detected-victims", "persons", "registration"), VICTIMS),),
    within=(
        (("detected-victims", "cases", "detection"), VICTIMS),
        (VICTIMS, ("presumed-victims", "persons", "detection")),
    ),
)


@dataclass(frozen=True)
class Seen:
    """A message as its readers have it, with the true values of its observations, which they have not."""

    message: dict[str, Any]
    truth: Sequence[int | None]
    k: int = 0

    @property
    def open(self) -> bool:
        """CLEAR or GREEN."""
        return self.message["tlp"] in OPEN

    @property
    def least(self) -> int:
        """The smallest count that it shows."""
        return self.k or (10 if self.open else 5)


class Row(NamedTuple):
    """One number of a world: what it is about, its true value, the same where it is shown; k of who hid it.

    `small_k`: the k under which it was hidden as small, where its k is another one; else 0.
    """

    box: Box
    true: int | None
    shown: bool
    k: int
    small_k: int = 0

    @property
    def number(self) -> tuple[Box, int | None]:
        """The same cell with the same value is the same number in every world."""
        return self.box, self.true

    @property
    def end(self) -> int | None:
        """What a reader who knows which cells are small knows it to be less than, if it is one that is hidden."""
        k = self.small_k or self.k
        return k if not self.shown and self.true is not None and self.true < k else None

    def again(self, other: "Row", of_two: Callable[[int, int], int]) -> "Row":
        """One number for two rows that both hide it, or both show it, each with its own k."""
        ends = [each.end for each in (self, other) if each.end is not None]
        return self._replace(k=of_two(self.k, other.k), small_k=of_two(ends[0], ends[-1]) if ends else 0)


@dataclass
class World:
    """The numbers that stand beside one another at one time; `of_two`: which k counts of two of one hidden number."""

    rows: dict[Box, Row] = field(default_factory=dict)
    of_two: Callable[[int, int], int] = max

    def changed_by(self, rows: Iterable[Row]) -> list[Box]:
        """The boxes whose number is another one in `rows`."""
        return [row.box for row in rows if row.box in self.rows and self.rows[row.box].true != row.true]

    def with_(self, rows: Iterable[Row], without: Iterable[Box] = ()) -> "World":
        """This one with further numbers; what is shown once is shown."""
        gone = set(without)
        found = {box: row for box, row in self.rows.items() if box not in gone}
        for row in rows:
            before = found.get(row.box)
            if before is not None and before.true == row.true and before.shown == row.shown:
                found[row.box] = row.again(before, self.of_two)
            elif before is not None and before.true == row.true:
                found[row.box] = row._replace(shown=True, k=before.k if row.shown else row.k)
            else:
                found[row.box] = row
        return World(found, self.of_two)


def rows_of(seen: Seen, facts: Facts) -> dict[tuple[str, str], list[Row]]:
    """The numbers of a message, by what can stand in one sum: a population, with those it is linked to, and a year."""
    found: dict[tuple[str, str], list[Row]] = {}
    for observation, true in zip(seen.message["obs"], seen.truth, strict=True):
        if observation["status"] == "M":
            continue
        box, year = box_of(seen.message, observation, facts)
        shown = observation["value"] is not None
        value = observation["value"] if shown else true
        found.setdefault((population(box.people, facts), year), []).append(Row(box, value, shown, seen.least))
    return found


def box_of(message: dict[str, Any], observation: dict[str, Any], facts: Facts) -> tuple[Box, str]:
    """What an observation is about, and its year."""
    nodes = node_of(observation)
    if facts.others:
        lumps = [tree for tree, node in nodes.items() if node == "other"]
        nodes |= {tree: other_but(each["dims"][tree] for each in message["obs"]) for tree in lumps}
    member, where = message["issuer"]["member"], observation["place"]
    role, country = where["role"], where["country"]
    triple = (message["indicator"], message["unit"], message["date_basis"])
    triple = dict(facts.same).get(triple, triple)
    people = "|".join((message["status"], *triple))
    linked = triple[0] in facts.roles
    if not linked or (role == "detection" and country != member):
        people = f"{people}|{role} {country}"
    node = "/".join(
        filter(None, (country, where.get("admin1") or ("" if "locode" not in where else " "), where.get("locode")))
    )
    node = node.replace(" ", "")
    whole = node == country and (not linked or (role == "detection" and country == member))
    if facts.nationality and "citizenship" in nodes:
        nodes["nation"] = nodes.pop("citizenship")
    if not whole:
        by_role = f"{role}{CLOSED}" if facts.closed else f"{role}@"
        tree = "nation" if role == "origin" and facts.nationality and linked else by_role
        if nodes.get(tree, node) != node:  # of these citizens, those of that origin: both are known
            tree = by_role
        nodes[tree] = node
    if message["coverage"]["scope"] == "agency":
        nodes["body@"] = _body(message["issuer"]["body"], facts)
    return Box(people, frozenset(nodes.items())), observation["period"][:4]


def _body(name: str, facts: Facts) -> str:
    """The node of one body's records, which are a part of the country's."""
    return other_but(facts.bodies[:-1]) if name in facts.bodies[-1:] else name


def population(people: str, facts: Facts) -> str:
    """One name for all series that are linked by inequality."""
    realm, *rest = people.split("|")
    triple, where = (rest[0], rest[1], rest[2]), rest[3:]
    for _ in facts.within:
        triple = dict(facts.within).get(triple, triple)
    return "|".join((realm, *triple, *where))


def above(people: str, facts: Facts) -> str | None:
    """The series of which these people are a part."""
    realm, *rest = people.split("|")
    whole = dict(facts.within).get((rest[0], rest[1], rest[2]))
    return None if whole is None else "|".join((realm, *whole, *rest[3:]))


def ways(history: Iterable[Seen]) -> list[str]:
    """The ways to take the denominators of a history: as nothing, and then as the number of some people."""
    with_whole = [seen.message for seen in history if seen.message.get("denominator")]
    trees = sorted({tree for message in with_whole for tree in message.get("dims", ())})
    return [
        "",
        *(["total", "known"] if with_whole else []),
        *(f"{way} {tree}" for tree in trees for way in ("known", "of")),
    ]


def denominator(seen: Seen, facts: Facts, way: str) -> Row | None:
    """The denominator as a reader takes it, unless the message itself says that it is not that number.

    `total`: all of the period and place that the whole table is of; `known`: of these, those of whom every breakdown
    is known, or that of one tree; `of TREE`: those of the code that all cells have. One that the message has as the
    number of such a cell is that in every way.
    """
    whole, bare = seen.message.get("denominator"), _bare(seen.message)
    if not way or not whole or bare is None:
        return None
    trees = seen.message.get("dims", ())
    named = {
        box_of(seen.message, observation, facts)[0]: true
        for observation, true in zip(seen.message["obs"], seen.truth, strict=True)
    }
    codes = [box_of(seen.message, bare | {"dims": dims}, facts)[0] for dims in ({}, *_common(seen.message, trees))]
    for box in codes:
        if named.get(box) == whole:
            return Row(box, whole, True, seen.least)
    word, _, tree = way.partition(" ")
    own = dict(zip(("", *trees), codes, strict=True))
    box = own[tree if word == "of" and tree in own and named.get(own[tree]) is None else ""]
    if word == "known":
        known = trees if not tree else [tree] if tree in trees else []
        box = Box(box.people, box.nodes | {(each, other_but(())) for each in known})
    return None if named.get(box) is not None else Row(box, whole, True, seen.least)


def _common(message: dict[str, Any], trees: Iterable[str]) -> Iterable[dict[str, str]]:
    """For each tree the code that all cells have, if they have one."""
    for tree in trees:
        codes = {each["dims"].get(tree, "total") for each in message["obs"]}
        yield {tree: codes.pop()} if len(codes) == 1 else {}


def denominator_of(seen: Seen, facts: Facts) -> tuple[Box, int] | None:
    """The denominator beside the people of the period and place that the table is of, whatever it counts of them."""
    whole, bare = seen.message.get("denominator"), _bare(seen.message)
    return None if not whole or bare is None else (box_of(seen.message, bare, facts)[0], whole)


def denominators_of_others(seen: Seen, facts: Facts) -> Iterable[Row]:
    """The denominator as a number of the people that some other table counts, whose name is still to be put in.

    All of the period and place of the table, those of a code that all its cells have, and those known in a breakdown.
    """
    whole, bare = seen.message.get("denominator"), _bare(seen.message)
    if whole and bare is not None:
        trees = seen.message.get("dims", ())
        boxes = [box_of(seen.message, bare | {"dims": dims}, facts)[0] for dims in ({}, *_common(seen.message, trees))]
        boxes += [Box(boxes[0].people, boxes[0].nodes | {(tree, other_but(()))}) for tree in trees]
        yield from (Row(box, whole, True, seen.least) for box in boxes)


def year_of(seen: Seen) -> str:
    """The year of the table of a message."""
    return str(seen.message["obs"][0]["period"][:4])


def _bare(message: dict[str, Any]) -> dict[str, Any] | None:
    """An observation of all people of the one period and place that a table is of, or of its year and country."""
    locations = [each["place"] for each in message["obs"]]
    periods = {each["period"] for each in message["obs"]}
    if len({(each["role"], each["country"]) for each in locations}) > 1 or len({each[:4] for each in periods}) > 1:
        return None
    where = {name: locations[0][name] for name in ("role", "country")}
    for name in ("admin1", "locode"):
        if len({each.get(name) for each in locations}) == 1 and name in locations[0]:
            where[name] = locations[0][name]
    period = periods.pop() if len(periods) == 1 else periods.pop()[:4]
    return {"period": period, "place": where, "dims": {}, "value": None, "status": "A"}
