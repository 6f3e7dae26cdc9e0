"""The hub's watchdog as a command, with its metrics endpoint."""

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from suar.bus.errors import BusError
from suar.cli.base.common import print_notice
from suar.federation.operations import HubSide
from suar.federation.watching import hub_numbers
from suar.federation.watching.hub_watch import HubWatch
from suar.observe.hub_metrics import HubMetrics
from suar.protocol.base.errors import Fault


async def watch_hub(
    hub: HubSide, report: Callable[[Any], None], port: int | None, plan_file: Path | None = None
) -> None:
    """Run the hub's watchdog until it is cancelled, and its metrics where a port is given.

    The certificates that were signed for members, whose ends are reported, are beside `plan_file`.
    """
    if port is None:
        await HubWatch(hub, plan_file=plan_file, on_seen=report).run()
        return
    metrics = HubMetrics()

    def seen(record: Any) -> None:
        metrics.seen(record.name, record.kind)
        report(record)

    watch = HubWatch(hub, plan_file=plan_file, on_seen=seen)
    print_notice(f"metrics: http://127.0.0.1:{metrics.open(port)}/metrics")
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(watch.run())
            group.create_task(_update(metrics, watch))
    finally:
        metrics.close()


async def _update(metrics: HubMetrics, watch: HubWatch) -> None:
    """Read the hub's numbers every round; while it does not answer, the last known ones are kept."""
    while True:
        with contextlib.suppress(BusError, Fault):
            metrics.update(await hub_numbers.numbers(watch.hub, watch.plan_file))
        await asyncio.sleep(watch.interval)
