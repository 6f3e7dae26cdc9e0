"""An operator lets an agency's events be published again at the NATS server, under the ids that they had."""

from typing import Final

from suar.protocol.base.errors import Fault
from suar.service.access.agencies import AgencyBook
from suar.service.core.core import Core
from suar.service.feed.positions import decode_position
from suar.service.nats_feed.publishing import selection_of
from suar.store.people import access, feed_readers

BEGINNING: Final = "beginning"
"""In place of a position: everything that is stored."""


def replay(core: Core, book: AgencyBook, name: str, position: str, who: str) -> None:
    """Publish again what follows a position; what is in the stream now is erased. On the core's thread.

    Raises Fault for an agency that may read nothing now, or has no nkey; UnknownPosition for an invalid position of the
    agency's feed.
    """
    agency = book.find(name)
    if agency is None:
        raise Fault("the agency may read nothing now", "`suar agency list` shows all with their state")
    if position != BEGINNING:
        decode_position(core, selection_of(agency.registration), position)
    with core.transaction() as connection:
        if not feed_readers.restart(connection, name, "" if position == BEGINNING else position):
            raise Fault("the agency has no nkey", f"`suar agency change {name} --nkey U...` gives it one")
        access.note(connection, who, "nats-replay", f"{name}: from a position", core.clock())
