"""`suar carry`: sealed frames, epochs, trust lists and bundles in a file for removable media (docs/carried.md)."""

import os
import secrets
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Final

import rich_click as click

from suar.cli.base.client import call, download
from suar.cli.base.common import MemberCode, PathType, command, emit, group, json_option, print_notice, state_option
from suar.cli.base.lazy import Table
from suar.protocol.base.errors import CODES, Fault
from suar.protocol.base.sentences import several

COMMANDS: Final[Table] = {
    "export": ("suar.cli.federation.carry:export", "export frames that other members may not have received"),
    "import": ("suar.cli.federation.carry:import_", "import a carried file, with the checks of the link"),
}
PROGRESS_EVERY: Final = 16  # segments: about as many MB
HARMLESS: Final = frozenset({"E-BUNDLE-OLDER"})  # of a file that is older than what arrived since


@group("carry", COMMANDS, example="suar carry export -o for-sg.carried --to SG --state th")
def carry() -> None:
    """Carry encrypted frames on removable media while the link is down. The file discloses no message."""


@command("export", example="suar carry export -o for-sg.carried --to SG --state th")
@click.option("-o", "--output", type=PathType, required=True, help="The file to write.")
@click.option(
    "--to", type=MemberCode(), help="Only frames for this member. Default: for all members; each imports its own."
)
@click.option(
    "--everything", is_flag=True, help="Export everything that is kept, including frames that they are known to have."
)
@state_option
def export(output: Path, to: str | None, everything: bool, state: Path) -> None:
    """Write a file with the frames that other members may not have received, while their link is down.

    The file can be imported more than once, in any order, and while the link works: no message is shown twice. Their
    messages, and their receipts for yours, come back in a file that they export.
    """
    params = ({"to": to} if to else {}) | ({"everything": "true"} if everything else {})
    temporary = output.with_name(f".{output.name}.{secrets.token_hex(6)}.tmp")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            size = 0
            for part in download(state, "/v1/carried", params=params):
                file.write(part)
                before, size = size, size + len(part)
                if before // (PROGRESS_EVERY << 20) != size // (PROGRESS_EVERY << 20):
                    print_notice(f"{size >> 20:,} MiB written")
            file.flush()
            os.fsync(file.fileno())
        found = _checked(temporary)  # a gateway that ended in the meantime leaves a file without its end
        temporary.replace(output)
    finally:
        temporary.unlink(missing_ok=True)
    print_notice(f"{size:,} bytes written: {found[1]:,} objects in {found[0]:,} segments")


@command("import", example="suar carry import from-th.carried --state sg")
@click.argument("file", type=PathType)
@state_option
@json_option
def import_(file: Path, state: Path, as_json: bool) -> None:
    """Import a carried file: every object in it passes the same checks as one received over the link.

    A damaged file is refused as a whole. Each object that the gateway refuses is listed with its error code, and the
    exit code is then 1; the other objects are accepted. Importing a file again has no effect.
    """
    segments, objects = _checked(file)
    total = _Total()
    for number, segment in enumerate(_segments(file), 1):
        total.add(call(state, "POST", "/v1/carried", segment))
        if number % PROGRESS_EVERY == 0 or (number == segments and number > 1):
            print_notice(f"segment {number:,} of {segments:,}, {total.objects:,} of {objects:,} objects")
    shown = total.shape()
    emit(shown, as_json, lambda: "\n".join(_lines(shown)))
    codes = sorted({each["code"] for each in shown["refused"]} - HARMLESS)
    if codes:
        raise Fault(f"some of {file} was refused: {', '.join(codes)}", CODES[codes[0]].advice)


class _Total:
    """The results of all segments."""

    def __init__(self) -> None:
        self.carrier, self.to = "", ""
        self.objects = self.messages = self.not_for_us = 0
        self.results: Counter[str] = Counter()
        self.refused: Counter[tuple[str, str, str]] = Counter()

    def add(self, answer: dict[str, Any]) -> None:
        """Add one segment's answer."""
        self.carrier, self.to = answer["carrier"], answer["to"]
        self.objects += answer["objects"]
        self.messages += answer["messages"]
        self.not_for_us += answer["not_for_us"]
        self.results.update(answer["results"])
        for each in answer["refused"]:
            self.refused[each["type"], each["code"], each["rule"]] += each["count"]

    def shape(self) -> dict[str, Any]:
        """Return the `--json` shape."""
        refused = [
            {"type": type_, "code": code, "rule": rule, "count": count}
            for (type_, code, rule), count in sorted(self.refused.items())
        ]
        return {
            "carrier": self.carrier, "to": self.to, "objects": self.objects, "messages": self.messages,
            "not_for_us": self.not_for_us, "results": dict(self.results), "refused": refused,
        }  # fmt: skip


def _lines(shown: dict[str, Any]) -> Iterator[str]:
    results = shown["results"]
    new = sum(results.get(name, 0) for name in ("ok", "late"))
    known = sum(results.get(name, 0) for name in ("duplicate", "noop"))
    messages, objects = several(shown["messages"], "new message", "new messages"), several(new, "object", "objects")
    yield f"from {shown['carrier']}: {messages}; {objects} new, {known} known already"
    aside = {"skip": "not sealed to us", "wait": "waiting for what they need"}
    parts = [f"{results[name]} {text}" for name, text in aside.items() if results.get(name)]
    if shown["not_for_us"]:
        parts.append(f"{shown['not_for_us']} in other members' channels")
    if parts:
        yield f"  {', '.join(parts)}"
    for each in shown["refused"]:
        rule = f" [{each['rule']}]" if each["rule"] else ""
        yield f"  refused: {each['count']} {each['type'] or 'objects'}, {each['code']}{rule}"


# -- the file


def _checked(path: Path) -> tuple[int, int]:
    """Return (segments, objects) of a whole file. Raises Fault naming a part that is not as it was written."""
    from suar.protocol.files.carried import Damaged, SegmentReader

    reading = SegmentReader()
    try:
        for _ in _segments(path, reading):
            pass
    except Damaged as damaged:
        hint = "nothing of it was taken; copy it again, or ask for another: `suar carry export`"
        raise Fault(f"{path} is damaged at {damaged.part}: {damaged.text}", hint) from None
    return reading.segments, reading.objects


def _segments(path: Path, reading: Any = None) -> Iterator[bytes]:
    """Yield one segment after the other, so that a file may be larger than the memory."""
    from suar.protocol.files.carried import LENGTH, SegmentReader

    state = reading or SegmentReader()
    with _opened(path) as file:
        while size := state.size(file.read(LENGTH)):
            yield state.read(size, file.read(size))


def _opened(path: Path) -> IO[bytes]:
    try:
        return path.open("rb")
    except FileNotFoundError:
        raise Fault(f"the carried file {path} does not exist", "check the path") from None
    except IsADirectoryError:
        raise Fault(f"the carried file {path} is a folder", "name a file") from None
