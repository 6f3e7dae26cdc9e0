"""One call of a webhook: resolve, check, connect, then build the event and send it, all within a time limit.

The name is resolved once, and the connection uses an address that was checked; TLS is verified against the name. The
event is built after the connection is established, so that nothing is sent that was recalled meanwhile. Only the head
of the answer is read, up to a limit; no redirect is followed.
"""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Sequence
from functools import cache
from typing import Final, NamedTuple

import h11

from suar.protocol.base.errors import Fault
from suar.service.settings.config import Config
from suar.service.settings.sections.webhooks_config import Network
from suar.service.settings.sources import SEE
from suar.service.webhooks.addresses import Endpoint, refusal
from suar.service.webhooks.resolving import NotResolved, Resolver

CONNECT_SECONDS: Final = 3.0
"""Time limit to connect to one address, with TLS."""
CALL_SECONDS: Final = 15.0
"""Of a whole call: the name, the connection, the event and the answer."""
ANSWER_BYTES: Final = 16 * 1024
"""Of an answer that are read: its status line and headers."""
TRIED: Final = 3
"""Addresses of a name that are tried."""
GONE: Final = 410
CONTENT_TYPE: Final = "application/cloudevents+json"
_PIECE: Final = 4096


class CallFailed(Exception):  # noqa: N818 - it is an outcome, and says so
    """A call did not succeed. `outcome` is a word of OUTCOMES; `why` is more exact, with a status or code."""

    def __init__(self, outcome: str, why: str = "") -> None:
        super().__init__(why or outcome)
        self.outcome, self.why = outcome, why or outcome


OUTCOMES: Final = (
    "delivered", "gone", "status", "redirect", "timeout", "not-resolved", "not-public", "public-without-tls",
    "address", "connection", "tls", "answer",
)  # fmt: skip
"""Every outcome of a call, for logs and metrics."""


class Request(NamedTuple):
    """What is sent: the signed headers and the body."""

    headers: dict[str, str]
    body: bytes


Make = Callable[[], Awaitable[Request | None]]


class Caller:
    """Makes calls, for one event loop. `tls` verifies receivers; `allow` names networks besides public ones."""

    def __init__(self, tls: ssl.SSLContext, allow: Sequence[Network]) -> None:
        self._tls, self._allow = tls, allow
        self._resolver = Resolver()
        self._beginning = asyncio.Lock()

    async def call(self, to: Endpoint, make: Make) -> bool:
        """Send what `make` returns once the connection is established; returns False when that is None.

        Raises CallFailed.
        """
        try:
            async with asyncio.timeout(CALL_SECONDS):
                return await self._call(to, make)
        except TimeoutError:
            raise CallFailed("timeout") from None
        except ssl.SSLError:
            raise CallFailed("tls") from None
        except h11.ProtocolError:
            raise CallFailed("answer") from None
        except OSError:
            raise CallFailed("connection") from None

    async def _call(self, to: Endpoint, make: Make) -> bool:
        """Send what `make` returns; returns False when that is None. Raises CallFailed, OSError, h11's errors."""
        addresses = await self._addresses(to)
        await self._begin()
        reader, writer = await self._connect(to, addresses)
        try:
            request = await make()
            if request is None:
                return False
            status = await _exchange(reader, writer, to, request)
        finally:
            writer.transport.abort()
        if not 200 <= status < 300:
            outcome = "gone" if status == GONE else "redirect" if 300 <= status < 400 else "status"
            raise CallFailed(outcome, f"status {status}")
        return True

    async def _begin(self) -> None:
        """Let one call begin in a turn of the loop: many at once would use up each other's time to connect."""
        async with self._beginning:
            await asyncio.sleep(0)

    async def _addresses(self, to: Endpoint) -> list[str]:
        """The addresses of the name that may be called."""
        try:
            found = await self._resolver.addresses(to.host, to.port)
        except NotResolved:
            raise CallFailed("not-resolved") from None
        reasons = {each: refusal(each, self._allow, is_tls=to.is_tls) for each in found}
        permitted = [str(each) for each, why in reasons.items() if why is None]
        if not permitted:
            raise CallFailed(next(filter(None, reasons.values())))
        return permitted[:TRIED]

    async def _connect(
        self, to: Endpoint, addresses: Sequence[str]
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Return a connection to the first of these addresses that accepts one. Raises OSError when none does."""
        tls, name = (self._tls, to.host) if to.is_tls else (None, None)
        failure = OSError("no address")
        for address in addresses:
            try:
                async with asyncio.timeout(CONNECT_SECONDS):
                    return await asyncio.open_connection(
                        address, to.port, limit=ANSWER_BYTES, ssl=tls, server_hostname=name
                    )
            except OSError as error:
                failure = error
        raise failure


async def _exchange(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, to: Endpoint, request: Request) -> int:
    """Send the request; the status of the answer."""
    line = h11.Connection(h11.CLIENT, max_incomplete_event_size=ANSWER_BYTES)
    headers = {
        "Host": to.authority, "User-Agent": "suar", "Content-Type": CONTENT_TYPE,
        "Content-Length": str(len(request.body)), "Connection": "close", **request.headers,
    }  # fmt: skip
    head = h11.Request(method="POST", target=to.target, headers=list(headers.items()))
    for part in (head, h11.Data(data=request.body), h11.EndOfMessage()):
        writer.write(line.send(part) or b"")
    await writer.drain()
    left = ANSWER_BYTES
    while True:
        event = line.next_event()
        if isinstance(event, h11.Response):
            return event.status_code
        if event is h11.NEED_DATA:
            if not left:  # it has no end
                raise CallFailed("answer")
            data = await reader.read(min(_PIECE, left))
            if not data:
                raise CallFailed("connection")
            left -= len(data)
            line.receive_data(data)


def tls_of(config: Config) -> ssl.SSLContext:
    """How receivers are judged: by the machine's authorities, or by those of `ca_file`. Raises Fault for that file."""
    file = config.webhooks.ca_file
    try:
        return ssl.create_default_context(cafile=str(config.folder / file)) if file else _machine_tls()
    except (OSError, ssl.SSLError) as error:
        raise Fault(f"{config.file}: webhooks.ca_file does not serve: {error}", SEE) from None


@cache
def _machine_tls() -> ssl.SSLContext:
    """The authorities of the machine, which are read once a process."""
    return ssl.create_default_context()
