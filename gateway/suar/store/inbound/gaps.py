"""Missing frames: the heads that others state, our requests and their answers, and what others miss of ours."""

import contextlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    bindparam,
    delete,
    func,
    not_,
    or_,
    select,
    true,
    tuple_,
)

from suar.protocol.transport import outcome
from suar.store import tables as t
from suar.store.engine.prepared import Lookup, Prepared
from suar.store.engine.upsert import upsert
from suar.store.inbound.strange_waiting import HAS_VALID_VALUES
from suar.store.tables.columns import has_types

UNKNOWN: Final = "E-RESEND-UNKNOWN"
"""The answer of a sender that has no such epoch, or no frames of these numbers."""
REFUSALS_MAX: Final = 256  # kept of one epoch: as many as ranges that an honest receiver names in one receipt
SENDERS: Final = 5  # named of those whose objects wait
QUESTIONS_MAX: Final = 1_000  # kept of one member
_QUESTIONS: Final = Prepared(
    select(func.count().label("rows")).select_from(t.asked_of_us).where(t.asked_of_us.c.member == bindparam("member"))
)
_p, _o, _q = t.place, t.outbox, t.asked_of_us
_PLACES: Final = Prepared(select(_p.c.frame_hash).where(_p.c.id == bindparam("id"), _p.c.rev == bindparam("rev")))
_REQUESTED: Final = Lookup(
    _o.c.frame_hash, *_q.c, where=(_o.c.epoch_id == _q.c.epoch_id, _o.c.seq.between(_q.c.first, _q.c.last))
)
"""Requests for frames."""
_ANNOUNCED: Final = Lookup(t.announced.c.epoch_id, t.announced.c.frames, where=(has_types(t.announced),))
_n: Final = t.not_sent_again
_REFUSED: Final = Lookup(_n.c.epoch_id, _n.c.first, _n.c.last, _n.c.code, _n.c.at)

Heads = list[tuple[bytes, int]]
"""(epoch id, frames) as a heartbeat names them."""


class PeerHeads(NamedTuple):
    """A member's last live heartbeat: when it arrived by our clock, when it was sent by its own, and its heads."""

    at: int
    sent: int
    mine: Heads
    seen: Heads


_heads: Final = msgspec.msgpack.Decoder(tuple[Heads, Heads])


def save_peer_heads(connection: Connection, member: str, heads: PeerHeads) -> None:
    """Store the newest heads of a member."""
    row = {
        "member": member,
        "at": heads.at,
        "sent": heads.sent,
        "heads": msgspec.msgpack.encode((heads.mine, heads.seen)),
    }
    upsert(connection, t.peer_said, [row])


def load_heads_of(connection: Connection, member: str) -> PeerHeads | None:
    """Return the same for one member; None when it never sent one."""
    return _peer_heads(connection, t.peer_said.c.member == member).get(member)


def load_peer_heads(connection: Connection) -> dict[str, PeerHeads]:
    """Return the newest heads by member, without rows that are of no heartbeat."""
    return _peer_heads(connection, true())


def _peer_heads(connection: Connection, wanted: ColumnElement[bool]) -> dict[str, PeerHeads]:
    found = dict[str, PeerHeads]()
    for row in connection.execute(select(t.peer_said).where(wanted, has_types(t.peer_said))):
        with contextlib.suppress(msgspec.DecodeError):
            found[row.member] = PeerHeads(row.at, row.sent, *_heads.decode(row.heads))
    return found


# -- announced ends


def record_announced(connection: Connection, epoch_id: bytes, frames: int, now: int) -> None:
    """Record that a signed head states this number of frames in the epoch; the highest counts."""
    if frames > load_announced(connection).get(epoch_id, 0):
        upsert(connection, t.announced, [{"epoch_id": epoch_id, "frames": frames, "at": now}])


def load_announced(connection: Connection) -> dict[bytes, int]:
    """Return the stated number of frames by epoch, if it was ever above what we held."""
    rows = connection.execute(select(t.announced).where(has_types(t.announced)))
    return {row.epoch_id: row.frames for row in rows}


def announced_of(connection: Connection, epoch_ids: Collection[bytes]) -> dict[bytes, int]:
    """Return the same for these epochs alone."""
    return {row.epoch_id: row.frames for row in _ANNOUNCED.rows(connection, epoch_ids)}


# -- our requests


class RequestRecord(NamedTuple):
    """When something of an epoch was requested last, and how often."""

    at: int
    times: int


def load_requests(connection: Connection) -> dict[bytes, RequestRecord]:
    """Return the requests by epoch."""
    rows = connection.execute(select(t.asked_for).where(has_types(t.asked_for)))
    return {row.epoch_id: RequestRecord(row.at, row.times) for row in rows}


def record_requests(connection: Connection, asked_for: Mapping[bytes, RequestRecord]) -> None:
    """Record these requests."""
    upsert(connection, t.asked_for, [{"epoch_id": id_, "at": a.at, "times": a.times} for id_, a in asked_for.items()])


def forget_requests(connection: Connection, epoch_ids: Collection[bytes]) -> None:
    """Delete the requests of epochs of which nothing is missing any more."""
    connection.execute(delete(t.asked_for).where(t.asked_for.c.epoch_id.in_(epoch_ids)))


class Refusal(NamedTuple):
    """A range of an epoch that its origin states it will not send again."""

    first: int
    last: int
    code: str
    at: int


def save_refusals(connection: Connection, epoch_id: bytes, refusals: Sequence[Refusal]) -> None:
    """Store the origin's answer, up to the limit for one epoch."""
    n = t.not_sent_again
    held = connection.execute(select(func.count()).select_from(n).where(n.c.epoch_id == epoch_id)).scalar_one()
    rows = [{"epoch_id": epoch_id, **each._asdict()} for each in refusals[: max(0, REFUSALS_MAX - held)]]
    upsert(connection, n, rows)


def load_refusals(connection: Connection) -> dict[bytes, list[Refusal]]:
    """Return the refusals by epoch, in order."""
    n = t.not_sent_again
    return _by_epoch(connection.execute(select(n).order_by(n.c.epoch_id, n.c.first, n.c.at)))


def refusals_of(connection: Connection, epoch_ids: Collection[bytes]) -> dict[bytes, list[Refusal]]:
    """Return the same for these epochs alone."""
    return _by_epoch(sorted(_REFUSED.rows(connection, epoch_ids), key=attrgetter("epoch_id", "first", "at")))


def _by_epoch(rows: Iterable[Any]) -> dict[bytes, list[Refusal]]:
    found = dict[bytes, list[Refusal]]()
    for row in rows:
        found.setdefault(row.epoch_id, []).append(Refusal(row.first, row.last, row.code, row.at))
    return found


def delete_refusals(connection: Connection, epoch_id: bytes, codes: Collection[str]) -> None:
    """Delete answers with these codes, so that the frames are requested again."""
    n = t.not_sent_again
    connection.execute(delete(n).where(n.c.epoch_id == epoch_id, n.c.code.in_(codes)))


def left_out_epochs(connection: Connection) -> set[bytes]:
    """Return the epochs addressed to us that were sealed to none of our keys, from the alarms that they raised."""
    a = t.alarm
    return set(connection.execute(select(a.c.epoch_id).where(a.c.name == outcome.LEFT_OUT)).scalars())


class UnopenedEpoch(NamedTuple):
    """An epoch that never arrived although frames of it did, which wait."""

    member: str
    epoch_id: bytes
    subject: str  # of one of them
    frames: int
    since: int


def unopened_epochs(connection: Connection) -> list[UnopenedEpoch]:
    """Return the epochs that frames wait for, in no order."""
    w = t.waiting
    columns = (w.c.sender, w.c.epoch_id, func.min(w.c.subject), func.count(), func.min(w.c.since))
    wanted = (w.c.code == "E-FRAME-EPOCH", w.c.sender != "", w.c.epoch_id.is_not(None), HAS_VALID_VALUES)
    rows = select(*columns).where(*wanted).group_by(w.c.sender, w.c.epoch_id)
    return [UnopenedEpoch(*row) for row in connection.execute(rows)]


class WaitingSummary(NamedTuple):
    """How many objects wait. `lost`: how many of them for an epoch that its sender answered not to have. Of the others:
    `oldest`, since when the oldest waits (ms), and the `senders` whose objects wait longest. A row that is of no object
    waits since 0, until it is taken out.
    """

    rows: int
    lost: int
    oldest: int | None
    senders: list[str]


def waiting_summary(connection: Connection, lost_epochs: Collection[tuple[str, bytes]]) -> WaitingSummary:
    """Return what waits until it can be judged; `lost_epochs`: member and epoch, where it answered not to have it."""
    w = t.waiting
    is_lost = and_(w.c.code == "E-FRAME-EPOCH", tuple_(w.c.sender, w.c.epoch_id).in_(lost_epochs))
    by_sender = select(w.c.sender, func.count(), func.min(w.c.since)).group_by(w.c.sender).order_by(func.min(w.c.since))
    others = connection.execute(by_sender.where(or_(not_(is_lost), w.c.epoch_id.is_(None)), HAS_VALID_VALUES)).all()
    lost = connection.execute(select(func.count()).select_from(w).where(is_lost, HAS_VALID_VALUES)).scalar_one()
    strange = connection.execute(select(func.count()).select_from(w).where(not_(HAS_VALID_VALUES))).scalar_one()
    oldest, senders = min((row[2] for row in others), default=None), [row[0] for row in others[:SENDERS]]
    rows = sum(row[1] for row in others) + lost + strange
    return WaitingSummary(rows, lost, 0 if strange else oldest, senders)


# -- requests of others


def note_question(
    connection: Connection, member: str, epoch_id: bytes, first: int, last: int, answer: str, now: int
) -> None:
    """Record that a member misses these frames of ours, and our answer.

    The newest QUESTIONS_MAX of a member are kept.
    """
    q = t.asked_of_us
    row = {"member": member, "epoch_id": epoch_id, "first": first, "last": last, "at": now, "answer": answer}
    upsert(connection, q, [row])
    (kept,) = _QUESTIONS.rows(connection, member=member)
    if kept.rows > QUESTIONS_MAX:
        oldest = (
            select(q.c.at).where(q.c.member == member).order_by(q.c.at).limit(1).offset(kept.rows - QUESTIONS_MAX - 1)
        )
        connection.execute(delete(q).where(q.c.member == member, q.c.at <= oldest.scalar_subquery()))


def questions(connection: Connection, id_: str, rev: int) -> dict[str, Row[Any]]:
    """Return, by member, its newest request about a frame in which the message was sent."""
    sent = [row.frame_hash for row in _PLACES.rows(connection, id=id_, rev=rev)]
    return {row.member: row for row in sorted(_REQUESTED.rows(connection, sent), key=attrgetter("at"))}


# -- frames from carried files


def record_carried(connection: Connection, frame_hashes: Sequence[bytes], now: int) -> None:
    """Record frames that a carried file contained."""
    upsert(connection, t.by_hand, [{"frame_hash": each, "at": now} for each in frame_hashes])


def pop_carried(connection: Connection, frame_hash: bytes) -> bool:
    """Remove the mark of a frame that a carried file contained; returns False if it has none: a second copy is a
    replay.
    """
    done = connection.execute(delete(t.by_hand).where(t.by_hand.c.frame_hash == frame_hash))
    return done.rowcount > 0


def forget_old(connection: Connection, before: int) -> None:
    """Delete what no stream can deliver and nobody can request any more."""
    for table in (t.announced, t.asked_for, t.not_sent_again, t.asked_of_us, t.by_hand):
        connection.execute(delete(table).where(table.c.at < before))
