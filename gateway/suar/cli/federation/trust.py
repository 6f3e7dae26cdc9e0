"""`suar trust`: the trust lists of a gateway, from the running gateway or directly from the store."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import rich_click as click

from suar.cli.base import tables
from suar.cli.base.client import call, fetch, running
from suar.cli.base.common import (
    Hash,
    PathType,
    command,
    emit,
    group,
    json_option,
    passphrase_option,
    print_notice,
    read_passphrase,
    state_option,
)
from suar.cli.base.lazy import Table
from suar.cli.base.local_time import dated
from suar.cli.base.terminal import in_words
from suar.files import PRIVATE, atomic_write, read

COMMANDS: Final[Table] = {
    "import": ("suar.cli.federation.trust:import_", "import trust lists"),
    "export": ("suar.cli.federation.trust:export", "export all trust lists and Revokes to a file"),
    "show": ("suar.cli.federation.trust:show", "show what the gateway trusts now, and for how long"),
}


@group("trust", COMMANDS, example="suar trust show --state th")
def trust() -> None:
    """Manage the trust lists that this gateway uses."""


@command("import", example="suar trust import 1.list --pin 9c1f... --state th")
@click.argument("files", type=PathType, nargs=-1, required=True, metavar="FILE...")
@click.option("--pin", type=Hash(), help="The pin of the first list, compared with two key holders by telephone.")
@state_option
@passphrase_option
@json_option
def import_(
    files: tuple[Path, ...], pin: bytes | None, state: Path, passphrase_file: Path | None, as_json: bool
) -> None:
    """Import trust lists in order; a running gateway also publishes them to the other members."""
    lists = [read(path, "the list") for path in files]
    from suar.federation.summary import grouped

    answer = _import(state, passphrase_file, lists, pin)
    emit(answer if as_json else {**answer, "hash": grouped(answer["hash"])}, as_json)
    done = "nothing changed: this list is in force, or an earlier one" if answer.get("result") == "noop" else "imported"
    print_notice(f"{done}; `suar trust show` lists the members")


@command("export", example="suar trust export -o now.trust --state th")
@click.option("-o", "--output", type=PathType, required=True, help="The file to write.")
@state_option
@passphrase_option
def export(output: Path, state: Path, passphrase_file: Path | None) -> None:
    """Export every trust list and Revoke that the gateway holds, for `suar evidence verify --trust --revokes`."""
    if running(state):
        data = fetch(state, "/v1/trust/history")
    else:
        from suar.service.process.offline import trust_file

        data = trust_file(state, read_passphrase(passphrase_file, of="the keyring"))
    atomic_write(output, data, PRIVATE)
    print_notice(f"{len(data):,} bytes written")


@command("show", example="suar trust show --json --state th")
@state_option
@passphrase_option
@json_option
def show(state: Path, passphrase_file: Path | None, as_json: bool) -> None:
    """Show what the gateway trusts now: the list's version, the members, their keys and the days that remain."""
    if running(state):
        facts = call(state, "GET", "/v1/trust")
    else:
        from suar.service.process.offline import trust_summary

        facts = trust_summary(state, read_passphrase(passphrase_file, of="the keyring"))
    emit(facts, as_json, lambda: "\n".join(_lines(facts)))


def _lines(facts: dict[str, Any]) -> Iterator[str]:
    from suar.federation.summary import grouped

    if not facts["version"]:
        yield "no trust list yet: get it from the key holders, then `suar trust import FILE --pin HASH`"
        return
    for name in ("version", "hash", "federation", "issued", "expires", "days_left", "threshold"):
        yield f"{name:10}  {grouped(facts[name]) if name == 'hash' else in_words(facts[name])}"
    yield "roots"
    yield from (f"  {grouped(root['kid'])}  {tables.plain(root['holder'])}" for root in facts["roots"])
    yield "members"
    for member in facts["members"]:
        rights = f"(publish {' '.join(member['publish'])}, read {' '.join(member['read'])})"
        yield f"  {member['code']}  {member['status']:9}  {tables.plain(member['name'])}  {rights}"
        for key in member["keys"]:
            window = f"{dated(key['not_before'])} to {dated(key['not_after'])}{'  revoked' * key['revoked']}"
            yield f"      {grouped(key['kid'])}  {window}"
    if facts["revokes"]:
        yield "revoked by a Revoke of their own"
        yield from (f"  {grouped(kid)}" for kid in facts["revokes"])


def _import(state: Path, passphrase_file: Path | None, lists: list[bytes], pin: bytes | None) -> Any:
    if not running(state):
        from suar.service.process.offline import import_lists

        return import_lists(state, read_passphrase(passphrase_file, of="the keyring"), lists, pin)
    answer: Any = None
    for index, data in enumerate(lists):
        params = {"pin": pin.hex()} if pin and index == 0 else None
        answer = call(state, "POST", "/v1/trust", data, params=params)
    return answer
