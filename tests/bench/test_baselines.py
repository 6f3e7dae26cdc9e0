"""The baselines are honest: nothing of ours that someone tunes, every row on disk before its acknowledgement."""

import ast
import sqlite3
from pathlib import Path

import pytest

from suar.bench.arena import plain, plain_rows
from suar.bench.arena.plain_rows import Rows
from suar.bench.parts import bare
from support.syntax import parsed

BASELINES = [bare, plain, plain_rows]


@pytest.mark.parametrize("module", BASELINES, ids=lambda module: module.__name__)
def test_a_baseline_imports_nothing_of_suar(module: object) -> None:
    """Whoever makes suar faster must not make its baseline faster (or slower) by the same change."""
    tree = parsed(Path(module.__file__).read_text())  # type: ignore[attr-defined]  # a module that was read from a file
    names = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    names += [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    others = {each.__name__ for each in BASELINES}
    assert not [name for name in names if name.split(".")[0] == "suar" and name not in others]


def test_the_bare_server_of_events_is_bare() -> None:
    tree = parsed((Path(__file__).parents[2] / "bench/fanout_bare.py").read_text())
    names = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    names += [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    assert "uvicorn" in names
    assert not [name for name in names if name.split(".")[0] in ("suar", "beside", "feeds")]


async def test_rows_are_committed_with_synchronous_full(tmp_path: Path) -> None:
    rows = Rows(str(tmp_path / "plain.db"))
    await rows.insert([(1, b"one"), (2, b"two"), (2, b"again")])
    await rows.mark(1, 1)
    assert await rows.count() == 2
    assert rows.connection.execute("PRAGMA synchronous").fetchone() == (2,)
    assert rows.connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    other = sqlite3.connect(tmp_path / "plain.db")  # another process sees what was committed
    assert other.execute("SELECT body, published FROM message ORDER BY n").fetchall() == [(b"one", 1), (b"two", None)]
    other.close()
    rows.connection.close()


def test_the_table_has_the_columns_of_ours() -> None:
    """The same store writes: each column that a gateway fills stands in the plain table too."""
    from suar.store.tables import message

    connection = sqlite3.connect(":memory:")
    connection.executescript(plain_rows.TABLE)
    held = {row[1] for row in connection.execute("PRAGMA table_info(message)")}
    indexes = {row[1] for row in connection.execute("PRAGMA index_list(message)")}
    connection.close()
    assert {column.name for column in message.columns} <= held
    assert len(indexes) == 1 + len(message.indexes)  # and that of (id, rev)


def test_the_plain_program_works_as_the_gateway_does() -> None:
    from suar.api.calls.batch import COMMIT_LINES
    from suar.protocol.base import limits

    assert plain.COMMIT_ROWS == COMMIT_LINES
    assert (plain.FETCH, plain.FETCH_BYTES) == (limits.BATCH_FRAMES, limits.BATCH_BYTES)
    assert plain.WINDOW == 1_000
    assert len(plain.bench_message(7, 1024)) == 1024
