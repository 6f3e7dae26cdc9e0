"""The list of all health checks: pure functions of a snapshot, for doctor, `suar check`, /v1/checks and metrics.

Each check returns at least one finding, so that a healthy state is reported too. Three checks are about the state
folder; the command that inspects it runs them, with or without a gateway.
"""

from collections.abc import Iterable, Sequence
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, Final

import suar.observe.checks
from suar.observe.checks import here
from suar.observe.checks.finding import DECLARED, SELF, STATUSES, Check, Status
from suar.observe.checks.folding import folded
from suar.observe.checks.here import DISK_CRITICAL
from suar.observe.numbers import Numbers

__all__ = ["DISK_CRITICAL", "FOLDER", "IDS", "SELF", "STATUSES", "Check", "Status", "folded", "run", "unknown", "worst"]

_SEVERITY: Final[tuple[Status, ...]] = ("ok", "unknown", "warning", "critical")  # least severe first

FOLDER: Final = ("gateway-running", "settings", "files")
"""Checks of the state folder."""

STRANGE: Final = "treat it as an incident: `suar audit verify --store`, then keys/playbooks/ALARMS.md, store-altered"

for _module in iter_modules(suar.observe.checks.__path__):
    import_module(f"suar.observe.checks.{_module.name}")  # each module declares its checks

CHECKS: Final = {name: declared.function for name, declared in sorted(DECLARED.items(), key=lambda each: each[1].order)}
"""Every check of a running gateway, in the order in which they are reported: by the order of its declaration."""
IDS: Final = tuple(CHECKS)
"""Checks of a running gateway."""


def run(numbers: Numbers, heartbeat_ms: int) -> list[Check]:
    """Return the findings of every check, in the order of the table.

    One that a value in the numbers makes fail is critical by itself: the others are as they are.
    """
    return [found for name in CHECKS for found in _findings(name, numbers, heartbeat_ms)]


def _findings(name: str, numbers: Numbers, heartbeat_ms: int) -> list[Check]:
    try:
        return [Check(name, *found) for found in CHECKS[name](numbers, heartbeat_ms)]
    except (TypeError, ValueError, AttributeError, ArithmeticError, LookupError) as error:
        text = f"it cannot be judged: a value is of another kind than the gateway writes ({type(error).__name__})"
        return [Check(name, "critical", SELF, text, STRANGE)]


def unknown(reason: str, but: Iterable[str] = ()) -> list[Check]:
    """Return all checks except `but` with status unknown and `reason`, for when no gateway runs."""
    known = set(but)
    return [
        Check(name, "unknown", SELF, reason, "start the gateway: `suar serve`") for name in CHECKS if name not in known
    ]


def worst(checks: Iterable[Check]) -> Status:
    """Return the most severe status; unknown if nothing was checked."""
    return max((check.status for check in checks), key=_SEVERITY.index, default="unknown")


def worst_by_id(checks: Iterable[Check]) -> dict[str, Status]:
    """Return the most severe status of each check over its entities."""
    found: dict[str, Status] = {}
    for check in checks:
        found[check.id] = max(found.get(check.id, "ok"), check.status, key=_SEVERITY.index)
    return found


def as_json(checks: Sequence[Check]) -> dict[str, Any]:
    """Return the findings in the shape of `--json`."""
    return {"status": worst(checks), "checks": folded(checks)}


def disk(free: int) -> Check:
    """Return the finding about the disk, which needs no gateway."""
    return Check("disk", *next(here.disk_free(free)))
