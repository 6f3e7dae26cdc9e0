"""Quotas in bytes, for each member and day (UTC), for everything that another member causes us to send.

`again`: resent bytes, resealed messages, a trust list, our bundle, refusals of ranges, and the backlog of a
member that returns from suspension. `receipts`: our receipts about its objects. The accounts are kept in the
store, so a restart does not reset them. Nothing is resent while the own stream is more than half full
(outbox_capacity.py).
"""

from typing import Final

from sqlalchemy import Connection

from suar.service.core.core import Core
from suar.store.outbound import accounts
from suar.store.outbound.accounts import AGAIN, RECEIPTS, REFUSED

LIMIT: Final = "E-RESEND-LIMIT"
FULL: Final = "E-RESEND-FULL"
TOMORROW: Final = frozenset({LIMIT, FULL})
"""Answers after which the origin is requested again the next day."""


def resend_bytes_left(core: Core, connection: Connection, member: str) -> int:
    """Bytes that may be sent again for the member today, as far as the own stream has room for them."""
    spent = accounts.spent(connection, member, AGAIN, core.clock())
    return max(0, min(core.config.limits.sent_again_bytes_a_day - spent, core.outbox_capacity.resend_bytes_left))


def refusal(core: Core, connection: Connection, member: str, size: int = 1) -> str | None:
    """The code by which `size` bytes may not be sent again for the member now; None when they may."""
    if size <= resend_bytes_left(core, connection, member):
        return None
    return FULL if size > core.outbox_capacity.resend_bytes_left else LIMIT


def spend_resend(core: Core, connection: Connection, member: str, size: int) -> None:
    """So many bytes are sent again for the member."""
    if size:
        accounts.spend(connection, member, AGAIN, size, core.clock())


def is_refused(core: Core, connection: Connection, member: str) -> bool:
    """Whether the member was refused for its quota today: none of its requests are processed until tomorrow."""
    return accounts.spent(connection, member, REFUSED, core.clock()) > 0


def note_refusal(core: Core, connection: Connection, member: str) -> None:
    """Record that the member was refused for its quota today."""
    accounts.spend(connection, member, REFUSED, 1, core.clock())


def receipt_bytes_left(core: Core, connection: Connection, member: str) -> int:
    """Bytes of receipts that may leave for the member today."""
    spent = accounts.spent(connection, member, RECEIPTS, core.clock())
    return max(0, core.config.limits.receipt_bytes_a_day - spent)


def spend_receipts(core: Core, connection: Connection, member: str, size: int) -> None:
    """So many bytes of receipts leave for the member."""
    accounts.spend(connection, member, RECEIPTS, size, core.clock())
