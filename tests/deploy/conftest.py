"""The bundle that the tests of the installation share."""

import pytest

from support import bundles
from support.bundles import Bundle
from support.machines import namespaces


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Bundle:
    """Made once, by the first worker that asks."""
    base = tmp_path_factory.getbasetemp()
    return bundles.made((base if worker_id == "master" else base.parent) / "bundle")


@pytest.fixture(scope="module")
def machines_work() -> None:
    """Skipped where a machine cannot be made of namespaces."""
    namespaces()
