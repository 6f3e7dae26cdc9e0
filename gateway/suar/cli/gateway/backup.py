"""`suar backup` and `suar restore`: back up a state folder to one encrypted file, and restore it."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import rich_click as click

from suar.cli.base.common import (
    PathType,
    command,
    emit,
    json_option,
    keyring_passphrase,
    now_ms,
    passphrase_option,
    print_notice,
    read_passphrase,
    second_option,
    second_token,
    state_option,
)
from suar.cli.base.local_time import dated
from suar.protocol.base.sentences import several

if TYPE_CHECKING:
    from suar.service.recovery.backup_file import Manifest

NO_HOLDS: Final = (
    "what was cancelled since is destroyed at its next start; if legal holds may have been set since, do not start it: "
    "restore again with `--replace --holds`"
)
OPEN_HOLDS: Final = (
    "recalled texts are hidden, and destroyed once two persons have confirmed the legal holds in force: "
    "`suar hold confirm`"
)

RIGHTS: Final = (
    "tokens, people and agencies are those of {made_at}: the check rights-confirmed is critical until somebody has "
    "gone through them"
)


@command("backup", example="suar backup -o th-2027-01-15.backup --state th")
@click.option("-o", "--output", type=PathType, help="The file to write; it must not exist.")
@click.option("--into", type=PathType, help="In place of -o: a folder; the file is named by member and time.")
@click.option(
    "--keep", type=click.IntRange(min=1), help="With --into: keep this many of the member's backups there, the newest."
)
@state_option
@passphrase_option
@json_option
def backup(
    output: Path | None, into: Path | None, keep: int | None, state: Path, passphrase_file: Path | None, as_json: bool
) -> None:
    """Back up the store, keyring, settings and NATS secrets to one encrypted file; the gateway may be running.

    Only the passphrase of the keyring opens the file. It contains the texts that this gateway holds now: a message that
    is cancelled later remains in it, so destroy old backups when newer ones exist. A store in PostgreSQL is included,
    too, as it was at one moment; an SQLite file outside the state folder is not.
    """
    from suar.service.recovery import backup as backups

    if (output is None) == (into is None) or (keep is not None and into is None):
        raise click.UsageError("give either -o FILE, or --into FOLDER with or without --keep")
    passphrase, now = keyring_passphrase(state, passphrase_file), now_ms()
    target = output or backups.named(into or Path(), state, now)
    manifest = backups.make(state, passphrase, target, now=now)
    removed = backups.remove_older(target, keep) if keep else []
    facts = {"file": str(target), "bytes": target.stat().st_size, **_facts(manifest)}
    emit(facts | ({"removed": [each.name for each in removed]} if keep else {}), as_json)
    _warn(manifest)
    print_notice(f"wrote {target}; keep it apart from its passphrase")


@command("restore", example="suar restore th-2027-01-15.backup --state th")
@click.argument("file", type=PathType, metavar="FILE")
@click.option("--replace", is_flag=True, help="If the state folder is not empty, move it aside and replace it.")
@click.option(
    "--holds",
    is_flag=True,
    help="Legal holds may have been set after the backup: destroy nothing until two persons confirm them.",
)
@second_option
@state_option
@passphrase_option
@json_option
def restore(
    file: Path, replace: bool, holds: bool, second_token_file: Path | None, state: Path, passphrase_file: Path | None,
    as_json: bool,
) -> None:  # fmt: skip
    """Restore a backup as the state folder; everything is verified before the folder is changed.

    If the settings (or SUAR_STORE__URL) name a database of PostgreSQL, the store is put into it. It has to be empty;
    with --replace, what is there is first copied to `postgresql.db` in the folder that is moved aside.

    At its next start, the gateway reads what it sent and received after the backup from its own NATS server. A cancel
    among these messages destroys the cancelled text again at that start. With --holds, or if the backup knows of a
    legal hold, the text is hidden, and destroyed once two persons have confirmed which legal holds are in force
    (`suar hold confirm`). If the store has a second person, two persons are required:
    one who has the passphrase, and one with their own token of the scope approve or admin.
    """
    from suar.service.recovery.restore import restore as put_back

    passphrase = read_passphrase(passphrase_file, of=f"the backup {file}")
    second = second_token(second_token_file)
    manifest, aside, has_open_holds, carried = put_back(
        file, passphrase, state.absolute(), now=now_ms(), replace=replace, second=second, holds=holds
    )
    facts = {"state": str(state), "kept_aside": str(aside) if aside else None, **_facts(manifest)}
    emit(facts if as_json else {name: fact for name, fact in facts.items() if fact is not None}, as_json)
    _warn(manifest)
    print_notice(
        f"messages that were accepted after it and had not left are not in it: publish them again{_from(aside)}"
    )
    print_notice(
        f"restored; start it with `suar serve --state {state}`, and nowhere else a gateway of {manifest.member}"
    )
    print_notice(OPEN_HOLDS if has_open_holds else NO_HOLDS)
    print_notice(f"{RIGHTS.format(made_at=dated(facts['made_at']))}{_carried(carried) if aside else ''}")


def _carried(carried: int | None) -> str:
    if carried is None:
        return "; nothing was carried over from the folder that was replaced: its store could not be read"
    ended = several(carried, "decision was", "decisions were")
    return f"; {ended} carried over from the folder that was replaced: `suar audit`"


def _from(aside: Path | None) -> str:
    return f"; {aside} has them" if aside else ""


def _facts(manifest: "Manifest") -> dict[str, Any]:
    from suar.protocol.base.instants import rfc3339

    return {
        "member": manifest.member, "federation": manifest.federation, "made_at": rfc3339(manifest.made_at),
        "suar": manifest.suar, "trust_version": manifest.trust_version or None, "store": manifest.store,
        "files": [listed.name for listed in manifest.files], "texts": manifest.texts,
    }  # fmt: skip


def _warn(manifest: "Manifest") -> None:
    if manifest.store == "external":
        print_notice(
            "the store is not in it: it is a file outside the state folder, which you copy while no gateway runs"
        )
    if manifest.texts:
        of = "1 message" if manifest.texts == 1 else f"{manifest.texts} messages"
        print_notice(f"it holds the text of {of} of other members, also of what they cancel later: destroy it in time")
