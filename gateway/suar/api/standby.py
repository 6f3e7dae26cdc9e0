"""What a standby answers: that it is alive, that it is not ready, and to all else where to ask."""

import secrets
from http import HTTPStatus
from typing import Any, Final

import msgspec
from litestar.types import HTTPResponseBodyEvent, HTTPResponseStartEvent, Receive, Send

from suar.api.http.access import bearer
from suar.api.http.problems import MEDIA_TYPE
from suar.service.access.tokens import TokenInfo
from suar.service.process.standby import Standby
from suar.service.settings.scopes import SCOPES
from suar.store.people.access import OPERATOR

ALIVE: Final = "/healthz"
READY: Final = "/readyz"
JSON: Final = "application/json"


class StandbyCalls:
    """The calls of a gateway that waits to lead. `token` is that of commands on this machine."""

    def __init__(self, standby: Standby, token: str) -> None:
        self._standby, self._token = standby, token

    def identify(self, token: str) -> TokenInfo | None:
        """Whose a connection is; tokens of the store are not read here."""
        is_local = secrets.compare_digest(token.encode(), self._token.encode())
        return TokenInfo(OPERATOR, frozenset(SCOPES)) if is_local else None

    async def __call__(self, scope: Any, _receive: Receive, send: Send) -> None:
        """One call, as an application of ASGI."""
        if scope["type"] != "http":
            return
        path, is_known = str(scope["path"]), self._is_known(scope)
        if path == ALIVE:
            await _send(send, scope, 200, JSON, {"status": "alive"})
        elif path == READY:
            body = {"ready": False, "reasons": self._reasons(is_known=is_known), "to_come": 0}
            await _send(send, scope, 503, JSON, body)
        else:
            await _send(send, scope, 503, MEDIA_TYPE, self._problem(is_known=is_known))

    def _is_known(self, scope: Any) -> bool:
        """Whether the call has the token of commands on this machine."""
        authorization = next((value for name, value in scope["headers"] if name == b"authorization"), b"")
        return self.identify(bearer(authorization.decode("latin-1")) or "") is not None

    def _reasons(self, *, is_known: bool) -> list[str]:
        """Why it is not ready; of hosts and keyrings no stranger hears."""
        if not is_known:
            return ["standby"]
        leader = self._standby.leader
        return [f"standby of {leader}" if leader else "standby", *filter(None, [self._standby.reason])]

    def _problem(self, *, is_known: bool) -> dict[str, Any]:
        leader = self._standby.leader if is_known else ""
        return {
            "type": "urn:suar:error:E-HTTP-FAULT",
            "title": HTTPStatus(503).phrase,
            "status": 503,
            "detail": "; ".join(self._reasons(is_known=is_known)),
            "code": "E-HTTP-FAULT",
            "hint": f"ask the gateway that leads{f', on {leader}' if leader else ''}",
        }


async def _send(send: Send, scope: Any, status: int, kind: str, body: object) -> None:
    """Answer with JSON, to HEAD without a body."""
    data = msgspec.json.encode(body)
    headers = [(b"content-type", kind.encode()), (b"content-length", str(len(data)).encode()), *HEADERS]
    start: HTTPResponseStartEvent = {"type": "http.response.start", "status": status, "headers": headers}
    data = b"" if scope["method"] == "HEAD" else data
    end: HTTPResponseBodyEvent = {"type": "http.response.body", "body": data, "more_body": False}
    await send(start)
    await send(end)


HEADERS: Final = ((b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff"))
