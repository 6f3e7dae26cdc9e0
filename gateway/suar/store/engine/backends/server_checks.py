"""What a store requires of its database, its role and the connection; checked before migrations, and by a standby.

A gateway of a pair ends the session of the other one, so both must have the same role. A pooler would keep the lease's
lock in a session that other processes use too. Without TCP keepalives, the session of a machine that is gone holds the
lock for hours.
"""

from ipaddress import ip_address
from typing import Any, Final

from sqlalchemy import Connection, text

from suar.store.engine.backends.sessions import SEARCH_PATH
from suar.store.faults import StoreFault

OLDEST: Final = 15  # the first with the role pg_checkpoint
ROLES: Final = ("pg_checkpoint", "pg_monitor")  # what an erasure needs in addition to the tables: backends/erasing.py
KEEPALIVES: Final = (
    ("tcp_keepalives_idle", "2"), ("tcp_keepalives_interval", "1"), ("tcp_keepalives_count", "3"),
    ("tcp_user_timeout", "4000"),
)  # fmt: skip
"""Settings of the server's side of the session: after five seconds it notices that the gateway's machine is gone."""
_WANTED: Final = ("UTF8", "C", "C")
_LOGS_NOTICES: Final = ("debug5", "debug4", "debug3", "debug2", "debug1", "info", "notice")
_DATABASE: Final = text(
    "SELECT pg_encoding_to_char(encoding) AS encoding, datcollate, datctype, current_user AS role,"
    " CAST(current_setting('server_version_num') AS integer) AS version, current_setting('log_min_messages') AS logged"
    " FROM pg_database WHERE datname = current_database()"
)
_TRIGGERS: Final = text("SELECT current_setting('session_replication_role') AS replication, current_user AS role")
_SESSION: Final = (("search_path", SEARCH_PATH), ("client_min_messages", "notice"), ("bytea_output", "hex"))
"""Settings of the session that writes: by these statements find the store's tables, and rows are told in notices."""
_HAS_ROLE: Final = text("SELECT pg_has_role(current_user, :role, 'USAGE')")
_OTHER_ROLE: Final = text("SELECT usename FROM pg_stat_activity WHERE pid = :session AND usename <> current_user")


def require_database(connection: Connection, name: str) -> None:
    """Raise StoreFault for a database whose erasure or order of texts differs from SQLite's.

    `name`: the store's name without a password.
    """
    found = connection.execute(_DATABASE).one()
    if found.version < OLDEST * 10_000:
        raise StoreFault(
            f"the server of {name} is PostgreSQL {found.version // 10_000}", f"PostgreSQL {OLDEST} or newer"
        )
    missing = missing_roles(connection)
    if missing:
        raise StoreFault(
            f"the role of {name} lacks {', '.join(missing)}", f"GRANT {', '.join(missing)} TO {found.role}"
        )
    if found.logged in _LOGS_NOTICES:
        raise StoreFault(
            f"the server of {name} writes notices to its log, and rows are told in notices (log_min_messages)",
            "ALTER SYSTEM SET log_min_messages = warning; SELECT pg_reload_conf()",
        )
    require_triggers(connection)
    if (found.encoding, found.datcollate, found.datctype) != _WANTED:
        raise StoreFault(
            f"the database {name} is not in UTF-8 and locale C: {found.encoding}, {found.datcollate}, {found.datctype}",
            "make it anew: CREATE DATABASE suar TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'",
        )


def require_triggers(connection: Connection) -> None:
    """Raise StoreFault if the triggers that tell of changed rows do not run in the session."""
    found = connection.execute(_TRIGGERS).one()
    if found.replication != "origin":
        raise StoreFault(
            f"session_replication_role of the role {found.role} is {found.replication}, so no trigger tells of a row",
            f"ALTER ROLE {found.role} RESET session_replication_role; the same of the database, of the server and in"
            " store.url",
        )


def require_session(connection: Connection) -> None:
    """Raise StoreFault if the session that writes is not as the gateway opened it, and end it: the settings of the role
    are read anew by the next one, which the next transaction opens.
    """
    try:
        require_triggers(connection)
        changed = [name for name, value in _SESSION if _setting(connection, name) != value]
        if connection.execute(text("SELECT pg_my_temp_schema() <> 0")).scalar_one():
            changed.append("temporary tables")
        if changed:
            raise StoreFault(
                f"the session of the store was changed from outside: {', '.join(changed)}",
                "find out who administers the database; the gateway goes on in another session",
            )
    except StoreFault:
        connection.invalidate()
        raise


def _setting(connection: Connection, name: str) -> str:
    return str(connection.execute(text("SELECT current_setting(:name)"), {"name": name}).scalar_one())


def is_plain(raw: Any) -> bool:
    """Whether a session of the driver goes to another machine without TLS."""
    where = raw.info.hostaddr
    is_here = raw.info.host.startswith(("/", "@")) or (bool(where) and ip_address(where.partition("%")[0]).is_loopback)
    return not is_here and not raw.pgconn.ssl_in_use


def missing_roles(connection: Connection) -> list[str]:
    """Return those of ROLES that the session's role does not have."""
    return [role for role in ROLES if not connection.execute(_HAS_ROLE, {"role": role}).scalar_one()]


def require_one_role(connection: Connection, session: int) -> None:
    """Raise StoreFault if that session, of the gateway that leads, has another role than this one."""
    other = connection.execute(_OTHER_ROLE, {"session": session}).scalar()
    if other is not None:
        raise StoreFault(
            f"the gateway that leads has the role {other} in the database, not the one of this gateway",
            "name one role in the store.url of both: the session of a gateway that is frozen could not be ended",
        )


def prepare_session(raw: Any) -> None:
    """Make a session of the driver end with its machine. Raises StoreFault if it cannot, or for a pooler."""
    with raw.cursor() as cursor:
        _require_direct(raw, cursor)
        _keep_alive(cursor)


def _require_direct(raw: Any, cursor: Any) -> None:
    cursor.execute("SELECT pg_backend_pid()")
    if cursor.fetchone()[0] != raw.info.backend_pid:
        raise StoreFault(
            "a pooler of connections stands before the store", "name the database itself in store.url, without a pooler"
        )


def _keep_alive(cursor: Any) -> None:
    for name, value in KEEPALIVES:
        cursor.execute("SELECT set_config(%s, %s, false)", (name, value))
    cursor.execute("SELECT inet_client_addr() IS NULL")
    is_this_machine = cursor.fetchone()[0]
    found = []
    for name, _ in KEEPALIVES:
        cursor.execute("SELECT setting FROM pg_settings WHERE name = %s", (name,))
        found.append((name, cursor.fetchone()[0]))
    require_keepalives(found, is_this_machine=is_this_machine)


def require_keepalives(found: list[tuple[str, str]], *, is_this_machine: bool) -> None:
    """Raise StoreFault if a session continues after its machine is gone. A socket of this machine ends with it."""
    missing = [name for (name, value), (_, wanted) in zip(found, KEEPALIVES, strict=True) if value != wanted]
    if missing and not is_this_machine:
        raise StoreFault(
            f"the store's server does not set {', '.join(missing)}",
            "a gateway whose machine is gone would hold the lease for hours: use a server on Linux, without a pooler",
        )
