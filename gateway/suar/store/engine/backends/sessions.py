"""How sessions of a store in PostgreSQL are opened, those of the gateway that leads and of its standby alike.

Each ends within seconds where the server, its machine or the way to it is gone, so the next one goes to another host of
the URL. The driver is imported with the first session, because a gateway whose store is a file runs without it.
"""

from typing import Any, Final

from sqlalchemy import URL, Engine, create_engine, event

WAIT: Final = 5  # seconds for a connection, of the pool or of the server
_ALIVE: Final = {
    "keepalives": 1, "keepalives_idle": 2, "keepalives_interval": 1, "keepalives_count": 3, "tcp_user_timeout": 4000,
}  # fmt: skip
"""After five seconds this side notices that the server's machine is gone; else it waits for an answer for hours. A
server that is stopped while its machine runs: answers.py.
"""
CONNECT: Final[dict[str, object]] = {
    "connect_timeout": WAIT, "application_name": "suar", "client_encoding": "utf8", **_ALIVE,
}  # fmt: skip
"""What each session asks for in addition to the URL."""
SEARCH_PATH: Final = "public, pg_temp"  # a temporary table would else be found before the store's of its name
_OF_STORE: Final = f"SET search_path = {SEARCH_PATH}; SET quote_all_identifiers = off"
"""Settings of each session, whatever the role's are: where tables are found, and how the schema is worded."""


def open_engine(url: URL, **options: Any) -> Engine:
    """Return an engine of the database at `url`; `options` are SQLAlchemy's.

    Exceptions do not contain the values of a statement.
    """
    made = create_engine(url, connect_args=CONNECT, hide_parameters=True, **options)
    event.listen(made, "do_connect", _open)
    return made


def open_session(*arguments: Any, **named: Any) -> Any:
    """Return a session of the driver, by the driver's own arguments. Its statements fail where its server no longer
    answers. Raises the driver's errors.
    """
    from suar.store.engine.backends.answers import AnsweredConnection

    made = AnsweredConnection.connect(*arguments, **named)
    try:
        made.execute(_OF_STORE)
        made.commit()
    except BaseException:
        made.close()
        raise
    return made


def sync_commits(raw: Any, _record: Any) -> None:
    """Require that an acknowledged commit is on disk, here and at a synchronous replica, whatever the database's
    setting is.
    """
    with raw.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('synchronous_commit', 'on', false)"
            " WHERE current_setting('synchronous_commit') NOT IN ('on', 'remote_apply')"
        )
    raw.commit()


def _open(_dialect: Any, _record: Any, arguments: Any, named: Any) -> Any:
    return open_session(*arguments, **named)
