"""What an attacker learns who runs the public gate over every table that fits a published one, with keys of her own.

    python bench/attack_gate.py [TABLES [KEYS]]

150 small tables with every margin and 200 keys, unless said otherwise: hidden cells, how many of them became narrower
than k-1 for her, and how many exact.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "gateway"), str(ROOT / "tests")]

from protocol.privacy.attack import attacked  # noqa: E402


def main() -> None:
    """Print one line."""
    tables, keys = (int(given) for given in [*sys.argv[1:], *("150", "200")[len(sys.argv) - 1 :]])
    found = attacked(tables, keys)
    hidden, narrow, exact = (found[name] for name in ("hidden", "narrow", "exact"))
    print(
        f"{found['tables']} tables, {keys} keys: {hidden} hidden cells, {narrow} narrower ({narrow / hidden:.1%}), ",
        end="",
    )
    print(f"{exact} exact; of {found['never reproduced']} no key gave the pattern again")


if __name__ == "__main__":
    main()
