"""What a visitor sees instead of a page: one sentence, and the next step."""

from typing import Any, Final

from litestar import Response
from msgspec import Struct

from suar.console.form_body import Form
from suar.console.guard import KEEP, Call, Denied, Filled, Visitor
from suar.console.rendering import go, render
from suar.languages import page_words
from suar.protocol.base.errors import Fault


class Problem(Struct, frozen=True):
    """Why something was not done, in the words of the service."""

    text: str
    hint: str


def problem(fault: Fault) -> Problem:
    """Return a fault as a page shows it."""
    return Problem(fault.text, page_words.FAULTS.get(fault.hint, fault.hint))


class Refusal(Struct, frozen=True):
    """The sentence by its key; `roles`: those that may, `who`: some of these people by name; `seconds` to wait.

    `filled`: the form as it was submitted, to be sent again; `texts`: the parts that a person typed. `version`: of the
    draft that a form saves automatically. `is_saved`: the entries were saved.
    """

    status: int
    key: str
    roles: list[str]
    who: str
    seconds: int
    filled: Filled
    texts: tuple[str, ...]
    version: str
    is_saved: bool


_FRAME: Final = frozenset({"csrf", "page", "version", "read", KEEP})


def refused(request: Call, visitor: Visitor | None, denied: Denied) -> Response[Any]:
    """Return the page of a refusal, or a redirect to the page that is needed first.

    Requests of a page's script are not redirected: for the browser, a redirected stream of events is an error of the
    script, not the end of a session.
    """
    is_part = request.headers.get("x-fragment") is not None
    is_stream = request.headers.get("accept") == "text/event-stream"
    if denied.to and not is_part and not is_stream and not denied.filled:
        return go(denied.to)
    values, filled = denied.values, denied.filled
    texts = tuple(value for name, value in filled if name not in _FRAME and value.strip())
    saved = str(values.get("version", ""))
    view = Refusal(
        denied.status, denied.key, list(values.get("roles", [])), str(values.get("who", "")),  # type: ignore[call-overload]
        int(str(values.get("seconds", 0))), filled, texts,
        saved or _version_of(request), bool(saved),
    )  # fmt: skip
    headers = {"Retry-After": str(view.seconds)} if view.seconds else None
    template = "refusal-part.html" if is_part and request.method == "POST" else "refusal.html"
    return render(request, visitor, template, view, status=denied.status, headers=headers)


def _version_of(request: Call) -> str:
    """Return the version of the draft that the submitted form names, "0" without one."""
    form: Form | None = getattr(request.state, "form", None)
    return (form.one("version", 12) if form is not None else "") or "0"
