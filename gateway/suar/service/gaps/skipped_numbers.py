"""[E12] Skips numbers of ids that a state which was put back may have used, and limits how often.

A copy can be put back twice, and then has the same counter again. So the length of a skip is in no state: a random part
keeps two put-backs that follow each other apart, and a part that grows by one with each minute that the state does not
know keeps apart those with days between them, however many numbers were used there.

What rests on the word of one other member has limits of its own for each member, and so has what is skipped as a
precaution, because nothing was seen at all. So neither uses up what rests on our own evidence: what the hub returns or
drops, and our own heads.
"""

import calendar
import secrets
import time
from typing import Final

import msgspec
from msgspec.structs import asdict, replace
from sqlalchemy import Connection

from suar.protocol.base import limits
from suar.protocol.compose import LAST_NUMBER
from suar.protocol.message.kinds import PUBLISHED
from suar.service.core.core import Core
from suar.store.engine import meta
from suar.store.messages import rows as messages

RANGE: Final = 1_000
"""Numbers of each kind that every skip passes over."""
SPREAD: Final = 8_000
"""One of so many lengths is drawn. Of two put-backs to one copy, after each of which n numbers are used, the second
uses one of the first with a probability of at most 2n / SPREAD, and with none if they are SPREAD + n minutes apart.
"""
A_DAY: Final = 10
"""Most skips in 24 hours on our own evidence."""
A_YEAR: Final = 100
"""The same in a calendar year: half of the numbers of a kind."""
OF_ONE_A_DAY: Final = 1
"""Most skips in 24 hours on the word of one member."""
OF_ONE_A_YEAR: Final = 10
"""The same in a calendar year: a tenth of the numbers of a kind at most."""
PRECAUTIONS_A_DAY: Final = 5
"""Most skips in 24 hours without any evidence: an innocent restart while the hub is away makes one."""
PRECAUTIONS_A_YEAR: Final = 20
"""The same in a calendar year: a fifth of the numbers of a kind at most."""
_STORED_AS: Final = "numbers_skipped"


class _Count(msgspec.Struct, frozen=True):
    """How many skips there were since `day` (ms), and how many in `year`."""

    day: int = 0
    in_day: int = 0
    year: int = 0
    in_year: int = 0

    def with_one_more(self, now: int) -> "_Count":
        year = time.gmtime(now / 1000).tm_year
        is_day, is_year = 0 <= now - self.day < limits.DAY, year == self.year
        return _Count(self.day if is_day else now, self.in_day * is_day + 1, year, self.in_year * is_year + 1)


class _Skipped(_Count, frozen=True):
    """The skips on our own evidence; by member those on its word alone, and those without any. `at`: the last (ms)."""

    at: int = 0
    words: dict[str, _Count] = {}
    precautions: _Count = _Count()

    def after_one(self, now: int, word_of: str, *, is_precaution: bool) -> "tuple[_Skipped, _Count] | None":
        """Return the state after one more skip at `now` and the count that it is in; None if that is one too many."""
        if is_precaution:
            before, in_day, in_year = self.precautions, PRECAUTIONS_A_DAY, PRECAUTIONS_A_YEAR
        elif word_of:
            before, in_day, in_year = self.words.get(word_of, _Count()), OF_ONE_A_DAY, OF_ONE_A_YEAR
        else:
            before, in_day, in_year = self, A_DAY, A_YEAR
        count = before.with_one_more(now)
        if count.in_day > in_day or count.in_year > in_year:
            return None
        if is_precaution:
            return replace(self, precautions=count, at=now), count
        if not word_of:
            return replace(self, **asdict(count), at=now), count
        words = {member: each for member, each in self.words.items() if each.year == count.year} | {word_of: count}
        return replace(self, words=words, at=now), count


_decode: Final = msgspec.json.Decoder(_Skipped).decode


def skip_range(
    core: Core, connection: Connection, since: int, *, word_of: str = "", is_precaution: bool = False
) -> bool:
    """Skip the next numbers of every kind, unless that was done at `since` (ms) or later, or too often.

    `word_of`: the other member on whose word alone it rests. `is_precaution`: it rests on nothing that was seen.
    Returns whether it did.
    """
    before, now = _load(connection), core.clock()
    found = before.after_one(now, word_of, is_precaution=is_precaution)
    if found is None or since <= before.at:
        return False
    after, count = found
    minutes = _unknown_minutes(core, now) if before.at < core.started_at else 0
    lasts = {(kind, count.year): messages.last_number(connection, kind, count.year) for kind in PUBLISHED}
    lengths = {key: _length(last, minutes) for key, last in lasts.items()}
    messages.reserve_numbers(connection, {key: last + lengths[key] for key, last in lasts.items()})
    meta.put(connection, _STORED_AS, msgspec.json.encode(after).decode())
    facts = {"today": count.in_day, "this_year": count.in_year} | ({"word_of": word_of} if word_of else {})
    core.log_event("numbers_skipped", "warning", numbers=max(lengths.values()), **facts)
    return True


def _length(last: int, minutes: int) -> int:
    """Return how many numbers to skip: never more than half of those that are left."""
    half = (LAST_NUMBER - last) // 2
    wanted = RANGE + minutes + secrets.randbelow(SPREAD)
    return wanted if wanted <= half else secrets.randbelow(max(half, 0) + 1)


def _unknown_minutes(core: Core, now: int) -> int:
    """Return the minutes of this year between the latest time that the state knew and its start."""
    year = time.gmtime(now / 1000).tm_year
    begin = calendar.timegm((year, 1, 1, 0, 0, 0)) * limits.SECOND
    return max(0, core.started_at - max(core.known_until or core.started_at, begin)) // limits.MINUTE


def _load(connection: Connection) -> _Skipped:
    try:
        return _decode(meta.get(connection, _STORED_AS) or "{}")
    except msgspec.MsgspecError:
        return _Skipped()
