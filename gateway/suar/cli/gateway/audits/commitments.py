"""`suar audit commitments` and `suar audit salt`: what detects a log that was changed later, and what opens it."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec
import rich_click as click

from suar.cli.base.client import call, running, shaped
from suar.cli.base.common import (
    MemberCode,
    PathType,
    command,
    emit,
    json_option,
    keyring_passphrase,
    now_ms,
    passphrase_option,
    print_notice,
    state_option,
)
from suar.cli.base.terminal import code_or_quoted
from suar.files import PRIVATE, atomic_write, read
from suar.protocol.base.errors import Fault

if TYPE_CHECKING:
    from collections.abc import Sequence

    from suar.cli.gateway.audits.earlier import ReadLog
    from suar.protocol.files.auditlog import Title

PAGE: Final = 1_000
REFUSED_MAX: Final = 10  # most lines that do not count that are named
NEXT_FILE: Final = "ask the member that kept the commitments for the file again, or compare it with that of another"
NONE_KEPT: Final = "a member sends them with bus.commit_audit only; `suar trust show` lists the members"
DIFFERS: Final = (
    "compare the salt with the one that the member printed, and the log with what a third member kept of it and with "
    "an earlier export"
)


class _Page(msgspec.Struct):
    title: dict[str, str]
    commitments: list[dict[str, Any]]
    after: int


@command("commitments", example="suar audit commitments TH -o th.commitments --state sg")
@click.argument("member", type=MemberCode())
@click.option("-o", "--output", type=PathType, required=True, help="The file to write.")
@state_option
@passphrase_option
def commitments(member: str, output: Path, state: Path, passphrase_file: Path | None) -> None:
    """Export the commitments to its audit log that another MEMBER sent in its heartbeats, one an hour.

    With its exported log and its salt, `suar audit verify` shows whether the log is the one of that time.
    """
    found: list[dict[str, Any]] = []
    for page in _pages(state, passphrase_file, member):
        found += page["commitments"] if found else [page["title"], *page["commitments"]]
    if not found or found[0].get("kept_by") == member:
        raise Fault(f"{member} is this gateway's own member, whose commitments the others keep", "name another member")
    if len(found) == 1:
        raise Fault(f"this gateway keeps no commitment of {member}", NONE_KEPT)
    atomic_write(output, b"".join(msgspec.json.encode(each) + b"\n" for each in found), PRIVATE)
    print_notice(f"{len(found) - 1:,} commitments written")


def _pages(state: Path, passphrase_file: Path | None, member: str) -> Iterator[dict[str, Any]]:
    """Yield the stored commitments page by page, from the running gateway or the folder of one that does not run."""
    if not running(state):
        from suar.service.process.offline import commitments as offline_commitments

        yield from offline_commitments(state, keyring_passphrase(state, passphrase_file), member)
        return
    after, size = 0, PAGE
    while size == PAGE:
        params = {"member": member, "after": str(after), "limit": str(PAGE)}
        page = shaped(call(state, "GET", "/v1/audit/commitments", params=params), _Page)
        size, after = len(page.commitments), page.after
        yield {"title": page.title, "commitments": page.commitments}


@command("salt", example="suar audit salt --day 2027-01-15 --state th")
@click.option(
    "--day",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The last day (UTC) whose commitments it opens; today by default.",
)
@state_option
@passphrase_option
@json_option
def salt(day: Any, state: Path, passphrase_file: Path | None, as_json: bool) -> None:
    """Print the salt that opens this gateway's commitments up to a day, for those who are to verify its log.

    It opens those of earlier days too, and none of a later day. It shows nothing of the log itself.
    """
    from suar.protocol.base import limits
    from suar.service.process.offline import audit_salt

    today = now_ms() // limits.DAY
    number = today if day is None else (day.date() - _first_day()).days
    if not 0 <= number <= today:
        raise Fault("that day has not come", "the salt of a later day opens what has not been sent yet")
    text = audit_salt(state, keyring_passphrase(state, passphrase_file), number)
    emit({"salt": text}, as_json, lambda: text)


def _first_day() -> Any:
    from datetime import date

    return date(1970, 1, 1)


class OpenedFile(NamedTuple):
    """How many commitments of a file are to lines of a log, the last of these lines, how many commitments are of days
    after that of the salt, and why lines of the file do not count.
    """

    opened: int
    up_to: int
    later: int
    refused: "Sequence[str]"
    kept_by: str

    def shown(self) -> dict[str, Any]:
        """Return the parts of `--json` about them."""
        return {
            "commitments": self.opened, "commitments_up_to": self.up_to, "commitments_unchecked": self.later,
            "commitments_refused": list(self.refused), "commitments_kept_by": self.kept_by,
        }  # fmt: skip

    def text(self, lines: int) -> str:
        """Return what is added to the result for a log of so many lines."""
        keeper = code_or_quoted(self.kept_by)
        text = f"\n{self.opened:,} commitments are to lines of it, as the file of {keeper} says (it is not signed), "
        text += f"up to line {self.up_to:,}"
        if self.up_to < lines:
            text += f"; none is to lines {self.up_to + 1:,} to {lines:,}"
        if self.later:
            text += f"\nnot checked: {self.later:,} commitments, of days after that of the salt"
        more = len(self.refused) - REFUSED_MAX
        text += "".join(f"\nnot counted: {each}" for each in self.refused[:REFUSED_MAX])
        return text + (f"\nand {more:,} more, which are not named here" if more > 0 else "")

    def require_counted(self, *, is_signed: bool) -> None:
        """Raise Fault if a line of the file does not count, or if no head signs the log, after both were printed."""
        if self.refused:
            raise Fault(_refused_text(self.refused), NEXT_FILE)
        if not is_signed:
            text = "no line of the log is signed, and nobody signed the file of commitments: anybody can write both"
            raise Fault(text, "a gateway that runs signs new lines within a minute: export the log then")


def open_commitments(log: "ReadLog", title: "Title", kept: Path, text: str) -> OpenedFile:
    """Return which commitments of a file are to lines of a verified log. Raises Fault unless all up to the day of the
    salt match: what does not match says by itself nothing of the log, because nobody signed the file, and a salt may
    be mistyped.
    """
    from msgspec import structs

    from suar.protocol.files import commitments
    from suar.protocol.files.auditlog import BrokenLog

    try:
        last = commitments.read_salt(text)
    except ValueError as error:
        raise Fault(str(error), "it is DAY:HEX, as the member's `suar audit salt` prints it") from None
    data = read(kept, "the commitments")
    if len(data) > commitments.FILE_MAX:
        raise Fault(f"{kept} is larger than a file of commitments: {commitments.FILE_MAX:,} bytes", NEXT_FILE)
    try:
        about, found, refused = commitments.read(data.splitlines())
        if about.kept_by == about.member:
            text = f"the commitments are said to be kept by {code_or_quoted(about.member)} itself: they show nothing"
            raise Fault(text, "take those that another member kept")
        opened = commitments.judge(title, log.digests, about, found, last, log.dates)
        named = {name: code_or_quoted(getattr(about, name)) for name in ("kept_by", "member")}
        commitments.require(opened, structs.replace(about, **named))
    except BrokenLog as broken:
        raise Fault(broken.text, DIFFERS) from None
    if not opened and refused:
        raise Fault(_refused_text(refused), NEXT_FILE)
    if not opened:
        raise Fault("no commitment is of a day up to that of the salt: none was checked", "ask for a later salt")
    later = sum(commitments.day_of(each.at) > last.day for each in found)
    return OpenedFile(len(opened), max(each.n or 0 for each in opened), later, refused, about.kept_by)


def _refused_text(refused: "Sequence[str]") -> str:
    more = f"; and so {len(refused) - 1:,} more" if len(refused) > 1 else ""
    return f"{refused[0]}{more}"
