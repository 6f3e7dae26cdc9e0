"""bench/capacity.py: its sizes are those of objects that the code makes, its sums those of a federation that ran."""

import importlib.util
import re
from types import ModuleType

import pytest

from suar.bench.founding import SENDER, Founding, alerts
from suar.protocol.base import subjects
from suar.protocol.transport.admission import admit
from suar.protocol.transport.dispatch import Identity, Sender
from suar.protocol.transport.sending import Outgoing
from support.bundles import ROOT


@pytest.fixture(scope="module")
def capacity() -> ModuleType:
    spec = importlib.util.spec_from_file_location("capacity", ROOT / "bench/capacity.py")
    assert spec
    assert spec.loader
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


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
    (beat,) = sender.heartbeat(world, now + 4)
    (frame,) = sender.prepare(world, "actual", "all", alerts(1, 1), now + 5)
    return [first, beat, frame]


@pytest.mark.parametrize("members", [3, 11, 17, 40])
def test_sizes_are_those_of_real_objects(capacity: ModuleType, members: int) -> None:
    epoch, beat, frame = (len(each.data) for each in sent(members))
    assert capacity.epoch_bytes(members) == pytest.approx(epoch, rel=0.001)
    assert capacity.heartbeat_bytes(members) == beat
    assert frame == capacity.FRAME_OF_ONE
    assert len(Founding(1).bundles[0][1]) == capacity.BUNDLE


@pytest.mark.parametrize(("members", "measured"), [(3, 981), (11, 2_261)])
def test_an_object_of_region_is_as_large_as_it_was_measured(capacity: ModuleType, members: int, measured: int) -> None:
    """A federation that only said that it is there, when every rotation opened an epoch: within a tenth."""
    found = capacity.point(capacity.Load(members, messages=0), capacity.EPOCHS_BEFORE)
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
        members, name = capacity.breaks_at(10.0, realms)
        assert f"at {members} members" in document
        assert name in document
