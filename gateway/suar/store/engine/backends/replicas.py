"""The replicas of the database, each queried directly: whether what was destroyed is in none of their files.

A replica removes the file of a rewritten table once it has replayed that. Until it has completed a restartpoint, it
replays older records again after a crash and creates the file again; each replica therefore completes one. The primary
knows how many replicas there are, not their addresses: they are found by the hosts in the store's URL.
"""

from contextlib import closing
from typing import Any, Final, NamedTuple

from sqlalchemy import URL, Connection, Engine, text

from suar.store.engine.backends.lease import NAME_BYTES
from suar.store.engine.backends.sessions import CONNECT, open_session

SHOWN: Final = 4  # replicas that are named in what an erasure waits for
SERVERS_MAX: Final = 16  # hosts of a URL that are queried
_NOT_REPLAYED: Final = text(
    "SELECT application_name FROM pg_stat_replication WHERE replay_lsn IS NULL OR replay_lsn < CAST(:lsn AS pg_lsn)"
    " UNION ALL SELECT slot_name FROM pg_replication_slots WHERE slot_type = 'physical' AND NOT active LIMIT :most"
)
_FOLLOWING: Final = text("SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'")
_IN_RECOVERY: Final = "SELECT pg_is_in_recovery(), CAST(pg_postmaster_start_time() AS text)"
_HAS_REACHED: Final = "SELECT checkpoint_lsn >= CAST(%s AS pg_lsn) FROM pg_control_checkpoint()"


class Position(NamedTuple):
    """Positions in the server's log after something was destroyed: its end, and the last checkpoint."""

    end: str
    checkpoint: str


def position(connection: Connection) -> Position:
    """Return the positions after a checkpoint that covers what was destroyed."""
    connection.execute(text("CHECKPOINT"))
    statement = "SELECT CAST(pg_current_wal_lsn() AS text), CAST(checkpoint_lsn AS text) FROM pg_control_checkpoint()"
    end, checkpoint = connection.execute(text(statement)).one()
    return Position(end, checkpoint)


class Replicas:
    """The replicas of one database, reached by the hosts of its URL."""

    def __init__(self, engine: Engine, url: URL) -> None:
        self._driver: Any = engine.dialect.loaded_dbapi
        _, arguments = engine.dialect.create_connect_args(url)
        self._arguments = {**arguments, **CONNECT, "target_session_attrs": "any", "autocommit": True}
        self._servers = servers(str(arguments.get("host", "")), str(arguments.get("port", "")))

    def waits_for(self, connection: Connection, position: Position) -> str:
        """Return what has not followed so far, for people; empty once all have. `connection`: to the primary."""
        behind = connection.execute(_NOT_REPLAYED, {"lsn": position.end, "most": SHOWN}).scalars().all()
        if behind:
            return f"replicas that are behind or away: {_named(behind)}"
        following: int = connection.execute(_FOLLOWING).scalar_one()
        reached: set[str] = set()
        for host, port in self._servers:
            where = f"{host}:{port}".rstrip(":")
            try:
                server = self._replica_if_reached(host, port, position)
            except self._driver.Error:
                return f"the server {where}, which does not answer"
            if server == "":
                return f"the server {where}, which has completed no restartpoint since"
            if server is not None:
                reached.add(server)
        if len(reached) < following:
            return f"{following - len(reached)} replicas that store.url does not name"
        return ""

    def _replica_if_reached(self, host: str, port: str, position: Position) -> str | None:
        """Return what identifies the replica (its start time) if it has followed the position, empty if it has not.

        None if the host is the primary.
        """
        with closing(open_session(**self._arguments | {"host": host, "port": port})) as raw:
            is_replica, started = raw.execute(_IN_RECOVERY).fetchone()
            if not is_replica:
                return None
            if not self._has_reached(raw, position):
                raw.execute("CHECKPOINT")  # at a replica: a restartpoint of the last checkpoint that it replayed
            return str(started) if self._has_reached(raw, position) else ""

    @staticmethod
    def _has_reached(raw: Any, position: Position) -> bool:
        return bool(raw.execute(_HAS_REACHED, (position.checkpoint,)).fetchone()[0])


def servers(hosts: str, ports: str) -> list[tuple[str, str]]:
    """Return host and port of each server of a URL, as libpq reads its lists."""
    each, numbers = hosts.split(","), ports.split(",")
    numbers = numbers * len(each) if len(numbers) == 1 else numbers
    return list(zip(each, numbers, strict=False))[:SERVERS_MAX]


def _named(names: Any) -> str:
    return ", ".join(str(name)[:NAME_BYTES] for name in names)
