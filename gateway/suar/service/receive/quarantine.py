"""Refused objects, kept with the reason: as a sample if no signature was valid yet, else in quarantine."""

from typing import Any, Final

from suar.observe.hooks import MessageRefused
from suar.protocol.transport.frame import Verified
from suar.protocol.transport.outcome import Outcome
from suar.service.core.altered_rows import without_recalled
from suar.service.receive.batch import Arrival, BatchTransaction
from suar.store.inbound import incidents

_UNSIGNED: Final = frozenset({"S1", "T1", "T2", "K1", "K2", "E1", "F1", "F2", "F3", "F4", "R1", "T14"})
_UNSIGNED_CODES: Final = frozenset({"E-BUNDLE-SIGNATURE", "E-EPOCH-SIGNATURE"})


def keep_refused(transaction: BatchTransaction, arrival: Arrival, out: Outcome) -> None:
    """Without a valid signature: a sample in a ring. With one: quarantine, because its signer is responsible for it."""
    origin = out.subject.sender if out.subject else ""
    if out.code == "E-TRUST-VERSION":
        transaction.core.due.mark_list_missing()  # the one between arrived later, or is still to arrive
    row: dict[str, Any] = {"code": out.code or "", "rule": out.rule or "", "at": transaction.now}
    if not is_signed(out):
        sample = row | {"origin": origin, "subject": arrival.subject}
        incidents.keep_sample(transaction.connection, sample, without_recalled(transaction.core, arrival.data))
        return
    whole = {"frame_hash": out.frame.hash if out.frame else None, "place": None, "path": "$"}
    share = {"sender": quota_share(transaction, origin)}
    kept = without_recalled(transaction.core, arrival.data)
    incidents.quarantine(transaction.connection, transaction.core.vault, row | share, [(whole, kept)])


def keep_refused_messages(transaction: BatchTransaction, origin: str, frame: Verified, out: Outcome) -> None:
    """Keep the messages of a frame that are refused alone ([F8] [F9])."""
    core = transaction.core
    for refused in out.refused:
        core.queue_record(MessageRefused(at=transaction.now, origin=origin, code=refused.code, rule=refused.rule))
    row = {"sender": origin, "frame_hash": frame.hash, "at": transaction.now}
    each = [
        ({"code": r.code, "rule": r.rule, "path": r.path, "place": r.index}, without_recalled(core, r.data))
        for r in out.refused
    ]
    incidents.quarantine(transaction.connection, core.vault, row, each)


def quota_share(transaction: BatchTransaction, sender: str) -> str:
    """Return the sender whose quota is charged; unlisted senders share one quota, since a hub can invent senders."""
    trust = transaction.core.world.trust
    return sender if trust.current is None or trust.member(sender) else ""


def is_signed(out: Outcome) -> bool:
    """Return whether the refused object has a valid signature of its signer."""
    return out.rule not in _UNSIGNED and out.code not in _UNSIGNED_CODES
