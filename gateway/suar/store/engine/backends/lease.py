"""Which gateway of a pair writes a store in PostgreSQL: the one whose writing session has the lock.

The lock belongs to the session, so a gateway that lost the session has neither the lock nor a way to commit, and a
gateway that is killed releases it at once. The standby ends the session of a frozen gateway. The row `lease` of the
table meta states which gateway leads. Its term increases with each gateway that takes the lock, so a gateway that
returns detects that another one led in the meantime, and never writes its own state in memory.
"""

import time
from typing import Any, Final

import msgspec
from sqlalchemy import URL, Connection, Engine, event, text

from suar.store.engine.backends.server_checks import prepare_session
from suar.store.faults import LeaseFault, StoreFault

LOCK: Final = 1_818_583_411  # any number that nothing else on the server locks
FRESH: Final = 4.0  # seconds after the last renewal in which objects may be sent
STANDBY: Final = "suar standby "  # name of the sessions of waiting gateways, before their host
UNREADY: Final = "suar unready "  # the same, of gateways that could not lead
NAME_BYTES: Final = 63  # of a session's name in PostgreSQL
HOST_MAX: Final = NAME_BYTES - len(STANDBY)
ROW: Final = "lease"
HOLDER: Final = (
    "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid = 0 AND objsubid = 1"
    " AND objid = 1818583411 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)
"""The session that has LOCK."""
KEPT: Final = "SELECT value FROM meta WHERE name = 'lease'"
_WAITING: Final = text(
    "SELECT application_name FROM pg_stat_activity"
    " WHERE datname = current_database() AND starts_with(application_name, :named) ORDER BY 1 LIMIT 8"
)


def waiting(connection: Connection, named: str = STANDBY) -> list[str]:
    """Return the hosts of gateways that wait for the lease, or of those that are UNREADY to take it; at most eight."""
    names = connection.execute(_WAITING, {"named": named}).scalars()
    return [str(name).removeprefix(named) for name in names]


class Leading(msgspec.Struct, frozen=True):
    """Which gateway leads, as the row states it; `beats` counts renewals, 0 until that gateway has loaded the store."""

    term: int
    host: str
    keyring: str  # the hash of its keyring
    session: int = 0  # of the server whose lock the row is about
    beats: int = 0


_decode: Final = msgspec.json.Decoder(Leading).decode


def leading_of(value: str | None) -> Leading | None:
    """Return which gateway leads by the row's value; None if none has led yet. Raises StoreFault for an invalid row."""
    try:
        return None if value is None else _decode(value)
    except msgspec.DecodeError as error:
        raise StoreFault("the row of the lease was altered", "find out who writes the database") from error


class Lease:
    """The lease of one process. Its methods run on the thread that writes, except for `is_fresh`."""

    def __init__(self, writer: Engine, url: URL) -> None:
        self._writer, self.url = writer, url
        self._is_requested = False
        self._ours: Leading | None = None  # as of the last commit
        self._session = 0  # the last session that had the lock
        self._renewed = 0.0

    @property
    def is_fresh(self) -> bool:
        """Whether it was renewed within FRESH seconds; otherwise nothing is sent. For any thread; read at each use."""
        return boot_seconds() - self._renewed < FRESH

    @property
    def is_over(self) -> bool:
        """Whether it was renewed before, but not within FRESH seconds: another gateway may lead. For any thread."""
        return bool(self._renewed) and not self.is_fresh

    def require(self) -> None:
        """Make each new session that writes take the lock, or close it with LeaseFault."""
        if not self._is_requested:
            self._is_requested = True
            event.listen(self._writer, "connect", self._lock)

    def claim(self, connection: Connection, keyrings: tuple[str, ...], host: str, least: int = 1) -> None:
        """Begin a term, in the caller's transaction and before anything else is written.

        `keyrings`: hashes of our keyring, the last one as it is, the others as it was before keys were added. `least`:
        the term where the store names no earlier one. Raises LeaseFault where the gateway that led before had another.
        """
        before = leading_of(connection.execute(text(KEPT)).scalar())
        require_keyring(before, keyrings)
        term = before.term + 1 if before else least
        self._ours = self._written(connection, Leading(term, host[:HOST_MAX], keyrings[-1]))

    def renew(self, connection: Connection) -> Leading:
        """Renew the lease in the caller's transaction. Raises LeaseFault if another gateway led in the meantime.

        Call `renewed` after the commit.
        """
        assert self._ours is not None  # noqa: S101 - it was claimed
        session: int = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        ours = msgspec.structs.replace(self._ours, session=session, beats=self._ours.beats + 1)
        return self._written(connection, ours)

    def renewed(self, leading: Leading, since: float) -> None:
        """Record that the renewal was committed; its transaction began at `since`, of `boot_seconds`."""
        self._ours, self._renewed = leading, since

    def _written(self, connection: Connection, leading: Leading) -> Leading:
        value = msgspec.json.encode(leading).decode()
        upsert = "INSERT INTO meta (name, value) VALUES (:name, :value) ON CONFLICT (name) DO UPDATE SET value = :value"
        connection.execute(text(upsert), {"name": ROW, "value": value})
        return leading

    def _lock(self, raw: Any, _record: Any) -> None:
        """Let a new session take the lock and continue the term of this gateway, or close it."""
        try:
            prepare_session(raw)
            with raw.cursor() as cursor:
                cursor.execute("SELECT pg_try_advisory_lock(%s), pg_backend_pid()", (LOCK,))
                is_ours, session = cursor.fetchone()
                if not is_ours:
                    raise self._refusal(cursor)
                self._require_same(cursor)
                self._session = session
            raw.commit()
        except BaseException as error:
            if isinstance(error, LeaseFault):
                self._renewed = -FRESH  # nothing more is sent
            raw.close()
            raise

    def _refusal(self, cursor: Any) -> StoreFault:
        """Return why another session has the lock: another gateway's, or an earlier one of ours whose end the server
        has not noticed.
        """
        cursor.execute(HOLDER)
        holder = cursor.fetchone()
        if holder is not None and holder[0] == self._session:
            cursor.execute("SELECT pg_terminate_backend(%s)", (self._session,))
            return StoreFault("the store's session of before has not ended yet", "nothing to do; it is tried again")
        return LeaseFault("another gateway of this member holds the store's lease", _HELD)

    def _require_same(self, cursor: Any) -> None:
        """Check that our memory agrees with the store: no other gateway led since, and no older copy of the store
        replaced it.
        """
        if self._ours is None:
            return
        cursor.execute(KEPT)
        row = cursor.fetchone()
        kept = leading_of(row[0] if row else None)
        if kept is None or kept.term != self._ours.term or kept.beats < self._ours.beats:
            raise LeaseFault("another gateway of this member held the store's lease meanwhile", _HELD)


_HELD: Final = "run commands at the gateway that leads; `suar serve` waits here as its standby"


def require_keyring(leading: Leading | None, keyrings: tuple[str, ...]) -> None:
    """Raise LeaseFault if the gateway that led has neither our keyring nor an earlier state of it."""
    if leading is not None and leading.keyring not in keyrings:
        raise LeaseFault(
            f"the keyring here is not that of {leading.host}, which led last (pair-keyring)",
            "`suar pair export` there, then `suar pair import` here",
        )


def boot_seconds() -> float:
    """Return a time in seconds that also advances while the machine is suspended."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)
