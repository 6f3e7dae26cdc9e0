"""`suar bench`: what the main path costs on this machine, beside its limits and its peers."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import rich_click as click

from suar.cli.common import command, emit, group, json_option
from suar.cli.lazy import Command, Table
from suar.cli.tables import show

if TYPE_CHECKING:
    from suar.bench.measure import Report

REPEATS: Final = 7
COMMANDS: Final[Table] = {
    "seal": ("suar.cli.bench:seal", "sealing, beside the bare calls and beside age, JOSE and CMS"),
    "open": ("suar.cli.bench:open_", "opening and admission, beside the bare calls"),
}
_COLUMNS: Final = ("name", "messages_per_s", "messages_per_cpu_s", "cpu_us", "wall_us", "count", "repeats", "note")


@group("bench", COMMANDS, example="suar bench seal --json")
def bench() -> None:
    """Measure the main path on this machine. Medians of repeats that are interleaved with their baselines.

    Progress goes to stderr, the table or the JSON document to stdout. An idle machine gives better figures, and says
    so: the document holds the load that it began under.
    """


def _measured(name: str, *, example: str) -> Callable[[Callable[..., Any]], Command]:
    """A command with the options that shorten a run; they are recorded in the document's settings."""

    def declare(function: Callable[..., Any]) -> Command:
        for option in (
            json_option,
            click.option("--quick", is_flag=True, help="A tenth of everything: to see that it runs, not to quote."),
            click.option("--messages", type=click.IntRange(100), help="Messages a repeat."),
            click.option(
                "--repeats", type=click.IntRange(1), help=f"Repeats; else {REPEATS}. Fewer than 5 is no figure."
            ),
        ):
            function = option(function)
        return command(name, example=example)(function)

    return declare


@_measured("seal", example="suar bench seal --json > seal.json")
def seal(repeats: int | None, messages: int | None, quick: bool, as_json: bool) -> None:
    """Seal messages of 1 KB: batches of 1, 16 and 64, to 10 and to 200 recipients."""
    from suar.bench import crypto

    settings = _settings(repeats, messages, quick, default=4_000)
    many = settings["messages"] if messages or quick else 10_000
    _print(crypto.seal(settings["repeats"], settings["messages"], many), as_json)


@_measured("open", example="suar bench open --json > open.json")
def open_(repeats: int | None, messages: int | None, quick: bool, as_json: bool) -> None:
    """Open frames, and admit them: verified, opened, validated, committed in one gateway."""
    from suar.bench import admission, crypto

    settings = _settings(repeats, messages, quick, default=6_400)
    report = crypto.opening(settings["repeats"], settings["messages"])
    admission.add_to(report, settings["repeats"], settings["messages"])
    _print(report, as_json)


def _settings(repeats: int | None, messages: int | None, quick: bool, *, default: int) -> dict[str, int]:
    return {
        "repeats": repeats or (1 if quick else REPEATS),
        "messages": messages or (default // 10 if quick else default),
    }


def _print(report: "Report", as_json: bool) -> None:
    document = report.document()
    if as_json:
        emit(document, True)
        return
    show(_COLUMNS, [[row.get(column) for column in _COLUMNS] for row in document["rows"]])
    click.echo()
    show(("ratio", "median"), list(document["ratios"].items()))
