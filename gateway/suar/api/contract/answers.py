"""The answers of calls in the OpenAPI document, beyond what a handler declares: problems, media types, headers.

Tables by call: the method in small letters and the path.
"""

from typing import Any, Final

from suar.api.contract.kinds import MESSAGE, reference
from suar.exchange.outgoing.formats import FORMATS

Json = dict[str, Any]
Call = tuple[str, str]
PROBLEM_TYPE: Final = "application/problem+json"
JSON: Final = "application/json"

OPEN: Final = frozenset({"/healthz", "/readyz"})
_ALWAYS: Final = (400, 421, 429, 500, 503)
_WITH_TOKEN: Final = (401, 403)
_WITH_BODY: Final = (413, 415)
_MORE: Final[dict[Call, tuple[int, ...]]] = {
    ("get", "/v1/feed"): (404,),
    ("post", "/v1/tokens"): (409,),
    ("post", "/v1/tokens/claim"): (409,),
    ("delete", "/v1/tokens/{name}"): (409,),
    ("post", "/v1/agencies"): (409,),
    ("delete", "/v1/agencies/{name}"): (409,),
    ("post", "/v1/agencies/{name}"): (409,),
    ("post", "/v1/agencies/{name}/rotate"): (409,),
    ("post", "/v1/agencies/{name}/suspend"): (409,),
    ("post", "/v1/agencies/{name}/resume"): (409,),
    ("post", "/v1/proposals/{id}/take"): (409,),
    ("post", "/v1/proposals/{id}/reject"): (409,),
    ("post", "/v1/agencies/{name}/webhook"): (409,),
    ("delete", "/v1/agencies/{name}/webhook"): (409,),
    ("post", "/v1/agencies/{name}/webhook/rotate"): (409,),
    ("post", "/v1/agencies/{name}/webhook/test"): (409,),
    ("post", "/v1/agencies/{name}/replay"): (409,),
    ("post", "/v1/messages/{id}/release"): (409,),
    ("post", "/v1/messages/{id}/reject"): (409,),
    ("post", "/v1/messages/{id}/cancel"): (409,),
    ("post", "/v1/messages/{id}/receipts"): (409, 422),
    ("post", "/v1/messages/{id}/erase"): (409, 422),
    ("post", "/v1/holds"): (409, 422),
    ("post", "/v1/holds/{id}/end"): (409, 422),
    ("post", "/v1/holds/confirm"): (409, 422),
    ("post", "/v1/holds/{id}/withdraw"): (409, 422),
    ("post", "/v1/retention/run"): (409, 422),
    ("get", "/v1/messages/{id}/evidence"): (409,),
    ("get", "/v1/drills/{which}"): (409,),
    ("get", "/v1/carried"): (409,),
    ("post", "/v1/carried"): (422,),
    ("post", "/v1/trust"): (422,),
    ("post", "/v1/keys/compromised"): (422,),
    ("post", "/v1/lease/yield"): (422,),
}

MEDIA: Final[dict[Call, tuple[str, ...]]] = {
    ("get", "/v1/messages/{id}/export"): tuple(dict.fromkeys(each.media_type for each in FORMATS.values())),
    ("get", "/v1/drills/{which}"): (JSON, "text/csv; header=present; charset=utf-8", "image/svg+xml"),
    ("get", "/v1/messages/{id}/evidence"): ("application/octet-stream",),
}
"""Media types of a 200 that is a file, or one of several."""

MESSAGES: Final = (("Shown", "message"), ("Opinion", "message"), ("HeldRow", "message"), ("FeedContent", "message"))
"""Fields of answers that hold a message of the standard, by component."""
_NEVER_NULL: Final = frozenset({"HeldRow"})

_TEXT: Final = {"type": "string"}
PAGED_EVENT: Final[Json] = {
    "title": "PagedEvent",
    "description": "An event of a page, with the position to go on behind it.",
    "allOf": [
        reference("CloudEvent"),
        {"type": "object", "required": ["suarposition"], "properties": {"suarposition": _TEXT}},
    ],
}
FEED_EVENT: Final[Json] = {
    "title": "FeedEvent",
    "description": "A server-sent event, as a reader of the stream has it; `id` is the position behind it.",
    "type": "object",
    "properties": {
        "id": _TEXT,
        "event": {"enum": ["message", "exercise"], "description": "exercise: no handler of plain messages gets it"},
        "data": {**_TEXT, "contentMediaType": JSON, "contentSchema": reference("CloudEvent")},
    },
}
TEST_EVENT: Final[Json] = {
    "title": "WebhookTest",
    "description": "The event with which an operator tries a webhook: it is about no message.",
    "type": "object",
    "required": ["specversion", "id", "source", "type", "time", "datacontenttype", "data"],
    "properties": {
        **dict.fromkeys(("specversion", "id", "source", "time", "datacontenttype"), _TEXT),
        "type": {"enum": ["suar.webhook.test"]},
        "data": {"type": "null"},
    },
}
_SIGNED: Final = (
    ("webhook-id", "^.+$", "the `id` of the event, the same at each attempt: an event whose id is known is discarded"),
    ("webhook-timestamp", "^[0-9]+$", "the time of this attempt, in seconds since 1970"),
    (
        "webhook-signature", "^v1,[A-Za-z0-9+/]+=*( v1,[A-Za-z0-9+/]+=*)*$",
        "`v1,` and base64 of HMAC-SHA256 of `id.timestamp.body`; for a day after a rotation two, with a space between",
    ),
)  # fmt: skip
WEBHOOKS: Final[Json] = {
    "event": {
        "post": {
            "operationId": "event",
            "summary": "An event is sent to an agency",
            "description": "The gateway sends an event of the feed, or a test, to the address that was registered for "
            "the agency, signed by Standard Webhooks. What is not answered with 2xx is sent again for 72 hours.",
            "security": [],
            "parameters": [
                {
                    "name": name, "in": "header", "required": True, "description": description,
                    "schema": {"type": "string", "pattern": pattern},
                }
                for name, pattern, description in _SIGNED
            ],
            "requestBody": {
                "required": True,
                "content": {
                    "application/cloudevents+json": {
                        "schema": {"oneOf": [reference("PagedEvent"), reference("WebhookTest")]}
                    }
                },
            },
            "responses": {
                "2XX": {"description": "the event is stored; the body is not read"},
                "410": {"description": "nothing more is sent until a test is answered with 2xx"},
                "default": {"description": "the event is sent again later; a redirect is not followed"},
            },
        }
    }
}  # fmt: skip
"""The calls that the gateway makes, as OpenAPI 3.1 has them."""
ETAG: Final[Json] = {"schema": _TEXT, "description": "give it as If-None-Match: 304 while the answer is the same"}
LINK: Final[Json] = {"schema": _TEXT, "description": 'the next page: <address>; rel="next"'}
LOCATION: Final[Json] = {"schema": _TEXT, "description": "where it is", "required": True}
RATE: Final[dict[str, Json]] = {
    "RateLimit": {"schema": _TEXT, "description": "calls that this token has left, and seconds until it has all again"},
    "RateLimit-Policy": {"schema": _TEXT, "description": "calls that a token has, in how many seconds"},
}
"""By draft-ietf-httpapi-ratelimit-headers."""
RETRY: Final[dict[str, Json]] = {"Retry-After": {"schema": {"type": "integer"}, "description": "seconds"}}
PAGED: Final = frozenset({"/v1/messages", "/v1/held", "/v1/audit", "/v1/feed", "/v1/proposals"})
KEY_USED: Final = "Idempotency-Key-Used"
"""Header of an answer: `false` when the call has an Idempotency-Key, which a batch does not use."""


def problems(path: str, method: str, call: Json, *, is_negotiated: bool) -> set[int]:
    """The statuses of the problems that a call may answer with; `is_negotiated`: it answers what Accept names alone."""
    wanted = {*_ALWAYS, *(() if path in OPEN else _WITH_TOKEN), *(_WITH_BODY if "requestBody" in call else ())}
    wanted |= {406} if is_negotiated else set()
    return wanted | ({404} if "{" in path else set()) | set(_MORE.get((method, path), ()))


def message_field(component: str) -> Json:
    """The schema of a field that holds a message."""
    message = reference(MESSAGE)
    return message if component in _NEVER_NULL else {"oneOf": [message, {"type": "null"}]}


def refused(shape: Json) -> Json:
    """A refusal: a problem document, with the verdict in it where there is one."""
    problem = reference("Problem")
    return {"anyOf": [{"allOf": [problem, shape]}, problem]}


def headers(path: str, method: str, status: int) -> dict[str, Json]:
    """The headers of an answer that is no problem."""
    made = {} if path in OPEN or path == "/metrics" else dict(RATE)
    if method == "get" and status == 200:
        made["ETag"] = ETAG
    if path in PAGED and method == "get":
        made["Link"] = LINK
    if status == 201:
        made["Location"] = LOCATION
    if method == "post" and path in ("/v1/messages", "/v1/proposals") and status < 400:
        made["Idempotent-Replayed"] = {"schema": {"enum": ["true"]}, "description": "the answer of before"}
    if path == "/v1/messages/batch" and status == 200:
        unused = "the call has an Idempotency-Key, which a batch does not use: each line is known by its bytes"
        made[KEY_USED] = {"schema": {"enum": ["false"]}, "description": unused}
    return made
