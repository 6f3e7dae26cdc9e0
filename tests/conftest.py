"""A core that receives, for whoever asks; and Hypothesis on a busy machine: a slow example is no failure.

Every core refuses the threads of others here (suar/service/core/thread_affinity.py).

Its own profile `ci`, which it loads by itself in CI, says so too, and draws the same examples each time.
"""

from __future__ import annotations

import gc
import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from suar.service.core.seams import CHECK_THREADS
from support import compiled, on_both, quick, stores

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from support.corekit import CoreKit
    from support.kit import Sending
    from support.postgresql import Cluster

os.environ[CHECK_THREADS] = "1"  # in this process and in every gateway that a test starts

if settings.get_current_profile_name() != "ci":
    settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("busy")

compiled.share()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test for each database that a store is kept in; the fixture `each_store` chooses."""
    if on_both.runs_on_each(metafunc, every_room=metafunc.config.getoption("--every-room")):
        chosen = metafunc.config.getoption("--store") or on_both.databases_of(metafunc)
        metafunc.parametrize("each_store", chosen, indirect=True, scope="module")


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A private cluster of PostgreSQL."""
    from support.postgresql import Cluster

    made = Cluster()
    yield made
    made.close()


@pytest.fixture(autouse=True, scope="module")
def each_store(request: pytest.FixtureRequest) -> Iterator[str]:
    """Have the stores of a test be in the database that it is run for, SQLite's files by default; returns its name."""
    chosen: str = getattr(request, "param", stores.SQLITE)
    if chosen == stores.SQLITE:
        yield chosen
        return
    with stores.in_cluster(request.getfixturevalue("cluster")):
        yield chosen


@pytest.fixture(autouse=True)
def stores_of_one(each_store: str) -> Iterator[None]:
    """What a test makes in a cluster ends with it; what its module made stays."""
    if each_store == stores.SQLITE:
        yield
        return
    with stores.ended():
        yield


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--quick`: what `make test` runs. `--store`: on one database alone, what runs on each; `--every-room`: more."""
    parser.addoption("--quick", action="store_true", help="leave out what starts servers or browsers, or is slow")
    parser.addoption("--store", action="append", choices=stores.BOTH, help="the only database of what runs on each")
    parser.addoption("--every-room", action="store_true", help="run what opens a store on each, in other rooms too")


def pytest_configure(config: pytest.Config) -> None:
    """Have the plugin that leaves tests out, where that is asked."""
    if config.getoption("--quick"):
        config.pluginmanager.register(quick.Quick())


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first: a file is run by one worker, and the last one may not keep the others waiting."""
    seconds = quick.long_files()
    items.sort(key=lambda item: -seconds.get(item.path, 0))


def pytest_collection_finish() -> None:
    """What was collected lives to the end: no garbage collection looks at its millions of objects again."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def vn(tmp_path: Path) -> Iterator[CoreKit]:
    """VN's core, which has the key bundles of three others."""
    from support.corekit import CoreKit

    made = CoreKit(tmp_path / "vn", "VN")
    made.receive_bundles()
    yield made
    made.close()


@pytest.fixture
def th(vn: CoreKit) -> Sending:
    """TH's epoch, which VN has."""
    from support.corekit import epoch_of
    from support.kit import actor, open_sending

    made = open_sending(actor("TH"), vn.lists)
    vn.receive(epoch_of(made))
    return made
