"""The audit of a gateway: chained as it is written, signed within a minute, judged from what is exported."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from suar.protocol.files.auditlog import (
    BrokenLog,
    LogSummary,
    SignedHead,
    exported_lines,
    line_hash,
    records,
    verify,
)
from suar.service.process import run
from suar.service.recovery import backup, reanchor
from suar.service.recovery.restore import restore
from suar.service.settings.keyring import Keyring
from suar.service.status import auditing
from suar.store.people import access, audit
from support import read_out, stores
from support.audit_log import act, rewrite
from support.corekit import PASSPHRASE, CoreKit, alter


@pytest.fixture
def th(tmp_path: Path) -> Iterator[CoreKit]:
    made = CoreKit(tmp_path / "th", "TH")
    yield made
    made.close()


def pages(th: CoreKit, size: int = 2) -> Iterator[dict[str, Any]]:
    after, count = 0, size
    while count == size:
        page = read_out.audit_page(th.core, after, size, "auditor")
        count = len(page["lines"])
        after = page["lines"][-1]["n"] if count else after
        yield page


def exported(th: CoreKit) -> list[bytes]:
    return list(exported_lines(pages(th)))


def judged(th: CoreKit, since: SignedHead | None = None) -> LogSummary:
    kid = th.core.sender.identity.kid.hex()
    return verify(records(exported(th)), kids=[kid], since=since)


def test_a_log_is_whole_and_signed_to_its_end(th: CoreKit) -> None:
    act(th, "a", "b", "c")
    found = judged(th)
    assert found.lines == found.signed >= 5
    assert exported(th)[-2].decode().count('"read"') == 1


def test_it_is_signed_once_a_minute_and_only_when_there_is_more(th: CoreKit) -> None:
    act(th, "a")
    assert auditing.sign_due(th.core)
    act(th, "b")
    th.now += 59_000
    assert not auditing.sign_due(th.core)
    th.now += 1_000
    assert auditing.sign_due(th.core)
    th.now += 60_000
    assert not auditing.sign_due(th.core)


def test_one_head_an_hour_is_kept_and_the_newest(th: CoreKit) -> None:
    for _ in range(180):
        th.now += 60_000
        act(th, "a")
        auditing.sign_due(th.core)
    with th.core.transaction() as connection:
        (n, _), heads = access.last_note(connection), audit.heads(connection, 0, 10_000)
    assert 3 <= len(heads) <= 4
    assert heads[-1].n == n


@pytest.mark.parametrize(
    ("statement", "text"),
    [
        ("delete from audit where n = 3", "line 3 was removed"),
        ("update audit set about = 'x' where n = 3", "line 3 was altered"),
        ("update audit set who = 'nobody' where n = 2", "line 2 was altered"),
        ("update audit set n = 1000 - n where n in (3, 4)", "from 3 on were reordered"),
    ],
)
def test_what_is_done_to_the_store_is_named(th: CoreKit, statement: str, text: str) -> None:
    act(th, "a", "b", "c", "d")
    alter(th, statement)
    with pytest.raises(BrokenLog, match=text):
        judged(th)


def test_lines_that_changed_their_places_are_named(th: CoreKit) -> None:
    act(th, "a", "b", "c", "d")
    alter(th, *(f"update audit set n = {to} where n = {n}" for n, to in ((3, 0), (4, 3), (0, 4))))
    with pytest.raises(BrokenLog, match="from 3 on were reordered"):
        judged(th)


def test_a_tail_cut_off_with_its_heads_is_found_by_an_earlier_export(th: CoreKit) -> None:
    act(th, "a", "b", "c", "d", "e", "f", "g", "h")
    kept = judged(th).heads[-1]
    alter(th, "delete from audit where n > 3", "delete from audit_head")
    assert judged(th).lines < kept.head, "alone the log does not show it"
    with pytest.raises(BrokenLog, match="cut off"):
        judged(th, since=kept)


def test_the_tail_is_missed_also_when_as_many_lines_came_since(th: CoreKit) -> None:
    act(th, "a", "b")
    kept = judged(th).heads[-1]
    alter(th, f"delete from audit where n = {kept.head}", "delete from audit_head")
    act(th, "c", "d", "e")
    with pytest.raises(BrokenLog, match="not the one that the head to compare it with signed"):
        judged(th, since=kept)


def test_a_transaction_that_fails_leaves_no_line(th: CoreKit) -> None:
    before = judged(th).lines
    with pytest.raises(RuntimeError):
        _fail(th)
    th.restart()
    assert judged(th).lines == before + 1, "only that it was read"


def _fail(th: CoreKit) -> None:
    with th.core.transaction() as connection:
        access.note(connection, "desk", "publish", "never", th.now)
        raise RuntimeError


@pytest.mark.sqlite  # a backup is put back as a file
def test_a_restored_state_continues_with_the_chain(th: CoreKit) -> None:
    act(th, "a")
    th.core.close()
    reanchor.as_it_is(th.folder, th.keyring, "put back", None, th.now, stores.url(th.folder))
    th.core = th.opened()
    act(th, "b")
    lines = [msgspec.json.decode(line) for line in exported(th)]
    assert [line["what"] for line in lines if "what" in line][-3:-1] == ["store-restored", "publish"]
    assert judged(th).lines > 4


# -- somebody who can write the store


def reopen(th: CoreKit) -> None:
    """The gateway starts again, with what its keyring's file has of the audit."""
    identities = th.keyring.identities
    th.keyring = Keyring.open(th.folder / "keyring.suar", PASSPHRASE)
    th.keyring.identities = identities
    th.core = th.opened()


def test_a_forgery_is_not_signed(th: CoreKit) -> None:
    act(th, "a", "b", "c", "d")
    assert auditing.sign(th.core)
    rewrite(th.folder, 3)
    act(th, "e")
    th.now += 60_000
    assert not auditing.sign_due(th.core)
    assert not auditing.sign(th.core)
    assert judged(th).signed == 0, "sound by itself, and no head of ours signs it"
    assert "is not the one that was signed" in str(th.core.audit.broken)


def test_nor_after_a_restart(th: CoreKit) -> None:
    act(th, "a", "b", "c", "d")
    assert auditing.sign(th.core)
    th.core.close()
    rewrite(th.folder, 3)
    reopen(th)
    act(th, "e")
    assert not auditing.sign(th.core)
    assert th.core.audit.broken


def test_lines_that_were_looked_at_and_not_signed_yet_are_known_too(th: CoreKit) -> None:
    act(th, "a", "b")
    assert auditing.sign(th.core)
    act(th, "c", "d")
    assert not auditing.sign_due(th.core), "the last head is not a minute old"
    rewrite(th.folder, 5, keep_heads=True)
    th.now += 60_000
    assert not auditing.sign_due(th.core)
    assert th.core.audit.broken


@pytest.mark.parametrize("statement", ["delete from audit where n = 3", "update audit set about = 'x' where n = 5"])
def test_what_is_altered_without_a_new_chain_is_not_signed_either(th: CoreKit, statement: str) -> None:
    act(th, "a")
    assert auditing.sign(th.core)
    act(th, "b", "c", "d", "e")
    alter(th, statement)
    signed = auditing.sign(th.core)
    assert signed is (statement.endswith("n = 3") and th.core.audit.broken is None)
    if signed:  # a line before the one that was signed: the chain itself shows it
        with pytest.raises(BrokenLog):
            judged(th)


def test_a_tail_that_was_cut_off_is_noticed(th: CoreKit) -> None:
    act(th, "a", "b", "c", "d")
    assert auditing.sign(th.core)
    alter(th, "delete from audit where n > 3", "delete from audit_head")
    act(th, "x", "y", "z", "more")
    assert not auditing.sign(th.core)
    assert th.core.audit.broken


def put_keyring_back(th: CoreKit) -> None:
    """Sign one line of the audit, then two more; close the core, with the keyring as it was after the first."""
    act(th, "a")
    assert auditing.sign(th.core)
    kept = th.keyring.path.read_bytes()
    act(th, "b", "c")
    assert auditing.sign(th.core)
    th.core.close()
    th.keyring.path.write_bytes(kept)


def test_a_keyring_that_is_behind_contradicts_nothing(th: CoreKit) -> None:
    """Killed between the head and the keyring."""
    put_keyring_back(th)
    reopen(th)
    act(th, "d")
    assert auditing.sign(th.core)
    assert judged(th).signed >= 6


def test_a_head_that_is_not_in_the_keyring_yet_counts_too(th: CoreKit) -> None:
    put_keyring_back(th)
    rewrite(th.folder, 4, keep_heads=True)
    reopen(th)
    assert not auditing.sign(th.core)
    assert th.core.audit.broken


def test_a_state_of_an_earlier_version_begins_at_its_newest_head(th: CoreKit) -> None:
    act(th, "a", "b")
    assert auditing.sign(th.core)
    th.keyring.audit = None
    th.restart()
    act(th, "c")
    assert auditing.sign(th.core)
    assert judged(th).signed > 3


def test_what_was_found_stays_found_until_somebody_begins_again(th: CoreKit) -> None:
    act(th, "a", "b", "c")
    assert auditing.sign(th.core)
    rewrite(th.folder, 2)
    assert not auditing.sign(th.core)
    act(th, "d")
    assert not auditing.sign(th.core)
    auditing.restart_log(th.core, "operator", "the store of Monday was put back")
    assert th.core.audit.broken is None
    lines = [msgspec.json.decode(line) for line in exported(th)]
    assert "audit-anew" in [line.get("what") for line in lines]
    th.core.close()
    reopen(th)
    act(th, "e")
    assert auditing.sign(th.core)
    assert judged(th).signed > 4


def test_a_long_log_is_followed_in_steps(th: CoreKit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auditing, "STEP", 3)
    act(th, *map(str, range(20)))
    th.now += 60_000
    assert auditing.sign_due(th.core)
    assert th.core.audit.at is not None
    first = th.core.audit.at.n
    assert first == 3
    assert auditing.sign(th.core)
    assert judged(th).signed > 20


@pytest.mark.sqlite  # a backup is put back into another folder
def test_a_backup_between_two_heads_is_put_back_and_signed(th: CoreKit, tmp_path: Path) -> None:
    act(th, "a")
    th.keyring.save()
    assert auditing.sign(th.core)
    backup.make(th.folder, PASSPHRASE, tmp_path / "b", now=th.now)
    act(th, "b")
    assert auditing.sign(th.core)
    restore(tmp_path / "b", PASSPHRASE, tmp_path / "new", now=th.now, replace=False)
    th.core.close()
    th.folder = tmp_path / "new"
    reopen(th)
    assert auditing.sign(th.core)
    assert th.core.audit.broken is None


# -- lines that somebody else appends

FAR = 2**63 - 1


def append(th: CoreKit, n: int | None = None) -> int:
    """A line by who can write the store, bound to the last one; behind it, or under number `n`."""
    with stores.outsider(th.folder) as store:
        last, digest = store.execute("select n, hash from audit order by n desc limit 1").fetchone()
        number, line = n if n is not None else last + 1, ("demo-approve", "message-release", "SG-ALERT-2026-000002")
        made = line_hash(digest, number, th.now, *line)
        values = (number, th.now, *line, made)
        store.execute("insert into audit (n, at, who, what, about, hash) values (?, ?, ?, ?, ?, ?)", values)
    return int(last)


def signed_to(th: CoreKit) -> int:
    with th.core.database.reading() as connection:
        head = audit.newest_head(connection)
    return head.n if head is not None else 0


def opened_again(th: CoreKit) -> None:
    th.core.close()
    reopen(th)


OTHERS = [None, FAR, 2**53, 1_000, 0]


@pytest.mark.parametrize("n", OTHERS)
def test_a_line_appended_to_a_running_gateway_is_not_signed(th: CoreKit, n: int | None) -> None:
    """Neither by itself, nor with the gateway's own lines behind it, nor after restarts."""
    act(th, "a", "b")
    assert auditing.sign(th.core)
    last = append(th, n)
    act(th, "c", "d")
    th.now += 60_000
    assert not auditing.sign_due(th.core)
    assert not auditing.sign(th.core)
    assert th.core.audit.broken is not None
    assert "not written by this gateway" in th.core.audit.broken
    for _ in range(2):
        opened_again(th)
        assert th.core.audit.broken is not None
        act(th, "e")
        assert not auditing.sign(th.core)
    assert signed_to(th) <= last


@pytest.mark.parametrize("n", OTHERS[:2])
def test_nor_is_one_that_nothing_follows(th: CoreKit, n: int | None) -> None:
    act(th, "a", "b")
    last = append(th, n)
    assert not auditing.sign(th.core)
    assert "not written by this gateway" in str(th.core.audit.broken)
    assert signed_to(th) <= last


@pytest.mark.parametrize("n", OTHERS[:2])
def test_nor_one_of_while_the_gateway_was_down(th: CoreKit, n: int | None) -> None:
    act(th, "a", "b")
    assert auditing.sign(th.core)
    th.core.close()
    last = append(th, n)
    assert any(table == "audit" and finding for table, _, finding in run.verified(th.folder, PASSPHRASE, {}))
    reopen(th)
    assert "not written by this gateway" in str(th.core.audit.broken)
    act(th, "c")
    assert not auditing.sign(th.core)
    assert signed_to(th) <= last


@pytest.mark.parametrize("n", OTHERS[:4])
def test_it_is_read_and_continued(th: CoreKit, n: int | None) -> None:
    """The log is shown, verified and exported; who accepts it has a log that is signed and whole again."""
    act(th, "a", "b")
    last = append(th, n)
    act(th, "c")
    read = [msgspec.json.decode(line) for line in exported(th)]
    assert any(line.get("n") == (n or last + 1) for line in read)
    opened_again(th)
    auditing.restart_log(th.core, "operator", "somebody wrote a line")
    assert th.core.audit.broken is None
    opened_again(th)
    act(th, "d")
    assert auditing.sign(th.core)
    assert judged(th).signed > last
    th.core.close()
    assert {finding for _, _, finding in run.verified(th.folder, PASSPHRASE, {})} == {None}
    reopen(th)


def test_a_line_far_away_is_named(th: CoreKit) -> None:
    act(th, "a")
    append(th, FAR)
    with pytest.raises(BrokenLog, match=f"line {FAR} was not written by its gateway"):
        judged(th)


@pytest.mark.sqlite  # PostgreSQL keeps the types
def test_a_hash_of_another_type_ends_nothing(th: CoreKit) -> None:
    act(th, "a", "b")
    alter(th, "update audit set hash = 'text' where n = (select max(n) from audit)")
    act(th, "c")
    assert not auditing.sign(th.core)
    assert exported(th)
    alter(th, "update audit set hash = 1099511627776 where n = (select max(n) from audit)")
    act(th, "d")
    assert exported(th)
    opened_again(th)
    assert th.core.audit.broken


def test_an_own_transaction_that_fails_is_no_difference(th: CoreKit) -> None:
    act(th, "a")
    with pytest.raises(RuntimeError):
        _fail(th)
    with th.core.transaction() as connection:
        nested = connection.begin_nested()
        access.note(connection, "desk", "publish", "taken back", th.now)
        nested.rollback()
        access.note(connection, "desk", "publish", "b", th.now)
        access.note(connection, "desk", "publish", "c", th.now)
    assert auditing.sign(th.core)
    assert th.core.audit.broken is None
