"""Checks a publisher's dates and periods for implausible values: years of another calendar, and days in the future.

Readers accept such values (F8 requires only the standard's patterns), so that a difference in clocks or laws between
two states loses no message. Each reason names the field and, if known, the year that was probably intended.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from msgspec import UNSET

from suar.protocol.base.reasons import Reason
from suar.protocol.base.sentences import advice, sentence
from suar.protocol.message.kind.declaration import Dated
from suar.protocol.message.kinds import OF_SHAPE, Publication, Trend
from suar.protocol.message.valuehints import BUDDHIST, COMMON_YEARS, MINGUO

FIRST_YEAR: Final = 1900  # earliest year that a message can be about; the Palermo Protocol dates from 2000
YEARS_AHEAD: Final = 1  # maximum years in the future of the start of validity or application
FIRST_ID_YEAR: Final = 2020  # no gateway wrote a message before
NO_ID: Final = sentence("no message has this id: its year or its number cannot be")
PERIOD: Final = "E-MESSAGE-PERIOD"
LIFETIME_YEARS: Final = 6  # maximum years in the future of an end: the longest lifetime of any kind, rounded up


def is_plausible_id(id_: str, year: int) -> bool:
    """Whether a message may have this id, as seen from a message of this year (UTC)."""
    _, stated, number = id_.rsplit("-", 2)
    return FIRST_ID_YEAR <= int(stated) <= year + YEARS_AHEAD and int(number) != 0


def may_be_chosen(id_: str, year: int) -> bool:
    """Whether a publisher may choose this id for a new message of this year (UTC): within a year of it."""
    _, stated, number = id_.rsplit("-", 2)
    return abs(int(stated) - year) <= 1 and int(number) != 0


def implausible(message: Publication, today: str, faulty: frozenset[str] = frozenset()) -> tuple[Reason, ...]:
    """Return the reasons against the dates of a message on the day of sending, `today` as YYYY-MM-DD in UTC.

    Top-level fields in `faulty` are not checked.
    """
    found = tuple(_reason(path, text, today, ahead) for path, text, ahead in _wrong(message, today, faulty))
    return found or tuple(_never_valid(message, faulty))


def warn_future(message: Trend, today: str) -> Reason | None:
    """Return a warning if the figures are of a period after `today`, else None.

    Figures of a period that has begun may be provisional: they are not refused.
    """
    if message.action == "cancel":
        return None
    found = [(at, cell.period) for at, cell in enumerate(message.obs) if _first_day(cell.period) > today]
    if not found:
        return None
    at, period = found[0]
    text = sentence(
        "figures of periods that are still to come: {number}, the first of {period}", number=len(found), period=period
    )
    return Reason.of(PERIOD, None, f"$.obs[{at}].period", text, advice(PERIOD))


def _first_day(period: str) -> str:
    year, _, part = period.partition("-")
    if not part:
        return f"{year}-01-01"
    month = {"H1": 1, "H2": 7, "Q1": 1, "Q2": 4, "Q3": 7, "Q4": 10}.get(part) or int(part)
    return f"{year}-{month:02d}-01"


def _wrong(message: Publication, today: str, faulty: frozenset[str]) -> Iterator[tuple[str, str, int]]:
    if faulty and any(dated.listing and dated.listing in faulty for dated in OF_SHAPE[type(message)].dates):
        return
    this_year = int(today[:4])
    for path, text, ahead in _dates(message):
        if path[2:] in faulty:
            continue
        is_of_calendar = FIRST_YEAR <= int(text[:4]) <= this_year + ahead
        if is_of_calendar and (ahead or text <= today[: len(text)]):
            continue
        if path == "$.expires" and _meant(text, this_year + ahead) is None:
            continue  # a year of the common calendar: F9 checks the lifetime
        yield path, text, ahead


def _dates(message: Publication) -> Iterator[tuple[str, str, int]]:
    """Yield (path, text, maximum years in the future) for every date of a message that is checked."""
    if message.valid_from is not UNSET:
        yield "$.valid_from", message.valid_from, YEARS_AHEAD
    yield "$.expires", message.expires, LIFETIME_YEARS
    for dated in OF_SHAPE[type(message)].dates:
        if dated.listing:
            for at, day in _inner(message, dated):
                yield f"$.{dated.listing}[{at}].{dated.field}", day, dated.years_ahead
        elif (day := getattr(message, dated.field)) is not UNSET:
            yield f"$.{dated.field}", day, dated.years_ahead


def _inner(message: Publication, dated: Dated) -> Iterator[tuple[int, str]]:
    entries = getattr(message, dated.listing)
    for at, each in enumerate(() if entries is UNSET else entries):
        if (day := getattr(each, dated.field)) is not UNSET:
            yield at, day


def _reason(path: str, text: str, today: str, ahead: int) -> Reason:
    year, last = int(text[:4]), int(today[:4]) + ahead
    meant = _meant(text, last) or _meant(text, COMMON_YEARS[-1])
    if meant is not None:
        era, common = meant
        message = sentence("the year {year} is not one of the common calendar", year=year)
        hint = sentence(
            "the {era} year {year} is {common}: write {common2}{text}",
            era=era, year=year, common=common, common2=common, text=text[4:],
        )  # fmt: skip
    elif ahead:
        message = sentence("the year {year} cannot be", year=year)
        hint = sentence("a year from {first_year} to {last}", first_year=FIRST_YEAR, last=last)
    else:
        message = sentence("{text} is still to come", text=text)
        hint = sentence("today is {today}, in UTC", today=today)
    return Reason.of("E-MESSAGE-DATE", None, path, message, hint)


def _meant(text: str, last: int) -> tuple[str, int] | None:
    """Return the calendar of a year and its common year, or None if it is a plausible year of the common calendar."""
    year = int(text[:4])
    if FIRST_YEAR <= year <= last:
        return None
    eras = (("Buddhist", year - BUDDHIST), ("Minguo", year + MINGUO))
    return next(((era, common) for era, common in eras if FIRST_YEAR <= common <= last), None)


def _never_valid(message: Publication, faulty: frozenset[str]) -> Iterator[Reason]:
    """Yield a reason if a message ends before it begins. Both times have a fixed form: text order is time order."""
    if "expires" in faulty or message.expires <= message.sent:  # F9 reports an end that is not after `sent`
        return
    if "valid_from" in faulty or message.valid_from is UNSET or message.valid_from < message.expires:
        return
    text = sentence("{field} is not before expires", field="valid_from")
    hint = sentence("give an instant before expires")
    yield Reason.of("E-MESSAGE-DATE", None, "$.valid_from", text, hint)
