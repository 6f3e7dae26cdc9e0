"""The OpenAPI document as it is published: what Litestar makes of the handlers, completed.

Patterns are those of ECMA-262, as the standard requires (`\\Z` is Python's end of a text). An optional parameter is
never null. Bodies have the types that their handlers read, messages those of the standard, each with real examples.
Every call documents the problems that it may answer with (RFC 9457); the calls of webhooks are those that we make.
"""

import asyncio
from collections.abc import Callable
from http import HTTPStatus
from threading import Lock
from typing import Any, Final

from litestar import Litestar, Request, Response, get
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.routes import HTTPRoute
from litestar.serialization import decode_json, encode_json

from suar.api.contract import answers, bodies, kinds, taxii
from suar.api.contract.answers import JSON, PROBLEM_TYPE
from suar.api.contract.kinds import reference
from suar.api.contract.reference import STYLE_HASH, page
from suar.api.http.access import OPEN
from suar.api.http.codes import HTTP_CODES, STATUS

Json = dict[str, Any]
_END: Final = "\\Z"
CSP: Final = f"default-src 'none'; style-src 'sha256-{STYLE_HASH}'; frame-ancestors 'none'; base-uri 'none'"
"""Of the reference page: its own style, and nothing else from anywhere."""


_MAKING: Final = Lock()
"""Applications of one process share what Litestar makes of their handlers."""


class PublishedDocument(JsonRenderPlugin):
    """Serves the document at /schema/openapi.json."""

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        """The bytes of the document."""
        return document_of(request.app)


@get("/openapi.json", opt=OPEN, include_in_schema=False)
async def document(request: Request[Any, Any, Any]) -> Response[bytes]:
    """The same document at the address where programs expect it."""
    return await document_first(request)


async def document_first(request: Request[Any, Any, Any]) -> Response[bytes]:
    """The document; of the calls below /schema, before Litestar makes it in its own handler, on the loop."""
    return Response(await _made(request.app, "document", document_of), media_type="application/json")


@get("/reference", opt=OPEN, include_in_schema=False)
async def reference_page(request: Request[Any, Any, Any]) -> Response[bytes]:
    """The document as a page for people, which loads nothing else."""
    made = await _made(request.app, "reference", _reference_of)
    return Response(made, media_type="text/html", headers={"Content-Security-Policy": CSP})


async def _made(app: Litestar, name: str, make: Callable[[Litestar], bytes]) -> bytes:
    """What `make` returns of an application: in a thread, because it takes a second and anybody may ask; once for all
    who wait for it.
    """
    found: bytes | None = app.state.get(name)
    if found is not None:
        return found
    task: asyncio.Task[bytes] | None = app.state.get(f"{name}_task")
    if task is None or task.done():  # it failed
        task = app.state[f"{name}_task"] = asyncio.create_task(asyncio.to_thread(make, app), name=name)
    return await asyncio.shield(task)


def document_of(app: Litestar) -> bytes:
    """The document of an application, made once."""
    with _MAKING:
        made: bytes | None = app.state.get("document")
        if made is None:
            made = app.state["document"] = encode_json(
                published(app.openapi_schema.to_schema(), bodies_of(app), parameters_of(app))
            )
        return made


def _reference_of(app: Litestar) -> bytes:
    made = app.state["reference"] = page(decode_json(document_of(app))).encode()
    return made


def bodies_of(app: Litestar) -> dict[tuple[str, str], Any]:
    """The type that each handler reads its body as, by method and path; a name is that of a component."""
    found: dict[tuple[str, str], Any] = {}
    for route in app.routes:
        for handler in route.route_handlers if isinstance(route, HTTPRoute) else ():
            shape = getattr(handler.operation_class, "takes", None)
            if shape is not None:
                found |= {(str(method).lower(), route.path_format): shape for method in handler.http_methods}
    return found


def parameters_of(app: Litestar) -> dict[tuple[str, str], list[Json]]:
    """The parameters that each handler reads itself, by method and path: `queries` of its `opt`, and Accept."""
    found: dict[tuple[str, str], list[Json]] = {}
    for route in app.routes:
        for handler in route.route_handlers if isinstance(route, HTTPRoute) else ():
            queries: dict[str, Json] = handler.opt.get("queries", {})
            own = [{"name": name, "in": "query", "required": False, **each} for name, each in queries.items()]
            own += [taxii.ACCEPT] if handler.opt.get("negotiates") else []
            if own:
                found |= {(str(method).lower(), route.path_format): own for method in handler.http_methods}
    return found


def published(document: Json, taken: dict[tuple[str, str], Any], read: dict[tuple[str, str], list[Json]]) -> Json:
    """Return the document that is served, from the one that Litestar made.

    `taken`: see `bodies_of`; `read`: see `parameters_of`.
    """
    made: Json = _put_right(decode_json(encode_json(document)))
    own = {shape for shape in taken.values() if not isinstance(shape, str)}
    schemas = _joined(made["components"].get("schemas", {}), _put_right(bodies.components(own)), kinds.components())
    used, named = set[int](), bodies.examples()
    for path, calls in made["paths"].items():
        for method, call in calls.items():
            call["tags"] = [tag_of(path)]
            if path in answers.OPEN:
                call["security"] = []
            if (method, path) in read:
                call["parameters"] = [*call.get("parameters", ()), *read[method, path]]
            for parameter in call.get("parameters", ()):
                parameter["schema"] = _never_null(parameter["schema"])
            _set_body(call, taken.get((method, path)), named)
            used |= _answer(path, method, call)
    for component, field in answers.MESSAGES:
        schemas[component]["properties"][field] = answers.message_field(component)
    schemas |= {"Problem": PROBLEM, "PagedEvent": answers.PAGED_EVENT, "FeedEvent": answers.FEED_EVENT}
    schemas |= {"WebhookTest": answers.TEST_EVENT}
    made["webhooks"] = answers.WEBHOOKS
    made["components"]["schemas"] = dict(sorted(schemas.items()))
    made["components"]["examples"] = {
        _example_name(body, name): {"value": value} for body, each in named.items() for name, value in each.items()
    }
    made["components"]["responses"] = {f"Problem{status}": _response(status) for status in sorted(used)}
    made["tags"] = [{"name": name} for name in sorted({tag_of(path) for path in made["paths"]})]
    return made


def tag_of(path: str) -> str:
    """Return the tag of the calls of a path: the word after the version."""
    parts = [part for part in path.split("/") if part and part != "v1"]
    return "health" if path in answers.OPEN else parts[0]


def _joined(*parts: dict[str, Json]) -> dict[str, Json]:
    made: dict[str, Json] = {}
    for part in parts:
        for name, schema in part.items():
            if name in made and made[name] != schema:
                raise ValueError(f"two components are named {name}")
            made[name] = schema
    return made


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


def _never_null(schema: Json) -> Json:
    """Return the schema of a parameter without null: an absent parameter is left out."""
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


def _set_body(call: Json, shape: Any, named: dict[str, dict[str, Json]]) -> None:
    """Set the component of a body that its handler reads, with its examples."""
    if shape is None:
        return
    name = shape if isinstance(shape, str) else shape.__name__
    for content in call["requestBody"]["content"].values():
        content["schema"] = reference(name)
        content["examples"] = {
            each: {"$ref": f"#/components/examples/{_example_name(name, each)}"} for each in named.get(name, ())
        }


def _example_name(body: str, name: str) -> str:
    return f"{body}.{name}"


def _answer(path: str, method: str, call: Json) -> set[int]:
    """Complete the answers of a call, with problems in place of Litestar's own 400; the statuses of its problems."""
    responses, wanted = call["responses"], answers.problems(path, method, call, is_negotiated=_is_negotiated(call))
    responses.pop("400", None)
    if path.startswith(taxii.DISCOVERY):
        taxii.complete(path, method, call)
    for status, response in responses.items():
        _complete(path, method, int(status), response)
    if method == "get":
        responses["304"] = {"description": "as If-None-Match knows it", "headers": {"ETag": answers.ETAG}}
    for status in sorted(wanted):
        responses.setdefault(str(status), {"$ref": f"#/components/responses/Problem{status}"})
    call["responses"] = dict(sorted(responses.items()))
    return wanted


def _is_negotiated(call: Json) -> bool:
    """Whether the call refuses a caller that accepts none of its media types."""
    return taxii.ACCEPT in call.get("parameters", ())


def _complete(path: str, method: str, status: int, response: Json) -> None:
    content = response.setdefault("content", {})
    schema = next(iter(content.values()))["schema"] if content else {}
    if status == 200 and (method, path) in answers.MEDIA:
        shaped = {media: {"schema": schema if media == JSON else {}} for media in answers.MEDIA[method, path]}
        response["content"] = shaped
    if status == 200 and (method, path) == ("get", "/v1/feed"):
        content["text/event-stream"] = {"schema": reference("FeedEvent")}
        content["application/cloudevents-batch+json"] = {"schema": {"type": "array", "items": reference("PagedEvent")}}
    if status == 204:
        del response["content"]
    elif status == 503:  # not ready, or a fault
        content[PROBLEM_TYPE] = {"schema": reference("Problem")}
    elif status >= 400:
        response["content"] = {PROBLEM_TYPE: {"schema": answers.refused(schema)}}
    headers = answers.headers(path, method, status)
    if headers:
        response["headers"] = {**response.get("headers", {}), **headers}


def _response(status: int) -> Json:
    codes = sorted(code for code, its in STATUS.items() if its == status)
    description = "; ".join(f"`{code}`: {HTTP_CODES[code].meaning}" for code in codes)
    content = {PROBLEM_TYPE: {"schema": reference("Problem"), "example": _problem(status, codes[-1])}}
    return {"description": description, "content": content, **({"headers": answers.RETRY} if status == 429 else {})}


def _problem(status: int, code: str) -> Json:
    entry = HTTP_CODES[code]
    return {
        "type": f"urn:suar:error:{code}", "title": HTTPStatus(status).phrase, "status": status,
        "detail": entry.meaning, "code": code, "hint": entry.advice,
    }  # fmt: skip


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
