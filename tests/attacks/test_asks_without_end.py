"""A member asks for the same frames again and again: 6 kB of receipts `missing` had others send 400 MiB.

It has its state folder, its passphrase and its NATS user; its gateway is stopped. Before, each question had the whole
range published once more, until the OUTBOX of who answered was full (`discard: new`, `deny_purge`): mute for weeks. Now
a member has so many bytes a day sent again (docs/bounds.md) and is then refused once, and nothing is sent again into a
stream that is half full. Set small: SG's bytes a day (1 MiB, the least that an operator can set), TH's OUTBOX (2 MiB),
and the time in which both streams drop a copy (1 s), so that a round takes seven seconds and not two minutes.
"""

from __future__ import annotations

import asyncio
import itertools
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Final

import pytest

from suar.bus import streams
from suar.bus.jsapi import call
from suar.demo.story.adversary import Thief
from suar.protocol.base.primitives import ACTUAL
from suar.protocol.message.kinds import Entry
from suar.service.process import offline
from suar.service.receipts import receipts
from suar.service.receipts.receipts import EVERY_FRAME
from support.gateways import PASSPHRASE, Federation, Running, draft, eventually

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from suar.service.core.core import Core

pytestmark = [pytest.mark.slow]

MIB: Final = 1024 * 1024
SMALL: Final = 2 * MIB  # TH's OUTBOX
A_DAY: Final = MIB  # SG's bytes
BY: Final = "VN"
CONTENT: Final = {"TH": 200, "SG": 300}  # messages of 1.5 kB


@pytest.fixture
async def federation(tmp_path: Path) -> AsyncIterator[Federation]:
    made = Federation(tmp_path, ("SG", "TH", BY))
    made["SG"].environ["SUAR_LIMITS__SENT_AGAIN_BYTES_A_DAY"] = str(A_DAY)
    try:
        await made.start()
        yield made
    finally:
        await made.stop()


async def with_small_bounds(federation: Federation) -> None:
    for code in CONTENT:
        admin, name = federation.nats.members[code].admin, f"OUTBOX_{code}"
        config = await streams.stream_config(admin, name) or {}
        limit = SMALL if code == "TH" else config["max_bytes"]
        changed = {**config, "duplicate_window": 1_000_000_000, "max_bytes": limit}
        await call(admin, f"STREAM.UPDATE.{name}", changed)


async def held(federation: Federation, code: str) -> int:
    info = await call(federation.nats.members[code].admin, f"STREAM.INFO.OUTBOX_{code}")
    return int(info["state"]["bytes"])


def question(core: Core, thief: Thief, member: str, second: int) -> bytes:
    """Everything of the member's newest epoch to all is missing; of another second, so that it is another receipt."""
    entry = Entry(epoch=thief.epoch_of(member).id.hex(), first=0, last=EVERY_FRAME)
    return receipts.make_receipt(BY, ACTUAL, "missing", [entry], core.clock() + second * 1000)


def is_over(gateway: Running) -> bool:
    return bool(gateway.events("asked_too_much"))


async def test_it_is_refused_once_and_the_others_are_not_mute(federation: Federation) -> None:
    await with_small_bounds(federation)
    for code, count in CONTENT.items():
        long = {"lang": "en", "summary": "Recruiters promise office work. " * 24}
        ids = await federation[code].publish(*(draft("", text=[long | {"title": f"long {n}"}]) for n in range(count)))
        await federation.stored_everywhere(code, ids[-1], within=120)
    before = {code: await held(federation, code) for code in CONTENT}
    assert 0 < before["TH"] < SMALL // 4
    federation[BY].end()
    with offline.open_offline(federation[BY].folder, PASSPHRASE) as core:
        thief = Thief(core, await federation.nats.connect(BY, "gateway"))
        for n in itertools.count():
            for code in CONTENT:
                requested = question(core, thief, code, n)
                await thief.send(core.sender.prepare(core.world, ACTUAL, code, [requested], core.clock()))
            is_full = (
                await held(federation, "TH") > SMALL * 0.9 or await held(federation, "SG") > before["SG"] + 2 * A_DAY
            )
            if is_full or all(is_over(federation[code]) for code in CONTENT):
                break
            await asyncio.sleep(1)

    assert await held(federation, "TH") < SMALL * 0.6  # half, and what was new meanwhile
    assert await held(federation, "SG") < before["SG"] + A_DAY * 1.2
    for code, refusal in (("TH", "E-RESEND-FULL"), ("SG", "E-RESEND-LIMIT")):
        (id_,) = await federation[code].publish(draft("not mute"))
        other = "SG" if code == "TH" else "TH"

        async def is_stored(code: str = code, id_: str = id_, other: str = other) -> bool:
            return (await federation[code].states(id_))[other] == "stored"

        await eventually(is_stored, 120, federation[code].words)
        assert await refusals(federation[code]) == [refusal]
    checks = {line["id"]: line for line in (await federation["TH"].get("/v1/checks"))["checks"]}
    assert checks["outbox-room"]["status"] in ("ok", "warning")


async def refusals(gateway: Running) -> list[str]:
    """What it answered to questions that it did not serve, as its own record of questions has it."""
    with closing(sqlite3.connect(gateway.folder / "suar.db", timeout=10)) as store:
        return [answer for (answer,) in store.execute("select answer from asked_of_us where answer like 'E-%'")]
