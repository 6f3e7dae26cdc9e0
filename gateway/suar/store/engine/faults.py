"""What the store raises of itself."""

from suar.protocol.base.errors import Fault


class StoreFault(Fault):
    """The store cannot write or read now: our own fault, never the peer's."""


class AlteredError(StoreFault):
    """Rows that grant or decide are not as this gateway wrote them: nothing is changed any more."""


class LeaseFault(StoreFault):
    """Another gateway of this member leads, or the store is not one that ours may lead."""
