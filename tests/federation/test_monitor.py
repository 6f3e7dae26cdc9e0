"""What the monitor of a NATS server answers is read up to a size and a time: it may be on another machine."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import repeat

import pytest

from suar.federation import monitor
from suar.protocol.base.errors import Fault

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"


@contextmanager
def answering(parts: Callable[[], Iterator[bytes]]) -> Iterator[int]:
    """A server that sends these parts to its first caller; its port."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection, suppress(OSError):
                connection.recv(4_096)
                for part in parts():
                    connection.sendall(part)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            thread.join(30)
            assert not thread.is_alive(), "the caller kept the connection"


async def test_an_answer_is_read_to_its_end() -> None:
    with answering(lambda: iter([HEAD, b'{"server_', b'id": "x"}'])) as port:
        assert await monitor.varz(port) == {"server_id": "x"}


async def test_an_answer_without_an_end_is_left() -> None:
    endless = answering(lambda: iter([HEAD, *repeat(b" " * 65_536, 200)]))
    with endless as port, pytest.raises(Fault, match="more than 4194304 bytes"):
        await monitor.varz(port)


async def test_an_answer_that_takes_too_long_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    left = threading.Event()

    def slowly() -> Iterator[bytes]:
        yield HEAD
        while not left.wait(0.01):
            yield b" "

    monkeypatch.setattr(monitor, "TIMEOUT", 0.5)
    with answering(slowly) as port:
        with pytest.raises(Fault, match=r"takes longer than 0\.5 s"):
            await monitor.varz(port)
        left.set()
