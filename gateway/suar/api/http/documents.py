"""Types of the responses, for the OpenAPI document only; the gateway creates the responses."""

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

from litestar.openapi.spec import OpenAPIMediaType, OpenAPIType, Operation, RequestBody, Schema
from msgspec import UNSET, Meta, Struct, UnsetType

from suar.api.contract.table_document import TableDocument


class Reason(Struct):
    """One thing that is wrong with a message.

    `rule` is F8 or F9 of protocol.md, or None for what only the publisher's own gateway checks. `path` is a JSON path
    such as `$.audience.members[0]`; `marked` lists words of the message that a person should check. `sentences`:
    message and hint, and marked figures, as text id and values, where they are requested.
    """

    code: str
    rule: str | None
    path: str
    message: str
    hint: str
    marked: list[str] = []
    sentences: dict[str, dict[str, Any]] | UnsetType = UNSET


class VerdictDocument(Struct):
    """The answer to a publication; a refusal also has the members of a problem document.

    `waiting`: the cause (docs/why.md) for which a published message has not been sent yet; null: it is sent now.
    `table`: of a trend, unless the answer is a repetition; in a batch, of one that is refused or held, while its page
    has room for it.
    """

    id: str | None
    rev: int | None
    verdict: Literal["published", "held", "refused"]
    reasons: list[Reason]
    waiting: str | None
    table: TableDocument | UnsetType | None = UNSET


class ReplacementDocument(VerdictDocument):
    """The verdict on what replaces a cancelled message; `before`: it was handed in before and is not sent again."""

    before: bool = False


class CancelDocument(Struct):
    """The answer to a cancel.

    `withdrawn`: the message only waited for a second person, and is never sent. `before`: it was cancelled before, and
    the first reason remains. `replacement`: the verdict on the replacement. `withdrawn`, the revision of it that waited
    for a second person and was withdrawn as well; null: none was.
    """

    id: str
    rev: int
    verdict: Literal["published", "held", "withdrawn"]
    reasons: list[Reason]
    waiting: str | None
    realm: str
    before: bool
    withdrawn: int | None
    replacement: ReplacementDocument | None


class Opener(Struct):
    """A member, and whether it will be able to open the message, by which rule of docs/policy.md."""

    member: str
    name: str
    may_open: bool
    rule: str
    why: str
    has_key: bool
    agencies: list[str]


class Opinion(Struct):
    """The verdict without publication; `readers` null when there is none to open it yet."""

    verdict: Literal["pass", "hold", "refuse"]
    reasons: list[Reason]
    not_checked: list[str]
    message: dict[str, Any] | None
    readers: list[Opener] | None
    table: TableDocument | None


class OurAnswer(Struct):
    """The furthest stage that we stated to its publisher: opened, acknowledged or acting."""

    stage: str
    role: str
    at: str
    by: str


class InboxRow(Struct):
    """One received message, with our answer, and until when one is requested.

    `unread`: no person here has opened it; null of our own, and of a text that was recalled.
    """

    n: int
    id: str
    rev: int
    kind: str
    origin: str
    status: str
    action: str
    tlp: str
    received: str
    title: str | None
    title_lang: str | None
    state: str
    urgency: str | None
    unread: bool | None
    answer: OurAnswer | None
    acknowledge_by: str | None
    banner: str | UnsetType = UNSET


class Reading(Struct):
    """A message for a person, in the requested language: lines of at most 100 cells."""

    lang: str
    lines: list[str]


class Shown(Struct):
    """A message with its origin.

    `other_channel`: null, or that revision `rev` and the one that it `changes` arrived by two channels, `all` or ours.
    `read`: when a program first read it here, or null; its publisher is not told.
    """

    message: dict[str, Any] | None
    frame_hash: str | None
    origin: str
    status: str
    state: str
    chain: list[dict[str, Any]]
    other_channel: dict[str, Any] | None
    tombstone: dict[str, Any] | None
    read: str | None
    said: list[dict[str, Any]]
    reading: Reading | UnsetType = UNSET


class Deliveries(Struct):
    """Stage and times for each member; `acknowledge_by` null when the message requests no acknowledgement in time.

    `counts`: how many members there are (`of`), reached at least each stage, refused it, and are overdue. `roles` of a
    member: who there stated a stage, and when; `implied`: stages that were not stated there and that a later one
    implies; `before`, of a recall alone: what was read of the recalled text; `held_by_law`: since when a legal hold
    makes it keep the recalled text, as it states (a hold on a text that is not recalled is in `roles`); `exports`: how
    many times it states to have exported it before the recall, null where the member does not state it. `action` and
    `title` null of what waits for a second person.
    """

    id: str
    rev: int
    status: str
    action: str | None
    title: str | None
    acknowledge_by: str | None
    counts: dict[str, int]
    members: dict[str, dict[str, Any]]


class CustodyDocument(Struct):
    """The answer to an act that needs two persons; `waits`: the same call by a second person does it.

    While it waits: for whom and how long (`waits_for`), and the call and command of that person (`next`).
    Of an erasure: how many texts were destroyed now, how often the first one had been exported, and when backups with
    it were made. `left`, of a hold that ended: how many others keep the text. `number`, `order`: of the one whose end
    waits.
    """

    id: str
    verdict: Literal["waits", "erased", "held", "ended", "withdrawn", "confirmed"]
    until: str | UnsetType = UNSET
    left: int | UnsetType = UNSET
    number: int | UnsetType = UNSET
    order: str | UnsetType = UNSET
    revisions: int | UnsetType = UNSET
    exports: int | UnsetType = UNSET
    agencies: int | UnsetType = UNSET
    backups: list[str] | UnsetType = UNSET
    erased: str | UnsetType = UNSET
    waits_for: str | UnsetType = UNSET
    next: str | UnsetType = UNSET


class HoldRow(Struct):
    """A message under a legal hold.

    `tell`: what its publisher then learns of the hold. `number`, `order`: which of its holds, for its end; another one
    has another number and another name. `state`: `held`, or what waits for a second person: the hold
    (`hold-add-waits`) or its end; `persons` is then who requested it. `digest`: what the audit has instead of the
    authority, made with `salt`. Null of a request.
    """

    id: str
    authority: str
    since: str
    until: str
    persons: list[str]
    recalled: bool
    tell: Literal["nothing", "fact", "authority"]
    state: Literal["held", "hold-add-waits", "hold-end-waits"]
    number: int | None
    salt: str | None
    digest: str | None
    order: str | None


class PurgedRow(Struct):
    """A message whose texts are due by the schedule, or were purged; `ended`: when its newest revision expired."""

    id: str
    kind: str
    texts: int
    ended: str


class RetentionDocument(Struct):
    """The days that texts are kept, by kind, and what the next run purges; `more`: there may be others."""

    days: dict[str, int]
    due: list[PurgedRow]
    more: bool


class HeldRow(Struct):
    """A message that waits for a second person; `by` is who published it, `place` is for `after`.

    `editors`: the people who wrote it, where a session published it. `digest` names all this in a decision about it.
    `publisher_void`: its publisher may not publish any more; it can be rejected only.
    """

    id: str
    rev: int
    kind: str
    status: str
    tlp: str
    by: str
    editors: list[str]
    place: str
    since: str
    reasons: list[Reason]
    message: dict[str, Any]
    digest: str
    publisher_void: bool


class AlarmAcknowledged(Struct):
    """Who acknowledged an alarm."""

    by: str
    at: str
    note: str


class AlarmRow(Struct):
    """One alarm. `first` and `last` are the range of frames where there is one; `next` is what to do."""

    n: int
    name: str
    member: str
    origin: str | None
    first: int | None
    last: int | None
    epoch: str
    message: str
    at: str
    seen_again: int
    code: str
    state: Literal["open", "acknowledged", "ended"]
    ended: str | None
    acknowledged: AlarmAcknowledged | None
    ends_by_itself: bool
    next: str


class NewNote(Struct, forbid_unknown_fields=True):
    """The body of POST /v1/alarms/{n}/acknowledge: one line, for the audit."""

    note: Annotated[str, Meta(max_length=400)] = ""


class NewToken(Struct, forbid_unknown_fields=True):
    """The body of POST /v1/tokens. `roles`: with the scope acknowledge; `person`: one person alone will hold it.

    `user`: the person of the console to whom the token belongs.
    """

    name: str
    scopes: Annotated[list[str], Meta(max_length=16)]
    roles: Annotated[list[str], Meta(max_length=16)] = []
    person: bool = False
    user: str | None = None


class IssuedToken(Struct):
    """A new token. `claim` is for its holder, until `claim_until` (ms): see POST /v1/tokens/claim.

    `beyond_roles`: scopes that open nothing at present, as `user` has no role for them.
    """

    name: str
    scopes: list[str]
    roles: list[str]
    person: bool
    user: str | None
    token: str
    claim: str
    claim_until: int
    beyond_roles: list[str]


class Compromised(Struct, forbid_unknown_fields=True):
    """The body of POST /v1/keys/compromised: the kid of an identity key or of a bundle.

    `passphrase`: the keyring's, for an identity key.
    """

    kid: Annotated[str, Meta(pattern=r"^[0-9a-f]{32}\Z")]
    passphrase: Annotated[str, Meta(min_length=1, max_length=4096)] | UnsetType = UNSET

    def __repr__(self) -> str:
        return f"Compromised({self.kid})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:  # msgspec's own shows every field, whatever repr does
        return [("kid", self.kid)]


def body_of(
    media_type: str, text: str, shape: type[Struct] | str | None = None, *, is_required: bool = True
) -> type[Operation]:
    """An operation that documents the raw body which its handler reads.

    `shape`: the type that its handler reads, or the name of a component.
    """
    schema = Schema(type=None if media_type == "application/json" else OpenAPIType.STRING, description=text)
    document = RequestBody({media_type: OpenAPIMediaType(schema=schema)}, text, required=is_required)

    @dataclass
    class WithBody(Operation):
        accepts: ClassVar[str] = media_type
        takes: ClassVar[type[Struct] | str | None] = shape

        def __post_init__(self) -> None:
            self.request_body = document

    return WithBody
