"""The ledger by families: all that counts the same people is looked at, also of a state of before."""

import asyncio
import contextlib
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import AsyncMock

import msgspec
import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from protocol.privacy.trends import of
from suar.protocol.base.primitives import Secret
from suar.protocol.compose import complete
from suar.protocol.message.kinds import Trend
from suar.protocol.message.messages import read as parse
from suar.protocol.privacy import verdict
from suar.protocol.privacy.memo import Memo
from suar.protocol.privacy.proof.cells import Sheet
from suar.protocol.privacy.proof.draws import PUBLIC
from suar.protocol.privacy.proof.families import families, family_of
from suar.protocol.privacy.proof.ledger import Released
from suar.protocol.privacy.tables import protecting as tables
from suar.protocol.privacy.tables.protecting import sheets
from suar.protocol.transport.content import digest
from suar.service.pacing.wake import Wake
from suar.service.process import offline
from suar.service.process.gateway import Gateway
from suar.service.publish import accepting, checking, gate
from suar.service.reading.verdict import Verdict
from suar.store import tables as t
from suar.store.engine.database import Database
from suar.store.engine.vault import Vault
from suar.store.messages import ledger, ledger_adopt
from suar.store.migrations import schema
from support.corekit import PASSPHRASE, CoreKit, core_with_bundles, rows

WRITTEN = ("schema", "id", "rev", "sent", "privacy", "status")


@pytest.fixture
def th(tmp_path: Path) -> Iterator[CoreKit]:
    with core_with_bundles(tmp_path / "th", "TH") as made:
        yield made


@pytest.fixture(autouse=True)
def nothing_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "SOURCES", Memo(1_000))
    monkeypatch.setattr(verdict, "PROTECTED_TABLES", Memo(16_000))
    monkeypatch.setattr(gate, "LEDGERS", Memo(16_000))


def table(total: int, period: str = "2026-H2", *, role: str = "detection", country: str = "TH", **more: Any) -> bytes:
    """A trend with one cell, as it is handed in."""
    location = {"role": role, "country": country}
    obs = [{"period": period, "place": location, "dims": {}, "value": total, "status": "A"}]
    tree = json.loads(msgspec.json.encode(of(obs, [], **more)))
    del tree["issuer"]["member"]
    return json.dumps({key: value for key, value in tree.items() if key not in WRITTEN and value is not None}).encode()


def publish(kit: CoreKit, data: bytes) -> Verdict:
    done = accepting.accept(kit.core, [(data, None)], realm="actual", token="desk")[0]
    assert done.verdict == "published", done
    return done


def whole(data: bytes) -> Trend:
    """A draft as a message of its own."""
    tree = json.loads(data) | {"id": "TH-TREND-2027-999999", "rev": 1, "status": "actual", "schema": "trend/1.0"}
    tree["issuer"]["member"] = "TH"
    trend = parse(json.dumps(tree | {"sent": "2027-01-15T08:00:00Z"}).encode())
    assert isinstance(trend, Trend)
    return trend


def known(kit: CoreKit, data: bytes) -> Released:
    """What the ledger has of the families of a draft."""
    trend = whole(data)
    with kit.core.database.reading() as connection:
        return ledger.released(connection, kit.core.vault, families(trend), sheets(trend)).releases


def figures(found: Released) -> list[tuple[str, str, int, int | None]]:
    """(series, country, order, value), in order."""
    lines = [
        (sheet.series.partition("|")[2], sheet.country, release.n, fact.value)
        for sheet, releases in found.items()
        for release in releases
        for fact in release.facts
    ]
    return sorted(lines, key=lambda line: line[2])


def by_sex_and_age(counts: dict[str, int]) -> bytes:
    """A trend by sex and age, as it is handed in; keys like `female 0-17`."""
    tree = json.loads(table(1))
    location = tree["obs"][0]["place"]
    obs = [
        {
            "period": "2026-H2", "place": location, "value": count, "status": "A",
            "dims": dict(zip(("sex", "age"), key.split(), strict=True)),
        }
        for key, count in counts.items()
    ]  # fmt: skip
    return json.dumps({**tree, "dims": ["sex", "age"], "margins": True, "obs": obs}).encode()


HIDING = by_sex_and_age({"female 9-17": 7, "male 9-17": 25, "female 0-17": 16, "male 0-17": 31})
DISCLOSING = by_sex_and_age(
    {"female total": 59, "male total": 71, "female 18+": 23, "male 18+": 31, "female 0-8": 9, "male 0-8": 6}
)
"""Together they leave of each sex those of 9 to 17, with what the public gate hides of the first."""


@pytest.fixture
def public(th: CoreKit, monkeypatch: pytest.MonkeyPatch) -> CoreKit:
    """The gate's draw without a key of its own, which would hide other cells of the first table."""
    monkeypatch.setattr(th.core, "draw", PUBLIC)
    return th


def test_a_refusal_names_the_message_that_released_the_cell_as_hidden(public: CoreKit) -> None:
    publish(public, table(700, "2025"))
    hiding = publish(public, HIDING)
    checked = checking.check_draft(public.core, DISCLOSING, "actual", "desk")
    (done,) = accepting.accept(public.core, [(DISCLOSING, None)], realm="actual", token="desk")
    assert done.verdict == "refused"
    for reasons in (checked.reasons, done.reasons):
        assert f", which {hiding.id} released as hidden" in reasons[0].message


def test_the_core_opens_no_ledger_for_the_name_of_a_message(public: CoreKit, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is found beside, where a draft is looked through; else the reason stands without it."""
    hiding = publish(public, HIDING)
    composed = complete(DISCLOSING, member="TH", realm="actual", now=public.now, ledger=None)

    def refused(*, only_known: bool) -> str:
        with public.core.database.reading() as connection:
            stored = gate.load_known(public.core, connection, composed)
            with pytest.raises(gate.Refusal) as caught:
                gate.screen_known(public.core, composed, stored)
            found = gate.with_sources(public.core, connection, composed, caught.value, only_known=only_known)
        return found.reasons[0].message

    assert "released before as hidden" in refused(only_known=True)
    checking.prepare_drafts(public.core, [DISCLOSING], "actual", "desk")
    monkeypatch.setattr(ledger, "hidden_by", None)
    assert f"which {hiding.id} released as hidden" in refused(only_known=True)


RELATED = (
    table(930),
    table(950, indicator="presumed-victims"),
    table(400, unit="cases", date_basis="registration"),
    table(200, role="origin", country="MM"),
)
OTHERS = (table(700, "2025"), table(600, indicator="repatriated"))


def test_every_series_of_the_same_people_is_found_in_order_of_release(th: CoreKit) -> None:
    for each in (*RELATED, *OTHERS):
        publish(th, each)
    found = figures(known(th, table(990, "2026-Q3", role="transit")))
    assert found == [
        ("detected-victims|persons|detection|detection", "TH", 1, 930),
        ("presumed-victims|persons|detection|detection", "TH", 2, 950),
        ("detected-victims|cases|registration|detection", "TH", 3, 400),
        ("detected-victims|persons|detection|origin", "MM", 4, 200),
    ]


def test_the_gate_receives_the_whole_family(th: CoreKit, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(th, RELATED[1])
    calls: list[Released] = []
    protect = tables.protect

    def watched(trend: Any, k: int, released: Released, draw: Any) -> Any:
        calls.append(released)
        return protect(trend, k, released, draw)

    monkeypatch.setattr(verdict, "protect", watched)
    publish(th, RELATED[0])
    assert [figures(each) for each in calls] == [[("presumed-victims|persons|detection|detection", "TH", 1, 950)]]


def test_a_sheet_that_says_the_same_is_kept_once(th: CoreKit) -> None:
    """Its order is no difference."""
    publish(th, table(930))
    publish(th, table(930, source={"type": "administrative-record", "reliability": "A", "credibility": 2}))
    assert len(rows(th, "select n from released")) == 1


def test_the_family_in_a_row_reveals_nothing_without_the_key(th: CoreKit, tmp_path: Path) -> None:
    vn = CoreKit(tmp_path / "vn", "VN")
    vn.receive_bundles()
    publish(th, table(930))
    publish(vn, table(930))
    [own], [other] = (rows(kit, "select family, sealed, sheet from released") for kit in (th, vn))
    vn.close()
    assert own.sheet == other.sheet
    assert own.family != other.family
    assert b"detected-victims" not in own.sealed


@pytest.mark.sqlite  # it reads the plan of a query in its words
def test_a_family_is_found_by_an_index(th: CoreKit) -> None:
    found = []
    for statement in (ledger.OF_FAMILY, ledger.HOW_MANY, ledger.OF_SHEET):
        with th.core.database.reading() as connection:
            sql = statement.compiled_for(connection).sql
            found += [
                row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", (b"",) * sql.count("?"))
            ]
    assert [each.partition(" (")[0] for each in found] == [
        "SEARCH released USING INDEX ix_released_family",
        "SEARCH released USING COVERING INDEX ix_released_family",
        "SEARCH released USING INDEX ix_released_sheet",
    ]


# -- a state of before


def age(kit: CoreKit) -> None:
    """The rows as the version before wrote them: no family, and no name of the sheet inside."""
    vault = kit.core.vault
    with kit.core.transaction() as connection:
        for row in connection.execute(sa.select(t.released)).all():
            _, release = ledger.open_row(vault, row)
            body = msgspec.msgpack.encode([release.k, release.is_open, release.facts])
            data, salt = vault.seal(body, f"released {row.id} {row.rev}")
            change = sa.update(t.released).where(t.released.c.n == row.n)
            connection.execute(change.values(family=None, sealed=data, sealed_key=salt))


@pytest.mark.sqlite  # its schema is made by hand
def test_a_database_of_before_keeps_its_rows(tmp_path: Path) -> None:
    """Written by the schema before: a row that has no family is found by its sheet as it was."""
    database, vault = Database(tmp_path), Vault(Secret(bytes(32)))
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    sheet = Sheet("actual|detected-victims|persons|detection|detection", "TH", "2026")
    cell = ["2026", "", "", [["sex", "female"]]]
    data, salt = vault.seal(msgspec.msgpack.encode([10, True, [[cell, 40, ""]]]), "released TH-TREND-2027-000001 1")
    with database.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0011")
        row = (digest("\0".join(sheet[:3]).encode()), "TH-TREND-2027-000001", 1, data, salt)
        connection.exec_driver_sql("insert into released (sheet, id, rev, sealed, sealed_key) values (?,?,?,?,?)", row)
    database.migrate()
    with database.reading() as connection:
        [release] = ledger.released(connection, vault, [family_of(sheet)], [sheet]).releases[sheet]
        assert ledger.released(connection, vault, [family_of(sheet)]).releases == {}
    assert ledger_adopt.adopt(database, vault) == 1
    with database.reading() as connection:
        assert ledger.released(connection, vault, [family_of(sheet)]).releases == {sheet: [release]}
    database.close()
    assert (release.k, release.is_open, release.facts[0].value, release.n) == (10, True, 40, 1)


def test_a_state_of_an_earlier_version_is_adopted_once(th: CoreKit) -> None:
    for each in RELATED:
        publish(th, each)
    before = known(th, RELATED[0])
    age(th)
    assert list(known(th, RELATED[0])) == [Sheet("actual|detected-victims|persons|detection|detection", "TH", "2026")]
    assert ledger_adopt.adopt(th.core.database, th.core.vault) == len(RELATED)
    assert known(th, RELATED[0]) == before
    assert ledger_adopt.adopt(th.core.database, th.core.vault) == 0


def test_a_bodys_table_of_before_gets_the_name_of_the_body(th: CoreKit) -> None:
    """A version before had it among the country's; a start names it, once."""
    of_police: dict[str, Any] = {
        "coverage": {"scope": "agency"},
        "issuer": {"member": "TH", "body": "Police", "sector": "statistics"},
    }
    publish(th, table(930, **of_police))
    publish(th, table(2_000))
    named = known(th, table(930, **of_police))
    assert {sheet.body: [each.n for each in releases] for sheet, releases in named.items()} == {"police": [1], "": [2]}
    vault = th.core.vault
    with th.core.transaction() as connection:
        row = connection.execute(sa.select(t.released).where(t.released.c.n == 1)).one()
        sheet, release = ledger.open_row(vault, row)
        assert sheet is not None
        bare = sheet._replace(body="")
        values = {"sheet": ledger.name_of(bare), **ledger.seal_row(vault, row.id, row.rev, bare, release)}
        connection.execute(sa.update(t.released).where(t.released.c.n == 1).values(**values))
        connection.execute(sa.delete(t.meta).where(t.meta.c.name == ledger_adopt.NAMED))
    assert [sheet.body for sheet in known(th, table(930))] == [""]
    assert ledger_adopt.name_bodies(th.core.database, vault) == 1
    assert known(th, table(930, **of_police)) == named
    assert ledger_adopt.name_bodies(th.core.database, vault) == 0


def test_it_is_adopted_in_pages(th: CoreKit, monkeypatch: pytest.MonkeyPatch) -> None:
    for each in (*RELATED, *OTHERS):
        publish(th, each)
    age(th)
    monkeypatch.setattr(ledger_adopt, "BATCH", 2)
    assert ledger_adopt.adopt(th.core.database, th.core.vault) == 6
    assert rows(th, "select n from released where family is null or family = x''") == []


def test_the_table_of_a_message_whose_text_is_destroyed_is_reported_by_its_name(th: CoreKit) -> None:
    for each in RELATED[:2]:
        publish(th, each)
    before = known(th, RELATED[0])
    age(th)
    with th.core.transaction() as connection:
        connection.exec_driver_sql("update message set body = null, body_key = null")
    ledger_adopt.adopt(th.core.database, th.core.vault)
    assert known(th, RELATED[0]) == before


def test_what_cannot_be_reported_is_found_by_its_sheet_and_not_tried_again(
    th: CoreKit, monkeypatch: pytest.MonkeyPatch
) -> None:
    for each in RELATED[:2]:
        publish(th, each)
    age(th)
    monkeypatch.setattr(ledger_adopt, "possible_sheets", lambda _: iter(()))
    with th.core.transaction() as connection:
        connection.exec_driver_sql("update message set body = null, body_key = null where n = 1")
    assert ledger_adopt.adopt(th.core.database, th.core.vault) == 2
    assert ledger_adopt.adopt(th.core.database, th.core.vault) == 0
    assert [line[3] for line in figures(known(th, RELATED[0]))] == [930, 950]
    assert [line[3] for line in figures(known(th, RELATED[1]))] == [950]


def test_every_sheet_of_a_trend_is_among_the_possible_ones() -> None:
    wanted = {
        Sheet("exercise|screened|services|judgment|return", "VN", "2031"),
        Sheet("actual|detected-victims|persons|detection|detection", "TH", "2031"),
    }
    assert wanted <= set(ledger_adopt.possible_sheets("2031"))


@pytest.mark.sqlite  # it opens the folder as a command does
def test_a_start_adopts_it(th: CoreKit) -> None:
    publish(th, RELATED[1])
    age(th)
    th.keyring.save()
    th.core.close()
    with offline.open_offline(th.folder, PASSPHRASE) as core, core.database.reading() as connection:
        name = family_of(Sheet("actual|detected-victims|persons|detection|detection", "TH", "2026"))
        assert [line[3] for line in figures(ledger.released(connection, core.vault, [name]).releases)] == [950]
    th.restart()


# -- a ledger that moves


def test_the_ledger_is_read_once_for_each_version(th: CoreKit, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(th, table(930))
    read: list[int] = []
    opened = ledger.open_row

    def counted(*args: Any) -> Any:
        read.append(args[2])
        return opened(*args)

    monkeypatch.setattr(ledger, "open_row", counted)
    for _ in range(3):
        checking.check(th.core, table(980), "actual")
    assert read == [1]
    publish(th, table(950, indicator="presumed-victims"))
    checking.check(th.core, table(980), "actual")
    assert read == [1, 1, 2]


def test_a_transaction_that_was_rolled_back_leaves_no_ledger_behind(th: CoreKit) -> None:
    """Its row number is given again: to another release."""
    publish(th, table(930))
    with contextlib.suppress(ZeroDivisionError), th.core.transaction() as connection:
        publish(th, table(950, indicator="presumed-victims"))
        within = figures(gate.released_figures(th.core, connection, whole(table(980))))
        raise ZeroDivisionError
    publish(th, table(970, indicator="presumed-victims"))
    with th.core.transaction() as connection:
        after = figures(gate.released_figures(th.core, connection, whole(table(980))))
    assert [[line[3] for line in each] for each in (within, after)] == [[930, 950], [930, 970]]


async def test_of_two_drafts_checked_at_one_time_the_second_sees_the_first(
    th: CoreKit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both are solved before either is committed; the one that comes second is solved again, beside the core."""
    both = threading.Barrier(2)
    calls: list[tuple[str, list[int | None]]] = []
    protect = tables.protect

    def watched(trend: Any, k: int, released: Released, draw: Any) -> Any:
        calls.append((threading.current_thread().name, [line[3] for line in figures(released)]))
        if len(calls) <= 2:
            both.wait(60)
        return protect(trend, k, released, draw)

    monkeypatch.setattr(verdict, "protect", watched)
    gateway = Gateway(th.core, Wake())
    monkeypatch.setattr(gateway.ready, "wait_until_accepting", AsyncMock())
    drafts = {"one": RELATED[0], "other": RELATED[1]}
    verdicts = await asyncio.gather(
        *(gateway.publish(data, realm="actual", key=None, token=who) for who, data in drafts.items())
    )
    assert [each.verdict for each in verdicts] == ["published", "published"]
    assert [seen for _, seen in calls[:2]] == [[], []]
    first = 930 if verdicts[0].id == "TH-TREND-2027-000001" else 950
    assert [seen for _, seen in calls[2:]] == [[first]]
    assert {name.partition("_")[0] for name, _ in calls} == {"check"}


def test_a_text_is_compared_with_the_year_before_that_left_in_another_message(th: CoreKit) -> None:
    publish(th, table(1_930, "2024-H2"))
    publish(th, table(930, "2025-H2"))
    with th.core.transaction() as connection:
        found = gate.released_figures(th.core, connection, whole(table(6)))
    assert [line[3] for line in figures(found)] == [930]
    texts = [{"lang": "en", "title": "Victims", "summary": "They fell by 99.35 per cent."}]
    draft = table(6, text=texts)
    assert accepting.accept(th.core, [(draft, None)], realm="actual", token="desk")[0].verdict == "held"
