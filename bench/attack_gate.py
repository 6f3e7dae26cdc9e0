"""What an attacker learns who runs the public gate over every table that fits a published one, with keys of her own.

    python bench/attack_gate.py [TABLES [KEYS [FIRST [RUNS]]]]

150 small tables with every margin and 200 keys, unless said otherwise: hidden cells, how many of them became narrower
than k-1 for her, and how many exact. A table depends on its number, and on KEYS where they are more than 200: each has
a line when it is done, and FIRST goes on after an interruption. At most RUNS runs of the gate (20,000) a table; a cell
that is not seen to be wide by then is counted as not ended. The number of runs is shown on stderr.
"""

import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "gateway"), str(ROOT / "tests")]

from protocol.privacy.attack import TABLE_RUNS_MAX, attacked_table  # noqa: E402


def line(found: Counter[str]) -> str:
    """The figures in one line."""
    hidden, narrow, exact = (found[name] for name in ("hidden", "narrow", "exact"))
    part = f"{narrow / hidden:.1%}" if hidden else "none"
    text = f"{found['tables']} tables, {hidden} hidden cells, {narrow} narrower ({part}), {exact} exact"
    return f"{text}, {found['not ended']} not ended; of {found['never reproduced']} no key gave the pattern again"


def progress(number: int, last: float = 0.0) -> Callable[[int], None]:
    """What shows the runs of the gate for a table, every ten seconds."""

    def show(runs: int) -> None:
        nonlocal last
        if time.monotonic() - last > 10:
            last = time.monotonic()
            print(f"table {number}: {runs} runs of the gate", file=sys.stderr, flush=True)

    return show


def main() -> None:
    """Print one line a table, and the sum."""
    numbers = [int(value) for value in sys.argv[1:]]
    tables, keys, first, runs = [*numbers, *(150, 200, 0, TABLE_RUNS_MAX)[len(numbers) :]]
    every: Counter[str] = Counter()
    for number in range(first, tables):
        found = attacked_table(f"1 {number}", keys, runs, progress(number))
        every += found
        print(f"table {number}: {line(found)}", flush=True)
    print(f"{keys} keys: {line(every)}")


if __name__ == "__main__":
    main()
