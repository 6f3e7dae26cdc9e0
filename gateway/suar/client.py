"""A client of a gateway's feed, for programs of agencies: `for event in Feed(url, token, cursor_file)`.

It reads the stream, comes back after a lost connection, and goes on behind the last event that was handled. An event
counts as handled when the next one is asked for: then its position is written to the cursor file, by rename. A program
that is killed while it handles an event gets that event again and no other; one that keeps its results in a database
stores `event.position` with them in one transaction, gives it as `after`, and gets each event exactly once.

It needs httpx and msgspec, and no gateway on this machine.
"""

import random
import time
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any, Final

import httpx
import msgspec
from msgspec import Struct

from suar import sse
from suar.files import atomic_write

PATH: Final = "/v1/feed"
SILENCE: Final = 60.0  # seconds without the gateway's sign of life, which comes every 15
RETRY_MAX: Final = 30.0  # seconds between two attempts to connect
POSITION_MAX: Final = 512  # characters
_ENDS: Final = frozenset({400, 401, 403, 404, 406, 421})
"""Answers that another attempt does not change."""


class Refused(Exception):  # noqa: N818 - the gateway's word
    """The gateway refuses the call, and will again: `status`, and the `code` of the problem document.

    401: the token is unknown, or the agency suspended, expired or revoked. 400: the position is of another store or
    selection, so begin without it; or, with E-HTTP-PARAMETER, the selection has a name that the feed does not have.
    """

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        super().__init__(f"{problem.get('detail') or 'refused'} (HTTP {status}, {problem.get('code') or 'no code'})")
        self.status, self.code = status, str(problem.get("code") or "")


class Event(Struct, frozen=True, kw_only=True):
    """A CloudEvents 1.0 document of the feed, and the position behind it.

    `type` is suar.message.new, .update, .cancel, .withdraw or .expire. `data["message"]` is the message, None of the
    last three: after a cancel or a withdraw, what is stored of it is to be destroyed.
    """

    id: str
    source: str
    type: str
    subject: str
    time: str
    suarkind: str
    suarstatus: str
    data: dict[str, Any]
    suarurgency: str | None = None
    position: str = ""


_event: Final = msgspec.json.Decoder(Event).decode


class Feed:
    """The events that a token may read, from a position on.

    `cursor_file` holds the position between runs. `after` is a position of one's own keeping, and goes before it.
    `follow` False ends when everything was given. `selection` is sent as it is: kind, origin, status, own. `client`:
    an httpx client of one's own, for a proxy or a certificate authority.
    """

    def __init__(
        self, url: str, token: str, cursor_file: Path | str | None = None, *, after: str | None = None,
        follow: bool = True, client: httpx.Client | None = None, **selection: str,
    ) -> None:  # fmt: skip
        self._url, self._token, self._is_following = url.rstrip("/") + PATH, token, follow
        self._file = Path(cursor_file) if cursor_file is not None else None
        self._client, self._selection = client, selection
        self._position = after if after is not None else self._kept()

    def __repr__(self) -> str:
        return f"Feed({self._url!r})"

    @property
    def position(self) -> str | None:
        """The position behind the last event that was handled; None before the first."""
        return self._position

    def __iter__(self) -> Generator[Event, None, None]:
        """Events, for ever unless `follow` is False. Raises Refused."""
        client = self._client or httpx.Client(trust_env=False, follow_redirects=False)
        try:
            failures = 0
            while True:
                try:
                    for event in self._connected(client):
                        failures = 0
                        if event is not None:
                            yield event
                    if not self._is_following:
                        return
                except (httpx.TransportError, _TryAgain) as error:
                    failures += 1
                    time.sleep(_wait(error, failures))
        finally:
            if self._client is None:
                client.close()

    def _connected(self, client: httpx.Client) -> Iterator[Event | None]:
        """One connection's events, and None for each sign of life."""
        params = {**self._selection, "follow": "true" if self._is_following else "false"}
        headers = {"Authorization": f"Bearer {self._token}", "Accept": "text/event-stream"}
        if self._position:
            headers["Last-Event-ID"] = self._position
        timeout = httpx.Timeout(SILENCE)
        with client.stream("GET", self._url, params=params, headers=headers, timeout=timeout) as response:
            if response.status_code != httpx.codes.OK:
                raise _refusal(response)
            for block in sse.events(response.iter_lines()):
                yield msgspec.structs.replace(_event(block.data), position=block.position) if block.data else None
                self._keep(block.position)

    def _kept(self) -> str | None:
        if self._file is None or not self._file.exists():
            return None
        text = self._file.read_text("ascii", "replace").strip()
        return text if 0 < len(text) <= POSITION_MAX else None

    def _keep(self, position: str) -> None:
        if not position or position == self._position:
            return
        self._position = position
        if self._file is not None:
            atomic_write(self._file, position.encode())


class _TryAgain(Exception):  # noqa: N818 - not an error
    """The gateway is busy, starts or stops; `seconds` is what it asks to wait."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds


def _refusal(response: httpx.Response) -> Exception:
    """What a status other than 200 means."""
    if response.status_code not in _ENDS:
        retry_after = response.headers.get("retry-after", "")
        return _TryAgain(min(float(retry_after), RETRY_MAX) if retry_after.isdecimal() else 0.0)
    try:
        problem = msgspec.json.decode(response.read())
    except msgspec.DecodeError:
        problem = None
    return Refused(response.status_code, problem if isinstance(problem, dict) else {})


def _wait(error: Exception, failures: int) -> float:
    """Seconds until the next attempt: longer each time, and never the same for all clients."""
    retry_after = error.seconds if isinstance(error, _TryAgain) else 0.0
    return max(retry_after, min(RETRY_MAX, 0.5 * 2.0 ** min(failures, 8)) * random.uniform(0.5, 1.0))  # noqa: S311 - no secret
