"""How far a catch-up is: the whole, the shares, the rate; and what a gateway says while its inbox is full."""

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest

from suar.bus import streams
from suar.observe.hooks import Happened, ToCome
from suar.protocol.base.link_names import ONLY_HUB, TWO_HUBS
from suar.service.status import catching_up
from suar.service.status.catching_up import NOTHING, CatchingUp, Progress, bounded, count_missing, held_by_epoch
from support.corekit import CoreKit, bundle_of, epoch_of, frame_of
from support.gateways import Federation, draft, eventually, running
from support.kit import actor, alert, open_sending

SG_TOKEN, VN_TOKEN = "0" * 16, "1" * 16


def subject(code: str, token: str, realm: str = "a") -> str:
    return f"tip.v1.{code}.{realm}.frame.all.{token}"


# -- shares


def test_what_is_missing_is_what_the_stream_has_beyond_ours() -> None:
    counts = {subject("sg", SG_TOKEN): 120, subject("sg", VN_TOKEN): 30, subject("sg", "2" * 16): 7}
    assert (
        count_missing(counts, {SG_TOKEN: 100, VN_TOKEN: None}) == 20 + 7
    )  # not for us; and of an epoch still to come all
    assert count_missing(counts, {SG_TOKEN: 500, VN_TOKEN: 500, "2" * 16: 500}) == 0
    assert count_missing({"tip.v1.sg.a.frame": 9}, {}) == 0


def test_shares_are_together_no_more_than_the_whole() -> None:
    assert bounded({"SG": 10, "VN": 20}, 30) == {"SG": 10, "VN": 20}
    assert bounded({"SG": 10, "VN": 30}, 20) == {"SG": 5, "VN": 15}
    assert bounded({}, 0) == {}


def test_what_we_hold_of_an_epoch(tmp_path: Path) -> None:
    kit = CoreKit(tmp_path / "vn", "VN")
    th = open_sending(actor("TH"), kit.lists)
    kit.receive(*(bundle_of(actor(code)) for code in ("KH", "SG", "TH")), epoch_of(th))
    kit.receive(frame_of(th, alert("TH-ALERT-2027-000001")))
    th.frame(alert("TH-ALERT-2027-000002"))  # it never came
    kit.receive(frame_of(th, alert("TH-ALERT-2027-000003")))
    held = held_by_epoch(kit.core.world.epochs.values())
    assert held == {th.opened.id.hex()[:16]: 2}
    kit.close()


# -- one gateway's numbers


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def numbers(tmp_path: Path) -> Any:
    kit, clock = CoreKit(tmp_path / "vn", "VN"), Clock()
    yield CatchingUp(kit.core, clock), clock, kit
    kit.close()


def inbox(last: int) -> dict[str, Any]:
    return {"state": {"last_seq": last}}


async def test_the_whole_the_rate_and_the_time(numbers: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    progress, clock, kit = numbers
    estimates: list[ToCome] = []
    kit.core.hooks.listen(lambda records: estimates.extend(each for each in records if isinstance(each, ToCome)))
    monkeypatch.setattr(catching_up, "MANY", 10**9)  # no look at the shares: there is no bus here
    await progress.update(None, {ONLY_HUB: inbox(2_000)})
    assert (progress.now.to_come, progress.now.a_second, progress.now.seconds_left) == (2_000, 0.0, None)
    for number in range(100, 1_001, 100):
        progress.record_batch(number, 100)
        clock.now += 0.5
    await progress.update(None, {ONLY_HUB: inbox(3_000)})
    assert progress.now.to_come == 2_000
    assert progress.now.a_second == pytest.approx(180)  # nine hundred in the five seconds since the first
    assert progress.now.seconds_left == pytest.approx(2_000 / 180)
    clock.now += 60
    await progress.update(None, {ONLY_HUB: inbox(3_000)})
    assert progress.now.seconds_left is None  # nothing moves
    progress.record_batch(3_000, 2_000)
    await progress.update(None, {ONLY_HUB: inbox(3_000)})
    now = progress.now
    assert [now.to_come, now.seconds_left] == [0, 0.0]
    assert [record.to_come for record in estimates] == [2_000, 2_000, 2_000, 0]
    await progress.update(None, {ONLY_HUB: inbox(3_000)})
    assert len(estimates) == 4  # nothing to come is said once


async def test_a_stream_that_began_again_and_one_that_cannot_be_queried(numbers: Any) -> None:
    progress, _, _ = numbers
    progress.record_batch(900, 900)
    progress.begin_update([ONLY_HUB])
    await progress.update(None, {ONLY_HUB: inbox(40)})
    assert progress.now.to_come == 40
    await progress.update(None, {})
    assert progress.now.to_come == 40


async def test_what_is_processed_while_the_stream_is_queried_is_not_outstanding(numbers: Any) -> None:
    """A link that stands still is asked for seconds; the other one goes on, beyond what its stream had."""
    progress, _, _ = numbers
    progress.record_batch(900, 900)
    progress.begin_update([ONLY_HUB])
    progress.record_batch(960, 60)
    await progress.update(None, {ONLY_HUB: inbox(940)})
    assert progress.now.to_come == 0


async def test_of_two_hubs_the_one_that_is_further_counts(tmp_path: Path) -> None:
    """What it brought, the other one brings for the second time."""
    kit, (first, second) = CoreKit(tmp_path / "vn", "VN"), TWO_HUBS
    progress = CatchingUp(kit.core, Clock())
    progress.record_batch(900, 900, first)
    progress.record_batch(10, 10, second)
    await progress.update(None, {first: inbox(1_000), second: inbox(1_000)})  # type: ignore[arg-type]  # no bus is asked
    assert progress.now.to_come == 100
    await progress.update(None, {second: inbox(150)})  # type: ignore[arg-type]  # the first one is down
    assert progress.now.to_come == 140
    kit.close()


@pytest.mark.parametrize(
    ("progress", "words"),
    [
        (Progress(to_come=12_345, origins={"SG": 345, "TH": 12_000}, seconds_left=20.4),
         "catching up: 12,345 to come (TH 12,000, SG 345), about 20 s"),
        (Progress(to_come=600, seconds_left=None), "catching up: 600 to come, nothing moves"),
    ],
)  # fmt: skip
def test_a_line_for_people(progress: Progress, words: str) -> None:
    assert progress.in_words() == words
    assert progress.is_catching_up
    assert not NOTHING.is_catching_up


# -- a real inbox that is full


async def _pause(federation: Federation, code: str, until: str) -> None:
    admin = await federation.nats.connect(code, "admin")
    await streams.delete_consumer(admin, f"INBOX_{code}", "gw")
    await streams.ensure_consumer(admin, f"INBOX_{code}", streams.gw() | ({"pause_until": until} if until else {}))
    await admin.close()


async def test_a_gateway_says_what_is_to_come_by_origin_and_when_it_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path, "SG", "TH", "VN") as federation:
        sg = federation["SG"]
        sg.end()
        for code, count in (("TH", 200), ("VN", 20)):
            for number in range(count):  # a frame each, as single messages are
                await federation[code].publish(draft(f"{code} {number}"))
        await _pause(federation, "SG", "2100-01-01T00:00:00Z")
        await sg.start_and_wait()

        async def is_reported() -> bool:
            found = (await sg.get("/v1/progress"))["origins"]
            return bool(found.get("TH", 0) > 150 and found.get("VN", 0) > 10)

        await eventually(is_reported, 120, sg.words)
        found = await sg.get("/v1/progress")
        assert found["catching_up"]
        assert found["to_come"] >= 220
        assert found["text"].startswith("catching up:")
        assert found["seconds_left"] is None
        assert 0 < found["origins"]["VN"] < found["origins"]["TH"]
        assert (await sg.get("/readyz"))["to_come"] >= found["to_come"], "heartbeats of the others come meanwhile"
        page = (await sg.call("GET", "/metrics")).text
        assert 'suar_frames_to_come{origin="TH"}' in page
        [to_come] = re.findall(r"^suar_inbox_to_come (\S+)$", page, re.MULTILINE)
        assert float(to_come) >= 220, "more, the longer the others took to publish"
        assert {line["member"]: line["to_come"] > 0 for line in await sg.get("/v1/peers")} == {"TH": True, "VN": True}
        await _pause(federation, "SG", "")

        async def is_done() -> bool:
            now = await sg.get("/v1/progress")
            return now["to_come"] == 0 and not now["origins"] and now["seconds_left"] == 0

        await eventually(is_done, 120, sg.words)
        await eventually(lambda: _all_here(sg, 220), 120)
        assert sg.events("caught_up")


async def _all_here(sg: Any, count: int) -> bool:
    return len(await sg.inbox()) == count


def test_the_record_is_no_event_of_the_log(numbers: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """It comes each second: gauges take it, the log has a line every ten seconds."""
    monkeypatch.setattr(catching_up, "DETAIL_EVERY", 1e12)  # no bus is there to be asked for the shares
    progress, clock, kit = numbers
    lines: list[Happened] = []
    kit.core.hooks.listen(lambda records: lines.extend(each for each in records if isinstance(each, Happened)))

    async def update_all() -> None:
        for last in range(10_000, 10_030):
            await progress.update(None, {ONLY_HUB: inbox(last)})
            clock.now += 1.0
        progress.record_batch(10_029, 10_029)
        await progress.update(None, {ONLY_HUB: inbox(10_029)})

    asyncio.run(update_all())
    assert [line.event for line in lines] == ["catching_up"] * 3 + ["caught_up"]
