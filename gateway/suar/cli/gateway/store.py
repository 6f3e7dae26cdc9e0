"""`suar store`: decisions of people about the store."""

from pathlib import Path
from typing import Final

import rich_click as click

from suar.cli.base.common import (
    command,
    emit,
    group,
    json_option,
    keyring_passphrase,
    passphrase_option,
    print_notice,
    second_option,
    second_token,
    state_option,
)
from suar.cli.base.lazy import Table
from suar.protocol.base.errors import Fault

COMMANDS: Final[Table] = {
    "restored": (
        "suar.cli.gateway.store:restored",
        "accept the store in its present state, after it was restored by hand",
    ),
}
REASON_MAX: Final = 200  # characters


@group("store", COMMANDS, example="suar store restored --reason 'the disk of Monday was put back' --state th")
def store() -> None:
    """Accept a store that differs from what the gateway wrote; see also `suar audit verify --store`."""


@command("restored", example="suar store restored --reason 'the disk of Monday was put back' --state th")
@click.option("--reason", required=True, help="The reason for the difference, which is recorded in the audit log.")
@second_option
@state_option
@passphrase_option
@json_option
def restored(
    reason: str, second_token_file: Path | None, state: Path, passphrase_file: Path | None, as_json: bool
) -> None:
    """Accept the store in its present state, although it differs from what the gateway wrote.

    Use this after a store was restored by hand, or when you know what happened to it: this command does not repair what
    was altered. If the store has a second person, two persons are required: one who has the passphrase, and one with
    their own token of the scope approve or admin. The audit log records both, and what was found. The gateway must not
    be running.
    """
    from suar.service.process.offline import restored as take

    if not reason.isprintable() or not 0 < len(reason) <= REASON_MAX:
        raise Fault("the reason is not one line of text", f"write at most {REASON_MAX} characters")
    second = second_token(second_token_file)
    done = take(state, keyring_passphrase(state, passphrase_file), reason, second)
    emit({"second": done.second, "altered": done.findings}, as_json, lambda: _result_text(done.second, done.findings))
    print_notice("if the audit lost lines with it: `suar audit anew`, after you compared it with an earlier export")


def _result_text(second: str | None, findings: dict[str, str]) -> str:
    lines = [f"table {table}: {finding}" for table, finding in sorted(findings.items())]
    agreed = f"{second} agreed" if second else "no second person has a token here"
    return "\n".join([f"the store stands for this gateway from now on; {agreed}", *lines])
