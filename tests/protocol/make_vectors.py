"""Writes the conformance vectors: `python tests/protocol/make_vectors.py -o schemas/vectors`.

Files that exist are left as they were published, but for those named with `--again` (or all, with `--again ''`: a
prefix). Files whose scenario is gone are taken away.

Every scenario (`vectors_*.py` beside this file) builds its bytes with tests/kit.py and says by hand what must become of
them, from the text of protocol.md; nothing here runs the receiving path. Wraps are random, so two runs write different
bytes with the same expectations, and the written files are what is published.
"""
# ruff: noqa: E402 - the scenarios stand beside this file and are found by the path that it sets

import argparse
import json
import sys
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parent.parent), str(Path(__file__).parent)]

import vectors_bundle
import vectors_epoch
import vectors_frame
import vectors_heartbeat
import vectors_kinds
import vectors_message
import vectors_trust
import vectors_waiting
from scenario import SCENARIOS, build

MODULES = (
    vectors_trust,
    vectors_bundle,
    vectors_epoch,
    vectors_frame,
    vectors_message,
    vectors_kinds,
    vectors_heartbeat,
    vectors_waiting,
)


def every() -> dict[str, dict[str, Any]]:
    """All vectors by name, made anew."""
    return {name: build(name) for name in SCENARIOS}


def write(folder: Path, again: str | None) -> int:
    """Write the vectors that the folder lacks, and those whose name begins with `again`; how many were written."""
    made = every()
    for path in folder.glob("*.json"):
        if path.stem not in made:
            path.unlink()
    held = {path.stem for path in folder.glob("*.json")}
    due = [name for name in made if name not in held or (again is not None and name.startswith(again))]
    for name in due:
        vector = made[name]
        text = json.dumps(vector, ensure_ascii=False, separators=(",", ":"))
        (folder / f"{name}.json").write_text(text + "\n", encoding="utf-8")
    return len(due)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--output", type=Path, required=True, help="the folder of the vectors")
    parser.add_argument("--again", metavar="PREFIX", help="write those that begin with PREFIX anew")
    given = parser.parse_args()
    given.output.mkdir(parents=True, exist_ok=True)
    print(f"{write(given.output, given.again)} written, {len(SCENARIOS)} vectors in {given.output}")


if __name__ == "__main__":
    main()
