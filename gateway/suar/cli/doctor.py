"""`suar doctor`: what is wrong here, and the next step."""

from pathlib import Path

import rich_click as click

from suar.cli import tables
from suar.cli.common import command, emit, json_option, passphrase_option, read_passphrase, state_option


@command("doctor", example="suar doctor --state th")
@click.option("--reset-clock", is_flag=True, help="After a clock that ran ahead and is right again: forget its time.")
@state_option
@passphrase_option
@json_option
def doctor(reset_clock: bool, state: Path, passphrase_file: Path | None, as_json: bool) -> int:
    """Every check with what it found and what to do. Exit 0 ok, 1 warning, 2 critical, 3 unknown.

    With no gateway running it tells what can be seen without one.
    """
    if reset_clock:
        return _reset(state, passphrase_file, as_json)
    from suar.cli import health
    from suar.observe import checks

    found = health.of(state)
    if as_json:
        emit(checks.as_json(found), as_json)
    else:
        tables.show(
            ("status", "check", "about", "found", "next"),
            [(check.status, check.id, check.entity, check.text, check.next) for check in found],
        )
    return health.EXIT[checks.worst(found)]


def _reset(state: Path, passphrase_file: Path | None, as_json: bool) -> int:
    from suar.cli.client import call, running

    if running(state):
        done = call(state, "POST", "/v1/clock/reset")
    else:
        from suar.service.offline import reset_clock

        done = reset_clock(state, read_passphrase(passphrase_file, of=f"the keyring in {state}"))
    emit(done, as_json)
    return 0
