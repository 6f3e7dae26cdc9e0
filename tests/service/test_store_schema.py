"""Whoever writes the database changes its schema instead of its rows: each attack with sqlite3 on a gateway's file."""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from suar.cli.status import health
from suar.protocol.base.errors import Fault
from suar.protocol.files.auditlog import line_hash
from suar.service.access import tokens
from suar.service.access.tokens import hash_of
from suar.service.process import run
from suar.service.recovery import backup, reanchor, restore
from suar.service.settings.state import locked
from suar.store.engine.database import Database
from suar.store.faults import AlteredError
from suar.store.migrations import schema
from suar.store.people import access
from suar.store.recovery import copies
from support.corekit import PASSPHRASE, CoreKit
from support.kit import NOW

pytestmark = pytest.mark.sqlite  # about the schema of a file; of a database: store/engine/test_postgresql_schema.py
TOKEN = tokens.new_token()


@pytest.fixture
def th(tmp_path: Path) -> Iterator[CoreKit]:
    made = CoreKit(tmp_path / "th", "TH")
    made.keyring.save()
    made.receive_bundles()
    access_note(made)
    yield made
    made.close()


def access_note(kit: CoreKit) -> None:
    with kit.core.transaction() as connection:
        access.note(connection, "desk", "publish", "a", kit.now)


class File:
    """A gateway's file in the hands of whoever writes it."""

    def __init__(self, folder: Path) -> None:
        self.store = sqlite3.connect(folder / "suar.db", isolation_level=None, timeout=30)

    def __enter__(self) -> "File":
        return self

    def __exit__(self, *_: object) -> None:
        self.store.close()

    def run(self, *statements: str) -> None:
        for statement in statements:
            self.store.execute(statement)


def planted_token(file: File) -> None:
    """A trigger that makes a token and its line of the audit, in the gateway's own transaction."""
    n, last = file.store.execute("SELECT n, hash FROM audit ORDER BY n DESC LIMIT 1").fetchone()
    digest = line_hash(last, n + 1, NOW, "operator", "token-add", "x")
    file.run(
        f"""CREATE TRIGGER x AFTER UPDATE ON meta WHEN NOT EXISTS (SELECT 1 FROM token WHERE name = 'x') BEGIN
 INSERT INTO audit (n, at, who, what, about, hash)
 VALUES ({n + 1}, {NOW}, 'operator', 'token-add', 'x', x'{digest.hex()}');
 INSERT INTO token (name, hash, scopes, created_at, roles, is_person, maker, is_old)
 VALUES ('x', x'{hash_of(TOKEN).hex()}', 'admin', {NOW}, 'approver', 0, 'operator', 0); END"""
    )


def forgets(file: File) -> None:
    file.run("CREATE TRIGGER y1 BEFORE INSERT ON audit BEGIN SELECT RAISE(IGNORE); END")


def generated_mac(file: File) -> None:
    file.run(
        "ALTER TABLE recalled RENAME COLUMN mac TO m2",
        "ALTER TABLE recalled ADD COLUMN mac BLOB GENERATED ALWAYS AS (m2) VIRTUAL",
    )


def swapped_columns(file: File) -> None:
    for old, new in (("is_person", "zz"), ("is_old", "is_person"), ("zz", "is_old")):
        file.run(f"ALTER TABLE token RENAME COLUMN {old} TO {new}")


def view_for_a_table(file: File) -> None:
    file.run("ALTER TABLE message RENAME TO other", "CREATE VIEW message AS SELECT * FROM other")


def no_index(file: File) -> None:
    file.run("DROP INDEX message_inbox")


def other_index(file: File) -> None:
    file.run("DROP INDEX message_inbox", "CREATE INDEX message_inbox ON message (realm) WHERE n > 5")


def one_more_table(file: File) -> None:
    file.run("CREATE TABLE more (n)")


def no_constraint(file: File) -> None:
    """The text of a table changed where SQLite keeps it: a key that is none any more."""
    file.run("PRAGMA writable_schema=ON")
    (sql,) = file.store.execute("SELECT sql FROM sqlite_master WHERE name = 'recalled'").fetchone()
    sql = sql.replace("PRIMARY KEY (id)", "CHECK (1)")
    file.store.execute("UPDATE sqlite_master SET sql = ? WHERE name = 'recalled'", (sql,))
    file.run("DELETE FROM sqlite_master WHERE name = 'sqlite_autoindex_recalled_1'")
    (number,) = file.store.execute("PRAGMA schema_version").fetchone()
    file.run(f"PRAGMA schema_version={number + 1}")


ATTACKS: list[tuple[Callable[[File], None], str]] = [
    (planted_token, "trigger x "),
    (forgets, "trigger y1 "),
    (generated_mac, "table recalled is defined otherwise"),
    (swapped_columns, "table token is defined otherwise"),
    (view_for_a_table, "message"),
    (no_index, "index message_inbox is missing"),
    (other_index, "index message_inbox is defined otherwise"),
    (one_more_table, "table more "),
    (no_constraint, "table recalled is defined otherwise"),
]
attacks = pytest.mark.parametrize(("attack", "named"), ATTACKS, ids=[each.__name__ for each, _ in ATTACKS])


@attacks
def test_an_altered_schema_stops_the_start(th: CoreKit, attack: Callable[[File], None], named: str) -> None:
    th.core.close()
    with File(th.folder) as file:
        attack(file)
    for opening in (
        lambda: run.open_core(th.folder, PASSPHRASE, {}, th.core.hooks),
        lambda: run.verified(th.folder, PASSPHRASE, {}),
        lambda: reanchor.as_it_is(th.folder, th.keyring, "why", None, th.now),
        lambda: backup.make(th.folder, PASSPHRASE, th.folder.parent / "backup", now=NOW),
    ):
        with pytest.raises(AlteredError) as found:
            opening()
        assert named in found.value.text
        assert "suar restore" in found.value.hint
    assert not (th.folder.parent / "backup").exists()


@attacks
def test_an_altered_schema_closes_a_running_gateway(th: CoreKit, attack: Callable[[File], None], named: str) -> None:
    with File(th.folder) as file:
        attack(file)
    before = audit_lines(th)
    with pytest.raises(AlteredError):
        access_note(th)
    assert named in str(th.core.integrity.finding)
    with pytest.raises(AlteredError):
        access_note(th)
    assert audit_lines(th) == before


@attacks
def test_doctor_names_it_while_no_gateway_runs(th: CoreKit, attack: Callable[[File], None], named: str) -> None:
    th.core.close()
    assert "store-integrity" not in [check.id for check in health.checks_of(th.folder) if check.status == "critical"]
    with File(th.folder) as file:
        attack(file)
    (check,) = [check for check in health.checks_of(th.folder) if check.id == "store-integrity"]
    assert check.status == "critical"
    assert named in check.text
    assert "suar restore" in check.next


def audit_lines(kit: CoreKit) -> int:
    with File(kit.folder) as file:
        return int(file.store.execute("SELECT count(*) FROM audit").fetchone()[0])


def test_a_trigger_behind_the_old_number_of_the_schema_does_not_run(th: CoreKit) -> None:
    """SQLite's number put back: the connection that is open has not read it, and a new one compares all of it."""
    with File(th.folder) as file:
        (number,) = file.store.execute("PRAGMA schema_version").fetchone()
        forgets(file)
        file.run(f"PRAGMA schema_version={number}")
    before = audit_lines(th)
    access_note(th)
    assert audit_lines(th) == before + 1
    th.core.integrity.verify_next(th.now, lambda: None)
    assert "trigger y1" in str(th.core.integrity.finding)
    th.core.close()
    with pytest.raises(AlteredError, match="trigger y1"):
        run.open_core(th.folder, PASSPHRASE, {}, th.core.hooks)


def test_a_change_that_leaves_the_same_schema_closes_a_running_gateway(th: CoreKit) -> None:
    with File(th.folder) as file:
        file.run("CREATE TABLE more (n)", "DROP TABLE more")
    with pytest.raises(AlteredError, match="changed while the gateway ran"):
        access_note(th)


def test_what_reads_finds_it_too(th: CoreKit) -> None:
    with File(th.folder) as file:
        one_more_table(file)
    with th.core.database.reading():
        pass
    assert "table more" in str(th.core.integrity.finding)


def test_statistics_of_sqlite_are_no_alteration(th: CoreKit) -> None:
    th.core.close()
    with File(th.folder) as file:
        file.run("ANALYZE")
    th.restart()
    assert th.core.integrity.finding is None


def test_a_backup_with_a_trigger_is_not_put_back(th: CoreKit, monkeypatch: pytest.MonkeyPatch) -> None:
    """Made where nothing was compared: an older version's, or somebody's with the passphrase."""
    file, state = th.folder.parent / "th.backup", th.folder.parent / "new"
    with File(th.folder) as store:
        forgets(store)
    with monkeypatch.context() as patch:
        patch.setattr(schema, "check", lambda _: schema.newest())
        backup.make(th.folder, PASSPHRASE, file, now=NOW)
    with pytest.raises(AlteredError, match="trigger y1"):
        restore.restore(file, PASSPHRASE, state, now=NOW, replace=False)
    assert not state.exists()


def test_an_earlier_version_with_a_trigger_is_not_upgraded(tmp_path: Path) -> None:
    database = Database(tmp_path)
    with database.begin() as connection:
        schema.upgrade(connection, "0014")
    database.close()
    with File(tmp_path) as file:
        forgets(file)
    with pytest.raises(AlteredError, match="trigger y1"):
        Database(tmp_path).migrate()
    with File(tmp_path) as file:
        file.run("DROP TRIGGER y1")
    database = Database(tmp_path)
    database.migrate()
    assert database.check_schema() == schema.newest()
    database.close()


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM alembic_version",
        "INSERT INTO alembic_version VALUES ('0014')",
        "UPDATE alembic_version SET version_num = '0014'",
        "UPDATE alembic_version SET version_num = x'00'",
        "DROP TABLE alembic_version",
        "DROP TABLE token",
        "DROP TABLE integrity",
    ],
)
def test_a_store_without_what_it_needs_is_refused_with_the_next_step(th: CoreKit, damage: str) -> None:
    th.core.close()
    with File(th.folder) as file:
        file.run(damage)
    with pytest.raises(Fault) as found:
        run.open_core(th.folder, PASSPHRASE, {}, th.core.hooks)
    assert "suar restore" in found.value.hint


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9])
def test_a_truncated_store_is_refused_with_the_next_step(th: CoreKit, kept: float) -> None:
    th.core.close()
    path = th.folder / "suar.db"
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * kept)])
    with pytest.raises(Fault) as found:
        run.open_core(th.folder, PASSPHRASE, {}, th.core.hooks)
    assert "suar restore" in found.value.hint


def test_what_the_file_has_calls_no_function_of_ours(th: CoreKit) -> None:
    for setting in ("begin", "reading"):
        with getattr(th.core.database, setting)() as connection:
            assert connection.exec_driver_sql("PRAGMA trusted_schema").scalar() == 0


def test_the_expected_schema_is_the_one_that_the_migrations_make() -> None:
    """After a new migration: `python -m suar.store.migrations.schema > gateway/suar/store/migrations/schema.json`."""
    assert schema.this_version() == schema.earlier(schema.newest())


def test_doctor_says_what_serve_would_of_an_older_store(th: CoreKit, tmp_path: Path) -> None:
    """The store alone was put back; its anchor in the state folder is newer."""
    older = tmp_path / "older.db"
    copies.copy(th.folder / copies.STORE, older)
    access_note(th)
    th.core.close()
    passphrase = tmp_path / "passphrase"
    passphrase.write_bytes(PASSPHRASE)
    assert "store-integrity" not in [
        each.id for each in health.checks_of(th.folder, passphrase) if each.status == "critical"
    ]
    for name in (copies.STORE, copies.STORE + "-wal", copies.STORE + "-shm"):
        (th.folder / name).unlink(missing_ok=True)
    older.rename(th.folder / copies.STORE)
    found = {each.id: each for each in health.checks_of(th.folder, passphrase)}
    assert "behind its anchor" in found["store-integrity"].text
    assert "store-integrity" in found["gateway-running"].next


def test_doctor_says_that_a_gateway_is_starting(th: CoreKit) -> None:
    with locked(th.folder):
        found = {each.id: each for each in health.checks_of(th.folder)}
    assert "it is starting" in found["gateway-running"].text
