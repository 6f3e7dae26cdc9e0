"""`suar doctor`: what is wrong here, and the next step."""

from pathlib import Path

from suar.cli import tables
from suar.cli.common import command, emit, json_option, state_option


@command("doctor", example="suar doctor --state th")
@state_option
@json_option
def doctor(state: Path, as_json: bool) -> int:
    """Every check with what it found and what to do. Exit 0 ok, 1 warning, 2 critical, 3 unknown.

    With no gateway running it tells what can be seen without one.
    """
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
