"""The stages of a message at a member, from the publisher's desk to the member's answer, and the parts of that list."""

from typing import Final

OPENED: Final = "opened"
"""A person at the member was given the message."""
BY_PERSON: Final = ("acknowledged", "acting")
"""What a person at the member states."""
ARRIVED: Final = ("stored", OPENED, *BY_PERSON)
"""The message is there, and what became of it: each is stated in a receipt."""
TIMED: Final = ("sent", *ARRIVED, "recalled")
"""Those of which the publisher is shown the time."""
UNSENT: Final = ("held", "owed", "queued", "no-valid-key")
"""Still at the publisher, none of it at the member."""
UNANSWERED: Final = ("queued", "no-valid-key", "sent")
"""Sealed or about to be, and nothing heard of the member yet."""
EVERY: Final = (*UNSENT, *TIMED)
"""All of them in their order, the later one the farther."""
