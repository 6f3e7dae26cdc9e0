"""`suar console`: who may sign in at the console, decided by who runs commands on this machine."""

import os
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import rich_click as click

from suar.cli.base.client import call, running
from suar.cli.base.common import (
    command,
    emit,
    group,
    json_option,
    keyring_passphrase,
    passphrase_option,
    print_notice,
    state_option,
)
from suar.cli.base.confirmation import ask, yes_option
from suar.cli.base.lazy import Table
from suar.protocol.base.errors import Fault
from suar.service.people.roles import PERSON_ROLES

COMMANDS: Final[Table] = {
    "invite": ("suar.cli.gateway.people.console:invite", "invite a person; prints a link that works once"),
    "list": ("suar.cli.gateway.people.console:list_people", "who there is, with state and roles"),
    "confirm": (
        "suar.cli.gateway.people.console:confirm",
        "confirm what a coordinator asked for, as the second person",
    ),
    "recover": (
        "suar.cli.gateway.people.console:recover",
        "a new link for a person who lost password or authenticator",
    ),
}


@group("console", COMMANDS, example="suar console invite maria --name 'Maria Reyes' --roles coordinator --state ph")
def console() -> None:
    """People of the console: docs/console.md."""


@command(
    "invite",
    example="suar console invite maria --name 'Maria Reyes' --roles coordinator,author --lang fil --state ph",
)
@click.argument("user")
@click.option("--name", required=True, help="The person's name, as colleagues see it.")
@click.option("--roles", required=True, help=f"Of {', '.join(PERSON_ROLES)}, with commas between.")
@click.option("--lang", default="en", help="The language of their pages.")
@click.option("--agency", default="", help="The agency for which the person reads; without it, our focal point.")
@state_option
@passphrase_option
@json_option
def invite(
    user: str, name: str, roles: str, lang: str, agency: str, state: Path, passphrase_file: Path | None, as_json: bool
) -> None:
    """Invite a person and print their link: it works once, for 72 hours, and is not shown again.

    The person chooses a password and sets up an authenticator. The first coordinator is invited here; a coordinator
    invites the others in the console.
    """
    wanted = [each.strip() for each in roles.split(",") if each.strip()]
    if running(state):
        body = {"id": user, "name": name, "roles": wanted, "lang": lang, "agency": agency}
        made = call(state, "POST", "/v1/console/people", body)
    else:
        from suar.service.process.offline import console_invite

        link = console_invite(state, keyring_passphrase(state, passphrase_file), user, name, wanted, lang, agency)
        made = {"id": user, "link": link}
    _print(made, state, as_json)


@command("list", example="suar console list --state ph")
@state_option
@passphrase_option
@json_option
def list_people(state: Path, passphrase_file: Path | None, as_json: bool) -> None:
    """List the people of the console: who they are, what they may do, and what waits for a confirmation."""
    if running(state):
        found = call(state, "GET", "/v1/console/people")
    else:
        from suar.service.process.offline import console_people

        found = console_people(state, keyring_passphrase(state, passphrase_file))
    rows = [{name: each[name] for name in ("id", "name", "state", "roles", "pending")} for each in found]
    emit(
        rows,
        as_json,
        lambda: "\n".join(map(_person_line, rows)) or "nobody yet: `suar console invite` invites the first one",
    )


@command("confirm", example="suar console confirm jose --state ph")
@click.argument("user")
@yes_option
@state_option
@passphrase_option
@json_option
def confirm(user: str, yes: bool, state: Path, passphrase_file: Path | None, as_json: bool) -> None:
    """Confirm as the second person what a coordinator requested about USER, if there is only one coordinator."""
    _decide(user, "confirm", state, passphrase_file, as_json, yes=yes)


@command("recover", example="suar console recover maria --state ph")
@click.argument("user")
@yes_option
@state_option
@passphrase_option
@json_option
def recover(user: str, yes: bool, state: Path, passphrase_file: Path | None, as_json: bool) -> None:
    """Print a new link for USER: until it is used, password and authenticator open nothing, and all sessions end."""
    _decide(user, "recover", state, passphrase_file, as_json, yes=yes)


def _decide(user: str, act: str, state: Path, passphrase_file: Path | None, as_json: bool, *, yes: bool) -> None:
    """Show the person and what waits, ask for confirmation, then decide about exactly that."""
    if running(state):
        path = f"/v1/console/people/{quote(user, safe='')}"
        found = call(state, "GET", path)
        _show(found, act, yes=yes)
        made = call(state, "POST", f"{path}/{act}", params={"digest": found["digest"]})
    else:
        from suar.service.process.offline import console_decide, console_person

        passphrase = keyring_passphrase(state, passphrase_file)
        offline = console_person(state, passphrase, user)
        if offline is None:
            raise Fault("there is no such person", "`suar console list` shows all")
        _show(offline, act, yes=yes)
        made = {"id": user, "link": console_decide(state, passphrase, user, act, offline["digest"])}
    _print(made, state, as_json)


def _person_line(person: dict[str, Any]) -> str:
    waits = f"; {person['pending']} waits for a confirmation" if person["pending"] else ""
    return f"{_access(person)}{waits} ({person['name']})"


def _show(person: dict[str, Any], act: str, *, yes: bool) -> None:
    line = _access(person)
    if person["pending"]:
        line += f"; {person['pending']} asked by {person['pending_by']}: roles {_roles(person['pending_roles'])}"
    print_notice(f"{line} ({person['name']})")
    ask(f"{act}?", yes=yes)


def _access(person: dict[str, Any]) -> str:
    """Return the line without the name, which a coordinator chose: it is last, where it imitates no state
    and no role.
    """
    return f"{person['id']}: {person['state']}, roles {_roles(person['roles'])}"


def _roles(roles: list[str]) -> str:
    return ", ".join(roles) or "none"


def _print(made: dict[str, Any], state: Path, as_json: bool) -> None:
    """Print the link as an address: of console.origin, else of the gateway that runs."""
    from suar.service.settings.config import load

    config = load(state, os.environ)
    address = running(state)
    base = config.console.origin or (address.url if address else f"http://{config.http.listen}")
    url = f"{base}/console/join/{made['link']}" if made["link"] else None
    emit({"id": made["id"], "url": url}, as_json, lambda: url or f"{made['id']}: done")
    if url:
        print_notice("hand it over by a trusted channel: it works once, for 72 hours, and is not shown again")
