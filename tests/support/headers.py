"""What stands in the stream of TH: one who signs two contents of one header has forked."""

from suar.bus import history
from suar.bus.connect import Bus
from support.gateways import Federation


async def no_header_twice(federation: Federation) -> None:
    """Every (epoch, number) that TH's stream holds has one content, and every epoch has one successor."""
    member = federation.nats.servers.plan.member("TH")
    seed = bytes(federation.keyring("TH").nkey_seed("gateway"))
    bus = Bus(member.url, seed, "_INBOX_gw", "test")
    await bus.start()
    try:
        await bus.wait_connected(60)
        extent = await history.extent(bus, "OUTBOX_TH")
        headers: dict[bytes, bytes] = {}
        async for batch in history.between(bus, "OUTBOX_TH", *extent):
            for stored in batch:
                if stored.data[:4] == b"SUF1":
                    assert headers.setdefault(stored.data[4:44], stored.data) == stored.data
    finally:
        await bus.close()
    assert headers
