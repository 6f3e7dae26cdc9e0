"""A message's bytes as they were signed, for who may be shown the message; that it was exported is noted."""

from msgspec import Struct

from suar.service import human_receipts, views
from suar.service.core import Core
from suar.store import access, messages


class Content(Struct, frozen=True):
    """The signed bytes of a revision, and of the one before it where that is here and not recalled."""

    id: str
    rev: int
    data: bytes
    earlier: bytes | None
    status: str = "actual"


def content(
    core: Core, id_: str, rev: int | None, exported_by: str | None, *, is_person: bool = False
) -> Content | None:
    """What is exported; None when there is no such message, its text is destroyed, or the policy does not show it."""
    shown = views.message(core, id_, rev)  # asks the policy
    if shown is None or shown["message"] is None:
        return None
    found = shown["rev"]
    with core.transaction() as connection:
        row = messages.find(connection, id_, found)
        data = messages.body_of(core.vault, row) if row is not None else None
        if row is None or data is None:
            return None
        before = messages.find(connection, id_, found - 1) if found > 1 else None
        earlier = messages.body_of(core.vault, before) if before is not None else None
        if exported_by:
            access.note(connection, exported_by, "export", f"{id_} {found}", core.clock())
            human_receipts.given(core, connection, id_, found, exported_by, is_person=is_person)
    return Content(id_, found, data, earlier, row.realm)
