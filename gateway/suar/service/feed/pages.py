"""A page of the feed: built once for all who read the same, and sent to each with a mark of its reader.

Agencies with one selection and equal registrations, at the same position, get the same page. It is kept for less than a
second, and only while nothing is committed to the store: an alteration of the file is a commit too. In addition, each
destruction of a text clears the cache, like that of opened texts.
"""

from collections.abc import Hashable, Sequence
from functools import cached_property
from time import monotonic
from typing import Final, NamedTuple

from msgspec.structs import replace

from suar.protocol.base.limits import INTEGER_MAX
from suar.protocol.policy.restrictions import Reader
from suar.service.core.core import Core
from suar.service.feed.events import positioned
from suar.service.feed.positions import FeedPosition, FeedSelection, mark_of

SHARED: Final = 0.5
"""Seconds for which a page is shared."""
PIECE: Final = 32 * 1024
"""Bytes that are handed to a socket at once."""
NOTHING: Final = b":\n\n"
"""A comment: a sign of life."""


class Entry(NamedTuple):
    """One event for all who read the page. `sealed`: the position after it, without the mark."""

    sealed: bytes
    data: bytes
    is_exercise: bool
    reads: int | None  # the row number, if no program received this message of another member before
    about: tuple[str, int]  # id and revision
    has_text: bool  # it is no tombstone, expiry or withdrawal
    is_expiry: bool
    until: int = INTEGER_MAX  # of a withdrawal: an agency that was registered later (ms) never had the text


class Event(NamedTuple):
    """One message for one reader: the position after it, and a CloudEvents 1.0 document."""

    position: str
    data: bytes
    is_exercise: bool
    about: tuple[str, int]
    is_expiry: bool
    has_text: bool

    @property
    def positioned(self) -> bytes:
        """The document with the position after it, an extension attribute of CloudEvents."""
        return positioned(self.data, self.position)


class Piece(NamedTuple):
    """Return server-sent events (WHATWG HTML 9.2) up to the entry with this number, split where the mark belongs."""

    parts: Sequence[bytes]
    number: int


class SharedPage:
    """The next events, and the position after them, for all who read the same.

    `is_last`: nothing more is waiting. `now` (ms) is when the policy was applied, `until` the first moment at which its
    result may differ.
    """

    def __init__(
        self, entries: Sequence[Entry], position: FeedPosition, now: int, until: int, *, is_last: bool
    ) -> None:
        self.entries, self.position, self.is_last = entries, position, is_last
        self.now, self.until, self.read_at = now, until, monotonic()

    def is_good(self, now: int) -> bool:
        """Whether it may be shared at that moment (ms)."""
        is_fresh = monotonic() - self.read_at < SHARED and now < self.now + 1000 * SHARED
        return is_fresh and self.now <= now < self.until

    @property
    def size(self) -> int:
        """About how many bytes of memory it takes: each document is in it once, and once in the pieces."""
        return sum(2 * len(each.data) + 1024 for each in self.entries)

    def of_registered(self, since: int) -> "SharedPage":
        """What of it is for an agency that was registered then (ms): mostly all of it."""
        if all(since <= each.until for each in self.entries):
            return self
        kept = [each for each in self.entries if since <= each.until]
        return SharedPage(kept, self.position, self.now, self.until, is_last=self.is_last)

    @cached_property
    def texts(self) -> tuple[tuple[str, int], ...]:
        """What it has the text of."""
        return texts_of(self.entries)

    @cached_property
    def pieces(self) -> list[Piece]:
        """All of it as it is sent to those who follow, some events at once."""
        made, parts, open_, size = list[Piece](), list[bytes](), b"", 0
        for number, entry in enumerate(self.entries, 1):
            parts.append(open_ + b"id: ")
            name = b"event: exercise\n" if entry.is_exercise else b""  # no handler of plain messages gets it
            open_ = b"%s\n%sdata: %s\n\n" % (entry.sealed, name, entry.data)  # JSON has no line end inside
            size += len(open_)
            if size >= PIECE or number == len(self.entries):
                made.append(Piece((*parts, open_ + NOTHING), number))
                parts, open_, size = [], b"", 0
        return made


class Page:
    """A page for one reader."""

    def __init__(self, core: Core, selection: FeedSelection, shared: SharedPage) -> None:
        self.position, self.is_last, self.read_at = shared.position, shared.is_last, shared.read_at
        self._shared, self.entries = shared, shared.entries
        self.mark = mark_of(core, selection, shared.entries[0].sealed) if shared.entries else b""

    @property
    def pieces(self) -> Sequence[Piece]:
        """See SharedPage."""
        return self._shared.pieces

    @cached_property
    def events(self) -> list[Event]:
        """Each event with the position after it."""
        return [
            Event(self.position_after(each), each.data, each.is_exercise, each.about, each.is_expiry, each.has_text)
            for each in self.entries
        ]

    def position_after(self, entry: Entry) -> str:
        """The position after one of its events."""
        return (self.mark + entry.sealed).decode()

    def texts(self, count: int) -> tuple[tuple[str, int], ...]:
        """What its first events have the text of (id, revision)."""
        return self._shared.texts if count == len(self.entries) else texts_of(self.entries[:count])


def texts_of(entries: Sequence[Entry]) -> tuple[tuple[str, int], ...]:
    """What these have the text of (id, revision)."""
    return tuple(each.about for each in entries if each.has_text)


def key_of(view: Hashable, selection: FeedSelection, reader: Reader, position: FeedPosition, most: int) -> Hashable:
    """By what a page is found: what the store has, and all by which one reader is given other events than another."""
    return view, selection.messages, bool(selection.agency), replace(reader, now=0), position, most
