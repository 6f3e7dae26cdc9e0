"""What a list of the inbox and a compromised key cost in a large store: `python bench/reads.py [ROWS [FRAMES]]`.

A store of ROWS messages (a million), nine in ten of them our own, is made row by row without a bus: bodies are sealed
as always, frames are bytes. Each list is asked for twice: after the operating system forgot the file, and again. Then a
key bundle that opened FRAMES frames (20,000), with a message each, and an identity key that as many of ours were
published with are compromised: the whole, and the longest that the core's thread was kept by one step.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from suar.protocol.base import limits
from suar.protocol.base.primitives import bundle_kid, hash_
from suar.service.reading import views
from suar.service.trust import compromise, trust_sync
from suar.store import tables as t
from suar.store.messages.rows import seal_body
from support.corekit import CoreKit, bundle_of, epoch_of
from support.kit import MEMBERS, NOW, actor, alert, open_sending

OTHERS = [code for code in MEMBERS if code != "TH"]
QUERY: dict[str, Any] = {"kind": None, "origin": None, "status": "actual", "after": None, "limit": 100}
LISTS: dict[str, dict[str, Any]] = {
    "the newest 100": {},
    "the first 100": {"after": 0},
    "by urgency, in force": {"order": "urgency", "state": "current", "after": 0},
    "by urgency, ended": {"order": "urgency", "state": "ended", "after": 0},
    "one member's patterns": {"kind": "pattern", "origin": "SG"},
}
BATCH = 10_000
FRAMES_FROM = 3_000_000  # the messages with frames are younger than our identity key


def fill(kit: CoreKit, rows: int, frames: Sequence[bytes] = (), origin: str | None = None, first: int = 0) -> None:
    """Messages, in batches of a transaction: those of `origin`, or nine of ten ours; each in a frame, if given."""
    body = msgspec.json.decode(alert("TH-ALERT-2027-000001"))
    for start in range(0, rows, BATCH):
        wanted = range(start, min(rows, start + BATCH))
        with kit.core.database.begin() as connection:
            numbers = kit.core.vault.numbers.assign(connection, len(wanted))
            values = [
                row(kit, body, first + n, origin, frames[n] if frames else None, number)
                for n, number in zip(wanted, numbers, strict=True)
            ]
            connection.execute(t.message.insert(), values)


def row(
    kit: CoreKit, body: dict[str, Any], n: int, origin: str | None, frame: bytes | None, number: int
) -> dict[str, Any]:  # fmt: skip
    code = origin or ("TH" if n % 10 else OTHERS[n // 10 % len(OTHERS)])
    id_ = f"{code}-ALERT-{2027 + n // 1_000_000}-{n % 1_000_000:06d}"
    data = msgspec.json.encode(body | {"id": id_, "issuer": body["issuer"] | {"member": code}})
    at = NOW - limits.DAY * (n < FRAMES_FROM)
    made: dict[str, Any] = {
        "n": number, "id": id_,
        "rev": 1, "digest": hash_("test", id_.encode()), "origin": code, "kind": "alert", "realm": "actual",
        "action": "new", "tlp": "AMBER", "at": at, "sent": NOW, "expires": NOW + limits.DAY, "lane": n // 7 % 6,
        "frame_hash": frame, "place": 0, "readers": "SG,VN,",
    }  # fmt: skip
    made["body"], made["body_key"] = seal_body(kit.core.vault, SimpleNamespace(**made), number, data)
    return made


def lists(kit: CoreKit) -> None:
    """Each list, cold and warm."""
    for name, filters in LISTS.items():
        forget(kit)
        seconds = [timed(partial(views.inbox, kit.core, **(QUERY | filters)))[0] for _ in range(2)]
        print(f"{name:24} cold {seconds[0] * 1000:8.1f} ms   warm {seconds[1] * 1000:8.1f} ms", flush=True)


def forget(kit: CoreKit) -> None:
    """Give back what memory holds of the store: the gateway begins anew, and the system reads its file again."""
    kit.core.close()
    for name in kit.folder.glob("suar.db*"):
        handle = os.open(name, os.O_RDONLY)
        os.fsync(handle)
        os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(handle)
    kit.restart()


def keys(kit: CoreKit, frames: int) -> None:
    """A bundle key and an identity key in wrong hands."""
    kit.receive(*(bundle_of(actor(code), not_before=NOW - limits.HOUR) for code in OTHERS))
    trust_sync.keep_bundle_fresh(kit.core)
    sending = open_sending(actor("SG"), kit.lists, to=("TH",))
    kit.receive(epoch_of(sending))
    hashes = [hash_("test", b"theirs %d" % n) for n in range(frames)]
    with kit.core.database.begin() as connection:
        named = [
            {"epoch_id": sending.opened.id, "seq": n + 1, "hash": name, "prev": bytes(32)}
            for n, name in enumerate(hashes)
        ]
        connection.execute(t.frame.insert(), named)
    fill(kit, frames, hashes, "SG", FRAMES_FROM)
    ours(kit, frames)
    for name, kid in (
        ("bundle key", bundle_kid("TH", actor("TH").kem_public)), ("identity key", kit.core.sender.identity.kid),
    ):  # fmt: skip
        longest, begun = 0.0, time.perf_counter()
        answer: dict[str, Any] = {}
        for step in compromise.steps(kit.core, kid, "operator", answer):
            seconds = timed(step.do)[0]
            longest = max(longest, 0.0 if step.is_read else seconds)
        took = time.perf_counter() - begun
        print(
            f"{name:12} {len(answer['messages']):6} messages  {took:6.2f} s, the core at most {longest * 1000:6.1f} ms",
            flush=True,
        )


def ours(kit: CoreKit, frames: int) -> None:
    """As many frames of our own, in an epoch of ours, with a message each; one in twenty is not confirmed."""
    own = actor("TH")
    sending = open_sending(own, kit.lists, to=("SG", "VN"))
    hashes = [hash_("test", b"ours %d" % n) for n in range(frames)]
    fill(kit, frames, (), "TH", 5_000_000)
    with kit.core.database.begin() as connection:
        epoch = {
            "subject": "s",
            "data": sending.opened.data,
            "at": NOW,
            "published": NOW,
            "messages": 0,
            "epoch_id": sending.opened.id,
            "channel": "all",
            "realm": "actual",
        }
        connection.execute(t.outbox.insert(), [epoch | {"msg_id": "e", "seq": None, "frame_hash": None}])
        connection.execute(
            t.outbox.insert(),
            [
                epoch | {"msg_id": f"f{n}", "data": bytes(900), "seq": n + 1, "frame_hash": name, "messages": 1}
                for n, name in enumerate(hashes)
            ],
        )
        connection.execute(
            t.place.insert(),
            [
                {"frame_hash": name, "place": 0, "id": f"TH-ALERT-2032-{n:06d}", "rev": 1, "owed": True}
                for n, name in enumerate(hashes)
            ],
        )
        connection.execute(
            t.own_frame.insert(),
            [
                {
                    "hash": name,
                    "channel": "all",
                    "messages": 1,
                    "queued": NOW,
                    "sent": NOW,
                    "waits": "" if n % 20 else "SG,",
                }
                for n, name in enumerate(hashes)
            ],
        )


def timed(call: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds, and what the call answered."""
    begun = time.perf_counter()
    answer = call()
    return time.perf_counter() - begun, answer


if __name__ == "__main__":
    wanted = [int(each) for each in sys.argv[1:]] + [1_000_000, 20_000][len(sys.argv) - 1 :]
    with tempfile.TemporaryDirectory(prefix="suar-reads-") as folder:
        kit = CoreKit(Path(folder) / "th", "TH")
        fill(kit, wanted[0])
        lists(kit)
        keys(kit, wanted[1])
        kit.close()
