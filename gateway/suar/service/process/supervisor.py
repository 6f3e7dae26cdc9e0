"""Notifications to systemd (sd_notify(3)): the gateway is ready, it stops, its core works.

The core's thread sends the watchdog notification: if it hangs, nothing is received or sealed, and systemd restarts the
gateway after `WatchdogSec`, even if the API still answers.
"""

import asyncio
import contextlib
import os
import socket
from collections.abc import Mapping
from typing import Final

from suar.service.core.core import Core

SIGNS: Final = 3  # notifications within the time after which the supervisor ends the process
MICROSECONDS: Final = 1_000_000


class Supervisor:
    """The service manager that set NOTIFY_SOCKET, such as systemd; without it nothing is sent."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._address = environ.get("NOTIFY_SOCKET", "")
        self.interval = self._interval_of(environ)

    @staticmethod
    def _interval_of(environ: Mapping[str, str]) -> float | None:
        """Seconds between two watchdog notifications; None if none are expected of this process."""
        within = environ.get("WATCHDOG_USEC", "")
        is_ours = environ.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        if not (is_ours and within.isascii() and within.isdigit() and int(within)):
            return None
        return int(within) / MICROSECONDS / SIGNS

    def ready(self) -> None:
        """Notify that the gateway has its store open and its API listens."""
        self._send("READY=1")

    def stopping(self) -> None:
        """Notify that the gateway finishes what is in progress and stops."""
        self._send("STOPPING=1")

    def alive(self) -> None:
        """Send one watchdog notification; called on the core's thread."""
        self._send("WATCHDOG=1")

    async def keep_alive(self, core: Core, stop: asyncio.Event) -> None:
        """Send watchdog notifications from the core's thread until `stop`, if any are expected; then notify that it
        stops.
        """
        while not stop.is_set():
            if self.interval is not None:
                await core.run(self.alive)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), self.interval)
        self.stopping()

    async def stay_alive(self) -> None:
        """Send watchdog notifications for a gateway without a core, while it waits to lead; until cancelled."""
        while self.interval is not None:
            self.alive()
            await asyncio.sleep(self.interval)

    def _send(self, text: str) -> None:
        """Send a datagram; it may be lost, because a missing supervisor must not stop the gateway."""
        if not self._address.startswith(("/", "@")):
            return
        name = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as to:
            to.setblocking(False)
            to.sendto(text.encode(), name)
