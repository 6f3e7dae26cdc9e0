"""A gateway's core without bus and HTTP, its clock in the test's hand, its keys those of `kit`."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from suar.observe.hooks import Hooks, ObjectJudged, Record
from suar.protocol.base import subjects
from suar.protocol.base.primitives import Secret
from suar.protocol.trust.bundle import Bundle
from suar.service.core.core import Core
from suar.service.core.seams import FaultPoints
from suar.service.receive import inbound
from suar.service.receive.batch import Arrival, Effect
from suar.service.settings.config import load
from suar.service.settings.keyring import Identity
from suar.service.trust import trust_sync
from suar.store.inbound import world_rows
from suar.store.outbound.delivery_view import deliveries
from support import stores
from support.kit import FEDERATION, NOW, Actor, ListMaker, Sending, actor, make_bundle
from support.templates import PASSPHRASE, new_state

__all__ = ["PASSPHRASE"]
P = ParamSpec("P")
T = TypeVar("T")


class CoreKit:
    """One member's core; `records` is everything that it told its listeners."""

    def __init__(self, folder: Path, code: str, lists: ListMaker | None = None) -> None:
        self.folder, self.code, self.now = folder, code, NOW
        self.lists = lists or ListMaker()
        self.records: list[Record] = []
        self.keyring = new_state(folder, code, code, FEDERATION, NOW)
        who = actor(code)
        self.keyring.identities = [Identity(who.kid, Secret(who.identity), NOW)]
        self._core = self.opened(is_new=True)
        assert trust_sync.import_list(self.core, self.lists.signed(), self.lists.hash(), who="test").result == "ok"
        self._adopt_seed(who)

    def receive_bundles(self) -> None:
        """The key bundles of the others."""
        self.receive(*(bundle_of(actor(code)) for code in ("KH", "SG", "TH", "VN") if code != self.code))

    def opened(self, fault: str = "", *, is_new: bool = False) -> Core:
        """A core on the state folder as it is; a store that was just made is of this version."""
        database = stores.opened(self.folder)
        if not is_new:
            database.migrate()
        hooks = Hooks(self.records.extend)
        core = Core(load(self.folder, {}), self.keyring, database, hooks, self._clock, FaultPoints(fault))
        try:
            core.load()
        except BaseException:
            core.close()
            raise
        return core

    @property
    def unlent(self) -> Core:
        """The core as its own thread has it: whoever asks for its objects elsewhere is refused."""
        return self._core

    @property
    def core(self) -> Core:
        """The core. A test may use its objects too, between two steps of what runs on an event loop."""
        self._core.owner.lend()
        return self._core

    @core.setter
    def core(self, made: Core) -> None:
        self._core = made

    def aside(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `function` where the core's objects may be used: for a test on an event loop a thread of its own."""

        def lent() -> T:
            self._core.owner.lend()
            return function(*args, **kwargs)

        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return lent()
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(lent).result()

    def _clock(self) -> int:
        return self.now

    def _adopt_seed(self, who: Actor) -> None:
        """The KEM key that `kit` seals to, as if we had made its bundle."""
        with self.core.transaction() as connection:
            bundle = Bundle("suar-keys/1", FEDERATION, self.code, NOW - 1, NOW + 1, who.kem_public, 1, bytes(32))
            world_rows.add_seed(connection, self.core.vault, who.kem_seed, bundle)
            self.core.world.add_kem_seed(who.kem_seed)

    def restart(self, fault: str = "") -> "CoreKit":
        """As after kill -9: only what was committed is left."""
        self.core.close()
        self._core = self.opened(fault)
        return self

    def close(self) -> None:
        self.core.close()

    def receive(self, *objects: tuple[str, bytes]) -> Effect:
        """A batch as it comes from the bus."""
        arrivals = [Arrival(subject, data) for subject, data in objects]
        return self.aside(inbound.receive_batch, self._core, arrivals)

    def states(self, id_: str, rev: int = 1) -> dict[str, str]:
        """How far a message of ours came, by member."""

        def read() -> dict[str, str]:
            with self.core.transaction() as connection:
                return {each.member: each.state for each in deliveries(connection, id_, rev)}

        return self.aside(read)

    def all_states(self) -> set[str]:
        """The states of all deliveries of all messages of ours."""
        with self.core.transaction() as connection:
            named = connection.exec_driver_sql("select id, rev from message where readers is not null").all()
        return {state for id_, rev in named for state in self.states(id_, rev).values()}

    def judged(self) -> list[ObjectJudged]:
        """What admission said of each object, in order."""
        return [record for record in self.records if isinstance(record, ObjectJudged)]


def rows(kit: CoreKit, sql: str) -> list[Any]:
    """What the kit's store answers."""

    def read() -> list[Any]:
        with kit.core.transaction() as connection:
            return list(connection.exec_driver_sql(sql))

    return kit.aside(read)


def alter(kit: CoreKit, *statements: str, values: tuple[object, ...] = ()) -> None:
    """Alter rows of the kit's store as whoever writes the database without its keys: at least one by each statement."""
    for statement in statements:
        assert stores.write(kit.folder, statement, values) > 0, statement


def bundle_of(who: Actor, **changes: Any) -> tuple[str, bytes]:
    return subjects.hub(who.code, subjects.keys(who.kid)), make_bundle(who, **changes)


def epoch_of(sending: Sending) -> tuple[str, bytes]:
    return sending.epoch_subject, sending.opened.data


def frame_of(sending: Sending, *contents: bytes, **options: object) -> tuple[str, bytes]:
    return sending.subject, sending.frame(*contents, **options)  # type: ignore[arg-type]  # handed on as it came


@contextmanager
def core_with_bundles(folder: Path, code: str) -> Iterator[CoreKit]:
    """A core that has the key bundles of three others, until the block ends."""
    made = CoreKit(folder, code)
    try:
        made.receive_bundles()
        yield made
    finally:
        made.close()


def anchor_bytes(kit: CoreKit) -> bytes:
    """What a standby, or a stream of the own server, keeps of this store: the sealed account as of now."""
    books = kit.core.integrity.books
    assert books.account is not None
    return books.anchor.sealed(books.account)
