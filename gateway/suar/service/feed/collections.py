"""The STIX objects of a TAXII collection for a reader: what is in force, in the order in which it was added.

A revision that replaced others is accompanied by their main objects as revoked, and so is a cancel, and a stricter
revision which the reader may not read: clients have to destroy what they stored of them. Revisions that the reader
could not read are left out. Each page applies the policy again.
"""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from msgspec import Struct
from sqlalchemy import Connection, Row, select

from suar.exchange.outgoing import taxii
from suar.protocol.message.marking import Marking, marking_of_tree
from suar.protocol.policy.restrictions import Reader, may_read_kind
from suar.service.access.agencies import AgencyBook
from suar.service.core.core import Core
from suar.service.feed.current import CurrentSelection, reader_now
from suar.service.feed.withdrawals import Withdrawal, could_read_before, may_see_at, opened, withdrawal_of
from suar.service.reading.trees import could_read_recalled, stored_marking
from suar.store import tables as t
from suar.store.messages import inbox
from suar.store.messages import rows as messages
from suar.store.messages.urgency import Selection

EXAMINED_MAX: Final = 256
"""Messages that are examined for one page; the page may then be empty, and name the next one."""
_MS: Final = 1_000  # of a date, which is in microseconds


class StixPosition(Struct, frozen=True, array_like=True):
    """Where a page begins: after a row, and after so many objects of the row after it."""

    row: int = 0
    objects: int = 0


class Added(NamedTuple):
    """An object and when it was added (microseconds), never the same for two messages."""

    date: int
    object: dict[str, Any]
    about: tuple[str, int] | None = None  # the text (id, revision) that it has


class Wanted(Struct, frozen=True):
    """What of a collection is requested; `added_after` in microseconds, `versions` as TAXII's match[version]."""

    ids: frozenset[str] = frozenset()
    types: frozenset[str] = frozenset()
    versions: frozenset[str] = frozenset()
    added_after: int = -1

    def has(self, each: Added) -> bool:
        """Whether an object is requested. Every object has one version, which is its first and its last."""
        is_one = not self.versions or bool(self.versions & {"all", "first", "last", taxii.version_of(each.object)})
        return (
            each.date > self.added_after
            and (not self.ids or each.object["id"] in self.ids)
            and (not self.types or each.object["type"] in self.types)
            and is_one
        )


class StixPage(NamedTuple):
    """Objects, and where the next page begins; None after the last one."""

    objects: list[Added]
    following: StixPosition | None


def stix_page(
    core: Core, book: AgencyBook, selected: CurrentSelection, wanted: Wanted, position: StixPosition, limit: int
) -> StixPage | None:
    """A page of a collection; None when the reader may read nothing now. For any thread."""
    reader = reader_now(core, book, selected.agency)
    if reader is None:
        return None
    agency = book.find(selected.agency)
    found: list[Added] = []
    with core.database.reading() as connection:
        view = _View(core, connection, reader, 0 if agency is None else agency.created_at, {})
        selection, last = Selection(selected.kind, selected.origin, selected.realm), core.vault.numbers.last
        numbers = inbox.received(connection, selection, position.row, EXAMINED_MAX, None, core.clock(), last)
        at, skipped = position.row, position.objects
        for row in (row for rows in inbox.pages(connection, numbers) for row in rows):
            core.yield_to_writer()
            date = _date(connection, row)
            for number, (each, has_text) in enumerate(view.objects(row)):
                added = Added(date, each, (row.id, row.rev) if has_text else None)
                if number < skipped or not wanted.has(added):
                    continue
                if len(found) == limit:
                    return StixPage(found, StixPosition(at, number))
                found.append(added)
            at, skipped = row.n, 0
    return StixPage(found, StixPosition(at) if len(numbers) == EXAMINED_MAX else None)


def _date(connection: Connection, row: Row[Any]) -> int:
    """When a row was added: later than every row before it, also of the same millisecond."""
    m = t.message
    before = select(m.c.n).where(m.c.n < row.n, m.c.at != row.at).order_by(m.c.n.desc()).limit(1)
    first: int = connection.execute(before).scalar() or 0
    return int(row.at) * _MS + min(int(row.n) - first - 1, _MS - 1)


class _View(NamedTuple):
    """One reader's view of the store. `since`: when the agency was registered (ms): what was withdrawn before is not
    listed for it. `withdrawn`: what was, of each message that was looked at.
    """

    core: Core
    connection: Connection
    reader: Reader
    since: int
    withdrawn: dict[str, Withdrawal | None]

    def objects(self, row: Row[Any]) -> Iterator[tuple[dict[str, Any], bool]]:
        """The objects of a row: revoked ones of what it replaced, then its own, with the text, while it is in force."""
        is_newest = messages.chain_of(self.connection, row.id)[-1].rev == row.rev
        tree = opened(self.core, row) if is_newest and row.body is not None else None
        if is_newest and tree is None:
            return
        if tree is None or not self._is_shown(row, marking_of_tree(tree)):
            yield from self._withdrawn(row)
            return
        for before in could_read_before(self.core, self.connection, self.reader, row):
            yield taxii.revoked(before.id, before.rev, before.kind, before.sent, row.sent), False
        if row.action != "cancel":
            for each in taxii.objects(tree):
                yield each, True

    def _is_shown(self, row: Row[Any], marking: Marking | None) -> bool:
        """Whether the reader may see the newest revision, or what is left of it."""
        if row.action != "cancel":
            return may_see_at(self.reader, marking, self.reader.now)
        is_allowed = may_see_at(self.reader, marking, min(self.reader.now, row.expires - 1))
        return is_allowed and could_read_recalled(self.core, self.connection, self.reader, row) is not False

    def _withdrawn(self, row: Row[Any]) -> Iterator[tuple[dict[str, Any], bool]]:
        """Revoked objects of what was withdrawn from the reader with this row; when a stricter revision was sent is not
        disclosed.
        """
        if self.reader.is_focal_point or row.rev == 1 or not may_read_kind(self.reader, row.kind):
            return
        if row.id not in self.withdrawn:
            newest = messages.lean(self.connection, row.id)
            marking = stored_marking(self.core, self.connection, newest)
            self.withdrawn[row.id] = withdrawal_of(self.core, self.connection, self.reader, newest, marking)
        found = self.withdrawn[row.id]
        if found is not None and found.number == row.n and self.since <= found.until:
            for before in could_read_before(self.core, self.connection, self.reader, row):
                yield taxii.revoked(before.id, before.rev, before.kind, before.sent, row.at), False
