"""HEAD for every call that answers GET: the same head, and no body (RFC 9110, 9.3.2)."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Any, Any, Any], Awaitable[None]]
"""An ASGI application, as either server or framework spells it."""


HEAD_ONLY = "suar.head"
"""The key in the scope of a call that was made with HEAD."""


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
