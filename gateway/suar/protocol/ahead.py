"""A message composed before it has a number: all that asks neither the ledger nor anything else that is stored.

Numbers are without gaps and are given in the transaction that stores the message, so this part of composing can go on
elsewhere while others are stored. It only ever says yes: what is not passed without a word is composed anew, as a
whole, by `compose.complete` and the gate, which find the reasons.
"""

from typing import Final

from msgspec import UNSET

from suar.protocol.compose import Composed, Ledger, complete, under_number
from suar.protocol.kinds import Publication, Receipt, Trend
from suar.protocol.messages import read
from suar.protocol.privacy.limits import Gate
from suar.protocol.privacy.verdict import PASS, judge
from suar.protocol.reasons import Invalid

STALE: Final = 2_000
"""ms after which a message composed ahead is composed anew: its `sent` would be too far from when it was accepted."""


def compose_ahead(data: bytes, *, member: str, realm: str, now: int, gate: Gate) -> bytes | None:
    """A new message as it will leave, with number 0, when the gate has no word to say of it; else None.

    Not of trends, whose table is compared with what was released, nor where the English text is written from the id.
    Arguments as `compose.complete`.
    """
    try:
        composed = complete(data, member=member, realm=realm, now=now, ledger=None)
    except Invalid:
        return None
    message = composed.message
    if composed.imported or not composed.is_numbered or isinstance(message, Trend) or _is_generated(message):
        return None
    opinion = judge(message, gate)
    return composed.data if opinion.verdict == PASS and not opinion.reasons else None


def _is_generated(message: Publication) -> bool:
    return any(entry.generated is not UNSET for entry in message.text)


def numbered(data: bytes, ledger: Ledger) -> Composed:
    """What `compose_ahead` gave, under the next number of its kind and year. Raises Invalid as `compose.complete`."""
    message = read(data)
    if isinstance(message, Receipt):
        raise TypeError("receipts are never composed ahead")
    return under_number(message, ledger)
