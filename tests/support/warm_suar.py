"""A command `suar` for shells, run by the process that has imported everything: a block of a playbook has twenty.

What stands on the path is a small program that hands its arguments, environment and files over and ends as the command
does. The command as it is installed is run by test_playbooks.py and cli/base/test_main.py.
"""

import contextlib
import json
import os
import shutil
import socket
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from support import warm
from support.executables import PATH, PYTHON

WITHIN: Final = 120.0  # seconds for one command
SHIM: Final = f"""\
#!{PYTHON} -SE
import json, os, socket, sys

line = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
line.connect({{at!r}})
said = {{{{"arguments": sys.argv[1:], "env": dict(os.environ), "cwd": os.getcwd()}}}}
socket.send_fds(line, [json.dumps(said).encode()], [0, 1, 2])
sys.exit(int(line.recv(16) or 255))
"""


@contextlib.contextmanager
def on_path() -> Iterator[str]:
    """A PATH on which `suar` is run warm; all else is as tests have it."""
    folder = Path(tempfile.mkdtemp(prefix="suar-"))  # a short name: the address of a socket has 108 bytes
    at = str(folder / "line")
    shim = folder / "suar"
    shim.write_text(SHIM.format(at=at))
    shim.chmod(0o700)
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as line:
        line.bind(at)
        line.listen()
        taking = threading.Thread(target=_accept_all, args=(line,), daemon=True)
        taking.start()
        try:
            yield f"{folder}:{PATH}"
        finally:
            line.shutdown(socket.SHUT_RDWR)
            taking.join(WITHIN)
            shutil.rmtree(folder)


def _accept_all(line: socket.socket) -> None:
    with contextlib.suppress(OSError):  # shut down: nothing more is asked
        while True:
            connection, _ = line.accept()
            threading.Thread(target=_serve, args=(connection,), daemon=True).start()


def _serve(connection: socket.socket) -> None:
    """One command, from its request to its end."""
    with connection:
        data, fds, _, _ = socket.recv_fds(connection, warm.REQUEST_MAX, 3)
        try:
            request = json.loads(data)
            process = warm.start(
                "suar", *request["arguments"], env=request["env"], cwd=Path(request["cwd"]),
                stdin=fds[0], stdout=fds[1], stderr=fds[2],
            )  # fmt: skip
        finally:
            for each in fds:
                os.close(each)
        code = process.wait(WITHIN)
        connection.send(str(code if code >= 0 else 128 - code).encode())
