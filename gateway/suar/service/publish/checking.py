"""The verdict on a message before it is published, with everything that the state of the gateway contributes.

A running gateway checks drafts on worker threads (draft_check_pool.py). These read committed data and change nothing;
the core then looks up their results, so the same rules are applied once.
"""

import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple

import msgspec
from msgspec import UNSET
from msgspec.structs import replace
from sqlalchemy import Connection

from suar.protocol.base.reasons import Invalid, Reason
from suar.protocol.base.sentences import sentence
from suar.protocol.compose import Composed, complete, complete_many
from suar.protocol.message.kinds import Publication, Trend
from suar.protocol.privacy.counts.remembered import sheets_before
from suar.protocol.privacy.limits import k_for
from suar.protocol.privacy.proof.cells import Sheet
from suar.protocol.privacy.proof.families import families_of_years, family_of
from suar.protocol.privacy.proof.ledger import Release, Released, is_known
from suar.protocol.privacy.tables.coarser import with_coarser
from suar.protocol.privacy.tables.shown import Table
from suar.protocol.privacy.unread_drafts import text_refusals
from suar.protocol.privacy.verdict import PASS, judge
from suar.service.access.as_shown import CHANGED
from suar.service.core import reading_policy
from suar.service.core.core import Core
from suar.service.publish import two_persons
from suar.service.publish.accepting import Ready, RowLedger, refused_before
from suar.service.publish.gate import (
    Refusal,
    Screened,
    StoredFacts,
    load_known,
    released_figures,
    screen_known,
    with_sources,
)
from suar.service.publish.screening import with_warnings
from suar.service.reading.verdict import Verdict

NOT_CHECKED_HERE: Final[list[str]] = []  # `check` with a state covers everything that publishing checks
ALTERNATIVES_FOR: Final = 5.0
"""Seconds after which no further coarser table is tried for a message, or a page of a batch, that was handed in; one
takes a second at most, unless many earlier tables contradict it.
"""
JOB_SECONDS: Final = 0.5  # seconds after which the next draft is left to the next job
TOGETHER: Final = 64  # drafts that are composed before they are judged: each step's code stays in the processor's cache
_STAYS: Final = frozenset({"refused", "held"})
_STORED: Final = frozenset({"E-MESSAGE-REVISION", "E-MESSAGE-CANCELLED", CHANGED})
"""Reasons that depend on stored data, which the core judges: other messages of the batch may change the result."""


class CheckedDraft(NamedTuple):
    """A checked draft: as it would be sent, or the reasons against it.

    `reasons`: those of the gate. `table`: the table of a trend, before and after the gate.
    """

    composed: Composed | None
    screened: Screened | None
    reasons: tuple[Reason, ...] = ()
    table: Table | None = None


def check_draft(core: Core, data: bytes, realm: str, who: str = "", editors: Sequence[str] = ()) -> CheckedDraft:
    """Check a draft as `publish` with the token `who` would, except for its recipients.

    `editors`: the people who wrote it in a session. Reads committed data; for any thread.
    """
    try:
        with core.database.reading() as connection:
            composed, stored = _completed(core, connection, data, realm, who)
    except Invalid as invalid:
        return CheckedDraft(None, None, _with_texts(data, invalid.reasons))
    try:
        screened = screen_known(core, composed, stored, editors=editors)
    except Refusal as refusal:
        with core.database.reading() as connection:
            sourced = with_sources(core, connection, composed, refusal)
        return CheckedDraft(composed, None, sourced.reasons, _table(sourced))
    except Invalid as invalid:
        return CheckedDraft(composed, None, invalid.reasons, _table(invalid))
    return CheckedDraft(composed, screened, (), screened.opinion.table)


def _with_texts(data: bytes, reasons: tuple[Reason, ...]) -> tuple[Reason, ...]:
    """Return the reasons against a draft's form and those against its texts, so that the author gets all of them at
    once.
    """
    return reasons if all(reason.code in _STORED for reason in reasons) else (*reasons, *text_refusals(data))


def _table(invalid: Invalid) -> Table | None:
    return invalid.opinion.table if isinstance(invalid, Refusal) else None


def check_draft_with_coarser(
    core: Core, data: bytes, realm: str, who: str = "", editors: Sequence[str] = ()
) -> CheckedDraft:
    """Return the same with what coarser tables would suppress; for a check before publication."""
    checked = check_draft(core, data, realm, who, editors)
    composed = checked.composed
    if checked.table is None or composed is None or not isinstance(composed.message, Trend):
        return checked
    trend = composed.message
    with core.database.reading() as connection:
        before = load_known(core, connection, composed, who).before
    k = k_for(trend.tlp, core.config.gate)
    return checked._replace(table=with_coarser(checked.table, trend, k, before, core.draw))


def has_alternatives(verdict: Verdict) -> bool:
    """Whether a verdict has a table that does not leave, so that coarser ones are tried for its author."""
    return verdict.table is not None and verdict.verdict in _STAYS


def with_alternatives(core: Core, judged: Iterable[tuple[bytes, Verdict]], realm: str) -> list[Verdict]:
    """Return the verdicts on drafts, with what coarser tables would suppress where a table does not leave; any thread.

    What was decided does not depend on it: the answer alone waits for it, and the core does not. All of them have
    ALTERNATIVES_FOR together, in their order.
    """
    until = time.monotonic() + ALTERNATIVES_FOR
    return [_with_coarser(core, data, realm, verdict, until) for data, verdict in judged]


def _with_coarser(core: Core, data: bytes, realm: str, verdict: Verdict, until: float) -> Verdict:
    if verdict.table is None or not has_alternatives(verdict) or time.monotonic() >= until:
        return verdict
    try:
        with core.database.reading() as connection:
            ledger = RowLedger(connection, core.member)
            trend = complete(data, member=core.member, realm=realm, now=core.clock(), ledger=ledger).message
            if not isinstance(trend, Trend):
                return verdict
            before = released_figures(core, connection, trend)
    except Invalid:  # another revision was published meanwhile
        return verdict
    k = k_for(trend.tlp, core.config.gate)
    table = with_coarser(verdict.table, trend, k, before, core.draw, may_go_on=lambda: time.monotonic() < until)
    return replace(verdict, table=table)


def _completed(
    core: Core, connection: Connection, data: bytes, realm: str, who: str = ""
) -> tuple[Composed, StoredFacts]:
    ledger = RowLedger(connection, core.member)
    composed = complete(data, member=core.member, realm=realm, now=core.clock(), ledger=ledger)
    return composed, load_known(core, connection, composed, who)


def verdict_document(core: Core, checked: CheckedDraft, *, with_sentences: bool = False) -> dict[str, Any]:
    """Return the response of `check`; for any thread.

    `readers`: every other member by name, and whether it will be able to open the message. `table`: a Table or None.
    `with_sentences`: each reason also by its text ids, for a program that shows it in another language.
    """
    composed, screened, reasons, table = checked
    if composed is not None:
        try:
            status = core.status
            current = status.trust.current
            if current is None:
                raise reading_policy.refusal("E-TRUST-EXPIRED", "$", sentence("this gateway has no trust list yet"))
            cache = core.readers.audience_cache(current)
            reading_policy.resolve_audience(cache, composed.message)
            message = screened.composed.message if screened is not None else composed.message
            who = reading_policy.preview_audience(cache, status.trust, status.bundles, message, core.clock())
        except Invalid as invalid:
            screened, reasons = None, (*reasons, *invalid.reasons)
    if screened is None:
        shapes = [reason.shape(with_sentences=with_sentences) for reason in reasons]
        return {
            "verdict": "refuse", "reasons": shapes, "not_checked": NOT_CHECKED_HERE, "message": None, "readers": None,
            "table": table,
        }  # fmt: skip
    with core.database.reading() as connection:
        opinion = with_warnings(core, connection, screened).opinion
    shapes = [reason.shape(with_sentences=with_sentences) for reason in opinion.reasons]
    return {
        "verdict": opinion.verdict, "reasons": shapes,
        "not_checked": NOT_CHECKED_HERE, "message": msgspec.json.decode(screened.composed.data), "readers": who,
        "table": table,
    }  # fmt: skip


def check(
    core: Core, data: bytes, realm: str, who: str = "", editors: Sequence[str] = (), *, with_sentences: bool = False
) -> dict[str, Any]:
    """Return what `publish` would answer, without changes; `not_checked` names what only publishing can find."""
    with core.database.reading() as connection:
        before = refused_before(core, connection, who, realm, data)
    checked = CheckedDraft(None, None, before) if before else check_draft_with_coarser(core, data, realm, who, editors)
    return verdict_document(core, checked, with_sentences=with_sentences)


def prepare_first(core: Core, drafts: Sequence[bytes], realm: str, who: str = "", editors: Sequence[str] = ()) -> Ready:
    """Check the first of some drafts of the token `who`, at least one; for any thread."""
    now, until = core.clock(), time.monotonic() + JOB_SECONDS
    made: list[Composed | None] = []
    refused: list[tuple[Reason, ...] | None] = []
    for first in range(0, len(drafts), TOGETHER):
        some = drafts[first : first + TOGETHER]
        for data, composed in zip(some, compose_passed(core, some, realm, now, editors), strict=True):
            made.append(composed)
            refused.append(None if composed is not None else _refusals(check_draft(core, data, realm, who, editors)))
            if time.monotonic() > until:
                return Ready(now, made, refused)
    return Ready(now, made, refused)


def compose_passed(
    core: Core, drafts: Sequence[bytes], realm: str, now: int, editors: Sequence[str] = ()
) -> Iterator[Composed | None]:
    """Yield each new message without findings as it will be sent, with number 0; else None. Does not read the store.

    Not trends, whose table is compared with what was released, nor where the English text is written from the id.
    """
    conditions = two_persons.conditions(core, editors)
    made = complete_many(drafts, member=core.member, realm=realm, now=now)
    for data, composed in zip(drafts, made, strict=True):
        found = composed or _completed_alone(core, data, realm, now)
        yield found if found is not None and _is_new(found) and _has_passed(core, found, conditions) else None


def _completed_alone(core: Core, data: bytes, realm: str, now: int) -> Composed | None:
    try:
        return complete(data, member=core.member, realm=realm, now=now, ledger=None)
    except Invalid:
        return None


def _is_new(composed: Composed) -> bool:
    """Whether it is a new message that may leave as it is if the gate has no finding."""
    message = composed.message
    is_judged_later = composed.imported or isinstance(message, Trend) or _is_generated(message)
    return composed.is_numbered and not is_judged_later


def _has_passed(core: Core, composed: Composed, conditions: Collection[str]) -> bool:
    """Whether a message has no findings: it waits for no second person by these settings (`two_persons`), and the gate
    has no finding.
    """
    if conditions and two_persons.reasons(composed.message, conditions):
        return False
    opinion = judge(composed.message, core.config.gate)
    return opinion.verdict == PASS and not opinion.reasons


def _is_generated(message: Publication) -> bool:
    return any(entry.generated is not UNSET for entry in message.text)


def _refusals(checked: CheckedDraft) -> tuple[Reason, ...] | None:
    """Return the reasons against a draft that do not depend on the store."""
    if checked.composed is not None or all(reason.code in _STORED for reason in checked.reasons):
        return None
    return checked.reasons


def prepare_drafts(core: Core, drafts: Iterable[bytes], realm: str, who: str = "", editors: Sequence[str] = ()) -> None:
    """Run the gate on drafts of the token `who` in advance, each alone and after those before it.

    For any thread.
    """
    released: list[tuple[Sheet, Release]] = []
    for data in drafts:
        try:
            with core.database.reading() as connection:
                composed, stored = _completed(core, connection, data, realm, who)
            screened = screen_known(core, composed, stored, editors=editors)
            if released and isinstance(composed.message, Trend):
                before = _ledger_after(composed.message, stored.before, released)
                screened = screen_known(core, composed, stored._replace(before=before), editors=editors)
        except Refusal as refusal:
            with core.database.reading() as connection:
                with_sources(core, connection, composed, refusal)  # kept for the author who publishes it
            continue
        except Invalid:
            continue  # publishing it reports its reasons
        for sheet, release in screened.opinion.releases.items():
            if not is_known(release, screened.before.get(sheet, ())):
                released.append((sheet, release))


def _ledger_after(trend: Trend, before: Released, released: Iterable[tuple[Sheet, Release]]) -> Released:
    """Return the ledger of a trend's years, including the messages before it in its transaction."""
    found = {sheet: list(releases) for sheet, releases in before.items()}
    last, own, of_before = sum(map(len, found.values())), set(families_of_years(trend)), sheets_before(trend)
    for sheet, release in released:
        if family_of(sheet) in own or sheet in of_before:
            last += 1
            found.setdefault(sheet, []).append(replace(release, n=last))
    return found
