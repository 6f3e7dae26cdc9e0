"""Long work that ends once its progress was reported: for tests of commands that report it."""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from typing import ParamSpec, TypeVar

from suar.cli.base import progress
from suar.cli.base.common import print_notice
from support.patience import PATIENCE

P = ParamSpec("P")
T = TypeVar("T")


class ReportedWork:
    """`progress`: what a command is given instead of its own, which reports at once; `before`: what waits for that."""

    def __init__(self) -> None:
        self._reported = threading.Event()

    def progress(self, what: str, *, late: str = "") -> AbstractContextManager[None]:
        """The progress of the command, without the wait before its first line."""
        return progress.progress(what, late=late, first=0.01, every=0.01, after=PATIENCE, progress=self._report)

    def before(self, work: Callable[P, T]) -> Callable[P, T]:
        """The same work, which begins after the first line."""
        return partial(self._after, work)

    def _report(self, line: str) -> None:
        print_notice(line)
        self._reported.set()

    def _after(self, work: Callable[P, T], *args: P.args, **named: P.kwargs) -> T:
        assert self._reported.wait(PATIENCE), "nothing was reported"
        return work(*args, **named)
