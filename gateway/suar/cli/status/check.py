"""`suar check`: the same checks as `suar doctor`, in the formats of monitoring systems."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import rich_click as click

from suar.cli.base.common import command, emit, state_option
from suar.cli.base.tables import plain
from suar.cli.base.terminal import visible

if TYPE_CHECKING:
    from suar.observe.checks.every import Check


@command("check", example="suar check --format nagios --state th")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "nagios", "prometheus"]),
    default="text",
    show_default=True,
    help="The format of the output.",
)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option("--machine", is_flag=True, help="Also check the machine: whether its clock is synchronised.")
@state_option
def check(form: str, as_json: bool, machine: bool, state: Path) -> int:
    """Run the health checks for a monitoring system. Exit codes: 0 ok, 1 warning, 2 critical, 3 unknown."""
    from suar.cli.status import health
    from suar.observe.checks import every as checks

    found = health.checks_of(state)
    if machine:
        from suar.cli.base.machine_clock import clock_synchronised

        found.append(clock_synchronised())
    if as_json or form == "json":
        emit(checks.as_json(found), as_json=True)
    else:
        click.echo(visible(_FORMS[form](found)))
    return health.EXIT[checks.worst(found)]


def _text(found: Sequence["Check"]) -> str:
    """Return a line for each finding, and one for all that need a running gateway when none answers."""
    from suar.cli.status.health import NO_ANSWER

    unseen = [check for check in found if check.status == "unknown" and check.text == NO_ANSWER]
    folded = {check.id for check in unseen} if len(unseen) > 1 else set()
    lines = [
        f"{check.status:8}  {check.id}  {check.entity}  {plain(check.text)}"
        for check in found
        if check.id not in folded
    ]
    if folded:
        lines.append(f"{'unknown':8}  {len(unseen)} other checks  {unseen[0].entity}  {NO_ANSWER}")
    return "\n".join(lines)


def _nagios(found: Sequence["Check"]) -> str:
    """Return one line: the state, the number of checks of each, and what is not well, without consequences of
    something else.
    """
    from suar.observe.checks import every as checks

    causes = [check for check in checks.folded(found) if check.because is None or check.id == "gateway-running"]
    bad = [f"{check.id}: {plain(check.text)}" for check in causes if check.status != "ok"]
    worst = list(checks.worst_by_id(found).values())
    counts = " ".join(f"{status}={worst.count(status)}" for status in checks.STATUSES)
    # a bar begins Nagios' performance data
    text = "; ".join(bad).replace("|", "/") or "all checks are well"
    return f"SUAR {checks.worst(found).upper()} - {text} | {counts}"


def _prometheus(found: Sequence["Check"]) -> str:
    """Return the gauge of /metrics, for the text file collector."""
    from suar.observe.checks import every as checks

    lines = ["# HELP suar_check_status 0 ok, 1 warning, 2 critical, 3 unknown.", "# TYPE suar_check_status gauge"]
    worst = checks.worst_by_id(found)
    lines += [f'suar_check_status{{check="{name}"}} {checks.STATUSES.index(status)}' for name, status in worst.items()]
    return "\n".join(lines)


_FORMS: Final[dict[str, Callable[[Sequence["Check"]], str]]] = {
    "text": _text,
    "nagios": _nagios,
    "prometheus": _prometheus,
}
