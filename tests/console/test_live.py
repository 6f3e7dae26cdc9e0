"""The bell: what streams tell, whom, for how long, and that no list and no stream counts as reading."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from console.test_messages import Receiving, sg
from suar.console import live, streams
from suar.observe.hooks import BusChanged, MessagePublished
from suar.protocol.base import limits
from suar.service.people import changes
from support.console import Browser, Desk, browser
from support.corekit import rows
from support.pairs import new

__all__ = ["sg"]


def note(desk: Desk, about: str) -> None:
    """Something happened, as the gateway's loops tell its listeners."""
    at = desk.kit.now
    if about == "state":
        desk.gateway.hooks(BusChanged(at=at, is_connected=False))
    else:
        desk.gateway.hooks(MessagePublished(at=at, kind="alert", realm="actual", id=about, rev=1))


WITHIN = 60  # seconds in which a stream must move on; it does so after one


class Stream:
    """An open stream of a session."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer
        self._lines = answer.aiter_lines()

    async def event(self) -> tuple[str, dict[str, Any]]:
        """The next event: its name and data; ("", {}) at the end of the stream."""
        name, data = "message", ""
        async with asyncio.timeout(WITHIN):
            async for line in self._lines:
                if line.startswith("event: "):
                    name = line.removeprefix("event: ")
                elif line.startswith("data: "):
                    data = line.removeprefix("data: ")
                elif not line and data:
                    return name, json.loads(data)
        return "", {}

    async def rest(self) -> list[str]:
        """The lines until the end of the stream that are not empty."""
        return [line async for line in self._lines if line]

    async def ended(self) -> str:
        """The name of the last event."""
        last = ""
        while (found := await self.event()) != ("", {}):
            last = found[0]
        return last


@contextlib.asynccontextmanager
async def opened(visit: Browser, path: str = "/console/live", **headers: str) -> AsyncIterator[Stream]:
    sent = {"Host": visit.host, **{name.replace("_", "-"): value for name, value in headers.items()}}
    async with visit.client.stream("GET", f"{visit.desk.url}{path}", headers=sent) as answer:
        yield Stream(answer)


async def test_a_stream_says_what_waits_and_then_what_changed(sg: Receiving) -> None:
    two, desk = sg.two, sg.desk
    async with browser(desk) as reader:
        await reader.sign_in("tan")
        async with opened(reader) as stream:
            assert stream.answer.headers["content-type"].startswith("text/event-stream")
            assert stream.answer.headers["cache-control"] == "no-store"
            name, first = await stream.event()
            assert (name, first["waiting"], first["about"]) == ("message", 0, ["*"])
            (id_,) = desk.kit.aside(two.publish, new("A title that stays at home"))
            desk.kit.aside(two.to_sg)
            note(desk, id_)
            _, second = await stream.event()
            while second["waiting"] == 0:
                _, second = await stream.event()
            assert second["waiting"] == 1
            assert second["said"] == "Waiting for you: 1"
    assert rows(desk.kit, "select count(*) from own_statement")[0][0] == 0, "a stream reads nothing"


async def test_it_names_ids_to_readers_and_only_the_gateway_s_state_to_its_operator(desk: Desk) -> None:
    """Story 22: an operator reads no title, and learns no number of a message either."""
    async with browser(desk) as reader, browser(desk) as operator:
        await reader.sign_in("rita")
        await operator.sign_in("omar")
        async with opened(reader) as read, opened(operator) as watched:
            await read.event(), await watched.event()
            for about in ("SG-ALERT-2027-000001", "state"):
                note(desk, about)
            named = {*(await read.event())[1]["about"]}
            seen = {*(await watched.event())[1]["about"]}
    assert "state" not in named
    assert "SG-ALERT-2027-000001" not in seen
    assert named | seen <= {"SG-ALERT-2027-000001", "state"}


async def test_a_valid_position_is_continued_from_and_another_means_everything(desk: Desk, visit: Browser) -> None:
    await visit.sign_in("rita")
    for _ in range(3):
        note(desk, "SG-ALERT-2027-000001")
    last = str(desk.gateway.desk.news(0).n)
    async with opened(visit, last_event_id=str(int(last) - 1)) as stream:
        assert (await stream.event())[1]["about"] == ["SG-ALERT-2027-000001"]
    for odd in ("99999", "-1", "x", "1" * 40):
        async with opened(visit, last_event_id=odd) as stream:
            assert (await stream.event())[1]["about"] == ["*"], odd


async def test_no_page_of_another_host_opens_a_stream(desk: Desk, visit: Browser) -> None:
    """It would be counted, and the third of a session ends the oldest: a page of ours would receive nothing more."""
    await visit.sign_in("rita")
    async with opened(visit) as stream:
        await stream.event()
        for site in ("cross-site", "same-site", "x"):
            for _ in range(3):
                assert (await visit.get("/console/live", sec_fetch_site=site)).status_code == 403
        note(desk, "SG-ALERT-2027-000001")
        assert (await stream.event())[1]["about"] == ["SG-ALERT-2027-000001"]


@pytest.mark.parametrize("how", ["suspended", "signed out", "other roles", "idle"])
async def test_a_stream_ends_with_the_session_or_the_roles(desk: Desk, visit: Browser, how: str) -> None:
    """Story 26: the stream of a person who is suspended ends."""
    await visit.sign_in("rita")
    async with opened(visit) as stream:
        await stream.event()
        if how == "suspended":
            desk.kit.aside(changes.suspend, desk.kit.core, "rita", "operator")
            await desk.load()
        elif how == "other roles":
            desk.kit.aside(changes.set_roles, desk.kit.core, "rita", ("author",), "operator")
            await desk.load()
        elif how == "idle":
            desk.later(desk.gateway.config.console.idle_minutes * limits.MINUTE)
        else:
            await visit.get("/console/me")
            assert (await visit.post("/console/sign-out")).status_code == 303
        assert await stream.ended() == "end"
    again = await visit.get("/console/live")
    assert (again.status_code, again.headers["location"]) == (303, "/console/sign-in?next=/console/live")
    of_script = await visit.get("/console/live", accept="text/event-stream")
    assert (of_script.status_code, of_script.headers.get("location")) == (401, None)
    assert (await visit.get("/console/live", x_fragment="1")).status_code == 401


async def test_a_page_that_follows_keeps_no_session_awake(desk: Desk, visit: Browser) -> None:
    """Before, an open delivery page fetched itself every two seconds, so that nobody's session was ever idle."""
    await visit.sign_in("rita")
    step = desk.gateway.config.console.idle_minutes * limits.MINUTE // 3
    for _ in range(2):
        desk.later(step)
        assert (await visit.get("/console/sent", x_fragment="1")).status_code == 200
        async with opened(visit) as stream:
            await stream.event()
    desk.later(step)
    assert (await visit.get("/console/sent")).status_code == 303


async def test_of_a_session_two_continue_and_the_oldest_ends(desk: Desk, visit: Browser) -> None:
    await visit.sign_in("rita")
    async with opened(visit) as first, opened(visit) as second:
        await first.event(), await second.event()
        assert (await visit.get("/console/live", x_fragment="1")).status_code == 204  # one may be opened; this is none
        async with opened(visit) as third:
            await third.event()
            assert await first.ended() == "end"
            note(desk, "SG-ALERT-2027-000001")
            assert (await second.event())[0] == (await third.event())[0] == "message"


async def test_there_are_so_many_streams_and_no_more(
    desk: Desk, visit: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "STREAMS_MAX", 1)
    await visit.sign_in("rita")
    async with opened(visit) as stream, browser(desk) as other:
        await stream.event()
        await other.sign_in("ana")
        refused = await other.get("/console/live")
        assert refused.status_code == 429
    assert len(streams.Streams()) == 0


async def test_a_stream_ends_by_itself_and_continues_from_its_position(
    desk: Desk, visit: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "LONGEST", 0.5)
    await visit.sign_in("rita")
    async with opened(visit) as stream:
        assert await stream.ended() == "message", "the browser comes back by itself"


async def test_a_stream_without_news_says_that_it_goes_on(
    desk: Desk, visit: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page closes a stream that says nothing for twice as long, and asks again."""
    monkeypatch.setattr(live, "KEEP_ALIVE", 0.0)
    monkeypatch.setattr(live, "PERIOD", 0.01)
    await visit.sign_in("rita")
    async with opened(visit) as stream:
        assert (await stream.event())[0] == "message"
        for _ in range(3):
            assert await stream.event() == ("alive", {})
        note(desk, "SG-ALERT-2027-000001")
        while (found := await stream.event())[0] == "alive":
            pass
        assert found[1]["about"] == ["SG-ALERT-2027-000001"]


async def test_the_page_behind_the_bell_works_without_a_script(sg: Receiving) -> None:
    two, desk = sg.two, sg.desk
    (id_,) = desk.kit.aside(two.publish, new("Shown behind the bell"))
    desk.kit.aside(two.to_sg)
    async with browser(desk) as reader:
        await reader.sign_in("tan")
        page = (await reader.get("/console/news")).text
        assert f'href="/console/m/{id_}"' in page
        assert "Messages that nobody here has opened: 1" in page
        assert "Refresh</a>" in page
        assert 'href="/console/news"' in (await reader.get("/console")).text
    assert rows(desk.kit, "select count(*) from own_statement")[0][0] == 0


async def test_an_operator_s_news_have_no_title(desk: Desk, visit: Browser) -> None:
    await visit.sign_in("omar")
    page = await visit.get("/console/news")
    assert page.status_code == 200
    assert "Latest messages" not in page.text


async def test_many_who_look_on_cost_one_count(desk: Desk) -> None:
    """At most one count a second, whoever asks; an answer of before a change is told again."""
    kept, made = streams.Recent(), list[int]()

    async def count() -> int:
        made.append(1)
        await asyncio.sleep(0)
        return len(made)

    found = await asyncio.gather(*(kept.get("a", 1, 60.0, count) for _ in range(20)))
    assert found == [(1, True)] * 20
    assert await kept.get("a", 2, 60.0, count) == (1, False), "told once more, and said to be old"
    assert await kept.get("a", 2, 0.0, count) == (2, True)


async def test_a_stream_of_a_gateway_that_stops_ends_without_a_position(desk: Desk, visit: Browser) -> None:
    """The next process numbers its changes from the beginning; the browser reconnects and is not asked to reload."""
    await visit.sign_in("rita")
    async with opened(visit) as stream:
        await stream.event()
        await desk.stop()
        assert await stream.rest() == ["id:"]
