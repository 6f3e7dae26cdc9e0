"""`suar token`: tokens of the HTTP API, through the running gateway or directly in the store with the passphrase."""

import sys
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import rich_click as click

from suar.cli.base import tables
from suar.cli.base.client import call, running
from suar.cli.base.common import (
    PathType,
    command,
    emit,
    group,
    json_option,
    keyring_passphrase,
    passphrase_option,
    print_notice,
    state_option,
)
from suar.cli.base.lazy import Table
from suar.cli.base.local_time import dated
from suar.files import read
from suar.protocol.base.errors import Fault
from suar.protocol.base.instants import instant
from suar.service.settings.scopes import ROLES, SCOPES

CODE_MAX: Final = 128  # characters; a longer text is not a code
READS: Final = (
    "warning: the scope read opens everything that your focal point may read, law-enforcement-only and RED included; "
    "register an agency's program with `suar agency add`, which gives it what its sector, kinds and TLP allow"
)

COMMANDS: Final[Table] = {
    "add": ("suar.cli.gateway.token:add", "create a token, which is printed once"),
    "claim": ("suar.cli.gateway.token:claim", "exchange a one-time code for a token of your own"),
    "list": ("suar.cli.gateway.token:list_", "list tokens: names, scopes, roles, and who created and claimed each"),
    "revoke": ("suar.cli.gateway.token:revoke", "revoke a token immediately"),
}
COLUMNS: Final = ("name", "state", "scopes", "roles", "person", "made by", "claimed", "expires", "last used")


@group("token", COMMANDS, example="suar token add desk --scope publish,read --state th")
def token() -> None:
    """Manage the tokens of the HTTP API."""


@command(
    "add",
    example="suar token add second-desk --scope approve,read,acknowledge --role approver --person --state th\n\n"
    "  suar token add prometheus --scope monitor --state th",
)
@click.argument("name")
@click.option("--scope", "scopes", required=True, help=f"One or more of {', '.join(SCOPES)}, separated by commas.")
@click.option(
    "--role", "roles", default="", help=f"Roles for the scope acknowledge: {', '.join(ROLES)}, separated by commas."
)
@click.option(
    "--person",
    is_flag=True,
    help="A single person holds the token; once it is claimed, a message read with it counts as opened by a person.",
)
@click.option("--user", help="The person of the console who holds the token as its single holder.")
@state_option
@passphrase_option
@json_option
def add(
    name: str,
    scopes: str,
    roles: str,
    person: bool,
    user: str | None,
    state: Path,
    passphrase_file: Path | None,
    as_json: bool,
) -> None:
    """Create a token and print it. It is printed only once, because only its hash is stored.

    You have seen the token's secret, so its actions count as yours: it cannot approve what you publish. To let another
    person hold the token, give that person the one-time code that is printed: `suar token claim` exchanges the code for
    a secret that only its holder knows.
    """
    wanted = {"name": name, "scopes": _listed(scopes), "roles": _listed(roles), "person": person, "user": user}
    if running(state):
        made = call(state, "POST", "/v1/tokens", wanted)
    else:
        from suar.service.access.tokens import check
        from suar.service.process.offline import tokens_add

        request = check(name, _listed(scopes), _listed(roles), is_person=person, user=user)
        made = tokens_add(state, keyring_passphrase(state, passphrase_file), request)
    emit(made, as_json, lambda: str(made["token"]))
    print_notice("keep it now: it is not shown again")
    if "read" in made["scopes"]:
        print_notice(READS)
    if made.get("beyond_roles"):
        scopes_named = ", ".join(made["beyond_roles"])
        print_notice(
            f"warning: {user} has no role for {scopes_named} at present: that opens nothing until they have it"
        )
    print_notice(
        f"or give its holder this code, good once until {dated(instant(made['claim_until']))}: {made['claim']}"
    )


@command("claim", example="suar token claim --state th > approver.token")
@click.argument("code", required=False)
@click.option("--code-file", type=PathType, help="A file with the code. Default: a prompt.")
@state_option
@json_option
def claim(code: str | None, code_file: Path | None, state: Path, as_json: bool) -> None:
    """Exchange the one-time CODE that you were given for a token of your own, and print the token once.

    The secret that was created first becomes invalid. From then on, only you hold the token, and its actions count as
    yours alone.
    """
    headers = {"Authorization": f"Bearer {_code(code, code_file)}"}
    made = call(state, "POST", "/v1/tokens/claim", headers=headers)
    emit(made, as_json, lambda: str(made["token"]))
    print_notice(f"this is {made['name']}: keep it now, it is not shown again")


def _code(code: str | None, file: Path | None) -> str:
    """Return the code: from the argument, from a file, or from a prompt."""
    if file is not None:
        code = read(file, "the code's file").decode("ascii", "replace")
    elif code is None:
        if not sys.stdin.isatty():
            raise Fault("the one-time code is missing", "give it as an argument, or name its file with --code-file")
        code = str(click.prompt("one-time code", hide_input=True, err=True))
    text = code.strip()
    if not text.isascii() or not 0 < len(text) <= CODE_MAX or not text.isprintable():
        raise Fault("that is no one-time code", "it begins with suar_claim_ and was printed by `suar token add`")
    return text


@command("list", example="suar token list --state th")
@state_option
@passphrase_option
@json_option
def list_(state: Path, passphrase_file: Path | None, as_json: bool) -> None:
    """List all tokens, including revoked ones, without their secrets. `before` marks tokens that are older than roles
    and the scope admin.

    The time of last use is accurate to the minute.
    """
    rows: Any
    if running(state):
        rows = call(state, "GET", "/v1/tokens")
    else:
        from suar.service.process.offline import tokens_list

        rows = tokens_list(state, keyring_passphrase(state, passphrase_file))
    if as_json:
        emit(rows, as_json)
    else:
        tables.show(COLUMNS, [_row(row) for row in rows])


def _row(row: dict[str, Any]) -> list[Any]:
    made_by = "before" if row["before"] else row["maker"] or ""
    claimed = instant(row["claimed_at"]) if row["claimed_at"] else ""
    person = "yes" if row["person"] else ""
    state = "void" if row.get("void") and row["state"] == "active" else row["state"]
    return [
        row["name"], state, row["scopes"], row["roles"], person, made_by, claimed, instant(row["expires_at"]),
        instant(row["last_used_at"]) if row["last_used_at"] else "never",
    ]  # fmt: skip


def _listed(text: str) -> list[str]:
    return [each.strip() for each in text.split(",") if each.strip()]


@command("revoke", example="suar token revoke desk --state th")
@click.argument("name")
@state_option
@passphrase_option
@json_option
def revoke(name: str, state: Path, passphrase_file: Path | None, as_json: bool) -> None:
    """Revoke a token immediately. Its name cannot be used again."""
    if running(state):
        call(state, "DELETE", f"/v1/tokens/{quote(name, safe='')}")
    else:
        from suar.service.process.offline import tokens_revoke

        if not tokens_revoke(state, keyring_passphrase(state, passphrase_file), name):
            raise Fault(f"no active token is named {tables.plain(name)}", "`suar token list` shows all")
    emit({"name": name, "state": "revoked"}, as_json)
