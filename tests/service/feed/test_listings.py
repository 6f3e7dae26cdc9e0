"""Whatever is listed is read beside the core: it is answered while the writer's transaction is held open."""

import asyncio
import contextlib
import inspect
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from suar.protocol.base.errors import Fault
from suar.protocol.files.carried import MAGIC
from suar.service.access.tokens import check as wish
from suar.service.custody import holds
from suar.service.exercises import drill
from suar.service.feed.collections import StixPosition, Wanted
from suar.service.feed.current import CurrentSelection
from suar.service.feed.feed import next_page
from suar.service.feed.positions import FeedSelection, latest_position
from suar.service.pacing.wake import Wake
from suar.service.process.gateway import Gateway
from suar.service.publish import accepting, held
from suar.service.reading import containing, evidence
from suar.service.reading.verdict import Verdict
from suar.service.status import waiting_for
from suar.store.engine.database import Database
from support import hostile_drafts as hostile
from support.gateways import draft
from support.held_writer import WITHIN, held_open
from support.kit import NOW
from support.pairs import EXPIRES, Two, new

PLAN = drill.Plan(drafts=[new("a drill", status="exercise")], name="border")


class Desk:
    """TH's gateway without a bus, with something to list of everything; `ids` of one message of each kind of place."""

    def __init__(self, two: Two) -> None:
        self.two, self.kit = two, two.th
        self.ids: dict[str, str] = {}
        self.gateway: Gateway

    async def begin(self) -> None:
        """Messages out and in, one that waits, a drill, a token, an alarm."""
        self.kit.aside(self._fill)
        self.gateway = Gateway(self.kit.unlent, Wake())
        await self.gateway.tokens_add(wish("police", ["read"], []), "admin")
        await self.gateway.audit(0, 10, "auditor")

    def _fill(self) -> None:
        two, core = self.two, self.kit.core
        (self.ids["own"],) = two.publish(new("ours"))
        two.to_sg()
        two.to_th()
        made = accepting.accept(
            two.sg.core,
            [(json.dumps(draft("theirs", ["TH"], expires=EXPIRES)).encode(), None)],
            realm="actual",
            token="d",
        )
        self.ids["theirs"] = str(made[0].id)
        self.kit.receive(*two.leave(two.sg))
        grave = json.dumps(new("it waits", severity="extreme")).encode()
        (waits,) = accepting.accept(core, [(grave, None)], realm="actual", token="publisher")
        assert waits.verdict == "held"
        self.ids["waits"] = str(waits.id)
        drill.start(core, PLAN, "desk")

    def writing(self) -> contextlib.AbstractAsyncContextManager[None]:
        """The core's thread stands in the midst of a transaction that has written something."""
        return held_open(self.kit.unlent)


@pytest_asyncio.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    made = Desk(Two(tmp_path))
    await made.begin()
    yield made
    made.two.th.close()
    made.two.sg.close()


async def _carried(desk: Desk) -> Any:
    """What is in a carried file, but for its beginning, which is noted."""
    return await desk.gateway.core.run_read_only(desk.export.next)  # type: ignore[attr-defined]  # the export is one by its shape


async def _fed(desk: Desk) -> Any:
    core = desk.kit.unlent
    position = await core.run_read_only(latest_position, core)
    before = msgspec.structs.replace(position, lanes=(0,) * len(position.lanes))
    return [
        event.data for event in (await core.run_read_only(next_page, core, FeedSelection(), before)).events
    ]  # names are never alike


def _on_reader(function: Callable[..., Any], *more: Any) -> Callable[[Desk], Awaitable[Any]]:
    async def run_reading(desk: Desk) -> Any:
        core = desk.kit.unlent
        return await core.run_read_only(function, core, *(each(desk) if callable(each) else each for each in more))

    return run_reading


LISTINGS: dict[str, Callable[[Desk], Awaitable[Any]]] = {
    "messages": lambda desk: desk.gateway.messages(),
    "audit_length": lambda desk: desk.gateway.audit_length(),
    "messages by urgency": lambda desk: desk.gateway.messages(order="urgency", state="current", after=0),
    "messages of ours": lambda desk: desk.gateway.messages(origin="TH"),
    "message": lambda desk: desk.gateway.message(desk.ids["theirs"]),
    "content": lambda desk: desk.gateway.content(desk.ids["theirs"]),
    "evidence": _on_reader(evidence.export, lambda desk: desk.ids["theirs"], None),
    "holds": _on_reader(holds.listed),
    "trust_file": _on_reader(containing.export_trust),
    "deliveries": lambda desk: desk.gateway.deliveries(desk.ids["own"]),
    "deliveries of what waits": lambda desk: desk.gateway.deliveries(desk.ids["waits"]),
    "why, of ours": lambda desk: desk.gateway.why(desk.ids["own"], "SG"),
    "why, of others": lambda desk: desk.gateway.why(desk.ids["theirs"], "TH"),
    "drills": lambda desk: desk.gateway.drills(),
    "drill_report": lambda desk: desk.gateway.drill_report("border"),
    "held": _on_reader(held.list_held),
    "trust": lambda desk: desk.gateway.trust(),
    "keys": lambda desk: desk.gateway.keys(),
    "snapshot": lambda desk: desk.gateway.snapshot(),
    "peers": lambda desk: desk.gateway.peers(),
    "alarms": lambda desk: desk.gateway.alarms(),
    "audit": lambda desk: desk.gateway.audit(1, 10, "auditor"),
    "commitments": lambda desk: desk.gateway.commitments("SG", 1, 10, "auditor"),
    "current": lambda desk: desk.gateway.current(CurrentSelection("alert"), 0, shown_to=None),
    "current_one": lambda desk: desk.gateway.current_one(
        CurrentSelection("alert"), desk.ids["theirs"], shown_to=None
    ),
    "stix_page": lambda desk: desk.gateway.stix_page(
        CurrentSelection("alert"), Wanted(), StixPosition(), 10, shown_to=None
    ),
    "agencies_with_text": lambda desk: desk.gateway.agencies_with_text(desk.ids["theirs"]),
    "tokens": lambda desk: desk.gateway.tokens_list(),
    "check": lambda desk: desk.gateway.check(_short(), realm="actual"),
    "feed": _fed,
    "what a message waits for": _on_reader(
        waiting_for.with_causes, lambda desk: desk.gateway.ready.process_state,
        lambda desk: [Verdict(desk.ids["own"], 1, "published", is_replayed=True)],
    ),
}  # fmt: skip
MAY_BE_EMPTY = {"alarms", "holds"}


def _short() -> bytes:
    return hostile.written(hostile.draft("alert-new-route", "TH", NOW))


@pytest.mark.parametrize("name", LISTINGS)
async def test_it_is_listed_while_a_transaction_is_open(desk: Desk, name: str) -> None:
    expected = await LISTINGS[name](desk)
    async with desk.writing():
        found = await asyncio.wait_for(LISTINGS[name](desk), WITHIN)
    assert found == expected
    assert found or name in MAY_BE_EMPTY


async def test_a_carried_file_is_read_while_a_transaction_is_open(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Database, "is_leading", True)  # nothing renews the lease of this store
    segments = await desk.gateway.carry_out("SG", "desk", everything=True)
    async with desk.writing():
        found = await asyncio.wait_for(anext(segments), WITHIN)
    assert found[4:8] == MAGIC


async def test_no_carried_file_leaves_while_the_lease_is_stale(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other gateway of a pair may lead by then: neither is a file begun, nor does the rest of one follow."""
    monkeypatch.setattr(Database, "is_leading", True)
    begun = await desk.gateway.carry_out("SG", "desk", everything=True)
    monkeypatch.setattr(Database, "is_leading", False)
    with pytest.raises(Fault, match="lease"):
        await anext(begun)
    with pytest.raises(Fault, match="lease"):
        await desk.gateway.carry_out("SG", "desk", everything=True)
    lines = (await desk.gateway.audit(1, 100, "auditor"))["lines"]
    assert [each["what"] for each in lines].count("carry-export") == 1


async def test_a_reader_of_a_message_is_recorded_before_it_is_served(desk: Desk) -> None:
    """The reading needs no writer, the note does: nobody has the message before that is on disk."""
    async with desk.writing():
        task = asyncio.create_task(desk.gateway.message(desk.ids["theirs"], opened_by="analyst", is_person=True))
        exported = asyncio.create_task(desk.gateway.content(desk.ids["theirs"], opened_by="analyst"))
        proved = asyncio.create_task(desk.gateway.evidence(desk.ids["theirs"], rev=None, exported_by="analyst"))
        shown = asyncio.create_task(desk.gateway.held("approver"))
        listed = asyncio.create_task(desk.gateway.messages(shown_to="analyst"))
        answers = (task, exported, proved, shown, listed)
        await asyncio.sleep(0)  # each has asked the reader's thread
        await desk.gateway.messages()  # which takes one after the other
        await asyncio.sleep(0)
        assert [each.done() for each in answers] == [False] * 5
    assert all(await asyncio.gather(*answers))
    lines = (await desk.gateway.audit(1, 100, "auditor"))["lines"]
    id_ = desk.ids["theirs"]
    assert {(each["who"], each["what"], each["about"]) for each in lines} >= {
        ("analyst", "open", f"{id_} 1"), ("analyst", "export", f"{id_} 1"), ("analyst", "evidence", f"{id_} 1"),
        ("approver", "held", desk.ids["waits"]), ("analyst", "list", f"{id_} 1"),
    }  # fmt: skip


CHANGES = {
    "open", "close", "publish", "publish_batch", "record_receipt", "cancel", "drill_start", "release",
    "release_alone", "reject", "import_list", "rotate_keys", "compromised", "acknowledge_alarm", "reset_clock",
    "replay_nats", "resend", "carry_in", "tokens_add", "tokens_claim", "tokens_revoke",
    "note_current", "note_shown",
}  # fmt: skip
ELSEWHERE = {"carry_out": "a test of its own", "open_feed": "feed", "tokens_list": "tokens", "container": "evidence"}


def test_nothing_that_lists_is_left_out() -> None:
    """Every coroutine of a gateway changes something, or stands above."""
    methods = {name for name, each in vars(Gateway).items() if inspect.iscoroutinefunction(each) and name[0] != "_"}
    listed = {name.partition(",")[0] for name in LISTINGS}
    assert methods - CHANGES - set(ELSEWHERE) <= listed
    assert {each for each in ELSEWHERE.values() if " " not in each} <= listed
