"""Checks of this gateway itself: clock, disk, store, start, audit, and items that wait for a person."""

from collections.abc import Sequence
from typing import Final

from suar.observe.checks.finding import ANCHOR, MIB, SELF, Found, Status, check, span
from suar.observe.numbers import Numbers
from suar.protocol.base import limits
from suar.protocol.base.instants import instant
from suar.protocol.base.sentences import several

DISK_WARNING: Final = 2 * 1024 * MIB  # a day of a federation's traffic
DISK_CRITICAL: Final = 256 * MIB  # below it SQLite's log and a catch-up can fill the disk
LOG_WARNING: Final = 512 * MIB  # SQLite checkpoints at 4 MiB; a larger log means that a reader has blocked it
START_LATE: Final = limits.MINUTE
AUDIT_LATE: Final = 5 * limits.MINUTE  # signed every minute
RECALL_LATE: Final = 5 * limits.MINUTE  # checked every second, unless a reader blocks it
NAMED: Final = 5  # maximum number of names in one line
HELD_LATE: Final = 4 * limits.HOUR  # half a working day
WEBHOOK_LATE: Final = limits.HOUR  # longer than the restart or move of a receiver
STORE_STEP: Final = "free disk space, or check the disk and the rights of the state folder; it continues automatically"
EVIDENCE_STEP: Final = "move files of `evidence.export_folder` away, or raise `evidence.export_mebibytes`"
RIGHTS_STEP: Final = (
    "end again what was ended since: `suar token list`, `suar console list`, `suar agency list`; then `suar alarm "
    "acknowledge` the alarm `restored` about this member"
)
ALTERED_STEP: Final = "treat it as an incident: `suar alarm list` names each; keys/playbooks/ALARMS.md, store-altered"
QUARANTINE_WARNING: Final = 100  # rows; single refusals are in the log


@check("clock", order=10, step="set the clock (NTP); after a clock that ran ahead: `suar doctor --reset-clock`")
def clock(numbers: Numbers, _: int) -> Found:
    """Whether the own clock went back, or differs from the clocks of several other members."""
    reset = "set the clock (NTP); after a clock that ran ahead: `suar doctor --reset-clock`"
    if numbers.is_clock_back:
        lag = span(numbers.highest_time - numbers.now)
        yield "critical", SELF, f"our clock is {lag} behind the highest time ever seen: everything waits", reset
    elif numbers.waits_for_time_members >= 2:
        text = f"objects of {numbers.waits_for_time_members} members wait for their time: our clock may be behind"
        yield "critical", SELF, text, "compare this machine's clock with a reference (NTP)"
    elif numbers.clock_error:
        way = "ahead of" if numbers.clock_error > 0 else "behind"
        text = f"our clock is {span(abs(numbers.clock_error))} {way} the clocks of all members whose heartbeats arrive"
        yield "critical", SELF, text, reset
    elif numbers.epochs_begin is not None:
        left = span(numbers.epochs_begin - limits.CLOCK_TOLERANCE - numbers.now)
        text = f"what we send waits at the other members, for {left} at most: our clock was ahead as it was sealed"
        yield "warning", SELF, text, "nothing is to be done: they judge it at its time"
    else:
        yield "ok", SELF, "no sign of a wrong clock", ""


@check("disk", order=20, step="free space, or move the state folder")
def disk(numbers: Numbers, _: int) -> Found:
    """Free space on the disk of the state folder."""
    yield from disk_free(numbers.disk_free_bytes)


def disk_free(free: int) -> Found:
    """Return the finding of `disk` for a number of free bytes."""
    status: Status = "critical" if free < DISK_CRITICAL else "warning" if free < DISK_WARNING else "ok"
    yield status, SELF, f"{free // MIB} MiB free", "" if status == "ok" else "free space, or move the state folder"


@check("store", order=30, step=STORE_STEP)
def store(numbers: Numbers, _: int) -> Found:
    """Whether the store saved the last changes."""
    if not numbers.is_store_up:
        age = span(numbers.now - numbers.read_at)
        text = f"the store cannot be read: what other checks say of messages and members is {age} old"
        yield "critical", SELF, text, "look at the disk and the rights of the state folder; the log has the reason"
    elif numbers.is_store_failing:
        yield "critical", SELF, "the store cannot be written: nothing is accepted or acknowledged", STORE_STEP
    else:
        yield "ok", SELF, "the store can be written", ""


@check(
    "store-log", order=40, step="end what reads the store for long (a copy, a backup program); `suar backup` does not"
)
def store_log(numbers: Numbers, _: int) -> Found:
    """The size of SQLite's log."""
    size = numbers.store_log_bytes
    if size > LOG_WARNING:
        hint = "end what reads the store for long (a copy, a backup program); `suar backup` does not"
        yield "warning", SELF, f"the store's log has {size // MIB} MiB", hint
    else:
        yield "ok", SELF, f"the store's log has {size // MIB} MiB", ""


@check("settled", order=50, step="see bus-connected, clock and streams-present")
def settled(numbers: Numbers, _: int) -> Found:
    """Whether the state was compared with the own streams since the start."""
    if numbers.is_settled:
        yield "ok", SELF, "the state agrees with the own streams", ""
    elif numbers.now - numbers.started_at > START_LATE:
        text = f"started {span(numbers.now - numbers.started_at)} ago and not compared with the own streams"
        yield "critical", SELF, text, "see bus-connected, clock and streams-present"
    else:
        yield "warning", SELF, "the state is being compared with the own streams", "wait a moment"


@check("single-gateway", order=60, step="stop the other gateway of this member, then start this one again")
def single_gateway(numbers: Numbers, _: int) -> Found:
    """Whether no other gateway publishes under the name of this member."""
    if numbers.has_stood_down:
        hint = "stop the other gateway of this member, then start this one again"
        yield "critical", SELF, "another gateway publishes under our name: this one stands down", hint
    else:
        yield "ok", SELF, "nobody else publishes under our name", ""


@check("audit-signed", order=300, step="treat it as an incident: `suar audit verify --since` an earlier export")
def audit_signed(numbers: Numbers, _: int) -> Found:
    """Whether the audit is signed, and whether its signed entries are unchanged."""
    since = numbers.unsigned_since
    if numbers.audit_broken is not None:
        text = f"the audit is not the one that this gateway wrote, and is not signed any more: {numbers.audit_broken}"
        yield "critical", SELF, text, "treat it as an incident: `suar audit verify --since` an earlier export"
    elif since is not None and numbers.now - since > AUDIT_LATE:
        text = f"lines of the audit are not signed since {span(numbers.now - since)}"
        yield "warning", SELF, text, "see store and identity-days-left; `suar audit verify` judges what there is"
    else:
        yield "ok", SELF, "the audit is signed", ""


@check("store-integrity", order=305, step="treat it as an incident: `suar audit verify --store`, then `suar restore`")
def store_integrity(numbers: Numbers, _: int) -> Found:
    """Whether the rows that grant rights, decide or count, and the messages, are as this gateway wrote them."""
    if numbers.store_altered is not None:
        text = f"the store was altered from outside: {numbers.store_altered}"
        yield "critical", SELF, text, "treat it as an incident: `suar audit verify --store`, then `suar restore`"
    elif numbers.anchor_fault is not None:
        text = f"{ANCHOR}: {numbers.anchor_fault}"
        yield "critical", SELF, text, "see disk; until then an older store would not be noticed"
    elif numbers.altered_rows:
        rows = several(len(numbers.altered_rows), "row was", "rows were")
        text = f"{rows} altered or removed from outside, by open alarms store-altered: {_named(numbers.altered_rows)}"
        yield "warning", SELF, text, ALTERED_STEP
    elif numbers.store_verified_at is None:
        yield "ok", SELF, "what decides is as this gateway wrote it; the rest is being verified", ""
    else:
        since = span(max(0, numbers.now - numbers.store_verified_at))
        yield "ok", SELF, f"every protected row is as this gateway wrote it, verified {since} ago", ""


@check(
    "token-scopes", order=310, step="`suar token add` with the scopes that each needs, then `suar token revoke NAME`"
)
def token_scopes(numbers: Numbers, _: int) -> Found:
    """Tokens that allow more than their scopes state, or more than the roles of their person allow."""
    if numbers.old_tokens:
        named = _named(numbers.old_tokens)
        text = f"tokens of before allow more than their scopes say, read to acknowledge and operate to admin: {named}"
        yield "warning", SELF, text, "`suar token add` with the scopes that each needs, then `suar token revoke NAME`"
    if numbers.tokens_beyond_roles:
        named = _named(numbers.tokens_beyond_roles)
        text = f"tokens have scopes that the roles of their person do not allow, which open nothing: {named}"
        yield "warning", SELF, text, "`suar token revoke NAME`, or give the person the role again"
    elif not numbers.old_tokens:
        yield "ok", SELF, "every token allows what its scopes say", ""


def _named(names: Sequence[str]) -> str:
    return ", ".join(names[:NAMED]) + (" and others" if len(names) > NAMED else "")


@check("evidence-folder", order=317, step=EVIDENCE_STEP)
def evidence_folder(numbers: Numbers, _: int) -> Found:
    """Whether the folder of automatic evidence has space for further files."""
    if numbers.is_evidence_full:
        yield "warning", SELF, "the evidence of messages is not written: its folder is full", EVIDENCE_STEP
    else:
        yield "ok", SELF, "the folder of evidence has room, or none is set", ""


@check("webhooks", order=315, step="`suar agency webhook NAME` has the cause; `suar agency test NAME` once it is ended")
def webhooks(numbers: Numbers, _: int) -> Found:
    """Webhooks of agencies that do not accept events, and abandoned events."""
    late = [name for name, since in numbers.webhooks_failing if numbers.now - since > WEBHOOK_LATE]
    broken = [*late, *numbers.webhooks_stopped]
    if broken:
        named = _named(broken)
        hint = "`suar agency webhook NAME` has the cause; `suar agency test NAME` once it is ended"
        yield "warning", SELF, f"webhooks of agencies take no events: {named}", hint
    elif numbers.webhook_dead_letters:
        text = several(
            numbers.webhook_dead_letters, "event for webhooks was given up", "events for webhooks were given up"
        )
        yield "warning", SELF, text, "`suar agency list --json` says of which; `suar agency replay NAME`"
    else:
        yield "ok", SELF, "webhooks of agencies take what is sent", ""


@check("recalls-proved", order=290, step="end what reads the store for long; then the log is merged automatically")
def recalls_proved(numbers: Numbers, _: int) -> Found:
    """Whether the log of the store is free of destroyed texts."""
    since = numbers.unproved_since
    if since is not None and numbers.now - since > RECALL_LATE:
        text = f"a recalled text may be in the store's log since {span(numbers.now - since)}"
        yield "warning", SELF, text, "end what reads the store for long; then the log is merged automatically"
    else:
        yield "ok", SELF, "nothing of a recalled text is left in the store's log", ""


@check("holds-confirmed", order=295, step="two persons: `suar hold list`, then `suar hold confirm`")
def holds_confirmed(numbers: Numbers, _: int) -> Found:
    """Whether people have confirmed the legal holds in force after a restore; until then no recall destroys a text."""
    if numbers.holds_open_since is not None:
        text = (
            "since the restore nobody has confirmed which legal holds are in force: recalled texts are hidden, "
            "none is destroyed"
        )
        yield "warning", SELF, text, "two persons: `suar hold list`, then `suar hold confirm`"
    else:
        yield "ok", SELF, "no restore waits for legal holds", ""


@check("rights-confirmed", order=297, step=RIGHTS_STEP)
def rights_confirmed(numbers: Numbers, _: int) -> Found:
    """Whether an operator has gone through tokens, people and agencies after a restore, which are older."""
    if numbers.rights_as_of is None:
        yield "ok", SELF, "no restore waits for somebody to go through its tokens, people and agencies", ""
        return
    text = (
        f"tokens, people and agencies are those of {instant(numbers.rights_as_of)}: what was revoked, suspended or "
        "narrowed since is in force again where the restore did not carry it over"
    )
    if numbers.rights_differ == "none":
        text += "; the anchor at the own NATS server shows no such change"
    elif numbers.rights_differ:
        tables = ", ".join(numbers.rights_differ.split())
        text += f"; the anchor at the own NATS server shows other rows in {tables}"
    yield "critical", SELF, text, RIGHTS_STEP


@check("held", order=270, step="`suar held`, then `suar release ID` or `suar reject ID`")
def held(numbers: Numbers, _: int) -> Found:
    """Messages that wait for a second person."""
    oldest, rows = numbers.held_oldest, numbers.held_rows
    if oldest is not None and numbers.now - oldest > HELD_LATE:
        text = several(rows, "message waits for a second person,", "messages wait for a second person, the oldest")
        text = f"{text} for {span(numbers.now - oldest)}"
        yield "warning", SELF, text, "`suar held`, then `suar release ID` or `suar reject ID`"
    else:
        text = several(rows, "message waits for a second person", "messages wait for a second person")
        yield "ok", SELF, text, ""


@check("acknowledgements", order=280, step="`suar inbox --kind alert`, then `suar ack ID`")
def acknowledgements(numbers: Numbers, _: int) -> Found:
    """Alerts of other members that were not acknowledged in time."""
    if numbers.owed_acknowledgements:
        text = several(
            numbers.owed_acknowledgements,
            "alert is not acknowledged in time by us",
            "alerts are not acknowledged in time by us",
        )
        yield "warning", SELF, text, "`suar inbox --kind alert`, then `suar ack ID`"
    else:
        yield "ok", SELF, "no alert waits for our acknowledgement beyond its time", ""


@check("quarantine", order=320, step="`suar errors CODE` for the codes in the log")
def quarantine(numbers: Numbers, _: int) -> Found:
    """Messages that were refused although their signature is valid, and stored ones that this version cannot read."""
    rows = numbers.quarantine_rows
    if numbers.unreadable:
        counted = several(numbers.unreadable, "stored message", "stored messages")
        text = f"{counted} cannot be read by this version, and left out of lists, feeds and exports"
        yield (
            "warning",
            SELF,
            text,
            "`message_unreadable` in the log has the id; the publisher can send an update of it",
        )
    elif rows > QUARANTINE_WARNING:
        yield "warning", SELF, f"{rows} refused messages are kept", "`suar errors CODE` for the codes in the log"
    else:
        yield "ok", SELF, f"{rows} refused messages are kept", ""


@check("faults", order=340, step="see the log; `suar errors` lists the codes")
def faults(numbers: Numbers, _: int) -> Found:
    """The faults that the heartbeats of this gateway state."""
    for fault in numbers.fault_list:
        yield "critical", SELF, f"own fault: {fault}", "see the log; `suar errors` lists the codes"
    if not numbers.fault_list:
        yield "ok", SELF, "no fault of our own", ""
