"""Output of a command while it works on streams: its steps, and what a watchdog found."""

from typing import Any, Final

import rich_click as click

from suar.cli.base.common import emit, print_notice
from suar.cli.base.terminal import json_line, visible

_STANDING: Final = frozenset({
    "healthy", "suspect", "no-leaf", "failed", "expiring", "second-link", "past-end", "put-back", "refused",
    "skipped",
})  # fmt: skip


class Progress:
    """Steps on stderr as they happen; with --json all of them at the end, or the watchdog's records line by line."""

    def __init__(self, as_json: bool) -> None:
        self._has_json_output = as_json
        self._steps: list[str] = []
        self._last: dict[str, str] = {}

    def report(self, step: str) -> None:
        """Print one step."""
        self._steps.append(step)
        print_notice(step)

    def report_state(self, record: Any) -> None:
        """Print what changed since the last check, and everything that was done."""
        state = f"{record.kind} {record.detail}" if record.kind == "expiring" else record.kind  # once a day
        news = self._last.get(record.name) != state
        self._last[record.name] = state
        if not news and record.kind in _STANDING:
            return
        if self._has_json_output:
            click.echo(json_line(record))
        else:
            click.echo(visible(f"{record.name}: {record.kind}" + (f" ({record.detail})" if record.detail else "")))

    def end(self) -> None:
        """With --json, print all steps."""
        if self._has_json_output:
            emit({"steps": self._steps}, as_json=True)
