"""Converts text in capitals to ordinary writing for the search of names: MARIA SANTOS to Maria Santos."""

import re
from typing import Final

from suar.protocol.privacy.names.calling import ORDINARY
from suar.protocol.privacy.names.known import BIG
from suar.protocol.privacy.names.words import STARTS

_ALL_A: Final = bytes.maketrans(bytes(range(ord("A"), ord("Z") + 1)), b"A" * 26)
_RUN: Final = re.compile(rf"\b[{BIG}]{{2,}}(?: [{BIG}]{{2,}})+\b|(?<=[a-z] )[{BIG}]{{3,}}\b")
_IN_CAPITALS: Final = re.compile(rf"\b[{BIG}]+(?:['’-][{BIG}]+)*\b")
_SMALL_LETTER: Final = re.compile(r"\b[^\W\d_]*[a-zß-öø-ÿ]")
_VOWEL: Final = re.compile("[AEIOUY]|[^A-Z]")
SHORT: Final = 5  # maximum letters of an abbreviation
_SMALL: Final = (
    ORDINARY
    | STARTS
    | frozenset(
        """
        v vs lwn bin binti binte bt bte anak ibni si sina ni nina kay kina da de do dos das la is named called alias aka bernama naran tên là name names surname given nickname
        missing wanted found rescued returned re matter alert notice warning urgent update advisory aged kin tuổi sinh năm đã về umur usia
        """.split()  # noqa: SIM905 - words read better as text
    )
)
"""Words that are written in lower case in ordinary writing."""
_FORMS: Final = re.compile(r"\w{3,}(?:[^m]ed|[^l]ing|tion|tions|ment|ments|ness|ship)")
_LEAST: Final = 7  # letters of a word whose ending is examined


def in_ordinary_writing(text: str) -> tuple[str, bool] | None:
    """Return plain text in ordinary writing, and whether it was all in capitals; None if it has no words in capitals.

    The result has the length of the text. A text mostly in capitals is converted word by word; in other texts only
    consecutive words in capitals are converted.
    """
    if text.isascii() and not _has_two_capitals(text):
        return None
    if sum(map(str.isupper, text)) * 2 > sum(map(str.isalpha, text)):
        is_all = _SMALL_LETTER.search(text) is None
        written = _IN_CAPITALS.sub(lambda word: _ordinary(word[0]), text)
    elif _RUN.search(text):
        is_all, written = False, _RUN.sub(lambda run: run[0].title(), text)
    else:
        return None
    return None if len(written) != len(text) else (written, is_all)  # some letters become longer in lower case


def _has_two_capitals(text: str) -> bool:
    """Whether an ASCII text has two consecutive capitals, as every _RUN has; six times faster than a search."""
    return b"AA" in text.encode().translate(_ALL_A)


def _ordinary(word: str) -> str:
    """Return a word in capitals in ordinary writing; abbreviations are not changed."""
    small = word.lower()
    if small in _SMALL or (len(small) >= _LEAST and _FORMS.fullmatch(small)):
        return small
    if len(word) <= SHORT and not _VOWEL.search(word):
        return word
    return word.title()
