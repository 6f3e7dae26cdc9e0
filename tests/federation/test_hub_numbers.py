"""The hub's metrics on a running federation: per member, as its watchdog sees them."""

import asyncio
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from suar.cli.federation.watching import watch_hub
from suar.demo.embedded.nats_federation import NatsFederation
from suar.federation.links.link_certificate import expiry_of, signed_path
from suar.federation.watching import hub_numbers
from suar.files import read
from support.gateways import eventually

pytestmark = pytest.mark.essential


async def test_the_certificate_last_signed_for_a_member_is_the_one_beside_the_plan(
    federation: NatsFederation, tmp_path: Path
) -> None:
    first, second, *others = federation.hub.plan.members
    for file, member in ((first.low, first), (second.low, first)):  # the second is another's, and says nothing
        kept = signed_path(tmp_path / "PLAN.toml", file)
        kept.parent.mkdir(exist_ok=True)
        kept.write_bytes(read(Path(member.tls.cert_file), "it"))
    found = await hub_numbers.numbers(federation.hub, tmp_path / "PLAN.toml")
    end = expiry_of(read(Path(first.tls.cert_file), "it"))
    unknown = dict.fromkeys((each.code for each in (second, *others)), None)
    assert found.member_certificates == {first.code: end, **unknown}


async def test_a_member_without_a_link_is_seen(federation: NatsFederation) -> None:
    found = await hub_numbers.numbers(federation.hub)
    codes = {member.code for member in federation.hub.plan.members}
    assert found.leaf_up == dict.fromkeys(codes, True)
    assert set(found.unacknowledged) == codes
    assert set(found.streams) == {"REGION", *(f"IN_{code}" for code in codes)}
    assert all(0 <= held < limit for held, limit in found.streams.values())
    assert found.certificate_end is not None
    gone = min(codes)
    federation.servers[gone].kill()

    async def is_seen() -> bool:
        return not (await hub_numbers.numbers(federation.hub)).leaf_up[gone]

    try:
        await eventually(is_seen)
    finally:
        await federation.servers.restart(gone)


async def test_the_watchdog_serves_what_it_sees(federation: NatsFederation, capsys: Any) -> None:
    seen = asyncio.Event()
    watching = asyncio.create_task(watch_hub(federation.hub, lambda _: seen.set(), 0))
    try:
        await asyncio.wait_for(seen.wait(), 60)
        output: str = capsys.readouterr().err
        url = output.partition("metrics: ")[2].strip()
        async with asyncio.timeout(60):
            page = ""
            while "suar_hub_leaf_up{" not in page or "suar_hub_watch_records_total{" not in page:
                page = await asyncio.to_thread(_read, url)
                await asyncio.sleep(0.1)
        for member in federation.hub.plan.members:
            assert f'suar_hub_leaf_up{{member="{member.code}"}} 1.0' in page
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


def _read(url: str) -> str:
    assert url.startswith("http://127.0.0.1:")
    with urllib.request.urlopen(url, timeout=30) as answer:
        text: str = answer.read().decode()
    return text
