"""One seed from its beginning to its verdict; `python -m chaos` for many."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from chaos.arena import Arena
from chaos.faults import Injector
from chaos.oracle import Oracle, Verdict
from chaos.schedule import Schedule
from chaos.traffic import Users

CODES: Final = ("MY", "SG", "TH", "VN")
HANDED_IN: Final = 90.0  # seconds behind the last fault: half-open links are found after 30, sources start after 15
DRAIN: Final = 400.0
"""Seconds behind the last fault. What was withheld, and what the servers themselves passed over (docs/gaps.md), comes
again after two minutes; what was sealed ten minutes ahead waits for five."""


@dataclass
class Result:
    """A seed's verdict, and how much was done."""

    schedule: Schedule
    verdict: Verdict
    accepted: int
    refused: int
    noticed: list[float]
    watchdog: list[str]
    took: float

    @property
    def is_good(self) -> bool:
        return not self.verdict.wrong

    def lines(self) -> list[str]:
        """For people."""
        verdict = self.verdict
        alarms = ", ".join(f"{name} {count}" for name, count in sorted(verdict.alarms.items())) or "none"
        noticed = (
            f"{len(self.noticed)} gateways noticed a hub that stood still, the last after {max(self.noticed):.1f} s; "
            if self.noticed
            else ""
        )
        return [
            f"seed {self.schedule.seed}: {len(self.schedule.faults)} faults, {self.accepted} messages accepted, "
            f"{self.refused} refused meanwhile, {self.took:.0f} s",
            f"  drained {verdict.drained_in:.1f} s after the last fault, {verdict.pending} shown as pending",
            f"  alarms: {alarms}; {verdict.gaps} withheld ranges named exactly; "
            f"{verdict.skipped} objects skipped by the servers themselves",
            f"  {noticed}watchdogs acted {len(self.watchdog)} times",
            *(f"  WRONG: {each}" for each in verdict.wrong[:40]),
            f"  {'good' if self.is_good else f'{len(verdict.wrong)} things are wrong'}",
        ]


async def play(folder: Path, schedule: Schedule, report: Callable[[str], None] = lambda _: None) -> Result:
    """Found a federation in `folder`, do the schedule's faults while its messages are published, judge."""
    start = time.monotonic()
    async with Arena(folder, schedule.codes, hubs=schedule.hubs) as arena:
        report(f"founded in {time.monotonic() - start:.1f} s")
        users, injector = Users(arena, report), Injector(arena, report)
        begin = time.monotonic()
        await asyncio.gather(users.run(schedule, begin + schedule.lasts + HANDED_IN), injector.run(schedule))
        report(f"faults over after {time.monotonic() - begin:.0f} s, {len(users.accepted)} messages accepted")
        verdict = await Oracle(arena, users, injector).judge(DRAIN, report)
        watchdog = [f"{seen.name} {seen.kind}" for seen in arena.watched]
    took = time.monotonic() - start
    return Result(schedule, verdict, len(users.accepted), users.refused, injector.noticed, watchdog, took)
