"""Collects the numbers of a hub at one moment for the metrics of its watchdog."""

from pathlib import Path

from suar.bus import ingest
from suar.bus.jsapi import JetStream, consumer_info, stream_info
from suar.federation import monitor
from suar.federation.links.link_certificate import signed_end
from suar.federation.operations import HubSide
from suar.observe.hub_metrics import HubNumbers


async def numbers(hub: HubSide, plan_file: Path | None = None) -> HubNumbers:
    """Return links, acknowledgements and streams of the active members of the plan. Raises BusError, Fault.

    The server does not tell which certificate a member's server has: those that were signed are beside `plan_file`.
    """
    connected = await hub.connected()
    members = [member for member in hub.plan.members if member.status == "active"]
    held: dict[str, tuple[int, int]] = {}
    behind: dict[str, int] = {}
    streams: list[tuple[str, JetStream]] = [("REGION", hub.admin)]
    streams += [(f"IN_{member.code}", ingest.of(hub.admin, member.code)) for member in members]
    for name, bus in streams:
        info = await stream_info(bus, name)
        held[name] = (int(info["state"]["bytes"]), int(info["config"]["max_bytes"]))
    for member in members:
        info = await consumer_info(hub.admin, "REGION", hub.plan.link.down(member.code))
        behind[member.code] = int(info["num_pending"]) + int(info["num_ack_pending"])
    return HubNumbers(
        leaf_up={member.code: member.code in connected for member in members},
        unacknowledged=behind,
        streams=held,
        member_certificates={
            member.code: signed_end(plan_file, member.low) if plan_file is not None else None for member in members
        },
        certificate_end=await monitor.leaf_certificate_end(hub.plan.hub.monitor_port),
    )
