"""The entries of an interrupted form: a factor was requested first, or the session was idle.

They are kept in memory only, one form for each person, until the form is sent again, and for half an hour at most. Only
fields that the table of console/guard.py names are kept, and therefore never a password.
"""

from collections import OrderedDict
from collections.abc import Sequence
from time import monotonic
from typing import Final

from suar.console.form_body import Form
from suar.protocol.base import limits

TYPED_TIME: Final = 30 * limits.MINUTE
TYPED_MAX: Final = 64
TYPED_BYTES: Final = 16_384
"""Of one form, names and values."""


class Typed:
    """The interrupted form of each person, by its page; used on HTTP's event loop."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, tuple[int, str, Form]] = OrderedDict()

    def keep(self, person: str, page: str, form: Form, names: Sequence[str]) -> None:
        """Keep the fields of these names, as far as there is space, instead of the person's earlier form."""
        fields, left = list[tuple[str, str]](), TYPED_BYTES
        for name, value in form.fields:
            left -= len(name.encode()) + len(value.encode()) if name in names else 0
            if left < 0:
                break
            if name in names:
                fields.append((name, value))
        self._kept.pop(person, None)
        self._kept[person] = (_now() + TYPED_TIME, page, Form(fields))
        if len(self._kept) > TYPED_MAX:
            self._kept.popitem(last=False)

    def at(self, person: str, page: str) -> Form | None:
        """Return the entries of an interrupted form of a page; None if there are none."""
        until, where, form = self._kept.get(person, (0, "", None))
        if form is not None and _now() >= until:
            del self._kept[person]
        return form if where == page and _now() < until else None

    def forget(self, person: str, page: str) -> None:
        """Delete the form of the page, which was sent."""
        if self.at(person, page) is not None:
            del self._kept[person]


def _now() -> int:
    return round(monotonic() * limits.SECOND)
