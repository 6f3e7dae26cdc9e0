"""What was on its way when epochs were closed, sealed again.

A list that suspends a member, or the end of one of its keys, closes that member's epochs at every receiver ([T12]): a
frame of it that was on its way is refused there for ever, and nobody can tell its sender. Messages were in such frames,
and receipts. So when a member may speak again, it sends once more to everybody what has no receipt, and everybody sends
once more to it: the same bytes, in a new epoch of one member's channel. Who has them already states so again.
"""

from collections.abc import Set

from sqlalchemy import Connection

from suar.service.receipts import resealing
from suar.store import delivery_rows, outbox


def seal_again(connection: Connection, own: str, anew: Set[str]) -> int:
    """Queue what has no receipt: of our messages to these members, or of all when we are one of them; how many."""
    rows = delivery_rows.take_back_sent(connection, None if own in anew else sorted(anew))
    outbox.enqueue(connection, [resealing(row.realm, row.member, row.id, row.rev) for row in rows])
    return len(rows)
