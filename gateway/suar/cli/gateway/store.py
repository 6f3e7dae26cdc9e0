"""`suar store`: what people say about the store."""

from pathlib import Path
from typing import Final

import rich_click as click

from suar.cli.base.common import (
    command,
    emit,
    group,
    json_option,
    passphrase_option,
    print_notice,
    read_passphrase,
    second_option,
    second_token,
    state_option,
)
from suar.cli.base.lazy import Table
from suar.protocol.base.errors import Fault

COMMANDS: Final[Table] = {
    "restored": ("suar.cli.gateway.store:restored", "take the store as it stands, after it was put back by hand"),
}
REASON_MAX: Final = 200  # characters


@group("store", COMMANDS, example="suar store restored --reason 'the disk of Monday was put back' --state th")
def store() -> None:
    """The store, where a gateway refuses to go on with it: see also `suar audit verify --store`."""


@command("restored", example="suar store restored --reason 'the disk of Monday was put back' --state th")
@click.option("--reason", required=True, help="Why it differs; it stands in the audit.")
@second_option
@state_option
@passphrase_option
@json_option
def restored(
    reason: str, second_token_file: Path | None, state: Path, passphrase_file: Path | None, as_json: bool
) -> None:
    """Take the store as it stands for this gateway's from now on, although it is not as the gateway wrote it.

    For a store that was put back by hand, or once you know what was done to it: this makes nothing good that was
    altered. Two persons do it where the store has a second one: who has the passphrase, and who shows a token of their
    own, of the scope approve or admin. Both stand in the audit, with what was found. The gateway must not run.
    """
    from suar.service.process.offline import restored as take

    if not reason.isprintable() or not 0 < len(reason) <= REASON_MAX:
        raise Fault("the reason is not one line of text", f"write at most {REASON_MAX} characters")
    second = second_token(second_token_file)
    done = take(state, read_passphrase(passphrase_file, of=f"the keyring in {state}"), reason, second)
    emit({"second": done.second, "altered": done.findings}, as_json, lambda: _result_text(done.second, done.findings))
    print_notice("if the audit lost lines with it: `suar audit anew`, after you compared it with an earlier export")


def _result_text(second: str | None, findings: dict[str, str]) -> str:
    lines = [f"table {table}: {finding}" for table, finding in sorted(findings.items())]
    agreed = f"{second} agreed" if second else "no second person has a token here"
    return "\n".join([f"the store stands for this gateway from now on; {agreed}", *lines])
