"""What a member may ask for by a receipt of a few bytes is found by an index, not by a look at all that ever left."""

from sqlalchemy import Connection, event

from suar.store import exposure, outbox, sent_before
from suar.store.database import Database

EPOCH = bytes(32)


def plans(connection: Connection) -> list[str]:
    """How SQLite goes about each further statement of this connection that looks at the outbox."""
    found: list[str] = []

    def explain(_: object, cursor: object, statement: str, parameters: object, *__: object) -> None:
        if "FROM outbox" in statement and not statement.startswith("EXPLAIN"):
            raw = connection.connection.cursor()
            raw.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)  # type: ignore[arg-type]
            found.extend(row[3] for row in raw.fetchall())

    event.listen(connection, "before_cursor_execute", explain)
    return found


def test_an_epoch_and_its_successor(database: Database) -> None:
    with database.begin() as connection:
        epoch = {"subject": "s", "data": b"", "at": 1, "epoch_id": EPOCH, "channel": "SG", "realm": "actual"}
        outbox.put(connection, [epoch, epoch | {"data": b"frame", "seq": 0, "frame_hash": EPOCH, "messages": 1}])
        found = plans(connection)
        assert sent_before.of_epoch(connection, EPOCH, "SG") == (EPOCH, 1, 0)
        outbox.republish(connection, EPOCH, 3, 4, "SG")
        assert len(exposure.own_epochs(connection)) == 1
        assert list(outbox.frames_named(connection, EPOCH, {EPOCH})) == [b"frame"]
    looks = [each for each in found if "outbox" in each]
    assert len(looks) >= 4
    assert [each for each in looks if "USING" not in each] == []
    assert any("outbox_epochs (channel=? AND realm=? AND n>?)" in each for each in looks)
    assert any("outbox_epoch (epoch_id=? AND seq>? AND seq<?)" in each for each in looks)
