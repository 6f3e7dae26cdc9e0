"""Checks whether an object in this member's name is signed by one of its keys, as a second gateway would sign it.

The subject alone is a claim of the hub: its operator can move objects, or invent bytes, under any name.
"""

from suar.protocol.base import limits
from suar.protocol.base.errors import Refused
from suar.protocol.base.subjects import Subject
from suar.protocol.transport import epoch as epochs
from suar.protocol.transport import frame as frames
from suar.protocol.trust import bundle as bundles
from suar.protocol.trust.members import TrustStore


def is_signed_by(trust: TrustStore, member: str, subject: Subject, data: bytes) -> bool:
    """Whether a key that a trust list lists or listed for `member` signed it."""
    return any(_is_signed(trust, kid, subject, data) for kid in trust.kids_of(member))


def _is_signed(trust: TrustStore, kid: bytes, subject: Subject, data: bytes) -> bool:
    try:
        if subject.type == "frame":
            frames.verify_signature(frames.parse(data), trust.public(kid), subject.realm)
        elif subject.type == "epoch":
            members = len(trust.current.members) if trust.current else limits.TRUST_AHEAD
            epochs.verify_signature(epochs.parse(data, members), trust.public(kid), subject.realm)
        else:
            bundles.read_held(trust, kid, data)
    except Refused:
        return False
    return True
