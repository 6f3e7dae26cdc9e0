"""What protecting the rows costs: `python bench/store_rows.py cost` and `python bench/store_rows.py start [ROWS]`.

cost: CPU of all threads a message, without a profiler, for what the core does with it: alerts accepted 100 a
transaction, what is queued sealed, frames received. Medians of one run: the same code with the protection of stores
taken out, and as it is, in turns.
start: how long the start verifies a store with so many rows in its ledger, and so many in every other table that grows,
and the whole afterwards.
"""

import contextlib
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from suar.bench.founding import SENDER, Founding, drafts
from suar.bench.parts import admission
from suar.observe.log import configure
from suar.protocol.transport.admission import admit
from suar.service.core.core import Core
from suar.service.publish import accepting, sealing
from suar.service.receive import inbound
from suar.service.receive.batch import Arrival
from suar.store.engine.database import Database

MESSAGES = 3_000
REPEATS = 5
FEW = 19_000  # rows of the other tables, below what a start verifies whole


@contextlib.contextmanager
def unprotected() -> Iterator[None]:
    """Stores that are opened inside keep no hashes and no account, and their schema is not compared."""
    before = Database.protect
    Database.protect = lambda self, books: None  # type: ignore[method-assign]  # for what it costs without
    try:
        yield
    finally:
        Database.protect = before  # type: ignore[method-assign]  # as it was


def cost(folder: Path) -> None:
    """A line a stage: without and with, in turns."""
    founding = Founding(10)
    senders = []
    for name, around in (("without", unprotected()), ("with", contextlib.nullcontext())):
        with around:
            senders.append(_sender(folder / f"accept-{name}", founding))
    accepted: tuple[list[float], ...] = ([], [])
    sealed: tuple[list[float], ...] = ([], [])
    for turn in range(REPEATS):
        items = [(data, None) for data in drafts(1 + turn * MESSAGES, MESSAGES)]
        for at in _order(turn):
            begin = time.process_time()
            for first in range(0, MESSAGES, 100):
                accepting.accept(senders[at], items[first : first + 100], realm="actual", token="bench")
            accepted[at].append((time.process_time() - begin) / MESSAGES * 1e6)
            begin = time.process_time()
            while sealing.seal_queued(senders[at]):
                pass
            sealed[at].append((time.process_time() - begin) / MESSAGES * 1e6)
    for sender in senders:
        sender.close()
    _print_difference("accept, 100 a transaction", *accepted)
    _print_difference("seal what is queued", *sealed)
    for batch in (1, 64):
        _receive(folder, founding, batch)


def _order(turn: int) -> tuple[int, int]:
    return (0, 1) if turn % 2 else (1, 0)


def _sender(folder: Path, founding: Founding) -> Core:
    sender = admission.core(folder, founding, SENDER)
    for subject, data in founding.bundles:
        if not subject.startswith("tip.v1.th."):
            inbound.receive_batch(sender, [Arrival(subject, data)])
    with sender.transaction():
        own = next(each for each in founding.bundles if each[0].startswith("tip.v1.th."))
        admit(sender.world, *own, sender.clock())
    return sender


def _receive(folder: Path, founding: Founding, batch: int) -> None:
    with unprotected():
        without = admission.Admission(folder / f"without{batch}", founding, batch, MESSAGES)
    cases = without, admission.Admission(folder / f"with{batch}", founding, batch, MESSAGES)
    for turn in range(REPEATS):
        for at in _order(turn):
            cases[at].run_repeat()
    for case in cases:
        case.close()
    _print_difference(f"receive, {batch} a frame", *([each.cpu_us for each in case.samples] for case in cases))


def _print_difference(name: str, without: Sequence[float], protected: Sequence[float]) -> None:
    off, on = statistics.median(without), statistics.median(protected)
    print(f"{name}: {off:.1f} us of CPU a message without, {on:.1f} us with: {(on / off - 1) * 100:+.1f} %")


def start(folder: Path, rows: int) -> None:
    """Fill the store as it would be filled, then open it."""
    from suar.store import tables as t
    from suar.store.engine.prepared import Insert

    core = admission.core(folder / "start", Founding(10), SENDER)
    ledger = Insert(t.released, "sheet", "id", "rev", "sealed", "sealed_key", "family")
    alarms = Insert(t.alarm, "name", "member", "epoch_id", "message_id", "at", "seen_again")
    statements = Insert(t.own_statement, "id", "rev", "stage", "role", "at", "who", "state")
    step = 10_000
    for first in range(0, rows, step):
        with core.transaction() as connection:
            names = [f"TH-TREND-2027-{first + n:06d}" for n in range(min(step, rows - first))]
            cells = [(os.urandom(32), name, 1, os.urandom(180), bytes(32), bytes(32)) for name in names]
            ledger.insert(connection, cells)
            if first < FEW:
                few = names[: FEW - first]
                alarms.insert(connection, [("A", "SG", bytes(32), name, first, 0) for name in few])
                statements.insert(connection, [(name, 1, "opened", "gateway", 1, "desk", "queued") for name in few])
    core.close()
    from suar.service.settings.integrity import Integrity

    database = Database(core.config.folder)
    integrity = Integrity(core.config.folder, core.keyring, database)
    begin = time.perf_counter()
    integrity.open()
    with database.begin() as connection:
        integrity.verify_loaded(connection, core.vault, [], 0)
    print(f"start with {rows:,} rows in the ledger: {time.perf_counter() - begin:.2f} s")
    database.close()
    database = Database(core.config.folder)
    begin = time.perf_counter()
    found = Integrity(core.config.folder, core.keyring, database).verified()
    print(f"the whole, {sum(count for _, count, _ in found):,} rows: {time.perf_counter() - begin:.2f} s")
    database.close()
    if any(finding for _, _, finding in found):
        raise AssertionError(found)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="suar-bench-") as name, Path(os.devnull).open("w") as nowhere:
        configure("info", nowhere)
        if sys.argv[1:2] == ["start"]:
            start(Path(name), int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000)
        else:
            cost(Path(name))
