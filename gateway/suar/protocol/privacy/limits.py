"""The smallest counts that a table shows. A country may raise these numbers but not lower them."""

from typing import Final, Protocol

K_CLEAR: Final = 10  # persons, in messages that anybody may read
K_AMBER: Final = 5  # persons, in messages that only named organisations may read
OPEN: Final = frozenset({"CLEAR", "GREEN"})
DOMINANT_PERCENT: Final = 90  # a cell above this share of a small margin describes nearly every person in it
DOMINATED_BELOW: Final = 5  # multiples of k below which a margin is small


class Gate(Protocol):
    """A country's settings (`gate.k_clear`, `gate.k_amber`)."""

    @property
    def k_clear(self) -> int:
        """The value for CLEAR and GREEN."""

    @property
    def k_amber(self) -> int:
        """The value for AMBER, AMBER+STRICT and RED."""


class Floors:
    """The standard's own minimum values, for a country without settings."""

    k_clear = K_CLEAR
    k_amber = K_AMBER


def is_open(tlp: str) -> bool:
    """Whether what has this TLP is released openly: more readers know it than what has another one."""
    return tlp in OPEN


def k_for(tlp: str, gate: Gate = Floors) -> int:
    """Return the smallest count that a message of this TLP shows; settings below the minimum are raised to it.

    An unknown TLP gets the larger number, because its audience is unknown.
    """
    if tlp in ("AMBER", "AMBER+STRICT", "RED"):
        return max(K_AMBER, gate.k_amber)
    return max(K_CLEAR, gate.k_clear)
