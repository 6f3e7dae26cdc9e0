"""One batch of received objects: the objects, the state of its transaction, and its effects."""

from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

from sqlalchemy import Connection

from suar.protocol.base.primitives import ACTUAL
from suar.protocol.message.kinds import Entry
from suar.protocol.transport.outcome import Outcome
from suar.service.core.core import Core
from suar.service.gaps.resealing import reseal_unconfirmed
from suar.service.receipts.receipts import Statements
from suar.service.receive import recall
from suar.store.inbound import held_frames
from suar.store.messages import rows as messages
from suar.store.messages.rows import NewMessage


class Arrival(NamedTuple):
    """A received object: the hub's subject, the bytes, and whether NATS marks it as redelivered.

    `stream`, `number`: where it came from, for an operator. `is_first`: with two hubs, whether its line delivered it
    for the first time; `id` is then its id, and `hub` the hub that delivered it.
    """

    subject: str
    data: bytes
    is_redelivered: bool = False
    is_first: bool = False
    id: str = ""
    hub: str = ""
    stream: str = ""
    number: int = 0


class BatchTransaction:
    """One batch's transaction: messages to insert, receipts to make, dependencies that became available."""

    def __init__(self, core: Core, connection: Connection) -> None:
        self.core, self.connection, self.now = core, connection, core.clock()
        self.statements = Statements()
        self.new_epochs: list[bytes] = []
        self.is_trust_new = self.has_new_trust = False  # in this batch; since waiting objects were judged the last time
        self.reinstated: set[str] = set()
        self.arrived: list[NewMessage] = []
        self.recalled: set[tuple[str, int]] = set()  # (id, first revision that a cancel does not destroy)
        # messages in further frames: the table `carried`
        self.copies: list[tuple[bytes, tuple[str, int] | None, list[tuple[str, int]]]] = []
        self.late: list[bytes] = []  # hashes of frames that filled a gap
        self.queued = 0
        self.accepted: list[str] = []  # ids of objects that are new to the store, with two hubs
        self.on_carried: Callable[[Outcome], None] | None = None  # called with the outcome of each carried object

    def write(self) -> None:
        """Write what the batch collected: messages, destroyed revisions, receipts, messages that are sealed again."""
        for each in self.arrived:
            self.core.faults.refuse("inbound.stored", each.message.id)
        messages.insert_messages(self.connection, self.core.vault, self.arrived)
        kept = self.core.world.changes.kept
        kept |= Counter(item.frame_hash for item in self.arrived if item.frame_hash is not None)
        kept.update(held_frames.messages_of(self.connection, self.late))
        for frame_hash, holder, inside in self.copies:
            self.recalled |= recall.find_recalled(self.connection, frame_hash, holder, inside)
        for id_, below in sorted(self.recalled):
            recall.destroy_revisions(self.core, self.connection, id_, below)
        self.queued += self.statements.queue(self.connection, self.core)
        if self.reinstated:
            self.queued += reseal_unconfirmed(self.core, self.connection, self.reinstated)

    def mark_trust_changed(self) -> None:
        """Record a new list or Revoke: every waiting object may be judged differently now."""
        self.is_trust_new = self.has_new_trust = True

    @property
    def has_unlocked(self) -> bool:
        """Whether objects arrived that others wait for."""
        return self.has_new_trust or bool(self.new_epochs)

    def ask_for_list(self, member: str) -> None:
        """Record that `member` named a newer trust list: it is looked for in INBOX, and requested from the member."""
        self.core.due.mark_list_missing()
        self.statements.missing(member, ACTUAL, Entry(trust=self.core.world.trust.version + 1))


class Effect(NamedTuple):
    """The effects of a batch: whether receipts wait to be sealed, and whether the trust list changed.

    `accepted`: with two hubs, the ids of the objects that the store did not have before.
    """

    queued: int
    is_trust_new: bool
    accepted: tuple[str, ...] = ()
