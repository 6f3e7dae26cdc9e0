"""Writes the conformance vectors: `python tests/protocol/make_vectors.py -o schemas/vectors`.

Files that exist are left as they were published, but for those named with `--again` (or all, with `--again ''`: a
prefix). Files whose scenario is gone are taken away. `--notes` changes nothing but the `note` of files that exist.

Every scenario (`vectors_*.py` beside this file) builds its bytes with tests/support/kit.py and says by hand what must
become of them, from the text of protocol.md; nothing here runs the receiving path. Wraps are random, so two runs write
different bytes with the same expectations, and the written files are what is published.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from protocol import (
    vectors_bundle,
    vectors_epoch,
    vectors_frame,
    vectors_heartbeat,
    vectors_kinds,
    vectors_message,
    vectors_trust,
    vectors_waiting,
)
from protocol.scenario import SCENARIOS, build

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


def renote(folder: Path) -> int:
    """Write the notes of the generator into the vectors that exist, leaving every other byte; how many changed."""
    changed = 0
    for path in sorted(folder.glob("*.json")):
        text = path.read_bytes().decode()
        vector = json.loads(text)
        note = SCENARIOS[path.stem].note
        if vector["note"] != note:
            path.write_bytes(text.replace(_member("note", vector["note"]), _member("note", note), 1).encode())
            changed += 1
    return changed


def _member(name: str, value: str) -> str:
    return f'"{name}":{json.dumps(value, ensure_ascii=False)}'


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--output", type=Path, required=True, help="the folder of the vectors")
    parser.add_argument("--again", metavar="PREFIX", help="write those that begin with PREFIX anew")
    parser.add_argument("--notes", action="store_true", help="only write the notes of those that exist anew")
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)
    if arguments.notes:
        print(f"{renote(arguments.output)} notes written in {arguments.output}")
        return
    print(f"{write(arguments.output, arguments.again)} written, {len(SCENARIOS)} vectors in {arguments.output}")


if __name__ == "__main__":
    main()
