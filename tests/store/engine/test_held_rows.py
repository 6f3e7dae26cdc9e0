"""What the store says of a message id, whatever was asked, taken, rolled back and restarted before."""

import random

import pytest
from msgspec.structs import replace
from sqlalchemy import Connection

from suar.protocol.base.primitives import Secret
from suar.protocol.message.messages import Publication, Receipt, read
from suar.protocol.transport.content import digest
from suar.protocol.transport.world import Neighbours, Revision
from suar.store.engine.database import Database
from suar.store.engine.vault import Vault
from suar.store.inbound.world_rows import HeldRows
from suar.store.messages.rows import NewMessage, insert_messages
from support.kit import NOW, alert

VAULT = Vault(Secret(bytes(32)))
IDS = [
    f"{series}{number:06d}" for series in ("TH-ALERT-2027-", "TH-ALERT-2026-", "SG-ALERT-2027-") for number in range(4)
]


class _Undone(Exception):  # noqa: N818 - no error: the test's own way back
    pass


def _message(id_: str, rev: int) -> tuple[Publication, bytes]:
    data = alert(id_, rev=rev, action="new" if rev == 1 else "update")
    message = read(data)
    assert not isinstance(message, Receipt)
    return message, data


def _store(
    database: Database, held: HeldRows, id_: str, rev: int, expected: dict[int, Revision], *, undo: bool
) -> None:
    """As admission does: ask, then store; and the transaction may fail."""
    message, data = _message(id_, rev)
    with database.begin() as connection:
        held.attach(connection)
        assert held.revisions(id_, rev) == _near(expected, rev)
        if rev not in expected:
            insert_messages(connection, VAULT, [NewMessage(message, data, digest(data), id_[:2], NOW)])
        if undo:
            raise _Undone


def _near(known: dict[int, Revision], rev: int) -> Neighbours:
    """By a look at all of them."""
    return Neighbours(known.get(rev), known[max(known)] if known else None)


@pytest.mark.parametrize("seed", range(12))
def test_it_is_what_was_committed(database: Database, seed: int) -> None:
    chance = random.Random(seed)
    known: dict[str, dict[int, Revision]] = {}
    held = HeldRows(VAULT)
    for _ in range(60):
        id_, rev = chance.choice(IDS), chance.randint(1, 4)
        before = known.get(id_, {})
        if chance.random() < 0.2:
            with pytest.raises(_Undone):
                _store(database, held, id_, rev, before, undo=True)
        else:
            _store(database, held, id_, rev, before, undo=False)
            revision = Revision(rev, digest(_message(id_, rev)[1]), is_cancel=False, realm="actual")
            known.setdefault(id_, {}).setdefault(rev, revision)
        if chance.random() < 0.1:
            held = HeldRows(VAULT)
    assert len(known) > len(IDS) / 2


def test_after_lookups_of_many_series_it_forgets_and_still_knows(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("suar.store.inbound.world_rows.SERIES_MAX", 2)
    held, known = HeldRows(VAULT), Revision(1, digest(_message(IDS[0], 1)[1]), is_cancel=False, realm="actual")
    _store(database, held, IDS[0], 1, {}, undo=False)
    for id_ in IDS[4:]:
        _store(database, held, id_, 1, {}, undo=False)
    _store(database, held, IDS[0], 1, {1: known}, undo=False)


@pytest.mark.sqlite
def test_a_look_reads_as_much_with_1_and_with_9000_held_revisions(database: Database) -> None:
    """Counted in SQLite's own steps, for revisions that are held, that are between them and that are above them."""
    first, data = _message(IDS[0], 1)
    counts: list[int] = []
    for revisions in (range(1, 2), range(2, 9_000)):
        with database.begin() as connection:
            made = [NewMessage(replace(first, rev=rev), data, digest(data), "TH", NOW) for rev in revisions]
            insert_messages(connection, VAULT, made)
        with database.begin() as connection:
            counts.append(_steps(connection))
    assert counts[1] < 1.5 * counts[0], counts


def _steps(connection: Connection) -> int:
    held, steps = HeldRows(VAULT), list[None]()
    held.attach(connection)
    held.revisions(IDS[0], 1)  # the highest id of the series is known now
    raw = connection.connection.dbapi_connection
    assert raw is not None
    raw.set_progress_handler(lambda: steps.append(None), 1)
    for rev in (1, 4_500, 9_999):
        assert held.revisions(IDS[0], rev).highest is not None
    raw.set_progress_handler(None, 0)
    return len(steps)
