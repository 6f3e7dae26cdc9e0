"""Maps each line of ROUTES to the function of its page."""

from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeAlias

from litestar import Response

from suar.console.guard import ROUTES, Call, Method, Visitor

Handler: TypeAlias = Callable[[Call, Any], Awaitable[Response[Any]]]
PAGES: Final[dict[tuple[Method, str], Handler]] = {}
"""(method, path) -> the page, as the modules of this folder declare them."""


def page(method: Method, path: str) -> Callable[[Handler], Handler]:
    """Declare the page at a line of ROUTES. It gets the request and the visitor, None only on public pages.

    Raises ValueError for an unknown line, or one that has its page.
    """
    if (method, path) not in ROUTES or (method, path) in PAGES:
        raise ValueError(f"{method} {path} is no line of ROUTES, or has its page already")

    def declare(handler: Handler) -> Handler:
        PAGES[method, path] = handler
        return handler

    return declare


__all__ = ["PAGES", "Handler", "Visitor", "page"]
