"""Heads of requests: HEAD for every call that answers GET (the same head, and no body: RFC 9110, 9.3.2), whether every
parser reads a head in the same way, and fields that are given twice.
"""

import re
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from string import ascii_letters, digits
from typing import Any, Final

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Any, Any, Any], Awaitable[None]]
"""An ASGI application, as either server or framework spells it."""


HEAD_ONLY = "suar.head"
"""The key in the scope of a call that was made with HEAD."""
_ABSOLUTE: Final = re.compile(rb"http://([^/?#]*)", re.IGNORECASE)


_ENCODED: Final = re.compile(rb"%([0-9A-Fa-f]{2})")
_PLAIN: Final = frozenset(b"/.-_~" + (ascii_letters + digits).encode())
"""Characters that need no encoding, and the slash, which separates parts of a path."""
_TAXII: Final = b"/taxii2/"
_SINGLE: Final = (
    "Authorization", "Content-Type", "Cookie", "Idempotency-Key", "If-Match", "If-Modified-Since", "Last-Event-ID",
    "Sec-Fetch-Site",
)  # fmt: skip
"""The fields that the API reads and that have one value. If-None-Match and Accept are lists: all their lines count."""
_ONCE: Final = frozenset({"Authorization"})
"""Those that may not even be repeated with the same value."""


class _Enough(OSError):  # noqa: N818 - no error
    """The head was sent: what a stream sends after it is discarded, as if its reader had left."""


def answering_head(app: App) -> App:
    """Return `app` as called with GET where the caller sent HEAD."""

    async def respond(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await app(scope, receive, send)
            return
        is_done = False

        async def send_head(message: Message) -> None:
            nonlocal is_done
            if is_done:
                raise _Enough
            if message["type"] == "http.response.body":
                is_done = True
                message = {"type": "http.response.body", "body": b"", "more_body": False}
            await send(message)

        try:
            await app({**scope, "method": "GET", HEAD_ONLY: True}, receive, send_head)
        except _Enough:
            return

    return respond


def is_plain_path(scope: Mapping[str, Any]) -> bool:
    """Whether a path is written in the one way in which this gateway writes it: a filter of a proxy before it compares
    what was written.

    `//v1/feed`, `/v1/feed/`, `/v1%2ffeed` and `/v1/fee%64` are not. An address of TAXII may end with a slash.
    """
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    may_end_so = raw == b"/" or raw.startswith(_TAXII)
    is_single = b"//" not in raw and (may_end_so or not raw.endswith(b"/"))
    return is_single and not any(int(each, 16) in _PLAIN for each in _ENCODED.findall(raw))


def is_utf8(content_type: str) -> bool:
    """Whether a Content-Type names no charset, or UTF-8."""
    parameters = (each.partition("=") for each in content_type.split(";")[1:])
    named = [value.strip().strip('"').lower() for name, _, value in parameters if name.strip().lower() == "charset"]
    return all(each in ("utf-8", "utf8") for each in named)


def contradicted_field(values_of: Callable[[str, list[str]], list[str]]) -> str | None:
    """Return the name of a field of one value that a head has with different values; None if there is none.

    `values_of`: returns the values of a field in their order, or its second argument. A proxy, a library or this
    gateway may each use another one of them.
    """
    for name in _SINGLE:
        values = values_of(name, [])
        if len({each.strip() for each in values}) > 1 or (name in _ONCE and len(values) > 1):
            return name
    return None


def has_one_reading(target: bytes, headers: list[tuple[bytes, bytes]], version: str) -> bool:
    """Return whether every HTTP parser finds the same end of the body and the same host.

    `chunked` is the only transfer coding that is decoded here, and HTTP/1.0 has none. For some parsers, a target in
    absolute form replaces Host (RFC 9112, 3.2.2), so both must name the same host; access.py checks whether that host
    is the gateway.
    """
    codings = [value.strip().lower() for name, value in headers if name == b"transfer-encoding"]
    if codings and (codings != [b"chunked"] or version == "1.0"):
        return False
    if target.startswith(b"/") or target == b"*":
        return True
    absolute = _ABSOLUTE.match(target)
    hosts = {value.strip().lower() for name, value in headers if name == b"host"}
    return absolute is not None and hosts == {absolute[1].lower()}
