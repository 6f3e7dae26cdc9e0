"""`suar audit`: the audit log of this gateway, verified here from its lines and signed heads only."""

from pathlib import Path
from typing import Any, Final

import rich_click as click

from suar.cli.base import tables
from suar.cli.base.common import (
    PathType,
    command,
    group,
    json_option,
    keyring_passphrase,
    passphrase_option,
    print_notice,
    state_option,
)
from suar.cli.base.lazy import Table
from suar.cli.base.local_time import short
from suar.cli.base.terminal import json_line, one_line
from suar.cli.gateway.audits.signed import OwnLog
from suar.cli.gateway.audits.stamp import write_stamp
from suar.files import PRIVATE, atomic_write
from suar.protocol.base.errors import Fault
from suar.protocol.base.instants import instant

COMMANDS: Final[Table] = {
    "show": ("suar.cli.gateway.audit:show", "show the recorded actions, the oldest first"),
    "verify": ("suar.cli.gateway.audits.log:verify", "detect removed, altered, reordered or truncated lines"),
    "export": ("suar.cli.gateway.audit:export", "export the whole log with its signed heads to a file"),
    "commitments": (
        "suar.cli.gateway.audits.commitments:commitments",
        "export what another member committed to about its log",
    ),
    "line": ("suar.cli.gateway.audits.line:line", "export one line of the log with its proof"),
    "verify-line": ("suar.cli.gateway.audits.line:verify_line", "verify one exported line without the log"),
    "report": ("suar.cli.gateway.audits.report:report", "export who did what with a message, or what a person did"),
    "verify-report": ("suar.cli.gateway.audits.report:verify_report", "verify such a report without the log"),
    "salt": ("suar.cli.gateway.audits.commitments:salt", "print what opens the commitments of this gateway"),
    "anew": ("suar.cli.gateway.audit:anew", "accept the log in its present state, after it was found altered"),
}
COLUMNS: Final = ("n", "at", "who", "what", "about")
REASON_MAX: Final = 200  # characters


@group("audit", COMMANDS, example="suar audit show --who desk --state th")
def audit() -> None:
    """Show, verify and export the audit log, a signed hash chain of what people did with this gateway."""


@command("show", example="suar audit show --who desk --what publish --state th")
@click.option("--who", help="Only actions with this token.")
@click.option("--what", help="Only this action, such as publish, open, release or trust-import.")
@click.option("--about", help="Only lines that contain this word, such as the id of a message.")
@click.option("--last", type=click.IntRange(1), help="Only this number of lines, the newest.")
@state_option
@passphrase_option
@json_option
def show(
    who: str | None, what: str | None, about: str | None, last: int | None, state: Path,
    passphrase_file: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """List the recorded actions, the oldest first; --json prints one per line. Reading the log is recorded too."""
    wanted = {"who": who, "what": what}
    log = OwnLog(state, passphrase_file)
    rows = [
        row
        for page in log.pages()
        for row in page["lines"]
        if all(value in (None, row[name]) for name, value in wanted.items())
        and (about is None or about in row["about"].split())
    ]
    rows = rows[-last:] if last else rows
    if as_json:
        for row in rows:
            click.echo(json_line({**row, "at": instant(row["at"])}))
    else:
        tables.show(COLUMNS, [[_cell(row, name) for name in COLUMNS] for row in rows])
    log.require_unaltered("lines shown, but ")


@command("anew", example="suar audit anew --reason 'the store of Monday was put back by hand' --state th")
@click.option("--reason", required=True, help="The reason, which is recorded in the log.")
@state_option
@passphrase_option
def anew(reason: str, state: Path, passphrase_file: Path | None) -> None:
    """Sign the audit log again in its present state, after the check audit-signed found that it was altered.

    Use this after a store was restored by hand, or when you know what happened to it. Export the log first and keep the
    export: this command does not repair what was altered. The gateway must not be running.
    """
    from suar.service.process.offline import restart_audit

    if not reason.isprintable() or not 0 < len(reason) <= REASON_MAX:
        raise Fault("the reason is not one line of text", f"write at most {REASON_MAX} characters")
    restart_audit(state, keyring_passphrase(state, passphrase_file), reason)
    print_notice("the log is signed again from here on; compare it with an earlier export")


@command("export", example="suar audit export -o audit.jsonl --state th")
@click.option("-o", "--output", type=PathType, required=True, help="The file to write.")
@state_option
@passphrase_option
def export(output: Path, state: Path, passphrase_file: Path | None) -> None:
    """Export the audit log to a file. Keep it elsewhere: a later removal of lines is detected with its last signed
    head.
    """
    from suar.protocol.files.auditlog import exported_lines

    log = OwnLog(state, passphrase_file)
    pages = list(log.pages())
    data = b"".join(line + b"\n" for line in exported_lines(pages))
    atomic_write(output, data, PRIVATE)
    count = sum(len(page["lines"]) for page in pages)
    print_notice(f"{count:,} lines of the log written, with the heads that sign them")
    write_stamp(state, output, data)
    log.require_unaltered(f"{output} is written, but ")


def _cell(row: dict[str, Any], name: str) -> object:
    return short(instant(row["at"]), with_seconds=True) if name == "at" else one_line(str(row[name]))
