"""A member's desk: a client program that knows its gateway's address and its tokens, and uses HTTP."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

from suar.protocol.base.errors import Fault
from suar.service.settings.scopes import ROLES

TOKENS: Final[dict[str, dict[str, Any]]] = {
    "publish": {}, "approve": {"person": True}, "read": {"person": True},
    "acknowledge": {"person": True, "roles": list(ROLES)}, "monitor": {}, "operate": {}, "admin": {},
}  # fmt: skip
"""The tokens, each named by its only scope; the reader's and the second person's are held by persons."""
_SAMPLE: Final = re.compile(r"(\w+)(?:\{(.*)\})? (\S+)")
_LABEL: Final = re.compile(r'(\w+)="([^"]*)"')


def http_client() -> httpx.AsyncClient:
    """Return one client for all desks; environment proxies are not used, because they could read tokens."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=64)
    return httpx.AsyncClient(trust_env=False, verify=False, timeout=120, limits=limits)  # noqa: S501 - http on loopback


@dataclass
class Desk:
    """One member's desk. `tokens` by scope."""

    code: str
    url: str
    http: httpx.AsyncClient = field(repr=False)
    tokens: dict[str, str] = field(default_factory=dict, repr=False)

    async def make_tokens(self, local: str) -> None:
        """Create a token for each scope with the `local` one of STATE/gateway.json, and claim it as its holder."""
        for name, more in TOKENS.items():
            wanted = {"name": f"demo-{name}", "scopes": [name], **more}
            made = (await self._call("POST", "/v1/tokens", local, json=wanted)).json()
            claimed = await self._call("POST", "/v1/tokens/claim", made["claim"])
            self.tokens[name] = claimed.json()["token"]

    async def is_ready(self) -> bool:
        """Whether GET /readyz succeeds."""
        try:
            return (await self.http.get(f"{self.url}/readyz")).status_code == httpx.codes.OK
        except httpx.TransportError:
            return False

    async def blocking_reasons(self) -> list[str]:
        """Return why GET /readyz does not succeed; empty if it does."""
        answer = await self._call("GET", "/readyz", self.tokens["monitor"], allowed=httpx.codes.SERVICE_UNAVAILABLE)
        found: list[str] = answer.json()["reasons"]
        return found

    async def publish(self, draft: Mapping[str, Any], realm: str) -> str:
        """Return the id of the published message. Raises Fault with the first reason if it is not published."""
        path = "/v1/messages?exercise=true" if realm == "exercise" else "/v1/messages"
        answer = await self._call("POST", path, self.tokens["publish"], json=draft)
        if answer.status_code != httpx.codes.CREATED:
            reasons = answer.json().get("reasons") or [answer.json()]
            raise Fault(f"{self.code} could not publish: {reasons[0]}", "`suar errors CODE` says what the code means")
        return str(answer.json()["id"])

    async def deliveries(self, id_: str) -> dict[str, str]:
        """Return for each member the latest stage in its signed receipts (or our own queue)."""
        found = await self.delivery_document(id_)
        return {code: str(row["state"]) for code, row in found["members"].items()}

    async def delivery_document(self, id_: str) -> dict[str, Any]:
        """Return GET /v1/messages/{id}/deliveries."""
        answer = await self._call("GET", f"/v1/messages/{id_}/deliveries", self.tokens["read"])
        found: dict[str, Any] = answer.json()
        return found

    async def answer(self, id_: str, stage: str) -> None:
        """State as the focal point that the message was acknowledged, or that this member acts on it."""
        statement = {"stage": stage, "role": "focal-point"}
        await self._call("POST", f"/v1/messages/{id_}/receipts", self.tokens["acknowledge"], json=statement)

    async def message(self, id_: str) -> dict[str, Any]:
        """Return GET /v1/messages/{id}: the message as this member's focal point reads it."""
        found: dict[str, Any] = (await self._call("GET", f"/v1/messages/{id_}", self.tokens["read"])).json()
        return found

    async def counters(self) -> dict[tuple[str, ...], float]:
        """Return samples of /metrics that have an origin: (name, origin, code or "") -> value."""
        page = (await self._call("GET", "/metrics", self.tokens["monitor"])).text
        found: dict[tuple[str, ...], float] = {}
        for line in page.splitlines():
            sample = _SAMPLE.fullmatch(line)
            labels = dict(_LABEL.findall(sample[2] or "")) if sample else {}
            if sample and "origin" in labels and not sample[1].endswith("_bucket"):
                found[sample[1], labels["origin"], labels.get("code", "")] = float(sample[3])
        return found

    async def alarms(self) -> list[dict[str, Any]]:
        """Return GET /v1/alarms."""
        answer = await self._call("GET", "/v1/alarms", self.tokens["monitor"])
        rows: list[dict[str, Any]] = answer.json()
        return rows

    async def _call(
        self, method: str, path: str, token: str, *, json: Any = None, allowed: int = httpx.codes.UNPROCESSABLE_ENTITY
    ) -> httpx.Response:
        try:
            answer = await self.http.request(
                method, self.url + path, headers={"Authorization": f"Bearer {token}"}, json=json
            )
        except httpx.TransportError as error:
            raise Fault(
                f"the gateway of {self.code} does not answer: {type(error).__name__}", "see its gateway.log"
            ) from None
        if answer.is_error and answer.status_code != allowed:
            raise Fault(
                f"the gateway of {self.code} answered {answer.status_code} to {method} {path}", "see its gateway.log"
            )
        return answer
