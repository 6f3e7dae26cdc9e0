"""The positions in the two own streams up to which the store is complete; they detect an older copy ([E12]).

`outbox` is the last object of OUTBOX that was sent from this store, `inbox` the last one of INBOX that it committed;
with two hubs `inbox_a` and `inbox_b`.
Each is written in the transaction that it describes.
"""

from typing import Final

from sqlalchemy import Connection, exists, or_, select

from suar.protocol.base.hub_lines import ONE_HUB, TWO_HUBS
from suar.store import tables as t
from suar.store.engine import meta

OUTBOX: Final = "outbox"
INBOX: Final = "inbox"
_NAMES: Final = (OUTBOX, *(line.position for line in (*ONE_HUB, *TWO_HUBS)))
RESTORED: Final = "restored_at"  # ms, in a state that was restored from a backup
SETTLED: Final = "settled_at"  # ms, when a restored state was first compared with its streams

HOLDS_OPEN: Final = "holds_open_since"  # ms, "" once two persons confirmed the legal holds after a restore
_ANY_HOLD: Final = select(
    or_(exists(select(t.legal_hold.c.id)), exists(select(t.audit.c.n).where(t.audit.c.what.startswith("hold-"))))
)


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


def mark_restored(connection: Connection, now: int, *, holds: bool) -> None:
    """Mark a state as put back at `now` (ms); with `holds`, or where it knows of any legal hold, those are open."""
    meta.put(connection, RESTORED, str(now))
    if holds or connection.execute(_ANY_HOLD).scalar_one():
        meta.put(connection, HOLDS_OPEN, str(now))


def holds_open(connection: Connection) -> int | None:
    """Return since when (ms) a restored state waits for the confirmation of its legal holds; else None."""
    value = meta.get(connection, HOLDS_OPEN)
    return int(value) if value else None


def close_holds(connection: Connection) -> None:
    """Record that the legal holds in force were confirmed."""
    meta.put(connection, HOLDS_OPEN, "")
