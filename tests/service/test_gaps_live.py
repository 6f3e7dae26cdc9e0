"""Gaps and carried files between real servers: exact ranges, sent again, refused with the reason, around a cut line."""

import asyncio
import json
import os
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest
import pytest_asyncio

from chaos.arena import Arena
from chaos.stores import stores
from gateways import FEDERATION, Running, draft, eventually, now_ms
from suar.bus import streams
from suar.bus.jsapi import call
from suar.demo.adversary import Captured, LyingHub
from suar.protocol import subjects
from suar.protocol.carried import Writing
from suar.protocol.primitives import kid, public_of, random_seed, signing_key

pytestmark = [
    pytest.mark.timeout(180),
    pytest.mark.slow,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.xdist_group("gaps"),
]

CODES: Final = ("SG", "TH", "VN")  # TH's frames are kept from VN, and TH's line is cut
SOON: Final = 30.0  # seconds; the machine may be busy


class Ended(NamedTuple):
    code: int
    out: str
    err: str


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def arena(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Arena]:
    """One federation for all tests here; TH's own stream forgets what it took after a second."""
    async with Arena(tmp_path_factory.mktemp("gaps"), CODES, 1.0, is_watched=False) as made:
        for side in made.nats.members.values():
            await shorten_window(side)
        yield made


async def shorten_window(side: Any) -> None:
    """Else what is asked for again leaves two minutes later: the gateway goes by what the stream says."""
    name = f"OUTBOX_{side.member.code}"
    config = await streams.stream_config(side.admin, name) or {}
    await call(side.admin, f"STREAM.UPDATE.{name}", {**config, "duplicate_window": 1_000_000_000})


async def suar(gateway: Running, *arguments: str) -> Ended:
    """A command of that member, in a process of its own."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "suar", *arguments, "--state", str(gateway.folder),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, env={**os.environ, "COLUMNS": "200"},
    )  # fmt: skip
    out, err = await process.communicate()
    return Ended(process.returncode or 0, out.decode(), err.decode())


async def titled(gateway: Running, *titles: str) -> None:
    async def there() -> bool:
        return set(titles) <= set(await gateway.titles())

    await eventually(there, SOON, gateway.words)


async def peer(gateway: Running, member: str) -> dict[str, Any]:
    return next(each for each in await gateway.get("/v1/peers") if each["member"] == member)


async def until(gateway: Running, member: str, **wanted: Any) -> dict[str, Any]:
    """The member's line once it says so."""
    found: dict[str, Any] = {}

    async def is_so() -> bool:
        found.update(await peer(gateway, member))
        flat = {**found, **{f"frames_{name}": count for name, count in found["frames"].items()}}
        return all(flat[name] == value for name, value in wanted.items())

    await eventually(is_so, SOON, gateway.words)
    return found


async def frame_of(arena: Arena, sender: str, after: int = 0) -> Captured:
    """The sender's newest frame to all that carries messages, as the hub has it."""
    found = await LyingHub(arena.nats.hub.admin).captured(f"{subjects.hub(sender, 'a.frame.all')}.")
    return [each for each in found if each.messages and each.place > after][-1]


def ranges_of(line: dict[str, Any], epoch: bytes) -> dict[str, Any]:
    found = [r for c in line["channels"] if c["channel"] == "all" for r in c["ranges"] if r["epoch"] == epoch.hex()]
    return found[0] if found else {}


def numbers(spans: list[list[int]]) -> set[int]:
    return {number for first, last in spans for number in range(first, last + 1)}


async def check_of(gateway: Running, id_: str, entity: str) -> str:
    checks = (await gateway.get("/v1/checks"))["checks"]
    found = [line["status"] for line in checks if line["id"] == id_ and line["entity"] in (entity, "gateway")]
    return found[0]


async def test_what_a_hub_kept_is_named_exactly_and_comes_when_it_is_asked_for(arena: Arena) -> None:
    """Withheld while nothing followed, missing once something did; sent again, filled late, shown once."""
    hub, (th, vn) = LyingHub(arena.nats.hub.admin), (arena["TH"], arena["VN"])
    await until(vn, "TH", complete=True, up=True)
    async with hub.withholding("VN", "TH", CODES):
        ids = await th.publish(draft("kept from VN"))
        await titled(arena["SG"], "kept from VN")
        frame = await frame_of(arena, "TH")
        epoch = frame.data[4:36]

        async def is_told() -> bool:
            span = ranges_of(await peer(vn, "TH"), epoch).get("withheld", [])
            return frame.seq in numbers(span)

        await eventually(is_told, SOON, vn.words)  # by a head in SG's heartbeat
        line = await peer(vn, "TH")
        found = ranges_of(line, epoch)
        assert numbers(found["held"]) & numbers(found["withheld"]) == set()
        assert numbers(found["held"]) | numbers(found["withheld"]) == set(range(found["withheld"][-1][1] + 1))
        assert (line["complete"], found["missing"], await check_of(vn, "gaps", "TH")) == (False, [], "warning")
        shown = await suar(vn, "peers")
        assert f"epoch {epoch.hex()[:16]}" in shown.out
        assert "withheld" in shown.out
        held = {seq for (seq,) in stores(arena)["VN"].rows("select seq from frame where epoch_id = ?", epoch)}
        assert numbers(found["held"]) <= held
        assert frame.seq not in held

        async def has_asked() -> bool:
            missing = (await th.get(f"/v1/messages/{ids[0]}/deliveries"))["members"]["VN"]["missing"]
            return missing is not None and missing["answer"] == "sent-again"

        await eventually(has_asked, SOON, th.words)
        assert (await th.states(ids[0]))["VN"] == "sent"  # said to be missing: not stored
    asked = await suar(vn, "resend", "TH", "--json")
    assert asked.code == 0, asked.err
    for each in json.loads(asked.out)["asked"]:
        assert each["first"] <= each["last"]
    await titled(vn, "kept from VN")
    await arena.stored_everywhere("TH", *ids, within=SOON)
    whole = await until(vn, "TH", complete=True)
    assert whole["missing"] == 0
    assert (await vn.titles()).count("kept from VN") == 1
    assert await check_of(vn, "gaps", "TH") == "ok"
    nothing = await suar(vn, "resend", "TH")
    assert (nothing.code, nothing.out) == (0, "nothing of TH is known to be missing\n")


async def kept_and_lost(arena: Arena, title: str, lost: str, *, is_restored: bool) -> tuple[bytes, int]:
    """The hub keeps a message of TH from VN; TH stops, its store loses frames of that epoch, TH starts again.

    Its epoch and the number of the message's frame.
    """
    th, hub = arena["TH"], LyingHub(arena.nats.hub.admin)
    await until(arena["VN"], "TH", complete=True, up=True)
    async with hub.withholding("VN", "TH", CODES):
        await th.publish(draft(title))
        await titled(arena["SG"], title)
        frame = await frame_of(arena, "TH")
        epoch = frame.data[4:36]
        await asyncio.sleep(2.5)  # heartbeats behind it
        th.end()
        with closing(sqlite3.connect(th.folder / "suar.db", timeout=10)) as store, store:
            done = store.execute(f"delete from outbox where epoch_id = ? and {lost}", (epoch, frame.seq))
            assert done.rowcount
            if is_restored:
                store.execute("insert or replace into meta values ('settled_at', ?)", (str(now_ms()),))
        await th.start_and_wait()
    return epoch, frame.seq


async def test_heartbeats_that_are_not_kept_are_told_to_be_empty(arena: Arena) -> None:
    """After a day an origin has its frames with messages alone: it sends these, and says that the rest was nothing."""
    epoch, seq = await kept_and_lost(
        arena, "among heartbeats", "messages = 0 and seq >= 0 and ? >= 0", is_restored=False
    )
    vn = arena["VN"]
    await titled(vn, "among heartbeats")
    found: dict[str, Any] = {}

    async def is_told() -> bool:
        found.update(await peer(vn, "TH"))
        return bool(found["complete"] and ranges_of(found, epoch).get("empty"))

    await eventually(is_told, SOON, lambda: json.dumps(found) + vn.words())
    found = ranges_of(found, epoch)
    assert seq in numbers(found["held"])
    assert seq not in numbers(found["empty"])
    refusals = stores(arena)["VN"].rows("select distinct code from not_sent_again where epoch_id = ?", epoch)
    assert refusals == [("E-RESEND-EMPTY",)]
    assert await check_of(vn, "gaps", "TH") == "ok"


async def test_what_the_origin_lost_is_refused_and_never_shown_as_complete(arena: Arena) -> None:
    epoch, seq = await kept_and_lost(arena, "lost at its origin", "seq >= ?", is_restored=True)
    vn = arena["VN"]
    line = await until(vn, "TH", frames_missing=0, frames_withheld=0, complete=False)
    (lost,) = ranges_of(line, epoch)["lost"]
    assert lost["first"] <= seq <= lost["last"]
    assert lost["code"] == "E-RESEND-GONE"
    assert line["missing"] == line["frames"]["lost"] == lost["last"] - lost["first"] + 1
    assert await check_of(vn, "gaps", "TH") == "warning"
    shown = await suar(vn, "peers", "TH")
    assert f"lost {lost['first']}-{lost['last']} (E-RESEND-GONE" in shown.out, shown
    asked = await suar(vn, "resend", "TH")  # an operator may insist
    assert f"frames {lost['first']}-{lost['last']}" in asked.out, asked
    assert "lost at its origin" not in await vn.titles()


# -- carried files


async def replays(gateway: Running) -> float:
    page = (await gateway.call("GET", "/metrics")).text
    lines = [line for line in page.splitlines() if line.startswith("suar_replays_refused_total{")]
    return sum(float(line.rpartition(" ")[2]) for line in lines)


async def carried(arena: Arena, origin: str, to: str, *options: str) -> dict[str, Any]:
    """Export there, import here, by the commands; what became of it."""
    file = arena.folder / f"{origin}-{to}-{now_ms()}.carried"
    made = await suar(arena[origin], "carry", "export", "-o", str(file), *options)
    assert made.code == 0, made.err
    taken = await suar(arena[to], "carry", "import", str(file), "--json")
    assert taken.code == 0, taken.err
    return {"file": file, **json.loads(taken.out)}


async def test_around_a_cut_line_both_ways_and_nothing_twice_when_it_is_back(arena: Arena) -> None:
    th, sg, vn = arena["TH"], arena["SG"], arena["VN"]
    before = {code: await replays(arena[code]) for code in CODES}
    since = str(now_ms())
    arena.leafs["TH"].refuse()
    try:
        await until(sg, "TH", up=False)
        ids = await th.publish(draft("by hand to all"), draft("by hand to SG", ["SG"]))
        there = await sg.publish(draft("by hand from SG"))
        first = await carried(arena, "TH", "SG", "--to", "SG")
        assert (first["carrier"], first["messages"], first["refused"]) == ("TH", 2, [])
        await titled(sg, "by hand to all", "by hand to SG")
        assert not (await peer(sg, "TH"))["up"]  # what a file says was, is not

        async def is_sealed() -> bool:
            return not stores(arena)["SG"].rows("select 1 from queue where kind = 'receipt'")

        await eventually(is_sealed, SOON, sg.words)
        back = await carried(arena, "SG", "TH", "--to", "TH")
        assert back["messages"] == 1
        await titled(th, "by hand from SG")
        assert [(await th.states(id_))["SG"] for id_ in ids] == ["stored", "stored"]
        assert (await th.states(ids[0]))["VN"] == "sent"
        again = await suar(sg, "carry", "import", str(first["file"]), "--json")
        assert (again.code, json.loads(again.out)["messages"]) == (0, 0)
        for_all = await carried(arena, "TH", "VN")  # made for all: each takes what is for it
        assert for_all["not_for_us"] > 0
        assert for_all["messages"] == 1
    finally:
        arena.leafs["TH"].heal()
    await arena.stored_everywhere("TH", *ids, within=SOON)
    await arena.stored_everywhere("SG", *there, within=SOON)
    for code in CODES:
        for other in CODES:
            if other != code:
                await until(arena[code], other, up=True)
    titles = [await gateway.titles() for gateway in (sg, vn, th)]
    assert [t.count("by hand to all") for t in titles] == [1, 1, 0]
    assert [t.count("by hand to SG") for t in titles] == [1, 0, 0]
    assert [t.count("by hand from SG") for t in titles] == [0, 1, 1]
    assert {code: await replays(arena[code]) for code in CODES} == before
    for gateway in (sg, vn, th):  # SG was told by VN's heartbeat, after VN's file, what it lacked of TH just then
        alarms = await gateway.get("/v1/alarms", params={"since": since})
        assert {alarm["name"] for alarm in alarms} <= {"silence", "gap"}, alarms
        assert {alarm["member"] for alarm in alarms if alarm["name"] == "gap"} <= {"TH"}, alarms
    for code, other in (("SG", "TH"), ("VN", "SG"), ("TH", "SG"), ("TH", "VN")):
        await until(arena[code], other, complete=True)
    last = await carried(arena, "TH", "SG", "--to", "SG", "--everything")  # and once more after the line
    assert (last["messages"], last["refused"]) == (0, [])


async def test_a_file_that_is_altered_foreign_or_cut_short_brings_nothing(arena: Arena, tmp_path: Path) -> None:
    """By the command, and by a hostile caller that mends the sums and talks to the gateway itself."""
    th, sg = arena["TH"], arena["SG"]
    file = tmp_path / "from-th.carried"
    made = await suar(th, "carry", "export", "-o", str(file), "--to", "SG", "--everything")
    assert made.code == 0, made.err
    whole = file.read_bytes()
    before = stores(arena)["SG"].rows("select count(*) from frame")
    for spoiled in (whole[:-1], whole[: len(whole) // 2], whole[:200] + b"\0" + whole[201:], whole[9:], b"", whole * 2):
        file.write_bytes(spoiled)
        taken = await suar(sg, "carry", "import", str(file))
        assert (taken.code, taken.out) == (1, ""), taken
        assert taken.err.startswith("error: "), taken
        assert "is damaged at " in taken.err, taken
    size = int.from_bytes(whole[:4], "big")
    segment = whole[4 : 4 + size]
    altered = segment[:-40] + bytes([segment[-40] ^ 1]) + segment[-39:]
    stranger = random_seed()
    signed = [
        Writing(federation, carrier, "all", kid(public_of(stranger)), signing_key(stranger)).segment(
            [("a.frame.all.0123456789abcdef", bytes(456))], is_last=True
        )[4:-8]
        for federation, carrier in (("elsewhere", "TH"), (FEDERATION, "TH"))
    ]
    for data, code in (
        (altered, "E-CARRIED-SIGNATURE"), (signed[0], "E-CARRIED-FOREIGN"), (signed[1], "E-CARRIED-SIGNER"),
        (b"SUC1", "E-CARRIED-FORM"),
    ):  # fmt: skip
        answer = await sg.call("POST", "/v1/carried", data, headers={"Content-Type": "application/octet-stream"})
        assert (answer.status_code, answer.json()["code"]) == (422, code)
    own = await th.call("POST", "/v1/carried", segment, headers={"Content-Type": "application/octet-stream"})
    assert (own.status_code, own.json()["code"]) == (422, "E-CARRIED-OWN")
    assert stores(arena)["SG"].rows("select count(*) from sample where code = 'E-FRAME-EPOCH'") == [(0,)]
    assert stores(arena)["SG"].rows("select count(*) from frame")[0] >= before[0]  # the line goes on
    file.write_bytes(whole)
    taken = await suar(sg, "carry", "import", str(file), "--json")
    assert (taken.code, json.loads(taken.out)["messages"]) == (0, 0)
