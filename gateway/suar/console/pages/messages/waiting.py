"""What waits for a second person under the id of a message, for the pages that show the message."""

from msgspec import Struct

from suar.console.guard import Call, Visitor, gateway_of
from suar.console.rendering import names_of
from suar.console.views.texts import ReasonText, reason
from suar.protocol.base.instants import milliseconds


class Pending(Struct, frozen=True):
    """A revision that was not sent; its time in ms. `reasons`: for people who may write or release alone."""

    rev: int
    is_recall: bool
    since: int
    reasons: tuple[ReasonText, ...]
    approvers: tuple[str, ...]

    @property
    def is_update(self) -> bool:
        """Whether a revision before it has left, so that members read that."""
        return self.rev > 1 and not self.is_recall


class Together(Struct, frozen=True):
    """A recall and the message that takes the place of the recalled one, while either waits.

    `waits`, `left`, `in_force`: messages whose place it takes, by what became of their recall. `instead`: messages
    that wait and take its own place.
    """

    waits: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    in_force: tuple[str, ...] = ()
    instead: tuple[str, ...] = ()


async def together_of(request: Call, visitor: Visitor, id_: str) -> Together:
    """Return what waits together with what has this id; nothing for people who neither write nor release."""
    if not {"author", "approver"} & visitor.roles:
        return Together()
    gateway = gateway_of(request)
    found = await gateway.desk.replaced_by(id_)
    by = {state: tuple(each["id"] for each in found if each["recall"] == state) for state in ("waits", "left", "none")}
    newest = [await gateway.message(each) for each in by["none"]]
    in_force = tuple(each["id"] for each in newest if each is not None and each["state"] == "current")
    return Together(by["waits"], by["left"], in_force, tuple(await gateway.desk.replacements(id_)))


async def approvers(request: Call, editors: list[str]) -> tuple[str, ...]:
    """Return who can release what these people wrote, by name."""
    gateway = gateway_of(request)
    found = {each["id"]: each["name"] for each in gateway.people.with_role("approver")}
    return tuple(found[each] for each in await gateway.desk.releasers(editors, list(found)))


async def waiting_of(request: Call, visitor: Visitor, id_: str) -> Pending | None:
    """Return what waits, who can release it, and why; None if nothing does, and for an agency's reader."""
    found = None if visitor.agency else await gateway_of(request).desk.waiting(id_)
    if found is None:
        return None
    may_know = bool({"author", "approver"} & visitor.roles)
    reasons = tuple(reason(each, names_of(visitor)) for each in found["reasons"]) if may_know else ()
    can = await approvers(request, found["editors"] or [found["by"]])
    return Pending(found["rev"], found["action"] == "cancel", milliseconds(found["since"]), reasons, can)
