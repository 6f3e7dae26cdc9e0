"""The OpenAPI document as it is published: what Litestar makes of the handlers, put right.

Patterns are those of ECMA-262, as the standard requires (`\\Z` is Python's end of a text). An optional parameter is
never null. Every call documents the problems that it may answer with (RFC 9457). There are no random examples.
"""

from typing import Any, Final

from litestar import Litestar, Request, Response, get
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.serialization import decode_json, encode_json

from suar.api.http.access import OPEN
from suar.api.http.codes import HTTP_CODES, STATUS

PROBLEM_TYPE: Final = "application/problem+json"
_END: Final = "\\Z"
_ALWAYS: Final = (400, 421, 429, 500, 503)
_WITH_TOKEN: Final = (401, 403)
_WITH_BODY: Final = (413, 415)
_OPEN: Final = frozenset({"/healthz", "/readyz"})


class PublishedDocument(JsonRenderPlugin):
    """Serves the document at /schema/openapi.json."""

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        """The bytes of the document."""
        return document_of(request.app)


@get("/openapi.json", opt=OPEN, include_in_schema=False)
async def document(request: Request[Any, Any, Any]) -> Response[bytes]:
    """The same document at the address where programs look for it."""
    return Response(document_of(request.app), media_type="application/json")


def document_of(app: Litestar) -> bytes:
    """The document of an application, made once."""
    made: bytes | None = app.state.get("document")
    if made is None:
        made = app.state["document"] = encode_json(published(app.openapi_schema.to_schema()))
    return made


def published(document: dict[str, Any]) -> dict[str, Any]:
    """The document that is served, of the one that Litestar made."""
    made: dict[str, Any] = _put_right(decode_json(encode_json(document)))
    used = set[int]()
    for path, calls in made["paths"].items():
        for method, call in calls.items():
            call["tags"] = [tag_of(path)]
            for parameter in call.get("parameters", ()):
                parameter["schema"] = _never_null(parameter["schema"])
            used |= _add_problems(path, method, call)
    components = made["components"]
    components.setdefault("schemas", {})["Problem"] = PROBLEM
    components["responses"] = {f"Problem{status}": _response(status) for status in sorted(used)}
    made["tags"] = [{"name": name} for name in sorted({tag_of(path) for path in made["paths"]})]
    return made


def tag_of(path: str) -> str:
    """The tag of the calls of a path: the word behind the version."""
    parts = [part for part in path.split("/") if part and part != "v1"]
    return "health" if path in _OPEN else parts[0]


def _put_right(value: Any) -> Any:
    if isinstance(value, list):
        return [_put_right(each) for each in value]
    if not isinstance(value, dict):
        return value
    made = {name: _put_right(each) for name, each in value.items()}
    if isinstance(made.get("examples"), list):  # of a schema: Litestar makes them up at random
        del made["examples"]
    if isinstance(made.get("pattern"), str):
        made["pattern"] = made["pattern"].removesuffix(_END) + "$" * made["pattern"].endswith(_END)
    return made


def _never_null(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema of a parameter without null: what is not given is left out."""
    made = dict(schema)
    others = [each for each in made.pop("oneOf", []) if each != {"type": "null"}]
    made = {**(others[0] if len(others) == 1 else {"oneOf": others} if others else {}), **made}
    if isinstance(made.get("type"), list):
        made["type"] = next(each for each in made["type"] if each != "null")
    if None in made.get("enum", ()):
        made["enum"] = [each for each in made["enum"] if each is not None]
    if made.get("default", ...) is None:
        del made["default"]
    return made


def _add_problems(path: str, method: str, call: dict[str, Any]) -> set[int]:
    """Document the problems of a call in place of Litestar's own 400; their statuses."""
    responses = call["responses"]
    wanted = {*_ALWAYS, *(() if path in _OPEN else _WITH_TOKEN), *(_WITH_BODY if "requestBody" in call else ())}
    wanted |= {404} if "{" in path or path == "/v1/feed" else set()
    wanted |= {409} if method != "get" and path.startswith(("/v1/tokens", "/v1/agencies")) else set()
    responses.pop("400", None)
    for status in sorted(wanted):
        responses.setdefault(str(status), {"$ref": f"#/components/responses/Problem{status}"})
    call["responses"] = dict(sorted(responses.items()))
    return wanted


def _response(status: int) -> dict[str, Any]:
    codes = sorted(code for code, its in STATUS.items() if its == status)
    said = "; ".join(f"`{code}`: {HTTP_CODES[code].meaning}" for code in codes)
    headers = {"Retry-After": {"schema": {"type": "integer"}, "description": "seconds"}} if status == 429 else {}
    content = {PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"description": said, "content": content, **({"headers": headers} if headers else {})}


PROBLEM: Final[dict[str, Any]] = {
    "type": "object",
    "description": "A problem document (RFC 9457). `type` and `code` are stable; `suar errors CODE` explains.",
    "required": ["type", "title", "status", "detail", "code", "hint"],
    "properties": {
        "type": {"type": "string", "pattern": "^urn:suar:error:E-[A-Z-]+$"},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string"},
        "code": {"type": "string", "pattern": "^E-[A-Z-]+$"},
        "hint": {"type": "string", "description": "the next step"},
    },
}
