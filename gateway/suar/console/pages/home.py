"""The first page: what waits for this visitor, by role."""

from typing import Any

from litestar import Response
from msgspec import Struct

from suar.console.guard import Call, Visitor, gateway_of
from suar.console.pages.messages.inbox import waiting
from suar.console.pages.operate import findings
from suar.console.pages.registry import page
from suar.console.rendering import render


class Task(Struct, frozen=True):
    """One thing that waits: the key of its sentence with a number, and the page where it is done."""

    key: str
    number: int
    path: str


class Home(Struct, frozen=True):
    """In the order of urgency."""

    waiting: list[Task]


@page("GET", "/")
async def home(request: Call, visitor: Visitor) -> Response[Any]:
    """What waits."""
    found: list[Task] = [Task(*each) for each in await waiting(request, visitor)]
    if "coordinator" in visitor.roles:
        found += _of_coordinator(request, visitor)
    if "operator" in visitor.roles:
        findings_ = (await findings(request)).findings
        found += [Task("to-health", len(findings_), "/health")] if findings_ else []
    return render(request, visitor, "home.html", Home(found))


def _of_coordinator(request: Call, visitor: Visitor) -> list[Task]:
    """Confirmations that this coordinator may give."""
    mine = [
        each for each in gateway_of(request).people.everybody()
        if each["pending"] and visitor.person not in (each["pending_by"], each["id"])
    ]  # fmt: skip
    return [Task("to-confirm", len(mine), "/people")] if mine else []
