"""What the gateway tells systemd (sd_notify(3)): that it is ready, that it stops, and that its core works.

The sign of life is sent by the core's thread: where that one hangs, nothing is received or sealed, and systemd starts
the gateway again after `WatchdogSec`, however well the API answers.
"""

import asyncio
import contextlib
import os
import socket
from collections.abc import Mapping
from typing import Final

from suar.service.core.core import Core

SIGNS: Final = 3  # of life within the time after which the supervisor ends the process
MICROSECONDS: Final = 1_000_000


class Supervisor:
    """systemd, or whoever else set NOTIFY_SOCKET; without one nothing is sent."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._address = environ.get("NOTIFY_SOCKET", "")
        self.interval = self._interval_of(environ)

    @staticmethod
    def _interval_of(environ: Mapping[str, str]) -> float | None:
        """Seconds between two signs of life; None where none is expected of this process."""
        within = environ.get("WATCHDOG_USEC", "")
        is_ours = environ.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        if not (is_ours and within.isascii() and within.isdigit() and int(within)):
            return None
        return int(within) / MICROSECONDS / SIGNS

    def ready(self) -> None:
        """The gateway has its store open and its API listens."""
        self._send("READY=1")

    def stopping(self) -> None:
        """The gateway finishes what is in progress."""
        self._send("STOPPING=1")

    def alive(self) -> None:
        """One sign of life; called on the core's thread."""
        self._send("WATCHDOG=1")

    async def keep_alive(self, core: Core, stop: asyncio.Event) -> None:
        """Send signs of life from the core's thread until `stop`, if any are expected; then say that it stops."""
        while not stop.is_set():
            if self.interval is not None:
                await core.run(self.alive)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), self.interval)
        self.stopping()

    async def stay_alive(self) -> None:
        """Signs of life of a gateway that has no core yet, as it waits to lead; until cancelled."""
        while self.interval is not None:
            self.alive()
            await asyncio.sleep(self.interval)

    def _send(self, text: str) -> None:
        """A datagram that nobody takes is lost: a supervisor that is away must not stop the gateway."""
        if not self._address.startswith(("/", "@")):
            return
        name = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as to:
            to.setblocking(False)
            to.sendto(text.encode(), name)
