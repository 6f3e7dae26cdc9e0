"""How soon the standby of a pair leads, under load: `python bench/takeover.py [kill|freeze [TIMES]]`.

A real federation of three; TH has the pair, on a store in a private cluster of PostgreSQL. A desk publishes one message
after the other. TIMES times (20) the gateway that leads is killed, or frozen and woken once the other one has accepted
a message; then it is started again as the standby. At the end every member has each message that was accepted once, no
number was used twice and nothing was alarmed, or the program fails.
"""

import asyncio
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

TIMES = 20
WITHIN = 120.0  # seconds


async def takeover(pair: Pair, desk: Desk, how: str) -> float:
    """Seconds from the end of the one that leads until the other accepted a message; afterwards the first one waits."""
    former = pair.leads
    assert former.process is not None
    former.process.send_signal(signal.SIGKILL if how == "kill" else signal.SIGSTOP)
    pair.swap()
    seconds = await desk.until_by(pair.leads, time.monotonic(), WITHIN)
    former.process.send_signal(signal.SIGCONT)
    former.wait()
    former.start()
    await pair.standing_by()
    return seconds


async def measure(how: str, times: int, folder: Path, cluster: Cluster) -> None:
    """Take over so many times; print each, then how many messages arrived."""
    async with pair_of(folder, cluster.new_database()) as pair:
        async with Desk(pair, how) as desk:
            took = [await takeover(pair, desk, how) for _ in range(times)]
        print(f"{how}: {times} of {times}, median {median(took):.1f} s, longest {max(took):.1f} s")
        await delivered_once(pair, desk)
        print(f"{len(desk.accepted)} messages accepted; each is at every member once, nothing was alarmed")


def main() -> None:
    """Measure on this machine."""
    how = sys.argv[1] if len(sys.argv) > 1 else "kill"
    times = int(sys.argv[2]) if len(sys.argv) > 2 else TIMES
    if how not in ("kill", "freeze"):
        raise SystemExit(__doc__)
    cluster = Cluster()
    try:
        with tempfile.TemporaryDirectory() as folder:
            asyncio.run(measure(how, times, Path(folder), cluster))
    finally:
        cluster.close()


if __name__ == "__main__":
    main()
