"""The answers of a standby: that it is alive, that it is not ready, and for all other calls where to send them."""

import secrets
from http import HTTPStatus
from typing import Any, Final

import msgspec
from litestar.types import HTTPResponseBodyEvent, HTTPResponseStartEvent, Receive, Send

from suar import __version__
from suar.api.http.access import bearer
from suar.api.http.origins import is_here
from suar.api.http.problems import MEDIA_TYPE
from suar.observe.checks.every import as_json
from suar.observe.checks.finding import Check
from suar.observe.checks.pair import of_standby
from suar.observe.metrics import CONTENT_TYPE
from suar.observe.standby_metrics import StandbyMetrics
from suar.service.access.tokens import TokenInfo
from suar.service.process.standby import Standby
from suar.service.settings.scopes import SCOPES
from suar.store.people.access import OPERATOR

ALIVE: Final = "/healthz"
READY: Final = "/readyz"
METRICS: Final = "/metrics"
CHECKS: Final = "/v1/checks"
JSON: Final = "application/json"


class StandbyCalls:
    """The calls of a gateway that waits to lead.

    `token` is that of commands on this machine. `metrics_open`: whether /metrics needs no token, as at the leading
    gateway.
    """

    def __init__(self, standby: Standby, token: str, *, metrics_open: bool) -> None:
        self._standby, self._token, self._has_open_metrics = standby, token, metrics_open
        self._metrics = StandbyMetrics(__version__)

    def identify(self, token: str, *, is_here: bool) -> TokenInfo | None:
        """Whose a connection is; `is_here`: whether it is of this machine, as the local token requires."""
        is_local = is_here and secrets.compare_digest(token.encode(), self._token.encode())
        return TokenInfo(OPERATOR, frozenset(SCOPES)) if is_local else self._standby.identify(token)

    async def __call__(self, scope: Any, _receive: Receive, send: Send) -> None:
        """One call, as an application of ASGI."""
        if scope["type"] != "http":
            return
        path, info = str(scope["path"]), self._caller(scope)
        monitors = info is not None and "monitor" in info.scopes
        is_known = info is not None and info.name == OPERATOR
        if path == ALIVE:
            await _send(send, scope, 200, JSON, {"status": "alive"})
        elif path == METRICS and (monitors or self._has_open_metrics):
            page = self._metrics.render(self._standby.term, is_ready=not self._standby.reason)
            await _send_bytes(send, scope, 200, CONTENT_TYPE, page)
        elif path == CHECKS and monitors:
            await _send(send, scope, 200, JSON, as_json([self._check(is_known=is_known)]))
        elif path == READY:
            body = {"ready": False, "reasons": self._reasons(is_known=is_known), "to_come": 0}
            await _send(send, scope, 503, JSON, body)
        else:
            await _send(send, scope, 503, MEDIA_TYPE, self._problem(is_known=is_known))

    def _caller(self, scope: Any) -> TokenInfo | None:
        authorization = next((value for name, value in scope["headers"] if name == b"authorization"), b"")
        token = bearer(authorization.decode("latin-1"))
        return self.identify(token, is_here=is_here(scope.get("client"), scope.get("server")))

    def _check(self, *, is_known: bool) -> Check:
        """Its state, for the holder of a token of scope monitor; only this machine sees hosts and reasons."""
        standby = self._standby
        if is_known:
            return of_standby(standby.leader, standby.reason, standby.hint)
        return of_standby("another gateway", standby.reason and "ask at its machine: `suar doctor`", "")

    def _reasons(self, *, is_known: bool) -> list[str]:
        """Why it is not ready; strangers do not see hosts and keyrings."""
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
    """Answer with JSON."""
    await _send_bytes(send, scope, status, kind, msgspec.json.encode(body))


async def _send_bytes(send: Send, scope: Any, status: int, kind: str, data: bytes) -> None:
    """Answer, to HEAD without a body."""
    headers = [(b"content-type", kind.encode()), (b"content-length", str(len(data)).encode()), *HEADERS]
    start: HTTPResponseStartEvent = {"type": "http.response.start", "status": status, "headers": headers}
    data = b"" if scope["method"] == "HEAD" else data
    end: HTTPResponseBodyEvent = {"type": "http.response.body", "body": data, "more_body": False}
    await send(start)
    await send(end)


HEADERS: Final = ((b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff"))
