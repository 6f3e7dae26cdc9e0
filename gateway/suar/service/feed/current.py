"""What is in force at this moment for a reader: the newest revision of each message, page by page.

The CAP feed and the data files, which show the current state and not events, read here. Each page evaluates the policy.
"""

from typing import Any, Final, NamedTuple

from msgspec import Struct
from sqlalchemy import Connection

from suar.protocol.base.primitives import ACTUAL
from suar.protocol.message.messages import Unreadable
from suar.protocol.policy.decision import decide
from suar.protocol.policy.restrictions import Reader
from suar.service.access.agencies import AgencyBook, reader_of
from suar.service.core import reading_policy
from suar.service.core.altered_rows import open_row
from suar.service.core.core import Core
from suar.service.reading import trees, views
from suar.store.messages import inbox
from suar.store.messages import rows as messages
from suar.store.messages.rows import AlteredRow
from suar.store.messages.urgency import Selection

ROWS: Final = 64
"""Messages that are examined for a page."""


class CurrentSelection(Struct, frozen=True):
    """Messages of one kind and one realm, of one publishing member or all; `agency` is the reader, "" our own."""

    kind: str
    realm: str = ACTUAL
    origin: str | None = None
    agency: str = ""


class Current(NamedTuple):
    """A message in force: its signed bytes, and those of the revision before it where they are kept."""

    id: str
    rev: int
    at: int
    data: bytes
    earlier: bytes | None


class CurrentPage(NamedTuple):
    """Messages, and the row number after which the next page begins; None after the last one."""

    messages: list[Current]
    after: int | None


def current_page(core: Core, book: AgencyBook, selected: CurrentSelection, after: int) -> CurrentPage | None:
    """Return the messages after a row number; None when the reader may read nothing now. For any thread."""
    reader = reader_now(core, book, selected.agency)
    if reader is None:
        return None
    selection = Selection(selected.kind, selected.origin, selected.realm)
    found: list[Current] = []
    with core.database.reading() as connection:
        numbers = inbox.received(connection, selection, after, ROWS, True, core.clock(), core.vault.numbers.last)
        for rows in inbox.pages(connection, numbers):
            chains = messages.chains_of(connection, {row.id for row in rows})
            for row in rows:
                core.yield_to_writer()
                if chains[row.id][-1].rev == row.rev and (data := _readable(core, reader, row)) is not None:
                    found.append(Current(row.id, row.rev, row.at, data, _earlier(core, connection, reader, row)))
    return CurrentPage(found, numbers[-1] if len(numbers) == ROWS else None)


def current_one(core: Core, book: AgencyBook, selected: CurrentSelection, id_: str) -> Current | None:
    """One message in force; None when there is none, or the reader may not read it. For any thread.

    Raises Unreadable.
    """
    reader = reader_now(core, book, selected.agency)
    if reader is None:
        return None
    with core.database.reading() as connection:
        row = messages.lean(connection, id_)
        if row is None or row.kind != selected.kind or row.realm != selected.realm or row.action == "cancel":
            return None
        data = _opened(core, reader, row) if row.expires > core.clock() else None
        if data is None:
            return None
        return Current(row.id, row.rev, row.at, data, _earlier(core, connection, reader, row))


def reader_now(core: Core, book: AgencyBook, agency: str) -> Reader | None:
    """The agency of that name as a reader at this moment, "" our focal point; None when it may read nothing now."""
    if not agency:
        return reading_policy.own_reader(core.member, core.status.trust, core.clock())
    known = book.find(agency)
    return None if known is None else reader_of(known.registration, core.member, core.status.trust, core.clock())


def _earlier(core: Core, connection: Connection, reader: Reader, row: Any) -> bytes | None:
    """The signed bytes of the revision before a row, if the reader may read that one too."""
    before = messages.lean(connection, row.id, row.rev - 1) if row.rev > 1 else None
    return None if before is None else _readable(core, reader, before)


def _readable(core: Core, reader: Reader, row: Any) -> bytes | None:
    """The signed bytes of a row that the reader may read; None for what was destroyed or altered, or is unreadable."""
    try:
        return _opened(core, reader, row)
    except Unreadable:  # the check of stored rows reports it
        return None


def _opened(core: Core, reader: Reader, row: Any) -> bytes | None:
    """The same. Raises Unreadable for what the reader may read and this version cannot."""
    try:
        data = open_row(core, row)
    except AlteredRow:  # the check of stored rows reports it
        return None
    try:
        may_see = data is not None and views.may_see(reader, row, trees.tree_of(data))
    except Unreadable:
        if data is None or not decide(trees.marking_in(data), reader).is_allowed:
            return None
        raise
    return data if may_see else None
