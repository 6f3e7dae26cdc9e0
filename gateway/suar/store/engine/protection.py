"""Which tables are protected against changes by other means than the gateway, and how; docs/store.md has the reasons.

A protected row has a keyed hash of its other columns, and the store keeps, sealed, the number of rows of each protected
table and their sum (account.py). docs/store.md has the reason for each table that is not listed here; a test compares
both with the schema.
"""

from typing import Final, NamedTuple

SIGNATURE: Final = "signature"  # verified at every load; a row with a wrong hash that passes is hashed again
USE: Final = "use"  # verified when it is loaded, sealed or stated, including its hash
SEAL: Final = "seal"  # a row that cannot be decrypted is not used


class Protected(NamedTuple):
    """How a table is protected.

    `is_deciding`: a wrong row grants or decides, so every further change is refused once one is found; otherwise it is
    reported and the gateway continues. `is_prompt`: the anchor is written before a request is answered. `unhashed`:
    columns outside the hash, which are signed or sealed by themselves. `digest`: the one of them that may be long and
    may be removed, and the column with its digest, which is in the hash.

    `judged_by`: a row with a wrong hash is found and removed by its own content, so it alone closes nothing; a missing
    row does. `may_return`: a row that is missing because it was altered closes nothing either, because it is sent or
    requested again, or reported; the table is counted again. `may_be_empty`: nor do such rows if none is left, because
    then nothing is decided until they are received again.
    """

    is_deciding: bool = True
    is_prompt: bool = False
    unhashed: tuple[str, ...] = ()
    judged_by: str | None = None
    may_return: bool = False
    may_be_empty: bool = False
    digest: tuple[str, str] | None = None


_COUNTS: Final = Protected(is_deciding=False)
TABLES: Final[dict[str, Protected]] = {
    "account": _COUNTS,
    "agency": Protected(is_prompt=True),
    "agency_given": _COUNTS,
    "alarm": Protected(is_deciding=False, unhashed=("evidence",), digest=("evidence", "evidence_digest")),
    "audit_commitment": _COUNTS,
    "audit_head": _COUNTS,
    "bundle": Protected(judged_by=SIGNATURE, may_return=True),
    "by_hand": _COUNTS,
    "carried": _COUNTS,
    "contribution": Protected(is_prompt=True),
    "deadline": _COUNTS,
    "delivery": _COUNTS,
    "destroyed_marking": _COUNTS,
    "draft": Protected(),
    "drill": _COUNTS,
    "epoch": Protected(unhashed=("data",), judged_by=USE, may_return=True),
    "feed_reader": _COUNTS,
    "held": Protected(is_prompt=True),
    "held_text": Protected(is_prompt=True),
    "inbox_erasure": _COUNTS,
    "kem_seed": Protected(judged_by=SEAL),
    "legal_hold": Protected(is_prompt=True),
    "meta": Protected(),
    "missing_epoch": _COUNTS,
    "not_sent_again": _COUNTS,
    "notice": _COUNTS,
    "number": Protected(),
    "own_frame": _COUNTS,
    "own_head": Protected(),
    "own_statement": Protected(judged_by=USE, may_return=True),
    "place": _COUNTS,
    "peer_heartbeat": _COUNTS,
    "people": Protected(is_prompt=True),
    "proposal": Protected(is_prompt=True),
    "queue": Protected(judged_by=USE, may_return=True),
    "recalled": Protected(is_prompt=True),
    "released": Protected(is_prompt=True),
    "returned": Protected(),
    "revoke": Protected(is_prompt=True, judged_by=SIGNATURE),
    "sealed_frame": _COUNTS,
    "statement": _COUNTS,
    "sessions": Protected(),
    "stamp": Protected(is_deciding=False, unhashed=("leaves",)),
    "stamped": _COUNTS,
    "token": Protected(is_prompt=True),
    "trust_list": Protected(is_prompt=True, judged_by=SIGNATURE, may_be_empty=True),
    "webhook": Protected(is_prompt=True),
    "webhook_event": _COUNTS,
    "webhook_progress": _COUNTS,
}
MAC: Final = "mac"
