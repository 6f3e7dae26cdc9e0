"""What somebody puts into the database beside the store's tables would be hashed as ours: it is found first."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from suar.store.engine import meta, verifying
from suar.store.engine.database import Database, StoreFault
from suar.store.engine.hashing import notices
from suar.store.faults import AlteredError
from suar.store.migrations import schema_postgresql
from suar.store.recovery import adopting
from support.postgresql import Cluster
from support.protected import Kept, opened

pytestmark = pytest.mark.sqlite  # run once: each test opens its own database of the cluster
EVIL = "CREATE FUNCTION evil() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN NEW.value = 'theirs'; RETURN NEW; END$$"
PLANTED = {
    "trigger evil of meta": f"{EVIL}; CREATE TRIGGER evil BEFORE INSERT ON meta FOR EACH ROW EXECUTE FUNCTION evil()",
    "function evil()": EVIL,
    "rule evil of meta": "CREATE RULE evil AS ON INSERT TO meta DO ALSO DELETE FROM token",
    "policy evil of meta": "CREATE POLICY evil ON meta USING (true)",
    "relation evil": "CREATE VIEW evil AS SELECT * FROM meta",
    "schema evil": "CREATE SCHEMA evil",
    "constraint evil of meta": "ALTER TABLE meta ADD CONSTRAINT evil CHECK (value <> '')",
    "column value of meta": "ALTER TABLE meta ALTER value SET DEFAULT 'theirs'",
    "column evil of meta": "ALTER TABLE meta ADD evil text DEFAULT 'theirs'",
    "type evil": "CREATE DOMAIN evil AS text",
    "event trigger evil": "CREATE FUNCTION evil() RETURNS event_trigger LANGUAGE plpgsql AS $$BEGIN END$$;"
    " CREATE EVENT TRIGGER evil ON ddl_command_end EXECUTE FUNCTION evil()",
    "function suar_row_changed()": f"CREATE OR REPLACE FUNCTION {notices.FUNCTION}() RETURNS trigger LANGUAGE plpgsql"
    " AS $$BEGIN RETURN NULL; END$$",
    "function to_jsonb(evil token)": "SET allow_system_table_mods = on; CREATE FUNCTION pg_catalog.to_jsonb(evil token)"
    " RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$SELECT NULL::jsonb$$",
    "relation queue_n_seq": "ALTER SEQUENCE queue_n_seq INCREMENT BY -1",
    "inheritance evil of carried": "CREATE TABLE evil (LIKE carried); ALTER TABLE evil INHERIT carried",
    "relation token": "ALTER TABLE token SET UNLOGGED",
    "collation default": "CREATE COLLATION public.\"default\" (provider = icu, locale = 'und', deterministic = false);"
    ' ALTER TABLE sample ALTER origin TYPE varchar COLLATE public."default"',
    "subscription evil": "CREATE SUBSCRIPTION evil CONNECTION 'dbname=evil' PUBLICATION evil"
    " WITH (connect = false, slot_name = NONE)",
    "publication evil": "CREATE PUBLICATION evil FOR ALL TABLES",
    "language evil": "CREATE LANGUAGE evil HANDLER plpgsql_call_handler",
    "foreign data wrapper evil": "CREATE FOREIGN DATA WRAPPER evil",
    "trigger suar_row of token": "ALTER TABLE token DISABLE TRIGGER suar_row",
}

_ROW = "INSERT INTO sample (origin, code, rule, subject, data, at) VALUES ('VN', '', '', '', '', 0)"
_ROWS = (
    "INSERT INTO sample (n, origin, code, rule, subject, data, at)"
    " SELECT n, 'VN', '', '', '', '', 0 FROM unnest(ARRAY[1, 7, 9223372036854775807]) AS n"
)
_SET = ("SELECT setval('sample_n_seq', 9223372036854775807)", "SELECT setval('sample_n_seq', 1, false)")


@pytest.fixture
def kept(tmp_path: Path, cluster: Cluster) -> Iterator[Kept]:
    url = cluster.new_database()
    made = opened(tmp_path, url)
    with made.database.begin() as connection:
        made.books.adopt(connection, adopting.schema_of(connection))
    yield made
    made.database.close()
    run(made.url, "DROP SUBSCRIPTION IF EXISTS evil")  # with it no database is dropped
    cluster.drop_databases()


def run(url: str, *statements: str) -> None:
    """As whoever administers the database."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def put(kept: Kept, value: str = "ours") -> None:
    with kept.database.begin() as connection:
        meta.put(connection, "a", value)


@pytest.mark.parametrize("name", PLANTED)
def test_nothing_that_changes_what_is_written_is_hashed_with_it(kept: Kept, name: str) -> None:
    run(kept.url, PLANTED[name])
    for _ in range(2):
        with pytest.raises(StoreFault):  # of the database itself where it has a rule
            put(kept)
    with kept.database.reading() as connection:
        assert meta.get(connection, "a") is None


@pytest.mark.parametrize("name", PLANTED.keys() - {"function suar_row_changed()", "trigger suar_row of token"})
def test_a_database_that_has_it_is_not_opened(kept: Kept, tmp_path: Path, name: str) -> None:
    kept.database.close()
    run(kept.url, PLANTED[name])
    with pytest.raises(AlteredError, match="the schema of the store was altered"):
        opened(tmp_path, kept.url)


@pytest.mark.parametrize("name", PLANTED.keys() - {"function suar_row_changed()", "trigger suar_row of token"})
def test_it_is_named(kept: Kept, name: str) -> None:
    run(kept.url, PLANTED[name])
    with kept.database.reading() as connection:
        found = str(schema_postgresql.difference(connection))
        assert "evil" in found or found.startswith(name)


@pytest.mark.parametrize(
    "statement",
    ["ALTER TABLE meta RENAME TO evil", "ALTER TABLE meta DROP COLUMN value CASCADE",
    "ALTER TABLE meta ADD CHECK (value = 'theirs') NOT VALID"],
)  # fmt: skip
def test_a_statement_that_fails_by_an_altered_schema_closes_the_store(kept: Kept, statement: str) -> None:
    """It is neither a wrong statement nor a wrong value: nothing that was received is refused because of it."""
    run(kept.url, statement)
    with pytest.raises(AlteredError, match="the schema was altered"):
        put(kept)
    assert kept.books.is_closed


def test_a_role_that_lost_a_right_is_told_and_nothing_is_closed(kept: Kept) -> None:
    run(kept.url, "CREATE ROLE without_rights")
    try:
        with pytest.raises(StoreFault, match="permission denied") as refused:
            put_as(kept, "without_rights")
    finally:
        run(kept.url, "DROP ROLE without_rights")
    assert "rights of before" in refused.value.hint
    put(kept)
    assert kept.books.findings == {}


def test_a_setting_of_the_role_that_was_reset_is_in_no_session_any_more(kept: Kept) -> None:
    """A session has the settings of when it began: one that failed by them is ended."""
    name = kept.database.url.database
    end = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}' AND pid <> pg_backend_pid()"
    run(kept.url, f"ALTER DATABASE {name} SET default_transaction_read_only = on", end)
    for reason in ("connection", "read-only"):
        with pytest.raises(StoreFault, match=reason):
            put(kept)
    run(
        kept.url, "SET default_transaction_read_only = off",
        f"ALTER DATABASE {name} RESET default_transaction_read_only",
    )  # fmt: skip
    put(kept)
    assert kept.books.findings == {}


def test_a_change_that_was_taken_back_is_found(kept: Kept) -> None:
    """As a function that was another one while our statements ran."""
    run(kept.url, PLANTED["function suar_row_changed()"], notices.function())
    with kept.database.reading() as connection:
        assert schema_postgresql.difference(connection) is None
    with pytest.raises(AlteredError, match="while the gateway ran"):
        put(kept)


def test_the_record_of_rows_is_made_again_at_an_opening(kept: Kept, tmp_path: Path) -> None:
    """What was written meanwhile has no hash, and shows."""
    put(kept)
    kept.database.close()
    run(kept.url, f"DROP FUNCTION {notices.FUNCTION}() CASCADE", "UPDATE meta SET value = 'theirs'")
    again = opened(tmp_path, kept.url)
    with again.database.reading() as connection:
        account = again.books.kept(connection)
        assert account is not None
        found = {table: finding for table, _, finding in verifying.everything(connection, again.books, account)}
    again.database.close()
    assert {table for table, finding in found.items() if finding} == {"meta"}


def test_a_session_without_triggers_writes_nothing_and_closes_nothing(kept: Kept) -> None:
    """Whoever administers the server switches them off: for a session that stands by its configuration, for the next
    one by the database.
    """
    name = kept.database.url.database
    end = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}' AND pid <> pg_backend_pid()"
    with pytest.raises(StoreFault, match="session_replication_role"):
        put_without_triggers(kept)
    run(kept.url, f"ALTER DATABASE {name} SET session_replication_role = replica", end)
    for _ in range(2):
        with pytest.raises(StoreFault, match="session_replication_role"):
            put(kept)
    run(kept.url, f"ALTER DATABASE {name} RESET session_replication_role")
    put(kept)  # each refusal ended its session, so nobody has to end this one
    assert kept.books.findings == {}
    with pytest.raises(StoreFault, match="connection"), kept.database.reading() as connection:
        connection.execute(text("SELECT 1"))
    with kept.database.reading() as connection:
        account = kept.books.kept(connection)
        assert account is not None
        assert verifying.check(connection, kept.books, account, "meta") is None
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        kept.database.compare_schema(connection)
    assert kept.books.findings == {}, "a session that reads needs no trigger"


def put_as(kept: Kept, role: str) -> None:
    with kept.database.begin() as connection:
        connection.execute(text(f"SET LOCAL ROLE {role}"))
        meta.put(connection, "a", "ours")


def put_without_triggers(kept: Kept) -> None:
    with kept.database.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text("INSERT INTO meta (name, value) VALUES ('a', 'ours')"))


@pytest.mark.parametrize(
    "statement",
    ["SET search_path = pg_temp, public", "SET client_min_messages = error", "CREATE TEMP TABLE meta (name text)"],
)
def test_a_session_that_a_function_of_others_changed_writes_nothing_more(kept: Kept, statement: str) -> None:
    """As one that ran while our session read a view of theirs, and was removed before it wrote."""
    with kept.database.begin() as connection:
        connection.execute(text(statement))
    with pytest.raises(StoreFault, match="session of the store was changed from outside"):
        put(kept)
    put(kept)
    assert kept.books.findings == {}


def test_a_temporary_table_takes_the_place_of_none(kept: Kept) -> None:
    put(kept)
    with kept.database.begin() as connection:
        connection.execute(text("CREATE TEMP TABLE meta (name text, value text)"))
        assert meta.get(connection, "a") == "ours"


def test_what_a_reading_statement_writes_by_a_function_of_others_is_not_hashed_as_ours(kept: Kept) -> None:
    """A view in the place of a table runs it in the session that writes; the transaction has no statement that does."""
    body = "INSERT INTO meta (name, value) VALUES ('theirs', 'theirs') ON CONFLICT DO NOTHING RETURNING true"
    run(
        kept.url,
        f"CREATE FUNCTION evil() RETURNS boolean LANGUAGE sql AS $${body}$$",
        "ALTER TABLE sample RENAME TO sample_of_before",
        "CREATE VIEW sample AS SELECT * FROM sample_of_before WHERE evil()",
        "INSERT INTO sample_of_before (origin, code, rule, subject, data, at) VALUES ('VN', '', '', '', '', 0)",
    )
    with pytest.raises(AlteredError), kept.database.begin() as connection:
        connection.execute(text("SELECT * FROM sample")).all()
    assert kept.books.is_closed


def test_maintenance_changes_no_schema(kept: Kept) -> None:
    put(kept)
    run(kept.url, "ANALYZE", "VACUUM (FULL) meta", "VACUUM (FULL) message", "REINDEX TABLE meta", "VACUUM (FREEZE)")
    put(kept, "still ours")


def test_a_dump_that_was_restored_is_opened(kept: Kept, tmp_path: Path, cluster: Cluster) -> None:
    """The server words the condition of an index anew when it reads its own dump, and once only."""
    put(kept)
    kept.database.close()
    first = cluster.reloaded(kept.url)
    for url in (first, cluster.reloaded(first)):
        again = opened(tmp_path, url)
        with again.database.reading() as connection:
            account = again.books.kept(connection)
            assert account is not None
            assert [found for _, _, found in verifying.everything(connection, again.books, account) if found] == []
        again.database.close()


@pytest.mark.parametrize("what", ["'export'", "'export', 'evidences'", "'evidence', 'export'"])
def test_an_index_with_another_condition_is_named(kept: Kept, what: str) -> None:
    run(kept.url, "DROP INDEX audit_given", f"CREATE INDEX audit_given ON audit (about) WHERE what IN ({what})")
    with kept.database.reading() as connection:
        assert schema_postgresql.difference(connection) == "relation audit_given is defined otherwise"


def test_the_list_is_what_the_migrations_make(kept: Kept) -> None:
    """Made anew: `python -m suar.store.migrations.schema_postgresql URL`."""
    with kept.database.reading() as connection:
        listed = [[*key, definition] for key, definition in sorted(schema_postgresql.listed(connection).items())]
    assert listed == json.loads(schema_postgresql.FILE.read_text())


def numbers(kept: Kept) -> list[int]:
    with kept.database.reading() as connection:
        return list(connection.execute(text("SELECT n FROM sample ORDER BY n")).scalars())


@pytest.mark.parametrize("position", _SET)
def test_a_sequence_that_was_set_is_behind_its_rows_once_the_store_is_opened(
    kept: Kept, tmp_path: Path, position: str
) -> None:
    """A row whose number is above all that a store reaches is not in its way."""
    kept.database.close()
    run(kept.url, _ROWS, position)
    again = opened(tmp_path, kept.url)
    run(kept.url, _ROW)
    assert numbers(again) == [1, 7, 8, 2**63 - 1]
    again.database.close()


@pytest.mark.parametrize("position", _SET)
def test_a_sequence_that_is_set_meanwhile_fails_one_transaction(kept: Kept, position: str) -> None:
    """As a fault of the store with its next step, not of what was written."""
    run(kept.url, _ROWS, position)
    with (
        pytest.raises(StoreFault, match=r"maximum value of sequence|sample_pkey") as failed,
        kept.database.begin() as it,
    ):
        it.execute(text(_ROW))
    assert "set behind its rows with the next change" in failed.value.hint
    with kept.database.begin() as connection:
        connection.execute(text(_ROW))
    assert numbers(kept) == [1, 7, 8, 2**63 - 1]


@pytest.mark.parametrize(
    "statement", ["DELETE FROM alembic_version", "INSERT INTO alembic_version VALUES ('0001')",
    "ALTER TABLE alembic_version RENAME TO evil; CREATE VIEW alembic_version AS SELECT * FROM evil"],
)  # fmt: skip
def test_a_store_that_does_not_say_of_which_version_it_is_is_refused(kept: Kept, statement: str) -> None:
    kept.database.close()
    run(kept.url, statement)
    database = Database(kept.database.path, kept.url)
    with database.reading() as connection, pytest.raises(AlteredError, match="not one row"):
        adopting.is_behind(connection)
    with pytest.raises(AlteredError, match="not one row") as refused:
        database.migrate()
    database.close()
    assert "suar restore --replace" in refused.value.hint


def test_settings_of_the_role_change_neither_where_tables_are_found_nor_how_the_schema_is_worded(
    kept: Kept, tmp_path: Path
) -> None:
    kept.database.close()
    name = kept.database.url.database
    run(
        kept.url, *(f"ALTER DATABASE {name} SET {each}" for each in ("search_path = 'x'", "quote_all_identifiers = on"))
    )
    opened(tmp_path, kept.url).database.close()


def test_a_role_whose_triggers_are_off_is_refused_by_the_name_of_the_setting(kept: Kept) -> None:
    kept.database.close()
    run(kept.url, f"ALTER DATABASE {kept.database.url.database} SET session_replication_role = replica")
    database = Database(kept.database.path, kept.url)
    with pytest.raises(StoreFault, match="session_replication_role"):
        database.migrate()
    database.close()


def test_a_server_that_logs_parameters_is_refused(kept: Kept) -> None:
    kept.database.close()
    name = kept.database.url.database
    run(kept.url, f"ALTER DATABASE {name} SET log_min_messages = notice")
    other = Database(kept.database.path, kept.url)
    with pytest.raises(StoreFault, match="writes notices to its log") as refused:
        other.prepare()
    other.close()
    assert "log_min_messages" in refused.value.hint
