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
@click.option("--members", type=click.IntRange(3, 11), default=11, show_default=True, help="The number of members.")
@click.option("--hubs", type=click.IntRange(1, 2), default=1, show_default=True, help="The number of hubs.")
@click.option(
    "--once", is_flag=True, help="Exit after the deliveries and the simulated attacks; without it, run until Ctrl-C."
)
@click.option(
    "--dir", "folder", type=PathType, help="Keep all files in this new folder; demo.json describes it for scripts."
)
@click.option(
    "--passphrase-file",
    type=PathType,
    help=f"A file with the passphrase of the temporary keys. Default: {PASSPHRASE_VARIABLE}, or a random one.",
)
@json_option
def demo(members: int, hubs: int, once: bool, folder: Path | None, passphrase_file: Path | None, as_json: bool) -> int:
    """Start a whole federation on this machine with temporary keys, and publish the shipped examples in it.

    The hub, the national NATS servers and the gateways run as separate processes. With --once, simulated attacks
    follow: by a hub that behaves dishonestly, and by someone who has stolen a member's keys. The exit code is 0 only if
    every message was delivered and every attack was refused.
    """
    from suar.demo.story import run

    def ready(federation: "Federation", report: "Report") -> None:
        _show(report, as_json)
        for line in run.addresses(federation):
            print_notice(line) if as_json else click.echo(line)
        sys.stdout.flush()

    options = run.Options(members, once, folder, _passphrase(passphrase_file), print_notice, ready, hubs)
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
