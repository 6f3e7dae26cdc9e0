"""`suar audit report`, `suar audit verify-report`: who did what with a message, what a person did, or in a period."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

import rich_click as click

from suar.cli.base import tables
from suar.cli.base.common import (
    PathType,
    command,
    emit,
    json_option,
    passphrase_option,
    print_notice,
    state_option,
)
from suar.cli.base.local_time import in_local_time
from suar.cli.base.terminal import code_or_quoted, one_line, quoted
from suar.cli.gateway.audits.counted import lines_before, rest_text
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
from suar.languages.rendering.unseen import inside_quotes
from suar.protocol.base.errors import Fault
from suar.protocol.base.instants import claimed_at

if TYPE_CHECKING:
    from suar.protocol.files.auditline import Report, ReportTitle

COLUMNS: Final = ("n", "at", "who", "what", "about")
FREE: Final = ("about", "person")
"""Parts of a selection that whoever made the report chose freely."""
OTHER_EXPORT: Final = "ask who gave it for another export"
OTHER_LOG: Final = "name the exported log that the report was made of, or a later export of it"
_DAY: Final = click.DateTime(["%Y-%m-%d"])


@command(
    "report",
    example="suar audit report --about TH-ALERT-2027-000001 -o report.jsonl --state sg\n"
    "  suar audit report --person desk --period 2027-01-01 2027-01-31 -o report.jsonl --state sg",
)
@click.option("--about", help="Lines about this, such as the id of a message: who was shown, opened or exported it.")
@click.option("--person", help="Lines of this person or token, and lines about it.")
@click.option("--period", nargs=2, type=_DAY, help="From the first of these days (UTC) to the end of the second.")
@click.option("-o", "--output", type=PathType, required=True, help="The file to write.")
@state_option
@passphrase_option
def report(
    about: str | None, person: str | None, period: tuple[datetime, datetime] | None, output: Path, state: Path,
    passphrase_file: Path | None,
) -> None:  # fmt: skip
    """Export a record of access: all lines of the audit log about a message, a person or a period, each with its proof.

    `suar audit verify-report` verifies it without the log, a state folder or a network. Nothing of other lines is in
    it; a line that names several messages is shown whole. Making it is recorded as a reading of the log.
    """
    from msgspec import structs

    from suar.protocol.files import auditline, auditlog, merkle

    if about is None and person is None and period is None:
        raise click.UsageError("name what it is about: --about, --person or --period, or several of them")
    since, until = _moments(period) if period else (None, None)
    wanted = auditline.ReportTitle(
        audit_report=auditline.REPORT, federation="", member="", about=about, person=person, since=since, until=until
    )
    fault = auditline.selection_fault(wanted)
    if fault is not None:
        raise Fault(fault, "name a message by its id alone, and a person as `suar audit show` does")
    try:
        log = signed_log(state, passphrase_file, wanted.has)
    except auditlog.BrokenLog as broken:
        raise Fault(f"the log is not as it was written: {broken.text}", "compare it with an earlier export") from None
    if log.head is None:
        raise Fault("the tree of the log is not signed yet", LATER)
    lines = [line for line in log.lines if line.n <= log.head.head]
    if len(lines) > auditline.REPORT_LINES:
        text = f"{len(lines):,} lines are about it, and a report has at most {auditline.REPORT_LINES:,}"
        raise Fault(text, "make several, each of a shorter --period")
    title = structs.replace(wanted, federation=log.title.federation, member=log.title.member)
    tree = merkle.Tree(auditlog.ALGORITHM, log.leaves[: log.head.head])
    made = b"".join(auditline.write_report(title, log.head, lines, tree.path))
    atomic_write(output, made, PRIVATE)
    print_notice(f"{len(lines):,} of {log.head.head:,} lines written, signed at {claimed_at(log.head.at)}")
    if not lines:
        print_notice("warning: no line of the log is of this selection; `suar audit show` has how the log names it")
    write_stamp(state, output, made)


def _moments(period: tuple[datetime, datetime]) -> tuple[int, int]:
    """Return the first moment (ms) of the first day, and of the day after the last."""
    first, last = (each.replace(tzinfo=UTC) for each in period)
    if last < first:
        raise Fault("the period ends before it begins", "name the earlier day first")
    return int(first.timestamp() * 1000), int((last + timedelta(days=1)).timestamp() * 1000)


@command("verify-report", example="suar audit verify-report report.jsonl --kid KID --log audit.jsonl")
@click.argument("file", type=PathType)
@kid_option
@trust_option
@click.option("--log", type=PathType, help="The exported log: verify also that the report leaves out no line of it.")
@authority_option
@json_option
def verify_report(
    file: Path, kids: tuple[str, ...], trust: Path | None, log: Path | None, tsa_ca: Path | None, as_json: bool
) -> None:
    """Verify a report of an audit log, and print its lines.

    It needs neither the log nor a state folder or a network. Without --kid or --trust, nothing shows whose key
    signed it: anybody can write such a file, and the command fails. The times are what the signer wrote; --tsa-ca
    proves by when the file existed. Without --log, nothing shows whether lines were left out.
    """
    from suar.protocol.files import auditline, auditlog
    from suar.protocol.files.findings.log_keys import signers_of

    allowed, data = list(kids) or None, read(file, "the report")
    try:
        found = auditline.verify_report(data, allowed)
    except auditlog.BrokenLog as broken:
        raise Fault(f"the report proves nothing: {broken.text}", OTHER_EXPORT) from None
    dated = ((each.n, each.at) for each in found.lines)
    keys = judge_keys(found.title, signers_of([found.head]), trust=trust, dated=dated)
    is_checked, time = bool(kids or trust), proved_time(file, data, tsa_ca)
    later, rest = (None, "") if log is None else _count_later(found, log, is_checked=is_checked)
    times = [*times_after(found, time), *found.times]
    unproved = not_proved("title", *(() if log else ("report",)), is_listed=trust is not None)
    lines = [{name: getattr(each, name) for name in COLUMNS} | {"at": claimed_at(each.at)} for each in found.lines]
    shown = {
        "sound": is_checked, "federation": found.title.federation, "member": found.title.member,
        **_selection(found.title), "lines": lines,
        "key": found.head.kid, "signed": found.head.head, "signed_at": claimed_at(found.head.at),
        "complete": True if log and is_checked else None, "lines_after": later,
        **named_times(times), "not_later_than": time,
        "key_findings": keys.notes, "not_proved": unproved,
    }  # fmt: skip
    if not as_json:
        tables.show(COLUMNS, [[_cell(line[name]) for name in COLUMNS] for line in lines])
    text = _result_text(found, later, is_checked=is_checked) + rest
    text += f"\n{keys.federation}{times_text(shown)}{time_text(time)}{not_proved_text(unproved)}"
    emit(shown, as_json, lambda: text)
    require_checked(is_checked=is_checked)


def _selection(title: "ReportTitle") -> dict[str, str | None]:
    times = {
        name: None if at is None else _exactly(at) for name, at in (("since", title.since), ("until", title.until))
    }
    return {"about": title.about, "person": title.person, **times}


def _exactly(at: int) -> str:
    """Return a time (ms) that somebody else wrote, with its milliseconds if it has any."""
    seconds, rest = claimed_at(at), at % 1000
    return f"{seconds.removesuffix('Z')}.{rest:03}Z" if rest and seconds.endswith("Z") else seconds


def _word(text: str) -> str:
    """Return the word of a selection in quotation marks; one with letters that may look like others also escaped."""
    return quoted(text) if text.isascii() else f"{quoted(text)}, in full {text!a}"


def _count_later(found: "Report", log: Path, *, is_checked: bool) -> tuple[int, str]:
    """Return how many lines of the report's selection the log has behind the report's head, and what is wrong with the
    rows that this head does not sign: they say nothing against the log or the report.

    Raises Fault unless the log has that head, and no line of the selection up to it that the report lacks. Whoever
    signed other heads of the log: the head of the report, whose key is judged, signs all lines up to it.
    """
    from suar.protocol.files import auditlog

    doubt = "" if is_checked else f"; the report is signed by {grouped(found.head.kid)}, {UNCHECKED}"
    rows, rest = read(log, "the exported log").splitlines(), ""
    try:
        numbers = _numbers(found, rows)
    except auditlog.BrokenLog as broken:
        try:
            numbers = _numbers(found, lines_before(rows, found.head.head))
        except auditlog.BrokenLog:
            text = f"{log} does not show that the report is complete: {broken.text}{doubt}"
            raise Fault(text, OTHER_LOG) from None
        rest = f"\nnot read: a part of {log} is not as a gateway writes it: {rest_text(broken)}"
    expected = [n for n in numbers if n <= found.head.head]
    missing = sorted(set(expected) - {each.n for each in found.lines})
    if missing:
        raise Fault(f"the report is not complete: line {missing[0]} is left out of it{doubt}", OTHER_EXPORT)
    return len(numbers) - len(expected), rest


def _numbers(found: "Report", rows: Sequence[bytes]) -> list[int]:
    """Return the numbers of the lines of a log that are of the selection. Raises BrokenLog unless the log is in itself
    as it should be, and has the head of the report.
    """
    from suar.protocol.files import auditlog

    numbers = list[int]()

    def records() -> auditlog.Records:
        for record in auditlog.records(rows):
            yield record
            if isinstance(record, auditlog.Line) and found.title.has(record):
                numbers.append(record.n)

    auditlog.verify(records(), since=found.head)
    return numbers


def _cell(value: object) -> str:
    """Return what a line of a report has, on one line; the file is somebody else's."""
    return in_local_time(one_line(inside_quotes(str(value))), with_seconds=True)


def _result_text(found: "Report", later: int | None, *, is_checked: bool) -> str:
    """Return the result in words. `later`: lines of the selection that the log has behind the head; None without it."""
    values = {name: value for name, value in _selection(found.title).items() if value is not None}
    selection = ", ".join(f"{name} {_word(value) if name in FREE else value}" for name, value in values.items())
    all_ = "whether lines were left out shows only with --log"
    if later is not None:
        condition = "" if is_checked else f"if that key is {code_or_quoted(found.title.member)}'s, "
        all_ = f"{condition}up to line {found.head.head:,} no line is left out"
        further = f"; behind it the log has {later:,} more lines of this selection, whose signatures were not judged"
        all_ += further if later else ""
    begin = "sound" if is_checked else "internally consistent"
    doubt = "" if is_checked else f", {UNCHECKED}"
    return (
        f"{begin}: {len(found.lines):,} lines of the log of {code_or_quoted(found.title.member)} ({selection}), "
        f"signed with {found.head.head:,} lines at {claimed_at(found.head.at)} (claimed) "
        f"by {grouped(found.head.kid)}{doubt}; {all_}"
    )
