"""The policy at this gateway: who reads here, whom our messages are open to, and what we may not read of what came.

Every answer is `suar.protocol.policy`'s; what depends on the trust list alone is kept as long as that list stands.
"""

from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any

from suar.protocol.dispatch import channels_for
from suar.protocol.kinds import Publication
from suar.protocol.marking import head
from suar.protocol.policy import RULES, Decision, Reader, decide, may_read_tree
from suar.protocol.readers import Openings, Remembered, agencies, focal_point
from suar.protocol.trust import TrustList, TrustStore
from suar.protocol.world import World

Routes = Callable[[str, str | tuple[str, ...]], list[str]]
_ROUTES_MAX = 4096


class Readers:
    """What the hot paths ask, of one member's gateway."""

    def __init__(self, member: str) -> None:
        self.member = member
        self._openings: Openings | None = None
        self._routes: tuple[TrustList, Routes] | None = None
        self._own: tuple[TrustList | None, Remembered] | None = None

    def openings(self, trust: TrustList) -> Openings:
        """Whom our messages may be given to by `trust`."""
        if self._openings is None or self._openings.trust is not trust:
            self._openings = Openings(trust, self.member)
        return self._openings

    def routes(self, trust: TrustList) -> Routes:
        """[E14] The channels of a kind and an audience by `trust`."""
        if self._routes is None or self._routes[0] is not trust:
            self._routes = trust, lru_cache(_ROUTES_MAX)(partial(channels_for, trust, self.member))
        return self._routes[1]

    def may_read(self, trust: TrustStore, message: Publication) -> Decision:
        """Whether our own focal point may read a publication that came."""
        if self._own is None or self._own[0] is not trust.current:
            self._own = trust.current, Remembered(own(self.member, trust))
        return self._own[1].may_read(message)


def own(member: str, trust: TrustStore, now: int = 0) -> Reader:
    """Our focal point, reading at home: whoever holds a token of scope read."""
    return focal_point(member, trust.member(member), given_by=member, now=now)


def may_see(reader: Reader, kind: str, origin: str, realm: str, body: dict[str, Any] | None) -> Decision:
    """Whether `reader` may see a stored message; `body` None when it was destroyed and only its head is left."""
    return may_read_tree(body, reader) if body is not None else decide(head(kind, origin, realm), reader)


def preview(openings: Openings, world: World, message: Publication, now: int) -> list[dict[str, Any]]:
    """Who will be able to open `message`, every other member by name, with the rule that says so.

    `has_key` is False where the member has no valid key at this moment: it gets the message when it has one ([K7]).
    `agencies` are the sectors that its focal point may hand it to.
    """
    return [
        {
            "member": member.code, "name": member.name, "may_open": decision.allowed, "rule": decision.rule,
            "why": RULES[decision.rule].says,
            "has_key": world.bundles.newest_valid(member.code, world.trust, now) is not None,
            "agencies": agencies(message, member.code, member) if decision.allowed else [],
        }
        for member, decision in openings.of(message)
    ]  # fmt: skip
