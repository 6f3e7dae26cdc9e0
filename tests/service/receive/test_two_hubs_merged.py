"""Two links that bring the same, merged in any order in one core, without a bus: nothing twice, nothing lost."""

import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from suar.observe.alarms import ALARMS
from suar.protocol.base.link_names import TWO_HUBS, HubLink
from suar.protocol.base.subjects import sender_of
from suar.service.pacing.hub_comparison import PATIENCE, HubComparison, Withheld, name_of
from suar.service.receive import inbound
from suar.service.receive.batch import Arrival, Effect
from suar.store.outbound import outbox
from support.corekit import CoreKit, bundle_of, epoch_of, frame_of, rows
from support.kit import Sending, actor, alert, beat, head, open_sending

A, B = TWO_HUBS
OWN = "tip.v1.sg"
ArrivedObject = tuple[str, bytes]


class TwoLinks:
    """SG's core behind two hubs."""

    def __init__(self, folder: Path) -> None:
        self.kit = CoreKit(folder, "SG")
        self.seconds = 0.0
        self.hubs = HubComparison(TWO_HUBS, lambda: self.seconds)
        self.sequences: Counter[HubLink] = Counter()
        for link in TWO_HUBS:
            self.hubs.set_standing(link, is_standing=True)

    def receive(self, link: HubLink, *objects: ArrivedObject) -> Effect:
        """A batch, as the receive loop of that link hands it in."""
        arrivals = [
            Arrival(subject, data, is_first=self.hubs.record_delivery(link, name_of(subject, data)),
                    id=name_of(subject, data), hub=link.entity)
            for subject, data in objects
        ]  # fmt: skip
        self.sequences[link] += len(objects)
        effect = self.kit.aside(
            inbound.receive_batch, self.kit.unlent, arrivals, self.sequences[link], position=link.position
        )
        for each in arrivals:
            self.hubs.record_judged(link, sender_of(each.subject), each.id, is_new=each.id in effect.accepted)
        return effect

    def messages(self) -> list[str]:
        return [row.id for row in rows(self.kit, "select id from message order by id")]

    def alarms(self) -> set[str]:
        return {row.name for row in rows(self.kit, "select name from alarm")}

    def open_alarms(self) -> set[str]:
        return {row.name for row in rows(self.kit, "select name from alarm where ended_at is null")}

    def replays(self) -> int:
        return sum(each.code == "E-FRAME-REPLAY" for each in self.kit.judged())


@pytest.fixture
def sg(tmp_path: Path) -> Iterator[TwoLinks]:
    made = TwoLinks(tmp_path / "sg")
    yield made
    made.kit.close()


def frames_of(code: str, links: TwoLinks, frames: int) -> tuple[Sending, list[ArrivedObject]]:
    """What a member publishes, in its order: its key, an epoch, messages, and a heartbeat that names the last one."""
    sending = open_sending(actor(code), links.kit.lists)
    objects = [bundle_of(actor(code)), epoch_of(sending)]
    objects += [frame_of(sending, alert(f"{code}-ALERT-2027-{n:06}")) for n in range(1, frames + 1)]
    objects.append(frame_of(sending, body=beat(links.kit.lists, heads_of_mine=[head(sending, frames)])))
    return sending, objects


def in_some_order(rng: random.Random, *queues: list[ArrivedObject]) -> list[ArrivedObject]:
    """The objects of several senders as one hub stores them: each sender's in its order."""
    left, merged = [list(queue) for queue in queues], list[ArrivedObject]()
    while any(left):
        merged.append(rng.choice([queue for queue in left if queue]).pop(0))
    return merged


def receive_all(rng: random.Random, links: TwoLinks, orders: dict[HubLink, list[ArrivedObject]]) -> None:
    left = {link: list(order) for link, order in orders.items()}
    while any(left.values()):
        link = rng.choice([link for link, rest in left.items() if rest])
        some = rng.randint(1, 8)
        links.receive(link, *left[link][:some])
        del left[link][:some]


@pytest.mark.parametrize("seed", range(60))
def test_two_lines_in_any_order_bring_everything_once(sg: TwoLinks, seed: int) -> None:
    rng = random.Random(seed)
    senders = {code: rng.randint(1, 6) for code in ("TH", "VN", "KH")}
    queues = [frames_of(code, sg, frames)[1] for code, frames in senders.items()]
    receive_all(rng, sg, {link: in_some_order(rng, *queues) for link in TWO_HUBS})
    assert sg.messages() == sorted(
        f"{code}-ALERT-2027-{n:06}" for code, frames in senders.items() for n in range(1, frames + 1)
    )
    assert sg.alarms() == set()
    assert sg.replays() == 0
    assert not [each for each in sg.kit.judged() if each.result in ("refused", "late")]
    sg.seconds += PATIENCE
    assert sg.hubs.withheld() == ()
    whole = sum(map(len, queues))
    known = sg.kit.unlent.stream_positions
    assert {known.last_known(link.position) for link in TWO_HUBS} == {whole}


@pytest.mark.parametrize("seed", range(20))
def test_what_one_hub_leaves_out_comes_by_the_other(sg: TwoLinks, seed: int) -> None:
    """No member is accused, and the hub is named: also where it is the faster one, and a gap is seen for a moment."""
    rng = random.Random(seed)
    frames = 6
    _, objects = frames_of("TH", sg, frames)
    left_out = objects[2 + rng.randrange(frames)]
    receive_all(rng, sg, {A: objects, B: [each for each in objects if each != left_out]})
    assert sg.messages() == [f"TH-ALERT-2027-{n:06}" for n in range(1, frames + 1)]
    assert {ALARMS[name].fault for name in sg.alarms()} <= {"hub"}
    assert sg.replays() == 0
    sg.seconds += PATIENCE
    assert sg.hubs.withheld() == (Withheld(B, "TH", 1, 0, name_of(*left_out)),)


def test_a_hub_that_brings_a_frame_twice_repeats_it(sg: TwoLinks) -> None:
    """The second copy of the other hub is none; the second one of the same hub is."""
    _, objects = frames_of("TH", sg, 2)
    sg.receive(A, *objects)
    sg.receive(B, *objects)
    assert sg.replays() == 0
    sg.receive(B, objects[2])
    assert sg.replays() == 1


def test_a_position_is_kept_for_each_line(sg: TwoLinks) -> None:
    _, objects = frames_of("TH", sg, 3)
    sg.receive(A, *objects[:5])
    sg.receive(B, *objects[:2])
    sg.kit.restart()
    known = sg.kit.unlent.stream_positions
    assert [known.last_known(link.position) for link in TWO_HUBS] == [5, 2]


def test_a_recalled_text_that_comes_by_the_other_hub_is_noted_for_erasure(sg: TwoLinks) -> None:
    sending, objects = frames_of("TH", sg, 1)
    sg.receive(A, *objects[:3])
    cancel = alert("TH-ALERT-2027-000001", rev=2, action="cancel", reason="mistake")
    sg.receive(A, frame_of(sending, cancel))
    erased = rows(sg.kit, "select frame_hash from inbox_erasure")
    assert len(erased) == 1
    with sg.kit.core.transaction() as connection:
        connection.exec_driver_sql("delete from inbox_erasure")  # as after its copy of the first hub was deleted
    sg.receive(B, *objects[:3])
    assert rows(sg.kit, "select frame_hash from inbox_erasure") == erased


def recalled(sg: TwoLinks) -> list[ArrivedObject]:
    """TH published one message and recalled it; its copies in both INBOX are deleted. Returns what TH sent."""
    sending, objects = frames_of("TH", sg, 1)
    objects = [*objects[:3], frame_of(sending, alert("TH-ALERT-2027-000001", rev=2, action="cancel", reason="mistake"))]
    for link in TWO_HUBS:
        sg.receive(link, *objects)
    forget_noted(sg)
    return objects


def forget_noted(sg: TwoLinks) -> None:
    with sg.kit.core.transaction() as connection:
        connection.exec_driver_sql("delete from inbox_erasure")


def noted(sg: TwoLinks) -> list[str]:
    return [row.subject for row in rows(sg.kit, "select subject from inbox_erasure")]


@pytest.mark.parametrize("link", TWO_HUBS)
def test_a_recalled_frame_that_a_hub_brings_again_is_noted_for_erasure(sg: TwoLinks, link: HubLink) -> None:
    """The third copy is a replay: it is counted, and does not stay in INBOX either."""
    objects = recalled(sg)
    subject, frame = objects[2]
    for _ in range(2):
        sg.receive(link, (subject, frame))
        assert noted(sg) == [subject]
        forget_noted(sg)
    assert sg.replays() == 2


def test_a_recalled_frame_that_a_hub_brings_as_whose_ever_is_noted_too(sg: TwoLinks) -> None:
    objects = recalled(sg)
    subject, frame = objects[2]
    for moved in (subject.replace(".th.", ".vn.", 1), subject.replace(".a.", ".x.", 1)):
        sg.receive(B, (moved, frame))
        assert sg.kit.judged()[-1].result == "refused"
        assert noted(sg) == [moved]
        forget_noted(sg)


def test_what_only_names_a_recalled_message_is_not_noted(sg: TwoLinks) -> None:
    """Else a hub makes up as many as it likes, and each is a row and a search."""
    subject, frame = recalled(sg)[2]
    for number in range(3):
        position = frame[4:36] + (2**64 - 1 - number).to_bytes(8, "big")
        sg.receive(
            B, (subject, b"SUF1" + position + frame[44:]), (subject, b"NONE" + position + b"TH-ALERT-2027-000001")
        )
    assert {each.result for each in sg.kit.judged()[-6:]} == {"refused"}
    assert noted(sg) == []


def test_what_is_not_recalled_stays_in_inbox(sg: TwoLinks) -> None:
    _, objects = frames_of("TH", sg, 2)
    sg.receive(A, *objects)
    sg.receive(B, *objects, objects[2])
    assert noted(sg) == []


def sent_by_sg(sg: TwoLinks) -> ArrivedObject:
    """A frame of our own, as it left."""
    sending = open_sending(actor("SG"), sg.kit.lists)
    subject, frame = frame_of(sending, alert("SG-ALERT-2027-000001"))
    row = {
        "subject": subject, "data": frame, "at": sg.kit.now, "epoch_id": sending.opened.id, "seq": 0,
        "channel": "all", "realm": "actual",
    }  # fmt: skip
    with sg.kit.core.transaction() as connection:
        outbox.append(connection, [row])
    return subject, frame


def test_our_own_frame_under_another_name_is_refused_at_once_and_names_the_hub(sg: TwoLinks) -> None:
    """It waited a day for an epoch of that member, and `waiting` said to call its operator, who sent nothing."""
    subject, frame = sent_by_sg(sg)
    sg.receive(B, (subject.replace(".sg.", ".th.", 1), frame))
    (judged,) = sg.kit.judged()
    assert (judged.result, judged.rule, judged.code, judged.hub) == ("refused", "F3", "E-FRAME-SUBJECT", "hub-b")
    assert rows(sg.kit, "select count(*) from waiting") == [(0,)]
    sg.receive(A, (subject, frame))
    assert sg.alarms() == set(), "our own traffic, as it comes back"


def test_what_waits_for_the_epoch_of_another_member_waits_still(sg: TwoLinks) -> None:
    sent_by_sg(sg)
    _, objects = frames_of("TH", sg, 1)
    sg.receive(A, objects[2])
    assert rows(sg.kit, "select sender from waiting") == [("TH",)]
    sg.receive(A, *objects[:2])
    assert sg.messages() == ["TH-ALERT-2027-000001"]


def test_a_refusal_and_a_replay_name_the_hub_that_brought_them(sg: TwoLinks) -> None:
    _, objects = frames_of("TH", sg, 1)
    sg.receive(A, *objects)
    sg.receive(B, *objects)
    subject, frame = objects[2]
    sg.receive(B, (subject, frame), (subject, frame[:-1] + bytes([frame[-1] ^ 1])))
    sg.receive(A, (f"{OWN}.a.frame.all.{'0' * 16}", frame))
    refusals = [(each.code, each.hub) for each in sg.kit.judged() if each.code]
    assert refusals == [("E-FRAME-REPLAY", "hub-b"), ("E-FRAME-SIGNATURE", "hub-b"), ("E-FRAME-SIGNATURE", "hub-a")]
