"""What a message costs its sender's store with few and with many members: `python bench/members.py [RECEIVERS ...]`.

Microseconds of CPU a message to accept it, seal it, note that it left and take one `stored` of every receiver, with 64
messages a frame and with one (then eight frames a receipt, as they come at 100 messages a second). Bus, signatures of
the receipts and HTTP are not in it. Each case twice, in turns; the cheaper counts. Kept: by how much the store's file
has grown, in bytes a message.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from suar.bench.founding import SENDER, Founding, drafts
from suar.bench.parts import admission
from suar.observe.hooks import Hooks
from suar.observe.log import configure
from suar.protocol.message.kinds import Entry, Receipt
from suar.protocol.message.messages import read
from suar.service.core.core import Core
from suar.service.publish import accepting, sealing
from suar.service.receipts import receipts
from suar.service.receive import inbound
from suar.service.receive.batch import Arrival

CASES = ((64, 2_048), (1, 256))  # messages a frame, messages
RECEIPTS_A_COMMIT = 10
FRAMES_A_RECEIPT = 8

Costs = dict[str, float]


@contextmanager
def sender(founding: Founding) -> Iterator[Core]:
    """A gateway that has everybody's bundle."""
    with tempfile.TemporaryDirectory() as name, Path(os.devnull).open("w") as nowhere:
        configure("info", nowhere)
        core = admission.core(Path(name) / "state", founding, SENDER)
        inbound.receive_batch(core, [Arrival(*each) for each in founding.bundles if ".th." not in each[0]])
        core.hooks = Hooks()
        yield core
        core.close()


def cost(receivers: int, batch: int, messages: int) -> tuple[Costs, float]:
    """CPU of each step, us a message, and bytes kept a message."""
    founding, spent = Founding(receivers), Costs()

    def timed(step: str, work: Callable[[], object]) -> None:
        begin = time.process_time()
        work()
        spent[step] = spent.get(step, 0.0) + (time.process_time() - begin) / messages * 1e6

    with sender(founding) as core:
        before, items = size(core), [(data, None) for data in drafts(1, messages)]
        for first in range(0, messages, batch):
            part = items[first : first + batch]
            timed("accept", partial(accepting.accept, core, part, realm="actual", token="bench"))
            timed("seal", lambda: sealing.seal_queued(core))
        rows = sealing.next_to_publish(core, 10 * messages)
        for first in range(0, len(rows), batch):
            timed("published", partial(sealing.mark_published, core, rows[first : first + batch]))
        made = list(statements(founding, [row.frame_hash for row in rows if row.messages]))
        for first in range(0, len(made), RECEIPTS_A_COMMIT):
            timed("receipts", partial(apply_receipts, core, made[first : first + RECEIPTS_A_COMMIT]))
        return spent, (size(core) - before) / messages


def size(core: Core) -> int:
    """Bytes of the store's pages that are in use."""
    with core.database.reading() as connection:
        pages, free, length = (
            int(connection.exec_driver_sql(f"PRAGMA {name}").scalar_one())
            for name in ("page_count", "freelist_count", "page_size")
        )
    return (pages - free) * length


def statements(founding: Founding, frames: list[bytes]) -> Iterator[tuple[Receipt, bytes]]:
    """Everybody's `stored` of all frames."""
    for first in range(0, len(frames), FRAMES_A_RECEIPT):
        entries = [Entry(frame=name.hex()) for name in frames[first : first + FRAMES_A_RECEIPT]]
        for code in founding.members.keys() - {SENDER}:
            data = receipts.make_receipt(code, "actual", "stored", entries, founding.now)
            receipt = read(data)
            if isinstance(receipt, Receipt):
                yield receipt, data


def apply_receipts(core: Core, part: list[tuple[Receipt, bytes]]) -> None:
    with core.transaction() as connection:
        for receipt, data in part:
            receipts.apply_receipt(core, connection, receipt, data)


def main(receivers: list[int]) -> None:
    for batch, messages in CASES:
        runs = [(count, cost(count, batch, messages)) for _ in range(2) for count in receivers]
        for count in receivers:
            best, kept = min((done for each, done in runs if each == count), key=lambda done: sum(done[0].values()))
            steps = "  ".join(f"{step} {us:6.1f}" for step, us in best.items())
            total = f"all {sum(best.values()):7.1f} us  kept {kept:7.0f} B"
            print(f"{batch:2} a frame, {count:3} receivers: {steps}  {total}", flush=True)


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]] or [2, 10])
