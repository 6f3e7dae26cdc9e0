"""Every error of the API as RFC 9457 problem+json with a `code`; nothing that the caller sent is ever repeated."""

from collections.abc import Callable, Mapping
from functools import cache
from http import HTTPStatus
from typing import Any, Final, get_args, get_type_hints

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.params import ParameterKwarg

from suar.api.contract.parameters import allowed
from suar.api.http.codes import HTTP_CODES, STATUS
from suar.protocol.base.errors import Fault, Refused
from suar.protocol.message.messages import Unreadable
from suar.service.access.agencies import BEARER_PREFIX
from suar.service.publish.draft_check_pool import QueueFull
from suar.store.engine.database import StoreFault

MEDIA_TYPE: Final = "application/problem+json"
COMMAND: Final = "`suar "
"""How a hint names a command of the gateway."""
_FOCAL_POINT: Final = "ask the focal point that registered you"
_OF_AGENCIES: Final = {
    "E-HTTP-SCOPE": f"{_FOCAL_POINT}: it decides what your token may do",
    "E-HTTP-NOT-FOUND": f"/schema/openapi.json lists the calls; about a message, {_FOCAL_POINT}",
}
_BY_STATUS: Final = {status: code for code, status in STATUS.items()}


class Problem(Exception):  # noqa: N818 - RFC 9457's word
    """Ends a call with a code of `HTTP_CODES`; `detail` must not quote the caller."""

    def __init__(
        self, code: str, detail: str = "", *, hint: str = "", headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(code)
        self.code, self.detail, self.hint, self.headers = code, detail, hint, dict(headers or {})


def answer(value: object, status: int = 200) -> Response[bytes]:
    """A JSON answer."""
    return Response(msgspec.json.encode(value), status_code=status, media_type="application/json")


def problem(
    status: int,
    code: str,
    detail: str,
    hint: str,
    *,
    more: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response[bytes]:
    """Return a problem document; `more` are its extension members, none of which replaces one of RFC 9457."""
    body = {
        "type": f"urn:suar:error:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
        "hint": hint,
    }
    body = {**body, **(more or {}), **body}
    return Response(msgspec.json.encode(body), status_code=status, media_type=MEDIA_TYPE, headers=dict(headers or {}))


def of_problem(request: Request[Any, Any, Any], error: Problem) -> Response[bytes]:
    """A Problem of ours."""
    entry = HTTP_CODES[error.code]
    detail, hint = error.detail or entry.meaning, _hint(request, error.code, error.hint or entry.advice)
    return problem(STATUS[error.code], error.code, detail, hint, headers=error.headers)


def of_http(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    """What Litestar raises: its own text may quote the address, so only status and names of parameters are kept."""
    code = _BY_STATUS.get(error.status_code, "E-HTTP-VALUE" if error.status_code < 500 else "E-HTTP-INTERNAL")
    entry = HTTP_CODES[code]
    detail = f"not allowed: {_parameters(request, error)}" if isinstance(error, ValidationException) else entry.meaning
    headers = {
        name: _methods(value) if name.lower() == "allow" else value for name, value in (error.headers or {}).items()
    }
    return problem(error.status_code, code, detail, _hint(request, code, entry.advice), headers=headers)


def _methods(allow: str) -> str:
    """The value of Allow: HEAD is served where GET is, and OPTIONS, which the framework adds, is for no caller."""
    methods = {each.strip() for each in allow.split(",")} - {"OPTIONS"}
    return ", ".join(sorted(methods | ({"HEAD"} if "GET" in methods else set())))


def of_fault(request: Request[Any, Any, Any], error: Fault) -> Response[bytes]:
    """Our own fault: the call may be repeated. One caller's too many calls are its own."""
    if isinstance(error, QueueFull):
        return problem(429, "E-HTTP-RATE", error.text, error.hint, headers={"Retry-After": "1"})
    if isinstance(error, Unreadable):
        return problem(409, "E-HTTP-CONFLICT", error.text, _hint(request, "E-HTTP-CONFLICT", error.hint))
    entry = HTTP_CODES["E-HTTP-FAULT"]
    if isinstance(error, StoreFault) and request.scope.get("user") is None:  # of an open call: it names the store
        return problem(503, "E-HTTP-FAULT", entry.meaning, entry.advice)
    return problem(503, "E-HTTP-FAULT", error.text, _hint(request, "E-HTTP-FAULT", error.hint or entry.advice))


def of_refused(_: Request[Any, Any, Any], error: Refused) -> Response[bytes]:
    """An object that the protocol refused."""
    return problem(422, error.code, error.meaning(), error.advice(), more={"rule": error.rule})


def of_anything(_: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Answer an unexpected error: its type and location are logged, and not disclosed."""
    structlog.get_logger().error("http_failed", exc_info=error)
    entry = HTTP_CODES["E-HTTP-INTERNAL"]
    return problem(500, "E-HTTP-INTERNAL", entry.meaning, entry.advice)


def _hint(request: Request[Any, Any, Any], code: str, hint: str) -> str:
    """Return the hint for the caller: an agency has no commands of the gateway, and asks its focal point."""
    is_agency = BEARER_PREFIX in request.headers.get("authorization", "")  # also where no handler took the call
    if COMMAND not in hint or code == "E-HTTP-TOKEN" or not is_agency:
        return hint
    return _OF_AGENCIES.get(code, _FOCAL_POINT)


def _parameters(request: Request[Any, Any, Any], error: ValidationException) -> str:
    """Return the wrong parameters as a caller writes them: `from` and `Idempotency-Key`."""
    extra = error.extra if isinstance(error.extra, list) else []
    names = [str(item.get("key")) for item in extra if isinstance(item, dict)]
    outside = _names(request.route_handler.fn) if any(map(str.isidentifier, names)) else {}
    ranges = _ranges(request.route_handler.fn) if any(map(str.isidentifier, names)) else {}
    named = (outside.get(name, name) + ranges.get(name, "") for name in names if name.isidentifier())
    return ", ".join(named) or "a parameter"


def values_allowed(handler: Callable[..., Any], name: str) -> str:
    """What a parameter may be, by the name that a caller writes: ` (from 1 to 5)`; empty where nothing is said."""
    inside = next((known for known, outside in _names(handler).items() if outside == name), name)
    return _ranges(handler).get(inside, "")


@cache
def _ranges(handler: Callable[..., Any]) -> dict[str, str]:
    """The values that a handler's parameters may have, in words, where they are bounded."""
    return {
        name: f" ({words})"
        for name, hint in get_type_hints(handler, include_extras=True).items()
        for form in getattr(hint, "__metadata__", ())
        if isinstance(form, ParameterKwarg) and (words := allowed(get_args(hint)[0], form))
    }


@cache
def _names(handler: Callable[..., Any]) -> dict[str, str]:
    """What a caller writes for a handler's parameters, where that is another name."""
    return {
        name: form.name
        for name, hint in get_type_hints(handler, include_extras=True).items()
        for form in getattr(hint, "__metadata__", ())
        if isinstance(form, ParameterKwarg) and form.name
    }
