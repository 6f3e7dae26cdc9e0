"""Cyrillic and Greek letters that look like a Latin letter and can disguise a word.

The table has the rows of Unicode's confusables.txt (UTS #39,
https://www.unicode.org/Public/security/latest/confusables.txt) that map one Cyrillic or Greek letter to one Latin
letter; a capital that looks like `l` is read as I. No language of the federation uses either script, so such a letter
is read as the Latin one.
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
LOOKS_LIKE: Final = {each: latin for latin, those in _TABLE.items() for each in those}
CONFUSABLE: Final = re.compile(f"[{''.join(LOOKS_LIKE)}]")
