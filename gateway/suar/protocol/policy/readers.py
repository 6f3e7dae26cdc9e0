"""Members as readers: their rights in the trust list, the readers of a message, and caches of decisions.

Every decision here is made by `decision.decide`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from suar.protocol.base.codelists import codes, listed
from suar.protocol.message.marking import ALL, Marking, marking_of
from suar.protocol.policy.decision import Decision, decide, may_read
from suar.protocol.policy.restrictions import ANY, Reader

if TYPE_CHECKING:
    from collections.abc import Sequence

    from suar.protocol.message.messages import Message
    from suar.protocol.trust.trustlist import Member, TrustList


def focal_point(code: str, member: Member | None, *, given_by: str, now: int = 0) -> Reader:
    """Return a member's focal point as a reader, by the trust list; `member` is None if it is not in the list.

    A member that left the list receives nothing, but may still read its own records of every kind ([P3]).
    """
    if member is None:
        return Reader(member=code, given_by=given_by, is_active=False, kinds=frozenset({ANY}), now=now)
    kinds = frozenset(member.read)
    return Reader(member=code, given_by=given_by, is_active=member.is_active, kinds=kinds, now=now)


def agencies(message: Message, code: str, member: Member) -> list[str]:
    """Return the sectors whose agencies the focal point of `member` may pass `message` on to, while it is valid."""
    marking, kinds = marking_of(message), frozenset(member.read)
    return [
        sector
        for sector in codes("sector")
        if decide(marking, Reader(member=code, given_by=code, standing="agency", kinds=kinds, sector=sector)).is_allowed
    ]


def is_public(message: Message) -> bool:
    """Whether the public may read a valid `message`: CLEAR, for all, and no label that excludes the public."""
    return may_read(message, Reader(member="", given_by="", standing="public", kinds=frozenset({ANY}))).is_allowed


def others(trust: TrustList, sender: str, message: Message) -> list[tuple[Member, Decision]]:
    """Return (member, whether `sender` may give it `message`) for every other member, in the list's order."""
    marking = marking_of(message)
    return [
        (member, decide(marking, focal_point(member.code, member, given_by=sender)))
        for member in trust.members
        if member.code != sender
    ]


def open_to(trust: TrustList, sender: str, kind: str, audience: tuple[str, ...] | str) -> list[str]:
    """Return the members to which `sender` may now give a message of `kind` for `audience`, in the list's order.

    TLP and labels were decided when the message was accepted and do not change. For a focal point that receives a
    message from its publisher, only status, kind and audience decide (a test checks it), so the strictest marking is
    used.
    """
    is_for_all = audience == ALL
    members = None if is_for_all else frozenset(audience)
    tlp = "AMBER+STRICT" if is_for_all else "RED"
    marking = Marking(kind, sender, "actual", tlp, listed("handling"), members)
    points = (focal_point(member.code, member, given_by=sender) for member in trust.members)
    return [point.member for point in points if point.member != sender and decide(marking, point).is_allowed]


def channels_for(trust: TrustList, sender: str, kind: str, audience: Sequence[str] | str) -> list[str]:
    """[E14] Return `all` if the audience is all and every member may read the kind; otherwise each member that may."""
    if audience != ALL:
        return open_to(trust, sender, kind, tuple(audience))
    readers = open_to(trust, sender, kind, ALL)
    return [ALL] if readers and set(readers) == trust.channel_members(sender, ALL) else readers


class AudienceCache:
    """The members to which one member may give a message, under one trust list.

    Each result is computed once, because publishing is a hot path.
    """

    def __init__(self, trust: TrustList, sender: str, size: int = 4096) -> None:
        self.trust, self.sender, self._size = trust, sender, size
        self._known: dict[object, list[tuple[Member, Decision]]] = {}

    def for_message(self, message: Any) -> list[tuple[Member, Decision]]:
        """Return `others` for a publication of the sender."""
        key = _decides(message)
        found = self._known.get(key)
        if found is None:
            _keep_small(self._known, self._size)
            found = self._known[key] = others(self.trust, self.sender, message)
        return found


class DecisionCache:
    """One focal point's decisions by the values that they depend on, for the receiving path: under 1 us a message."""

    def __init__(self, reader: Reader, size: int = 4096) -> None:
        self.reader, self._size = reader, size
        self._known: dict[object, Decision] = {}

    def may_read(self, message: Any) -> Decision:
        """Return `may_read` for a publication; a focal point's decision does not depend on the expiry ([P9])."""
        key = _decides(message)
        found = self._known.get(key)
        if found is None:
            _keep_small(self._known, self._size)
            found = self._known[key] = may_read(message, self.reader)
        return found


def _decides(message: Any) -> object:
    return type(message), message.id[:2], message.status, message.tlp, message.handling, message.audience


def _keep_small(known: dict[object, Any], size: int) -> None:
    if len(known) >= size:  # bounded: a sender can name any number of different audiences
        known.clear()
