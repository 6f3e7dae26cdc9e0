"""The period of a row: a year, half-year, quarter or month of the common calendar.

A four-digit Buddhist year (2568) and a three-digit Minguo year (113) are unambiguous, so they are converted, and the
import reports it. Two-digit years are ambiguous and refused unless the map names the calendar. A trailing `*`, `p` or
`(p)`, as printed by statistical offices, marks a provisional figure: its observation has status P.
"""

import re
from typing import Final, Literal, NamedTuple

from suar.exchange.files.problems import shown
from suar.protocol.authoring.plausibility import FIRST_YEAR
from suar.protocol.message.valuehints import BUDDHIST, common_year

Calendar = Literal["", "gregorian", "buddhist", "minguo"]

MINGUO: Final = -1911  # the first year of the Minguo calendar is 1912
_FORM: Final = re.compile(r"([0-9]{2,4})((?:-(?:H[12]|Q[1-4]|0[1-9]|1[0-2]))?)(?!\n)\Z")
_MARK: Final = re.compile(r"\s*(?:\*|\(p\)|p)(?!\n)\Z", re.IGNORECASE)
_DIGITS: Final = re.compile(r"\d+")  # of any script
_SHAPES: Final = "write YYYY, YYYY-H1, YYYY-Q1 or YYYY-MM; never a day"


class Period(NamedTuple):
    """A period of the standard, whether its figure is provisional, and the original era of its year ("" if common)."""

    text: str
    is_provisional: bool
    era: str


class NoPeriod(ValueError):  # noqa: N818 - the row becomes a problem for the author of the table
    """The text is not a period; `reason` and `cure` state why and what to do."""

    def __init__(self, reason: str, cure: str) -> None:
        super().__init__(reason)
        self.reason, self.cure = reason, cure


def read_period(text: str, calendar: Calendar, this_year: int) -> Period:
    """Return the period in a cell. `calendar`: that of the map ("": recognised). `this_year`: the year of the import.

    Raises NoPeriod for another form, for an ambiguous year, and for years before 1900 or after next year.
    """
    plain = _MARK.sub("", text)
    found = _FORM.match(plain)
    if not found:
        raise NoPeriod(f"{shown(text)} is no period{_cause(plain)}", _SHAPES)
    digits, rest = found.groups()
    year, era = _common(digits, calendar, this_year, text)
    if not FIRST_YEAR <= year <= this_year + 1:
        other, common = common_year(digits) if not era else ("", year)
        meant = f"the {other} year {digits} is {common}: " if other else ""
        raise NoPeriod(
            f"{shown(text)} is the year {year}, and a period lies between {FIRST_YEAR} and {this_year + 1}",
            f"{meant}mend the year, or name the calendar of the table in period.calendar of the map",
        )
    return Period(f"{year:04d}{rest}", plain != text, era)


def _cause(text: str) -> str:
    """Return the reason why a text with a year is not a period, as a clause; "" if it is unknown."""
    year = next((part for part in _DIGITS.findall(text) if len(part) in (3, 4)), "")
    if year and not year.isascii():
        return ": its digits are not 0 to 9"
    if year and (prefix := text.partition(year)[0].strip()):
        return f": {shown(prefix)} stands before the year, which is written alone"
    return ""


def _common(digits: str, calendar: Calendar, this_year: int, text: str) -> tuple[int, str]:
    """Return the year of the common calendar, and the era from which it was converted."""
    year = int(digits)
    if len(digits) == 2 and calendar in ("", "gregorian"):
        buddhist, minguo = 2500 + year - BUDDHIST, year - MINGUO
        raise NoPeriod(
            f"{shown(text)} has a year of two digits: {1900 + year}, {2000 + year}, {buddhist} or {minguo}?",
            "write years with four digits, or name the calendar in period.calendar of the map",
        )
    if calendar == "buddhist":
        return (2500 + year if len(digits) == 2 else year) - BUDDHIST, calendar
    if calendar == "minguo":
        return year - MINGUO, calendar
    if calendar == "" and len(digits) == 3:
        return year - MINGUO, "minguo"
    if calendar == "" and year > this_year + 1 and FIRST_YEAR <= year - BUDDHIST <= this_year + 1:
        return year - BUDDHIST, "buddhist"
    return year, ""
