"""The settings of a gateway's process, each in a process of its own."""

from __future__ import annotations

import os
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


def test_a_system_that_denies_it_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def deny(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "sched_getscheduler", lambda _: os.SCHED_OTHER)
    monkeypatch.setattr(os, "sched_setscheduler", deny)
    runtime_tuning.schedule_as_batch()
