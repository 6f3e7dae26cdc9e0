"""Finds telephone numbers: those of the number plans of eleven countries, and Chinese mobile numbers by their form."""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Final

from suar.protocol.privacy.identifiers.number_runs import LEAST_DIGITS
from suar.protocol.privacy.identifiers.number_series import Standing, standing_at
from suar.protocol.privacy.text.call_words import is_announced
from suar.protocol.privacy.text.found import Found
from suar.protocol.privacy.text.kin_words import is_next_to_kin
from suar.protocol.privacy.text.plain import nfkc

_REGIONS: Final = ("TH", "VN", "MM", "KH", "LA", "MY", "SG", "ID", "PH", "BN", "TL")
_MOBILE_CN: Final = re.compile(
    r"(?<![\dA-Za-z])(?<!\d[.,/+-])(?:86[ -]?)?1[3-9]\d(?:\d{8}|([ -])\d{4}\1\d{4})(?![\dA-Za-z]|[.,/-]\d)"
)
_RUN: Final = re.compile(r"(?<!\d)(?<!\d[_.,/])[+(]{0,2}\d(?:[ ()./\-]{0,3}\d){6,19}(?![\d]|[.,/]\d)")
_IN_PATH: Final = re.compile(r"[_.,/]")
"""Before a number in a web address that is one of a document."""
_GLUED: Final = re.compile(r"(?<![A-Za-z])(?:t|m|p|h|hp|wa|no|nr|line|imo|zalo|viber)$|(?-i:No)$", re.IGNORECASE)
_LETTER_AND_SLASH: Final = re.compile(r"[^\W\d_]/$")  # NS/RKM/0208/005
_GROUPS: Final = re.compile(r"\d+")
DIALLED_MAX: Final = 16
"""Maximum digit groups of a text that are looked up as telephone numbers; each further group is treated as one."""
_THOUSANDS: Final = re.compile(r"[1-9]\d{0,2}(?:\.\d{3})+|[1-9]\d{0,2}(?: \d{3})+")
_MONEY: Final = re.compile(
    nfkc(
        r" ?(?:dong|đồng|vnd|riels?|kip|kyats?|rupiah|baht|pesos?|dollars?|usd|ringgit|euros?|yuan|k\b|%|₫|฿|₭|៛|บาท|ກີບ|រៀល|ကျပ်|元|盾|வெள்ளி|persons?|people|cases|orang|คน|người|人)"
    ),
    re.IGNORECASE,
)
_PAID: Final = re.compile(r"(?:rp|vnd|idr|usd|thb|php|myr|mmk|lak|khr|rm|[$₫฿₭៛₱€¥])\.? ?$", re.IGNORECASE)
_INTERNATIONAL: Final = re.compile(r"(?:6[02356]|84|86|95|670|673|85[56])\d{8,11}")
_SERVICE: Final = re.compile(r"1[389]00(?:[ -]?\d){6}")
"""Ten digits that no person can have as a telephone; behind a word for a line they are none (`references`)."""
_OF_INTERNATIONAL: Final = range(10, 14)  # digits


@lru_cache(maxsize=16)
def telephones(text: str, accepts: Callable[[str], bool], *, in_address: bool = False) -> tuple[Found, ...]:
    """Return the telephone numbers in plain text; those that may be a series of other numbers are not sure.

    `accepts`: whether digits without a preceding word look like a telephone number. `in_address`: whether the text is of
    a web address, where a number behind a slash, dot, comma or line below is one of a document.
    """
    mobiles = (
        Found("telephone", found[0]) for found in _MOBILE_CN.finditer(text) if not _is_of_path(found, in_address)
    )
    return (*mobiles, *_dialled(text, accepts, in_address=in_address))


def _is_of_path(found: re.Match[str], in_address: bool) -> bool:
    return in_address and _IN_PATH.match(found.string, max(0, found.start() - 1), found.start()) is not None


def _dialled(text: str, accepts: Callable[[str], bool], *, in_address: bool) -> Iterator[Found]:
    dialled = 0
    for run in _RUN.finditer(text):
        if _is_of_path(run, in_address):
            continue
        is_called, is_clear = is_announced(text, run.start()), True
        if not is_called and (_is_of_a_code(run) or not accepts(run[0])):
            is_clear = False
            if not in_address and _is_international(run):
                yield Found("telephone", run[0], is_sure=False)
                continue
            if in_address or not _may_be_of_kin(run):
                continue
        dialled += 1
        if dialled > DIALLED_MAX or is_number(run[0]) or (run[0][0] == "+" and is_number(_without_plus(run))):
            of_run = standing_at(text, *_of_digits(run), is_announced=is_called)
            if of_run is not Standing.SERIES:
                is_sure = is_clear and of_run is Standing.TELEPHONE and not _SERVICE.fullmatch(run[0])
                yield Found("telephone", run[0].strip(), is_sure)


def _may_be_of_kin(run: re.Match[str]) -> bool:
    """Whether digits without a sign between them stand beside a word for kin, and are no code or amount of money."""
    return _is_no_amount(run) and is_next_to_kin(run.string, *run.span())


def _is_international(run: re.Match[str]) -> bool:
    """Whether it is a valid number behind the code of a country without a plus (`6281234567890`), and no amount."""
    is_long = len(run[0]) in _OF_INTERNATIONAL and _INTERNATIONAL.fullmatch(run[0]) is not None
    return is_long and _is_no_amount(run) and is_number("+" + run[0])


def _is_no_amount(run: re.Match[str]) -> bool:
    """Whether digits without a sign between them are no code, no round number and not beside money or a count."""
    if not run[0].isdigit() or _is_of_a_code(run) or _MONEY.match(run.string, run.end()) or run[0].endswith("000"):
        return False
    return _PAID.search(run.string, max(0, run.start() - 8), run.start()) is None


def _without_plus(run: re.Match[str]) -> str:
    """Return the digits behind a plus that is a sign between a word and a number: `mother+081`, `15+0812345678`."""
    is_sign = run.string[run.start() - 1 : run.start()].isalnum() or run[0].lstrip("+(")[0] == "0"
    return run[0].lstrip("+") if is_sign else ""


def _of_digits(run: re.Match[str]) -> tuple[int, int]:
    """Return the span without the brackets before the digits."""
    return run.end() - len(run[0].lstrip("(")), run.end()


def _is_of_a_code(run: re.Match[str]) -> bool:
    """Whether digits are part of a code: right behind a Latin letter, or seven with a slash in them behind one and a slash.

    Other scripts write words right before numbers, as `T` and `HP` are written; a plus or a bracket begins a number.
    """
    text, at = run.string, run.start()
    before = text[at - 1 : at]
    if before.isascii() and before.isalpha():
        return run[0][0] not in "+(" and not (is_clear_number(run[0]) and _GLUED.search(text, max(0, at - 6), at))
    is_short = sum(map(str.isdigit, run[0])) <= LEAST_DIGITS
    return is_short and "/" in run[0] and _LETTER_AND_SLASH.search(text, max(0, at - 2), at) is not None


def is_dialled(digits: str) -> bool:
    """Return whether digits without anything between them are a telephone number."""
    return _MOBILE_CN.fullmatch(digits) is not None or is_number(digits)


def is_clear_number(run: str) -> bool:
    """Return whether it is international or has a trunk 0."""
    return run[0] in "+(0"


def may_be_dialled(run: str) -> bool:
    """Whether it is international, has a trunk 0 or the usual groups of a number; not an amount, a year or a count."""
    if is_clear_number(run):
        return True
    if _THOUSANDS.fullmatch(run):
        return False
    groups = _GROUPS.findall(run)
    return 2 <= len(groups) <= 5 and not all(len(group) == 4 and group[:2] in ("19", "20", "25") for group in groups)


def is_number(run: str) -> bool:
    """Return whether a run of digits is a telephone number of one of the regions."""
    import phonenumbers  # takes 40 ms: only if a text has such digits

    for region in _REGIONS:
        matcher = phonenumbers.PhoneNumberMatcher(run, region, leniency=phonenumbers.Leniency.VALID)
        if matcher.has_next():
            return True
    return False
