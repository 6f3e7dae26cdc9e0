"""A world that is restored from the store after every step judges as one that was never interrupted."""

import json
from collections.abc import Callable

import pytest

from suar.protocol.base import limits, subjects
from suar.protocol.transport import heartbeat
from suar.protocol.transport.epoch import Link
from suar.protocol.transport.heartbeat import Heartbeat
from suar.protocol.transport.world import ChainKey, MissingEpoch
from suar.protocol.trust import revoke
from suar.service.core.seams import FaultPoints
from suar.service.receipts.receipts import SEALED_AS
from suar.service.trust import trust_sync
from suar.store.engine.database import StoreFault
from suar.store.inbound import world_rows
from support.corekit import CoreKit, bundle_of, epoch_of, frame_of
from support.kit import MEMBERS, NOW, Receiver, actor, alert, make_bundle, open_sending

Make = Callable[..., CoreKit]


def test_restarted_after_every_object_the_outcomes_are_the_same(make_core: Make) -> None:
    core, plain = make_core("SG"), Receiver("SG").trust()
    th, vn = actor("TH"), actor("VN")
    first = open_sending(th, core.lists)
    script = [bundle_of(th), epoch_of(first)]
    frames = [frame_of(first, alert(f"TH-ALERT-2027-{n:06d}")) for n in range(1, 7)]
    beat = heartbeat.write(Heartbeat([], [], 1, core.lists.hash(), plain.world.trust.revokes_hash(), bytes(16), []))
    second = open_sending(th, core.lists, link=Link(first.opened.id, 8, first.prev), not_before=NOW)
    left_out = open_sending(vn, core.lists, to=("TH", "VN"))
    script += [
        frames[0], frames[3], frames[1], frames[1], frames[0], frames[4],
        frame_of(first, body=beat),
        epoch_of(second), frame_of(second, alert("TH-ALERT-2027-000007")), frames[2], frames[5],
        epoch_of(left_out), frame_of(left_out, alert("VN-ALERT-2027-000001")),
        epoch_of(second), ("tip.v1.th.a.frame.all.0000000000000000", b"nonsense"),
        frame_of(second, alert("TH-ALERT-2027-000007", rev=1, tlp="GREEN")),
        (subjects.hub("TH", subjects.revoke(th.kid)), revoke.make("asean-test", th.identity, th.public, NOW)),
        frame_of(second, alert("TH-ALERT-2027-000008")),
    ]  # fmt: skip
    for subject, data in script:
        expected = plain.receive(subject, data)
        core.restart().receive((subject, data))
        judged = core.judged()[-1]
        assert judged.result == expected.result
        assert expected.result == "duplicate" or (judged.rule, judged.code) == (expected.rule, expected.code)
        assert _state(core) == _state(plain)


def _state(holder: CoreKit | Receiver) -> object:
    """Everything that later judgements depend on."""
    world = holder.core.world if isinstance(holder, CoreKit) else holder.world
    return {
        state.id: (
            state.kind, state.is_live, state.sequence.next, state.sequence.last_hash, list(state.sequence.missing),
            state.sequence.bound, state.sequence.is_frozen, state.tip_frames, state.tip_signature,
        )
        for state in world.epochs.values()
    } | {key: (chain.newest, chain.missing, chain.hours) for key, chain in world.chains.items()}  # fmt: skip


def test_secrets_are_unwrapped_again_after_a_restart(make_core: Make) -> None:
    core = make_core("SG")
    sending = open_sending(actor("TH"), core.lists)
    core.receive(epoch_of(sending))
    core.restart().receive(frame_of(sending, alert()))
    assert core.judged()[-1].result == "ok"


def test_a_failed_commit_leaves_the_world_as_it_was(make_core: Make) -> None:
    core = make_core("SG")
    sending = open_sending(actor("TH"), core.lists)
    core.receive(epoch_of(sending))
    core.restart("inbound.admitted:1:full")
    frame = frame_of(sending, alert())
    with pytest.raises(StoreFault):
        core.receive(frame)
    core.restart().receive(frame)
    assert core.judged()[-1].result == "ok"


def test_a_list_that_the_store_did_not_take_is_not_in_use(make_core: Make) -> None:
    """[T11] On disk before it is used: the same gateway takes it once it can, and not for one that it has."""
    core = make_core("SG").restart("inbound.admitted:1:full")
    following = ("tip.v1.th.a.trust.all.2", core.lists.after().signed())
    with pytest.raises(StoreFault):
        core.receive(following)
    core.core.faults = FaultPoints()  # there is room again
    core.receive(following)
    assert core.judged()[-1].result == "ok"
    assert core.restart().core.world.trust.version == 2


def test_old_epochs_are_forgotten_but_the_newest_of_a_chain_is_not(make_core: Make) -> None:
    core = make_core("SG")
    th = actor("TH")
    first = open_sending(th, core.lists)
    core.receive(epoch_of(first), frame_of(first, alert()))
    second = open_sending(th, core.lists, link=first.link, not_before=NOW)
    core.receive(epoch_of(second))
    core.now = NOW + 40 * limits.DAY
    assert trust_sync.repeat_daily(core.core)
    assert list(core.restart().core.world.epochs) == [second.opened.id]


def test_bundles_and_lists_come_back(make_core: Make) -> None:
    core = make_core("SG")
    core.receive(*(bundle_of(actor(code)) for code in MEMBERS if code != "SG"))
    later = core.lists.after()
    core.receive(("tip.v1.th.a.trust.all.2", later.signed()))
    world = core.restart().core.world
    assert world.trust.version == 2
    assert world.trust.history[1].hash == core.lists.hash()
    assert world.bundles.newest_valid("VN", world.trust, NOW) is not None
    assert make_bundle(actor("VN")) == world.bundles.last[actor("VN").kid].data
    assert not world.chains


def test_a_seed_is_erased_a_day_after_the_streams_forgot_what_it_opens(make_core: Make) -> None:
    """[K8] From the store and from memory; who seizes both later opens nothing that was sealed to it."""
    core = make_core("SG")
    (kid,) = core.core.world.kem_keys
    with core.core.transaction() as connection:
        (end,) = connection.exec_driver_sql("select not_after from kem_seed").scalars()
    assert limits.SEED_ERASED_AFTER == 31 * limits.DAY
    core.now = end + limits.SEED_ERASED_AFTER - 1
    assert trust_sync.repeat_daily(core.core)
    assert _seeds(core) == [kid]
    core.now = trust_sync.next_repeat("SG", core.now)
    assert trust_sync.repeat_daily(core.core)
    assert (_seeds(core), list(core.core.world.kem_keys)) == ([], [])


def test_a_seed_is_due_to_the_millisecond(make_core: Make) -> None:
    core = make_core("SG")
    with core.core.transaction() as connection:
        (end,) = connection.exec_driver_sql("select not_after from kem_seed").scalars()
        assert world_rows.erase_seeds(connection, end + limits.SEED_ERASED_AFTER - 1) == []
        assert len(world_rows.erase_seeds(connection, end + limits.SEED_ERASED_AFTER)) == 1


def _seeds(core: CoreKit) -> list[bytes]:
    with core.core.transaction() as connection:
        return list(connection.exec_driver_sql("select kid from kem_seed").scalars())


def test_who_is_left_out_requests_what_is_missing(make_core: Make) -> None:
    """[E9] Its receipt says why, so that the messages are sealed again for it."""
    core = make_core("SG")
    core.receive(epoch_of(open_sending(actor("TH"), core.lists, to=("KH", "TH", "VN"))))
    with core.core.transaction() as connection:
        (body,) = connection.exec_driver_sql("select body from queue where channel = 'TH'").scalars()
    assert json.loads(core.core.vault.unwrap(body, SEALED_AS))["code"] == "E-LEFT-OUT"


def test_the_highest_time_is_known_after_a_restart(make_core: Make) -> None:
    """[T14] A clock that was set back while the gateway was off is noticed."""
    core = make_core("SG")
    core.now = NOW + limits.HOUR
    core.receive(epoch_of(open_sending(actor("TH"), core.lists)))
    assert core.restart().core.world.highest_time == NOW + limits.HOUR


def test_what_was_closed_is_closed_after_a_restart(make_core: Make) -> None:
    """[T12] In the same transaction as the list that suspends the member."""
    core = make_core("SG")
    sending = open_sending(actor("TH"), core.lists)
    core.receive(epoch_of(sending))
    rows = [[*row[:2], "suspended" if row[0] == "TH" else row[2], *row[3:]] for row in core.lists.members]
    core.receive(("tip.v1.vn.a.trust.all.2", core.lists.after(members=rows).signed()))
    assert not core.restart().core.world.epochs[sending.opened.id].is_live


def test_a_missing_epoch_is_known_after_a_restart(make_core: Make) -> None:
    core = make_core("SG")
    link = Link(b"\1" * 32, 3, b"\2" * 32)
    core.receive(epoch_of(open_sending(actor("TH"), core.lists, link=link)))
    chain = core.restart().core.world.chains[ChainKey(actor("TH").kid, "actual", "all")]
    assert chain.missing == {link.epoch_id: MissingEpoch(3, link.hash)}
