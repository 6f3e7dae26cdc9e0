"""What users publish while everything breaks, and what they were told: the oracle's knowledge."""

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import httpx

from chaos.arena import Arena
from chaos.schedule import Batch, Item, Schedule
from support.gateways import Running, draft, now_ms

AGAIN: Final = 0.4  # seconds after which a request without an answer, or a refused message, is sent again


class Accepted(NamedTuple):
    """A message that its sender's gateway accepted: the answer came between `requested_at` and `at`, ms."""

    id: str
    code: str
    title: str
    audience: str | tuple[str, ...]
    requested_at: int
    at: int


@dataclass
class Users:
    """Publish what the schedule says, each request again with the same bytes until it is answered."""

    arena: Arena
    report: Callable[[str], None] = lambda _: None
    accepted: dict[str, Accepted] = field(default_factory=dict)
    refused: int = 0  # verdicts: of a suspended member, or to one
    wrong: list[str] = field(default_factory=list)
    open: int = 0  # requests that are not answered whole yet

    async def run(self, schedule: Schedule, deadline: float) -> None:
        """Every batch at its time; `deadline` (monotonic) is when a message that nobody accepts is an error."""
        start = time.monotonic()
        await asyncio.gather(
            *(self._user([b for b in schedule.batches if b.code == code], start, deadline) for code in schedule.codes)
        )

    async def _user(self, batches: list[Batch], start: float, deadline: float) -> None:
        late: list[asyncio.Task[None]] = []
        async with asyncio.TaskGroup() as group:
            for batch in batches:
                await asyncio.sleep(max(0.0, start + batch.at - time.monotonic()))
                late = [task for task in late if not task.done()]
                if len(late) >= 4:  # a gateway that is away gets no more requests than persons would make
                    await asyncio.wait(late, return_when=asyncio.FIRST_COMPLETED)
                late.append(group.create_task(self._publish(batch, deadline)))

    async def _publish(self, batch: Batch, deadline: float) -> None:
        items = [(item, _body(batch.code, item)) for item in batch.items]
        requested_at = now_ms()
        self.open += 1
        while items:
            verdicts = await self._ask(self.arena[batch.code], [body for _, body in items], batch.items[0].exercise)
            items = [
                each
                for each, verdict in zip(items, verdicts, strict=True)
                if not self._record(batch, each[0], verdict, requested_at)
            ]
            if items and time.monotonic() > deadline:
                self.wrong.append(f"{batch.code}: {len(items)} messages were never accepted: {verdicts[-1]}")
                break
            if items:
                await asyncio.sleep(AGAIN)
        self.open -= 1

    async def _ask(self, running: Running, bodies: list[bytes], exercise: bool) -> list[dict[str, Any]]:
        """A verdict each; an empty one where the answer did not come."""
        params = {"exercise": "true"} if exercise else None
        verdicts: list[dict[str, Any]] = []
        try:
            answer = await running.call("POST", "/v1/messages/batch", b"\n".join(bodies), params=params)
            verdicts = [json.loads(line) for line in answer.text.splitlines()] if answer.status_code == 200 else []
        except (OSError, httpx.HTTPError, ValueError):  # not there, or died while it answered
            pass
        return [verdicts[n] if n < len(verdicts) else {} for n in range(len(bodies))]

    def _record(self, batch: Batch, item: Item, verdict: dict[str, Any], requested_at: int) -> bool:
        """Whether the message is accepted."""
        if verdict.get("verdict") != "published":
            self.refused += verdict.get("verdict") == "refused"
            return False
        made = Accepted(verdict["id"], batch.code, _title(batch.code, item), item.audience, requested_at, now_ms())
        before = self.accepted.setdefault(made.id, made)
        if before.title != made.title:
            self.wrong.append(f"id {made.id} was given to {before.title} and to {made.title}")
        return True


def _title(code: str, item: Item) -> str:
    return f"chaos {code} {item.number}"


def _body(code: str, item: Item) -> bytes:
    audience = item.audience if isinstance(item.audience, str) else list(item.audience)
    urgent = {"urgency": "immediate", "ack_within": 24} if item.urgent else {}
    return json.dumps(draft(_title(code, item), audience, **urgent)).encode()
