"""Who is told, as processes of their own: an HTTP server that behaves well or badly, and a real SMTP server.

`python receivers.py http|smtp FOLDER [...]` is what runs in them. Each writes its port, and what it got, into FOLDER.
"""

import contextlib
import json
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from email import message_from_bytes
from email.message import Message
from email.policy import SMTP
from pathlib import Path
from typing import Any

HANGS = 600  # seconds that a slow receiver does not answer, unless it is told otherwise: longer than any test runs


class Receiver:
    """The process, and what it wrote down."""

    def __init__(self, folder: Path, process: "subprocess.Popen[bytes]") -> None:
        self.folder, self.process = folder, process
        until((folder / "port").exists)
        self.port = int((folder / "port").read_text())

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/told"

    @property
    def got(self) -> list[dict[str, Any]]:
        """Requests in the order they came: path, headers, body."""
        file = self.folder / "got"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(each["body"]) for each in self.got]

    @property
    def mails(self) -> list[Message]:
        return [message_from_bytes(each["body"].encode(), policy=SMTP) for each in self.got]

    def behave(self, how: str) -> None:
        """From now on: ok, status N, to URL, slow, drip, huge, reset, continue, long; of SMTP: ok, refuse.

        A request that a slow one keeps waiting is answered when it is told to behave otherwise.
        """
        (self.folder / "how.tmp").write_text(how)
        (self.folder / "how.tmp").rename(self.folder / "how")

    def wait_for(self, number: int, within: float = 120.0) -> list[dict[str, Any]]:
        until(lambda: len(self.got) >= number, within, lambda: f"{len(self.got)} of {number}")
        return self.got


def until(
    condition: Callable[[], bool], within: float = 120.0, message: Callable[[], str] = lambda: "it did not happen"
) -> None:
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, message()
        time.sleep(0.02)


@contextlib.contextmanager
def receiver(folder: Path, sort: str, *arguments: str) -> Iterator[Receiver]:
    """A receiver that ends with the block; `sort` http or smtp."""
    folder.mkdir(parents=True, exist_ok=True)
    from support.executables import PYTHON  # here: the process that is started finds this file alone

    process = subprocess.Popen([PYTHON, __file__, sort, str(folder), *arguments], stdin=subprocess.DEVNULL)
    try:
        yield Receiver(folder, process)
    finally:
        process.kill()
        process.wait()


# -- what runs in the processes


def _write(folder: Path, **got: Any) -> None:
    with (folder / "got").open("a") as file:
        file.write(json.dumps(got) + "\n")


def _how(folder: Path) -> str:
    file = folder / "how"
    return file.read_text() if file.exists() else "ok"


def _after(folder: Path, how: str) -> str:
    """How it behaves when it no longer behaves so, or after HANGS."""
    end = time.monotonic() + HANGS
    while _how(folder) == how and time.monotonic() < end:
        time.sleep(0.02)
    return "ok" if _how(folder) == how else _how(folder)


def _put_port(folder: Path, port: int) -> None:
    (folder / "port.tmp").write_text(str(port))
    (folder / "port.tmp").rename(folder / "port")


def _context(certificate: str, key: str) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    return context


def http(folder: Path, certificate: str = "", key: str = "") -> None:
    import http.server

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.do_POST()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            _write(folder, path=self.path, headers={k.lower(): v for k, v in self.headers.items()}, body=body)
            self._behave(*_how(folder).split(" ", 1))

        def _behave(self, how: str, more: str = "") -> None:
            if how == "reset":
                self.connection.close()
                return
            if how == "slow":
                with contextlib.suppress(OSError):  # who called may be gone
                    self._behave(*_after(folder, how).split(" ", 1))
                return
            if how == "drip":  # a header line for ever, a byte at a time
                self.connection.sendall(b"HTTP/1.1 200 OK\r\nX-Long: ")
                while True:
                    self.connection.sendall(b"x")
                    time.sleep(0.05)
            if how == "continue":  # an answer that is never more than provisional
                with contextlib.suppress(OSError):
                    while True:
                        self.connection.sendall(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n")
            if how == "long":  # a header without an end
                with contextlib.suppress(OSError):
                    self.connection.sendall(b"HTTP/1.1 200 OK\r\nX-Long: ")
                    while True:
                        self.connection.sendall(b"x" * 4096)
            status = int(more) if how == "status" else 302 if how == "to" else 200
            self.send_response(status)
            if how == "to":
                self.send_header("Location", more)
            self.end_headers()
            if how == "huge":
                with contextlib.suppress(OSError):
                    for _ in range(10_000):
                        self.connection.sendall(b"secret of the receiver " * 5_000)
                    (folder / "sent").write_text("all of it")
            return

        def log_message(self, *_: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if certificate:
        server.socket = _context(certificate, key).wrap_socket(server.socket, server_side=True)
    _put_port(folder, server.server_address[1])
    server.serve_forever()


def smtp(folder: Path, certificate: str = "", key: str = "", password: str = "") -> None:
    import asyncio
    import warnings

    from aiosmtpd import smtp as server_side

    warnings.simplefilter("ignore")

    class Handler:
        async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
            how = _how(folder)
            if how == "refuse":
                return "554 no, and here is a secret of the server"
            sender, to = envelope.mail_from, envelope.rcpt_tos
            _write(folder, sender=sender, to=to, body=envelope.original_content.decode())
            return "250 taken"

    def check(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> server_side.AuthResult:
        is_right = isinstance(data, server_side.LoginPassword) and data.password == password.encode()
        return server_side.AuthResult(success=is_right, handled=False)

    def make() -> server_side.SMTP:
        if not certificate:
            return server_side.SMTP(Handler(), hostname="localhost")
        return server_side.SMTP(
            Handler(), hostname="localhost", tls_context=_context(certificate, key), require_starttls=True,
            authenticator=check if password else None, auth_required=bool(password), auth_require_tls=True,
        )  # fmt: skip

    async def serve() -> None:
        server = await asyncio.get_running_loop().create_server(make, "127.0.0.1", 0)
        _put_port(folder, server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(serve())


if __name__ == "__main__":
    {"http": http, "smtp": smtp}[sys.argv[1]](Path(sys.argv[2]), *sys.argv[3:])
