"""Determines why a message has its state at a member: one cause with one next step, a pure function of facts.

The causes are in one numbered list, and the first that applies is the result. Causes that end a delivery precede those
that delay it, the trust list precedes machines, this side precedes the other, and nearer links precede farther ones.
Texts and next steps are templates, filled by `values`; `suar.languages.causes` fills them in the reader's language.
"""

from collections.abc import Callable
from typing import Any, Final, NamedTuple, TypeAlias

from suar.observe.alarms import BUNDLE_WITHHELD
from suar.observe.checks.facts import Facts
from suar.protocol.base.stages import ARRIVED, HELD_BY_LAW

SCHEMA_CODES: Final = frozenset({"E-MESSAGE-SCHEMA", "E-MESSAGE-KIND"})
RIGHT_CODE: Final = "E-KIND-NOT-PERMITTED"
_UNSEALED: Final = frozenset({"queued", "no-valid-key"})

TIMES: Final = frozenset({"at", "expires", "bundle", "heard", "unseen", "until", "due"})
"""The values that are times."""

Holds: TypeAlias = Callable[[Facts], bool]


class Cause(NamedTuple):
    """A cause: its code (two causes may share one), its text, the name of the next step, and its condition."""

    code: str
    text: str
    next: str
    holds: Holds


class FoundCause(NamedTuple):
    """The result: the `number` of the cause in the list, from 1, the cause, and the values of its templates."""

    number: int
    cause: Cause
    values: dict[str, Any]


COMMANDS: Final[dict[str, str]] = {
    "show_list": "`suar trust show`",
    "held": "`suar held`",
    "release": "`suar release {id}`",
    "reject": "`suar reject {id}`",
    "errors": "`suar errors {code}`",
    "reset_clock": "`suar doctor --reset-clock`",
    "import_list": "`suar trust import FILE`",
    "playbook": "keys/playbooks/ROTATION.md",
    "doctor": "`suar doctor`",
    "setting": "bus.url",
    "watch": "`suar federation streams watch`",
    "deliveries": "`suar deliveries {id}`",
    "make_streams": "`suar federation streams --member {ours} --plan PLAN.toml --state {folder}`",
    "alarms": "`suar alarm list`",
    "alarm_playbook": "keys/playbooks/ALARMS.md",
}
"""Text to be typed, the same in every language."""

NEXT: Final[dict[str, str]] = {
    "nothing": "nothing is to be done",
    "wait": "wait a moment and ask again",
    "ask-publisher": "ask at the gateway of {origin}",
    "list": "{show_list} shows the members",
    "held": "{held} shows why; another person decides with {release} or {reject}",
    "anew": "mend it and publish it anew",
    "remind": "call the focal point of {member}",
    "answer-due": "an acknowledgement is due by {due}: call the focal point of {member} if none comes",
    "stop": "call the focal point of {member}: they must learn that it was recalled",
    "authority": "ask the focal point of {member} until when, and which authority ordered it if none is named",
    "older": "ask the operator of {member} to update its gateway",
    "rights": "ask the key holders for the right; it stands in the trust list",
    "code": "{errors} says what it means and whose fault it is",
    "holders": "call the key holders of the federation",
    "audience": "publish a message that names {member}, if it is to have it",
    "receiver": "ask about another member that it is for",
    "expiry": "publish it anew with a later expiry, if it still matters",
    "our-clock": "set the clock of this machine; if it ran ahead before: {reset_clock}",
    "second-gateway": "stop the other gateway of this member, then start this one again",
    "import": "get the current trust list from the key holders, then {import_list}",
    "rotation": "a new identity key is made by a ceremony: {playbook}",
    "our-disk": "make room on the disk of this machine; nothing that was accepted is lost",
    "our-store": "{doctor} names the fault; it goes on by itself once it can write",
    "our-outbox": "{doctor} says what fills it; it leaves by itself once there is room",
    "our-server": "start the NATS server of this gateway, or mend {setting}",
    "our-stream": "{make_streams} makes it again",
    "hub": "call the operator of the hub; everything waits here and is sent automatically",
    "our-line": "check our line to the hub; everything waits here and is sent automatically",
    "source": "{watch} starts it again; else call the operator of the hub",
    "operator": "call the operator of {member}",
    "way": "call the operator of the hub: {watch} there shows the way; ask the operator of {member} what it sends and "
    "gets",
    "their-clock": "ask the operator of {member} to set its clock",
    "their-disk": "ask the operator of {member} to free disk space; what is missing there follows automatically",
    "their-list": "ask the operator of {member} to import trust list {version}: {import_list}",
    "resent": "it is sent again automatically; {deliveries} shows when it is there",
    "follows": "it follows automatically once {member} has a key",
    "owed": "it follows automatically, most urgent first, a bounded part a day; {deliveries} shows when it is there",
    "its-time": "it is judged automatically at that time, or refused after 24 hours",
    "asked": "it is requested automatically; if it lasts, call the operator of {member}",
    "alarm": "{alarms} shows it; what to do is in {alarm_playbook}",
}
"""Next steps by name."""


# -- conditions


def _is_waited_for(f: Facts) -> bool:
    return f.message.is_ours and f.message.state not in ARRIVED


def _is_delivered(f: Facts) -> bool:
    return f.message.state in ARRIVED


def _in(state: str) -> Holds:
    return lambda f: f.message.state == state


def _is_answered_later(state: str) -> Holds:
    """Whether it is in that state, and its time to be acknowledged is not over."""
    return lambda f: f.message.state == state and f.message.answer_by is not None


def _is_recall_open(f: Facts) -> bool:
    return f.message.is_cancel and f.message.has_earlier and _is_delivered(f)


def _is_recalled(f: Facts) -> bool:
    return f.message.state == "recalled" or (f.message.is_cancel and _is_delivered(f))


def _is_refused_for(codes: frozenset[str]) -> Holds:
    return lambda f: f.message.state == "refused" and f.message.refused_code in codes


def _is_hub_down(f: Facts) -> bool:
    return f.ours.is_quiet and f.ours.hub in ("refuses", "silent")


def _is_our_line_down(f: Facts) -> bool:
    return f.ours.is_quiet and (f.ours.hub in ("cut", "unreachable") or f.ours.has_leaf is False)


def _has_fault(fault: str) -> Holds:
    return lambda f: fault in f.member.faults


def _is_clock_wrong_there(f: Facts) -> bool:
    member = f.member
    return bool(member.clock_offset) or member.is_ahead or "clock" in member.faults


def _is_behind(f: Facts) -> bool:
    version = f.member.trust_version
    return f.member.has_heartbeat and version is not None and version < f.ours.trust_version


def _is_alarmed(f: Facts) -> bool:
    """Whether an alarm about the member may explain a missing message or receipt."""
    if f.message.is_ours:
        return bool(f.member.alarm) and _is_left_waiting(f)
    return bool(f.member.alarm) and f.member.alarm != BUNDLE_WITHHELD  # a member's bundle concerns what this side seals


def _is_left_waiting(f: Facts) -> bool:
    """Whether the message left so long ago that its receipt is late."""
    return f.message.sent is not None and f.now - f.message.sent > f.late


# -- the list

CAUSES: Final[tuple[Cause, ...]] = (
    # the question itself
    Cause("not-ours", "{origin} published it and knows what became of it at {member}", "ask-publisher",
          lambda f: not f.message.is_ours and f.message.state == "elsewhere"),
    Cause("not-a-member", "{member} is not in the trust list", "list", lambda f: f.member.status == "none"),
    # final states
    Cause("rejected-here", "it was rejected or withdrawn here while it waited; it never left", "anew", _in("rejected")),
    Cause("held-here", "it waits here for a second person", "held", _in("held")),
    Cause("recall-open", "{member} has the cancel and did not confirm yet that the text is destroyed in its live store",
          "remind", _is_recall_open),
    Cause("held-by-law", "it was cancelled; {member} states that a legal hold makes it keep the text", "authority",
          _in(HELD_BY_LAW)),
    Cause("recalled", "it was cancelled, and its text is destroyed in the live store of {member}, which acted on it "
          "before", "stop", lambda f: _is_recalled(f) and f.message.has_acted),
    Cause("recalled", "it was cancelled, and its text is destroyed in the live store of {member}", "nothing",
          _is_recalled),
    Cause("acting", "{member} acts on it since {at}", "nothing", _in("acting")),
    Cause("acknowledged", "a person at {member} acknowledged its receipt at {at}", "nothing", _in("acknowledged")),
    Cause("acknowledgement-overdue", "{member} has it, and nobody there acknowledged its receipt in time", "remind",
          lambda f: _is_delivered(f) and f.message.is_overdue),
    Cause("opened", "a person at {member} opened it at {at}", "answer-due", _is_answered_later("opened")),
    Cause("opened", "a person at {member} opened it at {at}", "nothing", _in("opened")),
    Cause("stored", "{member} has it since {at}; nobody there has opened it yet", "answer-due",
          _is_answered_later("stored")),
    Cause("stored", "{member} has it since {at}; nobody there has opened it yet", "nothing", _in("stored")),
    # refused
    Cause("schema-too-new", "{member} refused it: its gateway does not know this version of the message", "older",
          _is_refused_for(SCHEMA_CODES)),
    Cause("kind-not-permitted", "{member} refused it: by its trust list we may not publish {kind}", "rights",
          _is_refused_for(frozenset({RIGHT_CODE}))),
    Cause("refused-there", "{member} refused it with {code}", "code", _in("refused")),
    # the trust list
    Cause("not-in-audience", "{member} published it itself, and its own message is not delivered to it", "receiver",
          lambda f: f.message.is_ours and f.message.origin == f.member.code),
    Cause("suspended", "{member} is suspended in the trust list", "holders",
          lambda f: f.member.status == "suspended" and (f.message.is_named or not f.message.is_ours)),
    Cause("revoked", "the key of {member} is revoked", "holders", lambda f: f.member.key == "revoked"),
    Cause("kind-not-permitted", "the trust list does not let {member} read {kind}", "rights",
          lambda f: f.message.is_ours and f.message.is_named and not f.member.may_read),
    Cause("not-in-audience", "{member} is not in the audience of this message", "audience",
          lambda f: f.message.is_ours and not f.message.is_addressed),
    Cause("expired-before-delivery", "it expired at {expires}, before {member} had it", "expiry",
          lambda f: _is_waited_for(f) and f.message.expires is not None and f.message.expires <= f.now),
    Cause("owed", "it went to all while {member} was suspended, and is sealed for {member} alone since its return",
          "owed", _in("owed")),
    # this side
    Cause("clock-wrong-here", "our clock is wrong: everything waits until it is right", "our-clock",
          lambda f: f.ours.is_clock_wrong),
    Cause("stood-down", "another gateway publishes under our name, and this one stands down", "second-gateway",
          lambda f: f.ours.has_stood_down),
    Cause("no-trust-list", "this gateway has no trust list yet", "import", lambda f: not f.ours.trust_version),
    Cause("suspended-here", "we are suspended in the trust list, or not in it", "holders",
          lambda f: f.ours.status != "active"),
    Cause("revoked-here", "our own key is revoked", "holders", lambda f: f.ours.key == "revoked"),
    Cause("key-expired-here", "our identity key is out of its time: nothing is sealed", "rotation",
          lambda f: f.message.state in _UNSEALED and f.ours.key != "valid"),
    Cause("trust-expired", "the trust list and its grace are over: nothing is sealed, opening goes on", "import",
          lambda f: f.message.state in _UNSEALED and f.ours.trust_until is not None and f.ours.trust_until <= f.now),
    Cause("disk-full-here", "the disk of this gateway is full", "our-disk", lambda f: f.ours.is_disk_full),
    Cause("store-failed-here", "the store of this gateway cannot be written", "our-store",
          lambda f: f.ours.is_store_failing),
    Cause("outbox-full-here", "our own stream is nearly full: only alerts and receipts leave", "our-outbox",
          lambda f: f.message.state in _UNSEALED and f.ours.is_outbox_full and f.message.kind != "alert"),
    # the path
    Cause("uplink-down", "this gateway has no connection to its own NATS server", "our-server",
          lambda f: not f.ours.is_connected),
    Cause("stream-missing-here", "our own stream {stream} is missing on our NATS server", "our-stream",
          lambda f: bool(f.ours.missing_stream)),
    Cause("starting", "this gateway is starting and compares its state with its own server", "wait",
          lambda f: not f.ours.is_settled),
    Cause("hub-down", "the hub is down: nobody answers where it listens", "hub", _is_hub_down),
    Cause("uplink-down", "our link to the hub is down", "our-line", _is_our_line_down),
    Cause("source-stalled", "the link to the hub stands, but its stream to us stands still", "source",
          lambda f: f.ours.is_dead and f.ours.has_leaf is True),
    Cause("line-down", "nothing comes from the hub: it is down, or our line to it is cut", "our-line",
          lambda f: f.ours.is_dead or f.ours.is_isolated),
    # the other side
    Cause("key-expired", "the identity key of {member} is out of its time", "holders",
          lambda f: f.member.key in ("expired", "early", "none")),
    Cause("clock-wrong-there", "the clock of {member} is wrong", "their-clock", _is_clock_wrong_there),
    Cause("left-out", "{member} never published a key that one could seal to", "follows",
          lambda f: _is_waited_for(f) and not f.member.has_bundle and f.member.bundle_until is None),
    Cause("bundle-stale", "the key bundle of {member} expired at {bundle}, and no newer one arrived", "operator",
          lambda f: _is_waited_for(f) and not f.member.has_bundle),
    Cause("left-out", "{member} received it and could not open it: it was sealed to a key that is missing there",
          "resent", lambda f: _is_waited_for(f) and f.message.is_closed),
    Cause("disk-full-there", "{member} says that its disk is full", "their-disk", _has_fault("disk")),
    Cause("store-failed-there", "{member} says that its store cannot be written", "operator", _has_fault("store")),
    Cause("waiting-for-a-list", "what {member} sent waits here for a trust list that is missing here", "import",
          lambda f: not f.message.is_ours and f.member.is_waiting_for_list),
    Cause("waiting-for-its-time", "our clock was ahead as this was sealed: it waits at {member} for its time, {until}",
          "its-time", lambda f: _is_waited_for(f) and f.message.begins is not None),
    Cause("waiting-for-its-time", "what {member} sent is dated ahead of our clock and waits here for its time, {until}",
          "its-time", lambda f: f.message.state not in _UNSEALED and f.member.has_epoch_ahead),
    Cause("gap-open", "frames of {member} are missing here ({missing}); one of them may contain it", "asked",
          lambda f: not f.message.is_ours and bool(f.member.missing_here)),
    Cause("epoch-frozen", "what {member} sends to all arrives and is refused until its next epoch: it signed "
          "two frames under one number", "alarm", lambda f: f.member.is_silent and f.member.is_frozen),
    Cause("heard-elsewhere", "nothing arrived here from {member} since {heard}, and newer frames of it are named by "
          "{witnesses}: the way from it to us may be at fault", "way",
          lambda f: f.member.is_silent and bool(f.member.witnesses)),
    Cause("peer-silent", "no heartbeat of {member} arrived since {heard}", "operator",
          lambda f: f.member.is_silent and f.member.last_heard is not None),
    Cause("peer-silent", "no heartbeat of {member} ever arrived", "operator", lambda f: f.member.is_silent),
    Cause("waiting-for-a-list", "{member} has trust list {theirs}, and this was sealed under {version}", "their-list",
          lambda f: f.message.is_ours and _is_behind(f)),
    Cause("trust-expired-there", "the trust list of {member} has expired", "their-list", _has_fault("trust")),
    Cause("gap-open", "the frame that contains it is missing at {member}, which has requested it", "resent",
          lambda f: f.message.is_ours and f.message.is_missed),
    Cause("source-stalled", "what we send does not return from the hub: its stream from us has stopped", "source",
          lambda f: f.message.is_ours and f.ours.is_unechoed),
    Cause("gap-open", "{claimed} names frames of {member} that are missing here, and {member} does not confirm "
          "it", "asked", lambda f: not f.message.is_ours and bool(f.member.claimed_by)),
    Cause("alarm-open", "an alarm about {member} is open here: {alarm}", "alarm", _is_alarmed),
    # no known fault
    Cause("unknown-message", "no message of this id came from {member}", "operator", lambda f: not f.message.is_ours),
    Cause("queued", "it waits here to be sealed", "wait", lambda f: f.message.state in _UNSEALED),
    Cause("unheard-there", "heartbeats of {member} arrive, and by them nothing new of us arrived there since {unseen}: "
          "the way from us to it may be at fault", "way",
          lambda f: _is_left_waiting(f) and f.member.has_heartbeat and f.member.unseen_since is not None),
    Cause("no-answer", "heartbeats of {member} arrive, but its receipt did not", "operator", _is_left_waiting),
    Cause("on-its-way", "it was sent, and the receipt of {member} is awaited", "wait", lambda _: True),
)  # fmt: skip
"""Every cause in its order; the number of one is its place here, from 1."""


def decide(facts: Facts) -> FoundCause:
    """Return the first cause whose condition holds."""
    for number, cause in enumerate(CAUSES, 1):
        if cause.holds(facts):
            return FoundCause(number, cause, values(facts))
    raise AssertionError("the last cause always holds")


def values(f: Facts) -> dict[str, Any]:
    """Return the values for the templates: codes and numbers unchanged, times in ms."""
    return {
        "member": f.member.code, "origin": f.message.origin, "kind": f.message.kind, "code": f.message.refused_code,
        "at": f.message.since, "expires": f.message.expires, "bundle": f.member.bundle_until, "ours": f.ours.code,
        "heard": f.member.last_heard, "version": f.ours.trust_version, "theirs": f.member.trust_version,
        "missing": f.member.missing_here, "unseen": f.member.unseen_since, "alarm": f.member.alarm,
        "claimed": ", ".join(f.member.claimed_by), "witnesses": ", ".join(f.member.witnesses),
        "until": f.message.begins or f.member.ahead_until, "due": f.message.answer_by,
        "authority": f.message.authority or None,
        "folder": f.ours.folder, "stream": f.ours.missing_stream,
    }  # fmt: skip
