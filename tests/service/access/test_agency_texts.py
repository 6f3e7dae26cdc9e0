"""Keeping what agencies were given costs what is new, however many agencies were given the same, and goes in steps."""

import asyncio

import pytest
from sqlalchemy import Connection

from suar.observe import pace
from suar.observe.hooks import MessagePublished
from suar.observe.pace import Pace
from suar.service.access import agency_texts
from suar.service.access.agency_texts import AgencyTexts, keep_texts
from suar.store.engine.prepared import Prepared, Rows
from suar.store.people.agencies import AgencyText
from support.corekit import CoreKit, rows
from support.kit import id_of

IDS = [id_of(number) for number in range(1, 41)]


def texts_of(*names: str, ids: list[str] = IDS) -> list[AgencyText]:
    return [AgencyText(id_, 1, name, 1) for name in names for id_ in ids]


def kept(kit: CoreKit) -> int:
    [(count,)] = rows(kit, "select count(*) from agency_given")
    return int(count)


def test_what_others_read_is_not_loaded(vn: CoreKit, monkeypatch: pytest.MonkeyPatch) -> None:
    core, read, real = vn.core, list[int](), Prepared.rows

    def counted(self: Prepared, connection: Connection, **values: object) -> Rows:
        found = real(self, connection, **values)
        read.append(len(found))
        return found

    with core.transaction() as connection:
        keep_texts(core, connection, texts_of(*(f"agency-{number}" for number in range(50))))
    assert kept(vn) == 50 * len(IDS)
    monkeypatch.setattr(Prepared, "rows", counted)
    with core.transaction() as connection:
        keep_texts(core, connection, texts_of("another"))
        keep_texts(core, connection, texts_of("another", ids=[*IDS[:3], id_of(99)]))
    assert sum(read) < len(IDS), "the three that it had, and little else"
    assert kept(vn) == 51 * len(IDS) + 1


async def test_when_the_memory_is_full_it_is_kept_in_steps(vn: CoreKit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agency_texts, "NOTED_MAX", 100)
    monkeypatch.setattr(agency_texts, "KEPT_BATCH", 20)
    steps, real = list[int](), keep_texts

    def counted(core: object, connection: Connection, texts: list[AgencyText]) -> None:
        steps.append(len(texts))
        real(vn.unlent, connection, texts)

    monkeypatch.setattr(agency_texts, "keep_texts", counted)
    texts = AgencyTexts(vn.unlent)
    for name in ("a", "b", "c"):
        for at in range(0, len(IDS), 10):
            await texts.note(name, [(id_, 1) for id_ in IDS[at : at + 10]])
    assert steps == [20]
    await vn.unlent.run(texts.keep, at_once=True)
    assert kept(vn) == 3 * len(IDS)


def steps_of(kit: CoreKit, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many texts each step kept."""
    steps, real = list[int](), keep_texts

    def counted(core: object, connection: Connection, texts: list[AgencyText]) -> None:
        steps.append(len(texts))
        real(kit.unlent, connection, texts)

    monkeypatch.setattr(agency_texts, "keep_texts", counted)
    return steps


async def test_all_that_wait_for_room_wait_for_one_step(vn: CoreKit, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fifty agencies that catch up had fifty steps run one behind the other, and what was received waited for all."""
    monkeypatch.setattr(agency_texts, "NOTED_MAX", 1000)
    monkeypatch.setattr(agency_texts, "KEPT_BATCH", 400)
    steps, texts = steps_of(vn, monkeypatch), AgencyTexts(vn.unlent)
    names = [f"a{number}" for number in range(25)]
    await asyncio.gather(*(texts.note(name, [(id_, 1) for id_ in IDS]) for name in names))
    assert steps == []
    await asyncio.gather(*(texts.note(name, [(id_of(99), 1)]) for name in names))
    assert steps == [400]
    await vn.unlent.run(texts.keep, at_once=True)
    assert kept(vn) == 25 * len(IDS) + 25


async def test_what_is_due_is_kept_in_steps_too(vn: CoreKit, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once a minute all of it, up to ten thousand texts, was one transaction."""
    monkeypatch.setattr(agency_texts, "KEPT_BATCH", 2 * len(IDS))
    steps, texts = steps_of(vn, monkeypatch), AgencyTexts(vn.unlent)
    for name in "abcde":
        await texts.note(name, [(id_, 1) for id_ in IDS])
    await vn.unlent.run(texts.keep)
    assert steps == [], "nothing is due yet"
    vn.now += agency_texts.WRITE_MS
    for _ in range(4):
        await vn.unlent.run(texts.keep)
    assert steps == [80, 80, 40]
    assert kept(vn) == 5 * len(IDS)


async def test_whose_text_waits_longest_is_kept_first(vn: CoreKit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agency_texts, "KEPT_BATCH", len(IDS))
    texts = AgencyTexts(vn.unlent)
    for name in ("z", "a", "z"):
        await texts.note(name, [(id_of(number), 1) for number in range(20)] if name == "z" else [(IDS[0], 1)])
    vn.now += agency_texts.WRITE_MS
    await vn.unlent.run(texts.keep)
    assert {name for (name,) in rows(vn, "select agency from agency_given")} >= {"z"}


async def test_what_a_commit_did_not_store_stays_noted(vn: CoreKit, monkeypatch: pytest.MonkeyPatch) -> None:
    texts, real = AgencyTexts(vn.unlent), keep_texts

    def failing(*_: object) -> None:
        raise OSError("a step that fails")

    monkeypatch.setattr(agency_texts, "NOTED_MAX", len(IDS))
    await texts.note("a", [(id_, 1) for id_ in IDS])
    monkeypatch.setattr(agency_texts, "keep_texts", failing)
    await texts.note("b", [(IDS[1], 1)])
    assert len(await vn.unlent.run(texts.of, IDS[1])) == 1, "there is no room: what another one was given is not noted"
    monkeypatch.setattr(agency_texts, "keep_texts", real)
    await texts.note("b", [(IDS[0], 1)])
    await vn.unlent.run(texts.keep, at_once=True)
    assert kept(vn) == len(IDS) + 1


async def test_who_reads_again_from_the_beginning_is_looked_up_in_memory(
    vn: CoreKit, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps, texts = steps_of(vn, monkeypatch), AgencyTexts(vn.unlent)
    pages = [[(id_, 1) for id_ in IDS[at : at + 10]] for at in range(0, len(IDS), 10)]
    for page in pages:
        await texts.note("a", page)
    await vn.unlent.run(texts.keep, at_once=True)
    assert steps == [len(IDS)]
    for page in pages:
        await texts.note("a", page)
    await texts.note("b", pages[0])
    await texts.note("a", pages[0][1:])
    await vn.unlent.run(texts.keep, at_once=True)
    assert steps == [len(IDS), 10 + 9], "another agency, and a page that was cut elsewhere"
    assert kept(vn) == len(IDS) + 10


async def test_few_pages_are_remembered(vn: CoreKit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agency_texts, "REMEMBERED", 2)
    steps, texts = steps_of(vn, monkeypatch), AgencyTexts(vn.unlent)
    for number in (0, 1, 2, 0, 2):
        await texts.note("a", [(IDS[number], 1)])
        await vn.unlent.run(texts.keep, at_once=True)
    assert steps == [1, 1, 1, 1], "the first one was forgotten, the third one not"
    assert kept(vn) == 3


def sent_news(kit: CoreKit) -> None:
    """As if a message had just been stored."""
    kit.unlent.hooks(MessagePublished(at=kit.now, kind="alert", realm="actual", id=IDS[0], rev=1))


async def test_while_messages_arrive_each_commit_has_a_short_step(vn: CoreKit, monkeypatch: pytest.MonkeyPatch) -> None:
    """A step of 512 texts made one commit of ten late, and with it what was received in it."""
    monkeypatch.setattr(agency_texts, "NOTED_MAX", 400)
    monkeypatch.setattr(agency_texts, "ROOM", 320)
    monkeypatch.setattr(agency_texts, "PART", 40)
    monkeypatch.setattr(agency_texts, "STEP_SECONDS", 0.0)
    monkeypatch.setattr(pace, "ARRIVING", 3600)
    steps, texts = steps_of(vn, monkeypatch), AgencyTexts(vn.unlent)
    sent_news(vn)
    for number in range(10):
        await texts.note(f"a{number}", [(id_, 1) for id_ in IDS])
    assert steps == []
    await asyncio.gather(*(texts.note(name, [(id_of(99), 1)]) for name in ("x", "y", "z")))
    assert steps == [40] * 2, "a part each, until there is room, and those who wait go on together"
    assert kept(vn) == 80
    monkeypatch.setattr(agency_texts, "STEP_SECONDS", 3600.0)
    monkeypatch.setattr(Pace, "earned", lambda _, most: most)
    vn.now += agency_texts.WRITE_MS
    await vn.unlent.run(texts.keep)
    assert steps == [40] * 10 + [3], "parts of one step, which has time for all of them"
    assert kept(vn) == 403
