"""The facts for `why` at one moment: about a message, a member and this gateway. Times are in ms of the own clock."""

from typing import Literal

from msgspec import Struct

Key = Literal["valid", "early", "expired", "revoked", "none"]
"""The best of a member's identity keys by the trust list: none where it has no key or is no member."""


Status = Literal["active", "suspended", "none"]
"""By the trust list; none: it does not have the member."""


class Message(Struct, frozen=True, kw_only=True):
    """One message and its state for the member in question.

    `state`: for an own message, a stage of the delivery (including owed), held, rejected, or none (not for this
    member); for a message of another member, the own last stage, none (not stored here), or elsewhere (the question is
    about a third member). `is_named`: whether the audience is all or names the member.
    """

    origin: str
    is_ours: bool = True
    state: str = "sent"
    kind: str = "alert"
    is_named: bool = True
    is_addressed: bool = True
    sent: int | None = None
    expires: int | None = None
    is_cancel: bool = False
    has_earlier: bool = False  # the member stored a revision before the cancel
    has_acted: bool = False  # a person there stated that they act on it, before the cancel
    refused_code: str = ""
    is_overdue: bool = False
    answer_by: int | None = None  # until when an acknowledgement is due that has not come
    is_missed: bool = False  # the member requested its frame
    is_closed: bool = False  # the member stated that it cannot open its frame
    since: int | None = None  # when the state was reached
    begins: int | None = None  # when its epoch begins, if our clock was ahead as it opened
    authority: str = ""  # who ordered the legal hold, if the member names it


class Member(Struct, frozen=True, kw_only=True):
    """The member in question, by the trust list and its own statements; for a message not received, its publisher.

    `code`: empty if the question is about no member. `bundle_until`: None if it never had a bundle.
    """

    code: str = ""
    status: Status = "active"
    key: Key = "valid"
    key_until: int | None = None
    may_read: bool = True
    has_bundle: bool = True
    bundle_until: int | None = None
    last_heard: int | None = None
    has_heartbeat: bool = True
    is_silent: bool = False  # for two intervals, during which this gateway was connected
    faults: tuple[str, ...] = ()
    trust_version: int | None = None
    clock_offset: int = 0  # its clock minus the own clock
    is_ahead: bool = False  # an object of it has a future time, and nothing that came since shows a correct clock
    ahead_until: int | None = None  # when what has a future time can be judged
    has_epoch_ahead: bool = False  # an epoch of it has a future time
    is_waiting_for_list: bool = False  # some of its objects wait for a trust list that is missing here
    missing_here: int = 0  # frames of it that are missing here
    claimed_by: tuple[str, ...] = ()  # members that are the only ones to state further frames of it
    is_frozen: bool = False  # its newest epoch for all is frozen after an equivocation
    witnesses: tuple[str, ...] = ()  # members that named newer frames of it while it was silent here
    unseen_since: int | None = None  # since when it has received nothing new from here, by its heartbeats
    alarm: str = ""  # the newest open alarm about it without another cause


class Ours(Struct, frozen=True, kw_only=True):
    """This gateway."""

    code: str
    status: Status = "active"
    key: Key = "valid"
    key_until: int | None = None
    trust_version: int = 1
    trust_until: int | None = None  # the end of the list and its grace period; nothing is sealed after it
    is_clock_wrong: bool = False
    clock_error: int = 0  # how far the own clock is ahead
    is_settled: bool = True
    has_stood_down: bool = False
    is_store_failing: bool = False
    is_disk_full: bool = False
    is_outbox_full: bool = False  # only alerts and receipts are sealed
    is_connected: bool = True
    has_leaf: bool | None = True
    hub: str | None = "answers"
    is_quiet: bool = False  # the stream from the hub, active every second, was inactive for two
    is_dead: bool = False  # for five seconds
    is_isolated: bool = False  # of two or more members, while that stream was inactive
    is_unechoed: bool = False  # own objects to all do not return
    missing_stream: str = ""  # on the own server
    folder: str = ""  # the state folder


class Facts(Struct, frozen=True, kw_only=True):
    """All facts. `late`: ms after which a missing receipt is late."""

    now: int
    late: int
    message: Message
    member: Member = Member()
    ours: Ours
