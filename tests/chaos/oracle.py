"""The invariants, judged from what users were told and what the stores hold.

1. An accepted message is in the store of every member of its audience, once, with the sender's text; or the sender
   shows it as pending. Nobody else has it, and nobody has what was not accepted.
2. One text for an id everywhere. 3. One content for a frame's header everywhere.
4. What the hub withheld is alarmed with its exact range; every other alarm has a fault that explains it, or names what
   the streams themselves show to have been skipped (skipped.py). Of two hubs an alarm about a hub needs no fault: the
   word of a member comes by one and what it speaks of by the other; it has ended, or is `hub-withholds`.
5. Everything is drained in bounded time.
"""

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

import httpx

from chaos.arena import Arena
from chaos.faults import Injector
from chaos.schedule import Fault
from chaos.skipped import Skipped, skipped
from chaos.stores import Alarmed, Held, stores, titles
from chaos.traffic import Accepted, Users
from chaos.withheld import exact_gaps
from suar.observe.alarms import ALARMS

PENDING: Final = {"owed", "queued", "no-valid-key", "sent"}


@dataclass
class Verdict:
    """What the oracle found; `wrong` must be empty."""

    wrong: list[str] = field(default_factory=list)
    pending: int = 0
    drained_in: float = 0.0
    alarms: Counter[str] = field(default_factory=Counter)
    gaps: int = 0  # withheld ranges that were alarmed exactly
    skipped: int = 0  # objects that the servers skipped by themselves, looked up when an alarm asks for it


class Oracle:
    """Knows what was accepted and what was done, reads what is held."""

    def __init__(self, arena: Arena, users: Users, injector: Injector) -> None:
        self.arena, self.users, self.injector = arena, users, injector
        self.stores = stores(arena)
        self.verdict = Verdict()

    async def judge(self, within: float, report: Callable[[str], None] = lambda _: None) -> Verdict:
        """Wait up to `within` seconds for everything to drain, then hold the invariants against what is there."""
        await self._drain(within, report)
        self._messages()
        await self._titles()
        self._frames()
        await self._alarms()
        self.verdict.wrong += self.users.wrong + self.injector.wrong + self.arena.broken
        return self.verdict

    # -- bounded time

    async def _drain(self, within: float, report: Callable[[str], None]) -> None:
        start, reported = time.monotonic(), 0.0
        while left := await self._left():
            passed = time.monotonic() - start
            if passed > within:
                self.verdict.wrong += [f"not drained in {within:.0f} s: {each}" for each in left]
                break
            if passed - reported > 20:
                reported = passed
                report(f"{passed:.0f} s after the faults: " + "; ".join(left))
            await asyncio.sleep(0.5)
        self.verdict.drained_in = time.monotonic() - start

    async def _left(self) -> list[str]:
        """What is still on its way."""
        found = []
        for code, store in self.stores.items():
            counts = {"unsent": store.unsent, "waiting": store.waiting, "queued": store.queued}
            counts |= store.open_deliveries()
            if len(self.arena.nats.hubs) > 1:
                lasting = [alarm for alarm in store.open_about_hub() if not self._explained(code, alarm)]
                counts["alarms about a hub"] = len(lasting)
            try:
                version = (await self.arena[code].get("/v1/trust"))["version"]
                silent = [peer["member"] for peer in await self.arena[code].get("/v1/peers") if not peer["up"]]
                ready = (await self.arena[code].call("GET", "/readyz")).status_code == 200
            except (OSError, httpx.HTTPError, AssertionError, ValueError) as error:
                found.append(f"{code} does not answer: {error!r}")
                continue
            if version != self.arena.lists.version:
                found.append(f"{code} has list {version} of {self.arena.lists.version}")
            if silent or not ready:
                found.append(f"{code} is {'ready' if ready else 'not ready'} and does not hear {silent}")
            if any(counts.values()):
                found.append(f"{code} has { ({name: count for name, count in counts.items() if count}) }")
        return found

    # -- messages

    def _messages(self) -> None:
        held = {code: {row.id: row for row in store.messages()} for code, store in self.stores.items()}
        for code, store in self.stores.items():
            rows = Counter((row.id, row.rev) for row in store.messages())
            self._wrong(f"{code} holds {key} {count} times" for key, count in rows.items() if count > 1)
            deliveries = store.deliveries()
            for made in self.users.accepted.values():
                if made.code == code:
                    self._one(made, held, deliveries.get(made.id, {}))
            strangers = held[code].keys() - self.users.accepted.keys()
            self._wrong(f"{code} holds {id_}, which nobody was told is accepted" for id_ in sorted(strangers))

    def _one(self, made: Accepted, held: dict[str, dict[str, Held]], states: dict[str, str]) -> None:
        own = held[made.code].get(made.id)
        if own is None:
            self.verdict.wrong.append(f"{made.code} accepted {made.id} ({made.title}) and does not hold it")
            return
        self._audience(made, states)
        for code in self.arena.codes:
            if code == made.code:
                continue
            there, state = held[code].get(made.id), states.get(code)
            if there is None and state in PENDING:
                self.verdict.pending += 1
            elif made.audience == "all" and there is not None and code in self._away(made):
                pass  # it had returned when the message was sealed: `all` is who is active then ([E14])
            elif (there is None) != (state is None):
                what = "lacks" if there is None else "holds, uninvited,"
                self.verdict.wrong.append(f"{code} {what} {made.id} ({made.title}): {state} at {made.code}")
            if there is not None and there.digest != own.digest:
                self.verdict.wrong.append(f"two texts of {made.id}: at {made.code} and at {code}")

    def _audience(self, made: Accepted, states: dict[str, str]) -> None:
        """The sender owes exactly the audience; `all` is everyone but who was suspended meanwhile."""
        others = {code for code in self.arena.codes if code != made.code}
        expected = others if made.audience == "all" else set(made.audience)
        away = self._away(made)
        missing, beyond = expected - states.keys(), states.keys() - expected
        if beyond or missing - (away if made.audience == "all" else set()):
            self.verdict.wrong.append(f"{made.id} for {made.audience} is owed to {sorted(states)}")

    def _away(self, made: Accepted) -> set[str]:
        """Members that were suspended, by some gateway's knowledge, when the message was accepted."""
        return {
            done.fault.target
            for done in self.injector.done
            if done.fault.kind == "suspend" and done.begin <= made.at and made.requested_at <= done.end + 30_000
        }

    async def _titles(self) -> None:
        """Each text once in each store, under the id that its user was told."""
        ids_by_title = {made.title: made.id for made in self.users.accepted.values()}
        if len(ids_by_title) != len(self.users.accepted):
            twice = Counter(made.title for made in self.users.accepted.values())
            self._wrong(f"{title} was accepted {count} times" for title, count in twice.items() if count > 1)
        for code in self.arena.codes:
            listed = await titles(self.arena[code]) + await titles(self.arena[code], origin=code)
            counts = Counter(title for _, title in listed)
            self._wrong(f"{code} lists {title} {count} times" for title, count in counts.items() if count > 1)
            self._wrong(
                f"{code} lists {title} as {id_}, told was {ids_by_title.get(title)}"
                for id_, title in listed
                if ids_by_title.get(title) != id_
            )

    # -- frames

    def _frames(self) -> None:
        """One hash for (epoch, number), over all outboxes and all that was received."""
        seen: dict[tuple[bytes, int], set[bytes]] = defaultdict(set)
        for store in self.stores.values():
            for frame in store.sealed():
                seen[frame.epoch_id, frame.seq].add(frame.hash)
            for epoch_id, seq, name in store.frames():
                seen[epoch_id, seq].add(name)
        self._wrong(
            f"frame {seq} of epoch {epoch_id.hex()[:16]} has {len(hashes)} contents"
            for (epoch_id, seq), hashes in seen.items()
            if len(hashes) > 1
        )

    # -- alarms

    async def _alarms(self) -> None:
        gaps = await exact_gaps(
            self.arena, self.stores, [d.fault for d in self.injector.done if d.fault.kind == "withhold"]
        )
        unexplained: list[tuple[str, Alarmed]] = []
        origins = {frame.epoch_id: code for code, store in self.stores.items() for frame in store.sealed()}
        for code, store in self.stores.items():
            # a gap that a third party tells names that one ([F11]); what is to be explained are the origin's frames
            raised = [
                alarm._replace(member=origins.get(alarm.epoch_id, alarm.member)) if alarm.name == "gap" else alarm
                for alarm in store.alarms()
            ]
            self.verdict.alarms.update(alarm.name for alarm in raised)
            named = {(alarm.epoch_id, alarm.first, alarm.last) for alarm in raised if alarm.name == "gap"}
            # an epoch that was kept back is alarmed as a whole: what its frames skip shows only once it is there
            whole = {alarm.epoch_id for alarm in raised if alarm.name == "epoch-missing"}
            missing = {gap for gap in gaps.must(code) - named if gap[0] not in whole}
            self.verdict.gaps += len(gaps.must(code) & named)
            self._wrong(
                f"{code} did not alarm the gap {first} to {last} of epoch {id_.hex()[:16]}"
                for id_, first, last in missing
            )
            unexplained += [
                (code, alarm)
                for alarm in raised
                if not (self._explained(code, alarm) or (alarm.name == "gap" and gaps.may(code, alarm)))
            ]
        if len(self.arena.nats.hubs) > 1:  # what came by the other one is here, and no member is accused
            unexplained = [(code, alarm) for code, alarm in unexplained if ALARMS[alarm.name].fault != "hub"]
        left = await skipped(self.arena) if unexplained and len(self.arena.nats.hubs) == 1 else Skipped()
        self.verdict.skipped = len(left)
        self._wrong(
            f"{code} alarmed {alarm.name} of {alarm.member} {alarm.first} {alarm.last}, which no fault explains"
            for code, alarm in unexplained
            if not left.explains(alarm, code)
        )

    def _explained(self, code: str, alarm: Alarmed) -> bool:
        return any(_explains(done.fault, code, alarm) for done in self.injector.done)

    def _wrong(self, found: Iterable[str]) -> None:
        self.verdict.wrong += found


def _explains(fault: Fault, code: str, alarm: Alarmed) -> bool:
    """Whether a fault is known to cause that alarm at `code`."""
    about = {code, alarm.member}
    is_withheld = fault.kind == "withhold" and fault.target == alarm.member and fault.detail == code
    # what reaches a member that was away only behind the list which suspends its sender is refused [E4], and asked for
    # once the sender is back
    is_closed = fault.kind == "suspend" and fault.target == alarm.member
    match alarm.name:
        case "silence":
            return True  # every fault that cuts or stops something
        case "clock":
            return fault.kind == "clock-ahead" and fault.target in about
        case "trust-version":
            return fault.kind in {"trust-list", "suspend"}
        case "left-out":
            return fault.kind in {"suspend", "clock-ahead"} and fault.target in about
        case "gap":
            return is_closed
        case "withheld-tail" | "epoch-missing":
            is_late = fault.kind == "clock-ahead" and alarm.name == "epoch-missing" and fault.target == alarm.member
            return is_withheld or is_closed or is_late
        case "bundle-withheld":
            return is_withheld or (fault.kind == "clock-ahead" and fault.target == alarm.member)
        case _:
            return False
