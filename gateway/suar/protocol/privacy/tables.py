"""A trend table as it may leave: small counts hidden, and what would let a reader compute them (docs/privacy.md).

`protect` is all that a caller needs: it takes a trend as its publisher wrote it and what this country released before,
and gives the observations as they leave, or says why the table cannot leave and which dimension to coarsen.
"""

from collections.abc import Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from suar.protocol.kinds import Observation, Trend
from suar.protocol.privacy import advice
from suar.protocol.privacy.advice import Unprotectable
from suar.protocol.privacy.cells import Sheet, cell_of, sheet_of
from suar.protocol.privacy.draws import PUBLIC, Draw
from suar.protocol.privacy.families import families
from suar.protocol.privacy.knowledge import Knowledge, gather, loosened
from suar.protocol.privacy.ledger import SHOWN, SUPPRESSED, Fact, Number, Release, Released
from suar.protocol.privacy.limits import OPEN, Gate, k_for
from suar.protocol.privacy.suppression import WORK_MAX, Bare, Contradiction, Suppression

__all__ = ["Protected", "Released", "Unprotectable", "as_read", "families", "protect", "sheets"]


class Protected(Struct, frozen=True):
    """A table that may leave.

    `obs`: the observations as they leave, in their order. `primary`: cells hidden for their own count; `given`: those
    that the publisher had hidden (status S); `complementary`: the further ones. `releases` goes to the ledger in the
    transaction of the message.
    """

    obs: tuple[Observation, ...]
    primary: int
    given: int
    complementary: int
    releases: dict[Sheet, Release]

    @property
    def suppressed(self) -> int:
        """How many cells of the message carry the mark S."""
        return self.primary + self.given + self.complementary


def sheets(trend: Trend) -> list[Sheet]:
    """What to ask the ledger for."""
    return list(dict.fromkeys(sheet_of(trend, observation) for observation in trend.obs))


def as_read(trend: Trend, gate: Gate) -> dict[Sheet, Release]:
    """What a trend that has left released, as any reader knows it: true values of hidden cells are not in it."""
    facts: dict[Sheet, list[Fact]] = {}
    for observation in trend.obs:
        facts.setdefault(sheet_of(trend, observation), []).append(_fact(observation))
    k = k_for(trend.tlp, gate)
    return {sheet: Release(k, trend.tlp in OPEN, tuple(own)) for sheet, own in facts.items()}


def protect(trend: Trend, k: int, released: Released | None = None, draw: Draw = PUBLIC) -> Protected:
    """Hide what must not be read from `trend`, all of whose true values are given (or S, or M).

    `k`: the smallest count that is shown (limits.k_for). `released`: what this country released of these sheets before,
    earlier revisions of this message among it. `draw`: of this member (draws.py). Raises Unprotectable.
    """
    released = released or {}
    facts = [_fact(observation) for observation in trend.obs]
    of = [sheet_of(trend, observation) for observation in trend.obs]
    advice.refuse(advice.twice(facts, of))
    advice.refuse(advice.moved(facts, of, released, k))
    places: dict[Sheet, list[int]] = {}
    for at, sheet in enumerate(of):
        places.setdefault(sheet, []).append(at)
    hidden: set[int] = set()
    releases, work = {}, WORK_MAX
    for sheet, own in places.items():
        leaving, spent = _one_sheet(trend, [facts[at] for at in own], own, released.get(sheet, []), k, work)
        work -= spent
        hidden.update(at for at, fact in zip(own, leaving, strict=True) if fact.mark != facts[at].mark)
        releases[sheet] = Release(k, trend.tlp in OPEN, leaving)
    primary = sum((facts[at].value or 0) < k for at in hidden)
    given = sum(fact.mark == SUPPRESSED for fact in facts)
    return Protected(_leaving(trend, hidden), primary, given, len(hidden) - primary, releases)


def _fact(observation: Observation) -> Fact:
    mark = observation.status if observation.value is None else SHOWN
    return Fact(cell_of(observation), observation.value, mark)


def _leaving(trend: Trend, hidden: set[int]) -> tuple[Observation, ...]:
    return tuple(replace(item, value=None, status="S") if at in hidden else item for at, item in enumerate(trend.obs))


def _one_sheet(
    trend: Trend, facts: Sequence[Fact], places: Sequence[int], before: Sequence[Release], k: int, work: int
) -> tuple[tuple[Fact, ...], int]:
    """The facts of one sheet with their marks as they leave, and the work that took."""
    readers = list(_readers(trend, facts, before, k))
    try:
        hidden, spent = _hide(trend, facts, places, readers, k, work)
    except Contradiction:
        try:
            hidden, spent = _hide(trend, facts, places, [loosened(reader) for reader in readers], k, work)
        except Contradiction:
            raise Unprotectable((advice.contradiction(),)) from None
    marked = (f._replace(mark=SUPPRESSED) if f.mark == SHOWN and f.number in hidden else f for f in facts)
    return tuple(marked), spent


def _hide(
    trend: Trend, facts: Sequence[Fact], places: Sequence[int], readers: Sequence[Knowledge], k: int, work: int
) -> tuple[set[Number], int]:
    """The numbers that do not leave, and the work that took. Raises Unprotectable and Contradiction."""
    suppression = Suppression(readers, facts, k, work)
    try:
        suppression.run()
    except Bare as bare:
        hidden = suppression.hidden_numbers()
        if bare.number is None:
            raise Unprotectable((advice.too_large(trend, facts, hidden),)) from None
        raise Unprotectable((advice.bare(trend, facts, places, bare.number, k, hidden),)) from None
    return suppression.hidden_numbers(), suppression.work


def _readers(trend: Trend, facts: Sequence[Fact], before: Sequence[Release], k: int) -> Iterator[Knowledge]:
    """Who reads everything; and who reads what is open, if this is open and something was not."""
    is_open = trend.tlp in OPEN
    new = Release(k, is_open, tuple(facts))
    yield gather(before, new, k)
    if is_open and not all(release.open for release in before):
        yield gather([release for release in before if release.open], new, k)
