"""What a visitor sees instead of a page: one sentence, and the next step."""

from typing import Any

from litestar import Response
from msgspec import Struct

from suar.console.guard import Call, Denied, Visitor
from suar.console.rendering import go, render
from suar.languages import page_words
from suar.protocol.base.errors import Fault


class Problem(Struct, frozen=True):
    """Why something was not done, in the words of the service."""

    text: str
    hint: str


def problem(fault: Fault) -> Problem:
    """A fault as a page says it."""
    return Problem(fault.text, page_words.FAULTS.get(fault.hint, fault.hint))


class Refusal(Struct, frozen=True):
    """The sentence by its key; `roles`: who may, `who`: some of them by name; `seconds` to wait."""

    status: int
    key: str
    roles: list[str]
    who: str
    seconds: int


def refused(request: Call, visitor: Visitor | None, denied: Denied) -> Response[Any]:
    """The page of a refusal, or the way to the page that is needed first."""
    if denied.to and request.headers.get("x-fragment") is None:
        return go(denied.to)
    values = denied.values
    view = Refusal(
        denied.status, denied.key, list(values.get("roles", [])), str(values.get("who", "")),  # type: ignore[call-overload]
        int(str(values.get("seconds", 0))),
    )  # fmt: skip
    headers = {"Retry-After": str(view.seconds)} if view.seconds else None
    return render(request, visitor, "refusal.html", view, status=denied.status, headers=headers)
