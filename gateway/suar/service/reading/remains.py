"""What a recall does not reach here: exports of the text, by the audit log, agencies that were given it, and backups.

Counts and dates only: who exported it is in the audit log (`suar audit`), and which agencies had it in
`suar deliveries ID --agencies`. Its publisher is told the days of the backups, in the note of `recalled`.
"""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection, Row

from suar.protocol.base.instants import instant
from suar.service.core.core import Core
from suar.service.settings.state import backups
from suar.store.outbound import recalls
from suar.store.people import agencies, audit

_DAYS_NAMED: Final = 12


def exports_before(connection: Connection, id_: str, rev: int) -> int:
    """Return how often a revision was exported before its texts were recalled or erased here, once an hour for each.

    What two persons hand over under a hold, sealed to the evidence keys, counts as no export before the recall.
    """
    return audit.exports(connection, f"{id_} {rev}", recalls.noted_at(connection, id_))


def backups_note(made: Sequence[int], arrived: int, destroyed: int, *, with_days: bool = True) -> str:
    """Return what the publisher is told of the backups (ms, the oldest first) that have a destroyed text; else "".

    Days, the last ones by date and those before by their number: a note has 200 characters. Without the days
    (`[retention] name_backup_days`), that there are such backups.
    """
    days = list(dict.fromkeys(instant(at)[:10] for at in made if arrived <= at <= destroyed))
    if not days:
        return ""
    if not with_days:
        return "Backups still have it"
    earlier = len(days) - _DAYS_NAMED
    more = f", and of {earlier} earlier days" if earlier > 0 else ""
    return f"Backups still have it, of {', '.join(days[-_DAYS_NAMED:])}{more}"


def remains(core: Core, connection: Connection, row: Row[Any], destroyed: int | None) -> dict[str, Any]:
    """Return how often the revision was exported (once an hour for each who did), how many agencies were given it, and
    the times of backups with it.

    `destroyed` is in ms; None if it is not known, then every backup since the arrival counts.
    """
    until = core.clock() if destroyed is None else destroyed
    made = [instant(at) for at in backups(core.config.folder) if row.at <= at <= until]
    agency_count = sum(each.rev == row.rev for each in agencies.find_received(connection, row.id))
    return {"exports": exports_before(connection, row.id, row.rev), "agencies": agency_count, "backups": made}
