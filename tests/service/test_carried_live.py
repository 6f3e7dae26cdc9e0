"""Carried files between real servers and gateways, by the commands: around a cut line, and hostile ones."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import pytest
import pytest_asyncio

from chaos.arena import Arena
from chaos.skipped import skipped
from chaos.stores import stores
from suar.protocol.base.primitives import kid, public_of, random_seed, signing_key
from suar.protocol.files.carried import SegmentWriter
from support.gateways import AGAIN, FEDERATION, Running, draft, eventually, now_ms
from support.live import SOON, peer, suar, titled, until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.asyncio(loop_scope="module"),
]

CODES: Final = ("SG", "TH", "VN")  # TH's line is cut


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def arena(tmp_path_factory: pytest.TempPathFactory, each_store: str) -> AsyncIterator[Arena]:
    """What is asked for while a line is cut is sent again two minutes later, and so after the end of these tests."""
    async with Arena(tmp_path_factory.mktemp("carried"), CODES, 1.0, is_watched=False) as made:
        yield made


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
    known = {code: len(stores(arena)[code].alarms()) for code in CODES}
    await until(sg, "TH", up=True)  # else it is not up before it was ever heard, and then what is on its way comes
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
    await arena.stored_everywhere("TH", *ids, within=AGAIN)
    await arena.stored_everywhere("SG", *there, within=AGAIN)
    for code in CODES:
        for other in CODES:
            if other != code:
                await until(arena[code], other, up=True)
    titles = [await gateway.titles() for gateway in (sg, vn, th)]
    assert [t.count("by hand to all") for t in titles] == [1, 1, 0]
    assert [t.count("by hand to SG") for t in titles] == [1, 0, 0]
    assert [t.count("by hand from SG") for t in titles] == [0, 1, 1]
    left = await skipped(arena)
    if not len(left):  # else what the servers passed over leaves once more, to all
        assert {code: await replays(arena[code]) for code in CODES} == before
    for code in CODES:  # VN's heartbeat, after VN's file, claimed at SG what SG lacked of TH just then
        raised = [each for each in stores(arena)[code].alarms()[known[code] :] if not left.explains(each, code)]
        alarms = {(each.name, each.member) for each in raised if each.name != "silence"}
        assert alarms <= {("gap", code) for code in CODES}, raised  # each names who says it
    for code, other in (("SG", "TH"), ("VN", "SG"), ("TH", "SG"), ("TH", "VN")):
        await until(arena[code], other, within=AGAIN, complete=True)
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
        SegmentWriter(federation, carrier, "all", kid(public_of(stranger)), signing_key(stranger)).segment(
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
