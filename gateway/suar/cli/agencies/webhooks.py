"""`suar agency webhook`, `test` and `replay`: where the events of an agency are sent, and undelivered events."""

from pathlib import Path
from typing import Any, Final

import rich_click as click

from suar.cli.agencies.agency import name_argument, path_of
from suar.cli.base import tables
from suar.cli.base.client import call
from suar.cli.base.common import command, emit, json_option, print_notice, state_option
from suar.cli.base.local_time import dated
from suar.protocol.base.errors import Fault

COLUMNS: Final = ("dead letter", "rev", "first sent", "attempts", "outcome")


@command("webhook", example="suar agency webhook health --url https://cases.health.example/suar --state th")
@name_argument
@click.option("--url", metavar="URL", help="Let it go there: https://HOST[:PORT]/PATH.")
@click.option("--rotate", is_flag=True, help="Print another secret; for 24 hours the previous one also signs.")
@click.option("--remove", is_flag=True, help="End it, with all that waits for it.")
@state_option
@json_option
def webhook(name: str, url: str | None, rotate: bool, remove: bool, state: Path, as_json: bool) -> None:
    """Show an agency's webhook and the abandoned events, or change it by one of the options.

    digest: of the address and the last rotation; a later change with it is done only if neither changed meanwhile.
    stopped: when the receiver ended it with 410, if it did.
    """
    if sum((url is not None, rotate, remove)) > 1:
        raise click.UsageError("give one of --url, --rotate and --remove")
    address = f"{path_of(name)}/webhook"
    if url is not None:
        made = call(state, "POST", address, {"url": url})
        emit(made, as_json, lambda: str(made["webhook_secret"] or made["url"]))
        if made["webhook_secret"]:
            print_notice("keep the secret now: it is not shown again")
    elif rotate:
        made = call(state, "POST", f"{address}/rotate")
        emit(made, as_json, lambda: str(made["webhook_secret"]))
        print_notice("keep the secret now: it is not shown again")
        print_notice(f"the secret before it signs, too, until {dated(made['old_secret_until'])}")
    elif remove:
        emit(call(state, "DELETE", address), as_json)
    else:
        _show(name, state, as_json=as_json)


def _show(name: str, state: Path, *, as_json: bool) -> None:
    found = call(state, "GET", path_of(name))["webhook"]
    if found is None:
        raise Fault("the agency has no webhook", f"`suar agency webhook {name} --url URL` sets one")
    dead: list[dict[str, Any]] = call(state, "GET", f"{path_of(name)}/webhook/dead-letters")
    if as_json:
        emit(found | {"dead": dead}, as_json)
        return
    emit(found, as_json)
    if dead:
        tables.show(COLUMNS, [[row["id"], row["rev"], row["first"], row["tries"], row["outcome"]] for row in dead])


@command("test", example="suar agency test health --state th")
@name_argument
@state_option
@json_option
def try_(name: str, state: Path, as_json: bool) -> None:
    """Send a test event to an agency's webhook. If the receiver accepts it, a stopped or failed webhook continues."""
    made = call(state, "POST", f"{path_of(name)}/webhook/test")
    emit(made, as_json)
    if not made["delivered"]:
        raise Fault(f"the test event did not arrive: {made['outcome']}", "docs/agencies/webhooks.md lists the outcomes")


@command("replay", example="suar agency replay health --dead --state th")
@name_argument
@click.option(
    "--from", "position", metavar="POSITION", help="Send what follows this position in the agency's feed, or beginning."
)
@click.option("--dead", is_flag=True, help="Send what was abandoned after 72 hours; the default without --from.")
@click.option("--nats", is_flag=True, help="Publish what follows --from at the own NATS server again.")
@state_option
@json_option
def replay(name: str, position: str | None, dead: bool, nats: bool, state: Path, as_json: bool) -> None:
    """Send events to an agency's webhook again, or with --nats to its stream; each under its earlier id."""
    if dead and (position is not None or nats):
        raise click.UsageError("give one of --from and --dead; --nats goes with --from")
    if nats and position is None:
        raise click.UsageError("--nats goes with --from")
    wanted = {"from": position, "door": "nats" if nats else "webhook"}
    emit(call(state, "POST", f"{path_of(name)}/replay", wanted), as_json)
    door = "into its stream at the own NATS server" if nats else "to its webhook"
    which = "what was abandoned" if position is None else "what follows that position"
    print_notice(f"{which} is sent {door} from now on, in order; `suar agency show {name}` shows how far it is")
