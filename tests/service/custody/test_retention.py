"""Retention: texts are purged by the schedule, shown before, with a line of the audit, never below what is needed."""

import asyncio
from typing import Any

import msgspec
import pytest

from suar.observe.hooks import AlarmRaised
from suar.protocol.base import limits, subjects
from suar.protocol.base.errors import Fault
from suar.protocol.base.instants import milliseconds
from suar.protocol.base.primitives import ACTUAL
from suar.service.custody import holds, retention
from suar.service.custody.facade import Custody
from suar.service.reading import views
from suar.service.receive import store_checks
from suar.service.settings import config
from suar.service.settings.sections.evidence_config import LEAST_DAYS, RetentionSettings, schedule
from suar.service.trust import trust_sync
from suar.store.messages import retention as texts_of_rows
from suar.store.messages import rows as messages
from suar.store.people import audit
from support.corekit import CoreKit, rows
from support.pairs import EXPIRES, Two, new
from support.query_plans import plans

END = milliseconds(EXPIRES)


def texts(kit: CoreKit) -> dict[tuple[str, int], bool]:
    return {(row.id, row.rev): row.body is not None for row in rows(kit, "select id, rev, body from message")}


def choose(kit: CoreKit, *days: str, profile: str = "") -> None:
    kit.core.config = msgspec.structs.replace(kit.core.config, retention=RetentionSettings(profile, list(days)))


def due(kit: CoreKit) -> list[str]:
    return [each["id"] for each in asyncio.run(retention.shown(kit.core))["due"]]


def run(kit: CoreKit) -> list[str]:
    planned = retention.plan(kit.core)
    return [each["id"] for each in retention.purge(kit.core, "gateway", planned.due)]


@pytest.fixture
def old(two: Two) -> str:
    """An alert that SG received, some hundred days after its end."""
    [id_] = two.publish(new("a"))
    two.to_sg()
    two.to_th()
    assert two.sg.now < END
    two.sg.now = two.th.now = END + 100 * limits.DAY
    return id_


def test_it_is_off_by_default(two: Two, old: str) -> None:
    assert asyncio.run(retention.shown(two.sg.core)) == {"days": {}, "due": [], "more": False}
    assert run(two.sg) == []
    assert texts(two.sg) == {(old, 1): True}


def test_what_is_shown_is_purged_with_its_digest_in_the_audit(two: Two, old: str) -> None:
    [(digest, body)] = rows(two.sg, "select digest, body from message")
    choose(two.sg, "alert 101")
    assert due(two.sg) == []
    choose(two.sg, "alert 100")
    assert due(two.sg) == [old]
    assert texts(two.sg) == {(old, 1): True}, "showing changes nothing"
    assert run(two.sg) == [old]
    two.prove(two.sg)
    assert texts(two.sg) == {(old, 1): False}
    assert run(two.sg) == []
    line = f"{old} below 2 {bytes(digest).hex()}"
    assert rows(two.sg, "select who, about from audit where what = 'retention'") == [("gateway", line)]
    files = b"".join(path.read_bytes() for path in sorted(two.sg.folder.iterdir()) if path.is_file())
    assert bytes(body[:64]) not in files
    shown = views.message(two.sg.core, old, None)
    assert shown is not None
    assert (shown["message"], shown["state"]) == (None, "expired")
    store_checks.Walk(two.sg.core).step()
    assert store_checks.settle(two.sg.core) == 0


def test_another_text_under_a_purged_id_and_revision_is_refused(two: Two, old: str) -> None:
    """[F9] The head stays, so the id still has one text."""
    choose(two.sg, "alert 100")
    with two.th.core.database.reading() as connection:
        row = messages.find(connection, old)
        assert row is not None
        text = views.text_of(two.th.core, connection, row)
    assert text is not None
    other = text.replace(b"passports", b"suitcases")
    assert other != text
    assert run(two.sg) == [old]
    th = two.th.core
    trust_sync.rotate_bundle(th)
    trust_sync.rotate_bundle(two.sg.core)
    two.sg.receive(*two.leave(two.th))
    two.th.receive(*two.leave(two.sg))
    for content, expected in ((text, []), (other, ["message-equivocation"])):
        sent = th.sender.prepare(th.world, ACTUAL, "SG", [content], two.th.now)
        two.sg.receive(*((subjects.hub("TH", each.subject), each.data) for each in sent))
        found = [each.name for each in two.sg.records if isinstance(each, AlarmRaised)]
        assert found == expected
    assert texts(two.sg) == {(old, 1): False}


def test_our_own_texts_go_by_it_too(two: Two, old: str) -> None:
    choose(two.th, "alert 100")
    assert run(two.th) == [old]
    assert texts(two.th) == {(old, 1): False}
    two.th.restart()
    store_checks.Walk(two.th.core).step()
    assert store_checks.settle(two.th.core) == 0


def test_a_hold_keeps_it(two: Two, old: str) -> None:
    choose(two.sg, "alert 100")
    for who in ("anan", "boon"):
        holds.add(two.sg.core, old, who, "Criminal Court", two.sg.now + limits.DAY)
    assert (due(two.sg), run(two.sg)) == ([], [])
    two.sg.now += limits.DAY
    holds.end_over(two.sg.core)
    assert run(two.sg) == [old]


def test_a_frame_is_kept_for_its_neighbours(two: Two) -> None:
    """The frame proves both: the text that is over stays as long as the one that is not."""
    ids = two.publish(new("a"), {**new("b"), "expires": "2027-04-10T00:00:00Z"})
    two.to_sg()
    two.to_th()
    assert len({row.frame_hash for row in rows(two.sg, "select frame_hash from message")}) == 1
    two.sg.now = END + 60 * limits.DAY
    choose(two.sg, "alert 50")
    assert due(two.sg) == []
    two.sg.now = END + 121 * limits.DAY
    assert sorted(run(two.sg)) == sorted(ids)


def test_a_newer_revision_counts(two: Two, old: str) -> None:
    choose(two.sg, "alert 100")
    two.sg.now = two.th.now = two.start
    two.publish({**new("b"), "id": old, "rev": 2, "action": "update", "expires": "2027-04-10T00:00:00Z"})
    two.to_sg()
    two.to_th()
    two.sg.now = END + 150 * limits.DAY
    assert due(two.sg) == []
    two.sg.now = END + 171 * limits.DAY
    assert due(two.sg) == [old]


def test_what_was_purged_is_confirmed_when_it_is_recalled(two: Two, old: str) -> None:
    choose(two.sg, "alert 100")
    run(two.sg)
    two.sg.now = two.th.now = two.start
    two.cancel(old)
    two.to_sg()
    two.to_th()
    assert two.states(old)["state"] == "recalled"


def test_what_waits_for_a_statement_is_kept(two: Two, old: str) -> None:
    choose(two.sg, "alert 100")
    two.open(old)
    assert due(two.sg) == []
    two.to_th()
    assert due(two.sg) == [old]


def test_with_an_authority_only_what_is_stamped_goes(two: Two, old: str) -> None:
    choose(two.sg, "alert 100")
    stamped = msgspec.structs.replace(two.sg.core.config.evidence, authority="https://stamps.example/tsa")
    two.sg.core.config = msgspec.structs.replace(two.sg.core.config, evidence=stamped)
    assert due(two.sg) == []
    [(name,)] = rows(two.sg, "select frame_hash from message")
    with two.sg.core.transaction() as connection:
        connection.exec_driver_sql("insert into stamped (value, stamp, position) values (?, 1, 0)", (name,))
    assert due(two.sg) == [old]


def test_many_go_in_steps(two: Two) -> None:
    ids = two.publish(*(new(f"m{n}") for n in range(70)))
    two.to_sg()
    two.to_th()
    two.sg.now = END + 100 * limits.DAY
    choose(two.sg, "alert 100")
    first, second = run(two.sg), run(two.sg)
    assert (len(first), sorted(first + second), run(two.sg)) == (retention.BATCH, sorted(ids), [])


def test_each_is_judged_again_when_it_is_purged(two: Two, old: str) -> None:
    choose(two.sg, "alert 100")
    planned = retention.plan(two.sg.core)
    for who in ("anan", "boon"):
        holds.add(two.sg.core, old, who, "Criminal Court", two.sg.now + limits.DAY)
    assert retention.purge(two.sg.core, "gateway", planned.due) == []
    assert texts(two.sg) == {(old, 1): True}


@pytest.mark.asyncio
async def test_the_daily_run_begins_an_hour_after_the_start(two: Two, old: str) -> None:
    two.sg.aside(choose, two.sg, "alert 100")
    daily = retention.Daily(two.sg.unlent)
    assert await daily.run_due() == 0
    two.sg.now += limits.HOUR
    assert await daily.run_due() == 1
    assert two.sg.aside(texts, two.sg) == {(old, 1): False}
    assert await daily.run_due() == 0


# -- what one step costs


def many(two: Two, count: int) -> list[str]:
    """Alerts that SG received, each in a frame of its own, a hundred days after their end; the ids in their order."""
    ids = []
    for n in range(count):
        ids += two.publish(new(f"m{n}"))
        two.to_sg()
    two.to_th()
    two.sg.now = END + 100 * limits.DAY
    return ids


@pytest.mark.asyncio
async def test_a_run_looks_at_so_many_messages_in_a_step_and_comes_to_all(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those that are kept hold up none behind them: before, each step looked at all of them again."""
    monkeypatch.setattr(retention, "EXAMINED_MAX", 2)
    ids = two.sg.aside(many, two, 5)
    two.sg.aside(choose, two.sg, "alert 100")
    for who in ("anan", "boon"):
        for id_ in ids[:3]:
            two.sg.aside(holds.add, two.sg.core, id_, who, "Criminal Court", two.sg.now + limits.DAY)
    reads, real = list[int](), texts_of_rows.ended

    def counted(*args: Any) -> Any:
        rows_ = real(*args)
        reads.append(len(rows_))
        return rows_

    monkeypatch.setattr(texts_of_rows, "ended", counted)
    steps = retention.Run(two.sg.unlent)
    found = [await steps.step("gateway") for _ in range(3)]
    assert [([each["id"] for each in done], is_last) for done, is_last in found] == [
        ([], False), ([ids[3]], False), ([ids[4]], True),
    ]  # fmt: skip
    assert reads == [2, 2, 1]
    assert await steps.step("gateway") == ([], False), "and it begins anew"


@pytest.mark.asyncio
async def test_a_call_purges_something_while_anything_is_due(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    """`suar retention run` calls until it gets nothing: what is kept does not end it."""
    monkeypatch.setattr(retention, "EXAMINED_MAX", 1)
    ids = two.sg.aside(many, two, 4)
    two.sg.aside(choose, two.sg, "alert 100")
    for who in ("anan", "boon"):
        two.sg.aside(holds.add, two.sg.core, ids[1], who, "Criminal Court", two.sg.now + limits.DAY)
    custody = Custody(two.sg.unlent)
    done = []
    while purged := await custody.retention_run("desk"):
        done += [each["id"] for each in purged]
    assert done == [ids[0], *ids[2:]]


@pytest.mark.asyncio
async def test_a_list_looks_at_so_many_messages_and_says_that_there_may_be_more(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = two.sg.aside(many, two, 4)
    two.sg.aside(choose, two.sg, "alert 100")

    async def listed(examined: int, most: int, number: int = 1_000) -> tuple[list[str], bool]:
        for name, value in (("EXAMINED_MAX", examined), ("LISTED_EXAMINED", most), ("SHOWN", number)):
            monkeypatch.setattr(retention, name, value)
        found = await retention.shown(two.sg.unlent)
        return [each["id"] for each in found["due"]], found["more"]

    assert await listed(1, 3) == (ids[:3], True)
    assert await listed(2, 20) == (ids, False)
    assert await listed(3, 20, 2) == (ids[:2], True)


@pytest.mark.sqlite  # by the words of its query planner
def test_what_is_looked_at_is_found_by_index(two: Two) -> None:
    two.publish(*(new(f"m{n}") for n in range(8)))
    two.to_sg()
    two.to_th()
    core = two.sg.core
    with core.database.reading() as connection:
        found = plans(connection)
        assert len(texts_of_rows.ended(connection, END, texts_of_rows.Position(1, 1), 4)) == 4
        (first, *_) = texts_of_rows.ended(connection, END, texts_of_rows.FIRST, 4)
        texts_of_rows.revisions(connection, first.id)
        texts_of_rows.is_needed(connection, first.id, {"alert": END}, END)
        audit.exports(connection, f"{first.id} 1")
    assert any("USING INDEX message_expiry (expires>? AND expires<?)" in each for each in found), found
    assert any("audit_given (about=?)" in each for each in found), found
    assert [each for each in found if each.startswith("SCAN") or "TEMP B-TREE" in each] == []


# -- the settings


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('profile = "mine"', "profile"),
        ('days = ["alert 5"]', "days"),
        ('days = ["rumour 400"]', "days"),
        ('days = ["receipt 400"]', "days"),
        ('days = ["alert"]', "days"),
        ('days = ["alert 99999"]', "days"),
    ],
)
def test_a_wrong_schedule_is_refused(two: Two, text: str, expected: str) -> None:
    file = two.sg.folder / "suar.toml"
    file.write_text(file.read_text() + f"\n[retention]\n{text}\n")
    with pytest.raises(Fault, match=f"retention.{expected}"):
        config.load(two.sg.folder, {})


def test_a_kind_of_its_own_replaces_the_profile_s(two: Two) -> None:
    published: Any = schedule(RetentionSettings("published"))
    assert set(published.values()) - {0}
    assert all(days >= LEAST_DAYS for days in published.values())
    chosen = schedule(RetentionSettings("published", ["alert 900", "trend 0"]))
    assert (chosen["alert"], "trend" in chosen) == (900, False)
