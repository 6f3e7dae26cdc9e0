"""Every alarm by name: its text, whose fault it is, what to do, and whether it closes automatically.

docs/why.md has a table of the alarms, `suar errors` lists each code, and keys/playbooks/ALARMS.md has a section for
each.
"""

from typing import Final, NamedTuple

from suar.protocol.base.errors import ErrorEntry
from suar.protocol.transport import outcome
from suar.protocol.transport.outcome import Alarm

BUNDLE_WITHHELD: Final = "bundle-withheld"  # a heartbeat names a key bundle that was sent earlier and not received
IDENTITY_IN_USE: Final = "identity-in-use"  # an object under this member's name that this gateway did not send
STORE_ALTERED: Final = "store-altered"  # a row of the store that this gateway did not write
HUB_WITHHOLDS: Final = "hub-withholds"  # one of two hubs omitted what the other delivered
POISON: Final = "poison"  # an object that the store could not save, or that made our code raise
CAUSE: Final = "alarm-open"  # of docs/why.md, for alarms without another cause
PLAYBOOK: Final = "keys/playbooks/ALARMS.md"


class Kind(NamedTuple):
    """One type of alarm.

    `ends`: when it ends by itself; empty if only an operator ends it, by acknowledging it. `cause`: its cause in
    docs/why.md.
    """

    meaning: str
    fault: str
    next: str
    ends: str
    cause: str = CAUSE


_REQUESTED: Final = (
    "it is requested automatically, at once by `suar resend MEMBER`; if it lasts, call the operator of the member"
)
CLAIMED_NEXT: Final = (
    "it is requested from the member whose frames they are; if it lasts, neither member is known to be at fault: "
    "call the operator of the hub, the way from that member to us may be"
)
"""Of a gap that one member alone names in the frames of another ([F11])."""
_CALL: Final = "treat it as an incident: keep the state folder, call the member's focal point and the key holders"
_CALL_FIRST: Final = (
    "ask the member's operator by telephone whether a state was restored or a machine put back: that does this too; "
    "else treat it as an incident: keep the state folder, call the member's focal point and the key holders"
)
RESTORED_FORK_NEXT: Final = (
    "the member's chain began anew at that time (see its alarm restored): one call to its operator answers both; if "
    "they do not know of a restore or a machine that was put back, treat it as an incident"
)
"""Of a fork of a chain of a member about which `restored` is open since then."""
RETURNED_NEXT: Final = (
    "this machine was put back at that time, and what it sent before came back: see the check machine-put-back; if "
    "nobody put it back, stop the other gateway of this member, or: keys/playbooks/COMPROMISE.md"
)
"""Of an object under our own name, when our own machine was put back."""

LOST_NEXT: Final = (
    "its sender answered that it does not have it, as after its machine was put back, so nothing more will come: ask "
    "its operator to publish the messages again, then `suar alarm acknowledge N`"
)
"""Of what is missing, when its sender answered for all of it that it is lost."""
RIGHTS: Final = "rights-"
"""Before the time of the restore, in place of a message: of `restored` about ourselves until somebody went through the
rights in the restored state.
"""
RIGHTS_NEXT: Final = (
    "revoke, suspend and narrow again what was since the backup: `suar token list`, `suar console list`, `suar agency "
    "list`; then acknowledge this alarm: that ends the check rights-confirmed"
)
"""Of that alarm."""
WORD_NEXT: Final = (
    "{member} alone says so: it refused a text of ours (log `own_id_refused`) as a second one with its id. If this "
    "machine was put back, publish that text again; else ask the operator of {member} which text it has under that id"
)
"""Of `restored` about ourselves on the word of one other member."""

ALARMS: Final[dict[str, Kind]] = {
    outcome.GAP: Kind("frames of the member exist and did not arrive", "hub", _REQUESTED,
                      "all of them are here, or their sender states that none of them contained a message, or their "
                      "epoch is closed by a suspension or a revoked key", "gap-open"),
    outcome.WITHHELD_TAIL: Kind("the last frames of an epoch did not arrive; its sender states them in the next epoch",
                                "hub", _REQUESTED, "as gap", "gap-open"),
    outcome.EPOCH_MISSING: Kind("an epoch that its successor names did not arrive", "hub", _REQUESTED,
                                "the epoch and its frames are here, its sender answered as for gap, or it is "
                                "closed as for gap", "gap-open"),
    outcome.LEFT_OUT: Kind("the member sealed an epoch to all without a key of ours", "peer",
                           "our keys were sent to it again and the messages requested; if it lasts, call its operator",
                           "its content arrived in an epoch for us alone, or its sender answered"),
    outcome.SILENCE: Kind("nothing arrived from the member for two intervals, while we were connected", "none",
                          "`suar doctor` shows whether others name newer frames of it: then check the way from it to "
                          "us; else, if it lasts, call the operator of the member",
                          "a heartbeat arrives, or it is no active member any more", "peer-silent"),
    outcome.CLOCK: Kind("the member's clock differs from ours by more than 5 min", "none",
                        "ask its operator to set the clock; if more than one differs, look at ours",
                        "a heartbeat of it arrived, and both clocks are right", "clock-wrong-there"),
    outcome.TRUST_VERSION: Kind("the trust lists differ: the member names a newer one than ours, or another one "
                                "with the number of ours", "peer",
                                "`suar trust import FILE` with the current list; of one number compare the hashes by "
                                "telephone", "its last heartbeat names our list or an older one",
                                "waiting-for-a-list"),
    outcome.REVOKES: Kind("the member knows other revoked keys than we", "none",
                          "they arrive automatically; if it lasts, compare `suar trust show` by telephone",
                          "its last heartbeat names the same"),
    BUNDLE_WITHHELD: Kind("the member uses a key bundle that did not arrive", "hub",
                          "if it lasts, call the hub's operator", "its last heartbeat names one that is here"),
    outcome.FORK: Kind("two objects that exclude each other are signed by one key", "peer", _CALL_FIRST, ""),
    outcome.EQUIVOCATION: Kind("the member signed two frames under one number", "peer", _CALL, ""),
    outcome.MESSAGE_EQUIVOCATION: Kind("the member signed two texts under one id and revision", "peer",
                                     _CALL_FIRST, ""),
    outcome.OVER_SHARED: Kind("the member sent a message to others than its audience; it was refused", "peer",
                              "call the member's focal point: who received it has to destroy it", ""),
    outcome.ROLLBACK: Kind("an older trust list was handed in as if it were new; it was refused", "peer",
                           "ask the member's operator where it came from, and tell the key holders", ""),
    outcome.RESTORED: Kind("the member began a new chain: its state was restored, or somebody has its key", "peer",
                           "call its operator: a restore that they know of explains it, else treat it as an incident",
                           ""),
    IDENTITY_IN_USE: Kind("somebody else publishes under our name", "ours",
                          "stop the other gateway of this member; if there is none: keys/playbooks/COMPROMISE.md", "",
                          "stood-down"),
    HUB_WITHHOLDS: Kind("one of two hubs omitted what the other delivered, but delivered what followed", "hub",
                        "nothing is lost: call the operator of that hub first, with the log line `hub_withholds`, "
                        "which has the member and the object; the hub was put back to an older copy, lost it or "
                        "withholds it; if its IN_CC never had it, call the operator of the member's own server", ""),
    POISON: Kind("an object could not be processed here: it is kept as it arrived, sealed, and was not judged", "ours",
                 "nothing else is affected; keep the state folder, and send the log line `object_poisoned` to whoever "
                 "maintains this gateway; what the object contains may be missing here", ""),
    STORE_ALTERED: Kind("a row of our own store was written by somebody else: it is kept apart and not used", "ours",
                        "treat it as an incident: keep the state folder, find out who can write the store; what a "
                        "member signed is requested again automatically, for the rest restore a backup", ""),
}  # fmt: skip
"""By name: first those that end by themselves, then those that an operator acknowledges."""

ENDING: Final = frozenset(name for name, kind in ALARMS.items() if kind.ends)
"""Alarms that end by themselves."""


def is_event(alarm: Alarm) -> bool:
    """Whether each occurrence is a separate alarm: it does not end by itself, and occurrences cannot be matched.

    The alarm of a hub names the hub and is raised again only for further objects.
    """
    return alarm.name == HUB_WITHHOLDS or (alarm.name not in ENDING and not (alarm.epoch_id or alarm.message_id))


def about(name: str, member: str, message_id: str) -> str:
    """Return the subject of an alarm: the member with which it is stored, or the hub that it names."""
    return message_id if name == HUB_WITHHOLDS else member


def word_of(name: str, message_id: str) -> str:
    """Return the member on whose word alone `restored` about ourselves rests, or ""."""
    return message_id if name == outcome.RESTORED and len(message_id) == 2 else ""


def code_of(name: str) -> str:
    """Return the code of an alarm in `suar errors`."""
    return f"E-ALARM-{name.upper()}"


CODES: Final[dict[str, ErrorEntry]] = {
    code_of(name): ErrorEntry("", f"alarm {name}: {kind.meaning}", kind.fault, f"{kind.next}; {PLAYBOOK}")
    for name, kind in ALARMS.items()
}
"""The alarms in the shape of the other codes."""
