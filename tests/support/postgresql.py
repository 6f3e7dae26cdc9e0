"""A private cluster of PostgreSQL: in a temporary folder, on a unix socket that nobody else reaches, without fsync.

A database is copied from one that was migrated once, and emptied for another test when its own has ended.
"""

from __future__ import annotations

import itertools
import os
import re
import shutil
import signal
import subprocess
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import URL, create_engine, make_url, text
from sqlalchemy.exc import OperationalError

from suar.protocol.base.primitives import Secret
from suar.store.engine.account import AccountSeal
from suar.store.engine.anchor import Anchor
from suar.store.engine.bookkeeping import Books
from suar.store.engine.database import Database
from suar.store.engine.row_macs import RowMacs
from support import emptied
from support.executables import INITDB, PG_BASEBACKUP, PG_CONTROLDATA, PG_CTL, PG_DUMP, PG_RESTORE, require

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

_USER: Final = "postgres"  # who runs a server that root may not run, and the cluster's own first role
_TEMPLATE: Final = "migrated"
_OF_TEMPLATE: Final = f"TEMPLATE {_TEMPLATE}"
_SETTINGS: Final = "-c listen_addresses='' -c fsync=off -c full_page_writes=off -c shared_buffers=16MB"


def padded(position: str) -> str:
    """A position in the server's log, so that texts compare as positions do."""
    return "/".join(part.zfill(8) for part in position.split("/"))


class Standby:
    """A server that follows a cluster's."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster, self.data = cluster, f"{cluster.folder}/standby"
        host = str(cluster.folder)
        cluster.run(
            PG_BASEBACKUP, "-h", host, "-U", _USER, "-D", self.data, "-R", "-C", "-S", "standby", "-c", "fast", "-N"
        )
        self.start()

    def start(self) -> None:
        self._cluster.start(self.data, 5433)

    def stop(self) -> None:
        self._cluster.stop(self.data)

    def execute(self, statement: str) -> None:
        """Run a statement there."""
        engine = create_engine(self._cluster.url("postgres", 5433), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(statement))
        engine.dispose()

    def restartpoint(self) -> str:
        """From where it replays when it starts, by its own file; it is stopped."""
        shown = self._cluster.run(PG_CONTROLDATA, "-D", self.data)
        return padded(re.search(r"REDO location: +(\S+)", shown)[1])  # type: ignore[index]  # it always has it

    def promote(self) -> None:
        """It takes writes from now on, as its administrators' tool does it when the primary is gone."""
        self._cluster.run(PG_CTL, "promote", "-w", "-t", "200", "-D", self.data)


class Cluster:
    """One server; `folder` is its data and its socket."""

    def __init__(self) -> None:
        require(PG_CTL if INITDB else "", "postgresql", "postgresql")
        self.folder = Path(tempfile.mkdtemp(prefix="suar-pg-", dir="/tmp"))  # a short path, as a socket needs
        self._as_user = {"user": _USER, "group": _USER, "extra_groups": []} if os.geteuid() == 0 else {}
        if self._as_user:
            shutil.chown(self.folder, _USER, _USER)
        self._names = itertools.count()
        self._empty: list[str] = []  # databases that a test has left
        self._of_template: set[str] = set()
        self._admin: Engine = create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT")
        self.run(INITDB, "-A", "trust", "-U", _USER, "-E", "UTF8", "--locale", "C", "--no-sync", "-D", self.data)
        try:
            self.start(self.data, 5432)
            self._make_template()
        except BaseException:
            self.close()
            raise

    @property
    def data(self) -> str:
        return f"{self.folder}/data"

    def start(self, data: str, port: int) -> None:
        """Start a server on that data."""
        options = f"{_SETTINGS} -c unix_socket_directories='{self.folder}' -c port={port}"
        self.run(PG_CTL, "start", "-w", "-t", "200", "-D", data, "-l", f"{data}.log", "-o", options)

    def stop(self, data: str) -> None:
        """End the server on that data by its own pid."""
        if Path(data, "postmaster.pid").exists():
            self.run(PG_CTL, "stop", "-w", "-t", "200", "-m", "immediate", "-D", data)

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Within the block the server and its sessions do nothing, and their connections stand."""
        self._signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._signal(signal.SIGCONT)

    def kill_sessions(self, url: str) -> int | None:
        """Kill one session of a database, which ends all others of the server too: it recovers, and begins again.

        Returns the process that was killed; None where the database has no session.
        """
        wanted = "SELECT pid FROM pg_stat_activity WHERE datname = :name ORDER BY random() LIMIT 1"
        with self._admin.connect() as connection:
            found = connection.execute(text(wanted), {"name": make_url(url).database}).scalar()
            if found is not None:
                with suppress(ProcessLookupError):
                    os.kill(found, signal.SIGKILL)
        self._admin.dispose()
        return found

    async def has_begun_again(self, killed: int) -> bool:
        """Whether the server takes sessions again after that one was killed."""
        try:
            with self._admin.connect() as connection:
                wanted = text("SELECT count(*) FROM pg_stat_activity WHERE pid = :pid")
                return connection.execute(wanted, {"pid": killed}).scalar() == 0
        except OperationalError:
            return False

    def _signal(self, number: signal.Signals) -> None:
        """Send it to the server, which then starts no session, and to what it has started."""
        first = int(Path(self.data, "postmaster.pid").read_text().split()[0])
        os.kill(first, number)
        for child in Path(f"/proc/{first}/task/{first}/children").read_text().split():
            with suppress(ProcessLookupError):  # a session ended meanwhile
                os.kill(int(child), number)

    def run(self, *command: str) -> str:
        """Run a program of PostgreSQL as who owns the data; what it says."""
        with tempfile.TemporaryFile("w+") as output:  # a server that it starts keeps it open
            subprocess.run(command, check=True, cwd="/", stdout=output, timeout=240, **self._as_user)  # type: ignore[call-overload]  # who runs it, by name
            output.seek(0)
            return output.read()

    def _make_template(self) -> None:
        self.execute(f"CREATE DATABASE {_TEMPLATE}")
        database = Database(self.folder, self.url(_TEMPLATE))
        database.migrate()
        seal = AccountSeal(Secret(bytes(32)))
        database.protect(Books("TH", RowMacs(Secret(bytes(32))), seal, Anchor(self.folder, seal)))  # with its triggers
        database.close()
        self._shape = emptied.shape_of(self._conninfo(_TEMPLATE))

    def url(self, name: str, port: int = 5432) -> str:
        """Where a database of this cluster is reached."""
        query = {"host": str(self.folder), **({"port": str(port)} if port != 5432 else {})}
        made = URL.create("postgresql+psycopg", _USER, database=name, query=query)
        return made.render_as_string(hide_password=False)

    def url_of_both(self, url: str) -> str:
        """The same database at whichever of this server and its standby takes writes, as libpq finds it."""
        hosts = {"host": f"{self.folder},{self.folder}", "port": "5432,5433", "target_session_attrs": "read-write"}
        return make_url(url).set(query=hosts).render_as_string(hide_password=False)

    def execute(self, statement: str) -> None:
        """Run a statement outside a transaction, as the cluster's first role."""
        with self._admin.connect() as connection:
            connection.execute(text(statement))

    def value(self, statement: str) -> str:
        """The position that a query gives, so that positions compare."""
        with self._admin.connect() as connection:
            return padded(str(connection.execute(text(statement)).scalar_one()))

    def _conninfo(self, name: str) -> str:
        return f"host={self.folder} user={_USER} dbname={name}"

    def new_database(self, options: str = _OF_TEMPLATE) -> str:
        """The URL of an empty database, with the tables of this version unless `options` say otherwise."""
        if options == _OF_TEMPLATE and self._empty:
            return self.url(self._empty.pop())
        name = f"store{next(self._names)}"
        self.execute(f"CREATE DATABASE {name} {options}")
        if options == _OF_TEMPLATE:
            self._of_template.add(name)
        return self.url(name)

    def copy(self, url: str) -> str:
        """The URL of a copy of a database that nobody has open."""
        return self.new_database(f"TEMPLATE {make_url(url).database}")

    def reloaded(self, url: str) -> str:
        """The URL of a database that pg_restore made from a dump of that one."""
        made, dump = self.new_database("TEMPLATE template0"), f"{self.folder}/dump"
        where = ("-h", str(self.folder), "-U", _USER)
        require(PG_DUMP and PG_RESTORE, "postgresql", "postgresql")
        self.run(PG_DUMP, *where, "-Fc", "-f", dump, str(make_url(url).database))
        self.run(PG_RESTORE, *where, "--exit-on-error", "-d", str(make_url(made).database), dump)
        return made

    def files(self, url: str, data: str = "") -> list[bytes]:
        """What stands in the files of a database, of this server or of the standby with that data."""
        with self._admin.connect() as connection:
            connection.execute(text("CHECKPOINT"))
            wanted = text("SELECT oid FROM pg_database WHERE datname = :name")
            oid = connection.execute(wanted, {"name": make_url(url).database}).scalar_one()
        found = []
        for path in Path(data or self.data, "base", str(oid)).iterdir():
            with suppress(FileNotFoundError):  # a table was written anew
                found.append(path.read_bytes())
        return found

    @contextmanager
    def standby(self) -> Iterator[Standby]:
        """A second server that follows this one by a slot."""
        made = Standby(self)
        try:
            yield made
        finally:
            made.stop()
            self.execute("SELECT pg_drop_replication_slot('standby')")
            shutil.rmtree(made.data)

    def databases(self) -> frozenset[str]:
        """Those that tests have now."""
        with self._admin.connect() as connection:
            names = connection.execute(text("SELECT datname FROM pg_database WHERE datname LIKE 'store%'")).scalars()
            return frozenset(names.all()).difference(self._empty)

    def drop_databases(self) -> None:
        """Drop every database that a test has."""
        for name in self.databases():
            self._drop(name)

    def _drop(self, name: str) -> None:
        self.execute(f"DROP DATABASE {name} WITH (FORCE)")
        self._of_template.discard(name)

    def recycle(self, kept: frozenset[str]) -> None:
        """Every database that a test has, but for those, is given to another test, or dropped if it cannot be."""
        for name in self.databases() - kept:
            if name in self._of_template and self._is_left(name) and self._is_emptied(name):
                self._empty.append(name)
            else:
                self._drop(name)

    def _is_left(self, name: str) -> bool:
        """End whatever has the database open; whether nothing has."""
        ended = "SELECT bool_and(pg_terminate_backend(pid, 60000)) FROM pg_stat_activity WHERE datname = :name"
        with self._admin.connect() as connection:
            return connection.execute(text(ended), {"name": name}).scalar_one() is not False

    def _is_emptied(self, name: str) -> bool:
        return emptied.is_emptied(self._conninfo(name), self._shape)

    def close(self) -> None:
        """End the server by its own pid, and remove it."""
        self._admin.dispose()
        try:
            self.stop(self.data)
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)
