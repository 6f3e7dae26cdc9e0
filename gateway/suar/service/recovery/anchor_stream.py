"""The anchor of the store in a stream of the own NATS server, of which the gateway's machine has no file.

An older store that is restored together with STATE/anchor.suar is detected at the next start, before anything is
received or sent. If the older store is missing what people decided since (tokens, releases, recalls, the ledger, lists,
Revokes, people, agencies), nothing is changed until two persons agree to it. If it is missing only messages and
positions, as after a snapshot of the machine, the gateway notes that in its audit and reads back what it sent and
received ([E12]). Before that it listens whether another gateway of this member publishes later anchors: then the
store is an older copy of one that is in use, and this gateway stands down (loop_anchor.py).
"""

from typing import Final

from suar.bus import jsapi, streams
from suar.bus.connect import Bus
from suar.bus.errors import ApiError, NoResponders, NotPermitted
from suar.protocol.base.errors import Fault
from suar.service.core.core import Core
from suar.service.settings.integrity import OTHER, Behind
from suar.store.engine import meta
from suar.store.engine.scanning import Finding
from suar.store.people import access
from suar.store.recovery import positions

RIGHTS: Final = ("token", "people", "agency", "webhook")
"""Tables that say who may do what."""
TABLE: Final = "integrity"
HINT: Final = "render the server's config again, reload it, then `suar federation streams --member CC --plan FILE`"


class AnchorStream:
    """The anchors of one gateway's store at its own NATS server."""

    def __init__(self, core: Core, bus: Bus) -> None:
        self._core, self._bus = core, bus
        self._published = 0  # generation

    @property
    def is_due(self) -> bool:
        """Whether the store has changed since the last one was published."""
        account = self._core.integrity.books.account
        return account is not None and account.generation > self._published

    async def compare(self) -> str | None:
        """Compare the store with the newest anchor in the stream; returns why there is no stream, None where there is
        one.

        Raises AlteredError where the store is older and is missing what people decided, and the errors of the bus.
        """
        try:
            newest = await jsapi.last_for_subject(self._bus, f"ANCHOR_{self._core.member}", streams.ANCHOR_SUBJECT)
        except (NoResponders, NotPermitted, ApiError) as error:
            return str(error)
        if newest is not None:
            await self._core.run(judge, self._core, newest.data)
        return None

    async def missing(self) -> Behind | None:
        """Return how the newest anchor in the stream is ahead of the store; None if it is not, or if there is none that
        opens, which `compare` judges. Raises the errors of the bus.
        """
        try:
            newest = await jsapi.last_for_subject(self._bus, f"ANCHOR_{self._core.member}", streams.ANCHOR_SUBJECT)
        except (NoResponders, NotPermitted, ApiError):
            return None
        if newest is None:
            return None
        return await self._core.run(_missing, self._core, newest.data)

    async def publish(self) -> None:
        """Put the anchor as of the last commit into the stream. Raises the errors of the bus."""
        books = self._core.integrity.books
        account = books.account
        if account is None:
            return
        answer = await self._bus.request(streams.ANCHOR_SUBJECT, books.anchor.sealed(account))
        jsapi.read_answer(streams.ANCHOR_SUBJECT, answer.data)
        self._published = account.generation


def _missing(core: Core, sealed: bytes) -> Behind | None:
    if core.integrity.books.account is None:
        return None
    try:
        return core.integrity.compare_anchor(sealed)
    except Fault:
        return None


def judge(core: Core, sealed: bytes) -> None:
    """Compare the store with an anchor of it that was kept elsewhere. Raises AlteredError like `compare`."""
    books = core.integrity.books
    if books.account is None:  # a store that is not protected, which a check reports
        return
    try:
        behind = core.integrity.compare_anchor(sealed)
    except Fault as fault:
        books.found(TABLE, Finding(fault.text, is_closing=True))
        raise books.fault() from None
    if behind is None:
        _compare_rights(core, sealed)
        return
    text = f"the store is {behind.commits} commits behind {OTHER}: it was put back from an older copy, anchor and all"
    if behind.decided:
        detail = f"{text}; what was decided since lacks in {', '.join(behind.decided)}"
        books.found(TABLE, Finding(detail, is_closing=True))
        raise books.fault()
    _continue_above(core, behind, text)


def _compare_rights(core: Core, sealed: bytes) -> None:
    """After a restore, record in which tables of rights the anchor of the store before shows other rows."""
    differ = core.integrity.differs_from(sealed, RIGHTS)
    if differ is None:
        return
    with core.transaction() as connection:
        rights = positions.rights(connection)
        if rights is not None and not rights.differ:
            meta.put(connection, positions.RIGHTS_DIFFER, " ".join(differ) or positions.NONE)


def _continue_above(core: Core, behind: Behind, text: str) -> None:
    """No decision is missing: it is reported, and the account continues above that of the stream."""
    books = core.integrity.books
    books.continue_above(behind.generation)
    with core.transaction() as connection:
        access.note(connection, access.GATEWAY, "store-put-back", f"{behind.commits} commits behind", core.clock())
    books.found(TABLE, Finding(text, is_closing=False))
    core.log_event("store_put_back", "error", commits=behind.commits)
