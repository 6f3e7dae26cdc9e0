"""A stranger on the HTTP port opens more connections than the gateway has, and says nothing on them.

Before: whoever came first kept every slot for 15 s, came again, and nobody with a token got in. Now the oldest
connection without a token goes first, and half of all slots are for tokens.
"""

from __future__ import annotations

import contextlib
import socket
from typing import TYPE_CHECKING

import httpx

from suar.api.http.door import CONNECTIONS_MAX, STRANGERS_MAX

if TYPE_CHECKING:
    from support.demos import Running

STRANGERS = CONNECTIONS_MAX + 8
TOKENS = 16


def test_a_token_gets_in(demo: Running) -> None:
    member = demo.content["members"][0]
    url = member["gateway"]["http"]
    host, _, port = url.removeprefix("http://").rpartition(":")
    sent = {"Authorization": f"Bearer {member['tokens']['operate']}"}
    with contextlib.ExitStack() as stack:
        for number in range(STRANGERS):
            held = stack.enter_context(socket.create_connection((host, int(port)), timeout=120))
            if number % 3 == 0:
                held.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n")  # and never the end of the head
        for _ in range(TOKENS):  # each keeps its connection
            client = stack.enter_context(httpx.Client(base_url=url, headers=sent, trust_env=False, timeout=120))
            assert client.get("/healthz").status_code == 200
            assert client.get("/v1/keys").status_code == 200
        page = client.get("/metrics").text
        (line,) = [each for each in page.splitlines() if each.startswith('suar_http_connections{authenticated="no"}')]
        assert float(line.split()[1]) <= STRANGERS_MAX
