"""A member's machine is put back whole to a copy from before its last start, while others began new epochs to it: no
used number of an id is given to another text, it is told, no innocent member is a finding of its own, and all is
complete again without a person.
"""

import shutil
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from suar.bus import jsapi
from support import stores
from support.gateways import AGAIN, Federation, Running, draft, eventually, now_ms, running

pytestmark = [
    pytest.mark.slow,
    pytest.mark.asyncio(loop_scope="module"),
]
OTHERS = ("SG", "VN")
LOST = 12


@pytest_asyncio.fixture(loop_scope="module")
async def three(tmp_path: Path, each_store: str) -> AsyncIterator[Federation]:
    """For one test alone: the database that is put back ends with the test."""
    (tmp_path / "federation").mkdir()
    async with running(tmp_path / "federation", "TH", *OTHERS) as federation:
        yield federation


def stop(three: Federation) -> None:
    three["TH"].end()
    three.nats.servers["TH"].stop()


async def start(three: Federation) -> None:
    server = three.nats.servers["TH"]
    server.spawn()
    await server.ready()
    await three["TH"].start_and_wait()


class Copy:
    """TH's state, its store and the disk of its server, copied while neither runs."""

    def __init__(self, three: Federation, to: Path) -> None:
        self._state, disk = three["TH"].folder, three.folder / "th" / "jetstream"
        self._folders = {self._state: to / "state", disk: to / "disk"}
        for folder, older in self._folders.items():
            shutil.copytree(folder, older)
        self._store = stores.copy(self._state)

    def put_back(self) -> None:
        for folder, older in self._folders.items():
            shutil.rmtree(folder)
            shutil.copytree(older, folder)
        stores.put_back(self._state, self._store)


async def remove_ours(three: Federation) -> None:
    """Remove what TH sent from REGION, so that the hub returns none of it. Mostly its consumer is past it anyway."""
    admin = three.nats.hub.admin
    await jsapi.call(admin, "STREAM.PURGE.REGION", {"filter": "tip.v1.th.>"})


async def bad(gateway: Running) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await gateway.get("/v1/checks"))["checks"]
    return [each for each in found if each["status"] != "ok"]


def words_of_all(three: Federation, since: int) -> str:
    return "\n".join(f"{code}:\n{gateway.words_since(since)}" for code, gateway in three.gateways.items())


def is_of_a_member(finding: dict[str, Any]) -> bool:
    """Whether it says that something of another member is missing."""
    about = finding["id"] in ("gaps", "peers-silent") or (
        finding["id"] == "alarms" and any(name in finding["text"] for name in (" gap ", " silence ", "epoch-missing"))
    )
    return about and finding["entity"] in OTHERS


async def test_no_number_is_used_twice_and_all_is_complete_again(three: Federation, tmp_path: Path) -> None:
    th = three["TH"]
    await three.stored_everywhere("TH", *await th.publish(draft("before")))
    stop(three)
    copy = Copy(three, tmp_path)
    await start(three)
    for code in OTHERS:  # they begin new epochs, which TH is going to lose
        three[code].end()
        await three[code].start_and_wait()
    await three.wait_all_connected("TH")
    lost = [id_ for n in range(LOST) for id_ in await th.publish(draft(f"lost {n}", ["SG"]))]
    received = [
        *await three["SG"].publish(draft("to TH", ["TH"])),
        *await three["VN"].publish(draft("and to TH", ["TH"])),
    ]

    async def has_all() -> bool:
        here = {each["id"] for each in await th.inbox()}
        there = {each["id"] for each in await three["SG"].inbox()}
        return {*received} <= here and {*lost} <= there

    await eventually(has_all)
    skipped_before = len(th.events("numbers_skipped"))  # by the restart, if the hub was slow
    stop(three)
    await remove_ours(three)
    copy.put_back()
    at = now_ms()
    await start(three)
    later = [*await th.publish(draft("later", ["VN"])), *await th.publish(draft("later to all"))]
    assert not {*later} & {*lost}, th.words_since(at)

    async def has_alarm() -> bool:
        return any(each["name"] == "restored" and each["member"] == "TH" for each in await th.alarms())

    await eventually(has_alarm, 120, lambda: th.words_since(at))
    assert len(th.events("numbers_skipped")) == skipped_before + 1

    left = list[Any]()

    async def is_whole() -> bool:
        found = [each for each in await bad(th) if is_of_a_member(each)]
        assert {each["because"] for each in found} <= {"machine-put-back"}, found
        here = {each["id"] for each in await th.inbox()}
        left[:] = [*found, *({*received} - here)]
        return not left

    await eventually(is_whole, AGAIN + 60, lambda: f"{left}\n{words_of_all(three, at)}")
    await three.stored_everywhere("TH", later[1], within=AGAIN)
    alarms = [each for each in await th.alarms() if each["member"] in OTHERS and each["name"] in ("gap", "silence")]
    assert {each["next"].partition(";")[2][:30] for each in alarms} <= {" this machine was put back and"}
    assert [each["member"] for each in await th.alarms() if each["name"] == "restored"] == ["TH"]


async def test_no_number_is_used_twice_while_the_hub_does_not_answer(three: Federation, tmp_path: Path) -> None:
    """Nothing shows that the machine was put back: a range is skipped as a precaution."""
    th, hub = three["TH"], three.nats.servers[three.nats.servers.plan.hub.name]
    stop(three)
    copy = Copy(three, tmp_path)
    await start(three)
    lost = [id_ for n in range(3) for id_ in await th.publish(draft(f"lost in silence {n}", ["SG"]))]
    stop(three)
    copy.put_back()
    hub.send(signal.SIGSTOP)
    try:
        at = now_ms()
        await start(three)
        (later,) = await th.publish(draft("while the hub is silent", ["SG"]))
        assert later not in lost, th.words_since(at)
        assert [each["has_skipped"] for each in th.events("own_objects_not_returned")][-1:] == [True]
    finally:
        hub.send(signal.SIGCONT)
    await three.stored_everywhere("TH", later, within=AGAIN)
