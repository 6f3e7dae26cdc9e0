"""Protects the table of a trend: hides small counts and the numbers from which a reader could compute them.

`protect` is the only entry point (docs/privacy.md). Its input is a trend as submitted and the earlier releases of this
country. It returns the observations as sent, or raises Unprotectable with the reasons and the dimension to make
coarser.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from typing import TYPE_CHECKING

from msgspec import UNSET, Struct
from msgspec.structs import replace

from suar.protocol.base.reasons import Reason
from suar.protocol.message.kinds import Observation, Trend
from suar.protocol.privacy.limits import OPEN, Gate, k_for
from suar.protocol.privacy.proof.cells import Sheet, as_written, cell_of, sheet_of
from suar.protocol.privacy.proof.draws import PUBLIC, Draw
from suar.protocol.privacy.proof.families import families, family_of
from suar.protocol.privacy.proof.ledger import (
    BY_PUBLISHER,
    MOVED,
    SHOWN,
    SMALL,
    SUPPRESSED,
    Fact,
    Release,
    Released,
)
from suar.protocol.privacy.proof.reader import Key, OrderedReleases, Reader
from suar.protocol.privacy.tables import advice, denominators
from suar.protocol.privacy.tables.advice import Unprotectable
from suar.protocol.privacy.tables.implied import small_moves, with_moved
from suar.protocol.privacy.tables.remainders import hidden_too, is_rest
from suar.protocol.privacy.tables.shown import Cause, Hidden, Origins, Why

if TYPE_CHECKING:
    from suar.protocol.privacy.tables.readings import Reading

__all__ = [
    "Protected",
    "Released",
    "Unprotectable",
    "as_read",
    "families",
    "is_denominator_changed",
    "protect",
    "released_by",
    "sheets",
]  # fmt: skip


class Protected(Struct, frozen=True):
    """A table that can be sent.

    `obs`: the observations as sent, in their order. `primary`: the number of cells hidden for their own count.
    `by_publisher`: the number of cells that the publisher hid (status S). `complementary`: the number of other hidden
    cells. `hidden`: every hidden cell. `releases`: written to the ledger in the transaction of the message.
    """

    obs: tuple[Observation, ...]
    primary: int
    by_publisher: int
    complementary: int
    releases: dict[Sheet, Release]
    hidden: tuple[Hidden, ...] = ()

    @property
    def suppressed(self) -> int:
        """The number of cells of the message with status S."""
        return self.primary + self.by_publisher + self.complementary


def sheets(trend: Trend) -> list[Sheet]:
    """Return the sheets of a trend's cells."""
    return list(dict.fromkeys(sheet_of(trend, observation) for observation in trend.obs))


def is_denominator_changed(trend: Trend, released: Released) -> bool:
    """Whether the denominator of a trend differs from those of earlier tables of the same people."""
    new = _releases(trend, [_fact(observation) for observation in trend.obs], 0)
    return any(denominators.is_changed(release, released.get(sheet, ())) for sheet, release in new.items())


def as_read(trend: Trend, gate: Gate) -> dict[Sheet, Release]:
    """Return the releases of a sent trend without the true values of hidden cells, as every reader knows them."""
    return _releases(trend, [_fact(observation) for observation in trend.obs], k_for(trend.tlp, gate))


def released_by(trend: Trend, k: int, leaving: Sequence[Observation]) -> dict[Sheet, Release]:
    """Return the releases of a trend, with the true values of hidden cells. `leaving`: the observations as sent."""
    facts = [
        Fact(cell_of(item), item.value, SHOWN if out.value is not None else SUPPRESSED)
        for item, out in zip(trend.obs, leaving, strict=True)
    ]
    return _releases(trend, facts, k)


def protect(trend: Trend, k: int, released: Released | None = None, draw: Draw = PUBLIC) -> Protected:
    """Return the table as it can be sent. `trend`: with the true value, S or M in every cell. Raises Unprotectable.

    `k`: the smallest count that is shown (limits.k_for). `released`: the earlier releases of this country in the
    families of the trend, including earlier revisions of the message. `draw`: decides between equally suitable cells. A
    table that can only be sent without its denominator is refused with that reason.
    """
    before = released or {}
    if trend.denominator is UNSET or not trend.denominator:
        return _protect(trend, k, before, draw)
    try:
        advice.refuse(_denominator_reasons(trend, k, before))
        return _protect(trend, k, before, draw)
    except Unprotectable as error:
        _protect(replace(trend, denominator=UNSET), k, before, draw)
        if error.reasons[0].path == advice.DENOMINATOR:
            raise
        because = advice.ambiguous_denominator(trend) if error.is_unproved else advice.disclosing_denominator(trend)
        raise Unprotectable((because,)) from None


def _denominator_reasons(trend: Trend, k: int, released: Released) -> Iterator[Reason]:
    """Yield a reason if the denominator is ambiguous, implies a change below k, or is below a sum of figures."""
    for sheet, release in _releases(trend, [_fact(observation) for observation in trend.obs], k).items():
        before = released.get(sheet, ())
        if denominators.is_ambiguous(release):
            yield advice.ambiguous_denominator(trend)
        elif denominators.is_moved(sheet, release, before, k):
            yield advice.moved_denominator(trend, k)
        elif denominators.is_below(sheet, release, before, k):
            yield advice.denominator_below(trend)


def _protect(trend: Trend, k: int, released: Released, draw: Draw) -> Protected:
    facts = [_fact(observation) for observation in trend.obs]
    of = [sheet_of(trend, observation) for observation in trend.obs]
    advice.refuse(advice.duplicate_cells(facts, of))
    places = {(sheet, fact.cell): at for at, (sheet, fact) in enumerate(zip(of, facts, strict=True))}
    new = _releases(trend, facts, k)
    again, implied, rests = small_moves(trend, released, k)
    new = with_moved(new, again, implied)
    why: dict[int, str] = {}
    causes: dict[Key, Cause] = {}
    for family in families(trend):
        own = {sheet: release for sheet, release in new.items() if family_of(sheet) == family}
        earlier = _released_facts(released, family)
        found = _one_family(trend, own, earlier, k, draw, places, causes)
        why |= {places[key]: MOVED if key in again else reason for key, reason in found.items() if key in places}
    hidden = Why(list(zip(of, facts, strict=True)), why, causes, rests).hidden()
    left = [fact._replace(mark=SUPPRESSED) if at in why else fact for at, fact in enumerate(facts)]
    counts = {reason: sum(each.why == reason for each in hidden) for reason in (SMALL, BY_PUBLISHER)}
    rest = len(hidden) - counts[SMALL] - counts[BY_PUBLISHER]
    obs = _leaving(trend, {at for at, reason in why.items() if reason != BY_PUBLISHER})
    releases = with_moved(_releases(trend, left, k), set(), implied)
    return Protected(obs, counts[SMALL], counts[BY_PUBLISHER], rest, releases, hidden)


def _fact(observation: Observation) -> Fact:
    mark = observation.status if observation.value is None else SHOWN
    return Fact(cell_of(observation), observation.value, mark)


def _releases(trend: Trend, facts: Sequence[Fact], k: int) -> dict[Sheet, Release]:
    found: dict[Sheet, list[Fact]] = {}
    for observation, fact in zip(trend.obs, facts, strict=True):
        found.setdefault(sheet_of(trend, observation), []).append(fact)
    for own in found.values():
        own.extend(denominators.of_sheet(trend, [fact.cell for fact in own], is_alone=len(found) == 1))
    return {sheet: Release(k, trend.tlp in OPEN, tuple(own)) for sheet, own in found.items()}


def _leaving(trend: Trend, hidden: set[int]) -> tuple[Observation, ...]:
    return tuple(replace(item, value=None, status="S") if at in hidden else item for at, item in enumerate(trend.obs))


def _released_facts(released: Released, family: str) -> OrderedReleases:
    found = [
        (sheet, release) for sheet, releases in released.items() if family_of(sheet) == family for release in releases
    ]
    return sorted(found, key=lambda each: each[1].n)


def _one_family(
    trend: Trend, new: dict[Sheet, Release], earlier: OrderedReleases, k: int, draw: Draw, places: Mapping[Key, int],
    causes: dict[Key, Cause],
) -> dict[Key, str]:  # fmt: skip
    """Return the cells of one family that are sent as S, each with the reason. Raises Unprotectable.

    `causes` is added to: what determined a number that the cell protects.
    """
    from suar.protocol.privacy.proof.program import (  # loads numpy and the solver, which only tables need
        Budget,
        Spent,
    )
    from suar.protocol.privacy.proof.system import Contradiction, TooLarge
    from suar.protocol.privacy.tables.readings import Known, plausible, unseen
    from suar.protocol.privacy.tables.suppression import Suppression, UnprotectableCell, protected_alone

    found: dict[Key, str] = {}
    suppression = None
    rests = {(sheet, fact.cell) for sheet, release in new.items() for fact in release.facts if is_rest(fact.cell)}
    try:
        home, budget = trend.issuer.member, Budget()
        known: Known = {}
        every = plausible(home, new, earlier, k, known)
        left = list(every)
        while left:
            reading = left.pop(0)
            more: dict[Key, str] = {}
            readers = list(_readers(trend, reading, hidden_too(reading.new, found.keys()), k))
            for keys in reading.system.components():
                lone = protected_alone(keys, readers[0], reading.system)
                if lone is not None:
                    more |= {_as_written(key, rests): why for key, why in lone.items()}
                elif not keys.isdisjoint(readers[0].fresh):
                    suppression = Suppression([reader.only(keys) for reader in readers], k, draw, budget, home)
                    suppression.run()
                    more |= {_as_written(key, rests): suppression.why(key) for key in suppression.hidden}
                    origins = Origins(reading.earlier, reading.new)
                    for chosen, numbers in suppression.causes.items():
                        causes.setdefault(_as_written(chosen, rests), Cause(numbers, origins))
            if more.keys() - found.keys():  # the other readings were proved without these cells
                left = [each for each in every if each is not reading]
            found = more | found
            if not left:
                left = unseen(home, hidden_too(new, found.keys()), earlier, k, known, every)
                every += left
    except UnprotectableCell as error:
        hidden = found.keys() | {_as_written(each, rests) for each in (suppression.hidden if suppression else ())}
        key = None if error.key is None else _as_written(error.key, rests)
        at = places.get(key) if key and error.is_own else None
        is_moved = key is not None and (found.get(key) == MOVED or (suppression and error.key in suppression.moved))
        if at is not None and is_moved:
            raise Unprotectable((advice.moved_cell(trend, at, k),)) from None
        if at is not None and suppression and suppression.is_kept_hidden(error.key):
            raise Unprotectable((advice.kept_cell(trend, at),)) from None
        raise Unprotectable((advice.unprotectable_cell(trend, key, at, k, hidden),)) from None
    except (Spent, TooLarge):
        hidden = found.keys() | {_as_written(each, rests) for each in (suppression.hidden if suppression else ())}
        raise Unprotectable((advice.too_large(trend, hidden),), is_unproved=True) from None
    except Contradiction:
        raise Unprotectable((advice.contradiction(trend, earlier),)) from None
    return found


def _as_written(key: Key, rests: Set[Key]) -> Key:
    """Return the number as its message names it. `rests`: those that no message names (implied.py)."""
    sheet, cell = key
    written = as_written(cell)
    own = (sheet, cell._replace(admin1=written.admin1))
    return own if own in rests else (sheet, written)


def _readers(trend: Trend, reading: "Reading", new: dict[Sheet, Release], k: int) -> Iterator[Reader]:
    """Yield the modelled readers: of all messages, and of open messages if this one is open and an earlier one is not.

    Each is yielded twice if a number was hidden under several k. `new`: the new message as it was hidden so far.
    """
    earlier = reading.earlier
    opened = [each for each in earlier if each[1].is_open]
    for own in [earlier, opened] if trend.tlp in OPEN and len(opened) < len(earlier) else [earlier]:
        of_two: Callable[[int, int], int]
        for of_two in (min, max):
            reader = Reader(own, new, k, of_two, reading.bodies, is_one_list=reading.is_one_list)
            if of_two is min or reader.has_two_k:
                yield reader
