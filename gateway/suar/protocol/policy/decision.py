"""Who may read a message: the one decision used by compose, send, receive, list, show, feed and export.

Pure and total: it returns a Decision for any message and any reader, never an exception. The rules are applied in
order; the first that refuses decides, else the rule of the message's TLP. docs/policy.md describes them for people.

[P1] form [P2] publisher [P3] status [P4] realm [P5] records [P6] kinds [P7] members [P8] sectors [P9] expiry [P10]
ceiling [P11] originator-consent [P12] law-enforcement-only [P13] protection-only [P14] no-civil-society [P15] no-media
[P16] no-onward-state [P17] no-automated-decision [P18] RED [P19] AMBER+STRICT [P20] AMBER [P21] GREEN [P22] CLEAR, all
in `restrictions.py`; and [P23] who may publish.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from suar.protocol.message.marking import Marking, marking_of, marking_of_tree, rank
from suar.protocol.policy.restrictions import ANY, BY_TLP, FORBIDS, Reader

if TYPE_CHECKING:
    from suar.protocol.message.messages import Message
    from suar.protocol.trust.trustlist import Member


class Rule(NamedTuple):
    """A rule's name, and its text for a person."""

    name: str
    text: str


RULES: Final[dict[str, Rule]] = {
    "P1": Rule("form", "it is no message of the standard, or its marking cannot be read"),
    "P2": Rule("publisher", "the publisher's own focal point reads what it published"),
    "P3": Rule("status", "the member is suspended, or not in the trust list"),
    "P4": Rule("realm", "the reader takes no part in this realm (actual, exercise)"),
    "P5": Rule("records", "receipts, and the head of a recalled message, are for focal points"),
    "P6": Rule("kinds", "the reader may not read this kind"),
    "P7": Rule("members", "the member is not in the audience"),
    "P8": Rule("sectors", "the audience names other sectors"),
    "P9": Rule("expiry", "it has expired and stays with the focal points, for their records"),
    "P10": Rule("ceiling", "the marking is above the reader's highest TLP"),
    "P11": Rule("originator-consent", "recipients only, until the originator consents to others"),
    "P12": Rule("law-enforcement-only", "for law enforcement, border and prosecution only"),
    "P13": Rule("protection-only", "for those who protect victims only"),
    "P14": Rule("no-civil-society", "not for civil society"),
    "P15": Rule("no-media", "not for the media or the public"),
    "P16": Rule("no-onward-state", "not to be passed on to another state"),
    "P17": Rule("no-automated-decision", "not for a machine that decides alone"),
    "P18": Rule("RED", "named recipients only: the focal points of the members that the audience names"),
    "P19": Rule("AMBER+STRICT", "the recipients' own organisation only: focal points, no agency"),
    "P20": Rule("AMBER", "the recipients and their own agencies, as far as they need to know"),
    "P21": Rule("GREEN", "the federation and its agencies, not the public"),
    "P22": Rule("CLEAR", "everybody may read it"),
    "P23": Rule("publish", "the trust list does not let the member publish this kind"),
}
"""All rules by number. P2 and P22 never refuse."""


class Decision(NamedTuple):
    """Whether it is allowed, and the number of the rule that decided."""

    is_allowed: bool
    rule: str

    @property
    def name(self) -> str:
        """The rule's number and name, such as `P21 GREEN`."""
        return f"{self.rule} {RULES[self.rule].name}"


_LISTED: Final = Decision(is_allowed=True, rule="P23")
_NOT_LISTED: Final = Decision(is_allowed=False, rule="P23")


def may_read(message: Message, reader: Reader) -> Decision:
    """Return whether `reader` may read `message`, of any kind and any minor."""
    return decide(marking_of(message), reader)


def may_read_tree(tree: Mapping[str, Any], reader: Reader) -> Decision:
    """Return the same as `may_read` for a message given as JSON values."""
    return decide(marking_of_tree(tree), reader)


def may_publish(kind: str, member: Member | None) -> Decision:
    """[P23] Return whether the trust list gives `member` the right to publish `kind`."""
    return _LISTED if member is not None and (ANY in member.publish or kind in member.publish) else _NOT_LISTED


def decide(marking: Marking | None, reader: Reader) -> Decision:
    """Return the decision on a marking; None means a message without a marking, which [P1] refuses."""
    if marking is None:  # [P1]
        return Decision(is_allowed=False, rule="P1")
    if reader.is_focal_point and reader.member == marking.origin:  # [P2]
        return Decision(is_allowed=True, rule="P2")
    for rule, forbids in FORBIDS:
        if forbids(marking, reader):
            return Decision(is_allowed=False, rule=rule)
    if marking.is_record:  # [P5]
        return Decision(is_allowed=True, rule="P5")
    rule, forbids = BY_TLP[rank(marking.tlp)]
    return Decision(not forbids(marking, reader), rule)
