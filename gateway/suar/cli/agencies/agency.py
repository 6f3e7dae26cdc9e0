"""`suar agency`: agencies that read this member's feed, through the running gateway."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import rich_click as click

from suar.cli.base import tables
from suar.cli.base.client import call
from suar.cli.base.common import Day, command, emit, group, json_option, print_notice, state_option
from suar.cli.base.lazy import Table
from suar.cli.base.local_time import dated
from suar.federation.plan import AGENCY_RELOAD, agency_text
from suar.protocol.base.errors import Fault

F = TypeVar("F", bound=Callable[..., Any])
COMMANDS: Final[Table] = {
    "add": ("suar.cli.agencies.agency:add", "register an agency; its token is shown once"),
    "list": ("suar.cli.agencies.agency:list_", "what each is registered for, its state, its last call"),
    "show": ("suar.cli.agencies.agency:show", "one agency"),
    "change": ("suar.cli.agencies.agency:change", "its nkey at the own NATS server; whether it may propose"),
    "rotate": ("suar.cli.agencies.agency:rotate", "create another token; the previous one is valid for a day"),
    "suspend": ("suar.cli.agencies.agency:suspend", "let it read nothing until it is resumed"),
    "resume": ("suar.cli.agencies.agency:resume", "let a suspended agency read again"),
    "revoke": ("suar.cli.agencies.agency:revoke", "end a registration for good"),
    "webhook": ("suar.cli.agencies.webhooks:webhook", "where its events are sent, how that goes; another secret"),
    "test": ("suar.cli.agencies.webhooks:try_", "send a test event to its webhook"),
    "replay": ("suar.cli.agencies.webhooks:replay", "send events to its webhook, or at the NATS server, again"),
}
COLUMNS: Final = (
    "name", "state", "sector", "kinds", "highest TLP", "realm", "automated", "proposes", "expires", "last used",
)  # fmt: skip


@group(
    "agency",
    COMMANDS,
    example="suar agency add health --sector health --kinds trend,pattern --max-tlp GREEN --state th",
)
def agency() -> None:
    """Agencies of this member that read its feed, each by a token of its own: what the policy gives its registration.

    An agency's token reads the doors of agencies, with --propose it also proposes drafts, and does nothing else:
    docs/agencies.md.
    """


expires_option = click.option(
    "--expires", type=Day(), metavar="DATE", help="When the registration ends; at most as long as a token lasts."
)
name_argument = click.argument("name", metavar="NAME")


@command("add", example="suar agency add health --sector health --kinds trend,pattern --max-tlp GREEN --state th")
@name_argument
@click.option("--sector", required=True, help="Of the code list sector, such as health or law-enforcement.")
@click.option("--kinds", required=True, metavar="K,K", help="Kinds of message that it may read, with commas between.")
@click.option("--max-tlp", required=True, metavar="T", help="The highest TLP that it may read: CLEAR, GREEN or AMBER.")
@click.option(
    "--realm", type=click.Choice(["actual", "exercise", "all"]), default="actual", show_default=True,
    help="The realms in which it takes part; exercise is a sandbox that sees only drills.",
)  # fmt: skip
@click.option("--automated", is_flag=True, help="It decides about people with no person between.")
@click.option("--webhook", metavar="URL", help="Where its events are sent, signed: https://HOST[:PORT]/PATH.")
@click.option("--propose", is_flag=True, help="It may propose drafts to the focal point: `suar proposals`.")
@expires_option
@click.option("--nkey", metavar="PUBLIC", help="The public nkey (U...) of its user at the own NATS server.")
@state_option
@json_option
def add(
    name: str, sector: str, kinds: str, max_tlp: str, realm: str, automated: bool, propose: bool,
    webhook: str | None,
    expires: str | None, nkey: str | None, state: Path, as_json: bool,
) -> None:  # fmt: skip
    """Register an agency and print its token: this once, since only its hash is kept.

    With --webhook the secret by which its receiver verifies what is sent is on a second line, this once, too.
    With --nkey it also reads at the own NATS server, once its user is in the NATS plan: what to enter is printed.
    """
    wanted = {
        "name": name, "sector": sector, "kinds": [each.strip() for each in kinds.split(",") if each.strip()],
        "max_tlp": max_tlp, "realm": realm, "automated": automated, "propose": propose,
        "expires": expires, "webhook": webhook, "nkey": nkey,
    }  # fmt: skip
    made = call(state, "POST", "/v1/agencies", wanted)
    emit(made, as_json, lambda: "\n".join(filter(None, (made["token"], made["webhook_secret"]))))
    print_notice(f"keep it now: it is not shown again; it is good until {dated(made['expires'])}")
    if nkey is not None:
        _print_plan_entry(name, nkey)


def _print_plan_entry(name: str, nkey: str) -> None:
    """Print what the operator of the NATS server does next."""
    print_notice("into `agencies` of this member's entry in the NATS plan:")
    print_notice(f"  {agency_text(name, nkey)}")
    print_notice(
        "then render the configuration and have the server read it twice, since the first time makes no imports:"
    )
    for line in AGENCY_RELOAD:
        print_notice(f"  {line}")


@command("list", example="suar agency list --state th")
@state_option
@json_option
def list_(state: Path, as_json: bool) -> None:
    """List all agencies, including revoked ones; no token is shown."""
    rows: list[dict[str, Any]] = call(state, "GET", "/v1/agencies")
    if as_json:
        emit(rows, as_json)
    elif not rows:
        emit("no agency is registered", as_json)
    else:
        tables.show(COLUMNS, [_cells(row) for row in rows])


def _cells(row: dict[str, Any]) -> list[object]:
    automated, proposes = ("yes" if row[name] else "" for name in ("automated", "propose"))
    return [
        row["name"], row["state"], row["sector"], row["kinds"], row["max_tlp"], row["realm"], automated, proposes,
        row["expires"], row["last_used"] or "never",
    ]  # fmt: skip


@command("show", example="suar agency show health --state th")
@name_argument
@state_option
@json_option
def show(name: str, state: Path, as_json: bool) -> None:
    """Show one agency: its registration, its state, its last call."""
    emit(call(state, "GET", path_of(name)), as_json)


@command("change", example="suar agency change health --propose --state th")
@name_argument
@click.option(
    "--nkey", metavar="PUBLIC", help="The public nkey (U...) of its user at the own NATS server, from now on."
)
@click.option("--no-nkey", is_flag=True, help="It reads there no longer.")
@click.option("--propose/--no-propose", default=None, help="It may propose drafts to the focal point, or no more.")
@state_option
@json_option
def change(name: str, nkey: str | None, no_nkey: bool, propose: bool | None, state: Path, as_json: bool) -> None:
    """Set, replace or remove an agency's nkey; allow it to propose drafts, or not.

    With another nkey it continues where it is, once the NATS plan has it: what to enter is printed.
    """
    if nkey is not None and no_nkey:
        raise click.UsageError("give one of --nkey and --no-nkey")
    wanted: dict[str, object] = {} if propose is None else {"propose": propose}
    if nkey is not None or no_nkey:
        wanted["nkey"] = nkey
    if not wanted:
        raise click.UsageError("give what is to be changed: --nkey, --no-nkey, --propose or --no-propose")
    emit(call(state, "POST", path_of(name), wanted), as_json)
    if nkey is not None:
        _print_plan_entry(name, nkey)
    elif no_nkey:
        print_notice("take its user out of `agencies` in the NATS plan, render the configuration and have it read")


@command("rotate", example="suar agency rotate health --state th")
@name_argument
@expires_option
@state_option
@json_option
def rotate(name: str, expires: str | None, state: Path, as_json: bool) -> None:
    """Print another token for an agency. The previous one is valid for 24 hours more.

    The end of the registration does not change, unless --expires names another day.
    """
    made = call(state, "POST", f"{path_of(name)}/rotate", {"expires": expires})
    emit(made, as_json, lambda: str(made["token"]))
    print_notice(f"keep it now: it is not shown again; it is good until {dated(made['expires'])}")
    print_notice(f"the token before it is good until {dated(made['old_token_until'])}")


@command("suspend", example="suar agency suspend health --state th")
@name_argument
@state_option
@json_option
def suspend(name: str, state: Path, as_json: bool) -> None:
    """Stop an agency from reading until it is resumed. Its open feeds end within a second."""
    emit(call(state, "POST", f"{path_of(name)}/suspend"), as_json)


@command("resume", example="suar agency resume health --state th")
@name_argument
@state_option
@json_option
def resume(name: str, state: Path, as_json: bool) -> None:
    """Let a suspended agency read again. It continues where it stopped."""
    emit(call(state, "POST", f"{path_of(name)}/resume"), as_json)


@command("revoke", example="suar agency revoke health --state th")
@name_argument
@state_option
@json_option
def revoke(name: str, state: Path, as_json: bool) -> None:
    """End the registration of an agency permanently. Its open feeds end within a second; its name is not used again."""
    emit(call(state, "DELETE", path_of(name)), as_json)


def path_of(name: str) -> str:
    """Return the address of an agency. Raises Fault for an invalid name."""
    if not name.isascii() or not name.replace("-", "").replace("_", "").isalnum():
        raise Fault("that is no name of an agency", "`suar agency list` shows all")
    return f"/v1/agencies/{name}"
