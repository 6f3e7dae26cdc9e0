"""Finds own objects to all that a hub did not return although it returned later ones: it passed over them.

What we send to all comes back to our INBOX in the order in which our own server stored it. After a hub's store was put
back to an older copy, its REGION repeats numbers that every INBOX had, and what it stores under these is dropped there:
ours and everybody else's. So what is missing of others at such a time is no sign against them. It rests on what we
sent and on what came back; nobody but the hub, our own server, or a holder of the key of our link can cause it.

In memory, on the event loop. Nothing is compared until one object returned after the start or after a new connection to
our own server, because an own server that was put back has the hub drop what it had.
"""

from collections import deque
from collections.abc import Collection, Iterable, Sequence
from itertools import takewhile
from typing import Final

from suar.observe.passed_over import BEFORE, PassedOver
from suar.protocol.base.link_names import HubLink

REMEMBERED: Final = 20_000
"""Objects of a link that have not returned; the oldest are forgotten."""
KEPT: Final = 16
OVERDUE: Final = 30_000
"""ms of an active source of the hub in which an object returns; the sources of a new hub process take ten seconds."""


class ReturnOrder:
    """The objects to all that each hub has yet to return, in the order in which they left."""

    def __init__(self, links: Sequence[HubLink]) -> None:
        self._sent: dict[HubLink, dict[str, int]] = {link: {} for link in links}  # id -> when (ms)
        self._has_begun: dict[HubLink, bool] = dict.fromkeys(links, False)
        self._active_since: dict[HubLink, int] = {}
        self._connection = -1
        self._found: deque[PassedOver] = deque(maxlen=KEPT)
        self._older: dict[str, None] = {}  # sealed before the start, until `passed_at_start` is known
        self.passed_at_start: int | None = None
        """How many objects that were sealed since the start did not return before the first such that did."""

    def expect(self, ids: Iterable[str], now: int, connection: int, older: Collection[str] = ()) -> None:
        """Record that these are published now, by this connection to the own server.

        `older`: those of them that were sealed before the start. They may have returned before, or may fill the
        numbers that an own server lost.
        """
        if self.passed_at_start is None:
            self._older.update(dict.fromkeys(older))
            while len(self._older) > REMEMBERED:
                del self._older[next(iter(self._older))]
        if connection != self._connection:
            self._connection = connection
            self._has_begun = dict.fromkeys(self._has_begun, False)
        new = dict.fromkeys(ids, now)
        for sent in self._sent.values():
            for id_ in new:
                sent.pop(id_, None)
            sent.update(new)
            while len(sent) > REMEMBERED:
                del sent[next(iter(sent))]

    def withdraw(self, ids: Iterable[str]) -> None:
        """Record that the own server had these already: they do not return again."""
        for id_ in ids:
            for sent in self._sent.values():
                sent.pop(id_, None)

    def record_return(self, link: HubLink, id_: str, now: int) -> bool:
        """Record, in the order of INBOX, that a hub returned an object.

        Returns whether this shows that the hub stores what we send since the start. An INBOX that was put back delivers
        objects from before it again.
        """
        sent = self._sent[link]
        if id_ not in sent:
            return False  # it returned before
        is_new = id_ not in self._older
        before = list(takewhile(lambda each: each != id_, sent))
        if self.passed_at_start is None and is_new:
            self.passed_at_start = sum(each not in self._older for each in before)
            self._older.clear()
        if before and self._has_begun[link]:
            self._add(PassedOver(link.entity, sent[before[0]], now, len(before)))
        for each in (*before, id_):
            del sent[each]
        self._has_begun[link] = True
        return is_new

    def _add(self, new: PassedOver) -> None:
        """Add what was passed over; soon after the last time, as a part of that."""
        last = self._found[-1] if self._found else None
        if last is not None and last.hub == new.hub and new.since <= (last.until or 0) + BEFORE:
            self._found[-1] = last._replace(until=new.until, objects=last.objects + new.objects)
        else:
            self._found.append(new)

    def passed_over(self, now: int, active: Iterable[HubLink]) -> tuple[PassedOver, ...]:
        """Return what was passed over, oldest first, with what is overdue from hubs whose source is active.

        Called every second.
        """
        self._active_since = {link: self._active_since.get(link, now) for link in active}
        overdue = []
        for link, active_since in self._active_since.items():
            sent = self._sent[link]
            since = next(iter(sent.values()), now)
            if self._has_begun[link] and now - max(since, active_since) > OVERDUE:
                overdue.append(PassedOver(link.entity, since, None, len(sent)))
        return (*self._found, *overdue)
