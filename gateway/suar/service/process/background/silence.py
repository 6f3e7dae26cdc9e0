"""[F11] Raises the alarm `silence` about members that are expected to send, that could be received, and were not."""

from suar.protocol.transport.outcome import SILENCE, Alarm
from suar.service.core.core import Core
from suar.service.core.observations import MAX_CHECK_GAP_MS
from suar.store.inbound import dated_ahead


class SilenceWatch:
    """The members about which the alarm was raised, each once until it sends again."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._silent: set[str] = set()

    def check(self, active_at: int, *, is_receiving: bool) -> None:
        """Raise an alarm for each peer that is silent for two intervals; on the core's thread, each second.

        `active_at`: the last activity of the stream from the hub (ms). Silence is measured up to it, because the link
        may be down without our knowledge. Time in which we could receive nothing is not counted: this gateway, its
        server or the hub was down (`is_receiving`), our store took nothing, or we were suspended, so that nothing was
        sealed to us. Nor is time in which the member was suspended. A member whose objects arrive and wait for their
        time is not silent: its clock is ahead.
        """
        core, now = self._core, self._core.clock()
        intervals = core.silent_after
        is_active = bool(core.active_keys.get(core.member))
        is_listening = is_receiving and is_active and not core.status.is_store_failing(now)
        core.record_listening(is_listening, now, max(MAX_CHECK_GAP_MS, intervals), active_at or None)
        until = min(now, active_at)
        if not core.observations.has_listened(intervals, until):
            return
        silent = {code for code in core.world.trust.active_members() if self._is_silent(code, until)}
        silent -= self._arriving(until) if silent else set()
        for code in sorted(silent - self._silent):
            with core.transaction() as connection:
                core.raise_alarm(connection, Alarm(SILENCE, code, message_id=str(core.last_heard.get(code, 0))))
        self._silent = silent

    def _arriving(self, until: int) -> set[str]:
        with self._core.transaction() as connection:
            ahead = dated_ahead.senders_ahead(connection)
        return {code for code, what in ahead.items() if until - what.arrived <= self._core.silent_after}

    def _is_silent(self, code: str, until: int) -> bool:
        core = self._core
        last_heard = core.last_heard.get(code, core.started_at)
        is_expected = code != core.member and core.observations.has_expected(code, core.silent_after, until)
        return is_expected and until - last_heard > core.silent_after
