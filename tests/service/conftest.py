"""Cores for whoever asks: one that receives, and two with the test's hands between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from corekit import CoreKit
    from pairs import Two


@pytest.fixture
def sg(tmp_path: Path) -> Iterator[CoreKit]:
    """SG's core, which has the key bundles of three others."""
    from corekit import CoreKit, bundle_of
    from kit import actor

    made = CoreKit(tmp_path / "sg", "SG")
    made.give(*(bundle_of(actor(code)) for code in ("KH", "TH", "VN")))
    yield made
    made.close()


@pytest.fixture
def vn(tmp_path: Path) -> Iterator[CoreKit]:
    """VN's core, which has everybody's bundle and seals what it accepts at once."""
    from corekit import CoreKit, bundle_of
    from kit import actor
    from suar.service.trust import trust_sync

    made = CoreKit(tmp_path / "vn", "VN")
    trust_sync.rotate_bundle(made.core)
    made.give(*(bundle_of(actor(code)) for code in ("KH", "SG", "TH")))
    made.core.seal_at_once(lambda: True)
    yield made
    made.close()


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Two]:
    """TH publishes, SG receives."""
    from pairs import Two

    made = Two(tmp_path)
    yield made
    made.th.close()
    made.sg.close()
