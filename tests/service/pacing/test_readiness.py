"""Whether anything may be sealed and published."""

from pathlib import Path

import pytest

from suar.service.pacing.readiness import Readiness
from suar.service.status.snapshot import BusState
from suar.store.engine.database import Database
from support.corekit import CoreKit


def test_nothing_leaves_while_the_lease_of_the_store_was_not_renewed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    th = CoreKit(tmp_path, "TH")
    ready = Readiness(th.core)
    monkeypatch.setattr(Database, "is_leading", True)
    assert not ready.may_send
    ready.settled.set()
    assert ready.may_send
    monkeypatch.setattr(Database, "is_leading", False)
    assert not ready.may_send
    th.close()


@pytest.mark.parametrize("missing", [["INBOX_TH"], ["OUTBOX_TH"], ["INBOX_TH", "OUTBOX_TH"]])
def test_without_its_streams_it_is_not_ready(tmp_path: Path, missing: list[str]) -> None:
    th = CoreKit(tmp_path, "TH")
    ready = Readiness(th.core)
    ready.has_started = True
    streams = dict.fromkeys(("INBOX_TH", "OUTBOX_TH"), True)
    for seen in ({}, streams):  # what the server has is not known at once
        ready.bus = BusState(is_connected=True, streams=seen)
        assert ready.blocking_reasons() == []
    ready.bus = BusState(is_connected=True, streams=streams | dict.fromkeys(missing, False))
    assert ready.blocking_reasons() == [f"missing at the own NATS server: {', '.join(missing)}"]
    th.close()
