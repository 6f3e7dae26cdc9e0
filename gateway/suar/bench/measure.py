"""Interleaved repeats, medians, and the document that `suar bench --json` prints.

A machine that is shared is never quiet, so every case is run once in each repeat, next to its baseline, and a ratio is
taken within a repeat before the median over the repeats: what slows one repeat down slows both sides of it.
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

Tell = Callable[[str], None]


def print_progress(line: str) -> None:
    """Progress: on stderr, so that stdout stays one JSON document."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


@dataclass(frozen=True)
class Sample:
    """One repeat of one case: seconds on the wall, seconds of CPU (of the process measured), what was done."""

    wall: float
    cpu: float
    count: int

    @property
    def wall_us(self) -> float:
        """Microseconds of wall time of one operation."""
        return self.wall / self.count * 1e6

    @property
    def cpu_us(self) -> float:
        """Microseconds of CPU of one operation."""
        return self.cpu / self.count * 1e6


@dataclass
class Case:
    """A thing to be measured: `run` does `count` operations, `prepare` what is not measured before each repeat."""

    name: str
    count: int
    run: Callable[[], None]
    prepare: Callable[[], None] = lambda: None
    note: str = ""
    messages: int = 1  # in one operation
    samples: list[Sample] = field(default_factory=list)

    def run_repeat(self) -> None:
        """One repeat."""
        self.prepare()
        wall, cpu = time.perf_counter(), time.process_time()
        self.run()
        self.samples.append(Sample(time.perf_counter() - wall, time.process_time() - cpu, self.count))

    def row(self) -> dict[str, Any]:
        """The case as a row of the document."""
        cpu = [sample.cpu_us for sample in self.samples]
        wall = median(sample.wall_us for sample in self.samples)
        row = {
            "name": self.name, "count": self.count, "repeats": len(self.samples),
            "cpu_us": rounded(median(cpu)), "cpu_us_least": rounded(min(cpu)), "cpu_us_most": rounded(max(cpu)),
            "wall_us": rounded(wall), "messages_per_s": rounded(self.messages * 1e6 / wall),
            "messages_per_cpu_s": rounded(self.messages * 1e6 / median(cpu)),
        }  # fmt: skip
        return row | ({"note": self.note} if self.note else {})


def interleave(cases: Sequence[Case], repeats: int, report: Tell = print_progress) -> None:
    """Every case once a repeat, in an order that turns, after one round that warms up and does not count."""
    for case in cases:
        case.run_repeat()
        case.samples.clear()
    for repeat in range(repeats):
        report(f"repeat {repeat + 1} of {repeats}")
        turn = repeat % len(cases)
        for case in (*cases[turn:], *cases[:turn]):
            case.run_repeat()


def ratio(above: Sequence[float], below: Sequence[float]) -> float:
    """The median over the repeats of above / below, each taken within its repeat."""
    return rounded(median(a / b for a, b in zip(above, below, strict=True)))


def cpu_us(case: Case) -> list[float]:
    """CPU microseconds of one operation, a repeat each."""
    return [sample.cpu_us for sample in case.samples]


def percentiles(values: Sequence[float]) -> dict[str, float]:
    """p50, p95, p99 of at least two values."""
    cuts = quantiles(values, n=100, method="inclusive")
    return {"p50": rounded(cuts[49]), "p95": rounded(cuts[94]), "p99": rounded(cuts[98])}


def rounded(value: float) -> float:
    """Four digits that mean something."""
    return float(f"{value:.4g}")


@dataclass
class Report:
    """What one run measured. `rows` and `ratios` are of this very run; `settings` say how it was asked for."""

    bench: str
    settings: dict[str, Any]
    rows: list[dict[str, Any]] = field(default_factory=list)
    ratios: dict[str, float] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """The `--json` shape of `suar bench`."""
        return {
            "bench": self.bench, "machine": machine(), "versions": versions(), "settings": self.settings,
            "rows": self.rows, "ratios": self.ratios,
        }  # fmt: skip


def machine() -> dict[str, Any]:
    """Where it was measured: nothing that names the machine or who owns it."""
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
    """suar, Python, and the libraries that do the work; those that are not installed are left out."""
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
