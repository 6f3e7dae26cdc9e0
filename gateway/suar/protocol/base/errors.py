"""The two kinds of error, by who caused them, and the closed table of error codes.

`Refused`: a peer's object breaks a rule; it carries a code and the number of the rule. `Fault`: a local or operator
error, which never counts against a peer. `suar errors CODE` prints an entry of the table; docs/errors.md is generated
from it.
"""

from typing import Final, NamedTuple


class Refused(Exception):  # noqa: N818 - the protocol's term; a refusal is no local error
    """An object is refused.

    `code` is a key of `CODES`, `rule` the numbered rule, `facts` values that are safe to log.
    """

    def __init__(self, code: str, rule: str, **facts: object) -> None:
        super().__init__(f"{code} [{rule}]")
        self.code, self.rule, self.facts = code, rule, facts

    def meaning(self) -> str:
        """What is wrong, in a sentence for people."""
        return CODES[self.code].meaning

    def advice(self) -> str:
        """The next step, in a sentence for people."""
        return CODES[self.code].advice


class Wait(Exception):  # noqa: N818 - a control outcome: section 7
    """The object cannot be judged yet (section 7). `rule` is the rule that refuses it if nothing arrives in time."""

    def __init__(self, code: str, rule: str, *, for_time: int | None = None) -> None:
        super().__init__(f"waits [{rule}]")
        self.code, self.rule, self.for_time = code, rule, for_time


class Fault(Exception):  # noqa: N818 - the counterpart of Refused
    """A local or operator error: one line that describes it, and a hint with the next command."""

    def __init__(self, text: str, hint: str = "") -> None:
        super().__init__(text)
        self.text, self.hint = text, hint


class ErrorEntry(NamedTuple):
    """The entry of a code: its meaning, who caused it (`peer`, `publisher`, `ours`, `hub`; `none`: undetermined), and
    the next step.
    """

    rules: str
    meaning: str
    fault: str
    advice: str


_ASK_SENDER: Final = "tell the sender's operator; their gateway or their hub link is at fault"
_SECURITY: Final = (
    "treat it as an incident: keep the state folder, call the hub's operator and the sender's focal point"
)
_DRAFT: Final = "get the file again from the key holders; if it is refused again, they draft it again: `suar federation found`, for a later list `suar federation renew --from LIST` or the command of its change"  # fmt: skip
_SIGN: Final = "let more key holders sign the draft with `suar federation sign`, then `suar federation merge` it with valid signatures of its roots only"  # fmt: skip
_THRESHOLD: Final = "draft it again with a --threshold above half of the roots, and at least two: `suar federation found` or `suar federation renew`"  # fmt: skip
_FOLLOW: Final = "draft it again --from the list in force, as with `suar federation renew --from LIST`, and let the key holders sign that"  # fmt: skip
_NEW_ROOTS: Final = "let the holders of the new roots sign the draft too with `suar federation sign`, then `suar federation merge --from LIST`"  # fmt: skip
_MEND: Final = "mend the message where the reason points and publish it again"

CODES: Final[dict[str, ErrorEntry]] = {
    "E-SUBJECT": ErrorEntry("S1", "the subject does not parse", "hub", _SECURITY),
    "E-CLOCK": ErrorEntry("T14", "our clock is behind the highest time ever seen", "ours", "set the clock; after a clock that ran ahead: `suar doctor --reset-clock`"),
    "E-TRUST-SIZE": ErrorEntry("T1", "the trust list is too large, cut short, or signed twice by one root", "peer", _DRAFT),
    "E-TRUST-SIGNATURE": ErrorEntry("T2", "too few valid signatures of the roots, an invalid one, or one of an unknown root", "peer", _SIGN),
    "E-TRUST-PIN": ErrorEntry("T2", "the first trust list is not the one that was pinned", "peer", "compare the pin with two key holders over the telephone, then `suar trust import FILE --pin HASH`"),
    "E-TRUST-FORM": ErrorEntry("T3", "the trust list has a wrong field, or is another federation's", "peer", _DRAFT),
    "E-TRUST-THRESHOLD": ErrorEntry("T4", "the threshold is no majority of the roots", "peer", _THRESHOLD),
    "E-TRUST-FORK": ErrorEntry("T5", "two different trust lists of one version are signed", "peer", _SECURITY),
    "E-TRUST-ROLLBACK": ErrorEntry("T5", "an older trust list is offered as new", "peer", _SECURITY),
    "E-TRUST-VERSION": ErrorEntry("T6", "the trust list skips a version", "peer", "of a list that a member sent, the versions between are requested automatically; else `suar trust import FILE` for each of them, in order"),
    "E-TRUST-CHAIN": ErrorEntry("T7", "the trust list does not follow the one that we hold", "peer", _FOLLOW),
    "E-TRUST-DATES": ErrorEntry("T8", "the trust list's dates are not possible", "peer", _DRAFT),
    "E-TRUST-KEYS": ErrorEntry("T9", "a key of the trust list is malformed, used twice, un-revoked, or the members are not in order", "peer", _DRAFT),
    "E-TRUST-NEW-ROOTS": ErrorEntry("T10", "too few of the new roots signed the trust list", "peer", _NEW_ROOTS),
    "E-REVOKE": ErrorEntry("R1", "the Revoke is malformed or not signed by the key that it revokes", "peer", _ASK_SENDER),
    "E-BUNDLE-SIZE": ErrorEntry("K1", "the key bundle is too large or cut short", "peer", _ASK_SENDER),
    "E-BUNDLE-SIGNER": ErrorEntry("K2", "the key bundle's signer is unknown, suspended, revoked or out of its time", "peer", _ASK_SENDER),
    "E-BUNDLE-SIGNATURE": ErrorEntry("K3", "the key bundle's signature is not valid", "peer", _SECURITY),
    "E-BUNDLE-FORM": ErrorEntry("K3", "the key bundle has a wrong field, or is another member's", "peer", _ASK_SENDER),
    "E-BUNDLE-WINDOW": ErrorEntry("K4", "the key bundle is expired, too long, or outlives its signer's key", "peer", _ASK_SENDER),
    "E-BUNDLE-OLDER": ErrorEntry("K5", "the key bundle is not newer than the one that we hold", "peer", _ASK_SENDER),
    "E-BUNDLE-KEY": ErrorEntry("K6", "nothing can be encrypted to the key bundle's key", "peer", _ASK_SENDER),
    "E-NO-VALID-KEY": ErrorEntry("K7", "the member has no key bundle that is valid now", "peer", "ask its operator to start the gateway; the message is resealed when it returns"),
    "E-EPOCH-SIZE": ErrorEntry("E1", "the epoch is too large or cut short, or its signer is unknown", "peer", _ASK_SENDER),
    "E-EPOCH-SIGNATURE": ErrorEntry("E2", "the epoch's signature is not valid for the realm of its subject", "peer", _SECURITY),
    "E-EPOCH-FORM": ErrorEntry("E2", "the epoch has a wrong field", "peer", _ASK_SENDER),
    "E-EPOCH-SUBJECT": ErrorEntry("E3", "the epoch is not of the federation, realm, sender or channel of its subject", "peer", _SECURITY),
    "E-EPOCH-SIGNER": ErrorEntry("E4", "the epoch's signer is suspended, revoked or out of its time", "peer", _ASK_SENDER),
    "E-EPOCH-WINDOW": ErrorEntry("E5", "the epoch's time is too long, too old, too far ahead, or outlives its signer's key", "peer", f"compare this machine's clock first; if it is right, {_ASK_SENDER}"),
    "E-EPOCH-TRUST": ErrorEntry("E6", "the epoch names a trust list that is not ours", "peer", "compare the lists: `suar trust show` at both ends"),
    "E-EPOCH-RECIPIENTS": ErrorEntry("E7", "the epoch's channel is not one of its list, or its recipients are not in order, not of the channel, or without their wraps", "peer", _ASK_SENDER),
    "E-EPOCH-CHAIN": ErrorEntry("E8", "the epoch is not newer than the last one of its chain", "peer", _ASK_SENDER),
    "E-EPOCH-SECRET": ErrorEntry("E9", "the epoch's secret does not open, or is not the one that it commits to", "peer", _SECURITY),
    "E-EPOCH-FLOOD": ErrorEntry("E10", "too many epochs of one chain in an hour", "peer", _ASK_SENDER),
    "E-LEFT-OUT": ErrorEntry("E9", "an epoch of our channel was not sealed to a key of ours", "peer", "the sender reseals when it has our newest bundle; `suar keys show` shows which that is"),
    "E-FRAME-FORM": ErrorEntry("F1", "the frame's length, magic, flags or count are wrong", "peer", _ASK_SENDER),
    "E-FRAME-EPOCH": ErrorEntry("F2", "the frame's epoch is closed, refused or never arrived", "peer", _ASK_SENDER),
    "E-FRAME-SUBJECT": ErrorEntry("F3", "the frame is not of the sender, realm or channel of its subject", "peer", _SECURITY),
    "E-FRAME-SIGNATURE": ErrorEntry("F4", "the frame's signature is not valid", "peer", _SECURITY),
    "E-FRAME-TIME": ErrorEntry("F5", "the frame's time is outside its epoch", "peer", _ASK_SENDER),
    "E-FRAME-FORK": ErrorEntry("F6", "the frame does not follow the frame before it", "peer", _SECURITY),
    "E-FRAME-EQUIVOCATION": ErrorEntry("F6", "two different frames have one number", "peer", _SECURITY),
    "E-FRAME-CLOSED": ErrorEntry("F6", "the frame's number is past the end of its epoch", "peer", _ASK_SENDER),
    "E-FRAME-REPLAY": ErrorEntry("F6", "a frame that we have arrived again: its sender resends to all what another member is missing, or the hub or a link replays it", "none", "nothing while a member has gaps; if it continues without any, keep the state folder and call the hub's operator"),
    "E-FRAME-CONTENT": ErrorEntry("F7", "the frame does not open, or its content is not what its header commits to", "peer", _SECURITY),
    "E-HEARTBEAT-FORM": ErrorEntry("F7", "the heartbeat is malformed", "peer", _ASK_SENDER),
    "E-MESSAGE-FORM": ErrorEntry("F8", "the bytes are not the one JSON form that every reader reads alike", "publisher", _MEND),
    "E-MESSAGE-FIELD": ErrorEntry("F8", "a field breaks its own type, pattern, length, range or uniqueness", "publisher", _MEND),
    "E-MESSAGE-UNKNOWN-FIELD": ErrorEntry("F8", "a field that the schema does not have", "publisher", "take the field out; what identifies a person has no place here by design"),
    "E-MESSAGE-KIND": ErrorEntry("F8", "the kind of message is not one that this version knows", "publisher", "see `suar schemas export` for the kinds of this version"),
    "E-MESSAGE-SCHEMA": ErrorEntry("F8", "the schema name is missing, malformed, of another kind or of another major version", "publisher", _MEND),
    "E-MESSAGE-MISSING-FIELD": ErrorEntry("F8", "a required field is absent", "publisher", _MEND),
    "E-MESSAGE-CODE": ErrorEntry("F8", "a code that is not in the list of its field", "publisher", "take one that the reason lists; all are in `suar schemas export`"),
    "E-MESSAGE-DATE": ErrorEntry("", "a date or period that cannot be: another calendar's year, or a day that is still to come", "publisher", "write years of the common calendar; the hint names the year that was probably meant"),
    "E-MESSAGE-PERIOD": ErrorEntry("", "figures, or the event of an alert, are of a time that is still to come; this is a warning and stops nothing", "publisher", "correct the time, or say in the text that it is a forecast or was announced"),
    "E-MESSAGE-COVERAGE": ErrorEntry("", "the coverage is national and all figures are of one part of the country; this is a warning and stops nothing", "publisher", "say that a part of the country is covered, or give the figures of the other parts"),
    "E-MESSAGE-RELATED": ErrorEntry("", "a message of ours that it names was never published: no reader has it", "publisher", "suar inbox lists ids"),
    "E-MESSAGE-DESK": ErrorEntry("", "the contact message of the desk is not in force: readers find nobody to call", "publisher", "publish the contact message of the desk first, or name one that is in force: `suar inbox`"),
    "E-MESSAGE-GATEWAY-FIELD": ErrorEntry("", "a field that only the gateway writes was given by the publisher", "publisher", "leave the field out"),
    "E-MESSAGE-REVISION": ErrorEntry("", "the id or revision given does not follow from what this member has published", "publisher", "look at the chain with `suar show ID`; leave id and rev out of a new message"),
    "E-RECEIPT-CHANNEL": ErrorEntry("F8", "a receipt arrived in a channel that is not ours alone", "peer", _ASK_SENDER),
    "E-MESSAGE-SENDER": ErrorEntry("F8", "the message or its id names another member than its sender", "publisher", "only the member in its id may publish, update or cancel a message: ask that member's focal point"),
    "E-MESSAGE-REALM": ErrorEntry("F8", "the status of the message is not the realm that it is published in", "publisher", "publish exercises with `suar publish --exercise`"),
    "E-KIND-NOT-PERMITTED": ErrorEntry("F8", "the trust list gives the sender no right to publish this kind", "publisher", "ask the federation for the right, or publish another kind; at a receiver: tell the sender's operator"),
    "E-OVER-SHARED": ErrorEntry("F8", "the message was sent to more readers than its audience", "peer", "tell the sender at once: it shared more than its own marking allows"),
    "E-MESSAGE-RULE": ErrorEntry("F9", "two fields of the message contradict each other", "publisher", _MEND),
    "E-MESSAGE-EQUIVOCATION": ErrorEntry("F9", "two different texts have one id and revision", "peer", _SECURITY),
    "E-MESSAGE-CANCELLED": ErrorEntry("F9", "the message follows a cancel of its id", "publisher", "publish a new message with a new id"),
    "E-CARRIED-FORM": ErrorEntry("C1 C3", "the segment of a carried file is too large, cut short or malformed", "caller", "export the file again: `suar carry export`"),
    "E-CARRIED-SIGNATURE": ErrorEntry("C2", "the segment of a carried file is not signed by the key that it names", "caller", _SECURITY),
    "E-CARRIED-FOREIGN": ErrorEntry("C4", "the carried file is of another federation, or names another member than its signer", "caller", "bring it to a member of its own federation"),
    "E-CARRIED-OWN": ErrorEntry("C4", "the carried file was made here", "caller", "bring it to the other members; here import theirs"),
    "E-CARRIED-SIGNER": ErrorEntry("C5", "the carried file's signer is unknown, suspended, revoked or out of its time", "caller", "import the federation's newest trust list first: `suar trust import FILE`"),
    "E-RESEND-EMPTY": ErrorEntry("", "the frames that were asked for carried no message that is still for the asker: heartbeats are not kept for long, and what was recalled is not sent again", "peer", "nothing is lost"),
    "E-RESEND-ANEW": ErrorEntry("", "the messages of the requested frames were sent again in another epoch, or wait to be", "peer", "nothing is lost"),
    "E-RESEND-GONE": ErrorEntry("", "the origin no longer has the frames that were asked for", "peer", "what they carried is lost on this way: ask the origin's focal point to publish it again"),
    "E-RESEND-UNKNOWN": ErrorEntry("", "the origin never sent the frames that were asked for to us", "peer", "compare heads with the origin's operator: `suar peers` at both ends"),
    "E-RESEND-LIMIT": ErrorEntry("", "the request exceeds what the origin sends one member again in an hour or a day", "none", "it is requested again automatically the next day, or then by `suar resend MEMBER`"),
    "E-RESEND-FULL": ErrorEntry("", "the own stream of the origin is more than half full: nothing is sent again", "peer", "it is requested again automatically the next day; `suar doctor` at the origin shows what fills the stream"),
    "E-WAIT-OVER": ErrorEntry("", "what the object waited for did not arrive in 24 hours", "peer", _ASK_SENDER),
    "E-WAIT-FULL": ErrorEntry("", "too much of the sender waits already", "peer", _ASK_SENDER),
    "E-PRIVACY-TABLE": ErrorEntry("", "the table would let a reader compute a small count, whatever further cell is hidden; or its numbers and those released before cannot all be right: then the reason says so, and correcting the wrong number is what helps", "publisher", "coarsen the dimension that the reason names, or leave it out"),
    "E-PRIVACY-SUM": ErrorEntry("", "a warning: a total differs from the sum of its parts, before anything is hidden", "publisher", "correct the number that is wrong; the table may leave as it is where both are right, as with rounded counts"),
    "E-PRIVACY-MOVED": ErrorEntry("", "a warning: a count that was shown before has moved by less than k since, and leaves hidden: who compares the two would count those persons", "publisher", "nothing is to be done: it is shown again when it has moved far enough and no other hidden count rests on it; or publish it with the next period"),
    "E-PRIVACY-REVISION": ErrorEntry("", "a revision changes a count that was shown outside the first two weeks of a quarter: the day of the change would disclose whose count it was", "publisher", "hand it in at the next of the fixed dates; or cancel the message and publish it anew"),
    "E-PRIVACY-NEIGHBOUR": ErrorEntry("", "a count that is hidden here follows from a table of another member: it waits for a second person", "publisher", "give a coarser table; or let the holder of an approve token release it: `suar held`"),
    "E-PRIVACY-COUNT": ErrorEntry("", "a count of fewer than k persons, or a text that discloses what the table hides: certainly (refused), or possibly (it waits for a second person)", "publisher", "give a wider band or a larger group, or leave the count out"),
    "E-PRIVACY-DOMINANT": ErrorEntry("", "a warning: one cell holds nearly everybody of a small margin", "publisher", "think of a coarser breakdown; the table may leave as it is"),
    "E-PRIVACY-IDENTIFIER": ErrorEntry("", "the text contains what identifies a person: a telephone number, document or position, a mail address, a full date; or it may (a licence plate, an account: it waits for a second person)", "publisher", "take the marked words out; a matter about one person goes bilaterally"),
    "E-PRIVACY-NAME": ErrorEntry("", "the text seems to name a person: it waits for a second person", "publisher", "take the name out, or let the holder of an approve token release it: `suar held`"),
    "E-SECOND-PERSON": ErrorEntry("", "the message needs a second person before it leaves", "publisher", "the holder of an approve token other than the publishing one: `suar held`, then `suar release ID`"),
    "E-SAME-PERSON": ErrorEntry("", "who published a message does not release or reject it, nor does who made the token that did", "publisher", "let the holder of another approve token decide, one that was claimed before the message was published"),
    "E-PUBLISHER-VOID": ErrorEntry("", "who published the message may not publish any more: the person is suspended or no author, or the token is revoked, void or expired. It is rejected, not released", "publisher", "reject it; who wants the text to leave publishes it in their own name: `suar held` has it"),
    "E-HELD-FULL": ErrorEntry("", "as many messages of this token wait for a second person as may", "publisher", "have some of them released or rejected, or withdraw them with `suar cancel ID`: `suar held` lists them"),
    "E-ID-SPACE": ErrorEntry("", "the numbers for ids of this kind are used up for this year", "publisher", "update a message that was published"),
    "E-NOT-HELD": ErrorEntry("", "no message of this id waits for a second person", "publisher", "`suar held` lists those that do"),
    "E-CHANGED": ErrorEntry("", "what is decided about is not what was shown, or the call does not name it and more than one state had this name", "caller", "read what it is now, then decide again and name it: `digest` of `suar held --json`, `rev` of `suar show ID`"),
    "E-OWN-MESSAGE": ErrorEntry("", "a receipt is about another member's message, and this one is ours", "caller", "`suar deliveries ID` shows what the others did with it"),
    "E-CANCELLED": ErrorEntry("", "the message was cancelled by its publisher", "caller", "nothing; `suar show ID` shows why it was cancelled"),
    "E-AUDIENCE-EMPTY": ErrorEntry("", "nobody in the audience may read this kind", "publisher", "name members that may read it; `suar trust show` lists their rights"),
    "E-TRUST-EXPIRED": ErrorEntry("T13", "the trust list and its grace have expired: nothing is sealed", "ours", "import the federation's next list: `suar trust import FILE`"),
    "E-STORE-ALTERED": ErrorEntry("", "a row of our own store was written by somebody else", "ours", "`suar alarm list` names the row; treat it as an incident: find out who can write the store"),
    "E-KEY-AWAY": ErrorEntry("", "the hardware module with our identity key does not answer: open epochs continue, and no new one is opened", "ours", "start the module, and see that module, token and PIN in [hsm] of suar.toml are right; the gateway tries it again by itself"),
    "E-SELF-SUSPENDED": ErrorEntry("", "this member is suspended or its key is revoked: nothing is sealed", "ours", "call the federation's key holders"),
}  # fmt: skip
