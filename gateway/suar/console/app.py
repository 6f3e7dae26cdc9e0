"""The console's application: every page from the table of console/guard.py, behind its checks, with its headers."""

import re
from copy import copy
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, Final

from litestar import Litestar, Request, Response
from litestar.datastructures import MutableScopeHeaders, State
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler
from litestar.types import Message, Scope

from suar.console import pages
from suar.console.form_body import FORM_BYTES
from suar.console.guard import (
    EXERCISE,
    PREFIX,
    ROUTES,
    Buckets,
    Denied,
    Method,
    Pages,
    Rule,
    admit,
    check_host,
    failed_form,
    kept_query,
    known,
)
from suar.console.pages.refusals import refused
from suar.console.pages.registry import PAGES, Handler
from suar.console.rendering import go
from suar.console.streams import Recent, Streams
from suar.console.typed import Typed
from suar.protocol.message.messages import Unreadable
from suar.service.process.gateway import Gateway

HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "same-origin",  # with no-referrer a browser would send the origin null with our own forms
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_MESSAGE: Final = re.compile(r"[A-Z]{2}-[A-Z]{1,16}-[0-9]{4}-[0-9]{6}")
_PART: Final = b"x-fragment"
HSTS: Final = "max-age=31536000"


def create_console(gateway: Gateway) -> Litestar:
    """Return the application for `gateway`: paths below /console, and /m/ID of the notices."""
    app = copy(routed())
    app.state = State({"shared": Pages(gateway, Buckets(), Streams(), Recent(), set(), set(), Typed())})
    return app


@cache
def routed() -> Litestar:
    """Return every page behind its checks, which are those of every gateway: registered once per process."""
    for module in iter_modules(pages.__path__):
        import_module(f"{pages.__name__}.{module.name}")  # each declares its pages
    return Litestar(
        [handler for key, rule in ROUTES.items() for handler in _handlers(*key, rule)] + [_notice_address()],
        exception_handlers={HTTPException: _not_found, Exception: _failed},
        before_send=[_harden],
        request_max_body_size=FORM_BYTES,
        openapi_config=None,
        logging_config=None,
        debug=False,
    )


def _handlers(method: Method, path: str, rule: Rule) -> list[HTTPRouteHandler]:
    """Return the page at its address, and at that of exercises. KeyError for a line of the table without a page."""
    call = PAGES[method, path]
    prefixes = [PREFIX, PREFIX + EXERCISE] if rule.is_in_exercise else [PREFIX]
    return [_handler(method, path, prefix + ("" if path == "/" else path), call) for prefix in prefixes]


def _handler(method: Method, path: str, address: str, call: Handler) -> HTTPRouteHandler:
    async def page(request: Request[Any, Any, Any]) -> Response[Any]:
        return await guarded(request, method, path, call)

    return HTTPRouteHandler(address, http_method=[method], name=f"{method} {address}", status_code=200)(page)


async def guarded(request: Request[Any, Any, Any], method: Method, path: str, call: Handler) -> Response[Any]:
    """Run a page after the checks; a refusal is a page too."""
    try:
        return await call(request, await admit(request, method, path))
    except Denied as denied:
        return refused(request, known(request), denied)


def _notice_address() -> HTTPRouteHandler:
    async def message(request: Request[Any, Any, Any]) -> Response[Any]:
        id_ = str(request.path_params["id"])
        try:
            check_host(request)
            if not _MESSAGE.fullmatch(id_):
                raise Denied(404, "not-found")
        except Denied as denied:
            return refused(request, known(request), denied)
        return go(f"{PREFIX}/m/{id_}{kept_query(request)}")

    return HTTPRouteHandler("/m/{id:str}", http_method=["GET"], status_code=303)(message)


def _not_found(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    keys = {404: "not-found", 405: "not-found", 413: "too-large"}
    answer = refused(request, known(request), Denied(error.status_code, keys.get(error.status_code, "bad-request")))
    named = next((value for name, value in (error.headers or {}).items() if name.lower() == "allow"), "")
    allowed = {each.strip() for each in named.split(",")} & {"GET", "POST"}
    if allowed:  # of 405: RFC 9110, 15.5.6
        answer.headers["Allow"] = ", ".join(sorted(allowed))
    return answer


def _failed(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Log an unexpected error by its type and place, and answer with a page about it."""
    import structlog

    if isinstance(error, Unreadable):
        structlog.get_logger().warning("console_unreadable", error=error.text)
        return refused(request, None, Denied(409, "failed"))
    structlog.get_logger().error("console_failed", exc_info=error)
    return refused(request, None, Denied(500, "failed", filled=failed_form(request)))


async def _harden(message: Message, scope: Scope) -> None:
    """Add the headers that every answer has; a page that sets one itself keeps it."""
    if message["type"] != "http.response.start":
        return
    headers = MutableScopeHeaders.from_message(message)
    for name, value in HEADERS.items():
        headers.setdefault(name, value)
    if any(name == _PART for name, _ in scope["headers"]):
        headers.setdefault("X-Fragment", "1")  # the script knows by it that no proxy answered instead
    shared: Pages = scope["litestar_app"].state.shared
    if shared.gateway.config.console.origin:
        headers.setdefault("Strict-Transport-Security", HSTS)
