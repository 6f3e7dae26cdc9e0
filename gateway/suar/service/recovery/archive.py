"""Makes an archive: what a gateway holds of the messages before a date, sealed, in segments that are judged offline.

It is made from a state folder on which no gateway runs: a restored backup, on another machine, serves. Nothing is
removed from the store.
"""

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, TypeAlias

import msgspec
from sqlalchemy import Connection, Row

from suar import __version__
from suar.files import PRIVATE, flush_folder, private_folder
from suar.protocol.base.errors import Fault
from suar.protocol.files.auditlog import exported_lines
from suar.service.access.act_notes import note_reading
from suar.service.core.core import Core
from suar.service.reading import containing, evidence, views
from suar.service.recovery import archive_file as form
from suar.service.recovery import backup_file
from suar.service.recovery.archive_file import Fate, Head, Title
from suar.service.settings.sealed import Seal
from suar.service.status import auditing
from suar.store.messages import inbox
from suar.store.messages import rows as messages
from suar.store.people import legal_holds
from suar.store.tables.columns import blob

IsDue: TypeAlias = Callable[[Core, Connection, str, str], bool]
"""Whether the schedule has the texts of a message, by id and kind, purged now."""
PAGE: Final = 500
DUE: Final = "its time is over by the schedule of [retention]"
HELD: Final = "it was recalled, and is kept for a legal hold alone"


def make(core: Core, folder: Path, seal: Seal, before: int, who: str, is_due: IsDue) -> list[Path]:
    """Write the segments of an archive of all messages before `before` (ms) into the new folder; their files.

    `seal`: of the purpose `archive`. The text of what is due is left out. Fault where the folder is not empty, or there
    is no trust list yet.
    """
    private_folder(folder)
    if any(folder.iterdir()):
        raise Fault(f"{folder} is not empty", "name a new folder")
    if core.status.trust.current is None:
        raise Fault("there is no trust list, so nothing can be judged later", "archive a gateway of a federation")
    note_reading(core, who, "archive", str(before))
    auditing.sign(core)
    made: list[Path] = []
    numbers = _before(core, before)
    now = core.clock()
    while True:
        taken = [n for _, n in zip(range(form.SEGMENT), numbers, strict=False)]
        is_last = len(taken) < form.SEGMENT
        title = Title(
            member=core.member, federation=core.federation, before=before, made_at=now, suar=__version__,
            number=len(made) + 1, previous=backup_file.hash_of(made[-1]) if made else "",
        )  # fmt: skip
        content = _content(core, title, taken, is_last, is_due)
        made.append(_write(folder / form.file_name(core.member, title.number), seal, content))
        if is_last:
            flush_folder(folder)
            return made


def _write(path: Path, seal: Seal, content: Iterator[bytes]) -> Path:
    """Write one segment, and rename it when it is whole."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(6)}.tmp")
    try:
        with temporary.open("xb") as file:
            temporary.chmod(PRIVATE)
            backup_file.write(file, seal, content, form.MAGIC)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    return path


def _content(core: Core, title: Title, numbers: list[int], is_last: bool, is_due: IsDue) -> Iterator[bytes]:
    yield form.part(form.TITLE, msgspec.json.encode(title))
    yield form.part(form.TRUST, containing.export_trust(core))
    for n in numbers:
        yield from _message(core, n, is_due)
    if is_last:
        yield form.part(form.AUDIT, b"\n".join(_audit(core)))
    yield form.part(form.END, msgspec.json.encode(form.End(messages=len(numbers), is_last=is_last)))


def _before(core: Core, before: int) -> Iterator[int]:
    """The numbers of the rows of messages before that time."""
    after = 0
    while True:
        with core.database.reading() as connection:
            numbers = inbox.next_numbers(connection, after, PAGE)
            rows = [row for page in inbox.pages(connection, numbers) for row in page]
        yield from (row.n for row in rows if row.at < before)
        if not numbers:
            return
        after = numbers[-1]


def _message(core: Core, n: int, is_due: IsDue) -> Iterator[bytes]:
    """The head of one message, and what proves it."""
    with core.database.reading() as connection:
        row = messages.at(connection, n)
        if row is None:
            raise Fault(f"row {n} of the store is gone", "archive a state on which nothing runs")
        text = views.text_of(core, connection, row)
        is_hidden = row.body is not None or legal_holds.sealed_text(connection, row.id, row.rev) is not None
        is_over = row.action != "cancel" and is_due(core, connection, row.id, row.kind)
    fate, reason, data = _hidden(is_hidden) if text is None else _kept(core, row, text, is_over=is_over)
    head = Head(
        id=row.id, rev=row.rev, origin=row.origin, at=row.at, digest=blob(row.digest).hex(), fate=fate, reason=reason
    )
    yield form.part(form.HEAD, msgspec.json.encode(head))
    if data is not None:
        yield form.part(form.EVIDENCE if fate == "proved" else form.TEXT, data)


def _hidden(is_kept: bool) -> tuple[Fate, str, None]:
    """Return what is archived of a text that nobody is shown; a text under a legal hold is not destroyed, and not
    included.
    """
    return ("withheld", HELD, None) if is_kept else ("destroyed", "", None)


def _kept(core: Core, row: Row[Any], text: bytes, *, is_over: bool) -> tuple[Fate, str, bytes | None]:
    if is_over:
        return "withheld", DUE, None
    if views.message(core, row.id, row.rev) is None:
        return "withheld", "", None
    try:
        exported = evidence.export(core, row.id, row.rev)
    except Fault as fault:
        return "unproved", fault.text, text
    return ("withheld", "", None) if exported is None else ("proved", "", exported.data)


def _audit(core: Core) -> Iterator[bytes]:
    """The whole audit, as `suar audit export` writes it."""
    return exported_lines(auditing.pages(core))
