"""Finds personal data in structured fields: a provision, a case token, a start date, a location code, the id of a
message.

The patterns of the standard are wide, and readers accept every value that matches. At the publisher, a value that is
unlikely for its field is held for a second person.
"""

import re
from functools import cache
from typing import Final, NamedTuple

from msgspec import UNSET, Struct

from suar.protocol.authoring.plausibility import is_plausible_id
from suar.protocol.message.kind.alert import Alert
from suar.protocol.message.kind.legislation import Legislation
from suar.protocol.message.kinds import Publication, Trend
from suar.protocol.message.spec import fields_of
from suar.protocol.privacy.text.found import Found

INSTRUMENTS: Final = frozenset(
    """
    ACTIP ASEAN BALI BUDAPEST CAT CEDAW CMW COMMIT CRC CRC-OPAC CRC-OPIC CRC-OPSC CRPD HAGUE ICCPR ICERD
    ICESCR ICPPED ICRMW ILO IMO MARITIME MLAT OPAC OPSC PALERMO REFUGEE ROME SLAVERY SMUGGLING SUPPRESSION
    UDHR UNCAC UNCLOS UNTOC VCCR VIENNA WARSAW
    """.split()  # noqa: SIM905 - words read better as text
)
"""International instruments that a law may implement, as `implements` names them."""
_PROVISION: Final = re.compile(
    r"(?=.{1,12}$)(?!(?:\D*\d){5})(?:(?:annex|preamble)|[A-Za-z]{0,3})(?:[0-9.()/-]+[A-Za-z]{0,3})*", re.I
)
"""At most four digits, and no more than three letters in a row."""
_DIGITS_IN_A_ROW: Final = re.compile(r"\d{7}")
_LETTERS: Final = re.compile(r"[A-Z]{10,}")
_VOWEL: Final = re.compile("[AEIOU]")
_CONSONANTS: Final = re.compile("[^AEIOU]{3}")
_SEEN, _VOWELS = 10, 5  # ten letters of a random token rarely contain five vowels
DAY: Final = len("2027-01-31")
YEARS: Final = 1
"""Maximum number of years between a start date with a day and the message; a date without a day may be earlier."""


FAR_LARGER: Final = 100_000
"""A denominator above this multiple of the largest figure of its table may be a telephone number."""


class Doubt(NamedTuple):
    """A possible personal datum in a field at a JSON path. `found`: None for words that read as a name.

    `is_of_another_country`: whether it is a code of a country other than that of its location. `is_long_past`: whether
    it is the date of a field, long before the message. `is_no_id`: whether it is an id that no message can have.
    """

    path: str
    words: str
    found: Found | None
    is_of_another_country: bool = False
    is_long_past: bool = False
    is_no_id: bool = False


def doubts(message: Publication) -> list[Doubt]:
    """Return the possible personal data in the structured fields of a message."""
    found = list[Doubt]()
    for path, value in _ids_and_places(message, "$", []):
        if not isinstance(value, str):
            found += _of_other_countries(value, path)
        elif path != "$.id" and not is_plausible_id(value, int(message.sent[:4])):
            found.append(Doubt(path, value, None, is_no_id=True))
    if isinstance(message, Alert):
        found += _of_alert(message)
    elif isinstance(message, Trend):
        found += _of_trend(message)
    elif isinstance(message, Legislation) and message.implements is not UNSET:
        for at, each in enumerate(message.implements):
            instrument, _, provision = each.partition(":")
            if instrument not in INSTRUMENTS or not _PROVISION.fullmatch(provision):
                found.append(Doubt(f"$.implements[{at}]", each, None))
    return found


def _of_alert(message: Alert) -> list[Doubt]:
    found = []
    token = message.case_token
    if token is not UNSET and may_be_words(token):
        found.append(Doubt("$.case_token", token, None))
    elif token is not UNSET and _DIGITS_IN_A_ROW.search(token):
        found.append(Doubt("$.case_token", token, Found("telephone", token, is_sure=False)))
    for name, value in (("onset", message.onset), ("valid_from", message.valid_from)):
        if value is not UNSET and len(value) >= DAY and _is_long_before(value, message.sent):
            found.append(Doubt(f"$.{name}", value, Found("full date", value, is_sure=False), is_long_past=True))
    return found


def _of_trend(message: Trend) -> list[Doubt]:
    """Return a denominator that is a telephone number and no plausible whole of the table's largest figure."""
    value = message.denominator
    if value is UNSET or value <= FAR_LARGER * max([1, *(item.value or 0 for item in message.obs)]):
        return []
    from suar.protocol.privacy.identifiers.telephones import is_dialled  # no other message needs it

    if not is_dialled(str(value)) and not is_dialled(f"0{value}"):
        return []
    return [Doubt("$.denominator", str(value), Found("telephone", str(value), is_sure=False))]


def may_be_words(token: str) -> bool:
    """Whether a token is unlikely to be random: it has no digit, or as many vowels as words."""
    if not any(map(str.isdigit, token)):
        return True
    for run in _LETTERS.findall(token):
        for at in range(len(run) - _SEEN + 1):
            part = run[at : at + _SEEN]
            if len(_VOWEL.findall(part)) >= _VOWELS and not _CONSONANTS.search(part):
                return True
    return False


def _is_long_before(day: str, sent: str) -> bool:
    return (int(day[:4]) + YEARS, day[4:DAY]) < (int(sent[:4]), sent[4:DAY])


_Values = list[tuple[str, str | Struct]]


def _ids_and_places(value: Struct, path: str, found: _Values) -> _Values:
    """Add (JSON path, value) of every id of a message and every location, at any depth, to `found`, and return it."""
    for name, is_wanted in _with_ids_or_places(value.__class__):
        below = getattr(value, name)
        if below is UNSET:
            continue
        many = isinstance(below, tuple)
        for at, each in enumerate(below if many else (below,)):
            here = f"{path}.{name}[{at}]" if many else f"{path}.{name}"
            if is_wanted:
                found.append((here, each))
            if isinstance(each, Struct):
                _ids_and_places(each, here, found)
    return found


def _of_other_countries(place: Struct, path: str) -> list[Doubt]:
    codes = ((name, getattr(place, name, UNSET)) for name in ("admin1", "locode"))
    country = getattr(place, "country", UNSET)
    return [
        Doubt(f"{path}.{name}", code, None, is_of_another_country=True)
        for name, code in codes
        if code is not UNSET and code[:2] != country
    ]


@cache
def _with_ids_or_places(shape: type[Struct]) -> tuple[tuple[str, bool], ...]:
    """Return (field, whether it is an id or a location) of the fields that are one or contain some at any depth."""
    found = []
    for name, kind, _ in fields_of(shape).values():
        inside = kind.item or kind
        is_wanted = inside.is_id or (inside.struct is not None and hasattr(inside.struct, "locode"))
        if is_wanted or (inside.struct is not None and _with_ids_or_places(inside.struct)):
            found.append((name, is_wanted))
    return tuple(found)
