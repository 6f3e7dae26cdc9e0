"""The kinds that are looked up rather than followed (messages.md section 3): legislation, practice, contact."""

from typing import Annotated, Literal

from msgspec import UNSET, UnsetType

from suar.protocol.base import codelists as lists
from suar.protocol.message import fields as f
from suar.protocol.message.head import Head


class Penalty(f.Shape, frozen=True, kw_only=True):
    """Years of imprisonment, least and most; 99 is life."""

    min_years: f.Years
    max_years: f.Years


class Legislation(Head, frozen=True, kw_only=True, tag="legislation"):
    """A law, treaty or agreement and its state, as it stood on the day it was checked."""

    schema: Literal["legislation/1.0"]
    id: f.LegislationId
    jurisdiction: f.Country
    instrument: lists.Instrument
    citation: f.Text200
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


class Practice(Head, frozen=True, kw_only=True, tag="practice"):
    """A monitoring or referral mechanism, a good practice or a lesson learned, with the desk that tells more."""

    schema: Literal["practice/1.0"]
    id: f.PracticeId
    type: lists.PracticeType
    pillar: Annotated[tuple[lists.Pillar, ...], f.Some]
    lead: f.Lead
    partners: f.Sectors | UnsetType = UNSET
    coverage: f.Area
    state: lists.PracticeState
    cycle: lists.Cycle | UnsetType = UNSET
    measures: Annotated[tuple[lists.TrendIndicator, ...], f.Some] | UnsetType = UNSET
    evidence: lists.Evidence
    safeguards: Annotated[tuple[lists.Safeguard, ...], f.Some]
    desk: f.ContactId


class Contact(Head, frozen=True, kw_only=True, tag="contact"):
    """A service or focal point that can be called; the only kind with telephone and mail, and an institution's only."""

    schema: Literal["contact/1.0"]
    id: f.ContactId
    service: Annotated[tuple[lists.Service, ...], f.Some]
    body: f.Text120
    sector: lists.Sector
    coverage: f.Area
    languages: Annotated[tuple[f.Language, ...], f.Some]
    hours: lists.ContactHours
    serves: Annotated[tuple[lists.Serves, ...], f.Some]
    capacity: lists.Capacity | UnsetType = UNSET
    phone: Annotated[tuple[f.Phone, ...], f.Some] | UnsetType = UNSET
    email: Annotated[tuple[f.Email, ...], f.Some] | UnsetType = UNSET
