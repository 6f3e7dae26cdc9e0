"""Characters that a terminal shows as nothing or as a blank, or that move the text around them.

With such characters, a text of another member could fill a line so that the rest looks like a line of the gateway.
Joiners and the no-break space are kept, because scripts of the region need them.
"""

import re
import unicodedata
from typing import Final

KEPT: Final = frozenset("\n\u00a0\u200b\u200c\u200d")
MARKS_MAX: Final = 4
"""Most marks on one letter; no script of the region has more."""
CODE_MAX: Final = 64
"""Most characters shown of an unknown code; the longest code of the lists is shorter."""
_MARK: Final = ("Mn", "Me")
_PILE: Final = re.compile(rf"[^\w\x00-\x7f]{{{MARKS_MAX + 1}}}")
"""A run of characters that may contain more than MARKS_MAX marks; ASCII and word characters contain none."""
BLANK: Final = "\u115f\u1160\u2800\u3164\uffa0\U0001d159"
"""Fillers of Hangul, the empty Braille pattern, the null notehead: printable and without a glyph."""
IGNORED: Final = "\u034f\u17b4\u17b5\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef"
"""Default-ignorable marks (DerivedCoreProperties of Unicode): without a width; they change a glyph at most."""
_BLANK: Final = re.compile(f"[{BLANK}]")
_IGNORED: Final = re.compile(f"[{IGNORED}]")
_DOUBLE: Final = re.compile(
    '["\u00ab\u00bb\u02ba\u02dd\u02ee\u02f5\u02f6\u05f4\u201c-\u201f\u2033\u2034\u2036\u2037\u2057\u275d\u275e\u2760'
    "\u2e42\u300c-\u300f\u301d-\u301f\u3003\ufe41-\ufe44\uff02\uff62\uff63\U0001f676-\U0001f678]"
)
_ONE: Final = "[\u2019'`\u00b4\u02b9\u02bb\u02bc\u2018\u201a\u201b\u2032\u2035\uff07]"
_SEVERAL: Final = re.compile(f"{_ONE}(?:[\u200b-\u200d]*{_ONE})+")  # two single marks look like a double one
SINGLE: Final = "\u2019"


def visible_text(text: str, kept: frozenset[str] = KEPT) -> str:
    """Return `text` without invisible characters: one with a width or a function becomes a blank, a mark is removed."""
    if text.isascii() and text.isprintable():
        return text
    text = _BLANK.sub(" ", _IGNORED.sub("", text))
    text = text if text.isprintable() else "".join(c if c.isprintable() or c in kept else " " for c in text)
    return few_marks(text)


def few_marks(text: str) -> str:
    """Return `text` with at most MARKS_MAX marks on one letter; more would cover the text around it."""
    if text.isascii() or _PILE.search(text) is None:
        return text
    kept, marks = list[str](), 0
    for char in text:
        category = unicodedata.category(char)
        if category in _MARK:
            marks += 1
        elif category != "Cf":  # joiners between marks of one letter
            marks = 0
        if marks <= MARKS_MAX or category not in _MARK:
            kept.append(char)
    return "".join(kept)


def short_code(text: str) -> str:
    """Return a code that is in no list here on one line, without invisible characters, at most CODE_MAX characters."""
    text = " ".join(inside_quotes(text).split())
    return text if len(text) <= CODE_MAX else f"{text[:CODE_MAX]}\u2026"


def inside_quotes(text: str) -> str:
    """Return text for use in quotation marks, without any character that looks like a closing quotation mark."""
    return _SEVERAL.sub(SINGLE, _DOUBLE.sub(SINGLE, visible_text(text)))
