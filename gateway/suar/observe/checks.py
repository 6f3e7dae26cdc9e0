"""The one list of health checks: pure functions of a snapshot, for doctor, `suar check`, /v1/checks and metrics.

Each check gives at least one line, so that what is well is told too. An entity is a member, a stream or `gateway`.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final, Literal, TypeAlias

from msgspec import Struct

from suar.observe.numbers import Numbers, Peer
from suar.protocol import limits

Status = Literal["ok", "warning", "critical", "unknown"]
STATUSES: Final[tuple[Status, ...]] = ("ok", "warning", "critical", "unknown")  # the index is the exit code
_SEVERITY: Final[tuple[Status, ...]] = ("ok", "unknown", "warning", "critical")  # what is known to be bad goes first
SELF: Final = "gateway"

MIB: Final = 1024 * 1024
DISK_WARNING: Final = 2 * 1024 * MIB  # a day of a federation's traffic
DISK_CRITICAL: Final = 256 * MIB  # below it SQLite's log and a catch-up compete for the last pages
SOURCE_DEAD: Final = 15.0  # seconds without a sign of life: its idle heartbeat is 1 s
BUNDLE_LATE: Final = limits.BUNDLE_LIFETIME - limits.BUNDLE_ROTATION - limits.HOUR  # left: the daily rotation is late
IDENTITY_WARNING: Final = 40 * limits.DAY  # a ceremony takes weeks to arrange
QUARANTINE_WARNING: Final = 100  # rows: single refusals are in the log, this is a pattern
PENDING_WARNING: Final = limits.HOUR


class Check(Struct, frozen=True):
    """One line of health: which check, how bad, about whom, what, and what to do next (empty when well)."""

    id: str
    status: Status
    entity: str
    text: str
    next: str = ""


Found: TypeAlias = Iterator[tuple[Status, str, str, str]]


def run(numbers: Numbers, heartbeat_ms: int) -> list[Check]:
    """Every check, in the order of the table."""
    return [Check(name, *found) for name, check in _CHECKS.items() for found in check(numbers, heartbeat_ms)]


def unknown(reason: str, but: Iterable[str] = ()) -> list[Check]:
    """All checks but those named, unknown for `reason`: what remains when no gateway runs."""
    known = set(but)
    return [
        Check(name, "unknown", SELF, reason, "start the gateway: `suar serve`") for name in _CHECKS if name not in known
    ]


def worst(checks: Iterable[Check]) -> Status:
    """The status of the whole; unknown when nothing was checked."""
    return max((check.status for check in checks), key=_SEVERITY.index, default="unknown")


def worst_by_id(checks: Iterable[Check]) -> dict[str, Status]:
    """The status of each check over its entities."""
    found: dict[str, Status] = {}
    for check in checks:
        found[check.id] = max(found.get(check.id, "ok"), check.status, key=_SEVERITY.index)
    return found


def as_json(checks: Sequence[Check]) -> dict[str, Any]:
    """The `--json` shape of interfaces.md."""
    return {"status": worst(checks), "checks": list(checks)}


def disk(free: int) -> Check:
    """The disk alone, which can be checked without a gateway."""
    return Check("disk", *next(_disk_free(free)))


def trust_days(now: int, issued: int | None, expires: int | None) -> Check:
    """The trust list alone, which can be checked without a gateway."""
    return Check("trust-days-left", *next(_trust_left(now, issued, expires)))


def _clock(numbers: Numbers, _: int) -> Found:
    if numbers.clock_back:
        behind = _span(numbers.highest_time - numbers.now)
        hint = "set the clock (NTP); after a clock that ran ahead: `suar doctor --reset-clock`"
        yield "critical", SELF, f"our clock is {behind} behind the highest time ever seen: everything waits", hint
    elif numbers.waits_for_time_members >= 2:
        text = f"objects of {numbers.waits_for_time_members} members wait for their time: our clock may be behind"
        yield "critical", SELF, text, "compare this machine's clock with a reference (NTP)"
    else:
        yield "ok", SELF, "no sign of a wrong clock", ""


def _disk(numbers: Numbers, _: int) -> Found:
    yield from _disk_free(numbers.disk_free_bytes)


def _disk_free(free: int) -> Found:
    status: Status = "critical" if free < DISK_CRITICAL else "warning" if free < DISK_WARNING else "ok"
    yield status, SELF, f"{free // MIB} MiB free", "" if status == "ok" else "free space, or move the state folder"


def _bus(numbers: Numbers, _: int) -> Found:
    if numbers.bus_connected:
        yield "ok", SELF, "connected to the own NATS server", ""
    else:
        hint = "start the NATS server, or mend bus.url in suar.toml; what is published meanwhile is kept"
        yield "critical", SELF, "no connection to the own NATS server", hint


def _streams(numbers: Numbers, _: int) -> Found:
    if not (numbers.streams and numbers.bus_connected):
        yield "unknown", SELF, "the streams cannot be seen without the bus", "see check bus-connected"
        return
    for name, is_present in sorted(numbers.streams.items()):
        hint = "create it: `suar federation streams --member ID --plan PLAN.toml`"
        yield ("ok", name, "present", "") if is_present else ("critical", name, "the stream is missing", hint)


def _sources(numbers: Numbers, _: int) -> Found:
    active = numbers.source_active_seconds
    watch = "look at the link to the hub; `suar federation streams watch` restarts a dead source"
    if active is None or not numbers.bus_connected:
        yield "unknown", SELF, "the source cannot be seen without the bus", "see check bus-connected"
    elif active < 0:
        yield "critical", SELF, "the source from the hub never started", watch
    elif active > SOURCE_DEAD:
        yield "critical", SELF, f"no sign of life from the hub for {active:.0f} s", watch
    else:
        yield "ok", SELF, f"the source from the hub was active {active:.1f} s ago", ""


def _trust(numbers: Numbers, _: int) -> Found:
    if not numbers.trust_version:
        hint = "import the federation's first list: `suar trust import FILE --pin HASH`"
        yield "critical", SELF, "no trust list yet: nothing is sealed or accepted", hint
    else:
        yield from _trust_left(numbers.now, numbers.trust_issued, numbers.trust_expires)


def _trust_left(now: int, issued: int | None, expires: int | None) -> Found:
    if issued is None or expires is None:
        yield "unknown", SELF, "no trust list is known", "`suar trust show`"
        return
    left, renew = expires - now, "ask the key holders for the next list, then `suar trust import FILE`"
    if left <= 0:
        grace = limits.TRUST_GRACE + left
        then = f"sealing stops in {_span(grace)}" if grace > 0 else "nothing is sealed"
        yield "critical", SELF, f"the trust list expired {_span(-left)} ago; {then}", renew
        return
    passed = [mark for mark in limits.TRUST_WARNINGS if left <= mark * (expires - issued)]
    text = f"{left // limits.DAY} days left"
    if passed:
        yield "warning", SELF, f"{text}, under {min(passed):.0%} of the list's lifetime", renew
    else:
        yield "ok", SELF, text, ""


def _identity(numbers: Numbers, _: int) -> Found:
    if numbers.identity_expires is None:
        yield "unknown", SELF, "the identity key is in no trust list yet", "`suar trust show`"
        return
    left, renew = numbers.identity_expires - numbers.now, "rotate it: keys/playbooks/ROTATION.md"
    if left <= 0:
        yield "critical", SELF, "the identity key expired", renew
    elif left < IDENTITY_WARNING:
        yield "warning", SELF, f"the identity key has {left // limits.DAY} days left", renew
    else:
        yield "ok", SELF, f"the identity key has {left // limits.DAY} days left", ""


def _bundles(numbers: Numbers, _: int) -> Found:
    own = numbers.bundle_expires
    rotate = "rotate now: `suar keys rotate`"
    if own is None:
        yield "unknown", SELF, "no key bundle was published yet", "it follows the first trust list"
    elif own <= numbers.now:
        yield "critical", SELF, "our key bundle expired: nobody can seal to us", rotate
    elif own - numbers.now < BUNDLE_LATE:
        yield "warning", SELF, f"the daily rotation is late, {_span(own - numbers.now)} left", rotate
    else:
        yield "ok", SELF, f"our key bundle has {_span(own - numbers.now)} left", ""
    for member, expires in sorted(numbers.bundles.items()):
        if expires <= numbers.now:
            hint = "their gateway does not reach us; call their operator. What is for them waits"
            yield "warning", member, f"{member}'s key bundle expired {_span(numbers.now - expires)} ago", hint


def _peers(numbers: Numbers, heartbeat_ms: int) -> Found:
    if not numbers.peers:
        yield "unknown", SELF, "no other member is known", "`suar trust show`"
        return
    silent = [
        (member, peer) for member, peer in sorted(numbers.peers.items()) if _is_silent(peer, numbers, heartbeat_ms)
    ]
    if len(silent) == len(numbers.peers):
        yield "critical", SELF, "no member is heard: our own link may be cut", "see bus-connected and sources-running"
    for member, peer in silent:
        since = "never" if peer.last_heartbeat is None else f"{_span(numbers.now - peer.last_heartbeat)} ago"
        yield "warning", member, f"{member} was last heard {since}", "if it lasts, call their operator"
    if not silent:
        yield "ok", SELF, f"all {len(numbers.peers)} members are heard", ""


def _is_silent(peer: Peer, numbers: Numbers, heartbeat_ms: int) -> bool:
    return peer.last_heartbeat is None or numbers.now - peer.last_heartbeat > 2 * heartbeat_ms


def _gaps(numbers: Numbers, _: int) -> Found:
    lacking = {member: peer.missing for member, peer in sorted(numbers.peers.items()) if peer.missing}
    for member, count in lacking.items():
        yield "warning", member, f"{count} frames of {member} are missing", "ask their operator to send them again"
    if not lacking:
        yield "ok", SELF, "no frame is missing", ""


def _waiting(numbers: Numbers, _: int) -> Found:
    age = numbers.now - numbers.waiting_oldest if numbers.waiting_oldest is not None else 0
    if age > limits.WAIT_CRITICAL:
        hint = "see trust-days-left and clock; then call the sender's operator"
        yield "critical", SELF, f"{numbers.waiting_rows} objects wait, the oldest for {_span(age)}", hint
    else:
        yield "ok", SELF, f"{numbers.waiting_rows} objects wait", ""


def _deliveries(numbers: Numbers, _: int) -> Found:
    late = {
        member: (count, numbers.now - oldest)
        for member, (count, oldest) in sorted(numbers.pending.items())
        if count and numbers.now - oldest > PENDING_WARNING
    }
    for member, (count, age) in late.items():
        text = f"{count} messages have no receipt of {member}, the oldest for {_span(age)}"
        yield "warning", member, text, "see peers-silent; `suar deliveries ID` shows each"
    if not late:
        yield "ok", SELF, "no receipt is overdue", ""


def _quarantine(numbers: Numbers, _: int) -> Found:
    rows = numbers.quarantine_rows
    if rows > QUARANTINE_WARNING:
        yield "warning", SELF, f"{rows} refused messages are kept", "`suar errors CODE` for the codes in the log"
    else:
        yield "ok", SELF, f"{rows} refused messages are kept", ""


def _alarms(numbers: Numbers, _: int) -> Found:
    for name, member, at in numbers.alarms_open:
        text = f"alarm {name} about {member or SELF}, {_span(numbers.now - at)} ago"
        yield "warning", member or SELF, text, "treat it as an incident: docs/threat-model.md"
    if not numbers.alarms_open:
        yield "ok", SELF, "no open alarm", ""


def _faults(numbers: Numbers, _: int) -> Found:
    for fault in numbers.fault_list:
        yield "critical", SELF, f"own fault: {fault}", "see the log; `suar errors` lists the codes"
    if not numbers.fault_list:
        yield "ok", SELF, "no fault of our own", ""


_CHECKS: Final[dict[str, Callable[[Numbers, int], Found]]] = {
    "clock": _clock,
    "disk": _disk,
    "bus-connected": _bus,
    "streams-present": _streams,
    "sources-running": _sources,
    "trust-days-left": _trust,
    "identity-days-left": _identity,
    "bundle-age": _bundles,
    "peers-silent": _peers,
    "gaps": _gaps,
    "waiting": _waiting,
    "deliveries-late": _deliveries,
    "quarantine": _quarantine,
    "alarms": _alarms,
    "faults": _faults,
}
IDS: Final = tuple(_CHECKS)


def _span(milliseconds: int) -> str:
    """A length of time in the unit a person would use."""
    seconds = max(milliseconds, 0) // limits.SECOND
    for unit, size in (("days", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
