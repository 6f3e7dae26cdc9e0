"""Commitments to the end of an audit log, which heartbeats carry to the other members (docs/evidence.md).

A commitment is a keyed hash of the number and hash of the newest line, under the salt of its day, so it says nothing to
who lacks the salt. A member that keeps commitments of another can later require the log and a salt: a log in which no
line gives the commitment is not the one of that time. The salt of a day gives those of all earlier days and of no later
one, so one commitment that opens shows that the salts of all days up to the given one are right.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, date, datetime
from functools import partial
from itertools import chain
from typing import Final, NamedTuple

import msgspec

from suar.protocol.base import limits
from suar.protocol.base.instants import instant
from suar.protocol.base.primitives import Secret, hash_, salted_hash
from suar.protocol.base.wire import UNREADABLE, encode
from suar.protocol.files import auditlog
from suar.protocol.files.auditlog import BrokenLog, read_json

MAGIC: Final = "suar-commitments/1"
LAST_DAY: Final = 65_535
"""The last day (since 1970-01-01 UTC) that has a salt, in the year 2149: all others follow from its own."""
UNOPENED_MAX: Final = 10  # commitments that are looked for in vain: each is compared with every line
_SALT: Final = "auditday"  # the label of the step from a salt to that of the day before
_COMMITMENT: Final = "auditend"
_TEXT: Final = re.compile(r"(\d{4}-\d{2}-\d{2}):([0-9a-f]{64})", re.ASCII)


class Title(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The first line of a file of commitments: whose they are and who kept them."""

    commitments: str
    federation: str
    member: str
    kept_by: str


class Commitment(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One of them: the time that the heartbeat's frame states, in milliseconds, and 32 bytes in hex."""

    at: int
    commitment: str


class DaySalt(NamedTuple):
    """The salt of a day, counted from 1970-01-01 UTC."""

    day: int
    salt: Secret

    @property
    def text(self) -> str:
        """As people hand it on: YYYY-MM-DD:HEX."""
        return f"{datetime.fromtimestamp(self.day * limits.DAY / limits.SECOND, UTC):%Y-%m-%d}:{self.salt.hex()}"


class Opened(NamedTuple):
    """What became of one commitment: `n` is the line that it was made for; None: no line of the log gives it."""

    at: int
    n: int | None


def day_of(at: int) -> int:
    """Return the day of a time in milliseconds."""
    return at // limits.DAY


def salt_of(last: DaySalt, day: int) -> DaySalt:
    """Return the salt of an earlier day, or of the same one. Raises ValueError for a later one."""
    if not 0 <= day <= last.day:
        raise ValueError(day)
    salt: bytes = last.salt
    for _ in range(last.day - day):
        salt = hash_(_SALT, salt)
    return DaySalt(day, Secret(salt))


def read_salt(text: str) -> DaySalt:
    """Return the salt that `DaySalt.text` wrote. Raises ValueError for any other text."""
    found = _TEXT.fullmatch(text.strip())
    day = (date.fromisoformat(found[1]) - date(1970, 1, 1)).days if found else -1
    if found is None or not 0 <= day <= LAST_DAY:
        raise ValueError("a salt is a day and 64 hexadecimal digits")
    return DaySalt(day, Secret(bytes.fromhex(found[2])))


def commit(salt: bytes, federation: str, member: str, at: int, n: int, digest: bytes) -> bytes:
    """Return the commitment to line `n` with this hash as the newest, in a heartbeat whose frame states `at`."""
    return salted_hash(_COMMITMENT, salt, encode([MAGIC, federation, member, at, n, digest]))


# -- a file of them

_title: Final = msgspec.json.Decoder(Title).decode
_entry: Final = msgspec.json.Decoder(Commitment).decode


def read(lines: Iterable[bytes]) -> tuple[Title, list[Commitment]]:
    """Return the content of a file of commitments. Raises BrokenLog for any other bytes."""
    stream = (line for line in lines if line.strip())
    try:
        title = read_json(_title, next(stream, b""))
        found = [read_json(_entry, line) for line in stream]
        if title.commitments != MAGIC or any(len(bytes.fromhex(each.commitment)) != 32 for each in found):
            raise ValueError
    except (*UNREADABLE, ValueError):
        raise BrokenLog(0, f"the file of commitments is not in the form of an exported one ({MAGIC})") from None
    return title, found


def judge(
    log: auditlog.Title, digests: Sequence[bytes], title: Title, kept: Sequence[Commitment], last: DaySalt
) -> list[Opened]:
    """Return what each commitment was made for, in order of time; those after the day of the salt are left out.

    `digests` are the hashes of all lines of the verified log, in order. No more commitments are examined after
    UNOPENED_MAX of which no line gives them. Raises BrokenLog for the commitments of another member.
    """
    if (title.federation, title.member) != (log.federation, log.member):
        raise BrokenLog(0, f"the commitments are of {title.member}, the log is of {log.member}")
    due = sorted((each for each in kept if 0 <= day_of(each.at) <= last.day), key=lambda each: each.at)
    salts = _salts({day_of(each.at) for each in due}, last)
    found, first, unopened = list[Opened](), 0, 0
    for each in due:
        expected, salt = bytes.fromhex(each.commitment), salts[day_of(each.at)]
        order = chain(range(first, len(digests)), range(first - 1, -1, -1))  # most often the same, or one soon after
        made = partial(commit, salt, log.federation, log.member, each.at)
        at = next((at for at in order if made(at + 1, digests[at]) == expected), None)
        found.append(Opened(each.at, None if at is None else at + 1))
        first, unopened = (first, unopened + 1) if at is None else (at, unopened)
        if unopened == UNOPENED_MAX:
            break
    return found


def _salts(days: Collection[int], last: DaySalt) -> dict[int, Secret]:
    found, step = {}, last
    for day in sorted(days, reverse=True):
        step = salt_of(step, day)
        found[day] = step.salt
    return found


def require(found: Sequence[Opened], title: Title) -> None:
    """Raise BrokenLog, which says what is shown, unless the log has a line for each commitment."""
    wrong = next((each for each in found if each.n is None), None)
    if wrong is None:
        return
    proved = next((each for each in reversed(found) if each.n is not None), None)
    text = f"no line is the one that {title.member} committed to at {instant(wrong.at)}, as {title.kept_by} kept it"
    if proved is None:
        raise BrokenLog(0, f"{text}; no other commitment opens with this salt, so it may be the wrong salt")
    raise BrokenLog(0, f"{text}; the salt is right: it opens that of {instant(proved.at)}, of line {proved.n}")
