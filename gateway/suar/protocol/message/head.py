"""The fields that every kind but the receipt shares (messages.md section 2)."""

from msgspec import UNSET, UnsetType

from suar.protocol.base import codelists as lists
from suar.protocol.message import fields as f


class Head(f.Shape, frozen=True, kw_only=True, tag_field="kind"):
    """The fields of every kind except the receipt; each kind narrows `schema` and `id`."""

    schema: str
    id: f.MessageId
    rev: f.Revision
    action: lists.Action
    status: lists.Status
    issuer: f.Issuer
    sent: f.Instant
    valid_from: f.Instant | UnsetType = UNSET
    expires: f.Instant
    tlp: lists.Tlp
    handling: f.Handlings | UnsetType = UNSET
    audience: f.Audience
    text: f.Texts
    places: f.Places | UnsetType = UNSET
    source: f.Source
    related: f.RelatedMessages | UnsetType = UNSET
    reason: f.Text400 | UnsetType = UNSET
    privacy: f.Privacy | UnsetType = UNSET
