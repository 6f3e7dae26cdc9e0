"""Messages, ours and others': their rows, their sealed bodies, the receipts about ours and who has what."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Row, and_, bindparam, case, func, select, true, tuple_, update

from suar.protocol.messages import Publication, kind_of
from suar.store import tables as t
from suar.store.bulk import Bulk
from suar.store.prepared import Prepared
from suar.store.upsert import insert_new, upsert
from suar.store.vault import Vault

STAGES: Final = ("held", "queued", "no-valid-key", "sent", "stored", "opened", "acknowledged", "acting", "recalled")
RANK: Final = {stage: rank for rank, stage in enumerate(STAGES)}


def milliseconds(instant: str) -> int:
    """A message's time in milliseconds."""
    return int(datetime.fromisoformat(instant).timestamp()) * 1000


def instant(at: int) -> str:
    """RFC 3339 in seconds, as messages write it."""
    return datetime.fromtimestamp(at // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _is_further(now: str, stage: str) -> bool:
    """A refusal stands until the message is stored after all (resealed, or the peer's fault mended)."""
    if stage == "refused":
        return RANK[now] < RANK["stored"]
    if now == "refused":
        return RANK[stage] >= RANK["stored"]
    return RANK[stage] > RANK[now]


_LOWER: Final = {
    stage: tuple(now for now in (*STAGES, "refused") if now != stage and _is_further(now, stage))
    for stage in (*STAGES, "refused")
}
"""For each stage the states that it moves on."""


class Arrived(NamedTuple):
    """A message to be stored: ours, or one that a frame brought."""

    message: Publication
    data: bytes
    digest: bytes
    origin: str
    at: int
    frame_hash: bytes | None = None
    place: int | None = None
    frame: bytes | None = None  # the frame as received, stored once, with its first message


_MESSAGES: Final = Bulk(
    t.message, "id", "rev", "digest", "origin", "kind", "realm", "action", "tlp", "at", "sent", "frame_hash", "place",
    "frame", "body", "body_key",
)  # fmt: skip
_DELIVERIES: Final = Bulk(t.delivery, "id", "rev", "member", "state", "queued")


def _about(id_: str, rev: int) -> str:
    return f"message {id_} {rev}"


def insert_messages(connection: Connection, vault: Vault, arrived: Sequence[Arrived]) -> None:
    """Store accepted messages, their bodies sealed."""
    rows = []
    for item in arrived:
        message = item.message
        body, salt = vault.seal(item.data, _about(message.id, message.rev))
        rows.append(
            (
                message.id, message.rev, item.digest, item.origin, kind_of(message), message.status, message.action,
                message.tlp, item.at, milliseconds(message.sent), item.frame_hash, item.place, item.frame, body, salt,
            )
        )  # fmt: skip
    _MESSAGES.insert(connection, rows)


def body_of(vault: Vault, row: Row[Any]) -> bytes | None:
    """The message's bytes as signed; None once they were destroyed."""
    if row.body is None:
        return None
    return vault.open(row.body, row.body_key, _about(row.id, row.rev))


def find(connection: Connection, id_: str, rev: int | None = None) -> Row[Any] | None:
    """The message's row, of the highest revision when none is named."""
    m = t.message
    wanted = select(m).where(m.c.id == id_).order_by(m.c.rev.desc()).limit(1)
    return connection.execute(wanted if rev is None else wanted.where(m.c.rev == rev)).first()


def chain_of(connection: Connection, id_: str) -> list[Row[Any]]:
    """Every revision of the id, oldest first, without bodies."""
    m = t.message
    columns = (m.c.rev, m.c.action, m.c.at, m.c.origin, m.c.frame_hash)
    return list(connection.execute(select(*columns).where(m.c.id == id_).order_by(m.c.rev)))


def listing(
    connection: Connection, *, kind: str | None, origin: str | None, status: str | None, after: int | None, limit: int,
    not_origin: str | None = None,
) -> list[Row[Any]]:  # fmt: skip
    """Messages in the order they came, from row number `after` on; the newest `limit` when it is not given."""
    m = t.message
    wanted = [
        column == value for column, value in ((m.c.kind, kind), (m.c.origin, origin), (m.c.realm, status)) if value
    ]
    if not_origin:
        wanted.append(m.c.origin != not_origin)
    if after is not None:
        wanted.append(m.c.n > after)
        return list(connection.execute(select(m).where(and_(true(), *wanted)).order_by(m.c.n).limit(limit)))
    newest = connection.execute(select(m).where(and_(true(), *wanted)).order_by(m.c.n.desc()).limit(limit))
    return list(reversed(list(newest)))


_LAST_NUMBER: Final = Prepared(
    select(t.number.c.last).where(t.number.c.kind == bindparam("kind"), t.number.c.year == bindparam("year"))
)


def last_number(connection: Connection, kind: str, year: int) -> int:
    """The highest number taken of our ids of that kind and year."""
    rows = _LAST_NUMBER.rows(connection, kind=kind, year=year)
    return int(rows[0].last) if rows else 0


def take_numbers(connection: Connection, taken: Mapping[tuple[str, int], int]) -> None:
    """(kind, year) -> the highest number taken, with the caller's transaction."""
    upsert(connection, t.number, [{"kind": kind, "year": year, "last": last} for (kind, year), last in taken.items()])


def mark_opened(connection: Connection, id_: str, rev: int, now: int) -> bool:
    """Note the first time that somebody got the body; False when it was not the first."""
    m = t.message
    done = connection.execute(
        update(m).where(m.c.id == id_, m.c.rev == rev, m.c.opened_at.is_(None)), {"opened_at": now}
    )
    return done.rowcount == 1


# -- who has what


def expect_deliveries(connection: Connection, expected: Iterable[tuple[str, int, Sequence[str]]], now: int) -> None:
    """For each (id, rev, audience) one row a member, before anything is sent."""
    rows = [(id_, rev, member, "queued", now) for id_, rev, members in expected for member in members]
    _DELIVERIES.insert(connection, rows)


def advance(
    connection: Connection, frame_hash: bytes, places: Collection[int] | None, member: str, stage: str, now: int,
    code: str | None = None,
) -> list[int]:  # fmt: skip
    """Move the deliveries to `member` of a frame's messages (all, or those at `places`) on to `stage`, never back.

    One statement for all of them; answers when each message was queued.
    """
    d, p = t.delivery, t.place
    inside = select(p.c.id, p.c.rev).where(p.c.frame_hash == frame_hash)
    if places is not None:
        inside = inside.where(p.c.place.in_(places))
    column = d.c[stage]
    values: dict[str, Any] = {
        "state": case((d.c.state.in_(_LOWER[stage]), stage), else_=d.c.state),
        stage: func.coalesce(column, now),
    }
    if stage == "refused":
        values["refused_code"] = code
    moved = update(d).where(d.c.member == member, tuple_(d.c.id, d.c.rev).in_(inside)).values(values)
    return list(connection.execute(moved.returning(d.c.queued)).scalars())


def is_awaited(connection: Connection, id_: str, rev: int, member: str) -> bool:
    """Whether the member is to get the message and has not stored it."""
    d = t.delivery
    row = connection.execute(select(d.c.state).where(d.c.id == id_, d.c.rev == rev, d.c.member == member)).first()
    return row is not None and (row.state == "refused" or RANK[row.state] < RANK["stored"])


def is_lacking(connection: Connection, id_: str, rev: int, member: str) -> bool:
    """Whether the message is for the member, which says that it has not got it: a delivery `stored` is open again."""
    d = t.delivery
    here = and_(d.c.id == id_, d.c.rev == rev, d.c.member == member)
    connection.execute(update(d).where(here, d.c.state == "stored"), {"state": "queued"})
    state = connection.execute(select(d.c.state).where(here)).scalar()
    return state is not None and state != "recalled"


def hold_for_key(connection: Connection, id_: str, rev: int, member: str) -> None:
    """[K7] The member has no valid key: its delivery says so."""
    d = t.delivery
    here = and_(d.c.id == id_, d.c.rev == rev, d.c.member == member, d.c.state.in_(("queued", "sent")))
    connection.execute(update(d).where(here), {"state": "no-valid-key"})


def mark_sent(connection: Connection, frames: Sequence[tuple[bytes, str]], now: int) -> None:
    """The messages of these (frame hash, channel) left: their deliveries in that channel are `sent`."""
    d, p = t.delivery, t.place
    for frame_hash, channel in frames:
        inside = select(p.c.id, p.c.rev).where(p.c.frame_hash == frame_hash)
        states = ("queued",) if channel == "all" else ("queued", "no-valid-key")
        to = true() if channel == "all" else d.c.member == channel
        wanted = and_(tuple_(d.c.id, d.c.rev).in_(inside), d.c.state.in_(states), to)
        connection.execute(update(d).where(wanted), {"state": "sent", "sent": now})


def take_back_sent(connection: Connection, members: Sequence[str] | None) -> list[Row[Any]]:
    """(id, rev, member, realm) of each delivery (to `members` or all) that left and has no receipt: `queued` again."""
    d, m = t.delivery, t.message
    joined = d.join(m, and_(m.c.id == d.c.id, m.c.rev == d.c.rev))
    wanted = and_(d.c.state == "sent", true() if members is None else d.c.member.in_(members))
    sent = select(d.c.id, d.c.rev, d.c.member, m.c.realm).select_from(joined).where(wanted)
    rows: list[Row[Any]] = list(connection.execute(sent.order_by(m.c.n, d.c.member)))
    connection.execute(update(d).where(wanted), {"state": "queued"})
    return rows


def deliveries(connection: Connection, id_: str, rev: int) -> list[Row[Any]]:
    """Every member's row of one revision."""
    d = t.delivery
    return list(connection.execute(select(d).where(d.c.id == id_, d.c.rev == rev).order_by(d.c.member)))


def pending(connection: Connection) -> dict[str, tuple[int, int]]:
    """Member -> (how many messages of ours it has not stored, when the oldest was queued)."""
    d = t.delivery
    open_ = d.c.state.in_(("queued", "no-valid-key", "sent"))
    rows = connection.execute(select(d.c.member, func.count(), func.min(d.c.queued)).where(open_).group_by(d.c.member))
    return {member: (count, oldest) for member, count, oldest in rows}


def keep_receipts(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Store receipts once each, by their bytes."""
    insert_new(connection, t.receipt, rows)
