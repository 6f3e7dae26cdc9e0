"""`suar evidence`: prove one message to a third party offline."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import rich_click as click

from suar.cli.base.common import (
    Hash,
    PathType,
    command,
    emit,
    group,
    id_argument,
    json_option,
    passphrase_option,
    print_notice,
    read_passphrase,
    state_option,
)
from suar.cli.base.lazy import Table
from suar.files import PRIVATE, atomic_write, read
from suar.protocol.base.errors import Fault
from suar.protocol.base.exercise import BANNER, is_exercise, marked
from suar.protocol.base.instants import instant

if TYPE_CHECKING:
    from suar.protocol.files.proof import Proved

COMMANDS: Final[Table] = {
    "export": ("suar.cli.messages.evidence:export", "write what proves a message into a file"),
    "verify": ("suar.cli.messages.evidence:verify", "judge such a file; needs nothing but the pin"),
}


@group("evidence", COMMANDS, example="suar evidence verify alert.evidence --pin HASH")
def evidence() -> None:
    """Prove a message to an outsider, offline."""


@command("export", example="suar evidence export TH-ALERT-2027-000042 -o alert.evidence --state th")
@id_argument
@click.option("--rev", type=click.IntRange(1), help="This revision; else the latest.")
@click.option("-o", "--output", type=PathType, required=True, help="The file.")
@state_option
@passphrase_option
def export(id_: str, rev: int | None, output: Path, state: Path, passphrase_file: Path | None) -> None:
    """Write a message of ours or to us with all that proves it: frame, epoch, trust lists, the others' receipts.

    The file shows this message in clear, so its marking binds whoever gets it. No other message of the frame can be
    read with it. Export within a month: then the keys that the proof is made with are erased.
    """
    from suar.cli.base.client import fetch, running

    if running(state):
        params = {"rev": str(rev)} if rev else None
        data = fetch(state, f"/v1/messages/{quote(id_, safe='')}/evidence", params=params)
    else:
        from suar.service.process.offline import export_evidence

        found = export_evidence(state, read_passphrase(passphrase_file, of=f"the keyring in {state}"), id_, rev)
        if found is None:
            raise Fault(f"there is no message {id_} that may be shown here", f"`suar inbox --state {state}` lists them")
        data = found.data
    atomic_write(output, data, PRIVATE)
    print_notice(f"{len(data):,} bytes written")


@command("verify", example="suar evidence verify alert.evidence --pin HASH --message alert.json")
@click.argument("file", type=PathType)
@click.option("--pin", type=Hash(), required=True, help="The hash of a trust list, known from the federation itself.")
@click.option("--message", type=PathType, help="Write the message as it was signed into this file.")
@json_option
def verify(file: Path, pin: bytes, message: Path | None, as_json: bool) -> None:
    """Say who signed the message, when, to whom, and who confirmed it; or name the part that is wrong.

    Needs no state folder and no network. The pin must come from elsewhere than the file: by telephone, or as published.
    """
    from suar.protocol.files.evidence import Unproved
    from suar.protocol.files.proof import verify as judge

    try:
        proved = judge(read(file, "the evidence"), pin)
    except Unproved as found:
        hint = "docs/evidence.md has the numbered checks; ask for the file again, from who exported it"
        raise Fault(f"{file} proves nothing: {found.part}: {found.text} [{found.step}]", hint) from None
    if message:
        atomic_write(message, proved.data, PRIVATE)
    shown = summary(proved)
    emit(shown, as_json, lambda: "\n".join(_lines(shown)))


def summary(proved: "Proved") -> dict[str, Any]:
    """What a file proves, as `--json` has it."""
    from msgspec import UNSET

    from suar.protocol.message.messages import kind_of
    from suar.protocol.transport.content import digest

    message, origin = proved.message, proved.origin
    return {
        "proved": True, "id": message.id, "rev": message.rev, "kind": kind_of(message), "status": message.status,
        "origin": origin.code, "name": origin.name, "tlp": message.tlp, "digest": digest(proved.data).hex(),
        "trust": {"pinned": proved.pinned, "last": proved.lists[-1].version},
        "frames": [
            {
                "hash": each.hash.hex(), "channel": each.epoch.epoch.channel, "at": instant(each.parsed.ts),
                "place": each.place, "messages": each.parsed.count, "key": each.epoch.kid.hex(),
                "sealed_to": [one.member for one in each.epoch.epoch.recipients],
            }
            for each in proved.frames
        ],
        "receipts": [
            {
                "member": one.receipt.member, "stage": one.receipt.stage, "at": one.receipt.at,
                "role": None if one.receipt.role is UNSET else one.receipt.role,
                "code": None if one.receipt.code is UNSET else one.receipt.code, "proved": one.proved,
            }
            for one in proved.receipts
        ],
    }  # fmt: skip


def _lines(shown: dict[str, Any]) -> list[str]:
    """For people: one line a fact."""
    proved = f"proved: {shown['id']} rev {shown['rev']}, {shown['tlp']}, signed by {shown['origin']}"
    banner = [f"*** {BANNER} ***"] if is_exercise(shown["status"]) else []
    lines = [*banner, marked(proved, shown["status"])]
    for each in shown["frames"]:
        others = ", ".join(code for code in each["sealed_to"] if code != shown["origin"])
        lines.append(f"  at {each['at']}, message {each['place'] + 1} of {each['messages']}, sealed to {others}")
        lines.append(f"  frame {each['hash']}, key {each['key']}")
    for one in shown["receipts"]:
        code = f" ({one['code']})" if one["code"] else ""
        doubt = "" if one["proved"] else "; NOT PROVED: the key was revoked"
        lines.append(f"  {one['member']}: {one['stage']} at {one['at']}{code}{doubt}")
    trust = shown["trust"]
    return [*lines, f"  by trust list {trust['last']}, from the pinned one, {trust['pinned']}, on"]
