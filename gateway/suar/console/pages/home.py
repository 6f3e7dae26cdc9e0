"""The first page: what waits for this visitor, by role."""

from typing import Any

from litestar import Response
from msgspec import Struct

from suar.console.guard import Call, Visitor, gateway_of
from suar.console.pages.registry import page
from suar.console.rendering import render


class Waiting(Struct, frozen=True):
    """One thing that waits: the key of its sentence with a number, and the page where it is done."""

    key: str
    number: int
    path: str


class Home(Struct, frozen=True):
    """In the order of urgency."""

    waiting: list[Waiting]


@page("GET", "/")
async def home(request: Call, visitor: Visitor) -> Response[Any]:
    """What waits."""
    found: list[Waiting] = []
    if "coordinator" in visitor.roles:
        found += _of_coordinator(request, visitor)
    return render(request, visitor, "home.html", Home(found))


def _of_coordinator(request: Call, visitor: Visitor) -> list[Waiting]:
    """Confirmations that this coordinator may give."""
    mine = [
        each for each in gateway_of(request).people.everybody()
        if each["pending"] and visitor.person not in (each["pending_by"], each["id"])
    ]  # fmt: skip
    return [Waiting("to-confirm", len(mine), "/people")] if mine else []
