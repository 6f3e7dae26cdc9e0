"""When each token was last used: noted in memory at every call, kept in the store at most once a minute."""

from typing import Final

from suar.service.core.core import Core
from suar.store.people import agencies as table

WRITE_MS: Final = 60_000


class LastUses:
    """The last call of each token, by name; noted on HTTP's event loop, kept on the core's thread."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._seen: dict[str, int] = {}
        self._kept: dict[str, int] = {}
        self._kept_at = 0

    def note(self, name: str) -> None:
        """It was used now."""
        self._seen[name] = self._core.clock()

    def seen(self) -> dict[str, int]:
        """When each was used since the gateway started (ms)."""
        return dict(self._seen)

    def keep(self, *, at_once: bool = False) -> None:
        """Write what is new to the store, at most once a minute unless `at_once`; on the core's thread."""
        now = self._core.clock()
        if not at_once and now - self._kept_at < WRITE_MS:
            return
        self._kept_at = now
        seen = self.seen()
        new = {name: at for name, at in seen.items() if self._kept.get(name) != at}
        if new:
            with self._core.transaction() as connection:
                table.keep_last_uses(connection, new)
            self._kept = seen
