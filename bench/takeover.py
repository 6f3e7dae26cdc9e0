"""How soon the standby of a pair leads, under load: `python bench/takeover.py [kill|freeze|cut [TIMES]]`.

A real federation of three; TH has the pair, on a store in a private cluster of PostgreSQL. A desk publishes one message
after the other. TIMES times (20) the gateway that leads is killed, or frozen and woken once the other one has accepted
a message. With `cut` each gateway is on a machine of its own (takeover_machines.py, as root), and the cable of the one
that leads is pulled until the other one has accepted a message. Then the former one is started again as the standby. At
the end every member has each message that was accepted once, no number was used twice and nothing was alarmed, or the
program fails.
"""

import asyncio
import contextlib
import signal
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from support.pair_live import Desk, Pair, delivered_once, pair_of  # noqa: E402 - of the tests, found by the line above
from support.postgresql import Cluster  # noqa: E402
from takeover_machines import Machine, OnMachine, moved_to, two_machines  # noqa: E402

TIMES = 20
WITHIN = 120.0  # seconds


async def takeover(pair: Pair, desk: Desk, how: str) -> float:
    """Seconds from the end of the one that leads until the other accepted a message; afterwards the first one waits."""
    former = pair.leads
    assert former.process is not None
    pair.swap()
    if isinstance(former, OnMachine):
        pair.gateways = [pair.leads]  # nobody waits for an answer of a machine that is gone
        former.machine.pull()
    else:
        former.process.send_signal(signal.SIGKILL if how == "kill" else signal.SIGSTOP)
    seconds = await desk.until_by(pair.leads, time.monotonic(), WITHIN)
    if isinstance(former, OnMachine):
        former.machine.plug()
        pair.gateways = [pair.leads, former]
    former.process.send_signal(signal.SIGCONT)
    former.wait()
    former.start()
    await pair.standing_by()
    return seconds


async def measure(how: str, times: int, folder: Path, store: str, machines: tuple[Machine, Machine] | None) -> None:
    """Take over so many times; print each, then how many messages arrived."""
    async with pair_of(folder, store) as pair:
        async with moved_to(machines, pair, store) if machines else contextlib.nullcontext():
            async with Desk(pair, how) as desk:
                took = [await takeover(pair, desk, how) for _ in range(times)]
            print(f"{how}: {times} of {times}, median {median(took):.1f} s, longest {max(took):.1f} s")
            await delivered_once(pair, desk)
        print(f"{len(desk.accepted)} messages accepted; each is at every member once, nothing was alarmed")


def main() -> None:
    """Measure on this machine."""
    how = sys.argv[1] if len(sys.argv) > 1 else "kill"
    times = int(sys.argv[2]) if len(sys.argv) > 2 else TIMES
    if how not in ("kill", "freeze", "cut"):
        raise SystemExit(__doc__)
    with contextlib.ExitStack() as stack:
        cluster = Cluster()
        stack.callback(cluster.close)
        store = cluster.new_database()
        machines = stack.enter_context(two_machines(cluster)) if how == "cut" else None
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        asyncio.run(measure(how, times, Path(folder), store, machines))


if __name__ == "__main__":
    main()
