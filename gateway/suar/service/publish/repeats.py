"""What was published before: repeated requests, tables that are in force already, and tables that contradict them.

A request is recognised for a day by its key or its bytes. A new trend is recognised by its content without dates for
as long as it is in force, so that importing a table again does not create a second message. A trend is compared with
our tables in force as they were sent, never with the ledger: what is found depends on no hidden count.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from msgspec import UNSET
from msgspec.structs import replace
from sqlalchemy import Connection

from suar.protocol.base.instants import instant
from suar.protocol.base.reasons import Reason
from suar.protocol.base.sentences import Sentence, sentence
from suar.protocol.compose import Composed
from suar.protocol.message.kinds import Trend
from suar.protocol.message.messages import encode
from suar.protocol.privacy.memo import Memo, Unprepared, digest
from suar.protocol.privacy.proof.cells import Sheet
from suar.protocol.privacy.tables.differences import Contradicted, contradicted
from suar.protocol.privacy.tables.protecting import sheets
from suar.protocol.privacy.tables.revisions import Changes, changes_in_force
from suar.protocol.transport.content import digest as name_of
from suar.service.core import altered_rows
from suar.service.core.core import Core
from suar.service.publish.drafts import Handed
from suar.service.publish.other_members import read_tables
from suar.service.publish.two_persons import REPLACES
from suar.service.reading.verdict import Verdict
from suar.store import tables as t
from suar.store.engine.prepared import Lookup
from suar.store.inbound.world_loading import Altered
from suar.store.messages import contents, inbox
from suar.store.messages import rows as messages
from suar.store.messages.urgency import Selection
from suar.store.people import access, held
from suar.store.tables.columns import blob

_REQUEST: Final = b"request\0"
_BODY: Final = b"body of a request\0"
_BLANKS: Final = b" \t\r\n"  # of JSON
_ID, _TIME = "TH-TREND-2000-000000", "2000-01-01T00:00:00Z"  # stand-ins for dates and numbers
OWN_TABLES: Final = 300
"""Tables of ours, the newest ones in force, with which another one is compared."""
OWN_COUNTS: Final = 10_000
"""Counts of these tables, from the newest table on, with which it is compared."""
_ROW: Final = Lookup(t.message.c.n, t.message.c.id, t.message.c.rev, t.message.c.digest, t.message.c.body_key)
SHEETS: Final[Memo[frozenset[Sheet]]] = Memo(4_096)
"""What a table of ours counts, by the hash of its bytes; nothing for one that cannot be read."""


class Compared(NamedTuple):
    """What a trend says otherwise than our tables in force: counts that cannot be right with them, and other values.

    `changes`: those of a new message; an update is compared with the ledger.
    """

    contradicted: tuple[Contradicted, ...] = ()
    changes: Changes = ()


COMPARED: Final[Memo[Compared]] = Memo(256)


class Repeated(Exception):  # noqa: N818 - an answer, not an error
    """The content was published before; `verdict` is the answer to it."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(str(verdict.id))
        self.verdict = verdict


class Request(NamedTuple):
    """The identity of a request: its Idempotency-Key, or a hash of its bytes if it has none.

    `names`: the first is that of this version and of those before; a request without a key has another one if there
    are blanks around its JSON text, and what replaces a cancelled message has those of a publication of its bytes.
    `body`: the hash of the bytes that a key was used with, so that a key is not accepted for another message. Hashes of
    the bytes are keyed, because the bytes contain the counts that a table hides: whoever can read the file of the store
    must not be able to test guesses.
    """

    names: tuple[bytes, ...]
    body: bytes | None
    is_replacement: bool = False

    def answer(self, name: bytes, kept: bytes) -> Verdict:
        """Return the answer that is stored under one of the names."""
        return Verdict.from_kept(kept, self.body, may_lack_body=name != self.names[0])

    def also_as(self, publication: "Request") -> "Request":
        """Return the request of a replacement that has the names of a publication of its bytes as well."""
        return Request((*self.names, *publication.names), self.body, is_replacement=True)


def request_of(
    core: Core, token: str, realm: str, data: bytes, key: bytes | None, handed: Handed | None = None
) -> Request:  # fmt: skip
    """Return the identity of a request of a token: by its key, or by its bytes without the blanks around them."""
    who = token.encode() + b"\0" + realm.encode() + b"\0"
    bound = b"" if handed is None else handed.name
    if key is not None:
        body = core.vault.fingerprint(_BODY + (bound or data))
        return Request((name_of(who + b"key" + key),), body)
    stripped = data.strip(_BLANKS)
    texts = (data,) if len(stripped) == len(data) else (data, stripped)
    return Request(tuple([core.vault.fingerprint(_REQUEST + who + text + bound) for text in texts]), None)


def stored_answer(core: Core, connection: Connection, request: Request) -> Verdict | None:
    """Return the answer that a request got within a day, as it is now; None if there was none."""
    kept = access.answered(connection, core.vault, request.names)
    found = next((name for name in request.names if name in kept), None)
    return None if found is None else current_answer(connection, request.answer(found, kept[found]))


def current_answer(connection: Connection, kept: Verdict) -> Verdict:
    """An earlier answer, unless the message was released, rejected or cancelled since."""
    if kept.id is None or kept.rev is None:
        return kept
    row = messages.find(connection, kept.id)
    if row is not None and row.action == "cancel" and row.rev > kept.rev:
        text = "it was published as {id} and cancelled at {at}: nothing leaves again"
        return _refused(kept, Sentence(text, {"id": kept.id, "at": instant(row.at)}))
    if kept.verdict == "held":
        waits = held.find(connection, kept.id)
        if waits is not None and waits.state == held.RELEASED:
            return replace(kept, verdict="published")
        if waits is not None and waits.state == held.REJECTED:
            text = "it was rejected or withdrawn as {id} while it waited: nothing leaves"
            return _refused(kept, Sentence(text, {"id": kept.id}))
    return kept


def refuse_repeated(core: Core, connection: Connection, composed: Composed) -> None:
    """Raise Repeated for a new trend whose content is in force under another id.

    Of a row that names a message for which it was not written the answer is `key-reused`, and the row is reported: no
    program takes that message for its own, and nothing is published.
    """
    name = content_key(core, composed)
    found = contents.find(connection, core.vault, name) if name else None
    row = messages.find(connection, found.id) if found else None
    if found is not None and not found.is_bound and (row is None or not core.vault.numbers.may_be_unbound(row.n)):
        altered_rows.note(core, connection, [Altered("content", (name or b"").hex()[:16], "", b"")])
        raise Repeated(Verdict(None, None, "key-reused"))
    if row is not None and row.action != "cancel" and row.expires > core.clock():
        raise Repeated(Verdict(row.id, row.rev, "published", is_replayed=True))


def record_content(core: Core, connection: Connection, composed: Composed) -> None:
    """Record the content of a trend that is sent; of a replacement also without what it replaces."""
    message = composed.message
    if not isinstance(message, Trend) or message.action != "new":
        return
    related = () if message.related is UNSET else message.related
    others = tuple(each for each in related if each.rel != REPLACES)
    for each in {_content_key(core, message), _content_key(core, replace(message, related=others or UNSET))}:
        contents.keep(connection, core.vault, each, composed.id, core.clock())


def content_key(core: Core, composed: Composed) -> bytes | None:
    """Return a keyed hash of a new trend without its number and dates, 32 bytes; None for any other message."""
    message = composed.message
    return _content_key(core, message) if isinstance(message, Trend) and message.action == "new" else None


def _content_key(core: Core, message: Trend) -> bytes:
    return core.vault.fingerprint(encode(replace(message, id=_ID, sent=_TIME, expires=_TIME)))


def _refused(kept: Verdict, text: Sentence) -> Verdict:
    hint = sentence(
        "change what was wrong and hand it in: other content is a new message; if nothing was wrong, change the title"
    )
    reason = Reason.of("E-MESSAGE-CANCELLED", None, "$", text, hint)
    return Verdict(kept.id, kept.rev, "refused", (reason,), is_replayed=True)


# -- tables that contradict one another


def compare_own_tables(core: Core, connection: Connection, trend: Trend, *, only_known: bool = False) -> Compared:
    """Return the counts of a trend that contradict one that a table of ours in force shows, or give it another value.

    Earlier revisions of the same message and the messages that it replaces are not compared. With `only_known`, raises
    Unprepared when tables would have to be read for it.
    """
    if trend.action == "cancel":
        return Compared()
    found = _in_force(core, connection, trend)
    unknown = [n for n, name in found.items() if not SHEETS.is_known(name)]
    if unknown and only_known:
        raise Unprepared
    _read_sheets(core, connection, unknown, found)
    own = frozenset(sheets(trend))
    related = {n: name for n, name in found.items() if own & (SHEETS.find(name) or frozenset())}
    if not related:
        return Compared()
    key = digest((trend.action, sorted(own), trend.obs, list(related.values())))
    if only_known and not COMPARED.is_known(key):
        raise Unprepared
    return COMPARED.get(key, lambda: _compare(trend, _tables(core, connection, list(related))))


def _compare(trend: Trend, tables: Sequence[Trend]) -> Compared:
    changes = changes_in_force(trend, tables) if trend.action == "new" else ()
    return Compared(contradicted(trend, tables), changes)


def note_table(composed: Composed) -> None:
    """Keep what a table that is sent counts, so that the next one need not read it."""
    if isinstance(composed.message, Trend):
        SHEETS.keep(name_of(composed.data), frozenset(sheets(composed.message)))


def _in_force(core: Core, connection: Connection, trend: Trend) -> dict[int, bytes]:
    """Return the row number and the hash of the newest revision of each table to compare, oldest first."""
    selection = Selection(kind="trend", realm=trend.status, origin=core.member)
    last = core.vault.numbers.last
    numbers = inbox.received(connection, selection, None, OWN_TABLES, True, core.clock(), last)
    rows = _ROW.find(connection, numbers)
    related = () if trend.related is UNSET else trend.related
    replaced = {each.id for each in related if each.rel == REPLACES}
    ids = {row.id for row in rows.values()} - replaced - {trend.id}
    newest = {id_: chain[-1].rev for id_, chain in messages.chains_of(connection, ids).items()}  # a recall too
    found = [rows[n] for n in numbers if n in rows and rows[n].id in newest and rows[n].body_key is not None]
    return {row.n: blob(row.digest) for row in found if row.rev == newest[row.id]}


def _read_sheets(core: Core, connection: Connection, numbers: Sequence[int], names: dict[int, bytes]) -> None:
    tables = dict(read_tables(core, connection, numbers)) if numbers else {}
    for n in numbers:
        SHEETS.keep(names[n], frozenset(sheets(tables[n])) if n in tables else frozenset())


def _tables(core: Core, connection: Connection, numbers: Sequence[int]) -> list[Trend]:
    """Return the newest of these tables, oldest first, up to OWN_COUNTS."""
    found, count = list[Trend](), 0
    for _, trend in read_tables(core, connection, numbers[::-1]):
        count += len(trend.obs)
        if count > OWN_COUNTS:
            break
        found.append(trend)
    return found[::-1]
