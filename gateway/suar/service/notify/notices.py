"""Selects who is notified of alerts, deadlines, escalations and recovered access, and writes the notices to the store.

This module handles no texts and no channels. New alerts are found by a cursor over the stored messages, so receiving a
message needs no extra work; the cursor moves in the transaction that writes the notices. Notices about a deadline are
written in the transaction of its step. A person who may not read a message is not notified of it: the policy decides by
sector.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from hashlib import sha256
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Row

from suar.protocol.base import limits
from suar.protocol.base.instants import instant
from suar.protocol.base.primitives import ACTUAL
from suar.protocol.message.kinds import Alert, Publication
from suar.protocol.message.messages import kind_of, readable
from suar.protocol.message.urgency import LANES, UNKNOWN, lane
from suar.protocol.policy.readers import agencies
from suar.service.core.altered_rows import open_row
from suar.service.core.core import Core
from suar.service.settings.escalation import ROLES
from suar.service.settings.sections.notify_config import Notify, Person
from suar.store.engine import meta
from suar.store.messages.rows import AlteredRow
from suar.store.outbound.delivery_view import join_codes
from suar.store.people import notices

CURSOR: Final = "notified"  # key in `meta`: row number of the last message that was examined
BATCH: Final = 200  # alerts in one transaction
KEY_PREFIX: Final = "ntc_"
DEADLINE: Final = "deadline"
ESCALATION: Final = "escalation"
HELD: Final = "held"
RELEASED_ALONE: Final = "released-alone"
RECOVERED: Final = "recovered"
PROPOSAL: Final = "proposal"


class About(NamedTuple):
    """The message that a notice is about, where it is no row of the store yet."""

    id: str
    rev: int
    kind: str
    action: str
    origin: str
    realm: str


def collect_alerts(core: Core, last: int) -> bool:
    """Write the notices of alerts stored up to row number `last`; returns whether more alerts are left to examine.

    At most `BATCH` alerts are examined in one call. The first call ever only sets the cursor to `last`.
    """
    with core.transaction() as connection:
        at = cursor(connection)
        if at is None:  # the first call: nobody is notified of messages that are stored already
            meta.put(connection, CURSOR, str(last))
            return False
        rows = notices.alerts_after(connection, at, last, core.member, BATCH)
        for row in rows:
            if notices.is_newest(connection, row.id, row.rev):  # a later revision has a row of its own
                notices.drop_superseded(connection, row.id, row.rev)
                notices.add(connection, list(_of_alert(core, row)))
        is_more = len(rows) == BATCH
        meta.put(connection, CURSOR, str(rows[-1].n if is_more else last))
    return is_more


def cursor(connection: Connection) -> int | None:
    """Return the row number of the last message that was examined, or None before the first `collect_alerts`."""
    found = meta.get(connection, CURSOR)
    return int(found) if found is not None else None


def _of_alert(core: Core, row: Row[Any]) -> Iterator[dict[str, Any]]:
    """Yield one notice for each person and channel; none for an old, expired, recalled or unreadable alert."""
    message = _alert(core, row)
    settings, now = core.config.notify, core.clock()
    old = now - row.at > settings.give_up_hours * limits.HOUR
    if message is None or old or message.expires <= instant(now):
        return
    if not core.readers.may_read(core.world.trust, message).is_allowed:
        return
    for name, person in _people(core, settings, message, "alert"):
        yield from _rows(name, person, "alert", row, message, now)


def add_overdue(core: Core, connection: Connection, row: Row[Any], role: str, overdue: Sequence[str]) -> None:
    """Write the notices of one step of a deadline: the members in `overdue` have not acknowledged the message of `row`.

    The people with the role `role` are notified, or everybody if nobody has that role. Runs in the caller's
    transaction.
    """
    settings, now = core.config.notify, core.clock()
    message = _alert(core, row) if overdue and settings.person else None
    if message is None:
        return
    event = DEADLINE if role == ROLES[0] else ESCALATION
    people = list(_people(core, settings, message, event))
    meant = [(name, person) for name, person in people if role in person.roles] or people
    for name, person in meant:
        rows = _rows(name, person, event, row, message, now)
        notices.add(
            connection, [each | {"role": role, "members": join_codes(overdue)} | _keyed(each, role) for each in rows]
        )


def add_held(core: Core, connection: Connection, message: Publication) -> None:
    """Notify the people concerned that a message of ours waits for a second person; in the caller's transaction."""
    _add_own(core, connection, message, HELD)


def add_released_alone(core: Core, connection: Connection, message: Publication) -> None:
    """Notify the people concerned that a message was sent without the second person that it waited for.

    Runs in the caller's transaction.
    """
    _add_own(core, connection, message, RELEASED_ALONE)


def add_recovered(core: Core, connection: Connection, user: str) -> None:
    """Notify the people concerned that a person's access to the console was recovered, in the caller's transaction.

    People of other sectors are left out: it concerns the focal point alone.
    """
    _add_internal(core, connection, About(user, 0, "", "", core.member, ACTUAL), RECOVERED, UNKNOWN)


def add_proposal(core: Core, connection: Connection, id_: str, kind: str, realm: str, number: int) -> None:
    """Notify the people concerned that an agency proposed a draft of the lane `number`, in the caller's transaction.

    People of other sectors are left out: who may read it is decided for the message that is made of it.
    """
    _add_internal(core, connection, About(id_, 0, kind, "", core.member, realm), PROPOSAL, number)


def _add_internal(core: Core, connection: Connection, about: About, event: str, number: int) -> None:
    """Write the notices of the focal point's own affair, to people who read for it as a whole."""
    settings, now = core.config.notify, core.clock()
    for name, person in settings.person.items():
        if event not in person.tells or person.sectors or (about.realm != ACTUAL and not person.exercises):
            continue
        urgency = LANES[number] if number < UNKNOWN else ""
        step = str(now) if event == RECOVERED else ""
        notices.add(connection, list(_channels(person, name, event, about, (urgency, number), now, step)))


def _add_own(core: Core, connection: Connection, message: Publication, event: str) -> None:
    settings, now = core.config.notify, core.clock()
    if not settings.person:
        return
    about = About(message.id, message.rev, kind_of(message), message.action, core.member, message.status)
    for name, person in _people(core, settings, message, event):
        notices.add(connection, list(_rows(name, person, event, about, message, now)))


def _alert(core: Core, row: Row[Any]) -> Alert | None:
    try:
        body = open_row(core, row)
    except AlteredRow:
        return None
    message = readable(body) if body is not None else None
    return message if isinstance(message, Alert) else None


def _people(core: Core, settings: Notify, message: Publication, event: str) -> Iterator[tuple[str, Person]]:
    sectors: Callable[[], list[str]] = cache(lambda: _sectors(core, message))
    for name, person in settings.person.items():
        if event not in person.tells or (message.status != "actual" and not person.exercises):
            continue
        if not person.sectors or set(person.sectors) & set(sectors()):
            yield name, person


def _sectors(core: Core, message: Publication) -> list[str]:
    """Return the sectors to whose people our focal point may hand the message."""
    member = core.world.trust.member(core.member)
    return agencies(message, core.member, member) if member is not None else []


def _rows(
    name: str, person: Person, event: str, row: "Row[Any] | About", message: Publication, now: int
) -> Iterator[dict[str, Any]]:
    number = lane(message)
    urgency = LANES[number] if number <= UNKNOWN else LANES[UNKNOWN]
    return _channels(person, name, event, row, (urgency, number), now, "")


def _channels(
    person: Person, name: str, event: str, about: "Row[Any] | About", urgency: tuple[str, int], now: int, step: str
) -> Iterator[dict[str, Any]]:
    """Yield one notice for each channel of a person; `urgency` with its lane, `step` as for `_keyed`."""
    for channel in dict.fromkeys(person.channels):
        made = {
            "person": name, "channel": channel, "event": event, "id": about.id, "rev": about.rev, "kind": about.kind,
            "action": about.action, "origin": about.origin, "status": about.realm, "urgency": urgency[0],
            "lane": urgency[1], "role": "", "members": "", "at": now, "batch": notices.NO_BATCH,
        }  # fmt: skip
        yield made | _keyed(made, step)


def _keyed(made: dict[str, Any], step: str) -> dict[str, Any]:
    """Return the key by which a receiver recognizes a repeated notice: the same event always has the same key."""
    parts = (made["person"], made["channel"], made["event"], made["id"], str(made["rev"]), step)
    return {"key": KEY_PREFIX + sha256("\0".join(parts).encode()).hexdigest()[:32]}
