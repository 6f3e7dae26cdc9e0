"""Escalation of unanswered alerts: the steps of a published profile, or a country's own.

Three steps, in percent of the hours that the alert states (`ack_within`): the duty officer is reminded, then the focal
point and the national coordinator are notified. The profiles are in keys/profiles.toml, the choice is in suar.toml.
"""

from typing import Annotated, Final, NamedTuple

from msgspec import Meta, Struct

from suar.profiles import profiles
from suar.service.settings.sources import RawSettings, shown

ROLES: Final = ("duty-officer", "focal-point", "national-coordinator")
LATEST: Final = 250  # percent; deadlines that ended long ago notify nobody, so a later step would have no effect
DEADLINE: Final = 100  # from this step on the publisher's own people are notified as well

Profile = Annotated[str, Meta(pattern=r"^[a-z0-9-]{1,40}\Z", description="a profile of keys/profiles.toml")]
Percent = Annotated[
    int, Meta(ge=0, le=LATEST, description=f"percent of ack_within from 1 to {LATEST}, or 0 for the profile's")
]


class Escalation(Struct, frozen=True):
    """The profile; a step that is stated here replaces the profile's."""

    profile: Profile = "standard"
    duty_officer: Percent = 0
    focal_point: Percent = 0
    national_coordinator: Percent = 0


class Step(NamedTuple):
    """Who is notified, and after how much of the time limit."""

    percent: int
    role: str

    def due(self, sent: int, within: int) -> int:
        """Return the time (ms) of the step for an alert of `sent` with the time limit `within`."""
        return sent + within * self.percent // 100


def steps(chosen: Escalation) -> tuple[Step, ...]:
    """The three steps in their order."""
    published = profiles().escalation[chosen.profile]
    percents = (
        chosen.duty_officer or published.duty_officer,
        chosen.focal_point or published.focal_point,
        chosen.national_coordinator or published.national_coordinator,
    )
    return tuple(Step(*each) for each in zip(percents, ROLES, strict=True))


def check(chosen: Escalation, raw: RawSettings) -> None:
    """Fault for a profile that is not published, or steps that do not follow one another."""
    known = profiles().escalation
    if chosen.profile not in known:
        raise raw.fault("escalation", "profile", shown(chosen.profile), f"one of {', '.join(known)}")
    percents = [step.percent for step in steps(chosen)]
    if percents != sorted(set(percents)):
        found = ", ".join(map(str, percents))
        allowed = "each step later than the one before: duty_officer, focal_point, national_coordinator"
        raise raw.fault("escalation", "duty_officer", f"the steps {found}", allowed)
