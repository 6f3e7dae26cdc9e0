"""What a command prints when its standard output is a terminal."""

import contextlib
import os
import pty
import subprocess
from collections.abc import Mapping, Sequence

from suar.cli.base.terminal import KEPT


def on_a_terminal(command: Sequence[str], env: Mapping[str, str] | None = None) -> str:
    """What the terminal is sent; AssertionError with what the command said if it fails."""
    ours, theirs = pty.openpty()
    os.set_blocking(ours, True)
    process = subprocess.Popen(command, stdout=theirs, stderr=subprocess.PIPE, env=env)
    os.close(theirs)
    shown = b""
    with contextlib.suppress(OSError):  # the other end is closed
        while part := os.read(ours, 65536):
            shown += part
    os.close(ours)
    _, output = process.communicate()
    assert process.returncode == 0, output
    return shown.decode().replace("\r\n", "\n")


def is_still(text: str) -> bool:
    """Whether it moves no cursor and turns no text about."""
    return all(char.isprintable() or char in KEPT for char in text)
