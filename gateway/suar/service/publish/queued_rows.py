"""Checks the rows of the queue again before they are sealed: the queue only decides the order of sending.

The recipients of a message follow from its own bytes and the present trust list, those of a receipt from the message
that it is about. A row that states something else was not written by this gateway and is never sent.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection

from suar.protocol.base.errors import Fault
from suar.protocol.base.stages import BY_PERSON, OPENED
from suar.protocol.base.subjects import ALL
from suar.protocol.message.kinds import Receipt
from suar.service.core import altered_rows
from suar.service.core.core import Core
from suar.service.receipts.receipts import SEALED_AS
from suar.store import tables as t
from suar.store.engine.verifying import is_as_written
from suar.store.inbound.world_loading import Altered
from suar.store.messages import rows as messages
from suar.store.messages.rows import AlteredRow
from suar.store.outbound import queue


class _Audience(msgspec.Struct):
    members: str | tuple[str, ...]


class _Head(msgspec.Struct):
    """The recipients that the content of a message states."""

    id: str
    rev: int
    kind: str
    status: str
    audience: _Audience


_head = msgspec.json.Decoder(_Head).decode
_receipt = msgspec.json.Decoder(Receipt).decode


class Judged(NamedTuple):
    """A row of the queue whose content is unchanged since it was queued; the columns are those of `queue.due`."""

    n: int
    realm: str
    priority: int
    channel: str | None
    kind: str
    id: str | None
    rev: int | None
    audience: str | None
    body: bytes | None
    accepted_at: int
    readers: str
    data: bytes


class _NotOurs(Exception):  # noqa: N818 - said of a row
    """The row states what this gateway never wrote."""


def judged(core: Core, connection: Connection, rows: Sequence[Any]) -> list[Judged]:
    """Return the unchanged rows; the others are removed from the queue and reported."""
    sound, altered = [], []
    for row in rows:
        try:
            if not is_as_written(connection, t.queue, row):
                raise _NotOurs
            sound.append(_receipt_row(core, connection, row) if row.id is None else _message_row(core, row))
        except (_NotOurs, msgspec.MsgspecError, UnicodeDecodeError):
            altered.append(row)
        except AlteredRow as found:
            core.suspect_rows(found.n)
            altered.append(row)
    if altered:
        queue.dequeue(connection, [row.n for row in altered])
        altered_rows.note(core, connection, [Altered("queue", str(row.n), "", _as_kept(row)) for row in altered])
    return sound


def _message_row(core: Core, row: Any) -> Judged:
    """Check a message of ours, for its audience or for one member of it."""
    if row.message_n is None:
        raise _NotOurs
    data = messages.open_queued(core.vault, row)
    head = _head(data)
    members = head.audience.members
    audience = members if isinstance(members, str) else ",".join(members)
    is_ours = head.id[:2] == core.member and head.status == row.realm
    is_for = row.channel is None or members == ALL or row.channel in members
    is_as_queued = row.channel is not None or (row.kind == head.kind and row.audience == audience)
    if not (is_ours and is_for and is_as_queued):
        raise _NotOurs
    return _of(row, data)


def _receipt_row(core: Core, connection: Connection, row: Any) -> Judged:
    """Check a receipt of ours; a person's statement goes to the member that sent the message, and to no other."""
    try:
        data = bytes(core.vault.unwrap(row.body, SEALED_AS))
    except (Fault, TypeError):
        raise _NotOurs from None
    receipt = _receipt(data)
    if receipt.member != core.member or receipt.status != row.realm:
        raise _NotOurs
    if receipt.stage in (OPENED, *BY_PERSON) and not _is_about(core, connection, receipt, row.channel):
        raise _NotOurs
    return _of(row, data)


def _is_about(core: Core, connection: Connection, receipt: Receipt, member: str) -> bool:
    """Whether every frame that the receipt names contained messages of that member."""
    for entry in receipt.of:
        held = messages.of_frame(connection, bytes.fromhex(entry.frame)) if isinstance(entry.frame, str) else []
        for row in held:
            messages.body_of(core.vault, row)
        if not held or any(row.id[:2] != member for row in held):
            return False
    return True


def _of(row: Any, data: bytes) -> Judged:
    return Judged(
        row.n, row.realm, row.priority, row.channel, row.kind, row.id, row.rev, row.audience, row.body,
        row.accepted_at, row.readers, data,
    )  # fmt: skip


def _as_kept(row: Any) -> bytes:
    """Return the row as stored, without its sealed content."""
    shown = (row.n, row.realm, row.priority, row.channel, row.kind, row.id, row.rev, row.audience)
    return msgspec.json.encode([str(each) for each in shown])
