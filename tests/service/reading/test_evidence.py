"""Evidence from what two gateways keep: of the one that published and of the one that received, for an outsider."""

import random
from collections.abc import Callable

import pytest

from suar.protocol.base import limits
from suar.protocol.base.errors import Fault
from suar.protocol.files.evidence import MESSAGE, Unproved
from suar.protocol.files.proof import verify
from suar.service.reading import proof_keeping
from suar.service.reading.evidence import export
from suar.store.inbound import world_rows
from support import read_out, stores
from support.corekit import CoreKit, rows
from support.damage import damaged
from support.evidence_file import split
from support.proving import carry, proved, publish


def test_sender_and_receiver_prove_the_same_message(pair: tuple[CoreKit, CoreKit]) -> None:
    th, sg = pair
    ids = publish(th, "a first one", "the second", "a third one")
    carry(th, sg)
    carry(sg, th)
    (ours, mine), (theirs, other) = proved(th, ids[1]), proved(sg, ids[1])
    assert ours.data == theirs.data
    assert ours.message.text[0].title == "the second"
    assert [each.hash for each in ours.frames] == [each.hash for each in theirs.frames]
    assert (ours.frames[0].content_index, ours.frames[0].parsed.count) == (1, 3)
    assert [(one.receipt.member, one.receipt.stage, one.is_proved) for one in ours.receipts] == [("SG", "stored", True)]
    assert theirs.receipts == []
    for file in (mine, other):
        assert b"the second" in file
        assert b"a first one" not in file
        assert b"a third one" not in file


@pytest.mark.parametrize("change", [
    "receipt set data = x'00'", "receipt set data = 'text'", "receipt_frame set data = zeroblob(500)",
    "receipt_frame set data = 'text'", "receipt_place set place = 99",
])  # fmt: skip
def test_a_receipt_that_somebody_wrote_prevents_no_export(pair: tuple[CoreKit, CoreKit], change: str) -> None:
    """It is left out, as one that never came."""
    th, sg = pair
    (id_,) = publish(th, "one")
    carry(th, sg)
    carry(sg, th)
    assert len(proved(th, id_)[0].receipts) == 1
    assert stores.write(th.folder, f"update {change}") == 1
    assert proved(th, id_)[0].receipts == []


def cut(data: bytes) -> bytes:
    return data[:1]


def zeros(data: bytes) -> bytes:
    return bytes(len(data))


def other_signature(data: bytes) -> bytes:
    return data[:-1] + bytes([data[-1] ^ 1])


@pytest.mark.parametrize("change", [cut, zeros, other_signature])
@pytest.mark.parametrize("which", ["seq is not null", "seq is null and epoch_id is not null"])
def test_an_own_frame_that_somebody_altered_ends_the_export_with_a_next_step(
    pair: tuple[CoreKit, CoreKit], which: str, change: Callable[[bytes], bytes]
) -> None:
    """At the member itself, or its epoch; a receiver's file proves the same."""
    th, sg = pair
    (id_,) = publish(th, "one")
    carry(th, sg)
    for row in rows(th, f"select n, data from outbox where {which}"):
        assert stores.write(th.folder, "update outbox set data = ? where n = ?", (change(row.data), row.n)) == 1
    with pytest.raises(Fault, match="the store was altered from outside") as outcome:
        export(th.core, id_, None)
    assert "the file of its origin or of another receiver proves it too" in str(outcome.value.hint)
    proof_keeping.keep(th.core, proof_keeping.collect(th.core))  # proofs of other frames are kept all the same
    assert proved(sg, id_)


def test_an_own_frame_that_somebody_altered_is_proved_by_what_was_kept_of_it(pair: tuple[CoreKit, CoreKit]) -> None:
    th, sg = pair
    (id_,) = publish(th, "one")
    carry(th, sg)
    proof_keeping.keep(th.core, proof_keeping.collect(th.core))
    before = proved(th, id_)[0]
    assert stores.write(th.folder, "update outbox set data = x'00'") >= 1
    assert proved(th, id_)[0].frames == before.frames


@pytest.mark.sqlite  # another database refuses a text in a column of numbers
def test_a_receipt_with_a_text_for_a_number_prevents_no_export(pair: tuple[CoreKit, CoreKit]) -> None:
    test_a_receipt_that_somebody_wrote_prevents_no_export(pair, "receipt_place set place = 'x'")


def test_a_thousand_alterations_of_an_exported_file_are_each_refused_and_named(pair: tuple[CoreKit, CoreKit]) -> None:
    """As a person gets it: with lists, neighbours and a receipt, from a gateway's store."""
    th, sg = pair
    ids = publish(th, *(f"number {n}" for n in range(5)))
    carry(th, sg)
    carry(sg, th)
    found, file = proved(th, ids[2])
    assert len(found.receipts) == 1
    rng = random.Random(17)
    for _ in range(1_000):
        with pytest.raises(Unproved) as refused:
            verify(damaged(rng, file), th.lists.hash())
        assert refused.value.part
        assert refused.value.text


def test_one_state_makes_one_file(pair: tuple[CoreKit, CoreKit]) -> None:
    th, sg = pair
    (id_,) = publish(th, "always the same")
    carry(th, sg)
    carry(sg, th)
    _, first = proved(th, id_)
    th.now += limits.HOUR
    th.restart()
    assert proved(th, id_)[1] == first


def test_a_message_in_two_channels_is_proved_in_both(pair: tuple[CoreKit, CoreKit]) -> None:
    th, sg = pair
    (id_,) = publish(th, "for two", to=["SG", "VN"])
    carry(th, sg)
    carry(sg, th)
    found, file = proved(th, id_)
    assert {each.epoch.epoch.channel for each in found.frames} == {"SG", "VN"}
    assert len([kind for kind, _ in split(file) if kind == MESSAGE]) == 1
    assert [one.receipt.member for one in found.receipts] == ["SG"]


def test_what_has_not_left_is_not_proved(pair: tuple[CoreKit, CoreKit]) -> None:
    (id_,) = publish(pair[0], "still here")
    with pytest.raises(Fault, match="it has not left yet"):
        read_out.export(pair[0].core, id_, None, "desk")
    assert read_out.export(pair[0].core, "TH-ALERT-2027-000099", None, "desk") is None


def test_without_the_erased_seed_nothing_is_proved(pair: tuple[CoreKit, CoreKit]) -> None:
    th, sg = pair
    (id_,) = publish(th, "a month ago")
    carry(th, sg)
    with sg.core.transaction() as connection:
        world_rows.erase_seeds(connection, sg.now + 60 * limits.DAY)
    sg.restart()
    with pytest.raises(Fault, match="the keys that opened it are gone"):
        read_out.export(sg.core, id_, None, "desk")


def test_that_it_was_exported_is_noted(pair: tuple[CoreKit, CoreKit]) -> None:
    th, sg = pair
    (id_,) = publish(th, "noted")
    carry(th, sg)
    proved(sg, id_)
    with sg.core.transaction() as connection:
        rows = connection.exec_driver_sql("select who, what, about from audit order by n").all()
    assert tuple(rows[-1]) == ("desk", "evidence", f"{id_} 1")


def test_a_destroyed_text_is_proved_by_no_new_file(pair: tuple[CoreKit, CoreKit]) -> None:
    th, sg = pair
    (id_,) = publish(th, "recalled")
    carry(th, sg)
    with sg.core.transaction() as connection:
        connection.exec_driver_sql("update message set body = null, body_key = null, frame = null")
    with pytest.raises(Fault, match="is destroyed"):
        read_out.export(sg.core, id_, None, "desk")
