"""A thief copied the disk of a gateway, all of its state folder, and puts it back after a token was revoked: an older
store, with the anchor and the keyring of that time. Before, the gateway took it, and the token was in force again.

Now the anchor also stands at the own NATS server, and the start compares the store with it.
"""

import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from suar.bus import jsapi, streams
from suar.bus.connect import Bus
from support import warm
from support.gateways import Federation, Running, draft, eventually, running

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def two(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Federation]:
    async with running(tmp_path_factory.mktemp("federation"), "SG", "TH") as federation:
        yield federation


async def integrity(gateway: Running) -> dict[str, Any]:
    checks = (await gateway.get("/v1/checks"))["checks"]
    found: dict[str, Any] = next(check for check in checks if check["id"] == "store-integrity")
    return found


async def anchored_twice(federation: Federation) -> None:
    """Until the own server has an anchor of after now."""
    seed = bytes(federation.keyring("TH").nkey_seed("gateway"))
    async with Bus(federation.nats.servers.plan.member("TH").url, seed, "_INBOX_gw", "test") as bus:
        await bus.wait_connected(60)

        async def number() -> int:
            newest = await jsapi.last_for_subject(bus, "ANCHOR_TH", streams.ANCHOR_SUBJECT)
            return newest.seq if newest is not None else 0

        before = await number()

        async def is_later() -> bool:
            return await number() >= before + 2

        await eventually(is_later, 120, federation["TH"].words)


async def suar(gateway: Running, *arguments: str) -> warm.Ended:
    passphrase = gateway.folder / "passphrase"
    env = os.environ | {"SUAR_PASSPHRASE_FILE": str(passphrase)}
    return await warm.run_async("suar", *arguments, "--state", str(gateway.folder), env=env)


async def test_a_revoked_token_does_not_come_back_with_the_disk(two: Federation, tmp_path: Path) -> None:
    th = two["TH"]
    made = await th.call("POST", "/v1/tokens", b'{"name": "thief", "scopes": ["read"]}')
    assert made.status_code == 201, made.text
    th.end()
    shutil.copytree(th.folder, tmp_path / "disk")
    await th.start_and_wait()
    revoked = await th.call("DELETE", "/v1/tokens/thief")
    assert revoked.status_code < 300, revoked.text
    await anchored_twice(two)
    th.kill()
    shutil.rmtree(th.folder)
    shutil.copytree(tmp_path / "disk", th.folder)
    th.start()

    async def noticed() -> bool:
        try:
            return str((await integrity(th))["status"]) == "critical"
        except (OSError, ValueError, httpx.HTTPError):
            return False

    await eventually(noticed, 120, th.words)
    assert "own NATS server" in (await integrity(th))["text"]
    assert (await th.call("GET", "/readyz")).status_code == 503
    refused = await th.call("POST", "/v1/messages/batch", b"{}")
    assert "published" not in refused.text
    th.end()
    done = await suar(th, "store", "restored", "--reason", "the disk was put back")
    assert done.code == 0, done.err
    await th.start_and_wait()
    ids = await th.publish(draft("after two persons looked"))
    await two.stored_everywhere("TH", *ids, within=120)


async def test_a_copy_that_is_started_elsewhere_does_not_stop_the_genuine_gateway(
    two: Federation, tmp_path: Path
) -> None:
    """An older copy of the state folder, with the passphrase and the same NATS server, while the genuine gateway runs:
    before, the copy published first, and the genuine one stood down within seconds.
    """
    th = two["TH"]
    th.end()
    shutil.copytree(th.folder, tmp_path / "copy", ignore=shutil.ignore_patterns("gateway.log"))
    await th.start_and_wait()
    await anchored_twice(two)
    copy = Running("TH", tmp_path / "copy", th.environ)
    copy.start()
    try:

        async def has_stood_down() -> bool:
            return bool(copy.events("stood_down"))

        await eventually(has_stood_down, 120, copy.words)
        assert (await copy.call("GET", "/readyz")).status_code == 503
        refused = await copy.call("POST", "/v1/messages/batch", b"{}")
        assert "published" not in refused.text
        assert not copy.events("settled")
    finally:
        copy.end()
    assert not th.events("stood_down")
    ids = await th.publish(draft("the genuine one continues"))
    await two.stored_everywhere("TH", *ids, within=120)
