"""Gaps between real servers: exact ranges, sent again and filled, or refused with the reason and never shown whole."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import pytest
import pytest_asyncio

from chaos.arena import Arena
from chaos.stores import stores
from suar.bus import streams
from suar.bus.jsapi import call
from suar.demo.story.adversary import Captured, LyingHub
from suar.observe.hooks import Hooks
from suar.protocol.base import subjects
from suar.service.process import run
from suar.store.engine import meta
from suar.store.recovery import positions
from support import stores as of_tests
from support.gateways import PASSPHRASE, Running, draft, eventually, now_ms
from support.live import SOON, peer, suar, titled, until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.asyncio(loop_scope="module"),
]

CODES: Final = ("SG", "TH", "VN")  # frames are kept from VN: of TH, and once of SG, which stays incomplete there


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def arena(tmp_path_factory: pytest.TempPathFactory, each_store: str) -> AsyncIterator[Arena]:
    """One federation for all tests here."""
    async with ForgetfulArena(tmp_path_factory.mktemp("gaps"), CODES, 1.0, is_watched=False) as made:
        yield made


class ForgetfulArena(Arena):
    """The members' own streams forget after a second what they took, before any gateway asks them how long that is.

    Else what is asked for again leaves two minutes later: a gateway goes by what its stream says.
    """

    async def found(self) -> None:
        await super().found()
        for code, side in self.nats.members.items():
            name = f"OUTBOX_{code}"
            config = await streams.stream_config(side.admin, name) or {}
            await call(side.admin, f"STREAM.UPDATE.{name}", {**config, "duplicate_window": 1_000_000_000})


async def frame_of(arena: Arena, sender: str, after: int = 0) -> Captured:
    """The sender's newest frame to all that carries messages, as the hub has it."""
    found = await LyingHub(arena.nats.hub.admin).captured(f"{subjects.hub(sender, 'a.frame.all')}.")
    return [each for each in found if each.messages and each.sequence > after][-1]


def ranges_of(line: dict[str, Any], epoch: bytes) -> dict[str, Any]:
    found = [r for c in line["channels"] if c["channel"] == "all" for r in c["ranges"] if r["epoch"] == epoch.hex()]
    return found[0] if found else {}


def numbers(spans: list[list[int]]) -> set[int]:
    return {number for first, last in spans for number in range(first, last + 1)}


async def check_of(gateway: Running, id_: str, entity: str) -> str:
    checks = (await gateway.get("/v1/checks"))["checks"]
    found = [line["status"] for line in checks if line["id"] == id_ and line["entity"] == entity]
    return found[0] if found else "ok"


async def test_what_a_hub_withheld_is_named_exactly_and_arrives_when_it_is_requested(arena: Arena) -> None:
    """Withheld while nothing followed, missing once something did; sent again, filled late, shown once."""
    hub, (th, vn) = LyingHub(arena.nats.hub.admin), (arena["TH"], arena["VN"])
    await until(vn, "TH", complete=True, up=True)
    async with hub.withholding("VN", "TH", CODES):
        ids = await th.publish(draft("kept from VN"))
        await titled(arena["SG"], "kept from VN")
        frame = await frame_of(arena, "TH")
        epoch = frame.data[4:36]

        async def is_reported() -> bool:
            claims = (await peer(vn, "TH"))["claims"]
            return any(each["first"] <= frame.seq <= each["last"] for each in claims if each["epoch"] == epoch.hex())

        await eventually(is_reported, SOON, vn.words)  # by a head in SG's heartbeat, which is SG's word alone [F11]
        line = await peer(vn, "TH")
        found = ranges_of(line, epoch)
        assert {each["member"] for each in line["claims"]} == {"SG"}
        assert (line["complete"], found["missing"], found["withheld"]) == (True, [], [])
        held = {seq for (seq,) in stores(arena)["VN"].rows("select seq from frame where epoch_id = ?", epoch)}
        assert numbers(found["held"]) <= held
        assert frame.seq not in held

        async def has_requested() -> bool:
            missing = (await th.get(f"/v1/messages/{ids[0]}/deliveries"))["members"]["VN"]["missing"]
            return missing is not None and missing["answer"] == "sent-again"

        await eventually(has_requested, SOON, th.words)
        assert (await th.states(ids[0]))["VN"] == "sent"  # said to be missing: not stored
    answer = await suar(vn, "resend", "TH", "--json")
    assert answer.code == 0, answer.err
    for each in json.loads(answer.out)["asked"]:
        assert each["first"] <= each["last"]
    await titled(vn, "kept from VN")
    await arena.stored_everywhere("TH", *ids, within=SOON)
    whole = await until(vn, "TH", complete=True)
    assert whole["missing"] == 0
    assert (await vn.titles()).count("kept from VN") == 1
    assert await check_of(vn, "gaps", "TH") == "ok"
    nothing = await suar(vn, "resend", "TH")
    assert (nothing.code, nothing.out) == (0, "nothing of TH is known to be missing\n")


async def kept_and_lost(arena: Arena, origin: str, title: str, lost: str, *, is_restored: bool) -> tuple[bytes, int]:
    """The hub keeps a message from VN; its origin stops, its store loses frames of that epoch, it starts again.

    Its epoch and the number of the message's frame.
    """
    sender, hub = arena[origin], LyingHub(arena.nats.hub.admin)
    await until(arena["VN"], origin, complete=True, up=True)
    async with hub.withholding("VN", origin, CODES):
        await sender.publish(draft(title))
        await titled(arena["TH" if origin == "SG" else "SG"], title)
        frame = await frame_of(arena, origin)
        epoch = frame.data[4:36]

        async def heartbeats_follow() -> bool:
            found = await hub.captured(f"{subjects.hub(origin, 'a.frame.all')}.")
            return len([each for each in found if each.sequence > frame.sequence and not each.messages]) > 1

        await eventually(heartbeats_follow, SOON, sender.words)
        sender.end()
        assert of_tests.write(sender.folder, f"delete from outbox where epoch_id = ? and {lost}", (epoch, frame.seq))
        if is_restored:
            await asyncio.to_thread(mark_settled, sender.folder)
        await sender.start_and_wait()
    return epoch, frame.seq


def mark_settled(state: Path) -> None:
    """As a gateway does that compared a state that was put back."""
    core = run.open_core(state, PASSPHRASE, {}, Hooks())
    try:
        with core.transaction() as connection:
            meta.put(connection, positions.SETTLED, str(now_ms()))
    finally:
        core.close()


async def test_heartbeats_that_are_not_kept_are_reported_as_empty(arena: Arena) -> None:
    """After a day an origin has its frames with messages alone: it sends these, and says that the rest was nothing."""
    epoch, seq = await kept_and_lost(
        arena, "TH", "among heartbeats", "messages = 0 and seq >= 0 and ? >= 0", is_restored=False
    )
    vn = arena["VN"]
    await titled(vn, "among heartbeats")
    found: dict[str, Any] = {}

    async def is_reported() -> bool:
        found.update(await peer(vn, "TH"))
        return bool(found["complete"] and ranges_of(found, epoch).get("empty"))

    await eventually(is_reported, SOON, lambda: json.dumps(found) + vn.words())
    found = ranges_of(found, epoch)
    assert seq in numbers(found["held"])
    assert seq not in numbers(found["empty"])
    refusals = stores(arena)["VN"].rows("select distinct code from not_sent_again where epoch_id = ?", epoch)
    assert refusals == [("E-RESEND-EMPTY",)]
    assert await check_of(vn, "gaps", "TH") == "ok"


async def test_what_the_origin_lost_is_refused_and_never_shown_as_complete(arena: Arena) -> None:
    epoch, seq = await kept_and_lost(arena, "SG", "lost at its origin", "seq >= ?", is_restored=True)
    vn = arena["VN"]
    line: dict[str, Any] = {}

    async def is_refused() -> bool:
        line.update(await peer(vn, "SG"))
        frames = line["frames"]
        return frames["lost"] > 0 and not frames["missing"] + frames["withheld"]

    await eventually(is_refused, SOON, lambda: json.dumps(line) + vn.words())
    assert not line["complete"]
    every = ranges_of(line, epoch)["lost"]  # more than one where a frame between them had left before the put-back
    (lost,) = (each for each in every if each["first"] <= seq <= each["last"])
    assert {each["code"] for each in every} == {"E-RESEND-GONE"}
    assert line["missing"] == line["frames"]["lost"] == sum(each["last"] - each["first"] + 1 for each in every)
    assert await check_of(vn, "gaps", "SG") == "warning"
    shown = await suar(vn, "peers", "SG")
    assert f"lost {lost['first']}-{lost['last']} (E-RESEND-GONE" in shown.out, shown
    answer = await suar(vn, "resend", "SG")  # an operator may insist
    assert f"frames {lost['first']}-{lost['last']}" in answer.out, answer
    assert "lost at its origin" not in await vn.titles()
