"""The time stamp (RFC 3161) beside an exported file of the audit log: FILE.tst, over the bytes of FILE."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import rich_click as click

from suar.cli.base.common import PathType, print_notice
from suar.files import PRIVATE, atomic_write, read
from suar.protocol.base.errors import Fault
from suar.protocol.base.instants import instant, milliseconds

if TYPE_CHECKING:
    from collections.abc import Callable

    class DatedFile(Protocol):
        """A verified file with lines and heads."""

        def times_after(self, proved: int) -> list[str]:
            """Return what is dated after `proved` (ms), as text."""


authority_option: "Callable[[Any], Any]" = click.option(
    "--tsa-ca",
    type=PathType,
    help="Certificates (PEM) of a time-stamping authority that you trust: verify FILE.tst, the time stamp of FILE.",
)


def stamp_of(file: Path) -> Path:
    """Return the path of the time stamp of an exported file."""
    return file.with_name(f"{file.name}.tst")


def write_stamp(state: Path, file: Path, data: bytes) -> None:
    """Have `data`, which was written to `file`, stamped by the authority of suar.toml, if there is one."""
    from suar.service.process.offline import request_stamp

    try:
        token = request_stamp(state, data)
    except Fault as fault:
        raise Fault(f"{file} is written, without a time stamp: {fault.text}", fault.hint) from None
    if token is None:
        return
    atomic_write(stamp_of(file), token.data, PRIVATE)
    print_notice(f"time stamp written to {stamp_of(file)}: not later than {latest(token.moment.latest)}")


def proved_time(file: Path, data: bytes, tsa_ca: Path | None) -> str | None:
    """Return by when `data`, read from `file`, existed, by its time stamp; None if no authority was named. Raises
    Fault.
    """
    from suar.protocol.files.stamps import Authority

    if tsa_ca is None:
        return None
    authority = Authority(read(tsa_ca, "the authority's certificates"))
    judged = authority.judge(read(stamp_of(file), "the time stamp"), data)
    if judged.weak:
        text = f"{stamp_of(file)} proves no time: it rests on {judged.weak}, which is too weak"
        raise Fault(text, "docs/evidence.md says what counts; another authority, or another source, proves the time")
    if judged.moment is None:
        text = f"{stamp_of(file)} is no time stamp over {file} of an authority that you named"
        raise Fault(text, "ask who gave it for both files, as they were exported")
    return latest(judged.moment.latest)


def times_after(found: "DatedFile", time: str | None) -> list[str]:
    """Return what a verified file dates after the time by which its time stamp proves it to exist, as text."""
    return [] if time is None else found.times_after(milliseconds(time))


def time_text(time: str | None) -> str:
    """Return what is added to a result whose time was proved."""
    return "" if time is None else f"\ntime proved: not later than {time}"


def latest(at: int) -> str:
    """Return the first full second at or after then."""
    return instant(at + 999)
