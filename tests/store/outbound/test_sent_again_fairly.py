"""What is asked for again leaves in shares: nobody's long question delays another's, or what is new."""

from typing import Any

import pytest
from sqlalchemy import Connection

from suar.store.engine.database import Database
from suar.store.outbound import outbox
from support.again import republish

NOW = 1_800_000_000_000
EPOCHS = {"KH": b"k" * 32, "SG": b"s" * 32}


def frame(channel: str, seq: int) -> dict[str, Any]:
    data = f"{channel} {seq}".encode()
    subject = f"a.frame.{channel.lower()}.{EPOCHS[channel].hex()[:16]}"
    return {
        "subject": subject, "data": data, "at": NOW, "epoch_id": EPOCHS[channel], "seq": seq, "frame_hash": data,
        "channel": channel, "realm": "actual", "messages": 1,
    }  # fmt: skip


def next_ones(connection: Connection, limit: int = 100) -> list[bytes]:
    return [bytes(row.data) for row in outbox.unpublished(connection, limit)]


@pytest.fixture
def connection(database: Database) -> Any:
    """Twelve frames for KH and two for SG that left long ago, and KH has asked for all, SG for its two."""
    with database.begin() as connection:
        outbox.append(connection, [frame("KH", seq) for seq in range(12)] + [frame("SG", seq) for seq in range(2)])
        outbox.mark_published(connection, [(row.n, NOW) for row in outbox.unpublished(connection, 100)])
        for member, count in (("KH", 12), ("SG", 2)):
            assert republish(connection, EPOCHS[member], 0, count - 1, member) == count
        yield connection


def test_each_channel_has_its_share(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "RELEASED_BATCH", 5)
    later = NOW + outbox.AGAIN_AFTER
    assert outbox.release(connection, later - 1) == 0
    assert outbox.release(connection, later) == 5 + 2
    assert next_ones(connection) == [*(b"KH %d" % seq for seq in range(5)), b"SG 0", b"SG 1"]
    assert outbox.release(connection, later) == 5
    assert outbox.release(connection, later) == 2
    assert outbox.release(connection, later) == 0
    assert len(next_ones(connection)) == 14


def test_what_is_new_goes_before_what_goes_once_more(connection: Connection) -> None:
    outbox.release(connection, NOW + outbox.AGAIN_AFTER)
    outbox.append(connection, [frame("SG", 2), frame("SG", 3)])
    assert next_ones(connection, 3) == [b"SG 2", b"SG 3", b"KH 0"]
    assert next_ones(connection)[2:] == [*(b"KH %d" % seq for seq in range(12)), b"SG 0", b"SG 1"]


def test_it_is_sent_once_and_may_be_requested_again(connection: Connection) -> None:
    later = NOW + outbox.AGAIN_AFTER
    outbox.release(connection, later)
    outbox.mark_published(connection, [(row.n, later) for row in outbox.unpublished(connection, 100)])
    assert next_ones(connection) == []
    assert republish(connection, EPOCHS["SG"], 0, 1, "SG") == 2
