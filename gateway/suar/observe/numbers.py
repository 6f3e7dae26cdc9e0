"""The numbers of one moment for checks and gauges, computed by `suar.service.status.snapshot`."""

from typing import NamedTuple

import msgspec

from suar.observe.passed_over import PassedOver


class OpenAlarm(NamedTuple):
    """`member`: whose statement it is based on. `origin`: whose frames only that member names ([F11]), or "".

    `seen_again`: how many times it was raised before. `word_of`: the other member on whose word alone it rests, if it
    is about ourselves.
    """

    name: str
    member: str
    at: int
    origin: str = ""
    seen_again: int = 0
    word_of: str = ""


class Peer(msgspec.Struct, frozen=True, kw_only=True):
    """Another active member as observed here; times in ms, None: never.

    `expected_since`: when a list made it active again, and its link had time to return; 0: before this gateway started.
    `lost_known`: the number of missing frames that are permanently lost and acknowledged by an operator. `witnesses`:
    members that named newer frames of it while it was silent here. `is_frozen`: its frames to all are refused until its
    next epoch, after an equivocation. `waits_until`: when what it dated ahead of our clock can be judged;
    `waiting_came`: when the newest of it came; `waits_ahead`: how far that was dated ahead; `is_set_right`: its clock
    was set back since.
    """

    last_heartbeat: int | None
    expected_since: int = 0
    trust_version: int | None
    faults: tuple[str, ...]
    missing: int
    lost_known: int = 0
    bundle_expires: int | None
    clock_offset: int = 0
    witnesses: tuple[str, ...] = ()
    is_frozen: bool = False
    waits_until: int | None = None
    waiting_came: int = 0
    waits_ahead: int = 0
    is_set_right: bool = False


class HubNumbers(msgspec.Struct, frozen=True, kw_only=True):
    """The link to one of two hubs.

    `withheld`: (origin, objects, passed over) of the objects that the other hub delivered and this one has not for a
    minute. `unechoed_since`: since when it has not returned own objects to all. `losses`: how often it went down in an
    hour. `silent_for`: seconds for which only the other hub delivered; None if this one delivers.
    """

    source_active_seconds: float | None
    has_leaf: bool | None
    answer: str | None
    is_standing: bool
    withheld: list[tuple[str, int, int]]
    losses: int
    silent_for: float | None = None
    unechoed_since: int | None


class SharedStore(msgspec.Struct, frozen=True, kw_only=True):
    """A store in PostgreSQL that the two gateways of a pair share; this gateway leads. `suar.store` reads the state.

    `term`: how many times a gateway has begun to lead. `standbys`: hosts of the waiting gateways that can lead;
    `unready`: hosts of those that cannot. `replicas`: number of the database's replicas; `synchronous`: number of
    those for which a commit waits. `missing_roles`: database roles that the gateway's role is not a member of.
    `is_plain`: whether the connection to another machine is without TLS.
    `recall_waits_for`: what delays the erasure of recalled texts; empty if nothing does.
    """

    term: int
    standbys: list[str]
    unready: list[str]
    replicas: int
    synchronous: int
    missing_roles: list[str]
    is_plain: bool = False
    recall_waits_for: str = ""


class Numbers(msgspec.Struct, frozen=True, kw_only=True):
    """The numbers of a gateway at one moment; times in ms, None: not known."""

    now: int
    member: str
    trust_version: int | None
    trust_issued: int | None
    trust_expires: int | None
    bundle_expires: int | None
    identity_expires: int | None
    bundles: dict[str, int]
    peers: dict[str, Peer]
    pending: dict[str, tuple[int, int]]
    quarantine_rows: int
    waiting_rows: int
    waiting_lost: int = 0  # of these, for an epoch that its sender answered not to have
    waiting_oldest: int | None
    waiting_senders: list[str]  # by the subject at the hub; longest wait first
    waits_for_time_members: int
    backup_at: int | None
    outbox_bytes: int
    outbox_held: int | None  # bytes in the stream
    outbox_limit: int | None
    outbox_accounts: list[tuple[str, str, int]]
    numbers_used: list[tuple[str, int, int]]  # kind, year, highest number of an own id, from this year on
    disk_free_bytes: int
    is_clock_back: bool
    highest_time: int
    is_bus_connected: bool
    bus_read_failed: str
    bus_read_failed_at: int
    source_active_seconds: float | None
    streams: dict[str, bool]
    link_certificate: str  # the certificate file for the link to the hub; empty: not named
    link_expires: int | None
    stream_room: dict[str, tuple[int, int]]  # bytes in a stream, and its limit
    alarms_open: list[OpenAlarm]
    set_aside: int  # objects that could not be processed, since the oldest open alarm about one
    set_aside_newest: list[str]  # stream, number, subject and signer of the newest of them
    fault_list: list[str]
    started_at: int
    is_settled: bool
    has_stood_down: bool
    is_store_failing: bool
    is_store_up: bool  # False: the numbers from the store are those of `read_at`
    read_at: int
    store_log_bytes: int
    outbox_oldest: int | None
    clock_error: int
    has_hub_leaf: bool | None
    hub_answer: str | None
    unechoed_since: int | None
    hubs: dict[str, HubNumbers]  # empty unless there are two
    own_status: str
    is_own_key_revoked: bool
    keyless: list[str]
    revoked: list[str]  # of these, members whose listed keys are all revoked
    held_rows: int
    held_oldest: int | None
    owed_acknowledgements: int
    unproved_since: int | None
    unsigned_since: int | None
    holds_open_since: int | None
    rights_as_of: int | None = None  # of when the rights of a restored state are that nobody went through
    rights_differ: str = ""  # tables of them in which the anchor at the own server differs; "none", "": not compared
    is_evidence_full: bool  # the folder of evidence is full
    old_tokens: list[str]
    tokens_beyond_roles: list[str]
    audit_broken: str | None
    store_altered: str | None
    store_verified_at: int | None
    altered_rows: list[str] = []  # messages and other rows that open alarms name as altered or gone
    unreadable: int = 0  # messages in force that are stored and that this version cannot read
    shared_store: SharedStore | None  # None: the store is a file
    anchor_fault: str | None
    folder: str
    listening_since: int | None
    epochs_begin: int | None = None  # the latest begin of an epoch of ours that is ahead of our clock
    received_until: int | None = None  # the last activity of the stream from the hub
    webhooks_failing: list[tuple[str, int]]  # agencies whose webhook accepts no events, and since when
    webhooks_stopped: list[str]  # agencies whose webhook answered 410
    webhook_dead_letters: int
    is_key_missing: bool
    key_away: str | None = None  # why the hardware module with the identity key does not answer
    passed_over: list[PassedOver] = []
    put_backs: list[int] = []  # when (ms) this gateway found that its own machine was put back
