"""Repeated requests: the earlier answer, updated to the present, and tables that are already published.

A request is recognised for a day by its key or its bytes. A new trend is recognised by its content without dates for
as long as it is in force, so that importing a table again does not create a second message.
"""

from msgspec.structs import replace
from sqlalchemy import Connection

from suar.protocol.base.instants import instant
from suar.protocol.base.reasons import Reason
from suar.protocol.base.sentences import Sentence, sentence
from suar.protocol.compose import Composed
from suar.protocol.message.kinds import Trend
from suar.protocol.message.messages import encode
from suar.service.core.core import Core
from suar.service.reading.verdict import Verdict
from suar.store.messages import contents
from suar.store.messages import rows as messages
from suar.store.people import held

_ID, _TIME = "TH-TREND-2000-000000", "2000-01-01T00:00:00Z"  # stand-ins for dates and numbers


class Repeated(Exception):  # noqa: N818 - an answer, not an error
    """The content was published before; `verdict` is the answer to it."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(str(verdict.id))
        self.verdict = verdict


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
    """Raise Repeated for a new trend whose content is in force under another id."""
    name = content_key(core, composed)
    found = contents.find(connection, name) if name else None
    row = messages.find(connection, found) if found else None
    if row is not None and row.action != "cancel" and row.expires > core.clock():
        raise Repeated(Verdict(row.id, row.rev, "published", replayed=True))


def record_content(core: Core, connection: Connection, composed: Composed) -> None:
    """Record the content of a trend that is sent."""
    name = content_key(core, composed)
    if name:
        contents.keep(connection, name, composed.id, core.clock())


def content_key(core: Core, composed: Composed) -> bytes | None:
    """Return a keyed hash of a new trend without its number and dates, 32 bytes; None for any other message."""
    message = composed.message
    if not isinstance(message, Trend) or message.action != "new":
        return None
    return core.vault.fingerprint(encode(replace(message, id=_ID, sent=_TIME, expires=_TIME)))


def _refused(kept: Verdict, text: Sentence) -> Verdict:
    hint = sentence("change what was wrong and hand it in: other content is a new message")
    reason = Reason.of("E-MESSAGE-CANCELLED", None, "$", text, hint)
    return Verdict(kept.id, kept.rev, "refused", (reason,), replayed=True)
