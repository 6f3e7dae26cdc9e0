"""The rules of the policy: each states whether it forbids a reader to read a message with a given marking.

In terms of TLP 2.0 (FIRST, August 2022), a focal point is the organisation, its agencies are the clients ("for teams
with national responsibility, this definition includes stakeholders and constituents"), and the federation is the
community. Handling labels are restrictions that the source adds; they also bind everybody who receives the message from
its recipient (Palermo Protocol art. 10(3)). A property test checks that adding a restriction never permits more.
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
"""The sectors that law-enforcement-only permits."""
PROTECTION: Final = frozenset(
    {
        "health", "social-welfare", "womens-empowerment", "children", "foreign-affairs-consular", "civil-society",
        "survivor-group", "international-organisation",
    }
)  # fmt: skip
"""The sectors that protection-only permits: shelter, health, support and return, but not prosecution."""
CIVIL_SOCIETY: Final = frozenset({"civil-society", "survivor-group"})
"""The sectors that no-civil-society excludes."""


class Reader(Struct, frozen=True, kw_only=True):
    """A reader: a member's focal point, an agency with a token at a focal point, or the public.

    `given_by` is the member whose gateway hands the message over: the sender when it seals for another member, the
    reader's own member when it reads at home. `kinds` may contain `*`. A focal point has no sector. `now` (ms) is
    needed for agencies and the public. `is_automated`: a program that decides about people without human review.
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
        """Whether the reader is the national organisation itself."""
        return self.standing == "focal-point"

    @property
    def is_public(self) -> bool:
        """Whether the reader is the public: neither a focal point nor an agency registered at one."""
        return self.standing not in ("focal-point", "agency")

    @property
    def is_at_home(self) -> bool:
        """Whether it reads from its own member's gateway."""
        return self.given_by == self.member


def _is_recipient(m: Marking, r: Reader) -> bool:
    """Whether it is a focal point that received the message from the publisher, or reads its own copy."""
    return r.is_focal_point and r.given_by in (m.origin, r.member)


def _is_forbidden_by_status(_: Marking, r: Reader) -> bool:
    """[P3] A suspended member receives nothing; its focal point keeps reading what it received before."""
    return not r.is_active and not (r.is_focal_point and r.is_at_home)


def _is_forbidden_by_realm(m: Marking, r: Reader) -> bool:
    """[P4] An exercise is only for the members that take part in it."""
    return m.realm not in r.realms


def _is_forbidden_by_records(m: Marking, r: Reader) -> bool:
    """[P5] Records of who did what and when are not for agencies."""
    return m.is_record and not r.is_focal_point


def may_read_kind(reader: Reader, kind: str) -> bool:
    """[P6] Whether the reader may read messages of `kind` at all.

    Receipts need no right, because they answer one's own message (F8).
    """
    return kind == RECEIPT or ANY in reader.kinds or kind in reader.kinds


def _is_forbidden_by_kinds(m: Marking, r: Reader) -> bool:
    return not may_read_kind(r, m.kind)


def _is_forbidden_by_members(m: Marking, r: Reader) -> bool:
    """[P7] The publisher's own agencies belong to its organisation; the public is included only by `all`."""
    if m.members is None or m.is_record:
        return False
    return r.is_public or (r.member not in m.members and r.member != m.origin)


def _is_forbidden_by_sectors(m: Marking, r: Reader) -> bool:
    """[P8] The focal point receives the message in order to pass it on to the named sectors."""
    return m.sectors is not None and not r.is_focal_point and r.sector not in m.sectors


def _is_forbidden_by_expiry(m: Marking, r: Reader) -> bool:
    """[P9] After `expires` the message is given to nobody; focal points keep their records."""
    if r.is_focal_point:
        return False
    try:
        end = datetime.fromisoformat(m.expires)
    except ValueError:
        return True  # without a time its validity is unknown
    return end.tzinfo is None or r.now >= end.timestamp() * 1000


def _is_forbidden_by_ceiling(m: Marking, r: Reader) -> bool:
    """[P10] A ceiling that is not a TLP permits nothing."""
    return rank(m.tlp) > rank(r.highest_tlp, unknown=-1)


def _is_forbidden_by_originator_consent(m: Marking, r: Reader) -> bool:
    """[P11] Consent is given by a new revision without the label."""
    return ORIGINATOR_CONSENT in m.handling and not _is_recipient(m, r)


def _is_forbidden_by_law_enforcement_only(m: Marking, r: Reader) -> bool:
    """[P12] The focal point receives it, and may pass it on to law enforcement only."""
    return "law-enforcement-only" in m.handling and not r.is_focal_point and r.sector not in ENFORCEMENT


def _is_forbidden_by_protection_only(m: Marking, r: Reader) -> bool:
    """[P13] The focal point receives it, and may pass it on to protection only."""
    return "protection-only" in m.handling and not r.is_focal_point and r.sector not in PROTECTION


def _is_forbidden_by_no_civil_society(m: Marking, r: Reader) -> bool:
    """[P14] The public counts as civil society."""
    return "no-civil-society" in m.handling and (r.is_public or r.sector in CIVIL_SOCIETY)


def _is_forbidden_by_no_media(m: Marking, r: Reader) -> bool:
    """[P15] The standard has no sector for the media, so a reader without a sector may belong to them."""
    return "no-media" in m.handling and not r.is_focal_point and r.sector not in listed("sector")


def _is_forbidden_by_no_onward_state(m: Marking, r: Reader) -> bool:
    """[P16] Another state receives it from the publisher itself, or not at all."""
    return "no-onward-state" in m.handling and (r.is_public or r.given_by not in (m.origin, r.member))


def _is_forbidden_by_no_automated_decision(m: Marking, r: Reader) -> bool:
    """[P17] The public may use any program, so it is refused."""
    return "no-automated-decision" in m.handling and (r.is_automated or r.is_public)


def _is_forbidden_by_red(m: Marking, r: Reader) -> bool:
    """[P18] The named recipients only, no further disclosure; `all` names no recipient."""
    return not _is_recipient(m, r) or m.members is None or r.member not in m.members


def _is_forbidden_by_amber_strict(m: Marking, r: Reader) -> bool:
    """[P19] The organisation only."""
    return not _is_recipient(m, r)


def _is_forbidden_by_amber(m: Marking, r: Reader) -> bool:
    """[P20] The organisation and its own agencies, the clients of TLP 2.0; P8 decides which of them need to know."""
    return not _is_recipient(m, r) and not (r.standing == "agency" and r.is_at_home)


def _is_forbidden_by_green(_: Marking, r: Reader) -> bool:
    """[P21] Peers and partners in the community, not through publicly accessible channels."""
    return r.is_public


def is_forbidden_by_clear(_: Marking, __: Reader) -> bool:
    """[P22] No limit on disclosure."""
    return False


Forbids = Callable[[Marking, Reader], bool]
FORBIDS: Final[tuple[tuple[str, Forbids], ...]] = (
    ("P3", _is_forbidden_by_status),
    ("P4", _is_forbidden_by_realm),
    ("P5", _is_forbidden_by_records),
    ("P6", _is_forbidden_by_kinds),
    ("P7", _is_forbidden_by_members),
    ("P8", _is_forbidden_by_sectors),
    ("P9", _is_forbidden_by_expiry),
    ("P10", _is_forbidden_by_ceiling),
    ("P11", _is_forbidden_by_originator_consent),
    ("P12", _is_forbidden_by_law_enforcement_only),
    ("P13", _is_forbidden_by_protection_only),
    ("P14", _is_forbidden_by_no_civil_society),
    ("P15", _is_forbidden_by_no_media),
    ("P16", _is_forbidden_by_no_onward_state),
    ("P17", _is_forbidden_by_no_automated_decision),
)
"""The rules that are applied to every message, in this order."""
BY_TLP: Final[tuple[tuple[str, Forbids], ...]] = (
    ("P22", is_forbidden_by_clear),
    ("P21", _is_forbidden_by_green),
    ("P20", _is_forbidden_by_amber),
    ("P19", _is_forbidden_by_amber_strict),
    ("P18", _is_forbidden_by_red),
)
"""The rules by the rank of the message's TLP; applied if none of the others forbids."""
