"""Sentences for people, stored in a form that can be shown in any language.

A sentence consists of a text id, which is its English with named placeholders, and the values for them. In English it
is the id with its values; in another language the catalogue has the translation of the id. The call `sentence("...")`
marks an id for translation: the extractor (languages/extract.py) collects the literal.

A value that names a cell, a category or a dimension of a table is a typed value: a sentence with a type, whose values
are the codes. Its text is the codes; a person is shown the label, which is looked up by the codes (ADR 0081).
"""

from collections.abc import Iterable, Mapping
from string import Formatter
from typing import Final, Union

from msgspec import UNSET, Struct, UnsetType

from suar.protocol.base.errors import CODES, Fault

CELL: Final = "cell"
CATEGORY: Final = "category"
DIMENSION: Final = "dimension"
"""The types of values. One that a reader does not know is shown as its text."""
_parts: Final = Formatter().parse


class Sentence(Struct, frozen=True):
    """A text id and its values. An id that is not passed through `sentence` is not collected for translation.

    `type`: of a typed value alone; the id is then a template without words.
    """

    id: str
    values: "dict[str, Value]" = {}
    type: str | UnsetType = UNSET

    def __str__(self) -> str:
        """Return the sentence in English."""
        return filled(self.id, {name: str(value) for name, value in self.values.items()})

    def __hash__(self) -> int:
        return hash((self.id, tuple(self.values.items())))


Value = Union[str, int, Sentence]  # noqa: UP007  msgspec reads it at run time


def sentence(text_id: str, /, **values: Value) -> Sentence:
    """Return a sentence that the catalogues translate; the id is a literal with one placeholder for each value."""
    return Sentence(text_id, values)


class SentenceFault(Fault):
    """A Fault that can be shown in any language: its text and its hint are sentences, and also there in English."""

    def __init__(self, message: Sentence, advice: Sentence) -> None:
        super().__init__(str(message), str(advice))
        self.message, self.advice = message, advice


def name_cell(period: str, areas: Mapping[str, str], dims: Mapping[str, str]) -> Sentence:
    """Return a cell of a table as a typed value: its period, the codes of its location by field, and of its dims."""
    codes = {name: name_category(name, code) for name, code in dims.items()}
    return _joined({"period": period, **areas, **codes}, CELL)


def name_category(dimension: str, code: str) -> Sentence:
    """Return a category of a dimension as a typed value."""
    return Sentence("{dimension} {code}", {"dimension": dimension, "code": code}, CATEGORY)


def name_dimension(dimension: str) -> Sentence:
    """Return a dimension as a typed value."""
    return Sentence("{dimension}", {"dimension": dimension}, DIMENSION)


def join_values(values: "Iterable[Value]") -> Sentence:
    """Return values as one, separated by commas."""
    return _joined({f"value{number}": each for number, each in enumerate(values, 1)})


def _joined(values: "Mapping[str, Value]", type_: str | UnsetType = UNSET) -> Sentence:
    return Sentence(", ".join(f"{{{name}}}" for name in values), dict(values), type_)


def filled(template: str, values: dict[str, str]) -> str:
    """Return a template with its values. Placeholders are plain names; raises KeyError or ValueError on a mismatch."""
    return "".join(
        literal + (values[name] if name is not None else "") for literal, name, _, _ in _parts(template)
    )  # fmt: skip


def several(count: int, one: str, many: str) -> str:
    """Return a number with the English for one or for many: `1 object waits`, `2 objects wait`."""
    return f"{count} {one if count == 1 else many}"


def has_words(template: str) -> bool:
    """Whether a template has words of its own; one that has only placeholders is the same in every language."""
    return any(char.isalnum() for literal, *_ in _parts(template) for char in literal)


def advice(code: str) -> Sentence:
    """Return the next step for a code, as a sentence."""
    return Sentence(CODES[code].advice)
