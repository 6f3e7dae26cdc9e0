"""Rounding instead of hiding: what a reader of an imported table would have of either (docs/adr/0033).

    python bench/rounding.py FILE

FILE is the published table as CSV, imported by the map `glotip`. Each cell is rounded to a multiple of k, up or down by
its key, with the chances that keep it right on average.
"""

import hashlib
import statistics
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "gateway"), str(ROOT / "tests")]

from exchange_formats.imported import imported  # noqa: E402


def rounded(key: str, value: int, k: int) -> int:
    """`value` to the multiple of k below or above."""
    drawn = int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest()) / 2**64
    return value // k * k + (k if drawn < value % k / k else 0)


def main() -> None:
    """Print the figures."""
    _, made = imported(Path(sys.argv[1]))
    cells = hidden = known = 0
    errors, shares, small = [], [], []
    for each in made:
        for at, (true, item) in enumerate(zip(each.draft.message["obs"], each.obs, strict=True)):
            cells += 1
            hidden += item.status == "S"
            value = true["value"]
            if value is None:
                continue
            known += 1
            released = rounded(f"{each.draft.name} {at}", value, each.k)
            if value < each.k:
                small.append(released)
            else:
                errors.append(abs(released - value))
                shares.append(abs(released - value) / value)
    print(f"{cells} cells, {known} with a true value; hiding takes {hidden} of all ({hidden / cells:.0%})")
    print(f"rounding: {len(small)} small cells read 0 or k ({sum(map(bool, small))} of them k)")
    off, median = statistics.mean(errors), statistics.median(shares)
    print(f"{len(errors)} others are off by {off:.1f} on average, median {median:.0%}")
    print(f"off by more than a tenth: {sum(share > 0.1 for share in shares) / len(shares):.0%}")


if __name__ == "__main__":
    main()
