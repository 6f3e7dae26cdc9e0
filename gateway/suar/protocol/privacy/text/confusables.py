"""Cyrillic, Greek, Cherokee and Coptic letters that look like a Latin letter and can disguise a word.

The table has the rows of Unicode's confusables.txt (UTS #39,
https://www.unicode.org/Public/security/latest/confusables.txt) that map one such letter to one Latin
letter, and the letters of Cherokee and Coptic that have the shape of another one; a capital that looks like `l` is read
as I. No language of the federation uses any of these scripts, so such a letter is read as the Latin one.
"""

import re
from typing import Final

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
    "F": "\u03dc",
    "S": "\u0405",
    "C": "\u0421",
    "G": "\u050c",
    "W": "\u051c",
    "V": "\u0474",
    "b": "\u042c",
    "a": "\u03b1\u0430",
    "y": "\u03b3\u0443\u04af",
    "i": "\u03b9\u0456\u04cf\ua647",
    "v": "\u03bd\u0475",
    "o": "\u03bf\u03c3\u043e",
    "p": "\u03c1\u0440",
    "u": "\u03c5",
    "j": "\u03f3\u0458",
    "r": "\u0433\u1d26",
    "e": "\u0435\u04bd",
    "c": "\u0441",
    "x": "\u0445",
    "s": "\u0455",
    "w": "\u0461\u051d",
    "h": "\u04bb",
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
LOOKS_LIKE: Final = {each: latin for latin, those in _TABLE.items() for each in those} | {
    form: written
    for latin, those in _CAPITALS.items()
    for each in those
    for form, written in ((each, latin), (each.lower(), latin.lower()))
}
CONFUSABLE: Final = re.compile(f"[{''.join(LOOKS_LIKE)}]")
