"""The numbers of a healthy gateway, and of its peers; a test changes what it is about."""

from collections.abc import Sequence
from typing import Any

from suar.observe.numbers import HubNumbers, Numbers, Peer, SharedStore
from suar.protocol.base import limits

NOW = 1_800_000_000_000


def peer(last_heartbeat: int | None = NOW - 1000, missing: int = 0, **changes: Any) -> Peer:
    """A member that was heard a second ago."""
    values = {
        "last_heartbeat": last_heartbeat,
        "missing": missing,
        "trust_version": 3,
        "faults": (),
        "bundle_expires": None,
    }
    return Peer(**(values | changes))


def shared_store(**changes: Any) -> SharedStore:
    """A store in PostgreSQL with a synchronous replica, and a standby of the gateway."""
    values: dict[str, Any] = {
        "term": 3, "standbys": ["b"], "unready": [], "replicas": 1, "synchronous": 1, "missing_roles": [],
    }  # fmt: skip
    return SharedStore(**(values | changes))


def two_hubs(
    *, active: float | None = 0.4, leaf: bool | None = True, answer: str | None = "answers",
    withheld: Sequence[tuple[str, int, int]] = (), losses: int = 0, unechoed_since: int | None = None,
    silent_for: float | None = None,
) -> dict[str, HubNumbers]:  # fmt: skip
    """Two hubs, of which the second one is so."""
    is_standing = active is not None and 0 <= active < 2.5
    well = HubNumbers(
        source_active_seconds=0.4,
        has_leaf=True,
        answer="answers",
        is_standing=True,
        withheld=[],
        losses=0,
        unechoed_since=None,
    )
    second = HubNumbers(
        source_active_seconds=active, has_leaf=leaf, answer=answer, is_standing=is_standing, withheld=list(withheld),
        losses=losses, unechoed_since=unechoed_since, silent_for=silent_for,
    )  # fmt: skip
    return {"hub-a": well, "hub-b": second}


def numbers(**changes: Any) -> Numbers:
    """A gateway of which every check is ok."""
    well: dict[str, Any] = {
        "now": NOW,
        "trust_version": 3,
        "trust_issued": NOW - limits.DAY,
        "trust_expires": NOW + 179 * limits.DAY,
        "bundle_expires": NOW + 47 * limits.HOUR,
        "identity_expires": NOW + 300 * limits.DAY,
        "bundles": {"SG": NOW + limits.DAY},
        "peers": {"SG": peer(), "VN": peer()},
        "pending": {"SG": (0, 0)},
        "quarantine_rows": 0,
        "waiting_rows": 0,
        "waiting_oldest": None,
        "waiting_senders": [],
        "waits_for_time_members": 0,
        "set_aside": 0,
        "set_aside_newest": [],
        "backup_at": NOW - limits.HOUR,
        "outbox_bytes": 0,
        "outbox_held": 90 * 1024**2,
        "outbox_limit": 512 * 1024**2,
        "outbox_accounts": [],
        "numbers_used": [("alert", 2027, 120_000)],
        "disk_free_bytes": 50 * 1024**3,
        "is_clock_back": False,
        "highest_time": NOW,
        "is_bus_connected": True,
        "bus_read_failed": "",
        "bus_read_failed_at": 0,
        "source_active_seconds": 0.4,
        "streams": {"OUTBOX_TH": True, "INBOX_TH": True},
        "link_certificate": "leaf.crt",
        "link_expires": NOW + 300 * limits.DAY,
        "stream_room": {"OUTBOX_TH": (90 * 1024**2, 512 * 1024**2), "INBOX_TH": (1024**3, 11_520 * 1024**2)},
        "alarms_open": [],
        "fault_list": [],
        "started_at": NOW - limits.DAY,
        "is_settled": True,
        "has_stood_down": False,
        "is_store_failing": False,
        "is_store_up": True,
        "read_at": NOW,
        "store_log_bytes": 0,
        "outbox_oldest": None,
        "clock_error": 0,
        "has_hub_leaf": True,
        "hub_answer": "answers",
        "unechoed_since": None,
        "hubs": {},
        "own_status": "active",
        "is_own_key_revoked": False,
        "keyless": [],
        "revoked": [],
        "held_rows": 0,
        "held_oldest": None,
        "owed_acknowledgements": 0,
        "unproved_since": None,
        "unsigned_since": None,
        "holds_open_since": None,
        "is_evidence_full": False,
        "old_tokens": [],
        "tokens_beyond_roles": [],
        "audit_broken": None,
        "store_altered": None,
        "store_verified_at": NOW,
        "shared_store": None,
        "anchor_fault": None,
        "member": "TH",
        "folder": "suar-state",
        "listening_since": NOW - limits.DAY,
        "webhooks_failing": [],
        "webhooks_stopped": [],
        "webhook_dead_letters": 0,
        "is_key_missing": False,
    }
    return Numbers(**(well | changes))
