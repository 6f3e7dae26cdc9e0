"""The shipped examples (suar.standard.shipped) as drafts for a smaller federation than the one they name.

If the publishing member, or one of the audience, is not in the federation, another member replaces it.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from suar.protocol.base.subjects import ALL
from suar.standard import shipped


class Draft(NamedTuple):
    """One message to publish: its publisher, realm and audience (`to` names all members that must store it)."""

    example: str
    kind: str
    sender: str
    realm: str
    is_for_all: bool
    to: tuple[str, ...]
    body: dict[str, Any]


def drafts(codes: Sequence[str], now: datetime | None = None) -> list[Draft]:
    """Return a draft of every shipped example that begins a chain, for a federation of `codes`."""
    at = now or datetime.now(UTC)
    found: list[Draft] = []
    for name in shipped.names():
        message = shipped.example(name)
        if message["action"] == "new":
            found.append(_draft(name, message, codes, codes[len(found) % len(codes)], at))
    return found


def _draft(name: str, message: dict[str, Any], codes: Sequence[str], stand_in: str, now: datetime) -> Draft:
    own = message["issuer"]["member"]
    sender = own if own in codes else stand_in
    body = shipped.draft(message, sender, now)
    others = [code for code in codes if code != sender]
    named = body["audience"]["members"]
    if named != ALL:
        named = [code for code in named if code in others] or others[:1]
        body["audience"] = {**body["audience"], "members": named}
    return Draft(
        name, body["kind"], sender, message["status"], named == ALL, tuple(others if named == ALL else named), body
    )
