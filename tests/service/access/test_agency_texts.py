"""Keeping what agencies were given costs what is new, however many agencies were given the same, and goes in steps."""

import pytest
from sqlalchemy import Connection

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
    monkeypatch.setattr(agency_texts, "KEPT_AT_ONCE", 20)
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
