"""`suar keys`: this gateway's keys and their times."""

from pathlib import Path
from typing import Any, Final

from suar.cli.base import tables
from suar.cli.base.client import call, running
from suar.cli.base.common import command, emit, group, json_option, keyring_passphrase, passphrase_option, state_option
from suar.cli.base.lazy import Table

COMMANDS: Final[Table] = {
    "show": ("suar.cli.gateway.keys:show", "show the keys and their periods of validity"),
    "rotate": ("suar.cli.gateway.keys:rotate", "create and publish a new key bundle now"),
}
COLUMNS: Final = ("key", "state", "not_before", "not_after", "kid")


@group("keys", COMMANDS, example="suar keys show --state th")
def keys() -> None:
    """Show and rotate the keys of this gateway."""


@command("show", example="suar keys show --state th")
@state_option
@passphrase_option
@json_option
def show(state: Path, passphrase_file: Path | None, as_json: bool) -> None:
    """Show the identity keys and the current key bundle, with their periods of validity."""
    rows: Any
    if running(state):
        rows = call(state, "GET", "/v1/keys")
    else:
        from suar.service.process.offline import keys as offline_keys

        rows = offline_keys(state, keyring_passphrase(state, passphrase_file))
    if as_json:
        emit(rows, as_json)
    else:
        from suar.federation.summary import grouped

        shown = [{**row, "kid": grouped(row["kid"])} for row in rows]
        tables.show(COLUMNS, [[row.get(name) for name in COLUMNS] for row in shown])


@command("rotate", example="suar keys rotate --state th")
@state_option
@json_option
def rotate(state: Path, as_json: bool) -> None:
    """Create and publish a new key bundle now. The gateway does this automatically once a day."""
    from suar.federation.summary import grouped

    made: Any = call(state, "POST", "/v1/keys/rotate")
    emit(made, as_json, lambda: f"kid  {grouped(made['kid'])}")
