"""The bundle that the tests of the installation share."""

from pathlib import Path

import pytest

from support import bundles
from support.bundles import Bundle
from support.executables import DPKG_DEB, require
from support.machines import namespaces


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Bundle:
    """Made once, by the first worker that asks."""
    return bundles.made(_shared(tmp_path_factory, worker_id) / "bundle")


@pytest.fixture(scope="module")
def package(bundle: Bundle, tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """The Debian package of it, made once too."""
    require(DPKG_DEB, "dpkg")
    return bundles.package_of(bundle, _shared(tmp_path_factory, worker_id) / "deb")


def _shared(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    base = tmp_path_factory.getbasetemp()
    return base if worker_id == "master" else base.parent


@pytest.fixture(scope="module")
def machines_work() -> None:
    """Skipped where a machine cannot be made of namespaces."""
    namespaces()
