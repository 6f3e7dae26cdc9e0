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
    "seal": ("suar.cli.tools.bench:seal", "measure sealing, against the bare calls, age, JOSE and CMS"),
    "open": ("suar.cli.tools.bench:open_", "measure opening and admission, against the bare calls"),
    "e2e": ("suar.cli.tools.bench:e2e", "measure HTTP batch to commit at every receiver, against plain nats-py"),
    "catchup": ("suar.cli.tools.bench:catchup", "measure the catch-up of an offline gateway, against plain nats-py"),
    "receipts": (
        "suar.cli.tools.bench:receipts",
        "measure the cost of the receipts of ten members",
    ),
}
_DETAIL: Final = ("_least", "_most")  # in the JSON only


@group("bench", COMMANDS, example="suar bench seal --json")
def bench() -> None:
    """Measure the main path on this machine: medians of repeats, interleaved with those of their baselines.

    Progress is written to stderr, the table or the JSON document to stdout. Measure on an idle machine; the document
    records the load at the start.
    """


def _measured(name: str, *, example: str) -> Callable[[Callable[..., Any]], Command]:
    """Return a command with the options that shorten a run; they are recorded in the document's settings."""

    def declare(function: Callable[..., Any]) -> Command:
        for option in (
            json_option,
            click.option(
                "--quick",
                is_flag=True,
                help="A tenth of all numbers, to test the benchmark; the results are not meaningful.",
            ),
            click.option("--messages", type=click.IntRange(100), help="The number of messages in each repeat."),
            click.option(
                "--repeats",
                type=click.IntRange(1),
                help=f"The number of repeats, at least 5 for a result to quote. Default: {REPEATS}.",
            ),
        ):
            function = option(function)
        return command(name, example=example)(function)

    return declare


@_measured("seal", example="suar bench seal --json > seal.json")
def seal(repeats: int | None, messages: int | None, quick: bool, as_json: bool) -> None:
    """Measure sealing of messages of 1 KB, in batches of 1, 16 and 64, to 10 and to 200 recipients."""
    from suar.bench.parts import crypto

    settings = _settings(repeats, messages, quick, default=2_000)
    many = settings["messages"] if messages or quick else 10_000
    _print(crypto.seal(settings["repeats"], settings["messages"], many), as_json)


@_measured("open", example="suar bench open --json > open.json")
def open_(repeats: int | None, messages: int | None, quick: bool, as_json: bool) -> None:
    """Measure opening of frames, and their admission: verification, opening, validation and commit in one gateway."""
    from suar.bench.parts import admission, crypto

    settings = _settings(repeats, messages, quick, default=2_000)
    report = crypto.opening(settings["repeats"], settings["messages"])
    admission.add_to(report, settings["repeats"], messages or 3 * settings["messages"])
    _print(report, as_json)


@_measured("e2e", example="suar bench e2e --only always-2")
@click.option(
    "--only", multiple=True, type=click.Choice(("always-2", "always-10", "default-2", "default-10")),
    help="Only this setup: how the servers synchronise to disk, and the number of receivers. May be repeated.",
)  # fmt: skip
@click.option(
    "--memory",
    "memory",
    type=click.IntRange(0),
    help="The number of messages of the memory run. Default: 200,000; 0 omits the run.",
)
def e2e(
    repeats: int | None, messages: int | None, quick: bool, as_json: bool, only: tuple[str, ...], memory: int | None
) -> None:
    """Measure publication over HTTP through a real federation to the commit at every receiver, against plain nats-py.

    The hub, the national servers, the gateways and the programs of the baseline run as separate processes. The
    benchmark takes about a quarter of an hour.
    """
    from suar.bench.arena.match import Settings
    from suar.bench.parts import endtoend

    settings = _settings(repeats, messages, quick, default=5_000, repeats_default=REPEATS_BUS)
    whole = Settings()
    bench_settings = Settings(
        settings["messages"], settings["repeats"], 1.0 if quick else whole.seconds,
        memory if memory is not None else whole.memory_messages // (100 if quick else 1),
        tuple(only) or whole.only,
    )  # fmt: skip
    _print(endtoend.endtoend(bench_settings), as_json)


@_measured("catchup", example="suar bench catchup --json > catchup.json")
def catchup(repeats: int | None, messages: int | None, quick: bool, as_json: bool) -> None:
    """Measure how a gateway that was offline receives 100,000 queued messages, against a plain receiver."""
    from suar.bench.parts import catchup as bench_catchup

    settings = _settings(repeats, messages, quick, default=100_000, repeats_default=REPEATS_BUS)
    count = settings["messages"] if messages or not quick else 2_000
    _print(bench_catchup.catchup(count, settings["repeats"]), as_json)


@_measured("receipts", example="suar bench receipts --json > receipts.json")
def receipts(repeats: int | None, messages: int | None, quick: bool, as_json: bool) -> None:
    """Measure the CPU time and network traffic of receipts: 10,000 messages to ten members, with and without."""
    from suar.bench.parts import receipts as bench_receipts

    settings = _settings(repeats, messages, quick, default=10_000, repeats_default=REPEATS_BUS)
    count = settings["messages"]
    bench_settings = bench_receipts.Settings(count, count // 20, settings["repeats"])
    if quick:
        bench_settings = bench_receipts.Settings(count, count // 20, settings["repeats"], receivers=2, idle=1.0)
    _print(bench_receipts.receipts(bench_settings), as_json)


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
    """Return tables of rows that have most columns in common, so that none is mostly empty; rows keep their order."""
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
