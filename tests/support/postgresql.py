"""A private cluster of PostgreSQL: in a temporary folder, on a unix socket that nobody else reaches, without fsync.

A database is copied from one that was migrated once, and dropped when its test has ended.
"""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import URL, create_engine, text

from suar.store.engine.database import Database
from support.executables import INITDB, PG_CTL, require

if TYPE_CHECKING:
    from sqlalchemy import Engine

_USER: Final = "postgres"  # who runs a server that root may not run, and the cluster's own first role
_TEMPLATE: Final = "migrated"
_SETTINGS: Final = "-c listen_addresses='' -c fsync=off -c full_page_writes=off -c shared_buffers=16MB"


class Cluster:
    """One server; `folder` is its data and its socket."""

    def __init__(self) -> None:
        require(PG_CTL if INITDB else "", "postgresql", "postgresql")
        self.folder = Path(tempfile.mkdtemp(prefix="suar-pg-", dir="/tmp"))  # a short path, as a socket needs
        self._as_user = {"user": _USER, "group": _USER, "extra_groups": []} if os.geteuid() == 0 else {}
        if self._as_user:
            shutil.chown(self.folder, _USER, _USER)
        self._names = itertools.count()
        self._admin: Engine = create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT")
        self._run(INITDB, "-A", "trust", "-U", _USER, "-E", "UTF8", "--locale", "C", "--no-sync", "-D", self.data)
        try:
            self._run(PG_CTL, "start", "-w", "-D", self.data, "-l", f"{self.folder}/log", "-o", self._options())
            self._make_template()
        except BaseException:
            self.close()
            raise

    @property
    def data(self) -> str:
        return f"{self.folder}/data"

    def _options(self) -> str:
        return f"{_SETTINGS} -c unix_socket_directories='{self.folder}'"

    def _run(self, *command: str) -> None:
        subprocess.run(command, check=True, cwd="/", stdout=subprocess.DEVNULL, timeout=60, **self._as_user)  # type: ignore[call-overload]

    def _make_template(self) -> None:
        self.execute(f"CREATE DATABASE {_TEMPLATE}")
        database = Database(self.folder, self.url(_TEMPLATE))
        database.migrate()
        database.close()

    def url(self, name: str) -> str:
        """Where a database of this cluster is reached."""
        made = URL.create("postgresql+psycopg", _USER, database=name, query={"host": str(self.folder)})
        return made.render_as_string(hide_password=False)

    def execute(self, statement: str) -> None:
        """Run a statement outside a transaction, as the cluster's first role."""
        with self._admin.connect() as connection:
            connection.execute(text(statement))

    def new_database(self, options: str = f"TEMPLATE {_TEMPLATE}") -> str:
        """The URL of a new database, with the tables of this version unless `options` say otherwise."""
        name = f"store{next(self._names)}"
        self.execute(f"CREATE DATABASE {name} {options}")
        return self.url(name)

    def drop_databases(self) -> None:
        """Drop every database that was made for a test."""
        with self._admin.connect() as connection:
            names = connection.execute(text("SELECT datname FROM pg_database WHERE datname LIKE 'store%'")).scalars()
            for name in names.all():
                connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))

    def close(self) -> None:
        """End the server by its own pid, and remove it."""
        self._admin.dispose()
        try:
            if Path(self.data, "postmaster.pid").exists():
                self._run(PG_CTL, "stop", "-w", "-m", "immediate", "-D", self.data)
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)
