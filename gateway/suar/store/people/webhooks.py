"""Webhooks of agencies: the address and the secrets, sealed; the position of each; and undelivered events.

Of an event the store has the message's id and revision, never a copy of what was sent.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, func, or_, select, update

from suar.store import tables as t
from suar.store.engine.upsert import upsert
from suar.store.engine.vault import Vault
from suar.store.engine.verifying import table_sound

DEAD_MAX: Final = 1_000
"""Dead letters of one agency; beyond that the oldest are dropped."""
_w, _p, _e, _a = t.webhook, t.webhook_progress, t.webhook_event, t.agency


class Stored(NamedTuple):
    """A webhook; `old_until` in ms."""

    agency: str
    url: str
    secret: bytes
    old_secret: bytes | None
    old_until: int | None

    def __repr__(self) -> str:
        return f"Stored({self.agency})"


class EventKey(NamedTuple):
    """The key of an event of a feed: a revision, or that it has expired."""

    id: str
    rev: int
    is_expiry: bool


# -- addresses and secrets


def webhooks(connection: Connection, vault: Vault) -> list[Stored]:
    """Return the webhooks of agencies that are not revoked. Raises AlteredError, and Fault for an undecryptable row."""
    table_sound(connection, _w)
    found = select(_w).join(_a, _a.c.name == _w.c.agency).where(_a.c.revoked_at.is_(None)).order_by(_w.c.agency)
    return [_opened(vault, row) for row in connection.execute(found)]


def _opened(vault: Vault, row: Row[Any]) -> Stored:
    def opened(sealed: bytes) -> bytes:
        return bytes(vault.unwrap(sealed, _bound(row.agency)))

    old = opened(row.old_secret) if row.old_secret is not None else None
    return Stored(row.agency, opened(row.url).decode(), opened(row.secret), old, row.old_until)


def keep(connection: Connection, vault: Vault, hook: Stored) -> None:
    """Store a webhook in place of the agency's."""

    def sealed(plain: bytes) -> bytes:
        return vault.wrap(plain, _bound(hook.agency))

    old = sealed(hook.old_secret) if hook.old_secret is not None else None
    row = {
        "agency": hook.agency, "url": sealed(hook.url.encode()), "secret": sealed(hook.secret), "old_secret": old,
        "old_until": hook.old_until,
    }  # fmt: skip
    upsert(connection, _w, [row])


def _bound(agency: str) -> str:
    return f"webhook {agency}"


def remove(connection: Connection, agency: str) -> bool:
    """Delete an agency's webhook with all events that wait for it; returns False if there is none."""
    connection.execute(delete(_e).where(_e.c.agency == agency))
    connection.execute(delete(_p).where(_p.c.agency == agency))
    return connection.execute(delete(_w).where(_w.c.agency == agency)).rowcount == 1


# -- positions


def begin(connection: Connection, agency: str, position: str) -> None:
    """Store where a new webhook begins."""
    upsert(connection, _p, [{"agency": agency, "position": position}])


def progress(connection: Connection, agency: str) -> Row[Any] | None:
    """Return the position of a webhook."""
    return connection.execute(select(_p).where(_p.c.agency == agency)).first()


def all_progress(connection: Connection) -> dict[str, Row[Any]]:
    """Return the position of every webhook, by agency."""
    return {row.agency: row for row in connection.execute(select(_p))}


def troubled(connection: Connection) -> Sequence[Row[Any]]:
    """Return the positions of webhooks that fail or were stopped, of agencies that are neither suspended
    nor revoked.
    """
    is_reading = and_(_a.c.suspended_at.is_(None), _a.c.revoked_at.is_(None))
    is_troubled = or_(_p.c.failing_since.is_not(None), _p.c.stopped_at.is_not(None))
    found = select(_p).join(_a, _a.c.name == _p.c.agency).where(is_reading, is_troubled)
    return connection.execute(found.order_by(_p.c.agency)).all()


def change(connection: Connection, agency: str, values: Mapping[str, Any]) -> None:
    """Set columns of `webhook_progress`."""
    connection.execute(update(_p).where(_p.c.agency == agency).values(dict(values)))


def advance(connection: Connection, agency: str, before: str, position: str) -> None:
    """Set the position, unless it was set to another one since it was read as `before`."""
    is_it = (_p.c.agency == agency, _p.c.position == before)
    connection.execute(update(_p).where(*is_it).values(position=position))


# -- undelivered events


def _one(agency: str, key: EventKey) -> ColumnElement[bool]:
    return and_(_e.c.agency == agency, _e.c.id == key.id, _e.c.rev == key.rev, _e.c.is_expiry == key.is_expiry)


def first_waiting(connection: Connection, agency: str) -> Row[Any] | None:
    """Return the event of an agency that is sent again first."""
    wanted = select(_e).where(_e.c.agency == agency, _e.c.dead_at.is_(None))
    return connection.execute(wanted.order_by(_e.c.next_at, _e.c.first_at, _e.c.id).limit(1)).first()


def put(connection: Connection, agency: str, key: EventKey, values: Mapping[str, Any]) -> None:
    """Store an undelivered event, or set its columns."""
    upsert(connection, _e, [{"agency": agency, **key._asdict(), "dead_at": None, **values}])


def bury(connection: Connection, agency: str, key: EventKey, outcome: str, now: int) -> None:
    """Make an event a dead letter, and drop the oldest beyond DEAD_MAX."""
    connection.execute(update(_e).where(_one(agency, key)).values(dead_at=now, outcome=outcome))
    for row in dead(connection, agency, None)[DEAD_MAX:]:
        connection.execute(delete(_e).where(_one(agency, EventKey(row.id, row.rev, row.is_expiry))))


def settle(connection: Connection, agency: str, key: EventKey) -> None:
    """Delete an event that was delivered, or is not an event any more."""
    connection.execute(delete(_e).where(_one(agency, key)))


def dead(connection: Connection, agency: str, limit: int | None) -> Sequence[Row[Any]]:
    """Return dead letters of an agency, the newest first; at most `limit`, all for None."""
    wanted = select(_e).where(_e.c.agency == agency, _e.c.dead_at.is_not(None))
    return connection.execute(wanted.order_by(_e.c.dead_at.desc(), _e.c.id, _e.c.rev).limit(limit)).all()


def revive(connection: Connection, agency: str, now: int) -> int:
    """Let every dead letter of an agency be sent again from now on; return their number."""
    is_dead = (_e.c.agency == agency, _e.c.dead_at.is_not(None))
    values = {"dead_at": None, "first_at": now, "next_at": now, "tries": 0}
    return connection.execute(update(_e).where(*is_dead).values(values)).rowcount


def end_waiting(connection: Connection, agency: str, now: int) -> None:
    """Let every event of an agency that waits be sent again now."""
    waits = (_e.c.agency == agency, _e.c.dead_at.is_(None), _e.c.next_at > now)
    connection.execute(update(_e).where(*waits).values(next_at=now))


def counts(connection: Connection) -> dict[str, tuple[int, int]]:
    """Return how many events wait to be sent again, and how many are dead letters, by agency."""
    number = func.count().label("number")
    found = select(_e.c.agency, number, func.count(_e.c.dead_at).label("dead")).group_by(_e.c.agency)
    return {row.agency: (row.number - row.dead, row.dead) for row in connection.execute(found)}


def count_waiting(connection: Connection, agency: str) -> int:
    """Return how many events of an agency wait to be sent again."""
    wanted = select(func.count()).select_from(_e).where(_e.c.agency == agency, _e.c.dead_at.is_(None))
    return int(connection.execute(wanted).scalar() or 0)
