"""A gateway whose own server sends what cannot be read: it lives, logs it, and `doctor` names the object."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

from support.gateways import Federation, Running, eventually
from support.hostile import Server

NAMED = b"MSG a.frame.all.\xff %s $JS.ACK.INBOX_TH.gw.1.17.17.0.0 1\r\nx\r\nMSG a b c d e f\r\n"


@pytest.mark.slow
async def test_the_log_says_it_and_the_check_names_the_object(tmp_path: Path) -> None:
    federation = Federation(tmp_path, ("SG", "TH"))
    await asyncio.to_thread(lambda: federation.import_lists("TH", federation.lists.next(), pin=federation.lists.prev))
    server = Server()
    async with server.listening() as url:
        running = Running("TH", federation.folder / "state-th")
        running.environ |= {"SUAR_BUS__URL": url, "SUAR_HTTP__LISTEN": "127.0.0.1:0"}
        running.start()
        try:

            async def is_connected() -> bool:
                return any(each.sids and not each.closed.is_set() for each in server.connections)

            await eventually(is_connected, 120, running.words)
            connection = next(each for each in server.connections if each.sids and not each.closed.is_set())
            dials = server.dials
            connection.writer.write(NAMED % next(iter(connection.sids.values())))
            found: dict[str, Any] = {}

            async def is_reported() -> bool:
                try:
                    checks = (await running.get("/v1/checks"))["checks"]
                except (OSError, httpx.HTTPError):
                    return False
                found.update(next(check for check in checks if check["id"] == "bus-read"))
                return bool(found["status"] == "critical")

            await eventually(is_reported, 120, running.words)
            assert "a.frame.all.\\xff $JS.ACK.INBOX_TH.gw.1.17." in found["text"]
            assert running.events("bus_read_failed")

            async def has_dialled_again() -> bool:
                return server.dials > dials

            await eventually(has_dialled_again, 120, running.words)
        finally:
            running.kill()
