"""The way from a gateway to a server of PostgreSQL, which a test cuts: a unix socket that passes on what comes."""

from __future__ import annotations

import select
import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Final
from urllib.parse import quote_plus

if TYPE_CHECKING:
    from pathlib import Path

_SOCKET: Final = ".s.PGSQL.5432"


class StoreLine:
    """It passes everything on, until it is cut or held."""

    def __init__(self, folder: Path, server: Path) -> None:
        self._folder, self._server = folder, server
        self._passes = threading.Event()
        self._passes.set()
        self._open: set[socket.socket] = set()
        self._change = threading.Lock()
        self._is_cut = False
        self._listens = self._listen()

    def url(self, url: str) -> str:
        """The same database, reached by this line."""
        return url.replace(quote_plus(str(self._server)), quote_plus(str(self._folder)))

    def cut(self) -> None:
        """End every connection, and take no other."""
        self._listens.shutdown(socket.SHUT_RDWR)
        self._listens.close()
        with self._change:
            self._is_cut = True
            for each in self._open:
                with suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)

    def hold(self) -> None:
        """Pass nothing on, and tell nobody: as where packets vanish."""
        self._passes.clear()

    def mend(self) -> None:
        """As before it was cut or held."""
        self._passes.set()
        if self._listens.fileno() < 0:
            self._is_cut = False
            self._listens = self._listen()

    def _listen(self) -> socket.socket:
        path = self._folder / _SOCKET
        path.unlink(missing_ok=True)
        listens = socket.socket(socket.AF_UNIX)
        listens.bind(str(path))
        path.chmod(0o777)
        listens.listen()
        threading.Thread(target=self._accept, args=(listens,), daemon=True).start()
        return listens

    def _accept(self, listens: socket.socket) -> None:
        with suppress(OSError):
            while True:
                client, _ = listens.accept()
                threading.Thread(target=self._pass_on, args=(client,), daemon=True).start()

    def _pass_on(self, client: socket.socket) -> None:
        with client, socket.socket(socket.AF_UNIX) as server, suppress(OSError):
            server.connect(str(self._server / _SOCKET))
            with self._change:
                if self._is_cut:
                    return
                self._open |= {client, server}
            try:
                self._both_ways(client, server)
            finally:
                with self._change:
                    self._open -= {client, server}

    def _both_ways(self, client: socket.socket, server: socket.socket) -> None:
        while True:
            for one in select.select([client, server], [], [])[0]:
                data = one.recv(65536)
                self._passes.wait()
                if not data:
                    return
                (client if one is server else server).sendall(data)
