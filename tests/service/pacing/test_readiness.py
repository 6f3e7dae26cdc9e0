"""Whether anything may be sealed and published."""

from pathlib import Path

import pytest

from suar.service.pacing.readiness import Readiness
from suar.store.engine.database import Database
from support.corekit import CoreKit


def test_nothing_leaves_while_the_lease_of_the_store_was_not_renewed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    th = CoreKit(tmp_path, "TH")
    ready = Readiness(th.core)
    assert not ready.may_send
    ready.settled.set()
    assert ready.may_send
    monkeypatch.setattr(Database, "leads", False)
    assert not ready.may_send
    th.close()
