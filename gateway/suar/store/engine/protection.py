"""Which tables are protected against whoever writes the database, and how; docs/store.md has the reasons.

A protected row carries a keyed hash of its other columns, and the store keeps, sealed, how many rows each protected
table has and what they add up to (account.py). A table that is missing here has its reason in docs/store.md; a test
compares both with the schema.
"""

from typing import Final, NamedTuple


class Protected(NamedTuple):
    """How a table is protected.

    `decides`: a wrong row grants or decides, so nothing is changed any more once one was found; else it is told and the
    gateway goes on. `is_prompt`: the anchor follows before anybody is answered. `unhashed`: columns outside the hash,
    which have a signature of their own.
    """

    decides: bool = True
    is_prompt: bool = False
    unhashed: tuple[str, ...] = ()


_COUNTS: Final = Protected(decides=False)
TABLES: Final[dict[str, Protected]] = {
    "account": _COUNTS,
    "alarm": Protected(decides=False, unhashed=("evidence",)),
    "audit_head": _COUNTS,
    "bundle": Protected(),
    "by_hand": _COUNTS,
    "carried": _COUNTS,
    "deadline": _COUNTS,
    "drill": _COUNTS,
    "epoch": Protected(unhashed=("data",)),
    "held": Protected(is_prompt=True),
    "kem_seed": Protected(),
    "meta": Protected(),
    "missing_epoch": _COUNTS,
    "not_sent_again": _COUNTS,
    "notice": _COUNTS,
    "number": Protected(),
    "own_head": Protected(),
    "own_statement": Protected(),
    "queue": Protected(),
    "recalled": Protected(is_prompt=True),
    "released": Protected(is_prompt=True),
    "returned": Protected(),
    "revoke": Protected(is_prompt=True),
    "token": Protected(is_prompt=True),
    "trust_list": Protected(is_prompt=True),
}
MAC: Final = "mac"
