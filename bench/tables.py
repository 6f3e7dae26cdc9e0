"""Put what lies in bench/results into docs/performance.md, figures and profiles: `python bench/tables.py`.

Everything between two marks is written anew, so that no figure stands there that no run has printed.
"""

import json
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
DOCUMENT = HERE.parent / "docs" / "performance.md"
BEGIN, END = "<!-- figures: bench/tables.py -->", "<!-- /figures -->"
PROFILE, PROFILE_END = "<!-- profile: bench/tables.py -->", "<!-- /profile -->"
PROFILES = {"where.txt": "python bench/where.py", "turns.txt": "python bench/turns.py"}
PARTS = ("seal", "open", "e2e", "catchup", "receipts")
FLOORS = {
    "seal_vs_bare_batch1": ("0.65", "0.80"), "open_vs_bare_batch1": ("0.75", "0.90"),
    "seal_batch64_vs_batch1": ("5", "7"), "seal_200_vs_10_recipients": ("<= 1.3", "<= 1.15"),
    "admission_per_s_batch1": ("8,000", "15,000"), "admission_per_s_batch64": ("25,000", "45,000"),
    "e2e_vs_plain_nats": ("1.0", "3.0"), "e2e_vs_plain_nats_default": ("0.6", "1.0"),
    "e2e_10_vs_2_receivers_cost": ("<= 1.15", "<= 1.05"), "e2e_p99_vs_plain_nats": ("<= 3", "<= 1.5"),
    "catchup_vs_plain_nats": ("0.5", "0.8"), "rss_growth": ("<= 1.05", "1.00"),
    "receipts_vs_messages_bytes": ("< 0.25", ""), "receipts_vs_messages_cpu": ("< 0.25", ""),
    "urgent_place": ("1", "1"), "urgent_rss_growth": ("flat", "1.0"),
}  # fmt: skip


def main() -> None:
    found = {part: json.loads(path.read_text("utf-8")) for part in PARTS if (path := _file(part)).exists()}
    text = _between(DOCUMENT.read_text("utf-8"), BEGIN, END, "\n".join(_written(found)))
    DOCUMENT.write_text(_between(text, PROFILE, PROFILE_END, "\n".join(_profiles())), "utf-8")


def _between(text: str, begin: str, end: str, new: str) -> str:
    before, _, rest = text.partition(begin)
    return f"{before}{begin}\n\n{new}{end}{rest.partition(end)[2]}"


def _profiles() -> list[str]:
    lines = []
    for name, command in PROFILES.items():
        path = HERE / "results" / name
        if path.exists():
            lines += [f"`{command}`:", "", "```", path.read_text("utf-8").strip(), "```", ""]
    return lines


def _file(part: str) -> Path:
    return HERE / "results" / f"{part}.json"


def _written(found: dict[str, Any]) -> list[str]:
    lines = ["| ratio | measured | floor | aim |", "|---|---|---|---|"]
    ratios = {name: value for document in found.values() for name, value in document["ratios"].items()}
    for name, (floor, aim) in FLOORS.items():
        lines.append(f"| {name} | {_shown(ratios.get(name))} | {floor} | {aim} |")
    lines += [f"| {name} | {_shown(value)} | | |" for name, value in ratios.items() if name not in FLOORS]
    for part, document in found.items():
        lines += ["", f"### `suar bench {part}`", "", _where(document), ""]
        for rows in _alike(document["rows"]):
            lines += [*_table(rows), ""]
    return lines


def _where(document: dict[str, Any]) -> str:
    machine, settings = document["machine"], document["settings"]
    versions = ", ".join(f"{name} {version}" for name, version in document["versions"].items())
    text = ", ".join(f"{name} {_shown(value)}" for name, value in settings.items())
    at = f"{machine['cores']} cores of {machine['cpu']}, load {machine['load_1_min']} when it ended"
    return f"{at}; {text}. {versions}."


def _alike(rows: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    tables: list[list[dict[str, Any]]] = []
    for row in rows:
        names = set(row) - {"note"}
        alike = (table for table in tables if len(names & set(table[0])) >= len(names) - 2)
        table = next(alike, None)
        if table is None:
            tables.append([row])
        else:
            table.append(row)
    return tables


def _table(rows: list[dict[str, Any]]) -> list[str]:
    columns = list(dict.fromkeys(name for row in rows for name in row if not name.endswith(("_least", "_most"))))
    head = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
    return head + ["| " + " | ".join(_shown(row.get(name)) for name in columns) + " |" for row in rows]


def _shown(value: object) -> str:
    if isinstance(value, float | int):
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.4g}"
    return "" if value is None else " ".join(map(str, value)) if isinstance(value, list) else str(value)


if __name__ == "__main__":
    main()
