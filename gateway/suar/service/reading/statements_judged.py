"""Checks our statements about other members' messages before they are signed; a row of the store alone proves nothing.

The message must be stored unaltered and belong to another member, the statement's time must lie between its arrival and
now, and a person's statement must have its line in the audit, which was written in the same transaction. `recalled` is
valid only if the text is destroyed and a cancel is stored, `held-by-law` only if a legal hold that may be told keeps
the text, or, where a cancel is stored, did until it was destroyed.
"""

from collections.abc import Collection, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection

from suar.protocol.base import limits
from suar.protocol.base.stages import BY_PERSON, HELD_BY_LAW, OPENED, RECALLED
from suar.service.core import altered_rows
from suar.service.core.core import Core
from suar.store import tables as t
from suar.store.engine.verifying import is_as_written
from suar.store.inbound.world_loading import Altered
from suar.store.messages import rows as messages
from suar.store.messages.rows import AlteredRow
from suar.store.outbound import own_statements
from suar.store.people import audit

_DISCLOSURES = ("open", "export")  # the acts by which a person is given a text
_Line = tuple[str, str, str]  # who, what, about


def judged(core: Core, connection: Connection, rows: Sequence[Any]) -> list[Any]:
    """Return the statements that may be sent; the others are set aside permanently and reported."""
    audit_lines = _lines(connection, [row for row in rows if row.stage in (OPENED, *BY_PERSON)])
    written = [row for row in rows if is_as_written(connection, t.own_statement, row)]
    sound = [row for row in written if _has_valid_values(core, connection, row, audit_lines)]
    numbers = {row.n for row in sound}
    altered = [row for row in rows if row.n not in numbers]
    if altered:
        own_statements.set_aside(connection, [row.n for row in altered])
        altered_rows.note(core, connection, [Altered("own_statement", str(r.n), "", _as_kept(r)) for r in altered])
    return sound


def _has_valid_values(core: Core, connection: Connection, row: Any, audit_lines: dict[_Line, list[int]]) -> bool:
    """Whether the statement agrees with the stored message, the clock and the audit."""
    message = messages.lean(connection, row.id, row.rev)
    now, slack = core.clock(), limits.CLOCK_TOLERANCE
    if message is None or message.id[:2] == core.member or not isinstance(row.at, int) or row.at > now + slack:
        return False
    try:
        if row.stage == RECALLED:
            return message.body is None and _is_of_recall(core, connection, row)
        if row.stage == HELD_BY_LAW:
            return _is_of_hold(core, connection, row, message)
        if messages.body_of(core.vault, message) is None:
            return _is_noted(row, audit_lines) and _cancel_of(core, connection, row) is not None
    except AlteredRow:
        core.suspect_rows(message.n)
        return False
    received = message.at if message.at <= now else message.sent  # our clock was ahead then, and was set back
    return row.at >= received - slack and _is_noted(row, audit_lines)


def _is_of_hold(core: Core, connection: Connection, row: Any, message: Any) -> bool:
    """Whether a hold that may be told keeps the text; of a recalled one it may have ended. Raises AlteredRow."""
    is_held_by_law = core.held_by_law.get(row.id) is not None
    if _cancel_of(core, connection, row) is not None:
        return (is_held_by_law or message.body is None) and _is_of_recall(core, connection, row)
    is_here = messages.body_of(core.vault, message) is not None
    return is_held_by_law and is_here and _is_by_gateway(row) and bool(row.at >= message.at - limits.CLOCK_TOLERANCE)


def _is_by_gateway(row: Any) -> bool:
    return (row.role, row.who) == (own_statements.GATEWAY, own_statements.GATEWAY)


def _is_of_recall(core: Core, connection: Connection, row: Any) -> bool:
    cancel = _cancel_of(core, connection, row)
    return _is_by_gateway(row) and cancel is not None and bool(row.at >= cancel.sent - limits.CLOCK_TOLERANCE)


def _cancel_of(core: Core, connection: Connection, row: Any) -> Any:
    """Return the unaltered cancel of the message, or None. Raises AlteredRow."""
    cancel = messages.lean(connection, row.id)
    if cancel is None or cancel.rev <= row.rev or cancel.action != "cancel":
        return None
    return cancel if messages.body_of(core.vault, cancel) is not None else None


# -- the audit


def _is_noted(row: Any, audit_lines: dict[_Line, list[int]]) -> bool:
    """Whether the audit has a line about the act: of the same moment, for a reading at most an hour before (noted
    hourly).
    """
    if row.stage in BY_PERSON:
        return row.at in audit_lines.get((row.who, row.stage, f"{row.id} {row.rev} {row.role}"), ())
    about = f"{row.id} {row.rev}"
    times = [at for what in _DISCLOSURES for at in audit_lines.get((row.who, what, about), ())]
    is_then = any(-limits.CLOCK_TOLERANCE <= row.at - at <= limits.HOUR for at in times)
    return row.stage == OPENED and row.role == own_statements.GATEWAY and is_then


def _lines(connection: Connection, rows: Sequence[Any]) -> dict[_Line, list[int]]:
    """Return the times of the audit lines about these statements, from the newest lines first, from all lines if
    needed.
    """
    wanted = {f"{r.id} {r.rev}" if r.stage == OPENED else f"{r.id} {r.rev} {r.role}" for r in rows}
    found = _read(connection, wanted, is_all=False)
    if any(not _is_noted(row, found) for row in rows):
        found = _read(connection, wanted, is_all=True)
    return found


def _read(connection: Connection, abouts: Collection[str], *, is_all: bool) -> dict[_Line, list[int]]:
    found: dict[_Line, list[int]] = {}
    for line in audit.lines_about(connection, abouts, is_all=is_all):
        found.setdefault((line.who, line.what, line.about), []).append(line.at)
    return found


def _as_kept(row: Any) -> bytes:
    """Return the row as it was stored, without its note, which is sealed."""
    shown = (row.n, row.id, row.rev, row.stage, row.role, row.sector, row.at, row.who)
    return msgspec.json.encode([str(each) for each in shown])
