"""Errors of the store itself."""

from suar.protocol.base.errors import Fault


class StoreFault(Fault):
    """The store cannot write or read now: a failure here, never the peer's."""


class AlteredError(StoreFault):
    """Rows that grant or decide are not as this gateway wrote them: every further change is refused."""


class LeaseFault(StoreFault):
    """Another gateway of this member leads, or the store is one that this gateway may not lead."""
