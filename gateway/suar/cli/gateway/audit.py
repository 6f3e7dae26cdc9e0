"""`suar audit`: the audit log of this gateway, verified here from its lines and signed heads only."""

from pathlib import Path
from typing import Any, Final

import rich_click as click

from suar.cli.base import tables
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
from suar.cli.base.local_time import short
from suar.cli.base.progress import progress
from suar.cli.base.terminal import code_or_quoted, json_line, one_line, quoted
from suar.cli.gateway.audits.commitments import OpenedFile, open_commitments
from suar.cli.gateway.audits.earlier import (
    ReadLog,
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
from suar.cli.gateway.audits.signed import log_pages, own_keys
from suar.cli.gateway.audits.stamp import authority_option, proved_time, time_text, times_after, write_stamp
from suar.federation.summary import grouped
from suar.files import PRIVATE, atomic_write, read
from suar.protocol.base.errors import Fault
from suar.protocol.base.instants import instant

COMMANDS: Final[Table] = {
    "show": ("suar.cli.gateway.audit:show", "show the recorded actions, the oldest first"),
    "verify": ("suar.cli.gateway.audit:verify", "detect removed, altered, reordered or truncated lines"),
    "export": ("suar.cli.gateway.audit:export", "export the whole log with its signed heads to a file"),
    "commitments": (
        "suar.cli.gateway.audits.commitments:commitments",
        "export what another member committed to about its log",
    ),
    "line": ("suar.cli.gateway.audits.line:line", "export one line of the log with its proof"),
    "verify-line": ("suar.cli.gateway.audits.line:verify_line", "verify one exported line without the log"),
    "report": ("suar.cli.gateway.audits.report:report", "export who did what with a message, or what a person did"),
    "verify-report": ("suar.cli.gateway.audits.report:verify_report", "verify such a report without the log"),
    "salt": ("suar.cli.gateway.audits.commitments:salt", "print what opens the commitments of this gateway"),
    "anew": ("suar.cli.gateway.audit:anew", "accept the log in its present state, after it was found altered"),
}
COLUMNS: Final = ("n", "at", "who", "what", "about")
REASON_MAX: Final = 200  # characters
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


@group("audit", COMMANDS, example="suar audit show --who desk --state th")
def audit() -> None:
    """Show, verify and export the audit log, a signed hash chain of what people did with this gateway."""


@command("show", example="suar audit show --who desk --what publish --state th")
@click.option("--who", help="Only actions with this token.")
@click.option("--what", help="Only this action, such as publish, open, release or trust-import.")
@click.option("--about", help="Only lines that contain this word, such as the id of a message.")
@click.option("--last", type=click.IntRange(1), help="Only this number of lines, the newest.")
@state_option
@passphrase_option
@json_option
def show(
    who: str | None, what: str | None, about: str | None, last: int | None, state: Path,
    passphrase_file: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """List the recorded actions, the oldest first; --json prints one per line. Reading the log is recorded too."""
    wanted = {"who": who, "what": what}
    rows = [
        row
        for page in log_pages(state, passphrase_file)
        for row in page["lines"]
        if all(value in (None, row[name]) for name, value in wanted.items())
        and (about is None or about in row["about"].split())
    ]
    rows = rows[-last:] if last else rows
    if not as_json:
        tables.show(COLUMNS, [[_cell(row, name) for name in COLUMNS] for row in rows])
        return
    for row in rows:
        click.echo(json_line({**row, "at": instant(row["at"])}))


@command("anew", example="suar audit anew --reason 'the store of Monday was put back by hand' --state th")
@click.option("--reason", required=True, help="The reason, which is recorded in the log.")
@state_option
@passphrase_option
def anew(reason: str, state: Path, passphrase_file: Path | None) -> None:
    """Sign the audit log again in its present state, after the check audit-signed found that it was altered.

    Use this after a store was restored by hand, or when you know what happened to it. Export the log first and keep the
    export: this command does not repair what was altered. The gateway must not be running.
    """
    from suar.service.process.offline import restart_audit

    if not reason.isprintable() or not 0 < len(reason) <= REASON_MAX:
        raise Fault("the reason is not one line of text", f"write at most {REASON_MAX} characters")
    restart_audit(state, keyring_passphrase(state, passphrase_file), reason)
    print_notice("the log is signed again from here on; compare it with an earlier export")


@command("export", example="suar audit export -o audit.jsonl --state th")
@click.option("-o", "--output", type=PathType, required=True, help="The file to write.")
@state_option
@passphrase_option
def export(output: Path, state: Path, passphrase_file: Path | None) -> None:
    """Export the audit log to a file. Keep it elsewhere: a later removal of lines is detected with its last signed
    head.
    """
    from suar.protocol.files.auditlog import exported_lines

    lines = list(exported_lines(log_pages(state, passphrase_file)))
    data = b"".join(line + b"\n" for line in lines)
    atomic_write(output, data, PRIVATE)
    print_notice(f"{len(lines):,} lines written")
    write_stamp(state, output, data)


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
    source = file_lines(file) if file else auditlog.exported_lines(log_pages(state, passphrase_file))
    log = ReadLog(auditlog.records(source), earlier.title if earlier else None)
    try:
        found = auditlog.verify(log.records(), since=earlier.head if earlier and file is None else None)
    except auditlog.ShortLog as short:
        raise short_fault(short) from None
    except auditlog.BrokenLog as broken:
        raise Fault(f"the log is not as it was written: {broken.text}", "compare it with an earlier export") from None
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
        "not_proved": not_proved("log", is_listed=trust is not None) if file else [],
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


def _cell(row: dict[str, Any], name: str) -> object:
    return short(instant(row["at"]), with_seconds=True) if name == "at" else one_line(str(row[name]))
