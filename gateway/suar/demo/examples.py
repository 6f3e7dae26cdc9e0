"""The shipped examples as drafts: what a person of a member would hand in today.

The examples of schemas/examples/valid carry fixed ids and dates. A draft leaves out what the gateway writes and moves
the dates to now; texts, codes and figures stay. Where the publishing member, or one of the audience, is not in a
smaller federation, another one takes its place.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

from suar.protocol.subjects import ALL
from suar.published import schemas_dir

KINDS: Final = ("alert", "trend", "pattern")
_WRITTEN: Final = ("schema", "id", "rev", "status", "sent", "privacy")
_TIME: Final = "%Y-%m-%dT%H:%M:%SZ"
_MARGIN: Final = timedelta(hours=1)  # the longest lifetime is counted from `sent`, which comes a moment later


class Draft(NamedTuple):
    """One message to publish: who, in which realm, for whom (`to` names everyone who is to store it)."""

    example: str
    kind: str
    sender: str
    realm: str
    is_for_all: bool
    to: tuple[str, ...]
    body: dict[str, Any]


def drafts(codes: Sequence[str], now: datetime | None = None) -> list[Draft]:
    """A draft of every shipped example that opens a chain, for a federation of `codes`."""
    at = now or datetime.now(UTC)
    found: list[Draft] = []
    for path in sorted((schemas_dir() / "examples" / "valid").glob("*.json")):
        message = json.loads(path.read_text("utf-8"))
        if message["kind"] in KINDS and message["action"] == "new":
            found.append(_draft(path.stem, message, codes, codes[len(found) % len(codes)], at))
    return found


def _draft(name: str, message: dict[str, Any], codes: Sequence[str], stand_in: str, now: datetime) -> Draft:
    own = message["issuer"].pop("member")
    sender = own if own in codes else stand_in
    moved = now - datetime.strptime(message["sent"], _TIME).replace(tzinfo=UTC) - _MARGIN
    body = {key: value for key, value in message.items() if key not in _WRITTEN}
    for key in ("valid_from", "expires"):
        if key in body:
            body[key] = (datetime.strptime(body[key], _TIME).replace(tzinfo=UTC) + moved).strftime(_TIME)
    if "desk" in body:
        body["desk"] = sender + body["desk"][2:]
    others = [code for code in codes if code != sender]
    named = body["audience"]["members"]
    if named != ALL:
        named = [code for code in named if code in others] or others[:1]
        body["audience"] = {**body["audience"], "members": named}
    return Draft(
        name, body["kind"], sender, message["status"], named == ALL, tuple(others if named == ALL else named), body
    )
