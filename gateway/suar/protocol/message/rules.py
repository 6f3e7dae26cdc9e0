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

from suar.protocol.base.reasons import Invalid, Reason
from suar.protocol.base.sentences import Sentence, sentence
from suar.protocol.message.inspection import MAX_REASONS
from suar.protocol.message.kinds import (
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
from suar.protocol.message.messages import is_higher_minor

Contradiction = tuple[str, Sentence, Sentence]  # the JSON path, what is wrong there, what to do
Check = Callable[[Any], Iterable[Contradiction]]
Found = Iterator[Contradiction]
Finding = tuple[Contradiction, ...]
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
    check: Check


def _action_rev(message: Publication) -> Finding:
    if (message.action == "new") == (message.rev == 1):
        return NOTHING
    text = sentence("rev {rev} with action {action}", rev=message.rev, action=message.action)
    return (("$.rev", text, sentence("new has rev 1, update and cancel a higher one")),)


def _cancel_reason(message: Publication) -> Finding:
    if message.action != "cancel" or message.reason is not UNSET:
        return NOTHING
    return (("$.reason", sentence("a cancel says why"), sentence("give the reason in at most 400 characters")),)


def _expires_after_sent(message: Publication) -> Finding:
    if message.expires > message.sent:  # one fixed form: text order is time order
        return NOTHING
    return (("$.expires", sentence("expires is not after sent"), sentence("give an instant that is still to come")),)


def _expires_in_time(message: Publication) -> Finding:
    most = _LIFETIMES.get(type(message), _LIFETIME_OTHERS)
    if datetime.fromisoformat(message.expires) - datetime.fromisoformat(message.sent) <= most:
        return NOTHING
    text = sentence("expires is more than {days} days after sent", days=most.days)
    return (("$.expires", text, sentence("at most {days} days; update it later", days=most.days)),)


def _red_names(message: Publication) -> Finding:
    if message.tlp != "RED" or message.audience.members != "all":
        return NOTHING
    hint = sentence("name the members, or lower the TLP")
    return (("$.audience.members", sentence("TLP RED needs named members"), hint),)


def _ungraded_confidence(message: Publication) -> Finding:
    source = message.source
    if source.reliability != "F" and source.credibility != 6:
        return NOTHING
    if source.confidence is UNSET or source.confidence is None:
        return NOTHING
    text = sentence("a source that cannot be judged has no confidence")
    return (("$.source.confidence", text, sentence("leave confidence out, or grade the source")),)


def _one_english(message: Publication) -> Finding:
    if [text.lang for text in message.text].count("en") == 1:
        return NOTHING
    return (("$.text", sentence("exactly one text is in English (en)"), sentence("give one entry with lang en")),)


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
            said = sentence("the language {lang} is repeated", lang=text.lang)
            yield f"$.text[{at}].lang", said, sentence("one entry a language")
        seen.add(lang)


def _ack_within(message: Alert) -> Finding:
    if message.urgency != "immediate" or message.ack_within is not UNSET:
        return NOTHING
    text = sentence("an immediate alert says within how many hours it is to be acknowledged")
    return (("$.ack_within", text, sentence("1 to 168")),)


def _cell_dims(message: Trend) -> Found:
    if is_higher_minor(message.schema):
        return  # a dimension that we do not know would seem to be missing
    named = frozenset() if message.dims is UNSET else frozenset(message.dims)
    for at, cell in enumerate(message.obs):
        given = {name for name in DIMENSIONS if getattr(cell.dims, name) is not UNSET}
        if given != named:
            wrong = ", ".join(sorted(given ^ named))
            text = sentence("its dimensions are not those of $.dims: {wrong}", wrong=wrong)
            yield f"$.obs[{at}].dims", text, sentence("give each exactly once")


def _totals(message: Trend) -> Found:
    if message.margins:
        return
    for at, cell in enumerate(message.obs):
        for name in DIMENSIONS:
            if getattr(cell.dims, name) == "total":
                text, hint = sentence("a total where margins is false"), sentence("set margins, or leave totals out")
                yield f"$.obs[{at}].dims.{name}", text, hint


def _cell_value(message: Trend) -> Found:
    for at, cell in enumerate(message.obs):
        if (cell.value is None) != (cell.status in NO_VALUE):
            hint = sentence("value is null exactly when status is S (suppressed) or M (missing)")
            text = sentence("value and status {status} contradict each other", status=cell.status)
            yield f"$.obs[{at}].value", text, hint


def _national_ages(message: Trend) -> Found:
    for at, cell in enumerate(message.obs):
        national = message.coverage.scope == "national" and cell.place.admin1 is UNSET and cell.place.locode is UNSET
        if cell.dims.age in NATIONAL_AGES and not national:
            hint = sentence("use 0-17 and 18+, or whole countries with coverage.scope national")
            yield f"$.obs[{at}].dims.age", sentence("narrow age bands are for national figures only"), hint


def _one_cell(message: Trend) -> Found:
    if is_higher_minor(message.schema):
        return
    seen: set[Any] = set()
    for at, cell in enumerate(message.obs):
        key = (cell.period, cell.place, cell.dims)
        if key in seen:
            hint = sentence("one observation a period, place and breakdown")
            yield f"$.obs[{at}]", sentence("the cell is given twice"), hint
        seen.add(key)


def _means(message: Pattern) -> Found:
    if message.means is UNSET and not message.child_only:
        text = sentence("means may be absent only of a pattern against children")
        yield "$.means", text, sentence("name the means, or set child_only")


def _leg_numbers(message: Pattern) -> Found:
    legs = () if message.legs is UNSET else message.legs
    for at, leg in enumerate(legs[1:], 1):
        if leg.seq in {before.seq for before in legs[:at]}:
            text = sentence("two legs have the number {seq}", seq=leg.seq)
            yield f"$.legs[{at}].seq", text, sentence("number the legs in their order")


def _money(message: Pattern) -> Found:
    for at, money in enumerate(() if message.money is UNSET else message.money):
        if money.low > money.high:
            yield f"$.money[{at}].low", sentence("low is above high"), sentence("give the lower sum first")


def _seen(message: Pattern) -> Found:
    if message.last_seen < message.first_seen:
        hint = sentence("months, the earlier one in first_seen")
        yield "$.last_seen", sentence("last_seen is before first_seen"), hint


def _penalty(message: Legislation) -> Found:
    penalty = message.penalty
    if penalty is not UNSET and penalty.min_years > penalty.max_years:
        hint = sentence("give the lower number of years first; 99 is life")
        yield "$.penalty.min_years", sentence("min_years is above max_years"), hint


def _repeal(message: Legislation) -> Found:
    began = [day for day in (message.enacted, message.in_force) if day is not UNSET]
    if message.repealed is not UNSET and any(message.repealed < day for day in began):
        yield "$.repealed", sentence("repealed before it was enacted or in force"), sentence("check the three dates")


# no person publishes a receipt: what is said of one is not translated
def _refusal_code(message: Receipt) -> Found:
    if message.stage == "refused" and message.code is UNSET:
        yield "$.code", Sentence("a refusal names its error code"), Sentence("give the code")


def _missing_entries(message: Receipt) -> Found:
    for at, entry in enumerate(message.of):
        if entry.frame is UNSET and message.stage != "missing":
            hint = Sentence("ranges of an epoch and trust lists are reported with stage missing only")
            yield f"$.of[{at}]", Sentence("stage {stage} is about frames", {"stage": message.stage}), hint


def _frame_range(message: Receipt) -> Found:
    for at, entry in enumerate(message.of):
        if _is_reversed(entry):
            yield f"$.of[{at}].first", Sentence("first is above last"), Sentence("give the lower frame number first")


def _is_reversed(entry: Entry) -> bool:
    return isinstance(entry.first, int) and isinstance(entry.last, int) and entry.first > entry.last


_ALL = tuple(shape for shape in KINDS.values() if shape is not Receipt)
_LIFETIMES = {KINDS[kind]: timedelta(days=days) for kind, days in LIFETIME_DAYS.items()}
_LIFETIME_OTHERS = timedelta(days=LIFETIME_DAYS_OTHERS)


def _rule(name: str, kinds: tuple[type[Struct], ...], reads: str, check: Check) -> Rule:
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
            named = sentence("{text} ({rule})", text=text, rule=rule.name)
            reasons.append(Reason.of("E-MESSAGE-RULE", "F9", path, named, hint))
            if len(reasons) >= MAX_REASONS:
                return tuple(reasons)
    return tuple(reasons)
