"""What the calls of a fake gateway share: what was requested of it, the fault of every call, and its real core."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TypeVar

from suar.service.access.authentication import TokenRows
from suar.service.access.tokens import TokenRow
from suar.service.core.core import Core
from suar.service.pacing.wake import Wake
from suar.service.process.gateway import Gateway
from suar.service.receive import inbound
from suar.service.receive.batch import Arrival
from suar.service.status.catching_up import NOTHING, Progress
from suar.service.status.snapshot import BusState
from suar.store.messages import rows as messages
from support.corekit import epoch_of, frame_of
from support.gateway_state import ID, confirm, send
from support.healthy import NOW
from support.hostile_drafts import draft, written
from support.kit import ListMaker, actor, open_sending

T = TypeVar("T")
OUTGOING: Final = ("message", "held", "queue", "outbox", "delivery")


def in_thread(call: Callable[[], T]) -> T:
    """In a thread of its own: a loop may run in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(call).result()


class FakeState(Gateway):
    """A gateway on a real core without a bus, which it takes as connected. `fault` is raised by every call."""

    progress: Progress = NOTHING
    feed_readers: int = 0

    def __init__(self, core: Core) -> None:
        super().__init__(core, Wake())
        self.table = TokenRows(core)
        self._begin()

    def _begin(self) -> None:
        self.published: list[tuple[bytes, str, str]] = []
        self.batches: list[int] = []
        self.requests: list[dict[str, Any]] = []
        self.acts: list[tuple[str, str]] = []  # what was done by whom
        self.fault: Exception | None = None
        self.progress, self.feed_readers = NOTHING, 0
        self.is_sending = False  # what is accepted is sealed and sent before the answer, as long as there is a bus
        self.ready.has_started, self.ready.bus = True, BusState(is_connected=True)

    def forget(self) -> None:
        """Be as new, with the same settings and listeners."""
        self._begin()
        self._on_core(self._without_tokens)

    def _on_core(self, call: Callable[[], T]) -> T:
        """On the core's thread, after what is due there."""
        return in_thread(lambda: asyncio.run(self._core.run(call)))

    def _without_tokens(self) -> None:
        with self._core.transaction() as connection:
            connection.exec_driver_sql("delete from token")
            connection.exec_driver_sql("update alarm set acknowledged_at = null, acknowledged_by = null, note = null")

    async def insert_token(self, row: TokenRow) -> None:
        """A row that no call makes."""
        await self._core.run(self.table.insert, row)

    async def token_rows(self) -> list[TokenRow]:
        return await self._core.run(self.table.list)

    def receive(self, code: str, *contents: bytes) -> None:
        """Messages of another member as they come, in frames of a hundred; once a member."""

        def receive() -> None:
            sending = open_sending(actor(code), ListMaker())
            frames = [frame_of(sending, *contents[at : at + 100]) for at in range(0, len(contents), 100)]
            inbound.receive_batch(self._core, [Arrival(*each) for each in (epoch_of(sending), *frames)])

        self._on_core(receive)

    def hold(self, count: int, token: str = "desk") -> list[str]:
        """Hand in so many alerts that seem to name a person; the ids under which they wait for a second one."""
        texts = [f"Number {number}: ask for Maria Santos." for number in range(count)]
        drafts = [
            draft("alert-new-route", self.member, NOW, text=[{"lang": "en", "title": "A name", "summary": each}])
            for each in texts
        ]
        handed_in = Gateway.publish_batch(self, [written(each) for each in drafts], realm="actual", token=token)
        verdicts = in_thread(lambda: asyncio.run(handed_in))
        assert {each.verdict for each in verdicts} == {"held"}, verdicts
        return [each.id for each in verdicts if each.id is not None]

    async def send(self) -> None:
        """Send what was accepted, as the loops of the bus do, if this gateway sends at all."""
        if self.is_sending and self.ready.bus.is_connected:
            await self._core.run(send, self._core)

    def outgoing(self) -> list[Any]:
        """Count the rows of what was accepted and what leaves; with the numbers that our ids have used."""

        def read() -> list[Any]:
            with self._core.transaction() as connection:
                counts = [connection.exec_driver_sql(f"select count(*) from {name}").scalar_one() for name in OUTGOING]
                return [*counts, *messages.numbers_since(connection, 2027)]

        return self._on_core(read)

    def adopt(self, trust_list: bytes) -> None:
        """Import a trust list that follows the one in force."""
        done = in_thread(lambda: asyncio.run(Gateway.import_list(self, trust_list, None, "test")))
        assert done["result"] == "ok", done

    def confirm(self, *codes: str) -> None:
        """These members' receipts for ID come."""

        def receive() -> None:
            for code in codes:
                confirm(self._core, ListMaker(), code)

        self._on_core(receive)

    @property
    def exported(self) -> bytes:
        """The message ID, as its gateway signed it."""
        found = in_thread(lambda: asyncio.run(Gateway.content(self, ID)))
        assert found is not None
        return found.data

    def acts_of(self, who: str) -> list[tuple[str, str]]:
        """What the audit says of somebody: what was done, about what."""

        def read() -> list[tuple[str, str]]:
            with self._core.transaction() as connection:
                found = connection.exec_driver_sql("select what, about from audit where who = ? order by n", (who,))
                return [(row[0], row[1]) for row in found]

        return self._on_core(read)

    def statements(self) -> list[tuple[str, str]]:
        """Return the statements of this member to publishers: id and stage."""

        def read() -> list[tuple[str, str]]:
            with self._core.transaction() as connection:
                found = connection.exec_driver_sql("select id, stage from own_statement order by id")
                return [(row[0], row[1]) for row in found]

        return self._on_core(read)

    def fail(self) -> None:
        if self.fault:
            raise self.fault
