"""The columns that a message's body is bound to are declared once; each is checked before a queued message leaves."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from suar.protocol.base.primitives import ACTUAL
from suar.service.publish import accepting
from suar.service.trust import trust_sync
from suar.store.messages.rows import BOUND, AlteredRow, open_queued
from suar.store.outbound import queue
from support.corekit import CoreKit
from support.gateways import draft

NAMES = [each.name for each in BOUND]


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[CoreKit]:
    made = CoreKit(tmp_path / "vn", "VN")
    trust_sync.rotate_bundle(made.core)
    made.receive_bundles()
    body = json.dumps(draft("a queued one", expires="2027-01-30T00:00:00Z")).encode()
    accepting.accept(made.core, [(body, None)], realm=ACTUAL, token="test")
    yield made
    made.close()


def queued(kit: CoreKit) -> Any:
    with kit.core.database.reading() as connection:
        (row,) = queue.due(connection, 10, 99)
    return row


def test_a_queued_message_is_opened(kit: CoreKit) -> None:
    assert b"a queued one" in open_queued(kit.core.vault, queued(kit))


def test_the_columns_are_those_of_the_table_that_never_change(kit: CoreKit) -> None:
    assert {f"bound_{name}" for name in NAMES} <= set(queued(kit)._fields)
    assert NAMES == [
        "digest", "origin", "kind", "realm", "action", "tlp", "at", "sent", "expires", "lane", "frame_hash", "place",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["id", "rev", *(f"bound_{name}" for name in NAMES)])
def test_an_altered_column_is_refused(kit: CoreKit, name: str) -> None:
    row = queued(kit)
    value = getattr(row, name)
    other = value + 1 if isinstance(value, int) else b"\1" * 32 if name in ("bound_digest", "bound_frame_hash") else "x"
    with pytest.raises(AlteredRow):
        open_queued(kit.core.vault, row._replace(**{name: other}))
