"""Deliveries kept a frame say the same, step by step, as one row for each message and member would."""

import itertools
import random
from collections import namedtuple
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import Connection, insert

from suar.service.receipts.receipts import reseal_row
from suar.store import tables as t
from suar.store.outbound import deliveries, delivery_rows, delivery_view, queue
from suar.store.outbound.deliveries import ReceiptRecord
from suar.store.outbound.delivery_view import RANK, Delivery
from suar.store.outbound.queue import Queued
from support.templates import new_store

MEMBERS = ("KH", "SG", "VN")
STATED = ("stored", "stored", "stored", "opened", "acknowledged", "recalled", "refused")
Item = namedtuple("Item", "id rev channel readers accepted_at")


class Frame(SimpleNamespace):
    hash: bytes
    channel: str
    ids: list[str]
    left_out: set[str]


class Store:
    """What the gateway does with deliveries, without sealing anything."""

    def __init__(self, connection: Connection) -> None:
        self.connection, self.now = connection, 1_000
        self._numbers = itertools.count(1)

    def accept(self, readers: Sequence[str] = MEMBERS, audience: str = "all") -> Item:
        """A message of ours, queued."""
        self.now += 1
        id_ = f"TH-ALERT-2027-{next(self._numbers):06}"
        row = {
            "id": id_, "rev": 1, "digest": bytes(32), "origin": "TH", "kind": "alert", "realm": "actual",
            "action": "new", "tlp": "GREEN", "at": self.now, "sent": self.now,
            "expires": self.now, "lane": 0,
            "readers": delivery_view.join_codes(readers), "body": b"sealed",
        }  # fmt: skip
        self.connection.execute(insert(t.message), row)
        queue.enqueue(self.connection, [Queued("actual", 1, "alert", id=id_, rev=1, audience=audience)])
        return Item(id_, 1, None, row["readers"], self.now)

    def seal(self, items: Sequence[Item], channel: str, left_out: Sequence[str] = ()) -> Frame:
        """One frame of these; who is left out is noted."""
        frame = Frame(hash=random.randbytes(32), count=len(items))
        outgoing: Any = [SimpleNamespace(frame=frame, first=0, channel=channel)]
        deliveries.keep_sealed(self.connection, outgoing, items, left_out)
        for item in items:
            self.connection.execute(t.queue.delete().where(t.queue.c.id == item.id, t.queue.c.channel.is_(None)))
            for member in left_out:
                delivery_rows.hold_for_key(self.connection, item, member)
        frame.channel, frame.ids, frame.left_out = channel, [item.id for item in items], set(left_out)
        return frame

    def send(self, frame: Frame) -> None:
        self.now += 1
        deliveries.mark_sent(self.connection, [(frame.hash, frame.channel, self.now)])

    def receive(self, frame: Frame, member: str, stage: str, indexes: Sequence[int] | None = None) -> list[int]:
        """A receipt about one frame."""
        self.now += 1
        receipt = ReceiptRecord(
            member, stage, "E-SCHEMA" if stage == "refused" else None, random.randbytes(32), b"sealed"
        )
        return deliveries.record_receipt(self.connection, receipt, [(frame.hash, indexes)], self.now)

    def delivery(self, id_: str, member: str) -> Delivery:
        return next(each for each in delivery_view.deliveries(self.connection, id_, 1) if each.member == member)

    def count(self, table: str) -> int:
        return int(self.connection.exec_driver_sql(f"select count(*) from {table}").scalar_one())


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    database = new_store(tmp_path)
    with database.begin() as connection:
        yield Store(connection)
    database.close()


# -- what a message costs


def test_no_row_is_written_for_a_message_and_a_member(store: Store) -> None:
    frame = store.seal([store.accept() for _ in range(64)], "all")
    store.send(frame)
    for member in MEMBERS:
        store.receive(frame, member, "stored")
    assert (store.count("delivery"), store.count("own_frame"), store.count("statement")) == (0, 1, 3)
    assert {store.delivery(id_, member).state for id_ in frame.ids for member in MEMBERS} == {"stored"}
    assert deliveries.pending(store.connection) == {}


def test_a_receipt_is_kept_once_however_many_frames_it_names(store: Store) -> None:
    frames = [store.seal([store.accept()], "all") for _ in range(5)]
    receipt = ReceiptRecord("SG", "stored", None, bytes(32), b"sealed")
    entries = [(frame.hash, None) for frame in frames]
    accepted = deliveries.record_receipt(store.connection, receipt, entries, 9_000)
    assert accepted == [1_001, 1_002, 1_003, 1_004, 1_005]
    assert (store.count("receipt"), store.count("statement")) == (1, 5)
    deliveries.record_receipt(store.connection, receipt, entries, 9_000)
    assert (store.count("receipt"), store.count("statement")) == (1, 5)


def test_what_is_stated_of_strange_frames_is_not_kept(store: Store) -> None:
    strange = Frame(hash=bytes(32))
    assert store.receive(strange, "SG", "stored") == []
    assert (store.count("receipt"), store.count("statement")) == (0, 0)


def test_one_member_cannot_make_more_rows_of_a_frame_than_it_has_places(store: Store) -> None:
    frame = store.seal([store.accept() for _ in range(8)], "all")
    for _ in range(200):
        store.receive(frame, "SG", "opened", random.sample(range(256), 5))
    assert store.count("statement") <= 256
    count = store.count("statement")
    store.receive(frame, "SG", "opened")
    store.receive(frame, "SG", "opened", [0, 1])
    assert store.count("statement") == count + 1


# -- times


def test_each_stage_keeps_its_first_time(store: Store) -> None:
    frame = store.seal([store.accept(), store.accept()], "all")
    store.send(frame)  # 1_003
    store.receive(frame, "SG", "stored")
    store.receive(frame, "SG", "opened", [1])
    store.receive(frame, "SG", "stored")
    store.receive(frame, "SG", "acknowledged", [1])
    assert store.delivery(frame.ids[0], "SG") == Delivery("SG", "stored", sent=1_003, stored=1_004)
    expected = Delivery("SG", "acknowledged", sent=1_003, stored=1_004, opened=1_005, acknowledged=1_007)
    assert store.delivery(frame.ids[1], "SG") == expected
    assert store.delivery(frame.ids[1], "VN") == Delivery("VN", "sent", sent=1_003)


def test_a_refusal_of_one_message_is_kept_until_it_is_stored(store: Store) -> None:
    items = [store.accept(), store.accept()]
    frame = store.seal(items, "all")
    store.send(frame)
    store.receive(frame, "SG", "refused", [0])
    store.receive(frame, "SG", "stored", [1])
    refused = store.delivery(frame.ids[0], "SG")
    assert (refused.state, refused.refused, refused.refused_code) == ("refused", 1_004, "E-SCHEMA")
    assert store.delivery(frame.ids[1], "SG").state == "stored"
    assert deliveries.pending(store.connection) == {"KH": (2, 1_001), "VN": (2, 1_001)}
    again = store.seal([items[0]._replace(channel="SG")], "SG")
    store.send(again)
    store.receive(again, "SG", "stored")
    stored = store.delivery(frame.ids[0], "SG")
    assert (stored.state, stored.sent, stored.stored, stored.refused) == ("stored", 1_006, 1_007, 1_004)
    assert store.count("delivery") == 0


def test_what_was_stored_and_is_missing_now_is_open_again(store: Store) -> None:
    items = [store.accept(), store.accept()]
    frame = store.seal(items, "all")
    store.send(frame)
    store.receive(frame, "SG", "stored")
    assert delivery_rows.missing_messages(store.connection, frame.hash, "SG") == [(id_, 1) for id_ in frame.ids]
    assert store.delivery(frame.ids[0], "SG").state == "queued"
    again = store.seal([item._replace(channel="SG") for item in items], "SG")
    store.send(again)
    assert store.delivery(frame.ids[0], "SG").state == "sent"
    assert deliveries.pending(store.connection)["SG"] == (2, 1_001)
    store.receive(again, "SG", "stored")
    assert store.delivery(frame.ids[0], "SG").state == "stored"
    assert store.count("delivery") == 0


def test_what_is_not_for_a_member_is_not_missing(store: Store) -> None:
    frame = store.seal([store.accept(["SG"], "SG")], "SG")
    assert delivery_rows.missing_messages(store.connection, frame.hash, "VN") == []
    store.receive(frame, "SG", "recalled")
    assert delivery_rows.missing_messages(store.connection, frame.hash, "SG") == []


def test_the_oldest_is_that_of_the_queue_of_frames_and_of_rows(store: Store) -> None:
    first, second = store.accept(), store.accept()
    store.seal([second], "all", left_out=["VN"])
    store.accept(["SG"], "SG")
    assert deliveries.pending(store.connection) == {"KH": (2, 1_001), "SG": (3, 1_001), "VN": (2, 1_001)}
    frame = store.seal([first], "all")
    for member in MEMBERS:
        store.receive(frame, member, "stored")
    assert deliveries.pending(store.connection) == {"KH": (1, 1_002), "SG": (2, 1_002), "VN": (1, 1_002)}


def test_a_message_beside_receipts_of_ours_is_settled_by_its_index_alone(store: Store) -> None:
    receipt = Item(None, None, "SG", None, None)
    frame = store.seal([receipt, store.accept(["SG"], "SG"), receipt], "SG")
    store.send(frame)
    assert deliveries.pending(store.connection) == {"SG": (1, 1_001)}
    store.receive(frame, "SG", "stored", [1])
    assert deliveries.pending(store.connection) == {}
    assert store.delivery("TH-ALERT-2027-000001", "SG").state == "stored"
    assert store.count("delivery") == 0


def test_a_frame_of_receipts_alone_owes_nothing(store: Store) -> None:
    store.seal([Item(None, None, "SG", None, None)], "SG")
    assert store.count("own_frame") == 0


def test_what_nobody_sealed_is_queued(store: Store) -> None:
    item = store.accept(["SG"], "SG")
    assert delivery_view.deliveries(store.connection, item.id, 1) == [Delivery("SG", "queued")]
    assert delivery_view.deliveries(store.connection, "TH-ALERT-2027-999999", 1) == []


def test_ours_that_must_never_leave_is_refused_for_all(store: Store) -> None:
    item = store.accept()
    delivery_rows.refuse_message(store.connection, item.id, 1, "E-MESSAGE-EQUIVOCATION", 5_000)
    found = delivery_view.deliveries(store.connection, item.id, 1)
    assert {(each.state, each.refused, each.refused_code) for each in found} == {
        ("refused", 5_000, "E-MESSAGE-EQUIVOCATION")
    }


# -- the same as one row each


class Rows:
    """The model: (id, member) -> state, moved as the standard's words say."""

    def __init__(self) -> None:
        self.states: dict[tuple[str, str], str] = {}

    def move(self, ids: Sequence[str], members: Sequence[str], before: Sequence[str], after: str) -> None:
        for key in itertools.product(ids, members):
            if self.states.get(key) in before:
                self.states[key] = after

    def receive(self, ids: Sequence[str], member: str, stage: str) -> None:
        for id_ in ids:
            now = self.states.get((id_, member))
            if now is None:
                continue
            rank = RANK["stored"] - 0.5 if now == "refused" else RANK[now]
            if stage == "refused":
                self.move([id_], [member], ("queued", "no-valid-key", "sent"), stage)
            elif RANK[stage] > rank:
                self.states[id_, member] = stage


class Play:
    """Random steps, taken by the store and by the model."""

    def __init__(self, store: Store, seed: int) -> None:
        self.store, self.rows, self.dice = store, Rows(), random.Random(seed)
        self.items: dict[str, Item] = {}
        self.unsealed: list[Item] = []
        self.again: list[tuple[str, str]] = []  # (id, member) to be sealed once more
        self.frames: list[Frame] = []
        self.left: set[bytes] = set()  # hashes of frames
        self.seen: set[str] = set()

    def step(self) -> None:
        steps = (self.accept, self.accept, self.seal, self.seal_again, self.send, self.send, self.receive, self.receive,
                 self.receive, self.requeue_of_members, self.requeue_messages, self.request_missing)  # fmt: skip
        self.dice.choice(steps)()
        self.compare()

    def accept(self) -> None:
        readers = MEMBERS if self.dice.random() < 0.6 else sorted(self.dice.sample(MEMBERS, self.dice.randint(1, 2)))
        item = self.store.accept(readers, "all" if readers is MEMBERS else ",".join(readers))
        self.items[item.id] = item
        self.unsealed.append(item)
        self.rows.states |= {(item.id, member): "queued" for member in readers}

    def seal(self) -> None:
        """What is queued: to all in one frame, or to each reader in its own; now and then one has no key."""
        without_key = [member for member in MEMBERS if self.dice.random() < 0.15]
        to_all = [item for item in self.unsealed if item.readers == delivery_view.join_codes(MEMBERS)]
        if to_all:
            self.frames.append(self.store.seal(to_all, "all", without_key))
            self.wait_for_key(to_all, without_key)
        for member in MEMBERS:
            named = [item for item in self.unsealed if item not in to_all and f"{member}," in item.readers]
            if named and member in without_key:
                for item in named:
                    assert delivery_rows.hold_for_key(self.store.connection, item, member)
                self.wait_for_key(named, [member])
            elif named:
                self.frames.append(self.store.seal(named, member))
        for item in self.unsealed:
            self.store.connection.execute(t.queue.delete().where(t.queue.c.id == item.id, t.queue.c.channel.is_(None)))
        self.unsealed = []

    def wait_for_key(self, items: Sequence[Item], members: Sequence[str]) -> None:
        self.rows.move([item.id for item in items], members, ("queued", "sent"), "no-valid-key")
        self.owe([(item.id, member) for item in items for member in members])

    def owe(self, keys: Sequence[tuple[str, str]]) -> None:
        """Each (id, member) is to be sealed for that member alone."""
        self.again += keys
        queue.enqueue(self.store.connection, [reseal_row("actual", member, id_, 1) for id_, member in keys])

    def seal_again(self) -> None:
        for member in MEMBERS:
            ids = dict.fromkeys(id_ for id_, to in self.again if to == member)
            items = [self.items[id_]._replace(channel=member) for id_ in ids]
            if items and self.dice.random() < 0.3:  # it has no key now
                awaited = [item for item in items if delivery_rows.hold_for_key(self.store.connection, item, member)]
                self.rows.move([item.id for item in awaited], [member], ("queued", "sent"), "no-valid-key")
            elif items:
                self.again = [(id_, to) for id_, to in self.again if to != member]
                self.store.connection.execute(t.queue.delete().where(t.queue.c.channel == member))
                self.frames.append(self.store.seal(items, member))

    def send(self) -> None:
        if self.frames:
            frame = self.dice.choice(self.frames)  # also one that left before
            self.store.send(frame)
            if frame.hash in self.left:
                return  # a second copy
            self.left.add(frame.hash)
            is_to_all = frame.channel == "all"
            to = MEMBERS if is_to_all else [frame.channel]
            self.rows.move(frame.ids, to, ("queued",) if is_to_all else ("queued", "no-valid-key"), "sent")

    def receive(self) -> None:
        frame, member = self.reached()
        if frame:
            stage, count = self.dice.choice(STATED), len(frame.ids)
            indexes = None if self.dice.random() < 0.5 else self.dice.sample(range(count), self.dice.randint(1, count))
            self.store.receive(frame, member, stage, indexes)
            ids = [id_ for index, id_ in enumerate(frame.ids) if indexes is None or index in indexes]
            self.rows.receive(ids, member, stage)

    def reached(self) -> tuple[Frame | None, str]:
        """A frame, and a member that can open it."""
        if not self.frames:
            return None, ""
        frame = self.dice.choice(self.frames)
        members = sorted(set(MEMBERS) - frame.left_out) if frame.channel == "all" else [frame.channel]
        return (frame, self.dice.choice(members)) if members else (None, "")

    def requeue_of_members(self) -> None:
        if self.dice.random() < 0.5:
            members = self.dice.choice((None, ["SG"], ["KH", "VN"]))
            found = delivery_rows.requeue_sealed(self.store.connection, members)
            self.check_requeued(found, [key for key in self.rows.states if members is None or key[1] in members])

    def requeue_messages(self) -> None:
        ids = self.dice.sample(sorted(self.items), min(2, len(self.items)))
        found = delivery_rows.requeue(self.store.connection, [(id_, 1) for id_ in ids])
        self.check_requeued(found, [key for key in self.rows.states if key[0] in ids])

    def check_requeued(self, found: Sequence[Any], keys: Sequence[tuple[str, str]]) -> None:
        waits = {*self.again, *((item.id, member) for item in self.unsealed for member in MEMBERS)}
        expected = [key for key in keys if self.rows.states[key] == "sent"]
        expected += [key for key in keys if self.rows.states[key] == "queued" and key not in waits]  # sealed, not left
        assert sorted((row.id, row.member) for row in found) == sorted(expected)
        self.rows.states |= dict.fromkeys(expected, "queued")
        self.owe(expected)

    def request_missing(self) -> None:
        frame = self.dice.choice(self.frames) if self.frames else None
        member = self.dice.choice(MEMBERS)
        if frame is None or frame.channel not in ("all", member):
            return
        found = [id_ for id_, _ in delivery_rows.missing_messages(self.store.connection, frame.hash, member)]
        assert found == [id_ for id_ in frame.ids if self.rows.states.get((id_, member), "recalled") != "recalled"]
        self.rows.move(frame.ids, [member], ("stored",), "queued")
        self.owe([(id_, member) for id_ in found])

    def compare(self) -> None:
        held = {
            (id_, each.member): each.state
            for id_ in self.items
            for each in delivery_view.deliveries(self.store.connection, id_, 1)
        }
        assert held == self.rows.states
        self.seen |= set(held.values())
        counts: dict[str, int] = {}
        for (_, member), state in self.rows.states.items():
            if state in ("queued", "no-valid-key", "sent"):
                counts[member] = counts.get(member, 0) + 1
        assert {code: count for code, (count, _) in deliveries.pending(self.store.connection).items()} == counts


@pytest.mark.parametrize("seed", range(12))
def test_the_same_as_a_row_for_each_message_and_member(store: Store, seed: int) -> None:
    play = Play(store, seed)
    for _ in range(120):
        play.step()
    assert {"queued", "sent", "stored"} <= play.seen
