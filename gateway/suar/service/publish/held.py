"""Held messages: listing, and the second person's decision. The texts are in no log and no audit."""

import contextlib
import re
from collections.abc import Callable
from typing import Any, Final

import msgspec
from msgspec.structs import replace
from sqlalchemy import Connection, Row

from suar.protocol.authoring.english import rendered
from suar.protocol.base.errors import Refused
from suar.protocol.base.instants import instant
from suar.protocol.base.reasons import Invalid
from suar.protocol.base.sentences import sentence
from suar.protocol.compose import Composed, as_it_leaves
from suar.protocol.message.fields import Privacy
from suar.protocol.message.kinds import Publication, Receipt
from suar.protocol.message.messages import read
from suar.protocol.message.rules import compare_fields
from suar.protocol.transport.content import digest
from suar.service.access.tokens import chain, holder, is_same_holder
from suar.service.core.core import Core
from suar.service.core.reading_policy import refusal, resolve_audience
from suar.service.publish.accepting import Batch, Request
from suar.service.publish.gate import Screened, load_known, screen, screen_known
from suar.service.reading import views
from suar.service.reading.verdict import Verdict
from suar.store.messages import rows as messages
from suar.store.outbound import delivery_view
from suar.store.outbound.delivery_view import Delivery
from suar.store.people import access, held

PAGE: Final = 100  # rows, unless a caller asks for another number
RELEASED_BY: Final = "approver"  # the role that readers are told, never the name


def list_held(core: Core, after: str | None = None, limit: int = PAGE) -> list[dict[str, Any]]:
    """Return held messages as their publishers wrote them, oldest first; for any thread.

    A page: at most `limit` rows, fewer where they are large; the next one is behind the last row's `place`. Raises
    views.UnknownPosition.
    """
    place = (0, "") if after is None else _cursor(after)
    with core.database.reading() as connection:
        return [_shape(core, row) for row in held.page(connection, place, limit)]


def record_seen(core: Core, who: str, rows: list[dict[str, Any]]) -> None:
    """Note in the audit who saw them."""
    if rows:
        with core.transaction() as connection:
            access.note(connection, who, "held", " ".join(row["id"] for row in rows), core.clock())


def _cursor(after: str) -> tuple[int, str]:
    at, _, id_ = after.partition(".")
    if not re.fullmatch("[0-9]{1,16}", at):
        raise views.UnknownPosition("no place in this list", "give the `place` of the last row as `after`")
    return int(at), id_


def _shape(core: Core, row: Row[Any]) -> dict[str, Any]:
    waiting = held.open_row(core.vault, row)
    return {
        "id": row.id, "rev": row.rev, "kind": row.kind, "status": row.realm, "tlp": row.tlp, "by": row.who,
        "place": f"{row.at}.{row.id}",
        **views.banner(row.realm), "since": views.rfc3339(row.at),
        "reasons": [reason.shape() for reason in waiting.reasons], "message": msgspec.json.decode(waiting.data),
    }  # fmt: skip


def release(core: Core, id_: str, who: str) -> Verdict:
    """Release a held message; it is judged again as of now. `who` is the deciding token.

    Raises Refused: E-NOT-HELD, E-SAME-PERSON. What is refused by the gate now stays held, and the verdict says why.
    Deciding the same once more gives the same answer.
    """
    with core.transaction() as connection:
        row = held.find(connection, id_)
        answer = _check_decision(connection, row, who, held.RELEASED) or _release(core, connection, row, who)
    if isinstance(answer, Refused):
        raise answer
    return answer


def _release(core: Core, connection: Connection, row: Any, who: str) -> Verdict:
    if row.state == held.RELEASED:
        return Verdict(row.id, row.rev, "published", replayed=True)
    savepoint = connection.begin_nested()
    try:  # decided first: the gate refuses what another revision waits before
        held.decide(connection, core.vault, row, held.RELEASED, who, core.clock())
        screened, readers = _as_of_now(core, connection, row)
    except Invalid as invalid:
        savepoint.rollback()
        return Verdict(row.id, row.rev, "refused", invalid.reasons)
    savepoint.commit()
    batch = Batch(core, connection, row.realm, who, "release")
    verdict = batch.add(Request(digest(f"release {row.id} {row.rev}".encode()), None), screened, readers)
    batch.write()
    core.faults.hit("outbound.accepted")
    return verdict


def reject(core: Core, id_: str, who: str, reason: str) -> dict[str, Any]:
    """Reject a held message: its text is destroyed, the `reason` is kept for its publisher.

    Raises Refused: E-NOT-HELD, E-SAME-PERSON.
    """
    with core.transaction() as connection:
        row: Any = held.find(connection, id_)
        against = _check_decision(connection, row, who, held.REJECTED)
        if against is None and row.state == held.HELD:
            now = core.clock()
            held.decide(connection, core.vault, row, held.REJECTED, who, now, reason)
            access.note(connection, who, "reject", f"{row.id} {row.rev}", now)
    if against is not None:
        raise against
    return {"id": row.id, "rev": row.rev, "verdict": "rejected", "reasons": []}


def deliveries(core: Core, id_: str, otherwise: Callable[[Core, str], dict[str, Any] | None]) -> dict[str, Any] | None:
    """Member by stage: of a message that waits or was rejected every member is at that; else `otherwise`.

    For any thread.
    """
    with core.database.reading() as connection:
        row = held.find(connection, id_)
    if row is None or row.state == held.RELEASED:
        return otherwise(core, id_)
    later = otherwise(core, id_)
    if later is not None and later["rev"] >= row.rev:
        return later
    members = {code: views.delivery_shape(Delivery(code, row.state)) for code in delivery_view.split_codes(row.readers)}
    head = {"id": row.id, "rev": row.rev, "status": row.realm, **views.banner(row.realm)}
    shape: dict[str, Any] = {**head, "acknowledge_by": None, "members": members}
    if row.state == held.REJECTED:
        at, reason = views.rfc3339(row.decided_at), held.note_of(core.vault, row)
        shape["rejected"] = {"by": row.decided_by, "at": at, "reason": reason}
    return shape


def _check_decision(connection: Connection, row: Any, who: str, decision: str) -> Refused | None:
    """Check that this person may decide; repeating the same decision is no fault.

    Two tokens are one person's when one made the other, or a third made both, unless their holders claimed them. Whose
    act the publication was is judged as of then too: a claim that comes later takes it from nobody, and makes nobody a
    second person to what waited already.
    """
    if row is None or row.state not in (held.HELD, decision):
        return Refused("E-NOT-HELD", "")
    makers = access.makers(connection)
    then = set((row.counts_as or "").split())  # a row of before has none
    deciders = {who, holder(who, makers), *chain(who, access.makers(connection, row.at))}
    is_same = is_same_holder(row.who, who, makers) or not then.isdisjoint(deciders)
    return Refused("E-SAME-PERSON", "") if is_same else None


def _as_of_now(core: Core, connection: Connection, row: Row[Any]) -> tuple[Screened, list[str]]:
    """The message dated and judged now: the ledger, the trust list and the time may have moved since."""
    last = messages.find(connection, row.id)
    if (last.rev if last else 0) != row.rev - 1:
        raise refusal("E-MESSAGE-REVISION", "$.rev", sentence("another revision left since"))
    composed = _dated(core, row)
    current = core.world.trust.current
    if current is None:
        raise refusal("E-TRUST-EXPIRED", "$", sentence("this gateway has no trust list yet"))
    screened = screen(core, connection, composed)
    leaving = screened.composed.message
    privacy = leaving.privacy if isinstance(leaving.privacy, Privacy) else Privacy()
    signed = as_it_leaves(replace(leaving, privacy=replace(privacy, released_by=RELEASED_BY)))
    return screened._replace(composed=signed), resolve_audience(core.readers.audience_cache(current), signed.message)


def _dated(core: Core, row: Row[Any]) -> Composed:
    """Return a held message as it would be sent now. Raises Invalid."""
    message = rendered(_message(held.open_row(core.vault, row).data))  # a mark may be older than the rule about it
    message = replace(message, sent=instant(core.clock()))
    compare_fields(message)
    return as_it_leaves(message)


def prepare_release(core: Core, id_: str) -> None:
    """Have the gate know a message that waits; for any thread."""
    with contextlib.suppress(Invalid, Refused):
        with core.database.reading() as connection:
            row = held.find(connection, id_)
            if row is None or row.state != held.HELD:
                return
            composed = replace(_dated(core, row), is_numbered=True)  # that it waits itself is no hindrance
            stored = load_known(core, connection, composed)
        screen_known(core, composed, stored)


def _message(data: bytes) -> Publication:
    message = read(data)
    if isinstance(message, Receipt):
        raise Refused("E-NOT-HELD", "")
    return message
