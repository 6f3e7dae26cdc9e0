"""Times of an exported audit log that contradict each other (docs/evidence.md, "The audit log").

Pure. Only what counts can contradict: the heads that count, and the lines up to the last of them. Anybody may have
written the others, so that their times say nothing against the member.
"""

from collections.abc import Sequence
from typing import NamedTuple

from suar.protocol.files.auditlog import SignedHead, dated_after, dated_before


class CountedLog(NamedTuple):
    """What counts of a verified log: the times (ms) of its lines up to the last head that counts, and these heads."""

    dates: Sequence[int]
    heads: Sequence[SignedHead]

    @property
    def times(self) -> list[str]:
        """Contradictions between the times in the log, as text, in the order of its lines."""
        found, heads = list[str](), dict[int, list[SignedHead]]()
        for head in self.heads:
            heads.setdefault(head.head, []).append(head)
        for n, at in enumerate(self.dates, 1):
            if n > 1:
                found += dated_before(f"line {n}", at, f"line {n - 1}", self.dates[n - 2])
            for head in heads.get(n, ()):
                found += dated_before(f"the head at line {n}", head.at, f"line {n}", at)
        return found

    def times_after(self, proved: int) -> list[str]:
        """Return what is dated after `proved` (ms), by when a time stamp proves the log to exist, as text."""
        found = [text for n, at in enumerate(self.dates, 1) for text in dated_after(f"line {n}", at, proved)]
        return found + [
            text for head in self.heads for text in dated_after(f"the head at line {head.head}", head.at, proved)
        ]
