"""What tests of the API share: which call needs which scope, and how an RFC 9457 document is read."""

from typing import Any

import httpx

SCOPE_OF = {
    ("POST", "/v1/messages"): "publish",
    ("POST", "/v1/messages/batch"): "publish",
    ("POST", "/v1/messages/check"): "publish",
    ("GET", "/v1/messages"): "read",
    ("GET", "/v1/messages/{id:str}"): "read",
    ("GET", "/v1/messages/{id:str}/deliveries"): "read",
    ("GET", "/v1/messages/{id:str}/why/{member:str}"): "read",
    ("GET", "/v1/messages/{id:str}/export"): "read",
    ("GET", "/v1/messages/{id:str}/evidence"): "read",
    ("POST", "/v1/messages/{id:str}/receipts"): "read",
    ("POST", "/v1/messages/{id:str}/cancel"): "publish",
    ("POST", "/v1/messages/{id:str}/release"): "approve",
    ("POST", "/v1/messages/{id:str}/reject"): "approve",
    ("POST", "/v1/drills"): "publish",
    ("GET", "/v1/drills"): "read",
    ("GET", "/v1/drills/{which:str}"): "read",
    ("GET", "/v1/feed"): "read",
    ("GET", "/v1/progress"): "read",
    ("GET", "/v1/held"): "approve",
    ("GET", "/v1/trust"): "operate",
    ("POST", "/v1/trust"): "operate",
    ("GET", "/v1/keys"): "operate",
    ("POST", "/v1/keys/rotate"): "operate",
    ("POST", "/v1/keys/compromised"): "operate",
    ("GET", "/v1/peers"): "operate",
    ("POST", "/v1/peers/{code:str}/resend"): "operate",
    ("GET", "/v1/carried"): "operate",
    ("POST", "/v1/carried"): "operate",
    ("GET", "/v1/alarms"): "operate",
    ("POST", "/v1/alarms/{number:int}/acknowledge"): "operate",
    ("GET", "/v1/checks"): "operate",
    ("POST", "/v1/clock/reset"): "operate",
    ("GET", "/v1/audit"): "operate",
    ("GET", "/v1/tokens"): "operate",
    ("POST", "/v1/tokens"): "operate",
    ("DELETE", "/v1/tokens/{name:str}"): "operate",
    ("GET", "/metrics"): "operate",
}


def problem(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The document, checked for what every one of them has."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert (body["status"], body["code"], body["type"]) == (status, code, f"urn:suar:error:{code}")
    assert body["detail"]
    assert body["hint"]
    return body
