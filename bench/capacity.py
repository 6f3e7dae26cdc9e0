"""What a federation of any size sends, keeps and computes, and which limit it meets first: `python bench/capacity.py`.

A closed formula of the members and their messages a day. Its sizes are those of objects that the code makes: a test
compares them at 3 and 11 members, with what a running federation kept (27 November 2026, 2 cores), and its sums with
those of bench/simulate.py.
"""

import argparse
import sys
from math import ceil, exp
from typing import Final, NamedTuple

from suar.bus.ingest import INGEST_BYTES, MIB, region_bytes
from suar.bus.streams import MAX_MESSAGE, OUTBOX_BYTES
from suar.protocol.base import limits
from suar.service.settings.outbox_capacity import ORDINARY

DAYS_KEPT: Final = 30  # of streams
HEARTBEATS: Final = limits.DAY // limits.HEARTBEAT_INTERVAL
EPOCHS: Final = limits.DAY // limits.EPOCH_LIFETIME  # of a chain and day: a rotation by the calendar waits
EPOCHS_BEFORE: Final = 11.6  # as measured while every rotation opened one; nothing computes it (docs/capacity.md)
BUNDLE: Final = 1_378  # bytes of a key bundle
FRAME_OF_ONE: Final = 1_480  # bytes of a frame with one message of 1 KB
EPOCH_BASE, EPOCH_KEY = 313, 1_190  # bytes of an epoch, and of its key for one member
BEAT_BASE, BEAT_STEP = 456, 256  # bytes of a heartbeat without heads, and what it is padded to
BEAT_HEAD, BEAT_LESS = 136, 20  # bytes of one head, and what of the first fits into the base
COMMITMENT: Final = 34  # bytes of a heartbeat that commit its sender to its audit log
OVERHEAD: Final = 240  # bytes of an object in REGION: its subject, and a header a hop
RECEIPT_FRAME, STATEMENT_FRAME = (
    456,
    712,
)  # bytes of a frame with one `stored` about one frame, and with what a person states
CLOSING_FRAME: Final = 456  # bytes of the frame that ends an epoch of a channel of one member
IDLE: Final = (limits.EPOCH_IDLE + limits.HEARTBEAT_INTERVAL / 2) / limits.DAY  # days after which such an epoch ends
HUB_CPU_MS: Final = 4.7 / 10  # of one object to one member, as measured for a heartbeat to ten others
DAY_SECONDS: Final = 86_400


class Load(NamedTuple):
    """A federation: its members, and the messages that each publishes in a day, in each of so many realms.

    `statements`: how many receipts each reader sends about a message, at different times: 1 is `stored` alone.
    """

    members: int
    messages: float = 10.0
    realms: int = 1
    statements: int = 1


class Point(NamedTuple):
    """What it comes to. Bytes in streams are those of 30 days; CPU is part of one core."""

    heartbeat: int
    epoch: int
    object_: float
    outbox: float
    region: float
    hub_mbit: float
    hub_cpu: float


def heartbeat_bytes(members: int, realms: int = 1, commitment: int = COMMITMENT) -> int:
    """Of one heartbeat, which names its sender's head in each realm and at most sixteen of others."""
    heads = min((members - 1) * realms, limits.HEADS_SEEN) + realms - 1
    return BEAT_BASE + BEAT_STEP * max(ceil((heads * BEAT_HEAD + commitment - BEAT_LESS) / BEAT_STEP), 0)


def epoch_bytes(members: int) -> int:
    """Of an epoch to all."""
    return EPOCH_BASE + EPOCH_KEY * members


class Sent(NamedTuple):
    """What one member sends in a day: bytes and objects to all, and in all its channels of one member."""

    to_all: float
    objects_to_all: float
    to_one: float
    objects_to_one: float


def sent_by_one(load: Load, epochs: float = EPOCHS, commitment: int = COMMITMENT) -> Sent:
    """Of a day. `epochs`: of a chain to all; `commitment`: bytes of it in a heartbeat."""
    opened, messages = epochs * load.realms, load.messages * load.realms
    stated = load.messages * load.statements  # to one member, in one realm
    alone = exp(-stated * IDLE)  # the part of the statements after which the epoch is idle for long enough to end
    bilateral = stated * alone + EPOCHS * (1 - alone) * exp(-stated * alone / EPOCHS)
    receipts = RECEIPT_FRAME + (load.statements - 1) * STATEMENT_FRAME
    channels = (load.members - 1) * load.realms
    return Sent(
        HEARTBEATS * heartbeat_bytes(load.members, load.realms, commitment) + opened * epoch_bytes(load.members)
        + BUNDLE + messages * FRAME_OF_ONE, HEARTBEATS + opened + 1 + messages,
        channels * (bilateral * (epoch_bytes(2) + CLOSING_FRAME) + load.messages * receipts),
        channels * (2 * bilateral + stated),
    )  # fmt: skip


def point(load: Load, epochs: float = EPOCHS, commitment: int = COMMITMENT) -> Point:
    """The formula. `epochs`: of a chain and day; `commitment`: bytes of it in a heartbeat."""
    sizes = heartbeat_bytes(load.members, load.realms, commitment), epoch_bytes(load.members)
    return summed(load.members, sent_by_one(load, epochs, commitment), *sizes)


def summed(members: int, sent: Sent, heartbeat: int, epoch: int) -> Point:
    """What it comes to where each member sends that in a day. What is for one member, the hub brings to that one."""
    count = sent.objects_to_all + sent.objects_to_one
    kept_to_all = sent.to_all + sent.objects_to_all * OVERHEAD
    kept_to_one = sent.to_one + sent.objects_to_one * OVERHEAD
    delivered = (members - 1) * sent.objects_to_all + sent.objects_to_one
    return Point(
        heartbeat=heartbeat, epoch=epoch, object_=(kept_to_all + kept_to_one) / count,
        outbox=DAYS_KEPT * (sent.to_all + sent.to_one + count * OVERHEAD / 3),
        region=DAYS_KEPT * members * (kept_to_all + kept_to_one),
        hub_mbit=members * ((members - 1) * kept_to_all + kept_to_one) * 8 / DAY_SECONDS / 1e6,
        hub_cpu=members * delivered / DAY_SECONDS * HUB_CPU_MS / 1000,
    )  # fmt: skip


def parts(load: Load, outbox: int = OUTBOX_BYTES) -> dict[str, float]:
    """Each limit, and what part of it is used: 1 is the limit. `outbox`: bytes, by the plan's outbox_mb."""
    return shares(point(load), load.members, outbox)


def shares(found: Point, members: int, outbox: int = OUTBOX_BYTES) -> dict[str, float]:
    """The same of any point. The plan gives IN a quarter more than OUTBOX, and REGION as many of them as there are."""
    ordinary, whole = ORDINARY
    ingest = outbox * INGEST_BYTES // OUTBOX_BYTES
    return {
        "OUTBOX of a member (outbox_mb)": found.outbox / (outbox * ordinary / whole),
        "IN of a member at the hub (ingest_mb)": found.region / members / ingest,
        "REGION, with members_max as planned": found.region / region_bytes(members, ingest),
        "an epoch in one object of a stream": (found.epoch + OVERHEAD) / MAX_MESSAGE,
        "the hub's line of 100 Mbit/s": found.hub_mbit / 100,
        "one core of the hub": found.hub_cpu,
    }


def first_limit(load: Load, outbox: int = OUTBOX_BYTES) -> tuple[str, float]:
    """The limit that is nearest, and what part of it is used."""
    return max(parts(load, outbox).items(), key=lambda each: each[1])


def breaks_at(load: Load, outbox: int = OUTBOX_BYTES, most: int = 2_000) -> tuple[int, str]:
    """The least number of members that meets a limit, and which; of `load` all but its members."""
    for members in range(2, most):
        name, part = first_limit(load._replace(members=members), outbox)
        if part > 1:
            return members, name
    return most, "none"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("members", nargs="*", type=int, default=[3, 11, 50, 100, 200])
    parser.add_argument("--messages", type=float, default=10.0, help="a day and member")
    parser.add_argument("--statements", type=int, default=1, help="receipts of one reader about a message")
    parser.add_argument("--exercises", action="store_true", help="as many messages again in the exercise realm")
    parser.add_argument("--outbox-mb", type=int, default=OUTBOX_BYTES // MIB, help="as in the plan")
    options = parser.parse_args()
    of_all = Load(2, options.messages, 1 + options.exercises, options.statements)
    outbox = options.outbox_mb * MIB
    print("members  heartbeat   epoch  REGION  hub Mbit/s  hub cores  the nearest limit")
    for members in options.members:
        load = of_all._replace(members=members)
        found, (name, part) = point(load), first_limit(load, outbox)
        print(
            f"{members:7} {found.heartbeat:8} B {found.epoch:5} B {found.region / MIB / 1024:4.1f} GB"
            f" {found.hub_mbit:10.2f} {found.hub_cpu:10.2f}  {part:4.0%} of {name}"
        )
    members, name = breaks_at(of_all, outbox)
    print(f"a limit is met at {members} members: {name}", file=sys.stderr)


if __name__ == "__main__":
    main()
