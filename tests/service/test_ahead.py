"""The process that composes ahead: it knows no secret, and whatever becomes of it, nothing is lost or doubled."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import uvloop

import gateways
from corekit import CoreKit
from gateways import draft, eventually
from suar.observe.hooks import Happened
from suar.protocol.ahead import STALE, compose_ahead
from suar.service import accepting, ahead
from suar.service.ahead import FEWEST, Ahead, Composer

IN_TIME = {"expires": "2027-01-30T00:00:00Z"}
EXTREME = {"severity": "extreme"}


def drafts(*titles: str, **changes: Any) -> list[bytes]:
    return [json.dumps(draft(title, **(IN_TIME | changes))).encode() for title in titles]


MANY = drafts(*(f"number {i}" for i in range(FEWEST)))


@pytest.fixture
async def composer(vn: CoreKit) -> AsyncIterator[Composer]:
    made = Composer(vn.core)
    yield made
    await made.close()


async def until(condition: Callable[[], object], within: float = 15.0) -> None:
    async def is_so() -> object:
        return condition()

    await eventually(is_so, within)


async def ready(composer: Composer) -> int:
    """The process is there and answers; its pid."""
    await eventually(lambda: composed(composer))
    assert composer._process is not None
    return composer._process.pid


async def composed(composer: Composer, given: list[bytes] = MANY) -> Ahead | None:
    return await composer.compose(given, "actual")


def failures(kit: CoreKit) -> list[object]:
    return [
        each.facts["error_type"]
        for each in kit.records
        if isinstance(each, Happened) and each.event == "composer_failed"
    ]


def accept(kit: CoreKit, given: list[bytes], made: Ahead | None) -> list[Any]:
    return accepting.accept(kit.core, [(data, None) for data in given], realm="actual", token="test", ahead=made)


def names_in_environ(pid: int) -> set[bytes]:
    return {each.partition(b"=")[0] for each in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0") if each}


def open_files(pid: int) -> list[str]:
    return [str(each.readlink()) for each in Path(f"/proc/{pid}/fd").iterdir()]


def is_gone(pid: int) -> bool:
    return not Path(f"/proc/{pid}").exists()


async def test_it_composes_what_the_core_would(vn: CoreKit, composer: Composer) -> None:
    assert await composed(composer) is None  # nobody waits for it to start
    await ready(composer)
    given = [*MANY, b"{", *drafts("needs a second person", **EXTREME)]
    made = await composed(composer, given)
    assert made is not None
    gate = vn.core.config.gate
    assert made.messages == [compose_ahead(data, member="VN", realm="actual", now=made.at, gate=gate) for data in given]
    assert made.messages[-2:] == [None, None]
    assert None not in made.messages[:-2]


async def test_few_are_not_worth_it(composer: Composer) -> None:
    assert await composed(composer, MANY[1:]) is None
    assert composer._starting is None


async def test_accepted_in_their_order_with_every_number(vn: CoreKit, composer: Composer) -> None:
    await ready(composer)
    given = [*MANY, b"{", *drafts("held", **EXTREME), MANY[0], *drafts("last")]
    verdicts = accept(vn, given, await composed(composer, given))
    kinds = [each.verdict for each in verdicts]
    assert kinds == ["published"] * FEWEST + ["refused", "held", "published", "published"]
    assert [each.id[-6:] for each in verdicts if each.verdict == "published" and not each.replayed] == [
        f"{number:06}"
        for number in [*range(1, FEWEST + 1), FEWEST + 2]  # the one that is held has its number too
    ]
    assert verdicts[-2].id == verdicts[0].id  # the same request once more
    assert accept(vn, MANY, await composed(composer))[5].replayed


@pytest.mark.parametrize("later", [STALE + 1, -1])
async def test_what_was_composed_at_another_time_is_composed_anew(vn: CoreKit, composer: Composer, later: int) -> None:
    await ready(composer)
    made = await composed(composer)
    assert made is not None
    vn.now += later
    accept(vn, MANY, made)
    published = [each for each in vn.records if type(each).__name__ == "MessagePublished"]
    assert len(published) == FEWEST
    with vn.core.transaction() as connection:
        sent = {row.sent for row in connection.exec_driver_sql("select sent from message")}
    assert sent == {vn.now // 1000 * 1000}


async def test_it_is_given_no_secret(composer: Composer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUAR_PASSPHRASE", "correct horse")
    pid = await ready(composer)
    assert names_in_environ(pid) <= {b"LANG", b"PYTHONPATH", b"LC_CTYPE"}
    assert {each.partition(":")[0] for each in open_files(pid)} <= {"pipe", "socket", "/dev/null"}


async def test_killed_it_is_done_without_and_started_again_later(
    vn: CoreKit, composer: Composer, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.kill(await ready(composer), signal.SIGKILL)
    assert await composed(composer) is None
    assert await composed(composer) is None
    assert composer._starting is None  # not before PAUSE is over
    assert failures(vn) == ["IncompleteReadError"]
    composer._not_before = 0.0
    await ready(composer)


def test_one_that_died_meanwhile_on_the_loop_of_a_gateway(vn: CoreKit) -> None:
    """Which words a closed pipe in its own way."""

    async def run() -> None:
        composer = Composer(vn.core)
        pid = await ready(composer)
        os.kill(pid, signal.SIGKILL)
        await until(partial(is_gone, pid))
        assert await composed(composer) is None
        assert len(failures(vn)) == 1
        await composer.close()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run())


async def test_one_that_stands_still_is_not_waited_for(
    vn: CoreKit, composer: Composer, monkeypatch: pytest.MonkeyPatch
) -> None:
    pid = await ready(composer)
    monkeypatch.setattr(ahead, "WITHIN", 0.2)
    os.kill(pid, signal.SIGSTOP)
    assert await composed(composer) is None
    assert failures(vn) == ["TimeoutError"]
    await until(partial(is_gone, pid))


@pytest.mark.parametrize("answer", [b"\x00\x00\x00\x01\xc1", b"\x00\x00\x00\x01\x90", b"\x00\x00\x00\x02\x91\x01"])
async def test_an_answer_that_is_none(
    vn: CoreKit, composer: Composer, monkeypatch: pytest.MonkeyPatch, answer: bytes
) -> None:
    await ready(composer)
    assert composer._process is not None
    assert composer._process.stdout is not None
    composer._process.stdout.feed_data(answer)
    assert await composed(composer) is None
    assert len(failures(vn)) == 1


async def test_one_that_cannot_be_started(vn: CoreKit, composer: Composer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    assert await composed(composer) is None
    await until(lambda: failures(vn))
    assert failures(vn) == ["FileNotFoundError"]


async def test_whoever_leaves_takes_its_answer_along(composer: Composer) -> None:
    pid = await ready(composer)
    leaving = asyncio.create_task(composed(composer, drafts(*(f"other {i}" for i in range(FEWEST)))))
    await asyncio.sleep(0)
    assert await composed(composer) is None  # it is busy: nobody waits behind another
    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    assert await ready(composer) != pid
    made = await composed(composer)
    assert made is not None
    assert made.messages[0] is not None
    assert b"number 0" in made.messages[0]


async def test_closing_ends_it(composer: Composer) -> None:
    pid = await ready(composer)
    await composer.close()
    assert is_gone(pid)
    await composer.close()


@pytest.mark.xdist_group("federation")
async def test_a_running_gateway_and_its_composer(tmp_path: Path) -> None:
    async def publish(what: str) -> None:
        told.extend(f"{what} {i}" for i in range(FEWEST))
        ids.extend(await origin.publish(*(draft(title) for title in told[-FEWEST:])))

    told: list[str] = []
    ids: list[str] = []
    async with gateways.running(tmp_path, "SG", "TH") as federation:
        origin = federation["TH"]
        await publish("by the core")
        await until(origin.children)
        await asyncio.sleep(1.0)  # until it has answered once
        await publish("composed ahead")
        (composer,) = origin.children()
        os.kill(composer, signal.SIGKILL)
        await until(lambda: not origin.children())
        await publish("after its death")
        await publish("without it")
        assert len(origin.events("composer_failed")) == 1
        await federation.stored_everywhere("TH", ids[0], ids[-1])
        assert sorted(await federation["SG"].titles()) == sorted(told)


@pytest.mark.xdist_group("federation")
async def test_it_ends_with_its_gateway(tmp_path: Path) -> None:
    async with gateways.running(tmp_path, "SG", "TH") as federation:
        for code, number in (("SG", signal.SIGTERM), ("TH", signal.SIGKILL)):
            origin = federation[code]
            await origin.publish(*(draft(f"alert {i}") for i in range(FEWEST)))
            await until(origin.children)
            (composer,) = origin.children()
            origin.end(number)
            await until(partial(is_gone, composer))
