"""Bytes of the store that somebody replaced: the loop that keeps evidence goes on, and an export says so or works."""

from contextlib import suppress

import pytest
from sqlalchemy import LargeBinary

from service.reading.test_evidence_that_lasts import Run, run_loop
from suar.protocol.base.errors import Fault
from suar.service.reading import proof_keeping, stamping
from suar.store.tables import chains, evidence, messages, receipts, sending
from suar.store.tables.columns import metadata
from support import read_out, stores
from support.corekit import CoreKit, rows
from support.proving import carry, publish

OTHER = {"nothing": b"", "short": b"SUF1", "frame": b"SUF1" + bytes(300), "zeros": bytes(300)}
"""What the bytes are replaced by."""
MODULES = (chains, evidence, messages, receipts, sending)
COLUMNS = [
    (table.name, column.name)
    for table in metadata.sorted_tables
    if any(table in vars(module).values() for module in MODULES)
    for column in table.columns
    if isinstance(column.type, LargeBinary) and not column.primary_key and not column.unique
]


def test_the_columns_of_frames_are_among_them() -> None:
    assert {("message", "frame"), ("receipt_frame", "data"), ("outbox", "data"), ("epoch", "data")} <= {*COLUMNS}


@pytest.mark.sqlite  # run once: it is about what reads the bytes
@pytest.mark.parametrize("other", ["short", "frame"])
@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_other_bytes_end_no_loop(pair: tuple[CoreKit, CoreKit], table: str, column: str, other: str) -> None:
    th, sg = pair
    (id_,) = publish(th, "one")
    carry(th, sg)
    carry(sg, th)
    for kit in pair:
        if stores.write(kit.folder, f"update {table} set {column} = ?", (OTHER[other],)) == 0:
            continue
        assert run_loop(Run(kit)) == []
        proof_keeping.collect(kit.core)
        with suppress(Fault):
            stamping.collect(kit.core)
        with suppress(Fault):
            read_out.export(kit.core, id_, None, "desk")
        assert rows(kit, "select 1 from message")


@pytest.mark.parametrize("other", OTHER)
def test_a_received_frame_that_was_altered_here_is_not_blamed_on_its_sender(
    pair: tuple[CoreKit, CoreKit], other: str
) -> None:
    th, sg = pair
    (id_,) = publish(th, "one")
    carry(th, sg)
    assert stores.write(sg.folder, "update message set frame = ? where frame is not null", (OTHER[other],)) > 0
    with pytest.raises(Fault, match="the store was altered from outside") as refused:
        read_out.export(sg.core, id_, None, "desk")
    assert "sender" not in str(refused.value.hint)
