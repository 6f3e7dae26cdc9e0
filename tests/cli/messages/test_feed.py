"""`suar feed` against a real core behind real HTTP, in a thread of this process."""

import asyncio
import json
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from suar.cli.messages import feed as command
from suar.service.access.tokens import new_token
from suar.service.pacing.wake import Wake
from suar.service.process.gateway import Gateway
from suar.service.settings.state import locked
from suar.sse import Event, events
from support.commands import Suar
from support.corekit import CoreKit, bundle_of, epoch_of, frame_of
from support.fake_gateway import served
from support.kit import actor, alert, id_of, open_sending

LOCAL = new_token()
WORDS = ("expected", "past", "immediate")


class Serving:
    """A gateway that commands find by gateway.json, started and stopped at will."""

    def __init__(self, state: Path, kit: CoreKit) -> None:
        self._state, self._kit = state, kit
        self._end: Callable[[], None] | None = None

    def start(self) -> None:
        started, loop, stop = threading.Event(), asyncio.new_event_loop(), asyncio.Event()

        async def serve() -> None:
            gateway = Gateway(self._kit.core, Wake())
            await gateway.open(LOCAL)
            with locked(self._state):
                await answer_until_stopped(gateway)

        async def answer_until_stopped(gateway: Gateway) -> None:
            async with served(gateway) as url:  # type: ignore[arg-type]  # a real gateway where the fake one is named
                address = {"url": url, "token": LOCAL, "pid": os.getpid()}
                (self._state / "gateway.json").write_bytes(msgspec.json.encode(address))
                started.set()
                await stop.wait()
                (self._state / "gateway.json").unlink()

        thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
        thread.start()
        assert started.wait(60)

        def end() -> None:
            loop.call_soon_threadsafe(stop.set)
            thread.join(60)
            loop.close()

        self._end = end

    def stop(self) -> None:
        if self._end is not None:
            self._end()
            self._end = None


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[CoreKit]:
    made = CoreKit(tmp_path / "vn", "VN")
    th = open_sending(actor("TH"), made.lists)
    made.receive(*(bundle_of(actor(code)) for code in ("KH", "SG", "TH")), epoch_of(th))
    for number, word in enumerate(WORDS, 1):
        within = 24 if word == "immediate" else None
        tlp = "GREEN" if word == "past" else "AMBER"
        made.receive(frame_of(th, alert(id_of(number), urgency=word, ack_within=within, tlp=tlp)))
    yield made
    made.close()


@pytest.fixture
def gateway(tmp_path: Path, kit: CoreKit) -> Iterator[Serving]:
    (tmp_path / "suar-state").mkdir()
    made = Serving(tmp_path / "suar-state", kit)
    made.start()
    yield made
    made.stop()


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_a_document_a_line_the_most_urgent_first_and_the_position_to_continue(suar: Suar, gateway: Serving) -> None:
    ended = suar("feed")
    assert (ended.code, ended.err) == (0, "")
    assert [each["subject"] for each in lines(ended.out)] == [id_of(3), id_of(1), id_of(2)]
    assert {each["specversion"] for each in lines(ended.out)} == {"1.0"}
    rest = suar("feed", "--after", lines(ended.out)[0]["place"], "--json")
    assert [each["subject"] for each in lines(rest.out)] == [id_of(1), id_of(2)]
    assert suar("feed", "--new").out == ""


def test_what_is_chosen(suar: Suar, gateway: Serving) -> None:
    assert suar("feed", "--kind", "trend").out == ""
    assert suar("feed", "--from", "sg").out == ""
    assert suar("feed", "--status", "exercise").out == ""
    assert len(lines(suar("feed", "--kind", "alert", "--from", "th", "--own").out)) == 3


def test_what_an_agency_may_read(suar: Suar, gateway: Serving) -> None:
    add = ("agency", "add", "police", "--sector", "law-enforcement", "--kinds", "alert", "--max-tlp", "GREEN")
    assert suar(*add).code == 0
    ended = suar("feed", "--agency", "police")
    assert (ended.code, ended.err, [each["subject"] for each in lines(ended.out)]) == (0, "", [id_of(2)])
    assert len(lines(suar("feed").out)) == 3


def test_what_is_refused_says_what_to_do(suar: Suar, gateway: Serving) -> None:
    for arguments in (["--after", "nowhere"], ["--agency", "police"], ["--kind", "memo"]):
        ended = suar("feed", *arguments)
        assert (ended.code, ended.out, ended.line_labels) == (1, "", ["error:", "hint:"])
    gateway.stop()
    ended = suar("feed", "--follow")
    assert (ended.code, ended.line_labels) == (1, ["error:", "hint:"])
    assert "suar serve" in ended.err


def test_following_continues_over_a_restart_and_prints_nothing_twice(
    suar: Suar, gateway: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    printed: list[str] = []
    restarted = threading.Event()

    def restart() -> None:
        gateway.stop()
        gateway.start()
        restarted.set()

    def echo(line: str) -> None:
        printed.append(json.loads(line)["subject"])
        if len(printed) == 2:
            threading.Thread(target=restart).start()
            assert restarted.wait(60)
        if len(printed) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr("suar.cli.messages.feed.click.echo", echo)
    monkeypatch.setattr(command, "RETRY", 0.1)
    ended = suar("feed", "--follow")
    assert ended.code == 130
    assert printed == [id_of(3), id_of(1), id_of(2)]


def test_a_stream_is_read_as_its_standard_says() -> None:
    """WHATWG HTML 9.2.6: comments, one blank after the colon, an id without data moves the place."""
    text = [
        ": hello",
        "retry: 1000",
        "id: a",
        "",
        "id: b",
        "event: exercise",
        "data: {}",
        "",
        "data:  x",
        "",
        "data: lost",
    ]
    assert list(events(text)) == [Event("a", "message", ""), Event("b", "exercise", "{}"), Event("b", "message", " x")]
