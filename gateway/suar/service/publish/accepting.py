"""Accepts what a person or a program publishes: completes, checks and screens it, and commits it with its answer.

A batch is one transaction, with its audit lines and the answers to its requests. A request that is repeated within a
day creates no second message and gets the id and state of the first. `sealing` seals the accepted messages.
"""

from collections.abc import Sequence
from functools import partial
from typing import Final, NamedTuple

from sqlalchemy import Connection

from suar.observe.hooks import MessagePublished
from suar.protocol.base.reasons import Invalid, Reason
from suar.protocol.base.subjects import ALL
from suar.protocol.compose import LAST_NUMBER, Composed, Published, complete, under_number
from suar.protocol.message import messages as standard
from suar.protocol.message.urgency import lane
from suar.protocol.privacy.memo import Unprepared
from suar.protocol.transport.content import digest
from suar.service.core.core import Core
from suar.service.notify import deadlines, notices
from suar.service.publish import drafts, repeats, screening, sealing, two_persons, waits
from suar.service.publish.gate import Refusal, Screened
from suar.service.reading.verdict import Verdict
from suar.service.status import waiting_for
from suar.store.messages import rows as messages
from suar.store.messages.rows import NewMessage
from suar.store.outbound import delivery_view
from suar.store.outbound.queue import Accepted
from suar.store.people import access, held
from suar.store.people.access import Act

STALE: Final = 2_000
"""Milliseconds after which a message composed on a worker thread is composed again, because its `sent` would differ too
much from the time of acceptance.
"""


class RowLedger:
    """The published messages, as `compose` needs them: rows of the store and messages of this batch."""

    def __init__(self, connection: Connection, member: str) -> None:
        self.connection, self._member = connection, member
        self.taken: dict[tuple[str, int], int] = {}
        self._free: dict[tuple[str, int], tuple[int, int]] = {}  # the numbers from, and before, that nobody chose
        self.desks: dict[str, tuple[Reason, ...]] = {}  # warnings about desks, see `with_warnings`
        self._added: dict[str, Published] = {}
        self._held: set[str] = set()

    def next_number(self, kind: str, year: int, /) -> int:
        """Return the next number of the ids of a kind and year, and reserve it for this batch.

        A publisher may choose the id of a new message: such a number is passed over.
        """
        key = kind, year
        number = (self.taken.get(key) or messages.last_number(self.connection, kind, year)) + 1
        first, until = self._free.get(key, (0, 0))
        if not first <= number < until:
            first, until = self._free_from(kind, year, number)
            number, self._free[key] = first, (first, until)
        self.taken[key] = number
        return number

    def _free_from(self, kind: str, year: int, number: int) -> tuple[int, int]:
        """Return the first free number from this one on, and the first after it that is used."""
        prefix = f"{self._member}-{kind.upper()}-{year}-"
        chosen = {int(each.removeprefix(prefix)) for each in (*self._added, *self._held) if each.startswith(prefix)}
        while True:
            used = [held.next_used(self.connection, prefix, number), *(each for each in chosen if each >= number)]
            until = min((each for each in used if each is not None), default=max(LAST_NUMBER, number) + 1)
            if until > number:
                return number, until
            number += 1

    def release_number(self, composed: Composed) -> None:
        """Release the number of a message that was refused after it was numbered."""
        kind, year, number = composed.id[3:].rsplit("-", 2)
        key = (kind.lower(), int(year))
        if self.taken.get(key) == int(number) and composed.id not in {*self._added, *self._held}:
            self.taken[key] -= 1

    def published(self, id_: str, /) -> Published | None:
        """Return the latest revision with this id, in this batch or in the store; None if there is none."""
        if id_ in self._added:
            return self._added[id_]
        row = messages.find(self.connection, id_)
        return Published(row.rev, row.action == "cancel", row.realm) if row else None

    def add(self, composed: Composed) -> None:
        """Record that a message of this batch was accepted."""
        message = composed.message
        self._added[composed.id] = Published(composed.rev, message.action == "cancel", message.status)
        self._forget_free(composed)

    def add_held(self, composed: Composed) -> None:
        """Add a held message: it has an id, and no part of it is sent."""
        self._held.add(composed.id)
        self._forget_free(composed)

    def _forget_free(self, composed: Composed) -> None:
        """Look again for the next free number after an id that its publisher chose."""
        if not composed.is_numbered:
            self._free.clear()


class Batch:
    """The rows of a batch of accepted messages, written together at its end."""

    def __init__(
        self, core: Core, connection: Connection, realm: str, token: str, what: Act = "publish",
        editors: Sequence[str] = (),
    ) -> None:  # fmt: skip
        self.core, self.connection, self.realm, self.token, self.what = core, connection, realm, token, what
        self.editors = editors
        self.now = core.clock()
        self.ledger = RowLedger(connection, core.member)
        self.published: list[tuple[Composed, str]] = []  # with its recipients, `delivery_view.join_codes`
        self.answers: dict[bytes, bytes] = {}
        self._waiting: dict[str, str | None] = {}  # recipients -> why no message reaches them now

    def add_held(self, request: repeats.Request, screened: Screened, readers: list[str]) -> Verdict:
        """Add a message that waits for a second person: it has its id, and no part of it is sent.

        It is refused when too many messages of this token wait.
        """
        composed, message = screened.submitted, screened.submitted.message
        limit_reason = waits.held_limit_reason(self.connection, self.token)
        if limit_reason is not None:
            self.ledger.release_number(composed)
            return Verdict(None, None, "refused", (limit_reason,))
        self.ledger.add_held(composed)
        row = {
            "id": composed.id, "rev": composed.rev, "kind": standard.kind_of(message), "realm": message.status,
            "tlp": message.tlp, "at": self.now, "who": self.token, "readers": delivery_view.join_codes(readers),
            "counts_as": two_persons.persons_counted(self.core, self.connection, self.token, self.editors),
            "editors": " ".join(self.editors) or None,
        }  # fmt: skip
        held.insert_held(
            self.connection, self.core.vault, row, held.HeldMessage(composed.data, screened.opinion.reasons)
        )
        access.note(self.connection, self.token, "hold", f"{composed.id} {composed.rev}", self.now)
        notices.add_held(self.core, self.connection, message)
        verdict = Verdict(composed.id, composed.rev, "held", screened.opinion.reasons, table=screened.opinion.table)
        self.keep_answer(request, verdict)
        return verdict

    def add(self, request: repeats.Request, screened: Screened, readers: list[str]) -> Verdict:
        """Add an accepted message, its audience, and the answer to its request."""
        composed = screened.composed
        screened.record(self.core, self.connection)
        self.ledger.add(composed)
        repeats.record_content(self.core, self.connection, screened.submitted)
        repeats.note_table(composed)
        if composed.message.action == "cancel":
            waits.drop_held(self.core, self.connection, composed.id, self.token, self.now)
        deadlines.add_deadline(self.core, self.connection, composed.message)
        whom = delivery_view.join_codes(readers)
        self.published.append((composed, whom))
        if whom not in self._waiting:
            self._waiting[whom] = waiting_for.for_readers(self.core, self.connection, readers)
        opinion = screened.opinion  # its reasons are warnings
        verdict = Verdict(
            composed.id, composed.rev, "published", opinion.reasons if self.what == "publish" else (),
            waiting=self._waiting[whom], table=opinion.table,
        )  # fmt: skip
        self.keep_answer(request, verdict)
        return verdict

    def earlier_answer(self, request: repeats.Request) -> Verdict | None:
        """Return the answer that the same request got within a day, as it is now; None for another request."""
        for name in request.names:
            kept = self.answers.get(name)
            if kept is None or self._is_overtaken(request, kept):
                continue
            found = request.answer(name, kept)
            answer = repeats.current_answer(self.connection, found)
            if name == request.names[0] or not (request.is_replacement and self._is_taken_back(answer)):
                self.answers.setdefault(request.names[0], found.kept(request.body))
                return answer
        return None

    def keep_answer(self, request: repeats.Request, answer: Verdict) -> None:
        """Remember the answer to a request under every name that the request has."""
        self.answers |= dict.fromkeys(request.names, answer.kept(request.body))

    def write(self) -> None:
        """Write all rows in the transaction of the batch."""
        arrived = [self._arrived(composed, whom) for composed, whom in self.published]
        messages.insert_messages(self.connection, self.core.vault, arrived)
        messages.reserve_numbers(self.connection, self.ledger.taken)
        accepted = [self._accepted(composed, whom) for composed, whom in self.published]
        sealing.seal_or_queue(self.core, self.connection, accepted)
        for each in accepted:
            self.core.queue_record(
                MessagePublished(at=self.now, kind=each.kind, realm=each.realm, id=each.id, rev=each.rev)
            )
        answers = [(key, answer, self.now) for key, answer in self.answers.items()]
        access.keep_answers(self.connection, self.core.vault, answers)
        about = [f"{each.message.id} {each.message.rev} {each.digest.hex()}" for each in arrived]
        lines = [(self.now, self.token, self.what, one) for one in about]
        access.notes(self.connection, lines)

    def _is_overtaken(self, request: repeats.Request, kept: bytes) -> bool:
        """Whether the same bytes were an update that a later revision has replaced: now they are another update.

        A key names one request for good, and a new message is published once.
        """
        answer = Verdict.from_kept(kept, request.body)
        if request.body is not None or answer.verdict != "published" or answer.id is None or (answer.rev or 1) == 1:
            return False
        newest = self.ledger.published(answer.id)
        return newest is not None and not newest.is_cancelled and newest.rev > (answer.rev or 1)

    def _is_taken_back(self, answer: Verdict) -> bool:
        """Whether nothing of it leaves any more, or it is cancelled in this batch."""
        newest = self.ledger.published(answer.id) if answer.id is not None else None
        return answer.verdict == "refused" or (newest is not None and newest.is_cancelled)

    def _arrived(self, composed: Composed, whom: str) -> NewMessage:
        name = digest(composed.data)
        return NewMessage(composed.message, composed.data, name, self.core.member, self.now, readers=whom)

    def _accepted(self, composed: Composed, whom: str) -> Accepted:
        message = composed.message
        audience, kind = message.audience.members, standard.kind_of(message)
        recipients = audience if audience == ALL else ",".join(audience)
        return Accepted(
            message.status, lane(message), kind, composed.id, composed.rev, recipients, self.now, whom, composed.data
        )


class Ready(NamedTuple):
    """Drafts that were checked on a worker thread, one by one.

    `at`: the time at which they were composed, ms. `composed`: new messages without findings of the gate, with number
    0; None where the core has to compose the message. `refused`: the reasons against each message; None where no reason
    applies whatever the store contains.
    """

    at: int
    composed: Sequence[Composed | None]
    refused: Sequence[tuple[Reason, ...] | None]

    def fresh(self, now: int) -> Sequence[Composed | None]:
        """Return the composed drafts; none when `sent` is too far from the time of acceptance."""
        return self.composed if 0 <= now - self.at <= STALE else [None] * len(self.composed)


def accept(
    core: Core, items: Sequence[tuple[bytes, bytes | None]], *, realm: str, token: str, ready: Ready | None = None,
    editors: Sequence[str] = (), handed: drafts.Handed | None = None, replacement: bytes | None = None,
) -> list[Verdict]:  # fmt: skip
    """Commit publishers' messages as queued, in one transaction; each (bytes, Idempotency-Key) gets its verdict.

    A request that is repeated within a day creates no second message: it gets the id and state of the first. `ready`:
    the items as a worker thread checked them. With it, the answer ends before the first item that the gate has not
    checked; without it, or if that is the first item, Unprepared is raised. `editors`: the people who wrote the items
    in a session. `handed`: the draft that is the last item, to which its key is bound; it is checked and settled in the
    same transaction. `replacement`: the bytes of the last item as they were handed in, where it replaces a cancelled
    message: it is the same request as a publication of these bytes.
    """
    requests = [repeats.request_of(core, token, realm, data, key, handed) for data, key in items]
    if replacement is not None and handed is None:
        requests[-1] = requests[-1].also_as(repeats.request_of(core, token, realm, replacement, None))
    with core.transaction() as connection:
        batch = Batch(core, connection, realm, token, editors=editors)
        batch.answers = access.answered(
            connection, core.vault, [name for request in requests for name in request.names]
        )
        known = dict(batch.answers)
        if handed is not None and known.keys().isdisjoint(requests[-1].names):
            drafts.check_handed(core, connection, handed)
        made = ready.fresh(core.clock()) if ready is not None else [None] * len(items)
        refusals = ready.refused if ready is not None else [None] * len(items)
        verdicts: list[Verdict] = []
        for (data, _), request, composed, reasons in zip(items, requests, made, refusals, strict=True):
            try:
                waits_too = replacement is not None and bool(verdicts) and verdicts[0].verdict == "held"
                verdicts.append(_accept_one(batch, data, request, composed, reasons, recall_waits=waits_too))
            except Unprepared:
                if ready is None or not verdicts:
                    raise
                break
        batch.answers = {name: answer for name, answer in batch.answers.items() if known.get(name) != answer}
        access.drop_answers(connection, [name for name in batch.answers if name in known])
        batch.write()
        if handed is not None and known.keys().isdisjoint(requests[-1].names) and len(verdicts) == len(items):
            drafts.settle(core, connection, handed.id, token, verdicts[-1])
        core.faults.hit("outbound.accepted")
        core.run_after_commit(partial(core.faults.hit, "outbound.queued"))
    return verdicts


def _accept_one(
    batch: Batch, data: bytes, request: repeats.Request, made: Composed | None, refusal: tuple[Reason, ...] | None,
    *, recall_waits: bool,
) -> Verdict:  # fmt: skip
    """Accept one item. `recall_waits`: it replaces a message whose recall is held, and is held with it."""
    answer = batch.earlier_answer(request)
    if answer is not None:
        return answer
    if refusal is not None:
        return Verdict(None, None, "refused", refusal)
    try:
        screened, readers = compose(
            batch.core, data, batch.realm, batch.ledger, made, once=True, who=batch.token, editors=batch.editors
        )
    except repeats.Repeated as repeated:
        if repeated.verdict.id is not None:
            batch.keep_answer(request, repeated.verdict)
        return repeated.verdict
    except Invalid as invalid:
        table = invalid.opinion.table if isinstance(invalid, Refusal) else None
        return Verdict(None, None, "refused", invalid.reasons, table=table)
    if recall_waits:
        screened = screened._replace(opinion=two_persons.held_after_recall(screened.opinion))
    return batch.add_held(request, screened, readers) if screened.is_held else batch.add(request, screened, readers)


def answer_of(core: Core, token: str, realm: str, key: str, handed: drafts.Handed) -> Verdict | None:
    """Return the answer that a request with this Idempotency-Key got within a day.

    It is `key-reused` if the key was used with another draft. For any thread.
    """
    request = repeats.request_of(core, token, realm, b"", key.encode(), handed)
    with core.database.reading() as connection:
        return repeats.stored_answer(core, connection, request)


def refused_before(core: Core, connection: Connection, token: str, realm: str, data: bytes) -> tuple[Reason, ...]:
    """Return why these bytes, handed in again with this token and no key, leave no more: cancelled or rejected."""
    answer = repeats.stored_answer(core, connection, repeats.request_of(core, token, realm, data, None))
    return answer.reasons if answer is not None and answer.verdict == "refused" else ()


def compose(
    core: Core,
    data: bytes,
    realm: str,
    ledger: RowLedger,
    made: Composed | None = None,
    *,
    once: bool = False,
    who: str = "",
    editors: Sequence[str] = (),
) -> tuple[Screened, list[str]]:
    """Return the message as it will be sent and its recipients. Raises Invalid with every reason.

    `made`: the message as composed on a worker thread (`Ready`), so that only its number and its readers remain to be
    determined. `once`: a trend whose content is already in force is not published again; Repeated is raised. `who`: the
    author's token; `editors` as in `accept`.
    """
    if made is not None:
        composed = under_number(made, ledger)
    else:
        composed = complete(data, member=core.member, realm=realm, now=core.clock(), ledger=ledger)
    try:
        if once:
            repeats.refuse_repeated(core, ledger.connection, composed)
        screened, readers = screening.screen_for_readers(
            core, ledger.connection, composed, who, editors, is_passed=made is not None
        )
    except (Invalid, Unprepared, repeats.Repeated):
        ledger.release_number(composed)
        raise
    return screening.with_warnings(core, ledger.connection, screened, ledger.desks), readers
