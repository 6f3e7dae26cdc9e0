"""suar.client over real HTTP: nothing is lost or doubled over lost connections, restarts of it and killed programs."""

import asyncio
import contextlib
import os
import signal
import socket
import sqlite3
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from suar import client as client_module
from suar.client import Event, Feed, Refused
from support.agencies_docs import EXAMPLES
from support.agency_desk import Desk, desk_of
from support.executables import PYTHON
from support.gateways import eventually
from support.kit import id_of, urgent
from support.patience import PATIENCE

PROGRAM = """
import os, sys
from suar.client import Feed
with open(sys.argv[1], "a") as out:
    for event in Feed(os.environ["SUAR_URL"], os.environ["SUAR_TOKEN"], sys.argv[2]):
        print(event.id, file=out, flush=True)
"""


@pytest_asyncio.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk_of(tmp_path) as made:
        yield made


def read(desk: Desk, token: str, file: Path) -> list[Event]:
    return list(Feed(desk.url, token, file, follow=False))


async def test_everything_once_and_then_what_is_new(desk: Desk, tmp_path: Path) -> None:
    token, file = await desk.register(), tmp_path / "cursor"
    await desk.receive(urgent(1), urgent(2))
    first = await asyncio.to_thread(read, desk, token, file)
    assert [(each.id, each.type) for each in first] == [(f"{id_of(n)}/1", "suar.message.new") for n in (1, 2)]
    assert file.stat().st_mode & 0o777 == 0o600
    assert await asyncio.to_thread(read, desk, token, file) == []
    await desk.receive(urgent(1, rev=2, action="cancel", reason="wrong"))
    [cancel] = await asyncio.to_thread(read, desk, token, file)
    assert (cancel.type, cancel.data["message"]) == ("suar.message.cancel", None)


async def test_an_event_that_was_not_handled_comes_again(desk: Desk, tmp_path: Path) -> None:
    token, file = await desk.register(), tmp_path / "cursor"
    await desk.receive(urgent(1), urgent(2))

    def stop_at_the_second() -> None:
        with contextlib.closing(iter(Feed(desk.url, token, file, follow=False))) as events:
            assert [next(events).subject, next(events).subject] == [id_of(1), id_of(2)]

    await asyncio.to_thread(stop_at_the_second)
    assert [each.subject for each in await asyncio.to_thread(read, desk, token, file)] == [id_of(2)]


async def test_a_refusal_is_reported_and_not_tried_again(desk: Desk, tmp_path: Path) -> None:
    token, file = await desk.register(), tmp_path / "cursor"
    file.write_text("A" * 40)
    with pytest.raises(Refused) as refusal:
        await asyncio.to_thread(read, desk, token, file)
    assert (refusal.value.status, refusal.value.code) == (400, "E-HTTP-VALUE")
    file.unlink()
    await desk.act("health", "suspend")
    with pytest.raises(Refused) as refusal:
        await asyncio.to_thread(read, desk, token, file)
    assert (refusal.value.status, "suspended" in str(refusal.value)) == (401, True)
    assert token not in repr(Feed(desk.url, token))


async def test_a_connection_that_breaks_anywhere_loses_and_doubles_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Through a line that is cut after ever more bytes."""
    monkeypatch.setattr(client_module, "RETRY_MAX", 0.01)
    token = await desk.register()
    await desk.receive(*(urgent(number) for number in range(1, 31)))
    line = CutLine(desk.url, step=3_000)
    try:
        with httpx.Client(trust_env=False, headers={"Host": "localhost"}, timeout=PATIENCE) as client:
            feed = Feed(line.url, token, follow=False, client=client)
            found = await asyncio.to_thread(lambda: [each.subject for each in feed])
    finally:
        line.close()
    assert found == [id_of(number) for number in range(1, 31)]
    assert line.connections > 5


def stored(folder: Path) -> list[tuple[str, str]]:
    """The events that the page's own program has stored, in order, each with its position."""
    if not (folder / "events.db").exists():
        return []
    with contextlib.closing(sqlite3.connect(folder / "events.db")) as store:
        try:
            return store.execute("select id, position from event order by rowid").fetchall()
        except sqlite3.OperationalError:  # it makes its table at this moment
            return []


async def test_a_killed_program_continues_behind_what_it_handled(desk: Desk, tmp_path: Path) -> None:
    """Whenever it is killed the position is whole and nothing is lost: with a cursor file at most the last event comes
    again, and with the position in the transaction of the result, as on the page, none does."""
    token, out, file = await desk.register(), tmp_path / "out", tmp_path / "cursor"
    environment = {**os.environ, "SUAR_URL": desk.url, "SUAR_TOKEN": token}
    programs = [("-c", PROGRAM, str(out), str(file)), ("-c", EXAMPLES["python-once"])]

    async def have(count: int) -> bool:
        return out.exists() and min(len(out.read_text().splitlines()), len(stored(tmp_path))) >= count

    for round_ in range(3):
        running = [
            await asyncio.create_subprocess_exec(PYTHON, *each, env=environment, cwd=tmp_path) for each in programs
        ]
        await desk.receive(*(urgent(number) for number in range(round_ * 20 + 1, round_ * 20 + 21)))
        await eventually(lambda wanted=round_ * 20 + 1: have(wanted), 60)  # type: ignore[misc]  # bound in the loop
        for each in running:
            each.send_signal(signal.SIGKILL)
            await each.wait()
    rest = await asyncio.to_thread(read, desk, token, file)
    handled = [line.partition("/")[0] for line in out.read_text().splitlines()] + [each.subject for each in rest]
    assert set(handled) == {id_of(number) for number in range(1, 61)}
    assert len(handled) <= 60 + 3, "one more for each time that it was killed"
    had, last = [id_ for id_, _ in stored(tmp_path)], stored(tmp_path)[-1][1]
    rest = await asyncio.to_thread(lambda: list(Feed(desk.url, token, after=last, follow=False)))
    assert had + [each.id for each in rest] == [f"{id_of(number)}/1" for number in range(1, 61)], "each once, in order"


class CutLine:
    """Passes connections on to `url`, and cuts each: the first after `step` bytes of the answer, the next after two."""

    def __init__(self, url: str, step: int) -> None:
        self._to = ("127.0.0.1", int(url.rsplit(":", 1)[1]))
        self._step, self.connections = step, 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        threading.Thread(target=self._run, daemon=True).start()

    def close(self) -> None:
        self._socket.close()

    def _run(self) -> None:
        while True:
            try:
                caller, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            left = self._step * self.connections
            with caller, socket.create_connection(self._to) as gateway:
                gateway.sendall(caller.recv(65_536))
                while left > 0 and (data := gateway.recv(min(left, 4_096))):
                    caller.sendall(data)
                    left -= len(data)
