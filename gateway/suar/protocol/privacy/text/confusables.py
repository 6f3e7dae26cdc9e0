"""Cyrillic, Greek, Cherokee and Coptic letters that look like a Latin letter or a digit and can disguise a word.

The table has the rows of Unicode's confusables.txt (UTS #39,
https://www.unicode.org/Public/security/latest/confusables.txt) that map one such letter to one Latin
letter or digit, small letters to the small capital that they look like, and the letters of Cherokee and Coptic that
have the shape of another one; a capital that looks like `l` is read as I. As the file says, marks are taken off first.
No language of the federation uses any of these scripts, so such a letter is read as the Latin one, and as a digit beside
one. A word that mixes Latin letters with Cyrillic ones, of which one looks like no Latin letter, is read by its sounds.
"""

import re
from typing import Final

from suar.protocol.normal_forms import normal

_TABLE: Final = {
    "J": "\u037f\u0408",
    "A": "\u0391\u0410",
    "B": "\u0392\u0412",
    "E": "\u0395\u0415",
    "Z": "\u0396",
    "H": "\u0397\u041d",
    "I": "\u0399\u0406\u04c0",
    "K": "\u039a\u041a",
    "M": "\u039c\u03fa\u041c",
    "N": "\u039d",
    "O": "\u039f\u041e",
    "P": "\u03a1\u0420",
    "T": "\u03a4\u0422",
    "Y": "\u03a5\u0423\u04ae",
    "X": "\u03a7\u0425",
    "F": "\u03dc\U0001d213",
    "S": "\u0405",
    "C": "\u0421\u03f9",
    "R": "\U0001d216",
    "L": "\U0001d22a",
    "G": "\u050c",
    "W": "\u051c",
    "V": "\u0474\U0001d20d",
    "b": "\u042c\u044c\u0432",
    "a": "\u03b1\u0430",
    "y": "\u03b3\u0443\u04af",
    "t": "\u0442\u03c4",
    "k": "\u043a\u03ba",
    "m": "\u043c",
    "n": "\u03b7",
    "g": "\u050d",
    "i": "\u03b9\u0456\u04cf\ua647",
    "v": "\u03bd\u0475",
    "o": "\u03bf\u03c3\u043e",
    "p": "\u03c1\u0440\u1d29",
    "u": "\u03c5",
    "j": "\u03f3\u0458",
    "r": "\u0433\u1d26\u2c85\uab81",
    "e": "\u0435\u04bd\u0454\u03b5",
    "c": "\u0441\u03f2",
    "x": "\u0445",
    "s": "\u0455",
    "w": "\u0461\u051d",
    "h": "\u04bb\u043d",
    "d": "\u0501",
    "q": "\u051b",
}
_CAPITALS: Final = {
    # the capitals of Cherokee and Coptic; each has a small letter of the same shape
    "A": "\u13aa\u2c80",
    "B": "\u13f4\u2c82",
    "C": "\u13df\u2ca4",
    "D": "\u13a0",
    "E": "\u13ac\u2c88",
    "G": "\u13c0\u13f3",
    "H": "\u13bb\u2c8e",
    "I": "\u13c6\u2c92",
    "J": "\u13ab",
    "K": "\u13e6\u2c94",
    "L": "\u13de\u2cd0",
    "M": "\u13b7\u2c98",
    "N": "\u2c9a",
    "O": "\u13be\u2c9e",
    "P": "\u13e2\u2ca2",
    "R": "\u13a1\u13d2",
    "S": "\u13d5\u13da",
    "T": "\u13a2\u2ca6",
    "V": "\u13d9",
    "W": "\u13b3\u13d4",
    "X": "\u2cac",
    "Y": "\u13a9\u13bd\u2ca8",
    "Z": "\u13c3\u2c8c",
    "i": "\u13a5",
    "h": "\u13c2",
    "b": "\u13cf",
    "d": "\u13e7",
}
_LETTERS: Final = {each: latin for latin, those in _TABLE.items() for each in those} | {
    form: written
    for latin, those in _CAPITALS.items()
    for each in those
    for form, written in ((each, latin), (each.lower(), latin.lower()))
}
_MARKED: Final = (range(0x0386, 0x03D0), range(0x0400, 0x0530), range(0x1F00, 0x2000))
"""Greek and Cyrillic, which have letters with marks."""
LOOKS_LIKE: Final = _LETTERS | {
    each: _LETTERS[base]
    for each in (chr(code) for codes in _MARKED for code in codes)
    if each not in _LETTERS and (base := normal("NFD", each)[0]) in _LETTERS
}
CONFUSABLE: Final = re.compile(f"[{''.join(LOOKS_LIKE)}]")
LUNATE: Final = re.compile("[\u03f2\u03f9]")
"""Letters like c, of which NFKC makes another letter."""

_DIGITS: Final = {
    "2": "\u03e8\u03e9\ua644\ua645",
    "3": "\u0417\u0437\u04e0\u04e1\u2ccc\u2ccd\U0001d206",
    "4": "\u13ce\uab9e",
    "6": "\u0431\u2cd2\u2cd3\u13ee\uabbe",
    "7": "\U0001d212",
    "9": "\u2cca\u2ccb",
}
_NOUGHTS_AND_ONES: Final = {
    "0": "\u041e\u043e\u039f\u03bf\u03c3\u2c9e\u2c9f\u13be",
    "1": "\u0406\u0456\u0399\u03b9\u04c0\u04cf\u2c92",
}
_DIGIT_OF: Final = {
    each: digit for table in (_DIGITS, _NOUGHTS_AND_ONES) for digit, those in table.items() for each in those
}
_THREE_OR_SIX: Final = "".join(_DIGITS.values())
_ANY: Final = _THREE_OR_SIX + "".join(_NOUGHTS_AND_ONES.values())
LIKE_DIGITS: Final = re.compile(
    # within a number or at its end; what is a letter of many words only where no other letter is beside it
    rf"(?<=[0-9])[{_ANY}]+(?=[0-9])|(?<=[0-9])[{_ANY}]+(?!\w)|(?<!\w)[{_ANY}]+(?=[0-9])"
    rf"|(?<=[0-9])[{_THREE_OR_SIX}]+|(?<![{_THREE_OR_SIX}])[{_THREE_OR_SIX}]+(?=[0-9])|(?<=[0-9][-. ])[{_THREE_OR_SIX}]{{2,}}(?=[-. ][0-9])"
)
"""Letters that look like digits, beside a digit."""

_SOUNDS: Final = dict(zip("абвгдезийклмнопрстуфхыэ", "abvgdezijklmnoprstufhye", strict=True))
_ALPHABET: Final = "a-z\u0430-\u044f"
MIXED: Final = re.compile(
    rf"(?<!\w)(?=[\u0430-\u044f]*[a-z])(?=[a-z]*[\u0430-\u044f])[{_ALPHABET}]{{3,40}}(?!\w)", re.IGNORECASE
)
"""A word of Latin and Cyrillic letters."""


def digits_for(found: re.Match[str]) -> str:
    """Return the digits for a match of LIKE_DIGITS."""
    return "".join(map(_DIGIT_OF.__getitem__, found[0]))


def by_sound(found: re.Match[str]) -> str:
    """Return a match of MIXED by its sounds if one of its letters looks like no Latin one, else unchanged."""
    if all(each.isascii() or each in LOOKS_LIKE for each in found[0]):
        return found[0]
    return "".join(_SOUNDS.get(each.lower(), each) for each in found[0])
