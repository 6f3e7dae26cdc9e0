"""Interleaved repeats, medians, and the document that `suar bench --json` prints.

A shared machine is never idle, so every case runs once in each repeat, next to its baseline. A ratio is calculated
within each repeat, before the median over the repeats, because a disturbance affects both sides of a repeat.
"""

import os
import platform
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median, quantiles
from typing import Any, Final

from suar import __version__

REPEATS: Final = 5  # the fewest that a median is taken of
_PACKAGES: Final = ("cryptography", "pynacl", "msgspec", "nats-py", "sqlalchemy", "uvloop", "pyrage", "joserfc")

Reporter = Callable[[str], None]


def print_progress(line: str) -> None:
    """Print progress to stderr, so that stdout contains a single JSON document."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


@dataclass(frozen=True)
class Sample:
    """One repeat of one case: seconds of wall time, seconds of CPU of the measured process, and operations."""

    wall: float
    cpu: float
    count: int

    @property
    def wall_us(self) -> float:
        """Return the microseconds of wall time of one operation."""
        return self.wall / self.count * 1e6

    @property
    def cpu_us(self) -> float:
        """Return the microseconds of CPU of one operation."""
        return self.cpu / self.count * 1e6


@dataclass
class Case:
    """A measured case: `run` performs `count` operations; `prepare` runs before each repeat and is not measured."""

    name: str
    count: int
    run: Callable[[], None]
    prepare: Callable[[], None] = lambda: None
    note: str = ""
    messages: int = 1  # in one operation
    samples: list[Sample] = field(default_factory=list)

    def run_repeat(self) -> None:
        """Run one repeat."""
        self.prepare()
        wall, cpu = time.perf_counter(), time.process_time()
        self.run()
        self.samples.append(Sample(time.perf_counter() - wall, time.process_time() - cpu, self.count))

    def row(self) -> dict[str, Any]:
        """Return the case as a row of the document."""
        cpu = [sample.cpu_us for sample in self.samples]
        wall = median(sample.wall_us for sample in self.samples)
        row = {
            "name": self.name, "count": self.count, "repeats": len(self.samples),
            "cpu_us": rounded(median(cpu)), "cpu_us_least": rounded(min(cpu)), "cpu_us_most": rounded(max(cpu)),
            "wall_us": rounded(wall), "messages_per_s": rounded(self.messages * 1e6 / wall),
            "messages_per_cpu_s": rounded(self.messages * 1e6 / median(cpu)),
        }  # fmt: skip
        return row | ({"note": self.note} if self.note else {})


def interleave(cases: Sequence[Case], repeats: int, report: Reporter = print_progress) -> None:
    """Run every case once in each repeat, in rotating order, after one warm-up round that is not counted."""
    for case in cases:
        case.run_repeat()
        case.samples.clear()
    for repeat in range(repeats):
        report(f"repeat {repeat + 1} of {repeats}")
        turn = repeat % len(cases)
        for case in (*cases[turn:], *cases[:turn]):
            case.run_repeat()


def ratio(above: Sequence[float], below: Sequence[float]) -> float:
    """Return the median over the repeats of above / below, calculated within each repeat."""
    return rounded(median(a / b for a, b in zip(above, below, strict=True)))


def cpu_us(case: Case) -> list[float]:
    """Return the CPU microseconds of one operation, for each repeat."""
    return [sample.cpu_us for sample in case.samples]


def percentiles(values: Sequence[float]) -> dict[str, float]:
    """Return p50, p95 and p99 of at least two values."""
    cuts = quantiles(values, n=100, method="inclusive")
    return {"p50": rounded(cuts[49]), "p95": rounded(cuts[94]), "p99": rounded(cuts[98])}


def rounded(value: float) -> float:
    """Return the value rounded to four significant digits."""
    return float(f"{value:.4g}")


@dataclass
class Report:
    """The result of one run: `rows`, `ratios`, and the `settings` of the run."""

    bench: str
    settings: dict[str, Any]
    rows: list[dict[str, Any]] = field(default_factory=list)
    ratios: dict[str, float] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """Return the document that `suar bench --json` prints."""
        return {
            "bench": self.bench, "machine": machine(), "versions": versions(), "settings": self.settings,
            "rows": self.rows, "ratios": self.ratios,
        }  # fmt: skip


def machine() -> dict[str, Any]:
    """Return a description of the machine, without anything that identifies it or its owner."""
    return {
        "cpu": _cpu(), "cores": os.cpu_count(), "system": f"{platform.system()} {platform.release()}",
        "load_1_min": rounded(os.getloadavg()[0]), "memory_gib": round(_memory() / 2**30, 1),
    }  # fmt: skip


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def _memory() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def versions() -> dict[str, str]:
    """Return the versions of suar, Python and the main libraries, as far as they are installed."""
    import sqlite3
    import ssl

    found = {
        "suar": __version__, "python": platform.python_version(), "sqlite": sqlite3.sqlite_version,
        "openssl": ssl.OPENSSL_VERSION.split()[1],
    }  # fmt: skip
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
