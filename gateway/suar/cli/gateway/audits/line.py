"""`suar audit line` and `suar audit verify-line`: one line of the audit log, shown and verified without the others."""

from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from suar.cli.base.common import (
    PathType,
    command,
    emit,
    json_option,
    passphrase_option,
    print_notice,
    state_option,
)
from suar.cli.base.terminal import code_or_quoted, quoted
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
from suar.cli.gateway.audits.signed import LATER, signed_log
from suar.cli.gateway.audits.stamp import authority_option, proved_time, time_text, times_after, write_stamp
from suar.federation.summary import grouped
from suar.files import PRIVATE, atomic_write, read
from suar.protocol.base.errors import Fault
from suar.protocol.base.instants import claimed_at

if TYPE_CHECKING:
    from suar.protocol.files.auditline import ShownLine


@command("line", example="suar audit line 42 -o line.json --state th")
@click.argument("number", type=click.IntRange(1))
@click.option("-o", "--output", type=PathType, required=True, help="The file to write.")
@state_option
@passphrase_option
def line(number: int, output: Path, state: Path, passphrase_file: Path | None) -> None:
    """Export line NUMBER of the audit log alone, with its proof and nothing of the other lines.

    `suar audit verify-line` verifies it without the log, a state folder or a network. Reading the log is recorded.
    """
    from suar.protocol.files import auditline, auditlog

    try:
        shown = _shown(number, state, passphrase_file)
    except auditlog.BrokenLog as broken:
        raise Fault(f"the log is not as it was written: {broken.text}", "compare it with an earlier export") from None
    data = auditline.write(shown)
    atomic_write(output, data, PRIVATE)
    print_notice(f"line {number} written, of {shown.head.head:,} that were signed at {claimed_at(shown.head.at)}")
    write_stamp(state, output, data)


def _shown(number: int, state: Path, passphrase_file: Path | None) -> "ShownLine":
    """Return the line with its path, of the log as verified here. Raises BrokenLog if it is not as written."""
    from suar.protocol.files import auditline

    log = signed_log(state, passphrase_file, lambda line: line.n == number)
    if not log.lines:
        raise Fault(f"the log has no line {number}", f"its last one is {log.length}; `suar audit show` lists them")
    if log.head is None or log.head.head < number:
        raise Fault(f"no signed tree has line {number} yet", LATER)
    return auditline.show(log.title, log.lines[0], log.leaves[: log.head.head], log.head)


@command("verify-line", example="suar audit verify-line line.json --kid KID")
@click.argument("file", type=PathType)
@kid_option
@trust_option
@authority_option
@json_option
def verify_line(file: Path, kids: tuple[str, ...], trust: Path | None, tsa_ca: Path | None, as_json: bool) -> None:
    """Verify one exported line of an audit log, and print it.

    It needs neither the log nor a state folder or a network. Without --kid or --trust, nothing shows whose key
    signed it: anybody can write such a file, and the command fails. The times are what the signer wrote; --tsa-ca
    proves by when the file existed. That a line is shown says nothing of the lines that are not.
    """
    from suar.protocol.files import auditline, auditlog
    from suar.protocol.files.findings.log_keys import signers_of

    data = read(file, "the line")
    try:
        found = auditline.verify(data, list(kids) or None)
    except auditlog.BrokenLog as broken:
        raise Fault(f"the line proves nothing: {broken.text}", "ask who gave it for another export") from None
    of = found.line
    keys = judge_keys(of, signers_of([of.head]), trust=trust, dated=[(of.n, of.at)])
    time = proved_time(file, data, tsa_ca)
    times = [*times_after(found, time), *found.times]
    is_checked, unproved = bool(kids or trust), not_proved("line", is_listed=trust is not None)
    shown = {
        "sound": is_checked, "federation": of.federation, "member": of.member,
        "n": of.n, "at": claimed_at(of.at), "who": of.who, "what": of.what,
        "about": of.about, "key": found.kid, "lines": found.lines, "signed_at": claimed_at(found.signed_at),
        **named_times(times), "key_findings": keys.notes, "not_later_than": time,
        "not_proved": unproved,
    }  # fmt: skip
    begin = f"sound: line {of.n} of" if is_checked else f"internally consistent: line {of.n} that names"
    doubt = "" if is_checked else f", {UNCHECKED}"
    text = (
        f"{begin} {code_or_quoted(of.member)}, signed with {found.lines:,} lines at {shown['signed_at']} (claimed) by "
        f"{grouped(found.kid)}{doubt}\n{keys.federation}\n"
        f"{shown['at']} (claimed)  {'  '.join(map(quoted, (of.who, of.what, of.about)))}"
        f"{times_text(shown)}{time_text(time)}{not_proved_text(unproved)}"
    )
    emit(shown, as_json, lambda: text)
    require_checked(is_checked=is_checked)
