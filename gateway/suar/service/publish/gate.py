"""The privacy gate of this gateway: its settings, its ledger, and the limits of a restored state."""

import hashlib
from collections.abc import Sequence
from typing import Final, NamedTuple

import msgspec
from msgspec.structs import replace
from sqlalchemy import Connection

from suar.protocol.authoring.withdrawal import is_bare
from suar.protocol.base.reasons import Invalid, Reason, Sentences
from suar.protocol.base.sentences import Sentence, advice, sentence
from suar.protocol.compose import Composed, as_it_leaves
from suar.protocol.message.kinds import Publication, Trend
from suar.protocol.message.marking import Marking
from suar.protocol.privacy.counts.remembered import sheets_before
from suar.protocol.privacy.imported import held_as_imported
from suar.protocol.privacy.limits import k_for
from suar.protocol.privacy.memo import CELLS, Memo
from suar.protocol.privacy.proof.families import families_of_years, family_of
from suar.protocol.privacy.proof.ledger import Released
from suar.protocol.privacy.tables import revisions
from suar.protocol.privacy.tables.advice import DENOMINATOR
from suar.protocol.privacy.tables.differences import Contradicted, contradictions
from suar.protocol.privacy.tables.protecting import as_read, families, is_denominator_changed, sheets
from suar.protocol.privacy.verdict import HOLD, MOVED_CODE, PASS, REFUSE, Opinion, judge
from suar.service.core.core import Core
from suar.service.publish import other_members, repeats, two_persons
from suar.service.publish.other_members import NOTHING, NeighbourCounts
from suar.store.messages import ledger
from suar.store.people import held

LEDGERS: Final[Memo[ledger.Earlier]] = Memo(4 * CELLS)
"""By the families and the version of their ledger, which contains a random salt: no other state has the same."""
UNPROTECTABLE: Final = "E-PRIVACY-TABLE"
SOURCES: Final[Memo[str]] = Memo(1_000)
"""Which message released a cell as hidden, by the families, the version of their ledger, and the cell's words."""


class Screened(NamedTuple):
    """A message as it would be sent; `submitted` has its true counts. `before`: the ledger that was checked."""

    composed: Composed
    submitted: Composed
    opinion: Opinion
    before: Released

    @property
    def is_held(self) -> bool:
        """Whether it waits for a second person."""
        return self.opinion.verdict == HOLD

    def record(self, core: Core, connection: Connection) -> None:
        """Write the cells to the ledger, in the transaction that sends the message."""
        releases = self.opinion.releases
        if releases:
            ledger.record(connection, core.vault, self.composed.id, self.composed.rev, releases, self.before)


class Refusal(Invalid):
    """The gate refused a complete message; `opinion` has its table for the author."""

    def __init__(self, opinion: Opinion, reasons: tuple[Reason, ...]) -> None:
        super().__init__("F8", reasons)
        self.opinion = opinion


class StoredFacts(NamedTuple):
    """The stored facts about a message to be judged: the ledger of its cells, and whether that has a gap.

    `is_waiting`: a revision of it waits for a second person, and this is a cancel without a replacement, which need not
    wait for that. `others`: what other members show about the same people; `may_read`: whether the author may read
    their messages. `newest`: the marking of the newest revision; of a new message, that of a narrower message which it
    replaces, or None. `contradicted`: its counts that a table of ours contradicts, if the author may read that table.
    `changes`: what a new message changes of the counts that our tables in force show.
    `is_far_ahead`: whether its author chose a number that is far ahead of the used ones. `messages`: of the ledger, as
    `ledger.Earlier`, if the author may read them.
    """

    before: Released
    has_gap: bool
    is_waiting: bool = False
    others: NeighbourCounts = NOTHING
    may_read: bool = False
    newest: Marking | None = None
    contradicted: tuple[Contradicted, ...] = ()
    is_far_ahead: bool = False
    changes: revisions.Changes = ()
    messages: tuple[str, ...] = ()


def screen(
    core: Core, connection: Connection, composed: Composed, who: str = "", editors: Sequence[str] = ()
) -> Screened:
    """Return the gate's verdict on a complete message. Raises Invalid with every reason when it is refused.

    On the core's thread of a running gateway, raises Unprepared if no worker thread has checked it yet (checking.py).
    `who`: the author's token. `editors`: the people who wrote it with a session.
    """
    stored = load_known(core, connection, composed, who, only_known=core.has_draft_checks)
    try:
        return screen_known(core, composed, stored, only_known=core.has_draft_checks, editors=editors)
    except Refusal as refusal:
        raise with_sources(core, connection, composed, refusal, only_known=core.has_draft_checks) from None


def with_sources(
    core: Core, connection: Connection, composed: Composed, refusal: Refusal, *, only_known: bool = False
) -> Refusal:
    """Name the message that released a cell as hidden in each reason that says so, so that the author can find it.

    With `only_known` only if a worker thread found it before: the ledger is not opened.
    """
    message = composed.message
    if not isinstance(message, Trend):
        return refusal
    reasons = tuple(_with_source(core, connection, message, each, only_known=only_known) for each in refusal.reasons)
    return refusal if reasons == refusal.reasons else Refusal(refusal.opinion, reasons)


def _with_source(core: Core, connection: Connection, trend: Trend, reason: Reason, *, only_known: bool) -> Reason:
    sentences = reason.sentences
    if not isinstance(sentences, Sentences) or not sentences.message.values.get("whence"):
        return reason
    cell, family_names, own = str(sentences.message.values["key"]), families(trend), sheets(trend)
    name = _hash((family_names, ledger.version(connection, core.vault, family_names, own), cell))
    source = SOURCES.find(name)
    if source is None and not only_known:
        source = SOURCES.keep(name, ledger.hidden_by(connection, core.vault, family_names, own, cell))
    if not source:
        return reason
    values = {**sentences.message.values, "whence": sentence(", which {message} released as hidden", message=source)}
    return reason.with_message(Sentence(sentences.message.id, values))


def load_known(
    core: Core, connection: Connection, composed: Composed, who: str = "", *, only_known: bool = False
) -> StoredFacts:
    """Load the stored facts. Raises Invalid when a revision of the message is held, unless this is a cancel alone.

    With `only_known`, raises Unprepared when tables of others would have to be read for it.
    """
    message = composed.message
    is_waiting = not composed.is_numbered and held.is_pending(connection, composed.id)
    if is_waiting and not is_bare(message):
        raise Invalid("F8", (_held_reason(),))
    if message.action == "new":
        newest = two_persons.narrower_replaced(core, connection, message)
    else:
        newest = two_persons.newest_marking(core, connection, composed, who)
    far = two_persons.is_far_ahead(core, connection, composed)
    if not isinstance(message, Trend):
        return StoredFacts(Released(), has_gap=False, is_waiting=is_waiting, newest=newest, is_far_ahead=far)
    before, messages = _earlier(core, connection, message)
    others = other_members.neighbour_counts(core, connection, message, only_known=only_known)
    may_read = bool(others.shown) and other_members.may_read(connection, who)
    found, changes = repeats.compare_own_tables(core, connection, message, only_known=only_known)
    own, messages = (found, messages) if other_members.may_read_ours(connection, who, core.clock()) else ((), ())
    has_gap = message.rev > 1 and ledger.has_gap(connection)
    return StoredFacts(before, has_gap, is_waiting, others, may_read, newest, own, far, changes, messages)


def released_figures(core: Core, connection: Connection, trend: Trend) -> Released:
    """Return everything released of the years of a trend, and its families of the year before."""
    return _earlier(core, connection, trend).releases


def _earlier(core: Core, connection: Connection, trend: Trend) -> ledger.Earlier:
    """Return the same with the messages; cached by version of the ledger."""
    of_before = sheets_before(trend)
    family_names = list(dict.fromkeys([*families_of_years(trend), *map(family_of, of_before)]))
    own = [*sheets(trend), *of_before]
    version = ledger.version(connection, core.vault, family_names, own)
    if not version.rows:
        return ledger.Earlier({})
    name = _hash((family_names, version))
    kept = LEDGERS.find(name)
    if kept is None:
        kept = ledger.released(connection, core.vault, family_names, own)
        LEDGERS.keep(name, kept, sum(len(release.facts) for each in kept.releases.values() for release in each))
    return kept


def _hash(value: object) -> bytes:
    return hashlib.blake2b(msgspec.msgpack.encode(value), digest_size=16).digest()


def _held_reason() -> Reason:
    text = sentence("a revision of this message waits for a second person")
    hint = sentence(
        "let it be released or rejected first: `suar held`; a cancel that needs no second person overtakes it"
    )
    return Reason.of("E-MESSAGE-REVISION", None, "$.id", text, hint)


def _without_waiting(found: Reason) -> Reason:
    """Return a reason why a cancel would wait, with what to do instead: a second revision cannot wait."""
    if found.code == "E-PRIVACY-NAME":
        return found.with_hint(sentence("take the name out: then it leaves at once"))
    return found.with_hint(sentence("give another reason: then it leaves at once"))


def screen_known(
    core: Core, composed: Composed, known: StoredFacts, *, only_known: bool = False, editors: Sequence[str] = ()
) -> Screened:
    """Judge a message by the stored facts. Raises Invalid, and with `only_known` Unprepared."""
    message = composed.message
    opinion = judge(message, core.config.gate, known.before, draw=core.draw, only_known=only_known)
    if opinion.table is not None and known.messages:
        opinion = replace(opinion, table=replace(opinion.table, messages=known.messages))
    opinion = held_as_imported(opinion, composed.imported)
    opinion = two_persons.held_by_settings(opinion, message, two_persons.conditions(core, editors))
    opinion = two_persons.held_as_wider(opinion, message, known.newest)
    opinion = two_persons.held_as_chosen(opinion, composed.id) if known.is_far_ahead else opinion
    if isinstance(message, Trend):
        k = k_for(message.tlp, core.config.gate)
        opinion = _check_revision_day(opinion, message, known, core.clock(), k)
        opinion = _check_neighbours(opinion, message, known, only_known=only_known)
        opinion = _with_contradictions(opinion, known.contradicted)
    if known.has_gap:
        opinion = _incomplete(opinion)
    if opinion.verdict == REFUSE or opinion.message is None:
        raise Refusal(opinion, opinion.reasons)
    if opinion.verdict == HOLD and known.is_waiting:  # two revisions would wait
        raise Refusal(opinion, tuple(map(_without_waiting, opinion.reasons)))
    leaving = composed if opinion.message is message else as_it_leaves(opinion.message)
    return Screened(leaving, composed, opinion, known.before)


def _check_revision_day(opinion: Opinion, trend: Trend, known: StoredFacts, now: int, k: int) -> Opinion:
    """Check that a table changes shown cells only in the fixed weeks; another day would disclose a case.

    A number for which the table is refused anyway is not named twice: that reason says that waiting is of no use.
    """
    if revisions.is_open(now):
        return opinion
    refused = {f"{reason.path}.value" for reason in opinion.reasons if reason.code == UNPROTECTABLE}
    found = [each for each in revisions.reasons(trend, known.before, known.changes, now, k) if each.path not in refused]
    if trend.action == "update" and is_denominator_changed(trend, known.before):
        first, last = map(str, revisions.next_open(now))
        text = sentence("a revision gives another denominator than was shown, and is not of one of the fixed dates")
        hint = sentence("hand it in from {first} to {last}, or leave the denominator out", first=first, last=last)
        found.append(Reason.of(revisions.CODE, None, DENOMINATOR, text, hint))
    if not found:
        return opinion
    others = opinion.reasons if opinion.verdict != PASS else ()
    return Opinion(REFUSE, (*others, *found), table=opinion.table)


def _check_neighbours(opinion: Opinion, trend: Trend, known: StoredFacts, *, only_known: bool) -> Opinion:
    """Hold a table with a count that it hides and another member shows, until a second person decides."""
    leaving = opinion.message
    if opinion.verdict == REFUSE or not isinstance(leaving, Trend):
        return opinion
    found = other_members.find_disclosures(
        trend, leaving, known.before, known.others, may_read=known.may_read, only_known=only_known
    )
    return replace(opinion, verdict=HOLD, reasons=(*found, *opinion.reasons)) if found else opinion


def _with_contradictions(opinion: Opinion, found: tuple[Contradicted, ...]) -> Opinion:
    """Warn of counts that a table of ours contradicts; that such a count has moved since it was shown is not said."""
    paths = {f"$.obs[{each.at}].value" for each in found}
    first = sentence("first correct the number that another table of yours contradicts")
    kept = (
        each.with_hint(first) if opinion.verdict == REFUSE and each.code == UNPROTECTABLE else each
        for each in opinion.reasons
        if each.code != MOVED_CODE or each.path not in paths
    )
    return replace(opinion, reasons=(*contradictions(found), *kept)) if found else opinion


def screened_as_passed(composed: Composed) -> Screened:
    """Return a new message that passed the gate without findings on a worker thread."""
    return Screened(composed, composed, Opinion(PASS, (), composed.message), Released())


def record_recovered(core: Core, connection: Connection, message: Publication) -> None:
    """[E12] Record a message that was read back: it is no longer held, and its table is known again."""
    held.mark_left(connection, message.id, message.rev, core.clock())
    if isinstance(message, Trend):
        before = released_figures(core, connection, message)
        ledger.record(connection, core.vault, message.id, message.rev, as_read(message, core.config.gate), before)


def _incomplete(opinion: Opinion) -> Opinion:
    """[E12] Hold a table of a restored state, which cannot be compared with later releases."""
    if opinion.verdict == REFUSE:
        return opinion
    text = sentence("this state was put back and cannot open all that it sent since: compare with what was released")
    reason = Reason.of("E-SECOND-PERSON", None, "$.obs", text, advice("E-SECOND-PERSON"))
    return replace(opinion, verdict=HOLD, reasons=(*opinion.reasons, reason))
