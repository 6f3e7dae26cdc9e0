"""Reads a table like a previous one: by its headings and the chosen meanings of columns and words. Pure."""

from collections.abc import Mapping, Sequence
from typing import Final

from suar.console.forms.table import Sheet, guessed
from suar.console.forms.table_words import MEANINGS
from suar.service.people.records import TableMap

IGNORED: Final = "-"
"""The meaning of a column that is ignored on purpose."""


def made_of(
    name: str, sheet: Sheet, meanings: Sequence[str], codes: Mapping[tuple[int, str], str], role: str
) -> TableMap:
    """Return the map of a table that was read. Of two columns with the same heading the first counts."""
    columns = {
        head.casefold(): meaning or IGNORED for head, meaning in zip(sheet.head[::-1], meanings[::-1], strict=True)
    }
    words = {(sheet.head[at].casefold(), word): code for (at, word), code in codes.items() if at < len(sheet.head)}
    return TableMap(name, tuple(columns.items()), tuple((*key, code) for key, code in words.items()), role)


def meanings_of(sheet: Sheet, kept: TableMap) -> list[str]:
    """Return the meaning of each column by the map, else by its heading. Each meaning occurs once."""
    known, found = dict(kept.columns), list[str]()
    for head, guess in zip(sheet.head, guessed(sheet), strict=True):
        meaning = known.get(head.casefold(), guess)
        found.append(meaning if meaning in MEANINGS and meaning not in found else "")
    return found


def codes_of(sheet: Sheet, kept: TableMap) -> dict[tuple[int, str], str]:
    """Return the meaning of the words of the columns by the map."""
    columns = {head.casefold(): at for at, head in reversed(list(enumerate(sheet.head)))}
    return {(columns[head], word): code for head, word, code in kept.words if head in columns}
