"""What was on its way when a member was suspended, or its key revoked, goes out again when it may speak."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from corekit import CoreKit, bundle_of
from gateways import draft
from kit import ListMaker, actor, member_row
from suar.protocol import subjects
from suar.protocol.primitives import ACTUAL
from suar.service import accepting, outbound, trust_sync


@pytest.fixture
def th(tmp_path: Path) -> Iterator[CoreKit]:
    """TH with everybody's bundle, one message sealed and published, no receipt."""
    made = CoreKit(tmp_path / "th", "TH")
    made.give(*(bundle_of(actor(code)) for code in ("KH", "SG", "VN")))
    trust_sync.rotate_bundle(made.core)
    body = json.dumps(draft("on its way", ["SG", "VN"], expires="2027-01-30T00:00:00Z")).encode()
    verdicts = accepting.accept(made.core, [(body, None)], realm=ACTUAL, token="test")
    assert verdicts[0].verdict == "published", verdicts
    assert outbound.seal(made.core) == 2
    outbound.published(made.core, outbound.next_to_publish(made.core, 100))
    yield made
    made.close()


def states(th: CoreKit) -> set[str]:
    return th.all_states()


def give_list(th: CoreKit, lists: ListMaker) -> None:
    th.give((subjects.hub("SG", subjects.trust(lists.version)), lists.signed()))


def with_status(lists: ListMaker, status: str, code: str = "TH") -> ListMaker:
    members = [[*row[:2], status if row[0] == code else row[2], *row[3:]] for row in lists.members]
    return lists.after(members=members)


def test_suspended_and_returned_without_having_heard_of_it(th: CoreKit) -> None:
    """The hub cut us off before the list that suspends us came; both lists come in one batch."""
    suspended = with_status(th.lists, "suspended")
    returned = with_status(suspended, "active")
    th.give(*((subjects.hub("SG", subjects.trust(lists.version)), lists.signed()) for lists in (suspended, returned)))
    assert states(th) == {"queued"}
    assert outbound.seal(th.core) == 2


@pytest.mark.parametrize("door", ["bus", "person"])
def test_sealed_again_at_the_return(th: CoreKit, door: str) -> None:
    suspended = with_status(th.lists, "suspended")
    give_list(th, suspended)
    assert states(th) == {"sent"}
    assert outbound.seal(th.core) == 0
    returned = with_status(suspended, "active")
    if door == "bus":
        give_list(th, returned)
    else:
        assert trust_sync.import_list(th.core, returned.signed(), None, who="test").result == "ok"
    assert states(th) == {"queued"}
    assert outbound.seal(th.core) == 2
    rows = outbound.next_to_publish(th.core, 100)
    assert [row.channel for row in rows if row.messages] == ["SG", "VN"]
    outbound.published(th.core, rows)
    assert states(th) == {"sent"}


def test_to_a_member_that_returns_its_receipts_may_be_lost(th: CoreKit) -> None:
    suspended = with_status(th.lists, "suspended", "VN")
    give_list(th, suspended)
    give_list(th, with_status(suspended, "active", "VN"))
    assert states(th) == {"sent", "queued"}
    assert outbound.seal(th.core) == 1
    assert [row.channel for row in outbound.next_to_publish(th.core, 100) if row.messages] == ["VN"]


def test_to_a_member_whose_key_is_revoked_while_it_has_another(th: CoreKit) -> None:
    def with_keys(lists: ListMaker, *names: str) -> ListMaker:
        keys = [member_row(actor(name))[3][0] for name in names]
        return lists.after(members=[[*row[:3], keys, *row[4:]] if row[0] == "VN" else row for row in lists.members])

    two = with_keys(th.lists, "VN", "VN-next")
    give_list(th, two)
    assert states(th) == {"sent"}
    give_list(th, with_keys(two, "VN-next"))
    assert states(th) == {"sent", "queued"}


def test_a_list_that_changes_nothing_for_us_sends_nothing_again(th: CoreKit) -> None:
    give_list(th, th.lists.after())
    assert states(th) == {"sent"}
    assert outbound.seal(th.core) == 0


def publish(th: CoreKit, title: str) -> str:
    body = json.dumps(draft(title, expires="2027-01-30T00:00:00Z")).encode()
    (verdict,) = accepting.accept(th.core, [(body, None)], realm=ACTUAL, token="test")
    assert verdict.id is not None, verdict
    return verdict.id


def send(th: CoreKit) -> list[str]:
    """Seal and publish what is queued; the channels of the frames with messages."""
    while outbound.seal(th.core):
        pass
    rows = outbound.next_to_publish(th.core, 100)
    outbound.published(th.core, rows)
    return [row.channel for row in rows if row.messages]


def test_messages_for_different_readers_share_no_frame(th: CoreKit) -> None:
    """One was accepted before VN was suspended: it is owed to VN too, and waits for its return."""
    before = publish(th, "before")
    suspended = with_status(th.lists, "suspended", "VN")
    give_list(th, suspended)
    after = publish(th, "after")
    assert send(th) == ["all", "all"]
    assert th.states(before) == {"KH": "sent", "SG": "sent", "VN": "sent"}
    assert th.states(after) == {"KH": "sent", "SG": "sent"}
    give_list(th, with_status(suspended, "active", "VN"))
    assert th.states(before)["VN"] == "queued"
    assert send(th).count("VN") == 1
    assert th.states(after) == {"KH": "sent", "SG": "sent"}


def test_a_reader_that_was_suspended_meanwhile_is_owed_what_goes_to_each_alone(th: CoreKit) -> None:
    """VN reads no alerts, so the others get theirs each in its own channel; SG's waits until it is back."""
    reads = th.lists.after(members=[[*row[:5], ["trend"]] if row[0] == "VN" else row for row in th.lists.members])
    give_list(th, reads)
    id_ = publish(th, "for who reads alerts")
    suspended = with_status(reads, "suspended", "SG")
    give_list(th, suspended)
    assert send(th) == ["KH"]
    assert th.states(id_) == {"KH": "sent", "SG": "no-valid-key"}
    give_list(th, with_status(suspended, "active", "SG"))
    trust_sync.release_parked(th.core)
    assert "SG" in send(th)
    assert th.states(id_) == {"KH": "sent", "SG": "sent"}
