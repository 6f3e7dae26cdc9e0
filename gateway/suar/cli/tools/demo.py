"""`suar demo`: a whole federation on this machine."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from suar.cli.base.common import (
    PASSPHRASE_VARIABLE,
    PathType,
    command,
    emit,
    json_option,
    print_notice,
    read_passphrase,
)

if TYPE_CHECKING:
    from suar.demo.embedded.federation import Federation
    from suar.demo.story.report import Report
    from suar.protocol.base.primitives import Secret


@command("demo", example="suar demo --once")
@click.option("--members", type=click.IntRange(3, 11), default=11, show_default=True, help="How many members it has.")
@click.option("--once", is_flag=True, help="End after the deliveries and the hostile acts; else run until Ctrl-C.")
@click.option("--dir", "folder", type=PathType, help="Keep everything in this new folder, with demo.json for scripts.")
@click.option(
    "--passphrase-file",
    type=PathType,
    help=f"Seal the throw-away keys with this passphrase; else {PASSPHRASE_VARIABLE}, else a random one.",
)
@json_option
def demo(members: int, once: bool, folder: Path | None, passphrase_file: Path | None, as_json: bool) -> int:
    """Found a federation with throw-away keys, start its servers and gateways, publish the shipped examples.

    Hub, national NATS servers and gateways are processes of their own. With --once, hostile acts follow: by a hub that
    lies and by the thief of a member's keys. Exit 0 only if every delivery and every refusal happened.
    """
    from suar.demo.story import run

    def ready(federation: "Federation", report: "Report") -> None:
        _show(report, as_json)
        for line in run.addresses(federation):
            print_notice(line) if as_json else click.echo(line)
        sys.stdout.flush()

    options = run.Options(members, once, folder, _passphrase(passphrase_file), print_notice, ready)
    report = run.run(options)
    if once:
        _show(report, as_json)
    return 1 if report.missing else 0


def _passphrase(file: Path | None) -> "Secret | None":
    import os

    if file is None and not os.environ.get(PASSPHRASE_VARIABLE):
        return None
    return read_passphrase(file, of="the demo's keys")


def _show(report: "Report", as_json: bool) -> None:
    if as_json:
        emit(report.document(), True)
    else:
        report.show()
    for line in report.missing:
        print_notice(f"error: {line}")
