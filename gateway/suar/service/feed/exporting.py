"""A message's bytes as they were signed, for who may be shown the message; that it was exported is noted."""

from msgspec import Struct

from suar.service.core.core import Core
from suar.service.reading import views
from suar.store.messages import rows as messages


class Content(Struct, frozen=True):
    """The signed bytes of a revision, and of the one before it where that is here and not recalled."""

    id: str
    rev: int
    data: bytes
    earlier: bytes | None
    status: str = "actual"


def content(core: Core, id_: str, rev: int | None) -> Content | None:
    """What is exported; None when there is no such message, its text is destroyed, or the policy does not show it.

    For any thread. That somebody is given it is noted before they have it (human_receipts.note_given).
    """
    shown = views.message(core, id_, rev)  # asks the policy
    if shown is None or shown["message"] is None:
        return None
    found = shown["rev"]
    with core.database.reading() as connection:
        row = messages.find(connection, id_, found)
        data = views.text_of(core, connection, row) if row is not None else None
        if row is None or data is None:
            return None
        before = messages.find(connection, id_, found - 1) if found > 1 else None
        earlier = views.text_of(core, connection, before) if before is not None else None
    return Content(id_, found, data, earlier, row.realm)
