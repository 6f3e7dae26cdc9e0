"""`suar audit verify`: a whole log, of a file or of this gateway, and its store."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import rich_click as click

from suar.cli.base.common import (
    PathType,
    command,
    emit,
    json_option,
    keyring_passphrase,
    passphrase_option,
    state_option,
)
from suar.cli.base.progress import progress
from suar.cli.base.terminal import code_or_quoted, quoted
from suar.cli.gateway.audits.commitments import OpenedFile, open_commitments
from suar.cli.gateway.audits.counted import file_fault
from suar.cli.gateway.audits.earlier import (
    ReadLog,
    counting,
    earlier_heads,
    earlier_text,
    file_lines,
    read_earlier,
    require_compared,
    require_contained,
    require_own,
    short_fault,
)
from suar.cli.gateway.audits.keys import (
    NOT_PROVED,
    UNCHECKED,
    judge_keys,
    kid_option,
    named_times,
    not_proved,
    not_proved_text,
    require_checked,
    times_text,
    trust_option,
)
from suar.cli.gateway.audits.signed import OwnLog, own_keys
from suar.cli.gateway.audits.stamp import authority_option, proved_time, time_text, times_after
from suar.federation.summary import grouped
from suar.files import read
from suar.protocol.base.errors import Fault

if TYPE_CHECKING:
    from suar.protocol.files.auditlog import BrokenLog

NEXT: Final = "put a backup back with `suar restore`; or, when two persons know why it differs, `suar store restored`"
NEXT_MESSAGES: Final = (
    "keep a copy of the state folder; a running gateway removes such rows, raises store-altered and requests messages "
    "of others again, but an own message is only in a backup: `suar restore`"
)
UNPROTECTED: Final = {"message", "frame", "outbox", "waiting"}
SEALED: Final = {"quarantine", "kept_proof", "receipt_note"}
NEXT_SEALED: Final = (
    "keep a copy of the state folder: such rows are shown and exported nowhere; put a backup back with `suar restore` "
    "if one has them as they were"
)
VERIFYING: Final = "still verifying the store"
NEXT_LOG: Final = "compare `suar audit export` with an earlier export; when you know what happened, `suar audit anew`"


@command(
    "verify", example="suar audit verify --since audit.jsonl --state th\n  suar audit verify audit.jsonl --kid KID"
)
@click.argument("file", type=PathType, required=False)
@click.option("--since", type=PathType, help="An earlier export; every line that it contains must still exist.")
@kid_option
@trust_option
@authority_option
@click.option(
    "--commitments",
    "kept",
    type=PathType,
    help="Commitments that another member kept; each must be to a line.",
)
@click.option("--salt", help="What opens them: DAY:HEX, as the member's `suar audit salt` prints it.")
@click.option(
    "--store",
    "with_store",
    is_flag=True,
    help="Also verify the whole store: protected and sealed rows, messages, frames. The gateway must not be running.",
)
@state_option
@passphrase_option
@json_option
def verify(
    file: Path | None, since: Path | None, kids: tuple[str, ...], kept: Path | None, salt: str | None,
    trust: Path | None, tsa_ca: Path | None, with_store: bool, state: Path, passphrase_file: Path | None,
    as_json: bool,
) -> None:  # fmt: skip
    """Verify an exported audit log, or the log of this gateway, and name the first line that was changed.

    Verifying a FILE needs neither a state folder nor a network. Without --kid or --trust, nothing shows whose key
    signed: anybody can write a log that is consistent in itself, so that of a FILE the command then fails, and an
    earlier export shows nothing of it; without a FILE, an earlier export counts by the gateway's own keys. Lines
    behind the last head are signed by nobody and are named. The times are what the signer wrote; --tsa-ca proves by
    when the file existed. With --store, the protected rows of the store are also compared with the store's anchor,
    every stored message with what was written, and the frames of others and own ones with the messages that they
    contain; each difference is listed by table, with the ids of messages, and not repaired. With --commitments and
    --salt, a log that was rewritten is shown as such by what another member kept of its heartbeats.
    """
    from suar.protocol.files import auditlog
    from suar.protocol.files.findings.log_keys import signers_of

    if with_store and file:
        raise click.UsageError("--store is about this gateway's own store: leave FILE out")
    if (kept is None) != (salt is None):
        raise click.UsageError("--commitments and --salt go together: a salt opens what another member kept")
    if tsa_ca is not None and file is None:
        raise click.UsageError("--tsa-ca is about the time stamp of an exported FILE: name it")
    tables_ = _store(state, passphrase_file) if with_store else None
    own = own_keys(state, passphrase_file) if since and not (file or trust) else None
    if own is not None:
        require_own(kids, own)
    earlier = read_earlier(since, kids, trust, own) if since else None
    of_gateway = OwnLog(state, passphrase_file, is_stopped=with_store)
    source = file_lines(file) if file else auditlog.exported_lines(of_gateway.pages())
    log = ReadLog(auditlog.records(source), earlier.title if earlier else None)
    try:
        found = auditlog.verify(log.records(), since=earlier.head if earlier and file is None else None)
    except auditlog.ShortLog as short:
        raise short_fault(short) from None
    except auditlog.BrokenLog as broken:
        raise _broken_fault(broken, file, kids, trust) from None
    of_gateway.require_unaltered()
    opened = open_commitments(log, found.title, kept, salt) if kept and salt else None
    is_checked = bool(kids or trust)
    if is_checked and not found.heads:
        step = "ask the member for another export" if file else "a gateway that runs signs new lines within a minute"
        raise Fault("no line of the log is signed: anybody may have written it", step)
    keys = judge_keys(found.title, signers_of(found.heads), kids, trust, enumerate(log.dates, 1))
    if earlier and file:
        require_contained(earlier, log, keys.signed)
    time = None if file is None else proved_time(file, read(file, "the exported log"), tsa_ca)
    counted = log.counted(keys)
    shown = {
        "sound": is_checked, "own_log": file is None, "federation": found.title.federation,
        "member": found.title.member, "lines": found.lines,
        "signed": keys.signed, "keys": keys.kids, "last_head": found.signed, "other_keys": keys.others,
        **named_times([*times_after(counted, time), *counted.times]), "key_findings": keys.notes,
        "earlier_heads": earlier_heads(earlier, log) if earlier else [],
        "not_proved": _unproved(opened, file, is_listed=trust is not None),
        "not_later_than": time,
    }  # fmt: skip
    if opened is not None:
        shown |= opened.shown()
    if tables_ is not None:
        shown["store"] = tables_
    since_text = earlier_text(earlier, log) if earlier else ""
    federation = keys.federation if file or trust else f"federation: {quoted(found.title.federation)}, of this gateway"
    emit(shown, as_json, lambda: _result_text(shown, f"{federation}{since_text}", opened))
    if opened is not None:
        opened.require_counted(is_signed=bool(found.heads))
    require_checked(is_checked=is_checked or file is None)
    if earlier:
        require_compared(earlier, log)


def _broken_fault(broken: "BrokenLog", file: Path | None, kids: Sequence[str], trust: Path | None) -> Fault:
    """Return the error for a log that is not as a gateway writes it: of a file, somebody else may have changed it."""
    if file is not None:
        return file_fault(broken, file_lines(file), counting(kids, trust))
    return Fault(f"the log is not as it was written: {broken.text}", "compare it with an earlier export")


def _unproved(opened: OpenedFile | None, file: Path | None, *, is_listed: bool) -> list[str]:
    """Return the sentences on what is not proved; of the own log only what commitments do not show."""
    of = () if opened is None else ("commitments",)
    return not_proved("log", *of, is_listed=is_listed) if file else [NOT_PROVED[name] for name in of]


def _store(state: Path, passphrase_file: Path | None) -> dict[str, int]:
    """Return the number of rows by table, if all are as the gateway wrote them. Raises Fault."""
    from suar.service.process.offline import verify_store

    passphrase = keyring_passphrase(state, passphrase_file)
    with progress(VERIFYING):
        found = verify_store(state, passphrase)
    wrong = [each for each in found if each.finding is not None]
    if wrong:
        text = "; ".join(f"table {each.table}: {each.finding}" for each in wrong)
        raise Fault(f"the store was altered from outside: {text}", _next({each.table for each in wrong}))
    return {each.table: each.rows for each in found}


def _next(altered: set[str]) -> str:
    """Return what to do after findings in these tables."""
    if altered == {"audit"}:
        return NEXT_LOG
    if altered <= SEALED:
        return NEXT_SEALED
    return NEXT_MESSAGES if altered <= UNPROTECTED | SEALED else NEXT


def _result_text(shown: dict[str, Any], federation: str, opened: OpenedFile | None) -> str:
    keys, signed, member = ", ".join(map(grouped, shown["keys"])), shown["signed"], code_or_quoted(shown["member"])
    own = f"of this gateway's own log ({member})"
    if not keys:
        owner = own if shown["own_log"] else f"that name {member}"
        text = f"not signed: {shown['lines']} lines {owner}, internally consistent"
    elif shown["sound"]:
        text = f"sound: {signed} lines of {member}, signed up to line {signed} by {keys}"
    elif shown["own_log"]:
        text = f"internally consistent: {signed} lines {own}, signed by {keys}"
    else:
        text = f"internally consistent: {signed} lines that name {member}, signed by {keys}, {UNCHECKED}"
    if shown["lines"] > shown["last_head"]:
        first = shown["last_head"] + 1
        text += f"\nnot signed: lines {first} to {shown['lines']}: anybody may have written them"
        text += "; their times are not compared"
    text += f"\n{federation}"
    text += times_text(shown) + time_text(shown["not_later_than"])
    text += "" if opened is None else opened.text(shown["lines"])
    if "store" in shown:
        text += f"\nsound: {sum(shown['store'].values()):,} rows in {len(shown['store'])} tables of the store"
    return text + not_proved_text(shown["not_proved"])
