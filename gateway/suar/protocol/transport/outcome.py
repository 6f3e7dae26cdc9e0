"""The result of admission for one object: the result, the rule, the alarms and the messages."""

from collections.abc import Iterable
from typing import Final, Literal, NamedTuple

import msgspec

from suar.protocol.base.subjects import Subject
from suar.protocol.message.messages import Message
from suar.protocol.transport.frame import Verified
from suar.protocol.transport.heartbeat import Heartbeat
from suar.protocol.transport.world import EpochState

Result = Literal["ok", "noop", "duplicate", "late", "skip", "wait", "refused"]

FORK: Final = "fork"
ROLLBACK: Final = "rollback"
EQUIVOCATION: Final = "equivocation"
GAP: Final = "gap"
EPOCH_MISSING: Final = "epoch-missing"
WITHHELD_TAIL: Final = "withheld-tail"
RESTORED: Final = "restored"
LEFT_OUT: Final = "left-out"
OVER_SHARED: Final = "over-shared"
MESSAGE_EQUIVOCATION: Final = "message-equivocation"
CLOCK: Final = "clock"
TRUST_VERSION: Final = "trust-version"
REVOKES: Final = "revokes"
SILENCE: Final = "silence"


class Alarm(NamedTuple):
    """An alarm for people. `first` and `last` are the exact range of frames, if there is one.

    `member` is the member whose statement it rests on. A `gap` in another member's epoch is a claim about it ([F11]).
    """

    name: str
    member: str = ""
    first: int | None = None
    last: int | None = None
    epoch_id: bytes = b""
    message_id: str = ""

    def as_vector(self) -> list[str | int]:
        """Return [name, first, last] or [name], as vectors write it."""
        return [self.name] if self.first is None or self.last is None else [self.name, self.first, self.last]


def without_repeats(alarms: Iterable[Alarm]) -> list[Alarm]:
    """Return the alarms of one object, each once; of gaps of an epoch with the same first number only the longest."""
    found: dict[tuple[object, ...], Alarm] = {}
    for alarm in alarms:
        key = alarm if alarm.name != GAP else alarm._replace(last=None)
        held = found.get(key)
        if held is None or (held.last or 0) < (alarm.last or 0):
            found[key] = alarm
    return list(found.values())


class AcceptedMessage(msgspec.Struct, frozen=True):
    """A message that passed F8 and F9, with its signed bytes."""

    index: int
    message: Message
    data: bytes
    digest: bytes
    is_recalled: bool = False  # its cancel arrived before it


class RefusedMessage(msgspec.Struct, frozen=True):
    """A message that F8 or F9 refused alone; `path` names the faulty field, if there is one."""

    index: int
    rule: str
    code: str
    path: str
    data: bytes
    evidence: bytes = b""  # digest of the other text, for an equivocation


class Outcome(msgspec.Struct):
    """One judged object. Values that only some objects have are None for the others."""

    result: Result = "ok"
    rule: str | None = None
    code: str | None = None
    waits_rule: str | None = None  # the rule that refuses it if the object that it waits for does not arrive
    waits_for_time: int | None = None
    subject: Subject | None = None
    alarms: list[Alarm] = []
    messages: list[AcceptedMessage] = []
    refused: list[RefusedMessage] = []
    receipts: set[int] = set()  # indexes of receipts: new, already held, or refused
    duplicates: list[tuple[str, int]] = []  # (id, rev) of messages that are already held
    epoch: EpochState | None = None
    frame: Verified | None = None
    heartbeat: Heartbeat | None = None
    is_after_gap: bool = False
    has_consumed: bool = False  # the frame used up its number; if it is refused it goes to quarantine

    def alarm(self, name: str, member: str, **facts: object) -> None:
        """Add an alarm, independently of the result."""
        self.alarms.append(Alarm(name, member, **facts))  # type: ignore[arg-type]
