"""A restore puts older rights back: a member's insider, or the thief of a laptop, had the token that was revoked since.

Before, the revoked token was the second person of the restore, also with --replace, and opened every call afterwards;
nothing told that tokens, people and agencies were those of the backup.
"""

import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from suar.observe.checks import every as checks
from suar.protocol.base import limits
from suar.protocol.base.errors import Fault
from suar.protocol.base.instants import instant
from suar.service.access import tokens
from suar.service.access.agencies import register
from suar.service.access.authentication import TokenRows
from suar.service.access.last_uses import LastUses
from suar.service.access.registry import AgencyRegistry
from suar.service.gaps import alarms
from suar.service.people import changes
from suar.service.recovery import anchor_stream, backup, reanchor, replaced_store
from suar.service.recovery.restore import PutBack, restore
from suar.service.recovery.stream_reconciliation import mark_reconciled
from suar.service.status import snapshot
from suar.store import tables as t
from suar.store.people import persons
from suar.store.people.access import OPERATOR
from suar.store.recovery import positions
from support.corekit import CoreKit, anchor_bytes
from support.kit import NOW
from support.tokens import audit_lines, claimed, issue, join, opened_by

pytestmark = pytest.mark.sqlite  # a backup is put back as a file
PASSPHRASE = b"test"
DAY = limits.DAY
SEEN = snapshot.ProcessState(snapshot.BusState(), is_settled=True, has_stood_down=False)
NO_LONGER = "none that may agree"
NEEDED = "a second person has to agree"


@pytest.fixture
def th(tmp_path: Path) -> Iterator[CoreKit]:
    made = CoreKit(tmp_path / "th", "TH")
    made.keyring.save()
    yield made
    made.close()


def backed_up(kit: CoreKit) -> Path:
    file = kit.folder.parent / f"{kit.now}.backup"
    backup.make(kit.folder, PASSPHRASE, file, now=kit.now)
    return file


def replaced(kit: CoreKit, file: Path, second: str | None) -> PutBack:
    """`suar restore --replace`, and the start after it."""
    kit.core.close()
    kit.now += limits.MINUTE
    try:
        return restore(file, PASSPHRASE, kit.folder, now=kit.now, replace=True, second=second)
    finally:
        kit.restart()


def revoke(kit: CoreKit, name: str) -> None:
    assert TokenRows(kit.core).revoke(name, kit.now)


def check(kit: CoreKit) -> tuple[str, str]:
    found = checks.run(snapshot.read_snapshot(kit.core, SEEN), limits.HEARTBEAT_INTERVAL)
    (shown,) = (each for each in found if each.id == "rights-confirmed")
    return shown.status, shown.text


# -- the store that is replaced


def test_who_was_revoked_since_is_no_second_person_and_stays_revoked(th: CoreKit) -> None:
    """The attacker's steps: a backup, the revocation, `restore --replace` with the revoked token."""
    left, stays = claimed(th, "left", "approve", user=joined(th, "anan")), claimed(th, "stays", "approve", user="anan")
    file = backed_up(th)
    th.now += limits.MINUTE
    revoke(th, "left")
    with pytest.raises(Fault, match=NO_LONGER):
        replaced(th, file, left)
    assert opened_by(th, stays) is not None, "the folder is as it was"
    assert replaced(th, file, stays).carried == 1
    assert opened_by(th, left) is None
    assert opened_by(th, stays) is not None
    assert ("gateway", "token-revoke", "left") in audit_lines(th, "token-revoke")


def joined(kit: CoreKit, name: str, *roles: str) -> str:
    join(kit, name, *(roles or ("approver",)))
    return name


def test_a_suspended_person_and_a_lost_role_stay_so(th: CoreKit) -> None:
    good = claimed(th, "good", "approve", user=joined(th, "good-one"))
    suspended = claimed(th, "phone", "approve", user=joined(th, "anan"))
    demoted = claimed(th, "desk", "approve", user=joined(th, "boon", "approver", "reader"))
    file = backed_up(th)
    th.now += limits.MINUTE
    changes.suspend(th.core, "anan", OPERATOR)
    changes.set_roles(th.core, "boon", ("reader", "author"), OPERATOR)
    for token in (suspended, demoted):
        with pytest.raises(Fault, match=NO_LONGER):
            replaced(th, file, token)
    assert replaced(th, file, good).carried == 2
    with th.core.database.reading() as connection:
        people = {row.id: (row.state, row.roles) for row in connection.execute(select(t.person))}
    assert people == {
        "good-one": ("active", "approver"),
        "anan": ("suspended", "approver"),
        "boon": ("active", "reader"),
    }
    assert audit_lines(th, "person-suspend", "person-roles") == [
        ("gateway", "person-suspend", "anan"),
        ("gateway", "person-roles", "boon reader"),
    ]


def test_a_secret_that_its_maker_saw_does_not_come_back(th: CoreKit) -> None:
    made = issue(th, "desk", "read")
    file = backed_up(th)
    th.now += limits.MINUTE
    own = tokens.claim(TokenRows(th.core), "desk", made.code, th.now)
    assert replaced(th, file, None).carried == 1
    assert opened_by(th, made.token) is None
    assert opened_by(th, made.code) is None
    assert opened_by(th, own) is not None


@pytest.mark.asyncio
async def test_agencies_and_their_doors_stay_ended(th: CoreKit) -> None:
    registry, names = AgencyRegistry(th.core, LastUses(th.core), lambda _: None), ("gone", "asleep", "turned", "still")
    held = {}
    for name in names:
        wanted = register(name, "health", ["alert"], "AMBER", may_propose=name == "still")
        held[name] = str((await registry.add(wanted, None, OPERATOR))["token"])
    file = await th.core.run(backed_up, th)
    th.now += limits.MINUTE
    await registry.revoke("gone", OPERATOR)
    await registry.suspend("asleep", OPERATOR)
    await registry.rotate("turned", None, OPERATOR)
    await registry.change("still", OPERATOR, propose=False)
    assert replaced(th, file, None).carried == 4
    again = AgencyRegistry(th.core, LastUses(th.core), lambda _: None)
    await again.load()
    th.now += 2 * DAY
    assert [again.book.authenticate(held[name]) is not None for name in names] == [False, False, False, True]
    assert [about for who, _, about in audit_lines(th, "agency-revoke", "agency-suspend", "agency-rotate")] == [
        "gone", "asleep", "turned"
    ]  # fmt: skip
    assert audit_lines(th, "agency-change") == [("gateway", "agency-change", "still: proposes nothing")]


def test_nothing_is_added_and_an_older_store_decides_nothing(th: CoreKit) -> None:
    older = backed_up(th)
    th.now += limits.MINUTE
    good = claimed(th, "chief", "approve", user=joined(th, "anan"))
    newer = backed_up(th)
    assert replaced(th, older, good).carried == 0, "the second person of today agrees"
    with th.core.database.reading() as connection:
        assert list(connection.execute(select(t.token.c.name))) == []
    assert replaced(th, newer, good).carried == 0
    assert opened_by(th, good) is not None


def test_a_store_that_does_not_open_is_none_that_judges(th: CoreKit) -> None:
    good = claimed(th, "chief", "approve", user=joined(th, "anan"))
    file = backed_up(th)
    th.core.close()
    (th.folder / "suar.db").write_bytes(b"\0" * 8192)
    done = restore(file, PASSPHRASE, th.folder, now=th.now, replace=True, second=good)
    th.restart()
    assert done.carried is None


ROWS = (
    "INSERT INTO token (name, hash, scopes, created_at, maker)"
    " WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < ?)"
    " SELECT 'made-' || n, randomblob(32), ?, 1, 'x' FROM c"
)
ENDLESS = (
    "CREATE VIEW alembic_version AS WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c)"
    " SELECT n AS version_num FROM c WHERE n < 0"
)


@pytest.mark.parametrize(
    ("statements", "is_read"),
    [
        ([(ROWS, (replaced_store.ROWS_MAX - 1, "read"))], True),
        ([(ROWS, (replaced_store.ROWS_MAX, "read"))], False),
        ([(ROWS, (3, "x" * (replaced_store.BYTES_MAX // 2)))], False),
        ([("CREATE TRIGGER more AFTER INSERT ON audit BEGIN DELETE FROM token; END", ())], False),
        ([("DROP TABLE alembic_version", ()), (ENDLESS, ())], False),
    ],
    ids=["many rows", "one more row", "long values", "a trigger", "a view without an end"],
)
def test_what_is_read_of_a_replaced_store_is_bounded(
    th: CoreKit, statements: list[tuple[str, tuple[object, ...]]], *, is_read: bool
) -> None:
    """By whoever could write it: before, all of it was read, and a view that never ends kept the restore for ever."""
    good = claimed(th, "chief", "approve", user=joined(th, "anan"))
    file = backed_up(th)
    th.core.close()
    with contextlib.closing(sqlite3.connect(th.folder / "suar.db")) as store, store:
        for statement, values in statements:
            store.execute(statement, values)
    done = restore(file, PASSPHRASE, th.folder, now=th.now, replace=True, second=good)
    th.restart()
    assert (done.carried is not None) == is_read
    assert opened_by(th, good) is not None


# -- a machine that knows nothing of it


def test_elsewhere_a_check_is_critical_until_somebody_went_through_the_rights(th: CoreKit) -> None:
    """The backup is put back where nothing is known of the revocation; the anchor at the own server shows it."""
    left = claimed(th, "left", "approve", user=joined(th, "anan"))
    with th.core.transaction() as connection:
        at = dict.fromkeys(("created_at", "seen_at", "fresh_at"), th.now + DAY)
        persons.insert_session(connection, {"hash": b"s" * 32, "person": "anan", **at})
    file, made_at = backed_up(th), th.now
    th.now += limits.MINUTE
    revoke(th, "left")
    newest = anchor_bytes(th)
    assert check(th)[0] == "ok"
    elsewhere(th, file, left)
    with th.core.database.reading() as connection:
        assert list(persons.sessions(connection)) == []
    status, text = check(th)
    assert (status, instant(made_at) in text) == ("critical", True)
    anchor_stream.judge(th.core, newest)
    assert check(th)[1].endswith("shows other rows in token")
    mark_reconciled(th.core)
    (raised,) = alarms.list_alarms(th.core, 0)
    assert (raised["name"], raised["member"]) == ("restored", "TH")
    assert "suar token list" in raised["next"]
    th.restart()
    assert check(th)[0] == "critical"
    alarms.acknowledge_alarm(th.core, raised["n"], "chief", "")
    assert check(th)[0] == "ok"
    th.restart()
    assert check(th)[0] == "ok"


def elsewhere(kit: CoreKit, file: Path, second: str | None) -> None:
    """Restored without the folder that is lost, and started."""
    kit.core.close()
    kit.folder.rename(kit.folder.with_name("lost"))
    kit.now += limits.MINUTE
    restore(file, PASSPHRASE, kit.folder, now=kit.now, replace=False, second=second)
    kit.restart()


def test_an_anchor_without_a_change_is_named_and_confirms_nothing(th: CoreKit) -> None:
    good = claimed(th, "chief", "approve", user=joined(th, "anan"))
    file, newest = backed_up(th), anchor_bytes(th)
    elsewhere(th, file, good)
    anchor_stream.judge(th.core, newest)
    status, text = check(th)
    assert (status, text.endswith("shows no such change")) == ("critical", True)
    anchor_stream.judge(th.core, anchor_bytes(th))
    assert check(th)[1] == text, "the anchor of after the restore says nothing of it"


def test_the_earliest_time_stands_and_a_store_without_rights_asks_nothing(th: CoreKit) -> None:
    elsewhere(th, backed_up(th), None)
    assert check(th)[0] == "ok"
    claimed(th, "desk", "read")
    made_at = th.now
    th.now += DAY
    for now in (made_at, made_at + DAY):
        with th.core.transaction() as connection:
            positions.mark_restored(connection, th.now, holds=False, as_of=now)
            assert positions.rights(connection) == (made_at, "")


# -- the rule of two persons outlasts its last second person


@pytest.mark.parametrize("how", ["revoke", "suspend", "roles"])
def test_who_ends_the_last_second_person_does_not_end_the_rule(th: CoreKit, how: str) -> None:
    """Before, one revocation by any admin token made `suar store restored` an act of one person."""
    chief = claimed(th, "chief", "approve", user=joined(th, "anan"))
    claimed(th, "program", "admin")
    ends: dict[str, Callable[[], object]] = {
        "revoke": lambda: revoke(th, "chief"),
        "suspend": lambda: changes.suspend(th.core, "anan", OPERATOR),
        "roles": lambda: changes.set_roles(th.core, "anan", ("reader",), OPERATOR),
    }
    ends[how]()
    at = th.now
    file = backed_up(th)
    th.core.close()
    for second, words in ((None, NEEDED), (chief, NO_LONGER)):
        with pytest.raises(Fault, match=words):
            reanchor.as_it_is(th.folder, th.keyring, "test", second, at + 30 * DAY - 1)
    with pytest.raises(Fault, match=NEEDED) as refused:
        restore(file, PASSPHRASE, th.folder.with_name("new"), now=at + DAY, replace=False)
    assert instant(at + 30 * DAY) in refused.value.hint
    assert reanchor.as_it_is(th.folder, th.keyring, "test", None, at + 30 * DAY).second is None
    th.restart()


def test_a_successor_s_token_is_the_way_out_and_an_expired_one_asks_nothing(th: CoreKit) -> None:
    claimed(th, "chief", "approve", user=joined(th, "anan"))
    successor = claimed(th, "next", "approve", user=joined(th, "boon"))
    revoke(th, "chief")
    th.core.close()
    assert reanchor.as_it_is(th.folder, th.keyring, "test", successor, th.now + DAY).second == "next"
    assert reanchor.as_it_is(th.folder, th.keyring, "test", None, NOW + 400 * DAY).second is None
    th.restart()
