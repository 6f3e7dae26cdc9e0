"""Writes schemas/unicode.csv: the ranges of code points that are assigned in the Unicode version of the standard.

`python tests/schemas/make_unicode.py` needs a Python with exactly these tables (3.11). The table is not widened in a
minor of the standard: who reads the older one strictly would refuse what the newer one has.
"""

import sys
import unicodedata
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from sys import maxunicode

VERSION = "14.0.0"
FILE = Path(__file__).parents[2] / "schemas" / "unicode.csv"


def ranges() -> Iterator[tuple[int, int]]:
    """The first and the last code point of each assigned range; also surrogates and those for private use."""
    assigned = (code for code in range(maxunicode + 1) if unicodedata.category(chr(code)) != "Cn")
    for _, run in groupby(enumerate(assigned), lambda each: each[1] - each[0]):
        codes = [code for _, code in run]
        yield codes[0], codes[-1]


def table() -> str:
    """The content of the file."""
    return "first,last\n" + "".join(f"{first:04X},{last:04X}\n" for first, last in ranges())


if __name__ == "__main__":
    if unicodedata.unidata_version != VERSION:
        sys.exit(f"this Python has the tables of Unicode {unicodedata.unidata_version}, not {VERSION}")
    FILE.write_text(table(), encoding="utf-8")
