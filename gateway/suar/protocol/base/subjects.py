"""NATS subjects: at home `<realm>.<type>.<channel>.<token>`, at the hub with the prefix `tip.v1.<sender>.` (section 2).

The hub sets the sender, so a subject identifies the origin of an object. The token is only an index for
look-ups.
"""

import re
from functools import lru_cache
from typing import Final, NamedTuple

from suar.protocol.base.errors import Refused
from suar.protocol.base.primitives import ACTUAL, EXERCISE

PREFIX: Final = "tip.v1."
ALL: Final = "all"
AT_HOME: Final = (
    "a.trust.all.*", "a.keys.all.*", "a.revoke.all.*", "a.epoch.*.*", "a.frame.*.*", "x.epoch.*.*", "x.frame.*.*",
)  # fmt: skip
"""Every form of a home subject, as NATS patterns: what a gateway may publish and OUTBOX accepts. NATS accepts any bytes
as the last token; `parse` checks it ([S1]). The hub decides which channels a member receives (`for_member`).
"""
_REALMS: Final = {"a": ACTUAL, "x": EXERCISE}
_LETTERS: Final = {realm: letter for letter, realm in _REALMS.items()}
_HUB: Final = re.compile(
    r"tip\.v1\.(?P<sender>[a-z]{2})\."
    r"(?:a\.(?:(?P<trust>trust)\.all\.(?:0|[1-9][0-9]{0,15})|(?P<kid>keys|revoke)\.all\.[0-9a-f]{32})"
    r"|(?P<realm>[ax])\.(?P<sealed>epoch|frame)\.(?P<channel>all|[a-z]{2})\.[0-9a-f]{16})"
)


class Subject(NamedTuple):
    """Where an object was published; codes as inside objects (upper case, `actual`/`exercise`)."""

    sender: str
    realm: str
    type: str
    channel: str
    token: str


@lru_cache(maxsize=4096)
def parse(subject: str) -> Subject:
    """[S1] Return the parts of a hub subject. Raises Refused for any other. All frames of an epoch have one subject."""
    match = _HUB.fullmatch(subject)
    if match is None:
        raise Refused("E-SUBJECT", "S1")
    channel = match["channel"] or ALL
    return Subject(
        match["sender"].upper(),
        _REALMS[match["realm"] or "a"],
        match["trust"] or match["kid"] or match["sealed"],
        channel if channel == ALL else channel.upper(),
        subject.rsplit(".", 1)[1],
    )


def sender_of(subject: str) -> str:
    """Return the member that a hub subject names; an empty text for any other subject."""
    try:
        return parse(subject).sender
    except Refused:
        return ""


def home(realm: str, type_: str, channel: str, token: str) -> str:
    """Return the subject under which a gateway publishes at home."""
    return f"{_LETTERS[realm]}.{type_}.{channel.lower()}.{token}"


def for_member(code: str) -> list[str]:
    """Return the NATS patterns of what the hub delivers to a member: any sender and token, its own channels only."""
    common = [f"{PREFIX}*.a.{type_}.all.*" for type_ in ("trust", "keys", "revoke")]
    sealed = [(realm, type_) for realm in _REALMS for type_ in ("epoch", "frame")]
    return common + [f"{PREFIX}*.{r}.{t}.{channel}.*" for channel in (ALL, code.lower()) for r, t in sealed]


def hub(sender: str, home_subject: str) -> str:
    """Return the subject at the hub of what `sender` publishes at home."""
    return f"{PREFIX}{sender.lower()}.{home_subject}"


def trust(version: int) -> str:
    """Return the home subject of a trust list."""
    return home(ACTUAL, "trust", ALL, str(version))


def keys(kid: bytes) -> str:
    """Return the home subject of a key bundle."""
    return home(ACTUAL, "keys", ALL, kid.hex())


def revoke(kid: bytes) -> str:
    """Return the home subject of a Revoke."""
    return home(ACTUAL, "revoke", ALL, kid.hex())


def epoch(realm: str, channel: str, epoch_id: bytes) -> str:
    """Return the home subject of an epoch."""
    return home(realm, "epoch", channel, epoch_id.hex()[:16])


def frame(realm: str, channel: str, epoch_id: bytes) -> str:
    """Return the home subject of a frame."""
    return home(realm, "frame", channel, epoch_id.hex()[:16])
