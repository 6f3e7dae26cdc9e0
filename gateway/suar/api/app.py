"""The HTTP application: each call denied by default, each error a problem document, nothing cached or embedded."""

import asyncio
from copy import copy
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, Final

from litestar import Litestar, Router
from litestar.datastructures import MutableScopeHeaders, State
from litestar.exceptions import HTTPException
from litestar.openapi import OpenAPIConfig
from litestar.openapi.spec import Components, License, SecurityScheme
from litestar.types import Message, Scope

from suar import __version__
from suar.api import agencies, calls, operators
from suar.api.http import problems
from suar.api.http.access import OPEN, ORIGIN, RATED, Context, Rates, admit
from suar.api.http.conditional import conditional
from suar.api.http.openapi import PublishedDocument, document, document_first, reference_page
from suar.api.http.origins import answer_headers
from suar.observe.metrics import Metrics
from suar.protocol.base import limits
from suar.protocol.base.errors import Fault, Refused
from suar.service.process.gateway import Gateway

BODY_MAX: Final = 1024 * 1024
HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


_OWN: Final = frozenset({"Content-Security-Policy"})
"""What a page of ours has its own of."""
_FIRST: Final = (
    "calls.messages", "calls.export", "calls.held", "calls.receipts", "calls.cancel", "operators.carry", "calls.drill",
    "operators.operate", "operators.alarms", "operators.tokens", "calls.why", "calls.feed",
)  # fmt: skip
"""The order of the OpenAPI document; calls of other modules follow by the names of their modules, a room at a time."""


def handlers() -> list[Any]:
    """Every call, with its scope, as the modules of `calls`, `operators` and `agencies` declare them in HANDLERS."""
    first = [f"suar.api.{name}" for name in _FIRST]
    rooms = (calls, operators, agencies)
    found = [f"{room.__name__}.{module.name}" for room in rooms for module in iter_modules(room.__path__)]
    modules = [import_module(name) for name in dict.fromkeys((*first, *found))]
    return [handler for module in modules for handler in getattr(module, "HANDLERS", ())]


def create_app(gateway: Gateway) -> Litestar:
    """The application that serves `gateway`.

    Metrics start to listen to the gateway's hooks here, so make the application before the loops start.
    """
    metrics = Metrics(__version__)
    gateway.hooks.listen(metrics)
    metrics.watch_feeds(lambda: gateway.feed_readers)
    config = gateway.config
    context = Context(
        gateway=gateway,
        metrics=metrics,
        rates=Rates(config.http.calls_a_second),
        heartbeat_ms=round(config.bus.heartbeat_seconds * limits.SECOND),
        stopping=asyncio.Event(),
    )
    app = copy(routed())
    app.state = State({"context": context})
    return app


@cache
def routed() -> Litestar:
    """Every call with its checks, which are those of every gateway: registered once a process."""
    return Litestar(
        [*handlers(), document, reference_page],
        guards=[admit],
        middleware=[conditional],
        exception_handlers=_HANDLERS,
        before_send=[_harden],
        request_max_body_size=BODY_MAX,
        openapi_config=_documentation(),
        logging_config=None,
        debug=False,
    )


_SCOPES: Final = (
    "`suar token add NAME --scope S`. publish: publish, check, cancel, drills. approve: what is held. read: messages, "
    "feed, exports, deliveries. acknowledge: receipts, in the token's roles. monitor: metrics, checks, peers, alarms. "
    "operate: also resend, drills, carried files, the audit, reading trust and keys. admin: also tokens, trust lists, "
    "agencies, rotation, the clock, compromised keys. operate includes monitor, admin includes operate. An agency's "
    "token (`suar agency add`) opens the doors of agencies alone: feed, CAP feed, TAXII, data files; with `--propose` "
    "it also proposes drafts and sees their state. publish: also the desk's side of proposals."
)

_ABOUT: Final = (
    "A national gateway's local interface. Errors are RFC 9457 documents; `suar errors CODE` explains. A call answers "
    "with the media types that it lists, whatever `Accept` says, unless it has `Accept` as a parameter; of those, the "
    "ones that list 406 refuse a caller that accepts none of theirs."
)

_HANDLERS: Final[Any] = {
    problems.Problem: problems.of_problem,
    HTTPException: problems.of_http,
    Fault: problems.of_fault,
    Refused: problems.of_refused,
    Exception: problems.of_anything,
}


async def _harden(message: Message, scope: Scope) -> None:
    """Set the headers that every answer has, and count it."""
    if message["type"] == "http.response.start":
        context: Context = scope["litestar_app"].state.context
        context.metrics.request(scope.get("path_template") or "none", message["status"])
        headers = MutableScopeHeaders.from_message(message)
        for name, value in HEADERS.items():
            if name not in headers or name not in _OWN:
                headers[name] = value
        state: Any = scope.get("state", {})
        extra = dict(context.rates.headers(state[RATED])) if RATED in state else {}
        extra |= answer_headers(state[ORIGIN]) if ORIGIN in state else {}
        for name, value in extra.items():
            headers[name] = value


def _documentation() -> OpenAPIConfig:
    bearer = SecurityScheme(type="http", scheme="bearer", description=_SCOPES)
    return OpenAPIConfig(
        title="suar gateway",
        version=__version__,
        description=_ABOUT,
        license=License(name="Apache-2.0", identifier="Apache-2.0"),
        components=Components(security_schemes={"token": bearer}),
        security=[{"token": []}],
        use_handler_docstrings=True,
        create_examples=False,
        render_plugins=[PublishedDocument(path="/openapi.json", media_type="application/json")],  # type: ignore[arg-type]
        openapi_router=Router(
            "/schema", route_handlers=[], opt=OPEN, include_in_schema=False, before_request=document_first
        ),
    )
