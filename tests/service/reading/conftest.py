"""TH and SG as two cores, for the tests of evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from support.corekit import CoreKit


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[tuple[CoreKit, CoreKit]]:
    """TH and SG, each with the bundles of all others."""
    from support.proving import pair_of_cores

    both = pair_of_cores(tmp_path)
    yield both
    for each in both:
        each.close()
