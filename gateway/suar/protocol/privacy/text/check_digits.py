"""Check digits and dates in identity numbers of the region.

Half of all texts have no number, so the tables of the library are loaded only if there is one.
"""

import re
from collections.abc import Callable, Iterator
from typing import Final

from suar.protocol.privacy.text.found import Found

_NO_DIGIT: Final = re.compile(r"\D")


def checked(form: re.Pattern[str], is_valid: Callable[[str], bool], text: str) -> Iterator[Found]:
    """Yield the identity numbers of a form in plain text whose digits are valid, from their first digit on."""
    for found in form.finditer(text):
        digits = _NO_DIGIT.sub("", found[0])
        if is_valid(digits):
            yield Found("identity number", found[0][found[0].index(digits[0]) :])


def is_nric(digits: str) -> bool:
    """Return whether it is an identity card number of Malaysia."""
    from stdnum.my import nric

    return bool(nric.is_valid(digits))


def is_pin(digits: str) -> bool:
    """Return whether it is a personal number of Thailand."""
    from stdnum.th import pin

    return bool(pin.is_valid(digits))


def is_nik(digits: str) -> bool:
    """Return whether it is an identity number of Indonesia."""
    from stdnum.id import nik

    return bool(nik.is_valid(digits))


def is_ric(number: str) -> bool:
    """Return whether it is a resident number of China, with blanks or hyphens or none."""
    from stdnum.cn import ric

    try:
        return bool(ric.is_valid(re.sub("[ -]", "", number).upper()))
    except KeyError:  # the check digit and the date are right, and the library's table lacks the county
        return True


def is_identity(number: str) -> bool:
    """Return whether it is a Vietnamese CCCD (province, century and sex), an Indonesian NIK, or a grouped PhilSys number."""
    digits = _NO_DIGIT.sub("", number)
    if len(digits) == 12 and digits == number:
        return 1 <= int(digits[:3]) <= 96 and digits[3] in "0123"
    return digits != number or is_nik(digits)
