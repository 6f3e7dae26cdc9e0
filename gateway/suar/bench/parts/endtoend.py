"""`suar bench e2e`: from an HTTP batch to committed at every receiver, with all checks, compared with plain nats-py.

Four arenas: servers that sync always, and servers with their default (every two minutes), each with two and with ten
receivers. In each, the gateways and the plain programs take turns on servers of the same kind. The cost of sending is
measured in turns of two and ten receivers. A message counts when every receiver's store has it; with receipts, when the
sender has the signed receipt of each.
"""

import asyncio
import shutil
import tempfile
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from statistics import median
from typing import Any

from suar.bench.arena.arena import arena
from suar.bench.arena.match import ARENAS, Match, Settings
from suar.bench.measure import Report, Reporter, print_progress, ratio, rounded
from suar.demo.embedded.nursery import Nursery


def endtoend(settings: Settings, progress: Reporter = print_progress) -> Report:
    """Run every arena of the settings; every process has ended when this returns."""
    report = Report("e2e", settings.as_dict())
    folder = Path(tempfile.mkdtemp(prefix="suar-bench-"))
    nursery = Nursery()
    try:
        asyncio.run(_all(report, settings, folder, nursery, progress))
    finally:
        nursery.close()
        shutil.rmtree(folder, ignore_errors=True)
    return report


async def _all(report: Report, settings: Settings, folder: Path, nursery: Nursery, progress: Reporter) -> None:
    series = Series(settings, folder, nursery, progress)
    for sync in dict.fromkeys(ARENAS[name][0] for name in settings.only):
        names = [name for name in settings.only if ARENAS[name][0] == sync]
        await series.of(sorted(names, key=lambda name: ARENAS[name][1]))
    for match in series.matches.values():
        report.rows += [*match.suar.rows(), *match.plain.rows()]
    if series.memory is not None:
        row, report.ratios["rss_growth"] = series.memory
        report.rows.append(row)
    report.ratios |= _ratios(series.matches)


class Series:
    """The arenas of a run, one sync setting after the other."""

    def __init__(self, settings: Settings, folder: Path, nursery: Nursery, report: Reporter) -> None:
        self._settings, self._folder, self._nursery, self._report = settings, folder, nursery, report
        self.matches: dict[str, Match] = {}
        self.memory: tuple[dict[str, Any], float] | None = None

    async def of(self, names: Sequence[str]) -> None:
        """Run the arenas of one setting, the one with fewer receivers first.

        The cost of sending is compared between arenas, so it is measured in turns while all of them run.
        """
        async with AsyncExitStack() as running:
            first = await self._start(names[0], running)
            await first.play()
            async with AsyncExitStack() as stack:
                others = [await self._start(name, stack) for name in names[1:]]
                for repeat in range(self._settings.repeats):
                    for match in (first, *others):
                        await match.cost(repeat)
                if self.memory is None and self._settings.memory_messages:
                    self.memory = await first.memory()
                await running.aclose()
                for match in others:
                    await match.play()

    async def _start(self, name: str, stack: AsyncExitStack) -> Match:
        sync, receivers = ARENAS[name]
        folder = self._folder / name
        folder.mkdir()
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        running = await stack.enter_async_context(arena(folder, self._nursery, receivers, sync, self._report))
        match = self.matches[name] = Match(running, name, self._settings, self._report)
        await match.warm_up()
        return match


def _ratios(matches: dict[str, Match]) -> dict[str, float]:
    """Return the ratio of each arena, by its name in the report."""
    found: dict[str, float] = {}
    names = {"always-2": "e2e_vs_plain_nats", "default-2": "e2e_vs_plain_nats_default"}
    for name, match in matches.items():
        suar, plain = match.suar, match.plain
        key = names.get(name, f"e2e_vs_plain_nats_{name.replace('-', '_')}")
        found[key] = ratio([run.rate for run in suar.runs], [run.rate for run in plain.runs])
        p99 = "e2e_p99_vs_plain_nats" if name == "always-2" else f"e2e_p99_vs_plain_nats_{name.replace('-', '_')}"
        found[p99] = ratio([each["p99"] for each in suar.slow], [each["p99"] for each in plain.slow])
    for sync, name in (("always", "e2e_10_vs_2_receivers_cost"), ("default", "e2e_10_vs_2_receivers_cost_default")):
        few, many = matches.get(f"{sync}-2"), matches.get(f"{sync}-10")
        if few and many:
            found[name] = rounded(median(many.suar.sending_us) / median(few.suar.sending_us))
            with_receipts = median(many.suar.receipts_us) / median(few.suar.receipts_us)
            found[f"{name}_with_receipts"] = rounded(with_receipts)
    return found
