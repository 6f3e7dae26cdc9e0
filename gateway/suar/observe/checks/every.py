"""The one list of health checks: pure functions of a snapshot, for doctor, `suar check`, /v1/checks and metrics.

Each check gives at least one line, so that what is well is told too. Three are about the state folder, and are made by
the command that looks at it, with or without a gateway.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from suar.observe.checks import here, hub_link, members, trust
from suar.observe.checks.finding import SELF, STATUSES, Check, Found, Status
from suar.observe.checks.here import DISK_CRITICAL
from suar.observe.folding import folded
from suar.observe.numbers import Numbers

__all__ = ["DISK_CRITICAL", "FOLDER", "IDS", "SELF", "STATUSES", "Check", "Status", "folded", "run", "unknown", "worst"]

_SEVERITY: Final[tuple[Status, ...]] = ("ok", "unknown", "warning", "critical")  # what is known to be bad goes first

FOLDER: Final = ("gateway-running", "settings", "files")
"""Checks of the state folder."""

CHECKS: Final[dict[str, Callable[[Numbers, int], Found]]] = {
    "clock": here.clock,
    "disk": here.disk,
    "store": here.store,
    "store-log": here.store_log,
    "settled": here.settled,
    "single-gateway": here.single_gateway,
    "bus-connected": hub_link.bus,
    "bus-read": hub_link.bus_read,
    "streams-present": hub_link.streams,
    "sources-running": hub_link.sources,
    "hub-link": hub_link.hub_link,
    "way-up": hub_link.way_up,
    "outbox": here.outbox,
    "outbox-room": here.outbox_room,
    "trust-days-left": trust.trust,
    "trust-behind": trust.list_behind,
    "own-standing": trust.own_standing,
    "identity-days-left": trust.identity,
    "bundle-age": trust.bundles,
    "members-keyless": trust.keyless,
    "peers-silent": members.silent,
    "peer-faults": members.troubles,
    "peer-clocks": members.clocks,
    "gaps": members.gaps,
    "waiting": members.waiting,
    "deliveries-late": members.deliveries,
    "held": here.held,
    "acknowledgements": here.acknowledgements,
    "recalls-proved": here.recalls_proved,
    "audit-signed": here.audit_signed,
    "store-integrity": here.store_integrity,
    "token-scopes": here.token_scopes,
    "quarantine": here.quarantine,
    "alarms": members.alarms,
    "faults": here.faults,
}
IDS: Final = tuple(CHECKS)
"""Checks of a running gateway."""


def run(numbers: Numbers, heartbeat_ms: int) -> list[Check]:
    """Every check, in the order of the table."""
    return [Check(name, *found) for name, check in CHECKS.items() for found in check(numbers, heartbeat_ms)]


def unknown(reason: str, but: Iterable[str] = ()) -> list[Check]:
    """All checks but those named, unknown for `reason`: what remains when no gateway runs."""
    known = set(but)
    return [
        Check(name, "unknown", SELF, reason, "start the gateway: `suar serve`") for name in CHECKS if name not in known
    ]


def worst(checks: Iterable[Check]) -> Status:
    """The status of the whole; unknown when nothing was checked."""
    return max((check.status for check in checks), key=_SEVERITY.index, default="unknown")


def worst_by_id(checks: Iterable[Check]) -> dict[str, Status]:
    """The status of each check over its entities."""
    found: dict[str, Status] = {}
    for check in checks:
        found[check.id] = max(found.get(check.id, "ok"), check.status, key=_SEVERITY.index)
    return found


def as_json(checks: Sequence[Check]) -> dict[str, Any]:
    """The `--json` shape."""
    return {"status": worst(checks), "checks": folded(checks)}


def disk(free: int) -> Check:
    """The disk alone, which can be checked without a gateway."""
    return Check("disk", *next(here.disk_free(free)))
