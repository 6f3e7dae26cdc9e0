"""What an attacker learns who runs the public gate over every table that fits a published one, with keys of her own.

    python bench/attack_gate.py [TABLES [KEYS [FIRST]]]

150 small tables with every margin and 200 keys, unless said otherwise: hidden cells, how many of them became narrower
than k-1 for her, and how many exact. A table depends on its number alone: each has a line when it is done, and
FIRST goes on after an interruption.
"""

import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "gateway"), str(ROOT / "tests")]

from protocol.privacy.attack import attacked_table  # noqa: E402


def line(found: Counter[str]) -> str:
    """The figures in one line."""
    hidden, narrow, exact = (found[name] for name in ("hidden", "narrow", "exact"))
    part = f"{narrow / hidden:.1%}" if hidden else "none"
    text = f"{found['tables']} tables, {hidden} hidden cells, {narrow} narrower ({part}), {exact} exact"
    return f"{text}; of {found['never reproduced']} no key gave the pattern again"


def main() -> None:
    """Print one line a table, and the sum."""
    tables, keys, first = (int(value) for value in [*sys.argv[1:], *("150", "200", "0")[len(sys.argv) - 1 :]])
    every: Counter[str] = Counter()
    for number in range(first, tables):
        found = attacked_table(f"1 {number}", keys)
        every += found
        print(f"table {number}: {line(found)}", flush=True)
    print(f"{keys} keys: {line(every)}")


if __name__ == "__main__":
    main()
