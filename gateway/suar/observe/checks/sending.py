"""Checks of what this gateway sends: objects on their way to the own server, room in OUTBOX, and numbers of ids."""

from typing import Final

from suar.observe.checks.finding import MIB, SELF, Found, check, span
from suar.observe.numbers import Numbers
from suar.protocol.base import limits
from suar.protocol.compose import LAST_NUMBER

OUTBOX_LATE: Final = limits.MINUTE  # the own server accepts an object within a second
NUMBERS_WARNING: Final = 900_000
"""The number of a kind in a year from which `id-space` warns."""
_NUMBERS_STEP: Final = "find out which program publishes so many messages of that kind; it can update what it published"


@check("outbox", order=130, step="see bus-connected; a full OUTBOX refuses: `publish_refused` in the log")
def outbox(numbers: Numbers, _: int) -> Found:
    """Sealed objects that the own server has not accepted."""
    oldest, size = numbers.outbox_oldest, numbers.outbox_bytes
    if oldest is not None and numbers.now - oldest > OUTBOX_LATE:
        text = f"{size} bytes wait to be sent: the own NATS server has accepted none for {span(numbers.now - oldest)}"
        yield "critical", SELF, text, "see bus-connected; a full OUTBOX refuses: `publish_refused` in the log"
    else:
        yield "ok", SELF, f"{size} bytes are on their way to the own server", ""


@check(
    "outbox-room",
    order=140,
    step="objects older than 30 days are deleted automatically; raise `max_bytes` of OUTBOX on the own server, or "
    "call the operator of the member that is named",
)
def outbox_room(numbers: Numbers, _: int) -> Found:
    """How full the own stream is, and how much of it was sent on requests of other members."""
    held, limit = numbers.outbox_held, numbers.outbox_limit
    if held is None:
        yield "unknown", SELF, "how full OUTBOX is cannot be seen without the bus", "see check bus-connected"
        return
    if limit is None:
        yield "ok", SELF, f"OUTBOX holds {_mib(held)} and has no limit", ""
        return
    full = f"OUTBOX holds {_mib(held)} of {_mib(limit)}"
    if 2 * held <= limit:
        yield "ok", SELF, full, ""
        return
    names = {"again": "sent again for", "receipts": "receipts about objects of"}
    parts = [f"{_mib(size)} {names.get(name, name)} {member}" for member, name, size in numbers.outbox_accounts]
    fills = f"; of what left in {limits.ACCOUNT_DAYS} days: {', '.join(parts)}; the rest is our own" if parts else ""
    hint = (
        "objects older than 30 days are deleted automatically; raise `max_bytes` of OUTBOX on the own server, or call "
        "the operator of the member that is named"
    )
    if 8 * held > 7 * limit:
        yield "critical", SELF, f"{full}: only alerts and receipts leave{fills}", hint
    else:
        yield "warning", SELF, f"{full}: nothing is sent again{fills}", hint


def _mib(size: int) -> str:
    return f"{size / MIB:.0f} MiB" if size >= 10 * MIB else f"{size / MIB:.1f} MiB"


@check("id-space", order=142, step=_NUMBERS_STEP)
def id_space(numbers: Numbers, _: int) -> Found:
    """How many of the numbers for ids are used, of each kind in this year."""
    for kind, year, last in numbers.numbers_used:
        if last >= LAST_NUMBER:
            text = f"the {LAST_NUMBER:,} numbers of {kind} in {year} are used up: only updates and cancels of it leave"
            yield "critical", SELF, text, _NUMBERS_STEP
        elif last >= NUMBERS_WARNING:
            yield "warning", SELF, f"{last:,} of {LAST_NUMBER:,} numbers of {kind} in {year} are used", _NUMBERS_STEP
    if all(last < NUMBERS_WARNING for *_, last in numbers.numbers_used):
        yield "ok", SELF, "every kind has numbers left", ""
