"""[E6] What a gateway sealed long after a list that it did not know is refused for good: it goes out again."""

import pytest

from suar.observe.hooks import Happened
from suar.protocol.base import limits, subjects
from suar.protocol.base.primitives import ACTUAL
from suar.protocol.message.kinds import Entry, Receipt
from suar.protocol.message.messages import read
from suar.service.gaps import ranges, requesting
from suar.service.publish import sealing
from suar.service.receipts import receipts
from suar.service.receive.inbound import judge_everything
from suar.service.trust import trust_sync
from support.again import republish
from support.corekit import CoreKit, rows
from support.gateways import draft
from support.kit import ListMaker
from support.pairs import EXPIRES, Two, new, record_statement


def following(two: Two, minutes: int) -> ListMaker:
    """A list that everybody but the sender has known for so long."""
    return two.th.lists.after(issued=two.th.now - minutes * limits.MINUTE)


def learn(kit: CoreKit, lists: ListMaker, door: str = "bus") -> None:
    if door == "bus":
        kit.receive((subjects.hub("VN", subjects.trust(lists.version)), lists.signed()))
    else:
        assert trust_sync.import_list(kit.core, lists.signed(), None, who="test").result == "ok"
        judge_everything(kit.core)


def judged(kit: CoreKit) -> set[tuple[str | None, str, str | None]]:
    """Of epochs and frames, but for those that wait a moment."""
    mine = [each for each in kit.judged() if each.type in {"epoch", "frame"} and each.result != "wait"]
    return {(each.type, each.result, each.rule) for each in mine}


def refusal_times(kit: CoreKit) -> list[int]:
    """How many items each epoch that was found refused had."""
    events = [each for each in kit.records if isinstance(each, Happened) and each.event == "epoch_too_late"]
    return [each.facts["queued"] for each in events]


def questions(kit: CoreKit) -> list[Receipt]:
    with kit.core.transaction() as connection:
        bodies = connection.exec_driver_sql("select body from queue where kind = 'receipt' order by n").scalars().all()
    found = [read(bytes(kit.core.vault.unwrap(body, receipts.SEALED_AS))) for body in bodies]
    return [each for each in found if isinstance(each, Receipt)]


@pytest.mark.parametrize("door", ["bus", "person"])
def test_messages_go_out_again(two: Two, door: str) -> None:
    lists = following(two, 11)
    learn(two.sg, lists)
    (id_,) = two.publish(new("sealed too late"))
    two.to_sg()
    assert judged(two.sg) == {("epoch", "refused", "E6"), ("frame", "refused", "F2")}
    assert two.states(id_)["state"] == "sent"
    learn(two.th, lists, door)
    assert refusal_times(two.th) == [1]
    two.to_sg()
    two.to_th()
    assert two.states(id_)["state"] == "stored"


def test_to_all_and_to_some(two: Two) -> None:
    lists = following(two, 11)
    learn(two.sg, lists)
    ids = two.publish(
        new("to one"), draft("to all", "all", expires=EXPIRES), draft("to two", ["SG", "VN"], expires=EXPIRES)
    )
    two.to_sg()
    learn(two.th, lists)
    assert sorted(refusal_times(two.th)) == [1, 2, 3]
    two.to_sg()
    two.to_th()
    assert [two.states(id_)["state"] for id_ in ids] == ["stored"] * 3
    assert two.th.states(ids[1]) == {"KH": "sent", "SG": "stored", "VN": "sent"}


def test_what_was_not_published_yet(two: Two) -> None:
    """Its frame leaves all the same, for the chain; its messages wait for another one."""
    lists = following(two, 11)
    learn(two.sg, lists)
    (id_,) = two.publish(new("sealed, and not on its way"))
    sealing.seal_queued(two.th.core)
    learn(two.th, lists)
    assert two.th.states(id_) == {"SG": "queued"}
    two.sg.receive(*two.publish_due(two.th))
    assert two.states(id_)["state"] == "queued"
    two.to_sg()
    two.to_th()
    assert two.states(id_)["state"] == "stored"


def test_receipts_are_stated_again(two: Two) -> None:
    """SG did not know of the list: what it said of TH's message was lost, the gateway's word and a person's."""
    lists = following(two, 11)
    (id_,) = two.publish(new("confirmed too late"))
    two.to_sg()
    learn(two.th, lists)
    record_statement(two, id_, "acknowledged")
    two.to_th()
    assert judged(two.th) == {("epoch", "refused", "E6"), ("frame", "refused", "F2")}
    assert two.states(id_)["stored"] is None
    learn(two.sg, lists)
    assert refusal_times(two.sg) == [2]
    two.to_th()
    assert two.states(id_)["state"] == "acknowledged"


def test_an_epoch_in_time_stays(two: Two) -> None:
    lists = following(two, 10)
    learn(two.sg, lists)
    (id_,) = two.publish(new("sealed in time"))
    two.to_sg()
    learn(two.th, lists)
    assert refusal_times(two.th) == []
    two.to_th()
    assert two.states(id_)["state"] == "stored"


def test_each_epoch_is_looked_at_once(two: Two) -> None:
    lists = following(two, 11)
    two.publish(new("sealed too late"))
    two.leave(two.th)
    learn(two.th, lists)
    two.leave(two.th)
    learn(two.th, lists.after(issued=two.th.now + 1))
    assert refusal_times(two.th) == [1]


def test_two_lists_at_once(two: Two) -> None:
    """The epoch names the first list, and the second one is refused for nothing: looked at with its own successor."""
    first = following(two, 30)
    second = first.after(issued=two.th.now - 5 * limits.MINUTE)
    learn(two.sg, first)
    learn(two.sg, second)
    (id_,) = two.publish(new("sealed too late"))
    two.to_sg()
    two.th.receive(*((subjects.hub("VN", subjects.trust(each.version)), each.signed()) for each in (first, second)))
    assert refusal_times(two.th) == [1]
    two.to_sg()
    two.to_th()
    assert two.states(id_)["state"] == "stored"


def test_after_a_restart(two: Two) -> None:
    """Our own frames are opened with our bundle's seed, so nothing in memory is needed."""
    lists = following(two, 11)
    (id_,) = two.publish(new("confirmed too late"))
    two.to_sg()
    learn(two.th, lists)
    two.to_th()
    two.sg.restart()
    learn(two.sg, lists)
    assert refusal_times(two.sg) == [1]
    two.to_th()
    assert two.states(id_)["state"] == "stored"


def missed(two: Two) -> dict[str, object]:
    """What SG shows of TH's refused epoch, once the next one has named it."""
    with two.sg.core.transaction() as connection:
        (epoch,) = [each for member, each in ranges.incomplete(two.sg.core.status, connection) if member == "TH"]
    return {"withheld": epoch.withheld, "empty": epoch.empty, "complete": epoch.is_complete}


def test_a_request_is_answered_with_the_other_epoch_it_left_in(two: Two) -> None:
    """The next epoch names the refused one, so SG asks for it; TH says what became of it, and SG lacks nothing."""
    lists = following(two, 11)
    learn(two.sg, lists)
    (id_,) = two.publish(new("sealed too late"))
    two.to_sg()
    learn(two.th, lists)
    two.to_sg()
    assert missed(two) == {"withheld": ((0, 0),), "empty": (), "complete": False}
    assert [each.stage for each in questions(two.sg)] == ["missing", "stored"]
    two.to_th()
    (refused,) = [each for each in questions(two.th) if each.stage == "refused"]
    assert (refused.code, refused.note) == ("E-RESEND-ANEW", "frames 0-0")
    two.to_sg()
    assert missed(two) == {"withheld": (), "empty": ((0, 0),), "complete": True}
    assert two.states(id_)["missing"] is None


def test_who_asks_for_the_epoch_alone_gets_it(two: Two) -> None:
    """Frames wait for it there: it comes, is refused, and they wait for nothing."""
    two.publish(new("sealed too late"))
    two.leave(two.th)
    learn(two.th, following(two, 11))
    with two.th.core.transaction() as connection:
        (epoch,) = connection.exec_driver_sql("select distinct epoch_id from outbox where channel = 'SG'").scalars()
        entry = Entry(epoch=epoch.hex(), first=receipts.EVERY_FRAME, last=receipts.EVERY_FRAME)
        data = receipts.make_receipt("SG", ACTUAL, "missing", [entry], two.sg.now)
        receipt = read(data)
        assert isinstance(receipt, Receipt)
        requesting.apply_receipt(two.th.core, connection, receipt, data)
        again = connection.exec_driver_sql("select seq from outbox where again_at is not null").scalars().all()
    assert again == [None]
    assert [each.stage for each in questions(two.th)] == []


def test_who_confirmed_it_stays_so_while_its_frame_leaves_once_more(two: Two) -> None:
    """SG took the frame before it knew the list; VN asked for it, and its second copy is on its way out."""
    (id_,) = two.publish(draft("to all", "all", expires=EXPIRES))
    two.to_sg()
    two.to_th()
    assert two.th.states(id_)["SG"] == "stored"
    with two.th.core.transaction() as connection:
        (epoch,) = connection.exec_driver_sql("select distinct epoch_id from outbox where channel = 'all'").scalars()
        republish(connection, epoch, 0, receipts.EVERY_FRAME, "VN", two.th.core.outbox_capacity.again_after)
    two.th.now += two.th.core.outbox_capacity.again_after
    trust_sync.release_parked(two.th.core)
    learn(two.th, following(two, 30))
    assert two.th.states(id_) == {"KH": "queued", "SG": "stored", "VN": "queued"}
    two.publish_due(two.th)
    assert two.th.states(id_) == {"KH": "queued", "SG": "stored", "VN": "queued"}
    two.leave(two.th)
    assert two.th.states(id_) == {"KH": "sent", "SG": "stored", "VN": "sent"}


def test_who_accepts_it_all_the_same_is_received(two: Two) -> None:
    """Sealed, and not on its way when TH learns of the list; SG does not know of it yet and takes the frame."""
    (id_,) = two.publish(new("sealed, and not on its way"))
    sealing.seal_queued(two.th.core)
    lists = following(two, 11)
    learn(two.th, lists)
    two.sg.receive(*two.publish_due(two.th))
    learn(two.sg, lists)
    record_statement(two, id_, "acknowledged")
    two.to_th()
    assert two.states(id_)["state"] == "acknowledged"
    two.to_sg()
    two.to_th()
    assert two.states(id_)["state"] == "acknowledged"


def test_a_lost_object_is_sent_again_once_it_is_requested(two: Two) -> None:
    """SG lacks the epoch before the refused one, whose name it does not take from there: [E8] refuses that one too."""
    (lost,) = two.publish(new("nobody brings it"))
    before = two.leave(two.th)
    for kit in (two.th, two.sg):
        kit.now += 7 * limits.HOUR  # the epoch is over
    lists = following(two, 11)
    learn(two.sg, lists)
    (late,) = two.publish(new("sealed too late"))
    two.to_sg()
    learn(two.th, lists)
    two.to_sg()
    two.sg.receive(*before)
    assert ("epoch", "refused", "E8") in judged(two.sg)
    two.to_th()
    assert [two.states(id_)["state"] for id_ in (lost, late)] == ["queued", "stored"]
    two.to_sg()
    two.to_th()
    assert two.states(lost)["state"] == "stored"


def test_what_was_answered_before_it_goes_out_once(two: Two) -> None:
    (id_,) = two.publish(new("in time"))
    two.to_sg()
    two.to_th()
    for kit in (two.th, two.sg):
        kit.now += 7 * limits.HOUR
    lists = following(two, 11)
    learn(two.sg, lists)
    two.publish(new("sealed too late"))
    two.to_sg()
    learn(two.th, lists)
    two.to_sg()
    two.to_th()
    assert two.states(id_)["state"] == "stored"
    assert rows(two.th, "select count(*) from queue where kind = 'message'") == [(0,)]
