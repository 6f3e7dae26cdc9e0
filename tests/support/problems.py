"""What tests of the API share: which call needs which scope, and how an RFC 9457 document is read."""

from collections.abc import Iterable
from typing import Any

import httpx

SCOPE_OF = {
    ("POST", "/v1/messages"): "publish",
    ("POST", "/v1/messages/batch"): "publish",
    ("POST", "/v1/messages/check"): "publish",
    ("GET", "/v1/messages"): "read",
    ("GET", "/v1/messages/{id:str}"): "read",
    ("GET", "/v1/messages/{id:str}/deliveries"): "read",
    ("GET", "/v1/messages/{id:str}/agencies"): "read",
    ("GET", "/v1/messages/{id:str}/why/{member:str}"): "read",
    ("GET", "/v1/messages/{id:str}/export"): "read",
    ("GET", "/v1/messages/{id:str}/evidence"): "read",
    ("POST", "/v1/messages/{id:str}/receipts"): "acknowledge",
    ("POST", "/v1/messages/{id:str}/cancel"): "publish",
    ("POST", "/v1/messages/{id:str}/release"): "approve",
    ("POST", "/v1/messages/{id:str}/reject"): "approve",
    ("POST", "/v1/messages/{id:str}/erase"): "approve",
    ("GET", "/v1/holds"): "approve",
    ("POST", "/v1/holds"): "approve",
    ("POST", "/v1/holds/{id:str}/end"): "approve",
    ("POST", "/v1/holds/{id:str}/withdraw"): "approve",
    ("POST", "/v1/holds/confirm"): "approve",
    ("POST", "/v1/drills"): "publish",
    ("GET", "/v1/drills"): "read",
    ("GET", "/v1/drills/{which:str}"): "read",
    ("GET", "/v1/feed"): "read",
    ("POST", "/v1/feed/cookie"): "read",
    ("GET", "/v1/feeds/cap.atom"): "read",
    ("GET", "/v1/feeds/cap/{id:str}"): "read",
    ("GET", "/taxii2"): "read",
    ("GET", "/taxii2/root"): "read",
    ("GET", "/taxii2/root/collections"): "read",
    ("GET", "/taxii2/root/collections/{name:str}"): "read",
    ("GET", "/taxii2/root/collections/{name:str}/manifest"): "read",
    ("GET", "/taxii2/root/collections/{name:str}/objects"): "read",
    ("POST", "/taxii2/root/collections/{name:str}/objects"): "read",
    ("GET", "/taxii2/root/collections/{name:str}/objects/{object_id:str}"): "read",
    ("DELETE", "/taxii2/root/collections/{name:str}/objects/{object_id:str}"): "read",
    ("GET", "/taxii2/root/collections/{name:str}/objects/{object_id:str}/versions"): "read",
    ("GET", "/v1/data/trends.csv"): "read",
    ("GET", "/v1/data/trends.sdmx.csv"): "read",
    ("GET", "/v1/progress"): "read",
    ("GET", "/v1/held"): "approve",
    ("GET", "/v1/trust"): "operate",
    ("POST", "/v1/trust"): "admin",
    ("GET", "/v1/trust/history"): "operate",
    ("GET", "/v1/keys"): "operate",
    ("POST", "/v1/keys/rotate"): "admin",
    ("POST", "/v1/keys/compromised"): "admin",
    ("GET", "/v1/peers"): "monitor",
    ("POST", "/v1/peers/{code:str}/resend"): "operate",
    ("GET", "/v1/carried"): "operate",
    ("POST", "/v1/carried"): "operate",
    ("GET", "/v1/alarms"): "monitor",
    ("POST", "/v1/alarms/{number:int}/acknowledge"): "operate",
    ("GET", "/v1/checks"): "monitor",
    ("POST", "/v1/clock/reset"): "admin",
    ("POST", "/v1/lease/yield"): "admin",
    ("GET", "/v1/audit"): "operate",
    ("GET", "/v1/audit/commitments"): "operate",
    ("GET", "/v1/retention"): "operate",
    ("POST", "/v1/retention/run"): "admin",
    ("GET", "/v1/tokens"): "admin",
    ("POST", "/v1/tokens"): "admin",
    ("GET", "/v1/tokens/{name:str}"): "admin",
    ("DELETE", "/v1/tokens/{name:str}"): "admin",
    ("GET", "/v1/agencies"): "admin",
    ("POST", "/v1/agencies"): "admin",
    ("GET", "/v1/agencies/{name:str}"): "admin",
    ("POST", "/v1/agencies/{name:str}"): "admin",
    ("POST", "/v1/agencies/{name:str}/rotate"): "admin",
    ("POST", "/v1/agencies/{name:str}/suspend"): "admin",
    ("POST", "/v1/agencies/{name:str}/resume"): "admin",
    ("DELETE", "/v1/agencies/{name:str}"): "admin",
    ("POST", "/v1/agencies/{name:str}/webhook"): "admin",
    ("DELETE", "/v1/agencies/{name:str}/webhook"): "admin",
    ("POST", "/v1/agencies/{name:str}/webhook/rotate"): "admin",
    ("POST", "/v1/agencies/{name:str}/webhook/test"): "admin",
    ("GET", "/v1/agencies/{name:str}/webhook/dead-letters"): "admin",
    ("POST", "/v1/agencies/{name:str}/replay"): "admin",
    ("POST", "/v1/proposals"): "propose",
    ("GET", "/v1/proposals"): "publish",
    ("GET", "/v1/proposals/{id:str}"): "publish",
    ("POST", "/v1/proposals/{id:str}/take"): "publish",
    ("POST", "/v1/proposals/{id:str}/reject"): "publish",
    ("GET", "/metrics"): "monitor",
    ("POST", "/v1/console/people"): "machine",
    ("GET", "/v1/console/people"): "machine",
    ("GET", "/v1/console/people/{id:str}"): "machine",
    ("POST", "/v1/console/people/{id:str}/{act:str}"): "machine",
}
ALSO = {
    ("POST", "/v1/drills"): "operate",
    ("GET", "/v1/drills"): "operate",
    ("GET", "/v1/drills/{which:str}"): "operate",
    ("GET", "/v1/proposals"): "propose",
    ("GET", "/v1/proposals/{id:str}"): "propose",
    ("GET", "/v1/feed"): "agency",
    ("POST", "/v1/feed/cookie"): "agency",
    ("GET", "/v1/feeds/cap.atom"): "agency",
    ("GET", "/v1/feeds/cap/{id:str}"): "agency",
    ("GET", "/taxii2"): "agency",
    ("GET", "/taxii2/root"): "agency",
    ("GET", "/taxii2/root/collections"): "agency",
    ("GET", "/taxii2/root/collections/{name:str}"): "agency",
    ("GET", "/taxii2/root/collections/{name:str}/manifest"): "agency",
    ("GET", "/taxii2/root/collections/{name:str}/objects"): "agency",
    ("POST", "/taxii2/root/collections/{name:str}/objects"): "agency",
    ("GET", "/taxii2/root/collections/{name:str}/objects/{object_id:str}"): "agency",
    ("DELETE", "/taxii2/root/collections/{name:str}/objects/{object_id:str}"): "agency",
    ("GET", "/taxii2/root/collections/{name:str}/objects/{object_id:str}/versions"): "agency",
    ("GET", "/v1/data/trends.csv"): "agency",
    ("GET", "/v1/data/trends.sdmx.csv"): "agency",
}
"""Calls that a second scope opens too."""
INCLUDING = {"monitor": {"monitor", "operate", "admin"}, "operate": {"operate", "admin"}}
"""Scope -> the scopes that amount to it."""


def no_scope_of(calls: Iterable[tuple[str, str]]) -> str:
    """What to write if calls of the API are not in the table above; as the message of an assertion."""
    return f"tests/support/problems.py: SCOPE_OF has a line for each call, and lacks {sorted(calls)}"


def opened_by(method: str, path: str) -> set[str]:
    """The scopes that open a call, by the table above."""
    assert (method, path) in SCOPE_OF, no_scope_of([(method, path)])
    named = {SCOPE_OF[method, path], ALSO.get((method, path), SCOPE_OF[method, path])}
    return {each for scope in named for each in INCLUDING.get(scope, {scope})}


def problem(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The document, checked for what every one of them has."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert (body["status"], body["code"], body["type"]) == (status, code, f"urn:suar:error:{code}")
    assert body["detail"]
    assert body["hint"]
    return body
