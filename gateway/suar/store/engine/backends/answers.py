"""Ends the wait for a server of PostgreSQL that no longer answers while its machine does.

A server that is frozen (SIGSTOP, a debugger) keeps its sessions, and its machine acknowledges what is sent to it: TCP
never ends them. A statement may also take long at a server that is well: it waits for a lock, for a synchronous
replica, or for a table that is written anew. So a statement has no time limit. While it lasts, the server is asked on
another connection whether it accepts TLS, which it answers before anybody signs in; if no answer comes, the session is
closed here, and the next one goes to the first host of the URL that answers.
"""

import select
import socket
import struct
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final

import psycopg

if TYPE_CHECKING:
    from psycopg.abc import RV, PQGen

ASK_AFTER: Final = 3  # seconds without an answer to a statement until the server is asked
ASK_MAX: Final = 60  # seconds between two questions: each answer doubles the time to the next one
ANSWER_WAIT: Final = 5  # seconds for its answer
_QUESTION: Final = struct.pack("!ii", 8, 80877103)  # SSLRequest of the protocol: answered by S or N
_NO_ANSWER: Final = "the server no longer answers, although its connections stand"


class AnsweredConnection(psycopg.Connection[Any]):
    """A session of the driver. A statement raises OperationalError once its server no longer answers, and so does
    everything after it, such as the end of its transaction.
    """

    _is_silent = False

    def wait(self, gen: "PQGen[RV]", *arguments: Any, **named: Any) -> "RV":
        """Wait for the end of a statement, as the driver calls it for each."""
        if self._is_silent:
            raise psycopg.OperationalError(_NO_ANSWER)
        return super().wait(self._watched(gen), *arguments, **named)

    def _watched(self, gen: "PQGen[RV]") -> "PQGen[RV]":
        """Yield what `gen` does; the driver sends what is ready, several times a second, and 0 if nothing is."""
        since, patience = time.monotonic(), ASK_AFTER
        try:
            waits_for = next(gen)
            while True:
                ready = yield waits_for
                if ready:
                    since, patience = time.monotonic(), ASK_AFTER
                elif time.monotonic() - since >= patience:
                    self._require_answer()
                    since, patience = time.monotonic(), min(2 * patience, ASK_MAX)
                waits_for = gen.send(ready)
        except StopIteration as end:
            result: RV = end.value
            return result

    def _require_answer(self) -> None:
        if not is_answering(self):
            self._is_silent = True
            self.pgconn.finish()
            raise psycopg.OperationalError(_NO_ANSWER)


def is_answering(raw: psycopg.Connection[Any]) -> bool:
    """Whether the session's server answers a question on another connection, or the session itself gets an answer."""
    try:
        with closing(_connect(raw.info.host, raw.info.hostaddr, raw.info.port)) as asking:
            asking.sendall(_QUESTION)
            waits = select.poll()  # `select` refuses files from number 1,024 on
            for file in (asking.fileno(), raw.pgconn.socket):
                waits.register(file, select.POLLIN)
            readable = [file for file, _ in waits.poll(ANSWER_WAIT * 1000)]
            return raw.pgconn.socket in readable or (asking.fileno() in readable and asking.recv(1) != b"")
    except OSError:
        return False


def _connect(host: str, address: str, port: int) -> socket.socket:
    if not host.startswith(("/", "@")):
        return socket.create_connection((address or host, port), ANSWER_WAIT)
    folder = f"\0{host[1:]}" if host.startswith("@") else host
    made = socket.socket(socket.AF_UNIX)
    try:
        made.settimeout(ANSWER_WAIT)
        made.connect(f"{folder}/.s.PGSQL.{port}")
    except OSError:
        made.close()
        raise
    return made
