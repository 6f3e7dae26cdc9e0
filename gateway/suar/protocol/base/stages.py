"""The stages of a message at a member, from queued to answered, and named subsets of them."""

from collections.abc import Mapping
from typing import Final, Literal, get_args

OPENED: Final = "opened"
"""A person at the member received the message."""
ByPerson = Literal["acknowledged", "acting"]
BY_PERSON: Final[tuple[ByPerson, ...]] = get_args(ByPerson)
"""Stated by a person at the member."""
RECALLED: Final = "recalled"
"""The member destroyed what was cancelled."""
ARRIVED: Final = ("stored", OPENED, *BY_PERSON)
"""The message is stored at the member; a receipt states each of these."""
UNREAD: Final = ("missing", "refused")
"""A receipt states of these that the member lacks the message, or could not open or accept it."""
HELD_BY_LAW: Final = "held-by-law"
"""The member keeps what was cancelled, sealed and hidden from everybody, because of a legal hold (receipt/1.1)."""
TIMED: Final = ("sent", *ARRIVED, RECALLED)
"""Stages whose time the publisher is shown."""
UNSENT: Final = ("held", "owed", "queued", "no-valid-key")
"""The message has not left the publisher."""
UNANSWERED: Final = ("queued", "no-valid-key", "sent")
"""Sealed or queued for sealing, and the member has not answered."""
EVERY: Final = (*UNSENT, "sent", *ARRIVED, HELD_BY_LAW, RECALLED)
"""All stages in order."""


def implied(times: Mapping[str, object]) -> list[str]:
    """Return the stages on arrival that were not stated, and that a later stated stage implies."""
    stated = [at for at, stage in enumerate(ARRIVED) if times.get(stage) is not None]
    return [stage for at, stage in enumerate(ARRIVED) if stated and at < stated[-1] and at not in stated]
