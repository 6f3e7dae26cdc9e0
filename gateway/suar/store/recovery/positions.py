"""How far the two own streams are known to the store: the numbers by which an older copy of the state shows ([E12]).

`outbox` is the last message of OUTBOX that left from this store, `inbox` the last one of INBOX that it has committed;
each is written in the transaction that makes it true.
"""

from typing import Final

from sqlalchemy import Connection

from suar.store.engine import meta

OUTBOX: Final = "outbox"
INBOX: Final = "inbox"
RESTORED: Final = "restored_at"  # ms, in a state that was put back from a backup
SETTLED: Final = "settled_at"  # ms, when a restored state was first compared with its streams


def load(connection: Connection) -> dict[str, int]:
    """What is known; a name that was never written is not there."""
    found = {name: meta.get(connection, f"{name}_at") for name in (OUTBOX, INBOX)}
    return {name: int(value) for name, value in found.items() if value is not None}


def put(connection: Connection, name: str, number: int) -> None:
    """The new position."""
    meta.put(connection, f"{name}_at", str(number))


def restored(connection: Connection) -> int | None:
    """When this state was put back (ms), until it has been compared with its streams."""
    at, settled = (int(meta.get(connection, name) or 0) for name in (RESTORED, SETTLED))
    return at if at > settled else None
