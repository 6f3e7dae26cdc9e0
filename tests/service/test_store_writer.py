"""Whoever writes the database without the keyring's secrets: each attack as it was tried, on both databases."""

import asyncio
import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine

from service.publish.test_held import draft, table
from suar.cli.status import health
from suar.observe.hooks import Hooks
from suar.protocol.base import subjects
from suar.protocol.base.errors import Fault
from suar.protocol.base.primitives import public_of
from suar.protocol.files.auditlog import line_hash
from suar.protocol.transport.content import digest as content_digest
from suar.protocol.transport.outcome import Alarm
from suar.service.access import tokens
from suar.service.access.agencies import register
from suar.service.access.authentication import Authentication, TokenRows
from suar.service.access.last_uses import LastUses
from suar.service.access.registry import AgencyRegistry
from suar.service.contributing import desk
from suar.service.custody import holds
from suar.service.feed import exporting, feed
from suar.service.feed.positions import FeedPosition, FeedSelection
from suar.service.people import changes
from suar.service.process import run
from suar.service.publish import accepting, held, repeats, sealing
from suar.service.reading import evidence, proof_keeping, views
from suar.service.reading.verdict import Verdict
from suar.service.receive import store_checks
from suar.service.recovery import anchor_stream, backup, reanchor, restore
from suar.service.settings import integrity as integrity_settings
from suar.service.status import auditing
from suar.service.trust import trust_sync
from suar.store import tables as t
from suar.store.engine import database
from suar.store.engine.account import AccountSeal
from suar.store.engine.anchor import Anchor
from suar.store.engine.bookkeeping import Books
from suar.store.engine.protection import MAC, TABLES
from suar.store.engine.row_macs import RowMacs
from suar.store.engine.scanning import Finding
from suar.store.faults import AlteredError
from suar.store.inbound import alarm_ends
from suar.store.migrations import schema
from suar.store.outbound import queue
from suar.store.outbound.queue import Queued
from suar.store.people import access, contributions, drills, legal_holds, proposals, webhooks
from suar.store.people.access import OPERATOR
from support import stores
from support.corekit import CoreKit, alter, anchor_bytes, bundle_of, epoch_of, frame_of, rows
from support.kit import NOW, actor, alert, make_revoke, open_sending
from support.pairs import SECRET, Two, new
from support.tokens import claimed, join

PASSPHRASE = b"test"
NAMED = "A girl named Malee Suksai was found at the border."
ANCHOR = "anchor.suar"
CLOSED = "closed.suar"


@pytest.fixture
def th(tmp_path: Path) -> Iterator[CoreKit]:
    made = CoreKit(tmp_path / "th", "TH")
    made.keyring.save()
    made.receive_bundles()
    yield made
    made.close()


def held_one() -> bytes:
    named = [{"lang": "en", "title": "News", "summary": NAMED}]
    return draft(alert(), severity="extreme", text=named)


def publish(kit: CoreKit, data: bytes) -> Verdict:
    return accepting.accept(kit.core, [(data, None)], realm="actual", token="desk")[0]


def refused(kit: CoreKit, *words: str) -> None:
    """The gateway does not start, and says why."""
    kit.core.close()
    with pytest.raises(Fault) as fault:
        kit.restart()
    for word in words:
        assert word in fault.value.text
    assert "suar restore" in fault.value.hint


def opened(kit: CoreKit) -> CoreKit:
    kit.core.close()
    kit.restart()
    return kit


def made_token(kit: CoreKit, name: str, *scopes: str, person: bool = True) -> str:
    """A token whose holder claimed it."""
    table_ = TokenRows(kit.core)
    made = tokens.issue(table_, tokens.check(name, scopes, is_person=person), "operator", kit.now)
    return tokens.claim(table_, name, made.code, kit.now)


# -- tokens

KNOWN = tokens.new_token()
PLANT = (
    "insert into token (name, hash, scopes, created_at, roles, is_person, is_old)"
    " values ('x', ?, ?, ?, '', true, false)"
)


def plant_token(kit: CoreKit) -> None:
    alter(kit, PLANT, values=(tokens.hash_of(KNOWN), " ".join(("admin", "approve", "publish", "read")), NOW))


def test_a_planted_token_stops_the_start(th: CoreKit) -> None:
    plant_token(th)
    refused(th, "table token", "row x")


@pytest.mark.asyncio
async def test_an_altered_agency_reads_nothing(th: CoreKit) -> None:
    """Its highest TLP is raised in the file: the next change of any registration finds it, and then none reads."""
    registry = AgencyRegistry(th.core, LastUses(th.core), lambda _: None)
    agency = register("health", "health", ["trend"], "CLEAR")
    token = str((await registry.add(agency, None, "operator"))["token"])
    assert registry.book.authenticate(token) is not None
    alter(th, "UPDATE agency SET highest_tlp = 'AMBER', kinds = 'alert trend'")
    with pytest.raises(AlteredError):
        await registry.suspend("nobody", "operator")
    assert registry.book.authenticate(token) is None
    refused(th, "table agency", "row health")


@pytest.mark.asyncio
async def test_a_planted_token_opens_nothing_in_a_running_gateway(th: CoreKit) -> None:
    """Tokens are read again whenever one is made: then none opens anything, rather than one too many."""
    good = th.aside(made_token, th, "desk", "publish")
    door = Authentication(th.core, LastUses(th.core))
    await door.load("suar_" + "L" * 43)
    assert door.identify(good) is not None
    plant_token(th)
    with pytest.raises(AlteredError):
        await door.revoke("desk", "operator")
    assert door.identify(KNOWN) is None
    assert door.identify(good) is None
    assert door.identify("suar_" + "L" * 43, is_here=True) is not None
    assert th.core.integrity.finding is not None
    with pytest.raises(AlteredError):
        th.aside(access_note, th)


def access_note(kit: CoreKit) -> None:
    with kit.core.transaction() as connection:
        access.note(connection, "desk", "publish", "a", kit.now)


def test_a_revoked_token_is_not_revived(th: CoreKit) -> None:
    made_token(th, "desk", "publish")
    TokenRows(th.core).revoke("desk", th.now)
    alter(th, "update token set revoked_at = null where name = 'desk'")
    refused(th, "table token", "row desk")


@pytest.mark.parametrize("statement", [
    "delete from audit where what = 'token-add'",
    "insert into audit (n, at, who, what, about, hash) values (999, 1, 'x', 'token-revoke', 'desk', x'00')",
])  # fmt: skip
def test_tokens_are_compared_with_the_audit(th: CoreKit, statement: str) -> None:
    """Where table and audit contradict each other, one of the two was altered."""
    made_token(th, "desk", "publish")
    th.core.close()
    alter(th, statement)
    refused(th, "table token: desk: not in force by the audit")


# -- decisions, ledger


def test_who_published_is_not_rewritten(th: CoreKit) -> None:
    verdict = publish(th, held_one())
    assert verdict.verdict == "held"
    alter(th, "update held set who = 'somebody', counts_as = 'somebody'")
    with pytest.raises(AlteredError):
        held.release(th.core, str(verdict.id), "desk")
    refused(th, "table held")


def test_who_published_is_bound_into_the_sealed_message(th: CoreKit) -> None:
    """Also where the row's hash were right."""
    verdict = publish(th, held_one())
    with th.core.transaction() as connection:
        connection.exec_driver_sql("update held set who = 'somebody'")
    with pytest.raises(Fault, match="does not open"):
        held.list_held(th.core)
    assert verdict.verdict == "held"


def test_a_rejected_message_does_not_wait_again(th: CoreKit) -> None:
    verdict = publish(th, held_one())
    (before,) = rows(th, "select * from held")
    held.reject(th.core, str(verdict.id), "chief", "no")
    put_back(th, "held", [before])
    with pytest.raises(AlteredError, match="table held: an older row"):
        held.release(th.core, str(verdict.id), "chief")
    refused(th, "table held: an older row was put in the place of a newer one")


def test_a_number_is_not_given_twice(th: CoreKit) -> None:
    """Another text under one id would accuse this member of signing two."""
    first, second, third = (
        draft(alert(), text=[{"lang": "en", "title": title, "summary": "A pattern."}])
        for title in ("One", "Two", "Three")
    )
    publish(th, first)
    (before,) = rows(th, "select * from number")
    removed = publish(th, second)
    put_back(th, "number", [before])
    alter(th, "delete from message where id = ?", values=(removed.id,))
    with pytest.raises(AlteredError, match="table number: an older row"):
        publish(th, third)


def test_the_text_of_a_rejected_proposal_does_not_come_back(th: CoreKit) -> None:
    row = {"id": "P-1", "agency": "health", "at": NOW, "realm": "actual", "kind": "trend", "changed_by": "health"}
    with th.core.transaction() as connection:
        contributions.add(connection, th.core.vault, row, b"a true count")
    (before,) = rows(th, "select * from contribution")
    with th.core.transaction() as connection:
        contributions.reject(connection, th.core.vault, "P-1", "desk", "no", NOW)
    put_back(th, "contribution", [before])
    with (
        th.core.database.reading() as connection,
        pytest.raises(AlteredError, match="table contribution: an older row"),
    ):
        contributions.find(connection, "P-1")


def test_a_request_that_was_withdrawn_is_not_confirmed(th: CoreKit) -> None:
    with th.core.transaction() as connection:
        proposals.put(connection, th.core.vault, "erase", "VN-ALERT-2026-000001", b"", "chief", "chief", NOW)
    (before,) = rows(th, "select * from proposal")
    with th.core.transaction() as connection:
        assert proposals.withdraw(connection, "erase", "VN-ALERT-2026-000001", "chief")
    put_back(th, "proposal", [before])
    with (
        th.core.database.reading() as connection,
        pytest.raises(AlteredError, match="table proposal: 1 rows where this gateway"),
    ):
        proposals.about(connection, "erase", "VN-ALERT-2026-000001", 0)


def test_the_ledger_is_not_forgotten(th: CoreKit) -> None:
    assert publish(th, table({"female": 24, "male": 50, "total": 74})).verdict == "published"
    alter(th, "delete from released")
    refused(th, "table released")


def test_a_ledger_row_taken_away_for_a_moment_releases_nothing(th: CoreKit) -> None:
    """The verification of all tables may begin before and after; what was published then cannot be taken back."""
    first = publish(th, table({"female": 24, "male": 50, "total": 74}))
    alter(th, "delete from released")
    with pytest.raises(AlteredError, match="table released: 0 rows where this gateway wrote 1"):
        publish(th, table({"female": 25, "male": 50, "total": 75}, action="update", id=first.id))


def test_a_ledger_row_moved_to_another_family_decides_nothing(th: CoreKit) -> None:
    first = publish(th, table({"female": 24, "male": 50, "total": 74}))
    alter(th, "update released set sheet = ?, id = 'TH-TREND-2027-000009'", values=(bytes(32),))
    with pytest.raises(AlteredError):
        publish(th, table({"female": 25, "male": 50, "total": 75}, action="update", id=first.id))


# -- trust


def test_a_revoke_is_not_deleted(th: CoreKit) -> None:
    th.receive((subjects.hub("VN", subjects.revoke(actor("VN").kid)), make_revoke(actor("VN"))))
    assert th.core.world.trust.is_revoked(actor("VN").kid)
    alter(th, "delete from revoke")
    refused(th, "table revoke: 0 rows where this gateway wrote 1")


def test_a_revoke_is_not_made_garbage(th: CoreKit) -> None:
    """What it says is refused, and then the key would be good again."""
    th.receive((subjects.hub("VN", subjects.revoke(actor("VN").kid)), make_revoke(actor("VN"))))
    alter(th, "update revoke set data = x'00'")
    refused(th, "table revoke: 0 rows where this gateway wrote 1")


def altered(kit: CoreKit) -> list[str]:
    """The rows that the alarms name."""
    return [row.message_id for row in rows(kit, "select message_id from alarm where name = 'store-altered'")]


def whole(kit: CoreKit) -> None:
    """Every row that is there counts: the next start finds nothing."""
    opened(kit)
    assert kit.core.integrity.finding is None
    kit.core.integrity.verify_next(kit.now, kit.core.pause_between_reads)
    assert kit.core.integrity.finding is None


@pytest.mark.parametrize("revoked", [False, True])
def test_a_garbage_revoke_cuts_nobody_off(th: CoreKit, revoked: bool) -> None:
    if revoked:
        th.receive((subjects.hub("VN", subjects.revoke(actor("VN").kid)), make_revoke(actor("VN"))))
    own = th.core.sender.identity.kid
    alter(th, "insert into revoke (kid, data, accepted_at) values (?, x'00', 1)", values=(own,))
    opened(th)
    assert altered(th) == [f"revoke {own.hex()}"]
    assert not th.core.world.trust.is_revoked(own)
    assert th.core.world.trust.is_revoked(actor("VN").kid) is revoked
    whole(th)


def test_a_garbage_revoke_does_not_cover_that_another_was_deleted(th: CoreKit) -> None:
    th.receive((subjects.hub("VN", subjects.revoke(actor("VN").kid)), make_revoke(actor("VN"))))
    alter(th, "delete from revoke")
    alter(th, "insert into revoke (kid, data, accepted_at) values (?, x'00', 1)", values=(actor("SG").kid,))
    refused(th, "table revoke")


@pytest.mark.parametrize("with_another", [False, True])
def test_nor_while_it_runs(th: CoreKit, with_another: bool) -> None:
    """The world is read anew after a commit that failed."""
    th.receive((subjects.hub("VN", subjects.revoke(actor("VN").kid)), make_revoke(actor("VN"))))
    alter(th, "delete from revoke")
    if with_another:
        alter(th, "insert into revoke (kid, data, accepted_at) values (?, x'00', 1)", values=(actor("SG").kid,))
    th.core.request_reload()
    with pytest.raises(AlteredError, match="table revoke"):
        access_note(th)
    with pytest.raises(AlteredError):
        access_note(th)


def test_a_true_revoke_that_somebody_put_in_counts_like_one_that_came(th: CoreKit) -> None:
    """Whoever has it could have sent it."""
    values = (actor("VN").kid, make_revoke(actor("VN")))
    alter(th, "insert into revoke (kid, data, accepted_at) values (?, ?, 1)", values=values)
    opened(th)
    assert th.core.world.trust.is_revoked(actor("VN").kid)
    whole(th)
    alter(th, "delete from revoke")
    refused(th, "table revoke: 0 rows where this gateway wrote 1")


def test_a_list_of_ones_own_is_not_loaded(th: CoreKit) -> None:
    alter(th, "insert into trust_list (version, data, accepted_at) values (2, x'00', 1)")
    opened(th)
    assert altered(th) == ["trust_list 2"]
    assert th.core.world.trust.version == 1
    whole(th)


def test_the_newest_list_is_not_made_garbage(th: CoreKit) -> None:
    """Else whom it suspended were a member again."""
    newer = th.lists.after()
    th.receive((subjects.hub("VN", subjects.trust(2)), newer.signed()))
    assert th.core.world.trust.version == 2
    alter(th, "update trust_list set data = x'00' where version = 2")
    refused(th, "table trust_list")


def test_lists_are_not_deleted(th: CoreKit) -> None:
    alter(th, "delete from trust_list")
    refused(th, "table trust_list: 0 rows where this gateway wrote 1")


def test_a_list_that_comes_again_counts_from_then_on(th: CoreKit) -> None:
    alter(th, "update trust_list set data = x'00'")
    opened(th)
    assert th.core.world.trust.current is None
    opened(th)
    assert trust_sync.import_list(th.core, th.lists.signed(), None, who="test").result == "ok"
    whole(th)
    assert th.core.world.trust.version == 1


def test_a_bundle_that_was_altered_comes_again(th: CoreKit) -> None:
    vn = actor("VN")
    alter(th, "update bundle set data = x'00' where signer = ?", values=(vn.kid,))
    opened(th)
    assert altered(th) == [f"bundle {vn.kid.hex()}"]
    th.receive(bundle_of(vn))
    whole(th)
    alter(th, "delete from bundle where signer = ?", values=(vn.kid,))
    refused(th, "table bundle")


def test_an_epoch_of_which_the_numbers_were_altered_comes_again(th: CoreKit) -> None:
    """They decide what is a repetition, and nobody signs them."""
    sending = open_sending(actor("VN"), th.lists)
    th.receive(epoch_of(sending), frame_of(sending, alert("VN-ALERT-2027-000001")))
    alter(th, "update epoch set next = next + 7")
    opened(th)
    assert sending.opened.id not in th.core.world.epochs
    assert altered(th) == [f"epoch {sending.opened.id.hex()[:32]}"]
    th.receive(epoch_of(sending), frame_of(sending, alert("VN-ALERT-2027-000002")))
    assert th.core.world.epochs[sending.opened.id].sequence.next < 7
    whole(th)


def test_a_seed_that_opens_is_as_it_was_written(th: CoreKit) -> None:
    alter(th, "update kem_seed set not_after = not_after + 1")
    refused(th, "table kem_seed")


def test_seeds_are_not_deleted(th: CoreKit) -> None:
    alter(th, "delete from kem_seed")
    refused(th, "table kem_seed: 0 rows where this gateway wrote 1")


@pytest.mark.parametrize("statement", [
    "delete from bundle",
    "delete from epoch",
    "delete from queue",
    "update own_head set frames = frames + 1",
    "delete from own_head",
    "update meta set value = '0' where name = 'highest_time'",
    "delete from meta where name = 'highest_time'",
    "update number set last = 0",
])  # fmt: skip
def test_heads_clock_and_keys_are_as_they_were(two: Two, statement: str) -> None:
    two.publish(new("a"))
    two.to_sg()
    two.to_th()
    waits(two.th)
    alter(two.th, statement)
    refused(two.th, "was altered from outside")


def waits(kit: CoreKit) -> None:
    """Something stands in the queue."""
    with kit.core.transaction() as connection:
        queue.enqueue(connection, [Queued("actual", 0, "alert", id="TH-ALERT-2027-000077", rev=1, audience="all")])


def test_an_older_row_of_the_queue_is_distinguished_from_the_newer_one(th: CoreKit) -> None:
    waits(th)
    (before,) = rows(th, "select * from queue")
    with th.core.transaction() as connection:
        queue.park(connection, [before.n])
    alter(th, "update queue set parked = ?, mac = ?", values=(before.parked, before.mac))
    refused(th, "table queue: an older row")


def test_a_queued_row_that_was_altered_is_taken_out(two: Two) -> None:
    """Also where nothing that was sealed says otherwise."""
    two.publish(new("a"))
    alter(two.th, "update queue set priority = priority + 1")
    sealing.seal_queued(two.th.core)
    assert [name.split()[0] for name in altered(two.th)] == ["queue"]
    assert rows(two.th, "select n from queue") == []
    whole(two.th)


def test_alarms_of_altered_rows_are_lines_of_the_audit(th: CoreKit) -> None:
    alter(th, "insert into trust_list (version, data, accepted_at) values (2, x'00', 1)")
    opened(th)
    lines = rows(th, "select who, about from audit where what = 'alarm'")
    assert lines == [("gateway", "store-altered TH trust_list 2")]


# -- alarms


def test_deleted_alarms_are_reported(th: CoreKit) -> None:
    raise_one(th)
    alter(th, "delete from alarm")
    opened(th)
    assert th.core.integrity.finding == "table alarm: 0 rows where this gateway wrote 1"
    publish(th, draft(alert()))  # an alarm decides nothing: the gateway goes on
    assert not (th.folder / CLOSED).exists()


@pytest.mark.parametrize("data", [None, b"another object"])
def test_an_object_taken_out_of_an_alarm_is_reported(th: CoreKit, data: bytes | None) -> None:
    """A gap is proved by the frame behind it: without it nobody shows what was sent."""
    with th.core.transaction() as connection:
        th.core.raise_alarm(connection, Alarm("A-SILENCE", "VN"), b"what was sent")
    whole(th)
    alter(th, "update alarm set evidence = ?", values=(data,))
    verify_all(th, th.now + 1)
    assert th.core.integrity.finding == "table alarm: the object of row 1 is not the one that this gateway wrote"
    publish(th, draft(alert()))  # an alarm decides nothing: the gateway goes on


def verify_all(kit: CoreKit, at: int) -> None:
    while kit.core.integrity.verified_at != at:  # as many steps as it takes here
        kit.aside(kit.core.integrity.verify_next, at, kit.core.pause_between_reads)


def test_alarms_are_lines_of_the_audit(th: CoreKit) -> None:
    raise_one(th)
    assert [line.about for line in rows(th, "select about from audit where what = 'alarm'")] == ["A-SILENCE VN"]


def raise_one(kit: CoreKit) -> None:
    with kit.core.transaction() as connection:
        kit.core.raise_alarm(connection, Alarm("A-SILENCE", "VN"))
        assert len(alarm_ends.open_alarms(connection)) == 1


def test_what_is_altered_while_it_runs_is_found(th: CoreKit) -> None:
    raise_one(th)
    integrity = th.core.integrity
    for at in (th.now, th.now + 1):
        while integrity.verified_at != at:  # as many steps as it takes here
            th.aside(integrity.verify_next, at, th.core.pause_between_reads)
        if at == th.now:
            assert integrity.finding is None
            alter(th, "update alarm set acknowledged_at = 1, acknowledged_by = 'desk'")
    assert th.core.integrity.finding == "table alarm: row 1 is not as this gateway wrote it"


# -- a recall


def test_a_row_put_back_after_a_recall_shows_nothing(two: Two) -> None:
    [id_] = two.publish(new("a"))
    two.to_sg()
    assert SECRET in json.dumps(two.open(id_))
    (before,) = rows(two.sg, f"select body, {stores.SALT}, frame from message where rev = 1")
    two.cancel(id_)
    two.to_sg()
    two.prove(two.sg)
    alter(two.sg, "update message set body = ?, body_key = ?, frame = ? where rev = 1", values=tuple(before))
    for _ in range(2):
        assert SECRET not in json.dumps(two.open(id_, 1), default=str)
        with pytest.raises(Fault):
            evidence.export(two.sg.core, id_, 1)
        two.sg.restart()
    assert two.sg.aside(store_checks.settle, two.sg.core) == 1
    kept = rows(two.sg, f"select body, {stores.SALT}, frame from message where id = '{id_}' and rev = 1")
    assert kept == [(None, None, None)]
    two.sg.aside(store_checks.find_returned, two.sg.core)
    assert two.sg.aside(store_checks.settle, two.sg.core) == 0


UNPROTECTED = tuple(name for name, table in t.metadata.tables.items() if MAC not in table.c and name != "integrity")
"""Every table whose rows have no hash, but for the account itself."""


def test_nothing_of_a_recalled_text_comes_back_from_older_rows(two: Two) -> None:
    """Every row without a hash as it was before the recall, keys of rows among them, while the gateway runs; then a
    start, which destroys the text again.
    """
    [id_] = two.publish(new("a"))
    two.to_sg()
    proof_keeping.keep(two.sg.core, proof_keeping.collect(two.sg.core))
    assert SECRET in json.dumps(two.open(id_))
    before = {name: rows(two.sg, f"select * from {name}") for name in UNPROTECTED}
    assert before["message"]
    assert before["kept_proof"]
    two.cancel(id_)
    two.to_sg()
    two.prove(two.sg)
    for name, older in before.items():
        put_back(two.sg, name, older)
    nothing_is_shown(two, id_)
    two.sg.restart()
    nothing_is_shown(two, id_)
    two.sg.aside(store_checks.settle, two.sg.core)
    two.prove(two.sg)
    (row,) = rows(two.sg, f"select body, frame from message where id = '{id_}' and rev = 1")
    assert tuple(row) == (None, None)


def put_back(kit: CoreKit, table: str, older: list[Any]) -> None:
    """Write rows over those with the same key, as whoever writes the store."""
    keys = [column.name for column in t.metadata.tables[table].primary_key]
    for row in older:
        where = " and ".join(f'"{key}" = ?' for key in keys)
        stores.write(kit.folder, f"delete from {table} where {where}", tuple(getattr(row, key) for key in keys))
        names = ", ".join(f'"{name}"' for name in row._fields)
        alter(kit, f"insert into {table} ({names}) values ({', '.join('?' * len(row))})", values=tuple(row))


def nothing_is_shown(two: Two, id_: str) -> None:
    """At any door: to people and programs, in the feed, as an export, in a file of evidence."""
    core = two.sg.core
    for rev in (1, 2, None):
        assert SECRET not in json.dumps(two.open(id_, rev), default=str)
    found = exporting.content(core, id_, 1)
    assert found is None or SECRET.encode() not in found.data
    for is_sealed in (False, True):
        with pytest.raises(Fault):
            evidence.export(core, id_, 1, is_sealed=is_sealed)
    page = feed.next_page(core, FeedSelection(realm="all"), FeedPosition())
    assert SECRET not in repr(page)


def test_it_is_found_while_the_gateway_runs(two: Two) -> None:
    """Also where only the frame is back, in which the text stands sealed."""
    [id_] = two.publish(new("a"))
    two.to_sg()
    (before,) = rows(two.sg, "select frame from message where rev = 1")
    two.cancel(id_)
    two.to_sg()
    alter(two.sg, "update message set frame = ? where rev = 1", values=(before.frame,))
    two.sg.aside(store_checks.find_returned, two.sg.core)
    assert two.sg.aside(store_checks.settle, two.sg.core) == 1
    assert rows(two.sg, "select frame from message where rev = 1") == [(None,)]


def test_a_text_is_not_shown_again_when_every_record_of_its_recall_is_gone(two: Two) -> None:
    """Its cancel, and that we said so: the ids that were recalled stand apart."""
    [id_] = two.publish(new("a"))
    two.to_sg()
    (before,) = rows(two.sg, f"select body, {stores.SALT} from message where rev = 1")
    two.cancel(id_)
    two.to_sg()
    alter(two.sg, "delete from message where rev = 2", "delete from own_statement")
    alter(two.sg, "update message set body = ?, body_key = ?", values=tuple(before))
    assert SECRET not in json.dumps(two.open(id_, 1), default=str)
    page = feed.next_page(two.sg.core, FeedSelection(realm="all"), FeedPosition())
    assert page.events == []
    lines = views.inbox(two.sg.core, kind=None, origin=None, status=None, after=None, limit=100)
    assert SECRET not in json.dumps(lines, default=str)
    two.sg.aside(store_checks.settle, two.sg.core)
    assert rows(two.sg, "select body from message where rev = 1") == [(None,)]


def test_a_recall_that_nobody_made_destroys_nothing(two: Two) -> None:
    [id_] = two.publish(new("a"))
    two.to_sg()
    alter(two.sg, "insert into recalled (id, below, at) values (?, 9, 1)", values=(id_,))
    two.sg.aside(store_checks.find_returned, two.sg.core)
    two.sg.aside(store_checks.settle, two.sg.core)
    assert SECRET in json.dumps(two.open(id_, 1), default=str)
    refused(two.sg, "table recalled")


def test_a_recall_is_not_unsaid(two: Two) -> None:
    [id_] = two.publish(new("a"))
    two.to_sg()
    two.cancel(id_)
    two.to_sg()
    alter(two.sg, "delete from recalled")
    refused(two.sg, "table recalled")


# -- the audit


def test_a_rewritten_audit_is_not_signed_though_no_head_was(th: CoreKit) -> None:
    """What was written since the last head stands in the account, so that it cannot be rewritten either."""
    auditing.sign(th.core)
    for _ in range(3):
        access_note(th)
    last = rows(th, "select n, at, who, what, about, hash from audit order by n desc limit 2")
    before = bytes(last[1].hash)
    th.core.close()
    made = line_hash(before, last[0].n, last[0].at, "somebody", last[0].what, last[0].about)
    alter(th, f"update audit set who = 'somebody', hash = ? where n = {last[0].n}", values=(made,))
    th.restart()
    assert not auditing.sign(th.core)
    assert th.core.audit.broken is not None


# -- the anchor


def copies(kit: CoreKit) -> str:
    """The store of this moment, as somebody copies it."""
    kit.core.close()
    kept = stores.copy(kit.folder)
    kit.restart()
    return kept


def put(kit: CoreKit, kept: str) -> None:
    kit.core.close()
    stores.put_back(kit.folder, kept)


def by_doctor(kit: CoreKit) -> str:
    """What `suar doctor` says of the store while no gateway runs."""
    passphrase = kit.folder / "passphrase"
    passphrase.write_bytes(PASSPHRASE)
    (kit.folder / "suar.toml").write_text('[store]\n[member]\ncode = "TH"\nname = "Thailand"\n')
    stores.named_in_settings(kit.folder)
    found = [each for each in health.checks_of(kit.folder, passphrase) if each.id == "store-integrity"]
    return found[0].text


def account(kit: CoreKit) -> bytes:
    """The store's account of its rows, sealed."""
    with stores.outsider(kit.folder) as store:
        return bytes(store.execute("select sealed from integrity").fetchone()[0])


def test_an_older_store_is_not_taken(th: CoreKit) -> None:
    kept = copies(th)
    made_token(th, "desk", "publish")
    TokenRows(th.core).revoke("desk", th.now)
    th.core.close()
    assert by_doctor(th) == health.NO_ANSWER
    put(th, kept)
    kept_account = account(th)
    assert "behind its anchor" in by_doctor(th)
    assert account(th) == kept_account
    refused(th, "behind its anchor")


@pytest.mark.sqlite
def test_an_emptied_store_is_not_taken(th: CoreKit) -> None:
    th.core.close()
    (th.folder / "suar.db").unlink()
    refused(th, "no account of its rows")


def test_a_store_without_its_account_is_not_taken_for_one_of_before(th: CoreKit) -> None:
    alter(th, "delete from integrity")
    th.core.close()
    (th.folder / ANCHOR).unlink()
    refused(th, "no account of its rows")


@pytest.mark.parametrize("data", [None, b"", b"SUARANCH" + bytes(80)])
def test_the_anchor_is_not_removed_or_made(th: CoreKit, data: bytes | None) -> None:
    th.core.close()
    path = th.folder / ANCHOR
    path.unlink() if data is None else path.write_bytes(data)
    refused(th, "anchor")


def test_a_store_ahead_of_its_anchor_continues(th: CoreKit) -> None:
    """As after a crash between a commit and the anchor."""
    th.core.close()
    older_anchor = (th.folder / ANCHOR).read_bytes()
    th.restart()
    access_note(th)
    th.core.close()
    (th.folder / ANCHOR).write_bytes(older_anchor)
    th.restart()
    access_note(th)


def test_the_anchor_of_a_store_that_was_put_back_is_of_another_line(th: CoreKit) -> None:
    """An old copy with a higher number does not pass for what came after two persons put a store back."""
    old = copies(th)
    for _ in range(5):
        access_note(th)
    high = copies(th)
    put(th, old)
    reanchor.as_it_is(th.folder, th.keyring, "put back", None, th.now, stores.url(th.folder))
    opened(th)
    put(th, high)
    refused(th, "another copy")


def test_who_takes_over_compares_with_the_anchor_that_a_pair_shares(th: CoreKit) -> None:
    """Its own machine has an anchor of before, which the store that was put back fits."""
    kept = copies(th)
    th.core.close()
    before = (th.folder / ANCHOR).read_bytes()
    th.restart()
    made_token(th, "desk", "publish")
    newest = anchor_bytes(th)
    put(th, kept)
    (th.folder / ANCHOR).write_bytes(before)
    th.restart()
    with pytest.raises(AlteredError, match="what was decided since lacks in token"):
        th.aside(anchor_stream.judge, th.core, newest)
    with pytest.raises(AlteredError):
        access_note(th)


def test_the_anchor_is_sealed_and_private(th: CoreKit) -> None:
    made_token(th, "desk", "publish")
    path = th.folder / ANCHOR
    assert path.stat().st_mode & 0o777 == 0o600
    assert b"token" not in path.read_bytes()
    assert anchor_bytes(th)[:8] == b"SUARANCH"


def released(two: Two) -> None:
    assert publish(two.th, table({"female": 24, "male": 50, "total": 74})).verdict == "published"


def revoked(two: Two) -> None:
    two.th.receive((subjects.hub("VN", subjects.revoke(actor("VN").kid)), make_revoke(actor("VN"))))


def recalled(two: Two) -> None:
    [id_] = two.publish(new("a"))
    two.to_sg()
    two.cancel(id_)
    two.to_sg()


def held_by_law(two: Two) -> None:
    """Also when one of two ends by its date."""
    for id_, until in zip(two.publish(new("a"), new("b")), (two.th.now + 1, two.th.now + 86_400_000), strict=True):
        for who in ("anan", "boon"):
            holds.add(two.th.core, id_, who, "Criminal Court", until)
    two.th.now += 2
    assert holds.end_over(two.th.core) == 1


def rejected(two: Two) -> None:
    """A person rejects what an agency proposed."""
    row = {"id": "P-1", "agency": "health", "at": NOW, "realm": "actual", "kind": "trend", "changed_by": "health"}
    with two.th.core.transaction() as connection:
        contributions.add(connection, two.th.core.vault, row, draft(alert()))
    assert desk.reject(two.th.core, "P-1", "boon", "the counts are not of this month")


def registered(two: Two) -> None:
    registry = AgencyRegistry(two.th.core, LastUses(two.th.core), lambda _: None)
    asyncio.run(registry.add(register("health", "health", ["trend"], "CLEAR"), None, "operator"))


def called_back(two: Two) -> None:
    with two.th.core.transaction() as connection:
        webhooks.keep(connection, two.th.core.vault, webhooks.Stored("health", "https://a.example", b"1", None, None))


def sealed_text(two: Two) -> None:
    with two.th.core.transaction() as connection:
        legal_holds.keep_text(connection, "SG-ALERT-2027-000001", 1, b"sealed", NOW)


PROMPT = [
    ("token", lambda two: made_token(two.th, "desk", "publish")),
    ("trust_list", lambda two: two.th.receive((subjects.hub("VN", subjects.trust(2)), two.th.lists.after().signed()))),
    ("revoke", revoked),
    ("recalled", recalled),
    ("released", released),
    ("held", lambda two: publish(two.th, held_one())),
    ("proposal", lambda two: holds.add(two.th.core, two.publish(new("a"))[0], "anan", "Court", two.th.now + 1)),
    ("legal_hold", held_by_law),
    ("contribution", rejected),
    ("agency", registered),
    ("people", lambda two: changes.invite(two.th.core, "malee", "Malee", ("reader",), "en", OPERATOR)),
    ("webhook", called_back),
    ("held_text", sealed_text),
]


def test_each_table_of_decisions_has_a_case() -> None:
    assert {name for name, _ in PROMPT} == {name for name, how in TABLES.items() if how.is_prompt}


@pytest.mark.parametrize(("name", "decide"), PROMPT, ids=[name for name, _ in PROMPT])
def test_a_decision_is_anchored_before_anybody_is_answered(
    two: Two, name: str, decide: Callable[[Two], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without what is written within a second: the thread of its own writes nothing here."""
    books = (two.sg if name == "recalled" else two.th).core.integrity.books
    monkeypatch.setattr(books.anchor, "write_soon", lambda _: None)
    assert books.account is not None
    before = books.account.tables.get(name)
    decide(two)
    anchored = books.anchor.read()
    assert anchored is not None
    assert anchored.tables[name] == books.account.tables[name] != before


def test_an_anchor_that_cannot_be_written_is_no_answer(th: CoreKit, monkeypatch: pytest.MonkeyPatch) -> None:
    anchor = th.core.integrity.books.anchor
    monkeypatch.setattr(anchor, "path", th.folder / "nowhere" / ANCHOR)
    with pytest.raises(Fault, match="cannot be written"):
        made_token(th, "desk", "publish")
    assert anchor.fault
    monkeypatch.undo()
    made_token(th, "other", "publish")
    assert anchor.fault is None


# -- after an upgrade


def as_before(kit: CoreKit) -> None:
    """A store of before: no account, no hashes, no anchor."""
    kit.core.close()
    alter(kit, "delete from integrity")
    with sqlite3.connect(kit.folder / "suar.db") as store:
        for (name,) in store.execute("select name from sqlite_master where type = 'table'").fetchall():
            if "mac" in [row[1] for row in store.execute(f"pragma table_info({name})")]:
                store.execute(f"update {name} set mac = null")
    store.close()
    (kit.folder / ANCHOR).unlink()
    kit.keyring.has_account = False


@pytest.mark.sqlite
def test_an_upgrade_adopts_once_and_says_so(th: CoreKit) -> None:
    made_token(th, "desk", "publish")
    as_before(th)
    plant_token(th)
    th.restart()
    lines = rows(th, "select what, about from audit where who = 'gateway' and what in ('store-adopt', 'token-revoke')")
    assert [line.what for line in lines] == ["store-adopt", "token-revoke"]
    assert lines[0].about == "rows of before this version; tokens: desk x; not made by this gateway, so revoked: x"
    assert lines[1].about == "x"
    assert {row.name: row.revoked_at is None for row in TokenRows(th.core).list()} == {"desk": True, "x": False}
    th.restart()
    assert rows(th, "select count(*) as n from audit where what = 'store-adopt'")[0].n == 1
    assert th.core.integrity.finding is None


def to_version(kit: CoreKit, revision: str) -> None:
    """The rows in the tables of an earlier version, as its own migrations make them."""
    path, older = kit.folder / "suar.db", kit.folder / "older.db"
    engine = create_engine(f"sqlite:///{older}")
    with engine.begin() as connection:
        schema.upgrade(connection, revision)
    engine.dispose()
    with sqlite3.connect(older) as store:
        store.execute("ATTACH ? AS now", (str(path),))
        names = [name for kind, name in schema.earlier(revision) if kind == "table" and name != "alembic_version"]
        for name in names:
            columns = ", ".join(f'"{row[1]}"' for row in store.execute(f'PRAGMA main.table_info("{name}")'))
            store.execute(f'INSERT INTO main."{name}" ({columns}) SELECT {columns} FROM now."{name}"')
    store.close()
    older.rename(path)


@pytest.mark.sqlite
def test_a_store_of_the_version_before_is_brought_to_this_one(two: Two) -> None:
    """As it stood on the disk: without the columns and tables of this version, with messages and a recall."""
    first, second = two.publish(new("a"), new("b"))
    two.to_sg()
    two.cancel(first)
    two.to_sg()
    as_before(two.sg)
    to_version(two.sg, "0014")
    two.sg.keyring.save()
    start(two.sg)
    assert rows(two.sg, "select count(*) as n from audit where what = 'store-adopt'")[0].n == 1
    assert rows(two.sg, "select id, below from recalled") == [(first, 2)]
    assert SECRET in json.dumps(two.open(second))
    whole(two.sg)
    assert lost(two.sg) == 0


@pytest.mark.sqlite
def test_held_messages_of_before_are_bound_to_their_publisher(th: CoreKit) -> None:
    verdict = publish(th, held_one())
    with th.core.transaction() as connection:
        row = connection.exec_driver_sql("select id, rev, who, counts_as, sealed, sealed_key from held").one()
        content = th.core.vault.open(row.sealed, row.sealed_key, f"held {row.id} 1 {row.who} {row.counts_as}")
        older = th.core.vault.seal(content, f"held {row.id} 1")
        connection.exec_driver_sql("update held set sealed = ?, sealed_key = ?", older)
    as_before(th)
    th.restart()
    assert [each["id"] for each in held.list_held(th.core)] == [verdict.id]


@pytest.mark.sqlite
def test_recalls_of_before_are_noted_by_a_true_cancel_alone(two: Two) -> None:
    first, second = two.publish(new("a"), new("b"))
    two.to_sg()
    two.cancel(first)
    two.to_sg()
    with two.sg.core.transaction() as connection:
        connection.exec_driver_sql("delete from recalled")
    columns = "digest, origin, kind, realm, tlp, at, sent, expires, lane"
    as_before(two.sg)
    alter(
        two.sg,
        f"insert into message (id, rev, action, {columns}) select id, 2, 'cancel', {columns} "
        f"from message where id = '{second}'",
    )
    two.sg.restart()
    assert rows(two.sg, "select id, below from recalled") == [(first, 2)]


@pytest.mark.sqlite
def test_frames_of_before_are_numbered_once(two: Two) -> None:
    """What is here of them then is missed when it is taken out afterwards."""
    ids = two.publish(new("a"), new("b"))
    two.to_sg()
    as_before(two.sg)
    alter(two.sg, "update frame set messages = null, tag = null")
    two.sg.restart()
    assert rows(two.sg, "select seq from frame where messages is null or tag is null") == []
    assert lost(two.sg) == 0
    alter(two.sg, f"delete from message where id = '{ids[0]}'")
    assert lost(two.sg) == 1


def lost(kit: CoreKit) -> int:
    """How many frames are asked for once more."""
    walk = store_checks.FrameWalk(kit.core)
    while kit.aside(walk.step):
        pass
    return kit.aside(store_checks.ask_again, kit.core)


LATER = """
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "9999", "NEWEST", None, None


def upgrade() -> None:
    op.add_column("drill", sa.Column("later", sa.Text(), nullable=True))
"""


NEWEST = schema.newest()


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """A version of after this one, with one column more in a protected table."""
    folder = tmp_path / "migrations"
    shutil.copytree(schema.MIGRATIONS, folder)
    (folder / "versions" / "9999_later.py").write_text(LATER.replace("NEWEST", NEWEST))
    monkeypatch.setattr(schema, "MIGRATIONS", folder)
    forget_schema()
    rows_ = [[*key, *defined] for key, defined in schema.earlier("9999").items()]
    (folder / "schema.json").write_text(json.dumps(rows_))
    monkeypatch.setattr(schema, "FILE", folder / "schema.json")
    yield
    forget_schema()


def forget_schema() -> None:
    for each in (schema.revisions, schema.this_version, schema.earlier):
        each.cache_clear()


def start(kit: CoreKit) -> None:
    kit.core = run.open_core(kit.folder, PASSPHRASE, {}, Hooks())


@pytest.mark.sqlite  # its schema is in no list
@pytest.mark.parametrize("is_altered", [False, True])
def test_the_next_version_verifies_the_rows_before_it_changes_the_tables(
    th: CoreKit, request: pytest.FixtureRequest, is_altered: bool
) -> None:
    """A change that is taken back then waits for people."""
    with th.core.transaction() as connection:
        drills.add(connection, "spring", ["TH-ALERT-2027-000001"], "desk", th.now)
    th.core.close()
    request.getfixturevalue("later")
    if is_altered:
        alter(th, "update drill set who = 'somebody'")
        with pytest.raises(AlteredError, match="table drill"):
            start(th)
        alter(th, "update drill set who = 'desk'")
        with pytest.raises(Fault, match=r"the store was closed at .*table drill"):
            start(th)
        reanchor.as_it_is(th.folder, th.keyring, "looked into", None, th.now)
    start(th)
    assert [line.about for line in rows(th, "select about from audit where what = 'store-adopt'")] == (
        [] if is_altered else [f"tables {NEWEST} became 9999"]
    )
    th.core.close()
    alter(th, "update drill set later = 'x'")
    start(th)
    assert th.core.integrity.finding == "table drill: row spring TH-ALERT-2027-000001 is not as this gateway wrote it"


@pytest.mark.sqlite
def test_tables_that_were_changed_without_verifying_are_not_taken(th: CoreKit, request: pytest.FixtureRequest) -> None:
    th.core.close()
    request.getfixturevalue("later")
    other = database.Database(th.folder)
    other.migrate()
    other.close()
    with pytest.raises(Fault, match="without being verified"):
        start(th)


# -- a change that is taken back


def taken_back(kit: CoreKit) -> str:
    """A table is published, its row in the ledger is away for a moment, and the running gateway finds that."""
    first = publish(kit, table({"female": 24, "male": 50, "total": 74}))
    (row,) = rows(kit, "select * from released")
    alter(kit, "delete from released")
    with pytest.raises(AlteredError):
        publish(kit, table({"female": 25, "male": 50, "total": 75}, action="update", id=first.id))
    put_back(kit, "released", [row])
    return "table released: 0 rows where this gateway wrote 1"


def test_a_closed_store_stays_closed_when_the_change_is_taken_back(th: CoreKit) -> None:
    """Until people decide: what was decided meanwhile would leave at the next start, and nothing would tell of it."""
    second = made_token(th, "chief", "approve")
    finding = taken_back(th)
    kept = th.folder / CLOSED
    assert kept.stat().st_mode & 0o777 == 0o600
    assert b"released" not in kept.read_bytes()
    refused(th, "the store was closed at 20", finding)
    refused(th, finding)
    [(named, _, why)] = [each for each in run.verified(th.folder, PASSPHRASE, {}) if each[2]]
    assert named == "released"
    assert str(why).startswith("found at 20")
    assert str(why).endswith(finding.removeprefix("table released"))
    with pytest.raises(Fault, match="second person"):
        reanchor.as_it_is(th.folder, th.keyring, "looked into", None, th.now, stores.url(th.folder))
    refused(th, finding)
    assert reanchor.as_it_is(th.folder, th.keyring, "looked into", second, th.now, stores.url(th.folder)).findings == {}
    opened(th)
    (line,) = rows(th, "select about from audit where what = 'store-restored'")
    assert line.about.startswith("looked into; altered: nothing; the store was closed at 20")
    assert line.about.endswith(f"{finding}; with chief")
    whole(th)


@pytest.mark.sqlite
def test_a_restored_backup_opens_a_closed_store_and_names_the_finding(th: CoreKit, tmp_path: Path) -> None:
    file = tmp_path / "th.backup"
    backup.make(th.folder, PASSPHRASE, file, now=NOW)
    finding = taken_back(th)
    th.core.close()
    fault = integrity_settings.anchor_fault(th.folder, th.keyring)
    assert fault is not None
    assert finding in fault.text
    restore.restore(file, PASSPHRASE, th.folder, now=NOW, replace=True)
    assert not (th.folder / CLOSED).exists()
    th.restart()
    (line,) = rows(th, "select about from audit where what = 'restore'")
    assert finding in line.about


@pytest.mark.sqlite
def test_a_finding_that_cannot_be_written_is_written_later(th: CoreKit, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first one alone, and by nobody who may not write the store any more; a file that does not open is a no."""
    books = th.core.integrity.books
    with monkeypatch.context() as patch:
        patch.setattr(books.anchor.closed, "path", th.folder / "nowhere" / CLOSED)
        books.found("token", Finding("a" * 9_000, is_closing=True))
    assert f"{CLOSED} cannot be written" in str(th.core.integrity.finding)
    with monkeypatch.context() as patch:
        patch.setattr(books, "may_keep", lambda: False)
        books.found("held", Finding("b", is_closing=True))
    assert books.anchor.closed.read() is None
    with pytest.raises(AlteredError):
        th.core.integrity.require_unaltered()
    kept = books.anchor.closed.read()
    assert kept is not None
    assert (kept.table, set(kept.text)) == ("token", {"a"})
    for data in ((th.folder / CLOSED).read_bytes()[:-1], b"x" * 9_000):
        (th.folder / CLOSED).write_bytes(data)
        refused(th, CLOSED, "was altered")
    reanchor.as_it_is(th.folder, th.keyring, "why", None, th.now)
    opened(th)
    (line,) = rows(th, "select about from audit where what = 'store-restored'")
    assert "the store was closed by a finding that cannot be read" in line.about


# -- two persons


@pytest.mark.sqlite
def test_a_store_is_put_back_by_two_persons(th: CoreKit) -> None:
    made_token(th, "desk", "publish", "approve", person=False)
    kept = copies(th)
    second = made_token(th, "chief", "approve")
    lonely = copies(th)
    access_note(th)
    put(th, lonely)
    for wrong in (None, tokens.new_token()):
        with pytest.raises(Fault, match="second person"):
            reanchor.as_it_is(th.folder, th.keyring, "the disk of Monday", wrong, th.now)
    done = reanchor.as_it_is(th.folder, th.keyring, "the disk of Monday", second, th.now)
    assert done == ("chief", {})
    opened(th)
    (line,) = rows(th, "select who, about from audit where what = 'store-restored'")
    assert (line.who, line.about) == ("operator", "the disk of Monday; altered: nothing; with chief")
    put(th, kept)
    assert reanchor.as_it_is(th.folder, th.keyring, "older still", None, th.now).second is None
    opened(th)


@pytest.mark.sqlite
def test_a_planted_second_person_does_not_count(th: CoreKit) -> None:
    made_token(th, "chief", "approve")
    alter(th, "update token set hash = ? where name = 'chief'", values=(tokens.hash_of(KNOWN),))
    th.core.close()
    done = reanchor.as_it_is(th.folder, th.keyring, "why", None, th.now)
    assert done.findings == {"token": "row chief is not as this gateway wrote it"}
    assert done.second is None


@pytest.mark.sqlite
def test_a_backup_is_put_back_by_two_persons(th: CoreKit, tmp_path: Path) -> None:
    second = made_token(th, "chief", "approve")
    file, state = tmp_path / "th.backup", tmp_path / "new"
    backup.make(th.folder, PASSPHRASE, file, now=NOW)
    with pytest.raises(Fault, match="second person"):
        restore.restore(file, PASSPHRASE, state, now=NOW, replace=False)
    assert not state.exists()
    assert not restore.restore(file, PASSPHRASE, state, now=NOW, replace=False, second=second).has_open_holds
    other = restore.restore(file, PASSPHRASE, tmp_path / "o", now=NOW, replace=False, second=second, holds=True)
    assert other.has_open_holds
    assert all(finding is None for _, _, finding in run.verified(state, PASSPHRASE, {}))
    with sqlite3.connect(state / "suar.db") as store:
        ((about,),) = store.execute("select about from audit where what = 'restore'").fetchall()
    store.close()
    assert about == "this state was put back from a backup; with chief"


def test_the_second_person_is_judged_as_a_call_of_theirs_is(th: CoreKit) -> None:
    """Suspended, without the role, revoked, with a scope that their roles do not allow: refused."""
    for name in ("anan", "boon", "chai", "dara"):
        join(th, name, "approver")
    good = claimed(th, "dara-phone", "approve", user="dara")
    suspended = claimed(th, "anan-phone", "approve", user="anan")
    changes.suspend(th.core, "anan", OPERATOR)
    other_role = claimed(th, "boon-phone", "approve", user="boon")
    changes.set_roles(th.core, "boon", ("reader",), OPERATOR)
    revoked = claimed(th, "chai-phone", "approve", user="chai")
    TokenRows(th.core).revoke("chai-phone", th.now)
    operator = claimed(th, "boon-admin", "admin", user="boon")
    url = stores.url(th.folder)
    th.core.close()
    for secret in (suspended, other_role, revoked, operator):
        with pytest.raises(Fault, match="none that may agree"):
            reanchor.as_it_is(th.folder, th.keyring, "why", secret, th.now, url)
    with pytest.raises(Fault, match="has to agree"):
        reanchor.as_it_is(th.folder, th.keyring, "why", None, th.now, url)
    assert reanchor.as_it_is(th.folder, th.keyring, "why", good, th.now, url).second == "dara-phone"


@pytest.mark.sqlite
def test_a_backup_is_not_put_back_by_who_is_suspended(th: CoreKit, tmp_path: Path) -> None:
    for name in ("anan", "boon"):
        join(th, name, "approver")
    suspended, good = (claimed(th, f"{name}-phone", "approve", user=name) for name in ("anan", "boon"))
    changes.suspend(th.core, "anan", OPERATOR)
    file, state = tmp_path / "th.backup", tmp_path / "new"
    backup.make(th.folder, PASSPHRASE, file, now=NOW)
    with pytest.raises(Fault, match="none that may agree"):
        restore.restore(file, PASSPHRASE, state, now=NOW, replace=False, second=suspended)
    assert not state.exists()
    restore.restore(file, PASSPHRASE, state, now=NOW, replace=False, second=good)


# -- the whole


def test_the_whole_is_verified_with_the_audit(th: CoreKit) -> None:
    th.core.close()
    found = run.verified(th.folder, PASSPHRASE, {})
    assert {finding for _, _, finding in found} == {None}
    alter(th, "update meta set value = '1' where name = 'highest_time'")
    found = run.verified(th.folder, PASSPHRASE, {})
    assert [table_ for table_, _, finding in found if finding] == ["meta", "message"], "which is then not examined"
    assert public_of(th.keyring.identity.seed)


@pytest.mark.sqlite
def test_a_store_whose_rows_were_hashed_before_stamps_were_is_carried_over(th: CoreKit) -> None:
    """With an account of the version before: it is verified, its alarms get digests, its answers their keys."""
    with th.core.transaction() as connection:
        th.core.raise_alarm(connection, Alarm("A-SILENCE", "VN"), b"what was sent")
    data = draft(alert())
    verdict = publish(th, data)
    (name,) = repeats.request_of(th.core, "desk", "actual", data, None).names
    th.core.close()
    to_version(th, "0028")
    with sqlite3.connect(th.folder / "suar.db") as store:
        store.execute("update request set key = ?, answer = substr(answer, ?)", (name, access.BOUND + 1))
        store.execute("insert into stamped (value, stamp, position) values (zeroblob(32), 1, 0)")
    store.close()
    hash_as_before(th, "0028")
    th.keyring.save()
    start(th)
    th.restart()
    whole(th)
    (row,) = rows(th, "select evidence, evidence_digest from alarm")
    assert row.evidence_digest == content_digest(row.evidence)
    lines = [line.about for line in rows(th, "select about from audit where what = 'store-adopt' order by n")]
    assert lines[-1] == f"tables 0028 became {schema.newest()}"
    again = publish(th, data)
    assert (again.id, again.is_replayed) == (verdict.id, True)


def hash_as_before(kit: CoreKit, revision: str) -> None:
    """Hash every row and anchor the store, as a gateway of that version did."""
    seal = AccountSeal(kit.keyring.store_key)
    books = Books(kit.code, RowMacs(kit.keyring.store_key), seal, Anchor(kit.folder, seal))
    older = database.Database(kit.folder)
    with older.begin() as connection:
        older.find_columns(books.macs, connection)
        raw: Any = connection.connection.driver_connection
        raw.create_function("suar_added", -1, books.macs.added)
        books.adopt(connection, revision)
        books.finish(connection)
    books.note_commit()
    older.close()
    books.anchor.close()
