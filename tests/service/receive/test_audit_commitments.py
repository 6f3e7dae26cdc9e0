"""Heartbeats commit a member to its audit log, and the others keep that: a rewritten log is shown by any of them."""

from typing import Any

import msgspec
import pytest

from suar.protocol.base import limits
from suar.protocol.files import auditlog, commitments
from suar.protocol.files.auditlog import BrokenLog, Line, exported_lines
from suar.service.access import audit_commitments
from suar.service.publish import sealing
from suar.service.status import auditing
from suar.store.inbound import commitments as store
from support import audit_log
from support.audit_log import exported, rewrite
from support.corekit import CoreKit, rows
from support.pairs import Two


def act(kit: CoreKit, *names: str) -> None:
    """Lines that are signed at once."""
    audit_log.act(kit, *names)
    auditing.sign_due(kit.core)


def switch_on(kit: CoreKit) -> None:
    settings = kit.folder / "suar.toml"
    text = settings.read_text()
    assert "heartbeat_seconds = 30" in text
    settings.write_text(text.replace("heartbeat_seconds = 30", "heartbeat_seconds = 30\ncommit_audit = true"))
    kit.restart()


def beat(two: Two) -> None:
    assert sealing.seal_heartbeat(two.th.core)
    two.sg.receive(*two.publish_due(two.th))


def an_hour(two: Two) -> None:
    for kit in (two.th, two.sg):
        kit.now += limits.HOUR


def kept(two: Two) -> list[Any]:
    return rows(two.sg, "select member, hour, at, commitment from audit_commitment order by hour")


def shown(two: Two, log: list[bytes], day: int | None = None) -> list[commitments.Opened]:
    """As `suar audit verify --commitments --salt` does, from what TH and SG hand out."""
    records = list(auditlog.records(log))
    summary = auditlog.verify(records)
    page = audit_commitments.page(two.sg.core, "TH", 0, 1_000)
    file = [msgspec.json.encode(each) for each in (page["title"], *page["commitments"])]
    title, each, _ = commitments.read(file)
    salt = two.th.core.audit_salts.of(commitments.day_of(two.th.now) if day is None else day)
    digests = [bytes.fromhex(line.hash) for line in records if isinstance(line, Line)]
    found = commitments.judge(summary.title, digests, title, each, commitments.read_salt(salt.text))
    commitments.require(found, title)
    return found


def test_it_is_off_until_the_settings_say_otherwise(two: Two) -> None:
    act(two.th, "a")
    beat(two)
    assert kept(two) == []
    switch_on(two.th)
    act(two.th, "b")
    beat(two)
    assert [row.member for row in kept(two)] == ["TH"]


def test_a_rewritten_chain_with_its_heads_deleted_is_shown_by_a_peer(two: Two) -> None:
    switch_on(two.th)
    for name in ("a", "b", "c"):
        act(two.th, name)
        beat(two)
        an_hour(two)
    before = exported(two.th)
    assert len(shown(two, before)) == 3
    line = next(record for record in auditlog.records(before) if isinstance(record, Line) and record.about == "c")
    rewrite(two.th.folder, line.n)
    forged = [text for text in exported_lines(iter([auditing.page(two.th.core, 0, 1_000)])) if b'"head"' not in text]
    assert auditlog.verify(auditlog.records(forged)).lines == len(forged) - 1, "by itself the log shows nothing"
    with pytest.raises(BrokenLog, match=r"file of SG, which nobody .* to no line of the log; this salt opens another"):
        shown(two, forged)


def test_what_is_committed_to_is_what_the_gateway_verified_and_not_what_the_store_says(two: Two) -> None:
    switch_on(two.th)
    act(two.th, "a", "b")
    before = exported(two.th)
    two.th.core.audit.advance(two.th.core.audit.at or auditing.START)
    rewrite(two.th.folder, 2)
    beat(two)
    assert [each.n for each in shown(two, before)] == [two.th.core.audit.at.n if two.th.core.audit.at else 0]


def test_one_an_hour_is_kept_and_the_first(two: Two) -> None:
    switch_on(two.th)
    act(two.th, "a")
    two.th.now = two.sg.now = two.th.now // limits.HOUR * limits.HOUR + limits.HOUR
    for _ in range(5):
        beat(two)
        for kit in (two.th, two.sg):
            kit.now += limits.MINUTE
    (row,) = kept(two)
    assert (row.hour * limits.HOUR, row.at) == (two.sg.now - 5 * limits.MINUTE,) * 2
    an_hour(two)
    beat(two)
    assert len(kept(two)) == 2
    assert row == kept(two)[0]


def test_no_two_heartbeats_show_that_nothing_was_done_between_them(two: Two) -> None:
    switch_on(two.th)
    act(two.th, "a")
    for _ in range(3):
        beat(two)
        an_hour(two)
    assert len({row.commitment for row in kept(two)}) == 3
    assert len({each.n for each in shown(two, exported(two.th))}) == 1


def test_they_are_kept_for_so_many_hours(two: Two) -> None:
    switch_on(two.th)
    act(two.th, "a")
    beat(two)
    (row,) = kept(two)
    with two.sg.core.transaction() as connection:
        store.forget_old(connection, (row.hour + limits.COMMITMENT_HOURS) * limits.HOUR)
        assert store.kept(connection, "TH", 0, 10)
        store.forget_old(connection, (row.hour + limits.COMMITMENT_HOURS + 1) * limits.HOUR)
        assert not store.kept(connection, "TH", 0, 10)


def test_a_gateway_that_has_verified_nothing_yet_commits_to_nothing(two: Two) -> None:
    switch_on(two.th)
    two.th.core.audit.at = None
    beat(two)
    assert kept(two) == []


def test_the_salt_is_of_the_keyring_and_differs_by_member(two: Two) -> None:
    day = commitments.day_of(two.th.now)
    salt = two.th.core.audit_salts.of(day)
    two.th.restart()
    assert two.th.core.audit_salts.of(day) == salt
    assert two.sg.core.audit_salts.of(day) != salt
    assert commitments.salt_of(two.th.core.audit_salts.of(day + 1), day) == salt
    assert two.th.core.audit_salts.of(day) == salt, "a later one was asked for in between"
