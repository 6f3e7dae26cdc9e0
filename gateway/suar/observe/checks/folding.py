"""Groups findings by cause: a cause is shown first, and the findings that it explains below it.

A finding is explained by a worse one earlier on the same path: if the own NATS server is down, nothing is received and
every member is silent. Explained findings are never removed and keep their status, as does the whole. An alarm that
only a person ends is never explained by another finding.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import msgspec

from suar.observe.alarms import ENDING
from suar.observe.checks.finding import ANCHOR, DECLARED, REVOKED, SELF, Check, Status
from suar.observe.passed_over import AFTER_OURS, AT_THE_HUB

_BAD: Final[tuple[Status, ...]] = ("critical",)
_ANY: Final[tuple[Status, ...]] = ("critical", "warning")
_EVERYTHING: Final = "*"
_MEMBERS: Final = (
    "peers-silent",
    "peer-clocks",
    "trust-behind",
    "gaps",
    "members-keyless",
    "bundle-age",
    "alarms",
)
_LINK: Final = ("sources-running", "way-up", "deliveries-late", *_MEMBERS)


_HUB_STORE: Final = "hub-store"
_PUT_BACK: Final = "machine-put-back"
_ONLY_SINCE: Final = {_HUB_STORE: AT_THE_HUB, _PUT_BACK: AFTER_OURS}
"""Causes that explain only findings whose text says that they are of that time."""
_OF_SEVERAL: Final = ("streams-present", "hub-link", "sources-running", _HUB_STORE)
"""Checks of our own path that have a line for each stream or hub."""


class Cause(NamedTuple):
    """A check that explains the checks `follows` if its status is in `when`."""

    check: str
    follows: tuple[str, ...]
    when: tuple[Status, ...] = _BAD
    is_by_member: bool = False  # it explains only findings about the same member


CAUSES: Final = (
    Cause("files", ("settings", "gateway-running")),  # critical: no state folder at all
    Cause("settings", ("gateway-running",)),
    Cause("gateway-running", (_EVERYTHING,)),
    Cause("disk", ("store", "faults", "audit-signed", "recalls-proved", "settled", "store-log", "outbox")),
    Cause("disk", ("store-integrity",)),  # its anchor cannot be written
    Cause("store", ("faults", "audit-signed", "recalls-proved", "settled", "outbox", "deliveries-late", *_MEMBERS)),
    Cause("store-integrity", ("store", "faults", "audit-signed", "recalls-proved", "settled", "outbox")),
    Cause("clock", ("settled", "faults", "waiting", "outbox", "sources-running", *_MEMBERS)),
    Cause("single-gateway", ("outbox", "settled", "way-up", "deliveries-late", *_MEMBERS)),
    Cause("bus-connected", ("streams-present", "stream-room", "hub-link", "settled", "outbox", *_LINK)),
    Cause("streams-present", ("stream-room", "settled", "outbox", *_LINK)),
    Cause("own-standing", ("hub-link", "sources-running")),  # the hub shuts out who is suspended
    Cause("hub-link", _LINK),
    Cause("sources-running", ("way-up", "deliveries-late", *_MEMBERS)),
    Cause(_PUT_BACK, ("gaps", "alarms", "peers-silent"), _ANY),  # only what is missing since then
    Cause(_HUB_STORE, ("gaps", "alarms"), _ANY),  # the same
    Cause("way-up", ("deliveries-late",)),
    Cause("identity-key", ("bundle-age", "audit-signed", "deliveries-late", "faults")),
    Cause("trust-days-left", ("own-standing", "identity-days-left", "bundle-age", "peers-silent", "faults", "outbox")),
    Cause("own-standing", ("identity-days-left", "bundle-age", "faults", "deliveries-late", "way-up", *_MEMBERS)),
    Cause("identity-days-left", ("bundle-age", "faults", "audit-signed", "deliveries-late")),
    Cause("bundle-age", ("faults",)),
    Cause("store-log", ("recalls-proved",), _ANY),
    Cause("recall-waits", ("recalls-proved",), _ANY),
    Cause("trust-behind", ("waiting",), _ANY),
    Cause("peers-silent", ("deliveries-late", *_MEMBERS)),
    Cause("peers-silent", ("deliveries-late", *_MEMBERS), _ANY, is_by_member=True),
    Cause("peer-clocks", ("deliveries-late", "alarms"), _ANY, is_by_member=True),
    Cause("peer-faults", ("deliveries-late", "peers-silent"), _ANY, is_by_member=True),
    Cause("members-keyless", ("bundle-age", "deliveries-late"), _ANY, is_by_member=True),
    Cause("trust-behind", ("deliveries-late", "alarms"), _ANY, is_by_member=True),
    Cause("gaps", ("alarms",), _ANY, is_by_member=True),
)
"""The order in which a cause is searched for: the nearer to this machine, the earlier."""


_FAULTS: Final = {
    "disk": ("disk",),
    "store": ("disk", "store"),
    "clock": ("clock",),
    "trust": ("trust-days-left",),
    "bundle": ("trust-days-left", "own-standing", "identity-days-left", "bundle-age"),
}
"""A fault that our heartbeats state, and the checks that report the same."""
_OF_OUR_BUNDLE: Final = frozenset({"store", "clock", "trust-days-left", "own-standing", "identity-days-left"})


class Group(NamedTuple):
    """A finding without a cause, and the findings that it explains."""

    cause: Check
    follows: list[Check]


class _Findings:
    """An index of findings by check, and by check and entity."""

    def __init__(self, checks: Sequence[Check]) -> None:
        self._by_check: dict[str, list[Check]] = {}
        self._by_entity: dict[tuple[str, str], list[Check]] = {}
        for check in checks:
            self._by_check.setdefault(check.id, []).append(check)
            self._by_entity.setdefault((check.id, check.entity), []).append(check)

    def of(self, cause: Cause, check: Check) -> Sequence[Check]:
        """Return the findings that may be this cause of a finding, in order."""
        if cause.is_by_member:
            return self._by_entity.get((cause.check, check.entity), ())
        if cause.check in _OF_SEVERAL or _EVERYTHING in cause.follows or check.id == "faults":
            return self._by_check.get(cause.check, ())
        return self._by_entity.get((cause.check, SELF), ())


def folded(checks: Sequence[Check]) -> list[Check]:
    """Return the findings in the same order, explained ones with the id of their cause in `because`."""
    found, findings = list[Check](), _Findings(checks)
    for check in checks:
        cause = _root(check, findings)
        found.append(check if cause is None else msgspec.structs.replace(check, because=cause.id))
    return found


def groups(checks: Sequence[Check]) -> list[Group]:
    """Return the findings that are not ok in groups by cause, the most severe cause first."""
    severity: tuple[Status, ...] = ("critical", "warning", "unknown")
    bad = [check for check in checks if check.status != "ok"]
    findings, follows = _Findings(checks), dict[int, list[Check]]()
    roots = [_root(check, findings) for check in bad]
    for check, root in zip(bad, roots, strict=True):
        follows.setdefault(id(root), []).append(check)
    made = [Group(check, follows.get(id(check), [])) for check, root in zip(bad, roots, strict=True) if root is None]
    return sorted(made, key=lambda group: severity.index(group.cause.status))


def _root(check: Check, findings: _Findings) -> Check | None:
    """Return the root cause of a finding; None if nothing explains it."""
    root = None
    for _ in range(len(CAUSES)):
        cause = _cause_of(root or check, findings)
        if cause is None:
            break
        root = cause
    return root


def _cause_of(check: Check, findings: _Findings) -> Check | None:
    if check.status == "ok" or _is_a_matter_of_its_own(check):
        return None
    for cause in CAUSES:
        for other in findings.of(cause, check):
            if other.status in cause.when and _is_explanation(cause, other, check):
                return other
    return None


def _is_explanation(cause: Cause, other: Check, check: Check) -> bool:
    if other is check:
        return False
    if _EVERYTHING in cause.follows:
        return check.status == "unknown"  # the check needs a running gateway
    if check.id == "faults":
        return check.id in cause.follows and cause.check in _FAULTS.get(check.text.split()[-1], ())
    is_our_bundle = check.id == "bundle-age" and check.entity == SELF
    if not _is_consequence(check, cause) or (is_our_bundle and cause.check not in _OF_OUR_BUNDLE):
        return False
    if cause.is_by_member:
        return other.id != check.id and other.entity == check.entity != SELF
    return other.entity == SELF or other.id in _OF_SEVERAL  # a fault of one member does not explain another's


def _is_consequence(check: Check, cause: Cause) -> bool:
    """Whether a cause explains a check, by the table above or by the declaration of the check."""
    if _ONLY_SINCE.get(cause.check, "") not in check.text:
        return False  # missing for another reason
    declared = DECLARED.get(check.id)
    is_declared = declared is not None and cause.check in declared.because and not cause.is_by_member
    return check.id in cause.follows or is_declared


def _is_a_matter_of_its_own(check: Check) -> bool:
    if check.id == "store-integrity":
        return check.status != "unknown" and ANCHOR not in check.text  # an alteration
    if check.id == "members-keyless":
        return REVOKED in check.text  # the cause is neither the member's gateway nor the path to it
    words = check.text.split()
    return check.id == "alarms" and check.status == "warning" and not ENDING.intersection(words[:3])
