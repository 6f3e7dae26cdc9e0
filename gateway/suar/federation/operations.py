"""Founding, joining, suspending and returning, in the measured order (deploy/nats/README.md).

Each may be repeated at any point; a step that is done has no effect. The hub's operator runs the hub's part on the
hub's machine, a member's operator the member's part on theirs.

The order follows from two properties of nats-server 2.15. An account that a reload adds gets its stream imports, but
its service imports only at the *next* reload; without them its INBOX stays empty without any log line. So a join
reloads twice. And a reload does not cut a leaf, even if its user was removed; so a suspension disconnects it.
"""

import contextlib
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from suar.bus import ingest, streams
from suar.bus.connect import Bus
from suar.bus.errors import BusError, Disconnected, NoAnswer, NoResponders
from suar.bus.jsapi import Json, call, call_subject, stream_info
from suar.federation import monitor, positions
from suar.federation.hub_config import hub_config
from suar.federation.links import hub_links
from suar.federation.nats_config import FOUND_DEAD, RECONNECT, TLS_TIMEOUT
from suar.federation.patience import is_true_within, repeat_unanswered, wait_until
from suar.federation.plan import Member, Plan
from suar.files import PUBLIC, atomic_write
from suar.protocol.base.errors import Fault
from suar.protocol.base.link_names import ONE_HUB, HubLink

LEAF_TIMEOUT = FOUND_DEAD + 2.0 * RECONNECT + TLS_TIMEOUT + 3  # seconds: a server finds its link dead, waits, dials
RELOAD_TIMEOUT = 5.0  # seconds for the answer to one request
RELOADED_WITHIN = 30.0  # seconds, with requests whose answers are lost
PROBE_TIMEOUT = 2.0
LOST = (Disconnected, NoAnswer, NoResponders)  # errors of a request that is repeated

READMITTED_WITHIN = 10.0  # seconds in which a server that is cut off has dialled each server of a hub again

_ELSEWHERE = (
    "run `suar federation streams --hub --plan PLAN.toml suspend {}` on the machine of each server of the hub, "
    "then here again"
)
_AGAIN = "run this again when the hub's JetStream has a leader"
_BEGUN_AGAIN = {
    "healthy": "IN_{0} has all that OUTBOX_{0} has from {1} on",
    "begun-again": "IN_{0} lacked objects of OUTBOX_{0} at its beginning; it begins again at {1}",
    "skipped": "IN_{0} lacks objects of OUTBOX_{0} at its beginning, from number {1} on, and does not begin again: "
    "REGION holds more of the member, or cannot be purged; recipients request what is missing",
}
Reporter = Callable[[str], None]


class StillAdmitted(Fault):
    """A member is shut out by this server of the hub, and not by every one of its cluster."""


def _quiet(_: str) -> None:
    """A progress function that discards what it gets."""


@dataclass
class HubSide:
    """The hub operator's steps.

    `admin` is a user of account REGION, `system` of SYS; `plan` is updated by the steps.
    """

    plan: Plan
    admin: Bus
    system: Bus
    report: Reporter = field(default=_quiet)

    async def found(self, leaf_timeout: float = LEAF_TIMEOUT) -> None:
        """Create every IN, REGION with all its sources at once, then every `down_<cc>`; waits for each member's leaf.

        REGION always has a source, because without one it would take its own name as subject. A hub of an older version
        is upgraded once it has read today's configuration; nothing is lost or duplicated. A member that is unreachable
        delays no other.
        """
        active = self._active()
        if not active:
            raise Fault("the plan has no active member", "add [[members]] entries to the plan")
        existing = await repeat_unanswered(lambda: streams.stream_config(self.admin, "REGION"))
        if existing is None:
            await self._leafs(active, leaf_timeout)
            for member in active:
                await self.create_ingest(member)
            config = self._region_config([member.code for member in active])
            self.report(f"REGION {await repeat_unanswered(lambda: streams.ensure_stream(self.admin, config))}")
        for member in active:
            await self._create_down_consumer(member)
        if existing is not None:
            await self._reach_accounts(active, existing)
            await self._create_missing(active, leaf_timeout)

    async def _create_missing(self, active: list[Member], leaf_timeout: float) -> None:
        """Create what REGION is missing of these members; raises the first error when everything possible is done."""
        faults = list[Fault | BusError]()
        for member in active:
            try:
                await self.create_ingest(member, leaf_timeout)
            except (Fault, BusError) as fault:
                faults.append(fault)
        await self._correct_region()
        if faults:
            raise faults[0]

    async def _reach_accounts(self, members: list[Member], region: Json) -> None:
        """Reload once more where the hub may have read only once what adds the accounts of INs."""

        async def unreached() -> list[str]:
            return [each.code for each in members if not await ingest.is_reached(self.admin, each.code)]

        if not all(ingest.has_source(region, each.code) for each in members) or await unreached():
            await self.reload()
        if missing := await unreached():
            raise Fault(
                f"the hub's server has no account {ingest.account(missing[0])}",
                "write its config again (`suar federation nats --hub`), have it read it, then run this again",
            )

    async def join(self, code: str, leaf_timeout: float = LEAF_TIMEOUT) -> None:
        """Admit a member whose entry is in the plan, or one that was suspended; the others are not affected.

        For a suspended member one reload is enough unless its account was removed; two always are. It receives again
        0.1 to 5 s later, after the server's own retry (measured).
        """
        await self._check_founded()
        is_of_before = await self._is_of_before(code)
        self.plan = self.plan.with_status(code, "active")
        member = self.plan.member(code)
        self._write()
        await self.reload(twice=True)
        await self._leafs([member], leaf_timeout)
        await self._create_down_consumer(member)
        await self.create_ingest(member, leaf_timeout)
        await self._correct_region()
        if is_of_before:
            await self._upgrade()

    async def suspend(self, code: str) -> None:
        """Exclude a member now: remove the users of its account, then disconnect its leaf, which a reload does not.

        In a cluster the links at every server are ended; its other servers read configurations of their own: raises
        StillAdmitted, which names one, until the same was done on each machine. A hub of an older version is upgraded
        then, because the configuration that it reads here has the accounts of INs. The member is shut out also while no
        stream answers, as during the election of a leader; what the hub holds of it is freed afterwards. Raises Fault.
        """
        try:
            is_of_before = await self._is_of_before(code)
        except LOST:
            is_of_before = True  # unknown; a second reload and the upgrade change nothing at a hub of this version
        self.plan = self.plan.with_status(code, "suspended")
        self._write()
        await self.reload(twice=is_of_before)
        member = self.plan.member(code)
        await self._disconnect(member)
        unfreed = await self._free(member)
        if is_of_before and unfreed is None:
            await self._upgrade()
        if self.plan.hub.cluster is not None:
            await self._stays_out(member)
        if unfreed is not None:
            raise unfreed

    async def expel(self, code: str) -> None:
        """Suspend a member, and remove its source, consumer, IN and accounts.

        REGION keeps one object of it, with whose number its IN continues if the member joins again.
        """
        member = self.plan.member(code)
        await self.suspend(code)
        config = await self._check_founded()
        kept = [
            each for each in config["sources"] if each["name"] not in (f"IN_{member.code}", f"OUTBOX_{member.code}")
        ]
        if not kept:
            raise Fault(f"{member.code} is the last member of REGION", "a hub without members is switched off instead")
        if len(kept) < len(config["sources"]):
            await streams.set_sources(self.admin, "REGION", kept)
        await streams.delete_consumer(self.admin, "REGION", self.plan.link.down(code))
        for there in (ingest.of(self.admin, member.code), self.admin):
            await ingest.delete(there, member.code)
        members = tuple(each for each in self.plan.members if each.code != member.code)
        self.plan = msgspec.structs.replace(self.plan, members=members)
        self._write()
        await self.reload()
        self.report(f"{member.code} expelled")

    async def pass_over(self, code: str) -> None:
        """Let the hub continue after the one object of a member's OUTBOX that it refuses."""
        member = self.plan.member(code)
        number = await positions.pass_over(self.admin, member, self.plan.link)
        self.report(f"IN_{member.code} goes on behind object {number} of OUTBOX_{member.code}, which it did not take")

    async def reload(self, *, twice: bool = False) -> None:
        """Make the hub read its configuration; returns when `config_load_time` has changed (twice with `twice`).

        A reload may end the connections of those who request it; what follows finds them answered again. Raises Fault.
        """
        for _ in range(2 if twice else 1):
            await self._reload_once()
        self.report("hub reloaded" + (" twice" if twice else ""))

    async def _reload_once(self) -> None:
        """Request a reload, again where the answer was lost, and wait for it, and until both connections are answered.

        A connection that the reload ended may still count as connected here: only an answer shows that it works. A
        server that ends meanwhile, and is started again by its unit, has read the configuration then.
        """
        before, is_requested = await monitor.varz(self.plan.hub.monitor_port), False

        async def request_reload() -> bool:
            """Request a reload, once; returns True if the server has reloaded, and both connections are answered."""
            nonlocal is_requested
            with contextlib.suppress(*LOST, monitor.Unanswered):
                if not is_requested and not await self._loaded_since(before):
                    await self._request_reload(before["server_id"])
                    is_requested = True
                if server := await self._loaded_since(before):
                    await self.system.request(f"$SYS.REQ.SERVER.{server}.IDZ", timeout=PROBE_TIMEOUT)
                    await call(self.admin, "INFO", wait=PROBE_TIMEOUT)
                    return True
            return False

        fault = Fault(
            "the hub did not reload its config, or does not run",
            f"see its log; nats-server -t -c {self.plan.hub.config_file or 'FILE'}",
        )
        await wait_until(request_reload, RELOADED_WITHIN, fault)

    async def cut(self, member: Member) -> None:
        """Cut the leaf links that the member has now; its server reconnects within a second or two, and stays so."""
        standing = (await self.links()).of(member.code)
        await self._disconnect(member, {hub_links.key(link) for link in standing})

    async def connected(self) -> set[str]:
        """Return the codes of the members whose leaf link is up."""
        return set((await self.links()).by_member())

    async def links(self) -> hub_links.HubLinks:
        """Return the leaf links at every server of the hub."""
        return await hub_links.links(self.plan.hub, self.system)

    def _active(self) -> list[Member]:
        return [member for member in self.plan.members if member.status == "active"]

    async def _is_of_before(self, but: str) -> bool:
        """Whether REGION sources an active member other than `but` from elsewhere than an IN in an account
        of its own.
        """
        region = await streams.stream_config(self.admin, "REGION")
        others = [each.code for each in self._active() if each.code != but.upper()]
        return region is not None and not all(ingest.has_source(region, code) for code in others)

    async def _upgrade(self) -> None:
        """Upgrade an older hub for each connected member, after the requested work; reports what is left."""
        try:
            await self.found()
        except (Fault, BusError) as error:
            self.report(f"the hub is not upgraded for all yet, run `suar federation streams --hub found`: {error}")

    # -- steps --------------------------------------------------------------------------------------------------

    def _write(self) -> None:
        path = self.plan.hub.config_file
        if not path:
            raise Fault("the plan does not say where the hub's config file is", "set config_file under [hub]")
        atomic_write(Path(path), hub_config(self.plan).encode(), PUBLIC)

    async def _request_reload(self, server_id: str) -> None:
        """Request a reload through the system account: like SIGHUP, but an error in the file is reported."""
        message = await self.system.request(f"$SYS.REQ.SERVER.{server_id}.RELOAD", timeout=RELOAD_TIMEOUT)
        error = msgspec.json.decode(message.data).get("error")
        if error:
            raise Fault(
                f"the hub refused its new config: {error.get('description', error)}",
                f"nats-server -t -c {self.plan.hub.config_file}",
            )

    async def _loaded_since(self, before: Json) -> str:
        """Return the id of the server if it read its configuration since `before`, an answer of its monitor; or ""."""
        now = await monitor.varz(self.plan.hub.monitor_port)
        return "" if now["config_load_time"] == before["config_load_time"] else str(now["server_id"])

    async def _leafs(self, members: list[Member], wait: float) -> None:
        wanted = {member.code for member in members}
        missing = set(wanted)

        async def is_every_leaf_linked() -> bool:
            """Whether all members are linked; those that are not are in `missing`, for the report."""
            missing.clear()
            missing.update(wanted - await self.connected())
            return not missing

        if not await is_true_within(is_every_leaf_linked, wait):
            names = ", ".join(sorted(missing))
            raise Fault(
                f"no leaf link of {names} after {wait:g} s",
                "is that member's server running, with the right LINK_SEED, certificate and leaf address?",
            )
        self.report(f"leaf links: {', '.join(sorted(wanted))}")

    async def _create_down_consumer(self, member: Member) -> None:
        config = streams.down(member.code, self.plan.link)
        made = await repeat_unanswered(lambda: streams.ensure_consumer(self.admin, "REGION", config))
        self.report(f"{self.plan.link.down(member.code)} {made}")

    async def create_ingest(self, member: Member, leaf_timeout: float = LEAF_TIMEOUT) -> None:
        """Create IN_<CC> in its account, and make it a source of REGION. A hub of an older version is changed to that.

        May be interrupted anywhere and repeated: the new IN is created when everything that it begins with is prepared.
        """
        self._check_capacity()
        code, there = member.code, ingest.of(self.admin, member.code)
        config = ingest.ingest(code, self.plan.hub.replicas, self.plan.hub.ingest_bytes, self.plan.link)
        region, made = await streams.stream_config(self.admin, "REGION"), ""
        if await streams.stream_config(there, f"IN_{code}") is None:
            first = config if region is None else config | await self._beginning(member, region, leaf_timeout)
            made = await repeat_unanswered(lambda: streams.ensure_stream(there, first))
        if region is not None:
            await repeat_unanswered(lambda: ingest.add_region_source(self.admin, code))
        await repeat_unanswered(lambda: ingest.delete(self.admin, code))  # of a hub of an older version
        found = await repeat_unanswered(lambda: streams.ensure_stream(there, config))
        self.report(f"IN_{code} {made or found}")
        await self._set_back(member)
        if not made:
            await self._begin_again(member)

    async def _beginning(self, member: Member, region: Json, leaf_timeout: float) -> Json:
        if not ingest.has_source(region, member.code):
            await self._leafs([member], leaf_timeout)  # before any change, because it requires the member's server
            if await ingest.is_of_before(self.admin, region, member.code):
                await self._renew_link(member)
        return await positions.beginning(self.admin, member, self.plan.link)

    async def _renew_link(self, member: Member) -> None:
        """Disconnect the member's link, and wait until it is connected again.

        A hub that reads that REGION imports nothing more of a link continues to request it there. So the member's
        consumer would deliver as soon as it starts, before IN listens, and IN would accept the next object as the
        first.
        """
        await self.cut(member)
        await self._leafs([member], LEAF_TIMEOUT)

    async def _set_back(self, member: Member) -> None:
        """Repair an IN whose last object has a number after OUTBOX's end (positions.py)."""
        info = await stream_info(ingest.of(self.admin, member.code), f"IN_{member.code}")
        try:
            is_past_end = await positions.is_past_end(self.admin, member, self.plan.link, info)
        except (NoAnswer, NoResponders):
            return  # the member's server is unreachable; the watchdog reports it when it returns
        if is_past_end:
            start = await positions.set_back(self.admin, member, self.plan.link)
            self.report(f"IN_{member.code} stood behind the end of OUTBOX_{member.code}; it goes on at {start}")

    async def _begin_again(self, member: Member) -> None:
        """Repair an IN that lacks the first objects of OUTBOX; the member's server may be unreachable."""
        info = await stream_info(ingest.of(self.admin, member.code), f"IN_{member.code}")
        here = self.admin, member, self.plan.link
        with contextlib.suppress(NoAnswer, NoResponders):
            if number := await positions.skipped(*here, info):
                done = _BEGUN_AGAIN[await positions.begin_again(*here)]
                self.report(done.format(member.code, number))

    def _check_capacity(self) -> None:
        if len(self.plan.members) > self.plan.hub.members_max:
            raise Fault(
                f"the plan has {len(self.plan.members)} members, and room for {self.plan.hub.members_max}",
                "raise members_max under [hub] in every plan, and render the configs again",
            )

    def _region_config(self, codes: list[str]) -> Json:
        return ingest.region(codes, self.plan.hub.replicas, self.plan.hub.stream_bytes)

    async def _correct_region(self) -> None:
        """Correct REGION; it has its sources already, and keeps those of members that are not upgraded yet."""
        wanted = self._region_config([]) | {"sources": (await self._check_founded())["sources"]}
        self.report(f"REGION {await streams.ensure_stream(self.admin, wanted)}")

    async def _check_founded(self) -> Json:
        config = await streams.stream_config(self.admin, "REGION")
        if config is None:
            raise Fault("the hub has no stream REGION yet", "suar federation streams --hub --plan PLAN.toml found")
        return config

    async def _disconnect(self, member: Member, only: Container[tuple[str, int]] | None = None) -> None:
        """Cut the member's leaf links, or those alone; they stay cut if no server of the hub knows their user.

        Without `only`, a link that is made meanwhile is cut too: for suspensions.
        """

        async def cut_links() -> bool:
            """Cut the links that there are; returns False if there were some, so that it is to be called again."""
            found = (await self.links()).of(member.code)
            standing = [link for link in found if only is None or hub_links.key(link) in only]
            await hub_links.cut(self.system, standing)  # again, as long as they are there
            return not standing

        await wait_until(cut_links, RELOADED_WITHIN, Fault(f"the leaf link of {member.code} still stands", "try again"))
        self.report(f"{member.code}: leaf link cut")

    async def _free(self, member: Member) -> Fault | None:
        """Delete what the hub holds of a member that is shut out; returns why that was not done."""
        try:
            freed = await repeat_unanswered(lambda: ingest.free_member(self.admin, member.code))
        except Fault as fault:
            return Fault(f"{member.code} is disconnected, but not freed from the hub's streams: {fault.text}", _AGAIN)
        self.report(f"{member.code} freed: {freed} objects")
        return None

    async def _stays_out(self, member: Member) -> None:
        """In a cluster, cut the member where another server admits it again, and raise StillAdmitted that names it."""
        found = hub_links.HubLinks([])

        async def is_back() -> bool:
            nonlocal found
            found = await self.links()
            return bool(found.of(member.code))

        if await is_true_within(is_back, READMITTED_WITHIN, pause=0.1):
            await hub_links.cut(self.system, found.of(member.code))
            names = ", ".join(sorted({str(link["at"]) for link in found.of(member.code)}))
            raise StillAdmitted(f"{names} still admits {member.code}", _ELSEWHERE.format(member.code))
        if found.silent:
            raise StillAdmitted(f"{found.silent} servers of the hub do not answer", _ELSEWHERE.format(member.code))


@dataclass
class MemberSide:
    """A member operator's steps. `admin` is a user of account TIP; `links` are the plan's."""

    member: Member
    admin: Bus
    report: Reporter = field(default=_quiet)
    inbox_bytes: int = ingest.region_bytes()  # the plan's hub.stream_bytes
    outbox_bytes: int = streams.OUTBOX_BYTES  # the plan's hub.outbox_bytes
    links: Sequence[HubLink] = ONE_HUB

    @classmethod
    def of(cls, plan: Plan, member: Member, admin: Bus, report: Reporter = _quiet) -> "MemberSide":
        """Return the steps of a member, with the sizes and links of the plan."""
        return cls(member, admin, report, plan.hub.stream_bytes, plan.hub.outbox_bytes, plan.links)

    async def create_outbox(self) -> None:
        """Create OUTBOX and a consumer `up` for each hub, before it creates REGION or adds the source; and ANCHOR."""
        code = self.member.code
        config = streams.outbox(code, self.member.replicas, self.outbox_bytes)
        self.report(f"OUTBOX_{code} {await streams.ensure_stream(self.admin, config)}")
        for link in self.links:
            made = await streams.ensure_consumer(self.admin, f"OUTBOX_{code}", streams.up(code, link))
            self.report(f"{link.up} {made}")
        anchor = streams.anchor(code, self.member.replicas)
        self.report(f"ANCHOR_{code} {await streams.ensure_stream(self.admin, anchor)}")

    async def create_feed(self, feed_admin: Bus) -> None:
        """Create FEED, which its agencies read; `feed_admin` is a user of account AGENCIES."""
        config = streams.feed(self.member.code, self.member.replicas)
        self.report(f"FEED_{self.member.code} {await streams.ensure_stream(feed_admin, config)}")

    async def create_inbox(self, wait: float = LEAF_TIMEOUT) -> None:
        """Create the INBOX of each hub and its consumer `gw` once that hub serves this member; waits up to `wait`
        seconds for each.
        """
        for link in self.links:
            await self._create_inbox(link, wait)

    async def _create_inbox(self, link: HubLink, wait: float) -> None:
        name = link.inbox(self.member.code)
        if await streams.stream_config(self.admin, name) is None:
            await self._hub_serves(link, wait)
        config = streams.inbox(self.member.code, self.member.replicas, self.inbox_bytes, link)
        self.report(f"{name} {await streams.ensure_stream(self.admin, config)}")
        self.report(f"gw {await streams.ensure_consumer(self.admin, name, streams.gw())}")

    async def _hub_serves(self, link: HubLink, wait: float) -> None:
        """Send one request to the hub's consumer, which tests the whole path; harmless, because nothing sources from it
        yet.
        """
        why = ""

        async def probe_path() -> bool:
            """Have the hub's consumer start over; returns False if it does not answer, for the reason `why`."""
            nonlocal why
            why = await probe(self.admin, f"{link.hub_api}.CONSUMER.RESET.REGION.{link.down(self.member.code)}")
            return not why

        if not await is_true_within(probe_path, wait, pause=0.1):
            of = f"the hub {link.name}".strip()
            raise Fault(f"{of} does not serve {self.member.code} yet: {why}", _ASK_HUB.format(self.member.code))


_ASK_HUB = "ask the hub's operator: suar federation streams --hub --plan PLAN.toml join {}"


async def probe(bus: Bus, reset: str) -> str:
    """Have a border's consumer start over; returns "" if it answers, else which part of the path does not work.

    Only for a source that does not work: to one that works, everything unacknowledged would be sent again.
    """
    try:
        await call_subject(bus, reset, wait=PROBE_TIMEOUT)
    except NoResponders:
        return "no leaf link"
    except NoAnswer:
        return "the other side lacks the consumer, or the imports for it (a second reload)"
    except BusError as error:
        return str(error)
    return ""
