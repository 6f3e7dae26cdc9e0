"""Rule F9 inside one message: everything that compares two of its fields, including "required when ...".

Each rule is a small function that yields its findings: (path, message, hint). Rules of the head are defined here, rules
of a kind in its own module. RULES lists them with the kinds they apply to and the top-level fields they read, so that a
publisher also sees the findings of rules that do not depend on faulty fields. Rules that nearly every message passes
return NOTHING instead of being generators, because they run for every message that is read.

Comparisons of two messages (the same id and rev with other bytes, the chain of revisions) need a store and are not
here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import UNSET
from msgspec.structs import replace

from suar.protocol.base.instants import milliseconds
from suar.protocol.base.limits import DAY
from suar.protocol.base.reasons import Invalid, Reason
from suar.protocol.base.sentences import sentence
from suar.protocol.message.inspection import MAX_REASONS
from suar.protocol.message.kind.declaration import LIFETIME_DAYS_OTHERS, NOTHING, Rule, rule
from suar.protocol.message.kinds import DECLARED, PUBLISHED, Message, Publication

if TYPE_CHECKING:
    from suar.protocol.message.kind.declaration import Finding, Found

LIFETIME_DAYS: Final = {
    kind: declared.lifetime_days
    for kind, declared in DECLARED.items()
    if declared.lifetime_days != LIFETIME_DAYS_OTHERS
}
"""Most days that a message may be valid after `sent`, for kinds that define it (messages.md section 2)."""


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
    if message.expires > message.sent:  # both have one fixed form, so text order is time order
        return NOTHING
    return (("$.expires", sentence("expires is not after sent"), sentence("give an instant that is still to come")),)


def _expires_in_time(message: Publication) -> Finding:
    most = _LIFETIMES.get(type(message), LIFETIME_DAYS_OTHERS)
    if milliseconds(message.expires) - milliseconds(message.sent) <= most * DAY:
        return NOTHING
    text = sentence("expires is more than {days} days after sent", days=most)
    return (("$.expires", text, sentence("at most {days} days; update it later", days=most)),)


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
        # a second `en` is reported by M-TEXT-ENGLISH
        if lang in seen and text.lang != "en":
            problem = sentence("the language {lang} is repeated", lang=text.lang)
            yield f"$.text[{at}].lang", problem, sentence("one entry a language")
        seen.add(lang)


_LIFETIMES = {declared.shape: declared.lifetime_days for declared in DECLARED.values()}

HEAD_RULES: Final[tuple[Rule, ...]] = (
    rule("M-ACTION-REV", "action rev", _action_rev, "`new` has rev 1, `update` and `cancel` a higher one"),
    rule("M-CANCEL-REASON", "action reason", _cancel_reason, "a cancel has a `reason`"),
    rule("M-EXPIRES-AFTER-SENT", "sent expires", _expires_after_sent, "`expires` is after `sent`"),
    rule("M-EXPIRES-IN-TIME", "sent expires", _expires_in_time, "`expires` is at most {lifetimes} after `sent`"),
    rule("M-RED-NAMED", "tlp audience", _red_names, "TLP RED names its members"),
    rule(
        "M-UNGRADED-CONFIDENCE",
        "source",
        _ungraded_confidence,
        "with reliability F or credibility 6 the confidence is absent or null",
    ),
    rule("M-TEXT-ENGLISH", "text", _one_english, "exactly one text is in `en`"),
    rule("M-TEXT-LANGUAGES", "text", _languages, "each language stands once, in whatever case it is written"),
)
"""The rules of the head; `{lifetimes}` is filled in from the declarations of the kinds."""
_PUBLISHED = tuple(DECLARED[kind].shape for kind in PUBLISHED)
RULES: Final[tuple[Rule, ...]] = (
    *(replace(each, kinds=_PUBLISHED) for each in HEAD_RULES),
    *(replace(each, kinds=(declared.shape,)) for declared in DECLARED.values() for each in declared.rules),
)
"""Every rule that compares fields, by name."""
_OF_KIND = {kind.shape: tuple(each for each in RULES if kind.shape in each.kinds) for kind in DECLARED.values()}
_CHECKS = {shape: tuple(each.check for each in rules) for shape, rules in _OF_KIND.items()}


def compare_fields(message: Message) -> None:
    """Check every F9 rule that is about one message alone. Raises Invalid F9 with all reasons found."""
    if not is_consistent(message):
        raise Invalid("F9", contradictions(message))


def is_consistent(message: Message) -> bool:
    """Whether no rule finds anything; the same checks without the reasons."""
    for check in _CHECKS[type(message)]:
        for _ in check(message):
            return False
    return True


def contradictions(message: Message, faulty: frozenset[str] = frozenset()) -> tuple[Reason, ...]:
    """Return the F9 reasons against a message; rules that read a top-level field in `faulty` are skipped."""
    reasons: list[Reason] = []
    for each in _OF_KIND[type(message)]:
        if faulty and each.reads & faulty:
            continue
        for path, text, hint in each.check(message):
            named = sentence("{text} ({rule})", text=text, rule=each.name)
            reasons.append(Reason.of("E-MESSAGE-RULE", "F9", path, named, hint))
            if len(reasons) >= MAX_REASONS:
                return tuple(reasons)
    return tuple(reasons)
