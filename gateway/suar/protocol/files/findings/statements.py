"""Statements of a proved file that contradict each other, and what times of it are compared with.

Pure.
"""

from collections.abc import Mapping
from typing import NamedTuple

from suar.protocol.base.instants import claimed_at
from suar.protocol.base.limits import CLOCK_TOLERANCE
from suar.protocol.files.proof import Proved, ProvedFrame
from suar.protocol.files.stamps import FRAME


class Statement(NamedTuple):
    """One of two statements: the `name` of its sentence (languages/evidence_words.py), and the values in it."""

    name: str
    values: Mapping[str, str | int]


class Contradiction(NamedTuple):
    """Two statements that contradict each other. `name` is a word for programs."""

    name: str
    first: Statement
    second: Statement


def is_before(first: int, second: int) -> bool:
    """Whether a time is before another by more than clocks may differ; in ms."""
    return first < second - CLOCK_TOLERANCE


def statement(name: str, **values: str | int) -> Statement:
    """Return the statement of that name with these values."""
    return Statement(name, values)


def sealed(frame: ProvedFrame) -> Statement:
    """Return when a frame says that it was sealed."""
    return Statement("says-sealed", {"frame": frame.hash.hex(), "at": claimed_at(frame.parsed.ts)})


def proved_by(proved: Proved, frame: ProvedFrame) -> tuple[int, Statement] | None:
    """Return by when a token proves the frame to exist (ms), and that statement; None without a token."""
    moment = proved.standing.moment(FRAME, frame.hash)
    if moment is None:
        return None
    return moment.latest, Statement("is-stamped", {"frame": frame.hash.hex(), "at": claimed_at(moment.latest + 999)})
