"""Who is told of what: alerts that came, deadlines that pass, escalations, what waits for a second person.

Rows of the store, no texts, no channels.

Alerts are found behind a cursor over the stored messages, so the way in knows nothing of this and pays nothing for it;
the cursor moves in the transaction that writes the rows. Deadlines write theirs in the transaction of their own step.
Who may not read a message is not told that it is there: sectors are asked of the policy.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from hashlib import sha256
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Row

from suar.protocol.base import limits
from suar.protocol.base.instants import instant
from suar.protocol.message.kinds import Alert, Publication
from suar.protocol.message.messages import kind_of, read
from suar.protocol.message.urgency import LANES, UNKNOWN, lane
from suar.protocol.policy.readers import agencies
from suar.service.core.altered_rows import open_row
from suar.service.core.core import Core
from suar.service.settings.escalation import ROLES
from suar.service.settings.notify_config import Notify, Person
from suar.store.engine import meta
from suar.store.messages.rows import AlteredRow
from suar.store.outbound.delivery_view import join_codes
from suar.store.people import notices

CURSOR: Final = "notified"  # of `meta`: the number of the last message that was looked at
AT_ONCE: Final = 200  # alerts in one transaction
KEY_PREFIX: Final = "ntc_"
DEADLINE: Final = "deadline"
ESCALATION: Final = "escalation"
HELD: Final = "held"
RELEASED_ALONE: Final = "released-alone"


class About(NamedTuple):
    """The message that a notice is about, where it is no row of the store yet."""

    id: str
    rev: int
    kind: str
    action: str
    origin: str
    realm: str


def collect_alerts(core: Core, last: int) -> bool:
    """Alerts stored up to number `last` become rows of who is told; whether there is more to look at."""
    with core.transaction() as connection:
        at = cursor(connection)
        if at is None:  # the first time: what is here already is no news
            meta.put(connection, CURSOR, str(last))
            return False
        rows = notices.alerts_after(connection, at, last, core.member, AT_ONCE)
        for row in rows:
            if notices.is_newest(connection, row.id, row.rev):  # a later one is told itself
                notices.drop_superseded(connection, row.id, row.rev)
                notices.add(connection, list(_of_alert(core, row)))
        is_more = len(rows) == AT_ONCE
        meta.put(connection, CURSOR, str(rows[-1].n if is_more else last))
    return is_more


def cursor(connection: Connection) -> int | None:
    """How far the messages were looked at; None before the first time."""
    found = meta.get(connection, CURSOR)
    return int(found) if found is not None else None


def _of_alert(core: Core, row: Row[Any]) -> Iterator[dict[str, Any]]:
    """A row for each person and channel that hears of an alert; none of what is over, recalled or not for us."""
    message = _alert(core, row)
    settings, now = core.config.notify, core.clock()
    old = now - row.at > settings.give_up_hours * limits.HOUR
    if message is None or old or message.expires <= instant(now):
        return
    if not core.readers.may_read(core.world.trust, message).allowed:
        return
    for name, person in _people(core, settings, message, "alert"):
        yield from _rows(settings, name, person, "alert", row, message, now)


def add_overdue(core: Core, connection: Connection, row: Row[Any], role: str, owing: Sequence[str]) -> None:
    """A step of a deadline has come: those of that role are told who owes; where nobody has it, everybody is.

    `row` is the message's. With the caller's transaction.
    """
    settings, now = core.config.notify, core.clock()
    message = _alert(core, row) if owing and settings.person else None
    if message is None:
        return
    event = DEADLINE if role == ROLES[0] else ESCALATION
    people = list(_people(core, settings, message, event))
    meant = [(name, person) for name, person in people if role in person.roles] or people
    for name, person in meant:
        rows = _rows(settings, name, person, event, row, message, now)
        notices.add(
            connection, [each | {"role": role, "members": join_codes(owing)} | _keyed(each, role) for each in rows]
        )


def add_held(core: Core, connection: Connection, message: Publication) -> None:
    """A message of ours waits for a second person: who is told of that. With the caller's transaction."""
    _add_own(core, connection, message, HELD)


def add_released_alone(core: Core, connection: Connection, message: Publication) -> None:
    """A message left without the second person that it waited for: who is told of that.

    With the caller's transaction.
    """
    _add_own(core, connection, message, RELEASED_ALONE)


def _add_own(core: Core, connection: Connection, message: Publication, event: str) -> None:
    settings, now = core.config.notify, core.clock()
    if not settings.person:
        return
    about = About(message.id, message.rev, kind_of(message), message.action, core.member, message.status)
    for name, person in _people(core, settings, message, event):
        notices.add(connection, list(_rows(settings, name, person, event, about, message, now)))


def _alert(core: Core, row: Row[Any]) -> Alert | None:
    try:
        body = open_row(core, row)
    except AlteredRow:
        return None
    message = read(body) if body is not None else None
    return message if isinstance(message, Alert) else None


def _people(core: Core, settings: Notify, message: Publication, event: str) -> Iterator[tuple[str, Person]]:
    sectors: Callable[[], list[str]] = cache(lambda: _sectors(core, message))
    for name, person in settings.person.items():
        if event not in person.tells or (message.status != "actual" and not person.exercises):
            continue
        if not person.sectors or set(person.sectors) & set(sectors()):
            yield name, person


def _sectors(core: Core, message: Publication) -> list[str]:
    """The sectors whose people our focal point may hand the message to."""
    member = core.world.trust.member(core.member)
    return agencies(message, core.member, member) if member is not None else []


def _rows(
    settings: Notify, name: str, person: Person, event: str, row: "Row[Any] | About", message: Publication, now: int
) -> Iterator[dict[str, Any]]:
    number = lane(message)
    urgency = LANES[number] if number <= UNKNOWN else LANES[UNKNOWN]
    for channel in dict.fromkeys(person.channels):
        made = {
            "person": name, "channel": channel, "event": event, "id": row.id, "rev": row.rev, "kind": row.kind,
            "action": row.action, "origin": row.origin, "status": row.realm, "urgency": urgency, "lane": number,
            "role": "", "members": "", "at": now, "batch": notices.NO_BATCH,
        }  # fmt: skip
        yield made | _keyed(made, "")


def _keyed(made: dict[str, Any], step: str) -> dict[str, Any]:
    """What the receiver may tell a repetition by: the same event has the same key for ever."""
    parts = (made["person"], made["channel"], made["event"], made["id"], str(made["rev"]), step)
    return {"key": KEY_PREFIX + sha256("\0".join(parts).encode()).hexdigest()[:32]}
