"""Newline-delimited messages in, a verdict a line out, in order: the path of programs.

Three stages run at once. The reader splits lines, the committer commits whatever has arrived as one transaction, the
writer sends verdicts. Between them are bounded pipes, so a
slow disk slows the sender down by TCP and nothing is refused for being fast. A caller reads verdicts while it sends:
one that leaves a mebibyte of them unread is waited for a minute, and its call then ends.
"""

import asyncio
import contextlib
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any, ClassVar, Final, Generic, TypeVar

import msgspec
import structlog
from litestar.response.base import ASGIResponse
from litestar.types import Receive, Scope, Send

from suar.api.contract.answers import KEY_USED
from suar.api.contract.table_document import labelled
from suar.api.http.codes import HTTP_CODES
from suar.api.http.problems import problem
from suar.languages.tags import ENGLISH, Language
from suar.protocol.base import limits
from suar.protocol.base.errors import Fault
from suar.protocol.base.reasons import Reason
from suar.protocol.base.sentences import Sentence
from suar.service.process.gateway import Gateway
from suar.service.publish.checking import has_alternatives
from suar.service.reading.verdict import Verdict

LINE_MAX: Final = limits.MESSAGE_BYTES_MAX
COMMIT_LINES: Final = 500  # one transaction
COMMIT_BYTES: Final = 8 * 1024 * 1024
AHEAD_BYTES: Final = COMMIT_BYTES  # lines read while those before them are committed
AHEAD_WHOLE: Final = 4  # batches that may be open before they share what they read ahead
VERDICT_BYTES: Final = 1024 * 1024  # ten thousand verdicts that nobody has read yet
TABLE_BYTES: Final = VERDICT_BYTES
"""Bytes of tables in the verdicts of one page, after which its other verdicts have none: such a line alone has its."""
VERDICT_SECONDS: Final = 60.0  # until a caller that reads none of them is left
OPEN_MAX: Final = 4  # batches that are open with one token
MEDIA_TYPE: Final = "application/x-ndjson"

T = TypeVar("T")
_lines = msgspec.json.Encoder().encode_lines


class CallerGone(Exception):  # noqa: N818 - not an error: the caller left
    """The caller closed the connection."""


class Stopping(Exception):  # noqa: N818 - not an error: the gateway ends
    """The gateway stops: what was read gets its verdict, nothing more is read."""


class Pipe(Generic[T]):
    """A queue bounded by the cost of its items; one side puts, the other gets.

    `share`: among how many its budget is split.
    """

    def __init__(self, budget: int, share: Callable[[], int] = lambda: 1) -> None:
        self._budget, self._share, self._cost, self._is_closed = budget, share, 0, False
        self._items: deque[tuple[T, int]] = deque()
        self._room, self._more = asyncio.Event(), asyncio.Event()

    @property
    def cost(self) -> int:
        """What the items in it cost together."""
        return self._cost

    async def put(self, item: T, cost: int) -> None:
        """Add an item, waiting while the pipe is full."""
        while self._cost >= self._budget // self._share():
            self._room.clear()
            await self._room.wait()
        self._items.append((item, cost))
        self._cost += cost
        self._more.set()

    async def close(self) -> None:
        """No more items will follow."""
        self._is_closed = True
        self._more.set()

    async def get(self, count: int, cost: int) -> list[T]:
        """What has arrived, at least one and up to `count` items or `cost`; empty at the end."""
        while not self._items and not self._is_closed:
            self._more.clear()
            await self._more.wait()
        taken: list[T] = []
        spent = 0
        while self._items and len(taken) < count and (not taken or spent + self._items[0][1] <= cost):
            item, price = self._items.popleft()
            taken.append(item)
            spent += price
        self._cost -= spent
        self._room.set()
        return taken


class BatchResponse(ASGIResponse):
    """Reads the request's body itself while it answers. `token` is the name of who publishes.

    `language`: of the labels of tables.
    `with_sentences`: of each reason, its text ids and values too.
    `has_key`: the call has an Idempotency-Key, which a batch does not use, and the answer says so.
    Once `stopping` is set no more is read: an open batch must not hold up the end of the gateway.
    """

    open = 0  # batches of this process
    open_of: ClassVar[Counter[str]] = Counter()  # and of each token

    def __init__(
        self, gateway: Gateway, realm: str, token: str, stopping: asyncio.Event, language: Language = ENGLISH, *,
        has_key: bool = False, with_sentences: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(media_type=MEDIA_TYPE, status_code=200)
        self._more_headers = [(KEY_USED.lower().encode(), b"false")] if has_key else []
        self._gateway, self._realm, self._token, self._stopping = gateway, realm, token, stopping
        self._language, self._has_sentences = language, with_sentences

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the call; a caller that leaves ends it, and what was committed remains committed."""
        if BatchResponse.open_of[self._token] >= OPEN_MAX:
            await _turn_away(send)
            return
        lines: Pipe[bytes | None] = Pipe(AHEAD_BYTES, _sharers)
        verdicts: Pipe[bytes] = Pipe(VERDICT_BYTES)
        BatchResponse.open += 1
        BatchResponse.open_of[self._token] += 1
        try:
            async with asyncio.TaskGroup() as stages:
                stages.create_task(_read(receive, lines, self._stopping))
                stages.create_task(self._commit(lines, verdicts))
                stages.create_task(_write(send, verdicts, self._more_headers))
        except* (CallerGone, OSError, TimeoutError):
            pass  # the caller has left
        finally:
            BatchResponse.open -= 1
            BatchResponse.open_of[self._token] -= 1
            if not BatchResponse.open_of[self._token]:
                del BatchResponse.open_of[self._token]

    async def _commit(self, lines: Pipe[bytes | None], verdicts: Pipe[bytes]) -> None:
        while page := await lines.get(COMMIT_LINES, COMMIT_BYTES):
            # shielded: a caller that leaves must not end a commit between the disk and those who wait for it
            answers = await asyncio.shield(self._publish(page))
            async with asyncio.timeout(VERDICT_SECONDS):
                await verdicts.put(answers, len(answers))
        await verdicts.close()

    async def _publish(self, page: Sequence[bytes | None]) -> bytes:
        """Return the verdicts on the lines of a page as lines; None for a line that was too long."""
        items = [line for line in page if line is not None]
        answers = iter(await self._answers(items) if items else [])
        too_long = _refused(_reason("E-HTTP-LINE"), self._has_sentences)
        return _lines([too_long if line is None else next(answers) for line in page])

    async def _answers(self, items: list[bytes]) -> list[Mapping[str, Any]]:
        try:
            answers = await self._gateway.publish_batch(items, realm=self._realm, token=self._token)
        except Fault as fault:
            advice = fault.hint or HTTP_CODES["E-HTTP-FAULT"].advice
            text, hint = (Sentence("{text}", {"text": each}) for each in (fault.text, advice))
            reason = Reason.of("E-HTTP-FAULT", None, "$", text, hint)
            return [_refused(reason, self._has_sentences)] * len(items)
        except Exception as error:  # a batch continues: its lines state that it failed, the log states where
            structlog.get_logger().error("http_failed", exc_info=error)
            return [_refused(_reason("E-HTTP-INTERNAL"), self._has_sentences)] * len(items)
        return await _shapes(answers, self._language, with_sentences=self._has_sentences)


async def _shapes(answers: Sequence[Verdict], language: Language, *, with_sentences: bool) -> list[Mapping[str, Any]]:
    """Return the verdicts of a page; those on tables that do not leave with the table, until these have TABLE_BYTES."""
    shapes: list[Mapping[str, Any]] = []
    spent = 0
    for each in answers:
        shape = each.shape(with_sentences=with_sentences)
        if each.table is not None and has_alternatives(each) and spent < TABLE_BYTES:
            table = msgspec.json.encode(await labelled(each.table, language))
            spent += len(table)
            shape["table"] = msgspec.Raw(table)
        shapes.append(shape)
    return shapes


async def _turn_away(send: Send) -> None:
    """The answer to one batch too many of a token."""
    made = problem(429, "E-HTTP-RATE", f"{OPEN_MAX} batches of this token are open", "send more in one of them")
    headers = [(b"content-type", str(made.media_type).encode()), (b"retry-after", b"1"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 429, "headers": headers})
    await send({"type": "http.response.body", "body": made.content, "more_body": False})


def _sharers() -> int:
    return max(1, -(-BatchResponse.open // AHEAD_WHOLE))


async def _read(receive: Receive, lines: Pipe[bytes | None], stopping: asyncio.Event) -> None:
    with contextlib.suppress(Stopping):
        async for line in split(_chunks(receive, stopping)):
            await lines.put(line, len(line or b"") + 1)
    await lines.close()


async def _write(send: Send, verdicts: Pipe[bytes], more_headers: Sequence[tuple[bytes, bytes]]) -> None:
    headers = [(b"content-type", MEDIA_TYPE.encode()), *more_headers]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    while pages := await verdicts.get(64, 1024 * 1024):
        await send({"type": "http.response.body", "body": b"".join(pages), "more_body": True})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def split(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes | None]:
    """Lines without their end, blank ones left out; None for one over LINE_MAX, of which nothing is kept."""
    parts: list[bytes] = []
    size = 0
    async for chunk in chunks:
        *ended, rest = chunk.split(b"\n")
        for end in ended:
            line = b"".join((*parts, end)) if size + len(end) <= LINE_MAX else None
            parts, size = [], 0
            if line is None or line.strip():
                yield line
        size += len(rest)
        if size > LINE_MAX:
            parts.clear()
        elif rest:
            parts.append(rest)
    if size > LINE_MAX:
        yield None
    elif (line := b"".join(parts)).strip():
        yield line


async def _chunks(receive: Receive, stopping: asyncio.Event) -> AsyncIterator[bytes]:
    """The body as it arrives. Raises Gone or Stopping when it breaks off before its end: half a line is no line."""
    stop = asyncio.ensure_future(stopping.wait())
    try:
        while True:
            arrival = asyncio.ensure_future(receive())
            await asyncio.wait({arrival, stop}, return_when=asyncio.FIRST_COMPLETED)
            if not arrival.done():
                arrival.cancel()
                raise Stopping
            event = arrival.result()
            if event["type"] != "http.request":
                raise CallerGone
            if event["body"]:
                yield event["body"]
            if not event["more_body"]:
                return
    finally:
        stop.cancel()


def _reason(code: str) -> Reason:
    entry = HTTP_CODES[code]
    return Reason.of(code, None, "$", Sentence(entry.meaning), Sentence(entry.advice))


def _refused(reason: Reason, with_sentences: bool) -> dict[str, Any]:
    return Verdict(None, None, "refused", (reason,)).shape(with_sentences=with_sentences)
