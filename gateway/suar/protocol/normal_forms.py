"""Unicode normal forms of texts of any length, in a time that grows with their length.

`unicodedata.normalize` puts the combining marks of a letter in order by insertion, and no other thread runs meanwhile:
160,000 marks that are out of order took 45 seconds. Here they are sorted first, as the Canonical Ordering Algorithm
requires (The Unicode Standard, section 3.11, D108 and D109).
"""

from itertools import groupby
from typing import Final, Literal
from unicodedata import combining, is_normalized, normalize

Form = Literal["NFC", "NFD", "NFKC", "NFKD"]
SHORT: Final = 128
"""Characters up to which a text is normalised directly."""


def normal(form: Form, text: str) -> str:
    """Return the text in this normal form, as `unicodedata.normalize` does."""
    if len(text) <= SHORT or is_normalized(form, text):
        return normalize(form, text)
    return normalize(form, _ordered("NFKD" if "K" in form else "NFD", text))


def _ordered(form: Form, text: str) -> str:
    """Return the text decomposed, with the marks of each letter sorted by their combining class."""
    decomposed = "".join([normalize(form, each) for each in text])
    runs = groupby(decomposed, lambda each: combining(each) != 0)
    return "".join("".join(sorted(run, key=combining) if are_marks else run) for are_marks, run in runs)
