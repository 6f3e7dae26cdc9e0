"""Labels of table cells and figures in the reader's language, in place of codes and JSON paths.

A reason names a cell, a category or a dimension by a typed value (`protocol/base/sentences.py`), whose codes are looked
up here; the JSON path of an observation is shown by the label of its cell. No text is searched for names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from suar.languages.cldr.subdivisions import with_name
from suar.languages.rendering.values import Values, sections
from suar.languages.tags import ENGLISH
from suar.protocol.base.codelists import TOTAL, codes
from suar.protocol.base.sentences import CATEGORY, CELL, DIMENSION, Sentence, filled
from suar.protocol.message.kinds import DIMENSIONS, Dims, Observation
from suar.protocol.message.spec import fields_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from suar.languages.names import Names

Cell = dict[str, Any]
_FIGURE: Final = "$.obs["
_DIGITS: Final = 6  # most digits of the number of a figure in a path
_AREAS: Final = ("admin1", "locode")


def label(cell: Mapping[str, Any], names: Names) -> str:
    """Return the label of a cell ({period, place, dims}): when, where, and each breakdown with its name."""
    return Values(names).join(parts(cell, names))


def parts(cell: Mapping[str, Any], names: Names) -> list[str]:
    """Return the parts of the label: when, where, and each breakdown."""
    values, known = Values(names), fields_of(Observation)
    found = [values.one(known[name][1], name, cell[name]) for name in ("period", "place")]
    return [*found, *_breakdown(cell["dims"], values)]


def _breakdown(dims: Mapping[str, str], values: Values) -> list[str]:
    """Return each dimension with its category, or the word for total if there is none."""
    known = fields_of(Dims)
    found = []
    for name in DIMENSIONS:
        code = dims.get(name, TOTAL)
        if code != TOTAL:
            head = values.words.label("dimension", name) or name
            found.append(values.words.phrase("pair", label=head, value=values.one(known[name][1], name, code)))
    return found or [values.words.phrase("total")]


def describe_path(path: str, cells: Sequence[Any], names: Names) -> str:
    """Return a JSON path for people: that of an observation as the label of its cell, any other unchanged."""
    digits, bracket, below = path.removeprefix(_FIGURE).partition("]")
    is_number = digits.isascii() and digits.isdigit() and len(digits) <= _DIGITS
    if not path.startswith(_FIGURE) or not bracket or not is_number:
        return path
    number, rest = int(digits), below.rpartition(".")[2]
    name = _known(cells[number], names) if number < len(cells) else None
    name = name or names.words.phrase("figure", number=names.number(number + 1))
    if not rest or rest == "value":
        return name
    head = names.words.label("dimension", rest) or (
        names.words.field("Observation", rest) if rest in fields_of(Observation) and rest != "dims" else None
    )
    return names.words.phrase("pair", label=name, value=head) if head else name


def _known(cell: Any, names: Names) -> str | None:
    """Return the label of a cell of an unchecked draft; None if it is not a cell."""
    try:
        return label(cell, names)
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def label_value(value: Sentence, names: Names) -> str | None:
    """Return the label of a typed value of a reason, by its codes; None if it has none, and is shown as its text."""
    try:
        if value.type == CELL:
            return _of_cell(value.values, names)
        if value.type == CATEGORY:
            return _of_category(value.values, names)
        if value.type == DIMENSION and names.tag != ENGLISH.tag:  # in English the code is the word
            return names.words.label("dimension", str(value.values["dimension"]))
    except (KeyError, TypeError, ValueError, AttributeError):  # of another version
        return None
    return None


def in_words(sentence: Sentence, names: Names) -> str:
    """Return a sentence in English with the labels of its typed values. Raises KeyError or ValueError as `filled`."""
    known = label_value(sentence, names)
    if known is not None:
        return known
    values = sentence.values.items()
    return filled(sentence.id, {name: in_words(v, names) if isinstance(v, Sentence) else str(v) for name, v in values})


def _of_cell(codes_: Mapping[str, Any], names: Names) -> str:
    dims = {name: codes_[name].values["code"] for name in DIMENSIONS if name in codes_}
    areas = [with_name(codes_[name], names.tag) for name in _AREAS if name in codes_]
    period = names.period(codes_["period"])
    if not dims and not areas:
        return period
    values = Values(names)
    return values.join([period, *areas, *_breakdown(dims, values)])


def _of_category(found: Mapping[str, Any], names: Names) -> str | None:
    """Return the label of a category; None for a code that no list here has."""
    name, code = found["dimension"], found["code"]
    spec = fields_of(Dims)[name][1]
    listed = spec.codes or (codes("isic-section") if name == "industry" else codes("country"))
    is_known = code in listed or (name == "industry" and code in sections())
    return Values(names).one(spec, name, code) if is_known or code in codes("citizenship-special") else None


def observations(draft: object) -> list[Any]:
    """Return the observations of a draft, or of a table before the gate; an empty list if there are none."""
    if not isinstance(draft, dict):
        return []
    found = draft.get("obs", draft.get("before"))
    return found if isinstance(found, list) else []
