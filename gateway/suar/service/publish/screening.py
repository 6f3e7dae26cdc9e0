"""Checks a complete message against the privacy gate and the policy, and reports the reasons of both together.

The verdict has a warning if the message names a desk whose contact message is not in force here, if it names a message
of ours that was never published, and if it has figures of a period that is still to come, or of one part of the country
where it says that it covers the whole. None of these decides whether a message waits.
"""

from collections.abc import Sequence
from typing import Any, Final

from msgspec import UNSET
from msgspec.structs import replace
from sqlalchemy import Connection

from suar.protocol.authoring.coverage import COVERAGE, warn_coverage
from suar.protocol.authoring.plausibility import PERIOD, warn_future
from suar.protocol.base.instants import instant
from suar.protocol.base.primitives import ACTUAL
from suar.protocol.base.reasons import Invalid, Reason
from suar.protocol.base.sentences import Sentence, advice, sentence
from suar.protocol.compose import Composed
from suar.protocol.message.kinds import Publication, Trend
from suar.service.core.core import Core
from suar.service.core.reading_policy import refusal, resolve_audience
from suar.service.publish.gate import Refusal, Screened, screen, screened_as_passed
from suar.store.messages import rows as messages

DESK: Final = "E-MESSAGE-DESK"
RELATED: Final = "E-MESSAGE-RELATED"
NOTICES: Final = frozenset({DESK, RELATED, PERIOD, COVERAGE})
"""The codes of the warnings of this module: a message neither waits nor is refused because of one."""


def screen_for_readers(
    core: Core, connection: Connection, composed: Composed, who: str, editors: Sequence[str], *, is_passed: bool
) -> tuple[Screened, list[str]]:
    """Return the gate's opinion and who can open the message. Raises Invalid with the reasons of both.

    `is_passed`: the gate had no finding on a worker thread.
    """
    current = core.world.trust.current
    if current is None:
        raise refusal("E-TRUST-EXPIRED", "$", sentence("this gateway has no trust list yet"))
    try:
        readers = resolve_audience(core.readers.audience_cache(current), composed.message)
    except Invalid as against:
        raise _with_gate(core, connection, composed, who, editors, against) from None
    if is_passed:
        return screened_as_passed(composed), readers
    return screen(core, connection, composed, who, editors), readers


def _with_gate(
    core: Core, connection: Connection, composed: Composed, who: str, editors: Sequence[str], invalid: Invalid
) -> Invalid:
    """Return the reasons against the audience, with those for which the gate refuses."""
    try:
        screen(core, connection, composed, who, editors)
    except Refusal as refused:
        return Refusal(refused.opinion, (*invalid.reasons, *refused.reasons))
    except Invalid:
        pass
    return invalid


def with_warnings(
    core: Core, connection: Connection, screened: Screened, known: dict[str, tuple[Reason, ...]] | None = None
) -> Screened:
    """Return the same with the warnings; those of a message that waits follow the reasons why it waits.

    `known`: the warnings about desks that were looked up before, for one transaction.
    """
    message = screened.composed.message
    if message.action == "cancel":
        return screened
    found = (*_of_desk(core, connection, message, {} if known is None else known), *warn_coverage(message))
    if named := [(path, id_) for path, id_ in _named(message) if id_[:2] == core.member]:
        found += _of_ours(connection, named)
    if isinstance(message, Trend) and (early := warn_future(message, instant(core.clock())[:10])) is not None:
        found = (*found, early)
    if not found:
        return screened
    opinion = replace(screened.opinion, reasons=(*screened.opinion.reasons, *found))
    return Screened(screened.composed, screened.submitted, opinion, screened.before)


def _of_desk(
    core: Core, connection: Connection, message: Publication, known: dict[str, tuple[Reason, ...]]
) -> tuple[Reason, ...]:
    desk = getattr(message, "desk", UNSET)
    if not isinstance(desk, str):
        return ()
    if desk not in known:
        known[desk] = _warnings(desk, messages.find(connection, desk), message.status, core.clock())
    return known[desk]


def _of_ours(connection: Connection, named: Sequence[tuple[str, str]]) -> tuple[Reason, ...]:
    """Return a warning for each of these messages of ours (JSON path, id) that was never published."""
    known = messages.chains_of(connection, {id_ for _, id_ in named})
    text = sentence("no message of this id was published here")
    return tuple(Reason.of(RELATED, None, path, text, advice(RELATED)) for path, id_ in named if not known.get(id_))


def _named(message: Publication) -> list[tuple[str, str]]:
    """Return the JSON path and id of every message that it names, but its own and the desk."""
    related = () if message.related is UNSET else message.related
    found = [(f"$.related[{at}].id", each.id) for at, each in enumerate(related)]
    others = [(name, getattr(message, name, UNSET)) for name in ("incident", "pattern")]
    return found + [(f"$.{name}", id_) for name, id_ in others if isinstance(id_, str)]


def _warnings(desk: str, row: Any, realm: str, now: int) -> tuple[Reason, ...]:
    """Return the warning about a desk: it is not in force, or it is one of exercises in a message that is not an
    exercise.
    """
    if row is None or row.action == "cancel" or row.expires <= now:
        return (_warning(sentence("no contact message {desk} is in force here", desk=desk)),)
    if realm == ACTUAL and row.realm != ACTUAL:
        return (_warning(sentence("the contact message {desk} is an exercise: no actual list has it", desk=desk)),)
    return ()


def _warning(text: Sentence) -> Reason:
    return Reason.of(DESK, None, "$.desk", text, advice(DESK))
