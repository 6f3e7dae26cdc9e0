"""A store in PostgreSQL of the version before, with an account of its rows: it is verified, and brought to this one.

Its role is no superuser and owns its database alone, as deploy/postgresql/suar.sql makes both.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import MetaData, create_engine, make_url, text

from service.reading.test_evidence_that_lasts import configure, export, stamp
from suar.observe.hooks import Hooks
from suar.protocol.files.proof import verify
from suar.protocol.files.stamps import Authority
from suar.protocol.files.standing import Supplied
from suar.protocol.transport.content import digest
from suar.protocol.transport.outcome import Alarm
from suar.service.process import run
from suar.store.engine.account import AccountSeal
from suar.store.engine.anchor import Anchor
from suar.store.engine.bookkeeping import Books
from suar.store.engine.database import Database
from suar.store.engine.hashing import notices
from suar.store.engine.row_macs import RowMacs
from suar.store.faults import AlteredError
from suar.store.migrations import schema
from support import stores
from support.authority import Authority as Issuer
from support.authority import served
from support.bundles import ROOT
from support.corekit import PASSPHRASE, CoreKit, rows
from support.postgresql import Cluster
from support.proving import carry, pair_of_cores, publish

pytestmark = pytest.mark.sqlite  # run once: with a role of its own in a cluster
BEFORE = "0028"


@pytest.fixture
def pair(cluster: Cluster, tmp_path: Path) -> Iterator[tuple[CoreKit, CoreKit]]:
    """TH and SG, their stores in a cluster."""
    with stores.in_cluster(cluster):
        both = pair_of_cores(tmp_path)
        yield both
        for each in both:
            each.close()


@pytest.fixture
def url(cluster: Cluster) -> Iterator[str]:
    """An empty database as the example for administrators makes it, for its role."""
    file = ROOT / "deploy" / "postgresql" / "suar.sql"
    for statement in filter(str.strip, re.sub("^--.*$", "", file.read_text(), flags=re.MULTILINE).split(";")):
        cluster.execute(statement)
    yield make_url(cluster.url("suar")).set(username="suar").render_as_string(hide_password=False)
    cluster.execute("DROP DATABASE suar WITH (FORCE)")
    cluster.execute("DROP ROLE suar")


def as_before(kit: CoreKit, url: str) -> None:
    """Have the kit's store be that database: with its rows, and as a gateway of BEFORE left tables and hashes."""
    kit.keyring.save()
    kit.core.close()
    now, older = create_engine(str(stores.url(kit.folder))), Database(kit.folder, url)
    seal = AccountSeal(kit.keyring.store_key)
    books = Books(kit.code, RowMacs(kit.keyring.store_key), seal, Anchor(kit.folder, seal))
    with older.begin() as connection:
        schema.upgrade(connection, BEFORE)
        tables = MetaData()
        tables.reflect(connection)
        tables.remove(tables.tables["alembic_version"])
        with now.connect() as source:
            for table in tables.sorted_tables:
                found = [row._asdict() for row in source.execute(table.select())]
                if found:
                    connection.execute(table.insert(), found)
        books.macs.way = way = notices.Notices(books.macs)
        books.macs.columns = way.prepare(connection, is_missing=True)
        books.adopt(connection, BEFORE)
        books.finish(connection)
    books.note_commit()
    books.anchor.close()
    older.close()
    now.dispose()
    stores.name(kit.folder, url)


def start(kit: CoreKit) -> None:
    kit.core = run.open_core(kit.folder, PASSPHRASE, {}, Hooks())


def stamped(pair: tuple[CoreKit, CoreKit], folder: Path) -> tuple[str, Issuer]:
    """TH has an alarm with its object, and a message with a time stamp: its id, and the authority."""
    th, sg = pair
    with th.core.transaction() as connection:
        th.core.raise_alarm(connection, Alarm("A-SILENCE", "VN"), b"what was sent")
    [id_] = publish(th, "one")
    carry(th, sg)
    issuer = Issuer(folder / "tsa")
    with served(lambda query: (200, issuer.reply(query))) as address:
        configure(th, issuer, address)
        assert stamp(th) > 3
    return id_, issuer


def test_its_time_stamps_are_verified_and_prove_the_message_afterwards(
    pair: tuple[CoreKit, CoreKit], tmp_path: Path, url: str
) -> None:
    th = pair[0]
    id_, issuer = stamped(pair, tmp_path)
    wanted = {table: rows(th, f"select * from {table}") for table in ("stamp", "stamped")}
    count = len(wanted["stamped"])
    as_before(th, url)
    assert "mac" not in rows_before(url, "stamp")[0]
    start(th)
    with th.core.database.reading() as connection:
        assert connection.execute(text("select current_user")).scalar_one() == "suar"
        assert not connection.execute(text("select rolsuper from pg_roles where rolname = current_user")).scalar_one()
    for table, before in wanted.items():
        found = rows(th, f"select * from {table}")
        assert sorted(row[:-1] for row in found) == sorted(row[:-1] for row in before)
        assert all(len(row.mac) == 32 for row in found)
    assert th.core.integrity.finding is None
    [alarm] = rows(th, "select evidence, evidence_digest from alarm where evidence is not null")
    assert alarm.evidence_digest == digest(alarm.evidence)
    [line] = rows(th, "select about from audit where what = 'store-adopt'")
    assert line.about == f"tables {BEFORE} became {schema.newest()}"
    proved = verify(export(th, id_), th.lists.hash(), Supplied(authority=Authority(issuer.ca)))
    assert proved.moment is not None
    again_and_whole(th, count)


def again_and_whole(kit: CoreKit, count: int) -> None:
    """The next start finds nothing, the number of stamped values among it."""
    kit.core.close()
    found = {table: (size, finding) for table, size, finding in run.verified(kit.folder, PASSPHRASE, {})}
    assert {finding for _, finding in found.values()} == {None}
    assert (found["stamp"][0], found["stamped"][0]) == (1, count)
    start(kit)
    assert len(rows(kit, "select 1 from audit where what = 'store-adopt'")) == 1


def test_what_was_altered_in_it_is_named_and_nothing_is_migrated(
    pair: tuple[CoreKit, CoreKit], tmp_path: Path, url: str
) -> None:
    th = pair[0]
    stamped(pair, tmp_path)
    as_before(th, url)
    assert stores.write(th.folder, "update meta set value = '1' where name = 'highest_time'") == 1
    with pytest.raises(AlteredError, match="table meta"):
        run.verified(th.folder, PASSPHRASE, {})  # as `start`, and closes the store
    assert [row["version_num"] for row in rows_before(url, "alembic_version")] == [BEFORE]


def rows_before(url: str, table: str) -> list[dict[str, object]]:
    """The rows of a table of a store that nobody has open."""
    engine = create_engine(url)
    with engine.connect() as connection:
        found = [row._asdict() for row in connection.execute(text(f"select * from {table}"))]
    engine.dispose()
    return found
