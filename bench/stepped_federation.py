"""A federation in memory whose clock is stepped from event to event; bench/simulate.py runs it.

Every object is made and judged by the protocol's own classes. One member, TH, is followed whole: all that it sends, and
all that the hub brings it. Of the others it is what they send to all and to TH; what they send to one another is taken
to be as much as TH sends. Only keys of others are not real: their wraps have the length of a wrap and nothing in it.

Members and hubs may be away for a while (lines_of_hubs.py). All see the world of TH, so while that one is cut off, the
others go on with the bundles and heads that it had.
"""

import heapq
import random
from collections import Counter
from collections.abc import Callable
from functools import partial
from itertools import count
from typing import Final, NamedTuple

import capacity
from lines_of_hubs import CaughtUp, Line, Object
from suar.bench.founding import FEDERATION, SENDER, Founding, Member, alerts
from suar.protocol.base import limits, subjects
from suar.protocol.base.errors import Refused
from suar.protocol.base.primitives import ACTUAL, EXERCISE, KemKey, KemPublic, random_seed
from suar.protocol.base.subjects import ALL
from suar.protocol.message.kinds import Entry
from suar.protocol.transport.admission import admit
from suar.protocol.transport.sender import Identity, Sender
from suar.protocol.transport.sending import Outgoing
from suar.protocol.transport.world import Memory, World
from suar.protocol.trust import bundle as bundles
from suar.protocol.trust.bundle import Bundle
from suar.service.receipts.receipts import GATEWAY, StatementDetails, make_receipt

BEATS_COUNTED: Final = 120  # heartbeats of another member that one stands for: an hour
SEED: Final = 17


class Plan(NamedTuple):
    """What is simulated. `messages`: a day, member and realm. `statements`: receipts of one reader about a message."""

    members: int = 200
    days: float = 30.0
    messages: float = 10.0
    statements: int = 1
    realms: int = 1
    emergencies: int = 3  # keys that are replaced at once, in the federation
    beats: int = BEATS_COUNTED
    hubs: int = 1
    outages: int = 0  # of each member
    hub_outages: int = 0  # of each hub
    outage: int = 6 * limits.HOUR  # ms

    @property
    def load(self) -> capacity.Load:
        """The same for the formula."""
        return capacity.Load(self.members, self.messages, self.realms, self.statements)


class Counted(KemPublic):
    """A key whose wraps are counted and never opened."""

    __slots__ = ()

    def wrap(self, secret: bytes, info: bytes) -> bytes:
        """Bytes of the length of a wrap."""
        return bytes(limits.WRAP_BYTES)


class Gateway:
    """What one member's gateway has in memory. All see the same: lists, bundles, epochs and their chains."""

    def __init__(self, member: Member, founding: Founding, seen: World | None) -> None:
        self.code, self.member = member.code, member
        self.identity = Identity(member.identity)
        self.sender = Sender(self.identity)
        self.store = Memory()
        self.world = World(FEDERATION, member.code, self.store, founding.pin)
        if seen is not None:
            self.world.trust, self.world.bundles = seen.trust, seen.bundles
            self.world.epochs, self.world.chains = seen.epochs, seen.chains

    def restart(self) -> None:
        """[E12] A new process resumes where the one before ended."""
        chains = list(self.sender.chains.values())
        self.sender = Sender(self.identity)
        for chain in chains:
            self.sender.resume(chain.realm, chain.channel, chain.end, chain.not_before)


class Traffic:
    """Bytes and objects by sender, and what of it comes to TH."""

    def __init__(self) -> None:
        self.to_all: Counter[str] = Counter()  # sender -> bytes of objects on `all`
        self.objects_to_all: Counter[str] = Counter()
        self.to_one = self.objects_to_one = 0  # of TH, in channels of one member
        self.inbox = self.objects_of_inbox = 0
        self.largest: Counter[str] = Counter()  # bytes of the largest object of a type
        self.frames: Counter[bytes] = Counter()  # of an epoch
        self.epochs_in_day: Counter[tuple[str, str, str, int]] = Counter()  # sender, realm, channel, day
        self.receipts: Counter[tuple[str, int]] = Counter()  # bytes of TH's to one member in a day
        self.second_copies = 0  # of two hubs
        self.trouble: Counter[str] = Counter()


class Federation:
    """The members, what is due, and what was sent until now."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.traffic = plan, Traffic()
        self._founding = Founding(plan.members - 1)
        self.begin = self.now = self._founding.now
        self.end = self.begin + int(plan.days * limits.DAY)
        self._random, self._order = random.Random(SEED), count()
        self._due: list[tuple[int, int, Callable[[], None]]] = []
        self._numbers = count(1)
        self._lines = [Line(SENDER, self._receive) for _ in range(plan.hubs)]
        self._away_until: Counter[str] = Counter()  # by member
        self._came_once: set[bytes] = set()  # what one of two hubs has brought
        self._is_second = False
        members = self._founding.members
        self.followed = Gateway(members[SENDER], self._founding, None)
        others = (Gateway(each, self._founding, self.followed.world) for each in members.values())
        self.gateways = {SENDER: self.followed, **{each.code: each for each in others if each.code != SENDER}}
        self._found()

    def run(self) -> None:
        """Until the last day ends."""
        while self._due and self._due[0][0] < self.end:
            self.now, _, act = heapq.heappop(self._due)
            act()

    @property
    def caught_up(self) -> CaughtUp:
        """The most that came to TH at once, after an outage."""
        return max(line.largest for line in self._lines)

    @property
    def underway(self) -> int:
        """Objects that wait for the end of an outage, or that one of two hubs has not brought."""
        return sum(line.waiting for line in self._lines) + len(self._came_once)

    @property
    def trust_list_bytes(self) -> int:
        """Of the list of all members."""
        return len(self._founding.list)

    # -- what happens when

    def _found(self) -> None:
        founding, followed = self._founding, self.followed
        followed.world.add_kem_seed(followed.member.kem_seed)
        self._admit("trust", subjects.hub(SENDER, subjects.trust(1)), founding.list)
        for subject, data in founding.bundles:
            self._admit_bundle(subject, data)
        for each in self.gateways.values():
            self._at(self._within(limits.HEARTBEAT_INTERVAL), partial(self._beat, each))
            self._at(self._within(limits.DAY) + limits.BUNDLE_ROTATION, partial(self._rotate, each))
            self._at(self._within(30 * limits.DAY), each.restart)
            for realm in (ACTUAL, EXERCISE)[: self.plan.realms]:
                for _ in range(round(self.plan.messages * self.plan.days)):
                    self._at(self._within(self.end - self.begin), partial(self._publish, each, realm))
        for each in self._random.sample(list(self.gateways.values()), min(self.plan.emergencies, self.plan.members)):
            self._at(self._within(self.end - self.begin), partial(self._replace_key, each))
        everybody = list(self.gateways)
        for members, lines, times in (
            *(([code], self._lines, self.plan.outages) for code in everybody),
            *((everybody, [line], self.plan.hub_outages) for line in self._lines),
        ):
            for _ in range(times):
                self._at(self._within(self.end - self.begin - self.plan.outage), partial(self._cut, members, lines))

    def _at(self, after: int, act: Callable[[], None]) -> None:
        """`act`, so many ms from now."""
        heapq.heappush(self._due, (self.now + after, next(self._order), act))

    def _within(self, period: int) -> int:
        return self._random.randrange(period)

    def _cut(self, members: list[str], lines: list[Line]) -> None:
        """An outage of a member, or of a hub for all members."""
        for line in lines:
            line.cut(members)
        if lines == self._lines:
            self._away_until.update(dict.fromkeys(members, 0))
            for each in members:
                self._away_until[each] = max(self._away_until[each], self.now + self.plan.outage)
        self._at(self.plan.outage, partial(self._restore, members, lines))

    def _restore(self, members: list[str], lines: list[Line]) -> None:
        for line in lines:
            line.restore(members)

    def _beat(self, gateway: Gateway) -> None:
        """[F11] A heartbeat, and [E13] the end of epochs that have had no traffic."""
        stands_for = 1 if gateway is self.followed else self.plan.beats
        commitment = bytes(32)
        out = gateway.sender.heartbeat(gateway.world, self.now, (), lambda _: commitment)
        self._send(gateway, out[:-1])
        self._send(gateway, out[-1:], stands_for)
        self.traffic.largest["heartbeat"] = max(self.traffic.largest["heartbeat"], len(out[-1].data))
        self._at(stands_for * limits.HEARTBEAT_INTERVAL, partial(self._beat, gateway))

    def _close_idle(self, gateway: Gateway, realm: str, channel: str) -> None:
        chain = gateway.sender.chain(realm, channel)
        if gateway.sender.is_idle(chain, self.now) and not gateway.sender.is_stale(gateway.world, chain, self.now):
            self._send(gateway, gateway.sender.close(gateway.world, realm, channel, self.now))

    def _rotate(self, gateway: Gateway) -> None:
        """A bundle by the calendar."""
        self._new_bundle(gateway)
        self._at(limits.BUNDLE_ROTATION, partial(self._rotate, gateway))

    def _replace_key(self, gateway: Gateway) -> None:
        """Two bundles at once, as `suar keys rotate` publishes: every other member opens an epoch at its next frame."""
        self._new_bundle(gateway)
        self._at(limits.SECOND, partial(self._new_bundle, gateway))

    def _new_bundle(self, gateway: Gateway) -> None:
        seed = random_seed()
        if gateway is self.followed:
            gateway.world.add_kem_seed(seed)
        content = Bundle(
            "suar-keys/1", FEDERATION, gateway.code, self.now, self.now + limits.BUNDLE_LIFETIME,
            KemKey(seed).public, 1, self._founding.pin,
        )  # fmt: skip
        data = bundles.make(content, gateway.identity.signing, gateway.identity.public)
        subject = subjects.hub(gateway.code, subjects.keys(gateway.identity.kid))
        self._count(gateway, "bundle", ALL, len(data))
        self._forward(Object(gateway.code, "bundle", subject, data))

    def _admit_bundle(self, subject: str, data: bytes) -> None:
        world = self.followed.world
        try:
            accepted = bundles.admit(world.trust, world.bundles, subjects.parse(subject), data, self.now)
        except Refused as refused:
            self._note("bundle", "refused", refused.code)
            return
        if accepted is None:
            self._note("bundle", "noop")
            return
        is_other = accepted.bundle.member != SENDER
        world.apply_bundle(accepted._replace(key=Counted(accepted.key.raw)) if is_other else accepted)
        world.pop_changes()

    def _publish(self, gateway: Gateway, realm: str) -> None:
        """A message to all, and what its readers state about it, each when it is read."""
        [message] = alerts(next(self._numbers), 1, gateway.code)
        if realm != ACTUAL:
            message = message.replace(b'"status":"actual"', b'"status":"exercise"', 1)
        out = gateway.sender.prepare(gateway.world, realm, ALL, [message], self.now)
        self._send(gateway, out)
        sealed = out[-1].frame
        assert sealed is not None
        readers = [each for each in self.gateways.values() if each is not gateway]
        for reader in readers if gateway is self.followed else (self.followed,):
            after = 200 + max(0, *(self._away_until[each.code] - self.now for each in (gateway, reader)))
            for stage in ("stored", "opened", "acknowledged")[: self.plan.statements]:
                self._at(after, partial(self._state, reader, gateway.code, realm, stage, sealed.hash))
                after += limits.HOUR + self._within(limits.HOUR)

    def _state(self, reader: Gateway, origin: str, realm: str, stage: str, frame: bytes) -> None:
        details = GATEWAY if stage == "stored" else StatementDetails(role="focal-point")
        receipt = make_receipt(reader.code, realm, stage, [Entry(frame=frame.hex())], self.now, details=details)
        if reader is self.followed:
            self.traffic.receipts[origin, self.now // limits.DAY] += len(receipt)
        self._send(reader, reader.sender.prepare(reader.world, realm, origin, [receipt], self.now))
        idle = limits.EPOCH_IDLE + self._within(limits.HEARTBEAT_INTERVAL)  # seen at the next heartbeat
        self._at(idle, partial(self._close_idle, reader, realm, origin))

    # -- what it comes to

    def _send(self, gateway: Gateway, out: list[Outgoing], stands_for: int = 1) -> None:
        for each in out:
            self._count(gateway, each.type, each.channel, len(each.data), stands_for)
            if each.frame is None:
                self.traffic.epochs_in_day[gateway.code, each.realm, each.channel, self.now // limits.DAY] += 1
            else:
                self.traffic.frames[each.epoch_id] += stands_for
            if each.channel in (ALL, SENDER):
                subject = subjects.hub(gateway.code, each.subject)
                self._forward(Object(gateway.code, each.type, subject, each.data, stands_for))

    def _forward(self, sent: Object) -> None:
        """Over each hub."""
        for line in self._lines:
            line.send(sent)

    def _count(self, gateway: Gateway, type_: str, channel: str, size: int, times: int = 1) -> None:
        traffic = self.traffic
        traffic.largest[type_] = max(traffic.largest[type_], size)
        if channel == ALL:
            traffic.to_all[gateway.code] += size * times
            traffic.objects_to_all[gateway.code] += times
        elif gateway is self.followed:
            traffic.to_one += size * times
            traffic.objects_to_one += times
        if channel in (ALL, SENDER):
            traffic.inbox += size * times  # of one hub
            traffic.objects_of_inbox += times

    def _receive(self, sent: Object) -> None:
        """What a hub brings. Of two hubs each brings everything, and the second copy has no effect."""
        if self.plan.hubs == 2:
            self._is_second = sent.data in self._came_once
            self._came_once ^= {sent.data}
        if sent.type == "bundle":
            self._admit_bundle(sent.subject, sent.data)
        else:
            self._admit(sent.type, sent.subject, sent.data)

    def _admit(self, type_: str, subject: str, data: bytes) -> None:
        """The followed member receives it, and all others know it."""
        world = self.followed.world
        out = admit(world, subject, data, self.now)
        if out.result != "ok" or out.alarms or out.refused or self._is_second:
            alarms = " ".join(alarm.name for alarm in out.alarms)
            self._note(type_, out.result, f"{out.code or ''} {alarms}".strip())
        changes = world.pop_changes()
        for state in changes.epochs.values():
            state.data = b""  # committed
        self.followed.store.commit(changes)

    def _note(self, type_: str, result: str, why: str = "") -> None:
        """Count what had no effect, or another one than to be taken."""
        if self._is_second and (result in ("noop", "duplicate") or why == "E-BUNDLE-OLDER"):
            self.traffic.second_copies += 1
        else:
            self.traffic.trouble[f"{type_}: {result} {why}"] += 1
