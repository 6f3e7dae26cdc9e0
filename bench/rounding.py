"""Rounding instead of hiding: what a reader of an imported table would have of either (docs/adr/0033).

    python bench/rounding.py FILE|--examples

FILE is the published table as CSV, imported by the map `glotip`; `--examples` takes the shipped examples of trends
instead, as they would have left. Each cell is rounded to a multiple of k, up or down by
its key, with the chances that keep it right on average.
"""

import hashlib
import json
import statistics
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "gateway"), str(ROOT / "tests")]

from exchange_formats.imported import imported  # noqa: E402
from suar.protocol.privacy.limits import k_for  # noqa: E402

Cells = list[tuple[int | None, bool]]
"""Of each cell its true value, if there is one, and whether it is hidden."""


def rounded(key: str, value: int, k: int) -> int:
    """`value` to the multiple of k below or above."""
    drawn = int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest()) / 2**64
    return value // k * k + (k if drawn < value % k / k else 0)


def tables_of(file: str) -> Iterator[tuple[str, int, Cells]]:
    """Each table of a file, or of the shipped examples: its name, its k and its cells."""
    if file == "--examples":
        for path in sorted((ROOT / "schemas/examples/valid").glob("trend-*.json")):
            message = json.loads(path.read_text())
            yield path.stem, k_for(message["tlp"]), [(each["value"], each["status"] == "S") for each in message["obs"]]
        return
    for made in imported(Path(file))[1]:
        true = [each["value"] for each in made.draft.message["obs"]]
        yield made.draft.name, made.k, [(value, item.status == "S") for value, item in zip(true, made.obs, strict=True)]


def main() -> None:
    """Print the figures."""
    cells = hidden = known = 0
    errors, shares, small = [], [], []
    for name, k, own in tables_of(sys.argv[1]):
        for at, (value, is_hidden) in enumerate(own):
            cells += 1
            hidden += is_hidden
            if value is None:
                continue
            known += 1
            released = rounded(f"{name} {at}", value, k)
            if value < k:
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
