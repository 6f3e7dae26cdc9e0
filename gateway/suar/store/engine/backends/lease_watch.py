"""A waiting gateway reads the lease in a session of its own, which makes it visible to the leading one."""

from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, NullPool, event, text
from sqlalchemy.exc import DBAPIError

from suar.store.engine.backends.lease import HOLDER, HOST_MAX, KEPT, STANDBY, UNREADY, Leading, Lease, leading_of
from suar.store.engine.backends.server_checks import prepare_session, require_database, require_one_role
from suar.store.engine.backends.sessions import open_engine
from suar.store.faults import StoreFault

PATIENCE: Final = 6.0  # seconds without a renewal until a gateway's session is ended: it stopped sending after two
STARTING: Final = 600.0  # seconds for a gateway that has the lock and loads the store
ERASING: Final = (
    3_600.0  # seconds for one that waits for a table that a recall has written anew: another would wait too
)
_HOLDER: Final = text(HOLDER)
_HAS_TABLE: Final = text("SELECT to_regclass('meta') IS NOT NULL")
_KEPT: Final = text(KEPT)
_IS_ERASING: Final = text(
    "SELECT EXISTS (SELECT FROM pg_locks l JOIN pg_stat_progress_cluster c ON c.relid = l.relation"
    " AND c.datname = current_database() WHERE l.pid = :session AND NOT l.granted AND c.command = 'VACUUM FULL')"
)
_NAME: Final = text("SELECT set_config('application_name', :name, false)")
_END: Final = text("SELECT pg_terminate_backend(:session)")


class Sight(NamedTuple):
    """The lease at one reading: the session that has the lock, None if none has; and the gateway that led last, None if
    none did.
    """

    session: int | None
    leading: Leading | None
    is_erasing: bool = False  # the session waits for a table that is written anew (erasing.py)

    @property
    def is_renewing(self) -> bool:
        """Whether the row is of this session, which means that its gateway has loaded the store and renews the lease
        each second.
        """
        return self.leading is not None and self.leading.beats > 0 and self.leading.session == self.session


class Patience:
    """Decides whether the leading gateway is frozen: by what changes between two readings, never by another machine's
    clock.
    """

    def __init__(self) -> None:
        self._seen: Sight | None = None
        self._since = 0.0

    def observe(self, sight: Sight, now: float) -> bool:
        """Record what was read of the lease; returns True if the session of the leading gateway must be ended. `now` in
        seconds.
        """
        if sight != self._seen:
            self._seen, self._since = sight, now
        patience = ERASING if sight.is_erasing else PATIENCE if sight.is_renewing else STARTING
        return now - self._since >= patience


class LeaseWatch:
    """One session that reads the lease, named after this host while the gateway is ready to lead."""

    def __init__(self, lease: Lease, host: str) -> None:
        self._host, self._store = host[:HOST_MAX], lease.url.render_as_string(hide_password=True)
        self._engine = open_engine(lease.url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        event.listen(self._engine, "connect", _prepare)
        self._kept: Connection | None = None
        self._is_ready: bool | None = None  # the last announced state

    def observe(self) -> Sight:
        """Return the lease at this moment. Raises StoreFault."""
        session = self._run(_HOLDER).scalar()
        has_table = self._run(_HAS_TABLE).scalar_one()
        leading = leading_of(self._run(_KEPT).scalar() if has_table else None)
        return Sight(session, leading, self._run(_IS_ERASING, session=session).scalar_one())

    def require_fit(self, sight: Sight) -> None:
        """Raise StoreFault if this gateway could not lead, or could not end the session of the one that does."""
        try:
            require_database(self._connection(), self._store)
            if sight.session is not None:
                require_one_role(self._connection(), sight.session)
        except DBAPIError as error:
            raise self._failed(error) from error

    def announce(self, *, is_ready: bool) -> None:
        """Show the leading gateway whether this one would take over the lease."""
        if is_ready != self._is_ready:
            self._run(_NAME, name=f"{STANDBY if is_ready else UNREADY}{self._host}")
            self._is_ready = is_ready

    def end(self, session: int) -> None:
        """End the session of a frozen gateway: the lock is free, and the gateway's state in memory is never written."""
        self._run(_END, session=session)

    def close(self) -> None:
        """End the session, because the gateway no longer waits."""
        if self._kept is not None:
            self._kept.close()
        self._kept, self._is_ready = None, None

    def _run(self, statement: Any, **values: object) -> Any:
        try:
            return self._connection().execute(statement, values)
        except DBAPIError as error:
            raise self._failed(error) from error

    def _connection(self) -> Connection:
        self._kept = self._kept or self._engine.connect()
        return self._kept

    def _failed(self, error: DBAPIError) -> StoreFault:
        self._kept, self._is_ready = None, None
        reason, _, _ = str(error.orig).partition("\n")
        return StoreFault(f"the store cannot be read: {reason}", "check the database and the way to it")


def _prepare(raw: Any, _record: Any) -> None:
    try:
        prepare_session(raw)
        raw.commit()
    except BaseException:
        raw.close()
        raise
