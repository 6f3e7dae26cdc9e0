"""The messages that a key of ours can open or has signed, found page by page outside the core's thread.

Every page is read in a view of its own, so nothing is delayed, and objects that arrive meanwhile may be included or
not: the key is stopped before the first page.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import Row

from suar.protocol.base.instants import rfc3339
from suar.protocol.message.kinds import KINDS
from suar.protocol.transport import epoch as epochs
from suar.service.core.core import Core
from suar.service.settings.keyring import Identity
from suar.store.messages import exposure

EPOCHS: Final = 64  # rows of one page
MESSAGES: Final = 1_000


class ExposedPage(NamedTuple):
    """Rows of messages, each with its epoch where that is known; epochs of ours still alive; counts."""

    rows: Sequence[Row[Any]] = ()
    live: Sequence[dict[str, Any]] = ()
    refused: int = 0
    epochs: int = 0


def by_identity(core: Core, identity: Identity, now: int) -> Iterator[ExposedPage]:
    """Return what was signed with an identity key: its messages, and its epochs that are live at `now`."""
    own = _own_epochs(core)
    for part in _parts(own, EPOCHS):
        with core.database.reading() as connection:
            mine = [(row, epochs.content(row.data)) for row in part if row.data[4:20] == identity.kid]
            live = [
                {
                    "epoch": row.epoch_id.hex(), "realm": row.realm, "channel": row.channel,
                    "not_after": rfc3339(epoch.not_after),
                }
                for row, epoch in mine
                if epoch.not_after > now
            ]  # fmt: skip
            page = ExposedPage(exposure.published(connection, [row.epoch_id for row, _ in mine]), live)
        yield page
    yield from _older(core, identity.created, [row.epoch_id for row in own])


def _older(core: Core, since: int, epoch_ids: Sequence[bytes]) -> Iterator[ExposedPage]:
    """Return messages of ours whose frames are no longer in the outbox: their epochs are no longer known."""
    known = set[bytes]()
    for part in _parts(epoch_ids, EPOCHS):
        with core.database.reading() as connection:
            known |= exposure.frames_of(connection, part)
        yield ExposedPage()
    for kind in KINDS:
        after, more = 0, True
        while more:
            with core.database.reading() as connection:
                rows = exposure.own_messages(connection, core.member, kind, since, after, MESSAGES)
                frames = exposure.frames_with(connection, rows)
            more = len(rows) == MESSAGES
            after = rows[-1].n if rows else after
            yield ExposedPage([row for row in rows if not known & frames.get((row.id, row.rev), set())])


def by_bundle(core: Core, kid: bytes) -> Iterator[ExposedPage]:
    """Return exactly what a seed opens: frames of epochs wrapped to it, ours and others'."""
    after = 0
    while True:
        with core.database.reading() as connection:
            part = exposure.epochs_of_others(connection, after, EPOCHS)
            theirs = [row.id for row in part if kid_of(core, row.data) == kid]
            refused = exposure.quarantined(connection, theirs)
            page = ExposedPage(exposure.received(connection, theirs), refused=refused, epochs=len(theirs))
        if not part:
            break
        after = part[-1].n
        yield page
    for own in _parts(_own_epochs(core), EPOCHS):
        with core.database.reading() as connection:
            ours = [row.epoch_id for row in own if kid_of(core, row.data) == kid]
            page = ExposedPage(exposure.published(connection, ours), epochs=len(ours))
        yield page


def kid_of(core: Core, data: bytes) -> bytes | None:
    """Return the name of our bundle that an epoch was sealed to."""
    return next((each.kid for each in epochs.content(data).recipients if each.member == core.member), None)


def _own_epochs(core: Core) -> list[Row[Any]]:
    with core.database.reading() as connection:
        return exposure.own_epochs(connection)


def _parts(values: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    return (values[first : first + size] for first in range(0, len(values), size))
