"""bench/capacity.py: its sizes are those of objects that the code makes, its sums those of a federation that ran."""

import importlib
import re
from types import ModuleType

import pytest

from suar.bench.founding import RECEIVER, SENDER, Founding, alerts
from suar.bus.ingest import MIB
from suar.protocol.base import subjects
from suar.protocol.message.kinds import Entry
from suar.protocol.transport.admission import admit
from suar.protocol.transport.sender import Identity, Sender
from suar.protocol.transport.sending import Outgoing
from suar.protocol.transport.world import World
from suar.service.receipts.receipts import StatementDetails, make_receipt
from support.bundles import ROOT


@pytest.fixture
def capacity(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(ROOT / "bench")
    return importlib.import_module("capacity")


def sent(members: int) -> list[Outgoing]:
    """An epoch, a heartbeat that names everybody, another one, and a frame with one message of 1 KB."""
    founding = Founding(members - 1)
    world, now = founding.world(SENDER), founding.now
    for code in founding.members.keys() - {SENDER}:
        other = Sender(Identity(founding.members[code].identity))
        for each in other.heartbeat(founding.world(code), now + 1):
            assert admit(world, subjects.hub(code, each.subject), each.data, now + 2).result == "ok"
    sender = founding.sender()
    first, _ = sender.heartbeat(world, now + 3)
    (beat,) = sender.heartbeat(world, now + 4, commit=lambda _: bytes(32))
    (frame,) = sender.prepare(world, "actual", "all", alerts(1, 1), now + 5)
    return [first, beat, frame, *stated(sender, world, now + 6)]


def stated(sender: Sender, world: World, now: int) -> list[Outgoing]:
    """The epoch of one member's channel, two statements about a frame in it, and its end."""
    about = [Entry(frame=bytes(32).hex())]
    details = StatementDetails(role="focal-point")
    stored = make_receipt(SENDER, "actual", "stored", about, now)
    opened = make_receipt(SENDER, "actual", "opened", about, now, details=details)
    first = sender.prepare(world, "actual", RECEIVER, [stored], now)
    second = sender.prepare(world, "actual", RECEIVER, [opened], now)
    return [*first, *second, *sender.close(world, "actual", RECEIVER, now)]


@pytest.mark.parametrize("members", [3, 11, 17, 40])
def test_sizes_are_those_of_real_objects(capacity: ModuleType, members: int) -> None:
    epoch, beat, frame, bilateral, stored, opened, closing = (len(each.data) for each in sent(members))
    assert capacity.epoch_bytes(members) == pytest.approx(epoch, rel=0.001)
    assert capacity.heartbeat_bytes(members) == beat
    assert frame == capacity.FRAME_OF_ONE
    assert capacity.epoch_bytes(2) == pytest.approx(bilateral, rel=0.001)
    assert (stored, opened, closing) == (
        capacity.RECEIPT_FRAME, capacity.STATEMENT_FRAME, capacity.CLOSING_FRAME,
    )  # fmt: skip
    assert len(Founding(1).bundles[0][1]) == capacity.BUNDLE


@pytest.mark.parametrize(("members", "measured"), [(3, 981), (11, 2_261)])
def test_an_object_of_region_is_as_large_as_it_was_measured(capacity: ModuleType, members: int, measured: int) -> None:
    """A federation that only said that it is there, when every rotation opened an epoch and no heartbeat committed its
    sender to an audit log: within a tenth.
    """
    found = capacity.point(capacity.Load(members, messages=0), capacity.EPOCHS_BEFORE, commitment=0)
    assert found.object_ == pytest.approx(measured, rel=0.1)


def test_the_hub_computes_for_a_heartbeat_to_ten_what_was_measured(capacity: ModuleType) -> None:
    found = capacity.point(capacity.Load(11, messages=0))
    beats = 11 * capacity.HEARTBEATS / capacity.DAY_SECONDS
    assert found.hub_cpu / beats * 1000 == pytest.approx(4.7, rel=0.25)


def test_more_members_and_messages_use_more_of_every_limit(capacity: ModuleType) -> None:
    small, large = capacity.parts(capacity.Load(11)), capacity.parts(capacity.Load(50, messages=100))
    assert all(small[name] < large[name] for name in small)
    assert all(0 < part < 1 for part in small.values()), "the federation of today is within every limit"


def test_the_document_says_what_the_formula_says(capacity: ModuleType) -> None:
    document = (ROOT / "docs/capacity.md").read_text()
    for members in (3, 11, 50, 100, 200):
        found = capacity.point(capacity.Load(members))
        name, part = capacity.first_limit(capacity.Load(members))
        row = re.search(rf"^\| {members} \|.*$", document, re.MULTILINE)
        assert row
        assert [cell.strip() for cell in row[0].strip("|").split("|")] == [
            str(members), f"{found.heartbeat:,}", f"{found.epoch:,}", f"{found.region / 2**30:.1f}",
            f"{found.hub_mbit:.2f}", f"{found.hub_cpu:.2f}", f"{part:.0%} of {name}",
        ]  # fmt: skip
    for realms in (1, 2):
        for outbox in (512, 1024):
            members, name = capacity.breaks_at(capacity.Load(2, realms=realms), outbox * MIB)
            assert f"at {members} members" in document
            assert name in document
