"""A restore knows no hold that was set after the backup: nothing is destroyed until two persons say which stand."""

import sqlite3

import pytest

from service.custody.test_hold_orders import by_two, listed, recall
from service.custody.test_holds import COURT, has_text, quarantined, release
from suar.protocol.base import limits
from suar.protocol.base.errors import Fault, Refused
from suar.service.custody import erasing, holds, retention
from suar.service.feed.exporting import content
from suar.service.reading import views
from suar.service.receive import store_checks
from suar.service.recovery import reanchor
from suar.store.recovery import copies
from support.corekit import CoreKit, rows
from support.pairs import Two, new

pytestmark = pytest.mark.sqlite  # a backup is put back as a file


class Backup:
    """A copy of SG's store, put back as `suar restore` does."""

    def __init__(self, kit: CoreKit) -> None:
        self.kit, self.file = kit, kit.folder.parent / "copy.db"
        self.file.unlink(missing_ok=True)
        copies.copy(kit.folder / copies.STORE, self.file)

    def restore(self, *, holds: bool = True) -> None:
        core = self.kit.core
        core.close()
        for path in self.kit.folder.glob(f"{copies.STORE}*"):
            path.unlink()
        (self.kit.folder / "anchor.suar").unlink(missing_ok=True)
        with sqlite3.connect(self.file) as source, sqlite3.connect(self.kit.folder / copies.STORE) as target:
            source.backup(target)
        for each in (source, target):
            each.close()
        reanchor.of_backup(self.kit.folder, core.keyring, None, self.kit.now, holds=holds)
        self.kit.restart()


def confirm(kit: CoreKit, *who: str) -> list[str]:
    return [holds.confirm(kit.core, each)["verdict"] for each in who]


@pytest.fixture
def backup(two: Two) -> tuple[str, Backup]:
    """A message that SG has, and a copy of its store without any hold."""
    [id_] = two.publish(new("a"))
    two.to_sg()
    return id_, Backup(two.sg)


def test_what_a_hold_kept_outlasts_a_restore_from_before_it(two: Two, backup: tuple[str, Backup]) -> None:
    """The hold and the cancel are both younger than the backup; the cancel comes again from the streams."""
    id_, copy = backup
    by_two(two.sg, id_)
    two.cancel(id_)
    objects = two.leave(two.th)
    two.sg.receive(*objects)
    copy.restore()
    two.sg.receive(*objects)
    core = two.sg.core
    for _ in range(2):
        store_checks.Walk(core).step()
        store_checks.find_returned(core)
        store_checks.settle(core)
        two.prove(two.sg)
    assert has_text(two.sg, id_)
    assert rows(two.sg, "select stage from own_statement where stage = 'recalled'") == []
    assert rows(two.sg, "select n from quarantine") == []
    shown = views.message(core, id_, 1)
    assert shown is not None
    assert (shown["message"], content(core, id_, 1)) == (None, None)
    by_two(two.sg, id_)
    assert confirm(two.sg, "anan", "boon") == ["waits", "confirmed"]
    assert has_text(two.sg, id_), "the hold was set again"
    assert release(two.sg, id_) == ["waits", "ended"]
    assert not has_text(two.sg, id_)


def test_without_a_hold_the_recall_is_completed_when_two_persons_say_so(two: Two, backup: tuple[str, Backup]) -> None:
    id_, copy = backup
    copy.restore()
    recall(two, id_)
    assert has_text(two.sg, id_)
    assert confirm(two.sg, "anan", "anan") == ["waits", "waits"]
    two.sg.restart()
    assert has_text(two.sg, id_)
    assert confirm(two.sg, "boon") == ["confirmed"]
    assert not has_text(two.sg, id_)
    two.to_th()
    assert two.states(id_, 1)["state"] == "recalled"
    with pytest.raises(Fault, match="no restore"):
        holds.confirm(two.sg.core, "anan")
    two.sg.restart()
    assert two.sg.core.holds_open_since is None
    acts = rows(two.sg, "select who, what from audit where what like 'hold-confirm%' order by n")
    assert acts == [("anan", "hold-confirm-ask"), ("boon", "hold-confirm")]


def test_where_no_hold_was_ever_set_a_recall_destroys_at_once(two: Two, backup: tuple[str, Backup]) -> None:
    """A member that has one person alone could never confirm, and a recalled text would stay for good."""
    id_, copy = backup
    copy.restore(holds=False)
    recall(two, id_)
    assert (has_text(two.sg, id_), two.sg.core.holds_open_since) == (False, None)


def test_a_store_that_knows_of_an_ended_hold_waits_by_itself(two: Two, backup: tuple[str, Backup]) -> None:
    id_, _ = backup
    by_two(two.sg, id_)
    assert release(two.sg, id_) == ["waits", "ended"]
    Backup(two.sg).restore(holds=False)
    recall(two, id_)
    assert has_text(two.sg, id_)


def test_both_persons_mean_the_same_holds(two: Two, backup: tuple[str, Backup]) -> None:
    id_, copy = backup
    copy.restore()
    confirm(two.sg, "anan")
    by_two(two.sg, id_)
    assert confirm(two.sg, "boon", "anan") == ["waits", "confirmed"]


def test_a_repeated_call_confirms_no_list_that_its_person_did_not_read(two: Two, backup: tuple[str, Backup]) -> None:
    id_, copy = backup
    copy.restore()
    two.sg.now += limits.MINUTE
    confirm(two.sg, "chai")
    by_two(two.sg, id_)
    assert confirm(two.sg, "boon") == ["waits"]
    with pytest.raises(Refused, match="E-CHANGED"):
        confirm(two.sg, "chai")
    assert confirm(two.sg, "chai") == ["confirmed"]


def test_a_hold_that_was_ended_is_listed_and_ends_by_two_persons(two: Two, backup: tuple[str, Backup]) -> None:
    id_, _ = backup
    by_two(two.sg, id_, days=9)
    copy = Backup(two.sg)
    recall(two, id_)
    assert release(two.sg, id_) == ["waits", "ended"]
    copy.restore()
    assert listed(two.sg) == [("held", COURT, ["anan", "boon"])]
    with pytest.raises(Fault, match="since the restore"):
        holds.end(two.sg.core, id_, "anan")
    two.sg.now += 10 * limits.DAY
    assert holds.end_over(two.sg.core) == 0, "it may have been extended after the backup"
    assert confirm(two.sg, "anan", "boon") == ["waits", "confirmed"]
    assert holds.end_over(two.sg.core) == 1


def test_copies_of_a_text_stay_meanwhile(two: Two, backup: tuple[str, Backup]) -> None:
    id_, copy = backup
    copy.restore()
    recall(two, id_)
    size = quarantined(two, id_)
    assert rows(two.sg, "select size from quarantine") == [(size,)]
    confirm(two.sg, "anan", "boon")
    two.prove(two.sg)
    assert rows(two.sg, "select size from quarantine") == [(0,)]


def test_nothing_is_purged_meanwhile(two: Two, backup: tuple[str, Backup]) -> None:
    id_, copy = backup
    settings = two.sg.folder / "suar.toml"
    settings.write_text(f'{settings.read_text()}\n[retention]\ndays = ["alert 40"]\n')
    copy.restore()
    two.sg.now += 400 * limits.DAY
    assert retention.plan(two.sg.core).due == []
    confirm(two.sg, "anan", "boon")
    assert [each.id for each in retention.plan(two.sg.core).due] == [id_]


def test_our_own_text_is_not_erased_meanwhile(two: Two) -> None:
    [id_] = two.publish(new("a"))
    two.to_sg()
    two.to_th()
    recall(two, id_)
    two.to_th()
    two.th.core.holds_open_since = two.th.now
    with pytest.raises(Fault, match="since the restore"):
        erasing.erase(two.th.core, id_, "anan")
