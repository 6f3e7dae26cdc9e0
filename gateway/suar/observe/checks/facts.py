"""What `why` goes by: facts of one moment about a message, a member and ourselves. Times are ms of our clock."""

from typing import Literal

from msgspec import Struct

Key = Literal["valid", "early", "expired", "revoked", "none"]
"""The best of a member's identity keys by the trust list: none where it has no key or is no member."""


Status = Literal["active", "suspended", "none"]
"""By the trust list; none: it does not have the member."""


class Message(Struct, frozen=True, kw_only=True):
    """One message as it stands for the member that was asked about.

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
    is_missed: bool = False  # the member asked for the frame that carries it
    is_closed: bool = False  # the member said that it cannot open what carries it
    since: int | None = None  # when the state was reached
    authority: str = ""  # who ordered the legal hold, where the member names it


class Member(Struct, frozen=True, kw_only=True):
    """The member that was asked about, by the trust list and by what it says.

    Of a message that did not come to us, its publisher. `bundle_until`: None, it never had one.
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
    waits_for_list: bool = False  # something of it waits for a list that we lack
    missing_here: int = 0  # frames of it that we lack
    claimed_by: tuple[str, ...] = ()  # members that alone say that there are more frames of it
    is_frozen: bool = False  # its newest epoch to all is frozen after an equivocation
    heard_by: tuple[str, ...] = ()  # members that named ever newer frames of it while it was silent here
    unseen_since: int | None = None  # since when nothing new of us came to it, by its own heartbeats
    alarm: str = ""  # the newest open one about it that no other cause stands for


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
    is_quiet: bool = False  # the hub's stream to us, which gives a sign every second, missed two
    is_dead: bool = False  # and five
    hears_nobody: bool = False  # of two or more, while that stream missed a sign
    is_unechoed: bool = False  # what we say to all does not come back
    missing_stream: str = ""  # of our own on our own server
    folder: str = ""  # our state folder


class Facts(Struct, frozen=True, kw_only=True):
    """All of it. `late`: ms after which a receipt that did not come is late."""

    now: int
    late: int
    message: Message = Message()
    member: Member = Member()
    ours: Ours = Ours()
