"""The cause (docs/why.md) that delays a message that was just published, if there is one.

It applies the causes of `why` to this gateway first, then to the recipients if none of them has a valid key.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import Connection

from suar.observe import causes
from suar.observe.checks import facts
from suar.service.core.core import Core
from suar.service.reading.verdict import Verdict
from suar.service.status import standing
from suar.service.status.snapshot import ProcessState
from suar.store.messages import rows as messages
from suar.store.outbound import delivery_view
from suar.store.outbound.delivery_view import Delivery

_ON_ITS_WAY: Final = frozenset({"queued", "no-answer", "on-its-way"})  # no known problem
_WITH_NOBODY: Final = frozenset({"queued", "no-valid-key", "sent"})


def with_causes(core: Core, seen: ProcessState, verdicts: Sequence[Verdict]) -> list[Verdict]:
    """Return the committed verdicts, each published one with the cause that delays it now.

    May be called from any thread.
    """
    if all(each.verdict != "published" for each in verdicts):
        return list(verdicts)
    with core.database.reading() as connection:
        return with_causes_within(core, connection, seen, verdicts)


def with_causes_within(
    core: Core, connection: Connection, seen: ProcessState, verdicts: Sequence[Verdict]
) -> list[Verdict]:
    """Return the same as `with_causes`, within the transaction that accepted the messages."""
    if all(each.verdict != "published" for each in verdicts):
        return list(verdicts)
    cause = _own_cause(core, seen)
    return [_one(core, connection, cause, each) for each in verdicts]


def for_readers(core: Core, connection: Connection, readers: Iterable[str]) -> str | None:
    """Return the cause at the recipients if none of them has a valid key, else None."""
    others, now = [code for code in readers if code != core.member], core.clock()
    bundles, trust = core.status.bundles, core.status.trust
    if not others or any(bundles.newest_valid(code, trust, now) is not None for code in others):
        return None
    message = facts.Message(origin=core.member, state="no-valid-key", sent=None)
    member = standing.member_facts(core, connection, others[0], may_read=True)
    return _decided(facts.Facts(now=now, late=0, message=message, member=member, ours=facts.Ours(code=core.member)))


def own_cause(core: Core, seen: ProcessState) -> causes.FoundCause | None:
    """Return the cause at this gateway for which nothing is sent now, or None. May be called from any thread."""
    ours = standing.own_facts(core, seen)
    message = facts.Message(origin=core.member, state="queued", sent=None)
    found = causes.decide(facts.Facts(now=core.clock(), late=0, message=message, ours=ours))
    return None if found.cause.code in _ON_ITS_WAY else found


def _own_cause(core: Core, seen: ProcessState) -> str | None:
    found = own_cause(core, seen)
    return None if found is None else found.cause.code


def _decided(gathered: facts.Facts) -> str | None:
    code = causes.decide(gathered).cause.code
    return None if code in _ON_ITS_WAY else code


def _one(core: Core, connection: Connection, cause: str | None, verdict: Verdict) -> Verdict:
    if verdict.verdict != "published" or verdict.id is None:
        return verdict
    if not verdict.is_replayed:
        cause = cause or _dated_ahead(core, connection, verdict.id, verdict.rev or 1)
        return verdict if cause is None else msgspec.structs.replace(verdict, waiting=cause)
    rows: list[Delivery] = delivery_view.deliveries(connection, verdict.id, verdict.rev or 1)
    if any(each.state not in _WITH_NOBODY for each in rows):
        return verdict
    waits = [each.member for each in rows if each.state != "sent"]
    cause = cause or (for_readers(core, connection, waits) if len(waits) == len(rows) else None)
    return msgspec.structs.replace(verdict, waiting=cause)


def _dated_ahead(core: Core, connection: Connection, id_: str, rev: int) -> str | None:
    """Return the cause of a message that was sealed in an epoch ahead of our clock, else None."""
    row: Any = messages.find(connection, id_, rev) if core.status.begins_ahead(core.clock()) is not None else None
    if row is None:
        return None
    readers = delivery_view.readers(connection, id_, rev)
    is_ahead = any(standing.begins(core, connection, row, member) is not None for member in readers)
    return "waiting-for-its-time" if is_ahead else None
