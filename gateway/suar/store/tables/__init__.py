"""The tables of the store. Times are milliseconds, hashes and keys raw bytes; texts of messages are always encrypted.

Portable between SQLite and PostgreSQL: no type or function that only one of them has. Each module has the tables of one
subject; other rooms import all tables from here. Imports SQLAlchemy only.
"""

from suar.store.tables.agencies import (
    agency,
    agency_given,
    contribution,
    feed_reader,
    last_use,
    webhook,
    webhook_event,
    webhook_progress,
)
from suar.store.tables.chains import by_hand, epoch, frame, missing_epoch
from suar.store.tables.columns import metadata
from suar.store.tables.console import person, session
from suar.store.tables.evidence import kept_proof, peer_heartbeat, row_key, sealed_frame, stamp, stamped
from suar.store.tables.gaps import (
    announced,
    asked_for,
    asked_of_us,
    audit_commitment,
    heartbeat,
    not_sent_again,
    peer_said,
)
from suar.store.tables.gateway import audit, audit_head, content, meta, request, token
from suar.store.tables.incidents import alarm, quarantine, sample, waiting
from suar.store.tables.integrity import (
    destroyed_marking,
    held_text,
    inbox_erasure,
    integrity,
    legal_hold,
    proposal,
    recalled,
)
from suar.store.tables.messages import carried, message, number, released
from suar.store.tables.people import deadline, draft, drill, held, notice
from suar.store.tables.receipts import own_statement, receipt, receipt_frame, receipt_note, receipt_place, statement
from suar.store.tables.sending import account, delivery, outbox, own_frame, own_head, place, queue, returned
from suar.store.tables.trust import bundle, kem_seed, revoke, trust_list

__all__ = [
    "account", "agency", "agency_given", "alarm", "announced", "asked_for", "asked_of_us", "audit",
    "audit_commitment", "audit_head", "bundle", "by_hand",
    "carried", "content", "contribution", "deadline", "delivery", "destroyed_marking", "draft", "drill", "epoch",
    "feed_reader", "frame", "heartbeat", "held", "held_text",
    "inbox_erasure", "integrity", "kem_seed", "kept_proof", "last_use", "legal_hold", "message", "meta", "metadata",
    "missing_epoch", "not_sent_again", "notice", "number", "outbox", "own_frame", "own_head", "own_statement",
    "peer_heartbeat", "peer_said", "person", "place", "proposal", "quarantine", "queue", "recalled", "receipt",
    "receipt_frame", "receipt_note", "receipt_place", "released", "request", "returned", "revoke", "row_key", "sample",
    "sealed_frame",
    "session", "stamp", "stamped", "statement", "token", "trust_list", "waiting", "webhook", "webhook_event",
    "webhook_progress",
]  # fmt: skip
