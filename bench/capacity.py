"""What a federation of any size sends, keeps and computes, and which limit it meets first: `python bench/capacity.py`.

A closed formula of the members and their messages a day. Its sizes are those of objects that the code makes: a test
compares them at 3 and 11 members, and with what a running federation kept (27 November 2026, 2 cores).
"""

import argparse
import sys
from math import ceil
from typing import Final, NamedTuple

from suar.bus.ingest import INGEST_BYTES, MIB, region_bytes
from suar.bus.streams import MAX_MESSAGE, OUTBOX_BYTES
from suar.protocol.base import limits

DAYS_KEPT: Final = 30  # of streams
HEARTBEATS: Final = limits.DAY // limits.HEARTBEAT_INTERVAL
EPOCHS: Final = limits.DAY // limits.EPOCH_LIFETIME  # of a chain and day: a rotation by the calendar waits
EPOCHS_BEFORE: Final = 11.6  # as measured while every rotation opened one
BUNDLE: Final = 1_378  # bytes of a key bundle
FRAME_OF_ONE: Final = 1_480  # bytes of a frame with one message of 1 KB
EPOCH_BASE, EPOCH_KEY = 313, 1_190  # bytes of an epoch, and of its key for one member
BEAT_BASE, BEAT_STEP = 456, 256  # bytes of a heartbeat without heads, and what it is padded to
BEAT_HEAD, BEAT_LESS = 136, 20  # bytes of one head, and what of the first fits into the base
OVERHEAD: Final = 240  # bytes of an object in REGION: its subject, and a header a hop
RECEIPT_FRAME: Final = 1_480  # bytes of a frame with receipts of up to eight frames
FRAMES_A_RECEIPT: Final = 8
HUB_CPU_MS: Final = 4.7 / 10  # of one object to one member, as measured for a heartbeat to ten others
DAY_SECONDS: Final = 86_400


class Load(NamedTuple):
    """A federation: its members, the messages that each publishes in a day, and whether exercises beat as well."""

    members: int
    messages: float = 10.0
    realms: int = 1


class Point(NamedTuple):
    """What it comes to. Bytes in streams are those of 30 days; CPU is part of one core."""

    heartbeat: int
    epoch: int
    object_: float
    outbox: float
    region: float
    hub_mbit: float
    hub_cpu: float


def heartbeat_bytes(members: int) -> int:
    """Of one heartbeat, which names at most sixteen heads of others."""
    heads = min(members - 1, limits.HEADS_SEEN)
    return BEAT_BASE + BEAT_STEP * max(ceil((heads * BEAT_HEAD - BEAT_LESS) / BEAT_STEP), 0)


def epoch_bytes(members: int) -> int:
    """Of an epoch to all."""
    return EPOCH_BASE + EPOCH_KEY * members


def point(load: Load, epochs: float = EPOCHS) -> Point:
    """The formula. `epochs`: of a chain and day."""
    beats = HEARTBEATS * load.realms
    opened = epochs * load.realms
    receipts = load.messages * (load.members - 1) / FRAMES_A_RECEIPT
    count = beats + opened + 1 + load.messages + receipts
    sent = (
        beats * heartbeat_bytes(load.members) + opened * epoch_bytes(load.members) + BUNDLE
        + load.messages * FRAME_OF_ONE + receipts * RECEIPT_FRAME
    )  # fmt: skip
    kept = sent + count * OVERHEAD
    a_second = load.members * count / DAY_SECONDS
    return Point(
        heartbeat=heartbeat_bytes(load.members), epoch=epoch_bytes(load.members), object_=kept / count,
        outbox=DAYS_KEPT * (sent + count * OVERHEAD / 3), region=DAYS_KEPT * load.members * kept,
        hub_mbit=load.members * (load.members - 1) * kept * 8 / DAY_SECONDS / 1e6,
        hub_cpu=a_second * (load.members - 1) * HUB_CPU_MS / 1000,
    )  # fmt: skip


def parts(load: Load) -> dict[str, float]:
    """Each limit, and what part of it is used: 1 is the limit. The plan gives IN and REGION as many as there are."""
    found = point(load)
    return {
        "OUTBOX of a member (outbox_mb)": found.outbox / OUTBOX_BYTES,
        "IN of a member at the hub (ingest_mb)": found.region / load.members / INGEST_BYTES,
        "REGION, with members_max as planned": found.region / region_bytes(load.members),
        "an epoch in one object of a stream": (found.epoch + OVERHEAD) / MAX_MESSAGE,
        "the hub's line of 100 Mbit/s": found.hub_mbit / 100,
        "one core of the hub": found.hub_cpu,
    }


def first_limit(load: Load) -> tuple[str, float]:
    """The limit that is nearest, and what part of it is used."""
    return max(parts(load).items(), key=lambda each: each[1])


def breaks_at(messages: float, realms: int = 1, most: int = 2_000) -> tuple[int, str]:
    """The least number of members that meets a limit, and which."""
    for members in range(2, most):
        name, part = first_limit(Load(members, messages, realms))
        if part > 1:
            return members, name
    return most, "none"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("members", nargs="*", type=int, default=[3, 11, 50, 100, 200])
    parser.add_argument("--messages", type=float, default=10.0, help="a day and member")
    parser.add_argument("--exercises", action="store_true", help="heartbeats and epochs of the exercise realm as well")
    options = parser.parse_args()
    realms = 1 + options.exercises
    print("members  heartbeat   epoch  REGION  hub Mbit/s  hub cores  the nearest limit")
    for members in options.members:
        load = Load(members, options.messages, realms)
        found, (name, part) = point(load), first_limit(load)
        print(
            f"{members:7} {found.heartbeat:8} B {found.epoch:5} B {found.region / MIB / 1024:4.1f} GB"
            f" {found.hub_mbit:10.2f} {found.hub_cpu:10.2f}  {part:4.0%} of {name}"
        )
    members, name = breaks_at(options.messages, realms)
    print(f"a limit is met at {members} members: {name}", file=sys.stderr)


if __name__ == "__main__":
    main()
