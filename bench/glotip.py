"""What the readers of an imported table find out: the checker of CI over UNODC's figures of the eleven states.

    python bench/glotip.py FILE [--linked]

FILE is the published table as CSV, imported by the map `glotip`, each member's messages one after the other. Printed
are hidden cells, those that are narrower than k-1 for some reader and those that are exactly known, each of them; the
rows that were not imported, each with its reason; and how many cells are hidden beyond the small ones. `--linked`: the
reader also knows which series are of the same people (tests/protocol/privacy/finest_reader.py, LINKED).
"""

import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "gateway"), str(ROOT / "tests")]

from exchange_formats.imported import histories, imported  # noqa: E402
from protocol.privacy.finest_check import leaks  # noqa: E402
from protocol.privacy.finest_reader import LINKED, UNLINKED  # noqa: E402


def main() -> None:
    """Print the figures."""
    start = time.process_time()
    reading, made = imported(Path(sys.argv[1]))
    gate = time.process_time() - start
    hidden = sum(item.status == "S" for each in made for item in each.obs)
    cells = sum(each.cells for each in made)
    extra = sum(each.complementary for each in made)
    found = {}
    for knows_small in (False, True):
        found[knows_small] = [
            (member, leak)
            for member, history in histories(made).items()
            for leak in leaks(history, LINKED if "--linked" in sys.argv else UNLINKED, knows_small=knows_small)
        ]
    for member, leak in found[True]:
        print(f"{member} {leak.why}: {leak.cell} is {leak.true}, {leak.low} to {leak.high} for readers")
    listed = [*reading.listed(), *(problem for each in made for problem in each.left)]
    for problem in listed:
        print(problem.as_line())
    print(f"{cells} cells, {hidden} hidden, {extra} of them beyond the small and the given ones ({extra / cells:.1%})")
    for knows_small, label in ((False, "which cells are small is not known"), (True, "which cells are small is known")):
        own = [leak for _, leak in found[knows_small]]
        at = {why: sum(leak.why == why for leak in own) for why in dict.fromkeys(leak.why for leak in own)}
        print(f"{label}: {len(own)} narrow {at or ''}, {sum(leak.exact for leak in own)} exact")
    print(f"{len(listed)} rows not imported; {sum(each.verdict != 'pass' for each in made)} messages refused")
    print(f"the gate {gate:.1f} s, the checker {time.process_time() - start - gate:.1f} s")


if __name__ == "__main__":
    main()
