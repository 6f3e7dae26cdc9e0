"""What the hop through IN_<CC> costs: OUTBOX -> IN -> REGION -> INBOX beside OUTBOX -> REGION -> INBOX, in turns.

And what it costs that each IN is in an account of its own, beside all of them in REGION's (`shared`).

    python bench/ingest.py [--turns 7] [--messages 4000] [--e2e]

Servers that sync always, two receivers. First the streams alone: a sender publishes into its OUTBOX, until both
INBOXes have given all; and one message alone. With --e2e also the real gateways (`suar bench e2e --only always-2`, five
short repeats a turn). Medians, and the ratio of the topology of today to the other two.
"""

import argparse
import asyncio
import contextlib
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "gateway"), str(ROOT / "tests")]

from suar.bench.arena.match import Settings  # noqa: E402
from suar.bench.arena.processes import cpu  # noqa: E402
from suar.bench.parts import endtoend as bench  # noqa: E402
from suar.bus.consume import Puller  # noqa: E402
from suar.demo.embedded.nats_federation import NatsFederation  # noqa: E402
from support.hubs_of_before import hub_of_before  # noqa: E402
from support.nats_server import direct_topology, drain, publish  # noqa: E402

ALONE = 100
TOPOLOGIES: dict[str, Callable[[], contextlib.AbstractContextManager[None]]] = {
    "direct": direct_topology,
    "shared": hub_of_before,
    "ingest": contextlib.nullcontext,
}


async def streams_alone(messages: int) -> tuple[float, float, float]:
    """(messages a second, us of CPU a message of all servers, milliseconds of one message alone)"""
    with tempfile.TemporaryDirectory() as folder:
        async with NatsFederation.new(Path(folder), ("SG", "TH", "MY")) as federation:
            sender = await federation.connect("SG", "gateway")
            pullers = [
                Puller(await federation.connect(code, "gateway"), f"INBOX_{code}", "gw") for code in ("TH", "MY")
            ]
            servers = [federation.servers[name].pid for name in ("hub", "SG", "TH", "MY")]
            await publish(sender, "a.frame.all.01", [b"x" * 1024] * 200, "warm")
            await asyncio.gather(*(drain(puller, 200, 60) for puller in pullers))
            begin, before = time.perf_counter(), sum(map(cpu, servers))
            sending = asyncio.create_task(publish(sender, "a.frame.all.01", [b"x" * 1024] * messages, "many"))
            got = await asyncio.gather(*(drain(puller, messages, 120) for puller in pullers))
            taken, used = time.perf_counter() - begin, sum(map(cpu, servers)) - before
            await sending
            assert all(len({each.stream_seq for each in batch}) == messages for batch in got)
            alone = []
            for n in range(ALONE):
                begin = time.perf_counter()
                await publish(sender, "a.frame.all.01", [b"y" * 1024], f"alone-{n}")
                await asyncio.gather(*(drain(puller, 1, 10) for puller in pullers))
                alone.append(time.perf_counter() - begin)
            return messages / taken, 1e6 * used / messages, 1000 * statistics.median(alone)


def gateways(messages: int) -> dict[str, float]:
    """Of `suar bench e2e`: messages a second of our gateways and of plain programs over the same topology."""
    settings = Settings(repeats=5, messages=messages, seconds=1.0, only=("always-2",), memory_messages=0)
    report = bench.endtoend(settings, lambda _: None)
    rows = [row for row in report.rows if "messages_per_s" in row]
    rates = {row["name"]: row["messages_per_s"] for row in rows}
    used = {row["name"]: sum(row[f"cpu_us_{who}"] for who in ("sender", "receiver", "servers")) for row in rows}
    return {
        "e2e: messages/s": rates["suar always-2"],
        "e2e: cpu us": used["suar always-2"],
        "e2e: plain messages/s": rates["plain always-2"],
        "e2e: ratio": report.ratios["e2e_vs_plain_nats"],
        "e2e: p99 ratio": report.ratios["e2e_p99_vs_plain_nats"],
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--turns", type=int, default=7)
    parser.add_argument("--messages", type=int, default=4000)
    parser.add_argument("--e2e", action="store_true")
    options = parser.parse_args()
    figures: dict[tuple[str, str], list[float]] = defaultdict(list)
    for turn in range(options.turns):
        for name in list(TOPOLOGIES)[:: 1 if turn % 2 == 0 else -1]:
            with TOPOLOGIES[name]():
                rate, used, alone = asyncio.run(streams_alone(options.messages))
                figures["streams: cpu us", name].append(used)
                figures["streams: messages/s", name].append(rate)
                figures["streams: ms alone", name].append(alone)
                if options.e2e:
                    for what, value in gateways(options.messages).items():
                        figures[what, name].append(value)
            print(
                turn,
                name,
                {key[0]: round(values[-1], 2) for key, values in figures.items() if key[1] == name},
                file=sys.stderr,
            )
    for what in dict.fromkeys(key[0] for key in figures):
        today = statistics.median(figures[what, "ingest"])
        for name in TOPOLOGIES:
            found = figures[what, name]
            median = statistics.median(found)
            print(f"{what:22} {name} {median:9.2f} ({min(found):.2f} to {max(found):.2f})  ratio {today / median:.3f}")


if __name__ == "__main__":
    main()
