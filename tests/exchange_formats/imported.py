"""A table of the shape of UNODC's, imported as `suar import trend --map glotip` does, and what its readers have."""

from pathlib import Path

import msgspec

from protocol.privacy.finest_reader import Seen
from suar.exchange.files.csv_file import csv_rows
from suar.exchange.tables.preview import Preview, previews
from suar.exchange.tables.readings import Reading
from suar.exchange.tables.table_map import read_map
from suar.exchange.tables.table_reader import read_table
from suar.exchange.tables.trends import drafts

NOW = 1_800_000_000_000


def imported(path: Path) -> tuple[Reading, list[Preview]]:
    """The rows as read, and every message before and after the gate."""
    table = read_map(Path("glotip"))
    reading = read_table(csv_rows(path, "utf-8", ","), table, 2027)
    return reading, list(previews(drafts(reading, table, NOW), realm="actual", now=NOW))


def histories(made: list[Preview]) -> dict[str, list[Seen]]:
    """By member, its messages that leave, in order."""
    found: dict[str, list[Seen]] = {}
    for each in made:
        if each.verdict == "pass":
            before = each.draft.message
            message = {**before, "status": "actual", "obs": list(msgspec.to_builtins(each.obs))}
            truth = [item["value"] for item in before["obs"]]
            found.setdefault(each.draft.member, []).append(Seen(message, truth, each.k))
    return found
