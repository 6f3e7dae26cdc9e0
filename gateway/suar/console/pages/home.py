"""The first page: what waits for this visitor, by role."""

from typing import Any, Final

from litestar import Response
from msgspec import Struct

from suar.console.guard import Call, Visitor, gateway_of
from suar.console.pages.messages.inbox import Task, waiting
from suar.console.pages.operate import findings
from suar.console.pages.registry import page
from suar.console.rendering import render
from suar.protocol.base import limits
from suar.protocol.base.primitives import ACTUAL

RECOVERED: Final = 7 * limits.DAY
"""Time (ms) for which a person and the coordinators see that access was recovered."""


class Home(Struct, frozen=True):
    """Tasks in the order of urgency."""

    waiting: list[Task]


@page("GET", "/")
async def home(request: Call, visitor: Visitor) -> Response[Any]:
    """Show what waits."""
    return render(request, visitor, "home.html", Home(await tasks(request, visitor)))


async def tasks(request: Call, visitor: Visitor, rows: list[dict[str, Any]] | None = None) -> list[Task]:
    """Return everything that waits for this visitor, by role. `rows`: the messages in force, if they are known."""
    found = await waiting(request, visitor, rows)
    if "coordinator" in visitor.roles:
        found += await _of_coordinator(request, visitor)
    if "operator" in visitor.roles:
        findings_ = (await findings(request)).findings
        found += [Task("to-health", len(findings_), "/health")] if findings_ else []
    return found


async def _of_coordinator(request: Call, visitor: Visitor) -> list[Task]:
    """Return what a coordinator confirms or learns of, each of the last days: people whose access was recovered, and
    messages that others released alone, whatever [notify] says.
    """
    gateway = gateway_of(request)
    now, everybody = gateway.core.clock(), gateway.people.everybody()
    mine = [each for each in everybody if each["pending"] and visitor.person not in (each["pending_by"], each["id"])]
    recovered = [each for each in everybody if now - each["recovered_at"] < RECOVERED and each["id"] != visitor.person]
    alone = [each["id"] for each in await gateway.desk.released_alone(ACTUAL) if each["by"] != visitor.person]
    found = [
        Task("to-confirm", len(mine), "/people"),
        Task("released-alone", len(alone), f"/m/{alone[0]}/who" if len(alone) == 1 else "/sent"),
        Task("recovered-people", len(recovered), "/people"),
    ]
    return [each for each in found if each.number]
