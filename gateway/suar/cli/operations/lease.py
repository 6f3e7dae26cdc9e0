"""`suar lease`: which gateway of a pair leads."""

from pathlib import Path
from typing import Final

from suar.cli.base.client import call
from suar.cli.base.common import command, emit, group, json_option, print_notice, state_option
from suar.cli.base.lazy import Table

COMMANDS: Final[Table] = {
    "yield": ("suar.cli.operations.lease:yield_", "stop this gateway, so that the standby leads"),
}


@group("lease", COMMANDS, example="suar lease yield --state th")
def lease() -> None:
    """The lease of a store that two gateways share: its holder leads, the other one waits."""


@command("yield", example="suar lease yield --state th")
@state_option
@json_option
def yield_(state: Path, as_json: bool) -> None:
    """Stop this gateway, so that the standby leads. Refused where no standby waits.

    Work in progress is finished first. Its unit starts this gateway again, as the standby.
    """
    done = call(state, "POST", "/v1/lease/yield")
    emit(done, as_json, lambda: f"the lease is given up; it is taken by {' or '.join(done['standby'])}")
    print_notice("this gateway stops now; the other one is ready when its /readyz answers 200")
