"""The reader of a visitor's messages, our focal point or an agency; and people's names."""

from suar.console.guard import Call, Denied, Visitor, gateway_of
from suar.protocol.policy.restrictions import Reader


def reader_of(request: Call, visitor: Visitor) -> Reader | None:
    """Return the reader for the policy; None for our focal point.

    Raises Denied while the agency may read nothing: suspended, expired or revoked.
    """
    if not visitor.agency:
        return None
    found = gateway_of(request).reader_of(visitor.agency)
    if found is None:
        raise Denied(403, "agency-ended")
    return found


def name_of(request: Call, who: str) -> str:
    """Return a person's name; of a token the token's."""
    found = gateway_of(request).people.person(who)
    return who if found is None else str(found["name"])
