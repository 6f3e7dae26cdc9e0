"""From frames to committed rows in one gateway: the functions that the receive loop calls, on a real SQLite file.

Each batch is what one pull returns, up to 500 frames or 8 MiB. Its signatures are checked on two cores, it is judged,
and committed with synchronous FULL. Log and metrics are active, as in a running gateway. The network is left out:
pulling and acknowledging are measured end to end.
"""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any, Final

from suar import __version__
from suar.bench.founding import FEDERATION, RECEIVER, Founding, alerts
from suar.bench.measure import Report, Reporter, Sample, print_progress, rounded
from suar.bench.parts.crypto import Sealing
from suar.observe.hooks import Hooks
from suar.observe.log import LogListener, configure
from suar.observe.metrics import Metrics
from suar.protocol.base import limits, subjects
from suar.protocol.base.primitives import ACTUAL, KemKey, kid
from suar.protocol.base.subjects import ALL
from suar.protocol.trust.bundle import Bundle
from suar.service.core.core import Core
from suar.service.core.seams import FaultPoints, system_clock
from suar.service.process import runtime_tuning
from suar.service.receive import inbound
from suar.service.receive.batch import Arrival
from suar.service.settings import sealed
from suar.service.settings.config import load
from suar.service.settings.keyring import Identity, Keyring
from suar.service.settings.state import KEYRING, create_state
from suar.service.trust import trust_sync
from suar.store.engine.database import Database
from suar.store.inbound import world_rows

BATCHES: Final = (1, 64)
_PASSPHRASE: Final = b"bench"


class Admission:
    """A gateway's core in its own folder, and a sender of frames to it."""

    def __init__(self, folder: Path, founding: Founding, batch: int, messages: int) -> None:
        self.founding, self.batch, self.messages = founding, batch, messages // batch * batch
        self._sealing, self._sent = Sealing(founding, 1), 0
        self.core = core(folder, founding, RECEIVER)
        self._receive_all([[Arrival(subject, data) for subject, data in founding.bundles if _is_other(subject)]])
        self.samples: list[Sample] = []

    def run_repeat(self) -> None:
        """Run one repeat with new frames, made before the clock starts."""
        batches = list(pulls(self.frames()))
        wall, cpu = time.perf_counter(), time.process_time()
        self._receive_all(batches)
        self.samples.append(Sample(time.perf_counter() - wall, time.process_time() - cpu, self.messages))
        self._check()

    def frames(self) -> list[Arrival]:
        """Return the next frames of one repeat, sealed by the sender."""
        arrivals = []
        for _ in range(self.messages // self.batch):
            part = alerts(1 + self._sent, self.batch)
            self._sent += self.batch
            out = self._sealing.sender.prepare(self._sealing.world, ACTUAL, ALL, part, self.founding.now)
            arrivals += [Arrival(subjects.hub("TH", item.subject), item.data) for item in out]
        return arrivals

    def _receive_all(self, batches: Sequence[Sequence[Arrival]]) -> None:
        """Receive batch by batch, as the gateway's loop does."""
        for batch in batches:
            inbound.receive_batch(self.core, batch)

    def _check(self) -> None:
        """Check that everything that was sent is stored; otherwise the figure is meaningless."""
        with self.core.database.begin() as connection:
            held = connection.exec_driver_sql("SELECT count(*) FROM message").scalar_one()
        if held != self._sent:
            raise AssertionError(f"{held} of {self._sent} messages are held")

    def close(self) -> None:
        """Close the core."""
        self.core.close()

    def row(self) -> dict[str, Any]:
        """Return messages a second by wall time, and the CPU of all threads for each message."""
        walls = [sample.wall_us for sample in self.samples]
        return {
            "name": f"admission {self.batch}", "count": self.messages, "repeats": len(walls),
            "wall_us": rounded(median(walls)), "wall_us_least": rounded(min(walls)),
            "wall_us_most": rounded(max(walls)),
            "cpu_us": rounded(median(sample.cpu_us for sample in self.samples)),
            "messages_per_s": rounded(1e6 / median(walls)),
            "messages_per_cpu_s": rounded(1e6 / median(sample.cpu_us for sample in self.samples)),
            "note": "a message: verified, opened, validated, committed (SQLite, synchronous FULL)",
        }  # fmt: skip


def _is_other(subject: str) -> bool:
    return not subject.startswith(f"tip.v1.{RECEIVER.lower()}.")


def pulls(arrivals: Sequence[Arrival]) -> Iterator[list[Arrival]]:
    """Yield groups as large as one pull."""
    batch: list[Arrival] = []
    size = 0
    for arrival in arrivals:
        if batch and (len(batch) == limits.BATCH_FRAMES or size + len(arrival.data) > limits.BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(arrival)
        size += len(arrival.data)
    if batch:
        yield batch


def core(folder: Path, founding: Founding, code: str) -> Core:
    """Return a member's core on a new state folder, with its keys of the founding."""
    create_state(
        folder, _PASSPHRASE, member=code, name=code, federation=FEDERATION, now=founding.now, cost=sealed.FLOOR
    )
    keyring = Keyring.open(folder / KEYRING, _PASSPHRASE)
    who = founding.members[code]
    keyring.identities = [Identity(kid(who.public), who.identity, founding.now)]
    database = Database(folder)
    database.migrate()
    hooks = Hooks(LogListener(), Metrics(__version__))
    made = Core(load(folder, {}), keyring, database, hooks, system_clock, FaultPoints())
    made.load()
    trust_sync.import_list(made, founding.list, founding.pin, who="bench")
    with made.transaction() as connection:
        public = KemKey(who.kem_seed).public
        end = founding.now + limits.BUNDLE_LIFETIME
        bundle = Bundle("suar-keys/1", FEDERATION, code, founding.now, end, public, 1, founding.pin)
        world_rows.add_seed(connection, made.vault, who.kem_seed, bundle)
        made.world.add_kem_seed(who.kem_seed)
    return made


@contextmanager
def _log_to(folder: Path) -> Iterator[None]:
    """Write the log to a file, as under a supervisor."""
    with (folder / "gateway.log").open("w", encoding="utf-8") as stream:
        configure("info", stream)
        try:
            yield
        finally:
            with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
                configure("critical", nowhere)


def add_to(report: Report, repeats: int, messages: int, progress: Reporter = print_progress) -> None:
    """Measure `messages` in each repeat for each batch size, interleaved, and add rows and ratios to the report."""
    report.settings["admission_messages"] = messages
    folder = Path(tempfile.mkdtemp(prefix="suar-bench-"))
    founding = Founding(2)
    runtime_tuning.freeze_heap()
    try:
        with _log_to(folder):
            running = [Admission(folder / str(batch), founding, batch, messages) for batch in BATCHES]
            for each in running:
                each.run_repeat()
                each.samples.clear()
            for repeat in range(repeats):
                progress(f"admission, repeat {repeat + 1} of {repeats}")
                for each in running if repeat % 2 else reversed(running):
                    each.run_repeat()
            for each in running:
                each.close()
    finally:
        shutil.rmtree(folder)
    for each in running:
        row = each.row()
        report.rows.append(row)
        report.ratios[f"admission_per_s_batch{each.batch}"] = row["messages_per_s"]
