"""`make chaos SEED=n FAULTS=n MESSAGES=n`: seeds are printed, and each can be played again."""

import argparse
import asyncio
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path

from chaos.run import CODES, Result, play
from chaos.schedule import Schedule, make


def main() -> int:
    options = _options()
    seeds = options.seed or [random.SystemRandom().randrange(1_000_000) for _ in range(options.seeds)]
    results = [
        _one(make(seed, CODES, options.faults, options.messages, short=options.short, hubs=options.hubs), options)
        for seed in seeds
    ]
    bad = [str(result.schedule.seed) for result in results if not result.is_good]
    verdict = f"wrong: {' '.join(bad)}" if bad else "nothing lost, doubled or unexplained"
    print(f"{len(results)} seeds, {sum(result.accepted for result in results)} messages, {verdict}")
    return len(bad) > 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="chaos", description=__doc__)
    parser.add_argument("--seed", type=int, action="append", help="play this one (again); may be repeated")
    parser.add_argument("--seeds", type=int, default=1, help="how many new seeds, when none is given")
    parser.add_argument("--faults", type=int, default=200)
    parser.add_argument("--messages", type=int, default=20_000)
    parser.add_argument("--short", action="store_true", help="nothing that takes minutes to heal by itself")
    parser.add_argument("--hubs", type=int, choices=(1, 2), default=1, help="two: one of them at a time fails, often")
    parser.add_argument("--show", action="store_true", help="print the schedule and do nothing")
    parser.add_argument("--quiet", action="store_true", help="do not print each fault as it is done")
    parser.add_argument("--keep", type=Path, help="keep states, streams and logs in this folder")
    return parser.parse_args()


def _one(schedule: Schedule, options: argparse.Namespace) -> Result:
    again = f"make chaos SEED={schedule.seed} FAULTS={options.faults} MESSAGES={options.messages}"
    more = [*["--short"] * options.short, *["--hubs 2"] * (options.hubs > 1)]
    again += f" CHAOS_ARGS='{' '.join(more)}'" if more else ""
    print(f"seed {schedule.seed}: {len(schedule.faults)} faults in {schedule.lasts:.0f} s; again: {again}", flush=True)
    if options.show:
        print(*schedule.faults, sep="\n")
        sys.exit(0)
    folder = Path(options.keep or tempfile.mkdtemp(prefix="chaos-")) / str(schedule.seed)
    folder.mkdir(parents=True)
    start = time.monotonic()

    def report(text: str) -> None:
        if not options.quiet:
            print(f"{time.monotonic() - start:6.1f}  {text}", flush=True)

    result = asyncio.run(play(folder, schedule, report))
    print(*result.lines(), sep="\n", flush=True)
    if result.is_good and not options.keep:
        shutil.rmtree(folder.parent)
    else:
        print(f"  kept in {folder}")
    return result


if __name__ == "__main__":
    sys.exit(main())
