"""Tables for a terminal, with the labels of codes in place of JSON paths."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from suar.cli.base.reader import ENGLISH, room

if TYPE_CHECKING:
    from suar.languages.tags import Language
    from suar.protocol.base.sentences import Sentence
    from suar.protocol.privacy.tables.shown import Table

OF_TABLES: Final = ("$.obs", "E-PRIVACY-")
"""How a path or code begins for reasons that may be about a table; others need no labels, and load none."""


def draft_of(data: bytes) -> object:
    """Return a submitted draft, for the names of its figures; None if it is not JSON."""
    from suar.protocol.base.reasons import Invalid
    from suar.protocol.message.jsonform import parse

    try:
        return parse(data)
    except Invalid:
        return None


def in_words(table: "Table | dict[str, Any] | None", lang: "Language") -> dict[str, Any] | None:
    """Return a table with the labels of a language; one that a gateway answered has them already."""
    if table is None or isinstance(table, dict):
        return table
    from suar.languages.names import names
    from suar.languages.rendering.cells import label

    known = names(lang.tag)
    return table.shape(lambda cell: label(cell, known))


def for_a_person(reasons: Iterable[Mapping[str, Any]], draft: object) -> list[dict[str, Any]]:
    """Return reasons in English with labels where they name figures; `draft`: the draft, or its table.

    Those about the submitted table come first.
    """
    found = [dict(reason) for reason in reasons]
    if not any(_may_name_figures(reason) for reason in found):
        return found
    from suar.languages.rendering import reading
    from suar.languages.rendering.cells import observations

    figures = observations(draft)
    return [
        reading.in_english(reason, figures) if _may_name_figures(reason) else reason
        for reason in reading.first_of_all(found)
    ]


def with_labels(sentence: "Sentence") -> str:
    """Return a sentence in English with labels where it names figures."""
    from suar.languages.names import names
    from suar.languages.rendering import cells

    return cells.in_words(sentence, names(ENGLISH))


def _may_name_figures(reason: Mapping[str, Any]) -> bool:
    return any(str(reason.get(part)).startswith(OF_TABLES) for part in ("path", "code"))


def table_lines(table: Mapping[str, Any], tag: str) -> list[str]:
    """Return both grids of a table, what is hidden and why, and what coarser tables would hide."""
    from suar.languages.rendering import reading
    from suar.languages.tags import LANGUAGES

    return reading.table_lines(dict(table), LANGUAGES[tag], room())
