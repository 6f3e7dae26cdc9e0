"""[retention] of suar.toml: how many days after its end the text of a message is kept, by kind; off by default.

A published profile is in keys/profiles.toml, its reasons in docs/operators.md. A kind without days is kept for ever.
"""

from typing import Annotated, Final

from msgspec import Meta, Struct

from suar.profiles import profiles
from suar.protocol.base import limits
from suar.service.settings.sources import RawSettings, shown

LEAST_DAYS: Final = limits.RETENTION // limits.DAY + 6
"""Streams keep an object for 30 days and peers may request it for as long; a proof is stamped within a day."""
MOST_DAYS: Final = 36_500

Profile = Annotated[str, Meta(pattern=r"^[a-z0-9-]{0,40}\Z", description="a profile of keys/profiles.toml, or nothing")]
KindDays = Annotated[
    str, Meta(pattern=r"^[a-z]{1,16} [0-9]{1,5}\Z", description='a kind and days, such as "alert 400"')
]


class RetentionSettings(Struct, frozen=True):
    """The profile; a kind that `days` names takes its number of days from there, and 0 keeps that kind for ever."""

    profile: Profile = ""
    days: list[KindDays] = []


def schedule(chosen: RetentionSettings) -> dict[str, int]:
    """Return the days that the text of each kind is kept after its end; kinds that are kept for ever are left out."""
    found = dict(profiles().retention[chosen.profile]) if chosen.profile else {}
    found |= {kind: int(days) for kind, days in (each.split() for each in chosen.days)}
    return {kind: days for kind, days in sorted(found.items()) if days}


def check(chosen: RetentionSettings, given: RawSettings) -> None:
    """Fault for a profile that is not published, a kind that nobody publishes, or too few days."""
    from suar.protocol.message.kinds import PUBLISHED

    known = profiles().retention
    if chosen.profile and chosen.profile not in known:
        raise given.fault("retention", "profile", shown(chosen.profile), f"one of {', '.join(known)}, or nothing")
    for kind, days in schedule(chosen).items():
        if kind not in PUBLISHED or not LEAST_DAYS <= days <= MOST_DAYS:
            allowed = f"a kind ({', '.join(PUBLISHED)}) and {LEAST_DAYS} to {MOST_DAYS} days, or 0 for ever"
            raise given.fault("retention", "days", shown(f"{kind} {days}"), allowed)
