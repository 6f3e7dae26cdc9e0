"""Whoever may name an agency's webhook points it at a service of the operator's own machine or network: by a name that
leads there, a number, another form of the address. The gateway would call it from inside, past every firewall.

Only public addresses are called, each judged as the address that it is, whatever it was written as; no connection is
opened to any other.
"""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

import httpx
import pytest

HEALTH = {"name": "inside", "sector": "health", "kinds": ["alert"], "max_tlp": "AMBER"}
LITERAL = ["127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "169.254.169.254", "10.0.0.1", "[fe80::1]"]
DISGUISED = ["127.1", "2130706433", "0x7f.1", "017700000001", "0"]
"""Spellings of an IPv4 address that the system's resolver reads."""
NAMED = ["localhost", socket.gethostname()]


@pytest.fixture(scope="module")
def operator(member: dict[str, Any]) -> dict[str, str]:
    token = json.loads((Path(member["state"]) / "gateway.json").read_text())["token"]
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize("host", LITERAL + DISGUISED)
@pytest.mark.parametrize("scheme", ["https", "http"])
def test_an_address_inside_is_refused(client: httpx.Client, operator: dict[str, str], scheme: str, host: str) -> None:
    made = client.post(
        "/v1/agencies", json=HEALTH | {"name": "literal", "webhook": f"{scheme}://{host}:8440/"}, headers=operator
    )
    assert (made.status_code, made.json()["code"]) == (400, "E-HTTP-VALUE")
    assert client.get("/v1/agencies/literal", headers=operator).status_code == 404


def test_a_name_that_leads_inside_is_not_called(client: httpx.Client, operator: dict[str, str]) -> None:
    with socket.create_server(("", 0)) as inside:
        port = inside.getsockname()[1]
        made = client.post("/v1/agencies", json=HEALTH, headers=operator)
        assert made.status_code == 201, made.text
        for host in NAMED:
            body = {"url": f"https://{host}:{port}/"}
            assert client.post("/v1/agencies/inside/webhook", json=body, headers=operator).status_code == 200
            tried = client.post("/v1/agencies/inside/webhook/test", headers=operator).json()
            assert (tried["delivered"], tried["outcome"]) == (False, "not-public"), host
        inside.setblocking(False)
        with pytest.raises(BlockingIOError):  # nobody has called
            inside.accept()
    assert client.get("/healthz").status_code == 200
