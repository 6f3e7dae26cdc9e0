"""Agencies: what each is registered for, its token, and who may read with it.

A token is random, shown once and stored as a hash. `rotate` creates another one and leaves the previous one valid for a
day. Only `may_read` decides what a registration lets an agency read, with the reader that `reader_of` makes of it.
"""

import re
import secrets
from base64 import b32decode
from binascii import crc_hqx
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from msgspec import Struct, structs

from suar.federation.plan import AGENCY_RELOAD, agency_text
from suar.profiles import profiles
from suar.protocol.base import limits
from suar.protocol.base.codelists import codes, published_kinds
from suar.protocol.base.errors import Fault
from suar.protocol.base.instants import instant, rfc3339
from suar.protocol.base.primitives import ACTUAL, EXERCISE, is_equal
from suar.protocol.message.marking import TLPS
from suar.protocol.policy.restrictions import ANY, Reader
from suar.protocol.trust.members import Trust
from suar.service.access import as_shown
from suar.service.access.tokens import TokenInfo, hash_of
from suar.service.settings.scopes import AGENCY, PROPOSE

PREFIX: Final = "agency/"
"""The prefix of an agency's name among names of tokens: no token's name contains a slash."""
ENDED: Final = frozenset({"expired", "revoked"})
"""States of a registration that has ended; one that has expired can be renewed."""
ROTATION_MS: Final = limits.DAY
"""How long the token before a rotation is good."""
REALMS: Final = {"actual": (ACTUAL,), "exercise": (EXERCISE,), "all": (ACTUAL, EXERCISE)}
"""What --realm names."""
HIGHEST: Final = TLPS[: TLPS.index("AMBER") + 1]
"""The TLPs that can be registered: above them are texts for focal points alone."""
BEARER_PREFIX: Final = "suar_agency_"
"""With what the token of every agency begins."""
_TOKEN: Final = re.compile(rf"{BEARER_PREFIX}[A-Za-z0-9_-]{{43}}")
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
"""As agencies are named in the plan of the NATS servers."""
_NKEY: Final = re.compile(r"U[A-Z2-7]{55}")


class Registration(Struct, frozen=True, kw_only=True):
    """What an agency is registered for: the inputs of the policy."""

    name: str
    sector: str
    kinds: tuple[str, ...]
    highest_tlp: str
    realm: str = "actual"
    is_automated: bool = False
    may_propose: bool = False

    @property
    def realms(self) -> tuple[str, ...]:
        """The realms in which it takes part."""
        return REALMS[self.realm]

    def as_line(self) -> str:
        """The registration in one line of codes, for the audit."""
        more = (", automated" if self.is_automated else "") + (", may propose" if self.may_propose else "")
        return f"{self.name}: {self.sector}, {'+'.join(self.kinds)}, {self.highest_tlp}, {self.realm}{more}"

    @property
    def scopes(self) -> frozenset[str]:
        """What its token opens."""
        return frozenset({AGENCY, PROPOSE}) if self.may_propose else frozenset({AGENCY})


class Agency(Struct, frozen=True, kw_only=True):
    """An agency as stored; hashes have 32 bytes, times are in ms. `token_makers`: who was ever shown a token of it."""

    registration: Registration
    hash: bytes
    old_hash: bytes | None = None
    old_until: int | None = None
    maker: str
    token_makers: tuple[str, ...] = ()
    created_at: int
    expires_at: int
    suspended_at: int | None = None
    revoked_at: int | None = None

    @property
    def name(self) -> str:
        """Its name."""
        return self.registration.name

    def state(self, now: int) -> str:
        """active, suspended, expired or revoked."""
        if self.revoked_at is not None:
            return "revoked"
        if now >= self.expires_at:
            return "expired"
        return "active" if self.suspended_at is None else "suspended"


def register(
    name: str, sector: str, kinds: Iterable[str], highest_tlp: str, realm: str = "actual", *,
    is_automated: bool = False, may_propose: bool = False,
) -> Registration:  # fmt: skip
    """Return the requested registration. Raises Fault for an impossible name, sector, kind, TLP or realm."""
    if not _NAME.fullmatch(name):
        raise Fault("the agency's name cannot be used", "1 to 32 lower-case letters, digits, dashes and underscores")
    wanted = set(kinds)
    for what, requested, choice in (
        ("sector", {sector}, codes("sector")),
        ("kind", wanted, published_kinds()),
        ("highest TLP", {highest_tlp}, HIGHEST),
        ("realm", {realm}, tuple(REALMS)),
    ):
        if not requested or not requested <= set(choice):
            raise Fault(f"the agency's {what} is not one that an agency may have", f"choose of: {', '.join(choice)}")
    ordered = tuple(kind for kind in published_kinds() if kind in wanted)
    return Registration(
        name=name, sector=sector, kinds=ordered, highest_tlp=highest_tlp, realm=realm, is_automated=is_automated,
        may_propose=may_propose,
    )  # fmt: skip


def checked_nkey(nkey: str) -> str:
    """The public nkey of a user of the NATS server. Fault for what is none."""
    if not _NKEY.fullmatch(nkey) or not _has_checksum(nkey):
        raise Fault("the nkey is no public nkey of a user", "56 characters that begin with U")
    return nkey


def _has_checksum(nkey: str) -> bool:
    """Whether it ends with its CRC-16/XMODEM: an nkey that was mistyped would stop the NATS server."""
    raw = b32decode(nkey)
    return crc_hqx(raw[:-2], 0) == int.from_bytes(raw[-2:], "little")


def plan_steps(name: str, nkey: str) -> tuple[str, ...]:
    """Return an agency's element of the NATS plan, and the commands that follow it."""
    return agency_text(name, nkey), *AGENCY_RELOAD


def new_agency_token() -> str:
    """`suar_agency_` and 32 random bytes in 43 url-safe characters."""
    return BEARER_PREFIX + secrets.token_urlsafe(32)


def expiry(wanted: int | None, now: int) -> int:
    """When a registration ends (ms). Fault for a time that is over, or later than a token may last."""
    last = now + profiles().lifetimes.token_days * limits.DAY
    if wanted is None:
        return last
    if not now < wanted <= last:
        raise Fault("the time of expiry cannot be used", f"choose a time from now until {instant(last)}")
    return wanted


def reader_of(registration: Registration, member: str, trust: Trust, now: int) -> Reader:
    """The reader that an agency of `member` is at `now` (ms): never of a kind that its focal point may not read."""
    listed_member = trust.member(member)
    allowed = frozenset(listed_member.read) if listed_member is not None else frozenset[str]()
    kinds = frozenset(registration.kinds)
    return Reader(
        member=member, given_by=member, standing="agency",
        is_active=listed_member is not None and listed_member.is_active,
        kinds=kinds if ANY in allowed else kinds & allowed, sector=registration.sector,
        highest_tlp=registration.highest_tlp, realms=frozenset(registration.realms),
        is_automated=registration.is_automated, now=now,
    )  # fmt: skip


def agency_shape(agency: Agency, last_used: int | None, nkey: str | None, now: int) -> dict[str, object]:
    """A row for people: never a hash of a token; `nkey` is the public one.

    `digest` names all of it that a decision is about.
    """
    registration = agency.registration
    shown: dict[str, object] = {
        "name": registration.name, "state": agency.state(now), "sector": registration.sector,
        "kinds": list(registration.kinds), "max_tlp": registration.highest_tlp, "realm": registration.realm,
        "automated": registration.is_automated, "propose": registration.may_propose, "maker": agency.maker,
        "created": instant(agency.created_at), "expires": instant(agency.expires_at),
        "suspended": rfc3339(agency.suspended_at), "revoked": rfc3339(agency.revoked_at),
        "old_token_until": rfc3339(agency.old_until if _is_rotating(agency, now) else None), "nkey": nkey,
    }  # fmt: skip
    return {**shown, "last_used": rfc3339(last_used), "digest": as_shown.digest_of(shown)}


def _is_rotating(agency: Agency, now: int) -> bool:
    return agency.old_hash is not None and agency.old_until is not None and now < agency.old_until


def row_of(agency: Agency) -> dict[str, Any]:
    """The columns of an agency."""
    registration = agency.registration
    named = {name: value for name, value in structs.asdict(agency).items() if name != "registration"}
    named["token_makers"] = " ".join(agency.token_makers)
    return named | {
        "name": registration.name, "sector": registration.sector, "kinds": " ".join(registration.kinds),
        "highest_tlp": registration.highest_tlp, "realms": registration.realm,
        "is_automated": registration.is_automated, "may_propose": registration.may_propose,
    }  # fmt: skip


def agency_of(row: Any) -> Agency:
    """An agency from its columns."""
    registration = Registration(
        name=row.name, sector=row.sector, kinds=tuple(row.kinds.split()), highest_tlp=row.highest_tlp,
        realm=row.realms, is_automated=row.is_automated, may_propose=row.may_propose,
    )  # fmt: skip
    return Agency(
        registration=registration, hash=row.hash, old_hash=row.old_hash, old_until=row.old_until, maker=row.maker,
        token_makers=tuple((row.token_makers or row.maker).split()),
        created_at=row.created_at, expires_at=row.expires_at, suspended_at=row.suspended_at, revoked_at=row.revoked_at,
    )  # fmt: skip


class AgencyBook:
    """The agencies in memory, by the hash of each token and by name. `clock` gives ms."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._by_hash: Mapping[bytes, Agency] = {}
        self._by_name: Mapping[str, Agency] = {}

    def reload(self, agencies: Iterable[Agency]) -> None:
        """Replace the known agencies by `agencies`."""
        known = list(agencies)
        old = {each.old_hash: each for each in known if each.old_hash is not None}
        self._by_hash = old | {each.hash: each for each in known}
        self._by_name = {each.name: each for each in known}

    def authenticate(self, token: str) -> TokenInfo | None:
        """Which agency holds `token`, or None when it may read nothing now."""
        agency = self._holder(token)
        if agency is None or agency.state(self._clock()) != "active":
            return None
        return TokenInfo(PREFIX + agency.name, agency.registration.scopes, agency=agency.name)

    def rejection(self, token: str) -> Fault | None:
        """Why a token of an agency opens nothing; None for all else: only who has the token learns it."""
        agency = self._holder(token)
        state = "active" if agency is None else agency.state(self._clock())
        if state == "active":
            return None
        return Fault(f"the agency is {state}", "ask the focal point that registered it")

    def find(self, name: str) -> Agency | None:
        """The agency of that name that may read now."""
        agency = self._by_name.get(name)
        return agency if agency is not None and agency.state(self._clock()) == "active" else None

    def _holder(self, token: str) -> Agency | None:
        if not _TOKEN.fullmatch(token):
            return None
        digest = hash_of(token)
        agency = self._by_hash.get(digest)
        if agency is None:
            return None
        if is_equal(agency.hash, digest):
            return agency
        is_old = _is_rotating(agency, self._clock()) and is_equal(agency.old_hash or b"", digest)
        return agency if is_old else None
