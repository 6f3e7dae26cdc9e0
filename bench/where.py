"""Where the time of one message goes: `python bench/where.py [STAGE ...]`, cProfile's ten dearest functions a stage.

The stages are those of a message's way: accept (what HTTP batch hands to the core), sealing (the seal loop), publish
(what the publish loop asks of the store), receive1 and receive64 (frames to committed rows), and seal, open and admit,
which are the protocol alone. cProfile makes cheap calls look dear: read the order, not the microseconds, and take those
from `suar bench`. The thread that checks the other half of the signatures is not seen.
"""

import cProfile
import io
import os
import pstats
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from suar.bench.founding import SENDER, Founding, drafts
from suar.bench.parts import admission
from suar.bench.parts.crypto import Opening, Sealing
from suar.observe.log import configure
from suar.protocol.transport.admission import admit
from suar.service.publish import accepting, sealing
from suar.service.receive import inbound
from suar.service.receive.batch import Arrival

MESSAGES = 4_000
TOP = 10


@contextmanager
def profiled(name: str, count: int) -> Iterator[None]:
    """Print what the block cost a message in CPU time of this thread; waiting for a lock or a disk costs none."""
    profile = cProfile.Profile(time.thread_time)
    begin = time.thread_time()
    profile.enable()
    yield
    profile.disable()
    spent = (time.thread_time() - begin) / count * 1e6
    out = io.StringIO()
    pstats.Stats(profile, stream=out).sort_stats("tottime").print_stats(TOP)
    lines = [line for line in out.getvalue().splitlines() if line.strip()]
    first = next(i for i, line in enumerate(lines) if line.split()[:1] == ["ncalls"])
    print(f"\n## {name}: {spent:.1f} us a message of CPU under the profiler")
    print("calls a message | own us | with callees us | function")
    for line in lines[first + 1 :]:
        calls, own, _, all_, _, where = line.split(None, 5)
        each = (_number(calls) / count, float(own) / count * 1e6, float(all_) / count * 1e6)
        print("{:8.2f} | {:6.1f} | {:6.1f} | ".format(*each) + _short(where))


def _number(calls: str) -> int:
    return int(calls.partition("/")[0])


def _short(where: str) -> str:
    """The file as its package or the interpreter's library names it, without where that lies."""
    for end in ("site-packages/", "gateway/", "/lib/"):
        where = where.rpartition(end)[2]
    return where


def seal() -> None:
    case = Sealing(Founding(10), 1)
    case.fresh()
    with profiled("seal, one message a frame", MESSAGES):
        case.frames(MESSAGES)


def opening() -> None:
    case = Opening(Founding(10), 1, MESSAGES)
    case.fresh()
    with profiled("open, one message a frame", MESSAGES):
        case.open_all()
    case.fresh()
    with profiled("admit in memory, one message a frame", MESSAGES):
        case.admit_all()


def receive(batch: int) -> None:
    with _folder() as folder:
        one = admission.Admission(folder / "sg", Founding(2), batch, MESSAGES)
        one.run_repeat()
        batches = list(admission.pulls(one.frames()))
        with profiled(f"receive, {batch} a frame", MESSAGES):
            for arrivals in batches:
                inbound.receive_batch(one.core, arrivals)
        one.close()


def sending() -> None:
    founding = Founding(10)
    with _folder() as folder:
        core = admission.core(folder / "th", founding, SENDER)
        for subject, data in founding.bundles:
            if not subject.startswith("tip.v1.th."):
                inbound.receive_batch(core, [Arrival(subject, data)])
        bundle = next(item for item in founding.bundles if item[0].startswith("tip.v1.th."))
        with core.transaction():
            admit(core.world, *bundle, core.clock())
        items = [(data, None) for data in drafts(1, MESSAGES)]
        accepting.accept(core, items[:500], realm="actual", token="bench")
        with profiled("accept, 500 lines a transaction", MESSAGES - 500):
            for first in range(500, MESSAGES, 500):
                accepting.accept(core, items[first : first + 500], realm="actual", token="bench")
        with profiled("sealing, what is queued", MESSAGES):
            while sealing.seal_queued(core):
                pass
        with profiled("publish, the store's side", MESSAGES):
            while rows := sealing.next_to_publish(core, 1000):
                sealing.mark_published(core, rows)
        core.close()


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name, Path(os.devnull).open("w") as nowhere:
        configure("info", nowhere)
        yield Path(name)


STAGES: dict[str, Callable[[], None]] = {
    "seal": seal,
    "open": opening,
    "sending": sending,
    "receive1": lambda: receive(1),
    "receive64": lambda: receive(64),
}

if __name__ == "__main__":
    for stage in sys.argv[1:] or STAGES:
        STAGES[stage]()
