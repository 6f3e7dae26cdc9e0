"""A drill's report as text, as CSV and as a picture. Pure: the same report gives the same bytes."""

import csv
import io
from collections.abc import Iterator
from typing import Any, Final

from suar.exchange.outgoing.cells import safe
from suar.protocol.base.stages import ARRIVED, implied

CSV_COLUMNS: Final = (
    "status", "drill", "message", "revision", "member", "state", "sent",
    *(f"{stage}{part}" for stage in ARRIVED for part in ("", "_seconds")), "refused", "refused_code", "overdue",
)  # fmt: skip
NEVER: Final = "-"
UNSTATED: Final = "not stated"
"""Of a stage that a later one implies."""
_UNITS: Final = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


def duration(seconds: int) -> str:
    """Two units at most: `7 s`, `12 min 5 s`, `3 h`, `2 d 4 h`."""
    parts: list[str] = []
    left = seconds
    for size, unit in _UNITS:
        number, left = divmod(left, size)
        if number or (unit == "s" and not parts):
            parts.append(f"{number} {unit}")
        elif parts:
            break  # what follows a unit that is absent is too fine to matter
    return " ".join(parts[:2])


def cells(code: str, member: dict[str, Any]) -> list[str]:
    """One member's row of a table: code, state, a time a stage."""
    state = f"{member['state']}, overdue" if member["overdue"] else str(member["state"])
    unstated = implied(member)
    times = [
        duration(member[stage]["seconds"]) if member[stage] else UNSTATED if stage in unstated else NEVER
        for stage in ARRIVED
    ]
    return [code, state, *times, member["refused"]["code"] if member["refused"] else NEVER]


def summary(message: dict[str, Any]) -> list[str]:
    """A line a stage: how many of how many, the median, the slowest."""
    found = []
    for stage in ARRIVED:
        counts = message["stages"][stage]
        line = f"{stage}: {counts['reached']} of {counts['of']}"
        if counts["median_seconds"] is not None:
            line += f", median {duration(counts['median_seconds'])}, slowest {duration(counts['slowest_seconds'])}"
        found.append(line)
    return found


def as_csv(report: dict[str, Any]) -> bytes:
    """Return a row for each message and member in UTF-8 (RFC 4180); every row states that it is of an exercise."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(CSV_COLUMNS)
    writer.writerows([safe(cell) for cell in row] for row in _rows(report))
    return text.getvalue().encode()


def _rows(report: dict[str, Any]) -> Iterator[list[object]]:
    for message in report["messages"]:
        for code, member in sorted(message["members"].items()):
            about = [report["status"], report["drill"] or "", message["id"], message["rev"], code, member["state"]]
            times = [part for stage in ARRIVED for part in _two(member[stage])]
            refused = member["refused"] or {}
            overdue = "true" if member["overdue"] else "false"
            yield [
                *about, message["sent"] or "", *times, refused.get("at", ""), refused.get("code", ""), overdue
            ]  # fmt: skip


def _two(stage: dict[str, Any] | None) -> tuple[object, object]:
    return (stage["at"], stage["seconds"]) if stage else ("", "")
