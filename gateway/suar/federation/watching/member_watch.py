"""A member's watchdog: checks its INBOX and the link that fills it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from suar.bus import streams
from suar.bus.connect import Bus
from suar.bus.jsapi import Json, stream_info
from suar.federation import monitor
from suar.federation.operations import probe
from suar.federation.plan import Member
from suar.federation.watching.rounds import SourceState, Watch
from suar.protocol.base.link_names import ONE_HUB, HubLink


@dataclass
class MemberWatch(Watch):
    """A member's watchdog. `bus` is the user `watch`, which may read, and change nothing.

    A user that may update a stream can also empty it (`max_msgs: 1`), and one that may set the start of the hub's
    consumer can set it after everything. So the administrator's user, whose connection `admin` opens for that moment,
    queries the hub and adds a source again; without it the watchdog reports that it is needed.
    """

    member: Member
    bus: Bus
    admin: Callable[[], Awaitable[Bus]] | None = None
    links: Sequence[HubLink] = ONE_HUB

    async def _inspect(self) -> list[SourceState]:
        """Check each link by itself: a failure at one hub does not prevent the check of the other."""
        return [state for link in self.links for state in await self._inspect_link(link)]

    async def _inspect_link(self, link: HubLink) -> list[SourceState]:
        inbox = link.inbox(self.member.code)
        info = await stream_info(self.bus, inbox)
        active = streams.source_active(info, "REGION")
        if self._count_misnamed(f"subjects of {inbox}", await streams.misnamed_down(self.bus, self.member.code, link)):
            self._acted(f"subjects of {inbox}")
            why = "source REGION: it brought objects without their subject"
            return [await self._re_add(link, info["config"], active, why)]
        if not self._count_round(inbox, self._is_dead(active)):
            return [SourceState(inbox, "suspect" if self._is_dead(active) else "healthy", active)]
        leafs = await monitor.leafs(monitor.of_member(self.member))
        if not any(leaf["account"] == link.account for leaf in leafs):
            return [SourceState(inbox, "no-leaf", active, "the server retries every second")]
        self._acted(inbox)
        return [await self._re_add(link, info["config"], active, "source REGION", is_dead=True)]

    async def _re_add(
        self, link: HubLink, config: Json, active: float, why: str, *, is_dead: bool = False
    ) -> SourceState:
        """Re-add the source as the administrator; one that `is_dead` only if the hub is reachable."""
        name = link.inbox(self.member.code)
        if self.admin is None:
            return SourceState(
                name, "needs-admin", active, f"{why}; start the watchdog with --state or --admin-seed-file"
            )
        async with await self.admin() as admin:
            reset = f"{link.hub_api}.CONSUMER.RESET.REGION.{link.down(self.member.code)}"
            missing = await probe(admin, reset) if is_dead else ""
            if missing:
                return SourceState(name, "no-path", active, missing)
            await streams.re_add_source(admin, config, streams.inbox_source(self.member.code, link))
        return SourceState(name, "re-added", active, why)
