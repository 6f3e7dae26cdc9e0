"""Texts of the console in place of those that name a command, a JSON field or a file format.

People who use the console have no command line; their next step is a page, a role or a person. A text that is not
listed here is the same in the console as everywhere.
"""

from typing import Any, Final

from suar.protocol.base.reasons import Sentences
from suar.protocol.base.sentences import Sentence

_APPROVER: Final = "a colleague with the role approver finds what waits under To approve"

REASONS: Final[dict[str, str]] = {
    "{text} ({rule})": "{text}",
    # a second person
    "`suar held` lists those that do": _APPROVER,
    "the holder of an approve token other than the publishing one: `suar held`, then `suar release ID`": _APPROVER,
    "have some of them released or rejected, or withdraw them with `suar cancel ID`: `suar held` lists them": _APPROVER,
    "let it be released or rejected first: `suar held`; a cancel that needs no second person overtakes it": (
        "let a colleague with the role approver release or reject it under To approve, or take it back under Write and"
        " change it"
    ),
    "let the holder of another approve token decide, one that was claimed before the message was published": (
        "let another colleague with the role approver decide"
    ),
    "{waiting_max} messages of this token wait for a second person, and no more may": (
        "{waiting_max} messages of yours wait for a second person, and no more may"
    ),
    "give a coarser table; or let the holder of an approve token release it: `suar held`": (
        "give a coarser table; or let a colleague with the role approver release it"
    ),
    "reject it; who wants the text to leave publishes it in their own name: `suar held` has it": (
        "Who published it may not publish any more, so nobody releases it. Reject it; an author who wants it to leave"
        " publishes it in their own name."
    ),
    "take the name out, or let the holder of an approve token release it: `suar held`": (
        "take the name out, or let a colleague with the role approver release it"
    ),
    # where values are
    "look at the chain with `suar show ID`; leave id and rev out of a new message": (
        "look at its revisions under Sent, and begin the change anew there"
    ),
    "name active members that may read it: `suar trust show`": "name members that may read it",
    "name members that may read it; `suar trust show` lists their rights": "name members that may read it",
    "publish the contact message of the desk first, or name one that is in force: `suar inbox`": (
        "publish the contact message of the desk first, or choose one that is in force"
    ),
    "publish exercises with `suar publish --exercise`": "write exercises on the pages of exercises",
    "publish it with --exercise": "write exercises on the pages of exercises",
    "publish it without --exercise": "write it on the pages of actual messages",
    "see `suar schemas export` for the kinds of this version": "choose a kind under Write",
    "suar inbox lists ids": "the inbox and Sent show what there is",
    "use suar ack": "answer it on its own page",
    # fields by their labels
    "a real instant in UTC, YYYY-MM-DDTHH:MM:SSZ": "a day with its time",
    "a telephone number of E.164: + and 7 to 15 digits": (
        "a telephone number with + and the number of the country, such as +66 2 123 4567"
    ),
    "26 characters of base32, upper case, no padding": "26 letters A to Z and digits 2 to 7, drawn at random",
    "a revision changes a count that was shown, and is not of one of the fixed dates": (
        "the update changes a figure that was shown, and such an update leaves in the first two weeks of January,"
        " April, July and October alone"
    ),
    "hand it in from {first} to {last}; or cancel the message and publish it anew": (
        "hand it in from {first} to {last}; or recall the message with a corrected one in its place. A figure that was"
        " wrong by a few persons only leaves hidden in both: leave it out"
    ),
    "take the marked words out; a matter about one person goes bilaterally": (
        "take the marked words out; the number of an office has its field in a contact message; a matter about one"
        " person is for the desks concerned alone"
    ),
    "a month YYYY-MM or an instant YYYY-MM-DDTHH:MM:SSZ": "a month, or a day with its time",
    "the {era} year {year} is {common}: write {common2}{text}": "the {era} year {year} is {common}: write that year",
    "expires is not after sent": "it ends before it is sent",
    "give an instant that is still to come": "give a time that is still to come",
    "expires is more than {days} days after sent": "it stays valid for more than {days} days",
    "write {field} (hours, 1 to 168)": "1 to 168",
    "{offered}, and {more} more: {command}": "{offered}, and {more} more",
    "{field} is not before expires": "it begins after it ends",
    "give an instant before expires": "give a time before its end",
    "last_seen is before first_seen": "the last month is before the first one",
    "months, the earlier one in first_seen": "give the earlier month as the first one",
    "min_years is above max_years": "the lowest number of years is above the highest",
    "name the means, or set child_only": "name the means, or say that it is against children only",
    "its dimensions are not those of $.dims: {wrong}": "its dimensions are not those of the table: {wrong}",
    "a total where margins is false": "the table has a total and says that it has none",
    "set margins, or leave totals out": "say that the table has totals, or leave them out",
    "use 0-17 and 18+, or whole countries with coverage.scope national": (
        "use 0-17 and 18+, or whole countries in a table of the whole country"
    ),
    "value is null exactly when status is S (suppressed) or M (missing)": (
        "a figure is empty exactly where it is hidden (S) or missing (M)"
    ),
    "does not match its pattern": "it has another form than the field asks for",
    "see the schema": "look at what the field asks for",
    # how a field is filled in
    "the field is required": "still empty",
    "give it": "fill it in",
    "expected text of length >= {least}": "the text is too short",
    "expected text of length <= {most}": "the text is too long",
    "expected integer >= {least}": "the number is too small",
    "expected integer <= {most}": "the number is too large",
}
"""Text of a reason -> the text on a page instead, with the same placeholders or fewer."""

OPERATOR: Final = "tell the operator of this gateway, who sees under Health what to do"
IS_OPERATOR: Final = "under Health you see what to do"
"""The same for the operator."""

NEXT: Final[dict[str, str]] = {
    **dict.fromkeys(
        (
            "list",
            "code",
            "our-clock",
            "import",
            "rotation",
            "our-store",
            "our-outbox",
            "our-server",
            "our-stream",
            "alarm",
        ),
        OPERATOR,
    ),
    "held": _APPROVER,
    "source": "call the operator of the hub, who starts it again",
    "way": "call the operator of the hub; ask the operator of {member} what it sends and gets",
    "their-list": "ask the operator of {member} to import trust list {version}",
    "resent": "it is sent again by itself",
    "owed": "it follows by itself, the most urgent first and a bounded part a day",
}
"""Next step of a cause (observe/causes.py) -> the text on a page instead."""

CAUSES: Final[dict[str, str]] = {
    "no heartbeat of {member} arrived since {heard}": ("nothing was heard from the gateway of {member} since {heard}"),
    "no heartbeat of {member} ever arrived": "nothing was ever heard from the gateway of {member}",
    "heartbeats of {member} arrive, and by them nothing new of us arrived there since {unseen}: the way from us to it"
    " may be at fault": (
        "the gateway of {member} is heard, and says that nothing new of us arrived there since {unseen}: the way from"
        " us to it may be at fault"
    ),
    "heartbeats of {member} arrive, but its receipt did not": (
        "the gateway of {member} is heard, but its receipt did not arrive"
    ),
}
"""Text of a cause (observe/causes.py) -> the text on a page instead."""

FAULTS: Final[dict[str, str]] = {
    "`suar agency list` shows all": "Agencies shows all",
    "choose another name; `suar agency list` shows all": "choose another name; Agencies shows all",
    "`suar agency list` shows all with their state": "Agencies shows all with their state",
    "`suar agency webhook NAME --url URL` sets one": "give its address",
    "choose another name; `suar token list` shows all": "choose another name; Tokens shows all",
    "`suar console list` shows all": "People shows all",
    "confirm it: `suar console confirm`": "let another coordinator confirm it",
    "docs/agencies/webhooks.md lists the outcomes": "tell the agency this outcome",
    "give a later time of expiry: --expires DATE": "give a later day",
    "rotate its token with a later time of expiry first: --expires DATE": "give a later day",
}
"""Hint of a fault about people, agencies and tokens -> the text on a page instead."""


WHOLE_NUMBER: Final = "write a whole number, in digits alone"
_WRONG_TYPE, _INTEGER = "expected {kind}, got {other}", "integer"


def begin(text: str) -> str:
    """Return a text that stands alone on a page: with a capital letter at its beginning."""
    return text[:1].upper() + text[1:]


def for_page(sentence: Sentence) -> Sentence:
    """Return the sentence for a page."""
    if sentence.id == _WRONG_TYPE and sentence.values.get("kind") == _INTEGER:
        return Sentence(WHOLE_NUMBER)
    values = {name: for_page(each) if isinstance(each, Sentence) else each for name, each in sentence.values.items()}
    return Sentence(REASONS.get(sentence.id, sentence.id), values, sentence.type)


def reason_for_page(reason: dict[str, Any], sentences: Sentences | None) -> dict[str, Any]:
    """Return the reason for a page; unchanged if it has no sentences."""
    if sentences is None:
        return reason
    shown = Sentences(for_page(sentences.message), for_page(sentences.hint), sentences.marked)
    return {**reason, "message": str(shown.message), "hint": str(shown.hint), "sentences": shown}
