"""Names of countries, languages, currencies, dates and numbers in a language, from CLDR through Babel.

CLDR uses XA, the Secretariat's code, for a test locale, and has no Tetum. Tetum has its own catalogue, and otherwise
the Portuguese names, as in written Tetum. A name that no source has is the English one, with a mark.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, tzinfo
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final

from suar.languages.catalogue import Catalogue, load
from suar.languages.tags import ENGLISH, LANGUAGES
from suar.languages.words import LANGUAGE_WORDS, MONTH_WORDS, TETUM_LANGUAGES, TETUM_PHRASES, TETUM_PLACES
from suar.protocol.base.codelists import labels
from suar.protocol.base.instants import in_zone

if TYPE_CHECKING:
    from babel import Locale

SECRETARIAT: Final = "XA"
MYANMAR: Final = "MM"
"""CLDR appends a former name in brackets, which the member does not use."""
DAYS: Final = 512
"""Formatted dates that are cached for a language: a list shows the same days many times."""
NUMBERS: Final = 512
"""Formatted numbers that are cached for a language: a table has the same counts in many cells."""
_DAYS_IN_FULL: Final = {"vi": "'ngày' d 'tháng' M 'năm' y"}
"""How official texts write a day, where CLDR has a shorter form."""
_UTC: Final = " UTC"
OWN_NAMES: Final = "tet"
"""The language with months, countries and languages in its own catalogue."""


class Names:
    """Names in one language; times are shown in `zone`, followed by UTC."""

    def __init__(self, tag: str, zone: tzinfo | None = None) -> None:
        self.tag, self.zone = tag, zone
        self.words: Catalogue = load(tag)
        self.locale = _locale(LANGUAGES[tag].locale)
        self._days = lru_cache(maxsize=DAYS)(self._day)
        self._numbers = lru_cache(maxsize=NUMBERS)(self._number)

    def country(self, code: str) -> str:
        """Return the name of a country of ISO 3166-1 or the Secretariat; a member's English name is the standard's."""
        if code == SECRETARIAT:
            return self.words.phrase("secretariat")
        if self.tag == ENGLISH.tag and code in labels("member"):
            return labels("member")[code]
        known = self._own("country", code) or self.locale.territories.get(code)
        return known.partition(" (")[0] if known and code == MYANMAR else known or self._english("country", code)

    def language(self, tag: str) -> str:
        """Return the name of a language of BCP 47, with its subtags."""
        code, *rest = tag.split("-")
        name = self.words.name_of_language(code) if code in LANGUAGE_WORDS else self._own("language", code)
        name = name or self.locale.languages.get(code) or self._english("language", code)
        return f"{name} ({', '.join(map(self._subtag, rest))})" if rest else name

    def _subtag(self, part: str) -> str:
        """Return the name of a script or region of a language tag; any other subtag unchanged."""
        return self.locale.scripts.get(part.title()) or self.locale.territories.get(part.upper()) or part

    def currency(self, code: str) -> str:
        """Return the name of a currency of ISO 4217."""
        return self.locale.currencies.get(code) or self._english("currency", code)

    def number(self, value: int) -> str:
        """Return a number with the separators of the language."""
        return self._numbers(value)

    def _number(self, value: int) -> str:
        from babel.numbers import format_decimal

        return format_decimal(value, locale=self.locale)

    def instant(self, text: str) -> str:
        """Return YYYY-MM-DDTHH:MM:SSZ as date and time in UTC; with a zone, in its time followed by UTC."""
        at = datetime.fromisoformat(text).astimezone(UTC)
        form = "%H:%M:%S" if at.second else "%H:%M"
        local = in_zone(at, self.zone or UTC)
        phrase = self.words.phrase("instant", date=self.day(local.date().isoformat()), time=local.strftime(form))
        if local.utcoffset() == at.utcoffset():
            return phrase
        return f"{phrase.removesuffix(_UTC)} ({at.strftime(form)}{_UTC})"  # the phrase ends with UTC in every language

    def day(self, text: str) -> str:
        """Return YYYY-MM-DD as a date in words."""
        return self._days(text)

    def _day(self, text: str) -> str:
        from babel.dates import format_date

        day = date.fromisoformat(text)
        if self.tag == OWN_NAMES:
            return self._date("day", day=day.day, month=self._month(day.month), year=day.year)
        return format_date(day, _DAYS_IN_FULL.get(self.tag, "long"), locale=self.locale)

    def month(self, text: str) -> str:
        """Return YYYY-MM as month and year."""
        from babel.dates import format_date, format_skeleton

        year, month = map(int, text.split("-"))
        if not year:  # some patterns admit the year 0000, which no calendar has
            return text
        if self.tag == OWN_NAMES:
            return self._date("month", month=self._month(month), year=year)
        day = date(year, month, 1)
        if self.tag == "th":  # a Thai year without its era is read as Buddhist
            return format_date(day, "MMMM G y", locale=self.locale)
        return format_skeleton("yMMMM", day, locale=self.locale)

    def month_names(self, number: int) -> tuple[str, ...]:
        """Return the names of a month of the year, the usual one first."""
        if self.tag == OWN_NAMES:
            return (self._month(number),)
        forms = self.locale.months
        return tuple(
            forms[use][width][number] for use in ("stand-alone", "format") for width in ("wide", "abbreviated")
        )

    def month_or_instant(self, text: str) -> str:
        """Return YYYY-MM as month and year, or an instant as date and time."""
        return self.instant(text) if "T" in text else self.month(text)

    def period(self, text: str) -> str:
        """Return YYYY, YYYY-Hn, YYYY-Qn or YYYY-MM in words."""
        year, _, part = text.partition("-")
        if not part:
            return self.words.phrase("year", year=year)
        if part[0] == "H":
            return self.words.phrase(f"half-{part[1:]}", year=year)
        if part[0] == "Q":
            return self.words.phrase("quarter", number=part[1:], year=year)
        return self.month(text)

    def _date(self, name: str, **parts: object) -> str:
        return self.words.text(f"date/{name}", TETUM_PHRASES[name]).format(**parts)

    def _month(self, number: int) -> str:
        return self.words.text(f"month/{number}", MONTH_WORDS[number - 1])

    def _own(self, listing: str, code: str) -> str | None:
        """Return the name in our own catalogue, for the language that CLDR does not have."""
        named = TETUM_PLACES if listing == "country" else TETUM_LANGUAGES
        return self.words.label(listing, code) if self.tag == OWN_NAMES and code in named else None

    def _english(self, listing: str, code: str) -> str:
        name = labels(listing).get(code)
        return code if name is None else self.words.phrase("english-name", english=name)


@cache
def names(tag: str, zone: tzinfo | None = None) -> Names:
    """Return the names of a language of tags.LANGUAGES, with times in `zone`; without a zone in UTC only."""
    return Names(tag, zone)


def _locale(identifier: str) -> Locale:
    from babel import Locale

    return Locale.parse(identifier)
