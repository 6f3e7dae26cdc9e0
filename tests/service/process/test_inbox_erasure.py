"""Copies of recalled frames in INBOX: each is deleted, also one that comes while others are being deleted."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from suar.bus import history, jsapi
from suar.bus.history import Extent
from suar.bus.jsapi import Stored
from suar.service.process.background.loop_inbox_erasure import InboxErasure
from support.corekit import CoreKit, epoch_of, frame_of, rows
from support.kit import actor, alert, open_sending


class Inbox:
    """A stream of the own server, all of it acknowledged unless `acknowledged` says otherwise."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.held: dict[int, tuple[str, bytes]] = {}
        self.last = 0
        self.acknowledged: int | None = None
        self.on_delete: Callable[[], None] = lambda: None
        monkeypatch.setattr(history, "extent", self.extent)
        monkeypatch.setattr(history, "acknowledged", self.floor)
        monkeypatch.setattr(jsapi, "next_for_subject", self.next_for_subject)
        monkeypatch.setattr(jsapi, "delete_message", self.delete)

    def add(self, subject: str, data: bytes) -> None:
        self.last += 1
        self.held[self.last] = (subject, data)

    async def extent(self, *_: object) -> Extent:
        return Extent(1, self.last)

    async def floor(self, *_: object) -> int:
        return self.last if self.acknowledged is None else self.acknowledged

    async def next_for_subject(self, _bus: object, _stream: str, subject: str, seq: int) -> Stored | None:
        found = [n for n in sorted(self.held) if n >= seq and self.held[n][0] == subject]
        return Stored(subject, found[0], self.held[found[0]][1], "") if found else None

    async def delete(self, _bus: object, _stream: str, seq: int) -> bool:
        del self.held[seq]
        self.on_delete()
        return True


class Erasing:
    """SG's core behind that stream, and what deletes from it."""

    def __init__(self, kit: CoreKit, inbox: Inbox) -> None:
        self.kit, self.inbox = kit, inbox
        run: Any = SimpleNamespace(core=kit.unlent, bus=None, log_fault=lambda *_, **__: None)
        self.loop = InboxErasure(run)

    def deliver(self, *objects: tuple[str, bytes]) -> None:
        for each in objects:
            self.inbox.add(*each)
        self.kit.receive(*objects)

    def is_all_done(self) -> bool:
        return rows(self.kit, "select count(*) from inbox_erasure") == [(0,)]


@pytest.fixture
def erasing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    kit = CoreKit(tmp_path / "sg", "SG")
    kit.receive_bundles()
    yield Erasing(kit, Inbox(monkeypatch))
    kit.close()


def recalled(erasing: Erasing) -> tuple[str, bytes]:
    """TH published a message and recalled it; returns its frame."""
    th = open_sending(actor("TH"), erasing.kit.lists)
    frame = frame_of(th, alert("TH-ALERT-2027-000001"))
    cancel = alert("TH-ALERT-2027-000001", rev=2, action="cancel", reason="mistake")
    erasing.deliver(epoch_of(th), frame, frame_of(th, cancel))
    return frame


async def test_a_recalled_frame_and_each_later_copy_of_it_are_deleted(erasing: Erasing) -> None:
    """A hub that brings it again puts back nothing: 14,001 copies stayed for 30 days."""
    frame = recalled(erasing)
    await erasing.loop.run_once()
    assert frame not in erasing.inbox.held.values()
    erasing.deliver(*[frame] * 3)
    await erasing.loop.run_once()
    assert frame not in erasing.inbox.held.values()
    assert len(erasing.inbox.held) == 2, "the epoch and the cancel stay"
    assert erasing.is_all_done()


async def test_a_frame_that_came_with_its_epoch_and_its_cancel_is_deleted(erasing: Erasing) -> None:
    """As after an outage: in one transaction, in which the epoch has no row yet."""
    frame = recalled(erasing)
    assert rows(erasing.kit, "select subject from inbox_erasure") == [(frame[0],)]


async def test_a_copy_that_comes_while_others_are_deleted_is_deleted_by_the_next_look(erasing: Erasing) -> None:
    frame = recalled(erasing)

    def once_more() -> None:
        erasing.inbox.on_delete = lambda: None
        erasing.deliver(frame)

    erasing.inbox.on_delete = once_more
    await erasing.loop.run_once()
    assert frame in erasing.inbox.held.values(), "it came behind what was looked at"
    assert not erasing.is_all_done()
    await erasing.loop.run_once()
    assert frame not in erasing.inbox.held.values()
    assert erasing.is_all_done()


async def test_a_copy_that_was_judged_and_not_acknowledged_yet_is_waited_for(erasing: Erasing) -> None:
    """Until then the consumer may have to deliver it again, so nothing is deleted and nothing forgotten."""
    frame = recalled(erasing)
    erasing.inbox.acknowledged = erasing.inbox.last - 1
    await erasing.loop.run_once()
    erasing.deliver(frame)
    erasing.inbox.acknowledged = erasing.inbox.last - 1
    await erasing.loop.run_once()
    assert not erasing.is_all_done()
    erasing.inbox.acknowledged = None
    await erasing.loop.run_once()
    assert frame not in erasing.inbox.held.values()
    assert erasing.is_all_done()
