"""`suar doctor`: problems of this gateway and the next step for each."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import rich_click as click

from suar.cli.base.common import command, emit, json_option, keyring_passphrase, passphrase_option, state_option
from suar.cli.base.tables import plain

if TYPE_CHECKING:
    from suar.observe.checks.every import Check
    from suar.observe.checks.folding import Group

NAMED_MAX: Final = 8  # consequences that are named one by one


@command("doctor", example="suar doctor --state th")
@click.option("--reset-clock", is_flag=True, help="Forget the time of a clock that was ahead and is now corrected.")
@state_option
@passphrase_option
@json_option
def doctor(reset_clock: bool, state: Path, passphrase_file: Path | None, as_json: bool) -> int:
    """Show the problems of this gateway by cause, with their consequences and one next step for each cause.

    Exit codes: 0 ok, 1 warning, 2 critical, 3 unknown. If no gateway is running, the command reports what can be
    determined without one. `suar check` prints one line for every check.
    """
    if reset_clock:
        return _reset(state, passphrase_file, as_json)
    from suar.cli.status import health
    from suar.observe.checks import every as checks

    found = health.checks_of(state, passphrase_file)
    emit(checks.as_json(found), as_json, lambda: "\n".join(_lines(found)))
    return health.EXIT[checks.worst(found)]


def _lines(found: "Sequence[Check]") -> Iterator[str]:
    from suar.observe.checks.every import FOLDER, worst_by_id
    from suar.observe.checks.folding import groups

    for group in groups(found):
        yield from _group(group)
    worst = worst_by_id(found)
    every, of_folder, well = len(worst), len(worst.keys() & {*FOLDER}), list(worst.values()).count("ok")
    yield f"ok        {well} checks of {every} ({every - of_folder} of the gateway, {of_folder} of its folder)"


def _group(group: "Group") -> Iterator[str]:
    cause, follows = group
    about = "" if cause.entity == "gateway" else f" ({plain(cause.entity)})"
    yield f"{cause.status:8}  {cause.id}{about}: {plain(cause.text)}"
    if cause.next:
        yield f"          next: {plain(cause.next)}"
    unseen = [check for check in follows if check.status == "unknown"]
    for check in [check for check in follows if check.status != "unknown"][:NAMED_MAX]:
        yield f"          so also {check.id}: {plain(check.text)}"
    further = len(follows) - len(unseen) - NAMED_MAX
    if further > 0:
        yield f"          and {further} more: `suar check`"
    if unseen:
        yield f"          until then not known: {_named(unseen)}"


def _named(unseen: "Sequence[Check]") -> str:
    names = list(dict.fromkeys(check.id for check in unseen))
    return ", ".join(names) if len(names) <= NAMED_MAX else f"{len(names)} other checks"


def _reset(state: Path, passphrase_file: Path | None, as_json: bool) -> int:
    from suar.cli.base.client import call, running

    if running(state):
        done = call(state, "POST", "/v1/clock/reset")
    else:
        from suar.service.process.offline import reset_clock

        done = reset_clock(state, keyring_passphrase(state, passphrase_file))
    emit(done, as_json)
    return 0
