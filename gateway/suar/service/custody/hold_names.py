"""Which order of a legal hold a call means: by its name, by its number, or as the only one in force.

An order has one number as long as it stands, and no other order of the message gets it within a week of its end, as
long as a request for a second person waits. So a call that was made from an earlier list ends no other order.
"""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection

from suar.protocol.base.errors import Fault, Refused
from suar.service.access.as_shown import CHANGED
from suar.service.core.core import Core
from suar.service.custody.proposals import LASTS, waiting
from suar.store.people import access, proposals
from suar.store.people.legal_holds import Order, details_of

NUMBER_MAX: Final = 1_000_000_000
_LAST: Final = "hold-number"
"""The act under which the highest number of an order that ended is kept, a week."""


def chosen(
    core: Core, connection: Connection, id_: str, orders: Sequence[Order], number: int | None, name: str | None
) -> Order:  # fmt: skip
    """Return the order that a call means. Raises Refused E-CHANGED for one that has ended, Fault for none."""
    if name is not None:
        found = [each for each in orders if each.name == name and number in (None, each.number)]
    elif number is not None:
        found = [each for each in orders if each.number == number]
    elif len(orders) == 1:
        return orders[0]
    else:
        raise Fault(
            f"{id_} has {len(orders)} legal holds, and the call names none of them",
            "name the one that ends by its number: --number; `suar hold list` shows it",
        )
    if found:
        return found[0]
    if name is None and number is not None and number > last_number(core, connection, id_, orders):
        raise Fault(f"{id_} has no legal hold with the number {number}", "`suar hold list` shows those that it has")
    raise Refused(CHANGED, "")


def last_number(core: Core, connection: Connection, id_: str, orders: Sequence[Order]) -> int:
    """Return the highest number of the orders in force, and of those that ended within a week; 0 if there are none."""
    ended = proposals.about(connection, _LAST, id_, core.clock() - LASTS)
    return max(
        [*(each.number for each in orders), *(int(proposals.details(core.vault, row)) for row in ended)], default=0
    )


def keep_number(core: Core, connection: Connection, id_: str, over: Order) -> None:
    """Remember the number of an order that has ended, in the caller's transaction."""
    last = str(last_number(core, connection, id_, [over])).encode()
    proposals.put(connection, core.vault, _LAST, id_, last, access.GATEWAY, access.GATEWAY, core.clock())


def drop_requests(core: Core, connection: Connection, act: str, id_: str, authority: str) -> None:
    """Delete what waits of an authority's order: it was meant to replace an order that is over."""
    rows = waiting(core, connection, act, id_)
    meant = [row for row in rows if details_of(proposals.details(core.vault, row)).authority == authority]
    proposals.remove(connection, meant)
