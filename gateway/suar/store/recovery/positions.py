"""The positions in the two own streams up to which the store is complete; they detect an older copy ([E12]).

`outbox` is the last object of OUTBOX that was sent from this store, `inbox` the last one of INBOX that it committed;
with two hubs `inbox_a` and `inbox_b`.
Each is written in the transaction that it describes.
"""

from typing import Final, NamedTuple

from sqlalchemy import Connection, exists, func, or_, select

from suar.protocol.base.link_names import ONE_HUB, TWO_HUBS
from suar.store import tables as t
from suar.store.engine import meta

OUTBOX: Final = "outbox"
INBOX: Final = "inbox"
_NAMES: Final = (OUTBOX, *(link.position for link in (*ONE_HUB, *TWO_HUBS)))
RESTORED: Final = "restored_at"  # ms, in a state that was restored from a backup
SETTLED: Final = "settled_at"  # ms, when a restored state was first compared with its streams

HOLDS_OPEN: Final = "holds_open_since"  # ms, "" once two persons confirmed the legal holds after a restore
RIGHTS_OF: Final = "rights_as_of"  # ms: of when a restored state's rights are; "" once somebody went through them
RIGHTS_DIFFER: Final = "rights_differ"
"""Tables of rights in which the anchor at the own NATS server shows other rows than the restored store has; NONE where
it shows none, "" where they are not compared.
"""
NONE: Final = "none"
_ANY_HOLD: Final = select(
    or_(exists(select(t.legal_hold.c.id)), exists(select(t.audit.c.n).where(t.audit.c.what.startswith("hold-"))))
)

_ANY_RIGHT: Final = select(or_(*(exists(select(each)) for each in (t.token.c.name, t.person.c.id, t.agency.c.name))))


class Rights(NamedTuple):
    """The rights of a restored state that nobody went through: of when they are (ms), and as RIGHTS_DIFFER."""

    as_of: int
    differ: str


def load(connection: Connection) -> dict[str, int]:
    """Return the known positions by name."""
    found = {name: meta.get(connection, f"{name}_at") for name in _NAMES}
    return {name: int(value) for name, value in found.items() if value is not None}


def put(connection: Connection, name: str, number: int) -> None:
    """Set a position."""
    meta.put(connection, f"{name}_at", str(number))


def restored(connection: Connection) -> int | None:
    """Return when this state was restored (ms), until it was compared with its streams; else None."""
    at, settled = (int(meta.get(connection, name) or 0) for name in (RESTORED, SETTLED))
    return at if at > settled else None


def mark_restored(connection: Connection, now: int, *, holds: bool, as_of: int | None = None) -> None:
    """Mark a state as put back at `now` (ms); with `holds`, or where it knows of any legal hold, those are open.

    So are its rights, where it has any: they are those of `as_of` (ms), or of its last line of the audit.
    """
    meta.put(connection, RESTORED, str(now))
    if connection.execute(_ANY_RIGHT).scalar_one():
        of = as_of or connection.execute(select(func.max(t.audit.c.at))).scalar() or now
        known = rights(connection)
        meta.put(connection, RIGHTS_OF, str(of if known is None else min(of, known.as_of)))
        meta.put(connection, RIGHTS_DIFFER, "")
    if holds or connection.execute(_ANY_HOLD).scalar_one():
        meta.put(connection, HOLDS_OPEN, str(now))


def holds_open(connection: Connection) -> int | None:
    """Return since when (ms) a restored state waits for the confirmation of its legal holds; else None."""
    value = meta.get(connection, HOLDS_OPEN)
    return int(value) if value else None


def close_holds(connection: Connection) -> None:
    """Record that the legal holds in force were confirmed."""
    meta.put(connection, HOLDS_OPEN, "")


def rights(connection: Connection) -> Rights | None:
    """Return the rights of a restored state that nobody went through yet; None where there are none."""
    value = meta.get(connection, RIGHTS_OF)
    return Rights(int(value), meta.get(connection, RIGHTS_DIFFER) or "") if value else None


def close_rights(connection: Connection) -> None:
    """Record that an operator went through the rights."""
    meta.put(connection, RIGHTS_OF, "")
