"""Whether the floors of docs/performance.md hold on this machine, in turns with the version of the last whole run.

    python bench/floors.py BASE [--turns 3] -- PART [OPTION...]

For example `python bench/floors.py ../base -- e2e --only default-2 --memory 0`. BASE: a checkout of the version whose
figures lie in bench/results, with its .venv (`make .venv/.run` there). Both versions run `suar bench PART --json`, in
turns. A floor holds if the median meets it; or, where the base misses it here, if the figure of the whole run meets it
after it is multiplied by (this version / base), both measured here (docs/adr/0051).
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path
from statistics import median
from typing import Final

from tables import FLOORS, HERE

ROOT: Final = HERE.parent
COLUMNS: Final = ("ratio", "this version here", "base here", "base, whole run", "this version there", "floor", "")
HOLDS, HOLDS_BY_BASE, MISSED = "holds", "holds by the base", "missed"
Ratios = dict[str, float]


def measured(checkout: Path, arguments: list[str]) -> Ratios:
    """The ratios of one run of `suar bench` of that checkout."""
    done = subprocess.run(
        [checkout / ".venv/bin/suar", "bench", *arguments, "--json"], cwd=checkout, stdout=subprocess.PIPE, check=True
    )
    found: Ratios = json.loads(done.stdout)["ratios"]
    return found


def meets(value: float, floor: str) -> bool:
    """Whether a value meets a floor as it is written in the table."""
    sign, _, bound = floor.rpartition(" ")
    limit = float(bound.replace(",", ""))
    return {"": value >= limit, "<=": value <= limit, "<": value < limit}[sign]


def verdict(now: float, base: float, whole: float, floor: str) -> tuple[float, str]:
    """(the figure that this version would have had in the whole run, whether the floor holds)."""
    carried = whole * now / base
    if meets(now, floor):
        return carried, HOLDS
    is_of_machine = not meets(base, floor)
    return carried, HOLDS_BY_BASE if is_of_machine and meets(carried, floor) else MISSED


def turns_of(versions: list[Path], turns: int, arguments: list[str]) -> list[list[Ratios]]:
    """The ratios of each version in each turn; who begins changes."""
    runs: dict[Path, list[Ratios]] = {checkout: [] for checkout in versions}
    for turn in range(turns):
        for checkout in versions if turn % 2 == 0 else versions[::-1]:
            print(f"turn {turn + 1} of {turns}: {checkout.name}", file=sys.stderr, flush=True)
            runs[checkout].append(measured(checkout, arguments))
    return list(runs.values())


def main() -> int:
    """Print a line for each floor that the part measures; 1 if one is missed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("base", type=Path)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("part", nargs="+")
    options = parser.parse_args()
    olds, news = turns_of([options.base.resolve(), ROOT], options.turns, options.part)
    whole: Ratios = json.loads((HERE / "results" / f"{options.part[0]}.json").read_text("utf-8"))["ratios"]
    print(f"| {' | '.join(COLUMNS)} |\n|{'---|' * len(COLUMNS)}")
    code = 0
    for name, (floor, _) in FLOORS.items():
        if name in news[0] and name in olds[0] and floor != "flat":
            now, was = median(run[name] for run in news), median(run[name] for run in olds)
            carried, outcome = verdict(now, was, whole[name], floor)
            print(f"| {name} | {now:.4g} | {was:.4g} | {whole[name]:.4g} | {carried:.4g} | {floor} | {outcome} |")
            code |= outcome == MISSED
    return code


if __name__ == "__main__":
    sys.exit(main())
