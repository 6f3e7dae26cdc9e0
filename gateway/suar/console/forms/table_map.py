"""Reads a table like a previous one: by its headings and the chosen meanings of columns and words. Pure."""

from collections.abc import Mapping, Sequence

from suar.console.forms.table import Sheet, guessed, is_repeated
from suar.console.forms.table_words import CHOICES, IGNORED, UNDECIDED
from suar.service.people.records import TableMap


def made_of(
    name: str, sheet: Sheet, meanings: Sequence[str], codes: Mapping[tuple[int, str], str], role: str
) -> TableMap:
    """Return the map of a table that was read. Of two columns with the same heading the first counts.

    An empty column that nothing was chosen for is not in it: it is asked about when a later table fills it.
    """
    columns = {
        head.casefold(): meaning
        for head, meaning in zip(sheet.head[::-1], meanings[::-1], strict=True)
        if meaning != UNDECIDED
    }
    words = {(sheet.head[at].casefold(), word): code for (at, word), code in codes.items() if at < len(sheet.head)}
    return TableMap(name, tuple(columns.items()), tuple((*key, code) for key, code in words.items()), role)


def meanings_of(sheet: Sheet, kept: TableMap) -> list[str]:
    """Return the meaning of each column by the map, else by its heading. Each meaning occurs once."""
    known, found = dict(kept.columns), list[str]()
    for head, guess in zip(sheet.head, guessed(sheet), strict=True):
        meaning = known.get(head.casefold(), guess)
        is_usable = meaning == IGNORED or (meaning in CHOICES and not is_repeated(meaning, found))
        found.append(meaning if is_usable else UNDECIDED)
    return found


def codes_of(sheet: Sheet, kept: TableMap) -> dict[tuple[int, str], str]:
    """Return the meaning of the words of the columns by the map."""
    columns = {head.casefold(): at for at, head in reversed(list(enumerate(sheet.head)))}
    return {(columns[head], word): code for head, word, code in kept.words if head in columns}
