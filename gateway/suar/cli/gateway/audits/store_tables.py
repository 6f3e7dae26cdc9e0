"""`suar audit verify --store`: the rows of the store compared with its anchor, and what to do where they differ."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from suar.cli.base.common import keyring_passphrase
from suar.cli.base.progress import progress
from suar.protocol.base.errors import Fault

NEXT: Final = "put a backup back with `suar restore`; or, when two persons know why it differs, `suar store restored`"
NEXT_MESSAGES: Final = (
    "keep a copy of the state folder; a running gateway removes such rows, raises store-altered and requests messages "
    "of others again, but an own message is only in a backup: `suar restore`"
)
UNPROTECTED: Final = {"message", "frame", "outbox", "waiting"}
SEALED: Final = {"quarantine", "kept_proof", "receipt_note"}
NEXT_SEALED: Final = (
    "keep a copy of the state folder: such rows are shown and exported nowhere; put a backup back with `suar restore` "
    "if one has them as they were"
)
VERIFYING: Final = "still verifying the store"
NEXT_LOG: Final = "compare `suar audit export` with an earlier export; when you know what happened, `suar audit anew`"


def verified_tables(state: Path, passphrase_file: Path | None) -> dict[str, int]:
    """Return the number of rows by table, if all are as the gateway wrote them. Raises Fault."""
    from suar.service.process.offline import verify_store

    passphrase = keyring_passphrase(state, passphrase_file)
    with progress(VERIFYING):
        found = verify_store(state, passphrase)
    wrong = [each for each in found if each.finding is not None]
    if wrong:
        text = "; ".join(f"table {each.table}: {each.finding}" for each in wrong)
        raise Fault(f"the store was altered from outside: {text}", _next({each.table for each in wrong}))
    return {each.table: each.rows for each in found}


def tables_text(verified: Mapping[str, int]) -> str:
    """Return what is added to a result whose store was verified too, by the number of rows in each table."""
    return f"\nsound: {sum(verified.values()):,} rows in {len(verified)} tables of the store"


def _next(altered: set[str]) -> str:
    """Return what to do after findings in these tables."""
    if altered == {"audit"}:
        return NEXT_LOG
    if altered <= SEALED:
        return NEXT_SEALED
    return NEXT_MESSAGES if altered <= UNPROTECTED | SEALED else NEXT
