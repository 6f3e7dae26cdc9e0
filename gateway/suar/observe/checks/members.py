"""Health checks of other members: silence, reported faults, clocks, missing frames, waiting objects, late answers."""

from typing import Final

from suar.observe.alarms import ENDING, PLAYBOOK
from suar.observe.checks.finding import SELF, Found, all_passed_over, check, span
from suar.observe.numbers import Numbers, Peer
from suar.observe.passed_over import (
    AFTER,
    AFTER_OURS,
    AT_THE_HUB,
    MISSING,
    PassedOver,
    is_after_ours,
    is_at_the_hub,
)
from suar.protocol.base import limits
from suar.protocol.base.sentences import several

SIGN_LATE: Final = 5_000  # ms without activity of the stream from the hub, normally one a second
PENDING_WARNING: Final = limits.HOUR
WAITING: Final = (
    "see trust-days-left and clock; then call the operator of the sender that is named; if it sent none of them, "
    "that of the hub, which names the sender"
)
_MEANINGS: Final = {
    "disk": "its disk is full",
    "clock": "its clock is wrong",
    "store": "its store cannot be written",
    "trust": "its trust list ran out",
    "bundle": "it has no valid key bundle",
}
"""A fault of a heartbeat, in words."""


@check("peers-silent", order=210, step="see bus-connected and sources-running")
def silent(numbers: Numbers, heartbeat_ms: int) -> Found:
    """Members that sent nothing for two intervals."""
    if not numbers.peers:
        yield "unknown", SELF, "no other member is known", "`suar trust show`"
        return
    quiet = [
        (member, peer) for member, peer in sorted(numbers.peers.items()) if _is_silent(peer, numbers.now, heartbeat_ms)
    ]
    if quiet and (numbers.own_status != "active" or numbers.is_own_key_revoked):
        text = "nothing is sealed to us, since the trust list does not let us send: who is silent is not known"
        yield "unknown", SELF, text, "see own-standing"
        return
    if quiet and numbers.is_store_failing:
        yield "unknown", SELF, "nothing that comes can be stored: who is silent is not known", "see disk and store"
        return
    until = numbers.now if numbers.received_until is None else min(numbers.now, numbers.received_until)
    if quiet and not any(_is_silent(peer, until, heartbeat_ms) for _, peer in quiet):
        if numbers.now - until > SIGN_LATE:
            text = f"nothing came from the hub for {span(numbers.now - until)}: who is silent is not known"
            yield "unknown", SELF, text, "see bus-connected and sources-running"
            return
        quiet = []
    since = numbers.listening_since
    if quiet and (since is None or numbers.now - since <= 2 * heartbeat_ms):
        text = (
            "no member can be received now"
            if since is None
            else f"we can receive the others since {span(numbers.now - since)}"
        )
        yield "unknown", SELF, f"{text}: who is silent is not known", "see sources-running; else wait two heartbeats"
        return
    returned = [member for member, peer in quiet if numbers.now - peer.expected_since <= 2 * heartbeat_ms]
    if len(quiet) - len(returned) == len(numbers.peers):
        restored_text = _since_put_back(numbers, [peer for _, peer in quiet])
        text = f"no heartbeat arrives from any member{restored_text or ': our own link may be down'}"
        yield "critical", SELF, text, "see bus-connected and sources-running"
    for member in returned:
        text = f"{member} became an active member a moment ago: whether it is silent is not known"
        yield "unknown", member, text, "wait two heartbeats"
    for member, peer in quiet:
        if member in returned:
            continue
        last_heard = "never" if peer.last_heartbeat is None else f"{span(numbers.now - peer.last_heartbeat)} ago"
        more, hint = _why_silent(peer)
        restored_text = _since_put_back(numbers, [peer])
        more = f", and not{restored_text}" if restored_text else more
        yield "warning", member, f"{member} was last heard {last_heard}{more}", hint
    if not quiet:
        count = len(numbers.peers)
        text = "the other member sends heartbeats" if count == 1 else f"all {count} members send heartbeats"
        yield "ok", SELF, text, ""


def _since_put_back(numbers: Numbers, peers: list[Peer]) -> str:
    """Return what to add if nothing of these was heard since our own machine was put back, a moment ago.

    What they send then waits for epochs that were lost with it.
    """
    is_recent = any(0 <= numbers.now - each <= AFTER for each in numbers.put_backs)
    last = max(numbers.put_backs, default=0)
    is_so = is_recent and all(peer.last_heartbeat is None or peer.last_heartbeat < last for peer in peers)
    return f" {AFTER_OURS}" if is_so else ""


def _why_silent(peer: Peer) -> tuple[str, str]:
    """Return what is known about the cause, and the next step."""
    if peer.is_frozen:
        text = ": what it sends arrives and is refused until its next epoch: it signed two frames under one number"
        return text, f"see its alarm equivocation: `suar alarm list`; {PLAYBOOK}"
    if peer.witnesses:
        text = (
            f", and newer frames of it are named by {', '.join(peer.witnesses)}: the way from it to us may be at fault"
        )
        return text, "call the operator of the hub: `suar federation streams watch` there; ask theirs whether it sends"
    return "", "if it lasts, call their operator"


def _is_silent(peer: Peer, until: int, heartbeat_ms: int) -> bool:
    """Whether nothing of it came for two intervals: what waits for its time came, and is a matter of its clock."""
    is_waiting = peer.waits_until is not None and until - peer.waiting_came <= 2 * heartbeat_ms
    return not is_waiting and (peer.last_heartbeat is None or until - peer.last_heartbeat > 2 * heartbeat_ms)


@check(
    "gaps", order=240, step="`suar peers CC` names each; they are requested automatically, at once by `suar resend CC`"
)
def gaps(numbers: Numbers, _: int) -> Found:
    """Frames of other members that are missing here."""
    counts = {member: peer.missing - peer.lost_known for member, peer in sorted(numbers.peers.items())}
    missing = {member: count for member, count in counts.items() if count}
    passed_over = all_passed_over(numbers) if missing else []
    for member, count in missing.items():
        hint = f"`suar peers {member}` names each; they are requested automatically, at once by `suar resend {member}`"
        text = several(count, f"frame of {member} is missing", f"frames of {member} are missing")
        yield "warning", member, text + _since(numbers, passed_over, member), hint
    if not missing:
        yield "ok", SELF, "no frame is missing", ""


def _since(numbers: Numbers, passed_over: list[PassedOver], member: str) -> str:
    """Return what to add if all missing of a member is since our put-back, or since a hub passed over objects."""
    about = [alarm for alarm in numbers.alarms_open if member in (alarm.member, alarm.origin)]
    missing = [alarm for alarm in about if alarm.name in MISSING]
    if missing and all(is_after_ours(numbers.put_backs, alarm.name, alarm.at) for alarm in missing):
        return f" {AFTER_OURS}"
    is_so = bool(missing) and all(is_at_the_hub(passed_over, alarm.name, alarm.at) for alarm in missing)
    return f" {AT_THE_HUB}" if is_so else ""


@check("waiting", order=250, step=WAITING)
def waiting(numbers: Numbers, _: int) -> Found:
    """Objects that cannot be judged yet."""
    age = numbers.now - numbers.waiting_oldest if numbers.waiting_oldest is not None else 0
    if age > limits.WAIT_CRITICAL:
        of = ", ".join(numbers.waiting_senders)
        others = numbers.waiting_rows - numbers.waiting_lost
        text = several(others, f"object of {of} waits", f"objects of {of} wait, the oldest")
        text = f"{text} for {span(age)}"
        yield "critical", SELF, text, WAITING
    else:
        lost = numbers.waiting_lost
        text = f", {lost} of them for an epoch that its sender does not have" if lost else ""
        yield "ok", SELF, several(numbers.waiting_rows, "object waits", "objects wait") + text, ""


@check("deliveries-late", order=260, step="see peers-silent; `suar deliveries ID` shows each")
def deliveries(numbers: Numbers, _: int) -> Found:
    """Receipts that are late."""
    late = {
        member: (count, numbers.now - oldest)
        for member, (count, oldest) in sorted(numbers.pending.items())
        if count and numbers.now - oldest > PENDING_WARNING
    }
    for member, (count, age) in late.items():
        text = several(
            count, f"message has no receipt of {member}", f"messages have no receipt of {member}, the oldest"
        )
        text = f"{text} for {span(age)}"
        yield "warning", member, text, "see peers-silent; `suar deliveries ID` shows each"
    if not late:
        yield "ok", SELF, "no receipt is overdue", ""


@check(
    "alarms",
    order=330,
    step="an incident: look into it, then `suar alarm list`, `suar alarm acknowledge N`; keys/playbooks/ALARMS.md",
)
def alarms(numbers: Numbers, _: int) -> Found:
    """Alarms whose cause has not ended and that nobody acknowledged."""
    found: dict[tuple[str, str, str, str, str], list[tuple[int, int]]] = {}
    passed_over = all_passed_over(numbers)
    for name, member, at, origin, seen_again, word in numbers.alarms_open:
        since = AT_THE_HUB if is_at_the_hub(passed_over, name, at) else ""
        since = AFTER_OURS if is_after_ours(numbers.put_backs, name, at) else since
        found.setdefault((name, member, origin, since, word), []).append((at, seen_again))
    for (name, member, origin, since, word), raised in found.items():
        times, often = [at for at, _ in raised], sum(1 + seen_again for _, seen_again in raised)
        age = span(numbers.now - min(times))
        many = f"{len(times)} alarms {name}" if len(times) > 1 else f"alarm {name}"
        about = f"about {member or SELF}{f', on the word of {word} alone' if word else ''}"
        if origin:  # no known fault ([F11])
            about = f"stated by {member}: frames of {origin} that are missing here, and {origin} does not confirm them"
        if since:  # nor is the member at fault
            what = "frames" if name in MISSING else "heartbeats"
            about = f"about {what} of {origin or member} that are missing {since}"
        text = f"{many} {about}, {f'the oldest {age}' if len(times) > 1 else age} ago"
        text += f", raised {often} times" if often > len(times) else ""
        ends = "it ends with its cause: " if name in ENDING else "an incident: look into it, then "
        yield "warning", member or SELF, text, f"{ends}`suar alarm list`, `suar alarm acknowledge N`; {PLAYBOOK}"
    if numbers.set_aside:
        rest = numbers.set_aside - len(numbers.set_aside_newest)
        named = "; ".join([*numbers.set_aside_newest, *([f"and {rest} more"] if rest else [])])
        text = several(
            numbers.set_aside,
            "object could not be processed, and is kept unjudged",
            "objects could not be processed, and are kept unjudged",
        )
        text = f"{text}: {named}"
        step = f"send the log line `object_poisoned` to whoever maintains this gateway; {PLAYBOOK}"
        yield "warning", SELF, text, step
    if not numbers.alarms_open:
        yield "ok", SELF, "no open alarm", ""


@check("peer-faults", order=220, step="their operator knows; call if it lasts")
def troubles(numbers: Numbers, _: int) -> Found:
    """Faults that other members state about themselves."""
    reported = [(member, fault) for member, peer in sorted(numbers.peers.items()) for fault in peer.faults]
    for member, fault in reported:
        yield (
            "warning",
            member,
            f"{member} says: {_MEANINGS.get(fault, fault)}",
            "their operator knows; call if it lasts",
        )
    if not reported:
        yield "ok", SELF, "no member reports a fault of its own", ""


@check("peer-clocks", order=230, step="ask their operator to set it; if more than one differs, look at ours")
def clocks(numbers: Numbers, heartbeat_ms: int) -> Found:
    """Clocks of other members that differ from the own clock, unless the own clock is wrong; what waits for them."""
    is_ours = bool(numbers.clock_error) or numbers.is_clock_back or numbers.waits_for_time_members > 1
    peers = {} if is_ours else numbers.peers
    agreed = {code for code, peer in peers.items() if _is_agreed(peer, numbers.now, heartbeat_ms)}
    wrong = [finding for code, peer in sorted(peers.items()) for finding in _clock(code, peer, numbers, agreed)]
    yield from wrong
    if not wrong:
        yield "ok", SELF, "no member's clock differs from ours by more than 5 min", ""


def _is_agreed(peer: Peer, now: int, heartbeat_ms: int) -> bool:
    is_live = peer.last_heartbeat is not None and now - peer.last_heartbeat <= 2 * heartbeat_ms
    return is_live and abs(peer.clock_offset) <= limits.CLOCK_TOLERANCE


def _clock(code: str, peer: Peer, numbers: Numbers, agreed: set[str]) -> Found:
    """Yield what is wrong with the clock of one member; `agreed`: those whose clocks agree with ours."""
    offset, step = peer.clock_offset, "ask their operator to set it; if more than one differs, look at ours"
    waits, is_far = "", abs(offset) > limits.CLOCK_TOLERANCE
    if peer.waits_until is not None and code not in agreed:
        waits = f": what it sends waits here for its time, for {span(peer.waits_until - numbers.now)}"
        if peer.is_set_right:
            text = f"the clock of {code} was ahead of ours and was set back{waits}"
            yield "warning", code, text, "nothing is to be done: it is judged at its time"
            return
        offset, is_far = peer.waits_ahead, True
    if not is_far:
        return
    text = f"the clock of {code} is {span(abs(offset))} {'ahead of' if offset > 0 else 'behind'} ours"
    if not waits and len(numbers.peers) > 1 and not agreed - {code}:
        text += ", or ours is wrong: no other member was heard since that agrees with ours"
        step = "compare this machine's clock with a reference (NTP) first; the next heartbeats of the others tell"
    yield "warning", code, text + waits, step
