"""What left in epochs that are closed now, sealed again.

A list that suspends us, or the end of our key, closes our epochs at every receiver ([T12]): a frame that was on its way
then is refused there for ever, and nobody can tell us so. When we may speak again, whatever has no receipt goes to each
of its members once more, in a new epoch of that member's channel: the same bytes, so who has it already is not hurt.
"""

from sqlalchemy import Connection

from suar.service.core import Core
from suar.service.receipts import resealing
from suar.store import messages, outbox


def seal_again(core: Core, connection: Connection, before: bytes | None) -> int:
    """After a change of trust: queue what has no receipt, if our voice is another than `before`; how many items."""
    voice = core.next_voice()
    if voice is None or voice == before:
        return 0
    rows = messages.take_back_sent(connection)
    outbox.enqueue(connection, [resealing(row.realm, row.member, row.id, row.rev) for row in rows])
    if rows:
        core.event("resealing", messages=len(rows))
    return len(rows)
