"""Commitments to the end of an audit log, which heartbeats carry to the other members (docs/evidence.md).

A commitment is a keyed hash of the number and hash of the newest line, under the salt of its day; without the salt it
reveals nothing. A member that keeps commitments of another one can later request the log and a salt: if no line yields
a commitment, the log was altered since. The salts of earlier days are computed from that of a day, those of later days
are not. Nobody signs a file of commitments: one that opens shows that who made it had the salt, and no more.
"""

import re
from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, date, datetime
from functools import partial
from itertools import chain
from typing import Final, NamedTuple

import msgspec

from suar.protocol.base import limits
from suar.protocol.base.instants import claimed_at
from suar.protocol.base.primitives import Secret, hash_, salted_hash
from suar.protocol.base.wire import UNREADABLE, encode
from suar.protocol.files import auditlog
from suar.protocol.files.auditlog import BrokenLog, read_json

MAGIC: Final = "suar-commitments/1"
LAST_DAY: Final = 65_535
"""The last day (since 1970-01-01 UTC) that has a salt, in the year 2149; all other salts are computed from it."""
UNOPENED_MAX: Final = 10  # unmatched commitments that are compared with every line; the others with those NEAR
FAR_MAX: Final = 50  # commitments that open only at a line far from their time
ROWS_MAX: Final = 2 * limits.COMMITMENT_HOURS  # of a file; a member keeps one an hour
FILE_MAX: Final = 4 * 1024 * 1024  # bytes of a file
NEAR: Final = 250  # lines before and after the time of a commitment
_SALT: Final = "auditday"  # label of the step from a salt to that of the day before
_COMMITMENT: Final = "auditend"
_TEXT: Final = re.compile(r"(\d{4}-\d{2}-\d{2}):([0-9a-f]{64})", re.ASCII)


class Title(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The first line of a file of commitments: the member that made them and the one that kept them."""

    commitments: str
    federation: str
    member: str
    kept_by: str


class Commitment(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A commitment: the time of the heartbeat's frame in milliseconds, and 32 bytes in hex."""

    at: int
    commitment: str


class DaySalt(NamedTuple):
    """The salt of a day, counted from 1970-01-01 UTC."""

    day: int
    salt: Secret

    @property
    def text(self) -> str:
        """The text form of a salt: YYYY-MM-DD:HEX."""
        return f"{datetime.fromtimestamp(self.day * limits.DAY / limits.SECOND, UTC):%Y-%m-%d}:{self.salt.hex()}"


class Opened(NamedTuple):
    """The result for one commitment: the line `n` for which it was made; None if no line of the log yields it."""

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
    """Return the salt of a text in the form of `DaySalt.text`. Raises ValueError for any other text."""
    found = _TEXT.fullmatch(text.strip())
    day = (date.fromisoformat(found[1]) - date(1970, 1, 1)).days if found else -1
    if found is None or not 0 <= day <= LAST_DAY:
        raise ValueError("a salt is a day and 64 hexadecimal digits")
    return DaySalt(day, Secret(bytes.fromhex(found[2])))


def commit(salt: bytes, federation: str, member: str, at: int, n: int, digest: bytes) -> bytes:
    """Return the commitment to line `n` with this hash as the newest, for a heartbeat whose frame has the time `at`."""
    return salted_hash(_COMMITMENT, salt, encode([MAGIC, federation, member, at, n, digest]))


# -- a file of them

_title: Final = msgspec.json.Decoder(Title).decode
_entry: Final = msgspec.json.Decoder(Commitment).decode


class CommitmentFile(NamedTuple):
    """The content of a file of commitments, and why lines of it do not count, with their numbers."""

    title: Title
    kept: list[Commitment]
    refused: list[str]


def read(lines: Iterable[bytes]) -> CommitmentFile:
    """Return the content of a file of commitments: each line is judged alone. Raises BrokenLog without a title."""
    stream = ((number, line) for number, line in enumerate(lines, 1) if line.strip())
    try:
        title = read_json(_title, next(stream, (0, b""))[1])
        if title.commitments != MAGIC:
            raise ValueError
    except (*UNREADABLE, ValueError):
        raise BrokenLog(0, f"the file of commitments is not in the form of an exported one ({MAGIC})") from None
    found, refused = dict[Commitment, int](), list[str]()
    for number, line in stream:
        if len(found) + len(refused) >= ROWS_MAX:
            raise BrokenLog(0, f"the file of commitments has more than {ROWS_MAX:,} lines, which no member keeps")
        try:
            entry = _read_entry(line)
            if found.setdefault(entry, number) != number:
                raise ValueError(f"repeats line {found[entry]}")
        except ValueError as error:
            refused.append(f"line {number} of the file of commitments {error}")
    return CommitmentFile(title, list(found), refused)


def _read_entry(line: bytes) -> Commitment:
    """Return the commitment of a line. Raises ValueError with what is wrong with it."""
    try:
        found = read_json(_entry, line)
        size = len(bytes.fromhex(found.commitment))
    except (*UNREADABLE, ValueError):
        size = 0
    if size != 32:
        raise ValueError("is not in the form of a commitment")
    if not 0 <= day_of(found.at) <= LAST_DAY:
        raise ValueError(f"has a date that no commitment has: {claimed_at(found.at)}")
    return found


def judge(
    log: auditlog.Title, digests: Sequence[bytes], title: Title, kept: Sequence[Commitment], last: DaySalt,
    dates: Sequence[int] = (),
) -> list[Opened]:  # fmt: skip
    """Return the line of each commitment, in order of time, without the commitments after the day of the salt.

    `digests` and `dates` are the hashes and times (ms) of all lines of the verified log, in order. Each commitment is
    compared with the lines near its time and near the line of the one before it; with all lines until UNOPENED_MAX
    yielded none, or FAR_MAX are of a line far away, so that commitments that somebody added hide no other one. What
    was not compared with all lines and did not open is left out. Raises BrokenLog for those of another member.
    """
    if (title.federation, title.member) != (log.federation, log.member):
        raise BrokenLog(0, "the commitments are of another member or federation than the log")
    due = sorted((each for each in kept if 0 <= day_of(each.at) <= last.day), key=lambda each: each.at)
    salts = _salts({day_of(each.at) for each in due}, last)
    found, first, unopened, far = list[Opened](), 0, 0, 0
    for each in due:
        expected, salt = bytes.fromhex(each.commitment), salts[day_of(each.at)]
        near = bisect_right(dates, each.at)
        order, is_far_read = _near(len(digests), first, near), unopened < UNOPENED_MAX and far < FAR_MAX
        if is_far_read:
            order = chain(order, range(first, len(digests)), range(first - 1, -1, -1))
        made = partial(commit, salt, log.federation, log.member, each.at)
        at = next((at for at in order if made(at + 1, digests[at]) == expected), None)
        if at is not None:
            found.append(Opened(each.at, at + 1))
            far += min(abs(at - first), abs(at - near)) > NEAR
            first = at
        elif is_far_read:
            found.append(Opened(each.at, None))
            unopened += 1
    return found


def _near(count: int, *positions: int) -> Iterable[int]:
    """Return the positions among `count` that are near these."""
    return chain.from_iterable(range(max(0, at - NEAR), min(count, at + NEAR)) for at in positions)


def _salts(days: Collection[int], last: DaySalt) -> dict[int, Secret]:
    found, step = {}, last
    for day in sorted(days, reverse=True):
        step = salt_of(step, day)
        found[day] = step.salt
    return found


def require(found: Sequence[Opened], title: Title) -> None:
    """Raise BrokenLog, with the findings, unless the log has a line for each commitment.

    The file is the word of the member that kept it, and a salt may be mistyped: the text does not accuse the log.
    """
    wrong = next((each for each in found if each.n is None), None)
    if wrong is None:
        return
    proved = next((each for each in reversed(found) if each.n is not None), None)
    file = f"the file of {title.kept_by}, which nobody signed,"
    if proved is None:
        doubt = "the salt or its day may be wrong, or the log or the file is another one"
        raise BrokenLog(0, f"no commitment of {file} opens with this salt, of {len(found)} that were compared: {doubt}")
    text = f"{file} has a commitment, of {claimed_at(wrong.at)}, that is to no line of the log"
    other = f"this salt opens another one of it, of {claimed_at(proved.at)}, of line {proved.n}"
    only = f"only if the salt is {title.member}'s and the file is as {title.kept_by} kept it"
    raise BrokenLog(0, f"{text}; {other}: {only} is this log not that of then")
