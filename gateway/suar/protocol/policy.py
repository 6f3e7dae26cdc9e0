"""Who may read a message: the one decision of compose, send, receive, list, show, feed and export.

Pure and total: from any message and any reader a Decision, never an exception. The rules are asked in their order; the
first that refuses decides, else the rule of the message's TLP does. docs/policy.md says the same for people.

[P1] form [P2] publisher [P3] status [P4] realm [P5] records [P6] kinds [P7] members [P8] sectors [P9] expiry
[P10] ceiling [P11] originator-consent [P12] law-enforcement-only [P13] protection-only [P14] no-civil-society
[P15] no-media [P16] no-onward-state [P17] no-automated-decision [P18] RED [P19] AMBER+STRICT [P20] AMBER [P21] GREEN
[P22] CLEAR; and [P23] who may publish.

A focal point is the organisation of TLP 2.0 (FIRST, August 2022), its agencies are the clients ("for teams with
national responsibility, this definition includes stakeholders and constituents"), the federation is the community.
Handling labels are restrictions that the source adds; they bind whoever gets the message from its recipient (Palermo
Protocol art. 10(3)). A property test keeps it so: adding a restriction lets nobody read more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from msgspec import Struct

from suar.protocol.codelists import listed
from suar.protocol.marking import ORIGINATOR_CONSENT, RECEIPT, TLPS, Marking, marking_of, marking_of_tree, rank

if TYPE_CHECKING:
    from suar.protocol.messages import Message
    from suar.protocol.trust import Member

ANY: Final = "*"  # every kind, as trust lists write it
REALMS: Final = frozenset({"actual", "exercise"})
ENFORCEMENT: Final = frozenset({"law-enforcement", "border-immigration", "justice-prosecution"})
"""Sectors that law-enforcement-only leaves."""
PROTECTION: Final = frozenset(
    {
        "health", "social-welfare", "womens-empowerment", "children", "foreign-affairs-consular", "civil-society",
        "survivor-group", "international-organisation",
    }
)  # fmt: skip
"""Sectors that protection-only leaves: who shelters, treats, accompanies and brings home; nobody who prosecutes."""
CIVIL_SOCIETY: Final = frozenset({"civil-society", "survivor-group"})
"""Sectors that no-civil-society takes out."""


class Rule(NamedTuple):
    """A rule's word, and what it says to a person."""

    name: str
    says: str


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
"""Every rule by its number. P2 and P22 refuse nobody."""


class Decision(NamedTuple):
    """Whether it is allowed, and the number of the rule that says so."""

    allowed: bool
    rule: str

    @property
    def name(self) -> str:
        """Number and word, such as `P21 GREEN`."""
        return f"{self.rule} {RULES[self.rule].name}"


_LISTED: Final = Decision(allowed=True, rule="P23")
_NOT_LISTED: Final = Decision(allowed=False, rule="P23")


class Reader(Struct, frozen=True, kw_only=True):
    """Who would read: a member's focal point, an agency by its token at a focal point, or anybody.

    `given_by` is the member whose gateway hands the message over: the sender when it seals for another member, the
    own member for whoever reads at home. `kinds` may hold `*`. A focal point is of no sector. `now` (ms) is needed
    where agencies or the public read. `is_automated`: a program that decides about people with no person between.
    """

    member: str
    given_by: str
    standing: Literal["focal-point", "agency", "public"] = "focal-point"
    is_active: bool = True
    kinds: frozenset[str] = frozenset()
    sector: str | None = None
    highest_tlp: str = TLPS[-1]
    realms: frozenset[str] = REALMS
    is_automated: bool = False
    now: int = 0

    @property
    def is_focal_point(self) -> bool:
        """Whether it is the national organisation itself."""
        return self.standing == "focal-point"

    @property
    def is_public(self) -> bool:
        """Whether it is anybody: neither a focal point nor an agency that one has registered."""
        return self.standing not in ("focal-point", "agency")

    @property
    def is_at_home(self) -> bool:
        """Whether it reads what its own member's gateway holds."""
        return self.given_by == self.member


def may_read(message: Message, reader: Reader) -> Decision:
    """Whether `reader` may read `message`, of any kind and any minor."""
    return decide(marking_of(message), reader)


def may_read_tree(tree: Mapping[str, Any], reader: Reader) -> Decision:
    """The same of a message as JSON values."""
    return decide(marking_of_tree(tree), reader)


def may_publish(kind: str, member: Member | None) -> Decision:
    """[P23] Whether the trust list gives `member` the right to publish `kind`."""
    return _LISTED if member is not None and (ANY in member.publish or kind in member.publish) else _NOT_LISTED


def decide(marking: Marking | None, reader: Reader) -> Decision:
    """The decision on a marking; None for what has none."""
    if marking is None:  # [P1]
        return Decision(allowed=False, rule="P1")
    if reader.is_focal_point and reader.member == marking.origin:  # [P2]
        return Decision(allowed=True, rule="P2")
    for rule, forbids in _FORBIDS:
        if forbids(marking, reader):
            return Decision(allowed=False, rule=rule)
    if marking.is_record:  # [P5]
        return Decision(allowed=True, rule="P5")
    rule, forbids = _BY_TLP[rank(marking.tlp)]
    return Decision(not forbids(marking, reader), rule)


# -- the rules: each says whether it forbids


def _is_recipient(m: Marking, r: Reader) -> bool:
    """A focal point that has it from the publisher, or reads at home what it had from there."""
    return r.is_focal_point and r.given_by in (m.origin, r.member)


def _status(_: Marking, r: Reader) -> bool:
    """[P3] A suspended member is given nothing; what its focal point received before stays its own record."""
    return not r.is_active and not (r.is_focal_point and r.is_at_home)


def _realm(m: Marking, r: Reader) -> bool:
    """[P4] An exercise reaches those who take part in it."""
    return m.realm not in r.realms


def _records(m: Marking, r: Reader) -> bool:
    """[P5] Who did what when is nothing for agencies."""
    return m.is_record and not r.is_focal_point


def _kinds(m: Marking, r: Reader) -> bool:
    """[P6] Receipts need no right: they answer what one published (F8)."""
    return m.kind != RECEIPT and ANY not in r.kinds and m.kind not in r.kinds


def _members(m: Marking, r: Reader) -> bool:
    """[P7] The publisher's own agencies are of its house; the public is meant by `all` alone."""
    if m.members is None or m.is_record:
        return False
    return r.is_public or (r.member not in m.members and r.member != m.origin)


def _sectors(m: Marking, r: Reader) -> bool:
    """[P8] The focal point gets the message to hand it to the sectors that are named."""
    return m.sectors is not None and not r.is_focal_point and r.sector not in m.sectors


def _expiry(m: Marking, r: Reader) -> bool:
    """[P9] After `expires` nobody is given it any more; the focal points keep their records."""
    if r.is_focal_point:
        return False
    try:
        end = datetime.fromisoformat(m.expires)
    except ValueError:
        return True  # nobody can say that it is still valid
    return end.tzinfo is None or r.now >= end.timestamp() * 1000


def _ceiling(m: Marking, r: Reader) -> bool:
    """[P10] A ceiling that is no TLP lets nothing through."""
    return rank(m.tlp) > rank(r.highest_tlp, unknown=-1)


def _originator_consent(m: Marking, r: Reader) -> bool:
    """[P11] Consent is given by a new revision without the label."""
    return ORIGINATOR_CONSENT in m.handling and not _is_recipient(m, r)


def _law_enforcement_only(m: Marking, r: Reader) -> bool:
    """[P12] The focal point gets it, and may hand it to enforcement alone."""
    return "law-enforcement-only" in m.handling and not r.is_focal_point and r.sector not in ENFORCEMENT


def _protection_only(m: Marking, r: Reader) -> bool:
    """[P13] The focal point gets it, and may hand it to protection alone."""
    return "protection-only" in m.handling and not r.is_focal_point and r.sector not in PROTECTION


def _no_civil_society(m: Marking, r: Reader) -> bool:
    """[P14] The public is civil society too."""
    return "no-civil-society" in m.handling and (r.is_public or r.sector in CIVIL_SOCIETY)


def _no_media(m: Marking, r: Reader) -> bool:
    """[P15] No sector of the standard is the media; whoever is of none may be."""
    return "no-media" in m.handling and not r.is_focal_point and r.sector not in listed("sector")


def _no_onward_state(m: Marking, r: Reader) -> bool:
    """[P16] Another state has it from the publisher itself, or not at all."""
    return "no-onward-state" in m.handling and (r.is_public or r.given_by not in (m.origin, r.member))


def _no_automated_decision(m: Marking, r: Reader) -> bool:
    """[P17] What the public's machines do nobody knows."""
    return "no-automated-decision" in m.handling and (r.is_automated or r.is_public)


def _red(m: Marking, r: Reader) -> bool:
    """[P18] The named recipients, no further disclosure: `all` names nobody."""
    return not _is_recipient(m, r) or m.members is None or r.member not in m.members


def _amber_strict(m: Marking, r: Reader) -> bool:
    """[P19] The organisation only."""
    return not _is_recipient(m, r)


def _amber(m: Marking, r: Reader) -> bool:
    """[P20] The organisation and its clients: its own agencies; which of them need to know has P8 said."""
    return not _is_recipient(m, r) and not (r.standing == "agency" and r.is_at_home)


def _green(_: Marking, r: Reader) -> bool:
    """[P21] Peers and partners in the community, not by publicly accessible channels."""
    return r.is_public


def _clear(_: Marking, __: Reader) -> bool:
    """[P22] No limit on disclosure."""
    return False


_Forbids = Callable[[Marking, Reader], bool]
_FORBIDS: Final[tuple[tuple[str, _Forbids], ...]] = (
    ("P3", _status), ("P4", _realm), ("P5", _records), ("P6", _kinds), ("P7", _members), ("P8", _sectors),
    ("P9", _expiry), ("P10", _ceiling), ("P11", _originator_consent), ("P12", _law_enforcement_only),
    ("P13", _protection_only), ("P14", _no_civil_society), ("P15", _no_media), ("P16", _no_onward_state),
    ("P17", _no_automated_decision),
)  # fmt: skip
_BY_TLP: Final[tuple[tuple[str, _Forbids], ...]] = (
    ("P22", _clear), ("P21", _green), ("P20", _amber), ("P19", _amber_strict), ("P18", _red),
)  # fmt: skip
