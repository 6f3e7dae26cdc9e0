"""The smallest count that is shown. A country may raise these numbers and never lower them."""

from typing import Final, Protocol

K_CLEAR: Final = 10  # persons: what anybody may read
K_AMBER: Final = 5  # persons: what only named organisations may read
OPEN: Final = frozenset({"CLEAR", "GREEN"})
DOMINANT_PERCENT: Final = 90  # one cell above this share of a small margin describes nearly everybody in it
DOMINATED_BELOW: Final = 5  # times k: a margin smaller than this


class Gate(Protocol):
    """A country's settings (`gate.k_clear`, `gate.k_amber`)."""

    @property
    def k_clear(self) -> int:
        """For CLEAR and GREEN."""

    @property
    def k_amber(self) -> int:
        """For AMBER, AMBER+STRICT and RED."""


class Floors:
    """The settings of a country that has made none: the standard's own."""

    k_clear = K_CLEAR
    k_amber = K_AMBER


def k_for(tlp: str, gate: Gate = Floors) -> int:
    """The smallest count that a message of this TLP shows; settings below the floors count as the floors.

    A TLP that is not known is read by fewer than we think or by more: it gets the stricter number.
    """
    if tlp in ("AMBER", "AMBER+STRICT", "RED"):
        return max(K_AMBER, gate.k_amber)
    return max(K_CLEAR, gate.k_clear)
