"""Legislation: a law, treaty or agreement and its state."""

from typing import Annotated, Any, Final, Literal

from msgspec import UNSET, UnsetType

from suar.protocol.base import codelists as lists
from suar.protocol.base.sentences import sentence
from suar.protocol.message import fields as f
from suar.protocol.message.head import Head
from suar.protocol.message.kind import phrases
from suar.protocol.message.kind.declaration import Dated, English, Found, Kind, Words, rule


class Penalty(f.Shape, frozen=True, kw_only=True):
    """Years of imprisonment, least and most; 99 is life."""

    min_years: f.Years
    max_years: f.Years


class Legislation(Head, frozen=True, kw_only=True, tag="legislation"):
    """A law, treaty or agreement and its state, as it stood on the day it was checked."""

    schema: Literal["legislation/1.0"]
    id: Annotated[str, f.id_of("legislation")]
    jurisdiction: f.Country
    instrument: lists.Instrument
    citation: f.Citation
    state: lists.LegislationState
    enacted: f.Date | UnsetType = UNSET
    in_force: f.Date | UnsetType = UNSET
    amends: f.Citations | UnsetType = UNSET
    topics: Annotated[tuple[lists.LegislationTopic, ...], f.Some]
    implements: Annotated[tuple[f.Provision, ...], f.Some] | UnsetType = UNSET
    penalty: Penalty | UnsetType = UNSET
    url: f.Url | UnsetType = UNSET
    checked_on: f.Date
    repealed: f.Date | UnsetType = UNSET
    repeals: f.Citations | UnsetType = UNSET


WORDS: Final[Words] = {
    "Legislation": {
        "jurisdiction": ("Jurisdiction", "where it applies: a country, or XA for the region"),
        "instrument": ("Instrument", "which kind of instrument"),
        "citation": ("Citation", "how it is cited"),
        "state": ("State", "whether it applies"),
        "enacted": ("Enacted on", "the day on which it was enacted or signed"),
        "in_force": ("In force since", "the day on which it came or comes into force"),
        "amends": ("Amends", "what it amends"),
        "topics": ("Topics", "what it is about"),
        "implements": ("Implements", "which provisions of which instruments it carries out"),
        "penalty": ("Penalty", "the years of imprisonment"),
        "url": ("Web address", "where its text stands"),
        "checked_on": ("Checked on", "the day on which all this was checked"),
        "repealed": ("Repealed on", "the day on which it was or will be repealed"),
        "repeals": ("Repeals", "what it repeals"),
    },
    "Penalty": {
        "min_years": ("Lowest", "the least"),
        "max_years": ("Highest", "the most; 99 is life"),
    },
}


LIFE: Final = 99
"""The years of a penalty that mean life imprisonment."""
LAW_YEARS_AHEAD: Final = 30
"""Most years between the enactment of a law and its application."""


def _legislation(law: Legislation) -> English:
    instrument = phrases.label("instrument", law.instrument)
    days = ", ".join(f"{word} {day}" for word, day in _dates(law) if isinstance(day, str))
    return f"Legislation: {instrument.lower()} of {law.jurisdiction}, {phrases.name('legislation-state', law.state)}", [
        f"{instrument} of {law.jurisdiction}.",
        f"State: {phrases.name('legislation-state', law.state)}{f' ({days})' if days else ''}.",
        f"Topics: {phrases.names('legislation-topic', law.topics)}.",
        *_penalty(law),
        f"Checked on {law.checked_on}.",
    ]


def _dates(law: Legislation) -> tuple[tuple[str, Any], ...]:
    return ("enacted", law.enacted), ("in force", law.in_force), ("repealed", law.repealed)


def _penalty(law: Legislation) -> list[str]:
    if law.penalty is UNSET:
        return []
    most = "life" if law.penalty.max_years == LIFE else f"{law.penalty.max_years} years"
    return [f"Penalty: {law.penalty.min_years} years to {most}."]


def _penalty_range(message: Legislation) -> Found:
    penalty = message.penalty
    if penalty is not UNSET and penalty.min_years > penalty.max_years:
        hint = sentence("give the lower number of years first; 99 is life")
        yield "$.penalty.min_years", sentence("min_years is above max_years"), hint


def _repeal(message: Legislation) -> Found:
    began = [day for day in (message.enacted, message.in_force) if day is not UNSET]
    if message.repealed is not UNSET and any(message.repealed < day for day in began):
        yield "$.repealed", sentence("repealed before it was enacted or in force"), sentence("check the three dates")


KIND: Final = Kind(
    shape=Legislation,
    about="A law, treaty or agreement and its state.",
    use="say what the law is, or that it changed",
    readers="legal units",
    words=WORDS,
    english=_legislation,
    rules=(
        rule("M-LEGISLATION-PENALTY", "penalty", _penalty_range, "`min_years` is not above `max_years`"),
        rule(
            "M-LEGISLATION-REPEAL",
            "enacted in_force repealed",
            _repeal,
            "`repealed` is not before `enacted` or `in_force`",
        ),
    ),
    dates=(
        Dated("checked_on", 0),
        Dated("enacted", LAW_YEARS_AHEAD),
        Dated("in_force", LAW_YEARS_AHEAD),
        Dated("repealed", LAW_YEARS_AHEAD),
    ),
    has_law_prose=True,
)
