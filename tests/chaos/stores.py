"""What the gateways' stores hold, read from their databases while they run, and titles through the HTTP API."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any, NamedTuple

from sqlalchemy import Engine, create_engine

from chaos.arena import Arena
from suar.observe.alarms import ALARMS
from suar.store.outbound.delivery_view import deliveries
from support import stores as of_tests
from support.gateways import Running

LISTED = 1_000
_ALARM = "name, member, first, last, epoch_id"


class Held(NamedTuple):
    """A message in a store."""

    id: str
    rev: int
    digest: bytes
    origin: str


class Alarmed(NamedTuple):
    """An alarm in a store."""

    name: str
    member: str
    first: int | None
    last: int | None
    epoch_id: bytes


class Sealed(NamedTuple):
    """A frame of an own outbox."""

    epoch_id: bytes
    seq: int
    hash: bytes
    channel: str
    realm: str


class Store:
    """One gateway's database, read only."""

    def __init__(self, running: Running) -> None:
        self.code, self._folder, self._file = running.code, running.folder, running.folder / "suar.db"

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        if not of_tests.is_sqlite():
            with of_tests.outsider(self._folder) as store:
                return [tuple(row) for row in store.execute(sql, values).all()]
        with closing(sqlite3.connect(f"file:{self._file}?mode=ro", uri=True, timeout=10)) as connection:
            return connection.execute(sql, values).fetchall()

    def engine(self) -> Engine:
        """What opens the database by SQLAlchemy."""
        file = f"sqlite:///file:{self._file}?mode=ro&uri=true&timeout=10"
        return create_engine(of_tests.url(self._folder) or file)

    def messages(self) -> list[Held]:
        return [Held(*row) for row in self.rows("select id, rev, digest, origin from message order by n")]

    def deliveries(self) -> dict[str, dict[str, str]]:
        """Message id -> member -> state."""
        engine = self.engine()
        with engine.connect() as connection:
            rows = connection.exec_driver_sql("select id, rev from message where readers is not null order by n").all()
            found = {id_: {each.member: each.state for each in deliveries(connection, id_, rev)} for id_, rev in rows}
        engine.dispose()
        return found

    def open_deliveries(self) -> dict[str, Any]:
        """How many deliveries are not settled: what frames wait for, rows of their own by state, refusals."""
        counts = dict(self.rows("select state, count(*) from delivery group by 1"))
        counts["waited for"] = self.count("select coalesce(sum(messages * length(waits) / 3), 0) from own_frame")
        counts["refused"] = counts.get("refused", 0) + self.count(
            "select count(*) from statement r join place p on p.frame_hash = r.frame_hash where r.stage = 'refused'"
            " and (r.places = '' or instr(r.places, ',' || p.place || ',') > 0) and not exists"
            " (select 1 from place q join statement s on s.frame_hash = q.frame_hash"
            " where q.id = p.id and q.rev = p.rev and s.member = r.member and s.stage = 'stored'"
            " and (s.places = '' or instr(s.places, ',' || q.place || ',') > 0))"
        )
        return counts

    def sealed(self) -> list[Sealed]:
        sql = "select epoch_id, seq, frame_hash, channel, realm from outbox where seq is not null"
        return [Sealed(*row) for row in self.rows(sql)]

    def frames(self) -> Iterator[tuple[bytes, int, bytes]]:
        yield from self.rows("select epoch_id, seq, hash from frame")

    def alarms(self) -> list[Alarmed]:
        return self._alarmed("")

    def open_about_hub(self) -> list[Alarmed]:
        """Alarms about a hub whose cause has not ended: they end a second after it."""
        names = ", ".join(f"'{name}'" for name, kind in ALARMS.items() if kind.fault == "hub" and kind.ends)
        return self._alarmed(f"where ended_at is null and name in ({names})")

    def _alarmed(self, which: str) -> list[Alarmed]:
        return [Alarmed(*row) for row in self.rows(f"select {_ALARM} from alarm {which} order by n")]

    def count(self, sql: str) -> int:
        return int(self.rows(sql)[0][0])

    @property
    def unsent(self) -> int:
        return self.count("select count(*) from outbox where published is null")

    @property
    def waiting(self) -> int:
        return self.count("select count(*) from waiting")

    @property
    def queued(self) -> int:
        return self.count("select count(*) from queue")


def stores(arena: Arena) -> dict[str, Store]:
    return {code: Store(arena[code]) for code in arena.codes}


async def titles(running: Running, origin: str | None = None) -> list[tuple[str, str]]:
    """(id, title) of everything that the gateway lists, through its HTTP API; own messages with `origin`."""
    found: list[tuple[str, str]] = []
    after = 0
    while True:
        params = {"limit": LISTED, "after": after, "status": "all"} | ({"origin": origin} if origin else {})
        page = await running.get("/v1/messages", params=params)
        found += [(line["id"], line["title"]) for line in page]
        if len(page) < LISTED:
            return found
        after = page[-1]["n"]
