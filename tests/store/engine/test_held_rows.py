"""What the store says of a message id, whatever was asked, taken, rolled back and restarted before."""

import random

import pytest

from suar.protocol.base.primitives import Secret
from suar.protocol.message.messages import Publication, Receipt, read
from suar.protocol.transport.content import digest
from suar.protocol.transport.world import Revision
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
        assert held.revisions(id_) == expected
        if rev not in expected:
            insert_messages(connection, VAULT, [NewMessage(message, data, digest(data), id_[:2], NOW)])
        if undo:
            raise _Undone


@pytest.mark.parametrize("seed", range(12))
def test_it_is_what_was_committed(database: Database, seed: int) -> None:
    chance = random.Random(seed)
    known: dict[str, dict[int, Revision]] = {}
    held = HeldRows()
    for _ in range(60):
        id_, rev = chance.choice(IDS), chance.randint(1, 2)
        before = known.get(id_, {})
        if chance.random() < 0.2:
            with pytest.raises(_Undone):
                _store(database, held, id_, rev, before, undo=True)
        else:
            _store(database, held, id_, rev, before, undo=False)
            revision = Revision(digest(_message(id_, rev)[1]), is_cancel=False, realm="actual")
            known.setdefault(id_, {}).setdefault(rev, revision)
        if chance.random() < 0.1:
            held = HeldRows()
    assert len(known) > len(IDS) / 2


def test_after_lookups_of_many_series_it_forgets_and_still_knows(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("suar.store.inbound.world_rows.SERIES_MAX", 2)
    held, known = HeldRows(), Revision(digest(_message(IDS[0], 1)[1]), is_cancel=False, realm="actual")
    _store(database, held, IDS[0], 1, {}, undo=False)
    for id_ in IDS[4:]:
        _store(database, held, id_, 1, {}, undo=False)
    _store(database, held, IDS[0], 1, {1: known}, undo=False)
