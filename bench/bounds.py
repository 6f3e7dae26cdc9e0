"""The first table of docs/bounds.md as this machine measures it, beside the milliseconds that the document allows.

    python bench/bounds.py

A line of the document each, with what it costs now. Ends with 1 if one takes longer than the document says.
"""

import gc
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "gateway"), str(ROOT / "tests")]

from protocol.costly import CASES, Costly, first_list  # noqa: E402
from protocol.test_bounds import TABLE, another, cells, measure, rows, timed  # noqa: E402
from support.corekit import CoreKit  # noqa: E402


def measured(founded: CoreKit, case: Costly, folder: Path) -> tuple[list[str], float]:
    """What the object costs: the cells that are counted, and its milliseconds with nothing that counts."""
    counted = another(founded, folder / "counted")
    try:
        found = cells(measure(counted, case)[0])
    finally:
        counted.close()
    gc.collect()
    return found, timed(founded, folder / "timed", case)


def main() -> int:
    """Print the table; how many lines take longer than they may is the last line."""
    allowed = {(line[0], line[2]): (line[1], int(line[10])) for line in rows(TABLE)}
    longer = 0
    with tempfile.TemporaryDirectory() as folder:
        founded = CoreKit(Path(folder) / "founded", "SG", first_list())
        founded.close()
        print(TABLE)
        for number, case in enumerate(CASES):
            by, limit = allowed[case.rule, case.case]
            counted, took = measured(founded, case, Path(folder) / str(number))
            longer += took > limit
            print("|", " | ".join([case.rule, by, case.case, *counted]), f"| {took:.1f} of {limit} |", flush=True)
    print(f"{longer} of {len(CASES)} take longer than docs/bounds.md says")
    return 1 if longer else 0


if __name__ == "__main__":
    sys.exit(main())
