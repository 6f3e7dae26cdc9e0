"""ETag for whole answers to GET, and 304 for If-None-Match (RFC 9110, 8.8.3 and 13.1.2).

A tag is a keyed digest of the body, by a key of this process: it discloses nothing about the body.
"""

import secrets
from hashlib import blake2b
from typing import Any, Final

from litestar.datastructures import MutableScopeHeaders
from litestar.types import ASGIApp, Receive, Scope, Send

_KEY: Final = secrets.token_bytes(32)
_OF_A_BODY: Final = (b"content-type", b"content-length", b"content-disposition")


def conditional(app: ASGIApp) -> ASGIApp:
    """`app`, whose whole 200 answers to GET have an ETag. One that is sent in parts, as a stream, has none."""

    async def tagged(scope: Scope, receive: Receive, send: Send) -> None:
        if scope.get("method") != "GET":
            await app(scope, receive, send)
            return
        start: Any = None

        async def send_tagged(message: Any) -> None:
            nonlocal start
            if message["type"] == "http.response.start" and message["status"] == 200:
                start = message
                return
            if start is None:
                await send(message)
                return
            head, start = start, None
            if message["type"] != "http.response.body" or message.get("more_body"):
                await send(head)
                await send(message)
                return
            tag = _tag_of(message["body"])
            is_known = not _known(scope).isdisjoint((tag, "*"))
            await send(_head_with(head, tag, is_known=is_known))
            await send({"type": "http.response.body", "body": b"", "more_body": False} if is_known else message)

        await app(scope, receive, send_tagged)

    return tagged


def _tag_of(body: bytes) -> str:
    return f'"{blake2b(body, digest_size=16, key=_KEY).hexdigest()}"'


def _known(scope: Scope) -> set[str]:
    """The tags that the caller has, or "*" for any; weak or strong is one here."""
    lines = [value.decode("latin-1") for name, value in scope["headers"] if name == b"if-none-match"]
    return {each.strip().removeprefix("W/") for line in lines for each in line.split(",")}


def _head_with(head: Any, tag: str, *, is_known: bool) -> Any:
    """The head with its tag; of what is known 304, without what describes a body."""
    if is_known:
        kept = [(name, value) for name, value in head["headers"] if name.lower() not in _OF_A_BODY]
        head = {**head, "status": 304, "headers": kept}
    MutableScopeHeaders.from_message(head)["ETag"] = tag
    return head
