"""Labels of table cells and figures in the reader's language, in place of codes and JSON paths.

Reasons name a cell by its codes ("2026, TH-50, sex female", `Cell.words`); these are replaced by labels, and so is the
JSON path of an observation.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from suar.languages.cldr.subdivisions import with_name
from suar.languages.rendering.values import Values, sections
from suar.protocol.base.codelists import TOTAL, codes
from suar.protocol.message.kinds import DIMENSIONS, Dims, Observation
from suar.protocol.message.spec import fields_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from suar.languages.names import Names

Cell = dict[str, Any]
_PATH: Final = re.compile(r"\$\.obs\[([0-9]{1,6})\](.*)", re.DOTALL)
_PERIOD: Final = r"[0-9]{4}(?:-(?:H[12]|Q[1-4]|[01][0-9]))?"
_PART: Final = rf"(?:(?:{'|'.join(DIMENSIONS)}) [A-Za-z0-9+-]{{1,40}}|[A-Z]{{2}}(?:-[A-Z0-9]{{1,3}}|[A-Z0-9]{{3}}))"
_CELL: Final = re.compile(rf"(?<![\w-]){_PERIOD}(?:, {_PART})+(?![\w-])")
_BARE: Final = re.compile(rf"(?<![\w-])({'|'.join(DIMENSIONS)}) ([A-Za-z0-9+-]{{1,40}})(?![\w-])")
_ALONE: Final = re.compile(_PERIOD)


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
    found = _PATH.fullmatch(path)
    if not found:
        return path
    number, rest = int(found[1]), found[2].rpartition(".")[2]
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


def named(text: str, names: Names) -> str:
    """Return a text of a reason with labels in place of the codes that name cells."""
    if _ALONE.fullmatch(text):
        return names.period(text)
    return _CELL.sub(lambda found: _of_words(found[0], names), text)


def categories(text: str, names: Names) -> str:
    """Return a text with labels in place of codes that name categories ("give age 0-17 instead of age 0-8")."""
    return _BARE.sub(lambda found: _category(found[1], found[2], names) or found[0], text)


def _category(name: str, code: str, names: Names) -> str | None:
    """Return the label of a category; None for any other word."""
    spec = fields_of(Dims)[name][1]
    listed = spec.codes or (codes("isic-section") if name == "industry" else codes("country"))
    is_known = code in listed or (name == "industry" and code in sections())
    return Values(names).one(spec, name, code) if is_known or code in codes("citizenship-special") else None


def _of_words(text: str, names: Names) -> str:
    period, *rest = text.split(", ")
    values, dims, areas = Values(names), {}, []
    for part in rest:
        name, _, code = part.partition(" ")
        if code:
            dims[name] = code
        else:
            areas.append(with_name(part, names.tag))
    return values.join([names.period(period), *areas, *_breakdown(dims, values)])


def observations(draft: object) -> list[Any]:
    """Return the observations of a draft, or of a table before the gate; an empty list if there are none."""
    if not isinstance(draft, dict):
        return []
    found = draft.get("obs", draft.get("before"))
    return found if isinstance(found, list) else []
