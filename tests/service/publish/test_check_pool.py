"""Drafts are looked through on threads beside the core, each caller in its turn; the core asks for what is known."""

import asyncio
import json
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import AsyncMock

import pytest

from suar.protocol.privacy import verdict
from suar.protocol.privacy.memo import NEW_TEXT_MAX, Memo, Unprepared
from suar.protocol.privacy.proof.draws import Draw
from suar.protocol.privacy.tables import coarser
from suar.protocol.privacy.tables import protecting as tables
from suar.service.access.tokens import TokenRequest
from suar.service.core import core
from suar.service.pacing.wake import Wake
from suar.service.process.gateway import Gateway
from suar.service.publish import accepting, checking, draft_check_pool
from suar.service.publish.accepting import Ready
from suar.service.publish.draft_check_pool import DraftCheckPool, QueueFull
from support import hostile_drafts as hostile
from support.corekit import CoreKit, core_with_bundles
from support.kit import NOW
from support.patience import PATIENCE

PASSES = 9_000  # a count of a table whose proof is not held up


@pytest.fixture(autouse=True)
def nothing_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verdict, "TEXT_MARKS", Memo(4_096))
    monkeypatch.setattr(verdict, "PROTECTED_TABLES", Memo(16_000))


def long(turn: int = 0) -> bytes:
    """A pattern with more text than the core looks through itself, which passes."""
    notes = [{"code": "joint-inspection", "note": f"{turn} {at} " + "word " * 35} for at in range(20)]
    return json.dumps(hostile.draft("pattern-seafood-debt", "TH", NOW, counter=notes)).encode()


def table(value: int, **changes: Any) -> bytes:
    tree = hostile.draft("trend-detected-by-sex", "TH", NOW, **changes)
    women, men, total = tree["obs"]
    tree["obs"] = [women | {"value": value}, men | {"value": value + 1}, total | {"value": 2 * value + 1}]
    return json.dumps(tree).encode()


def accept(kit: CoreKit, *drafts: bytes, **options: Any) -> list[str]:
    verdicts = accepting.accept(kit.core, [(data, None) for data in drafts], realm="actual", token="desk", **options)
    return [each.verdict for each in verdicts]


@pytest.fixture
def own(tmp_path: Path) -> Iterator[CoreKit]:
    with core_with_bundles(tmp_path / "th", "TH") as made:
        yield made


@pytest.fixture
def running(own: CoreKit) -> CoreKit:
    """A core as it is in a running gateway."""
    own.core.enable_draft_checks()
    return own


def test_the_core_looks_through_no_long_text_and_no_table(running: CoreKit) -> None:
    for draft in (long(), table(1_000)):
        with pytest.raises(Unprepared):
            accept(running, draft)
        checking.prepare_drafts(running.core, [draft], "actual")
        assert accept(running, draft) == ["published"]


def test_what_is_short_needs_no_look_beforehand(running: CoreKit) -> None:
    draft = hostile.written(hostile.draft("alert-new-route", "TH", NOW))
    assert len(draft) < NEW_TEXT_MAX
    assert accept(running, draft) == ["published"]


def test_a_batch_ends_before_what_was_not_looked_through(running: CoreKit) -> None:
    short = hostile.written(hostile.draft("alert-new-route", "TH", NOW))
    assert accept(running, short, long(), short, ready=Ready(NOW, [None] * 3, [None] * 3)) == ["published"]


def test_a_table_that_followed_another_is_looked_through_again(running: CoreKit) -> None:
    """What was released meanwhile is compared with: the first look says nothing of it."""
    first, second = table(1_000), table(2_000)
    checking.prepare_drafts(running.core, [first], "actual")
    checking.prepare_drafts(running.core, [second], "actual")
    assert accept(running, first) == ["published"]
    with pytest.raises(Unprepared):
        accept(running, second)


def test_what_was_found_under_another_key_is_not_looked_up(running: CoreKit) -> None:
    """The table is kept by the draw too: what `check-message` or another gateway found says nothing here."""
    draft = table(1_000)
    key, running.core.draw = running.core.draw, Draw()
    checking.prepare_drafts(running.core, [draft], "actual")
    running.core.draw = key
    with pytest.raises(Unprepared):
        accept(running, draft)


def test_the_gate_is_called_with_the_key_of_the_gateway(own: CoreKit, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[Draw] = []
    protect = tables.protect

    def watched(trend: Any, k: int, released: Any, draw: Draw) -> Any:
        calls.append(draw)
        return protect(trend, k, released, draw)

    monkeypatch.setattr(verdict, "protect", watched)
    assert checking.check(own.core, table(1_000), "actual")["verdict"] == "pass"
    assert [draw.name for draw in calls] == [Draw(own.keyring.gate_key).name] != [Draw().name]


def test_drafts_of_one_transaction_are_known_one_after_the_other(running: CoreKit) -> None:
    drafts = [table(1_000), table(2_000)]
    checking.prepare_drafts(running.core, drafts, "actual")
    accept(running, *drafts)


async def test_the_thread_of_the_core_looks_through_nothing(own: CoreKit, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    marks, protect = verdict.marks, tables.protect

    def watched(made: Any) -> Any:
        def call(*args: Any) -> Any:
            seen.append(threading.current_thread().name)
            return made(*args)

        return call

    monkeypatch.setattr(verdict, "marks", watched(marks))
    monkeypatch.setattr(verdict, "protect", watched(protect))
    own.now -= 2 * 86_400_000  # 13 January: revisions of tables may leave
    gateway = Gateway(own.core, Wake())
    monkeypatch.setattr(gateway.ready, "wait_until_accepting", AsyncMock())
    drafts = [long(turn) for turn in range(4)] + [
        table(1_000),
        table(2_000),
        hostile.written(hostile.costly("TH", 0, NOW)),
    ]
    verdicts = await gateway.publish_batch(drafts, realm="actual", token="desk")
    assert [each.verdict for each in verdicts] == ["published"] * 6 + ["refused"]
    assert (await gateway.check(long(9), realm="actual", token="desk"))["verdict"] == "pass"
    single = await gateway.publish(table(3_000), realm="actual", key=None, token="desk")
    assert single.verdict == "published"
    assert seen
    assert {name.partition("_")[0] for name in seen} == {"check"}


@pytest.fixture
def blocked(own: CoreKit, monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Proofs of tables stand still until the event is set, unless their numbers are large."""
    go, protect = threading.Event(), tables.protect

    def waiting(trend: Any, *args: Any) -> Any:
        if trend.obs[0].value < PASSES:
            go.wait(PATIENCE * 2)
        return protect(trend, *args)

    monkeypatch.setattr(verdict, "protect", waiting)
    yield go
    go.set()


async def test_what_has_no_table_waits_for_none(
    own: CoreKit, monkeypatch: pytest.MonkeyPatch, blocked: threading.Event
) -> None:
    """Each thread for tables has a proof that does not end, and more wait: alerts and recalls are answered."""
    gateway = Gateway(own.core, Wake())
    monkeypatch.setattr(gateway.ready, "wait_until_accepting", AsyncMock())
    monkeypatch.setattr(gateway.ready, "wait_for_own_ids", AsyncMock())
    proofs: list[asyncio.Task[Any]] = [
        asyncio.create_task(gateway.check(table(1_000 + at), realm="actual", token=f"desk-{at}"))
        for at in range(core.CHECKERS + 1)
    ]
    proofs.append(asyncio.create_task(gateway.publish_batch([long(8), table(5_000)], realm="actual", token="mixed")))
    alert = hostile.written(hostile.draft("alert-new-route", "TH", NOW))

    async def work() -> None:
        assert (await gateway.check(alert, realm="actual", token="alarm"))["verdict"] == "pass"
        assert (await gateway.check(alert, realm="actual", token="desk-0"))["verdict"] == "pass"
        done = await gateway.publish(alert, realm="actual", key=None, token="alarm")
        assert done.verdict == "published"
        assert [each.verdict for each in await gateway.publish_batch([long(7)], realm="actual", token="alarm")] == [
            "published"
        ]
        cancelled = await gateway.cancel(str(done.id), "alarm", "a mistake", long(6))
        assert cancelled is not None
        assert cancelled["verdict"] == "published"

    try:
        await asyncio.wait_for(work(), PATIENCE)
        assert not any(proof.done() for proof in proofs)
    finally:
        blocked.set()
    await asyncio.gather(*proofs)


def test_a_table_is_known_by_kind_and_size() -> None:
    alert = hostile.written(hostile.draft("alert-new-route", "TH", NOW))
    assert len(hostile.written(hostile.costly("TH", 0, NOW))) < draft_check_pool.SHORT_BYTES
    for short in ([], [None], [alert, long(), hostile.written(hostile.costly("TH", 0, NOW))], [b'{"kind":"alert"}']):
        assert not draft_check_pool.has_table(short)
    disguised = b'{"kind":"alert","k\\u0069nd":"tr\\u0065nd"}'
    large = b" " * draft_check_pool.SHORT_BYTES
    for other in (table(8), b'{"kind":7}', b"[]", b"{", b"\xff", disguised, alert + large):
        assert draft_check_pool.has_table([alert, other])
    assert draft_check_pool.is_id_of_table("TH-TREND-2026-000001")
    assert not draft_check_pool.is_id_of_table("TH-ALERT-2026-000001")


async def test_tokens_in_the_same_hands_are_one_caller(
    own: CoreKit, monkeypatch: pytest.MonkeyPatch, blocked: threading.Event
) -> None:
    """Whoever makes tokens, or has made them through one that is revoked, has one thread for tables."""
    gateway = Gateway(own.core, Wake())
    await gateway.open("")
    for name, maker in (("admin", "operator"), ("one", "admin"), ("two", "one")):
        await gateway.tokens_add(TokenRequest(name, ("publish", "admin")), maker)
    await gateway.tokens_revoke("one")
    for name, maker in (("theirs", "admin"), ("other", "maria")):
        made = await gateway.tokens_add(TokenRequest(name, ("publish",)), maker)
        await gateway.tokens_claim(name, str(made["claim"]))
    checks = [
        asyncio.create_task(gateway.check(table(value), realm="actual", token=name))
        for name, value in (("admin", 1_000), ("two", 1_001), ("theirs", 1_002), ("theirs", 1_003), ("admin", 1_004))
    ]
    await asyncio.sleep(0)
    check = gateway.check(table(PASSES), realm="actual", token="other")
    try:
        assert (await asyncio.wait_for(check, PATIENCE))["verdict"] == "pass"
    finally:
        blocked.set()
    assert [done["verdict"] for done in await asyncio.gather(*checks)] == ["pass"] * 5


async def test_tokens_of_one_caller_take_turns_too(own: CoreKit) -> None:
    """A token with many jobs delays another one in the same hands by one of them."""
    go, order = threading.Event(), list[str]()
    threads = DraftCheckPool(own.core.checkers, lambda _: "anna")

    def slow(name: str) -> None:
        go.wait(60)
        order.append(name)

    busy = [
        asyncio.create_task(threads.run(name, partial(slow, name), is_long=True))
        for name in ("one", "one", "one", "two")
    ]
    await asyncio.sleep(0)
    go.set()
    await asyncio.gather(*busy)
    assert order == ["one", "two", "one", "one"]


async def test_a_table_that_does_not_leave_is_answered_with_coarser_ones(
    own: CoreKit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside the core, as long as there is time; not for a session, which saw it in its draft."""
    gateway = Gateway(own.core, Wake())
    monkeypatch.setattr(gateway.ready, "wait_until_accepting", AsyncMock())
    data = table(8, text=[{"lang": "en", "title": "News", "summary": "Call 081-234-5678."}])
    tried: list[str] = []

    def noted(*args: Any) -> Any:
        tried.append(threading.current_thread().name.partition("_")[0])
        return tables.protect(*args)

    monkeypatch.setattr(coarser, "protect", noted)
    in_session = await gateway.publish(data, realm="actual", key=None, token="anna", editors=["anna"])
    assert (in_session.verdict, tried) == ("refused", [])
    answers = [await gateway.publish(data, realm="actual", key=None, token="desk")]
    answers += await gateway.publish_batch([data, long(), data], realm="actual", token="desk")
    first = answers.pop(2)
    assert (first.verdict, first.table) == ("published", None)
    for answer in answers:
        assert answer.table is not None
        assert [(each.by, each.dimension, each.hidden) for each in answer.table.coarser] == [("without", "sex", 0)]
    assert tried == ["check"] * 3
    monkeypatch.setattr(checking, "ALTERNATIVES_FOR", -1.0)  # the time of a page is over before its first
    [late] = await gateway.publish_batch([data], realm="actual", token="desk")
    assert (late.verdict, late.table and late.table.coarser, len(tried)) == ("refused", (), 3)


async def test_a_replacement_that_does_not_leave_is_answered_with_coarser_tables(
    own: CoreKit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the table of the replacement, whether all is refused for it or it waits alone."""
    gateway = Gateway(own.core, Wake())
    monkeypatch.setattr(gateway.ready, "wait_until_accepting", AsyncMock())
    monkeypatch.setattr(gateway.ready, "wait_for_own_ids", AsyncMock())
    first = await gateway.publish(long(), realm="actual", key=None, token="desk")
    for summary, outcome in (("Call 081-234-5678.", "refused"), ("A girl named Malee Suksai was found.", "published")):
        data = table(8, text=[{"lang": "en", "title": "News", "summary": summary}])
        done = await gateway.cancel(str(first.id), "desk", "a mistake", data)
        assert done is not None
        shown = done if outcome == "refused" else done["replacement"]
        assert (done["verdict"], shown["verdict"] != "published") == (outcome, True)
        assert [(each.by, each.dimension, each.hidden) for each in shown["table"].coarser] == [("without", "sex", 0)]
        assert [item.value for item in shown["table"].before] == [8, 9, 17]


async def test_callers_take_turns_and_one_has_one_thread(own: CoreKit) -> None:
    go, order = threading.Event(), list[str]()
    threads = DraftCheckPool(own.core.checkers)

    def slow() -> None:
        order.append("much")
        go.wait(60)

    much = [asyncio.create_task(threads.run("much", slow, is_long=True)) for _ in range(5)]
    await asyncio.sleep(0)
    await threads.run("other", lambda: order.append("other"), is_long=True)
    assert order == ["much", "other"]
    # the other thread is free, and no one of the four has it
    await threads.run("third", lambda: order.append("third"), is_long=True)
    assert order == ["much", "other", "third"]
    assert core.CHECKERS == 2
    await threads.run("much", lambda: order.append("short"), is_long=False)
    assert order.pop() == "short", "not even of the same caller"
    go.set()
    await asyncio.gather(*much)
    assert order == ["much", "other", "third", *["much"] * 4]


async def test_who_has_too_much_waiting_is_informed(own: CoreKit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draft_check_pool, "WAITING_MAX", 3)
    go = threading.Event()
    threads = DraftCheckPool(own.core.checkers)
    much = [asyncio.create_task(threads.run("much", lambda: go.wait(60), is_long=True)) for _ in range(4)]
    await asyncio.sleep(0)
    with pytest.raises(QueueFull):
        await threads.run("much", go.is_set, is_long=True)
    assert await threads.run("other", lambda: 7, is_long=True) == 7
    go.set()
    await asyncio.gather(*much)
    assert await threads.run("much", lambda: 8, is_long=True) == 8
    assert threads.spent("much") >= 0
    assert threads.spent("much") == 0


async def test_what_a_job_raises_is_its_callers(own: CoreKit) -> None:
    threads = DraftCheckPool(own.core.checkers)
    with pytest.raises(ZeroDivisionError):
        await threads.run("desk", lambda: 1 // 0, is_long=True)
    assert await threads.run("desk", lambda: 1, is_long=True) == 1


async def test_who_comes_meanwhile_has_a_turn_before_anybody_has_two(own: CoreKit) -> None:
    go, order = threading.Event(), list[str]()
    threads = DraftCheckPool(own.core.checkers)

    def slow(name: str) -> None:
        go.wait(60)
        order.append(name)

    callers = [who for who in ("a", "b") for _ in range(3)]
    busy = [asyncio.create_task(threads.run(who, partial(slow, who), is_long=True)) for who in callers]
    await asyncio.sleep(0)
    late = asyncio.create_task(threads.run("late", partial(slow, "late"), is_long=True))
    await asyncio.sleep(0)
    go.set()
    await asyncio.gather(late, *busy)
    assert order.index("late") <= 3, "behind what was running, and one more that began at the same time"
