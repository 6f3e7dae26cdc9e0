"""How long queued receipts wait for others, so that one frame with one receipt covers many messages.

Otherwise every message would cost its sender a frame, a signature check and a commit for each of its readers. A message
never waits for anything.
"""

import asyncio
from typing import Final

DELAY: Final = 0.2  # seconds that a receipt waits for others


class ReceiptDelay:
    """The receipts that are queued; `wake` is set when they may leave. Used on the event loop."""

    def __init__(self, wake: asyncio.Event) -> None:
        self._wake = wake
        self._timer: asyncio.TimerHandle | None = None

    def queued(self) -> None:
        """Some were queued."""
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(DELAY, self._on_elapsed)

    @property
    def may_send(self) -> bool:
        """Whether none waits any longer."""
        return self._timer is None

    def _on_elapsed(self) -> None:
        self._timer = None
        self._wake.set()
