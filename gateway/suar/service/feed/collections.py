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
from suar.protocol.message.marking import marking_of_tree
from suar.protocol.policy.restrictions import Reader
from suar.service.access.agencies import AgencyBook
from suar.service.core.core import Core
from suar.service.feed.current import CurrentSelection, reader_now
from suar.service.feed.withdrawals import could_read_before, may_see_at, opened, readable_before
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
    found: list[Added] = []
    with core.database.reading() as connection:
        selection, last = Selection(selected.kind, selected.origin, selected.realm), core.vault.numbers.last
        numbers = inbox.received(connection, selection, position.row, EXAMINED_MAX, None, core.clock(), last)
        at, skipped = position.row, position.objects
        for row in (row for rows in inbox.pages(connection, numbers) for row in rows):
            core.yield_to_writer()
            date = _date(connection, row)
            for number, (each, has_text) in enumerate(_objects(core, connection, reader, row)):
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


def _objects(
    core: Core, connection: Connection, reader: Reader, row: Row[Any]
) -> Iterator[tuple[dict[str, Any], bool]]:
    """The objects of a row: revoked ones of what it replaced, then its own, with the text, while it is in force."""
    if messages.chain_of(connection, row.id)[-1].rev != row.rev:
        return
    tree = None if row.body is None else opened(core, row)
    if tree is None:
        return
    is_cancel, marking = row.action == "cancel", marking_of_tree(tree)
    is_shown = may_see_at(reader, marking, min(reader.now, row.expires - 1) if is_cancel else reader.now)
    if not is_shown and readable_before(core, connection, reader, row, marking) is None:
        return
    since = row.sent if is_shown else row.at  # when a stricter revision was sent is not disclosed
    for before in could_read_before(core, connection, reader, row):
        yield taxii.revoked(before.id, before.rev, before.kind, before.sent, since), False
    if is_shown and not is_cancel:
        for each in taxii.objects(tree):
            yield each, True
