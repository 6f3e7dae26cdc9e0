"""Receipt: what a gateway or a named role did with messages; made by gateways, never by hand."""

from typing import Annotated, Final, Literal

from msgspec import UNSET, UnsetType

from suar.protocol.base import codelists as lists
from suar.protocol.base.sentences import Sentence
from suar.protocol.message import fields as f
from suar.protocol.message.kind.declaration import Found, Kind, Words, rule
from suar.protocol.message.minors import since


class Entry(f.Shape, frozen=True, kw_only=True):
    """What a receipt is about: messages of a frame, a range of an epoch's frames, or a trust list (one of three)."""

    frame: f.Hex64 | UnsetType = UNSET
    messages: Annotated[tuple[f.MessagePlace, ...], f.most(256)] | UnsetType = UNSET
    epoch: f.Hex64 | UnsetType = UNSET
    first: f.FrameNumber | UnsetType = UNSET
    last: f.FrameNumber | UnsetType = UNSET
    trust: f.TrustVersion | UnsetType = UNSET


ENTRY_FORMS: tuple[tuple[frozenset[str], frozenset[str]], ...] = (
    (frozenset({"frame"}), frozenset({"messages"})),
    (frozenset({"epoch", "first", "last"}), frozenset()),
    (frozenset({"trust"}), frozenset()),
)
"""The three forms of an Entry: (required, optional) fields; `oneOf` in the published schema."""


class Receipt(f.Shape, frozen=True, kw_only=True, tag_field="kind", tag="receipt"):
    """Signed statement of what a gateway or a named role did with messages; made by gateways, never by hand."""

    schema: Literal["receipt/1.0", "receipt/1.1"]
    status: lists.Status
    member: f.Country
    stage: lists.ReceiptStage
    sent: f.Instant
    of: Annotated[tuple[Entry, ...], f.most(256)]
    code: f.ErrorCode | UnsetType = UNSET
    role: lists.StaffRole | UnsetType = UNSET
    sector: lists.Sector | UnsetType = UNSET
    note: f.Text200 | UnsetType = UNSET
    at: f.Instant
    exports: Annotated[f.Count, since("1.1")] | UnsetType = UNSET


WORDS: Final[Words] = {
    "Receipt": {
        "schema": ("", "the schema, such as receipt/1.0"),
        "status": ("Status", "actual, or an exercise"),
        "member": ("Stated by", "who states it"),
        "stage": ("Stage", "what was done; missing asks for what was not received"),
        "sent": ("Sent", "when the gateway sealed it"),
        "of": ("About", "what it is about"),
        "code": ("Error code", "the error code, always given when something is refused"),
        "role": ("Role", "the role of who did it"),
        "sector": ("Sector", "the sector of who did it"),
        "note": ("Note", "a remark"),
        "at": ("At", "when it was done"),
        "exports": ("Exports", "how often the text was exported there before the recall"),
    },
    "Entry": {
        "frame": ("Frame", "the hash of the frame"),
        "messages": ("Messages", "the places of the messages in that frame; absent means all of it"),
        "epoch": ("Epoch", "the epoch whose frames are missing"),
        "first": ("First", "the first missing frame"),
        "last": ("Last", "the last missing frame"),
        "trust": ("Trust list", "the version of a missing trust list"),
    },
}


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


KIND: Final = Kind(
    shape=Receipt,
    about="What a gateway or a named role did with a message; made by gateways.",
    use="answer: we have it, we read it, we act",
    readers="the publisher",
    words=WORDS,
    rules=(
        rule("M-RECEIPT-CODE", "stage code", _refusal_code, "stage refused has a `code`"),
        rule(
            "M-RECEIPT-MISSING",
            "stage of",
            _missing_entries,
            "epoch ranges and trust lists stand only with stage missing",
        ),
        rule("M-RECEIPT-RANGE", "of", _frame_range, "`first` is not above `last`"),
    ),
)
