"""How a command ended, for tests that run commands in their own process."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import pytest

from suar.cli.main import run


class Ended(NamedTuple):
    """Exit code and the two texts."""

    code: int
    out: str
    err: str

    @property
    def line_labels(self) -> list[str]:
        """The first words of the lines on stderr: `error:` and `hint:` after a failure."""
        return [line.split(" ", 1)[0] for line in self.err.splitlines()]


def with_options(words: Sequence[str], *options: str) -> list[str]:
    """The words of a command with other options of one value: each takes the place of the one of its name."""
    found = list(words)
    for name, value in zip(options[::2], options[1::2], strict=True):
        at = found.index(name) if name in found else len(found)
        found[at : at + 2] = [name, value]
    return found


Suar = Callable[..., Ended]


def in_process(capsys: pytest.CaptureFixture[str]) -> Suar:
    """What runs a command in this process, in its present folder and environment, and returns how it ended."""

    def call(*arguments: str) -> Ended:
        capsys.readouterr()
        code = run(arguments)
        return Ended(code, *capsys.readouterr())

    return call
