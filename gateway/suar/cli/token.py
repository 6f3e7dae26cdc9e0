"""`suar token`: tokens of the HTTP API. A running gateway is asked; else the store is opened with the passphrase."""

from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import rich_click as click

from suar.cli import tables
from suar.cli.client import call, running
from suar.cli.common import command, emit, group, json_option, passphrase_option, read_passphrase, say, state_option
from suar.cli.lazy import Table
from suar.protocol.errors import Fault

COMMANDS: Final[Table] = {
    "add": ("suar.cli.token:add", "make a token; it is shown once"),
    "list": ("suar.cli.token:list_", "names and scopes"),
    "revoke": ("suar.cli.token:revoke", "end a token at once"),
}


@group("token", COMMANDS, example="suar token add desk --scope publish,read --state th")
def token() -> None:
    """Tokens of the HTTP API."""


@command("add", example="suar token add desk --scope publish,read --state th")
@click.argument("name")
@click.option("--scope", "scopes", required=True, help="Of publish, approve, read, operate, with commas between.")
@state_option
@passphrase_option
@json_option
def add(name: str, scopes: str, state: Path, passphrase_file: Path | None, as_json: bool) -> None:
    """Make a token and print it: this once, since only its hash is kept."""
    wanted = [scope.strip() for scope in scopes.split(",")]
    if running(state):
        made = call(state, "POST", "/v1/tokens", {"name": name, "scopes": wanted})
    else:
        from suar.service.offline import tokens_add

        text = tokens_add(state, _passphrase(state, passphrase_file), name, wanted)
        made = {"name": name, "scopes": wanted, "token": text}
    emit(made, as_json, lambda: str(made["token"]))
    say("keep it now: it is not shown again")


@command("list", example="suar token list --state th")
@state_option
@passphrase_option
@json_option
def list_(state: Path, passphrase_file: Path | None, as_json: bool) -> None:
    """All tokens, revoked ones too; none is shown."""
    rows: Any
    if running(state):
        rows = call(state, "GET", "/v1/tokens")
    else:
        from suar.service.offline import tokens_list

        rows = tokens_list(state, _passphrase(state, passphrase_file))
    if as_json:
        emit(rows, as_json)
    else:
        tables.show(("name", "state", "scopes"), [(row["name"], row["state"], row["scopes"]) for row in rows])


@command("revoke", example="suar token revoke desk --state th")
@click.argument("name")
@state_option
@passphrase_option
@json_option
def revoke(name: str, state: Path, passphrase_file: Path | None, as_json: bool) -> None:
    """End a token at once. Its name is not used again."""
    if running(state):
        call(state, "DELETE", f"/v1/tokens/{quote(name, safe='')}")
    else:
        from suar.service.offline import tokens_revoke

        if not tokens_revoke(state, _passphrase(state, passphrase_file), name):
            raise Fault(f"no active token is named {tables.plain(name)}", "`suar token list` shows all")
    emit({"name": name, "state": "revoked"}, as_json)


def _passphrase(state: Path, file: Path | None) -> bytes:
    return read_passphrase(file, of=f"the keyring in {state}")
