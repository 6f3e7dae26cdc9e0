"""The facts that `why` uses: of one moment, about a message, a member and ourselves. Times are ms of our clock."""

from typing import Literal

from msgspec import Struct

Key = Literal["valid", "early", "expired", "revoked", "none"]
"""The best of a member's identity keys by the trust list: none where it has no key or is no member."""


Status = Literal["active", "suspended", "none"]
"""By the trust list; none: it does not have the member."""


class Message(Struct, frozen=True, kw_only=True):
    """One message and its state for the member in question.

    `state`: a stage of the delivery (owed among them), or held, rejected, none (not for this member); of another
    member's message what we did with it, none (we do not hold it), or elsewhere (the question is about a third member).
    `names`: its audience is all, or names the member.
    """

    origin: str = "TH"
    is_ours: bool = True
    state: str = "sent"
    kind: str = "alert"
    names: bool = True
    is_addressed: bool = True
    sent: int | None = None
    expires: int | None = None
    is_cancel: bool = False
    had_earlier: bool = False  # a revision before the cancel was stored there
    refused_code: str = ""
    is_overdue: bool = False
    is_missed: bool = False  # the member requested the frame that carries it
    is_closed: bool = False  # the member stated that it cannot open what carries it
    since: int | None = None  # when the state was reached
    authority: str = ""  # who ordered the legal hold, where the member names it


class Member(Struct, frozen=True, kw_only=True):
    """The member in question, by the trust list and by its own statements; of a message that we did not get, its
    publisher.

    `bundle_until`: None, it never had one.
    """

    code: str = "SG"
    status: Status = "active"
    key: Key = "valid"
    key_until: int | None = None
    may_read: bool = True
    has_bundle: bool = True
    bundle_until: int | None = None
    last_heard: int | None = None
    is_heard: bool = True
    is_silent: bool = False  # for two intervals, and we listened that long
    faults: tuple[str, ...] = ()
    trust_version: int | None = None
    clock_offset: int = 0  # its clock minus ours
    is_ahead: bool = False  # something of it waits for its time, and its heartbeats do not say that its clock is right
    has_epoch_ahead: bool = False  # an epoch of it waits for its time
    waits_for_list: bool = False  # some of its objects wait for a list that we do not have
    missing_here: int = 0  # frames of it that are missing here
    claimed_by: tuple[str, ...] = ()  # members that alone state that there are more frames of it
    is_frozen: bool = False  # its newest epoch to all is frozen after an equivocation
    heard_by: tuple[str, ...] = ()  # members that named ever newer frames of it while it was silent here
    unseen_since: int | None = None  # since when it gets nothing new of ours, by its own heartbeats
    alarm: str = ""  # the newest open alarm about it without another cause


class Ours(Struct, frozen=True, kw_only=True):
    """Ourselves."""

    code: str = "TH"
    status: Status = "active"
    key: Key = "valid"
    key_until: int | None = None
    trust_version: int = 1
    trust_until: int | None = None  # the list's end with its grace: nothing is sealed after it
    clock_wrong: bool = False
    clock_error: int = 0  # how far ours is ahead
    is_settled: bool = True
    stood_down: bool = False
    store_fails: bool = False
    disk_full: bool = False
    outbox_full: bool = False  # only alerts and receipts are sealed
    is_connected: bool = True
    leaf: bool | None = True
    hub: str | None = "answers"
    is_quiet: bool = False  # the hub's stream to us, which is active every second, missed two
    is_dead: bool = False  # and five
    hears_nobody: bool = False  # of two or more, while that stream missed a sign
    is_unechoed: bool = False  # our objects to all do not return
    missing_stream: str = ""  # of our own on our own server
    folder: str = ""  # our state folder


class Facts(Struct, frozen=True, kw_only=True):
    """All facts. `late`: ms after which a missing receipt is late."""

    now: int
    late: int
    message: Message = Message()
    member: Member = Member()
    ours: Ours = Ours()
