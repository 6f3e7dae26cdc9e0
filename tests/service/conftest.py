"""Cores for the tests of the service: single ones, and two between which a test carries what one sealed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from support.corekit import CoreKit
    from support.pairs import Two


@pytest.fixture
def sg(tmp_path: Path) -> Iterator[CoreKit]:
    """SG's core, which has the key bundles of three others."""
    from support.corekit import CoreKit

    made = CoreKit(tmp_path / "sg", "SG")
    made.receive_bundles()
    yield made
    made.close()


@pytest.fixture
def vn(tmp_path: Path) -> Iterator[CoreKit]:
    """VN's core, which has everybody's bundle and seals what it accepts at once."""
    from suar.service.trust import trust_sync
    from support.corekit import CoreKit

    made = CoreKit(tmp_path / "vn", "VN")
    trust_sync.rotate_bundle(made.core)
    made.receive_bundles()
    made.core.enable_immediate_sealing(lambda: True)
    yield made
    made.close()


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Two]:
    """TH publishes, SG receives."""
    from support.pairs import Two

    made = Two(tmp_path)
    yield made
    made.th.close()
    made.sg.close()


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[tuple[CoreKit, CoreKit]]:
    """TH and SG, each with the bundles of all others."""
    from support.proving import pair_of_cores

    both = pair_of_cores(tmp_path)
    yield both
    for each in both:
        each.close()
