"""What protecting the rows costs: `python bench/store_rows.py cost` and `python bench/store_rows.py start [ROWS]`.

cost: CPU of all threads a message, without a profiler, for what the core does with it: alerts accepted 100 a
transaction, what is queued sealed, frames received. It runs on a version before the rows were protected too: compare
both in turns on one machine.
start: how long the start verifies a store with so many rows in its ledger, and so many in every other table that grows,
and the whole afterwards.
"""

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

from suar.bench.founding import SENDER, Founding, drafts
from suar.bench.parts import admission
from suar.observe.log import configure
from suar.protocol.transport.admission import admit
from suar.service.publish import accepting, outbound
from suar.service.receive import inbound
from suar.service.receive.batch import Arrival

MESSAGES = 3_000
REPEATS = 5
FEW = 19_000  # rows of the other tables, below what a start verifies whole


def cost(folder: Path) -> None:
    """A line a stage."""
    founding = Founding(10)
    sender = admission.core(folder / "accept", founding, SENDER)
    for subject, data in founding.bundles:
        if not subject.startswith("tip.v1.th."):
            inbound.receive_batch(sender, [Arrival(subject, data)])
    with sender.transaction():
        own = next(each for each in founding.bundles if each[0].startswith("tip.v1.th."))
        admit(sender.world, *own, sender.clock())
    accepted, sealed = [], []
    for turn in range(REPEATS):
        items = [(data, None) for data in drafts(1 + turn * MESSAGES, MESSAGES)]
        begin = time.process_time()
        for first in range(0, MESSAGES, 100):
            accepting.accept(sender, items[first : first + 100], realm="actual", token="bench")
        accepted.append(time.process_time() - begin)
        begin = time.process_time()
        while outbound.seal(sender):
            pass
        sealed.append(time.process_time() - begin)
    sender.close()
    _say("accept, 100 a transaction", accepted)
    _say("seal what is queued", sealed)
    for batch in (1, 64):
        case = admission.Admission(folder / f"receive{batch}", founding, batch, MESSAGES)
        for _ in range(REPEATS):
            case.run_repeat()
        case.close()
        median = statistics.median(each.cpu_us for each in case.samples)
        print(f"receive, {batch} a frame: {median:.1f} us of CPU a message")


def _say(name: str, seconds: list[float]) -> None:
    print(f"{name}: {statistics.median(seconds) / MESSAGES * 1e6:.1f} us of CPU a message")


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
    from suar.store.engine.database import Database

    database = Database(core.config.folder)
    integrity = Integrity(core.config.folder, core.keyring, database)
    begin = time.perf_counter()
    integrity.open()
    with database.begin() as connection:
        integrity.after_load(connection, core.vault, [], 0)
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
