"""What the privacy gate costs: 1,400 characters of text without and with digit runs, and tables from small to large.

    python bench/gate.py
    python bench/gate.py --costliest
    python bench/gate.py --editions

the second one alone: what 1,400 characters take at most that repeat one of the units which cost a search much; the
third one alone: what the first number in the text of a large table takes that is compared with as many earlier editions
as there may be.

Medians of process time in this process, after the first call, which loads the tables of telephone numbers; at the end
the most memory that it had.
"""

import random
import re
import resource
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from msgspec.structs import replace

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "gateway"), str(ROOT / "tests")]

from protocol.privacy.corpus import PASSED, REFUSED  # noqa: E402
from protocol.privacy.finest_check import Leak, leaks  # noqa: E402
from protocol.privacy.finest_reader import Seen  # noqa: E402
from protocol.privacy.histories import Ledger  # noqa: E402
from protocol.privacy.trends import CODES, of, read, some_values, trend, truth, with_margins  # noqa: E402
from suar.protocol.message.kinds import Trend  # noqa: E402
from suar.protocol.privacy.counts.hidden_numbers import hidden_numbers  # noqa: E402
from suar.protocol.privacy.counts.remembered import EDITIONS_MAX, known_numbers  # noqa: E402
from suar.protocol.privacy.identifiers.doubtful import doubtful  # noqa: E402
from suar.protocol.privacy.identifiers.forms import identifiers  # noqa: E402
from suar.protocol.privacy.names.persons import names  # noqa: E402
from suar.protocol.privacy.proof.cells import cell_of, sheet_of  # noqa: E402
from suar.protocol.privacy.proof.ledger import SHOWN, SUPPRESSED, Fact, Release  # noqa: E402
from suar.protocol.privacy.tables.protecting import Unprotectable, protect  # noqa: E402
from suar.protocol.privacy.text.plain import plain  # noqa: E402

LENGTH = 1_400
TABLES: list[tuple[str, list[str], list[int], float, int]] = [
    ("3 x 2 with margins", ["exploitation", "sex"], [3, 2], 20, 100),
    ("8 x 5 with margins", ["citizenship", "exploitation"], [8, 5], 20, 100),
    ("12 x 6 with margins", ["citizenship", "transport"], [12, 6], 20, 30),
    ("5 x 4 x 2 with margins", ["exploitation", "sex", "age"], [5, 4, 2], 20, 10),
    ("12 x 5 x 3 with margins", ["citizenship", "exploitation", "sex"], [12, 5, 3], 20, 3),
    ("20 x 5 x 6 with margins", ["citizenship", "exploitation", "transport"], [20, 5, 6], 20, 1),
    ("46 x 5 x 6 with margins", ["citizenship", "exploitation", "transport"], [46, 5, 6], 20, 1),
]


def check_text(text: str) -> None:
    """What the gate does with one text."""
    clear = plain(text)
    doubtful(clear, identifiers(clear))
    names(clear)


def check_one(rng: random.Random, texts: list[str]) -> None:
    """The same with one of them."""
    check_text(rng.choice(texts))


UNITS = (
    *("É", "Aก", "中A", "\u0301A", "ÁA", "bornA月", "theÉ", "Ša", "A", "Aa ", "É É ", "MALEE ", "MALEE", "É-", "Aa-"),
    *("1", "1 ", "1.000 ", "0", "081 ", "081→", "+1→+", "1,", "12/", "1。1", "a1 ", "08⓬", "1→1017→"),
    *("account 1→12345678 "),
    *("a.", "a@", "a。", "a[.]", "\\", "t.me/", "fb/a1 ", "ab1c ", "ab1c on fb ", "line "),
    *("fb: a1b2 ", "加line是", "@ก1", "X:a1"),
    *("one ", "seven ", "her sister malee ", "Mr Aa ", "si Aa ", "Aa bin Bb ", "aged 12, "),
    *("named Aa ", "né", "นายก", "ชื่อ"),
    *("李女士", "ឈ្មោះ", "ဦး", "ᴀ", "\u13aa", "š", "҉", "\u200b", "\u3007", "🇲", "\"", "(", "[", " ", "-", "'"),
)  # fmt: skip
"""What a text may repeat: capitals, numbers, addresses, accounts, words before a name, and letters of other forms."""


def costliest() -> tuple[float, str]:
    """Milliseconds for the costliest of the texts that repeat a unit to 1,400 characters, and that unit."""
    taken = [(median(partial(check_text, (unit * LENGTH)[:LENGTH]), 5), unit) for unit in UNITS]
    return max(taken)


def with_history(rng: random.Random) -> float:
    """Milliseconds for a table of 312 cells after ten years of them, each in two editions."""
    dims, sizes, ledger, taken = ["citizenship", "exploitation", "sex"], [12, 5, 3], Ledger(), 0.0
    for year in range(2016, 2027):
        values = some_values(rng, dims, sizes, 20)
        for _ in range(2):
            start = time.process_time()
            ledger.publish(trend(with_margins(values), dims, period=str(year)), 10)
            taken = time.process_time() - start
            values = {codes: value + 20 for codes, value in values.items()}
    return 1000 * taken


def half_year(rng: random.Random) -> Trend:
    """Six months of a table of 312 cells in three dimensions, with every margin but over the months."""
    dims = ["citizenship", "exploitation", "sex"]
    obs = [
        {
            "period": f"2026-{month:02}", "place": {"role": "detection", "country": "TH"},
            "dims": dict(zip(dims, codes, strict=True)), "value": value, "status": "A",
        }
        for month in range(1, 7)
        for codes, value in with_margins(some_values(rng, dims, [12, 5, 3], 20)).items()
    ]  # fmt: skip
    return of(obs, dims)


def compare_editions() -> str:
    """What the numbers take that a text of a table must not tell, after as many editions as are compared."""
    rng = random.Random(3)
    now = half_year(rng)
    sheet = sheet_of(now, now.obs[0])
    cells = [(cell_of(item), (item.value or 0)) for item in now.obs]
    leaving = tuple(replace(item, value=None, status="S") if (item.value or 0) < 10 else item for item in now.obs)
    before = [
        Release(10, True, tuple(Fact(cell, n + 7 * at, SHOWN if n > 9 else SUPPRESSED) for cell, n in cells), at)
        for at in range(1, EDITIONS_MAX + 1)
    ]
    taken = median(lambda: hidden_numbers(known_numbers(now, leaving, {sheet: before})), 3)
    return f"the first number beside {len(cells)} cells after {EDITIONS_MAX} editions {taken:8.0f} ms"


def sparse(citizenships: int, mean: int) -> str:
    """How a table ends of which half the finest cells are empty, in three dimensions with every margin."""
    dims = ["citizenship", "exploitation", "transport"]
    values = with_margins(some_values(random.Random(5), dims, [citizenships, 5, 6], mean, zeros=0.5))
    start = time.process_time()
    try:
        protected = protect(trend(values, dims), 10)
        outcome = f"{protected.suppressed} hidden"
    except Unprotectable as refused:
        outcome = f"refused: {refused.reasons[0].message}; {refused.reasons[0].hint}"
    taken = time.process_time() - start
    return f"{len(values)} cells, half of the inner ones empty, mean {mean}: {taken:.1f} s, {outcome}"


def protect_next(tables: Iterator[Trend]) -> None:
    """What the gate does with the next table."""
    protect(next(tables), 10)


def median(run: Callable[[], object], times: int) -> float:
    """Milliseconds."""
    taken = []
    for _ in range(times):
        start = time.process_time()
        run()
        taken.append(1000 * (time.process_time() - start))
    return statistics.median(taken)


def mixed(sentences: list[tuple[str, str]], rng: random.Random) -> str:
    """1,400 characters of them in random order."""
    order = rng.sample(sentences, len(sentences))
    return " ".join(text for _, text in order)[:LENGTH]


def left_open(tables: int) -> None:
    """What the checker of CI finds out, when only small counts are hidden and when the gate was there."""
    rng = random.Random(2)
    dims, found = ["citizenship", "exploitation"], Counter[str]()
    for _ in range(tables):
        table = trend(with_margins(some_values(rng, dims, [8, 5], 20)), dims)
        true = truth(table)
        for name, least in (("1 to 9 hidden", 1), ("0 to 9 hidden", 0), ("the gate", -1)):
            shown = read(table, protect(table, 10) if least < 0 else None)
            for item in shown["obs"]:
                if least >= 0 and least <= item["value"] < 10:
                    item |= {"value": None, "status": "S"}
            small = sum(
                item["value"] is None and (value or 0) < 10 for item, value in zip(shown["obs"], true, strict=True)
            )
            narrow = [leak for leak in leaks([Seen(shown, true)]) if leak.why == "hidden" and (leak.true or 0) < 10]
            found[f"{name}, small"] += small
            found[f"{name}, exact"] += len({_cell(leak) for leak in narrow if leak.exact})
            found[f"{name}, narrow"] += len({_cell(leak) for leak in narrow})
    for name in ("1 to 9 hidden", "0 to 9 hidden", "the gate"):
        small, exact, under = (found[f"{name}, {what}"] for what in ("small", "exact", "narrow"))
        shares = f"{exact / small:6.1%} computed, {under / small:6.1%} narrower than 9"
        print(f"{name:14} {small:5} small counts hidden, {shares}")


def _cell(leak: Leak) -> str:
    """Return the name of a leak's cell, the same in each meaning of `other`."""
    return re.sub(" but [^,]*", "", leak.cell)


def main() -> None:
    """Print one table."""
    if "--editions" in sys.argv[1:]:
        print(compare_editions())
        return
    check_text("call 081 234 5678")  # loads the tables of telephone numbers
    most, unit = costliest()
    print(f"{LENGTH} characters of {unit!r}, the costliest of {len(UNITS)} units {most:8.3f} ms")
    if "--costliest" in sys.argv[1:]:
        return
    left_open(60)
    rng = random.Random(1)
    for code, names_ in (("en", {"en"}), ("all languages", {lang for lang, _ in PASSED})):
        chosen = [(lang, text) for lang, text in PASSED if lang in names_ and not any(map(str.isdigit, text))]
        while sum(len(text) for _, text in chosen) < LENGTH:
            chosen *= 2
        texts = [mixed(chosen, rng) for _ in range(50)]
        check_text(texts[0])
        print(f"{LENGTH} characters without digits, {code:14} {median(partial(check_one, rng, texts), 300):8.3f} ms")
    texts = [mixed([*PASSED, *REFUSED], rng) for _ in range(50)]
    check_text(texts[0])
    print(f"{LENGTH} characters with digit runs, mixed      {median(partial(check_one, rng, texts), 100):8.3f} ms")
    for name, dims, sizes, mean, times in TABLES:
        assert all(len(CODES[dim]) >= size for dim, size in zip(dims, sizes, strict=True))
        tables = [trend(with_margins(some_values(rng, dims, sizes, mean)), dims) for _ in range(times)]
        print(f"{name:40} {len(tables[0].obs):5} cells {median(partial(protect_next, iter(tables)), times):8.1f} ms")
    print(f"{'12 x 5 x 3 after ten years of two editions':40} {312:5} cells {with_history(rng):8.1f} ms")
    print(compare_editions())
    for citizenships, mean in ((30, 4), (46, 8), (46, 4)):
        print(sparse(citizenships, mean), flush=True)
    months = [f"2026-{month:02}" for month in range(1, 13)]
    some = with_margins(some_values(rng, ["exploitation", "sex", "transport"], [5, 4, 6], 4, zeros=0.5))
    tables = [trend(some, ["exploitation", "sex", "transport"], period=month) for month in months]
    worst = [item for table in tables for item in table.obs][:2_000]
    start = time.process_time()
    try:
        protect(
            type(tables[0])(
                **{name: getattr(tables[0], name) for name in tables[0].__struct_fields__} | {"obs": tuple(worst)}
            ),
            10,
        )
        outcome = "protected"
    except Unprotectable as refused:
        outcome = f"refused: {refused.reasons[0].message}"
    print(f"{len(worst)} sparse cells in three dimensions {1000 * (time.process_time() - start):8.0f} ms, {outcome}")
    print(f"most memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")


if __name__ == "__main__":
    main()
