"""Rows of the store that this gateway did not write: sealed as evidence, reported, and never used.

An administrator of the database has none of the keyring's secrets. A row that they write does not verify, so it is
detected when it is read: trust lists, Revokes, bundles and epochs at every load, messages and statements when they are
shown, sealed or sent.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection

from suar.observe.alarms import STORE_ALTERED
from suar.observe.hooks import AlarmRaised, Happened
from suar.protocol.base.errors import Fault
from suar.protocol.message.messages import Unreadable
from suar.protocol.transport.inside import messages_in
from suar.protocol.transport.outcome import Alarm
from suar.protocol.transport.reverify import first_hash
from suar.store.inbound import incidents, strange_waiting
from suar.store.inbound.held_frames import FrameNumber
from suar.store.inbound.world_loading import Altered, first_list
from suar.store.messages import rows as messages
from suar.store.messages.rows import AlteredRow
from suar.store.outbound import strange_objects
from suar.store.people import access

if TYPE_CHECKING:
    from suar.service.core.core import Core

CODE: Final = "E-STORE-ALTERED"
NOT_SHOWN: Final = (AlteredRow, Unreadable)
"""Why a list leaves out a text, and shows the others; the walk of the store reports it."""
_BATCH: Final = 64  # rows that are taken out in one transaction
_NAME_MAX: Final = 48  # characters of a row's name in an alarm


def frame(number: FrameNumber) -> Altered:
    """Return what is reported of a row of a received frame that was altered or is gone."""
    return Altered("frame", f"{number.epoch_id.hex()[:16]} {number.seq}", "", b"")


def note(core: "Core", connection: Connection, altered: Sequence[Altered]) -> None:
    """Quarantine the content of these rows and raise an alarm for each, in the caller's transaction."""
    now, fresh = core.clock(), list[Altered]()
    for each in altered:
        alarm = Alarm(STORE_ALTERED, core.member, message_id=each.name[:_NAME_MAX])
        if incidents.raise_alarm(connection, alarm, without_recalled(core, each.data), now):
            access.note(connection, access.GATEWAY, "alarm", f"{alarm.name} {alarm.member} {alarm.message_id}", now)
            core.queue_record(AlarmRaised(at=now, name=alarm.name, member=alarm.member, message_id=alarm.message_id))
            fresh.append(each._replace(data=without_recalled(core, each.data)))
            facts = {"table": each.table, "row": each.key, "rule": each.rule}
            core.queue_record(Happened(at=now, event="store_altered", level="error", facts=facts))
    kept = [
        ({"rule": each.rule, "path": each.name, "frame_hash": None, "place": None}, each.data)
        for each in fresh
        if each.data
    ]
    if kept:
        incidents.quarantine(connection, core.vault, {"sender": core.member, "code": CODE, "at": now}, kept)


def withdraw_objects(core: "Core") -> int:
    """Remove rows of the outbox that the gateway did not write, and report them; returns how many."""
    some = sorted(core.strange_objects)[:_BATCH]
    return _remove(core, "outbox", some, strange_objects.remove, lambda: core.clear_strange(objects=some))


def remove_strange_waiting(core: "Core") -> int:
    """Remove rows of `waiting` that are of no object, and report them; returns how many."""
    some = sorted(core.strange_waiting)[:_BATCH]
    return _remove(core, "waiting", some, strange_waiting.remove, lambda: core.clear_strange(waiting=some))


def _remove(
    core: "Core", table: str, numbers: Sequence[int], remove: Callable[[Connection, Sequence[int]], None],
    clear: Callable[[], None],
) -> int:  # fmt: skip
    if numbers:
        with core.transaction() as connection:
            with core.database.any_size(connection):
                remove(connection, numbers)
            note(core, connection, [Altered(table, str(n), "", b"") for n in numbers])
            clear()
    return len(numbers)


def open_row(core: "Core", row: Any) -> bytes | None:
    """Return a message's bytes as signed, for any thread; None if they were destroyed, also if they were put back
    since.

    Raises AlteredRow for a row that is not as it was written; the next check (`settle`) reports it.
    """
    try:
        data = messages.body_of(core.vault, row)
    except AlteredRow:
        core.suspect_rows(row.n)
        raise
    return None if data is None or is_destroyed(core, row) else data


def is_destroyed(core: "Core", row: Any) -> bool:
    """Whether the text in a row was recalled: it is hidden, or it came back, which the next check reports."""
    if row.rev >= core.recalled.get(row.id, 0):
        return False
    core.suspect_rows(row.n)  # unless a legal hold keeps it, or may keep it: store_checks.py knows
    return True


def is_recalled(core: "Core", data: bytes) -> bool:
    """Whether an object contains a text of a recalled message: any revision but the cancel itself.

    Also one that makes our own code raise: what it contains is not known.
    """
    if not data or not core.recalled or core.holds_open_since is not None:
        return False
    try:
        inside = list(messages_in(core.world, data))
    except Exception:  # such an object is kept only while nothing is recalled (receive/poison.py)
        return True
    return any(rev != core.recalled.get(id_, rev) and id_ not in core.held_by_law for id_, rev in inside)


def without_recalled(core: "Core", data: bytes) -> bytes:
    """Return the object as it may be kept: as it is, or empty if it contains a text of a recalled message."""
    return b"" if is_recalled(core, data) else data


# -- the pin: what the first trust list must hash to


def pin_of(core: "Core", connection: Connection) -> bytes | None:
    """Return the pin of the keyring; an older state takes it from the first list that it holds, once (`keep_pin`)."""
    if core.keyring.pin is not None:
        return core.keyring.pin
    first = first_list(connection)
    return core.config.pin if first is None else first_hash(first)


def adopt_pin(core: "Core", connection: Connection) -> None:
    """Note the pin of an older state in the audit: all other lists have to follow from its first list."""
    trust = core.world.trust
    if core.keyring.pin is not None or trust.pin is None or trust.current is None:
        return
    named = core.config.pin
    if named is not None and named not in {held.hash for held in trust.history.values()}:
        raise Fault(
            "no trust list of the store is the one that [trust] pin in suar.toml names",
            "compare the pin with the key holders; if the store is not yours any more, put a backup back",
        )
    keep_pin(core)
    access.note(connection, access.GATEWAY, "pin-kept", trust.pin.hex(), core.clock())


def keep_pin(core: "Core") -> None:
    """Write the pin of the held lists into the keyring, unless it is there."""
    pin = core.world.trust.pin
    if pin is not None and pin != core.keyring.pin:
        core.keyring.keep_pin(pin)
