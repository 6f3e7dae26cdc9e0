"""Finds a second server that links to the hub as a member: with its LINK_SEED, and with a certificate of the link.

The hub accepts both. Servers of different names are connected at the same time; of two with one name the hub ends the
older link, and each reconnects within a second, so the link is a new one at every check. Either is reported only when
it lasts: a link that breaks once is renewed once, and a half-open one of a server that returned under another name ends
within 30 s.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from suar.bus.wire import printable
from suar.federation.links.hub_links import key
from suar.federation.nats_permissions import LINKS
from suar.federation.watching.rounds import SourceState

ROUNDS: Final = 8  # successive rounds in which there are several links
RENEWED_ROUNDS: Final = 4  # successive rounds in which the link is a new one
SHOWN: Final = 4  # links named in a record
NAME: Final = 64  # characters of a server's name, which it chose itself


@dataclass(slots=True)
class _Seen:
    """The result of earlier rounds for one member's links."""

    numbers: frozenset[tuple[str, int]] = frozenset()
    several: int = 0
    renewed: int = 0
    is_reported: bool = False


@dataclass(slots=True)
class Links:
    """Compares the links of each member with those of earlier rounds."""

    _seen: dict[str, _Seen] = field(default_factory=dict, init=False)

    def compare(self, member: str, links: Sequence[dict[str, Any]]) -> list[SourceState]:
        """Return a record while a second server links as the member, and one when that has ended."""
        seen = self._seen.setdefault(member, _Seen())
        numbers = frozenset(map(key, links))
        seen.several = seen.several + 1 if len(numbers) > 1 else 0
        if numbers:  # between two links there may be none
            seen.renewed = seen.renewed + 1 if seen.numbers and not numbers & seen.numbers else 0
            seen.numbers = numbers
        before, seen.is_reported = seen.is_reported, seen.several >= ROUNDS or seen.renewed >= RENEWED_ROUNDS
        if not (before or seen.is_reported):
            return []
        name = f"links of {member}"
        if seen.is_reported:
            return [SourceState(name, "second-link", 0.0, _words(seen, links))]
        return [SourceState(name, "healthy", 0.0)]


def _words(seen: _Seen, links: Sequence[dict[str, Any]]) -> str:
    named = ", ".join(
        f"{printable(str(link.get('name', '')).encode())[:NAME]} from {link.get('ip')}" for link in links[:SHOWN]
    )
    what = f"{len(links)} links at once" if seen.several >= ROUNDS else f"a new link at each of {seen.renewed} looks"
    if len(links) >= LINKS:
        what += ", all that a member may have, so its own server cannot link again"
    return f"{what}: {named}; a second server has the member's LINK_SEED, see keys/playbooks/COMPROMISE.md"
