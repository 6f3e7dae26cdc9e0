"""`suar bench`: benchmarks of the main path on this machine."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import rich_click as click

from suar.cli.base.common import command, emit, group, json_option
from suar.cli.base.lazy import Command, Table
from suar.cli.base.tables import show

if TYPE_CHECKING:
    from suar.bench.measure import Report

REPEATS: Final = 15  # of one process: many short ones are interleaved more finely than few long ones
REPEATS_BUS: Final = 5
COMMANDS: Final[Table] = {
    "seal": ("suar.cli.tools.bench:seal", "sealing, beside the bare calls and beside age, JOSE and CMS"),
    "open": ("suar.cli.tools.bench:open_", "opening and admission, beside the bare calls"),
    "e2e": ("suar.cli.tools.bench:e2e", "from HTTP batch to committed at every receiver, beside plain nats-py"),
    "catchup": ("suar.cli.tools.bench:catchup", "a gateway that was away drains what was queued, beside plain nats-py"),
    "receipts": (
        "suar.cli.tools.bench:receipts",
        "what the receipts of ten members cost, beside the messages themselves",
    ),
}
_DETAIL: Final = ("_least", "_most")  # in the JSON only


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
    from suar.bench.parts import crypto

    settings = _settings(repeats, messages, quick, default=2_000)
    many = settings["messages"] if messages or quick else 10_000
    _print(crypto.seal(settings["repeats"], settings["messages"], many), as_json)


@_measured("open", example="suar bench open --json > open.json")
def open_(repeats: int | None, messages: int | None, quick: bool, as_json: bool) -> None:
    """Open frames, and admit them: verified, opened, validated, committed in one gateway."""
    from suar.bench.parts import admission, crypto

    settings = _settings(repeats, messages, quick, default=2_000)
    report = crypto.opening(settings["repeats"], settings["messages"])
    admission.add_to(report, settings["repeats"], messages or 3 * settings["messages"])
    _print(report, as_json)


@_measured("e2e", example="suar bench e2e --only always-2")
@click.option(
    "--only", multiple=True, type=click.Choice(("always-2", "always-10", "default-2", "default-10")),
    help="Only this arena: how the servers sync, and how many receivers. May be repeated.",
)  # fmt: skip
@click.option("--memory", "memory", type=click.IntRange(0), help="Messages of the memory run (200,000; 0: left out).")
def e2e(
    repeats: int | None, messages: int | None, quick: bool, as_json: bool, only: tuple[str, ...], memory: int | None
) -> None:
    """Publish over HTTP through a real federation, until every receiver has committed, beside plain nats-py.

    Hub, national servers, gateways and the plain programs are processes of their own. A quarter of an hour.
    """
    from suar.bench.arena.match import Settings
    from suar.bench.parts import endtoend

    settings = _settings(repeats, messages, quick, default=5_000, repeats_default=REPEATS_BUS)
    whole = Settings()
    asked = Settings(
        settings["messages"], settings["repeats"], 1.0 if quick else whole.seconds,
        memory if memory is not None else whole.memory_messages // (100 if quick else 1),
        tuple(only) or whole.only,
    )  # fmt: skip
    _print(endtoend.endtoend(asked), as_json)


@_measured("catchup", example="suar bench catchup --json > catchup.json")
def catchup(repeats: int | None, messages: int | None, quick: bool, as_json: bool) -> None:
    """Drain 100,000 queued messages with a gateway that was away, beside a plain receiver."""
    from suar.bench.parts import catchup as bench_catchup

    settings = _settings(repeats, messages, quick, default=100_000, repeats_default=REPEATS_BUS)
    count = settings["messages"] if messages or not quick else 2_000
    _print(bench_catchup.catchup(count, settings["repeats"]), as_json)


@_measured("receipts", example="suar bench receipts --json > receipts.json")
def receipts(repeats: int | None, messages: int | None, quick: bool, as_json: bool) -> None:
    """Publish 10,000 messages to ten members that confirm them, and to ten that do not: CPU and bytes on the links."""
    from suar.bench.parts import receipts as bench_receipts

    settings = _settings(repeats, messages, quick, default=10_000, repeats_default=REPEATS_BUS)
    count = settings["messages"]
    asked = bench_receipts.Settings(count, count // 20, settings["repeats"])
    if quick:
        asked = bench_receipts.Settings(count, count // 20, settings["repeats"], receivers=2, idle=1.0)
    _print(bench_receipts.receipts(asked), as_json)


def _settings(
    repeats: int | None, messages: int | None, quick: bool, *, default: int, repeats_default: int = REPEATS
) -> dict[str, int]:
    return {
        "repeats": repeats or (1 if quick else repeats_default),
        "messages": messages or (default // 10 if quick else default),
    }


def _print(report: "Report", as_json: bool) -> None:
    document = report.document()
    if as_json:
        emit(document, True)
        return
    for columns, rows in _alike(document["rows"]):
        show(columns, [[row.get(column) for column in columns] for row in rows])
        click.echo()
    show(("ratio", "median"), list(document["ratios"].items()))


def _alike(rows: list[dict[str, Any]]) -> list[tuple[list[str], list[dict[str, Any]]]]:
    """Tables of rows that have most columns in common, so that none is mostly empty; rows keep their order."""
    tables: list[tuple[list[str], list[dict[str, Any]]]] = []
    for row in rows:
        columns = [name for name in row if not name.endswith(_DETAIL)]
        alike = (table for table in tables if len({*table[0]} & {*columns}) >= len(columns) - 2)
        at = next(alike, None)
        if at is None:
            at = ([], [])
            tables.append(at)
        at[0].extend(name for name in columns if name not in at[0])
        at[1].append(row)
    return tables
