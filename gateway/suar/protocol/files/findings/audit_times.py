"""Times of the audit in a proved file that cannot be: what is dated after a token over it, and a head before a line.

Pure. `contradictions.py` names what is found here. A token over a head is one over all of its lines.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from suar.protocol.base.instants import claimed_at
from suar.protocol.base.limits import CLOCK_TOLERANCE
from suar.protocol.files.proof import Proved
from suar.protocol.files.proof_stamps import ProvedLine, ReportHead
from suar.protocol.files.stamps import HEAD, LINE

Words = tuple[str, Mapping[str, str | int]]
"""The name of a sentence (languages/evidence_words.py), and the values in it."""


class TimeFinding(NamedTuple):
    """Two statements of which one is dated after the other, and is not later than it; `name` is a word for programs."""

    name: str
    first: Words
    second: Words


def audit_times(proved: Proved) -> Iterator[TimeFinding]:
    """Yield each proved line and head that is dated after a token over it, and each line dated after its head."""
    head = proved.audit.head
    if head is not None and head.is_proved:
        yield from _of_head(proved, head)
    whole = proved.standing.moment(LINE, b"")  # of a token over the whole file, which is named for every line
    shown = set(proved.lines)
    for line, latest in _proved_by(proved).items():
        is_named = whole is not None and _is_after(line.at, whole.latest)
        if line in shown and not is_named and _is_after(line.at, latest):
            yield TimeFinding("line-after-token", _dated(line), _stamped(latest))


def _of_head(proved: Proved, head: ReportHead) -> Iterator[TimeFinding]:
    words: Words = "head-says", {"count": head.length, "member": proved.message.id[:2], "at": claimed_at(head.at)}
    for line in head.lines:
        if _is_after(line.at, head.at):
            yield TimeFinding("head-earlier", words, _dated(line))
    moment = proved.standing.moment(HEAD, head.digest)
    if moment is not None and _is_after(head.at, moment.latest):
        yield TimeFinding("head-after-token", words, _stamped(moment.latest))


def _proved_by(proved: Proved) -> dict[ProvedLine, int]:
    """Return by when (ms) a token over its tree, or over the head of its report, proves a line to exist."""
    standing, head = proved.standing, proved.audit.head
    found: dict[ProvedLine, int] = {}
    about = [(tree.line, standing.moment(LINE, tree.digest)) for tree in proved.audit.trees]
    if head is not None and head.is_proved:
        moment = standing.moment(HEAD, head.digest)
        about += [(line, moment) for line in head.lines]
    for line, moment in about:
        if moment is not None:
            found[line] = min(moment.latest, found.get(line, moment.latest))
    return found


def _is_after(at: int, latest: int) -> bool:
    """Whether a time is later than another by more than clocks may differ; in ms."""
    return at > latest + CLOCK_TOLERANCE


def _stamped(latest: int) -> Words:
    return "line-stamped", {"at": claimed_at(latest + 999)}


def _dated(one: ProvedLine) -> Words:
    return "line-says", {"n": one.n, "what": one.what, "who": one.who, "at": claimed_at(one.at)}
