"""What it costs to know which subdivisions lie in one another: tables with and without `schemas/regions.csv`.

    python bench/regions.py [TABLES]

For each country of that file, random counts by subdivision (TABLES times; 4 unless said otherwise): the country, its
regions and their provinces in one table; the country and its regions in one table and the provinces in the next; the
country and the provinces alone. Printed are the cells hidden beyond the small ones, the tables that were refused, and
how many hidden counts are a region less its other provinces. It runs itself once more, without the file.
"""

import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from unittest.mock import patch

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "gateway"), str(ROOT / "tests")]

from suar.protocol.base import codelists  # noqa: E402

REGIONS = {region: parts for region, parts in codelists.regions().items() if region != "TH-20"}
"""Of `TH-20` one part alone has a code."""
WITHOUT = "--without"
if WITHOUT in sys.argv:
    patch.object(codelists, "regions", dict).start()  # before the modules are imported that read it

from protocol.privacy.histories import Ledger  # noqa: E402
from protocol.privacy.trends import of  # noqa: E402
from suar.protocol.message.kinds import Observation, Trend  # noqa: E402
from suar.protocol.privacy.tables.protecting import Unprotectable  # noqa: E402

K = 10
MEAN = 20
ZEROS = 0.2
Counts = dict[str, int]
"""By subdivision; the country is ""."""


def table(country: str, counts: Mapping[str, int]) -> Trend:
    """A table of these places of detection."""
    obs = [
        {
            "period": "2025", "dims": {}, "value": count, "status": "A",
            "place": {"role": "detection", "country": country, **({"admin1": code} if code else {})},
        }
        for code, count in counts.items()
    ]  # fmt: skip
    return of(obs, [], margins="" in counts)


def people(rng: random.Random, country: str) -> tuple[Counts, Counts, Counts]:
    """The country, its regions, and the subdivisions of these: everybody is in one that is listed."""
    inside = {region: parts for region, parts in REGIONS.items() if region[:2] == country}
    leaves = [part for parts in inside.values() for part in parts if part not in inside]
    inner = {part: 0 if rng.random() < ZEROS else int(rng.expovariate(1 / MEAN)) for part in leaves}
    found: Counts = {}
    for region in sorted(inside, key=lambda region: any(part in inside for part in inside[region])):
        found[region] = sum(inner[part] if part in inner else found[part] for part in inside[region])
    return {"": sum(inner.values())}, found, inner


def layouts(rng: random.Random, country: str) -> Iterator[tuple[str, list[Counts]]]:
    """The same people in one table or two."""
    whole, regions, provinces = people(rng, country)
    yield "country, regions and provinces", [whole | regions | provinces]
    yield "country and regions, then provinces", [whole | regions, provinces]
    yield "country and provinces", [whole | provinces]


def subtracted(shown: Mapping[str, int | None]) -> int:
    """How many counts are the only hidden one among a region and everything that lies in it."""
    found = 0
    for region, parts in REGIONS.items():
        own = [shown[code] for code in (region, *parts) if code in shown]
        found += len(own) == len(parts) + 1 and own.count(None) == 1
    return found


def protected(country: str, tables: list[Counts]) -> Counter[str]:
    """What leaves of these tables, one after the other."""
    ledger, found, shown = Ledger(), Counter[str](), dict[str, int | None]()
    for counts in tables:
        trend = table(country, counts)
        try:
            left = ledger.publish(trend, K)
        except Unprotectable:
            found["refused"] += 1
            continue
        found.update(cells=len(left.obs), small=left.primary, extra=left.complementary)
        shown |= {_code(item): item.value for item in left.obs}
    found["follow"] = subtracted(shown)
    return found


def _code(item: Observation) -> str:
    return item.place.admin1 if isinstance(item.place.admin1, str) else ""


def main() -> None:
    """Print the figures with the file, and those without it."""
    numbers = [int(each) for each in sys.argv[1:] if each != WITHOUT]
    every: dict[str, Counter[str]] = {}
    for country in sorted({region[:2] for region in REGIONS}):
        for number in range(numbers[0] if numbers else 4):
            for name, tables in layouts(random.Random(f"{country} {number}"), country):
                every[name] = every.get(name, Counter()) + protected(country, tables)
    label = "without" if WITHOUT in sys.argv else "with"
    for name, found in every.items():
        part = f"{found['extra'] / found['cells']:.1%}"
        text = f"{found['cells']} cells, {found['small']} small, {found['extra']} further hidden ({part})"
        print(f"{label}: {name}: {text}, {found['refused']} refused, {found['follow']} follow", flush=True)
    if WITHOUT not in sys.argv:
        subprocess.run([sys.executable, __file__, *sys.argv[1:], WITHOUT], check=True)


if __name__ == "__main__":
    main()
