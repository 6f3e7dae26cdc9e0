"""What was on its way when a member was suspended, or its key revoked, goes out again when it may speak."""

import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from suar.protocol.base import limits, subjects
from suar.protocol.base.primitives import ACTUAL, Secret
from suar.service.gaps import resealing
from suar.service.publish import accepting, sealing
from suar.service.receive import inbound
from suar.service.settings.keyring import Identity
from suar.service.trust import trust_sync
from support.corekit import CoreKit, bundle_of
from support.gateways import draft
from support.kit import NOW, ListMaker, actor, make_revoke, member_row
from support.pairs import Two, new, record_statement


@pytest.fixture
def th(tmp_path: Path) -> Iterator[CoreKit]:
    """TH with everybody's bundle, one message sealed and published, no receipt."""
    made = CoreKit(tmp_path / "th", "TH")
    made.receive_bundles()
    trust_sync.rotate_bundle(made.core)
    body = json.dumps(draft("on its way", ["SG", "VN"], expires="2027-01-30T00:00:00Z")).encode()
    verdicts = accepting.accept(made.core, [(body, None)], realm=ACTUAL, token="test")
    assert verdicts[0].verdict == "published", verdicts
    assert sealing.seal_queued(made.core) == 2
    sealing.mark_published(made.core, sealing.next_to_publish(made.core, 100))
    yield made
    made.close()


def states(th: CoreKit) -> set[str]:
    return th.all_states()


def receive_list(th: CoreKit, lists: ListMaker) -> None:
    th.receive((subjects.hub("SG", subjects.trust(lists.version)), lists.signed()))


def after(lists: ListMaker, **changes: Any) -> ListMaker:
    """The next list, issued now: what was sealed under this one is in time for it."""
    return lists.after(issued=max(lists.issued + 1, NOW), **changes)


def with_status(lists: ListMaker, status: str, code: str = "TH") -> ListMaker:
    members = [[*row[:2], status if row[0] == code else row[2], *row[3:]] for row in lists.members]
    return after(lists, members=members)


def test_suspended_and_returned_without_having_received_either_list(th: CoreKit) -> None:
    """The hub cut us off before the list that suspends us came; both lists come in one batch."""
    suspended = with_status(th.lists, "suspended")
    returned = with_status(suspended, "active")
    th.receive(
        *((subjects.hub("SG", subjects.trust(lists.version)), lists.signed()) for lists in (suspended, returned))
    )
    assert states(th) == {"queued"}
    assert sealing.seal_queued(th.core) == 2


@pytest.mark.parametrize("door", ["bus", "person"])
def test_sealed_again_at_the_return(th: CoreKit, door: str) -> None:
    suspended = with_status(th.lists, "suspended")
    receive_list(th, suspended)
    assert states(th) == {"sent"}
    assert sealing.seal_queued(th.core) == 0
    returned = with_status(suspended, "active")
    if door == "bus":
        receive_list(th, returned)
    else:
        assert trust_sync.import_list(th.core, returned.signed(), None, who="test").result == "ok"
    assert states(th) == {"queued"}
    assert sealing.seal_queued(th.core) == 2
    rows = sealing.next_to_publish(th.core, 100)
    assert [row.channel for row in rows if row.messages] == ["SG", "VN"]
    sealing.mark_published(th.core, rows)
    assert states(th) == {"sent"}


def test_to_a_member_that_returns_its_receipts_may_be_lost(th: CoreKit) -> None:
    suspended = with_status(th.lists, "suspended", "VN")
    receive_list(th, suspended)
    receive_list(th, with_status(suspended, "active", "VN"))
    assert states(th) == {"sent", "queued"}
    assert sealing.seal_queued(th.core) == 1
    assert [row.channel for row in sealing.next_to_publish(th.core, 100) if row.messages] == ["VN"]


def test_to_a_member_whose_key_is_revoked_while_it_has_another(th: CoreKit) -> None:
    def with_keys(lists: ListMaker, *names: str) -> ListMaker:
        keys = [member_row(actor(name))[3][0] for name in names]
        return after(lists, members=[[*row[:3], keys, *row[4:]] if row[0] == "VN" else row for row in lists.members])

    two = with_keys(th.lists, "VN", "VN-next")
    receive_list(th, two)
    assert states(th) == {"sent"}
    receive_list(th, with_keys(two, "VN-next"))
    assert states(th) == {"sent", "queued"}


def test_a_list_that_changes_nothing_for_us_sends_nothing_again(th: CoreKit) -> None:
    receive_list(th, after(th.lists))
    assert states(th) == {"sent"}
    assert sealing.seal_queued(th.core) == 0


def publish(th: CoreKit, title: str) -> str:
    body = json.dumps(draft(title, expires="2027-01-30T00:00:00Z")).encode()
    (verdict,) = accepting.accept(th.core, [(body, None)], realm=ACTUAL, token="test")
    assert verdict.id is not None, verdict
    return verdict.id


def send(th: CoreKit) -> list[str]:
    """Seal and publish what is queued; the channels of the frames with messages."""
    while sealing.seal_queued(th.core):
        pass
    rows = sealing.next_to_publish(th.core, 100)
    sealing.mark_published(th.core, rows)
    return [row.channel for row in rows if row.messages]


def test_messages_for_different_readers_share_no_frame(th: CoreKit) -> None:
    """One was accepted before VN was suspended: it is owed to VN too, and waits for its return."""
    before = publish(th, "before")
    suspended = with_status(th.lists, "suspended", "VN")
    receive_list(th, suspended)
    after = publish(th, "after")
    assert send(th) == ["all", "all"]
    assert th.states(before) == {"KH": "sent", "SG": "sent", "VN": "sent"}
    assert th.states(after) == {"KH": "sent", "SG": "sent"}
    receive_list(th, with_status(suspended, "active", "VN"))
    assert th.states(before)["VN"] == "queued"
    assert send(th).count("VN") == 1
    assert th.states(after) == {"KH": "sent", "SG": "sent"}


def test_what_was_sealed_without_it_and_has_not_left_is_owed_it_too(th: CoreKit) -> None:
    """Sealed to all while VN was suspended; VN is back before the frame leaves, which VN cannot open."""
    before = publish(th, "before")
    suspended = with_status(th.lists, "suspended", "VN")
    receive_list(th, suspended)
    assert sealing.seal_queued(th.core)
    receive_list(th, with_status(suspended, "active", "VN"))
    assert th.states(before)["VN"] == "queued"
    assert send(th) == ["all", "VN"]
    assert th.states(before) == {"KH": "sent", "SG": "sent", "VN": "sent"}


def test_a_reader_that_was_suspended_meanwhile_is_owed_what_goes_to_each_alone(th: CoreKit) -> None:
    """VN reads no alerts, so the others get theirs each in its own channel; SG's waits until it is back."""
    reads = after(th.lists, members=[[*row[:5], ["trend"]] if row[0] == "VN" else row for row in th.lists.members])
    receive_list(th, reads)
    id_ = publish(th, "for who reads alerts")
    suspended = with_status(reads, "suspended", "SG")
    receive_list(th, suspended)
    assert send(th) == ["KH"]
    assert th.states(id_) == {"KH": "sent", "SG": "no-valid-key"}
    receive_list(th, with_status(suspended, "active", "SG"))
    trust_sync.release_parked(th.core)
    assert "SG" in send(th)
    assert th.states(id_) == {"KH": "sent", "SG": "sent"}


def test_what_people_said_is_stated_again(tmp_path: Path) -> None:
    """SG acknowledged, the receipt was on its way when SG was suspended, and SG is back."""
    two = Two(tmp_path)
    (id_,) = two.publish(new("acknowledged"))
    two.to_sg()
    two.to_th()
    record_statement(two, id_, "acknowledged")
    two.leave(two.sg)
    suspended = with_status(two.th.lists, "suspended", "SG")
    for kit in (two.th, two.sg):
        receive_list(kit, suspended)
    returned = with_status(suspended, "active", "SG")
    for kit in (two.th, two.sg):
        receive_list(kit, returned)
    assert two.states(id_)["state"] == "stored"
    two.to_th()
    assert two.states(id_)["state"] == "acknowledged"
    two.th.close()
    two.sg.close()


def test_what_people_said_is_kept_once(tmp_path: Path) -> None:
    """The receipt had come; a second one says nothing new."""
    two = Two(tmp_path)
    (id_,) = two.publish(new("acknowledged"))
    two.to_sg()
    two.to_th()
    record_statement(two, id_, "acknowledged")
    two.to_th()
    with two.sg.core.transaction() as connection:
        resealing.resend_statements(two.sg.core, connection)
    states = two.states(id_)
    two.sg.now += limits.MINUTE
    two.th.now += limits.MINUTE
    two.to_th()
    assert two.states(id_) == states
    with two.th.core.transaction() as connection:
        assert connection.exec_driver_sql("select count(*) from receipt where stage = 'acknowledged'").scalar() == 1
    two.th.close()
    two.sg.close()


def test_a_key_that_ends_while_its_frames_are_sealed_ends_the_next_ones(th: CoreKit) -> None:
    """The clock goes on between two looks at it: what was begun is finished."""
    publish(th, "at the last moment")
    times = itertools.chain([th.now, th.now], itertools.repeat(th.lists.issued + 1_000 * limits.DAY))
    th.core.clock = lambda: next(times)
    assert sealing.seal_queued(th.core) == 1
    assert sealing.seal_queued(th.core) == 0


def test_a_revoke_of_ours_that_waited_for_its_list(tmp_path: Path) -> None:
    """The newer one of two keys is revoked before we know it from a list: then the older one speaks on."""
    th, newer = CoreKit(tmp_path / "th", "TH"), actor("TH-next")
    th.receive(bundle_of(actor("SG")))
    th.keyring.identities.append(Identity(newer.kid, Secret(newer.identity), NOW))
    th.receive((subjects.hub("SG", subjects.revoke(newer.kid)), make_revoke(newer)))
    keys = [member_row(actor(name))[3][0] for name in ("TH", "TH-next")]
    both = after(th.lists, members=[[*r[:3], keys, *r[4:]] if r[0] == "TH" else r for r in th.lists.members])
    assert trust_sync.import_list(th.core, both.signed(), None, who="test").result == "ok"
    inbound.judge_everything(th.core)
    body = json.dumps(draft("with the older key", ["SG"], expires="2027-01-30T00:00:00Z")).encode()
    accepting.accept(th.core, [(body, None)], realm=ACTUAL, token="test")
    assert sealing.seal_queued(th.core) == 1
    th.close()
