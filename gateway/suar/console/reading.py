"""As whom a visitor reads messages: as our focal point, or as the agency for which they read; and who people are."""

from suar.console.guard import Call, Denied, Visitor, gateway_of
from suar.protocol.policy.restrictions import Reader


def reader_of(request: Call, visitor: Visitor) -> Reader | None:
    """The reader whom the policy is asked for; None for our focal point.

    Raises Denied while the agency may read nothing: suspended, expired or revoked.
    """
    if not visitor.agency:
        return None
    found = gateway_of(request).reader_of(visitor.agency)
    if found is None:
        raise Denied(403, "agency-ended")
    return found


def name_of(request: Call, who: str) -> str:
    """A person's name; of a token the token's."""
    found = gateway_of(request).people.person(who)
    return who if found is None else str(found["name"])
