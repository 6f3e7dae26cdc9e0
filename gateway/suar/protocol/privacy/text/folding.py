"""Characters that a reader, or a browser, takes for an ASCII digit, letter or sign of an address.

Digits by their value in Unicode, letters in rings, on keys and as small capitals, and the rows of Unicode's
confusables.txt (UTS #39) for `.`, `/`, `:`, `_` and `-`. A full stop of Chinese, which UTS #46 maps to a dot, and a
middle dot also end sentences and part names, so an address with one is read beside the text (`SOFT_ADDRESS`).
"""

import re
import unicodedata
from functools import cache
from typing import Final

# -- digits

DIGIT: Final = re.compile(
    # the digits of every script, and the ranges with other characters of the value 0 to 9; Roman numerals stay letters
    r"[^\x00-\x7f\D]"
    "|[\u00b2\u00b3\u00b9\u0bf0-\u0bf2\u0c78-\u0c7e\u0f2a-\u0f33\u1369-\u1371\u17f0-\u17f9\u19da\u2070-\u2089\u2460-\u249b\u24c4\u24de\u24ea-\u24ff\u2776-\u2793"
    "\u3021-\u3029\u3192-\u3195\u3220-\u3229\u3280-\u3289\ua6e6-\ua6ef\U00010107-\U00010fff\U00011052-\U0001105a\U000111e1-\U000111e9"
    "\U00011c5a-\U00011c62\U00012400-\U0001246e\U00016e80-\U00016e96\U0001d2c0-\U0001d2e9\U0001d360-\U0001d378\U0001e8c7-\U0001e8cf"
    "\U0001ec71-\U0001ecb2\U0001ed01-\U0001ed3d\U0001f100-\U0001f10c\U0001f15e\U0001f17e]"
)
_TIBETAN_HALVES, _KAKTOVIK, _TENS_OF_RODS = 0x0F2A, 0x1D2C0, 0x1D369
_OTHER_DIGITS: Final = (
    {chr(_TIBETAN_HALVES + n): str((n + 1) % 10) for n in range(10)}  # a half of one to a half of ten
    | {chr(_KAKTOVIK + n): str(n) for n in range(10)}  # unknown to the Unicode of older Pythons
    | {chr(_TENS_OF_RODS + n): str(n + 1) for n in range(9)}  # written at every second place of a number
)
_O_IN_A_RING: Final = "\u24c4\u24de\U0001f15e\U0001f17e"
_TENS_OF_TAMIL: Final = "\u0bf0\u0bf1\u0bf2"
HAN_ZERO: Final = re.compile("(?<![0-9\u3007])[0-9\u3007]*\u3007[0-9\u3007]*")
"""A run of digits and Han zeros. It is a number if it has a digit; the zero of a year in Chinese is a number word."""


def digit(found: re.Match[str]) -> str:
    """Return the ASCII digits of the value of a match of DIGIT; a fraction, or what has no value, is returned unchanged."""
    each = found[0]
    if each in _OTHER_DIGITS:
        return _OTHER_DIGITS[each]
    before, after = found.string[max(0, found.start() - 1) : found.start()], found.string[found.end() : found.end() + 1]
    if each in _O_IN_A_RING:  # a zero before a digit, else a letter
        is_first = "LETTER" not in unicodedata.name(before or " ", "")
        return "0" if is_first and unicodedata.digit(after or " ", -1) >= 0 else each
    if each in _TENS_OF_TAMIL and (before.isnumeric() or after.isnumeric()):
        return each  # multiplied with the digit before it
    value = unicodedata.numeric(each, -1)
    return str(int(value)) if value >= 0 and value == int(value) else each


def han_zeros(found: re.Match[str]) -> str:
    """Return a match of HAN_ZERO with its zeros as digits, if it has another digit."""
    return found[0].replace("\u3007", "0") if any(map(str.isdigit, found[0])) else found[0]


# -- letters

MARKED: Final = re.compile(
    # without the letters of Vietnamese between them; its others, and those of Portuguese, are in no range
    "[\u0100\u0101\u0104-\u010f\u0112-\u0127\u012a-\u0167\u016a-\u019f\u01a2-\u01ae\u01b1-\u024f\u1e00-\u1e9f\u1efa-\u1eff\u2c60-\u2c7f\ua722-\ua7ff]"
)
"""A Latin letter with a mark that no language of the federation has."""
_LATIN: Final = re.compile(r"LATIN (?!LETTER SMALL CAPITAL)(?:CAPITAL |SMALL )?(?:LETTER|LIGATURE) (.*)")
_ONE_LETTER: Final = re.compile(r"\b[A-Z]\b")


def without_mark(found: re.Match[str]) -> str:
    """Return the ASCII letter of a match of MARKED; a capital letter remains one, as a name begins with it."""
    return _base(found[0])


@cache
def _base(letter: str) -> str:
    """Return the letter of the name in Unicode, or for a capital with a name of its own the first one of that name."""
    named = _LATIN.fullmatch(unicodedata.name(letter, ""))
    if named is None or not (letter.isupper() or letter.islower()):
        return letter
    base = _ONE_LETTER.search(named[1])
    if letter.islower():
        return base[0].lower() if base else letter
    return base[0] if base else named[1][0]


_ALPHABET: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_IN_BLACK: Final = {chr(first + n): each for first in (0x1F150, 0x1F170) for n, each in enumerate(_ALPHABET)}
_SMALL_CAPITALS: Final = dict(
    zip(
        "\u1d00\u0299\u1d04\u1d05\u1d07\ua730\u0262\u029c\u026a\u1d0a\u1d0b\u029f\u1d0d\u0274\u1d0f\u1d18\ua7af\u0280\ua731\u1d1b\u1d1c"
        "\u1d20\u1d21\u028f\u1d22",
        "abcdefghijklmnopqrstuvwyz",
        strict=True,
    )
)
OTHER_LETTERS: Final = _IN_BLACK | {each: latin.upper() for each, latin in _SMALL_CAPITALS.items()}
SMALL_CAPITALS: Final = re.compile(
    # with the letters of which no small capital is in use: s, x
    rf"(?<![A-Za-z])[A-Za-z]*[{''.join(_SMALL_CAPITALS)}][A-Za-z{''.join(_SMALL_CAPITALS)}]*"
)
OTHER_LETTER: Final = re.compile(f"[{''.join(OTHER_LETTERS)}]")
_INDICATOR_A: Final = 0x1F1E6
INDICATORS: Final = re.compile("[\U0001f1e6-\U0001f1ff]+")
"""Letters of which two are shown as the flag of a country."""
_FLAG: Final = 2
_NO_FLAGS: Final = frozenset({"FB", "IG", "QQ"})
"""Networks in two letters that are the code of no country, so that they are shown as letters."""


def in_capitals(found: re.Match[str]) -> str:
    """Return a match of SMALL_CAPITALS, a word with small capitals, in capitals: a reader takes them for capitals."""
    return "".join(OTHER_LETTERS.get(each, each) for each in found[0]).upper()


def indicated(found: re.Match[str]) -> str:
    """Return the letters of a match of INDICATORS, unless it is one flag."""
    letters = "".join(_ALPHABET[ord(each) - _INDICATOR_A] for each in found[0])
    return found[0] if len(letters) == _FLAG and letters not in _NO_FLAGS else letters


# -- signs of an address

_SIGNS: Final = {
    ":": "\u02f8\u0589\u05c3\u0703\u0704\u16ec\u1803\u1809\u205a\u2236\ua789",
    "/": "\u2041\u2215\u2571\u27cb\u29f8\u3033\U0001d23a",
    "-": "\u02d7\u2043\u2796",
    "_": "\u02cd",
    ".": "\ua60e\U00010a50",
}
_SIGNS_IN_WORDS: Final = {
    # letters, and marks of other scripts: signs only between Latin letters or digits
    ".": "\u06d4\u0701\u0702\ua4f8\U0001d16d",
    "/": "\u1735\u2cc6\u30ce\u31d3\u4e3f",
    ":": "\u02d0\u0903\u0a83\ua4fd",
    "_": "\u07fa",
    "-": "\u2500\u2501\u2cba\u30fc",
}
_FRACTION: Final = "\u2044"
SIGNS: Final = {
    each: sign for table in (_SIGNS, _SIGNS_IN_WORDS) for sign, those in table.items() for each in those
} | {_FRACTION: "/"}
SIGN: Final = re.compile(
    rf"[{''.join(_SIGNS.values())}]|(?<=[0-9A-Za-z])[{''.join(_SIGNS_IN_WORDS.values())}](?=[0-9A-Za-z])"
    rf"|(?<!\d){_FRACTION}|{_FRACTION}(?!\d)"  # between two digits it is a fraction
)
FRACTIONS: Final = re.compile(rf"(?<!\d)\d+(?:{_FRACTION}\d+){{2,}}")
"""More than one slash of a fraction: a date or another number in parts."""
DOT: Final = re.compile(
    "\u02d9(?<=[0-9A-Za-z]\u02d9)(?=[0-9A-Za-z])|[\u0660\u06f0](?<=[A-Za-z][\u0660\u06f0])(?=[A-Za-z])"
)
"""A dot above, and the zero of Arabic between letters, which look like a full stop."""
SOFT: Final = "\u3002\u00b7\u16eb\u2022\u2027\u2219\u22c5\u25e6\u2e30\u2e31\u30fb\ua78f\U00010101"
_ENDS: Final = "com|net|org|info|biz|xyz|app|link|online|site|club|top|shop"
NATIVE_ENDS: Final = (
    "\u4e2d\u56fd|\u4e2d\u570b|\u9999\u6e2f|\u53f0\u6e7e|\u53f0\u7063|\u6fb3\u9580|\u65b0\u52a0\u5761|\u516c\u53f8|\u7f51\u7edc|\u7f51\u5740|\u7f51\u7ad9|\u7f51\u5e97|\u5728\u7ebf|\u4e2d\u6587\u7f51"
    "|\u96c6\u56e2|\u6211\u7231\u4f60|\u5546\u57ce|\u5546\u5e97|\u624b\u673a|\u4fe1\u606f|\u79fb\u52a8|\u6e38\u620f"
    "|\u0e44\u0e17\u0e22|\u0ea5\u0eb2\u0ea7|\u0b9a\u0bbf\u0b99\u0bcd\u0b95\u0baa\u0bcd\u0baa\u0bc2\u0bb0\u0bcd|\u0b87\u0ba8\u0bcd\u0ba4\u0bbf\u0baf\u0bbe"
)
"""Top-level domains in other letters (IANA): China, Hong Kong, Taiwan, Macao, Singapore, company, network, shop and others
in Chinese; Thailand, Laos, Singapore and India."""
_NATIVE_HOSTS: Final = tuple(f".{end}" for end in NATIVE_ENDS.split("|"))


def has_native_host(text: str) -> bool:
    """Whether a text has the end of a host in other letters; faster than a search for the host."""
    return not text.isascii() and any(map(text.__contains__, _NATIVE_HOSTS))


_OF_AN_ADDRESS: Final = "[A-Za-z0-9._@/:%+~#?=&-]"
SOFT_ADDRESS: Final = re.compile(
    # before small letters, or the end of a host in any letters: another capital begins a sentence
    rf"(?<!{_OF_AN_ADDRESS}){_OF_AN_ADDRESS}+(?:[{SOFT}](?:(?=[a-z]|(?:[A-Z]{{2}}|[A-Z][a-z]|(?i:{_ENDS}))(?![A-Za-z])){_OF_AN_ADDRESS}+|(?:{NATIVE_ENDS})(?![^\W_])))+"
    rf"|(?<!\d)\d+(?:[{SOFT}]\d+){{2,}}"
)
_DOTS: Final = str.maketrans(dict.fromkeys(SOFT, "."))


def with_dots(found: re.Match[str]) -> str:
    """Return a match of SOFT_ADDRESS in the same length, with dots."""
    return found[0].translate(_DOTS)


SOFT_NAME: Final = re.compile(rf"(?<![^\W_])[A-Z][a-z]+(?:[{SOFT}][A-Z][a-z]+)+(?![^\W_])")
"""Capitalised words that such a sign parts, as Chinese writes a name; beside its letters the sign ends a sentence."""
_AS_BLANKS: Final = str.maketrans(dict.fromkeys(SOFT, " "))


def with_blanks(found: re.Match[str]) -> str:
    """Return a match of SOFT_NAME in the same length, with blanks."""
    return found[0].translate(_AS_BLANKS)


FOLDED: Final = re.compile(f"[\u3007{''.join(OTHER_LETTERS)}\U0001f1e6-\U0001f1ff{''.join(SIGNS)}{SOFT}]")
"""A character of every match of the forms for letters, signs and addresses; it is searched first."""


# -- signs of an address in brackets or behind backslashes, as reports on security write them: facebook[.]com

_SIGN: Final = r"[\[({] ?(?:dot|at|[.@:]|:?//?) ?[\])}]"
_BACKSLASH: Final = r"\\(?:\.(?=\w)|(?=(?:com|net|org|info|me)\b))"
_SCHEME: Final = r"(?<=[a-z]):\\{1,2}(?=\w)"
_SIGN_OR_BACKSLASH: Final = re.compile(rf"{_SIGN}|\\", re.IGNORECASE)
"""A part of every match of IN_BRACKETS, which is found faster."""
IN_BRACKETS: Final = re.compile(rf"(?<=\w) ?{_SIGN} ?(?=[\w/])|(?<=\w){_BACKSLASH}|{_SCHEME}", re.IGNORECASE)
"""A sign of an address in brackets between two words; a backslash before a dot or for one, or for those of a scheme."""
_WORDS: Final = {"dot": ".", "at": "@"}


def has_brackets(text: str) -> bool:
    """Whether a text may have a match of IN_BRACKETS; most texts are passed over without a search."""
    if "(" in text or "[" in text or "{" in text or "\\" in text:
        return _SIGN_OR_BACKSLASH.search(text) is not None
    return False


def without_brackets(found: re.Match[str]) -> str:
    """Return the sign for a match of IN_BRACKETS."""
    sign = found[0].strip(" [](){}").lower()
    if "\\" in sign:
        return "://" if sign.startswith(":") else "."
    return _WORDS.get(sign, sign)
