"""Members and days that nobody has to wait for, and how much of each limit they use: `python bench/simulate.py`.

200 members for 30 days take ten minutes of CPU (docs/capacity.md has the figures). stepped_federation.py says what
is real of it. A heartbeat of another member than the one that is followed stands for those of an hour; with `--beats 1`
each is made. Headers, the hub's CPU and the sizes of the streams are those of capacity.py. Streams hold 30 days: a
shorter run counts as so many of its length. Exits with 1 where a limit is met, or anything was refused, waited, was
alarmed or did not come. Outages have a length of at most 12 hours: all members share one view here, and a bundle
that is not seen to be replaced is valid for two days.
"""

import argparse
import sys
import time
from collections.abc import Iterator
from typing import Final, NamedTuple

import capacity
from stepped_federation import BEATS_COUNTED, Federation, Plan, Traffic
from suar.bench.founding import SENDER
from suar.bus.ingest import INGEST_BYTES, MIB, region_bytes
from suar.bus.streams import OUTBOX_BYTES
from suar.protocol.base import limits

DAYS: Final = 30.0
OUTAGE_HOURS_MAX: Final = 12.0
LINE_MBIT: Final = 100.0


class Limit(NamedTuple):
    """One limit, in its unit, and what was used of it."""

    name: str
    used: float
    most: float

    @property
    def part(self) -> float:
        """1 is the limit."""
        return self.used / self.most


def sent_by_one(federation: Federation) -> capacity.Sent:
    """What a member sent in a day: to all the mean of the members, in channels of one member what TH sent."""
    plan, traffic = federation.plan, federation.traffic
    of_all = plan.days * plan.members
    return capacity.Sent(
        traffic.to_all.total() / of_all, traffic.objects_to_all.total() / of_all,
        traffic.to_one / plan.days, traffic.objects_to_one / plan.days,
    )  # fmt: skip


def point(federation: Federation) -> capacity.Point:
    """The same as the formula's, of what was sent."""
    largest, sent = federation.traffic.largest, sent_by_one(federation)
    found = capacity.summed(federation.plan.members, sent, largest["heartbeat"], largest["epoch"])
    return found._replace(outbox=_outbox(federation))


def _outbox(federation: Federation) -> float:
    """Bytes of TH's OUTBOX, which was followed."""
    traffic, headers = federation.traffic, capacity.OVERHEAD / 3
    sent = traffic.to_all[SENDER] + traffic.to_one
    objects = traffic.objects_to_all[SENDER] + traffic.objects_to_one
    return capacity.DAYS_KEPT / federation.plan.days * (sent + objects * headers)


def inbox(federation: Federation) -> float:
    """Bytes of TH's INBOX in 30 days."""
    traffic = federation.traffic
    received = traffic.inbox + traffic.objects_of_inbox * capacity.OVERHEAD
    return capacity.DAYS_KEPT / federation.plan.days * received


def found_limits(federation: Federation, outbox: int) -> Iterator[Limit]:
    """Every limit that a federation without faults comes near to."""
    members, traffic = federation.plan.members, federation.traffic
    for name, part in capacity.shares(point(federation), members, outbox).items():
        yield Limit(name, part, 1)
    region = region_bytes(members, outbox * INGEST_BYTES // OUTBOX_BYTES)
    yield Limit("INBOX of a member, with members_max as planned", inbox(federation), region)
    yield from _of_objects(federation, traffic)
    yield from _of_chains(federation)


def _of_objects(federation: Federation, traffic: Traffic) -> Iterator[Limit]:
    members = federation.plan.members
    largest = limits.EPOCH_BYTES_BASE + limits.EPOCH_BYTES_MEMBER * members
    yield Limit("bytes of an epoch [E1]", traffic.largest["epoch"], largest)
    yield Limit("bytes of a heartbeat [F11]", traffic.largest["heartbeat"], limits.HEARTBEAT_BYTES_MAX)
    yield Limit("bytes of the trust list [T2]", federation.trust_list_bytes, limits.TRUST_BYTES)
    yield Limit("frames of an epoch [E13]", max(traffic.frames.values()), limits.FRAMES_AN_EPOCH)
    yield Limit(
        "bytes of receipts to a member in a day", max(traffic.receipts.values(), default=0), limits.RECEIPT_BYTES
    )


def _of_chains(federation: Federation) -> Iterator[Limit]:
    world, opened = federation.followed.world, federation.traffic.epochs_in_day
    in_hour = max(most for chain in world.chains.values() for most in chain.hours.values())
    yield Limit("epochs of a chain in an hour [E10]", in_hour, limits.EPOCHS_AN_HOUR)
    yield Limit("epochs of a chain in a day [E13]", max(opened.values()), limits.EPOCHS_RENEWED_DAY)
    missing = max(len(chain.missing) for chain in world.chains.values())
    yield Limit("missing epochs of a chain [E8]", missing, limits.EPOCHS_MISSING)


def show(federation: Federation, outbox: int) -> bool:
    """Print what was used; returns whether no limit is met and nothing went wrong."""
    plan, traffic, found = federation.plan, federation.traffic, list(found_limits(federation, outbox))
    formula = capacity.point(plan.load)
    print(f"{plan.members} members, {plan.days:g} days, {plan.messages:g} messages a day and member")
    for name, used, computed in (
        ("OUTBOX", _outbox(federation), formula.outbox), ("REGION", point(federation).region, formula.region),
    ):  # fmt: skip
        print(f"{name} {used / MIB:8.1f} MiB in 30 days, {used / computed:.2f} of the formula")
    print(f"INBOX  {inbox(federation) / MIB:8.1f} MiB in 30 days")
    print(f"epochs in memory {len(federation.followed.world.epochs)}, objects received {traffic.objects_of_inbox}")
    if plan.outages or plan.hub_outages:
        objects, size = federation.caught_up
        seconds = size * 8 / 1e6 / LINE_MBIT
        print(
            f"after an outage of {plan.outage / limits.HOUR:g} h at most {objects} objects came at once, "
            f"{size / MIB:.1f} MiB: {seconds:.1f} s of a line of {LINE_MBIT:g} Mbit/s"
        )
    if plan.hubs == 2:
        print(f"second copies without an effect {traffic.second_copies}")
    for each in sorted(found, key=lambda limit: -limit.part):
        print(f"{each.part:8.2%} of {each.name}")
    for what, times in traffic.trouble.most_common():
        print(f"{times} times {what}")
    if federation.underway:
        print(f"{federation.underway} objects did not come")
    return not traffic.trouble and not federation.underway and all(each.part < 1 for each in found)


def main() -> int:
    """Simulate and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("members", nargs="?", type=int, default=200)
    parser.add_argument("--days", type=float, default=DAYS)
    parser.add_argument("--messages", type=float, default=10.0, help="a day and member")
    parser.add_argument("--statements", type=int, choices=(1, 2, 3), default=1, help="receipts of one reader about one")
    parser.add_argument("--exercises", action="store_true", help="as many messages again in the exercise realm")
    parser.add_argument("--outbox-mb", type=int, default=OUTBOX_BYTES // MIB, help="as in the plan")
    parser.add_argument("--beats", type=int, default=BEATS_COUNTED, help="heartbeats that one stands for")
    parser.add_argument("--hubs", type=int, choices=(1, 2), default=1)
    parser.add_argument("--outages", type=int, default=0, help="of each member, from all hubs")
    parser.add_argument("--hub-outages", type=int, default=0, help="of each hub")
    parser.add_argument("--outage-hours", type=float, default=6.0, help=f"at most {OUTAGE_HOURS_MAX:g}")
    options = parser.parse_args()
    has_outages = options.outages or options.hub_outages
    if has_outages and not 0 < options.outage_hours <= min(OUTAGE_HOURS_MAX, options.days * 12):
        parser.error(f"an outage has at most {OUTAGE_HOURS_MAX:g} hours, and half of the days")
    plan = Plan(
        options.members, options.days, options.messages, options.statements, 1 + options.exercises, beats=options.beats,
        hubs=options.hubs, outages=options.outages, hub_outages=options.hub_outages,
        outage=int(options.outage_hours * limits.HOUR),
    )  # fmt: skip
    federation, begin = Federation(plan), time.process_time()
    federation.run()
    is_well = show(federation, options.outbox_mb * MIB)
    print(f"{time.process_time() - begin:.0f} s of CPU", file=sys.stderr)
    return 0 if is_well else 1


if __name__ == "__main__":
    sys.exit(main())
