"""What did not go through: waiting objects, quarantine, samples, alarms, and what peers say of themselves."""

import hashlib
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection, Row, and_, delete, func, insert, or_, select, update

from suar.protocol import limits
from suar.protocol.outcome import Alarm
from suar.store import tables as t
from suar.store.upsert import insert_new, upsert
from suar.store.vault import Vault

_SAMPLE_BYTES: Final = 1_024

# -- waiting (protocol.md section 7)


def wait(connection: Connection, row: dict[str, Any], data: bytes) -> list[Row[Any]]:
    """Keep an object until it can be judged; the rows that went because its sender's share is full.

    Frames give way to newer frames; what is not a frame has its own share, and when that is full it is itself refused:
    then the answer holds the row that was not kept.
    """
    filled = row | {"data": data, "size": len(data), "digest": hashlib.blake2b(data, digest_size=32).digest()}
    insert_new(connection, t.waiting, [filled])
    w = t.waiting
    is_frame = row["type"] == "frame"
    share = and_(w.c.sender == row["sender"], w.c.type == "frame" if is_frame else w.c.type != "frame")
    bound = limits.WAIT_FRAME_BYTES if is_frame else limits.WAIT_OTHER_BYTES
    gone: list[Row[Any]] = []
    while (connection.execute(select(func.sum(w.c.size)).where(share)).scalar() or 0) > bound:
        order = w.c.n if is_frame else w.c.n.desc()
        oldest = connection.execute(select(w).where(share).order_by(order).limit(1)).one()
        connection.execute(delete(w).where(w.c.n == oldest.n))
        gone.append(oldest)
    return gone


def waiting(connection: Connection, *, epoch_ids: Sequence[bytes] = (), everything: bool = False) -> list[Row[Any]]:
    """Waiting objects in the order they came: all, or the frames of certain epochs."""
    w = t.waiting
    wanted = select(w).order_by(w.c.n)
    return list(connection.execute(wanted if everything else wanted.where(w.c.epoch_id.in_(epoch_ids))))


def waiting_due(connection: Connection, now: int) -> list[Row[Any]]:
    """Waiting objects whose time has come, or that have waited too long."""
    w = t.waiting
    come = w.c.for_time <= now + limits.CLOCK_TOLERANCE
    over = w.c.since <= now - limits.WAIT_MAX
    return list(connection.execute(select(w).where(or_(come, over)).order_by(w.c.n)))


def stop_waiting(connection: Connection, numbers: Sequence[int]) -> None:
    """Judged, or given up."""
    if numbers:
        connection.execute(delete(t.waiting).where(t.waiting.c.n.in_(numbers)))


def waiting_state(connection: Connection) -> tuple[int, int | None]:
    """(how many wait, since when the oldest)."""
    count, oldest = connection.execute(select(func.count(), func.min(t.waiting.c.since))).one()
    return count, oldest


# -- quarantine and samples


def quarantine(connection: Connection, vault: Vault, row: dict[str, Any], data: bytes) -> int:
    """Keep a refused object or message, sealed; how many of the sender's oldest went to make room."""
    body, key = vault.seal(data, f"quarantine {row['sender']}")
    connection.execute(insert(t.quarantine), row | {"size": len(data), "sealed": body, "sealed_key": key})
    q = t.quarantine
    mine = q.c.sender == row["sender"]
    rows, size = connection.execute(select(func.count(), func.sum(q.c.size)).where(mine)).one()
    gone = 0
    while rows > limits.QUARANTINE_ROWS or size > limits.QUARANTINE_BYTES:
        oldest = connection.execute(select(q.c.n, q.c.size).where(mine).order_by(q.c.n).limit(1)).one()
        connection.execute(delete(q).where(q.c.n == oldest.n))
        rows, size, gone = rows - 1, size - oldest.size, gone + 1
    return gone


def quarantined(connection: Connection) -> int:
    """How many rows are in quarantine."""
    return connection.execute(select(func.count()).select_from(t.quarantine)).scalar_one()


def keep_sample(connection: Connection, row: dict[str, Any], data: bytes) -> None:
    """The last 64 refusals of an origin from before a signature was checked: counted, never evidence."""
    s = t.sample
    connection.execute(insert(s), row | {"subject": row["subject"][:120], "data": data[:_SAMPLE_BYTES]})
    mine = s.c.origin == row["origin"]
    newest = select(s.c.n).where(mine).order_by(s.c.n.desc()).limit(limits.SAMPLES)
    connection.execute(delete(s).where(mine, s.c.n.not_in(newest)))


# -- alarms


def raise_alarm(connection: Connection, alarm: Alarm, evidence: bytes, now: int) -> bool:
    """Keep an alarm with the object that raised it; False when the same one stands already (it is counted)."""
    a = t.alarm
    same = and_(
        a.c.name == alarm.name, a.c.member == alarm.member, a.c.epoch_id == alarm.epoch_id,
        a.c.message_id == alarm.message_id, a.c.first.is_not_distinct_from(alarm.first),
        a.c.last.is_not_distinct_from(alarm.last), a.c.at > now - limits.DAY,
    )  # fmt: skip
    if connection.execute(update(a).where(same).values(seen_again=a.c.seen_again + 1)).rowcount:
        return False
    row = alarm._asdict() | {"evidence": evidence, "at": now, "seen_again": 0}
    connection.execute(insert(a), row)
    return True


def alarms(connection: Connection, since: int) -> list[Row[Any]]:
    """Alarms raised since, oldest first, without their evidence."""
    a = t.alarm
    columns = (a.c.name, a.c.member, a.c.first, a.c.last, a.c.epoch_id, a.c.message_id, a.c.at, a.c.seen_again)
    return list(connection.execute(select(*columns).where(a.c.at >= since).order_by(a.c.n)))


# -- peers


def note_heartbeat(connection: Connection, member: str, at: int, trust_version: int, faults: Sequence[str]) -> None:
    """The last heartbeat of a member."""
    row = {"member": member, "at": at, "trust_version": trust_version, "faults": ",".join(faults)}
    upsert(connection, t.heartbeat, [row])


def heartbeats(connection: Connection) -> list[Row[Any]]:
    """The last heartbeat of every member that was ever heard."""
    return list(connection.execute(select(t.heartbeat)))
