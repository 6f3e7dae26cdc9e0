"""The rules of the policy one by one: each says of a message's marking and a reader whether it forbids to read.

A focal point is the organisation of TLP 2.0 (FIRST, August 2022), its agencies are the clients ("for teams with
national responsibility, this definition includes stakeholders and constituents"), the federation is the community.
Handling labels are restrictions that the source adds; they bind whoever gets the message from its recipient (Palermo
Protocol art. 10(3)). A property test keeps it so: adding a restriction lets nobody read more.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final, Literal

from msgspec import Struct

from suar.protocol.base.codelists import RECEIPT, listed
from suar.protocol.message.marking import ORIGINATOR_CONSENT, TLPS, Marking, rank

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
    """[P20] The organisation and its own agencies, the clients of TLP 2.0; which of them need to know has P8 said."""
    return not _is_recipient(m, r) and not (r.standing == "agency" and r.is_at_home)


def _green(_: Marking, r: Reader) -> bool:
    """[P21] Peers and partners in the community, not by publicly accessible channels."""
    return r.is_public


def clear_forbids(_: Marking, __: Reader) -> bool:
    """[P22] No limit on disclosure."""
    return False


Forbids = Callable[[Marking, Reader], bool]
FORBIDS: Final[tuple[tuple[str, Forbids], ...]] = (
    ("P3", _status), ("P4", _realm), ("P5", _records), ("P6", _kinds), ("P7", _members), ("P8", _sectors),
    ("P9", _expiry), ("P10", _ceiling), ("P11", _originator_consent), ("P12", _law_enforcement_only),
    ("P13", _protection_only), ("P14", _no_civil_society), ("P15", _no_media), ("P16", _no_onward_state),
    ("P17", _no_automated_decision),
)  # fmt: skip
"""Asked in this order of every message."""
BY_TLP: Final[tuple[tuple[str, Forbids], ...]] = (
    ("P22", clear_forbids), ("P21", _green), ("P20", _amber), ("P19", _amber_strict), ("P18", _red),
)  # fmt: skip
"""By the rank of the message's TLP: asked when none of those forbids."""
