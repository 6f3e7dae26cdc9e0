"""Drafts of people with a session: encrypted at rest, shared by the whole desk, each version saved on top of the last.

A draft whose message waits for a second person is locked until that is decided. It is destroyed when its message is
sent or rejected, and one month after it was last saved.
"""

import secrets
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Row

from suar.protocol.base import limits
from suar.protocol.base.errors import Fault
from suar.protocol.base.instants import rfc3339
from suar.service.core.core import Core
from suar.service.reading.verdict import Verdict
from suar.store.people import contributions, drafts

DRAFTS_MAX: Final = 200
CONTENT_BYTES_MAX: Final = limits.MESSAGE_BYTES_MAX
TO_MEND: Final = limits.DAY  # of rejected messages, so that they can be corrected
SECOND_PERSON: Final = "a second person rejected the message that was made of it"
"""The reason that an agency gets for its proposal in that case."""


class Conflict(Exception):  # noqa: N818 - a finding, not a failure
    """Somebody else has saved another version meanwhile; `kept` is that version."""

    def __init__(self, kept: dict[str, Any]) -> None:
        super().__init__(kept["id"])
        self.kept = kept


class Locked(Exception):  # noqa: N818 - a finding, not a failure
    """The draft waits for a second person; `kept` is the draft."""

    def __init__(self, kept: dict[str, Any]) -> None:
        super().__init__(kept["id"])
        self.kept = kept


class Handed(NamedTuple):
    """A draft as it is handed in: its review showed this version, in this realm."""

    id: str
    version: int
    realm: str

    @property
    def name(self) -> bytes:
        """The bytes to which an Idempotency-Key of it is bound."""
        return f"draft {self.id} {self.version} {self.realm}".encode()


class UnknownDraft(Exception):  # noqa: N818 - a finding, not a failure
    """There is no such draft in this realm."""


def begin(
    core: Core, who: str, realm: str, kind: str, content: bytes, editors: Sequence[str] = ()
) -> dict[str, Any]:  # fmt: skip
    """Create a draft. `editors`: the other people who wrote it. Raises Fault for too many drafts or a too large one."""
    _check_size(content)
    now = core.clock()
    row = {
        "id": secrets.token_hex(8), "version": 1, "realm": realm, "kind": kind, "begun": now, "saved": now,
        "saved_by": who, "editors": " ".join(dict.fromkeys((*editors, who))),
    }  # fmt: skip
    with core.transaction() as connection:
        drafts.forget(connection, now, now - drafts.LIFE)
        if len(drafts.listed(connection, DRAFTS_MAX)) >= DRAFTS_MAX:
            raise Fault(f"there are {DRAFTS_MAX} drafts, and no more may be", "publish or delete some first")
        drafts.add(connection, core.vault, row, content)
        kept = drafts.find(connection, str(row["id"]))
    if kept is None:
        raise Fault("the draft was not kept", "try again")
    return _shape(core, kept)


def save(core: Core, id_: str, who: str, version: int, content: bytes) -> dict[str, Any] | None:
    """Save on top of `version`; None when there is no such draft.

    Raises Conflict when another version is stored, unless its content is the same. Raises Locked while the draft waits
    for a second person.
    """
    _check_size(content)
    with core.transaction() as connection:
        row = _find(core, connection, id_)
        if row is None:
            return None
        if row.message is not None:
            raise Locked(_shape(core, row))
        if drafts.content_of(core.vault, row) == content:
            return _shape(core, row)
        if row.version != version:
            raise Conflict(_shape(core, row))
        editors = dict.fromkeys([*row.editors.split(), who])
        changed = {
            "id": id_, "version": version + 1, "saved": core.clock(), "saved_by": who, "editors": " ".join(editors),
        }  # fmt: skip
        drafts.save(connection, core.vault, changed, content, version)
        kept = _find(core, connection, id_)
        return None if kept is None else _shape(core, kept)


def find(core: Core, id_: str) -> dict[str, Any] | None:
    """A draft with its content; None when there is none. For any thread."""
    with core.database.reading() as connection:
        row = _find(core, connection, id_)
        return None if row is None else _shape(core, row)


def of_message(core: Core, message: str) -> dict[str, Any] | None:
    """Return the draft that waits as this message; None when there is none. For any thread."""
    with core.database.reading() as connection:
        row = drafts.of_message(connection, message)
        return None if row is None else _shape(core, row)


def listed(core: Core) -> list[dict[str, Any]]:
    """Return every draft with its content, the last saved first. For any thread."""
    with core.database.reading() as connection:
        return [_shape(core, row) for row in drafts.listed(connection, DRAFTS_MAX) if _is_here(core, row)]


def destroy(core: Core, id_: str, who: str, version: int) -> bool:
    """Destroy a draft; False when there is none.

    Raises Locked while it waits for a second person, Conflict when another version than that is stored.
    """
    with core.transaction() as connection:
        row = _find(core, connection, id_)
        if row is None:
            return False
        if row.message is not None:
            raise Locked(_shape(core, row))
        if row.version != version:
            raise Conflict(_shape(core, row))
        return drafts.remove(connection, id_, who, core.clock())


def waiting_as(core: Core, connection: Connection, id_: str, realm: str, version: int) -> str | None:
    """Return the id of the message that a draft of this realm waits as; None when it does not. Raises Conflict."""
    row = _find(core, connection, id_)
    if row is None or row.realm != realm or row.message is None:
        return None
    if row.version != version:
        raise Conflict(_shape(core, row))
    return str(row.message)


def check_handed(core: Core, connection: Connection, handed: Handed) -> None:
    """Check a draft that is handed in, in the caller's transaction.

    Raises UnknownDraft, Locked while it waits, Conflict.
    """
    row = _find(core, connection, handed.id)
    if row is None or row.realm != handed.realm:
        raise UnknownDraft(handed.id)
    if row.message is not None:
        raise Locked(_shape(core, row))
    if row.version != handed.version:
        raise Conflict(_shape(core, row))


def settle(core: Core, connection: Connection, id_: str, who: str, verdict: Verdict) -> None:
    """Settle a draft that was handed in: locked while its message waits, destroyed when that is sent.

    Runs in the transaction of `check_handed`. The answer to a repeated request settles nothing.
    """
    if verdict.id is None or verdict.verdict not in ("held", "published"):
        return
    now = core.clock()
    if verdict.verdict == "held":
        drafts.lock(connection, id_, verdict.id)
        contributions.hold(connection, id_, verdict.id, who, now)
    else:
        _leave(connection, id_, verdict.id, who, now)


def destroy_of(connection: Connection, message: str, who: str, now: int) -> None:
    """Destroy the draft of a message that was sent, in the caller's transaction."""
    row = drafts.of_message(connection, message)
    if row is not None:
        _leave(connection, row.id, message, who, now)


def hand_back(core: Core, connection: Connection, message: str, who: str, now: int, *, to_mend: bool) -> None:
    """Keep the draft of a rejected or withdrawn message for a day, or destroy it.

    With a destroyed draft, the proposal that it came from is rejected too, so that nothing of its text is left.
    """
    row = drafts.of_message(connection, message)
    if row is not None and to_mend:
        drafts.unlock(connection, row.id, now + TO_MEND)
        contributions.edit_again(connection, row.id, who, now)
    elif row is not None:
        contributions.reject_draft(connection, core.vault, row.id, who, SECOND_PERSON, now)
        drafts.remove(connection, row.id, who, now)


def _leave(connection: Connection, id_: str, message: str, who: str, now: int) -> None:
    contributions.publish(connection, id_, message, who, now)
    drafts.remove(connection, id_, who, now)


def _check_size(content: bytes) -> None:
    if len(content) > CONTENT_BYTES_MAX:
        raise Fault("the draft is too large", f"it has at most {CONTENT_BYTES_MAX // 1024} KiB")


def _find(core: Core, connection: Connection, id_: str) -> Row[Any] | None:
    row = drafts.find(connection, id_)
    return row if row is not None and _is_here(core, row) else None


def _is_here(core: Core, row: Row[Any]) -> bool:
    """Whether the draft has not expired; expired drafts are removed within an hour."""
    now = core.clock()
    return row.message is not None or (row.saved >= now - drafts.LIFE and (row.until is None or now < row.until))


def _shape(core: Core, row: Row[Any]) -> dict[str, Any]:
    return {
        "id": row.id, "version": row.version, "realm": row.realm, "kind": row.kind, "saved": rfc3339(row.saved),
        "saved_by": row.saved_by, "editors": row.editors.split(), "message": row.message,
        "until": rfc3339(row.until), "content": drafts.content_of(core.vault, row),
    }  # fmt: skip
