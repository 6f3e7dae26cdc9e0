"""Admission over a restart: what was committed, seeds that were erased, epochs that were closed."""

import pytest

from suar.protocol.base.limits import DAY, HOUR, MINUTE, WRAP_BYTES
from suar.protocol.transport import epoch as epochs
from suar.protocol.transport.admission import admit
from suar.protocol.transport.world import World
from support.kit import (
    NOW,
    ListMaker,
    Receiver,
    Sending,
    actor,
    alert,
    craft_epoch,
    make_bundle,
    make_revoke,
    member_row,
    open_sending,
)

TH = actor("TH")
ONE, TWO = alert("TH-ALERT-2027-000001"), alert("TH-ALERT-2027-000002")


def test_an_epoch_opens_again_after_a_restart() -> None:
    reader = Receiver("SG").trust()
    sending = open_sending(TH, reader.lists)
    reader.receive_epoch(sending)
    _restart(reader, sending)
    out = reader.receive_frame(sending, sending.frame(ONE))
    assert [accepted.data for accepted in out.messages] == [ONE]


def _restart(reader: Receiver, sending: Sending) -> None:
    """The epoch as a store gives it back: its secret is gone, its wrap is there again."""
    state, parsed = reader.world.epochs[sending.opened.id], epochs.parse(sending.opened.data, 4)
    state.secret, state.raw = None, parsed.raw
    state.wrap = parsed.wraps[WRAP_BYTES : 2 * WRAP_BYTES]  # SG's, after KH's


def test_an_epoch_whose_seed_was_erased_is_skipped() -> None:
    """[K8] As one sealed to a key that we lack; nothing is held against its sender."""
    reader = Receiver("SG").trust()
    sending = open_sending(TH, reader.lists)
    reader.receive_epoch(sending)
    _restart(reader, sending)
    reader.world.kem_keys.clear()
    out = reader.receive_frame(sending, sending.frame(ONE))
    assert (out.result, out.alarms, out.has_consumed) == ("skip", [], False)


def test_an_epoch_that_comes_again_is_the_one_that_is_held() -> None:
    reader = Receiver("SG").trust()
    sending = open_sending(TH, reader.lists)
    first, again = reader.receive_epoch(sending), reader.receive_epoch(sending)
    assert (first.result, again.result) == ("ok", "noop")
    assert first.epoch is again.epoch is reader.world.epochs[sending.opened.id]


def test_a_world_whose_commit_failed_is_made_again_and_judges_alike() -> None:
    """What was not kept is not known: the same frame is accepted again, not taken for a duplicate."""
    reader = Receiver("SG").trust()
    sending = open_sending(TH, reader.lists)
    reader.receive_epoch(sending)
    data = sending.frame(ONE)
    sequence = reader.world.epochs[sending.opened.id].sequence
    before = (sequence.next, sequence.last_hash)
    assert admit(reader.world, sending.subject, data, NOW).result == "ok"
    reader.world.pop_changes()  # thrown away
    sequence.next, sequence.last_hash = before
    assert reader.receive_frame(sending, data).result == "ok"


def test_messages_of_one_batch_see_each_other_before_the_commit() -> None:
    reader = Receiver("SG").trust()
    sending = open_sending(TH, reader.lists)
    subjects = [(sending.epoch_subject, sending.opened.data), (sending.subject, sending.frame(ONE))]
    subjects += [(sending.subject, sending.frame(ONE)), (sending.subject, sending.sent[0].data)]
    outs = [admit(reader.world, subject, data, NOW) for subject, data in subjects]
    assert [out.result for out in outs] == ["ok", "ok", "ok", "duplicate"]
    assert [len(out.messages) for out in outs] == [0, 1, 0, 0]


@pytest.mark.parametrize("status", ["suspended", "active"])
def test_a_list_closes_epochs_in_the_same_change(status: str) -> None:
    """[T12] One transaction: the list and the epochs that it closes."""
    lists = ListMaker()
    reader = Receiver("SG", lists=lists).trust()
    sending = open_sending(TH, lists)
    reader.receive_epoch(sending)
    after = lists.after(members=[member_row(actor(c), status if c == "TH" else "active") for c in ("SG", "TH")])
    assert admit(reader.world, "tip.v1.xa.a.trust.all.2", after.signed(), NOW).result == "ok"
    changes = reader.world.pop_changes()
    assert [content.version for content, _ in changes.lists] == [2]
    assert [(state.id, state.is_live) for state in changes.epochs.values()] == (
        [(sending.opened.id, False)] if status == "suspended" else []
    )


def test_a_revoke_closes_epochs_in_the_same_change() -> None:
    reader = Receiver("SG").trust()
    sending = open_sending(TH, reader.lists)
    reader.receive_epoch(sending)
    assert admit(reader.world, f"tip.v1.xa.a.revoke.all.{TH.kid.hex()}", make_revoke(TH), NOW).result == "ok"
    changes = reader.world.pop_changes()
    assert changes.revokes == [(TH.kid, make_revoke(TH))]
    assert [(state.id, state.is_live) for state in changes.epochs.values()] == [(sending.opened.id, False)]


def test_a_channel_with_a_line_end_is_no_channel() -> None:
    """[E2] A `$` in a pattern would let it pass, and then only its subject could not be it."""
    reader = Receiver("SG").trust()
    out = reader.receive_epoch(craft_epoch(TH, reader.lists, channel="SG", fields_replaced={"channel": "SG\n"}))
    assert (out.result, out.code) == ("refused", "E-EPOCH-FORM")


def test_the_highest_time_is_part_of_the_change() -> None:
    """[T14] Stored, so that a restart with a wrong clock is noticed too."""
    reader = Receiver("SG").trust()
    admit(reader.world, "tip.v1.th.a.keys.all." + TH.kid.hex(), make_bundle(TH), NOW + HOUR)
    assert reader.world.pop_changes().highest_time == NOW + HOUR
    again = World(reader.lists.federation, "SG", reader.memory)
    again.highest_time = NOW + HOUR
    assert again.is_clock_back(NOW + HOUR - 5 * MINUTE - 1)
    assert not again.is_clock_back(NOW + HOUR - 5 * MINUTE)


def test_every_version_ever_accepted_is_kept_as_received() -> None:
    """[T11]"""
    reader = Receiver("SG").trust()
    first, after = reader.lists, reader.lists.after()
    reader.receive_list(after.signed("B", "C"))
    history = reader.world.trust.history
    assert {version: held.data for version, held in history.items()} == {1: first.signed(), 2: after.signed("B", "C")}


def test_bundles_that_are_kept_do_not_grow_without_end() -> None:
    reader = Receiver("SG").trust()
    for n in range(40):
        reader.receive_bundle(TH, make_bundle(TH, not_before=NOW - HOUR + n, kem_public=actor("VN").kem_public))
    assert 1 < reader.world.bundles.count("TH") <= 8
    newest = reader.world.bundles.newest_valid("TH", reader.world.trust, NOW)
    assert newest is not None
    assert newest.bundle.not_before == NOW - HOUR + 39
    assert reader.world.bundles.newest_valid("TH", reader.world.trust, NOW + 3 * DAY) is None
