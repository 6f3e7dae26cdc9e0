"""What a browser sends of a form of the console."""

from collections.abc import Iterator, Sequence

from suar.console.forms import names
from suar.console.forms.plan import Part
from suar.console.forms.widgets import Field


def pairs_of(parts: Sequence[Part]) -> Iterator[tuple[str, str]]:
    """Yield what a browser sends of an unchanged form."""
    for part in parts:
        for field in part.fields:
            yield from _pairs(field)


def _pairs(field: Field) -> Iterator[tuple[str, str]]:
    for part in field.parts:
        yield from _pairs(part)
    if field.is_without:
        yield field.name + names.WITHOUT, "1"
    if field.widget in ("radios", "select", "checks", "either"):
        yield from ((field.name, option.value) for option in field.options if option.is_chosen)
    elif field.widget == "lines":
        yield from ((field.name, value) for value in field.values)
    elif field.widget == "check":
        if field.value:
            yield field.name, field.value
    elif field.kept:
        yield field.name + names.KEPT, "1"
    elif field.widget not in ("group", "rows", "row"):
        yield field.name, field.value
