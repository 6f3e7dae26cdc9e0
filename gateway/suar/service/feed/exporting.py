"""Returns a message's signed bytes for export, to a reader who may see the message."""

from msgspec import Struct

from suar.service.core.core import Core
from suar.service.reading import views
from suar.store.messages import rows as messages


class Content(Struct, frozen=True):
    """The signed bytes of a revision, and of the revision before it if that is stored and not recalled."""

    id: str
    rev: int
    data: bytes
    earlier: bytes | None
    status: str = "actual"


def content(core: Core, id_: str, rev: int | None) -> Content | None:
    """Return the bytes to export, or None if the message does not exist, its text is destroyed, or the policy denies
    it.

    May be called from any thread. The caller records the export first (human_receipts.note_received).
    """
    shown = views.message(core, id_, rev)  # applies the policy
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
