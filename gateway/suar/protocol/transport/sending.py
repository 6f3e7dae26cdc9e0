"""The data of the sending path: our own chain in a realm and channel, and the sealed objects to be sent."""

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from suar.protocol.base import limits
from suar.protocol.transport.epoch import Link, Opened
from suar.protocol.transport.frame import Sealed
from suar.protocol.transport.world import World


class Outgoing(NamedTuple):
    """An object to be committed, then published at home under `subject`."""

    type: Literal["epoch", "frame"]
    subject: str
    data: bytes
    realm: str
    channel: str
    epoch_id: bytes
    frame: Sealed | None = None
    first: int = 0  # index in the prepared contents of the frame's first message


class KeyLookup(NamedTuple):
    """The state from which the keys of a channel were computed, and the period in which the result is valid."""

    state: tuple[int, int, int]
    begin: int
    end: int


@dataclass(slots=True)
class SendingChain:
    """Our own chain in one realm and channel; `opened` is None until something must be sealed."""

    realm: str
    channel: str
    link: Link = field(default_factory=Link)
    not_before: int = -1  # of the last epoch, including those of an earlier process
    opened: Opened | None = None
    last: Sealed | None = None
    sent_at: int = 0
    hour: int = -1  # hour of the last epoch's not_before
    opened_in_hour: int = 0  # epochs that this process opened in that hour
    day: int = -1  # day (UTC) of the last epoch's not_before
    opened_in_day: int = 0
    revokes: int = 0  # number of Revokes held when it was opened
    recipients: dict[str, bytes] = field(default_factory=dict)  # member -> bundle kid
    left_out: tuple[str, ...] = ()
    looked_at: KeyLookup | None = None

    def is_busy(self, world: World, now: int) -> bool:
        """Whether the limit of epochs an hour or a day is reached, so that new keys of recipients open none; a Revoke
        lifts it.
        """
        is_same_hour = self.hour == now // limits.HOUR and self.opened_in_hour >= limits.EPOCHS_RENEWED
        is_same_day = self.day == now // limits.DAY and self.opened_in_day >= limits.EPOCHS_RENEWED_DAY
        return (is_same_hour or is_same_day) and self.revokes == len(world.trust.revokes)

    def count_epoch(self, begin: int) -> None:
        """Count an epoch that begins at `begin` (ms)."""
        hour, day = begin // limits.HOUR, begin // limits.DAY
        self.opened_in_hour = self.opened_in_hour + 1 if hour == self.hour else 1
        self.opened_in_day = self.opened_in_day + 1 if day == self.day else 1
        self.hour, self.day = hour, day

    @property
    def seq(self) -> int:
        """The number of the next frame."""
        return self.last.seq + 1 if self.last else 0

    @property
    def end(self) -> Link:
        """Return how the next epoch names this one; for an epoch without frames, its id."""
        if self.opened is None:
            return self.link
        return Link(self.opened.id, self.seq, self.last.hash if self.last else self.opened.id)
