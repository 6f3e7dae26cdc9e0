"""Access control: one guard before every handler, which denies by default.

[1] the Host header is one of ours (else a web page could reach a loopback gateway by a name of its own), and a page
that calls, if any, is of that host, [2] a handler without a scope is closed, [3] the token is known, [4] it has the
scope, [5] it has calls left, [6] the query has no parameter that the call does not have: a misspelt filter would open
more than its caller asked for.
"""

import asyncio
import time
from base64 import b64decode
from collections.abc import Callable, Sequence
from functools import cache
from math import ceil
from typing import Any, Final, get_args

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.params import QueryParameter
from litestar.typing import FieldDefinition
from msgspec import Struct

from suar.api.http.head import HEAD_ONLY, contradicted_field, is_plain_path, is_utf8
from suar.api.http.origins import is_feed_origin, is_foreign, is_here
from suar.api.http.problems import Problem, values_allowed
from suar.observe.metrics import Metrics
from suar.protocol.base.errors import Fault
from suar.service.access.tokens import TokenInfo
from suar.service.feed.cookies import token_of_cookie
from suar.service.process.gateway import Gateway
from suar.service.settings.config import Http
from suar.service.settings.scopes import AGENCY, AUDIT, CLAIM, MACHINE, PROPOSE, SCOPES

RATED: Final = "rated"
"""Where the state of a call has the name of the token whose calls it counts among."""
ORIGIN: Final = "feed_origin"
"""Where the state of a call has the origin of a page of another host that may read the answer."""
COOKIE: Final = "suar_feed"
OPEN: Final = {"open": True}
"""`opt` of a handler that needs no token."""
_UNNAMED: Final = ("", "application/x-www-form-urlencoded")
_ALSO: Final = {"application/x-ndjson": ("application/json",)}
_KNOWN: Final = frozenset({*SCOPES, CLAIM, AGENCY, PROPOSE, MACHINE})
_BEARER: Final = "bearer "
_BASIC: Final = "basic "
_CHALLENGE: Final = 'Bearer realm="suar"'
_BASIC_TOO: Final = f'{_CHALLENGE}, Basic realm="suar", charset="UTF-8"'

Connection = ASGIConnection[Any, Any, Any, Any]


CALL_BYTES: Final = 16 * 1024
"""A body counts as one call more for each so many bytes."""
CALL_SECONDS: Final = 0.00125
"""A draft counts as one call more for each so many seconds of a thread that it took to check beyond `CALL_FREE`: at
200 calls a second one token has a quarter of a thread."""
CALL_FREE: Final = 0.005
"""Seconds that every call may take; most take a tenth of that."""


class Rates:
    """Calls that a token may make: `a_second` on average, twice that at once. `clock` gives seconds.

    The cost of a call beyond the smallest is charged when it is known, so the next call waits for it.
    """

    def __init__(self, a_second: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate, self._clock = a_second, clock
        self._left: dict[str, tuple[float, float]] = {}

    def acquire(self, name: str) -> float:
        """Use up one call of `name`; returns the seconds to wait when there is none left, else 0."""
        now = self._clock()
        left, at = self._left.get(name, (2 * self._rate, now))
        left = min(2 * self._rate, left + (now - at) * self._rate)
        is_free = left >= 1
        self._left[name] = (left - is_free, now)
        return 0.0 if is_free else (1 - left) / self._rate

    def headers(self, name: str) -> dict[str, str]:
        """What `name` has left, by draft-ietf-httpapi-ratelimit-headers: calls, and seconds until it has all again."""
        left, at = self._left.get(name, (2 * self._rate, self._clock()))
        left = min(2 * self._rate, left + (self._clock() - at) * self._rate)
        most = int(2 * self._rate)
        wait = ceil((2 * self._rate - left) / self._rate)
        return {
            "RateLimit-Policy": f'"token";q={most};w=2',
            "RateLimit": f'"token";r={max(0, int(left))};t={wait}',
        }

    def charge(self, name: str, size: int, seconds: float) -> None:
        """Charge the cost of a call of `name` beyond the smallest one: the bytes of its body, and its work."""
        left, at = self._left.get(name, (2 * self._rate, self._clock()))
        self._left[name] = (left - size // CALL_BYTES - max(0.0, seconds - CALL_FREE) / CALL_SECONDS, at)


class Context(Struct, frozen=True):
    """What the handlers share; `stopping` ends the calls that would go on for ever."""

    gateway: Gateway
    metrics: Metrics
    rates: Rates
    heartbeat_ms: int
    stopping: asyncio.Event


def context_of(connection: Connection) -> Context:
    """The context of the application that serves `connection`."""
    context: Context = connection.app.state.context
    return context


def holder_of(connection: Connection, token: str) -> TokenInfo | None:
    """The holder of a token that came on a connection; None if it is not valid there."""
    is_local = is_here(connection.scope.get("client"), connection.scope.get("server"))
    return context_of(connection).gateway.authenticate(token, is_here=is_local)


def is_opening(request: Connection) -> bool:
    """Whether the call sends a text to a person, who opens it: by a person's token, and with a body."""
    return bool(request.user.is_person) and not request.scope.get(HEAD_ONLY, False)


def scope(*names: str) -> dict[str, Any]:
    """`opt` of a handler that needs one of these scopes."""
    return {"scope": names}


async def admit(connection: Connection, handler: BaseRouteHandler) -> None:
    """The guard. Raises Problem; sets the connection's user to who calls."""
    context, http = context_of(connection), context_of(connection).gateway.config.http
    hosts = connection.headers.getall("host", [])
    if not is_plain_path(connection.scope):
        raise Problem("E-HTTP-NOT-FOUND")
    if len(hosts) != 1 or not is_ours(hosts[0], http):  # [1] of two, a proxy before us may have read the other
        raise Problem("E-HTTP-HOST")
    _check_origin(connection, handler, hosts[0])
    twice = contradicted_field(connection.headers.getall)
    if twice is not None:
        raise Problem("E-HTTP-VALUE", f"{twice} is given more than once", hint="give it once")
    if handler.opt.get("open") or (handler.opt.get("metrics") and http.metrics_open):
        if connection.path_params:  # what Litestar adds to the OpenAPI document: a page of its own
            raise Problem("E-HTTP-NOT-FOUND")
        _check_query(connection, handler)
        return
    needed = frozenset(handler.opt.get("scope") or ())
    if not needed or not needed <= _KNOWN:  # [2]
        raise Problem("E-HTTP-SCOPE", "this call is closed")
    token = credential(connection, handler)
    info = holder_of(connection, token)  # [3]
    if info is None:
        rejection = context.gateway.code_rejection(token) or Fault("")
        raise Problem(
            "E-HTTP-TOKEN",
            rejection.text,
            hint=rejection.hint,
            headers={"WWW-Authenticate": _BASIC_TOO if handler.opt.get("basic") else _CHALLENGE},
        )
    enough = needed | {AUDIT} if handler.opt.get("audit") else needed
    if not enough & (info.scopes | info.declared if handler.opt.get("decides") else info.scopes):  # [4]
        raise Problem("E-HTTP-SCOPE", _needed(needed))
    if not handler.opt.get("unlimited"):  # [5]
        connection.state[RATED] = info.name
        _limit(context.rates.acquire(info.name))
    connection.scope["user"] = info
    _check_query(connection, handler)  # [6]
    _check_media_type(connection, handler)


def _check_origin(connection: Connection, handler: BaseRouteHandler, host: str) -> None:
    """Problem for a page of an origin that may not make this call; one that may see the answer is named in it."""
    origins = connection.headers.getall("origin", [])
    if is_same_origin(origins, host):
        return
    if not (handler.opt.get("feed_origins") and is_feed_origin(origins, context_of(connection).gateway.config.http)):
        raise Problem("E-HTTP-ORIGIN")
    connection.state[ORIGIN] = origins[0]


def credential(connection: Connection, handler: BaseRouteHandler) -> str:
    """Return the token of a call; without one, that of the browser's cookie if the call accepts cookies."""
    token = token_of(connection)
    if not token and handler.opt.get("basic"):
        token = _basic(connection)
    value = connection.cookies.get(COOKIE, "") if handler.opt.get("cookie") and not token else ""
    if not value:
        return token
    fetch_site = connection.headers.get("sec-fetch-site", "")
    if not connection.headers.get("origin") and is_foreign(fetch_site):
        raise Problem("E-HTTP-ORIGIN")
    return token_of_cookie(context_of(connection).gateway.core, value)


def _basic(connection: Connection) -> str:
    """The token of Basic credentials (RFC 7617), whose user is the name of the agency or of the token; else empty."""
    name, token = basic(connection.headers.get("authorization", ""))
    info = holder_of(connection, token)
    if info is not None and name != (info.agency or info.name):
        text, hint = "the token is known, and the user is not its name", "write the name of the agency, or of the token"
        raise Problem("E-HTTP-TOKEN", text, hint=hint, headers={"WWW-Authenticate": _BASIC_TOO})
    return token


def _limit(wait: float) -> None:
    """Problem when there are seconds to wait."""
    if wait:
        raise Problem("E-HTTP-RATE", headers={"Retry-After": str(int(wait) + 1)})


def _check_query(connection: Connection, handler: BaseRouteHandler) -> None:
    """Problem for a query with a parameter that the call does not have, or one twice; the hint names those it has."""
    known = query_names(handler)
    if not known.issuperset(connection.query_params):
        named = f"it has: {', '.join(sorted(known))}" if known else "it has none"
        raise Problem("E-HTTP-PARAMETER", hint=named)
    names = [name for name, _ in connection.query_params.multi_items()]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:  # of two, each library reads another one
        raise Problem("E-HTTP-VALUE", f"{twice} is given more than once", hint="give it once")
    for name in _without_text(handler) & connection.query_params.keys():
        if connection.query_params[name].lower() == "null":
            raise Problem("E-HTTP-VALUE", f"not allowed: {name}{values_allowed(handler.fn, name)}")
    for name in _booleans(handler) & connection.query_params.keys():
        if connection.query_params[name] not in ("true", "false"):
            raise Problem("E-HTTP-VALUE", f"not allowed: {name} (one of: true, false)")


@cache
def _booleans(handler: BaseRouteHandler) -> frozenset[str]:
    """The parameters of a call's query that are true or false: of these the library reads `1`, `True` and `on` too."""
    return _query_parameters(handler, lambda field: bool in (field.annotation, *get_args(field.annotation)))


@cache
def _without_text(handler: BaseRouteHandler) -> frozenset[str]:
    """The parameters of a call's query that are no text: of these the library reads `null` as one that is not there."""
    return _query_parameters(handler, lambda field: field.is_optional and not field.has_inner_subclass_of(str))


def _query_parameters(handler: BaseRouteHandler, is_wanted: Callable[[FieldDefinition], bool]) -> frozenset[str]:
    return frozenset(
        field.kwarg_definition.name or name
        for name, field in handler.parsed_fn_signature.parameters.items()
        if isinstance(field.kwarg_definition, QueryParameter) and is_wanted(field)
    )


def query_names(handler: BaseRouteHandler) -> frozenset[str]:
    """The parameters of a call's query, as a caller writes them; `queries` of its `opt` are read by the call itself."""
    declared = {
        field.kwarg_definition.name or name
        for name, field in handler.parsed_fn_signature.parameters.items()
        if isinstance(field.kwarg_definition, QueryParameter)
    }
    return frozenset(declared) | frozenset(handler.opt.get("queries", ()))


def _check_media_type(connection: Connection, handler: BaseRouteHandler) -> None:
    """Raise Problem for a body of another media type than the handler accepts; one without a type is accepted.

    curl and urllib send the type of a form when their caller names none. Lines of JSON may be called JSON.
    """
    accepted = getattr(getattr(handler, "operation_class", None), "accepts", None)
    content_type = connection.headers.get("content-type", "")
    media_type = content_type.partition(";")[0].strip().lower()
    if accepted is not None and media_type not in {accepted, *_UNNAMED, *_ALSO.get(accepted, ())}:
        raise Problem("E-HTTP-MEDIA-TYPE", f"this call takes a body of the type {accepted}")
    if accepted is not None and not is_utf8(content_type):
        raise Problem("E-HTTP-MEDIA-TYPE", "a body is read as UTF-8, and its Content-Type names another charset")


def _needed(scopes: frozenset[str]) -> str:
    """What a call needs, in words."""
    named = [f"the scope {' or '.join(sorted(scopes - {AGENCY}))}"] if scopes - {AGENCY} else []
    return f"this call needs {' or '.join([*named, *(['the token of an agency'] if AGENCY in scopes else [])])}"


def charge(connection: Connection, size: int) -> None:
    """A call with a draft of `size` bytes has its answer: its cost counts against its token."""
    context, name = context_of(connection), connection.user.name
    context.rates.charge(name, size, context.gateway.spent(name))


def is_ours(host: str, http: Http) -> bool:
    """Whether a Host header names this gateway. Beyond loopback any name is accepted unless `http.hosts` lists them."""
    if not http.is_loopback and not http.hosts:
        return True
    name = host.lower()
    hostname, _, port = name.rpartition(":")
    if hostname and port.isdigit() and not name.endswith("]"):
        name = hostname
    named = {entry.lower() for entry in http.hosts} | {
        "localhost",
        "127.0.0.1",
        "[::1]",
        http.listen.rpartition(":")[0],
    }
    return name in named or name.endswith(".localhost")  # resolves to loopback by RFC 6761


def is_same_origin(origins: Sequence[str], host: str) -> bool:
    """Whether a browser's page that calls, if there is one, is of the host that it calls (RFC 6454)."""
    return not origins or (
        len(origins) == 1 and origins[0].lower() in (f"http://{host}".lower(), f"https://{host}".lower())
    )


def has_scope(connection: Connection, name: str) -> bool:
    """Whether the caller of an open call holds the scope; it may have no token, or one that is not in force."""
    info = holder_of(connection, token_of(connection))
    return info is not None and name in info.scopes


def token_of(connection: Connection) -> str:
    """The bearer token that the caller sent, empty when there is none."""
    return bearer(connection.headers.get("authorization", ""))


def basic(header: str) -> tuple[str, str]:
    """User and password of Basic credentials (RFC 7617), both empty when there are none."""
    if header[: len(_BASIC)].lower() != _BASIC:
        return "", ""
    try:
        name, _, token = b64decode(header[len(_BASIC) :].strip(), validate=True).decode("ascii").partition(":")
    except ValueError:
        return "", ""
    return name, token


def bearer(header: str) -> str:
    """The token in an Authorization header, empty when there is none."""
    return header[len(_BEARER) :].strip() if header[: len(_BEARER)].lower() == _BEARER else ""
