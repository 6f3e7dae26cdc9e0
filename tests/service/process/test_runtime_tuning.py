"""The settings of a gateway's process, each in a process of its own."""

from __future__ import annotations

import os
import resource
import subprocess

import pytest

from suar.service.process import runtime_tuning
from support.executables import PYTHON

PROGRAM = """
import os, sys, threading
from suar.service.process.runtime_tuning import schedule_as_batch

os.sched_setscheduler(0, int(sys.argv[1]), os.sched_param(0))
schedule_as_batch()
found = []
threading.Thread(target=lambda: found.append(os.sched_getscheduler(0))).start()
print(os.sched_getscheduler(0), *found)
"""


@pytest.mark.parametrize(
    ("before", "after"), [(os.SCHED_OTHER, os.SCHED_BATCH), (os.SCHED_IDLE, os.SCHED_IDLE)], ids=["default", "idle"]
)
def test_threads_are_scheduled_as_batch_unless_somebody_chose_otherwise(before: int, after: int) -> None:
    command = [PYTHON, "-c", PROGRAM, str(before)]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert printed.split() == [str(after)] * 2


FILES = """
import resource, sys
from suar.service.process.runtime_tuning import raise_open_files

resource.setrlimit(resource.RLIMIT_NOFILE, (int(sys.argv[1]), int(sys.argv[2])))
raise_open_files()
print(*resource.getrlimit(resource.RLIMIT_NOFILE))
"""


@pytest.mark.parametrize(("soft", "hard", "after"), [(256, 2048, 2048), (2048, 2048, 2048)])
def test_open_files_are_allowed_as_far_as_the_system_lets(soft: int, hard: int, after: int) -> None:
    command = [PYTHON, "-c", FILES, str(soft), str(hard)]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert printed.split() == [str(after), str(hard)]


def test_more_open_files_than_wanted_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtime_tuning, "OPEN_FILES", 1)
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    runtime_tuning.raise_open_files()
    assert resource.getrlimit(resource.RLIMIT_NOFILE) == before


def test_a_system_that_denies_it_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def deny(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "sched_getscheduler", lambda _: os.SCHED_OTHER)
    monkeypatch.setattr(os, "sched_setscheduler", deny)
    runtime_tuning.schedule_as_batch()
