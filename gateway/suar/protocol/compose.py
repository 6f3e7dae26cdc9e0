"""The publisher's side: completes what a person or program wrote to the message that is sent.

Omitted fields are added (schema, id, rev, status, issuer.member, the English text), and `sent` is always set. Text is
normalised to NFC; countries, currencies and languages are checked against their ISO lists. All reasons against a
message are reported together. The ledger of this member's publications is passed in; a message gets its number only
when it has no fault.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Protocol

from msgspec import Struct
from msgspec.structs import replace

from suar.protocol.authoring.blank import blank_texts
from suar.protocol.authoring.english import PLACEHOLDER, generated
from suar.protocol.authoring.imported import pop_mark
from suar.protocol.authoring.plausibility import NO_ID, implausible, may_be_chosen
from suar.protocol.authoring.telephones import FIELD, with_dialled
from suar.protocol.base.instants import instant
from suar.protocol.base.limits import MESSAGE_BYTES_MAX as MAX_BYTES
from suar.protocol.base.reasons import Invalid, Reason
from suar.protocol.base.sentences import Sentence, sentence
from suar.protocol.message.inspection import MAX_REASONS, Inspection
from suar.protocol.message.jsonform import compact, parse
from suar.protocol.message.kinds import Publication, Receipt
from suar.protocol.message.messages import encode, read, schema_of, shape_of, with_clear
from suar.protocol.message.rules import compare_fields, contradictions, is_consistent
from suar.protocol.message.soundness import check_fast

LAST_NUMBER = 998_999
"""The largest number that a new message gets; an id has six digits for it, and the last thousand are kept free."""
NO_NUMBER = 0
"""The number in the id of a message that is checked without a ledger."""
GATEWAY_ONLY = ("sent", "privacy")
"""Top-level fields that only the gateway writes."""
HINT_PUBLISHED = sentence("leave it out; a message that was published is changed by its id and the action update")
HINT_CHOSEN = sentence("leave it out: the gateway gives the next number of this year")
_HAS_NUMBERS = re.compile(r"-[0-9]{4}-[0-9]{6}\Z")  # a chosen id of another form is refused by its field
MARK = "generated"
"""The mark of a text that the gateway generated."""


class Published(Struct, frozen=True):
    """The highest revision of an id that this member has published, whether it was a cancel, and its realm."""

    rev: int
    is_cancelled: bool = False
    realm: str | None = None


class Ledger(Protocol):
    """What this member has published so far."""

    def next_number(self, kind: str, year: int, /) -> int:
        """Return and use up the next free number of a kind in a year, 1..998999."""

    def published(self, message_id: str, /) -> Published | None:
        """Return the highest revision of an id, or None if it is unused."""


class Composed(Struct, frozen=True):
    """A message ready to be sent, with the bytes that are signed and sealed: compact UTF-8 JSON."""

    message: Publication
    data: bytes
    id: str
    rev: int
    is_numbered: bool = False  # whether it received its number now, so that the id is unused
    imported: str = ""  # import format of its draft, or ""; if imported, it is held for a second person
    has_stated_rev: bool = True  # False: an update that does not state which revision it follows


def complete(data: bytes, *, member: str, realm: str, now: int, ledger: Ledger | None) -> Composed:
    """Complete and check a publisher's message. Raises Invalid with all reasons.

    `member` is upper case, `realm` actual or exercise, `now` in milliseconds. Without a ledger the chain of revisions
    is not checked and a new id gets number 0.
    """
    draft, message = _completed(data, member, realm, now, ledger)
    if draft.is_numbered:
        message = _under_number(message, ledger)
    return _composed(draft, message)


def complete_many(drafts: Sequence[bytes], *, member: str, realm: str, now: int) -> list[Composed | None]:
    """Return what `complete` makes of each draft without a ledger, in a quarter less time; None where that is not sure.

    Each step is done for all drafts before the next one, so that its code stays in the processor's cache. What has a
    fault, or is not compact JSON, is None: `complete` decides about it.
    """
    begun = [_begun(tree, member, realm, now, None) for tree in map(compact, drafts)]
    formed = [None if draft is None else draft.formed() for draft in begun]
    return [_composed_if_right(draft, message) for draft, message in zip(begun, formed, strict=True)]


def _composed_if_right(draft: _Draft | None, message: Publication | None) -> Composed | None:
    if draft is None or message is None or not draft.is_right(message):
        return None
    try:
        return _composed(draft, message)
    except Invalid:
        return None


def _composed(draft: _Draft, message: Publication) -> Composed:
    """Return a message without a fault as it is sent. Raises Invalid if it is too large."""
    if draft.has_generated:
        message = replace(message, text=(*message.text[:-1], generated(message)))
        composed = as_it_leaves(message, is_numbered=draft.is_numbered)
    else:
        composed = _in_bytes(message, is_numbered=draft.is_numbered)  # every reader's checks have just been made
    if draft.imported or not draft.has_stated_rev:
        return replace(composed, imported=draft.imported, has_stated_rev=draft.has_stated_rev)
    return composed


def under_number(composed: Composed, ledger: Ledger) -> Composed:
    """Return a message that was completed without a ledger, with the next number. Raises Invalid if none is left.

    Only the digits of the number change; their count stays the same.
    """
    message = _under_number(composed.message, ledger)
    data = composed.data.replace(_id_field(composed.id), _id_field(message.id), 1)  # no text precedes the id
    return Composed(message, data, message.id, message.rev, composed.is_numbered)


def _id_field(id_: str) -> bytes:
    return b'"id":"%b"' % id_.encode()


def _under_number(message: Publication, ledger: Ledger | None) -> Publication:
    if ledger is None:
        return message
    member, kind, year, _ = message.id.split("-")
    number = ledger.next_number(kind.lower(), int(year))
    if number > LAST_NUMBER:
        text = sentence(
            "the {last_number} numbers of this kind are used up for {year}", last_number=LAST_NUMBER, year=year
        )  # fmt: skip
        hint = sentence("update a message that was published")
        raise Invalid("F8", (Reason.of("E-ID-SPACE", None, "$.id", text, hint),))
    return replace(message, id=f"{member}-{kind}-{year}-{number:06d}")


def _completed(data: bytes, member: str, realm: str, now: int, ledger: Ledger | None) -> tuple[_Draft, Publication]:
    """Return the draft and its message: in one step if nothing is wrong, else by the slow path that names every fault.

    In the fast path the types check numbers and depth, which `compact` does not.
    """
    begun = _begun(compact(data), member, realm, now, ledger)
    message = begun.without_fault() if begun is not None else None
    if begun is not None and message is not None:
        return begun, message
    draft = _Draft(with_clear(parse(data, normalise=True)), member, realm, now, ledger)
    return draft, draft.checked()


def _begun(
    tree: dict[str, Any] | None, member: str, realm: str, now: int, ledger: Ledger | None
) -> _Draft | None:  # fmt: skip
    """Return the draft of a tree; None without one, or where its form may be at fault: the slow path reports that."""
    if tree is None:
        return None
    try:
        return _Draft(with_clear(tree), member, realm, now, ledger)
    except Invalid:
        return None


def as_it_leaves(message: Publication, *, is_numbered: bool = False) -> Composed:
    """Return a complete message with its bytes. Raises Invalid if it is too large or no reader would accept it."""
    composed = _in_bytes(message, is_numbered=is_numbered)
    compare_fields(read(composed.data))  # the check of every reader
    return composed


def _in_bytes(message: Publication, *, is_numbered: bool) -> Composed:
    """Return a checked message with its bytes. Raises Invalid if they are too many."""
    data = encode(message)
    if len(data) > MAX_BYTES:
        text = sentence("the message has {data} bytes, allowed are {max_bytes}", data=len(data), max_bytes=MAX_BYTES)
        raise Invalid("F8", (Reason.of("E-MESSAGE-FORM", "F8", "$", text, sentence("publish it in parts")),))
    return Composed(message, data, message.id, message.rev, is_numbered)


class _Draft:
    """A publisher's tree while it is being completed, and the reasons found against it."""

    def __init__(self, tree: dict[str, Any], member: str, realm: str, now: int, ledger: Ledger | None) -> None:
        self.shape, self.kind = shape_of(tree)
        self.tree = with_dialled(tree) if FIELD in tree else dict(tree)
        self.imported, mark_reason = pop_mark(self.tree)
        self.member, self.ledger = member, ledger
        self.today = instant(now)[:10]
        self.year = int(self.today[:4])
        self.prefix = f"{member}-{self.kind.upper()}-{self.year}-"
        self.reasons: list[Reason] = [mark_reason] if mark_reason else []
        self.is_numbered = self.has_generated = False
        self.has_stated_rev = "rev" in tree or tree.get("action") not in ("update", "cancel")
        self._written_by_gateway(realm, now)
        self._issuer()
        self._identity()
        self._english()

    def without_fault(self) -> Publication | None:
        """Return the completed message, or None if any reason was found."""
        good = self.formed()
        return good if good is not None and self.is_right(good) else None

    def formed(self) -> Publication | None:
        """Return the completed message if each of its values is right, or None."""
        good = None if self.reasons else check_fast(self.shape, self.tree)
        return None if isinstance(good, Receipt) else good

    def is_right(self, message: Publication) -> bool:
        """Whether its values are right together."""
        return is_consistent(message) and not implausible(message, self.today) and not any(blank_texts(message))

    def checked(self) -> Publication:
        """Return the completed message. Raises Invalid with the reasons of the draft, of F8 and of F9.

        A message without a fault is converted in one step; a faulty one is inspected value by value, to find all
        reasons.
        """
        good = self.without_fault()
        if good is not None:
            return good
        inspection = Inspection(iso=True)
        message = inspection.message(self.shape, self.tree)
        self.reasons.extend(inspection.reasons)
        if message is not None:
            faulty = {reason.path[2:].partition(".")[0].partition("[")[0] for reason in inspection.reasons}
            dates = () if isinstance(message, Receipt) else implausible(message, self.today, frozenset(faulty))
            # of a year of another calendar nothing else follows
            faulty |= {path for each in dates if (path := each.path[2:]).isidentifier()}
            blank = () if isinstance(message, Receipt) or "text" in faulty else tuple(blank_texts(message))
            self.reasons.extend((*contradictions(message, frozenset(faulty)), *dates, *blank))
            del self.reasons[MAX_REASONS:]
        if self.reasons or message is None or isinstance(message, Receipt):
            raise Invalid(self.reasons[0].rule or "F8", tuple(self.reasons))
        return message

    def _refuse(self, code: str, path: str, message: Sentence, hint: Sentence, rule: str | None = None) -> None:
        self.reasons.append(Reason.of(code, rule, path, message, hint))

    def _written_by_gateway(self, realm: str, now: int) -> None:
        if self.kind == "receipt":
            text = sentence("receipts are made by gateways, never by hand")
            raise Invalid("F8", (Reason.of("E-MESSAGE-KIND", None, "$.kind", text, sentence("use suar ack")),))
        for key in GATEWAY_ONLY:
            if key in self.tree:
                message = sentence("the gateway writes {key}", key=key)
                self._refuse("E-MESSAGE-GATEWAY-FIELD", f"$.{key}", message, HINT_PUBLISHED)
                del self.tree[key]
        self.tree["sent"] = instant(now)
        self.tree.setdefault("schema", schema_of(self.kind))
        if self.tree.setdefault("status", realm) != realm and self.tree["status"] in ("actual", "exercise"):
            hint = sentence("publish it without --exercise")
            hint = sentence("publish it with --exercise") if realm == "actual" else hint
            text = sentence("the message is published as {realm}", realm=realm)
            self._refuse("E-MESSAGE-REALM", "$.status", text, hint, "F8")

    def _issuer(self) -> None:
        issuer = self.tree.get("issuer")
        if not isinstance(issuer, dict):
            return
        self.tree["issuer"] = issuer = {"member": self.member, **issuer}
        if issuer["member"] != self.member:
            hint = sentence("leave it out, or give {member}", member=self.member)
            text = sentence("the issuer is another member")
            self._refuse("E-MESSAGE-SENDER", "$.issuer.member", text, hint, "F8")

    def _identity(self) -> None:
        is_new = self.tree.get("action") not in ("update", "cancel")
        id_ = self.tree.get("id")
        if isinstance(id_, str):
            self._check_id(id_, is_new)
            return
        if "id" not in self.tree and is_new:
            self.tree["id"] = f"{self.prefix}{NO_NUMBER:06d}"
            self.is_numbered = True
        elif "id" not in self.tree:
            text = sentence("which message it changes is not said")
            self._refuse("E-MESSAGE-REVISION", "$.id", text, sentence("give its id"))
            self.tree["id"] = f"{self.prefix}{NO_NUMBER:06d}"
        self.tree.setdefault("rev", 1 if is_new else 2)

    def _check_id(self, id_: str, is_new: bool) -> None:
        if id_[:3] != f"{self.member}-":
            text = sentence("the id is not one of {member}", member=self.member)
            hint = sentence("only the member in an id may publish, update or cancel it")
            self._refuse("E-MESSAGE-SENDER", "$.id", text, hint, "F8")
        elif is_new and _HAS_NUMBERS.search(id_) and not may_be_chosen(id_, self.year):
            self._refuse("E-MESSAGE-FIELD", "$.id", NO_ID, HINT_CHOSEN)
        held = self.ledger.published(id_) if self.ledger else None
        if is_new:
            if held:
                hint = sentence("leave it out, or update it")
                self._refuse("E-MESSAGE-REVISION", "$.id", sentence("the id is used already"), hint)
            self.tree.setdefault("rev", 1)
        elif self.ledger:
            self._follows(held)
        else:
            self.tree.setdefault("rev", 2)

    def _follows(self, held: Published | None) -> None:
        following = held.rev + 1 if held else 2
        if held is None:
            text = sentence("no message of this id was published here")
            self._refuse("E-MESSAGE-REVISION", "$.id", text, sentence("suar inbox lists ids"))
        elif held.realm not in (None, self.tree["status"]):
            text = sentence("the message of this id is {realm}", realm=held.realm)
            hint = sentence("an exercise changes and cancels exercises alone; publish a new message")
            self._refuse("E-MESSAGE-REALM", "$.id", text, hint, "F9")
        elif held.is_cancelled:
            text = sentence("the message was cancelled")
            self._refuse("E-MESSAGE-CANCELLED", "$.action", text, sentence("nothing follows a cancel"))
        elif self.tree.get("rev", following) != following:
            text = sentence("the next revision is {following}", following=following)
            if self._is_overtaken(following):
                hint = sentence(
                    "read revision {newest} first; then hand in what still holds, with rev {following}",
                    newest=following - 1, following=following,
                )  # fmt: skip
                self._refuse("E-CHANGED", "$.rev", text, hint)
            else:
                hint = sentence("leave it out, or give {following}", following=following)
                self._refuse("E-MESSAGE-REVISION", "$.rev", text, hint)
        self.tree.setdefault("rev", following)

    def _is_overtaken(self, following: int) -> bool:
        """Whether the draft names an older revision than the newest published one: it was started before that one."""
        rev = self.tree.get("rev")
        return isinstance(rev, int) and 0 < rev < following

    def _english(self) -> None:
        text = self.tree.get("text", [])
        if not isinstance(text, list):
            return
        if any(isinstance(entry, dict) and MARK in entry for entry in text):
            self.tree["text"] = text = [self._unmarked(at, entry, MARK) for at, entry in enumerate(text)]
        if any(isinstance(entry, dict) and entry.get("lang") == "en" for entry in text):
            return
        if text or "text" not in self.tree:  # an empty list is a separate fault
            self.tree["text"] = [*text, PLACEHOLDER]
            self.has_generated = True

    def _unmarked(self, at: int, entry: Any, key: str) -> Any:
        """Return a text without the `generated` mark; a draft that contains the mark is refused, whatever its value."""
        if not isinstance(entry, dict) or key not in entry:
            return entry
        text = sentence("the gateway writes {key}", key=key)
        hint = sentence("leave this whole text out: the gateway writes it anew from the codes")
        self._refuse("E-MESSAGE-GATEWAY-FIELD", f"$.text[{at}].{key}", text, hint)
        return {name: value for name, value in entry.items() if name != key}
