"""Rule F9 inside one message: whatever compares two of its fields, also "required when ...".

Each rule is a small function that gives what it finds: (path, message, hint). RULES names them, the kinds they are for
and the top-level fields they read, so that a publisher sees them beside faulty fields that they do not touch. Those
that every message meets answer NOTHING rather than yield nothing: it is asked of every message that is read.
What compares two messages (the same id and rev with other bytes, the chain of revisions) needs a store and is not here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from msgspec import UNSET, Struct

from suar.protocol.inspection import MAX_REASONS
from suar.protocol.kinds import (
    DIMENSIONS,
    KINDS,
    Alert,
    Entry,
    Legislation,
    Message,
    Pattern,
    Publication,
    Receipt,
    Trend,
)
from suar.protocol.messages import is_higher_minor
from suar.protocol.reasons import Invalid, Reason

Found = Iterator[tuple[str, str, str]]
Finding = tuple[tuple[str, str, str], ...]
NOTHING: Finding = ()

LIFETIME_DAYS = {"alert": 90, "contact": 365}
"""Days that a message may be valid after `sent` (messages.md section 2)."""
LIFETIME_DAYS_OTHERS = 1826
CHILD_AGES = frozenset({"0-8", "9-17"})
ADULT_AGES = frozenset({"18-20", "21-23", "24-26", "27-29", "30-38", "39-47", "48+"})
NATIONAL_AGES = CHILD_AGES | ADULT_AGES
"""The nine age bands that would single people out in a smaller place."""
NO_VALUE = frozenset({"S", "M"})


class Rule(Struct, frozen=True):
    """A rule's name, the Structs that it is for, the top-level keys it reads, and the check."""

    name: str
    kinds: tuple[type[Struct], ...]
    reads: frozenset[str]
    check: Callable[[Any], Iterable[tuple[str, str, str]]]


def _action_rev(message: Publication) -> Finding:
    if (message.action == "new") == (message.rev == 1):
        return NOTHING
    hint = "new has rev 1, update and cancel a higher one"
    return (("$.rev", f"rev {message.rev} with action {message.action}", hint),)


def _cancel_reason(message: Publication) -> Finding:
    if message.action != "cancel" or message.reason is not UNSET:
        return NOTHING
    return (("$.reason", "a cancel says why", "give the reason in at most 400 characters"),)


def _expires_after_sent(message: Publication) -> Finding:
    if message.expires > message.sent:  # one fixed form: text order is time order
        return NOTHING
    return (("$.expires", "expires is not after sent", "give an instant that is still to come"),)


def _expires_in_time(message: Publication) -> Finding:
    most = _LIFETIMES.get(type(message), _LIFETIME_OTHERS)
    if datetime.fromisoformat(message.expires) - datetime.fromisoformat(message.sent) <= most:
        return NOTHING
    days = most.days
    return (("$.expires", f"expires is more than {days} days after sent", f"at most {days} days; update it later"),)


def _red_names(message: Publication) -> Finding:
    if message.tlp != "RED" or message.audience.members != "all":
        return NOTHING
    return (("$.audience.members", "TLP RED needs named members", "name the members, or lower the TLP"),)


def _ungraded_confidence(message: Publication) -> Finding:
    source = message.source
    if source.reliability != "F" and source.credibility != 6:
        return NOTHING
    if source.confidence is UNSET or source.confidence is None:
        return NOTHING
    hint = "leave confidence out, or grade the source"
    return (("$.source.confidence", "a source that cannot be judged has no confidence", hint),)


def _one_english(message: Publication) -> Finding:
    if [text.lang for text in message.text].count("en") == 1:
        return NOTHING
    return (("$.text", "exactly one text is in English (en)", "give one entry with lang en"),)


def _languages(message: Publication) -> Finding:
    if len(message.text) == 1:
        return NOTHING
    return tuple(_repeated_languages(message))


def _repeated_languages(message: Publication) -> Found:
    seen: set[str] = set()
    for at, text in enumerate(message.text):
        lang = text.lang.lower()
        # a second `en` is what M-TEXT-ENGLISH names
        if lang in seen and text.lang != "en":
            yield f"$.text[{at}].lang", f"the language {text.lang} is repeated", "one entry a language"
        seen.add(lang)


def _ack_within(message: Alert) -> Finding:
    if message.urgency != "immediate" or message.ack_within is not UNSET:
        return NOTHING
    return (("$.ack_within", "an immediate alert says within how many hours it is to be acknowledged", "1 to 168"),)


def _cell_dims(message: Trend) -> Found:
    if is_higher_minor(message.schema):
        return  # a dimension that we do not know would seem to be missing
    named = frozenset() if message.dims is UNSET else frozenset(message.dims)
    for at, cell in enumerate(message.obs):
        given = {name for name in DIMENSIONS if getattr(cell.dims, name) is not UNSET}
        if given != named:
            wrong = ", ".join(sorted(given ^ named))
            yield f"$.obs[{at}].dims", f"its dimensions are not those of $.dims: {wrong}", "give each exactly once"


def _totals(message: Trend) -> Found:
    if message.margins:
        return
    for at, cell in enumerate(message.obs):
        for name in DIMENSIONS:
            if getattr(cell.dims, name) == "total":
                yield f"$.obs[{at}].dims.{name}", "a total where margins is false", "set margins, or leave totals out"


def _cell_value(message: Trend) -> Found:
    for at, cell in enumerate(message.obs):
        if (cell.value is None) != (cell.status in NO_VALUE):
            hint = "value is null exactly when status is S (suppressed) or M (missing)"
            yield f"$.obs[{at}].value", f"value and status {cell.status} contradict each other", hint


def _national_ages(message: Trend) -> Found:
    for at, cell in enumerate(message.obs):
        national = message.coverage.scope == "national" and cell.place.admin1 is UNSET and cell.place.locode is UNSET
        if cell.dims.age in NATIONAL_AGES and not national:
            hint = "use 0-17 and 18+, or whole countries with coverage.scope national"
            yield f"$.obs[{at}].dims.age", "narrow age bands are for national figures only", hint


def _one_cell(message: Trend) -> Found:
    if is_higher_minor(message.schema):
        return
    seen: set[Any] = set()
    for at, cell in enumerate(message.obs):
        key = (cell.period, cell.place, cell.dims)
        if key in seen:
            yield f"$.obs[{at}]", "the cell is given twice", "one observation a period, place and breakdown"
        seen.add(key)


def _means(message: Pattern) -> Found:
    if message.means is UNSET and not message.child_only:
        yield "$.means", "means may be absent only of a pattern against children", "name the means, or set child_only"


def _leg_numbers(message: Pattern) -> Found:
    legs = () if message.legs is UNSET else message.legs
    for at, leg in enumerate(legs[1:], 1):
        if leg.seq in {before.seq for before in legs[:at]}:
            yield f"$.legs[{at}].seq", f"two legs have the number {leg.seq}", "number the legs in their order"


def _money(message: Pattern) -> Found:
    for at, money in enumerate(() if message.money is UNSET else message.money):
        if money.low > money.high:
            yield f"$.money[{at}].low", "low is above high", "give the lower sum first"


def _seen(message: Pattern) -> Found:
    if message.last_seen < message.first_seen:
        yield "$.last_seen", "last_seen is before first_seen", "months, the earlier one in first_seen"


def _penalty(message: Legislation) -> Found:
    penalty = message.penalty
    if penalty is not UNSET and penalty.min_years > penalty.max_years:
        yield "$.penalty.min_years", "min_years is above max_years", "give the lower number of years first; 99 is life"


def _repeal(message: Legislation) -> Found:
    began = [day for day in (message.enacted, message.in_force) if day is not UNSET]
    if message.repealed is not UNSET and any(message.repealed < day for day in began):
        yield "$.repealed", "repealed before it was enacted or in force", "check the three dates"


def _refusal_code(message: Receipt) -> Found:
    if message.stage == "refused" and message.code is UNSET:
        yield "$.code", "a refusal names its error code", "give the code"


def _missing_entries(message: Receipt) -> Found:
    for at, entry in enumerate(message.of):
        if entry.frame is UNSET and message.stage != "missing":
            hint = "ranges of an epoch and trust lists are reported with stage missing only"
            yield f"$.of[{at}]", f"stage {message.stage} is about frames", hint


def _frame_range(message: Receipt) -> Found:
    for at, entry in enumerate(message.of):
        if _is_reversed(entry):
            yield f"$.of[{at}].first", "first is above last", "give the lower frame number first"


def _is_reversed(entry: Entry) -> bool:
    return isinstance(entry.first, int) and isinstance(entry.last, int) and entry.first > entry.last


_ALL = tuple(shape for shape in KINDS.values() if shape is not Receipt)
_LIFETIMES = {KINDS[kind]: timedelta(days=days) for kind, days in LIFETIME_DAYS.items()}
_LIFETIME_OTHERS = timedelta(days=LIFETIME_DAYS_OTHERS)


def _rule(
    name: str, kinds: tuple[type[Struct], ...], reads: str, check: Callable[[Any], Iterable[tuple[str, str, str]]]
) -> Rule:
    return Rule(name, kinds, frozenset(reads.split()), check)


RULES: tuple[Rule, ...] = (
    _rule("M-ACTION-REV", _ALL, "action rev", _action_rev),
    _rule("M-CANCEL-REASON", _ALL, "action reason", _cancel_reason),
    _rule("M-EXPIRES-AFTER-SENT", _ALL, "sent expires", _expires_after_sent),
    _rule("M-EXPIRES-IN-TIME", _ALL, "sent expires", _expires_in_time),
    _rule("M-RED-NAMED", _ALL, "tlp audience", _red_names),
    _rule("M-UNGRADED-CONFIDENCE", _ALL, "source", _ungraded_confidence),
    _rule("M-TEXT-ENGLISH", _ALL, "text", _one_english),
    _rule("M-TEXT-LANGUAGES", _ALL, "text", _languages),
    _rule("M-ALERT-ACK", (Alert,), "urgency ack_within", _ack_within),
    _rule("M-TREND-DIMS", (Trend,), "schema dims obs", _cell_dims),
    _rule("M-TREND-TOTAL", (Trend,), "margins obs", _totals),
    _rule("M-TREND-VALUE", (Trend,), "obs", _cell_value),
    _rule("M-TREND-AGES", (Trend,), "coverage obs", _national_ages),
    _rule("M-TREND-CELL", (Trend,), "schema obs", _one_cell),
    _rule("M-PATTERN-MEANS", (Pattern,), "means child_only", _means),
    _rule("M-PATTERN-LEGS", (Pattern,), "legs", _leg_numbers),
    _rule("M-PATTERN-MONEY", (Pattern,), "money", _money),
    _rule("M-PATTERN-SEEN", (Pattern,), "first_seen last_seen", _seen),
    _rule("M-LEGISLATION-PENALTY", (Legislation,), "penalty", _penalty),
    _rule("M-LEGISLATION-REPEAL", (Legislation,), "enacted in_force repealed", _repeal),
    _rule("M-RECEIPT-CODE", (Receipt,), "stage code", _refusal_code),
    _rule("M-RECEIPT-MISSING", (Receipt,), "stage of", _missing_entries),
    _rule("M-RECEIPT-RANGE", (Receipt,), "of", _frame_range),
)
"""Every rule that compares fields, by name."""
_OF_KIND = {kind: tuple(rule for rule in RULES if kind in rule.kinds) for kind in (*_ALL, Receipt)}
_CHECKS = {kind: tuple(rule.check for rule in rules) for kind, rules in _OF_KIND.items()}


def compare_fields(message: Message) -> None:
    """Check every F9 rule that is about one message alone. Raises Invalid F9 with all reasons found."""
    if not is_consistent(message):
        raise Invalid("F9", contradictions(message))


def is_consistent(message: Message) -> bool:
    """Whether no rule finds anything: the same checks, asked only whether there is something."""
    for check in _CHECKS[type(message)]:
        for _ in check(message):
            return False
    return True


def contradictions(message: Message, faulty: frozenset[str] = frozenset()) -> tuple[Reason, ...]:
    """The first F9 reasons against a message; rules that read a `faulty` top-level field are left out."""
    reasons: list[Reason] = []
    for rule in _OF_KIND[type(message)]:
        if faulty and rule.reads & faulty:
            continue
        for path, text, hint in rule.check(message):
            reasons.append(Reason("E-MESSAGE-RULE", "F9", path, f"{text} ({rule.name})", hint))
            if len(reasons) >= MAX_REASONS:
                return tuple(reasons)
    return tuple(reasons)
