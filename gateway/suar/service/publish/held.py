"""Held messages: the list, and the second person's decision. Their texts appear in no log and no audit."""

import contextlib
import re
from collections.abc import Callable
from typing import Any, Final

import msgspec
from msgspec.structs import replace
from sqlalchemy import Connection, Row

from suar.protocol.authoring.english import rendered
from suar.protocol.base.errors import Refused
from suar.protocol.base.instants import instant, rfc3339
from suar.protocol.base.reasons import Invalid, Reason
from suar.protocol.base.sentences import sentence
from suar.protocol.compose import Composed, as_it_leaves
from suar.protocol.message.fields import Privacy
from suar.protocol.message.kinds import Publication, Receipt
from suar.protocol.message.messages import read
from suar.protocol.message.rules import compare_fields
from suar.protocol.privacy.verdict import WARNINGS, note_refusals
from suar.protocol.transport.content import digest
from suar.service.access import as_shown
from suar.service.access.standing import standing
from suar.service.core.core import Core
from suar.service.core.reading_policy import refusal, resolve_audience
from suar.service.notify import notices
from suar.service.publish import drafts, two_persons, waits
from suar.service.publish.accepting import Batch
from suar.service.publish.gate import Screened, load_known, screen, screen_known
from suar.service.publish.repeats import Request
from suar.service.publish.screening import NOTICES, with_warnings
from suar.service.reading import views
from suar.service.reading.delivery_details import counts, delivery_shape
from suar.service.reading.verdict import Verdict
from suar.store.messages import rows as messages
from suar.store.outbound import delivery_view
from suar.store.outbound.delivery_view import Delivery
from suar.store.people import access, held
from suar.store.people.held import HeldMessage

PAGE: Final = 100  # rows, unless a caller gives another number
NAMES: Final = "E-PRIVACY-NAME"
_SHOWN: Final = "held"
RELEASED_BY: Final = "approver"  # the role that readers are shown, never the name


def list_held(
    core: Core, after: str | None = None, limit: int = PAGE, *, with_sentences: bool = False
) -> list[dict[str, Any]]:
    """Return held messages as their publishers wrote them, oldest first; for any thread.

    A page: at most `limit` rows, fewer where they are large; the next page continues after the `place` of the last row.
    `with_sentences`: as for `find_held`. Raises views.UnknownPosition.
    """
    position = (0, "") if after is None else _cursor(after)
    with core.database.reading() as connection:
        rows = held.page(connection, position, limit)
        return [_shape(core, row, with_sentences=with_sentences) | _publisher(core, connection, row) for row in rows]


def find_held(core: Core, id_: str, *, with_sentences: bool = False) -> dict[str, Any] | None:
    """Return one held message in the same shape; None when it is not held. For any thread.

    `with_sentences`: each reason also by its text ids, for a program that shows it in another language.
    """
    with core.database.reading() as connection:
        row = held.find(connection, id_)
        if row is None or row.state != held.HELD:
            return None
        return _shape(core, row, with_sentences=with_sentences) | _publisher(core, connection, row)


def find_waiting(core: Core, id_: str) -> dict[str, Any] | None:
    """Return what waits under an id, for those who follow the message: its action and reasons without text. For any
    thread.
    """
    found = find_held(core, id_, with_sentences=True)
    if found is None:
        return None
    return {name: found[name] for name in ("rev", "by", "editors", "since", "reasons")} | {
        "action": found["message"]["action"]
    }


def decision(core: Core, id_: str) -> dict[str, Any] | None:
    """Return what was decided about the last revision that waited, by whom and when; for any thread.

    A revision that its publisher or one of its editors took back is `withdrawn`, not rejected. `with_cancel`: the
    cancel of its message rejected it.
    """
    with core.database.reading() as connection:
        row = held.find(connection, id_)
    if row is None:
        return None
    is_own = row.state == held.REJECTED and row.decided_by in {row.who, *(row.editors or "").split()}
    is_with_cancel = row.state == held.REJECTED and held.note_of(core.vault, row) == waits.CANCELLED
    state, at = "withdrawn" if is_own else row.state, rfc3339(row.decided_at)
    return {"state": state, "by": row.decided_by, "at": at, "with_cancel": is_with_cancel}


def may_decide(core: Core, id_: str, who: str) -> bool:
    """Whether the person of a session may decide about a held message; for any thread."""
    with core.database.reading() as connection:
        row = held.find(connection, id_)
        return row is not None and two_persons.is_second(core, connection, row, who, is_session=True)


def count_for(core: Core, who: str, realm: str) -> int:
    """Return how many held messages of a realm the person of a session may decide about, at most PAGE; any thread."""
    with core.database.reading() as connection:
        rows = [row for row in held.page(connection, (0, ""), PAGE) if row.realm == realm]
        return sum(two_persons.is_second(core, connection, row, who, is_session=True) for row in rows)


def may_release_alone(core: Core, id_: str, who: str) -> bool:
    """Whether a message waits only because of `[console] second_person`, and the person wrote it; for any thread."""
    with core.database.reading() as connection:
        row = held.find(connection, id_)
        is_it = row is not None and row.state == held.HELD and who in (row.editors or "").split()
        return is_it and _may_be_alone(core, row) and two_persons.may_publisher_still(core, connection, row)


def record_seen(core: Core, who: str, rows: list[dict[str, Any]]) -> None:
    """Note in the audit who saw the messages."""
    if rows:
        with core.transaction() as connection:
            access.note(connection, who, "held", " ".join(row["id"] for row in rows), core.clock())
            for row in rows:
                as_shown.note_seen(core, who, _SHOWN, row["digest"])


def _cursor(after: str) -> tuple[int, str]:
    at, _, id_ = after.partition(".")
    if not re.fullmatch("[0-9]{1,16}", at):
        raise views.UnknownPosition("no position in this list", "give the `place` of the last row as `after`")
    return int(at), id_


def _shape(core: Core, row: Row[Any], *, with_sentences: bool = False) -> dict[str, Any]:
    waiting = held.open_row(core.vault, row)
    shown = {
        "id": row.id, "rev": row.rev, "kind": row.kind, "status": row.realm, "tlp": row.tlp, "by": row.who,
        "editors": (row.editors or "").split(),
        "place": f"{row.at}.{row.id}",
        **views.banner(row.realm), "since": rfc3339(row.at),
        "reasons": [reason.shape() for reason in waiting.reasons], "message": msgspec.json.decode(waiting.data),
    }  # fmt: skip
    shown["digest"] = as_shown.digest_of(shown)  # of the reasons without their sentences
    if with_sentences:
        shown["reasons"] = [reason.shape(with_sentences=True) for reason in waiting.reasons]
    return shown


def _publisher(core: Core, connection: Connection, row: Row[Any]) -> dict[str, Any]:
    """Return whether its publisher may not publish any more; no part of what a decision names by its digest."""
    return {"publisher_void": not two_persons.may_publisher_still(core, connection, row)}


def _check_shown(core: Core, row: Row[Any], who: str, read: str | None) -> None:
    """Check in the transaction that decides that the held message is the one that `read` names. Raises Refused
    E-CHANGED.

    A call without `read` may decide if there was only one text with one set of reasons under this id and revision, as
    with a first revision: a message that was withdrawn or rejected gets another number. Otherwise it may decide if
    `who` was shown this text within the last hour.
    """
    kept = _shape(core, row)["digest"]
    is_only = row.rev == 1 and not held.open_row(core.vault, row).has_new_reasons
    unnamed = is_only or as_shown.has_been_seen(core, who, (_SHOWN,), kept)
    as_shown.check(read, kept, may_be_unnamed=unnamed)


def release(core: Core, id_: str, who: str, *, is_session: bool = False, read: str | None = None) -> Verdict:
    """Release a held message; it is judged again as of now. `who`: the deciding token, or the person of a session.

    `read`: the digest of what was shown. Raises Refused: E-NOT-HELD, E-SAME-PERSON, E-PUBLISHER-VOID (its publisher may
    not publish any more), E-CHANGED. A message that the gate refuses now stays held, and the verdict has the reasons. A
    message that the gate holds now for another reason than was shown stays held for the present reasons: E-CHANGED.
    Repeating the same decision returns the same answer.
    """
    with core.transaction() as connection:
        row = held.find(connection, id_)
        refusal = _check_decision(core, connection, row, who, held.RELEASED, is_session=is_session)
        if refusal is None and row is not None and row.state == held.HELD:
            _check_shown(core, row, who, read)
        answer = refusal or _release(core, connection, row, who)
    if isinstance(answer, Refused):
        raise answer
    return answer


def release_alone(core: Core, id_: str, who: str, reason: str, *, read: str | None = None) -> Verdict:
    """Release a held message as one of its authors, where no other person is available.

    `who`: the person of a session. Only for messages that wait because of `[console] second_person` alone, never for
    those that the gate or the member's settings hold. The audit, the notification of colleagues and `deliveries` record
    it; readers are not told that a second person released the message. `read`: as in `release`. Raises Refused:
    E-NOT-HELD, E-SAME-PERSON, E-PUBLISHER-VOID, E-CHANGED; Invalid for a reason that can identify a person.
    """
    with core.transaction() as connection:
        row = held.find(connection, id_)
        if row is None or row.state != held.HELD:
            raise Refused("E-NOT-HELD", "")
        if who not in (row.editors or "").split() or not _may_be_alone(core, row):
            raise Refused("E-SAME-PERSON", "")
        if not two_persons.may_publisher_still(core, connection, row):
            raise Refused(two_persons.VOID, "")
        _check_shown(core, row, who, read)
        _check_reason(reason)
        answer = _release(core, connection, row, who, alone=reason)
    if isinstance(answer, Refused):
        raise answer
    return answer


def _may_be_alone(core: Core, row: Any) -> bool:
    """Whether a message waits only by the setting for messages of sessions."""
    waiting = held.open_row(core.vault, row)
    conditions = frozenset(core.config.console.second_person) - frozenset(core.config.gate.second_person)
    stated = [each for each in waiting.reasons if each.code not in NOTICES]
    return two_persons.is_only_by_settings(_message(waiting.data), stated, conditions)


def _release(core: Core, connection: Connection, row: Any, who: str, *, alone: str = "") -> Verdict | Refused:
    if row.state == held.RELEASED:
        return Verdict(row.id, row.rev, "published", is_replayed=True)
    waiting = held.open_row(core.vault, row)
    savepoint = connection.begin_nested()
    try:  # first: the gate refuses a revision while another one waits
        held.decide(connection, core.vault, row, held.RELEASED, who, core.clock(), alone, is_alone=bool(alone))
        screened, readers = _compose_again(core, connection, row, is_alone=bool(alone))
    except Invalid as invalid:
        savepoint.rollback()
        return Verdict(row.id, row.rev, "refused", invalid.reasons)
    if screened.is_held and (alone or _has_new_reason(screened, waiting)):
        savepoint.rollback()
        _keep_reasons(core, connection, row, waiting, screened)
        return Refused("E-SAME-PERSON" if alone else as_shown.CHANGED, "")
    savepoint.commit()
    drafts.destroy_of(connection, row.id, who, core.clock())
    batch = Batch(core, connection, row.realm, who, "release-alone" if alone else "release")
    verdict = batch.add(Request((digest(f"release {row.id} {row.rev}".encode()),), None), screened, readers)
    batch.write()
    if alone:
        notices.add_released_alone(core, connection, screened.composed.message)
    core.faults.hit("outbound.accepted")
    return verdict


def _has_new_reason(screened: Screened, waiting: HeldMessage) -> bool:
    """Whether the gate holds the message for a reason that it did not have before; warnings do not hold a message."""
    stated = {_finding(each) for each in waiting.reasons}
    return any(_finding(each) not in stated for each in screened.opinion.reasons if each.code not in WARNINGS)


def _finding(reason: Reason) -> tuple[str, str, str, tuple[str, ...]]:
    return reason.code, reason.path, reason.message, tuple(reason.marked)


def _keep_reasons(core: Core, connection: Connection, row: Any, waiting: HeldMessage, screened: Screened) -> None:
    """Hold the message for the present reasons and for those of its publication, which the gate does not know."""
    now = with_warnings(core, connection, screened).opinion.reasons
    known = {_finding(each) for each in now}
    of_publisher = [each for each in waiting.reasons if each.code == two_persons.CODE and _finding(each) not in known]
    held.replace_reasons(connection, core.vault, row, waiting, (*of_publisher, *now))


def reject(
    core: Core, id_: str, who: str, reason: str, *, is_session: bool = False, to_mend: bool = False,
    read: str | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Reject a held message: its text is destroyed, the `reason` is kept for its publisher.

    `to_mend`: the draft of a session is kept for a day so that it can be corrected, except where a name was the reason.
    `read`: the digest of what was shown. Raises Refused: E-NOT-HELD, E-SAME-PERSON, E-CHANGED; Invalid for a reason
    that can identify a person, because its publisher reads it and no other person reviews it: the message waits on.
    """
    with core.transaction() as connection:
        row: Any = held.find(connection, id_)
        refusal = _check_decision(core, connection, row, who, held.REJECTED, is_session=is_session)
        if refusal is None and row.state == held.HELD:
            _check_shown(core, row, who, read)
            _check_reason(reason)
            now = core.clock()
            drafts.hand_back(core, connection, row.id, who, now, to_mend=to_mend and not _is_naming_somebody(core, row))
            held.decide(connection, core.vault, row, held.REJECTED, who, now, reason)
            access.note(connection, who, "reject", f"{row.id} {row.rev}", now)
    if refusal is not None:
        raise refusal
    return {"id": row.id, "rev": row.rev, "verdict": "rejected", "reasons": []}


def _check_reason(reason: str) -> None:
    """Check the reason of a decision with the privacy gate. Raises Invalid."""
    reasons = note_refusals(reason, "$.reason")
    if reasons:
        raise Invalid("F8", reasons)


def _is_naming_somebody(core: Core, row: Any) -> bool:
    return any(reason.code == NAMES for reason in held.open_row(core.vault, row).reasons)


def deliveries(
    core: Core,
    id_: str,
    deliveries_of_sent: Callable[[Core, str, int | None], dict[str, Any] | None],
    rev: int | None = None,
) -> dict[str, Any] | None:
    """Return the stage of each member: for a waiting or rejected message that state, for others `deliveries_of_sent`.

    `rev`: by default the latest. For any thread.
    """
    with core.database.reading() as connection:
        row = held.find(connection, id_)
    if row is not None and rev is not None and row.rev != rev:
        row = None
    if row is None or row.state == held.RELEASED:
        found = deliveries_of_sent(core, id_, rev)
        if found is not None and row is not None and row.is_alone and found["rev"] == row.rev:
            reason = held.note_of(core.vault, row)
            found["released_alone"] = {"by": row.decided_by, "at": rfc3339(row.decided_at), "reason": reason}
        return found
    later = deliveries_of_sent(core, id_, rev)
    if later is not None and later["rev"] >= row.rev:
        return later
    members = {code: delivery_shape(Delivery(code, row.state), 0) for code in delivery_view.split_codes(row.readers)}
    head = {"id": row.id, "rev": row.rev, "status": row.realm, "action": None, **views.banner(row.realm)}
    summary = {"title": None, "acknowledge_by": None, "counts": counts(members.values())}
    shape: dict[str, Any] = {**head, **summary, "members": members}
    if row.state == held.REJECTED:
        at, reason = rfc3339(row.decided_at), held.note_of(core.vault, row)
        shape["rejected"] = {"by": row.decided_by, "at": at, "reason": reason}
    return shape


def _check_decision(
    core: Core, connection: Connection, row: Any, who: str, decision: str, *, is_session: bool
) -> Refused | None:  # fmt: skip
    """Check that this person may decide; repeating the same decision is not an error.

    Two tokens count as one person if one created the other, or a third created both, unless their holders claimed them.
    Whose act the publication was is judged as of its time: a later claim changes neither that nor who may decide about
    messages that waited already. About messages published in a session only a person decides (two_persons.py). The
    roles of a token's person are judged here, so that who published or edited is told that. What somebody published who
    may not publish any more is rejected, never released.
    """
    is_allowed = is_session or standing(connection, core.clock()).may(who, "approve")
    if row is None or row.state not in (held.HELD, decision):
        return Refused("E-NOT-HELD" if is_allowed else "E-HTTP-SCOPE", "")
    if not two_persons.is_second(core, connection, row, who, is_session=is_session):
        return Refused("E-SAME-PERSON", "")
    if not is_allowed:
        return Refused("E-HTTP-SCOPE", "")
    is_leaving = row.state == held.HELD and decision == held.RELEASED
    if is_leaving and not two_persons.may_publisher_still(core, connection, row):
        return Refused(two_persons.VOID, "")
    return None


def _compose_again(
    core: Core, connection: Connection, row: Row[Any], *, is_alone: bool = False
) -> tuple[Screened, list[str]]:
    """Return the message dated and judged now: the ledger, the trust list and the time may have changed since."""
    last = messages.find(connection, row.id)
    if (last.rev if last else 0) != row.rev - 1:
        raise refusal("E-MESSAGE-REVISION", "$.rev", sentence("another revision left since"))
    waits.check_recall_left(core, connection, row)
    composed = _dated(core, row)
    current = core.world.trust.current
    if current is None:
        raise refusal("E-TRUST-EXPIRED", "$", sentence("this gateway has no trust list yet"))
    screened = screen(core, connection, composed, row.who)
    leaving = screened.composed.message
    if is_alone:  # no second person released it, and readers are not told that one did
        return screened, resolve_audience(core.readers.audience_cache(current), leaving)
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
    """Let the gate check a waiting message in advance; for any thread."""
    with contextlib.suppress(Invalid, Refused):
        with core.database.reading() as connection:
            row = held.find(connection, id_)
            if row is None or row.state != held.HELD:
                return
            composed = replace(_dated(core, row), is_numbered=True)  # the message itself waits, which is no obstacle
            stored = load_known(core, connection, composed, row.who)
        screen_known(core, composed, stored)


def _message(data: bytes) -> Publication:
    message = read(data)
    if isinstance(message, Receipt):
        raise Refused("E-NOT-HELD", "")
    return message
