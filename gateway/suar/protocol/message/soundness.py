"""Checks of a decoded message that its types cannot express: simple loops over prepared plans, for every message read.

They return only whether the message is valid; `inspection.py` names the faults.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from operator import attrgetter
from typing import Any, Final

import msgspec
from msgspec import UNSET, Struct

from suar.protocol.base.codelists import listed
from suar.protocol.message.kinds import ENTRY_FORMS, Entry, Message
from suar.protocol.message.spec import Spec, fields_of

_Check = Callable[[Any], bool]
_Step = tuple[str, bool, "_Check | None", "_Check | None"]
_Plan = tuple["_Check | None", tuple[_Step, ...]]


def _checker(*, iso: bool) -> _Check:
    """Return a check of a decoded Struct and everything below it; with `iso`, codes must also be in their ISO lists.

    It runs for every message that is read or published: a loop over a plan that is built once for each type.
    """

    def is_right(value: Any) -> bool:
        form, steps = plan(value.__class__)
        if form is not None and not form(value):
            return False
        for name, is_word, own, goes_into in steps:
            found = getattr(value, name)
            if found is UNSET or found is None or (is_word and isinstance(found, str)):
                continue
            if own is not None and not own(found):
                return False
            if goes_into is not None and not goes_into(found):
                return False
        return True

    def is_each_right(values: tuple[Any, ...]) -> bool:
        return all(map(is_right, values))

    @cache
    def plan(shape: type[Struct]) -> _Plan:
        """Return the rule for the form of `shape`, and a step for each field with a check: its name, whether it may
        also be a word such as `all`, its own rule, and the check of its content.
        """
        steps = []
        for name, found, _ in fields_of(shape).values():
            inside = found.item or found
            own, goes_into = _rules(found, iso=iso), None
            if inside.struct and any(plan(inside.struct)):
                goes_into = is_each_right if found.item else is_right
            if own or goes_into:
                steps.append((name, bool(found.codes), own, goes_into))
        return _is_of_a_form if shape is Entry else None, tuple(steps)

    return is_right


def _rules(field: Spec, *, iso: bool) -> _Check | None:
    """Return the checks of a field's value that its type cannot express, as one function."""
    rules = [field.own] if field.own else []
    if iso and field.iso:
        rules.append(partial(is_listed, field.iso))
    if iso and field.item and field.item.iso:
        rules.append(_all_listed(field.item.iso))
    if len(rules) < 2:
        return rules[0] if rules else None
    return lambda value: all(rule(value) for rule in rules)


def _all_listed(iso: str) -> _Check:
    return lambda values: all(is_listed(iso, value) for value in values)


has_valid_values: Final = _checker(iso=False)
"""Whether a decoded Struct satisfies the rules that its types cannot express: no duplicates, one form of an entry."""
_has_valid_listed_values: Final = _checker(iso=True)


def check_fast(shape: type[Message], tree: dict[str, Any]) -> Message | None:
    """Return the message of a publisher's tree if it has no fault, including ISO lists; None gives no reason."""
    try:
        message = msgspec.convert(tree, shape)
    except msgspec.ValidationError:
        return None
    return message if _has_valid_listed_values(message) else None


_has_values = attrgetter(*Entry.__struct_fields__)


@cache
def _is_form(present: tuple[bool, ...]) -> bool:
    return has_form({name for name, is_present in zip(Entry.__struct_fields__, present, strict=True) if is_present})


def _is_of_a_form(entry: Entry) -> bool:
    return _is_form(tuple([value is not UNSET for value in _has_values(entry)]))


def has_form(names: set[str]) -> bool:
    """Whether an entry of a receipt with these fields has one of its forms."""
    return any(required <= names <= required | optional for required, optional in ENTRY_FORMS)


def is_listed(name: str, value: str) -> bool:
    """Whether `value` is in the ISO list of that name: language, currency, country or citizenship."""
    if name == "language":
        return value.partition("-")[0] in listed("language")
    if name == "currency":
        return value in listed("currency")
    special = name == "citizenship" and value in listed("citizenship-special")
    return special or value in listed("country") or value in listed("member")
