"""A federation in which faults are planted in processes, files, links and clocks, and the question why."""

import asyncio
import contextlib
import signal
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any, Final

from suar.bus import ingest, streams
from suar.bus.jsapi import call
from support import newer_gateway
from support.gateways import AGAIN, Federation, Running, draft, now_ms
from support.kit import actor
from support.standstill import stop

HEARTBEAT: Final = 0.5  # seconds
SILENCE: Final = 2 * HEARTBEAT  # after which a peer counts as silent
QUIET: Final = 2.5  # seconds: the stream from the hub gives a sign every second, and two are missed
REPORTED_WITHIN: Final = 5.0  # seconds from when it can be known to when it is told
POLL: Final = 0.1  # seconds between two tries
CLOCK_RIGHT: Final = 60.0  # seconds of difference; a step is believed at the second heartbeat after it
PATIENCE: Final = AGAIN  # for what is mended to work again, and for a cause to be told on a slow machine


class Planted(Federation):
    """SG, TH and VN, each with a clock of its own; TH's gateway is one of a version to come (`newer_gateway`)."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, ("SG", "TH", "VN"), HEARTBEAT)
        self.gateways["TH"].program = (str(Path(newer_gateway.__file__)),)
        self._peaces = 0
        self.shift = 0  # of the federation's time against this machine's, ms

    def configure(self, code: str) -> None:
        super().configure(code)
        self.gateways[code].environ |= {"SUAR_CLOCK_FILE": str(self._clock(code)), "SUAR_LOG__LEVEL": "info"}
        self.set_clock(code, 0)

    def _clock(self, code: str) -> Path:
        return self.folder / f"clock-{code.lower()}"

    def set_clock(self, code: str, milliseconds: int) -> None:
        """Step the clock of one gateway to this distance from the machine's."""
        fresh = self._clock(code).with_suffix(".new")
        fresh.write_text(str(milliseconds))
        fresh.replace(self._clock(code))

    def now(self) -> int:
        """The time in the federation, ms."""
        return now_ms() + self.shift

    def row(self, code: str) -> list[Any]:
        """A member's row of the trust list."""
        return next(row for row in self.lists.members if row[0] == code)

    async def publish(self, title: str, audience: Any = "all", *, by: str = "TH", **changes: Any) -> str:
        [id_] = await self[by].publish(draft(title, audience, **changes))
        return id_

    async def new_list(self, to: str = "TH", skipping: Sequence[str] = ()) -> None:
        """The next trust list, handed to one gateway; until all that are not skipped have it."""
        answer = await self[to].call("POST", "/v1/trust", self.lists.next())
        assert answer.status_code == 200, answer.text
        codes = [code for code, each in self.gateways.items() if each.process is not None and code not in skipping]
        await until(lambda: self._have(codes), PATIENCE)

    async def _have(self, codes: Sequence[str]) -> bool:
        return all([(await self[code].get("/v1/trust"))["version"] == self.lists.version for code in codes])

    def newcomer(self, code: str) -> None:
        """A member that stands in the list and whose gateway never ran."""
        who = actor(code)
        key = [who.kid, who.public, self.now() - 1000, self.now() + 10**9, None]
        self.lists.members.append([code, f"State {code}", "active", [key], ["*"], ["*"]])

    # -- asking

    async def why(self, id_: str, member: str = "SG", at: str = "TH", lang: str = "en") -> dict[str, Any]:
        answer: dict[str, Any] = await self[at].get(f"/v1/messages/{id_}/why/{member}", params={"lang": lang})
        return answer

    async def expect_cause(
        self,
        cause: str,
        id_: str,
        member: str = "SG",
        *,
        at: str = "TH",
        after: float = 0.0,
        within: float = PATIENCE,
        text: str = "",
    ) -> str:
        """Until `why` says so, at most `within` seconds after it can be known, `after` seconds from now; its text.

        `text` tells two causes of one code apart. The seconds are counted in tries at it: where others use the machine
        too, each takes longer, and so does all that is looked at.
        """
        tries, found = 0, {"cause": "nothing", "text": ""}
        while found["cause"] != cause or text not in found["text"]:
            past = tries * POLL
            assert past < after + within, f"not {cause} but {found} after {past:.1f} s"
            await asyncio.sleep(POLL)
            tries, found = tries + 1, await self.why(id_, member, at)
        assert set(found) >= {"id", "member", "cause", "text", "next"}
        assert (found["id"], found["member"]) == (id_, member)
        assert found["text"]
        assert found["next"]
        return str(found["text"])

    async def stored(self, id_: str, member: str = "SG", by: str = "TH") -> None:
        """Until the member's signed receipt says so: what was broken works again."""
        await until(lambda: self._is_stored(id_, member, by), PATIENCE, self[by].words)

    async def _is_stored(self, id_: str, member: str, by: str) -> bool:
        return (await self[by].states(id_)).get(member) == "stored"

    async def whole(self, at: str, member: str) -> None:
        """Until nothing of that member lacks there: a fault of another test may have left a gap."""

        async def is_whole() -> bool:
            return any(each["complete"] for each in await self[at].get("/v1/peers") if each["member"] == member)

        await until(is_whole, PATIENCE, self[at].words)

    async def at_peace(self) -> None:
        """Until everybody hears everybody, with a clock that is right, and what TH says comes back."""
        self._peaces += 1
        await until(self._is_peace, PATIENCE)
        await self.stored(await self.publish(f"peace, number {self._peaces}"))

    async def _is_peace(self) -> bool:
        peers = [each for code in ("SG", "TH", "VN") for each in await self[code].get("/v1/peers")]
        ours = [each for each in peers if each["member"] in self.gateways]
        return all(each["up"] and abs(each["clock_offset_seconds"] or 0) < CLOCK_RIGHT for each in ours)

    # -- breaking

    @contextlib.contextmanager
    def frozen(self, code: str) -> Any:
        """A gateway's process is stopped, and goes on afterwards."""
        process = self[code].process
        assert process is not None
        stop(process.pid)
        try:
            yield
        finally:
            process.send_signal(signal.SIGCONT)

    @contextlib.asynccontextmanager
    async def keeping(self, victim: str, *types: str, sender: str = "*") -> AsyncIterator[None]:
        """The hub keeps from `victim` what `sender` says to all in objects of these types."""
        admin, honest = self.nats.hub.admin, streams.down(victim)
        others = [code.lower() for code in self.gateways if code != sender] if sender != "*" else []
        kept = [f"tip.v1.{code}.*.*.all.>" for code in others]
        from_whom = sender.lower() if sender != "*" else "*"
        passed = (each for each in ("trust", "keys", "revoke", "epoch", "frame") if each not in types)
        kept += [f"tip.v1.{from_whom}.*.{each}.all.>" for each in passed]
        await streams.ensure_consumer(
            admin, "REGION", {**honest, "filter_subjects": [*kept, f"tip.v1.*.*.*.{victim.lower()}.>"]}
        )
        try:
            yield
        finally:
            await streams.ensure_consumer(admin, "REGION", honest)

    @contextlib.asynccontextmanager
    async def without_stream_down(self, code: str) -> AsyncIterator[None]:
        """The hub lost its consumer for a member; its watchdog, which does not run here, would make it again."""
        admin, side = self.nats.hub.admin, self.nats.members[code]
        await call(admin, f"CONSUMER.DELETE.REGION.down_{code.lower()}")
        try:
            yield
        finally:
            await streams.ensure_consumer(admin, "REGION", streams.down(code))
            config = await streams.stream_config(side.admin, f"INBOX_{code}") or {}
            await streams.re_add_source(side.admin, config, streams.inbox_source(code))

    @contextlib.asynccontextmanager
    async def without_stream_up(self, code: str) -> AsyncIterator[None]:
        """The consumer with which the hub takes what a member sends is lost."""
        admin, side = self.nats.hub.admin, self.nats.members[code]
        await call(side.admin, f"CONSUMER.DELETE.OUTBOX_{code}.up")
        try:
            yield
        finally:
            await streams.ensure_consumer(side.admin, f"OUTBOX_{code}", streams.up(code))
            there = ingest.of(admin, code)
            config = await streams.stream_config(there, f"IN_{code}") or {}
            await streams.re_add_source(there, config, streams.region_source(code))


async def until(condition: Any, within: float, message: Any = lambda: "") -> None:
    """Until the condition holds; fails the test when it does not in time."""
    start = time.monotonic()
    while not await condition():
        assert time.monotonic() - start < within, f"not in {within} s {message()}"
        await asyncio.sleep(0.1)


def restarted(running: Running, **environ: str) -> None:
    """Killed, and started with other surroundings."""
    running.kill()
    running.start(**environ)
