"""What the attacked gateways detected: an act counts as refused only if their own metrics, log and alarms show it."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import msgspec

from suar.demo.embedded.federation import Federation

REFUSED: Final = "suar_messages_refused_total"
REPLAYS: Final = "suar_replays_refused_total"
WITHIN: Final = 180.0  # seconds in which a refusal must show; normally less than one
_POLL: Final = 0.02


@dataclass(frozen=True)
class Act:
    """A hostile act and its expected result: at every member of `at`, code and rule, and an alarm if one is named.

    If `first` and `last` (frame numbers) are given, the alarm alone is the refusal, and must name exactly these.
    """

    name: str
    by: str
    origin: str
    code: str
    rule: str
    at: tuple[str, ...]
    alarm: str | None = None
    metric: str = REFUSED


@dataclass
class Seen:
    """An act with its result: target -> rule that refused it."""

    act: Act
    rules: dict[str, str] = field(default_factory=dict)
    detail: str = ""

    @property
    def missing(self) -> list[str]:
        """Return the targets that did not detect it as expected."""
        return [code for code in self.act.at if self.rules.get(code) != self.act.rule]


class Witnesses:
    """Reads what the attacked gateways report: GET /metrics before and after, GET /v1/alarms, the rule in
    gateway.log.
    """

    def __init__(self, federation: Federation, codes: Sequence[str]) -> None:
        self._federation, self.codes = federation, tuple(codes)
        self._counters: dict[str, dict[tuple[str, ...], float]] = {}
        self._read: dict[str, int] = {}
        self._logged: dict[tuple[str, str, str], str] = {}  # (target, code, origin) -> rule in its log

    async def watch(self, act: Act, do: Callable[[], Awaitable[None]]) -> Seen:
        """Perform the act, and wait until every target has counted, logged and alarmed it, or until the deadline."""
        seen, open_ = Seen(act), list(act.at)
        for code in self.codes:
            if code not in self._counters:
                self._counters[code] = await self._federation.desk(code).counters()
            self._read[code] = self._log(code).stat().st_size
        await do()
        deadline = time.monotonic() + WITHIN
        while open_ and time.monotonic() < deadline:
            answers = await asyncio.gather(*(self._rule(act, code) for code in open_))
            seen.rules |= {code: rule for code, rule in zip(open_, answers, strict=True) if rule}
            open_ = [code for code in open_ if code not in seen.rules]
            await asyncio.sleep(_POLL if open_ else 0)
        return seen

    async def _rule(self, act: Act, code: str) -> str:
        """Return the rule that refused the act at this target, or "" until log, metric and alarm all show it."""
        rule = next((str(entry.get("rule")) for entry in self._new_entries(code) if _is_of(entry, act)), "")
        rule = rule or self._logged.get((code, act.code, act.origin), "")
        if not rule:
            return ""
        self._logged[code, act.code, act.origin] = rule  # repetitions are counted but not logged for a while
        before = self._counters[code].get(_sample(act), 0)
        after = await self._federation.desk(code).counters()
        if after.get(_sample(act), 0) <= before:
            return ""
        if act.alarm and not await self.alarm(code, act.alarm, act.origin):
            return ""
        self._counters[code] = after
        return rule

    async def alarm(self, code: str, name: str, member: str) -> list[dict[str, Any]]:
        """Return the alarms of that name about `member` at this target."""
        alarms = await self._federation.desk(code).alarms()
        return [alarm for alarm in alarms if (alarm["name"], alarm["member"]) == (name, member)]

    def _log(self, code: str) -> Path:
        return self._federation.founded.state(code) / "gateway.log"

    def _new_entries(self, code: str) -> list[dict[str, Any]]:
        """Return what the target logged since the act began."""
        with self._log(code).open("rb") as log:
            log.seek(self._read[code])
            lines = log.read().splitlines(keepends=True)
        return [msgspec.json.decode(line) for line in lines if line.startswith(b"{") and line.endswith(b"\n")]


def _is_of(entry: dict[str, Any], act: Act) -> bool:
    return entry.get("code") == act.code and entry.get("origin") == act.origin and "rule" in entry


def _sample(act: Act) -> tuple[str, ...]:
    return act.metric, act.origin, "" if act.metric == REPLAYS else act.code
