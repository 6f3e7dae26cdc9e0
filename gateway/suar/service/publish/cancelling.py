"""Cancels a message of this member, and publishes its replacement with it (at a receiver: receive/recall.py).

The publisher keeps its own text as its record and for evidence.
"""

import contextlib
from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, Row

from suar.protocol.authoring.withdrawal import withdrawal
from suar.protocol.base.errors import Fault, Refused
from suar.protocol.base.reasons import Invalid, Reason
from suar.protocol.base.sentences import sentence
from suar.protocol.base.wire import UNREADABLE
from suar.protocol.message.kinds import Publication, Receipt
from suar.protocol.message.messages import read_stored
from suar.protocol.privacy.tables.shown import Table
from suar.service.access import as_shown
from suar.service.core.altered_rows import open_row
from suar.service.core.core import Core
from suar.service.publish import accepting, checking, drafts, two_persons, waits
from suar.service.publish.gate import Refusal
from suar.service.reading.verdict import Verdict
from suar.store.messages import rows as messages
from suar.store.people import held as waiting


class Cancelled(NamedTuple):
    """The verdict on the cancel, and on the replacement if there is one.

    If the message was cancelled before, the verdict is a replay and the first reason remains in force. `withdrawn`: the
    revision that waited for a second person and was withdrawn with it.
    """

    verdict: Verdict
    replacement: Verdict | None = None
    realm: str = ""
    withdrawn: int | None = None

    def verdicts(self) -> list[Verdict]:
        """Return one verdict, or both."""
        return [self.verdict] if self.replacement is None else [self.verdict, self.replacement]

    def shape(self, *, with_sentences: bool = False) -> dict[str, Any]:
        """Return the result as `--json` and HTTP show it; with sentences for a program that shows it in another
        language. A replacement that is a trend has its `table`, a Table; where all is refused, it is beside `reasons`.
        """
        other = self.replacement
        replacement = (
            other.shape(with_sentences=with_sentences) | {"before": other.is_replayed} | _table(other)
            if other
            else None
        )
        return (
            self.verdict.shape(with_sentences=with_sentences)
            | {"realm": self.realm, "before": self.verdict.is_replayed, "withdrawn": self.withdrawn}
            | (_table(self.verdict) if self.verdict.verdict == "refused" else {})
            | {"replacement": replacement}
        )


def _table(verdict: Verdict) -> dict[str, Table]:
    return {} if verdict.table is None else {"table": verdict.table}


class Refusals(NamedTuple):
    """The reasons against drafts; `table`: that of the last one, if it is refused with a table."""

    reasons: list[Reason]
    table: Table | None = None


def cancel(
    core: Core, id_: str, who: str, reason: str, replacement: bytes | None = None, editors: Sequence[str] = (),
    handed: drafts.Handed | None = None, rev: int | None = None,
) -> Cancelled | None:  # fmt: skip
    """Cancel a message of ours and publish its replacement, both or neither; None when there is no such message.

    Waiting for a second person delays neither of them: the cancel without a replacement is sent at once, and a
    replacement that needs a second person waits alone. A message that still waits and was never sent is withdrawn.
    Cancelling it again is not an error. A replacement that was handed in before, and is not cancelled, is the message
    that it was then: nothing is sent twice. `editors`: the people who do it in a session. `handed`: the draft that is
    the replacement, checked and settled in the same transaction; raises UnknownDraft for a draft of another realm,
    Locked, Conflict. `rev`: the revision that was shown to the person who decides. Raises Refused E-MESSAGE-SENDER for
    another member's id, E-CHANGED.
    """
    if id_[:2] != core.member:  # by the id alone: a token that may not read learns nothing of what was received
        raise Refused("E-MESSAGE-SENDER", "F8")
    with core.transaction() as connection:
        stored = _stored_revisions(connection, id_)
        if not stored:
            return _withdraw(core, connection, id_, who, reason, replacement, editors, handed, rev)
        last = stored[-1]
        as_shown.check(rev, last.rev, may_be_unnamed=True)
        _check_realm(handed, last.realm)
        done = Verdict(id_, last.rev, "published", is_replayed=True) if last.action == "cancel" else None
        items = _cancel_drafts(core, stored, reason, replacement)
        reasons, table = cancel_refusals(core, connection, items, last.realm, who, editors)
        reasons += [] if replacement is None else _refuse_revision(items[-1])
        if reasons:
            return _refused(reasons, table if replacement is not None else None, last.realm)
        waits_too = next((row.rev for row in waiting.pending_of(connection, id_)), None)
        verdicts = accepting.accept(
            core, [(item, None) for item in items], realm=last.realm, token=who, editors=editors, handed=handed,
            replacement=replacement,
        )  # fmt: skip
        if done is not None or verdicts[0].verdict != "published":
            waits_too = None
    verdict = verdicts[0] if done is None else done
    return Cancelled(verdict, verdicts[-1] if replacement is not None else None, last.realm, waits_too)


def _withdraw(
    core: Core, connection: Connection, id_: str, who: str, reason: str, replacement: bytes | None,
    editors: Sequence[str], handed: drafts.Handed | None, rev: int | None,
) -> Cancelled | None:  # fmt: skip
    """Withdraw a message that waits for a second person and was never sent; None when there is none with that id."""
    row = waiting.find(connection, id_)
    if row is None:
        return None
    as_shown.check(rev, row.rev, may_be_unnamed=True)
    _check_realm(handed, row.realm)
    items = [] if replacement is None else [replacement]  # it is related to no message that a reader has
    reasons, table = cancel_refusals(core, connection, items, row.realm, who, editors)
    reasons += [] if replacement is None else _refuse_revision(replacement)
    if reasons:
        return _refused(reasons, table, row.realm)
    is_first = row.state == waiting.HELD
    if is_first:
        waits.withdraw(core, connection, row, who, reason, core.clock())
    verdicts = accepting.accept(
        core, [(item, None) for item in items], realm=row.realm, token=who, editors=editors, handed=handed
    )
    verdict = Verdict(id_, row.rev, "withdrawn", is_replayed=not is_first)
    return Cancelled(verdict, verdicts[0] if verdicts else None, row.realm)


def _refused(reasons: Sequence[Reason], table: Table | None, realm: str) -> Cancelled:
    return Cancelled(Verdict(None, None, "refused", tuple(reasons), table=table), realm=realm)


def with_alternatives(core: Core, done: Cancelled, replacement: bytes) -> Cancelled:
    """Return the same with what coarser tables would suppress, where the table of the replacement does not leave.

    For any thread, after the decision: this depends on nothing of it.
    """
    if done.verdict.verdict == "refused":
        [verdict] = checking.with_alternatives(core, [(replacement, done.verdict)], done.realm)
        return done._replace(verdict=verdict)
    if done.replacement is not None and checking.has_alternatives(done.replacement):
        [verdict] = checking.with_alternatives(core, [(replacement, done.replacement)], done.realm)
        return done._replace(replacement=verdict)
    return done


def _check_realm(handed: drafts.Handed | None, realm: str) -> None:
    """Raise UnknownDraft unless the draft is of the realm of the message that it replaces."""
    if handed is not None and handed.realm != realm:
        raise drafts.UnknownDraft(handed.id)


def prepare_cancel(
    core: Core, id_: str, who: str, reason: str, replacement: bytes | None, editors: Sequence[str] = ()
) -> None:
    """Run the gate in advance on the cancel of a message of ours and on its replacement; for any thread."""
    with contextlib.suppress(Fault, Refused):  # what `cancel` answers
        with core.database.reading() as connection:
            stored = _stored_revisions(connection, id_)
            row = stored[-1] if stored else waiting.find(connection, id_)
            items = (
                _cancel_drafts(core, stored, reason, replacement)
                if stored
                else [replacement]
                if row and replacement
                else []
            )
        checking.prepare_drafts(core, items, row.realm if row else "", who, editors)


def _stored_revisions(connection: Connection, id_: str) -> list[Row[Any]]:
    """Return the stored revisions of a message, oldest first."""
    rows = [messages.find(connection, id_, link.rev) for link in messages.chain_of(connection, id_)]
    return [row for row in rows if row is not None]


def _cancel_drafts(core: Core, stored: list[Row[Any]], reason: str, replacement: bytes | None) -> list[bytes]:
    """Return the drafts of a cancel (none if the message is already cancelled) and of its replacement."""
    last = stored[-1]
    items = [] if replacement is None else [with_relation(replacement, last.id)]
    if last.action == "cancel":
        return items
    bodies = [open_row(core, row) for row in stored]
    revisions = [_publication(body) for body in bodies if body is not None]
    if not revisions:
        raise Fault(f"the text of {last.id} is not held here", "publish the cancel by hand: action cancel, reason")
    return [withdrawal(revisions, reason, core.clock()), *items]


def _publication(body: bytes) -> Publication:
    message = read_stored(body)
    if isinstance(message, Receipt):
        raise Refused("E-MESSAGE-KIND", "F8")
    return message


def cancel_refusals(
    core: Core, connection: Connection, items: list[bytes], realm: str, who: str, editors: Sequence[str] = ()
) -> Refusals:
    """Return every reason against any of them, before one is accepted; also if too many messages of this token would
    wait.
    """
    reasons: list[Reason] = []
    table: Table | None = None
    held_count = 0
    with connection.begin_nested() as trial:
        for item in items:
            table = None
            try:
                held_count += accepting.compose(
                    core, item, realm, accepting.RowLedger(connection, core.member), editors=editors
                )[0].is_held
            except Invalid as invalid:
                reasons += invalid.reasons
                table = invalid.opinion.table if isinstance(invalid, Refusal) else None
        trial.rollback()
    full = waits.held_limit_reason(connection, who, held_count) if held_count else None
    return Refusals([*reasons, full] if full is not None else reasons, table)


def _refuse_revision(item: bytes) -> list[Reason]:
    """Refuse a revision of the cancelled message, which would follow its cancel."""
    try:
        tree = msgspec.json.decode(item)
    except UNREADABLE:
        return []
    if not isinstance(tree, dict) or tree.get("action") == "new":
        return []
    text = sentence("what replaces a cancelled message is a new one")
    hint = sentence("give it the action new, and leave id and rev out")
    return [Reason.of("E-MESSAGE-REVISION", None, "$.action", text, hint)]


def with_relation(replacement: bytes, id_: str) -> bytes:
    """Add the relation to the replaced message, unless it is there; invalid input is returned unchanged."""
    try:
        tree = msgspec.json.decode(replacement)
    except UNREADABLE:
        return replacement
    related = tree.get("related", []) if isinstance(tree, dict) else None
    if not isinstance(related, list) or any(isinstance(each, dict) and each.get("id") == id_ for each in related):
        return replacement
    return msgspec.json.encode(tree | {"related": [*related, {"rel": two_persons.REPLACES, "id": id_}]})
